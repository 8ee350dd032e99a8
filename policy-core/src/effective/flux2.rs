//! The community's flux2 chart: a release of Flux, changed by the chart's values.

use std::sync::Arc;

use serde_json::json;

use super::chart::{self, Chart};
use super::expanded::Expanded;
use super::fields::Fields;
use super::install::{ARGS, CONTAINER, IMAGE, Install, Installer, POD, Part};
use super::kustomize::BuiltObject;
use super::make::{self, Doubt, Said};
use super::releases::{Component, Version};
use super::values::Values;
use crate::tree::{Node, Span, Value};

/// Which release of Flux a version of the chart installs, as far as that is known (the chart's `appVersion`).
const APP_VERSIONS: [(&str, &str); 2] = [("2.18.3", "2.8.5"), ("2.19.0", "2.8.8")];

const POD_LABELS: [&str; 4] = ["spec", "template", "metadata", "labels"];
const POD_ANNOTATIONS: [&str; 4] = ["spec", "template", "metadata", "annotations"];

/// The objects of a release of the chart. A map of values may have so many entries.
pub(super) fn expand(release: &BuiltObject, chart: &Chart, values: &Values, most: usize) -> Expanded {
    let at = release.node.span;
    let fields = values.fields();
    let mut expanded = Expanded::default();
    let mut doubtful = Vec::new();
    let mut components = Vec::new();
    for component in Component::ALL {
        let key = key(component);
        match fields.flag(&[key, "create"]) {
            Ok(None) if component != Component::SourceWatcher => {
                components.push(Said::new(component, at));
            }
            Ok(Some(Said { value: true, at })) => components.push(Said::new(component, at)),
            Ok(_) => {}
            Err(doubt) => {
                components.push(Said::new(component, at));
                doubtful.push((component, doubt));
            }
        }
    }
    let policies = fields.flag(&["policies", "create"]);
    let namespace = chart::target_namespace(release);
    let domain = fields.text(&["clusterDomain"]);
    let install = Install {
        at,
        installer: Installer::Chart {
            version: exact(chart).map(|version| Arc::clone(&version.value)),
        },
        namespace: namespace.clone().unwrap_or_else(|_| Said::new("flux-system", at)),
        version: version(chart, at),
        components,
        registry: Ok(Said::new("ghcr.io/fluxcd", at)),
        domain: match &domain {
            Ok(Some(said)) => said.clone(),
            _ => Said::new("cluster.local", at),
        },
        policies: !matches!(policies, Ok(Some(Said { value: false, .. }))),
        tokens: false,
    };
    let mut parts = install.parts();
    for part in &mut parts {
        if let Err(doubt) = &namespace {
            part.doubt(&["metadata", "namespace"], doubt);
            part.doubt(&["subjects"], doubt);
        }
        if let Err(doubt) = &policies
            && part.is("NetworkPolicy")
        {
            part.doubt(&[], doubt);
        }
        let own = part.component;
        for (_, doubt) in doubtful.iter().filter(|(component, _)| own == Some(*component)) {
            part.doubt(&[], doubt);
        }
        if let (Err(doubt), Some(_)) = (&domain, part.controller()) {
            part.doubt(&ARGS, doubt);
        }
    }
    accounts(&mut parts, &fields, most);
    roles(&install, &mut parts, &fields);
    for part in &mut parts {
        if let Some(component) = part.controller() {
            deployment(part, component, &fields, most);
        }
    }
    // Whether there are any, nothing here makes them: they are templates of the user's own.
    match fields.list(&["extraObjects"]) {
        Ok([]) => {}
        Ok(_) => expanded.miss(&Doubt::new(
            "the chart makes more objects of its value `extraObjects`",
            fields.at(&["extraObjects"]),
        )),
        Err(doubt) => expanded.miss(&doubt),
    }
    expanded.objects = parts.into_iter().map(|part| part.object).collect();
    expanded
}

/// The chart's name for a controller.
fn key(component: Component) -> &'static str {
    match component {
        Component::Source => "sourceController",
        Component::Kustomize => "kustomizeController",
        Component::Helm => "helmController",
        Component::Notification => "notificationController",
        Component::ImageReflector => "imageReflectionController",
        Component::ImageAutomation => "imageAutomationController",
        Component::SourceWatcher => "sourceWatcher",
    }
}

