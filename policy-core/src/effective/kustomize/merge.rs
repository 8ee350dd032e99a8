//! Strategic merge, in kustomize's own way.
//!
//! It is not what the API server does: lists merge only where the schema says so, new items come first, an item
//! without its merge key pushes others out, and `$setElementOrder` and its like are fields as any other.

use std::cell::RefCell;

use super::edit;
use super::fault::Fault;
use super::files::Files;
use super::quotes::Quotes;
use super::schema::{self, List, Shape};
use crate::tree::{Member, Node, Span, Value};
use crate::yaml::{self, Dialect};

const DIRECTIVE: &str = "$patch";

/// Merges patches into one object.
pub(super) struct Merge<'f> {
    pub(super) files: &'f Files,
    pub(super) quotes: RefCell<Quotes>,
}

/// What becomes of a value.
enum Merged {
    /// The object's own value, changed in its place.
    Kept(Node),
    /// The patch's.
    Taken(Node),
    Gone,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Directive {
    Merge,
    Replace,
    Delete,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Map,
    List,
    Scalar,
    Nothing,
}

fn form(node: Option<&Node>) -> Form {
    match node.map(|node| &node.value) {
        None | Some(Value::Null) => Form::Nothing,
        Some(Value::Object(_)) => Form::Map,
        Some(Value::Array(_)) => Form::List,
        Some(_) => Form::Scalar,
    }
}

impl Merge<'_> {
    /// The object with the patch merged in; nothing where the patch deletes it.
    pub(super) fn apply(&self, object: Node, patch: Node) -> Result<Option<Node>, Fault> {
        match self.walk(Some(object), Some(patch), Shape::Plain)? {
            Merged::Kept(node) | Merged::Taken(node) => Ok(Some(node)),
            Merged::Gone => Ok(None),
        }
    }

    fn walk(&self, dest: Option<Node>, patch: Option<Node>, shape: Shape) -> Result<Merged, Fault> {
        let shape = match shape {
            Shape::Plain => self.own_shape(dest.as_ref(), patch.as_ref()),
            shape => shape,
        };
        let (left, right) = (form(dest.as_ref()), form(patch.as_ref()));
        let decides = if left == Form::Nothing { right } else { left };
        if let Some(patch) = &patch
            && right != Form::Nothing
            && right != decides
        {
            let message = "the patch has another type here than the object: a map, a list or a scalar";
            return Err(Fault::new("kustomize-patch", patch.span, message));
        }
        match decides {
            Form::Map => self.walk_map(dest, patch, shape),
            Form::List => match shape {
                Shape::List(list) => self.walk_list(dest, patch, list),
                _ => Ok(replaced(dest, patch)),
            },
            Form::Scalar => Ok(match (dest, patch) {
                (Some(dest), Some(patch)) if left == Form::Scalar && right == Form::Scalar => {
                    Merged::Taken(self.written_over(&dest, patch))
                }
                (dest, patch) => {
                    let merged = replaced(dest, patch);
                    if let Merged::Kept(node) | Merged::Taken(node) = &merged {
                        self.quotes.borrow_mut().pass(node);
                    }
                    merged
                }
            }),
            // A `null` that is spelled out stays as long as no patch speaks of it.
            Form::Nothing => Ok(match (dest, patch) {
                (Some(dest), None) if !self.files.written(&dest).is_empty() => Merged::Kept(dest),
                _ => Merged::Gone,
            }),
        }
    }

    /// The schema of an object within an object.
    fn own_shape(&self, dest: Option<&Node>, patch: Option<&Node>) -> Shape {
        for node in [dest, patch].into_iter().flatten() {
            let text = |name| {
                Some(
                    self.files
                        .written(node.get(name).filter(|node| node.value != Value::Null)?),
                )
            };
            if let (Some(api_version), Some(kind)) = (text("apiVersion"), text("kind"))
                && let found @ Shape::Type(_) = schema::of_kind(&api_version, &kind)
            {
                return found;
            }
        }
        Shape::Plain
    }

