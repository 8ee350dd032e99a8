//! A host can stop a run, and sees why it stopped.

mod common;

use std::time::{Duration, Instant};

use host_test::{Limits, Stop};

/// A check that takes a while: many objects that controls speak of.
fn long() -> Vec<u8> {
    let one = "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {namespace: a, name: ";
    let text: String = (0..20_000).map(|at| format!("{one}n{at}}}\n")).collect();
    common::check(&[("long.yaml".into(), text)])
}

#[test]
fn fuel() {
    let limits = Limits {
        fuel: 100_000_000,
        ..Limits::GENEROUS
    };
    let mut host = common::module().start(limits).expect("an instance");
    assert_eq!(host.call(&long()), Err(Stop::Fuel));
}

#[test]
fn deadline() {
    let time = Duration::from_millis(100);
    let mut host = common::module()
        .start(Limits {
            time,
            ..Limits::GENEROUS
        })
        .expect("an instance");
    let request = long();
    let start = Instant::now();
    assert_eq!(host.call(&request), Err(Stop::Time));
    // Generous: the machine may be busy. Without the deadline the run takes many times as long.
    assert!(start.elapsed() < time * 20, "{:?}", start.elapsed());
}

#[test]
fn memory_for_the_request() {
    let limits = Limits {
        memory: 16 << 20,
        ..Limits::GENEROUS
    };
    let mut host = common::module().start(limits).expect("an instance");
    assert_eq!(host.alloc(32 << 20), Ok(0));
    assert_eq!(host.call(&vec![b' '; 32 << 20]), Err(Stop::Memory));
}

#[test]
fn memory_for_the_work() {
    let limits = Limits {
        memory: 16 << 20,
        ..Limits::GENEROUS
    };
    let mut host = common::module().start(limits).expect("an instance");
    assert_eq!(host.call(&long()), Err(Stop::Memory));
}

#[test]
fn the_same_work_takes_the_same_fuel() {
    let fuel = || {
        let mut host = common::host();
        let before = host.fuel();
        host.call(&common::passing()).expect("an answer");
        before - host.fuel()
    };
    assert_eq!(fuel(), fuel());
}
