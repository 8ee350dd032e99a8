//! Runs the cases in `tests/yaml`, and checks limits, spans and encodings.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Dialect, Parsed, parse};
use crate::limits::Limits;
use crate::source::{Source, SourceId};
use crate::tree::{Node, Value};

fn read(bytes: impl Into<Vec<u8>>, dialect: Dialect, limits: &Limits) -> Parsed {
    parse(
        &Source {
            id: SourceId(0),
            name: "test".into(),
            bytes: bytes.into(),
        },
        dialect,
        limits,
    )
}

fn json(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Number(value) => value.clone().into(),
        Value::String(value) => value.to_string().into(),
        Value::Array(nodes) => nodes.iter().map(json).collect(),
        Value::Object(members) => members
            .iter()
            .map(|member| (member.key.to_string(), json(&member.node)))
            .collect(),
    }
}

/// Numbers are equal if their nearest floats are, as for any reader of JSON.
fn same(left: &serde_json::Value, right: &serde_json::Value) -> bool {
    use serde_json::Value::{Array, Number, Object};
    match (left, right) {
        (Number(left), Number(right)) => {
            // serde_json may read the expectation one place off.
            let (left, right) = (left.as_f64().unwrap(), right.as_f64().unwrap());
            (left - right).abs() <= left.abs() * 1e-15
        }
        (Array(left), Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Object(left), Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(key, left)| right.get(key).is_some_and(|right| same(left, right)))
        }
        _ => left == right,
    }
}

fn problems(parsed: &Parsed) -> String {
    parsed
        .problems
        .iter()
        .map(|problem| format!("{} {}\n", problem.code, problem.line.unwrap_or(0)))
        .collect()
}

fn check(path: &Path, dialect: Dialect) {
    let parsed = read(fs::read(path).unwrap(), dialect, &Limits::standard());
    let expected = fs::read_to_string(path.with_extension("problem")).unwrap_or_default();
    assert_eq!(problems(&parsed), expected, "{}: {:?}", path.display(), parsed.problems);
    match fs::read_to_string(path.with_extension("expected.json")) {
        Ok(expected) => {
            let documents = parsed.documents.iter().map(|document| json(&document.root)).collect();
            let expected = serde_json::from_str(&expected).unwrap();
            assert!(
                same(&documents, &expected),
                "{}: {documents} is not {expected}",
                path.display()
            );
        }
        Err(_) => assert!(!expected.is_empty(), "{} has no expectation", path.display()),
    }
}

fn cases(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.retain(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name.ends_with(".yaml") || name.ends_with(".json")) && !name.ends_with(".expected.json")
    });
    paths.sort();
    assert!(!paths.is_empty());
    paths
}

#[test]
fn reads_as_kubectl_does() {
    for path in cases("yaml") {
        check(&path, Dialect::Kubectl);
    }
}

#[test]
fn reads_as_kustomize_does() {
    for path in cases("yaml/kustomize") {
        check(&path, Dialect::Kustomize);
    }
}

#[test]
fn names_the_key_and_line_of_a_duplicate() {
    let parsed = read("a: 1\nb: 2\na: 3\n", Dialect::Kubectl, &Limits::standard());
    assert!(
        parsed.problems[0].message.contains("\"a\" is already set on line 1"),
        "{:?}",
        parsed.problems
    );
    assert_eq!(parsed.problems[0].source.as_deref(), Some("test"));
    assert!(
        read("a: 1\na: 2\n", Dialect::Kustomize, &Limits::standard())
            .documents
            .is_empty()
    );
}

#[test]
fn counts_the_remarks_it_does_not_list() {
    let parsed = read("a: 1\n".repeat(500), Dialect::Kubectl, &Limits::standard());
    assert_eq!(parsed.problems.len(), 101);
    assert!(
        parsed.problems[100].message.starts_with("399 more"),
        "{:?}",
        parsed.problems[100]
    );
}

#[test]
fn finds_templates() {
    for (text, expected) in [
        ("a: {{ x }}\n", true),
        ("a: x-{{ y }}\n", true),
        ("a: '{{ x }}'\n", false),
        ("# {{\na: |\n  {{\n", false),
    ] {
        assert_eq!(
            read(text, Dialect::Kubectl, &Limits::standard()).has_templates,
            expected,
            "{text:?}"
        );
    }
}

#[test]
fn decodes_utf16() {
    let units: Vec<u16> = "\u{feff}a: é😀\n".encode_utf16().collect();
    for bytes in [
        units.iter().flat_map(|unit| unit.to_le_bytes()).collect::<Vec<u8>>(),
        units.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
    ] {
        let parsed = read(bytes, Dialect::Kubectl, &Limits::standard());
        assert_eq!(json(&parsed.documents[0].root), serde_json::json!({"a": "é😀"}));
    }
}

