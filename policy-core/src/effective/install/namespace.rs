//! The namespace of Flux, its quota and its network policies.

use serde_json::{Value as Json, json};

use super::{Install, Installer, Part, WEBHOOK_PORT};
use crate::effective::make;

impl Install {
    pub(super) fn namespace(&self) -> Part {
        let body = json!({
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"labels": {
                "pod-security.kubernetes.io/warn": "restricted",
                "pod-security.kubernetes.io/warn-version": "latest",
            }},
        });
        let mut part = self.part("flux-system", None, body);
        if let Installer::Operator { .. } = self.installer {
            let keep = ["metadata", "annotations", "fluxcd.controlplane.io/prune"];
            part.set(&keep, make::text("disabled", self.at));
        }
        part
    }

    pub(super) fn quota(&self) -> Part {
        let body = json!({
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "spec": {
                "hard": {"pods": "1000"},
                "scopeSelector": {"matchExpressions": [{
                    "operator": "In",
                    "scopeName": "PriorityClass",
                    "values": ["system-node-critical", "system-cluster-critical"],
                }]},
            },
        });
        self.part("critical-pods", None, body)
    }

    pub(super) fn network_policies(&self) -> [Part; 3] {
        let policy = |name, spec: Json| {
            let body = json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "spec": spec});
            self.part(name, None, body)
        };
        let any = json!([{"namespaceSelector": {}}]);
        let egress = json!({
            "podSelector": {},
            "policyTypes": ["Ingress", "Egress"],
            "egress": [{}],
            "ingress": [{"from": [{"podSelector": {}}]}],
        });
        let scraping = json!({
            "podSelector": {},
            "policyTypes": ["Ingress"],
            "ingress": [{"from": any, "ports": [{"port": 8080, "protocol": "TCP"}]}],
        });
        let webhooks = json!({
            "podSelector": {"matchLabels": {"app": "notification-controller"}},
            "policyTypes": ["Ingress"],
            "ingress": [{"from": any}],
        });
        let mut webhooks = policy("allow-webhooks", webhooks);
        let ports = make::node(json!([{"port": 9292, "protocol": "TCP"}]), self.at);
        // The chart leaves all ports open, whatever the release.
        let bounded = if self.is_chart() {
            Some(false)
        } else {
            self.version.since(WEBHOOK_PORT)
        };
        match (bounded, self.version.doubt()) {
            (Some(true), _) => webhooks.set(&["spec", "ingress", "0", "ports"], ports),
            (None, Some(doubt)) => webhooks.doubt(&["spec", "ingress"], doubt),
            _ => {}
        }
        [
            policy("allow-egress", egress),
            policy("allow-scraping", scraping),
            webhooks,
        ]
    }
}
