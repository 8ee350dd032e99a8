use super::{Tree, added, args, has, is_unknown, names, object, placed_args, text, tree, unknown};
use crate::effective::expanded::Expanded;
use crate::effective::flux_instance::expand;
use crate::effective::make;
use crate::effective::resource_set;
use crate::limits::Limits;
use crate::tree::Node;

fn instance(spec: &str) -> Tree {
    let indented: String = spec.lines().map(|line| format!("  {line}\n")).collect();
    tree(&format!(
        "\
apiVersion: fluxcd.controlplane.io/v1
kind: FluxInstance
metadata:
  name: flux
  namespace: flux-system
spec:
{indented}"
    ))
}

fn expanded(tree: &Tree) -> Expanded {
    expand(&tree.objects[0], &tree.files, &Limits::standard())
}

const V2_9: &str = "distribution: {version: 2.9.4, registry: ghcr.io/fluxcd}\n";

fn with(spec: &str) -> Expanded {
    let expanded = expanded(&instance(&format!("{V2_9}{spec}")));
    assert_eq!(expanded.problems, [], "{spec}");
    expanded
}

const GATE: &str = "--feature-gates=ObjectLevelWorkloadIdentity=false";

#[test]
fn a_plain_instance_is_the_default_installation() {
    let expanded = with("");
    assert_eq!(
        names(&expanded),
        [
            "Namespace flux-system",
            "NetworkPolicy allow-egress",
            "NetworkPolicy allow-scraping",
            "NetworkPolicy allow-webhooks",
            "ResourceQuota critical-pods-flux-system",
            "ClusterRole crd-controller-flux-system",
            "ClusterRole flux-edit-flux-system",
            "ClusterRole flux-view-flux-system",
            "ClusterRoleBinding cluster-reconciler-flux-system",
            "ClusterRoleBinding crd-controller-flux-system",
            "ServiceAccount source-controller",
            "Service source-controller",
            "Deployment source-controller",
            "ServiceAccount kustomize-controller",
            "Deployment kustomize-controller",
            "ServiceAccount helm-controller",
            "Deployment helm-controller",
            "ServiceAccount notification-controller",
            "Service notification-controller",
            "Service webhook-receiver",
            "Deployment notification-controller",
        ]
    );
    assert_eq!(
        args(&expanded, "source-controller"),
        [
            "--events-addr=http://notification-controller.flux-system.svc.cluster.local./",
            "--watch-all-namespaces=true",
            "--log-level=info",
            "--log-encoding=json",
            "--enable-leader-election",
            "--storage-path=/data",
            "--storage-adv-addr=source-controller.$(RUNTIME_NAMESPACE).svc.cluster.local.",
            GATE,
        ]
    );
    assert_eq!(
        args(&expanded, "notification-controller")[0],
        "--watch-all-namespaces=true"
    );
    let deployment = object(&expanded, "Deployment", "helm-controller");
    assert_eq!(
        text(&deployment.node, &super::super::install::IMAGE),
        Some("ghcr.io/fluxcd/helm-controller:v1.6.3")
    );
    assert!(
        is_unknown(deployment, "/spec/template/spec/containers/0/image/digest"),
        "the digest"
    );
    for (place, value) in [
        ("nodeSelector", serde_json::json!({"kubernetes.io/os": "linux"})),
        ("priorityClassName", "system-cluster-critical".into()),
        ("securityContext", serde_json::json!({"fsGroup": 1337})),
        ("terminationGracePeriodSeconds", 600.into()),
        ("serviceAccountName", "helm-controller".into()),
    ] {
        let node = make::find(&deployment.node, &["spec", "template", "spec", place]).unwrap();
        assert_eq!(node.to_json(), value, "{place}");
    }
    let labels = make::find(&deployment.node, &["metadata", "labels"]).unwrap().to_json();
    for (label, value) in [
        ("app.kubernetes.io/managed-by", "flux-operator"),
        ("app.kubernetes.io/version", "v2.9.4"),
        ("app.kubernetes.io/component", "helm-controller"),
        ("app.kubernetes.io/part-of", "flux"),
    ] {
        assert_eq!(labels[label], value);
    }
    let policy = object(&expanded, "NetworkPolicy", "allow-webhooks");
    assert_eq!(policy.node.to_json()["spec"]["ingress"][0]["ports"][0]["port"], 9292);
}

