//! Replacements: a value copied from one object to fields of others.

use super::accumulate::Build;
use super::edit;
use super::fault::Fault;
use super::fields::split_path;
use super::files::Files;
use super::model::{self, FieldOptions, Replacement, ReplacementField, Selector, Source, Target};
use super::resource::{self, Gvk, Id, Resource};
use super::select::{self, Labels};
use super::shared;
use crate::tree::{Member, Node, Span, Value};
use crate::yaml::{self, Dialect};

const CODE: &str = "kustomize-replacement";

/// `replacements`
pub(super) fn replacements(
    build: &mut Build<'_>,
    resources: &mut [Resource],
    folder: &str,
    entries: &[ReplacementField],
    incomplete: bool,
) -> Result<(), Fault> {
    let mut all = Vec::new();
    for entry in entries {
        let Some(path) = &entry.path else {
            all.push(entry.replacement.clone());
            continue;
        };
        let inline = &entry.replacement;
        if inline.source.is_some() || inline.targets.as_ref().is_some_and(|targets| !targets.is_empty()) {
            let message = "a replacement has either `path` or `source` and `targets`";
            return Err(Fault::new(CODE, inline.span, message));
        }
        let file = build.load(folder, path)?;
        let parsed = build.files.settings(file);
        if let Some(problem) = resource::fatal(parsed, Dialect::Kubectl) {
            return Err(Fault::Known(problem));
        }
        match parsed.documents.first() {
            Some(document) => all.extend(model::replacements(&document.root)?),
            None => return Err(Fault::new(CODE, path.span, "the file is empty")),
        }
    }
    all.iter()
        .try_for_each(|one| replace(build, resources, one, incomplete))
}

fn replace(
    build: &mut Build<'_>,
    resources: &mut [Resource],
    replacement: &Replacement,
    incomplete: bool,
) -> Result<(), Fault> {
    let invalid = |message: &str| Fault::new(CODE, replacement.span, message);
    let targets = replacement.targets.as_deref();
    let targets = targets.ok_or_else(|| invalid("a replacement needs a source and at least one target"))?;
    let value = match (&replacement.source, &replacement.source_value) {
        (None, None) => return Err(invalid("a replacement needs a source and at least one target")),
        (Some(_), Some(_)) => return Err(invalid("a replacement has either `source` or `sourceValue`")),
        (None, Some(text)) => Some(Node {
            span: text.span,
            value: yaml::plain(&text.value, Dialect::Kustomize),
        }),
        (Some(source), None) => source_value(resources, source, build.files, incomplete)?,
    };
    for target in targets {
        apply(build, resources, target, value.as_ref())?;
    }
    Ok(())
}

/// Whether an id, now or before, is the one selected. Kinds without a namespace count as in `default` here.
fn selected(resource: &Resource, selector: &Selector, files: &Files) -> bool {
    let gvk = Gvk {
        group: selector.group.as_str().into(),
        version: selector.version.as_str().into(),
        kind: selector.kind.as_str().into(),
    };
    let now = Id {
        namespace: resource::effective(&resource.namespace(files)),
        ..resource.id(files)
    };
    let fits = |id: Id| {
        (selector.name.is_empty() || *id.name == *selector.name)
            && (selector.namespace.is_empty() || *id.namespace == *selector.namespace)
            && id.gvk.is_selected_by(&gvk)
    };
    fits(now) || resource.previous_ids(files).any(fits)
}

/// The value to copy; nothing where its object may be one that cannot be seen.
fn source_value(
    resources: &[Resource],
    source: &Source,
    files: &Files,
    incomplete: bool,
) -> Result<Option<Node>, Fault> {
    let fault = |message: &str| Err(Fault::new(CODE, source.select.span, message));
    let mut found = resources
        .iter()
        .filter(|resource| selected(resource, &source.select, files));
    let resource = match (found.next(), found.next()) {
        (Some(resource), None) => resource,
        (None, _) if incomplete => return Ok(None),
        (None, _) => return fault("no object is the source of the replacement"),
        _ => return fault("more than one object is the source of the replacement"),
    };
    let path = match source.field_path.as_str() {
        "" => "metadata.name",
        path => path,
    };
    let mut node = &resource.node;
    for part in smart_path(path) {
        match step(node, part.trim(), files) {
            Some(next) => node = next,
            None => return fault("the source has no such field"),
        }
    }
    if edit::is_empty(node) {
        return fault("the field of the source is empty");
    }
    let Some(options) = source.options.as_ref().filter(|options| !options.delimiter.is_empty()) else {
        return Ok(Some(node.clone()));
    };
    if matches!(node.value, Value::Array(_) | Value::Object(_)) {
        return fault("only a scalar can be split by a delimiter");
    }
    let text = files.written(node);
    let mut parts = text.split(options.delimiter.as_str());
    match usize::try_from(options.index).ok().and_then(|index| parts.nth(index)) {
        Some(part) => Ok(Some(edit::text(part, node.span))),
        None => fault("the index is beyond the parts of the source"),
    }
}

