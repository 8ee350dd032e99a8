//! What flux-operator installs for a FluxInstance, in its order: the release, the cluster's type and size,
//! multi-tenancy, workload identity, shards, and the instance's own patches last.

mod cluster;
mod metadata;
mod shards;
mod size;

use std::sync::Arc;

use serde_json::json;

use metadata::Metadata;

use super::expanded::Expanded;
use super::fields::Fields;
use super::install::{ARGS, IMAGE, Install, Installer, POD, Part, SOURCE_WATCHER};
use super::kustomize::{self, BuiltObject, Files, Missing};
use super::make::{self, Doubt, Said};
use super::releases::{Component, Version};
use super::sync;
use crate::limits::Limits;
use crate::tree::{Node, Span, Value};

/// A part of an object, by its fields.
type Place<'p> = &'p [&'p str];

/// Everything that the operator installs for an instance.
pub(crate) fn expand(instance: &BuiltObject, files: &Files, limits: &Limits) -> Expanded {
    let mut stage = Stage::new(instance);
    stage.pull_secret();
    stage.sync();
    stage.shards(limits.implied_items);
    stage.storage();
    stage.cluster_type();
    stage.cluster_size();
    stage.multitenancy();
    stage.install.enable_external_artifacts(&mut stage.parts);
    stage.workload_identity();
    stage.main_selector();
    stage.operator_rule();
    stage.finish(files, limits)
}

struct Stage<'i> {
    fields: Fields<'i>,
    install: Install,
    parts: Vec<Part>,
    missing: Vec<Missing>,
    /// Why the operator would install nothing of this.
    refused: Option<Doubt>,
}

