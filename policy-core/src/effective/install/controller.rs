//! A controller: its account, its services and its Deployment.

use serde_json::{Value as Json, json};

use super::{IMAGE, Install, Installer, POD, Part, SOURCE_WATCHER};
use crate::effective::make::{self, Doubt, Said};
use crate::effective::releases::Component;

impl Install {
    /// The service account, the services and the Deployment of a controller.
    pub(super) fn controller(&self, component: &Said<Component>) -> Vec<Part> {
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

    pub(super) fn account(&self, component: Component) -> &'static str {
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
        if let Err(doubt) = &self.registry {
            part.doubt(&IMAGE, doubt);
        }
        // Parts of the image below its path, where policies ask for them (lib.refs).
        if let Err(doubt) = tag {
            part.doubt(&[&IMAGE[..], &["tag"]].concat(), &doubt);
        }
        if let Installer::Operator { .. } = self.installer {
            let doubt = Doubt::new("the operator adds a digest that only its own manifests show", self.at);
            part.doubt(&[&IMAGE[..], &["digest"]].concat(), &doubt);
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

/// Where others fetch the artifacts of a controller.
pub(in crate::effective) fn storage_address(name: &str, domain: &str) -> String {
    format!("--storage-adv-addr={name}.$(RUNTIME_NAMESPACE).svc.{domain}.")
}

/// Whether a controller stores artifacts and serves them.
pub(in crate::effective) fn stores(component: Component) -> bool {
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