    /// What takes the place of a scalar takes its quotes too, and is a string then.
    fn written_over(&self, dest: &Node, patch: Node) -> Node {
        let quoted = self.quotes.borrow().has(dest, self.files);
        self.quotes.borrow_mut().take(patch.span, quoted);
        if !quoted || matches!(patch.value, Value::String(_)) {
            return patch;
        }
        edit::text(self.files.written(&patch), patch.span)
    }

    fn walk_map(&self, dest: Option<Node>, patch: Option<Node>, shape: Shape) -> Result<Merged, Fault> {
        let Some(dest) = dest.filter(|dest| dest.value != Value::Null) else {
            let Some(mut patch) = patch else {
                return Ok(Merged::Gone);
            };
            return match take_directive(&mut patch) {
                Ok(Directive::Delete) => Ok(Merged::Gone),
                _ => Ok(Merged::Taken(self.settle_members(patch, shape)?)),
            };
        };
        let mut patch = match patch {
            Some(patch) if patch.value == Value::Null => return Ok(Merged::Gone),
            patch => patch,
        };
        match patch.as_mut().map_or(Ok(Directive::Merge), take_directive)? {
            Directive::Delete => return Ok(Merged::Gone),
            Directive::Replace => {
                let Some(patch) = patch else { return Ok(Merged::Gone) };
                return Ok(Merged::Taken(self.settle_members(patch, shape)?));
            }
            Directive::Merge => {}
        }
        let mut added = members(patch);
        let mut result = Vec::new();
        let span = dest.span;
        for Member { key, key_span, node } in members(Some(dest)) {
            let at = added.iter().position(|member| member.key == key);
            let theirs = at.map(|at| added.remove(at));
            let (their_span, theirs) = theirs.map(|member| (member.key_span, member.node)).unzip();
            match self.walk(Some(node), theirs, shape.field(&key))? {
                Merged::Kept(node) => result.push(Member { key, key_span, node }),
                Merged::Taken(node) => result.push(Member {
                    key_span: their_span.unwrap_or(key_span),
                    key,
                    node,
                }),
                Merged::Gone => {}
            }
        }
        for Member { key, key_span, node } in added {
            match self.walk(None, Some(node), shape.field(&key))? {
                Merged::Kept(node) | Merged::Taken(node) => result.push(Member { key, key_span, node }),
                Merged::Gone => {}
            }
        }
        Ok(Merged::Kept(Node {
            span,
            value: Value::Object(result.into()),
        }))
    }

    /// A part of a patch that meets nothing: merged with itself, which does away with directives and `null`.
    fn settle(&self, mut node: Node, shape: Shape) -> Result<Option<Node>, Fault> {
        let shape = match shape {
            Shape::Plain => self.own_shape(Some(&node), None),
            shape => shape,
        };
        match (form(Some(&node)), shape) {
            (Form::Nothing, _) => Ok(None),
            (Form::Scalar, _) => {
                self.quotes.borrow_mut().pass(&node);
                Ok(Some(node))
            }
            (Form::Map, shape) => match take_directive(&mut node)? {
                Directive::Delete => Ok(None),
                Directive::Replace | Directive::Merge => Ok(Some(self.settle_members(node, shape)?)),
            },
            (Form::List, Shape::List(list)) => match take_list_directive(&mut node, self.files)? {
                Directive::Delete => Ok(None),
                Directive::Replace | Directive::Merge => Ok(Some(self.settle_list(node, list)?)),
            },
            (Form::List, _) => Ok(Some(node)),
        }
    }

    fn settle_members(&self, node: Node, shape: Shape) -> Result<Node, Fault> {
        let span = node.span;
        let mut result = Vec::new();
        for Member { key, key_span, node } in members(Some(node)) {
            if let Some(node) = self.settle(node, shape.field(&key))? {
                result.push(Member { key, key_span, node });
            }
        }
        Ok(Node {
            span,
            value: Value::Object(result.into()),
        })
    }

    fn settle_list(&self, node: Node, list: &List) -> Result<Node, Fault> {
        let span = node.span;
        let items = self.merge_items(items(node), None, list, span)?;
        Ok(Node {
            span,
            value: Value::Array(items.into()),
        })
    }

