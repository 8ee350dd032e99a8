//! The values of a HelmRelease as helm-controller merges them: `valuesFrom` in its order, then `spec.values`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::fields::Fields;
use super::kustomize::{self, BuiltObject, Files, Unknown};
use super::make::{self, Doubt};
use crate::limits::Limits;
use crate::tree::{Node, Segment, Span, Value};
use crate::yaml::{self, Dialect};

/// Finds an object by kind, namespace and name.
pub(crate) type Lookup<'l> = dyn Fn(&str, &str, &str) -> Option<&'l BuiltObject> + 'l;

/// Values, and what of them cannot be known.
#[derive(Debug)]
pub(super) struct Values {
    pub(super) node: Node,
    pub(super) unknown: Vec<Unknown>,
    /// Why anything that is not set here may still be set.
    pub(super) unseen: Option<Doubt>,
}

impl Values {
    fn nothing(at: Span) -> Self {
        Self {
            node: make::node(serde_json::json!({}), at),
            unknown: Vec::new(),
            unseen: None,
        }
    }

    pub(super) fn fields(&self) -> Fields<'_> {
        Fields::with(&self.node, &self.unknown, self.unseen.as_ref())
    }

    /// Puts a source of values over those before.
    fn merge(&mut self, over: &Node) {
        self.unknown.retain(|unknown| !settles(over, &unknown.path));
        merge(&mut self.node, over);
    }

    /// A source that cannot be seen: what came before it may not count any more.
    fn lose(&mut self, doubt: Doubt) {
        self.node = make::node(serde_json::json!({}), self.node.span);
        self.unknown.clear();
        self.unseen = Some(doubt);
    }

    fn doubt(&mut self, path: Vec<Segment>, doubt: Doubt) {
        self.unknown.push(Unknown {
            path,
            reason: doubt.reason,
            at: doubt.at,
        });
    }
}

/// The values of a release.
pub(super) fn of(release: &BuiltObject, files: &Files, lookup: &Lookup<'_>, limits: &Limits) -> Values {
    let fields = Fields::of(release);
    let mut values = Values::nothing(fields.at(&["spec", "values"]));
    let mut left = limits.kustomize_nodes;
    match fields.list(&["spec", "valuesFrom"]) {
        Ok(sources) => {
            for source in sources {
                let reference = Fields::new(source, None);
                if let Err(doubt) = add(&mut values, &reference, &fields, files, lookup, &mut left) {
                    values.lose(doubt);
                }
            }
        }
        Err(doubt) => values.lose(doubt),
    }
    let own = fields.at(&["spec", "values"]);
    for unknown in &release.unknown {
        let doubt = Doubt::new(Arc::clone(&unknown.reason), unknown.at);
        let above = make::path(&["spec", "values"]);
        match unknown.path.strip_prefix(above.as_slice()) {
            Some([]) => values.lose(doubt),
            Some(_) => {}
            None if above.starts_with(&unknown.path) => values.lose(doubt),
            None => {}
        }
    }
    if let Some(node) = make::find(&release.node, &["spec", "values"]) {
        match node.value {
            Value::Object(_) => values.merge(node),
            Value::Null => {}
            _ => values.lose(Doubt::new("`spec.values` must be a map", own)),
        }
    }
    for unknown in &release.unknown {
        if let Some(path @ [_, ..]) = unknown.path.strip_prefix(make::path(&["spec", "values"]).as_slice()) {
            let doubt = Doubt::new(Arc::clone(&unknown.reason), unknown.at);
            values.doubt(path.to_vec(), doubt);
        }
    }
    values
}

/// Adds one entry of `valuesFrom`; the error is why it may set anything.
fn add(
    values: &mut Values,
    reference: &Fields<'_>,
    release: &Fields<'_>,
    files: &Files,
    lookup: &Lookup<'_>,
    left: &mut usize,
) -> Result<(), Doubt> {
    let target = reference.text(&["targetPath"])?;
    let target = target.map(|target| {
        let path = target_path(&target.value);
        path.ok_or_else(|| Doubt::new("the `targetPath` cannot be followed here", target.at))
    });
    let target = target.transpose()?;
    let found = read(reference, release, lookup);
    let Some(path) = target else {
        let Some(text) = found? else { return Ok(()) };
        let unread = || Doubt::new("these values are not YAML with a map", text.span);
        let parsed = kustomize::text_within(text, files).ok_or_else(unread)?;
        match parsed.documents.as_slice() {
            [] if parsed.problems.is_empty() => return Ok(()),
            [document] if document.root.as_object().is_some() && parsed.problems.iter().all(is_harmless) => {
                let too_many = || Doubt::new("the values have more nodes than the limit", text.span);
                *left = left.checked_sub(size(&document.root)).ok_or_else(too_many)?;
                values.merge(&document.root);
            }
            _ => return Err(unread()),
        }
        return Ok(());
    };
    let literal = reference.flag(&["literal"])?.is_some_and(|flag| flag.value);
    let value = match found {
        Ok(None) => return Ok(()),
        Ok(Some(text)) => scalar(text, literal),
        Err(doubt) => Err(doubt),
    };
    match value {
        Ok(value) => {
            let parts: Vec<&str> = path.iter().map(String::as_str).collect();
            let mut over = make::node(serde_json::json!({}), value.span);
            make::set(&mut over, &parts, value);
            values.merge(&over);
        }
        Err(doubt) => values.doubt(path.into_iter().map(|key| Segment::Key(key.into())).collect(), doubt),
    }
    Ok(())
}

