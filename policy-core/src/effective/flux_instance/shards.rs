//! Shards: `spec.sharding` and `spec.storage`.

use std::sync::Arc;

use serde_json::json;

use super::{Stage, deployments};
use crate::effective::install::{ARGS, CONTAINER, POD, Part, storage_address, stores};
use crate::effective::kustomize::Missing;
use crate::effective::make::{self, Doubt, Said};
use crate::effective::releases::Component;
use crate::tree::Node;

const SHARDING_KEY: &str = "sharding.fluxcd.io/key";
/// Shards of source-watcher: the first release that has them.
const WATCHER_SHARDS: (u32, u32) = (9, 0);

impl Stage<'_> {
    /// A set of controllers for each shard, with its own labels, address and selector.
    pub(super) fn shards(&mut self, most: usize) {
        const SHARDS: &[&str] = &["spec", "sharding", "shards"];
        let too_many = || Doubt::new(format!("there are more than {most} shards"), self.fields.at(SHARDS));
        let shards = match self.fields.texts(SHARDS) {
            Ok(shards) if shards.len() <= most => Ok(shards),
            Ok(_) => Err(too_many()),
            Err(doubt) => Err(doubt),
        };
        let shards = match shards {
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
        let named = |at: usize, name: &Said<Arc<str>>| shards.iter().take(at).any(|other| other.value == name.value);
        if shards.iter().enumerate().any(|(at, name)| named(at, name)) {
            return self.refuse("two shards have one name", SHARDS);
        }
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
    pub(super) fn storage(&mut self) {
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

    /// The main controllers leave to the shards what is theirs.
    pub(super) fn main_selector(&mut self) {
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
}
