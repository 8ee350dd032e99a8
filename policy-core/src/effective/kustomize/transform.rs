//! Namespace, names, labels, annotations, replicas and images.

use std::collections::HashMap;
use std::sync::Arc;

use super::edit;
use super::fault::Fault;
use super::fields::{self, Config, Create, FieldSpec};
use super::files::{Files, needs_quotes};
use super::model::{Image, Label, Replica};
use super::quotes::Quotes;
use super::read::{Pair, Text};
use super::resource::{self, Gvk, Id, Resource};
use super::select;
use super::shared;
use crate::tree::{Node, Segment, Span, Value};
use crate::yaml::{self, Dialect};

/// Where a text that takes the place of a scalar comes from.
#[derive(Clone, Copy)]
struct Style<'f> {
    files: &'f Files,
    quotes: &'f Quotes,
}

impl Style<'_> {
    /// Writes over a scalar as kustomize does without a type: a plain scalar may become a number.
    fn write(self, node: &mut Node, text: &str, span: Span) -> Result<(), String> {
        must_be_scalar(node)?;
        node.value = if self.quotes.has(node, self.files) {
            Value::String(text.into())
        } else {
            yaml::plain(text, Dialect::Kustomize)
        };
        node.span = span;
        Ok(())
    }
}

fn must_be_scalar(node: &Node) -> Result<(), String> {
    match node.value {
        Value::Array(_) | Value::Object(_) => Err("a scalar must stand there".into()),
        _ => Ok(()),
    }
}

fn write_string(node: &mut Node, text: &Text) -> Result<(), String> {
    must_be_scalar(node)?;
    *node = edit::text(Arc::clone(&text.value), text.span);
    Ok(())
}

fn applies(spec: &FieldSpec, node: &Node, files: &Files) -> bool {
    resource::gvk(node, files).is_selected_by(&spec.gvk)
}

/// `namespace`
pub(super) fn namespace(
    resources: &mut [Resource],
    namespace: &Text,
    config: &Config,
    files: &Files,
) -> Result<(), Fault> {
    let fault = |message| Fault::new("kustomize-namespace", namespace.span, message);
    let mut ids: HashMap<Id, usize> = HashMap::new();
    for resource in resources.iter() {
        *ids.entry(resource.id(files)).or_default() += 1;
    }
    for resource in resources {
        resource.remember_id(files);
        let before = resource.id(files);
        set_namespace(&mut resource.node, namespace, config, files).map_err(fault)?;
        if let Some(count) = ids.get_mut(&before) {
            *count = count.saturating_sub(1);
        }
        let after = resource.id(files);
        let count = ids.entry(after.clone()).or_default();
        *count += 1;
        if *count > 1 {
            return Err(fault(format!("in this namespace two objects are {}", after.display())));
        }
    }
    Ok(())
}

fn set_namespace(node: &mut Node, namespace: &Text, config: &Config, files: &Files) -> Result<(), String> {
    let gvk = resource::gvk(node, files);
    let mut set = |node: &mut Node| write_string(node, namespace);
    if !gvk.is_cluster_scoped() {
        let spec = FieldSpec::everywhere("metadata/namespace");
        fields::visit(node, &spec, Create::Scalar, namespace.span, &mut set)?;
    }
    let is_binding = matches!(&*gvk.kind, "RoleBinding" | "ClusterRoleBinding");
    if is_binding && let Some(subjects) = edit::get_mut(node, "subjects") {
        match &mut subjects.value {
            Value::Null => {}
            Value::Array(subjects) => {
                for subject in subjects {
                    if subject.as_object().is_none() {
                        return Err("an item of `subjects` is no map".into());
                    }
                    if subject.get("name").is_some_and(|name| files.written(name) == "default") {
                        let value = edit::text(Arc::clone(&namespace.value), namespace.span);
                        edit::set(subject, "namespace", namespace.span, value);
                    }
                }
            }
            _ => return Err("`subjects` must be a list".into()),
        }
    }
    for spec in &config.namespace {
        let handled = match spec.path.as_str() {
            "metadata/namespace" => true,
            "metadata/name" => !gvk.group.is_empty() || &*gvk.version != "v1",
            "subjects/namespace" => is_binding && matches!(&*spec.gvk.kind, "RoleBinding" | "ClusterRoleBinding"),
            _ => false,
        };
        if !handled && gvk.is_selected_by(&spec.gvk) {
            fields::visit(node, spec, Create::Scalar, namespace.span, &mut set)?;
        }
    }
    Ok(())
}

/// Which end of the names grows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Prefix,
    Suffix,
}