    fn walk_list(&self, dest: Option<Node>, patch: Option<Node>, list: &List) -> Result<Merged, Fault> {
        let Some(dest) = dest.filter(|dest| dest.value != Value::Null) else {
            let Some(patch) = patch else { return Ok(Merged::Gone) };
            return Ok(Merged::Taken(self.settle_list(patch, list)?));
        };
        let mut patch = match patch {
            Some(patch) if patch.value == Value::Null => return Ok(Merged::Gone),
            patch => patch,
        };
        let directive = match &mut patch {
            Some(patch) => take_list_directive(patch, self.files)?,
            None => Directive::Merge,
        };
        match (directive, patch) {
            (Directive::Delete, _) => Ok(Merged::Gone),
            (Directive::Replace, Some(patch)) => Ok(Merged::Taken(self.settle_list(patch, list)?)),
            (_, patch) => {
                let span = dest.span;
                let patch = patch.map(items).unwrap_or_default();
                let items = self.merge_items(items(dest), Some(patch), list, span)?;
                Ok(Merged::Kept(Node {
                    span,
                    value: Value::Array(items.into()),
                }))
            }
        }
    }

    /// Merges the items of a list; without a patch, the list with itself.
    fn merge_items(
        &self,
        mut dest: Vec<Node>,
        patch: Option<Vec<Node>>,
        list: &List,
        span: Span,
    ) -> Result<Vec<Node>, Fault> {
        let keys: Vec<&str> = if list.keys.is_empty() {
            vec![""]
        } else {
            list.keys.clone()
        };
        let mut known: Vec<Vec<String>> = Vec::new();
        for node in patch.iter().flatten().chain(&dest) {
            let values: Vec<String> = match list.keys.as_slice() {
                [] => vec![self.files.written(node).into_owned()],
                keys => keys.iter().map(|key| self.key_value(node, key)).collect(),
            };
            if !known.contains(&values) {
                known.push(values);
            }
        }
        if keys.len() > 1 {
            unify(&mut known);
        }
        let mut merged: Vec<Node> = Vec::new();
        let mut valid: Vec<&str> = Vec::new();
        for values in &known {
            let wanted;
            (valid, wanted) = valid_keys(&known, values, &keys);
            let at = self.find(&dest, &valid, &wanted);
            let value = match &patch {
                None => match at.and_then(|at| dest.get(at)) {
                    Some(item) => self.settle(item.clone(), list.items())?.map(|node| (node, true)),
                    None => None,
                },
                Some(patch) => {
                    let ours = at.and_then(|at| dest.get(at)).cloned();
                    let theirs = self.find(patch, &valid, &wanted).and_then(|at| patch.get(at)).cloned();
                    match self.walk(ours, theirs, list.items())? {
                        Merged::Kept(node) => Some((node, true)),
                        Merged::Taken(node) => Some((node, false)),
                        Merged::Gone => None,
                    }
                }
            };
            let empty = |node: &Node| node.as_object().is_some_and(<[_]>::is_empty);
            let Some((mut value, in_place)) = value.filter(|(node, _)| !empty(node)) else {
                self.set_item(&mut dest, None, &valid, &wanted)?;
                continue;
            };
            for (key, wanted) in valid.iter().zip(&wanted) {
                if !wanted.is_empty() && value.as_object().is_some() && value.get(key).is_none() {
                    let node = Node {
                        span,
                        value: yaml::plain(wanted, Dialect::Kustomize),
                    };
                    edit::set(&mut value, key, span, node);
                }
            }
            if in_place && let Some(item) = at.and_then(|at| dest.get_mut(at)) {
                *item = value.clone();
            }
            self.set_item(&mut merged, Some(value), &valid, &wanted)?;
        }
        if known.is_empty() {
            return Ok(dest);
        }
        self.append(&mut merged, dest, &valid)?;
        Ok(merged)
    }

    /// The text under a merge key, empty where there is none.
    fn key_value(&self, node: &Node, key: &str) -> String {
        match node.get(key) {
            Some(value) if !edit::is_empty(value) => self.files.written(value).into_owned(),
            _ => String::new(),
        }
    }

