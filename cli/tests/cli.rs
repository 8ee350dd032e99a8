//! The command line as a user runs it: exit codes, streams and formats.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const NO_FLUX: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n";

fn run(args: &[&str], input: &str) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the root");
    let mut child = Command::new(env!("CARGO_BIN_EXE_flux-audit"))
        .args(args)
        .current_dir(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(input.as_bytes())
        .expect("it reads its input");
    child.wait_with_output().expect("it ends")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

#[test]
fn exit_codes_are_the_same_for_every_format() {
    for format in ["text", "json", "openreports", "policyreport"] {
        for (args, input, code) in [
            (&["check", "examples/hardened"][..], "", 0),
            (&["check", "examples/insecure", "--fail-on", "none"][..], "", 0),
            (&["check", "examples/insecure", "--select", "FX-KC-03"][..], "", 1),
            (&["check", "-"][..], NO_FLUX, 3),
            (&["check", "-"][..], "a: b: c", 3),
        ] {
            let output = run(&[args, &["--format", format]].concat(), input);
            assert_eq!(output.status.code(), Some(code), "{args:?} {format}");
            assert!(output.stderr.is_empty(), "{args:?} {format}");
        }
    }
}

#[test]
fn wrong_usage_is_2_and_says_why_on_stderr() {
    for (args, word) in [
        (&["check", "no/such/file"][..], "no/such/file"),
        (&["check", "examples/hardened", "--select", "FX-NO-99"][..], "FX-NO-99"),
        (
            &["check", "examples/hardened", "--param", "trustedRegistries=5"][..],
            "trustedRegistries",
        ),
        (&["check", "examples/hardened", "--param", "nope=5"][..], "nope"),
        (&["check", "examples/hardened", "--now", "yesterday"][..], "yesterday"),
        (&["explain", "FX-NO-99"][..], "FX-NO-99"),
    ] {
        let output = run(args, "");
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty(), "{args:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(word), "{args:?}");
    }
}

const HEAD: &str = "apiVersion: audit.plugin.fluxcd.io/v1beta1\nkind: ";
const ACCEPTED: &str = "select: [FX-KC-03]
exceptions:
  - {control: FX-KC-03, object: {kind: '*', name: '*'}, reason: r, owner: o, expires: 2030-01-01}
";
const FAILING: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: kustomize-controller, namespace: flux-system, labels: {app.kubernetes.io/part-of: flux, app.kubernetes.io/component: kustomize-controller}}
spec: {template: {spec: {containers: [{name: manager, image: 'ghcr.io/fluxcd/kustomize-controller:v1.9.4'}]}}}
";

/// A folder of its own with these files, `.git` where it is a repository.
fn folder(name: &str, files: &[(&str, &str)]) -> std::path::PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("a folder that can be removed");
    }
    for (file, text) in files {
        let path = folder.join(file);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder that can be made");
        std::fs::write(path, text).expect("a file that can be written");
    }
    folder
}

fn code(args: &[&str]) -> Option<i32> {
    run(args, "").status.code()
}

#[test]
fn a_configuration_is_found_and_options_count_instead() {
    let config = format!("{HEAD}Config\n{ACCEPTED}");
    let strict = format!("{HEAD}Config\nselect: [FX-KC-03]\n");
    let root = folder(
        "found",
        &[
            (".git/HEAD", ""),
            (".flux-audit.yaml", &config),
            ("apps/a.yaml", FAILING),
            ("strict/.flux-audit.yaml", &strict),
            ("strict/a.yaml", FAILING),
            ("strict/apps/a.yaml", FAILING),
        ],
    );
    let path = |name: &str| root.join(name).display().to_string();
    let now = ["--now", "2026-11-22T00:00:00Z"];
    let check = |args: &[&str]| code(&[&["check"], args, &now].concat());
    // In the Git root around a folder and around a file, and in the folder itself, which is nearer.
    assert_eq!(check(&[&path("apps")]), Some(0));
    assert_eq!(check(&[&path("apps/a.yaml")]), Some(0));
    assert_eq!(check(&[&path("strict")]), Some(1));
    assert_eq!(check(&[&path("strict/a.yaml")]), Some(0));
    // Named.
    assert_eq!(
        check(&[&path("apps"), "--config", &path("strict/.flux-audit.yaml")]),
        Some(1)
    );
    assert_eq!(check(&[&path("strict/apps"), "--root", &path("strict")]), Some(1));
    assert_eq!(check(&[&path("apps"), "--root", &path("strict")]), Some(2));
    // Two at once.
    let both = run(&["check", &path("apps"), &path("strict")], "");
    assert_eq!(both.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&both.stderr).contains("--config"));
    assert_eq!(
        check(&[&path("apps"), &path("apps/a.yaml"), "--select", "FX-KC-01"]),
        Some(3),
        "one object twice is a problem, one configuration is not"
    );
    // Options.
    assert_eq!(check(&[&path("strict"), "--fail-on", "none"]), Some(0));
    assert_eq!(check(&[&path("strict"), "--select", "FX-KC-01"]), Some(0));
    assert_eq!(check(&[&path("strict"), "--ignore", "FX-KC-03"]), Some(0));
    // The exception expires.
    assert_eq!(
        code(&["check", &path("apps"), "--now", "2031-01-01T00:00:00Z"]),
        Some(1)
    );
}