#[test]
fn the_controllers_role_follows_the_release_and_the_operator() {
    let rules = |expanded: &Expanded| {
        let role = object(expanded, "ClusterRole", "crd-controller-flux-system")
            .node
            .to_json();
        let rules = role["rules"].as_array().unwrap().clone();
        let resources = rules.iter().map(|rule| {
            let first = [&rule["resources"][0], &rule["nonResourceURLs"][0]];
            let named = first.into_iter().find_map(|value| value.as_str()).unwrap();
            if named == "*" {
                rule["apiGroups"][0].as_str().unwrap()
            } else {
                named
            }
            .to_owned()
        });
        resources.collect::<Vec<_>>()
    };
    // Without object-level workload identity the operator takes the rule for tokens away, and adds its own group.
    let newest = rules(&with(""));
    assert_eq!(newest.len(), 13);
    assert!(!newest.contains(&"serviceaccounts/token".to_owned()));
    assert_eq!(newest[5], "source.extensions.fluxcd.io");
    assert_eq!(newest[12], "fluxcd.controlplane.io");
    let tokens = rules(&with("cluster: {objectLevelWorkloadIdentity: true}"));
    assert_eq!(tokens[11..13], ["serviceaccounts/token", "/livez/ping"]);
    let oldest = instance("distribution: {version: v2.1.0, registry: ghcr.io/fluxcd}");
    assert_eq!(
        rules(&expanded(&oldest)).len(),
        11,
        "ten rules at first, and the operator's"
    );
}

#[test]
fn each_field_of_the_cluster_renders_its_arguments() {
    let table: &[(&str, &str, &[&str])] = &[
        (
            "cluster: {multitenant: true}",
            "kustomize-controller",
            &[
                "--no-cross-namespace-refs=true",
                "--no-remote-bases=true",
                "--default-service-account=default",
                GATE,
            ],
        ),
        (
            "cluster: {multitenant: true, tenantDefaultServiceAccount: flux}",
            "helm-controller",
            &["--no-cross-namespace-refs=true", "--default-service-account=flux", GATE],
        ),
        (
            "cluster: {multitenant: true}",
            "notification-controller",
            &["--no-cross-namespace-refs=true", GATE],
        ),
        ("cluster: {multitenant: true}", "source-controller", &[GATE]),
        (
            "components: [source-controller, kustomize-controller, source-watcher]\ncluster: {multitenant: true}",
            "source-watcher",
            &["--no-cross-namespace-refs=true"],
        ),
        (
            "components: [source-controller, kustomize-controller, source-watcher]",
            "kustomize-controller",
            &["--feature-gates=ExternalArtifact=true", GATE],
        ),
        (
            "cluster: {objectLevelWorkloadIdentity: true}",
            "helm-controller",
            &["--feature-gates=ObjectLevelWorkloadIdentity=true"],
        ),
        (
            "cluster: {objectLevelWorkloadIdentity: true, multitenantWorkloadIdentity: true}",
            "kustomize-controller",
            &[
                "--feature-gates=ObjectLevelWorkloadIdentity=true",
                "--default-decryption-service-account=default",
                "--default-kubeconfig-service-account=default",
            ],
        ),
        (
            "cluster: {objectLevelWorkloadIdentity: true, multitenantWorkloadIdentity: true,
  tenantDefaultServiceAccount: t}",
            "source-controller",
            &[
                "--feature-gates=ObjectLevelWorkloadIdentity=true",
                "--default-service-account=t",
            ],
        ),
        (
            "cluster: {size: small}",
            "kustomize-controller",
            &["--concurrent=5", "--requeue-dependency=10s", GATE],
        ),
        (
            "cluster: {size: large}",
            "source-controller",
            &[
                "--helm-cache-max-size=100",
                "--helm-cache-ttl=720m",
                "--helm-cache-purge-interval=60m",
                "--concurrent=10",
                GATE,
            ],
        ),
        (
            "sharding: {shards: [one]}",
            "kustomize-controller",
            &[GATE, "--watch-label-selector=!sharding.fluxcd.io/key"],
        ),
        (
            "sharding: {key: team, shards: [one]}",
            "kustomize-controller-one",
            &["--watch-label-selector=team=one", GATE],
        ),
    ];
    for (spec, deployment, expected) in table {
        assert_eq!(added(&with(spec), deployment), *expected, "{spec}");
    }
}

