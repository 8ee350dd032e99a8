//! What a module answers to each line of the standard input, a line each: for `cargo xtask parity`.

#![allow(clippy::expect_used, clippy::print_stdout, reason = "a program for developers")]

use std::io::BufRead as _;

use host_test::kubewarden::Policy;
use host_test::{Limits, Module};

/// A module that runs: a line in, a line out.
type Answer = Box<dyn FnMut(&[u8]) -> Vec<u8>>;

fn main() {
    let mut args = std::env::args().skip(1);
    let (interface, module) = args.next().zip(args.next()).expect("the interface and the module");
    let module = std::fs::read(module).expect("the module");
    let mut answer: Answer = match interface.as_str() {
        "abi" => {
            let module = Module::compile(&module).expect("a module that wasmtime takes");
            let mut host = module.start(Limits::GENEROUS).expect("an instance");
            Box::new(move |request| host.call(request).expect("an answer"))
        }
        "kubewarden" => {
            let now = args.next().expect("seconds since 1970").parse().expect("a number");
            let policy = Policy::load(&module, now).expect("a policy that needs WASI and nothing else");
            Box::new(move |request| {
                let (code, output) = policy.run(&["policy.wasm", "validate"], request).expect("a program");
                assert_eq!(code, 0, "{}", String::from_utf8_lossy(request));
                output
            })
        }
        other => panic!("there is no interface {other}"),
    };
    for line in std::io::stdin().lock().lines() {
        let answer = answer(line.expect("UTF-8").as_bytes());
        println!("{}", String::from_utf8(answer).expect("UTF-8").trim_end());
    }
}
