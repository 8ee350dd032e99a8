//! `cargo xtask test`: everything that needs neither Go nor Node.

use anyhow::Result;

use crate::shell::{cargo, command, run, stage};
use crate::{generate, opa_module, rego_lint, wasm};

pub(crate) fn run_all() -> Result<()> {
    stage("wasm targets", || {
        run(&mut command(
            "rustup",
            &["target", "add", "wasm32-unknown-unknown", "wasm32-wasip1"],
        ))
    })?;
    stage("generated files", || generate::run(true))?;
    stage("Rego dialect", rego_lint::run)?;
    let mut tests = cargo(&["test", "--workspace"]);
    stage("wasm modules", || {
        tests.env("FLUX_AUDIT_ABI_WASM", wasm::ABI.build()?);
        tests.env("FLUX_AUDIT_KUBEWARDEN_WASM", wasm::KUBEWARDEN.build()?);
        tests.env("FLUX_AUDIT_OPA_WASM", opa_module::build()?);
        wasm::NPM.build().map(drop)
    })?;
    stage("tests", || run(&mut tests))
}
