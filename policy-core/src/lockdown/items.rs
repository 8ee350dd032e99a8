//! What a patch adds to which objects, and how kustomize wants it written.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Key, key};
use crate::report::{Finding, ObjectRef};

/// Says which objects a controller serves: that locks nothing down, and what no shard selects would be served by nobody.
const SELECTOR: &str = "--watch-label-selector=";

/// The changes of one file, in the order of the findings that ask for them.
#[derive(Default)]
pub(super) struct Items(Vec<Change>);

/// One operation on one object.
struct Change {
    kind: String,
    name: String,
    path: String,
    value: Value,
    /// The findings that it is for.
    findings: Vec<Key>,
}

/// How a repository writes its patches.
#[derive(Clone, Copy)]
pub(super) enum Order {
    TargetFirst,
    PatchFirst,
}

/// Several operations on objects of one kind.
struct Patch<'c> {
    kind: &'c str,
    names: BTreeSet<&'c str>,
    operations: Vec<(&'c str, &'c Value)>,
}

/// Whether the lock-down can mend a finding, by an operation on its object.
pub(super) fn mends(finding: &Finding) -> bool {
    operation(finding).is_some()
}

impl Items {
    /// Takes up what mends a finding; whether that is something new.
    pub(super) fn add(&mut self, finding: &Finding) -> bool {
        let Some((path, value)) = operation(finding) else {
            return false;
        };
        let ObjectRef { kind, name, .. } = finding.object.clone();
        let of_object = |change: &&mut Change| change.kind == kind && change.name == name;
        let (mut path, mut value) = (path.to_owned(), value.clone());
        // The first argument makes the list, the next ones are appended to it.
        let has_list = self
            .0
            .iter_mut()
            .filter(of_object)
            .any(|change| change.path == path && change.value.is_array());
        if let (true, Some([argument])) = (has_list, value.as_array().map(Vec::as_slice)) {
            let same = |change: &Change| change.kind == kind && change.name == name && change.value == value;
            if !self.0.iter().any(same) {
                value = argument.clone();
                path += "/-";
            }
        }
        let known = self
            .0
            .iter_mut()
            .filter(of_object)
            .find(|change| change.path == path && change.value == value);
        if let Some(known) = known {
            known.findings.push(key(finding));
            return false;
        }
        self.0.push(Change {
            kind,
            name,
            path,
            value,
            findings: vec![key(finding)],
        });
        true
    }

    /// Keeps what mends something: a finding that it is for is not left. Whether anything was dropped.
    pub(super) fn retain(&mut self, left: &BTreeSet<Key>) -> bool {
        let all = self.0.len();
        self.0
            .retain(|change| change.findings.iter().any(|finding| !left.contains(finding)));
        self.0.len() < all
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The items of a list of patches as lines of YAML, the dashes at the left.
    pub(super) fn lines(&self, order: Order) -> Vec<String> {
        self.patches().iter().flat_map(|patch| patch.lines(order)).collect()
    }

    /// As few patches as there are different sets of objects.
    fn patches(&self) -> Vec<Patch<'_>> {
        let mut single: Vec<Patch<'_>> = Vec::new();
        for Change {
            kind,
            name,
            path,
            value,
            ..
        } in &self.0
        {
            let operation = (path.as_str(), value);
            let same = |patch: &&mut Patch<'_>| patch.kind == kind && patch.operations == [operation];
            match single.iter_mut().find(same) {
                Some(patch) => drop(patch.names.insert(name)),
                None => single.push(Patch {
                    kind,
                    names: BTreeSet::from([name.as_str()]),
                    operations: vec![operation],
                }),
            }
        }
        let mut patches: Vec<Patch<'_>> = Vec::new();
        for patch in single {
            let same = |other: &&mut Patch<'_>| other.kind == patch.kind && other.names == patch.names;
            match patches.iter_mut().find(same) {
                Some(other) => other.operations.extend(patch.operations),
                None => patches.push(patch),
            }
        }
        patches
    }
}

