//! OPA's WebAssembly interface: our module in its hosts for JavaScript and Go. That for Rust is in `host-test`.

mod bundle;
mod cases;
mod node;

use anyhow::Result;

use super::Verdicts;
use crate::hosts::Host;
use crate::parity::Same;
use crate::scratch::Scratch;
use crate::{opa_module, shell};

pub(crate) use node::speed;

pub(crate) fn run() -> Result<Verdicts> {
    let module = shell::stage("module", opa_module::build)?;
    let scratch = Scratch::new("opa-wasm")?;
    let cases = shell::stage("cases", cases::all)?;
    let (in_node, in_go) = rayon::join(
        || shell::stage("Node", || node::run(&module, &cases, &scratch.0)),
        || shell::stage("Go", || bundle::run(&module, &cases, &scratch.0)),
    );
    let in_node = in_node?;
    in_go?;
    let mut same = Same::new();
    for control in cases.iter().flat_map(|case| &case.decided) {
        *same.entry(control.clone()).or_default() += 1;
    }
    Ok(in_node.then_some((Host::OpaWasm, same)).into_iter().collect())
}
