//! OPA's WebAssembly interface: our module in its hosts for Rust, JavaScript and Go.

mod bundle;
mod cases;
mod node;

use anyhow::Result;

use crate::scratch::Scratch;
use crate::{opa_module, shell};

pub(crate) use node::speed;

pub(crate) fn run() -> Result<()> {
    let module = shell::stage("module", opa_module::build)?;
    shell::stage("Rust", || {
        let test = ["test", "--workspace", "--test=opa", "--", "--nocapture"];
        shell::run(&mut shell::cargo(&test))
    })?;
    let scratch = Scratch::new("opa-wasm")?;
    let cases = shell::stage("cases", cases::all)?;
    shell::stage("Node", || node::run(&module, &cases, &scratch.0))?;
    shell::stage("Go", || bundle::run(&module, &cases, &scratch.0))
}
