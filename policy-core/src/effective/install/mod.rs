//! The objects of a Flux installation: what `flux install`, the operator and the community chart make of a release.

mod controller;
mod namespace;
mod roles;

use std::sync::Arc;

pub(super) use controller::{storage_address, stores};
use serde_json::Value as Json;

use super::kustomize::BuiltObject;
use super::make::{self, Doubt, Said};
use super::releases::{Component, Version};
use crate::tree::{Node, Span};

/// Who installs.
#[derive(Clone, Debug)]
pub(super) enum Installer {
    /// `flux install`, `flux bootstrap`
    Cli,
    /// flux-operator, for the FluxInstance of this name
    Operator { instance: Arc<str> },
    /// The flux2 chart of the community; its version where that is known
    Chart { version: Option<Arc<str>> },
}

/// What is installed.
#[derive(Clone, Debug)]
pub(super) struct Install {
    /// The object or the file that asks for it.
    pub(super) at: Span,
    pub(super) installer: Installer,
    pub(super) namespace: Said<Arc<str>>,
    pub(super) version: Version,
    pub(super) components: Vec<Said<Component>>,
    /// Where images are pulled from, without the controller's name; or why that is not known.
    pub(super) registry: Result<Said<Arc<str>>, Doubt>,
    /// The cluster's domain.
    pub(super) domain: Said<Arc<str>>,
    /// Whether the three network policies are installed.
    pub(super) policies: bool,
    /// Whether controllers may make tokens of service accounts, from the release on that asks for it.
    pub(super) tokens: bool,
}

/// An object of an installation.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// The controller that it belongs to.
    pub(super) component: Option<Component>,
    /// Its name before anything was put behind it.
    pub(super) original: &'static str,
    /// It belongs to a shard.
    pub(super) sharded: bool,
    pub(super) object: BuiltObject,
}

/// The first container's fields, of every controller.
pub(super) const CONTAINER: [&str; 5] = ["spec", "template", "spec", "containers", "0"];
pub(super) const ARGS: [&str; 6] = ["spec", "template", "spec", "containers", "0", "args"];
pub(super) const IMAGE: [&str; 6] = ["spec", "template", "spec", "containers", "0", "image"];
pub(super) const RESOURCES: [&str; 6] = ["spec", "template", "spec", "containers", "0", "resources"];
pub(super) const POD: [&str; 3] = ["spec", "template", "spec"];
/// What came when: minor and patch of the first release that has it (facts of Flux's own manifests).
const LIVEZ: (u32, u32) = (4, 0);
pub(super) const TOKENS: (u32, u32) = (6, 0);
pub(super) const SOURCE_WATCHER: (u32, u32) = (7, 0);
// Released manifests of 2.9.3 leave the ports open, those of 2.9.4 do not.
const WEBHOOK_PORT: (u32, u32) = (9, 4);

impl Part {
    pub(super) fn is(&self, kind: &str) -> bool {
        self.object.node.get("kind").and_then(Node::as_str) == Some(kind)
    }

    /// The name before the namespace or the shard was put behind it, where that is another.
    pub(super) fn former(&self) -> Option<Arc<str>> {
        const RENAMED: [&str; 5] = [
            "ClusterRole",
            "ClusterRoleBinding",
            "Deployment",
            "ResourceQuota",
            "Service",
        ];
        let name = make::find(&self.object.node, &["metadata", "name"]).and_then(Node::as_str);
        let renamed = RENAMED.iter().any(|kind| self.is(kind)) && name != Some(self.original);
        renamed.then(|| self.original.into())
    }

    /// The controller of this Deployment.
    pub(super) fn controller(&self) -> Option<Component> {
        self.component.filter(|_| self.is("Deployment"))
    }

    pub(super) fn doubt(&mut self, parts: &[&str], doubt: &Doubt) {
        make::doubt(&mut self.object, parts, doubt);
    }

    pub(super) fn set(&mut self, parts: &[&str], value: Node) {
        make::set(&mut self.object.node, parts, value);
    }

    /// Puts an argument behind the others.
    pub(super) fn arg(&mut self, argument: impl Into<Arc<str>>, at: Span) {
        make::push(&mut self.object.node, &ARGS, make::text(argument, at));
    }
}

impl Install {
    /// Everything that is installed but the definitions of Flux's kinds.
    pub(super) fn parts(&self) -> Vec<Part> {
        let mut parts = Vec::new();
        if !self.is_chart() {
            parts.push(self.namespace());
        }
        if self.policies {
            parts.extend(self.network_policies());
        }
        if !self.is_chart() {
            parts.push(self.quota());
        }
        parts.extend(self.roles());
        for component in &self.components {
            parts.extend(self.controller(component));
        }
        parts
    }

