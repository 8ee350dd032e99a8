//! ConfigMaps and Secrets from literals and files, and the hashes in their names.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::accumulate::Build;
use super::edit;
use super::fault::Fault;
use super::files::{Files, needs_quotes};
use super::model::{Generator, GeneratorOptions, Kustomization};
use super::read::{Pair, Text};
use super::resource::{Behavior, Resource};
use crate::tree::{Node, Span, Value};

/// What is generated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    ConfigMap,
    Secret,
}

/// A line longer than this ends kustomize's reading of the file, without a word.
const LONGEST_LINE: usize = 64 << 10;

/// A value under its key.
struct Datum {
    key: String,
    value: Vec<u8>,
    span: Span,
}

/// Generates one object and puts it in its place among the others.
pub(super) fn generate(
    build: &mut Build<'_>,
    resources: &mut Vec<Resource>,
    folder: &str,
    kustomization: &Kustomization,
    generator: &Generator,
    kind: Kind,
) -> Result<(), Fault> {
    let options = merged(generator.options.clone(), kustomization.generator_options.as_ref());
    let data = data(build, folder, generator)?;
    let mut made = make(generator, options.as_ref(), data, kind)?;
    made.needs_hash = options.is_none_or(|options| !options.disable_name_suffix_hash);
    made.behavior = match generator.behavior.as_str() {
        "replace" => Behavior::Replace,
        "merge" => Behavior::Merge,
        _ => Behavior::Create,
    };
    build.budget.take(&made.node)?;
    absorb(resources, made, build.files)
}

/// The options of all generators, under those of this one.
fn merged(own: Option<GeneratorOptions>, all: Option<&GeneratorOptions>) -> Option<GeneratorOptions> {
    let Some(all) = all else { return own };
    let Some(mut own) = own else { return Some(all.clone()) };
    let add = |own: &mut Vec<Pair>, all: &[Pair]| {
        for pair in all {
            if !own.iter().any(|known| known.key == pair.key) {
                own.push(pair.clone());
            }
        }
    };
    add(&mut own.labels, &all.labels);
    add(&mut own.annotations, &all.annotations);
    own.disable_name_suffix_hash |= all.disable_name_suffix_hash;
    own.immutable = own.immutable.or(all.immutable);
    Some(own)
}

fn make(
    generator: &Generator,
    options: Option<&GeneratorOptions>,
    data: Vec<Datum>,
    kind: Kind,
) -> Result<Resource, Fault> {
    let span = generator.span;
    let Some(name) = &generator.name else {
        return Err(Fault::new("kustomize-generator", span, "the generator has no `name`"));
    };
    let mut node = edit::map(span);
    let kind_name = match kind {
        Kind::ConfigMap => "ConfigMap",
        Kind::Secret => "Secret",
    };
    edit::set(&mut node, "apiVersion", span, edit::text("v1", span));
    edit::set(&mut node, "kind", span, edit::text(kind_name, span));
    let mut metadata = edit::map(span);
    let text = |text: &Text| edit::text(text.value.clone(), text.span);
    edit::set(&mut metadata, "name", name.span, text(name));
    if let Some(namespace) = &generator.namespace {
        edit::set(&mut metadata, "namespace", namespace.span, text(namespace));
    }
    for (field, pairs) in [
        ("labels", options.map(|options| &options.labels)),
        ("annotations", options.map(|options| &options.annotations)),
    ] {
        for pair in pairs.into_iter().flatten() {
            if let Some(map) = edit::map_under(&mut metadata, field, span) {
                edit::set(map, &pair.key, pair.key_span, text(&pair.value));
            }
        }
    }
    edit::set(&mut node, "metadata", span, metadata);
    if kind == Kind::Secret {
        let secret_type = generator
            .secret_type
            .as_ref()
            .map_or_else(|| edit::text("Opaque", span), text);
        edit::set(&mut node, "type", span, secret_type);
        edit::set(&mut node, "data", span, edit::map(span));
    }
    let mut seen: Vec<String> = Vec::new();
    for Datum { key, value, span: at } in data {
        if needs_quotes(&key) {
            let message = format!("kustomize cannot write the key {key:?}, which YAML takes for no string");
            return Err(Fault::new("kustomize-generator", at, message));
        }
        if seen.contains(&key) {
            let message = format!("the key {key:?} is generated twice");
            return Err(Fault::new("kustomize-generator", at, message));
        }
        let (field, value) = match String::from_utf8(value) {
            Ok(text) if kind == Kind::ConfigMap => ("data", text),
            Ok(text) => ("data", base64(text.as_bytes())),
            Err(error) if kind == Kind::ConfigMap => ("binaryData", base64(error.as_bytes())),
            Err(error) => ("data", base64(error.as_bytes())),
        };
        if let Some(map) = edit::map_under(&mut node, field, span) {
            edit::set(map, &key, at, edit::text(value, at));
        }
        seen.push(key);
    }
    if let Some(at) = options.and_then(|options| options.immutable) {
        let value = Node {
            span: at,
            value: Value::Bool(true),
        };
        edit::set(&mut node, "immutable", at, value);
    }
    Ok(Resource::new(node))
}