    /// The first item with these values under these keys.
    fn find(&self, items: &[Node], keys: &[&str], values: &[String]) -> Option<usize> {
        let mut pairs: Vec<(&str, &str)> = keys
            .iter()
            .zip(values)
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| (*key, value.as_str()))
            .collect();
        if pairs.is_empty() {
            pairs = keys
                .iter()
                .zip(values)
                .map(|(key, value)| (*key, value.as_str()))
                .collect();
        }
        if let [("", value), ..] = pairs.as_slice() {
            return items.iter().position(|item| self.files.written(item) == *value);
        }
        let matches = |item: &Node, (key, value): &(&str, &str)| {
            item.get(key).is_some_and(|found| self.files.written(found) == *value)
        };
        items
            .iter()
            .position(|item| matches!(item.value, Value::Object(_)) && pairs.iter().all(|pair| matches(item, pair)))
    }

    /// Puts an item in the place of all that match, or at the end; without an item, takes out all that match.
    fn set_item(
        &self,
        list: &mut Vec<Node>,
        item: Option<Node>,
        keys: &[&str],
        values: &[String],
    ) -> Result<(), Fault> {
        let selects = keys.first().is_some_and(|key| !key.is_empty()) && values.first().is_some_and(|v| !v.is_empty());
        let mut result = Vec::new();
        let mut found = false;
        for old in std::mem::take(list) {
            let is_map = matches!(old.value, Value::Object(_));
            if old.value == Value::Null || is_map && edit::is_empty(&old) {
                continue;
            }
            if !is_map && selects {
                result.push(old);
                continue;
            }
            if self.item_matches(&old, keys, values)? {
                found = true;
                result.extend(item.clone());
            } else if !values.is_empty() {
                result.push(old);
            }
        }
        if let Some(item) = item.filter(|_| !found) {
            result.push(item);
        }
        *list = result;
        Ok(())
    }

    fn item_matches(&self, item: &Node, keys: &[&str], values: &[String]) -> Result<bool, Fault> {
        let mut any = false;
        for (at, key) in keys.iter().enumerate() {
            let Some(value) = values.get(at) else { continue };
            let wrong = |what: &str| {
                let message = format!("an item of a merged list must be {what}");
                Fault::new("kustomize-patch", item.span, message)
            };
            any = match (&item.value, *key) {
                (Value::Array(_) | Value::Object(_), "") => return Err(wrong("a scalar")),
                (_, "") => self.files.written(item) == *value,
                (Value::Object(_), key) => item
                    .get(key)
                    .is_some_and(|found| value.is_empty() || self.files.written(found) == *value),
                _ => return Err(wrong("a map")),
            };
            if !any {
                return Ok(false);
            }
        }
        Ok(any)
    }

    /// Adds the items of one list to another, over those with the same keys.
    fn append(&self, list: &mut Vec<Node>, items: Vec<Node>, keys: &[&str]) -> Result<(), Fault> {
        for item in items {
            if keys.first().is_none_or(|key| key.is_empty()) {
                let value = self.files.written(&item).into_owned();
                self.set_item(list, Some(item), &[""], &[value])?;
                continue;
            }
            let mut values = Vec::new();
            for key in keys {
                match (&item.value, item.get(key)) {
                    (_, Some(value)) => values.push(self.files.written(value).into_owned()),
                    (Value::Object(_) | Value::Null, None) => list.push(item.clone()),
                    _ => {
                        let message = "an item of a merged list must be a map";
                        return Err(Fault::new("kustomize-patch", item.span, message));
                    }
                }
            }
            if keys.len() > 1 {
                self.set_item(list, None, keys, &values)?;
            }
            self.set_item(list, Some(item), keys, &values)?;
        }
        Ok(())
    }
}

/// The patch's value where it has one, and nothing for its `null`.
fn replaced(dest: Option<Node>, patch: Option<Node>) -> Merged {
    match (dest, patch) {
        (_, Some(patch)) if patch.value == Value::Null => Merged::Gone,
        (_, Some(patch)) => Merged::Taken(patch),
        (Some(dest), None) => Merged::Kept(dest),
        (None, None) => Merged::Gone,
    }
}

