//! The objects of one cluster, and `data.inventory` in the shape that Gatekeeper gives it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::error::Problem;
use crate::object::Object;
use crate::rego;
use crate::report::ObjectRef;
use crate::source::Texts;

/// The objects of one cluster, in the order of their sources. Each identity stands in it once.
#[derive(Debug, Default)]
pub(crate) struct Inventory {
    objects: Vec<Object>,
    /// Each object on the Rego side, from when it is loaded until it is taken.
    values: Vec<Mutex<Option<rego::Value>>>,
    /// The places of the objects, sorted by [`name`], once one was asked for.
    by_name: OnceLock<Vec<usize>>,
}

/// Group, kind, namespace and name.
type Identity<'o> = (&'o str, &'o str, &'o str, &'o str);

/// API version, kind, namespace and name.
type Name<'o> = (&'o str, &'o str, &'o str, &'o str);

impl Inventory {
    /// Takes the objects of a cluster. Of two objects of one identity the first is kept, and a problem names both.
    pub(crate) fn new(objects: Vec<Object>, texts: &Texts) -> (Self, Vec<Problem>) {
        let mut first_of: HashMap<Identity<'_>, &Object> = HashMap::new();
        let mut problems = Vec::new();
        let mut is_first = |object| {
            let Some(first) = first_of.get(&identity(object)) else {
                // Objects that the API server names are never the same.
                let metadata = object.node.get("metadata");
                if metadata.and_then(|metadata| metadata.get("name")).is_some() {
                    first_of.insert(identity(object), object);
                }
                return true;
            };
            let (first, span) = (first.node.span, object.node.span);
            let (first_name, first) = texts.place(first.source, first.start);
            let (name, position) = texts.place(span.source, span.start);
            let message = format!(
                "{} is already defined at {first_name}:{}; keep one",
                object.display(),
                first.line
            );
            problems.push(Problem::new("duplicate-object", message).in_source(name, Some(position.line)));
            false
        };
        let kept: Vec<bool> = objects.iter().map(&mut is_first).collect();
        let objects = objects.into_iter().zip(kept);
        let objects = objects.filter_map(|(object, is_kept)| is_kept.then_some(object));
        (Self::of(objects.collect()), problems)
    }

    /// Takes objects of which several may have one identity.
    pub(crate) fn of(objects: Vec<Object>) -> Self {
        Self {
            values: objects.iter().map(|_| Mutex::new(None)).collect(),
            objects,
            by_name: OnceLock::new(),
        }
    }

    /// These objects with others in place of those of the same identity.
    pub(crate) fn with(&self, others: &Self) -> Self {
        let replaced: Vec<Identity<'_>> = others.objects.iter().map(identity).collect();
        let old = self.objects.iter().zip(&self.values);
        let old = old.filter(|(object, _)| !replaced.contains(&identity(object)));
        let new = others.objects.iter().zip(&others.values);
        let (objects, values) = old
            .chain(new)
            .map(|(object, value)| (object.clone(), Mutex::new(Some(loaded(object, value)))))
            .unzip();
        Self {
            objects,
            values,
            by_name: OnceLock::new(),
        }
    }

    /// The objects, in the order of their sources.
    pub(crate) fn objects(&self) -> &[Object] {
        &self.objects
    }

    /// Converts the object number `at`.
    pub(crate) fn load(&self, at: usize) {
        if let Some((object, value)) = self.objects.get(at).zip(self.values.get(at)) {
            loaded(object, value);
        }
    }

    /// The object number `at` on the Rego side, which is not kept any longer.
    pub(crate) fn take(&self, at: usize) -> Option<rego::Value> {
        let (object, value) = self.objects.get(at).zip(self.values.get(at))?;
        let taken = value.lock().unwrap_or_else(PoisonError::into_inner).take();
        Some(taken.unwrap_or_else(|| (&object.node).into()))
    }

    /// All objects on the Rego side.
    pub(crate) fn values(&self) -> impl Iterator<Item = rego::Value> {
        let loaded = |(object, value)| loaded(object, value);
        self.objects.iter().zip(&self.values).map(loaded)
    }

    /// The object that is called this; of several, the last.
    pub(crate) fn named(&self, reference: &ObjectRef) -> Option<&Object> {
        let name_at = |at: &usize| self.objects.get(*at).map(name);
        let by_name = self.by_name.get_or_init(|| {
            let mut places: Vec<usize> = (0..self.objects.len()).collect();
            places.sort_by_key(name_at);
            places
        });
        let wanted = Some(name_in(reference));
        let after = by_name.partition_point(|at| name_at(at) <= wanted);
        let last = by_name.get(after.checked_sub(1)?).copied()?;
        self.objects.get(last).filter(|object| Some(name(object)) == wanted)
    }