#[test]
fn a_file_of_settings_that_cannot_be_used_is_2() {
    let evidence =
        "items: [{control: FX-KC-03, status: pass, owner: o, date: 2026-01-01, expires: 2027-01-01, note: seen}]";
    let root = folder(
        "unusable",
        &[
            ("unknown.yaml", &format!("{HEAD}Config\nskip: all\n")),
            (
                "params.yaml",
                &format!("{HEAD}Config\nparams:\n  maxConcurrent: many\n"),
            ),
            ("empty.yaml", ""),
            ("evidence.yaml", &format!("{HEAD}Evidence\n{evidence}\n")),
            ("folder/.flux-audit.yaml", "kind: [\n"),
            ("folder/a.yaml", FAILING),
            ("a/a.yaml", FAILING),
        ],
    );
    let path = |name: &str| root.join(name).display().to_string();
    for (args, why) in [
        (vec!["--config", "unknown.yaml"], "unknown.yaml:3: unknown field `skip`"),
        (
            vec!["--config", "params.yaml"],
            "params.yaml:4: params.maxConcurrent: must be of type integer",
        ),
        (vec!["--config", "empty.yaml"], "empty.yaml:1: "),
        (
            vec!["--config", "evidence.yaml"],
            "evidence.yaml:2: kind: unknown variant `Evidence`",
        ),
        (vec!["--config", "missing.yaml"], "missing.yaml: "),
        (
            vec!["--evidence", "evidence.yaml"],
            "evidence.yaml:3: items[0].control: FX-KC-03 is decided",
        ),
        (vec!["--evidence", "missing.yaml"], "missing.yaml: "),
    ] {
        let [option, file] = args[..] else { unreachable!() };
        let output = run(&["check", &path("a"), option, &path(file)], "");
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty() && told.contains(why), "{args:?} {told}");
    }
    assert_eq!(code(&["check", &path("folder")]), Some(2));
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_not_a_missing_configuration() {
    let root = folder("dangling", &[("a.yaml", FAILING)]);
    std::os::unix::fs::symlink("gone.yaml", root.join(".flux-audit.yaml")).expect("a link");
    assert_eq!(code(&["check", &root.display().to_string(), "--ignore", "FX"]), Some(2));
}

#[test]
fn evidence_is_found_and_decides() {
    let item = |status: &str| {
        format!(
            "{HEAD}Evidence\nitems:\n- {{control: FX-SEC-06, status: {status}, owner: o, date: 2026-01-01, expires: 2027-01-01, note: seen}}\n"
        )
    };
    let root = folder(
        "evidence",
        &[
            (".flux-audit-evidence.yaml", &item("fail")),
            ("a.yaml", FAILING),
            ("pass.yaml", &item("pass")),
        ],
    );
    let path = |name: &str| root.join(name).display().to_string();
    let check = |more: &[&str]| {
        let args = ["check", &path(""), "--select", "FX-SEC-06", "--format", "json"];
        let output = run(&[&args, more].concat(), "");
        let report: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
        (
            output.status.code(),
            report["clusters"][0]["controls"][0]["result"].clone(),
        )
    };
    let now = ["--now", "2026-11-22T00:00:00Z"];
    assert_eq!(check(&now), (Some(1), "fail".into()));
    let pass = path("pass.yaml");
    assert_eq!(
        check(&[&now[..], &["--evidence", &pass]].concat()),
        (Some(0), "pass".into())
    );
    assert_eq!(check(&["--now", "2027-11-22T00:00:00Z"]), (Some(0), "manual".into()));
}

#[test]
fn json_is_the_report() {
    let output = run(
        &[
            "check",
            "examples/insecure",
            "--format",
            "json",
            "--profile",
            "shared,hard",
        ],
        "",
    );
    let report: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_eq!(report["kind"], "Report");
    assert_eq!(report["profiles"], serde_json::json!(["base", "shared", "hard"]));
    assert_eq!(report["clusters"][0]["name"], "examples/insecure/clusters/production");
}

#[test]
fn every_control_explains_itself() {
    let listed = stdout(&run(&["controls", "--format", "json"], ""));
    let controls: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
    let controls = controls.as_array().expect("a list");
    let table = stdout(&run(&["controls"], ""));
    assert_eq!(table.lines().count(), controls.len());
    assert!(controls.len() >= 42);
    for control in controls {
        let id = control["id"].as_str().expect("an ID");
        let page = stdout(&run(&["explain", id], ""));
        for section in ["Why", "How to check", "How to mend it", "Parameters", "More"] {
            assert!(page.contains(&format!("\n\n{section}\n\n")), "{id} has no {section}");
        }
        for field in ["profiles:", "modes:", "kinds:", "reads:"] {
            assert!(page.contains(&format!("\n{field} ")), "{id} has no {field}");
        }
        for (key, value) in control.as_object().expect("METADATA") {
            for text in texts(value) {
                assert!(page.contains(&text), "{id} does not show {key}: {text}");
            }
        }
    }
}

#[test]
fn an_exported_bundle_has_every_control_and_leaves_folders_in_use_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let bundle = folder.path().join("new/bundle");
    let place = bundle.to_str().expect("UTF-8");
    let output = run(&["export", "opa", place], "");
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout.is_empty());
    for file in [
        ".manifest",
        "main/main.rego",
        "lib/flux/flux.rego",
        "flux/no_remote_bases/no_remote_bases.rego",
    ] {
        assert!(bundle.join(file).is_file(), "{file}");
    }
    let again = run(&["export", "opa", place], "");
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&again.stderr).contains("not empty"));
}

/// The texts and names in a value of METADATA, those of parameters' schemas left out but for the description.
fn texts(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::String(text) => vec![text.clone()],
        serde_json::Value::Array(items) => items.iter().flat_map(texts).collect(),
        serde_json::Value::Object(members) => members
            .iter()
            .flat_map(|(name, member)| match member.get("description") {
                Some(description) => vec![name.clone(), description.as_str().expect("a text").to_owned()],
                None => texts(member),
            })
            .collect(),
        _ => Vec::new(),
    }
}
