//! The objects of one cluster, and `data.inventory` in the shape that Gatekeeper gives it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::Problem;
use crate::object::Object;
use crate::rego;
use crate::source::Texts;
use crate::tree::Span;

/// The objects of one cluster, in the order of their sources. Each identity stands in it once.
#[derive(Debug, Default)]
pub(crate) struct Inventory {
    objects: Vec<Object>,
}

type Identity = (String, String, String, String);

impl Inventory {
    /// Takes the objects of a cluster. Of two objects of one identity the first is kept, and a problem names both.
    pub(crate) fn new(objects: Vec<Object>, texts: &Texts) -> (Self, Vec<Problem>) {
        let mut places: BTreeMap<Identity, Span> = BTreeMap::new();
        let mut problems = Vec::new();
        let mut kept = Vec::with_capacity(objects.len());
        for object in objects {
            let span = object.node.span;
            let identity = identity(&object);
            if let Some(first) = places.get(&identity) {
                let (first_name, first) = texts.place(first.source, first.start);
                let (name, position) = texts.place(span.source, span.start);
                let message = format!(
                    "{} is already defined at {first_name}:{}; keep one",
                    object.display(),
                    first.line
                );
                problems.push(Problem::new("duplicate-object", message).in_source(name, Some(position.line)));
                continue;
            }
            // Objects that the API server names are never the same.
            if object
                .node
                .get("metadata")
                .and_then(|metadata| metadata.get("name"))
                .is_some()
            {
                places.insert(identity, span);
            }
            kept.push(object);
        }
        (Self { objects: kept }, problems)
    }

    /// Takes objects of which several may have one identity.
    pub(crate) fn of(objects: Vec<Object>) -> Self {
        Self { objects }
    }

    /// These objects with others in place of those of the same identity, and their values likewise.
    pub(crate) fn with(
        &self,
        values: &[rego::Value],
        others: &[Object],
        other_values: &[rego::Value],
    ) -> (Self, Vec<rego::Value>) {
        let replaced: Vec<Identity> = others.iter().map(identity).collect();
        let old = self.objects.iter().zip(values);
        let old = old.filter(|(object, _)| !replaced.contains(&identity(object)));
        let new = others.iter().zip(other_values);
        let (objects, values) = old
            .chain(new)
            .map(|(object, value)| (object.clone(), value.clone()))
            .unzip();
        (Self { objects }, values)
    }

    /// The objects, in the order of their sources.
    pub(crate) fn objects(&self) -> &[Object] {
        &self.objects
    }

    /// The objects on the Rego side.
    pub(crate) fn values(&self) -> Vec<rego::Value> {
        self.objects.iter().map(|object| (&object.node).into()).collect()
    }

    /// The values of the objects as `data.inventory`: `cluster[apiVersion][kind][name]` and `namespace[namespace][apiVersion][kind][name]`.
    pub(crate) fn to_rego(&self, values: &[rego::Value]) -> rego::Value {
        type Names = BTreeMap<Arc<str>, rego::Value>;
        type Kinds = BTreeMap<Arc<str>, BTreeMap<Arc<str>, Names>>;
        let mut cluster = Kinds::new();
        let mut namespaces: BTreeMap<Arc<str>, Kinds> = BTreeMap::new();
        for (object, value) in self.objects.iter().zip(values) {
            let kinds = match &object.namespace {
                None => &mut cluster,
                Some(namespace) => namespaces.entry(Arc::clone(namespace)).or_default(),
            };
            let names = kinds.entry(Arc::clone(&object.api_version)).or_default();
            let names = names.entry(object.kind.kind.as_str().into()).or_default();
            names.insert(Arc::clone(&object.name), value.clone());
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

fn identity(object: &Object) -> Identity {
    let namespace = object.namespace.as_deref().unwrap_or("");
    (
        object.kind.group.clone(),
        object.kind.kind.clone(),
        namespace.into(),
        object.name.to_string(),
    )
}
