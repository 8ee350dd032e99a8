//! What flux-operator installs for a FluxInstance, in its order: the release, the cluster's type and size, multi-tenancy,
//! workload identity, shards, and the instance's own patches last.

use std::sync::Arc;

use serde_json::json;

use super::fields::Fields;
use super::install::{ARGS, CONTAINER, IMAGE, Install, Installer, POD, Part, RESOURCES, SOURCE_WATCHER, TOKENS};
use super::install::{storage_address, stores};
use super::kustomize::{self, BuiltObject, Files, Missing};
use super::make::{self, Doubt, Said};
use super::releases::{Component, Version};
use super::sync;
use crate::error::Problem;
use crate::limits::Limits;
use crate::tree::{Node, Span, Value};

/// What an object stands for: objects that nobody wrote.
#[derive(Clone, Debug, Default)]
pub(crate) struct Expanded {
    /// Made here, each node at the line that asks for it.
    pub(crate) objects: Vec<BuiltObject>,
    /// Objects that there would be, and that cannot be told.
    pub(crate) missing: Vec<Missing>,
    /// Why nothing is installed.
    pub(crate) problems: Vec<Problem>,
    /// What is worth a word and changes nothing.
    pub(crate) notes: Vec<Problem>,
}

impl Expanded {
    /// Takes in what another object stands for.
    pub(super) fn add(&mut self, other: Self) {
        self.objects.extend(other.objects);
        self.missing.extend(other.missing);
        self.problems.extend(other.problems);
        self.notes.extend(other.notes);
    }

    /// Notes that objects are not made which there may be.
    pub(super) fn miss(&mut self, doubt: &Doubt) {
        self.missing.push(Missing {
            reason: Arc::clone(&doubt.reason),
            at: doubt.at,
        });
    }

    /// Puts every object in doubt.
    pub(super) fn doubt(&mut self, doubt: &Doubt) {
        for object in &mut self.objects {
            make::doubt(object, &[], doubt);
        }
    }
}