fn members(node: Option<Node>) -> Vec<Member> {
    match node.map(|node| node.value) {
        Some(Value::Object(members)) => members.into(),
        _ => Vec::new(),
    }
}

fn items(node: Node) -> Vec<Node> {
    match node.value {
        Value::Array(items) => items.into(),
        _ => Vec::new(),
    }
}

/// Reads the directive of a map and takes it off.
fn take_directive(node: &mut Node) -> Result<Directive, Fault> {
    let Some(value) = node.get(DIRECTIVE) else {
        return Ok(Directive::Merge);
    };
    let directive = match value.as_str() {
        Some("merge") => Directive::Merge,
        Some("replace") => Directive::Replace,
        Some("delete") => Directive::Delete,
        _ => {
            let message = "`$patch` must be merge, replace or delete";
            return Err(Fault::new("kustomize-patch", value.span, message));
        }
    };
    edit::remove(node, DIRECTIVE);
    Ok(directive)
}

/// Reads the directive of a list, an item with nothing else in it, and takes all like it off.
fn take_list_directive(node: &mut Node, files: &Files) -> Result<Directive, Fault> {
    let Value::Array(list) = &mut node.value else {
        return Ok(Directive::Merge);
    };
    let Some(item) = list.iter().find(|item| item.get(DIRECTIVE).is_some()) else {
        return Ok(Directive::Merge);
    };
    let Some(value) = item
        .get(DIRECTIVE)
        .filter(|_| item.as_object().is_some_and(|members| members.len() == 1))
    else {
        return Ok(Directive::Merge);
    };
    let word = files.written(value).into_owned();
    let directive = match word.as_str() {
        "merge" => Directive::Merge,
        "replace" => Directive::Replace,
        "delete" => Directive::Delete,
        _ => {
            let message = "`$patch` must be merge, replace or delete";
            return Err(Fault::new("kustomize-patch", value.span, message));
        }
    };
    list.retain(|item| {
        let same = item.get(DIRECTIVE).is_some_and(|value| files.written(value) == word);
        let empty = item.value == Value::Null || item.as_object().is_some_and(<[_]>::is_empty);
        !same && !empty
    });
    Ok(directive)
}

/// Gives the values of one item to another that agrees with it as far as both have any.
fn unify(known: &mut [Vec<String>]) {
    for left in 0..known.len() {
        for right in 0..known.len() {
            let (Some(one), Some(other)) = (known.get(left), known.get(right)) else {
                continue;
            };
            if let Some(both) = agree(one, other) {
                if let Some(one) = known.get_mut(left) {
                    one.clone_from(&both);
                }
                if let Some(other) = known.get_mut(right) {
                    *other = both;
                }
            }
        }
    }
}

fn agree(one: &[String], other: &[String]) -> Option<Vec<String>> {
    let mut common = false;
    let mut result = Vec::new();
    for (left, right) in one.iter().zip(other) {
        common |= left == right;
        if left != right && !left.is_empty() && !right.is_empty() {
            return None;
        }
        result.push(if left.is_empty() { right.clone() } else { left.clone() });
    }
    common.then_some(result)
}

/// The keys that any item has, with this item's values for them.
fn valid_keys<'k>(known: &[Vec<String>], values: &[String], keys: &[&'k str]) -> (Vec<&'k str>, Vec<String>) {
    let used = |key: &str| {
        known.iter().any(|values| {
            let mut pairs = keys.iter().zip(values);
            pairs.any(|(name, value)| *name == key && !value.is_empty())
        })
    };
    if !keys.iter().any(|key| used(key)) {
        return (keys.to_vec(), values.to_vec());
    }
    let valid = keys.iter().copied().filter(|key| used(key)).collect();
    let pairs = keys.iter().zip(values);
    let wanted = pairs
        .filter(|(key, value)| !value.is_empty() || used(key))
        .map(|(_, value)| value.clone());
    (valid, wanted.collect())
}
