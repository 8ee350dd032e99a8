//! The mutants of a module, from the tree that `opa parse` gives.

use std::fmt;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::shell;

/// What is done to a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// A condition is turned round
    Negate,
    /// A condition always holds
    Drop,
    /// A string, number or boolean is another
    Swap,
}

/// One change of a module's text.
#[derive(Clone, Debug)]
pub(super) struct Mutant {
    pub(super) kind: Kind,
    /// The rule's name.
    pub(super) rule: String,
    /// The text that is changed.
    pub(super) from: String,
    to: String,
    line: usize,
    /// In bytes from the start of the module.
    at: usize,
}

impl Mutant {
    /// The module with the change.
    pub(super) fn apply(&self, text: &str) -> String {
        let (before, rest) = text.split_at(self.at);
        format!("{before}{}{}", self.to, rest.strip_prefix(&self.from).unwrap_or(rest))
    }
}

impl fmt::Display for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, rule, kind, .. } = self;
        let [from, to] = [&self.from, &self.to].map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
        match kind {
            Kind::Drop => write!(f, "{line}: {rule}: dropped `{from}`"),
            Kind::Negate => write!(f, "{line}: {rule}: negated `{from}`"),
            Kind::Swap => write!(f, "{line}: {rule}: `{from}` is `{to}`"),
        }
    }
}

/// Every mutant of a module, in the order of its text.
pub(super) fn mutants(opa: &Path, path: &str, text: &str) -> Result<Vec<Mutant>> {
    let include = [
        "parse",
        "--format",
        "json",
        "--json-include",
        "locations,-comments",
        path,
    ];
    let tree: Value = serde_json::from_str(&shell::output(&mut shell::command(opa, &include))?)?;
    let mut module = Module {
        text,
        rule: String::new(),
        mutants: Vec::new(),
    };
    for rule in tree["rules"].as_array().into_iter().flatten() {
        module.rule = rule["head"]["ref"][0]["value"].as_str().unwrap_or("?").into();
        module.node(rule).with_context(|| path.to_owned())?;
    }
    module.mutants.sort_by_key(|mutant| mutant.at);
    Ok(module.mutants)
}

struct Module<'t> {
    text: &'t str,
    rule: String,
    mutants: Vec<Mutant>,
}

impl Module<'_> {
    fn node(&mut self, node: &Value) -> Result<()> {
        match node {
            Value::Array(items) => items.iter().try_for_each(|item| self.node(item)),
            Value::Object(members) => {
                if members.contains_key("terms") {
                    self.expression(node)?;
                } else {
                    self.constant(node)?;
                }
                let message = message(node);
                for (name, member) in members.iter().filter(|(name, _)| *name != "location") {
                    match (member, message) {
                        (Value::Array(items), Some(at)) if name == "terms" || name == "value" => {
                            let others = items.iter().enumerate().filter(|(item, _)| *item != at);
                            others.map(|(_, item)| item).try_for_each(|item| self.node(item))?;
                        }
                        _ => self.node(member)?,
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn expression(&mut self, node: &Value) -> Result<()> {
        // What the parser adds, such as the body of a rule that has none, is not written anywhere.
        let Some((line, at, from)) = self.place(node)? else {
            return Ok(());
        };
        let terms = &node["terms"];
        if terms["type"] == "boolean" && from != "true" && from != "false" {
            return Ok(());
        }
        if from != "true" {
            self.push(Kind::Drop, line, at, &from, "true".into());
        }
        let operator = terms[0]["value"][0]["value"].as_str().unwrap_or_default();
        let binds = terms.get("symbols").is_some() || operator == "assign" || operator == "eq";
        if node["negated"] == true {
            let positive = from.strip_prefix("not").context("a negation without `not`")?;
            self.push(Kind::Negate, line, at, &from, positive.trim_start().into());
        } else if !binds && terms.get("domain").is_none() {
            self.push(Kind::Negate, line, at, &from, format!("not {from}"));
        }
        Ok(())
    }

    fn constant(&mut self, node: &Value) -> Result<()> {
        // The place of a reference is not always where its text begins.
        if !matches!(node["type"].as_str(), Some("boolean" | "number" | "string")) {
            return Ok(());
        }
        let Some((line, at, from)) = self.place(node)? else {
            return Ok(());
        };
        let to = match (node["type"].as_str(), from.as_str()) {
            (Some("boolean"), "true") => "false".into(),
            (Some("boolean"), "false") => "true".into(),
            (Some("number"), _) => format!("({from} + 1)"),
            (Some("string"), "\"\"" | "``") => "\"mutant\"".into(),
            // No field of Kubernetes holds a sentence: it is a message, or part of one. Expressions are written raw.
            (Some("string"), text) if text.starts_with('"') && text.contains(' ') => return Ok(()),
            // Names in a reference are strings of the tree, too, but not of the text.
            (Some("string"), quoted) => match (quoted.strip_suffix('"'), quoted.strip_suffix('`')) {
                (Some(open), _) if quoted.starts_with('"') => format!("{open}~\""),
                (_, Some(open)) if quoted.starts_with('`') => format!("{open}~`"),
                _ => return Ok(()),
            },
            _ => return Ok(()),
        };
        self.push(Kind::Swap, line, at, &from, to);
        Ok(())
    }

    fn push(&mut self, kind: Kind, line: usize, at: usize, from: &str, to: String) {
        self.mutants.push(Mutant {
            kind,
            rule: self.rule.clone(),
            from: from.to_owned(),
            to,
            line,
            at,
        });
    }

    /// Line, offset and text of a node, where it has a place in the module.
    fn place(&self, node: &Value) -> Result<Option<(usize, usize, String)>> {
        let location = &node["location"];
        let (Some(row), Some(column)) = (location["row"].as_u64(), location["col"].as_u64()) else {
            return Ok(None);
        };
        let (row, column) = (usize::try_from(row)?, usize::try_from(column)?);
        let from = decode(location["text"].as_str().unwrap_or_default())?;
        // An expression that is a lookup in a literal has no place of its own: the parser gives that of its end.
        if from.is_empty() || from.starts_with(['}', ']', ')']) {
            return Ok(None);
        }
        let mut lines = self.text.split_inclusive('\n');
        let line: usize = lines.by_ref().take(row - 1).map(str::len).sum();
        // OPA counts characters.
        let before = lines.next().unwrap_or_default().chars().take(column - 1);
        let at = line + before.map(char::len_utf8).sum::<usize>();
        let starts = |at: usize| self.text.get(at..).is_some_and(|rest| rest.starts_with(&from));
        // A term in parentheses begins before the column that the parser gives.
        let Some(at) = (line..=at).rev().find(|at| starts(*at)) else {
            bail!("line {row} does not have `{from}` at column {column}");
        };
        Ok(Some((row, at, from)))
    }
}

/// Which operand of a call is a message: the second of a finding, the first of a format, what `msg` is set to.
fn message(node: &Value) -> Option<usize> {
    let parts = node.get("terms").or_else(|| node.get("value"))?;
    let name = |at: usize| parts[0]["value"][at]["value"].as_str();
    match (name(0)?, name(1)) {
        ("result", Some("at" | "related" | "fixed" | "full")) => Some(2),
        ("sprintf", None) => Some(1),
        ("assign", None) if parts[1]["value"] == "msg" => Some(2),
        _ => None,
    }
}

/// Base64 as OPA writes it.
fn decode(text: &str) -> Result<String> {
    let mut bits = 0_u32;
    let mut held = 0;
    let mut bytes = Vec::new();
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => bail!("`{text}` is not base64"),
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff)?);
        }
    }
    Ok(String::from_utf8(bytes)?)
}