/// `namePrefix` and `nameSuffix`
pub(super) fn affix(
    resources: &mut [Resource],
    affix: &Text,
    end: End,
    config: &Config,
    files: &Files,
) -> Result<(), Fault> {
    let specs = match end {
        End::Prefix => &config.name_prefix,
        End::Suffix => &config.name_suffix,
    };
    for resource in resources {
        let first = resource.original_id(files).gvk;
        let keeps = |kind: &str, group: &str| {
            let selector = Gvk {
                group: group.into(),
                version: "".into(),
                kind: kind.into(),
            };
            first.is_selected_by(&selector)
        };
        if keeps("CustomResourceDefinition", "")
            || keeps("APIService", "apiregistration.k8s.io")
            || keeps("Namespace", "")
        {
            continue;
        }
        for spec in specs {
            if !first.is_selected_by(&spec.gvk) {
                continue;
            }
            if spec.path == "metadata/name" {
                match end {
                    End::Prefix => resource.prefixes.push(Arc::clone(&affix.value)),
                    End::Suffix => resource.suffixes.push(Arc::clone(&affix.value)),
                }
                resource.remember_id(files);
            }
            if !applies(spec, &resource.node, files) {
                continue;
            }
            let style = Style {
                files,
                quotes: &resource.quotes,
            };
            let mut set = |node: &mut Node| {
                must_be_scalar(node)?;
                let old = match node.value {
                    Value::Null => "".into(),
                    _ => files.written(node),
                };
                let new = match end {
                    End::Prefix => format!("{}{old}", affix.value),
                    End::Suffix => format!("{old}{}", affix.value),
                };
                style.write(node, &new, affix.span)
            };
            fields::visit(&mut resource.node, spec, Create::Scalar, affix.span, &mut set)
                .map_err(|message| Fault::new("kustomize-name", affix.span, message))?;
        }
    }
    Ok(())
}

/// One entry of `labels`.
pub(super) fn label(resources: &mut [Resource], label: &Label, config: &Config, files: &Files) -> Result<(), Fault> {
    let mut specs = label.fields.clone();
    let mut add = |more: &[FieldSpec]| {
        fields::merge_specs(&mut specs, more).map_err(|message| Fault::new("kustomize-labels", label.span, message))
    };
    add(&config.labels)?;
    if label.include_selectors {
        add(&config.common_labels)?;
    } else {
        if label.include_templates {
            add(&config.template_labels)?;
        }
        add(&[FieldSpec::everywhere("metadata/labels")])?;
    }
    entries(resources, &label.pairs, &specs, files)
}

/// Sets keys in the maps that the specifications lead to: labels and annotations.
pub(super) fn entries(
    resources: &mut [Resource],
    pairs: &[Pair],
    specs: &[FieldSpec],
    files: &Files,
) -> Result<(), Fault> {
    for resource in resources {
        for pair in pairs {
            let before = resource.node.clone();
            for spec in specs {
                if !applies(spec, &resource.node, files) {
                    continue;
                }
                let mut set = |node: &mut Node| match node.value {
                    Value::Object(_) if node.get(&pair.key).is_none() && needs_quotes(&pair.key) => Err(format!(
                        "kustomize cannot write the key {:?}, which YAML takes for no string",
                        pair.key
                    )),
                    Value::Object(_) => {
                        let value = edit::text(Arc::clone(&pair.value.value), pair.value.span);
                        edit::set(node, &pair.key, pair.key_span, value);
                        Ok(())
                    }
                    Value::Null => Ok(()),
                    _ => Err("a map must stand there".to_owned()),
                };
                fields::visit(&mut resource.node, spec, Create::Map, pair.key_span, &mut set)
                    .map_err(|message| Fault::new("kustomize-labels", pair.key_span, message))?;
            }
            shared::spread(resource, &before);
            let places = shared::made(&resource.node, &before, &pair.key);
            if places.len() > 1 {
                resource.shared.push(places);
            }
        }
    }
    Ok(())
}

/// One entry of `replicas`.
pub(super) fn replicas(
    resources: &mut [Resource],
    replica: &Replica,
    config: &Config,
    files: &Files,
    incomplete: bool,
) -> Result<(), Fault> {
    let mut found = false;
    let count = replica.count.to_string();
    for spec in &config.replicas {
        for resource in resources.iter_mut() {
            let fits = |id: &Id| *id.name == *replica.name && id.gvk.is_selected_by(&spec.gvk);
            if !fits(&resource.id(files)) && !resource.previous_ids(files).any(|id| fits(&id)) {
                continue;
            }
            found = true;
            if !applies(spec, &resource.node, files) {
                continue;
            }
            let quotes = &resource.quotes;
            let mut set = |node: &mut Node| {
                must_be_scalar(node)?;
                node.value = if quotes.has(node, files) {
                    Value::String(count.as_str().into())
                } else {
                    Value::Number(replica.count.into())
                };
                node.span = replica.count_span;
                Ok(())
            };
            fields::visit(&mut resource.node, spec, Create::Scalar, replica.count_span, &mut set)
                .map_err(|message| Fault::new("kustomize-replicas", replica.span, message))?;
        }
    }
    if found || incomplete {
        return Ok(());
    }
    let message = format!("no object with replicas has the name {:?}", replica.name);
    Err(Fault::new("kustomize-replicas", replica.span, message))
}