#[test]
fn patches_of_the_instance_come_last_and_reach_the_shards_by_the_first_name() {
    let tree = instance(&format!(
        "{V2_9}\
cluster:
  multitenant: true
sharding:
  shards: [one]
kustomize:
  patches:
  - patch: |
      - op: add
        path: /spec/template/spec/containers/0/args/-
        value: --no-remote-bases=false
    target: {{kind: Deployment, name: kustomize-controller}}
  - patch: |
      - op: remove
        path: /rules/10
    target: {{kind: ClusterRole, name: crd-controller}}
  - patch: |
      - op: add
        path: /spec/paused
        value: true
    target: {{kind: Deployment, name: helm-controller-one}}
  - patch: '[{{\"op\": \"remove\", \"path\": \"/spec/versions/0\"}}]'
    target: {{kind: CustomResourceDefinition, name: alerts.notification.toolkit.fluxcd.io}}
  - patch: |
      - op: remove
        path: /spec
    target: {{kind: Deployment, name: kustomise-controller}}
"
    ));
    let expanded = expanded(&tree);
    assert_eq!(expanded.problems, []);
    for deployment in ["kustomize-controller", "kustomize-controller-one"] {
        let (last, at) = placed_args(&expanded, deployment).pop().unwrap();
        assert_eq!(last, "--no-remote-bases=false");
        assert_eq!(tree.line(at), "value: --no-remote-bases=false");
    }
    let (_, at) = placed_args(&expanded, "kustomize-controller")
        .into_iter()
        .find(|(arg, _)| arg == "--no-remote-bases=true")
        .unwrap();
    assert_eq!(tree.line(at), "multitenant: true");
    let role = object(&expanded, "ClusterRole", "crd-controller-flux-system")
        .node
        .to_json();
    assert_eq!(role["rules"].as_array().unwrap().len(), 12);
    let paused = |name| object(&expanded, "Deployment", name).node.to_json()["spec"]["paused"].clone();
    assert_eq!(
        (paused("helm-controller-one"), paused("helm-controller")),
        (true.into(), ().into())
    );
    let notes: Vec<_> = expanded.notes.iter().map(|note| (&*note.code, note.line)).collect();
    assert_eq!(notes, [("patch-without-target", Some(33))], "the misspelt name alone");
}

