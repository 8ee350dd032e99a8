use super::{Tree, added, args, has, is_unknown, names, object, placed_args, text, tree, unknown};
use crate::effective::chart::{ChartKind, chart_of, expand};
use crate::effective::expanded::Expanded;
use crate::effective::install::IMAGE;
use crate::limits::Limits;

fn expanded(tree: &Tree) -> Expanded {
    let lookup = |kind: &str, namespace: &str, name: &str| tree.find(kind, namespace, name);
    expand(&tree.objects[0], &tree.files, &lookup, &Limits::standard()).unwrap()
}

fn release(chart: &str, rest: &str) -> Tree {
    let (spec, others) = rest.split_once("---\n").unwrap_or((rest, ""));
    let indented: String = spec.lines().map(|line| format!("  {line}\n")).collect();
    tree(&format!(
        "\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: flux, namespace: flux-system}}
spec:
  chart: {{spec: {{chart: {chart}, version: 2.18.3, sourceRef: {{kind: HelmRepository, name: community}}}}}}
{indented}---
{others}"
    ))
}

#[test]
fn the_charts_are_found_by_name_in_every_kind_of_source() {
    let sources = "\
---
kind: OCIRepository
metadata: {name: two, namespace: flux-system}
spec: {url: oci://ghcr.io/fluxcd-community/charts/flux2, ref: {tag: 2.18.3}}
---
{kind: OCIRepository, metadata: {name: app, namespace: flux-system}, spec: {url: oci://ghcr.io/acme/charts/app}}
---
{kind: HelmChart, metadata: {name: instance, namespace: charts}, spec: {chart: flux-instance, version: 0.x}}
";
    for (spec, expected) in [
        (
            "chart: {spec: {chart: flux2, version: 2.x, sourceRef: {kind: HelmRepository, name: c}}}",
            Some((ChartKind::Flux2, Some("2.x"))),
        ),
        (
            "chart: {spec: {chart: flux-instance, sourceRef: {kind: HelmRepository, name: c}}}",
            Some((ChartKind::FluxInstance, None)),
        ),
        (
            "chartRef: {kind: OCIRepository, name: two}",
            Some((ChartKind::Flux2, Some("2.18.3"))),
        ),
        (
            "chartRef: {kind: HelmChart, name: instance, namespace: charts}",
            Some((ChartKind::FluxInstance, Some("0.x"))),
        ),
        ("chartRef: {kind: OCIRepository, name: app}", None),
        ("chartRef: {kind: OCIRepository, name: absent}", None),
        (
            "chart: {spec: {chart: flux2, sourceRef: {kind: GitRepository, name: c}}}",
            None,
        ),
        (
            "chart: {spec: {chart: flux-operator, sourceRef: {kind: HelmRepository, name: c}}}",
            None,
        ),
    ] {
        let tree = tree(&format!(
            "kind: HelmRelease\nmetadata: {{name: flux, namespace: flux-system}}\nspec: {{{spec}}}\n{sources}"
        ));
        let lookup = |kind: &str, namespace: &str, name: &str| tree.find(kind, namespace, name);
        let found = chart_of(&tree.objects[0].node, &lookup);
        let found = found.map(|chart| (chart.kind, chart.version.map(|said| said.value.to_string())));
        assert_eq!(
            found,
            expected.map(|(kind, version)| (kind, version.map(str::to_owned))),
            "{spec}"
        );
    }
}

#[test]
fn the_flux2_chart_has_six_controllers_and_no_lock_down() {
    let expanded = expanded(&release("flux2", "values: {}\n"));
    assert_eq!(expanded.problems, []);
    let controllers: Vec<_> = names(&expanded)
        .into_iter()
        .filter(|name| name.starts_with("Deployment"))
        .collect();
    assert_eq!(controllers.len(), 6);
    assert!(!has(&expanded, "Deployment", "source-watcher"));
    assert!(!has(&expanded, "Namespace", "flux-system"));
    let kustomize = object(&expanded, "Deployment", "kustomize-controller");
    assert_eq!(
        text(&kustomize.node, &IMAGE),
        Some("ghcr.io/fluxcd/kustomize-controller:v1.8.3"),
        "chart 2.18.3 is Flux 2.8.5"
    );
    assert_eq!(
        args(&expanded, "kustomize-controller"),
        [
            "--events-addr=http://notification-controller.$(RUNTIME_NAMESPACE).svc.cluster.local.",
            "--watch-all-namespaces=true",
            "--log-level=info",
            "--log-encoding=json",
            "--enable-leader-election",
        ]
    );
    let json = kustomize.node.to_json();
    let pod = &json["spec"]["template"];
    assert_eq!(pod["spec"]["containers"][0]["securityContext"]["runAsUser"], 65534);
    assert_eq!(
        pod["metadata"]["labels"],
        serde_json::json!({"app": "kustomize-controller"})
    );
    assert_eq!(json["metadata"]["labels"]["helm.sh/chart"], "flux2-2.18.3");
    assert!(has(&expanded, "ClusterRoleBinding", "cluster-reconciler"));
    let role = object(&expanded, "ClusterRole", "crd-controller").node.to_json();
    assert_eq!(
        role["rules"].as_array().unwrap().len(),
        11,
        "neither tokens nor /livez/ping"
    );
}

#[test]
fn multitenancy_of_the_chart_locks_down_first_and_never_the_bases() {
    let values = "\
values:
  multitenancy:
    enabled: true
    privileged: false
  sourceWatcher: {create: true}
  kustomizeController:
    container:
      additionalArgs:
      - --no-remote-bases=true
";
    let tree = release("flux2", values);
    let expanded = expanded(&tree);
    let locked = args(&expanded, "kustomize-controller");
    assert_eq!(
        locked[..2],
        ["--no-cross-namespace-refs=true", "--default-service-account=default"]
    );
    let (last, at) = placed_args(&expanded, "kustomize-controller").pop().unwrap();
    assert_eq!(
        (last.as_str(), tree.line(at).as_str()),
        ("--no-remote-bases=true", "- --no-remote-bases=true")
    );
    let (_, at) = placed_args(&expanded, "helm-controller").remove(0);
    assert_eq!(tree.line(at), "enabled: true");
    assert_eq!(args(&expanded, "helm-controller").len(), 7);
    assert_eq!(
        args(&expanded, "image-reflector-controller")[0],
        "--no-cross-namespace-refs=true"
    );
    for controller in ["source-controller", "source-watcher"] {
        assert!(
            args(&expanded, controller)[0].starts_with("--events-addr="),
            "{controller}"
        );
    }
    assert!(!has(&expanded, "ClusterRoleBinding", "cluster-reconciler"));
    assert!(has(&expanded, "ClusterRoleBinding", "cluster-reconciler-impersonator"));
    let watcher = object(&expanded, "Deployment", "source-watcher");
    let account = ["spec", "template", "spec", "serviceAccountName"];
    assert_eq!(text(&watcher.node, &account), Some("source-watcher-controller"));
}

#[test]
fn values_of_the_chart_change_their_part() {
    let values = "\
values:
  policies: {create: false}
  rbac: {createAggregation: false, roleRef: {name: flux-admin}}
  distro: {openshift: true}
  logLevel: debug
  imageAutomationController: {create: false}
  helmController:
    image: registry.example.com/flux/helm
    tag: sha256:0123
    nodeSelector: {pool: flux}
    tolerations: [{key: flux, operator: Exists}]
    securityContext: {privileged: true}
    resources: {limits: {memory: 2Gi}}
    serviceAccount: {create: false}
  kustomizeController:
    tag: v1.9.9
    podSecurityContext: {fsGroup: 7}
";
    let expanded = expanded(&release("flux2", values));
    assert!(!names(&expanded).iter().any(|name| name.starts_with("NetworkPolicy")));
    assert!(!has(&expanded, "ClusterRole", "flux-view"));
    assert!(!has(&expanded, "Deployment", "image-automation-controller"));
    assert!(!has(&expanded, "ServiceAccount", "helm-controller"));
    assert!(has(&expanded, "ClusterRoleBinding", "flux-scc"));
    let binding = object(&expanded, "ClusterRoleBinding", "cluster-reconciler");
    assert_eq!(text(&binding.node, &["roleRef", "name"]), Some("flux-admin"));
    let helm = object(&expanded, "Deployment", "helm-controller").node.to_json();
    let pod = &helm["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    assert_eq!(container["image"], "registry.example.com/flux/helm@sha256:0123");
    assert_eq!(container["securityContext"], serde_json::json!({"privileged": true}));
    assert_eq!(container["args"][2], "--log-level=debug");
    let resources = serde_json::json!({"limits": {"memory": "2Gi"}, "requests": {"cpu": "100m", "memory": "64Mi"}});
    assert_eq!(container["resources"], resources);
    assert_eq!(pod["nodeSelector"], serde_json::json!({"pool": "flux"}));
    assert!(pod["securityContext"].is_null(), "openshift");
    let kustomize = object(&expanded, "Deployment", "kustomize-controller").node.to_json();
    let pod = &kustomize["spec"]["template"]["spec"];
    assert_eq!(
        pod["containers"][0]["image"],
        "ghcr.io/fluxcd/kustomize-controller:v1.9.9"
    );
    assert_eq!(pod["securityContext"], serde_json::json!({"fsGroup": 7}));
}

#[test]
fn maps_of_values_lie_over_the_defaults_and_are_bounded() {
    let values = "values: {helmController: {annotations: {prometheus.io/scrape: null, team: x}}}\n";
    let tree = release("flux2", values);
    let lookup = |kind: &str, namespace: &str, name: &str| tree.find(kind, namespace, name);
    let annotations = |most| {
        let limits = Limits {
            implied_items: most,
            ..Limits::standard()
        };
        let expanded = expand(&tree.objects[0], &tree.files, &lookup, &limits).unwrap();
        let helm = object(&expanded, "Deployment", "helm-controller").clone();
        let annotations = helm.node.to_json()["spec"]["template"]["metadata"]["annotations"].clone();
        (annotations, is_unknown(&helm, "/spec/template/metadata/annotations"))
    };
    let over = serde_json::json!({"prometheus.io/port": "8080", "team": "x"});
    assert_eq!(annotations(2), (over, false));
    assert!(annotations(1).1);
}

const FROM: &str = "\
valuesFrom:
- {kind: ConfigMap, name: values}
- {kind: ConfigMap, name: values, valuesKey: account, targetPath: multitenancy.defaultServiceAccount}
values:
  multitenancy: {enabled: true}
---
kind: ConfigMap
metadata: {name: values, namespace: flux-system}
data:
  account: nobody
  values.yaml: |
    multitenancy:
      enabled: false
    helmController:
      container:
        additionalArgs:
        - --insecure-kubeconfig-exec
";

#[test]
fn values_from_config_maps_come_in_order_and_keep_their_lines() {
    let tree = release("flux2", FROM);
    let expanded = expanded(&tree);
    let helm = placed_args(&expanded, "helm-controller");
    assert_eq!(
        helm[1].0, "--default-service-account=nobody",
        "the release's own values win"
    );
    let (last, at) = helm.last().unwrap();
    assert_eq!(last, "--insecure-kubeconfig-exec");
    assert_eq!(tree.line(*at), "- --insecure-kubeconfig-exec");
    assert!(!is_unknown(
        object(&expanded, "Deployment", "helm-controller"),
        "/spec/template/spec/containers/0/args"
    ));
}

#[test]
fn values_that_cannot_be_seen_leave_open_what_nothing_after_them_sets() {
    for unseen in [
        "{kind: Secret, name: values, optional: true}",
        "{kind: ConfigMap, name: absent}",
    ] {
        let with = |own: &str| {
            let expanded = expanded(&release("flux2", &format!("valuesFrom: [{unseen}]\nvalues: {own}\n")));
            unknown(object(&expanded, "Deployment", "helm-controller"))
        };
        let args = |found: &[(String, String)]| {
            found
                .iter()
                .any(|(path, _)| path == "/spec/template/spec/containers/0/args")
        };
        assert!(
            args(&with("{multitenancy: {enabled: true}}")),
            "{unseen}: other values may add arguments"
        );
        let all = "{multitenancy: {enabled: true, defaultServiceAccount: x}, logLevel: info, watchAllNamespaces: true,
            clusterDomain: cluster.local, helmController: {create: true, container: {additionalArgs: []}}}";
        let found = with(&all.replace('\n', " "));
        assert!(!args(&found), "{unseen}: {found:?}");
    }
    let only = "valuesFrom: [{kind: Secret, name: s, valuesKey: k, targetPath: logLevel}]\nvalues: {}\n";
    let one = expanded(&release("flux2", only));
    let helm = object(&one, "Deployment", "helm-controller");
    assert!(is_unknown(helm, "/spec/template/spec/containers/0/args"));
    assert!(
        !is_unknown(helm, "/spec/template/spec/tolerations"),
        "the Secret sets one value"
    );
}

#[test]
fn a_version_of_the_chart_that_is_not_known_leaves_the_flags_known() {
    let tree = tree(
        "\
kind: HelmRelease
metadata: {name: flux, namespace: flux-system}
spec:
  chart: {spec: {chart: flux2, version: 2.x, sourceRef: {kind: HelmRepository, name: c}}}
  values: {multitenancy: {enabled: true}, helmController: {tag: v1.6.3}}
",
    );
    let expanded = expanded(&tree);
    let kustomize = object(&expanded, "Deployment", "kustomize-controller");
    assert!(is_unknown(kustomize, "/spec/template/spec/containers/0/image/tag"));
    assert!(!is_unknown(kustomize, "/spec/template/spec/containers/0/args"));
    let helm = object(&expanded, "Deployment", "helm-controller");
    assert_eq!(text(&helm.node, &IMAGE), Some("ghcr.io/fluxcd/helm-controller:v1.6.3"));
    assert!(
        !is_unknown(helm, "/spec/template/spec/containers/0/image/tag"),
        "the tag is said"
    );
}

#[test]
fn the_flux_instance_chart_makes_an_instance_and_what_it_stands_for() {
    let values = "\
values:
  instance:
    distribution: {version: 2.9.4}
    cluster:
      networkPolicy: false
    sync: {url: 'https://github.com/acme/fleet', ref: refs/heads/main, path: clusters, kind: GitRepository}
    kustomize:
      patches:
      - patch: |-
          - op: add
            path: /spec/template/spec/containers/0/args/-
            value: --concurrent=10
        target: {kind: Deployment, name: (kustomize-controller|helm-controller)}
postRenderers:
- kustomize:
    patches:
    - patch: |
        - {op: add, path: /spec/cluster/multitenant, value: true}
      target: {kind: FluxInstance}
";
    let tree = release("flux-instance", values);
    let expanded = expanded(&tree);
    assert_eq!(expanded.problems, []);
    let instance = object(&expanded, "FluxInstance", "flux").node.to_json();
    assert_eq!(
        instance["spec"]["distribution"]["registry"], "ghcr.io/fluxcd",
        "the chart's default"
    );
    assert!(!names(&expanded).iter().any(|name| name.starts_with("NetworkPolicy")));
    let helm = added(&expanded, "helm-controller");
    assert_eq!(
        helm.first().map(String::as_str),
        Some("--no-cross-namespace-refs=true"),
        "by the post-renderer"
    );
    let (last, at) = placed_args(&expanded, "helm-controller").pop().unwrap();
    assert_eq!(
        (last.as_str(), tree.line(at).as_str()),
        ("--concurrent=10", "value: --concurrent=10")
    );
    assert!(has(&expanded, "GitRepository", "flux-system"));
}
