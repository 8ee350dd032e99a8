//! Repositories as committed: which clusters they hold, and what Flux would run there.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use policy_core::{
    Catalog, Config, ControlResult, Engine, FailOn, Limits, Mode, Profile, Report, Repository, Request, Source,
    SourceId, Verdict,
};

/// A controller as `flux install` writes it, short.
const CONTROLLERS: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: kustomize-controller, namespace: flux-system}
spec:
  template:
    metadata: {labels: {app: kustomize-controller}}
    spec:
      containers:
      - name: manager
        image: ghcr.io/fluxcd/kustomize-controller:v1.9.4
        args:
        - --log-level=info
";

const SYNC: &str = "
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec: {url: ssh://git@git.example.com/acme/fleet, interval: 1m}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: flux-system, namespace: flux-system}
spec: {path: ./clusters/a, interval: 10m, prune: true, sourceRef: {kind: GitRepository, name: flux-system}}
";

const FLUX_SYSTEM: &str = "resources: [gotk-components.yaml, gotk-sync.yaml]\n";

/// A cluster at `clusters/a`, with these files besides.
fn bootstrap<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut files = vec![
        ("clusters/a/flux-system/gotk-components.yaml", CONTROLLERS),
        ("clusters/a/flux-system/gotk-sync.yaml", SYNC),
        ("clusters/a/flux-system/kustomization.yaml", FLUX_SYSTEM),
    ];
    for (path, text) in more {
        files.retain(|(known, _)| known != path);
        files.push((path, text));
    }
    files
}

fn repository(files: &[(&str, &str)]) -> Repository {
    let mut repository = Repository::new(&Limits::standard());
    for (at, (path, text)) in files.iter().enumerate() {
        let source = Source {
            id: SourceId(u32::try_from(at).unwrap()),
            name: (*path).to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        repository.add(path, source);
    }
    repository
}

fn engine(select: &[&str]) -> Engine {
    let config = Config {
        profiles: vec![Profile::Shared],
        select: select.iter().map(ToString::to_string).collect(),
        fail_on: FailOn::Info,
        ..Config::default()
    };
    Engine::new(Catalog::builtin().unwrap(), config).unwrap()
}

fn check(select: &[&str], files: &[(&str, &str)]) -> Report {
    let request = Request {
        repository: Some(repository(files)),
        ..Request::default()
    };
    engine(select).check(request)
}

fn names(report: &Report) -> Vec<&str> {
    report.clusters.iter().map(|cluster| cluster.name.as_str()).collect()
}

fn result(report: &Report, cluster: &str, id: &str) -> ControlResult {
    let cluster = report.clusters.iter().find(|found| found.name == cluster).unwrap();
    cluster.controls.iter().find(|control| control.id == id).unwrap().result
}

/// File and line of each finding of a control.
fn places(report: &Report, id: &str) -> Vec<String> {
    let findings = report.findings.iter().filter(|finding| finding.control == id);
    let place = findings.map(|finding| format!("{}:{}", finding.location.source, finding.location.line));
    place.collect()
}

#[test]
fn a_bootstrap_is_a_cluster_and_its_patches_count() {
    let report = check(&["FX-KC-03"], &bootstrap(&[]));
    assert_eq!((report.mode, report.verdict), (Mode::Git, Verdict::Fail));
    assert_eq!(names(&report), ["clusters/a"]);
    assert_eq!(report.problems, []);
    assert_eq!(
        places(&report, "FX-KC-03"),
        ["clusters/a/flux-system/gotk-components.yaml:12"]
    );

    let patched = FLUX_SYSTEM.to_owned()
        + "patches:\n- target: {kind: Deployment, name: kustomize-controller}\n  patch: |\n    - op: add\n      path: /spec/template/spec/containers/0/args/-\n      value: --no-remote-bases=true\n";
    let report = check(
        &["FX-KC-03"],
        &bootstrap(&[("clusters/a/flux-system/kustomization.yaml", &patched)]),
    );
    assert_eq!(report.verdict, Verdict::Pass, "{:?}", report.findings);
}

#[test]
fn a_finding_names_the_patch_that_sets_the_value() {
    let patched = FLUX_SYSTEM.to_owned()
        + "patches:\n- target: {kind: Deployment, name: kustomize-controller}\n  patch: |\n    - op: add\n      path: /spec/template/spec/containers/0/args/-\n      value: --insecure-kubeconfig-exec\n";
    let report = check(
        &["FX-KC-01"],
        &bootstrap(&[("clusters/a/flux-system/kustomization.yaml", &patched)]),
    );
    assert_eq!(
        places(&report, "FX-KC-01"),
        ["clusters/a/flux-system/kustomization.yaml:7"]
    );
}

#[test]
fn what_a_kustomization_applies_belongs_to_its_cluster() {
    let apps = "
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec:
  path: ./apps
  interval: 1h
  prune: true
  sourceRef: {kind: GitRepository, name: flux-system}
  patches:
  - target: {kind: Deployment}
    patch: |
      - op: add
        path: /spec/template/spec/containers/0/args/-
        value: --no-remote-bases=true
";
    let shard = CONTROLLERS.replace("name: kustomize-controller,", "name: kustomize-controller-two,");
    let report = check(
        &["FX-KC-03"],
        &bootstrap(&[("clusters/a/apps.yaml", apps), ("apps/shard.yaml", &shard)]),
    );
    assert_eq!(names(&report), ["clusters/a"]);
    assert_eq!(
        places(&report, "FX-KC-03"),
        ["clusters/a/flux-system/gotk-components.yaml:12"]
    );
}

#[test]
fn remote_clusters_stand_for_themselves() {
    let remote = "
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: tenants, namespace: prod}
spec:
  path: ./tenants
  interval: 1h
  prune: true
  sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}
  kubeConfig: {secretRef: {name: prod-kubeconfig}}
