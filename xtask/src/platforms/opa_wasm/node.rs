//! The host for JavaScript, `@open-policy-agent/opa-wasm`.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::json;

use super::cases::Case;
use crate::opa_diff::OPA;
use crate::scratch::Scratch;
use crate::{npm, opa_module, shell};

const PACKAGE: &str = "@open-policy-agent/opa-wasm@1.10.0";
const SCRIPT: &str = include_str!("host.mjs");
/// Rounds of three evaluations in one instance, all of which must find its memory as it was.
const REPEATED: usize = 34_000;
/// Controls that ask what the ten checks of the peers ask.
const TEN: [&str; 10] = [
    "FX-MT-01",
    "FX-KC-03",
    "FX-MT-02",
    "FX-KC-01",
    "FX-HC-01",
    "FX-HC-02",
    "FX-PSS-07",
    "FX-MT-04",
    "FX-MT-05",
    "FX-EXT-04",
];
/// Documents of the comparison.
const DOCUMENTS: usize = 10_000;

/// Every case, then [`REPEATED`] rounds; whether there is a Node.
pub(super) fn run(module: &Path, cases: &[Case], folder: &Path) -> Result<bool> {
    if !install(folder)? {
        return Ok(false);
    }
    let place = folder.join("cases.jsonl");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&place)?);
    for case in cases {
        serde_json::to_writer(&mut file, case)?;
        file.write_all(b"\n")?;
    }
    file.flush()?;
    let script = folder.join("host.mjs");
    shell::run(
        shell::command("node", &[])
            .arg(&script)
            .arg("cases")
            .args([module, &place]),
    )?;
    let times = REPEATED.to_string();
    shell::run(
        shell::command("node", &[])
            .arg(&script)
            .arg("repeat")
            .arg(module)
            .arg(times),
    )?;
    Ok(true)
}

/// Our module beside the checks of a folder, built to WebAssembly by OPA, on the input that the folder generates.
pub(crate) fn speed(input: &Path) -> Result<()> {
    let scratch = Scratch::new("opa-wasm-speed")?;
    let folder = scratch.0.as_path();
    if !install(folder)? {
        return Ok(());
    }
    let Some(opa) = shell::go_program(OPA.0, OPA.1, OPA.2)? else {
        return Ok(());
    };
    let module = shell::stage("module", opa_module::build)?;
    let input = std::path::absolute(input)?;
    let documents = DOCUMENTS.to_string();
    let mut python = shell::command("python3", &[]);
    shell::run(python.arg(input.join("gen.py")).arg(&documents).current_dir(folder))?;
    let bundle = folder.join("bundle.tar.gz");
    let mut build = shell::command(&opa, &["build", "--target=wasm", "--entrypoint=main/deny", "--output"]);
    shell::run(build.arg(&bundle).arg(input.join("ten-checks.rego")))?;
    shell::run(
        shell::command("tar", &["-xzf"])
            .arg(&bundle)
            .arg("/policy.wasm")
            .current_dir(folder),
    )?;
    let stream = folder.join(format!("in-{documents}.json"));
    let mut node = shell::command("node", &[]);
    node.arg(folder.join("host.mjs"))
        .arg("speed")
        .arg(&module)
        .arg(folder.join("policy.wasm"))
        .arg(stream);
    let ten = json!({"select": TEN, "profiles": ["base", "shared", "hard"]});
    let all = json!({"profiles": ["base", "shared", "dedicated", "hard"]});
    shell::run(node.arg(ten.to_string()).arg(all.to_string()))
}

/// The script and its one package; whether there is a Node to run them.
fn install(folder: &Path) -> Result<bool> {
    let Some(npm) = npm::npm()? else { return Ok(false) };
    std::fs::write(folder.join("package.json"), "{\"private\": true}")?;
    std::fs::write(folder.join("host.mjs"), SCRIPT)?;
    let mut install = shell::command(npm, &["install", "--silent", "--no-audit", "--no-fund", PACKAGE]);
    shell::output(install.current_dir(folder)).context(PACKAGE)?;
    Ok(true)
}