    /// The objects as `data.inventory`: `cluster[apiVersion][kind][name]` and `namespace[namespace][apiVersion][kind][name]`.
    pub(crate) fn to_rego(&self) -> rego::Value {
        type Names = BTreeMap<Arc<str>, rego::Value>;
        type Kinds = BTreeMap<Arc<str>, BTreeMap<Arc<str>, Names>>;
        let mut cluster = Kinds::new();
        let mut namespaces: BTreeMap<Arc<str>, Kinds> = BTreeMap::new();
        for (object, value) in self.objects.iter().zip(self.values()) {
            let kinds = match &object.namespace {
                None => &mut cluster,
                Some(namespace) => namespaces.entry(Arc::clone(namespace)).or_default(),
            };
            let names = kinds.entry(Arc::clone(&object.api_version)).or_default();
            let names = names.entry(object.kind.kind.as_str().into()).or_default();
            names.insert(Arc::clone(&object.name), value);
        }
        let kinds = |kinds: Kinds| {
            rego::Value::object(kinds.into_iter().map(|(version, kinds)| {
                let kinds = kinds
                    .into_iter()
                    .map(|(kind, names)| (kind, rego::Value::object(names)));
                (version, rego::Value::object(kinds))
            }))
        };
        let namespaces = namespaces
            .into_iter()
            .map(|(namespace, inner)| (namespace, kinds(inner)));
        rego::Value::object([
            ("cluster".into(), kinds(cluster)),
            ("namespace".into(), rego::Value::object(namespaces)),
        ])
    }
}

fn loaded(object: &Object, value: &Mutex<Option<rego::Value>>) -> rego::Value {
    let mut value = value.lock().unwrap_or_else(PoisonError::into_inner);
    value.get_or_insert_with(|| (&object.node).into()).clone()
}

fn identity(object: &Object) -> Identity<'_> {
    let namespace = object.namespace.as_deref().unwrap_or("");
    (&object.kind.group, &object.kind.kind, namespace, &object.name)
}

fn name(object: &Object) -> Name<'_> {
    let namespace = object.namespace.as_deref().unwrap_or("");
    (&object.api_version, &object.kind.kind, namespace, &object.name)
}

fn name_in(reference: &ObjectRef) -> Name<'_> {
    let ObjectRef {
        api_version,
        kind,
        namespace,
        name,
    } = reference;
    (api_version, kind, namespace, name)
}

#[cfg(test)]
mod tests {
    use super::Inventory;
    use crate::engine::parse;
    use crate::limits::Limits;
    use crate::object::{Found, collect};
    use crate::report::ObjectRef;
    use crate::source::{Source, SourceId};

    fn inventory(text: &str) -> Inventory {
        let source = Source {
            id: SourceId(0),
            name: "in.yaml".into(),
            bytes: text.into(),
        };
        let parsed = parse(&source, &Limits::standard());
        let mut found = Found::default();
        for document in parsed.documents {
            collect(document.root, &parsed.text, &mut found);
        }
        Inventory::of(found.objects)
    }

    fn config_map(namespace: &str, name: &str) -> ObjectRef {
        ObjectRef {
            api_version: "v1".into(),
            kind: "ConfigMap".into(),
            namespace: namespace.into(),
            name: name.into(),
        }
    }

    #[test]
    fn an_object_is_found_by_its_whole_name_and_the_last_of_several_counts() {
        let object = |namespace: &str, name: &str| {
            format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{namespace: {namespace}, name: {name}}}}}\n---\n")
        };
        let names = [("b", "w"), ("a", "x"), ("b", "x"), ("a", "x"), ("c", "z")];
        let text: String = names.iter().map(|(namespace, name)| object(namespace, name)).collect();
        let inventory = inventory(&text);
        let length = object("b", "w").len();
        let place = |namespace: &str, name: &str| {
            let found = inventory.named(&config_map(namespace, name));
            found.map(|object| object.node.span.start as usize / length)
        };
        assert_eq!(place("a", "x"), Some(3));
        assert_eq!(
            (place("b", "x"), place("b", "w"), place("c", "z")),
            (Some(2), Some(0), Some(4))
        );
        for (namespace, name) in [("a", "w"), ("", "x"), ("A", "a"), ("d", "x")] {
            assert_eq!(place(namespace, name), None, "{namespace}/{name}");
        }
    }
}