impl Patch<'_> {
    fn lines(&self, order: Order) -> Vec<String> {
        // A target's name is a regular expression that has to match all of a name.
        let names: Vec<String> = self.names.iter().map(|name| name.replace('.', "\\.")).collect();
        let name = match names.as_slice() {
            [name] => name.clone(),
            names => format!("({})", names.join("|")),
        };
        let target = vec![
            "target:".to_owned(),
            format!("  kind: {}", scalar(self.kind)),
            format!("  name: {}", scalar(&name)),
        ];
        let mut patch = vec!["patch: |".to_owned()];
        for (path, value) in &self.operations {
            let value = value.as_str().map_or_else(|| value.to_string(), scalar);
            patch.push("  - op: add".to_owned());
            patch.push(format!("    path: {}", scalar(path)));
            patch.push(format!("    value: {value}"));
        }
        let members = match order {
            Order::TargetFirst => [target, patch],
            Order::PatchFirst => [patch, target],
        };
        let marked = |(at, line): (usize, String)| format!("{}{line}", if at == 0 { "- " } else { "  " });
        members.concat().into_iter().enumerate().map(marked).collect()
    }
}

/// A text as YAML: as it is where nobody could take it for something else.
fn scalar(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,()|~".contains(c);
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || "/(".contains(c)) || text.starts_with("--");
    let is_word = matches!(
        text.to_ascii_lowercase().as_str(),
        "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null"
    );
    if begins && !is_word && !text.starts_with("---") && text.chars().all(plain) {
        return text.to_owned();
    }
    Value::from(text).to_string()
}

/// The one operation that adds an argument to a controller, or an account to a Kustomization.
fn operation(finding: &Finding) -> Option<(&str, &Value)> {
    let [operation] = finding.fix.as_slice() else {
        return None;
    };
    if operation.get("op")? != "add" {
        return None;
    }
    let (path, value) = (operation.get("path")?.as_str()?, operation.get("value")?);
    let group = finding
        .object
        .api_version
        .split_once('/')
        .map_or("", |(group, _)| group);
    let fits = match (group, finding.object.kind.as_str()) {
        ("apps", "Deployment") => is_argument(path, value),
        ("kustomize.toolkit.fluxcd.io", "Kustomization") => path == "/spec/serviceAccountName" && value.is_string(),
        _ => false,
    };
    fits.then_some((path, value))
}

/// `…/containers/N/args` with a list of one, or an item of it with a text.
fn is_argument(path: &str, value: &Value) -> bool {
    let container = path.strip_prefix("/spec/template/spec/containers/");
    let Some((index, rest)) = container.and_then(|rest| rest.split_once('/')) else {
        return false;
    };
    let is_index = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let place = rest.strip_prefix("args");
    let locks = |value: &Value| value.as_str().is_some_and(|argument| !argument.starts_with(SELECTOR));
    is_index(index)
        && match place.map(|place| place.strip_prefix('/')) {
            Some(None) => {
                place == Some("") && matches!(value.as_array().map(Vec::as_slice), Some([argument]) if locks(argument))
            }
            Some(Some(item)) => locks(value) && (item == "-" || is_index(item)),
            None => false,
        }
}

#[cfg(test)]
mod tests {
    use super::scalar;

    #[test]
    fn scalars_are_what_they_say() {
        for (text, written) in [
            ("--no-remote-bases=true", "--no-remote-bases=true"),
            (
                "(helm-controller|kustomize-controller)",
                "(helm-controller|kustomize-controller)",
            ),
            ("--a=b: c", "\"--a=b: c\""),
            ("a\\.b", "\"a\\\\.b\""),
            ("5", "\"5\""),
            ("on", "\"on\""),
            ("", "\"\""),
            ("- x", "\"- x\""),
            ("---", "\"---\""),
            ("a #b", "\"a #b\""),
        ] {
            assert_eq!(scalar(text), written);
            assert_eq!(
                crate::parse_value(&format!("a: {written}")),
                Ok(serde_json::json!({"a": text}))
            );
        }
    }
}