";
    let binding = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: admins}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: kustomize-controller, namespace: flux-system}]
";
    let files = bootstrap(&[("clusters/a/prod.yaml", remote), ("tenants/rbac.yaml", binding)]);
    let report = check(&["FX-RBAC-03", "FX-KC-03"], &files);
    assert_eq!(names(&report), ["clusters/a", "clusters/a@prod/prod-kubeconfig"]);
    assert_eq!(
        result(&report, "clusters/a@prod/prod-kubeconfig", "FX-KC-03"),
        ControlResult::NotApplicable
    );
    assert_eq!(report.problems, []);
}

#[test]
fn other_sources_are_said_to_be_outside() {
    let tenant = "
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: team, namespace: team}
spec: {url: https://git.example.com/acme/team, interval: 1m}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: team, namespace: team}
spec: {path: ./, interval: 1h, prune: true, serviceAccountName: team, sourceRef: {kind: GitRepository, name: team}}
";
    let report = check(&["FX-KC-01"], &bootstrap(&[("clusters/a/team.yaml", tenant)]));
    let codes: Vec<&str> = report.notes.iter().map(|note| note.code.as_str()).collect();
    assert_eq!(codes, ["outside-source"]);
    assert_eq!(report.verdict, Verdict::Pass);
}

#[test]
fn nothing_of_flux_is_incomplete() {
    let config_map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\n";
    // The other control speaks of it, and it passes there.
    for control in ["FX-KC-03", "FX-SEC-04"] {
        let report = check(&[control], &[("a.yaml", config_map)]);
        assert_eq!(report.verdict, Verdict::Incomplete, "{control}");
        assert_eq!(report.problems[0].code, "no-flux", "{control}");
    }
}

#[test]
fn a_tenants_repository_is_audited_without_a_cluster() {
    let release = "
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: app, namespace: team}
spec: {url: 'https://user:canary@git.example.com/acme/app', interval: 1m}
";
    let report = check(&["FX-KC-03", "FX-RBAC-08"], &[("app/source.yaml", release)]);
    assert_eq!(names(&report), ["(unattached)"]);
    assert_eq!(
        result(&report, "(unattached)", "FX-KC-03"),
        ControlResult::NotApplicable
    );
    // Without a cluster there is no inventory to decide it.
    assert_eq!(result(&report, "(unattached)", "FX-RBAC-08"), ControlResult::Manual);
    assert_eq!(report.verdict, Verdict::Pass);
}

#[test]
fn two_clusters_have_the_objects_that_each_applies() {
    let mut files = bootstrap(&[]);
    let sync = SYNC.replace("clusters/a", "clusters/b");
    let locked = CONTROLLERS.replace("--log-level=info", "--no-remote-bases=true");
    files.extend([
        ("clusters/b/flux-system/gotk-components.yaml", locked.as_str()),
        ("clusters/b/flux-system/gotk-sync.yaml", sync.as_str()),
        ("clusters/b/flux-system/kustomization.yaml", FLUX_SYSTEM),
    ]);
    let report = check(&["FX-KC-03"], &files);
    assert_eq!(names(&report), ["clusters/a", "clusters/b"]);
    assert_eq!(result(&report, "clusters/a", "FX-KC-03"), ControlResult::Fail);
    assert_eq!(result(&report, "clusters/b", "FX-KC-03"), ControlResult::Pass);

    let only_b = |request: Request| engine(&["FX-KC-03"]).check(request);
    let by_name = Request {
        repository: Some(repository(&files)),
        clusters: vec!["clusters/b".into()],
        ..Request::default()
    };
    assert_eq!(names(&only_b(by_name)), ["clusters/b"]);
    let mut part = repository(&files);
    part.limit_to("clusters/b");
    let by_folder = Request {
        repository: Some(part),
        ..Request::default()
    };
    assert_eq!(names(&only_b(by_folder)), ["clusters/b"]);
    let wrong = Request {
        repository: Some(repository(&files)),
        clusters: vec!["clusters/c".into()],
        ..Request::default()
    };
    let report = only_b(wrong);
    assert_eq!(report.verdict, Verdict::Incomplete);
    assert_eq!(report.problems[0].code, "unknown-cluster");
}