fn step<'n>(node: &'n Node, part: &str, files: &Files) -> Option<&'n Node> {
    if part.is_empty() {
        return Some(node);
    }
    if let Ok(index) = part.parse::<usize>() {
        return node.as_array()?.get(index);
    }
    if part == "-" {
        return node.as_array()?.last();
    }
    match part.strip_prefix('[').and_then(|part| part.strip_suffix(']')) {
        Some(pair) => {
            let (key, value) = pair.split_once('=')?;
            node.as_array()?.iter().find(|item| match key {
                "" => files.written(item) == value,
                key => item.get(key).is_some_and(|found| files.written(found) == value),
            })
        }
        None => node.get(part),
    }
}

/// A path parted by dots, but for those in brackets.
fn smart_path(path: &str) -> Vec<String> {
    let mut result = Vec::new();
    let mut parts = split_path(path, '.').into_iter();
    while let Some(part) = parts.next() {
        if !part.starts_with('[') || part.ends_with(']') {
            result.push(part);
            continue;
        }
        let mut whole = part;
        for next in parts.by_ref() {
            whole.push('.');
            whole.push_str(&next);
            if next.ends_with(']') {
                break;
            }
        }
        if whole.contains('=') {
            result.push(whole);
        } else {
            result.push(whole.trim_matches(['[', ']']).to_owned());
        }
    }
    result
}

fn apply(
    build: &mut Build<'_>,
    resources: &mut [Resource],
    target: &Target,
    value: Option<&Node>,
) -> Result<(), Fault> {
    let files = build.files;
    let fault = |message: String| Fault::new(CODE, target.span, message);
    let Some(select) = &target.select else {
        return Err(fault("the target has no `select`".into()));
    };
    let wanted = Labels::new(select)?;
    let default = ["metadata.name".to_owned()];
    let paths = if target.field_paths.is_empty() {
        &default[..]
    } else {
        &target.field_paths
    };
    let rejects: Vec<(&Selector, Labels)> = target
        .reject
        .iter()
        .map(|reject| Ok((reject, Labels::new(reject)?)))
        .collect::<Result<_, Fault>>()?;
    for resource in resources {
        let rejected = rejects.iter().any(|(reject, labels)| {
            let by_labels = !(reject.labels.is_empty() && reject.annotations.is_empty());
            let names = [
                &reject.group,
                &reject.version,
                &reject.kind,
                &reject.name,
                &reject.namespace,
            ];
            by_labels && labels.matches(resource, files)
                || names.iter().any(|name| !name.is_empty()) && selected(resource, reject, files)
        });
        if rejected || !wanted.matches(resource, files) || !selected(resource, select, files) {
            continue;
        }
        let Some(value) = value else {
            let message = "a replacement takes its value from an object that is not here";
            resource.doubt(Vec::new(), message, target.span);
            continue;
        };
        for path in paths {
            let path = smart_path(path);
            if path.len() + edit::depth(value) > files.limits().depth {
                return Err(Fault::new(
                    "limit-depth",
                    target.span,
                    "the replacement nests lists and maps too deep",
                ));
            }
            build.budget.take(value)?;
            let before = resource.node.clone();
            let mut copy = Copy {
                files,
                value,
                options: target.options.as_ref(),
                span: target.span,
                unclear: false,
            };
            let found = copy.descend(&mut resource.node, &path, false).map_err(&fault)?;
            let unclear = copy.unclear;
            shared::spread(resource, &before);
            if unclear {
                let message = "a replacement writes a value of another type here";
                resource.doubt(Vec::new(), message, target.span);
            } else if found == 0 {
                return Err(fault(format!("an object has no field {:?} to replace", path.join("."))));
            }
        }
    }
    Ok(())
}

/// One value on its way to the fields of one path.
struct Copy<'a> {
    files: &'a Files,
    value: &'a Node,
    options: Option<&'a FieldOptions>,
    span: Span,
    /// kustomize would write what cannot be told here.
    unclear: bool,
}

