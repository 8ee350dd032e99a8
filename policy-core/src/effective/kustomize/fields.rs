//! Fields by path, in the objects that a selector names: what the transformers of kustomize change.

use std::sync::{Arc, OnceLock};

use super::fault::Fault;
use super::model::string;
use super::read::Fields;
use super::resource::Gvk;
use crate::tree::{Member, Node, Span, Value};

/// A field of some kinds of objects. Empty parts of the selector stand for any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FieldSpec {
    pub(super) gvk: Gvk,
    pub(super) path: String,
    pub(super) create: bool,
}

/// Fields that hold the name of an object.
#[derive(Clone, Debug)]
pub(super) struct NameReference {
    pub(super) target: Gvk,
    pub(super) fields: Vec<FieldSpec>,
}

/// The fields of each transformer.
#[derive(Clone, Debug, Default)]
pub(super) struct Config {
    pub(super) name_prefix: Vec<FieldSpec>,
    pub(super) name_suffix: Vec<FieldSpec>,
    pub(super) namespace: Vec<FieldSpec>,
    pub(super) common_labels: Vec<FieldSpec>,
    pub(super) labels: Vec<FieldSpec>,
    pub(super) template_labels: Vec<FieldSpec>,
    pub(super) common_annotations: Vec<FieldSpec>,
    pub(super) images: Vec<FieldSpec>,
    pub(super) replicas: Vec<FieldSpec>,
    pub(super) name_references: Vec<NameReference>,
    /// Some file says where variables stand.
    pub(super) has_var_references: bool,
}

const TABLE: &str = include_str!("fields.txt");

impl Config {
    /// What kustomize does by itself.
    pub(super) fn standard() -> Arc<Self> {
        static STANDARD: OnceLock<Arc<Config>> = OnceLock::new();
        Arc::clone(STANDARD.get_or_init(|| Arc::new(Self::from_table(TABLE))))
    }

    fn from_table(table: &str) -> Self {
        let mut config = Self::default();
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split(' ');
            let (Some(section), Some(second), Some(path)) = (words.next(), words.next(), words.next()) else {
                continue;
            };
            let specs = words.map(|selector| FieldSpec {
                gvk: Gvk::selector(selector),
                path: path.to_owned(),
                create: second == "create",
            });
            if section == "nameReference" {
                let target = Gvk::selector(second);
                match config.name_references.last_mut() {
                    Some(last) if last.target == target => last.fields.extend(specs),
                    _ => config.name_references.push(NameReference {
                        target,
                        fields: specs.collect(),
                    }),
                }
            } else if let Some(list) = config.section(section) {
                list.extend(specs);
            }
        }
        config
    }

    fn section(&mut self, name: &str) -> Option<&mut Vec<FieldSpec>> {
        Some(match name {
            "namePrefix" => &mut self.name_prefix,
            "nameSuffix" => &mut self.name_suffix,
            "namespace" => &mut self.namespace,
            "commonLabels" => &mut self.common_labels,
            "labels" => &mut self.labels,
            "templateLabels" => &mut self.template_labels,
            "commonAnnotations" => &mut self.common_annotations,
            "images" => &mut self.images,
            "replicas" => &mut self.replicas,
            _ => return None,
        })
    }

    /// Reads a file of `configurations`.
    pub(super) fn read(node: &Node) -> Result<Self, Fault> {
        const SECTIONS: [&str; 9] = [
            "namePrefix",
            "nameSuffix",
            "namespace",
            "commonLabels",
            "labels",
            "templateLabels",
            "commonAnnotations",
            "images",
            "replicas",
        ];
        const SPEC: [&str; 5] = ["group", "version", "kind", "path", "create"];
        let known: Vec<&str> = SECTIONS.into_iter().chain(["nameReference", "varReference"]).collect();
        let fields = Fields::strict(node, &known)?;
        let mut config = Self::default();
        let read = |node: &Node| FieldSpec::read(&Fields::strict(node, &SPEC)?);
        for section in SECTIONS {
            let specs = fields.list(section)?.iter().map(read).collect::<Result<Vec<_>, _>>()?;
            if let Some(list) = config.section(section) {
                *list = specs;
            }
        }
        for reference in fields.list("nameReference")? {
            let reference = Fields::strict(reference, &["group", "version", "kind", "fieldSpecs"])?;
            let specs = reference.list("fieldSpecs")?.iter().map(read);
            config.name_references.push(NameReference {
                target: Gvk::read(&reference)?,
                fields: specs.collect::<Result<_, _>>()?,
            });
        }
        config.has_var_references = !fields.list("varReference")?.is_empty();
        Ok(config)
    }

    /// Both together. Two that differ in `create` alone contradict each other.
    pub(super) fn merge(mut self, other: &Self) -> Result<Self, &'static str> {
        merge_specs(&mut self.name_prefix, &other.name_prefix)?;
        merge_specs(&mut self.name_suffix, &other.name_suffix)?;
        merge_specs(&mut self.namespace, &other.namespace)?;
        merge_specs(&mut self.common_labels, &other.common_labels)?;
        merge_specs(&mut self.labels, &other.labels)?;
        merge_specs(&mut self.template_labels, &other.template_labels)?;
        merge_specs(&mut self.common_annotations, &other.common_annotations)?;
        merge_specs(&mut self.images, &other.images)?;
        merge_specs(&mut self.replicas, &other.replicas)?;
        for reference in &other.name_references {
            match self
                .name_references
                .iter_mut()
                .find(|known| known.target == reference.target)
            {
                Some(known) => merge_specs(&mut known.fields, &reference.fields)?,
                None => self.name_references.push(reference.clone()),
            }
        }
        self.has_var_references |= other.has_var_references;
        Ok(self)
    }
}

