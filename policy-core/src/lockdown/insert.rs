//! Appending items to a list in YAML that people wrote: every line of theirs stays, and the new ones look like them.

use crate::engine::{parse, source_id};
use crate::limits::Limits;
use crate::source::{Source, SourceText};
use crate::tree::{Node, Value};

/// A file with new lines.
pub(super) struct Inserted {
    /// All of it.
    pub(super) text: String,
    /// The new lines.
    pub(super) lines: String,
    /// The number of the line before them, from 1.
    pub(super) after: u32,
}

/// Appends items, as lines with the dash at the left, to the list under these keys of a document. What is missing on the
/// way there is made.
///
/// # Errors
/// Why not: the place is written in a form to which lines cannot be added.
pub(super) fn append(text: &str, document: usize, keys: &[&str], items: &[String]) -> Result<Inserted, String> {
    let (source, documents) = read(text);
    let root = documents.get(document).ok_or("the document is empty")?;
    let lines = Lines::of(&source);
    let place = lines.place(root, keys)?;
    let end_of_line = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut new: Vec<String> = Vec::new();
    let mut indent = place.indent;
    for (at, key) in place.missing.iter().enumerate() {
        indent = place.indent + at * 2;
        new.push(format!("{}{key}:", " ".repeat(indent)));
    }
    if !place.missing.is_empty() {
        indent += lines.list_indent(root).unwrap_or(2);
    }
    new.extend(items.iter().map(|line| format!("{}{line}", " ".repeat(indent))));
    let new: String = new.iter().map(|line| format!("{line}{end_of_line}")).collect();
    let mut changed: String = lines
        .0
        .iter()
        .take(place.after)
        .map(|line| (*line).to_owned())
        .collect();
    if !changed.ends_with('\n') {
        changed += end_of_line;
    }
    changed += &new;
    lines.0.iter().skip(place.after).for_each(|line| changed += line);
    verify(&documents, &read(&changed).1, document, keys, items)?;
    Ok(Inserted {
        text: changed,
        lines: new.replace("\r\n", "\n"),
        after: u32::try_from(place.after).unwrap_or(u32::MAX),
    })
}

/// The key that the items of such a list begin with, as the first one tells.
pub(super) fn first_key(text: &str, document: usize, keys: &[&str]) -> Option<String> {
    let (_, documents) = read(text);
    let list = keys
        .iter()
        .try_fold(documents.get(document)?, |node, key| node.get(key))?;
    let item = list.as_array()?.first()?.as_object()?;
    Some(item.first()?.key.to_string())
}

/// Where new lines go.
struct Place<'k> {
    /// How many lines stand before them.
    after: usize,
    /// The column of the list's dashes, or of the first missing key.
    indent: usize,
    /// The keys that have to be written first.
    missing: &'k [&'k str],
}

/// The lines of a text, with their ends.
struct Lines<'t>(Vec<&'t str>, &'t SourceText);

impl<'t> Lines<'t> {
    fn of(source: &'t SourceText) -> Self {
        Self(source.text().split_inclusive('\n').collect(), source)
    }

