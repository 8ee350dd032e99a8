//! JSON patches (RFC 6902), with the leniencies of the library that kustomize uses.

use super::edit;
use super::fault::Fault;
use crate::tree::{Member, Node, Span, Value};

/// One operation.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    span: Span,
    kind: String,
    path: Option<String>,
    from: Option<String>,
    value: Option<Node>,
}

/// Reads a list of operations.
pub(super) fn read(node: &Node) -> Result<Vec<Operation>, Fault> {
    let invalid = |span, message: &str| Fault::new("kustomize-patch", span, message);
    let items = match &node.value {
        Value::Array(items) => items.as_slice(),
        Value::Null => &[],
        _ => return Err(invalid(node.span, "a JSON patch is a list of operations")),
    };
    let mut operations = Vec::new();
    for item in items {
        if !matches!(item.value, Value::Object(_) | Value::Null) {
            return Err(invalid(item.span, "an operation of a JSON patch is a map"));
        }
        let text = |name: &str| item.get(name).and_then(Node::as_str).map(str::to_owned);
        operations.push(Operation {
            span: item.span,
            kind: text("op").unwrap_or_default(),
            path: text("path"),
            from: text("from"),
            value: item.get("value").cloned(),
        });
    }
    Ok(operations)
}

/// Applies one operation after the other. No result is nested deeper than `depth`; each copy counts against `nodes`.
pub(super) fn apply(root: &mut Node, operations: &[Operation], depth: usize, nodes: &mut usize) -> Result<(), Fault> {
    operations.iter().try_for_each(|operation| {
        run(root, operation, depth, nodes).map_err(|(code, message)| Fault::new(code, operation.span, message))
    })
}

type Failure = (&'static str, String);

fn fails(message: impl Into<String>) -> Failure {
    ("kustomize-patch", message.into())
}

fn run(root: &mut Node, operation: &Operation, depth: usize, nodes: &mut usize) -> Result<(), Failure> {
    let path = || {
        let path = operation.path.as_deref();
        path.ok_or_else(|| fails("the operation has no `path`"))
    };
    let from = || {
        let from = operation.from.as_deref();
        from.ok_or_else(|| fails("the operation has no `from`"))
    };
    let value = || {
        operation.value.clone().unwrap_or(Node {
            span: operation.span,
            value: Value::Null,
        })
    };
    match operation.kind.as_str() {
        "add" => add(root, path()?, value(), depth, nodes),
        "remove" => remove(root, path()?).map(drop),
        "replace" => replace(root, path()?, value(), depth, nodes),
        "move" => {
            let moved = remove(root, from()?)?;
            add(root, path()?, moved, depth, nodes)
        }
        "copy" => {
            let copied = get(root, from()?)?.cloned().unwrap_or(Node {
                span: operation.span,
                value: Value::Null,
            });
            add(root, path()?, copied, depth, nodes)
        }
        "test" => test(root, path()?, &value()),
        _ => Err(fails("`op` must be add, remove, replace, move, copy or test")),
    }
}

/// The container that a path leads into, and the key in it.
fn container<'n>(root: &'n mut Node, path: &str) -> Result<(&'n mut Node, String), Failure> {
    let missing = || fails(format!("the object has no {path:?}, so the patch does not apply"));
    let mut parts = path.split('/').skip(1).map(decoded).peekable();
    let mut node = root;
    loop {
        let part = parts.next().ok_or_else(missing)?;
        if parts.peek().is_none() {
            return match node.value {
                Value::Object(_) | Value::Array(_) => Ok((node, part)),
                _ => Err(missing()),
            };
        }
        node = match &mut node.value {
            Value::Object(members) => {
                let member = members.iter_mut().find(|member| *member.key == *part);
                &mut member.ok_or_else(missing)?.node
            }
            Value::Array(items) => {
                let at = index(&part, items.len()).ok_or_else(missing)?;
                items.get_mut(at).ok_or_else(missing)?
            }
            _ => return Err(missing()),
        };
    }
}