#[test]
fn shards_have_controllers_and_addresses_of_their_own() {
    let spec = "\
components: [source-controller, kustomize-controller, helm-controller, notification-controller, source-watcher]
sharding: {shards: [a, b]}
";
    let expanded = with(spec);
    for name in [
        "source-controller-a",
        "kustomize-controller-b",
        "helm-controller-a",
        "source-watcher-b",
    ] {
        let deployment = object(&expanded, "Deployment", name).node.to_json();
        assert_eq!(deployment["spec"]["template"]["metadata"]["labels"]["app"], name);
        assert_eq!(deployment["spec"]["selector"]["matchLabels"]["app"], name);
        assert_eq!(
            deployment["metadata"]["annotations"]["sharding.fluxcd.io/role"],
            "shard"
        );
        let account = &deployment["spec"]["template"]["spec"]["serviceAccountName"];
        assert_eq!(account, name.rsplit_once('-').unwrap().0);
    }
    assert!(!has(&expanded, "Deployment", "notification-controller-a"));
    let service = object(&expanded, "Service", "source-controller-a").node.to_json();
    assert_eq!(service["spec"]["selector"]["app"], "source-controller-a");
    let args = args(&expanded, "source-controller-a");
    let address = "--storage-adv-addr=source-controller-a.$(RUNTIME_NAMESPACE).svc.cluster.local.";
    assert_eq!(args[7..9], [address, "--watch-label-selector=sharding.fluxcd.io/key=a"]);
    // Shards of source-watcher came with 2.9.
    let old = instance(&spec.replace("components", "distribution: {version: 2.8.8, registry: r}\ncomponents"));
    assert!(!has(
        &super::flux_instance::expanded(&old),
        "Deployment",
        "source-watcher-a"
    ));
}

#[test]
fn network_policies_are_there_unless_they_are_switched_off() {
    assert!(has(&with("cluster: {type: aws}"), "NetworkPolicy", "allow-egress"));
    let without = with("cluster: {networkPolicy: false}");
    assert!(!names(&without).iter().any(|name| name.starts_with("NetworkPolicy")));
}

#[test]
fn openshift_chooses_users_and_profiles_itself() {
    let expanded = with("cluster: {type: openshift}");
    let pod = object(&expanded, "Deployment", "kustomize-controller").node.to_json();
    let pod = &pod["spec"]["template"]["spec"];
    assert!(pod["securityContext"].is_null());
    let container = pod["containers"][0]["securityContext"].as_object().unwrap();
    let kept: Vec<_> = container.keys().map(String::as_str).collect();
    assert_eq!(
        kept,
        ["allowPrivilegeEscalation", "capabilities", "readOnlyRootFilesystem"]
    );
    let namespace = object(&expanded, "Namespace", "flux-system").node.to_json();
    assert!(namespace["metadata"]["labels"]["pod-security.kubernetes.io/warn"].is_null());
}

#[test]
fn the_sync_becomes_a_source_and_a_kustomization() {
    let tree = instance(&format!(
        "{V2_9}\
cluster: {{multitenant: true}}
commonMetadata: {{labels: {{team: platform}}}}
sync:
  kind: OCIRepository
  url: oci://ghcr.io/acme/fleet
  ref: latest
  path: clusters/production
  interval: 5m
  pullSecret: registry
  provider: aws
"
    ));
    let expanded = expanded(&tree);
    let source = object(&expanded, "OCIRepository", "flux-system");
    let json = source.node.to_json();
    let expected = serde_json::json!({
        "interval": "5m", "url": "oci://ghcr.io/acme/fleet", "ref": {"tag": "latest"},
        "provider": "aws", "secretRef": {"name": "registry"},
    });
    assert_eq!(
        (&json["spec"], &json["metadata"]["labels"]["team"]),
        (&expected, &"platform".into())
    );
    assert_eq!(
        tree.line(source.node.locate(&make::path(&["spec", "url"]))),
        "url: oci://ghcr.io/acme/fleet"
    );
    let applier = object(&expanded, "Kustomization", "flux-system").node.to_json();
    let spec = &applier["spec"];
    assert_eq!(applier["apiVersion"], "kustomize.toolkit.fluxcd.io/v1");
    assert_eq!(
        (&spec["prune"], &spec["path"]),
        (&true.into(), &"clusters/production".into())
    );
    assert_eq!(spec["serviceAccountName"], "kustomize-controller");
    assert_eq!(
        spec["sourceRef"],
        serde_json::json!({"kind": "OCIRepository", "name": "flux-system"})
    );

    let git = with("sync: {url: 'https://github.com/acme/fleet', ref: refs/heads/main, path: ., name: fleet}");
    let git = object(&git, "GitRepository", "fleet").node.to_json();
    assert_eq!(git["spec"]["ref"], serde_json::json!({"name": "refs/heads/main"}));
}

