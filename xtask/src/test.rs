//! `cargo xtask test`: everything that needs neither Go nor Node.

use anyhow::Result;

use crate::shell::{cargo, command, run, stage, target_dir};
use crate::{generate, opa_module, rego_lint};

pub(crate) fn run_all() -> Result<()> {
    stage("wasm targets", || {
        run(&mut command(
            "rustup",
            &["target", "add", "wasm32-unknown-unknown", "wasm32-wasip1"],
        ))
    })?;
    stage("generated files", || generate::run(true))?;
    stage("Rego dialect", rego_lint::run)?;
    stage("wasm modules", || {
        let modules = ["-p", "flux-audit-abi", "-p", "flux-audit-wasm"];
        let mut args = vec!["build", "--profile", "wasm", "--target", "wasm32-unknown-unknown"];
        args.extend(modules);
        run(&mut cargo(&args))?;
        let policy = ["-p", "flux-audit-kubewarden", "--target", "wasm32-wasip1"];
        run(cargo(&["build", "--profile", "wasm"]).args(policy))?;
        opa_module::build().map(drop)
    })?;
    stage("tests", || {
        let abi = target_dir().join("wasm32-unknown-unknown/wasm/flux_audit_abi.wasm");
        let kubewarden = target_dir().join("wasm32-wasip1/wasm/flux-audit-kubewarden.wasm");
        let mut tests = cargo(&["test", "--workspace"]);
        tests.env("FLUX_AUDIT_ABI_WASM", abi);
        tests.env("FLUX_AUDIT_KUBEWARDEN_WASM", kubewarden);
        run(tests.env("FLUX_AUDIT_OPA_WASM", opa_module::path()))
    })
}