/// The chart's version, where it is one and no range.
fn exact(chart: &Chart) -> Option<&Said<Arc<str>>> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_exact = |text: &str| text.split('.').count() == 3 && text.split('.').all(digits);
    chart.version.as_ref().filter(|said| is_exact(&said.value))
}

fn version(chart: &Chart, at: Span) -> Version {
    let Some(said) = &chart.version else {
        return Version::unknown(Doubt::new("the version of the chart is not known", at));
    };
    let known = APP_VERSIONS.iter().find(|(version, _)| *version == &*said.value);
    match known {
        Some((_, flux)) => Version::read(&Said::new(*flux, said.at)),
        None => {
            let reason = format!(
                "which release of Flux the chart {} installs is not known",
                make::short(&said.value)
            );
            Version::unknown(Doubt::new(reason, said.at))
        }
    }
}

/// `serviceAccount.create`, `automount` and `annotations` of each controller.
fn accounts(parts: &mut Vec<Part>, fields: &Fields<'_>, most: usize) {
    parts.retain_mut(|part| {
        let Some(component) = part.component.filter(|_| part.is("ServiceAccount")) else {
            return true;
        };
        let account = [key(component), "serviceAccount"];
        let [controller, account] = account;
        match fields.flag(&[controller, account, "create"]) {
            Ok(Some(Said { value: false, .. })) => return false,
            Ok(_) => {}
            Err(doubt) => part.doubt(&[], &doubt),
        }
        match fields.flag(&[controller, account, "automount"]) {
            Ok(Some(said)) => {
                part.set(
                    &["automountServiceAccountToken"],
                    make::node(json!(said.value), said.at),
                );
            }
            Ok(None) => {}
            Err(doubt) => part.doubt(&["automountServiceAccountToken"], &doubt),
        }
        over(
            part,
            fields,
            &[controller, account, "annotations"],
            &["metadata", "annotations"],
            most,
        );
        true
    });
}

/// Roles and bindings, by `rbac`, `multitenancy` and `distro`.
fn roles(install: &Install, parts: &mut Vec<Part>, fields: &Fields<'_>) {
    let keep = |parts: &mut Vec<Part>, field: &str, names: &[&str]| match fields.flag(&["rbac", field]) {
        Ok(Some(Said { value: false, .. })) => {
            parts.retain(|part| !(is_role(part) && names.contains(&part.original)));
        }
        Ok(_) => {}
        Err(doubt) => {
            for part in parts
                .iter_mut()
                .filter(|part| is_role(part) && names.contains(&part.original))
            {
                part.doubt(&[], &doubt);
            }
        }
    };
    let enabled = fields.flag(&["multitenancy", "enabled"]);
    let privileged = fields.flag(&["multitenancy", "privileged"]);
    match (enabled, privileged) {
        (Ok(Some(Said { value: true, .. })), Ok(Some(Said { value: false, at }))) => {
            parts.retain(|part| part.original != "cluster-reconciler");
            parts.extend(install.impersonator(at));
        }
        (Ok(_), Ok(_)) => {}
        (Err(doubt), _) | (_, Err(doubt)) => {
            for part in parts.iter_mut().filter(|part| part.original == "cluster-reconciler") {
                part.doubt(&[], &doubt);
            }
        }
    }
    match fields.text(&["rbac", "roleRef", "name"]) {
        Ok(None) => {}
        Ok(Some(said)) => {
            for part in parts.iter_mut().filter(|part| part.original == "cluster-reconciler") {
                part.set(&["roleRef", "name"], make::text(Arc::clone(&said.value), said.at));
            }
        }
        Err(doubt) => {
            for part in parts.iter_mut().filter(|part| part.original == "cluster-reconciler") {
                part.doubt(&["roleRef"], &doubt);
            }
        }
    }
    keep(parts, "createAggregation", &["flux-edit", "flux-view"]);
    let names = [
        "crd-controller",
        "cluster-reconciler",
        "cluster-reconciler-impersonator",
    ];
    keep(parts, "create", &names);
    if let Ok(Some(Said { value: true, at })) = fields.flag(&["distro", "openshift"]) {
        parts.extend(install.openshift(at));
    }
}

fn is_role(part: &Part) -> bool {
    part.is("ClusterRole") || part.is("ClusterRoleBinding")
}

