//! `flux-audit serve` under a real API server, and the manifests that deploy it.

pub(crate) mod client;
mod cluster;
mod manifests;
mod parity;
pub(crate) mod served;

use anyhow::Result;
use serde_json::{Value, json};

use super::Verdicts;
use crate::shell;

pub(crate) fn run() -> Result<Verdicts> {
    shell::stage("manifests", manifests::run)?;
    shell::stage("API server", cluster::run)?;
    shell::stage("reviews", parity::run)
}

/// A controller that is right but for the arguments.
pub(crate) fn controller(args: &[&str]) -> Value {
    let labels = json!({"app": "kustomize-controller", "app.kubernetes.io/component": "kustomize-controller",
        "app.kubernetes.io/part-of": "flux"});
    json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "kustomize-controller", "namespace": "flux-system", "labels": labels},
        "spec": {"selector": {"matchLabels": {"app": "kustomize-controller"}},
            "template": {"metadata": {"labels": labels}, "spec": {
                "securityContext": {"fsGroup": 1337},
                "containers": [{"name": "manager", "image": "ghcr.io/fluxcd/kustomize-controller:v1.9.4", "args": args,
                    "securityContext": {"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
                        "runAsNonRoot": true, "capabilities": {"drop": ["ALL"]},
                        "seccompProfile": {"type": "RuntimeDefault"}}}]}}}})
}
