//! The objects of a Flux installation: what `flux install`, the operator and the community chart make of a release.

use std::sync::Arc;

use serde_json::{Value as Json, json};

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
const RULES: [&str; 1] = ["rules"];

const RBAC: &str = "rbac.authorization.k8s.io/v1";

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

    fn namespace(&self) -> Part {
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

    fn quota(&self) -> Part {
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

    fn network_policies(&self) -> [Part; 3] {
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

    fn roles(&self) -> Vec<Part> {
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
    pub(super) fn impersonator(&self, at: Span) -> [Part; 2] {
        let rules = json!([{"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["impersonate"]}]);
        let body = json!({"apiVersion": RBAC, "kind": "ClusterRole", "rules": rules});
        let name = "cluster-reconciler-impersonator";
        let appliers = [Component::Kustomize, Component::Helm];
        let here = Self { at, ..self.clone() };
        [here.part(name, None, body), here.bind(name, name, &appliers)]
    }

    /// What lets the controllers run as users of their own on OpenShift.
    pub(super) fn openshift(&self, at: Span) -> [Part; 2] {
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
        let mut groups = TOOLKIT.to_vec();
        if self.version.since(SOURCE_WATCHER) != Some(false) {
            groups.push(EXTENSIONS);
        }
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
        if let (None, Some(doubt)) = (self.version.since(SOURCE_WATCHER), self.version.doubt()) {
            part.doubt(&["rules", "0", "apiGroups", &TOOLKIT.len().to_string()], doubt);
        }
        part
    }

    /// The service account, the services and the Deployment of a controller.
    fn controller(&self, component: &Said<Component>) -> Vec<Part> {
        let account = self.part(
            self.account(component.value),
            Some(component),
            json!({"apiVersion": "v1", "kind": "ServiceAccount"}),
        );
        let service = |name: &'static str, port: &str| {
            let body = json!({
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"labels": {"control-plane": "controller"}},
                "spec": {
                    "type": "ClusterIP",
                    "selector": {"app": component.value.name()},
                    "ports": [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": port}],
                },
            });
            self.part(name, Some(component), body)
        };
        let mut parts = vec![account];
        match component.value {
            Component::Source => parts.push(service("source-controller", "http")),
            Component::SourceWatcher => parts.push(service("source-watcher", "http")),
            Component::Notification => {
                parts.push(service("notification-controller", "http"));
                parts.push(service("webhook-receiver", "http-webhook"));
            }
            _ => {}
        }
        parts.push(self.deployment(component));
        parts
    }

    fn account(&self, component: Component) -> &'static str {
        match component {
            Component::SourceWatcher if self.is_chart() => "source-watcher-controller",
            _ => component.name(),
        }
    }

    fn args(&self, component: Component) -> Vec<String> {
        let mut args = Vec::new();
        let heard = self.is_chart() || matches!(self.installer, Installer::Cli) || self.has(Component::Notification);
        if component != Component::Notification {
            let namespace = match self.installer {
                Installer::Operator { .. } => &self.namespace.value,
                _ => "$(RUNTIME_NAMESPACE)",
            };
            let end = if self.is_chart() { "" } else { "/" };
            let domain = &self.domain.value;
            match (heard, self.is_chart() && !self.has(Component::Notification)) {
                (_, true) => {}
                (true, _) => args.push(format!(
                    "--events-addr=http://notification-controller.{namespace}.svc.{domain}.{end}"
                )),
                (false, _) => args.push("--events-addr=".to_owned()),
            }
        }
        args.push("--watch-all-namespaces=true".to_owned());
        args.push("--log-level=info".to_owned());
        args.push("--log-encoding=json".to_owned());
        args.push("--enable-leader-election".to_owned());
        if stores(component) {
            args.push("--storage-path=/data".to_owned());
            args.push(storage_address(component.name(), &self.domain.value));
        }
        args
    }

    fn deployment(&self, component: &Said<Component>) -> Part {
        let name = component.value.name();
        let mut body = json!({
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"labels": {"control-plane": "controller"}},
            "spec": {
                "replicas": 1,
                "selector": {"matchLabels": {"app": name}},
                "template": {
                    "metadata": {
                        "annotations": {"prometheus.io/port": "8080", "prometheus.io/scrape": "true"},
                        "labels": {"app": name},
                    },
                    "spec": {
                        "containers": [self.container(component.value)],
                        "securityContext": {"fsGroup": 1337},
                        "serviceAccountName": self.account(component.value),
                        "terminationGracePeriodSeconds": grace(component.value),
                        "volumes": volumes(component.value)
                            .iter()
                            .map(|(name, _)| json!({"emptyDir": {}, "name": name}))
                            .collect::<Vec<_>>(),
                    },
                },
            },
        });
        if stores(component.value)
            && let Some(spec) = body.get_mut("spec").and_then(Json::as_object_mut)
        {
            spec.insert("strategy".to_owned(), json!({"type": "Recreate"}));
        }
        let mut part = self.part(name, Some(component), body);
        if !self.is_chart() {
            let set = |part: &mut Part, field: &str, value: Json| {
                let [spec, template, pod] = POD;
                part.set(&[spec, template, pod, field], make::node(value, component.at));
            };
            set(&mut part, "nodeSelector", json!({"kubernetes.io/os": "linux"}));
            if is_critical(component.value) {
                set(&mut part, "priorityClassName", json!("system-cluster-critical"));
            }
            self.label_pod(&mut part, component);
        }
        self.set_image(&mut part, component);
        part
    }

    /// The labels of pods: `app` alone before Flux 2.7.
    fn label_pod(&self, part: &mut Part, component: &Said<Component>) {
        const LABELS: [&str; 4] = ["spec", "template", "metadata", "labels"];
        let [spec, template, metadata, labels] = LABELS;
        let since = self.version.since(SOURCE_WATCHER);
        for (name, value) in [
            ("app.kubernetes.io/component", component.value.name()),
            ("app.kubernetes.io/part-of", "flux"),
            ("app.kubernetes.io/instance", &*self.namespace.value),
        ] {
            let parts = [spec, template, metadata, labels, name];
            match (since, self.version.doubt()) {
                (Some(true), _) => part.set(&parts, make::text(value, component.at)),
                (None, Some(doubt)) => part.doubt(&parts, doubt),
                _ => {}
            }
        }
        if since != Some(false) {
            self.label_version(part, &[spec, template, metadata, labels, "app.kubernetes.io/version"]);
        }
    }

    fn set_image(&self, part: &mut Part, component: &Said<Component>) {
        let name = component.value.name();
        let tag = self.version.tag(component.value);
        let registry = match &self.registry {
            Ok(registry) => format!("{}/", registry.value.trim_end_matches('/')),
            Err(_) => String::new(),
        };
        let (image, at) = match (&tag, &self.registry) {
            (Ok(tag), _) => (format!("{registry}{name}:{}", tag.value), tag.at),
            (Err(_), Ok(registry_said)) => (format!("{registry}{name}"), registry_said.at),
            (Err(_), Err(_)) => (name.to_owned(), component.at),
        };
        part.set(&IMAGE, make::text(image, at));
        for doubt in [tag.err(), self.registry.clone().err()].into_iter().flatten() {
            part.doubt(&IMAGE, &doubt);
        }
        if let Installer::Operator { .. } = self.installer {
            let doubt = Doubt::new("the operator adds a digest that only its own manifests show", self.at);
            part.doubt(&IMAGE, &doubt);
        }
    }

    fn container(&self, component: Component) -> Json {
        let mut env = vec![json!({
            "name": "RUNTIME_NAMESPACE",
            "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}},
        })];
        if !self.is_chart() {
            if component == Component::Source {
                env.push(json!({"name": "TUF_ROOT", "value": "/tmp/.sigstore"}));
            }
            env.push(json!({
                "name": "GOMEMLIMIT",
                "valueFrom": {"resourceFieldRef": {"containerName": "manager", "resource": "limits.memory"}},
            }));
        }
        let mut security = json!({
            "allowPrivilegeEscalation": false,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": true,
            "runAsNonRoot": true,
            "seccompProfile": {"type": "RuntimeDefault"},
        });
        if let (true, Some(fields)) = (self.is_chart(), security.as_object_mut()) {
            fields.insert("runAsUser".to_owned(), json!(65534));
        }
        let ready = if stores(component) {
            json!({"path": "/", "port": "http"})
        } else {
            json!({"path": "/readyz", "port": "healthz"})
        };
        json!({
            "name": "manager",
            "args": self.args(component),
            "env": env,
            "imagePullPolicy": "IfNotPresent",
            "livenessProbe": {"httpGet": {"path": "/healthz", "port": "healthz"}},
            "ports": ports(component)
                .iter()
                .map(|(name, port)| json!({"containerPort": port, "name": name, "protocol": "TCP"}))
                .collect::<Vec<_>>(),
            "readinessProbe": {"httpGet": ready},
            "resources": self.resources(component),
            "securityContext": security,
            "volumeMounts": volumes(component)
                .iter()
                .map(|(name, path)| json!({"mountPath": path, "name": name}))
                .collect::<Vec<_>>(),
        })
    }

    fn resources(&self, component: Component) -> Json {
        // source-controller asks for less, except in the chart.
        let small = component == Component::SourceWatcher || component == Component::Source && !self.is_chart();
        let requests = json!({"cpu": if small { "50m" } else { "100m" }, "memory": "64Mi"});
        let limits = if self.is_chart() {
            json!({})
        } else {
            json!({"cpu": "1000m", "memory": "1Gi"})
        };
        json!({"limits": limits, "requests": requests})
    }
}

/// What came when: minor and patch of the first release that has it (facts of Flux's own manifests).
const LIVEZ: (u32, u32) = (5, 0);
pub(super) const TOKENS: (u32, u32) = (6, 0);
pub(super) const SOURCE_WATCHER: (u32, u32) = (7, 0);
// Released manifests of 2.9.3 leave the ports open, those of 2.9.4 do not.
const WEBHOOK_PORT: (u32, u32) = (9, 4);

const TOOLKIT: [&str; 5] = [
    "source.toolkit.fluxcd.io",
    "kustomize.toolkit.fluxcd.io",
    "helm.toolkit.fluxcd.io",
    "notification.toolkit.fluxcd.io",
    "image.toolkit.fluxcd.io",
];
const EXTENSIONS: &str = "source.extensions.fluxcd.io";

/// Where others fetch the artifacts of a controller.
pub(super) fn storage_address(name: &str, domain: &str) -> String {
    format!("--storage-adv-addr={name}.$(RUNTIME_NAMESPACE).svc.{domain}.")
}

/// Whether a controller stores artifacts and serves them.
pub(super) fn stores(component: Component) -> bool {
    matches!(component, Component::Source | Component::SourceWatcher)
}

fn is_critical(component: Component) -> bool {
    stores(component) || matches!(component, Component::Kustomize | Component::Helm)
}

/// Seconds that a pod has to end.
fn grace(component: Component) -> u32 {
    match component {
        Component::Kustomize => 60,
        Component::Helm => 600,
        _ => 10,
    }
}

fn volumes(component: Component) -> &'static [(&'static str, &'static str)] {
    match component {
        Component::Source | Component::SourceWatcher => &[("data", "/data"), ("tmp", "/tmp")],
        Component::ImageReflector => &[("temp", "/tmp"), ("data", "/data")],
        _ => &[("temp", "/tmp")],
    }
}

fn ports(component: Component) -> &'static [(&'static str, u16)] {
    match component {
        Component::Source | Component::SourceWatcher => &[("http", 9090), ("http-prom", 8080), ("healthz", 9440)],
        Component::Notification => &[
            ("http", 9090),
            ("http-webhook", 9292),
            ("http-prom", 8080),
            ("healthz", 9440),
        ],
        _ => &[("http-prom", 8080), ("healthz", 9440)],
    }
}