#[test]
fn bare_controllers_are_a_cluster() {
    let report = check(&["FX-KC-03"], &[("install/flux.yaml", CONTROLLERS)]);
    assert_eq!(names(&report), ["install"]);
    assert_eq!(places(&report, "FX-KC-03"), ["install/flux.yaml:12"]);
    let built = check(
        &["FX-KC-03"],
        &[
            ("base/flux.yaml", CONTROLLERS),
            ("base/kustomization.yaml", "resources: [flux.yaml]\n"),
            ("overlay/kustomization.yaml", "resources: [../base]\n"),
        ],
    );
    assert_eq!(names(&built), ["overlay"]);
}

#[test]
fn patches_are_no_objects() {
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: kustomize-controller, namespace: flux-system}\nspec: {replicas: 1}\n";
    let kustomization = FLUX_SYSTEM.to_owned() + "patches: [{path: patch.yaml}]\n";
    let files = bootstrap(&[
        ("clusters/a/flux-system/kustomization.yaml", &kustomization),
        ("clusters/a/flux-system/patch.yaml", patch),
    ]);
    let report = check(&["FX-KC-03"], &files);
    assert_eq!(names(&report), ["clusters/a"]);
    assert_eq!(report.problems, []);
}

#[test]
fn what_cannot_be_built_is_unknown_and_a_problem() {
    let kustomization = FLUX_SYSTEM.to_owned() + "patches: [{path: missing.yaml}]\n";
    let files = bootstrap(&[("clusters/a/flux-system/kustomization.yaml", &kustomization)]);
    let report = check(&["FX-KC-01"], &files);
    assert_eq!(report.verdict, Verdict::Incomplete);
    assert_eq!(result(&report, "clusters/a", "FX-KC-01"), ControlResult::Unknown);
    let problem = &report.problems[0];
    assert_eq!(
        (problem.source.as_deref(), problem.line),
        (Some("clusters/a/flux-system/kustomization.yaml"), Some(2))
    );
}

#[test]
fn a_folder_that_kubectl_filled_is_a_dump() {
    let dumped = CONTROLLERS.replace("namespace: flux-system}", "namespace: flux-system, uid: '1'}");
    let report = check(&["FX-KC-03"], &[("deployments.yaml", &dumped)]);
    assert_eq!((report.mode, names(&report)), (Mode::Dump, vec![""]));
}

#[test]
fn charts_are_left_out_and_broken_files_are_not() {
    let files = bootstrap(&[
        ("charts/app/Chart.yaml", "apiVersion: v2\nname: app\nversion: 1.0.0\n"),
        ("charts/app/templates/a.yaml", "{{ .Values.x }}\n"),
        ("docs/broken.yaml", "a: [\n"),
    ]);
    let report = check(&["FX-KC-01"], &files);
    assert_eq!(report.skipped.files, 2);
    let sources: Vec<_> = report
        .problems
        .iter()
        .map(|problem| problem.source.as_deref())
        .collect();
    assert_eq!(sources, [Some("docs/broken.yaml")]);
}

#[test]
fn lists_hold_objects_and_nameless_ones_are_told() {
    let indented = CONTROLLERS.trim().replace('\n', "\n  ");
    let list = format!("apiVersion: v1\nkind: List\nitems:\n- {indented}\n");
    let other = CONTROLLERS.replace("name: kustomize-controller,", "name: kustomize-controller-two,");
    let report = check(
        &["FX-KC-03"],
        &[("install/a.yaml", &other), ("install/list.yaml", &list)],
    );
    assert_eq!(names(&report), ["install"]);
    assert_eq!(places(&report, "FX-KC-03").len(), 2, "{:?}", report.findings);

    let nameless = "apiVersion: v1\nkind: ConfigMap\nmetadata: {namespace: a}\n";
    let report = check(
        &["FX-KC-01"],
        &[("install/a.yaml", CONTROLLERS), ("install/b.yaml", nameless)],
    );
    let told: Vec<_> = report
        .problems
        .iter()
        .map(|problem| problem.source.as_deref())
        .collect();
    assert_eq!(told, [Some("install/b.yaml")]);
}
