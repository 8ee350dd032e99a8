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
    for format in ["text", "json"] {
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
    assert_eq!(report["clusters"][0]["name"], "");
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
