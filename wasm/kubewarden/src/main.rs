//! flux-audit as a policy of Kubewarden: a WASI program that Kubewarden runs once for each request.
//!
//! `policy.wasm validate` reads `{"request": …, "settings": …}` from standard input and answers
//! `{"accepted": …, "message", "code", "warnings", "audit_annotations"}`; `policy.wasm validate-settings` reads settings
//! and answers `{"valid": …, "message"}`. Both end with exit code 0. The settings are a `.flux-audit.yaml`; requests are
//! judged as by `policy_core::Engine::review`, at the time of the host's clock. Controls that need an inventory are not evaluated,
//! and named in the audit annotation `not-evaluated`.
//!
//! Kubewarden also takes waPC modules, which could keep an engine between calls. It makes a fresh instance for each request
//! of either, so nothing would be kept; and WASI has the clock, and needs neither a binary interface nor its libraries. Under
//! wasmtime a request takes 10 to 18 ms of processor time: 7 of them load the engine, 0.2 make the instance, and the rest
//! judges, the longer the more controls speak of the object.
//!
//! **What is success.** Only `"accepted": true`. Whatever goes wrong is answered with `false` or ends the program
//! otherwise, which Kubewarden takes for a denial.

mod contract;

use std::io::{Read, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let command = std::env::args().nth(1);
    let answer = match command.as_deref() {
        Some("validate") => read().map(|input| contract::validate(&input, &now())),
        Some("validate-settings") => read().map(|input| contract::validate_settings(&input)),
        _ => Err(std::io::Error::other("usage: validate | validate-settings")),
    };
    match answer.and_then(|answer| std::io::stdout().write_all(&answer)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("flux-audit: {error}");
            ExitCode::FAILURE
        }
    }
}

fn read() -> std::io::Result<Vec<u8>> {
    let mut input = Vec::new();
    std::io::stdin().read_to_end(&mut input)?;
    Ok(input)
}

/// The time of the host's clock; exceptions expire by it.
fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