/// What the values of a controller and those of all of them change of its Deployment.
fn deployment(part: &mut Part, component: Component, fields: &Fields<'_>, most: usize) {
    let own = key(component);
    args(part, component, fields);
    image(part, component, fields);
    let [spec, template, pod] = POD;
    let [a, b, c, d, e] = CONTAINER;

    // `with`: the value stands where it is not empty.
    let instead: [(&[&str], &[&str]); 9] = [
        (&[own, "replicas"], &["spec", "replicas"]),
        (&[own, "nodeSelector"], &[spec, template, pod, "nodeSelector"]),
        (&[own, "affinity"], &[spec, template, pod, "affinity"]),
        (&[own, "tolerations"], &[spec, template, pod, "tolerations"]),
        (&[own, "priorityClassName"], &[spec, template, pod, "priorityClassName"]),
        (&[own, "initContainers"], &[spec, template, pod, "initContainers"]),
        (&["imagePullSecrets"], &[spec, template, pod, "imagePullSecrets"]),
        (&[own, "securityContext"], &[a, b, c, d, e, "securityContext"]),
        (&[own, "imagePullPolicy"], &[a, b, c, d, e, "imagePullPolicy"]),
    ];
    for (from, to) in instead {
        replace(part, fields, from, to);
    }
    match fields.flag(&["distro", "openshift"]) {
        Ok(Some(Said { value: true, .. })) => {
            make::remove(&mut part.object.node, &[spec, template, pod, "securityContext"])
        }
        Ok(_) => {}
        Err(doubt) => part.doubt(&[spec, template, pod, "securityContext"], &doubt),
    }
    replace(
        part,
        fields,
        &[own, "podSecurityContext"],
        &[spec, template, pod, "securityContext"],
    );
    over(part, fields, &[own, "resources"], &[a, b, c, d, e, "resources"], most);
    over(part, fields, &[own, "annotations"], &POD_ANNOTATIONS, most);
    over(part, fields, &[own, "labels"], &POD_LABELS, most);
    append(part, fields, &[own, "volumes"], &[spec, template, pod, "volumes"]);
    append(part, fields, &[own, "volumeMounts"], &[a, b, c, d, e, "volumeMounts"]);
    append(part, fields, &[own, "extraEnv"], &[a, b, c, d, e, "env"]);
    for (field, reference) in [("map", "configMapRef"), ("secret", "secretRef")] {
        match fields.text(&[own, "envFrom", field, "name"]) {
            Ok(None) => {}
            Ok(Some(said)) => {
                let source = make::node(json!({reference: {"name": &*said.value}}), said.at);
                make::push(&mut part.object.node, &[a, b, c, d, e, "envFrom"], source);
            }
            Err(doubt) => part.doubt(&[a, b, c, d, e, "envFrom"], &doubt),
        }
    }
}

/// The lock-down for tenants first, then the common flags, then what the values add.
fn args(part: &mut Part, component: Component, fields: &Fields<'_>) {
    let mut doubts = Vec::new();
    let mut first = Vec::new();
    let (locked, impersonates) = match component {
        Component::Source | Component::SourceWatcher => (false, false),
        Component::Kustomize | Component::Helm => (true, true),
        _ => (true, false),
    };
    if locked {
        match fields.flag(&["multitenancy", "enabled"]) {
            Ok(Some(Said { value: true, at })) => {
                first.push(make::text("--no-cross-namespace-refs=true", at));
                if impersonates {
                    match fields.text(&["multitenancy", "defaultServiceAccount"]) {
                        Ok(account) => {
                            let account = account.unwrap_or_else(|| Said::new("default", at));
                            let argument = format!("--default-service-account={}", account.value);
                            first.push(make::text(argument, account.at));
                        }
                        Err(doubt) => doubts.push(doubt),
                    }
                }
            }
            Ok(_) => {}
            Err(doubt) => doubts.push(doubt),
        }
    }
    let level = fields
        .text(&["logLevel"])
        .map(|said| said.map(|said| Said::<String>::new(said.value.to_string(), said.at)));
    let all = fields
        .flag(&["watchAllNamespaces"])
        .map(|said| said.map(|said| Said::<String>::new(said.value.to_string(), said.at)));
    let changed = [("--log-level=", level), ("--watch-all-namespaces=", all)];
    let Some(Value::Array(args)) = make::find_mut(&mut part.object.node, &ARGS).map(|node| &mut node.value) else {
        return;
    };
    for (flag, said) in changed {
        match said {
            Ok(None) => {}
            Ok(Some(said)) => {
                let stands = |arg: &&mut Node| arg.as_str().is_some_and(|text| text.starts_with(flag));
                if let Some(arg) = args.iter_mut().find(stands) {
                    *arg = make::text(format!("{flag}{}", said.value), said.at);
                }
            }
            Err(doubt) => doubts.push(doubt),
        }
    }
    args.splice(0..0, first);
    match fields.list(&[key(component), "container", "additionalArgs"]) {
        Ok(items) => args.extend(items.iter().cloned()),
        Err(doubt) => doubts.push(doubt),
    }
    for doubt in doubts {
        part.doubt(&ARGS, &doubt);
    }
}

