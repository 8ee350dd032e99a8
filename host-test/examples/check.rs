//! Times one check of a file: natively, and through the plain WebAssembly module. For `cargo xtask bench`.

#![allow(clippy::expect_used, clippy::print_stdout, reason = "a program for developers")]

use std::time::Instant;

use host_test::{Limits, Module};
use serde_json::json;

const RUNS: usize = 5;

fn main() {
    let mut args = std::env::args().skip(1);
    let (module, file) = args.next().zip(args.next()).expect("the module and a file");
    let bytes = std::fs::read(module).expect("the module");
    let text = std::fs::read_to_string(&file).expect("the file");
    let profiles = ["base", "shared", "dedicated", "hard"];
    let request = json!({
        "op": "check",
        "config": {"profiles": profiles},
        "request": {"sources": [{"name": file, "text": text}], "mode": "render", "now": "2026-11-22T03:00:00Z"},
    });
    let request = request.to_string().into_bytes();
    // Like the module, it loads its engine once.
    let mut native = policy_core::api::Host::new();
    println!("native, one thread {:.3}", median(|| native.call(&request)));
    let module = Module::compile(&bytes).expect("a module that wasmtime takes");
    let mut host = module.start(Limits::GENEROUS).expect("an instance");
    println!("wasmtime {:.3}", median(|| host.call(&request).expect("an answer")));
}

/// Seconds of the middle run, after one that warms up.
fn median(mut run: impl FnMut() -> Vec<u8>) -> f64 {
    let times = (0..=RUNS).map(|_| {
        let start = Instant::now();
        let answer = run();
        assert!(answer.starts_with(b"{\"ok\":"), "{}", String::from_utf8_lossy(&answer));
        start.elapsed().as_secs_f64()
    });
    let mut times: Vec<f64> = times.skip(1).collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