/// One entry of `images`.
pub(super) fn image(resources: &mut [Resource], image: &Image, config: &Config, files: &Files) -> Result<(), Fault> {
    let pattern = format!("^{}(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?$", image.name);
    let pattern = select::regex(&pattern, image.span)?;
    let fault = |message| Fault::new("kustomize-images", image.span, message);
    for resource in resources {
        if &*resource.gvk(files).kind == "CustomResourceDefinition" {
            continue;
        }
        let style = Style {
            files,
            quotes: &resource.quotes,
        };
        let mut set = |node: &mut Node| {
            must_be_scalar(node)?;
            let old = files.written(node).into_owned();
            if pattern.is_match(&old) {
                let (text, span) = renamed(image, &old);
                style.write(node, &text, span)?;
            }
            Ok(())
        };
        containers(&mut resource.node, &mut set).map_err(fault)?;
        for spec in &config.images {
            if applies(spec, &resource.node, files) {
                fields::visit(&mut resource.node, spec, Create::Nothing, image.span, &mut set).map_err(fault)?;
            }
        }
    }
    Ok(())
}

/// Every image under `containers` and `initContainers`, wherever they stand.
fn containers(node: &mut Node, set: &mut dyn FnMut(&mut Node) -> Result<(), String>) -> Result<(), String> {
    match &mut node.value {
        Value::Array(items) => items.iter_mut().try_for_each(|item| containers(item, set)),
        Value::Object(members) => members.iter_mut().try_for_each(|member| {
            containers(&mut member.node, set)?;
            let Value::Array(items) = &mut member.node.value else {
                return Ok(());
            };
            if !matches!(&*member.key, "containers" | "initContainers") {
                return Ok(());
            }
            items.iter_mut().try_for_each(|item| {
                if item.as_object().is_none() {
                    return Err(format!("an item of `{}` is no map", member.key));
                }
                edit::get_mut(item, "image").map_or(Ok(()), &mut *set)
            })
        }),
        _ => Ok(()),
    }
}

/// The new image, and where the part of it stands that says most.
fn renamed(image: &Image, old: &str) -> (String, Span) {
    let (mut name, mut tag, mut digest) = split_image(old);
    if let Some(new) = &image.new_name {
        name = new.value.to_string();
    }
    match (&image.new_tag, &image.digest, &image.tag_suffix) {
        (Some(new), Some(sum), _) => (tag, digest) = (new.value.to_string(), sum.value.to_string()),
        (Some(new), None, _) => (tag, digest) = (new.value.to_string(), String::new()),
        (None, Some(sum), _) => (tag, digest) = (String::new(), sum.value.to_string()),
        (None, None, Some(suffix)) => {
            tag.push_str(&suffix.value);
            digest.clear();
        }
        (None, None, None) => {}
    }
    if !tag.is_empty() {
        name = format!("{name}:{tag}");
    }
    if !digest.is_empty() {
        name = format!("{name}@{digest}");
    }
    let said = [&image.new_tag, &image.digest, &image.tag_suffix, &image.new_name];
    let span = said.into_iter().flatten().next().map_or(image.span, |text| text.span);
    (name, span)
}

/// Name, tag and digest; a port in the registry is no tag.
fn split_image(image: &str) -> (String, String, String) {
    let from = image.find('/').filter(|at| *at > 0).unwrap_or(0);
    let tail = image.get(from..).unwrap_or(image);
    let at = |letter| tail.find(letter).map(|at| at + from);
    let part = |from: usize, to: usize| image.get(from..to).unwrap_or("").to_owned();
    let end = image.len();
    match (at(':'), at('@')) {
        (None, None) => (image.to_owned(), String::new(), String::new()),
        (Some(tag), Some(digest)) if tag < digest => (part(0, tag), part(tag + 1, digest), part(digest + 1, end)),
        (_, Some(digest)) => (part(0, digest), String::new(), part(digest + 1, end)),
        (Some(tag), None) => (part(0, tag), part(tag + 1, end), String::new()),
    }
}

/// A path of keys.
pub(super) fn keys(path: &[&str]) -> Vec<Segment> {
    path.iter().map(|key| Segment::Key((*key).into())).collect()
}