/// `image` and `tag`: a tag that is a digest is one.
fn image(part: &mut Part, component: Component, fields: &Fields<'_>) {
    let own = key(component);
    let (image, tag) = match (fields.text(&[own, "image"]), fields.text(&[own, "tag"])) {
        (Ok(image), Ok(tag)) => (image, tag),
        (Err(doubt), _) | (_, Err(doubt)) => return part.doubt(&IMAGE, &doubt),
    };
    let default = make::find(&part.object.node, &IMAGE)
        .and_then(Node::as_str)
        .unwrap_or("")
        .to_owned();
    let (default_image, default_tag) = match default.rsplit_once(':') {
        Some((image, tag)) if !tag.contains('/') => (image.to_owned(), Some(tag.to_owned())),
        _ => (default, None),
    };
    let Some(at) = tag.as_ref().or(image.as_ref()).map(|said| said.at) else {
        return;
    };
    let image = image.map_or(default_image, |said| said.value.to_string());
    let tag_said = tag.is_some();
    let text = match tag.map(|said| said.value.to_string()).or(default_tag) {
        Some(tag) if tag.starts_with("sha256:") => format!("{image}@{tag}"),
        Some(tag) => format!("{image}:{tag}"),
        None => image,
    };
    part.set(&IMAGE, make::text(text, at));
    if tag_said {
        // The tag was all that depended on the release.
        part.object
            .unknown
            .retain(|unknown| !unknown.path.starts_with(&make::path(&IMAGE)));
    }
}

/// Puts a value in the place of the default, where it is not empty.
fn replace(part: &mut Part, fields: &Fields<'_>, from: &[&str], to: &[&str]) {
    match fields.node(from) {
        Ok(None) => {}
        Ok(Some(node)) if is_false(node) => {}
        Ok(Some(node)) => part.set(to, node.clone()),
        Err(doubt) => part.doubt(to, &doubt),
    }
}

/// What Helm's templates take for false; a number of replicas counts even where it is 0.
fn is_false(node: &Node) -> bool {
    match &node.value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(_) => false,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}

/// Puts the entries of a map over the defaults, maps within it too; `null` takes a default away.
fn over(part: &mut Part, fields: &Fields<'_>, from: &[&str], to: &[&str], most: usize) {
    match fields.node(from) {
        Ok(None) => {}
        Ok(Some(node)) => {
            let is_small = |node: &Node| node.as_object().is_some_and(|members| members.len() <= most);
            let within = node.as_object().into_iter().flatten().map(|member| &member.node);
            if is_small(node) && within.filter(|node| node.as_object().is_some()).all(is_small) {
                lay_over(&mut part.object.node, node, to);
            } else {
                let reason = format!("`{}` must be a map of at most {most} entries", from.join("."));
                part.doubt(to, &Doubt::new(reason, node.span));
            }
        }
        Err(doubt) => part.doubt(to, &doubt),
    }
}

fn lay_over(node: &mut Node, value: &Node, to: &[&str]) {
    for member in value.as_object().into_iter().flatten() {
        let place: Vec<&str> = to.iter().copied().chain([&*member.key]).collect();
        match &member.node.value {
            Value::Null => make::remove(node, &place),
            Value::Object(_) if make::find(node, &place).is_some() => lay_over(node, &member.node, &place),
            _ => make::set(node, &place, member.node.clone()),
        }
    }
}

/// Puts the items of a list behind the default ones.
fn append(part: &mut Part, fields: &Fields<'_>, from: &[&str], to: &[&str]) {
    match fields.list(from) {
        Ok(items) => items
            .iter()
            .for_each(|item| make::push(&mut part.object.node, to, item.clone())),
        Err(doubt) => part.doubt(to, &doubt),
    }
}