impl Copy<'_> {
    fn creates(&self) -> bool {
        self.options.is_some_and(|options| options.create)
    }

    /// What is made for the next part of a path; a scalar to be is `null`.
    fn made(&self, rest: &[String]) -> Node {
        let value = match rest.first().map(String::as_str) {
            None | Some("") => match self.value.value {
                Value::Array(_) => Value::Array(Vec::new().into()),
                Value::Object(_) => Value::Object(Vec::new().into()),
                _ => Value::Null,
            },
            Some(next) if is_index(next) || in_brackets(next) => Value::Array(Vec::new().into()),
            Some(_) => Value::Object(Vec::new().into()),
        };
        Node { span: self.span, value }
    }

    /// Sets every field that the path leads to; their number.
    fn descend(&mut self, node: &mut Node, path: &[String], fresh: bool) -> Result<usize, String> {
        let Some((first, rest)) = path.split_first() else {
            self.write(node, fresh)?;
            return Ok(1);
        };
        if node.value == Value::Null {
            self.unclear |= self.creates();
            return Ok(0);
        }
        let (key, pattern) = match first.strip_prefix('[').and_then(|part| part.strip_suffix(']')) {
            Some(pair) => pair
                .split_once('=')
                .ok_or("a part of the path in brackets needs a `=`")?,
            None if is_index(first) || first == "*" => ("", ""),
            None => return self.descend_field(node, first, rest),
        };
        let Value::Array(items) = &mut node.value else {
            return Err("there is no list on the way to the field".into());
        };
        if first == "*" {
            return items
                .iter_mut()
                .try_fold(0, |sum, item| Ok(sum + self.descend(item, rest, false)?));
        }
        if !in_brackets(first) {
            let at: usize = first.parse().map_err(|_| "a list is too short for the path")?;
            let fresh = at == items.len() && self.creates();
            if fresh {
                items.push(self.made(rest));
            }
            let item = items.get_mut(at).ok_or("a list is too short for the path")?;
            return self.descend(item, rest, fresh);
        }
        let pattern_regex = select::regex(pattern, self.span).map_err(|_| "the path holds no regular expression")?;
        let mut sum = 0;
        for item in items.iter_mut() {
            let tested = if key.is_empty() { Some(&*item) } else { item.get(key) };
            let Some(tested) = tested else { continue };
            let text = self.files.written(tested);
            if !pattern_regex.is_match(&text) {
                continue;
            }
            sum += if key.is_empty() {
                self.write(item, false)?;
                1
            } else {
                self.descend(item, rest, false)?
            };
        }
        if sum > 0 || !self.creates() {
            return Ok(sum);
        }
        let value = Node {
            span: self.span,
            value: yaml::plain(pattern, Dialect::Kustomize),
        };
        let mut item = value;
        if !key.is_empty() {
            item = Node {
                span: self.span,
                value: Value::Object(
                    vec![Member {
                        key: key.into(),
                        key_span: self.span,
                        node: item,
                    }]
                    .into(),
                ),
            };
        }
        let set = if key.is_empty() {
            self.write(&mut item, false)?;
            1
        } else {
            self.descend(&mut item, rest, false)?
        };
        items.push(item);
        Ok(set)
    }

    fn descend_field(&mut self, node: &mut Node, name: &str, rest: &[String]) -> Result<usize, String> {
        if node.as_object().is_none() {
            return Err("there is no map on the way to the field".into());
        }
        let fresh = node.get(name).is_none();
        if fresh {
            if !self.creates() {
                return Ok(0);
            }
            edit::set(node, name, self.span, self.made(rest));
        }
        match edit::get_mut(node, name) {
            Some(next) => self.descend(next, rest, fresh),
            None => Ok(0),
        }
    }

    fn write(&mut self, node: &mut Node, fresh: bool) -> Result<(), String> {
        let options = self.options.filter(|options| !options.delimiter.is_empty());
        let is_scalar = !matches!(node.value, Value::Array(_) | Value::Object(_));
        let mut text = self.files.written(self.value).into_owned();
        if let Some(options) = options {
            if !is_scalar {
                return Err("only a scalar can be split by a delimiter".into());
            }
            let old = if fresh {
                String::new()
            } else {
                self.files.written(node).into_owned()
            };
            let mut parts: Vec<&str> = old.split(options.delimiter.as_str()).collect();
            match usize::try_from(options.index) {
                Err(_) => parts.insert(0, &text),
                Ok(index) => match parts.get_mut(index) {
                    Some(part) => *part = &text,
                    None => parts.push(&text),
                },
            }
            text = parts.join(&options.delimiter);
        }
        if !is_scalar {
            *node = Node {
                span: self.span,
                ..self.value.clone()
            };
            return Ok(());
        }
        // The field keeps its type, whatever the text.
        let read = yaml::plain(&text, Dialect::Kustomize);
        let value = match (&node.value, &read) {
            (Value::Null, _) if fresh => read,
            (Value::String(_), _) => Value::String(text.into()),
            (Value::Bool(_), Value::Bool(_)) | (Value::Null, Value::Null) => read,
            (Value::Number(old), Value::Number(new)) if old.is_f64() == new.is_f64() => read,
            _ => {
                self.unclear = true;
                return Ok(());
            }
        };
        *node = Node { span: self.span, value };
        Ok(())
    }
}

fn is_index(part: &str) -> bool {
    part.parse::<usize>().is_ok()
}

fn in_brackets(part: &str) -> bool {
    part.starts_with('[') && part.ends_with(']')
}