/// Adds those that are not yet there.
pub(super) fn merge_specs(specs: &mut Vec<FieldSpec>, more: &[FieldSpec]) -> Result<(), &'static str> {
    for spec in more {
        let known = specs
            .iter()
            .find(|known| known.gvk.is_selected_by(&spec.gvk) && known.path == spec.path);
        match known {
            Some(known) if known.create != spec.create => {
                return Err("two field specifications contradict each other in `create`");
            }
            Some(_) => {}
            None => specs.push(spec.clone()),
        }
    }
    Ok(())
}

impl FieldSpec {
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, Fault> {
        Ok(Self {
            gvk: Gvk::read(fields)?,
            path: string(fields, "path")?,
            create: fields.flag("create")?,
        })
    }

    /// A field of every object, made where it is absent.
    pub(super) fn everywhere(path: &str) -> Self {
        Self {
            gvk: Gvk::default(),
            path: path.to_owned(),
            create: true,
        }
    }
}

/// What a field that is made holds at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Create {
    Nothing,
    Scalar,
    Map,
}

/// Does something to every node that a field specification leads to; the error is the message of the first that fails.
pub(super) fn visit(
    root: &mut Node,
    spec: &FieldSpec,
    create: Create,
    span: Span,
    set: &mut dyn FnMut(&mut Node) -> Result<(), String>,
) -> Result<(), String> {
    let path = split_path(&spec.path, '/');
    let create = if spec.create { create } else { Create::Nothing };
    descend(root, &path, create, span, set).map_err(|message| format!("field `{}`: {message}", spec.path))
}

fn descend(
    node: &mut Node,
    path: &[String],
    create: Create,
    span: Span,
    set: &mut dyn FnMut(&mut Node) -> Result<(), String>,
) -> Result<(), String> {
    let Some((first, rest)) = path.split_first() else {
        return set(node);
    };
    let members = match &mut node.value {
        Value::Null => return Ok(()),
        Value::Array(items) => {
            return items
                .iter_mut()
                .try_for_each(|item| descend(item, path, create, span, set));
        }
        Value::Object(members) => members,
        _ => return Err("there is neither a map nor a list on the way to it".into()),
    };
    let (name, is_list) = match first.strip_suffix("[]") {
        Some(name) => (name, true),
        None => (first.as_str(), false),
    };
    if name.is_empty() {
        return Err("a part of the path is empty".into());
    }
    // What `null` becomes, and what is made where there is nothing.
    let made = match create {
        _ if is_list => Value::Array(Vec::new().into()),
        Create::Scalar if rest.is_empty() => Value::Null,
        Create::Scalar | Create::Map => Value::Object(Vec::new().into()),
        Create::Nothing => Value::Null,
    };
    let at = match members.iter().position(|member| &*member.key == name) {
        Some(at) => at,
        None if is_list || create == Create::Nothing => return Ok(()),
        None => {
            members.push(Member {
                key: name.into(),
                key_span: span,
                node: Node {
                    span,
                    value: made.clone(),
                },
            });
            members.len() - 1
        }
    };
    let Some(member) = members.get_mut(at) else {
        return Ok(());
    };
    if member.node.value == Value::Null {
        member.node.value = made;
    }
    descend(&mut member.node, rest, create, span, set)
}

/// A path in parts; a backslash keeps the delimiter after it.
pub(super) fn split_path(path: &str, delimiter: char) -> Vec<String> {
    let mut parts = path.split(delimiter).peekable();
    let mut result: Vec<String> = Vec::new();
    if path.starts_with(delimiter) && path.len() > delimiter.len_utf8() {
        parts.next();
    }
    let mut open = false;
    for part in parts {
        match result.last_mut() {
            Some(last) if open => {
                last.pop();
                last.push(delimiter);
                last.push_str(part);
            }
            _ => result.push(part.to_owned()),
        }
        open = part.ends_with('\\');
    }
    result
}