/// Each limit holds at its value and not one below, for YAML and JSON.
#[test]
fn holds_every_limit() {
    let standard = Limits::standard();
    let yaml = "a: &x [[1]]\nb: *x\n";
    let cases: [(&str, &str, Limits, Limits); 8] = [
        (
            "limit-source-bytes",
            "a: 1",
            Limits {
                source_bytes: 4,
                ..standard.clone()
            },
            Limits {
                source_bytes: 3,
                ..standard.clone()
            },
        ),
        (
            "limit-depth",
            "a:\n- b: 1\n",
            Limits {
                depth: 3,
                ..standard.clone()
            },
            Limits {
                depth: 2,
                ..standard.clone()
            },
        ),
        (
            "limit-depth",
            r#"{"a": [{"b": 1}]}"#,
            Limits {
                depth: 3,
                ..standard.clone()
            },
            Limits {
                depth: 2,
                ..standard.clone()
            },
        ),
        (
            "limit-depth",
            "a: &x [[1]]\nb: [*x]\n",
            Limits {
                depth: 4,
                ..standard.clone()
            },
            Limits {
                depth: 3,
                ..standard.clone()
            },
        ),
        (
            "limit-documents",
            "a\n---\nb\n",
            Limits {
                documents: 2,
                ..standard.clone()
            },
            Limits {
                documents: 1,
                ..standard.clone()
            },
        ),
        (
            "limit-documents",
            "{} {}",
            Limits {
                documents: 2,
                ..standard.clone()
            },
            Limits {
                documents: 1,
                ..standard.clone()
            },
        ),
        (
            "limit-nodes",
            yaml,
            Limits {
                nodes: 7,
                ..standard.clone()
            },
            Limits {
                nodes: 6,
                ..standard.clone()
            },
        ),
        (
            "limit-alias-nodes",
            yaml,
            Limits {
                alias_nodes: 3,
                ..standard.clone()
            },
            Limits {
                alias_nodes: 2,
                ..standard.clone()
            },
        ),
    ];
    for (code, text, at, below) in cases {
        let parsed = read(text, Dialect::Kubectl, &at);
        assert!(parsed.problems.is_empty(), "{code} {text:?}: {:?}", parsed.problems);
        let parsed = read(text, Dialect::Kubectl, &below);
        assert_eq!(
            parsed
                .problems
                .iter()
                .map(|problem| problem.code.clone())
                .collect::<Vec<_>>(),
            [code],
            "{text:?}"
        );
    }
}

#[test]
fn withstands_bombs() {
    let deep = 100_000;
    let laughs: String = (1..12)
        .map(|at| format!("a{at}: &a{at} [{}]\n", format!("*a{},", at - 1).repeat(9)))
        .collect();
    for (text, code) in [
        ("[".repeat(deep), "limit-depth"),
        (format!("{}{}", "[".repeat(deep), "]".repeat(deep)), "limit-depth"),
        ("a: ".to_owned() + &"{a: ".repeat(deep), "limit-depth"),
        ("- ".repeat(deep), "limit-depth"),
        ("a0: &a0 [x]\n".to_owned() + &laughs, "limit-alias-nodes"),
        (format!("a: [[{}]]", "b,".repeat(2_000_000)), "limit-lookahead"),
    ] {
        assert!(
            problems(&read(text, Dialect::Kubectl, &Limits::standard())).starts_with(code),
            "{code}"
        );
    }
}

/// Spans as `path=text` lines.
fn spans(node: &Node, text: &str, path: &str, lines: &mut Vec<String>) {
    lines.push(format!(
        "{path}={}",
        &text[node.span.start as usize..node.span.end as usize]
    ));
    match &node.value {
        Value::Array(nodes) => {
            for (at, node) in nodes.iter().enumerate() {
                spans(node, text, &format!("{path}/{at}"), lines);
            }
        }
        Value::Object(members) => {
            for member in members {
                let key = &text[member.key_span.start as usize..member.key_span.end as usize];
                spans(&member.node, text, &format!("{path}/{key}"), lines);
            }
        }
        _ => {}
    }
}

#[test]
fn spans_cover_what_was_written() {
    for (text, expected) in [
        (
            "é: \"ü\" # c\nb: 'x#'''  # 'y'\n",
            vec!["=é: \"ü\" # c\nb: 'x#'''", "/é=\"ü\"", "/b='x#'''"],
        ),
        (
            "a:\n- b\n-\n- c: |\n    x\n\n\n",
            vec![
                "=a:\n- b\n-\n- c: |\n    x",
                "/a=- b\n-\n- c: |\n    x",
                "/a/0=b",
                "/a/1=",
                "/a/2=c: |\n    x",
                "/a/2/c=x",
            ],
        ),
        (
            "a: &x !!map {b: [1, 2], c: }\nd: *x\n",
            vec![
                "=a: &x !!map {b: [1, 2], c: }\nd: *x",
                "/a={b: [1, 2], c: }",
                "/a/b=[1, 2]",
                "/a/b/0=1",
                "/a/b/1=2",
                "/a/c=",
                "/d={b: [1, 2], c: }",
                "/d/b=[1, 2]",
                "/d/b/0=1",
                "/d/b/1=2",
                "/d/c=",
            ],
        ),
        (
            "\r\n{\t\"a\": [1, \"\\\"]\"],\r\n\"b\": null}",
            vec![
                "={\t\"a\": [1, \"\\\"]\"],\r\n\"b\": null}",
                "/\"a\"=[1, \"\\\"]\"]",
                "/\"a\"/0=1",
                "/\"a\"/1=\"\\\"]\"",
                "/\"b\"=null",
            ],
        ),
    ] {
        let parsed = read(text, Dialect::Kubectl, &Limits::standard());
        let mut lines = Vec::new();
        spans(&parsed.documents[0].root, parsed.text.text(), "", &mut lines);
        assert_eq!(lines, expected);
    }
    let parsed = read("a:   \n\nb: 1\n", Dialect::Kubectl, &Limits::standard());
    let Value::Object(members) = &parsed.documents[0].root.value else {
        panic!("{parsed:?}")
    };
    assert_eq!((members[0].node.span.start, members[0].node.span.end), (2, 2));
}
