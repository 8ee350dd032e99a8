//! The profiles of `cluster.size`.

use serde_json::json;

use crate::effective::releases::Component;

/// How much work the controllers do at once, and what they may use for it.
pub(super) struct Size {
    pub(super) name: &'static str,
    /// Objects worked on at once: by kustomize- and helm-controller, and by source-controller if not its default.
    concurrent: (u32, Option<u32>),
    requeue: &'static str,
    cache: u32,
}

impl Size {
    pub(super) fn named(name: &str) -> Option<Self> {
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

    pub(super) fn args(&self, component: Component) -> Vec<String> {
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

    pub(super) fn resources(&self, component: Component) -> Option<serde_json::Value> {
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
