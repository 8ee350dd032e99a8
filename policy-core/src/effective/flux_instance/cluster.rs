//! `spec.cluster`: type, size, tenants, workload identity.

use serde_json::json;

use super::size::Size;
use super::{Stage, deployments};
use crate::effective::install::{ARGS, RESOURCES, SOURCE_WATCHER, TOKENS};
use crate::effective::make::{self, Said};
use crate::effective::releases::Component;
use crate::tree::Node;

const POD_SECURITY: [&str; 4] = ["spec", "template", "spec", "securityContext"];
const SECURITY: [&str; 6] = ["spec", "template", "spec", "containers", "0", "securityContext"];

impl Stage<'_> {
    /// OpenShift chooses users and profiles itself, and labels namespaces itself.
    pub(super) fn cluster_type(&mut self) {
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
        match chosen.as_ref().map(|chosen| &*chosen.value) {
            Some("openshift") => {}
            None | Some("kubernetes" | "aws" | "azure" | "gcp") => return,
            Some(_) => {
                let reason = "`spec.cluster.type` is none of kubernetes, openshift, aws, azure and gcp";
                return self.refuse(reason, &["spec", "cluster", "type"]);
            }
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

    pub(super) fn cluster_size(&mut self) {
        let size = match self.fields.text(&["spec", "cluster", "size"]) {
            Ok(size) => size,
            Err(doubt) => return self.doubt(deployments, &[&ARGS, &RESOURCES], &doubt),
        };
        let at = size.as_ref().map_or(self.install.at, |size| size.at);
        let profile = size.as_ref().and_then(|size| Size::named(&size.value));
        if size.is_some() && profile.is_none() {
            let reason = "`spec.cluster.size` is none of small, medium and large";
            return self.refuse(reason, &["spec", "cluster", "size"]);
        }
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

    pub(super) fn multitenancy(&mut self) {
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

    pub(super) fn workload_identity(&mut self) {
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

    /// Where there are notifications they may be about the operator's own kinds.
    pub(super) fn operator_rule(&mut self) {
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
}
