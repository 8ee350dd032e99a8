//! Manifests changed at random, the same everywhere. `xtask` asks Go OPA about them, too.

use policy_core::{Limits, Source, SourceId, parse};
use serde_json::Value;

/// xorshift64*: the same sequence everywhere.
pub struct Random(u64);

impl Random {
    pub fn seeded() -> Self {
        Self(0x5eed)
    }

    /// One of some, of which there must be any.
    pub fn choose<'i, T>(&mut self, items: &'i [T]) -> &'i T {
        &items[self.below(items.len())]
    }

    /// The objects of a manifest, changed, as a JSON array.
    pub fn mutated(&mut self, name: &str, manifest: &str) -> String {
        let mut objects = objects(name, manifest);
        self.mutate(&mut objects);
        Value::Array(objects).to_string()
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).unwrap() % bound
    }

    /// One to three changes, anywhere.
    fn mutate(&mut self, objects: &mut [Value]) {
        for _ in 0..=self.below(3) {
            let at = self.below(objects.len());
            let paths = pointers(&objects[at]);
            let path = paths[self.below(paths.len())].clone();
            if let Some(node) = objects[at].pointer_mut(&path) {
                *node = self.value(node);
            }
        }
    }

    fn value(&mut self, old: &Value) -> Value {
        let values = [
            Value::Null,
            true.into(),
            (-1).into(),
            1.5.into(),
            "".into(),
            "a".into(),
            "${VAR}".into(),
            "$(VAR)".into(),
            "\u{0}é\n".into(),
            Value::Array(Vec::new()),
            serde_json::json!({}),
            serde_json::json!([[null], {"name": 5}]),
            serde_json::json!({"name": ["x"], "": {}}),
            Value::Array(vec![old.clone(), old.clone()]),
            serde_json::json!({"name": old}),
        ];
        values[self.below(values.len())].clone()
    }
}

/// Pointers to every node but the root, its kind and its apiVersion.
fn pointers(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect(value, String::new(), &mut found);
    found.retain(|pointer| !["", "/kind", "/apiVersion"].contains(&pointer.as_str()));
    found
}

fn collect(value: &Value, at: String, found: &mut Vec<String>) {
    let escape = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, item)| collect(item, format!("{at}/{index}"), found));
        }
        Value::Object(members) => {
            members
                .iter()
                .for_each(|(key, member)| collect(member, format!("{at}/{}", escape(key)), found));
        }
        _ => {}
    }
    found.push(at);
}

fn objects(name: &str, manifest: &str) -> Vec<Value> {
    let source = Source {
        id: SourceId(0),
        name: name.into(),
        bytes: manifest.into(),
    };
    let parsed = parse(&source, &Limits::standard());
    parsed
        .documents
        .iter()
        .map(|document| document.root.to_json())
        .collect()
}
