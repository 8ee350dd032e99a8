//! Which objects a selector means.

use regex::Regex;

use super::fault::Fault;
use super::files::Files;
use super::model::Selector;
use super::resource::Resource;
use crate::tree::{Span, Value};

/// A selector, ready to match.
pub(super) struct Matcher {
    group: Option<Regex>,
    version: Option<Regex>,
    kind: Option<Regex>,
    name: Option<Regex>,
    namespace: Option<Regex>,
    labels: Labels,
}

/// A selector by labels and one by annotations.
pub(super) struct Labels {
    labels: Vec<Requirement>,
    annotations: Vec<Requirement>,
}

struct Requirement {
    key: String,
    test: Test,
}

enum Test {
    Exists,
    Absent,
    In(Vec<String>),
    NotIn(Vec<String>),
    Above(i64),
    Below(i64),
}

impl Matcher {
    pub(super) fn new(selector: &Selector) -> Result<Self, Fault> {
        let regex = |text: &str| compile(text, selector.span);
        Ok(Self {
            group: regex(&selector.group)?,
            version: regex(&selector.version)?,
            kind: regex(&selector.kind)?,
            name: regex(&selector.name)?,
            namespace: regex(&selector.namespace)?,
            labels: Labels::new(selector)?,
        })
    }

    /// Names and namespaces match as they are now or as they were written.
    pub(super) fn matches(&self, resource: &Resource, files: &Files) -> bool {
        let fits = |regex: &Option<Regex>, text: &str| regex.as_ref().is_none_or(|regex| regex.is_match(text));
        let (now, first) = (resource.id(files), resource.original_id(files));
        (fits(&self.namespace, &first.namespace) || fits(&self.namespace, &now.namespace))
            && (fits(&self.name, &first.name) || fits(&self.name, &now.name))
            && fits(&self.group, &now.gvk.group)
            && fits(&self.version, &now.gvk.version)
            && fits(&self.kind, &now.gvk.kind)
            && self.labels.matches(resource, files)
    }
}

impl Labels {
    pub(super) fn new(selector: &Selector) -> Result<Self, Fault> {
        let parse = |text: &str| {
            requirements(text).ok_or_else(|| {
                let message = "this is no selector of labels that Kubernetes understands";
                Fault::new("kustomize-selector", selector.span, message)
            })
        };
        Ok(Self {
            labels: parse(&selector.labels)?,
            annotations: parse(&selector.annotations)?,
        })
    }

    pub(super) fn matches(&self, resource: &Resource, files: &Files) -> bool {
        let metadata = resource.node.get("metadata");
        let all = |requirements: &[Requirement], field: &str| {
            let map = metadata.and_then(|metadata| metadata.get(field));
            requirements.iter().all(|requirement| {
                let value = map.and_then(|map| map.get(&requirement.key));
                let value = value.map(|value| match value.value {
                    Value::Null => String::new(),
                    _ => files.written(value).into_owned(),
                });
                requirement.holds(value.as_deref())
            })
        };
        all(&self.labels, "labels") && all(&self.annotations, "annotations")
    }
}

impl Requirement {
    fn holds(&self, value: Option<&str>) -> bool {
        let number = || value.and_then(|value| value.parse::<i64>().ok());
        match &self.test {
            Test::Exists => value.is_some(),
            Test::Absent => value.is_none(),
            Test::In(values) => value.is_some_and(|value| values.iter().any(|one| one == value)),
            Test::NotIn(values) => value.is_none_or(|value| values.iter().all(|one| one != value)),
            Test::Above(bound) => number().is_some_and(|number| number > *bound),
            Test::Below(bound) => number().is_some_and(|number| number < *bound),
        }
    }
}

/// An anchored expression; none for an empty one, which matches all.
fn compile(text: &str, span: Span) -> Result<Option<Regex>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    regex(&format!("^(?:{text})$"), span).map(Some)
}

/// An expression as it stands.
pub(super) fn regex(text: &str, span: Span) -> Result<Regex, Fault> {
    Regex::new(text).map_err(|_| {
        let message = "this is no regular expression; correct it";
        Fault::new("kustomize-selector", span, message)
    })
}

/// Reads a selector as kubectl's `-l` takes it.
fn requirements(text: &str) -> Option<Vec<Requirement>> {
    let mut rest = text.trim();
    let mut result = Vec::new();
    while !rest.is_empty() {
        let (requirement, after) = requirement(rest)?;
        result.push(requirement);
        let after = after.trim_start();
        match after.strip_prefix(',') {
            Some(more) if !more.trim().is_empty() => rest = more.trim_start(),
            None if after.is_empty() => rest = after,
            _ => return None,
        }
    }
    Some(result)
}

fn requirement(text: &str) -> Option<(Requirement, &str)> {
    if let Some(rest) = text.strip_prefix('!') {
        let (key, rest) = word(rest.trim_start());
        let test = Test::Absent;
        return is_key(key).then(|| (of(key, test), rest));
    }
    let (key, rest) = word(text);
    if !is_key(key) {
        return None;
    }
    let rest = rest.trim_start();
    for (sign, negates) in [("!=", true), ("==", false), ("=", false)] {
        if let Some(rest) = rest.strip_prefix(sign) {
            let (value, rest) = word(rest.trim_start());
            let values = vec![value.to_owned()];
            let test = if negates { Test::NotIn(values) } else { Test::In(values) };
            return is_value(value).then(|| (of(key, test), rest));
        }
    }
    for sign in ['>', '<'] {
        if let Some(rest) = rest.strip_prefix(sign) {
            let (value, rest) = word(rest.trim_start());
            let bound = value.parse().ok()?;
            let test = if sign == '>' {
                Test::Above(bound)
            } else {
                Test::Below(bound)
            };
            return Some((of(key, test), rest));
        }
    }
    if rest.is_empty() || rest.starts_with(',') {
        return Some((of(key, Test::Exists), rest));
    }
    let (operator, rest) = word(rest);
    let (inside, rest) = rest.trim_start().strip_prefix('(')?.split_once(')')?;
    let values: Vec<String> = inside.split(',').map(|value| value.trim().to_owned()).collect();
    if !values.iter().all(|value| is_value(value)) {
        return None;
    }
    match operator {
        "in" => Some((of(key, Test::In(values)), rest)),
        "notin" => Some((of(key, Test::NotIn(values)), rest)),
        _ => None,
    }
}

fn of(key: &str, test: Test) -> Requirement {
    Requirement {
        key: key.to_owned(),
        test,
    }
}

fn word(text: &str) -> (&str, &str) {
    let end = text.find(|letter: char| letter.is_whitespace() || "=!,()<>".contains(letter));
    text.split_at(end.unwrap_or(text.len()))
}

fn is_key(key: &str) -> bool {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    let is_domain = |prefix: &str| {
        prefix.len() <= 253
            && prefix.split('.').all(|label| {
                let bytes = label.as_bytes();
                let inner = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
                let ends = |byte: Option<&u8>| byte.is_some_and(|byte| *byte != b'-');
                bytes.iter().all(inner) && ends(bytes.first()) && ends(bytes.last())
            })
    };
    !name.is_empty() && is_value(name) && prefix.is_none_or(is_domain)
}

fn is_value(value: &str) -> bool {
    let bytes = value.as_bytes();
    let inner = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    let ends = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_alphanumeric);
    bytes.len() <= 63 && bytes.iter().all(inner) && ends(bytes.first()) && ends(bytes.last())
}
