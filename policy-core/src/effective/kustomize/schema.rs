//! What kustomize knows of the built-in kinds: lists that are merged, and kinds without a namespace.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

const TABLE: &str = include_str!("schema.txt");

/// How a field is merged.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// As the patch has it; maps within merge key by key.
    Plain,
    /// A map of a known type.
    Type(&'static Type),
    /// A list that is merged item by item.
    List(&'static List),
}

/// The fields of a type that lead to a merged list.
#[derive(Debug, Default)]
pub(super) struct Type {
    fields: Vec<(&'static str, Field)>,
}

/// A list that is merged by the keys of its items, or as a set of scalars where there are none.
#[derive(Debug)]
pub(super) struct List {
    pub(super) keys: Vec<&'static str>,
    items: &'static str,
}

#[derive(Debug)]
enum Field {
    Type(&'static str),
    List(List),
}

#[derive(Debug, Default)]
struct Schema {
    types: HashMap<&'static str, Type>,
    kinds: HashMap<(&'static str, &'static str), &'static str>,
    cluster: HashSet<(&'static str, &'static str)>,
}

fn schema() -> &'static Schema {
    static SCHEMA: OnceLock<Schema> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        let mut schema = Schema::default();
        for line in TABLE.lines() {
            let mut words = line.split(' ');
            match (words.next(), words.next(), words.next()) {
                (Some("type"), Some(name), first) => {
                    let fields = first.into_iter().chain(words).filter_map(field).collect();
                    schema.types.insert(name, Type { fields });
                }
                (Some("kind"), Some(api_version), Some(kind)) => {
                    schema
                        .kinds
                        .extend(words.next().map(|name| ((api_version, kind), name)));
                }
                (Some("cluster"), Some(api_version), first) => {
                    let kinds = first.into_iter().chain(words);
                    schema.cluster.extend(kinds.map(|kind| (api_version, kind)));
                }
                _ => {}
            }
        }
        schema
    })
}

fn field(word: &'static str) -> Option<(&'static str, Field)> {
    let (name, rest) = word.split_once('=')?;
    let field = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((keys, items)) => Field::List(List {
            keys: keys.split(',').filter(|key| !key.is_empty()).collect(),
            items,
        }),
        None => Field::Type(rest),
    };
    Some((name, field))
}

fn named(name: &str) -> Shape {
    schema().types.get(name).map_or(Shape::Plain, Shape::Type)
}

/// The shape of a built-in kind.
pub(super) fn of_kind(api_version: &str, kind: &str) -> Shape {
    let schema = schema();
    schema
        .kinds
        .get(&(api_version, kind))
        .map_or(Shape::Plain, |name| named(name))
}

/// Whether a kind is known to have no namespace.
pub(super) fn is_cluster_scoped(api_version: &str, kind: &str) -> bool {
    schema().cluster.contains(&(api_version, kind))
}

impl Shape {
    /// The shape of a member.
    pub(super) fn field(self, name: &str) -> Self {
        let Self::Type(known) = self else {
            return Self::Plain;
        };
        match known.fields.iter().find(|(field, _)| *field == name) {
            Some((_, Field::Type(name))) => named(name),
            Some((_, Field::List(list))) => Self::List(list),
            None => Self::Plain,
        }
    }
}

impl List {
    /// The shape of an item.
    pub(super) fn items(&self) -> Shape {
        named(self.items)
    }
}