fn decoded(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

/// A place in a list of so many items; negative ones count from the end.
fn index(key: &str, length: usize) -> Option<usize> {
    let at: i64 = key.parse().ok()?;
    match usize::try_from(at) {
        Ok(at) => Some(at),
        Err(_) => length.checked_sub(usize::try_from(at.unsigned_abs()).ok()?),
    }
}

fn get<'n>(root: &'n mut Node, path: &str) -> Result<Option<&'n Node>, Failure> {
    let (node, key) = container(root, path)?;
    match &node.value {
        Value::Array(items) => {
            let item = index(&key, items.len()).and_then(|at| items.get(at));
            item.map(Some)
                .ok_or_else(|| fails(format!("{path:?} is beyond the end of the list")))
        }
        _ => Ok(node.get(&key)),
    }
}

fn bounded(path: &str, value: &Node, depth: usize, nodes: &mut usize) -> Result<(), Failure> {
    if path.split('/').count() + edit::depth(value) > depth {
        let message = "the patch nests lists and maps too deep";
        return Err(("limit-depth", message.into()));
    }
    if !edit::spend(value, nodes) {
        let message = "the build has more nodes than the limit; split the kustomization";
        return Err(("limit-kustomize-nodes", message.into()));
    }
    Ok(())
}

fn add(root: &mut Node, path: &str, value: Node, depth: usize, nodes: &mut usize) -> Result<(), Failure> {
    bounded(path, &value, depth, nodes)?;
    let (node, key) = container(root, path)?;
    match &mut node.value {
        Value::Array(items) => {
            let at = if key == "-" {
                Some(items.len())
            } else {
                index(&key, items.len() + 1)
            };
            match at {
                Some(at) if at <= items.len() => items.insert(at, value),
                _ => return Err(fails(format!("{path:?} is no place in the list"))),
            }
        }
        _ => put(node, &key, value),
    }
    Ok(())
}

fn put(node: &mut Node, key: &str, value: Node) {
    edit::set(node, key, value.span, value);
}

fn remove(root: &mut Node, path: &str) -> Result<Node, Failure> {
    let missing = || fails(format!("the object has no {path:?} to remove"));
    let (node, key) = container(root, path)?;
    match &mut node.value {
        Value::Array(items) => {
            let at = index(&key, items.len()).filter(|at| *at < items.len());
            Ok(items.remove(at.ok_or_else(missing)?))
        }
        _ => edit::remove(node, &key)
            .map(|Member { node, .. }| node)
            .ok_or_else(missing),
    }
}

fn replace(root: &mut Node, path: &str, value: Node, depth: usize, nodes: &mut usize) -> Result<(), Failure> {
    bounded(path, &value, depth, nodes)?;
    if path.is_empty() {
        if value.as_object().is_none() {
            return Err(fails("only a map can take the place of the whole object"));
        }
        *root = value;
        return Ok(());
    }
    let (node, key) = container(root, path)?;
    match &mut node.value {
        Value::Array(items) => {
            let at = index(&key, items.len());
            match at.and_then(|at| items.get_mut(at)) {
                Some(item) => *item = value,
                None => return Err(fails(format!("the list has no {path:?} to replace"))),
            }
        }
        // The library takes a key that is not there for one to add.
        _ => put(node, &key, value),
    }
    Ok(())
}

fn test(root: &mut Node, path: &str, wanted: &Node) -> Result<(), Failure> {
    let failed = || fails(format!("the test of {path:?} fails"));
    let same = if path.is_empty() {
        root.to_json() == wanted.to_json()
    } else {
        match get(root, path)? {
            Some(found) => found.to_json() == wanted.to_json(),
            None => wanted.value == Value::Null,
        }
    };
    if same { Ok(()) } else { Err(failed()) }
}