#[test]
fn a_range_of_versions_leaves_open_what_depends_on_the_release() {
    let tree = instance("distribution: {version: 2.x, registry: ghcr.io/fluxcd}\ncluster: {multitenant: true}");
    let expanded = expanded(&tree);
    assert_eq!(expanded.problems, []);
    let deployment = object(&expanded, "Deployment", "kustomize-controller");
    for place in [
        "/spec/template/spec/containers/0/image/tag",
        "/metadata/labels/app.kubernetes.io~1version",
        "/spec/template/metadata/labels/app.kubernetes.io~1component",
    ] {
        assert!(is_unknown(deployment, place), "{place}: {:?}", unknown(deployment));
    }
    let veils = |(path, _): &(String, String)| "/spec/template/spec/containers/0/args".starts_with(path.as_str());
    assert!(
        !unknown(deployment).iter().any(veils),
        "the flags are known: {:?}",
        unknown(deployment)
    );
    let policy = object(&expanded, "NetworkPolicy", "allow-webhooks");
    assert!(is_unknown(policy, "/spec/ingress"));
    let role = object(&expanded, "ClusterRole", "crd-controller-flux-system");
    assert!(
        !is_unknown(role, "/rules"),
        "the operator leaves tokens out of every release"
    );
}

#[test]
fn what_cannot_be_read_is_unknown_and_nothing_is_ignored() {
    let doubts = |spec: &str, kind: &str, name: &str| {
        let expanded = expanded(&instance(&format!("{V2_9}{spec}")));
        unknown(object(&expanded, kind, name))
    };
    let place = |spec: &str, kind: &str, name: &str, place: &str| {
        let found = doubts(spec, kind, name);
        assert!(found.iter().any(|(path, _)| path == place), "{spec}: {found:?}");
    };
    let args = "/spec/template/spec/containers/0/args";
    for spec in [
        "cluster: {multitenant: 'true'}",
        "cluster: [multitenant]",
        "cluster: {multitenant: true, tenantDefaultServiceAccount: 7}",
        "cluster: {size: [large]}",
        "cluster: {objectLevelWorkloadIdentity: yes}",
        "cluster: {domain: {}}",
        "sharding: {shards: one}",
    ] {
        place(spec, "Deployment", "kustomize-controller", args);
    }
    place("cluster: {networkPolicy: 'no'}", "NetworkPolicy", "allow-egress", "");
    place("cluster: {type: 1}", "Namespace", "flux-system", "/metadata/labels");
    place("kustomize: {patches: {}}", "Deployment", "helm-controller", "");
    place("components: source-controller", "Deployment", "helm-controller", "");
    let number = expanded(&instance("distribution: {version: 2.9, registry: ghcr.io/fluxcd}"));
    let helm = object(&number, "Deployment", "helm-controller");
    assert!(is_unknown(helm, "/spec/template/spec/containers/0/image/tag"));
    let no_source = expanded(&instance(&format!("{V2_9}sync: {{kind: Artifact, url: x}}")));
    assert_eq!(&*no_source.missing[0].reason, "`spec.sync.kind` cannot be \"Artifact\"");
}

#[test]
fn what_the_operator_refuses_is_a_problem() {
    for (spec, line) in [
        ("components: [source-controller, fluxcd]", 8),
        ("cluster: {multitenantWorkloadIdentity: true}", 8),
        ("cluster: {type: vanilla}", 8),
        ("cluster: {size: huge}", 8),
        ("sharding: {shards: [a, b, a]}", 8),
    ] {
        let expanded = expanded(&instance(&format!("{V2_9}{spec}")));
        let codes: Vec<_> = expanded
            .problems
            .iter()
            .map(|problem| (&*problem.code, problem.line))
            .collect();
        assert_eq!(codes, [("flux-instance", Some(line))], "{spec}");
        assert!(expanded.objects.iter().all(|object| is_unknown(object, "")), "{spec}");
    }
}