    fn place<'k>(&self, root: &Node, keys: &'k [&'k str]) -> Result<Place<'k>, String> {
        let mut node = root;
        for (at, key) in keys.iter().enumerate() {
            let members = node.as_object().filter(|members| !members.is_empty());
            let members = members.ok_or_else(|| format!("`{}` is no mapping with members", keys_before(keys, at)))?;
            let first = members.first().ok_or("a mapping without members")?;
            let start = self.line_of(first.key_span.start);
            let column = self.column_of(first.key_span.start);
            if self.indent_of(start) != Some(column) && !self.follows_dash(start, column) {
                return Err(format!("`{}` is written on one line", keys_before(keys, at)));
            }
            match node.get(key) {
                Some(next) => node = next,
                None => {
                    return Ok(Place {
                        after: self.end(start, column, false),
                        indent: column,
                        missing: keys.get(at..).unwrap_or(&[]),
                    });
                }
            }
        }
        let path = keys.join(".");
        let first = match &node.value {
            Value::Array(items) => items
                .first()
                .ok_or_else(|| format!("`{path}` is an empty list; remove it"))?,
            _ => return Err(format!("`{path}` is no list")),
        };
        let start = self.line_of(first.span.start);
        let dash = self
            .indent_of(start)
            .filter(|_| self.0.get(start).is_some_and(|line| is_item(line)));
        let indent = dash.ok_or_else(|| format!("`{path}` is not written with an item a line"))?;
        Ok(Place {
            after: self.end(start, indent, true),
            indent,
            missing: &[],
        })
    }

    /// How many lines stand before the end of a block that has this line and column. The dashes of a list that is a member
    /// may stand below the member's key.
    fn end(&self, start: usize, column: usize, is_list: bool) -> usize {
        let mut end = start + 1;
        for (at, line) in self.0.iter().enumerate().skip(start + 1) {
            let Some(indent) = self.indent_of(at) else { continue };
            let is_comment = line.trim_start().starts_with('#');
            let belongs = indent > column || (indent == column && !is_comment && (!is_list || is_item(line)));
            if indent == 0 && is_marker(line) || !belongs && !is_comment {
                break;
            }
            if belongs {
                end = at + 1;
            }
        }
        end
    }

    /// How far the dashes of the first list are right of its key.
    fn list_indent(&self, node: &Node) -> Option<usize> {
        node.as_object()?.iter().find_map(|member| {
            let Some(items) = member.node.as_array() else {
                return self.list_indent(&member.node);
            };
            let line = self.line_of(items.first()?.span.start);
            let dash = self
                .indent_of(line)
                .filter(|_| self.0.get(line).is_some_and(|line| is_item(line)))?;
            dash.checked_sub(self.column_of(member.key_span.start))
        })
    }

    /// From 0.
    fn line_of(&self, at: u32) -> usize {
        self.1.position(at).line as usize - 1
    }

    /// From 0, in characters.
    fn column_of(&self, at: u32) -> usize {
        self.1.position(at).column as usize - 1
    }

    /// The spaces before the text of a line; `None` where there is no text.
    fn indent_of(&self, line: usize) -> Option<usize> {
        let line = self.0.get(line)?.trim_end();
        (!line.is_empty()).then(|| line.len() - line.trim_start_matches(' ').len())
    }

    /// Whether a mapping begins behind the dash of an item.
    fn follows_dash(&self, line: usize, column: usize) -> bool {
        let before = self.0.get(line).and_then(|line| line.get(..column));
        before.is_some_and(|before| before.contains('-') && before.chars().all(|c| c == ' ' || c == '-'))
    }
}

fn is_item(line: &str) -> bool {
    let line = line.trim();
    !is_marker(line) && (line == "-" || line.starts_with("- "))
}

fn is_marker(line: &str) -> bool {
    let line = line.trim_end();
    ["---", "..."]
        .iter()
        .any(|marker| line == *marker || line.strip_prefix(marker).is_some_and(|rest| rest.starts_with(' ')))
}

fn keys_before(keys: &[&str], at: usize) -> String {
    match keys.get(..at) {
        None | Some([]) => "the document".into(),
        Some(keys) => keys.join("."),
    }
}

fn read(text: &str) -> (SourceText, Vec<Node>) {
    let source = Source {
        id: source_id(0),
        name: String::new(),
        bytes: text.into(),
    };
    let parsed = parse(&source, &Limits::standard());
    let documents = parsed.documents.into_iter().map(|document| document.root).collect();
    (parsed.text, documents)
}

/// The new text says what the old one did, and the items.
fn verify(before: &[Node], after: &[Node], document: usize, keys: &[&str], items: &[String]) -> Result<(), String> {
    let text: String = items.iter().map(|line| format!("{line}\n")).collect();
    let new = read(&text).1.first().map(Node::to_json);
    let mut expected: Vec<serde_json::Value> = before.iter().map(Node::to_json).collect();
    let added = expected.get_mut(document).and_then(|root| {
        let list = keys.iter().try_fold(root, |node, key| {
            let members = node.as_object_mut()?;
            Some(members.entry(*key).or_insert_with(|| match keys.last() {
                Some(last) if last == key => serde_json::json!([]),
                _ => serde_json::json!({}),
            }))
        });
        list?.as_array_mut()?.extend(new?.as_array()?.iter().cloned());
        Some(())
    });
    let after: Vec<serde_json::Value> = after.iter().map(Node::to_json).collect();
    match added {
        Some(()) if after == expected => Ok(()),
        _ => Err("lines cannot be added to it without changing what it says".into()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests may")]

    use super::append;

    /// What becomes of a kustomization, or why nothing does.
    fn patches(text: &str) -> Result<String, String> {
        append(text, 0, &["patches"], &["- a: 1".into(), "  b: 2".into()]).map(|inserted| inserted.text)
    }

    #[test]
    fn a_list_is_made_in_the_style_of_the_others() {
        let indented = "kind: Kustomization\nresources:\n  - a.yaml\n";
        assert_eq!(
            patches(indented),
            Ok(format!("{indented}patches:\n  - a: 1\n    b: 2\n"))
        );
        let flush = "kind: Kustomization\nresources:\n- a.yaml\n";
        assert_eq!(patches(flush), Ok(format!("{flush}patches:\n- a: 1\n  b: 2\n")));
        assert_eq!(patches("kind: K"), Ok("kind: K\npatches:\n  - a: 1\n    b: 2\n".into()));
    }

    #[test]
    fn items_follow_the_last_one() {
        let text = "patches:\n- patch: |\n    - op: add\n\n    # part of the text\n  target: {kind: Deployment}\n\n# about the images\nimages:\n- name: a\n";
        let new = text.replace("\n\n# about", "\n- a: 1\n  b: 2\n\n# about");
        assert_eq!(patches(text), Ok(new));
        let last = "resources: [a]\npatches:\n    - path: a.yaml\n---\nother: 1\n";
        assert_eq!(patches(last), Ok(last.replace("---", "    - a: 1\n      b: 2\n---")));
    }

    #[test]
    fn lines_end_as_they_do() {
        assert_eq!(
            patches("a: 1\r\n"),
            Ok("a: 1\r\npatches:\r\n  - a: 1\r\n    b: 2\r\n".into())
        );
    }

    #[test]
    fn what_cannot_be_continued_is_refused() {
        for text in [
            "",
            "{a: 1}\n",
            "patches: []\n",
            "patches: [{a: 1}]\n",
            "patches: a\n",
            "- a\n",
            "patches: {a: 1}\n",
        ] {
            assert!(patches(text).is_err(), "{text}");
        }
        assert!(patches("x: &x\n- 1\npatches: *x\n").is_err());
    }

    #[test]
    fn missing_keys_are_made_in_their_document() {
        let text = "kind: Other\n---\nkind: FluxInstance\nspec:\n  components:\n    - source-controller\n  cluster:\n    size: small\n# the end\n";
        let inserted = append(text, 1, &["spec", "kustomize", "patches"], &["- a: 1".into()]).unwrap();
        let new = "  kustomize:\n    patches:\n      - a: 1\n";
        assert_eq!(inserted.text, text.replace("# the end", &format!("{new}# the end")));
        assert_eq!((inserted.lines.as_str(), inserted.after), (new, 8));
    }
}
