//! JSON values as YAML for people: block style, text of several lines as it is.

use std::fmt::Write as _;

use serde_json::Value;

/// One document.
pub(crate) fn document(value: &Value) -> String {
    let mut out = String::new();
    node(value, 0, &mut out);
    out
}

/// A value on lines of its own, each indented.
fn node(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (key, member) in members {
                _ = write!(out, "{:indent$}{}:", "", word(key));
                // A list stands as deep as its key.
                let deeper = if member.is_array() { indent } else { indent + 2 };
                attached(member, indent + 2, deeper, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                _ = write!(out, "{:indent$}-", "");
                match item {
                    Value::Object(members) if !members.is_empty() => {
                        let mut inner = String::new();
                        node(item, indent + 2, &mut inner);
                        _ = write!(out, " {}", inner.trim_start());
                    }
                    _ => attached(item, indent + 2, indent + 2, out),
                }
            }
        }
        _ => _ = writeln!(out, "{:indent$}{}", "", scalar(value)),
    }
}

/// A value behind its key or dash.
fn attached(value: &Value, text: usize, deeper: usize, out: &mut String) {
    match value {
        Value::String(lines) if is_block(lines) => {
            *out += if lines.ends_with('\n') { " |\n" } else { " |-\n" };
            for line in lines.lines() {
                match line {
                    "" => out.push('\n'),
                    line => _ = writeln!(out, "{:text$}{line}", ""),
                }
            }
        }
        Value::Object(members) if !members.is_empty() => {
            out.push('\n');
            node(value, deeper, out);
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            node(value, deeper, out);
        }
        _ => _ = writeln!(out, " {}", scalar(value)),
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => word(text),
        Value::Object(_) => "{}".into(),
        Value::Array(_) => "[]".into(),
        other => other.to_string(),
    }
}

/// Whether text can be written as a literal block: its lines keep their bytes, and the first tells the indentation.
fn is_block(text: &str) -> bool {
    text.trim_end_matches('\n').contains('\n')
        && !text.starts_with([' ', '\t', '\n'])
        && !text.ends_with("\n\n")
        && text.chars().all(|c| !c.is_control() || c == '\n' || c == '\t')
}

/// Text that no reader takes for anything else, plain where that is certain.
fn word(text: &str) -> String {
    const TAKEN: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let starts = text.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '/');
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "_./-".contains(c));
    if starts && plain && !TAKEN.contains(&text.to_ascii_lowercase().as_str()) {
        text.into()
    } else {
        Value::from(text).to_string()
    }
}

#[cfg(test)]
mod tests {
    use policy_core::{Limits, Source, SourceId, parse};
    use serde_json::json;

    use super::document;

    #[test]
    fn what_is_written_reads_back() {
        let values = [
            json!({"a": {"b": [1, true, null, "yes", "1", "", "x: y", "- z", "# c", "ä\u{7}"], "c": {}, "d": []}}),
            json!([{"a": [{"b": "c", "d": [[1, [2]], []]}]}, [], {}, "e"]),
            json!({"text": "one\n\n  two\n\tthree\n", "open": "one\ntwo", "odd": " one\ntwo", "ends": "one\n\n", "cr": "a\r\nb"}),
            json!({"list": ["one\ntwo\n", "three"], "yes": 1, "a b": 2, "": 3}),
        ];
        for value in values {
            let source = Source {
                id: SourceId(0),
                name: "written".into(),
                bytes: document(&value).into_bytes(),
            };
            let parsed = parse(&source, &Limits::standard());
            assert_eq!(parsed.problems, [], "{}", document(&value));
            assert_eq!(parsed.documents[0].root.to_json(), value, "{}", document(&value));
        }
    }
}