/// The text that an entry refers to; nothing where it is optional and not there.
fn read<'l>(reference: &Fields<'_>, release: &Fields<'_>, lookup: &Lookup<'l>) -> Result<Option<&'l Node>, Doubt> {
    let missing = |what: &str| Doubt::new(format!("{what} is not in this tree"), reference.node.span);
    let name = reference
        .text(&["name"])?
        .ok_or_else(|| missing("what `valuesFrom` names"))?;
    let namespace = release.text(&["metadata", "namespace"])?;
    let kind = reference.text(&["kind"])?;
    match kind.as_ref().map(|kind| &*kind.value) {
        Some("ConfigMap") => {}
        // What a Secret holds is not for this tool, and one that is optional may be there all the same.
        _ => return Err(Doubt::new("a Secret sets values that are not known", name.at)),
    }
    let namespace = namespace.as_ref().map_or("", |said| &said.value);
    let object = lookup("ConfigMap", namespace, &name.value);
    let object = object.ok_or_else(|| missing(&format!("the ConfigMap {} of the values", make::short(&name.value))))?;
    let key = reference.text(&["valuesKey"])?;
    let key = key.as_ref().map_or("values.yaml", |key| &key.value);
    let node = Fields::of(object).node(&["data", key])?;
    let optional = reference.flag(&["optional"])?.is_some_and(|flag| flag.value);
    match node {
        Some(node) if node.as_str().is_some() => Ok(Some(node)),
        Some(node) => Err(Doubt::new("the values must be a text", node.span)),
        None if optional => Ok(None),
        None => Err(missing(&format!("the key {} of the values", make::short(key)))),
    }
}

/// The keys of a path such as `a.b\.c`; nothing for one with indices.
fn target_path(text: &str) -> Option<Vec<String>> {
    let mut keys = vec![String::new()];
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (letter, keys.last_mut()) {
            ('[' | ']' | '{' | '}' | '=' | ',', _) | (_, None) => return None,
            ('.', _) => keys.push(String::new()),
            ('\\', Some(key)) => key.push(letters.next()?),
            (_, Some(key)) => key.push(letter),
        }
    }
    keys.iter().all(|key| !key.is_empty()).then_some(keys)
}

/// What a text comes to at a target path, as `helm --set` reads it.
fn scalar(text: &Node, literal: bool) -> Result<Node, Doubt> {
    let value = text.as_str().unwrap_or("");
    let quoted = ['"', '\'']
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote));
    if literal {
        return Ok(make::text(value, text.span));
    }
    if let Some(inner) = quoted {
        return Ok(make::text(inner, text.span));
    }
    if value.contains([',', '{', '}', '[', ']', '\\', '=']) {
        return Err(Doubt::new(
            "this value has signs that mean more than themselves",
            text.span,
        ));
    }
    let value = match yaml::plain(value, Dialect::Kustomize) {
        Value::Number(number) if number.is_f64() => Value::String(value.into()),
        value => value,
    };
    Ok(Node { span: text.span, value })
}

fn is_harmless(problem: &crate::error::Problem) -> bool {
    matches!(problem.code.as_str(), "unknown-tag" | "duplicate-key")
}

/// Whether a source says itself what is at a path, so that nothing before it counts there.
fn settles(over: &Node, path: &[Segment]) -> bool {
    let mut node = over;
    for segment in path {
        let Value::Object(_) = node.value else { return true };
        let Segment::Key(key) = segment else { return false };
        match node.get(key) {
            Some(next) => node = next,
            None => return false,
        }
    }
    node.as_object().is_none()
}

/// Maps are merged key by key; anything else takes the place of what was there.
fn merge(base: &mut Node, over: &Node) {
    let (Value::Object(known), Value::Object(members)) = (&mut base.value, &over.value) else {
        *base = over.clone();
        return;
    };
    let places: BTreeMap<Arc<str>, usize> = known.iter().map(|member| Arc::clone(&member.key)).zip(0..).collect();
    for member in members {
        match places.get(&member.key).and_then(|at| known.get_mut(*at)) {
            None => known.push(member.clone()),
            Some(place) if place.node.as_object().is_some() && member.node.as_object().is_some() => {
                merge(&mut place.node, &member.node);
            }
            Some(place) => *place = member.clone(),
        }
    }
}

fn size(node: &Node) -> usize {
    match &node.value {
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(members) => 1 + members.iter().map(|member| size(&member.node)).sum::<usize>(),
        _ => 1,
    }
}