    /// Lets kustomize- and helm-controller take what source-watcher makes.
    pub(super) fn enable_external_artifacts(&self, parts: &mut [Part]) {
        let watcher = self
            .components
            .iter()
            .find(|said| said.value == Component::SourceWatcher);
        let Some(at) = watcher.map(|said| said.at) else { return };
        for part in parts {
            if let Some(Component::Kustomize | Component::Helm) = part.controller() {
                part.arg("--feature-gates=ExternalArtifact=true", at);
            }
        }
    }

    pub(super) fn has(&self, component: Component) -> bool {
        self.components.iter().any(|said| said.value == component)
    }

    fn is_chart(&self) -> bool {
        matches!(self.installer, Installer::Chart { .. })
    }

    /// The namespace at the end of names that the whole cluster shares.
    fn suffixed(&self, name: &str) -> String {
        match self.installer {
            Installer::Chart { .. } => name.to_owned(),
            _ => format!("{name}-{}", self.namespace.value),
        }
    }

    /// An object with the metadata that all objects of the installation have.
    fn part(&self, original: &'static str, component: Option<&Said<Component>>, body: Json) -> Part {
        let at = component.map_or(self.at, |said| said.at);
        let mut part = Part {
            component: component.map(|said| said.value),
            original,
            sharded: false,
            object: make::object(body, at),
        };
        let kind = part
            .object
            .node
            .get("kind")
            .and_then(Node::as_str)
            .unwrap_or("")
            .to_owned();
        let shared = matches!(&*kind, "Namespace" | "ClusterRole" | "ClusterRoleBinding");
        let name = match &*kind {
            "Namespace" => self.namespace.value.to_string(),
            "ClusterRole" | "ClusterRoleBinding" | "ResourceQuota" => self.suffixed(original),
            _ => original.to_owned(),
        };
        part.set(&["metadata", "name"], make::text(name, at));
        if !shared {
            let namespace = make::text(Arc::clone(&self.namespace.value), self.namespace.at);
            part.set(&["metadata", "namespace"], namespace);
        }
        self.label(&mut part, at);
        part
    }

    /// Another object that is installed with the others, with their labels and annotations.
    pub(super) fn dressed(&self, object: BuiltObject) -> Part {
        let at = object.base;
        let mut part = Part {
            component: None,
            original: "",
            sharded: false,
            object,
        };
        self.label(&mut part, at);
        part
    }

    fn label(&self, part: &mut Part, at: Span) {
        let set = |part: &mut Part, name: &str, value: &str| {
            part.set(&["metadata", "labels", name], make::text(value, at));
        };
        set(part, "app.kubernetes.io/instance", &self.namespace.value);
        set(part, "app.kubernetes.io/part-of", "flux");
        if let Some(component) = part.component {
            set(part, "app.kubernetes.io/component", component.name());
        }
        match &self.installer {
            Installer::Cli => {}
            Installer::Operator { instance } => {
                set(part, "app.kubernetes.io/managed-by", "flux-operator");
                set(part, "fluxcd.controlplane.io/name", instance);
                set(part, "fluxcd.controlplane.io/namespace", &self.namespace.value);
                for (name, value) in [("ssa", "Ignore"), ("prune", "Disabled")] {
                    let name = format!("kustomize.toolkit.fluxcd.io/{name}");
                    part.set(&["metadata", "annotations", &name], make::text(value, at));
                }
            }
            Installer::Chart { version } => {
                set(part, "app.kubernetes.io/managed-by", "Helm");
                match version {
                    Some(version) => set(part, "helm.sh/chart", &format!("flux2-{version}")),
                    None => {
                        let doubt = Doubt::new("the version of the chart is not known", self.at);
                        part.doubt(&["metadata", "labels", "helm.sh/chart"], &doubt);
                    }
                }
            }
        }
        self.label_version(part, &["metadata", "labels", "app.kubernetes.io/version"]);
    }

    fn label_version(&self, part: &mut Part, parts: &[&str]) {
        match &self.version.exact {
            // The chart has the version without `v`.
            Ok(version) if self.is_chart() => {
                let text = version.value.trim_start_matches('v');
                part.set(parts, make::text(text, version.at));
            }
            Ok(version) => part.set(parts, make::text(Arc::clone(&version.value), version.at)),
            Err(doubt) => part.doubt(parts, doubt),
        }
    }
}
