//! Kubewarden: the policy under the WASI of wasmtime, as its host runs it. The tests need nothing else.

use anyhow::Result;

use crate::shell;

pub(crate) fn run() -> Result<()> {
    let policy = [
        "build",
        "--profile=wasm",
        "--target=wasm32-wasip1",
        "--package=flux-audit-kubewarden",
    ];
    shell::run(&mut shell::cargo(&policy))?;
    let test = ["test", "--workspace", "--test=kubewarden", "--", "--nocapture"];
    shell::run(&mut shell::cargo(&test))
}