#[test]
fn what_is_too_much_is_not_made() {
    let limits = Limits {
        implied_items: 2,
        ..Limits::standard()
    };
    let made = |spec: &str| {
        let tree = instance(&format!("{V2_9}{spec}"));
        expand(&tree.objects[0], &tree.files, &limits)
    };
    assert!(has(
        &made("sharding: {shards: [a, b]}"),
        "Deployment",
        "helm-controller-b"
    ));
    let many = made("sharding: {shards: [a, b, c]}");
    assert_eq!(&*many.missing[0].reason, "there are more than 2 shards");
    assert!(!has(&many, "Deployment", "helm-controller-a"));
    let labels = made("commonMetadata: {labels: {a: x, b: x, c: x}}");
    assert!(is_unknown(
        object(&labels, "Deployment", "helm-controller"),
        "/metadata/labels"
    ));
}

#[test]
fn an_unknown_field_makes_unknown_what_depends_on_it() {
    let tree = instance(&format!("{V2_9}cluster: {{multitenant: true}}"));
    let mut instance = tree.objects[0].clone();
    let doubt = make::Doubt::new("a variable that nothing sets", instance.node.span);
    make::doubt(&mut instance, &["spec", "cluster", "multitenant"], &doubt);
    let expanded = expand(&instance, &tree.files, &Limits::standard());
    let found = unknown(object(&expanded, "Deployment", "kustomize-controller"));
    let expected = (
        "/spec/template/spec/containers/0/args".to_owned(),
        "a variable that nothing sets".to_owned(),
    );
    assert!(found.contains(&expected), "{found:?}");
}

#[test]
fn volumes_outlive_pods_where_storage_is_asked_for() {
    let expanded = with("storage: {class: fast, size: 10Gi}\nsharding: {shards: [a], storage: persistent}");
    for name in ["source-controller", "source-controller-a"] {
        let claim = object(&expanded, "PersistentVolumeClaim", name).node.to_json();
        assert_eq!(claim["spec"]["resources"]["requests"]["storage"], "10Gi");
        let pod = object(&expanded, "Deployment", name).node.to_json();
        let pod = &pod["spec"]["template"]["spec"];
        assert_eq!(pod["containers"][0]["volumeMounts"][0]["name"], "persistent-data");
        let volume = pod["volumes"].as_array().unwrap().last().unwrap();
        assert_eq!(volume["persistentVolumeClaim"]["claimName"], name);
    }
}

#[test]
fn a_resource_set_has_literal_instances_and_templates() {
    let tree = tree(
        "\
apiVersion: fluxcd.controlplane.io/v1
kind: ResourceSet
metadata: {name: flux, namespace: flux-system}
spec:
  resources:
  - apiVersion: fluxcd.controlplane.io/v1
    kind: FluxInstance
    metadata: {name: flux}
    spec:
      distribution: {version: << inputs.version >>, registry: ghcr.io/fluxcd}
      cluster: {multitenant: true}
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: other}}
",
    );
    let expanded = resource_set::expand(&tree.objects[0], &tree.files, &Limits::standard());
    let helm = object(&expanded, "Deployment", "helm-controller");
    assert!(
        is_unknown(helm, "/spec/template/spec/containers/0/image/tag"),
        "{:?}",
        unknown(helm)
    );
    assert!(args(&expanded, "helm-controller").contains(&"--no-cross-namespace-refs=true".to_owned()));
    assert_eq!(text(&helm.node, &["metadata", "namespace"]), Some("flux-system"));
    let instance = object(&expanded, "FluxInstance", "flux");
    assert!(is_unknown(instance, "/spec/distribution/version"));
    assert!(instance.node.get("spec").and_then(Node::as_object).is_some());
}