/// A part of an object, by its fields.
type Place<'p> = &'p [&'p str];

const POD_SECURITY: [&str; 4] = ["spec", "template", "spec", "securityContext"];
const SECURITY: [&str; 6] = ["spec", "template", "spec", "containers", "0", "securityContext"];
const SHARDING_KEY: &str = "sharding.fluxcd.io/key";

/// Everything that the operator installs for an instance.
pub(crate) fn expand(instance: &BuiltObject, files: &Files, limits: &Limits) -> Expanded {
    let mut stage = Stage::new(instance);
    stage.pull_secret();
    stage.sync();
    stage.shards();
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

    /// A name for an argument: its default where there is none, nothing where it is in doubt, and then all arguments are.
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

    /// A set of controllers for each shard, with its own labels, address and selector.
    fn shards(&mut self) {
        let shards = match self.fields.texts(&["spec", "sharding", "shards"]) {
            Ok(shards) => shards,
            Err(doubt) => {
                self.missing.push(Missing {
                    reason: Arc::clone(&doubt.reason),
                    at: doubt.at,
                });
                self.doubt(deployments, &[&ARGS], &doubt);
                return;
            }
        };
        let key = self.sharding_key();
        let main: Vec<Part> = self
            .parts
            .iter()
            .filter(|part| self.is_sharded(part))
            .cloned()
            .collect();
        for shard in &shards {
            for part in &main {
                let mut part = part.clone();
                self.turn_into_shard(&mut part, shard, key.as_ref());
                self.parts.push(part);
            }
        }
    }

    /// Whether there is one of these for each shard.
    fn is_sharded(&self, part: &Part) -> bool {
        let component = match part.component {
            // Shards of source-watcher came with Flux 2.9.
            Some(Component::SourceWatcher) => self.install.version.since(WATCHER_SHARDS) != Some(false),
            Some(component) => component != Component::Notification,
            None => false,
        };
        component && (part.is("Deployment") || part.is("Service"))
    }

    fn turn_into_shard(&self, part: &mut Part, shard: &Said<Arc<str>>, key: Option<&Said<Arc<str>>>) {
        let Some(component) = part.component else { return };
        let name = format!("{}-{}", component.name(), shard.value);
        let named = || make::text(name.as_str(), shard.at);
        part.sharded = true;
        part.set(&["metadata", "name"], named());
        let role = ["metadata", "annotations", "sharding.fluxcd.io/role"];
        part.set(&role, make::text("shard", shard.at));
        if part.is("Service") {
            part.set(&["spec", "selector", "app"], named());
        } else {
            let [role_metadata, annotations, role] = role;
            let template = ["spec", "template", role_metadata, annotations, role];
            part.set(&template, make::text("shard", shard.at));
            part.set(&["spec", "selector", "matchLabels", "app"], named());
            part.set(&["spec", "template", "metadata", "labels", "app"], named());
            if stores(component) {
                part.arg(storage_address(&name, &self.install.domain.value), shard.at);
            }
            if let Some(key) = key {
                part.arg(
                    format!("--watch-label-selector={}={}", key.value, shard.value),
                    shard.at,
                );
            }
        }
        if let (Component::SourceWatcher, None, Some(doubt)) = (
            component,
            self.install.version.since(WATCHER_SHARDS),
            self.install.version.doubt(),
        ) {
            part.doubt(&[], doubt);
        }
    }

    /// The label that chooses a shard; nothing where it is in doubt, and then all arguments are.
    fn sharding_key(&mut self) -> Option<Said<Arc<str>>> {
        let at = self.fields.at(&["spec", "sharding"]);
        self.name(&["spec", "sharding", "key"], SHARDING_KEY, at)
    }

    /// Volumes that outlive source-controller's pods.
    fn storage(&mut self) {
        let [spec, template, pod] = POD;
        let volumes = [spec, template, pod, "volumes"];
        let wanted = match self.fields.node(&["spec", "storage"]) {
            Ok(Some(_)) => self.fields.text(&["spec", "storage", "size"]),
            Ok(None) => return,
            Err(doubt) => Err(doubt),
        };
        let size = match wanted {
            Ok(size) => size,
            Err(doubt) => return self.doubt(deployments, &[&volumes], &doubt),
        };
        let persistent = match self.fields.text(&["spec", "sharding", "storage"]) {
            Ok(said) => said.is_some_and(|said| &*said.value == "persistent"),
            Err(doubt) => return self.doubt(deployments, &[&volumes], &doubt),
        };
        let class = self.fields.text(&["spec", "storage", "class"]);
        let at = self.fields.at(&["spec", "storage"]);
        let mut claims = Vec::new();
        for part in &mut self.parts {
            if part.controller() != Some(Component::Source) || part.sharded && !persistent {
                continue;
            }
            let name = make::find(&part.object.node, &["metadata", "name"]).and_then(Node::as_str);
            let name: Arc<str> = name.unwrap_or("source-controller").into();
            let [containers @ .., last] = CONTAINER;
            let [spec, template, pod, list] = containers;
            let mount = [spec, template, pod, list, last, "volumeMounts", "0"];
            part.set(
                &mount,
                make::node(json!({"mountPath": "/data", "name": "persistent-data"}), at),
            );
            let volume = json!({"name": "persistent-data", "persistentVolumeClaim": {"claimName": &*name}});
            make::push(&mut part.object.node, &volumes, make::node(volume, at));
            claims.push(name);
        }
        for name in claims {
            let body = json!({
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": {"name": &*name, "namespace": &*self.install.namespace.value},
                "spec": {"accessModes": ["ReadWriteOnce"]},
            });
            let mut claim = self.install.dressed(make::object(body, at));
            if let Some(size) = &size {
                claim.set(
                    &["spec", "resources", "requests", "storage"],
                    make::text(Arc::clone(&size.value), size.at),
                );
            }
            match &class {
                Ok(Some(class)) => {
                    claim.set(
                        &["spec", "storageClassName"],
                        make::text(Arc::clone(&class.value), class.at),
                    );
                }
                Ok(None) => {}
                Err(doubt) => claim.doubt(&["spec", "storageClassName"], doubt),
            }
            self.parts.push(claim);
        }
    }

    /// OpenShift chooses users and profiles itself, and labels namespaces itself.
    fn cluster_type(&mut self) {
        const WARN: [[&str; 3]; 2] = [
            ["metadata", "labels", "pod-security.kubernetes.io/warn"],
            ["metadata", "labels", "pod-security.kubernetes.io/warn-version"],
        ];
        let chosen = match self.fields.text(&["spec", "cluster", "type"]) {
            Ok(chosen) => chosen,
            Err(doubt) => {
                self.doubt(deployments, &[&POD_SECURITY, &SECURITY], &doubt);
                self.doubt(|part| part.is("Namespace"), &[&["metadata", "labels"]], &doubt);
                return;
            }
        };
        if chosen.is_none_or(|chosen| &*chosen.value != "openshift") {
            return;
        }
        for part in &mut self.parts {
            let node = &mut part.object.node;
            match node.get("kind").and_then(Node::as_str) {
                Some("Deployment") => {
                    let [a, b, c, d, e, f] = SECURITY;
                    make::remove(node, &POD_SECURITY);
                    make::remove(node, &[a, b, c, d, e, f, "seccompProfile"]);
                    make::remove(node, &[a, b, c, d, e, f, "runAsNonRoot"]);
                }
                Some("Namespace") => WARN.iter().for_each(|label| make::remove(node, label)),
                _ => {}
            }
        }
    }

    fn cluster_size(&mut self) {
        let size = match self.fields.text(&["spec", "cluster", "size"]) {
            Ok(size) => size,
            Err(doubt) => return self.doubt(deployments, &[&ARGS, &RESOURCES], &doubt),
        };
        let at = size.as_ref().map_or(self.install.at, |size| size.at);
        let profile = size.as_ref().and_then(|size| Size::named(&size.value));
        for part in self.parts.iter_mut().filter(|part| deployments(part)) {
            let part_of = ["spec", "template", "metadata", "labels", "app.kubernetes.io/part-of"];
            part.object
                .unknown
                .retain(|unknown| unknown.path != make::path(&part_of));
            part.set(&part_of, make::text("flux", at));
            let evict = "cluster-autoscaler.kubernetes.io/safe-to-evict";
            let evict = ["spec", "template", "metadata", "annotations", evict];
            part.set(&evict, make::text("true", at));
            let (Some(profile), Some(component)) = (&profile, part.controller()) else {
                continue;
            };
            let annotation = ["metadata", "annotations", "fluxcd.controlplane.io/profile"];
            part.set(&annotation, make::text(profile.name, at));
            for argument in profile.args(component) {
                part.arg(argument, at);
            }
            if let Some(resources) = profile.resources(component) {
                part.set(&RESOURCES, make::node(resources, at));
            }
        }
    }

    fn multitenancy(&mut self) {
        let account = ["spec", "serviceAccountName"];
        let at = match self.fields.flag(&["spec", "cluster", "multitenant"]) {
            Ok(Some(Said { value: true, at })) => at,
            Ok(_) => return,
            Err(doubt) => {
                self.doubt(deployments, &[&ARGS], &doubt);
                return self.doubt(|part| part.is("Kustomization"), &[&account], &doubt);
            }
        };
        for part in self.of(&[
            Component::Kustomize,
            Component::Helm,
            Component::Notification,
            Component::ImageReflector,
            Component::ImageAutomation,
            Component::SourceWatcher,
        ]) {
            part.arg("--no-cross-namespace-refs=true", at);
        }
        for part in self.of(&[Component::Kustomize]) {
            part.arg("--no-remote-bases=true", at);
        }
        let default = self.name(&["spec", "cluster", "tenantDefaultServiceAccount"], "default", at);
        if let Some(default) = default {
            for part in self.of(&[Component::Kustomize, Component::Helm]) {
                part.arg(format!("--default-service-account={}", default.value), default.at);
            }
        }
        for part in self.parts.iter_mut().filter(|part| part.is("Kustomization")) {
            part.set(&account, make::text("kustomize-controller", at));
        }
    }

    fn workload_identity(&mut self) {
        const FIRST: &[Component] = &[
            Component::Source,
            Component::Kustomize,
            Component::Notification,
            Component::ImageReflector,
            Component::ImageAutomation,
        ];
        const OBJECT: &[&str] = &["spec", "cluster", "objectLevelWorkloadIdentity"];
        const TENANTS: &[&str] = &["spec", "cluster", "multitenantWorkloadIdentity"];
        let object = self.flag(OBJECT, &[&ARGS]);
        let tenants = self.flag(TENANTS, &[&ARGS]).filter(|said| said.value);
        let enabled = object.as_ref().is_some_and(|said| said.value);
        let at = object.map_or(self.install.at, |said| said.at);
        let version = self.install.version.clone();
        if enabled && version.since(TOKENS) == Some(false) {
            return self.refuse("object-level workload identity comes with Flux 2.6", OBJECT);
        }
        if tenants.is_some() && (!enabled || version.since(SOURCE_WATCHER) == Some(false)) {
            let reason = "workload identity for tenants needs `objectLevelWorkloadIdentity` and Flux 2.7";
            return self.refuse(reason, TENANTS);
        }
        // From 2.7 on the gate is always said; where it is off, that is the controllers' own default too.
        let always = version.since(SOURCE_WATCHER) == Some(true);
        let gate = format!("--feature-gates=ObjectLevelWorkloadIdentity={enabled}");
        if enabled || always {
            self.of(FIRST).for_each(|part| part.arg(gate.as_str(), at));
        }
        if always {
            self.of(&[Component::Helm]).for_each(|part| part.arg(gate.as_str(), at));
        } else if let (true, None, Some(doubt)) = (enabled, version.since(SOURCE_WATCHER), version.doubt()) {
            self.of(&[Component::Helm]).for_each(|part| part.doubt(&ARGS, doubt));
        }
        let Some(tenants) = tenants else { return };
        const SOURCES: &[Component] = &[
            Component::Source,
            Component::Notification,
            Component::ImageReflector,
            Component::ImageAutomation,
        ];
        const APPLIERS: &[Component] = &[Component::Kustomize, Component::Helm];
        for (field, argument, components) in [
            ("tenantDefaultServiceAccount", "--default-service-account", SOURCES),
            (
                "tenantDefaultDecryptionServiceAccount",
                "--default-decryption-service-account",
                &[Component::Kustomize],
            ),
            (
                "tenantDefaultKubeConfigServiceAccount",
                "--default-kubeconfig-service-account",
                APPLIERS,
            ),
        ] {
            let Some(name) = self.name(&["spec", "cluster", field], "default", tenants.at) else {
                continue;
            };
            for part in self.of(components) {
                part.arg(format!("{argument}={}", name.value), name.at);
            }
        }
    }

    /// The main controllers leave to the shards what is theirs.
    fn main_selector(&mut self) {
        let shards = self.fields.list(&["spec", "sharding", "shards"]);
        if shards.is_ok_and(|shards| shards.is_empty()) {
            return;
        }
        let Some(key) = self.sharding_key() else { return };
        let selector = format!("--watch-label-selector=!{}", key.value);
        let version = self.install.version.clone();
        for part in self.parts.iter_mut().filter(|part| !part.sharded) {
            match (part.controller(), version.since(WATCHER_SHARDS), version.doubt()) {
                (None | Some(Component::Notification), ..) => {}
                (Some(Component::SourceWatcher), Some(false), _) => {}
                (Some(Component::SourceWatcher), None, Some(doubt)) => part.doubt(&ARGS, doubt),
                _ => part.arg(selector.as_str(), key.at),
            }
        }
    }

    /// Where there are notifications they may be about the operator's own kinds.
    fn operator_rule(&mut self) {
        if !self.install.has(Component::Notification) {
            return;
        }
        let rule = json!({"apiGroups": ["fluxcd.controlplane.io"], "resources": ["*"], "verbs": ["*"]});
        let rule = make::node(rule, self.install.at);
        for part in self
            .parts
            .iter_mut()
            .filter(|part| part.is("ClusterRole") && part.original == "crd-controller")
        {
            make::push(&mut part.object.node, &["rules"], rule.clone());
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
        let metadata = self.common_metadata();
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

    fn common_metadata(&self) -> Metadata {
        let mut metadata = Metadata::default();
        for field in ["labels", "annotations"] {
            match self.fields.pairs(&["spec", "commonMetadata", field]) {
                Ok(pairs) => metadata.pairs.extend(
                    pairs
                        .into_iter()
                        .map(|(member, value)| (field, Arc::clone(&member.key), Said::new(value, member.node.span))),
                ),
                Err(doubt) => metadata.doubts.push((field, doubt)),
            }
        }
        metadata
    }
}

/// Shards of source-watcher: the first release that has them.
const WATCHER_SHARDS: (u32, u32) = (9, 0);

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
        let unknown = || Doubt::new(format!("there is no Flux controller {:?}", name.value), name.at);
        let component = Component::named(&name.value).ok_or_else(unknown)?;
        if components.iter().any(|known| known.value == component) {
            return Err(Doubt::new(format!("{:?} is named twice", name.value), list));
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

/// Labels and annotations that every object gets in the end.
#[derive(Debug, Default)]
struct Metadata {
    pairs: Vec<(&'static str, Arc<str>, Said<Arc<str>>)>,
    doubts: Vec<(&'static str, Doubt)>,
}

impl Metadata {
    fn put_on(&self, object: &mut BuiltObject) {
        for (field, key, value) in &self.pairs {
            let value = make::text(Arc::clone(&value.value), value.at);
            make::set(&mut object.node, &["metadata", field, key], value);
        }
        for (field, doubt) in &self.doubts {
            make::doubt(object, &["metadata", field], doubt);
        }
    }
}

/// How much work the controllers do at once, and what they may use for it.
struct Size {
    name: &'static str,
    /// Objects that kustomize- and helm-controller work on at once, and source-controller where it differs from its own.
    concurrent: (u32, Option<u32>),
    requeue: &'static str,
    cache: u32,
}

impl Size {
    fn named(name: &str) -> Option<Self> {
        let (name, concurrent, requeue, cache) = match name {
            "small" => ("small", (5, None), "10s", 10),
            "medium" => ("medium", (10, Some(5)), "5s", 50),
            "large" => ("large", (20, Some(10)), "5s", 100),
            _ => return None,
        };
        Some(Self {
            name,
            concurrent,
            requeue,
            cache,
        })
    }

    fn args(&self, component: Component) -> Vec<String> {
        match component {
            Component::Kustomize | Component::Helm => vec![
                format!("--concurrent={}", self.concurrent.0),
                format!("--requeue-dependency={}", self.requeue),
            ],
            Component::Source => {
                let mut args = vec![
                    format!("--helm-cache-max-size={}", self.cache),
                    "--helm-cache-ttl=720m".to_owned(),
                    "--helm-cache-purge-interval=60m".to_owned(),
                ];
                args.extend(self.concurrent.1.map(|number| format!("--concurrent={number}")));
                args
            }
            _ => Vec::new(),
        }
    }

    fn resources(&self, component: Component) -> Option<serde_json::Value> {
        let is_applier = matches!(component, Component::Kustomize | Component::Helm);
        let (request, cpu, memory) = match self.name {
            "small" => ("64Mi", "1000m", "512Mi"),
            "medium" if is_applier || component == Component::Source => ("128Mi", "2000m", "1Gi"),
            "large" if is_applier => ("256Mi", "3000m", "3Gi"),
            "large" if component == Component::Source => ("256Mi", "2000m", "2Gi"),
            _ => return None,
        };
        Some(json!({"limits": {"cpu": cpu, "memory": memory}, "requests": {"cpu": "100m", "memory": request}}))
    }
}