/// The pairs of a generator: of its env files, its literals and its files.
fn data(build: &mut Build<'_>, folder: &str, generator: &Generator) -> Result<Vec<Datum>, Fault> {
    let mut data = Vec::new();
    for env in &generator.envs {
        env_lines(build.load(folder, env)?.bytes(), env.span, &mut data)?;
    }
    for literal in &generator.literals {
        let Some((key, value)) = literal.value.split_once('=').filter(|(key, _)| !key.is_empty()) else {
            let message = "a literal is `key=value`";
            return Err(Fault::new("kustomize-generator", literal.span, message));
        };
        let quoted = ['"', '\''].into_iter().find_map(|quote| {
            let inner = value.strip_prefix(quote)?;
            inner.strip_suffix(quote)
        });
        data.push(Datum {
            key: key.to_owned(),
            value: quoted.unwrap_or(value).as_bytes().to_vec(),
            span: literal.span,
        });
    }
    for file in &generator.files {
        let (key, path) = match file.value.split_once('=') {
            None => (
                file.value.rsplit('/').find(|part| !part.is_empty()).unwrap_or("."),
                &*file.value,
            ),
            Some((key, path)) if !key.is_empty() && !path.is_empty() && !path.contains('=') => (key, path),
            Some(_) => {
                let message = "a file is a path, or `key=path` with one `=`";
                return Err(Fault::new("kustomize-generator", file.span, message));
            }
        };
        let path = Text {
            value: path.into(),
            span: file.span,
        };
        data.push(Datum {
            key: key.to_owned(),
            value: build.load(folder, &path)?.bytes().to_vec(),
            span: file.span,
        });
    }
    Ok(data)
}

