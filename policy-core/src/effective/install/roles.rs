//! Roles of the whole cluster and who has them.

use serde_json::{Value as Json, json};

use super::{Install, LIVEZ, Part, SOURCE_WATCHER, TOKENS};
use crate::effective::make;
use crate::effective::releases::Component;
use crate::tree::Span;

const RULES: [&str; 1] = ["rules"];
const RBAC: &str = "rbac.authorization.k8s.io/v1";

const TOOLKIT: [&str; 5] = [
    "source.toolkit.fluxcd.io",
    "kustomize.toolkit.fluxcd.io",
    "helm.toolkit.fluxcd.io",
    "notification.toolkit.fluxcd.io",
    "image.toolkit.fluxcd.io",
];
const EXTENSIONS: &str = "source.extensions.fluxcd.io";
/// The same groups in the order of the roles for people.
const AGGREGATED: [&str; 6] = [
    "notification.toolkit.fluxcd.io",
    "source.toolkit.fluxcd.io",
    EXTENSIONS,
    "helm.toolkit.fluxcd.io",
    "image.toolkit.fluxcd.io",
    "kustomize.toolkit.fluxcd.io",
];

impl Install {
    pub(super) fn roles(&self) -> Vec<Part> {
        let mut subjects = vec![
            Component::Kustomize,
            Component::Helm,
            Component::Source,
            Component::Notification,
            Component::ImageReflector,
            Component::ImageAutomation,
        ];
        if self.version.since(SOURCE_WATCHER) != Some(false) {
            subjects.push(Component::SourceWatcher);
        }
        let last = (subjects.len() - 1).to_string();
        let mut crd_binding = self.bind("crd-controller", &self.suffixed("crd-controller"), &subjects);
        if let (None, Some(doubt)) = (self.version.since(SOURCE_WATCHER), self.version.doubt()) {
            crd_binding.doubt(&["subjects", &last], doubt);
        }
        vec![
            self.crd_controller(),
            self.aggregate(
                "flux-edit",
                &["admin", "edit"],
                &["create", "delete", "deletecollection", "patch", "update"],
            ),
            self.aggregate("flux-view", &["admin", "edit", "view"], &["get", "list", "watch"]),
            self.bind(
                "cluster-reconciler",
                "cluster-admin",
                &[Component::Kustomize, Component::Helm],
            ),
            crd_binding,
        ]
    }

    fn bind(&self, original: &'static str, role: &str, components: &[Component]) -> Part {
        let subject = |component: &Component| {
            json!({
                "kind": "ServiceAccount",
                "name": self.account(*component),
                "namespace": &*self.namespace.value,
            })
        };
        let body = json!({
            "apiVersion": RBAC,
            "kind": "ClusterRoleBinding",
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
            "subjects": components.iter().map(subject).collect::<Vec<_>>(),
        });
        self.part(original, None, body)
    }

    /// The chart's appliers without rights of their own: they may only act for other accounts.
    pub(in crate::effective) fn impersonator(&self, at: Span) -> [Part; 2] {
        let rules = json!([{"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["impersonate"]}]);
        let body = json!({"apiVersion": RBAC, "kind": "ClusterRole", "rules": rules});
        let name = "cluster-reconciler-impersonator";
        let appliers = [Component::Kustomize, Component::Helm];
        let here = Self { at, ..self.clone() };
        [here.part(name, None, body), here.bind(name, name, &appliers)]
    }

    /// What lets the controllers run as users of their own on OpenShift.
    pub(in crate::effective) fn openshift(&self, at: Span) -> [Part; 2] {
        let rules = json!([{
            "apiGroups": ["security.openshift.io"],
            "resources": ["securitycontextconstraints"],
            "resourceNames": ["nonroot"],
            "verbs": ["use"],
        }]);
        let body = json!({"apiVersion": RBAC, "kind": "ClusterRole", "rules": rules});
        let here = Self { at, ..self.clone() };
        let components: Vec<Component> = Component::ALL
            .into_iter()
            .filter(|component| *component != Component::SourceWatcher || self.has(*component))
            .collect();
        [
            here.part("flux-scc", None, body),
            here.bind("flux-scc", "flux-scc", &components),
        ]
    }

    fn crd_controller(&self) -> Part {
        let read = ["get", "list", "watch"];
        let write = ["get", "list", "watch", "create", "update", "patch", "delete"];
        let core =
            |resources: &[&str], verbs: &[&str]| json!({"apiGroups": [""], "resources": resources, "verbs": verbs});
        let all = |group: &str| json!({"apiGroups": [group], "resources": ["*"], "verbs": ["*"]});
        let mut rules: Vec<((u32, u32), Json)> = TOOLKIT.iter().map(|group| ((0, 0), all(group))).collect();
        rules.push((SOURCE_WATCHER, all(EXTENSIONS)));
        rules.push((
            (0, 0),
            core(&["namespaces", "secrets", "configmaps", "serviceaccounts"], &read),
        ));
        rules.push(((0, 0), core(&["events"], &["create", "patch"])));
        rules.push(((0, 0), core(&["configmaps"], &write)));
        rules.push(((0, 0), core(&["configmaps/status"], &["get", "update", "patch"])));
        let leases = json!({"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": write});
        rules.push(((0, 0), leases));
        if !self.is_chart() {
            if self.tokens {
                rules.push((TOKENS, core(&["serviceaccounts/token"], &["create"])));
            }
            rules.push((LIVEZ, json!({"nonResourceURLs": ["/livez/ping"], "verbs": ["head"]})));
        }
        let mut part = self.part(
            "crd-controller",
            None,
            json!({"apiVersion": RBAC, "kind": "ClusterRole", "rules": []}),
        );
        for (at, (since, rule)) in rules
            .into_iter()
            .filter(|(since, _)| self.version.since(*since) != Some(false))
            .enumerate()
        {
            make::push(&mut part.object.node, &RULES, make::node(rule, self.at));
            if let (None, Some(doubt)) = (self.version.since(since), self.version.doubt()) {
                // Secrets and tokens are what roles are judged by; the other rules tell little.
                match since {
                    TOKENS => part.doubt(&RULES, doubt),
                    _ => part.doubt(&["rules", &at.to_string()], doubt),
                }
            }
        }
        part
    }

    fn aggregate(&self, name: &'static str, roles: &[&str], verbs: &[&str]) -> Part {
        let since = self.version.since(SOURCE_WATCHER);
        let groups: Vec<&str> = AGGREGATED
            .into_iter()
            .filter(|group| *group != EXTENSIONS || since != Some(false))
            .collect();
        let labels: serde_json::Map<String, Json> = roles
            .iter()
            .map(|role| (format!("rbac.authorization.k8s.io/aggregate-to-{role}"), "true".into()))
            .collect();
        let body = json!({
            "apiVersion": RBAC,
            "kind": "ClusterRole",
            "metadata": {"labels": labels},
            "rules": [{"apiGroups": groups, "resources": ["*"], "verbs": verbs}],
        });
        let mut part = self.part(name, None, body);
        if let (None, Some(doubt)) = (since, self.version.doubt()) {
            part.doubt(&["rules", "0", "apiGroups", "2"], doubt);
        }
        part
    }
}