impl<'i> Stage<'i> {
    fn new(instance: &'i BuiltObject) -> Self {
        let fields = Fields::of(instance);
        let at = instance.node.span;
        let mut everywhere: Vec<Doubt> = Vec::new();
        let mut missing = Vec::new();
        let mut refused = None;

        let namespace = match fields.text(&["metadata", "namespace"]) {
            Ok(Some(said)) => Ok(said),
            Ok(None) => Err(Doubt::new("the namespace of the FluxInstance is not known", at)),
            Err(doubt) => Err(doubt),
        };
        let name = fields.text(&["metadata", "name"]).ok().flatten();
        let components = match fields.texts(&["spec", "components"]) {
            Ok(names) => match chosen(&names, fields.at(&["spec", "components"]), at) {
                Ok(components) => components,
                Err(doubt) => {
                    refused = Some(doubt);
                    default_components(at)
                }
            },
            Err(doubt) => {
                missing.push(Missing {
                    reason: Arc::clone(&doubt.reason),
                    at: doubt.at,
                });
                everywhere.push(doubt);
                default_components(at)
            }
        };
        let policies = fields.flag(&["spec", "cluster", "networkPolicy"]);
        let tokens = fields.flag(&["spec", "cluster", "objectLevelWorkloadIdentity"]);
        let domain = fields.text(&["spec", "cluster", "domain"]);
        let required = |parts: [&str; 3]| {
            let said = fields.text(&parts)?;
            said.ok_or_else(|| Doubt::new(format!("`{}` is missing", parts.join(".")), fields.at(&parts)))
        };
        let is_on = |flag: &Result<Option<Said<bool>>, Doubt>, default: bool| match flag {
            Ok(Some(said)) => said.value,
            Ok(None) => default,
            Err(_) => true,
        };
        let install = Install {
            at,
            installer: Installer::Operator {
                instance: name.map_or("flux".into(), |said| said.value),
            },
            namespace: namespace.clone().unwrap_or_else(|_| Said::new("flux-system", at)),
            version: match required(["spec", "distribution", "version"]) {
                Ok(said) => Version::read(&said),
                Err(doubt) => Version::unknown(doubt),
            },
            components,
            registry: required(["spec", "distribution", "registry"]),
            domain: match &domain {
                Ok(Some(said)) => said.clone(),
                _ => Said::new("cluster.local", at),
            },
            policies: is_on(&policies, true),
            tokens: is_on(&tokens, false),
        };
        let mut stage = Self {
            fields,
            parts: install.parts(),
            install,
            missing,
            refused,
        };
        if stage.install.has(Component::SourceWatcher) && stage.install.version.since(SOURCE_WATCHER) == Some(false) {
            stage.refuse("source-watcher comes with Flux 2.7", &["spec", "components"]);
        }
        if let Err(doubt) = &policies {
            stage.doubt(|part| part.is("NetworkPolicy"), &[&[]], doubt);
        }
        if let Err(doubt) = &tokens {
            stage.doubt(|part| part.is("ClusterRole"), &[&["rules"]], doubt);
        }
        if let Err(doubt) = &domain {
            stage.doubt(deployments, &[&ARGS], doubt);
        }
        if let Err(doubt) = &namespace {
            let place: [Place<'_>; 2] = [&["metadata", "namespace"], &["subjects"]];
            stage.doubt(|_| true, &place, doubt);
        }
        // The variant chooses other images.
        if let Err(doubt) = fields.text(&["spec", "distribution", "variant"]) {
            stage.doubt(deployments, &[&IMAGE], &doubt);
        }
        for doubt in everywhere {
            stage.doubt(|_| true, &[&[]], &doubt);
        }
        stage
    }

    fn doubt(&mut self, which: impl Fn(&Part) -> bool, places: &[Place<'_>], doubt: &Doubt) {
        for part in self.parts.iter_mut().filter(|part| which(part)) {
            for place in places {
                part.doubt(place, doubt);
            }
        }
    }

    fn refuse(&mut self, reason: &str, field: &[&str]) {
        let doubt = Doubt::new(reason, self.fields.at(field));
        self.refused.get_or_insert(doubt);
    }

    /// The Deployments of these controllers, those of shards too.
    fn of(&mut self, components: &'static [Component]) -> impl Iterator<Item = &mut Part> {
        self.parts.iter_mut().filter(|part| {
            part.controller()
                .is_some_and(|component| components.contains(&component))
        })
    }

    /// A flag; where it is in doubt, so is what it changes.
    fn flag(&mut self, field: &[&str], places: &[Place<'_>]) -> Option<Said<bool>> {
        match self.fields.flag(field) {
            Ok(flag) => flag,
            Err(doubt) => {
                self.doubt(deployments, places, &doubt);
                None
            }
        }
    }

    /// A name for an argument, or its default; nothing where it is in doubt, and then all arguments are.
    fn name(&mut self, field: &[&str], default: &str, at: Span) -> Option<Said<Arc<str>>> {
        match self.fields.text(field) {
            Ok(said) => Some(said.unwrap_or_else(|| Said::new(default, at))),
            Err(doubt) => {
                self.doubt(deployments, &[&ARGS], &doubt);
                None
            }
        }
    }

    fn pull_secret(&mut self) {
        let [spec, template, pod] = POD;
        let place = [spec, template, pod, "imagePullSecrets"];
        match self.fields.text(&["spec", "distribution", "imagePullSecret"]) {
            Ok(None) => {}
            Ok(Some(said)) => {
                for part in self.parts.iter_mut().filter(|part| deployments(part)) {
                    part.set(&place, make::node(json!([{"name": &*said.value}]), said.at));
                }
            }
            Err(doubt) => self.doubt(deployments, &[&place], &doubt),
        }
    }

    fn sync(&mut self) {
        let synced = match sync::objects(&self.fields, &self.install.namespace, &self.install.version) {
            Ok(Some((source, applier))) => [source, applier],
            Ok(None) => return,
            Err(doubt) => {
                self.missing.push(Missing {
                    reason: doubt.reason,
                    at: doubt.at,
                });
                return;
            }
        };
        for (node, doubts) in synced {
            let mut part = self.install.dressed(make::built(node, Vec::new()));
            for (place, doubt) in doubts {
                part.doubt(&place, &doubt);
            }
            self.parts.push(part);
        }
    }

    fn finish(mut self, files: &Files, limits: &Limits) -> Expanded {
        let mut expanded = Expanded {
            missing: std::mem::take(&mut self.missing),
            ..Expanded::default()
        };
        if let Some(doubt) = self.refused.clone() {
            let message = format!("the operator refuses this FluxInstance: {}", doubt.reason);
            expanded
                .problems
                .push(files.problem_at("flux-instance", doubt.at, message));
            self.doubt(|_| true, &[&[]], &doubt);
        }
        let patches = match self.fields.node(&["spec", "kustomize", "patches"]) {
            Ok(patches) => patches,
            Err(doubt) => {
                self.doubt(|_| true, &[&[]], &doubt);
                None
            }
        };
        let metadata = Metadata::read(&self.fields, limits.implied_items);
        expanded.objects = match patches {
            None => self.parts.into_iter().map(|part| part.object).collect(),
            Some(patches) => {
                let objects = self
                    .parts
                    .into_iter()
                    .map(|part| {
                        let former = part.former();
                        (part.object, former)
                    })
                    .collect();
                let built = {
                    let mut kustomization = make::node(json!({}), patches.span);
                    make::set(&mut kustomization, &["patches"], patches.clone());
                    kustomize::apply_renamed(files, objects, &without_definitions(&kustomization), limits)
                };
                expanded.problems.extend(built.problems);
                expanded.notes.extend(built.notes);
                expanded.missing.extend(built.missing);
                built.objects
            }
        };
        for object in &mut expanded.objects {
            metadata.put_on(object);
        }
        expanded
    }
}

fn deployments(part: &Part) -> bool {
    part.is("Deployment")
}

fn default_components(at: Span) -> Vec<Said<Component>> {
    Component::DEFAULT
        .into_iter()
        .map(|component| Said::new(component, at))
        .collect()
}

/// The controllers of these names; the default ones where there are none.
fn chosen(names: &[Said<Arc<str>>], list: Span, at: Span) -> Result<Vec<Said<Component>>, Doubt> {
    if names.is_empty() {
        return Ok(default_components(at));
    }
    let mut components: Vec<Said<Component>> = Vec::new();
    for name in names {
        let unknown = || {
            Doubt::new(
                format!("there is no Flux controller {}", make::short(&name.value)),
                name.at,
            )
        };
        let component = Component::named(&name.value).ok_or_else(unknown)?;
        if components.iter().any(|known| known.value == component) {
            return Err(Doubt::new(format!("{} is named twice", make::short(&name.value)), list));
        }
        components.push(Said::new(component, name.at));
    }
    Ok(components)
}

/// A kustomization less its patches for the definitions of kinds, which are not made here.
pub(super) fn without_definitions(kustomization: &Node) -> Node {
    let is_definition = |patch: &Node| {
        let kind = patch.get("target").and_then(|target| target.get("kind"));
        kind.and_then(Node::as_str) == Some("CustomResourceDefinition")
    };
    let mut kustomization = kustomization.clone();
    if let Some(Value::Array(items)) = make::find_mut(&mut kustomization, &["patches"]).map(|node| &mut node.value) {
        items.retain(|patch| !is_definition(patch));
    }
    kustomization
}