fn env_lines(bytes: &[u8], span: Span, data: &mut Vec<Datum>) -> Result<(), Fault> {
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    for line in bytes.split(|byte| *byte == b'\n') {
        if line.len() >= LONGEST_LINE {
            let message = "an env file has a line of 64 KiB or more, after which kustomize reads no further";
            return Err(Fault::unknowable("kustomize-generator", span, message));
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Ok(line) = std::str::from_utf8(line) else {
            let message = "an env file must be UTF-8";
            return Err(Fault::new("kustomize-generator", span, message));
        };
        let line = line.trim_start();
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        if line.starts_with('#') || key.is_empty() {
            continue;
        }
        data.push(Datum {
            key: key.to_owned(),
            value: value.as_bytes().to_vec(),
            span,
        });
    }
    Ok(())
}

/// Adds a generated object, or merges it with the one there is.
fn absorb(resources: &mut Vec<Resource>, mut made: Resource, files: &Files) -> Result<(), Fault> {
    let id = made.id(files);
    let fault = |message: String| Err(Fault::new("kustomize-generator", made.base, message));
    let mut same = resources.iter_mut().filter(|resource| resource.ever_was(&id, files));
    let (found, more) = (same.next(), same.next().is_some());
    let Some(old) = found else {
        if made.behavior != Behavior::Create {
            return fault(format!("there is no {} to merge with or to replace", id.display()));
        }
        resources.push(made);
        return Ok(());
    };
    if more {
        return fault(format!("more than one object is {}", id.display()));
    }
    if made.behavior == Behavior::Create {
        let message = format!(
            "there is a {} already; set `behavior` to merge or replace",
            id.display()
        );
        return fault(message);
    }
    let metadata = |resource: &Resource, field: &str| {
        let metadata = resource.node.get("metadata");
        metadata.and_then(|metadata| metadata.get(field)).cloned()
    };
    let span = made.base;
    let (labels, annotations) = (metadata(old, "labels"), metadata(old, "annotations"));
    let (name, namespace) = (metadata(old, "name"), metadata(old, "namespace"));
    if let Some(own) = edit::map_under(&mut made.node, "metadata", span) {
        for (field, under) in [("labels", labels), ("annotations", annotations)] {
            beneath(own, field, under, files);
        }
        for (field, value) in [("name", name), ("namespace", namespace)] {
            match value {
                Some(value) => edit::set(own, field, value.span, value),
                None => drop(edit::remove(own, field)),
            }
        }
    }
    if made.behavior == Behavior::Merge {
        for field in ["data", "binaryData"] {
            beneath(&mut made.node, field, old.node.get(field).cloned(), files);
        }
    }
    made.needs_hash &= old.needs_hash;
    made.behavior = old.behavior;
    made.previous = std::mem::take(&mut old.previous);
    made.prefixes = std::mem::take(&mut old.prefixes);
    made.suffixes = std::mem::take(&mut old.suffixes);
    made.unknown.append(&mut old.unknown);
    made.base = old.base;
    *old = made;
    Ok(())
}

/// Puts the members of one map under those of another. All are strings then, and an empty map goes.
fn beneath(node: &mut Node, field: &str, under: Option<Node>, files: &Files) {
    let under = under.map(|node| node.value);
    if let Some(Value::Object(members)) = under {
        for member in members {
            let own = node.get(field).and_then(|map| map.get(&member.key));
            if own.is_none()
                && let Some(map) = edit::map_under(node, field, member.key_span)
            {
                let text = match member.node.value {
                    Value::Null => String::new(),
                    _ => files.written(&member.node).into_owned(),
                };
                edit::set(map, &member.key, member.key_span, edit::text(text, member.node.span));
            }
        }
    }
    super::patches::texts(node, field, files);
}

/// The end of a generated name: ten letters that stand for the content.
pub(super) fn hash(resource: &Resource, files: &Files) -> Option<String> {
    let node = &resource.node;
    let field = |name: &str| match node.get(name) {
        None => Some("\"\"".to_owned()),
        Some(value) => match &value.value {
            Value::Object(_) => json(value),
            Value::Array(_) => None,
            _ => json(&edit::text(files.written(value), value.span)),
        },
    };
    let is_map = |name: &str| node.get(name).is_some_and(|node| node.as_object().is_some());
    let mut parts = Vec::new();
    match node.get("kind").and_then(Node::as_str)? {
        "ConfigMap" => {
            if is_map("binaryData") {
                parts.push(format!("\"binaryData\":{}", field("binaryData")?));
            }
            parts.push(format!("\"data\":{}", field("data")?));
            parts.push("\"kind\":\"ConfigMap\",\"name\":\"\"".to_owned());
        }
        "Secret" => {
            parts.push(format!("\"data\":{}", field("data")?));
            parts.push("\"kind\":\"Secret\",\"name\":\"\"".to_owned());
            if is_map("stringData") {
                parts.push(format!("\"stringData\":{}", field("stringData")?));
            }
            parts.push(format!("\"type\":{}", field("type")?));
        }
        _ => return None,
    }
    let digest = Sha256::digest(format!("{{{}}}", parts.join(",")));
    let mut hex = String::new();
    for byte in digest {
        write!(hex, "{byte:02x}").ok()?;
    }
    let letter = |digit| match digit {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        other => other,
    };
    Some(hex.chars().take(10).map(letter).collect())
}

/// A map of scalars as Go writes it to JSON; nothing for what it would round.
fn json(node: &Node) -> Option<String> {
    match &node.value {
        Value::Null => Some("null".into()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => {
            let int = number.as_i64().filter(|int| int.unsigned_abs() < 1 << 53)?;
            Some(int.to_string())
        }
        Value::String(text) => Some(json_string(text)),
        Value::Array(items) => {
            let items: Option<Vec<String>> = items.iter().map(json).collect();
            Some(format!("[{}]", items?.join(",")))
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by(|one, other| one.key.cmp(&other.key));
            let members = sorted.into_iter();
            let members: Option<Vec<String>> = members
                .map(|member| Some(format!("{}:{}", json_string(&member.key), json(&member.node)?)))
                .collect();
            Some(format!("{{{}}}", members?.join(",")))
        }
    }
}

fn json_string(text: &str) -> String {
    let mut result = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => result.push_str("\\\""),
            '\\' => result.push_str("\\\\"),
            '\n' => result.push_str("\\n"),
            '\r' => result.push_str("\\r"),
            '\t' => result.push_str("\\t"),
            '\u{8}' => result.push_str("\\b"),
            '\u{c}' => result.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                result.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            other => result.push(other),
        }
    }
    result.push('"');
    result
}

/// Base64 in lines of 70 letters, as kustomize writes it.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const LINE: usize = 70;
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let six = (bits >> (18 - 6 * at)) & 63;
            let letter = LETTERS.get(six as usize).filter(|_| at <= chunk.len());
            text.push(char::from(letter.copied().unwrap_or(b'=')));
        }
    }
    if text.len() < LINE {
        return text;
    }
    let mut lines = String::new();
    for line in text.as_bytes().chunks(LINE) {
        lines.extend(line.iter().map(|byte| char::from(*byte)));
        lines.push('\n');
    }
    lines
}
