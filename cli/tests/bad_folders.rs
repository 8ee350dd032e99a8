//! Repositories with something bad in them: it is a problem, the exit code is 3, and all the rest is still audited.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::Value;

/// More than any of it may take, on a slow and busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

const GOOD: [(&str, &str); 7] = [
    (".git/HEAD", "ref: refs/heads/main\n"),
    (
        "clusters/main/flux-system/kustomization.yaml",
        "resources: [gotk-components.yaml, gotk-sync.yaml]\n",
    ),
    (
        "clusters/main/flux-system/gotk-components.yaml",
        "apiVersion: apps/v1
kind: Deployment
metadata:
  name: kustomize-controller
  namespace: flux-system
  labels: {app.kubernetes.io/part-of: flux, app.kubernetes.io/component: kustomize-controller}
spec:
  template:
    spec:
      containers:
      - name: manager
        image: ghcr.io/fluxcd/kustomize-controller:v1.9.4
",
    ),
    (
        "clusters/main/flux-system/gotk-sync.yaml",
        "apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 1m, ref: {branch: main}, url: 'ssh://git@git.example.org/acme/fleet'}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 10m, path: ./clusters/main, prune: true, sourceRef: {kind: GitRepository, name: flux-system}}
",
    ),
    (
        "clusters/main/infra.yaml",
        "apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: infra, namespace: flux-system}
spec: {interval: 10m, path: ./infra, prune: true, sourceRef: {kind: GitRepository, name: flux-system}}
",
    ),
    (
        "clusters/main/apps.yaml",
        "apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec: {interval: 10m, path: ./apps, prune: true, sourceRef: {kind: GitRepository, name: flux-system}}
",
    ),
    (
        "infra/sources.yaml",
        "apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: charts, namespace: flux-system}
spec: {interval: 1h, url: 'http://charts.example.org'}
",
    ),
];
/// What is found in every one of them.
const FOUND: [(&str, &str); 2] = [
    ("FX-KC-03", "clusters/main/flux-system/gotk-components.yaml"),
    ("FX-EXT-01", "infra/sources.yaml"),
];

struct Repository(PathBuf);

impl Repository {
    /// A good one, with these files besides.
    fn new(name: &str, more: &[(&str, &str)]) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bad-folders").join(name);
        if folder.exists() {
            std::fs::remove_dir_all(&folder).expect("a folder that can be removed");
        }
        let repository = Self(folder);
        for (path, text) in GOOD.iter().chain(more) {
            repository.write(path, text);
        }
        repository
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder that can be made");
        std::fs::write(path, text).expect("a file that can be written");
    }

    /// The audit by this program and arguments before it, in bounded time.
    fn check(&self, launcher: &[&str]) -> (Option<i32>, Value) {
        let program = [launcher, &[env!("CARGO_BIN_EXE_flux-audit")]].concat();
        let start = Instant::now();
        let output = run(&program, &["check", "--format", "json", &self.0.to_string_lossy()]);
        assert!(start.elapsed() < PATIENCE, "it took {:?}", start.elapsed());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!said.contains("panicked"), "{said}");
        let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no report: {said}"));
        (output.status.code(), report)
    }
}

fn run(program: &[&str], args: &[&str]) -> Output {
    let (first, rest) = program.split_first().expect("a program");
    let output = Command::new(first).args(rest).args(args).output();
    output.expect("the program starts")
}

/// Nothing else is lost, and a problem names the path.
fn incomplete((code, report): (Option<i32>, Value), path: &str) {
    assert_eq!(code, Some(3), "{report}");
    assert_eq!(report["verdict"], "incomplete");
    let problems = report["problems"].as_array().expect("problems");
    let text = |problem: &Value, key: &str| problem[key].as_str().unwrap_or("").to_owned();
    let names = |problem: &Value| text(problem, "source").contains(path) || text(problem, "message").contains(path);
    assert!(problems.iter().any(names), "{path}: {problems:?}");
    audited(&report);
}

fn audited(report: &Value) {
    let findings = report["findings"].as_array().expect("findings");
    for (control, path) in FOUND {
        let there = findings.iter().any(|finding| {
            let source = finding["location"]["source"].as_str().expect("a source");
            finding["control"] == control && finding["result"] == "fail" && source.ends_with(path)
        });
        assert!(there, "{control} at {path}: {findings:?}");
    }
    assert_eq!(report["clusters"][0]["name"], "clusters/main");
}

const NAMESPACE: &str = "apiVersion: v1\nkind: Namespace\nmetadata: {name: apps}\n";

#[test]
fn the_good_one_is_complete() {
    let (code, report) = Repository::new("good", &[("apps/namespace.yaml", NAMESPACE)]).check(&[]);
    assert_eq!(code, Some(1), "{report}");
    assert_eq!(report["problems"], serde_json::json!([]));
    audited(&report);
}

#[test]
fn a_file_of_200_megabytes() {
    let repository = Repository::new("large", &[("apps/x.yaml", "")]);
    // Sparse: it takes no room on the disk.
    let file = std::fs::File::create(repository.0.join("apps/x.yaml")).expect("a file");
    file.set_len(200 << 20).expect("a file that can grow");
    incomplete(repository.check(&[]), "apps/x.yaml");
}

#[test]
fn a_broken_overlay() {
    let overlay = "resources: [namespace.yaml]\npatches: [{path: missing.yaml}]\n";
    let files = [("apps/kustomization.yaml", overlay), ("apps/namespace.yaml", NAMESPACE)];
    incomplete(Repository::new("overlay", &files).check(&[]), "apps/kustomization.yaml");
}

#[test]
fn ten_thousand_bases_on_one_another() {
    let repository = Repository::new("deep", &[("apps/kustomization.yaml", "resources: [../chain/f0]\n")]);
    for at in 0..10_000 {
        let text = format!("resources: [../f{}]\n", at + 1);
        repository.write(&format!("chain/f{at}/kustomization.yaml"), &text);
    }
    repository.write("chain/f10000/kustomization.yaml", "resources: [namespace.yaml]\n");
    repository.write("chain/f10000/namespace.yaml", NAMESPACE);
    incomplete(repository.check(&[]), "chain/f");
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_around_in_a_circle() {
    let repository = Repository::new("loop", &[("apps/namespace.yaml", NAMESPACE)]);
    std::os::unix::fs::symlink("..", repository.0.join("apps/loop")).expect("a link");
    incomplete(repository.check(&[]), "apps/loop");
}

#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt;
    // Whoever is root reads everything.
    let launcher = match run(&["id", "-u"], &[]).stdout.trim_ascii() {
        b"0" => &["setpriv", "--reuid=65534", "--clear-groups"][..],
        _ => &[],
    };
    let program = [launcher, &[env!("CARGO_BIN_EXE_flux-audit"), "version"]].concat();
    let first = Command::new(program[0]).args(&program[1..]).output();
    if !first.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: the rights of root cannot be dropped here");
        return;
    }
    let files = [("apps/namespace.yaml", NAMESPACE), ("closed/a.yaml", NAMESPACE)];
    let repository = Repository::new("closed", &files);
    let closed = repository.0.join("closed");
    let set = |mode| std::fs::set_permissions(&closed, PermissionsExt::from_mode(mode)).expect("permissions");
    set(0o000);
    let checked = repository.check(launcher);
    set(0o755);
    incomplete(checked, "closed");
}
