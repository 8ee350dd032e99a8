//! Whatever a host sends, it gets an error or a trap, and never a pass.

mod common;

use host_test::{Host, Stop};

/// An error answer or a trap is fine; returns the error's code.
fn refused(host: &mut Host, request: &[u8], what: &str) -> Option<String> {
    match host.call(request) {
        Err(_) => None,
        Ok(answer) => {
            assert!(!common::is_pass(&answer), "{what}");
            let code = common::error_code(&answer);
            assert!(code.is_some(), "{what}: {}", String::from_utf8_lossy(&answer));
            code
        }
    }
}

fn works(host: &mut Host) {
    let answer = host.call(&common::passing()).expect("an answer");
    assert!(common::is_pass(&answer), "{}", String::from_utf8_lossy(&answer));
}

#[test]
fn requests_that_are_not_calls() {
    let good = common::passing();
    let half = &good[..good.len() / 2];
    let cases: &[(&str, &[u8])] = &[
        ("truncated", half),
        ("no JSON", b"op: check"),
        ("null", b"null"),
        ("array", b"[]"),
        ("number", b"1e999"),
        ("zero bytes", &[0; 64]),
        ("invalid UTF-8", b"{\"op\":\"version\",\"\xff\xfe\":1}"),
        (
            "lone surrogate",
            br#"{"op":"check","request":{"sources":[{"name":"\ud800","text":""}]}}"#,
        ),
        ("UTF-16", b"\xff\xfe{\0}\0"),
        ("two values", br#"{"op":"version"}{"op":"version"}"#),
        ("no op", br#"{"request":{"sources":[]}}"#),
        ("unknown op", br#"{"op":"allow"}"#),
        ("op of another case", br#"{"op":"Check","request":{"sources":[]}}"#),
        ("two ops", br#"{"op":"version","op":"version"}"#),
        ("op of another type", br#"{"op":1}"#),
        ("unknown member", br#"{"op":"version","verbose":true}"#),
        ("no request", br#"{"op":"check"}"#),
        ("no sources", br#"{"op":"check","request":{}}"#),
        ("sources of another type", br#"{"op":"check","request":{"sources":{}}}"#),
        (
            "text of another type",
            br#"{"op":"check","request":{"sources":[{"name":"a","text":[1]}]}}"#,
        ),
        (
            "unknown member of a source",
            br#"{"op":"check","request":{"sources":[{"name":"a","text":"","trust":1}]}}"#,
        ),
        (
            "unknown mode",
            br#"{"op":"check","request":{"sources":[],"mode":"off"}}"#,
        ),
        (
            "unknown setting",
            br#"{"op":"check","config":{"skip":["all"]},"request":{"sources":[]}}"#,
        ),
        (
            "setting of another type",
            br#"{"op":"check","config":{"failOn":3},"request":{"sources":[]}}"#,
        ),
        (
            "null setting",
            br#"{"op":"check","config":null,"request":{"sources":[]}}"#,
        ),
        (
            "unknown profile",
            br#"{"op":"check","config":{"profiles":["none"]},"request":{"sources":[]}}"#,
        ),
        (
            "unknown control",
            br#"{"op":"check","config":{"ignore":["FX-NO-01"]},"request":{"sources":[]}}"#,
        ),
        (
            "unknown parameter",
            br#"{"op":"check","config":{"params":{"no":1}},"request":{"sources":[]}}"#,
        ),
        ("no review", br#"{"op":"review"}"#),
        ("no report", br#"{"op":"render","format":"text"}"#),
        (
            "report of another type",
            br#"{"op":"render","report":{"verdict":"pass"},"format":"text"}"#,
        ),
        ("unknown format", br#"{"op":"render","report":{},"format":"yes"}"#),
    ];
    let mut host = common::host();
    for (what, request) in cases {
        let code = refused(&mut host, request, what);
        assert!(
            code.as_deref() == Some("bad-request") || code.as_deref() == Some("bad-config"),
            "{what}: {code:?}"
        );
    }
    works(&mut host);
}

#[test]
fn checks_and_reviews_without_content_do_not_pass() {
    let mut host = common::host();
    for request in [
        br#"{"op":"check","request":{"sources":[]}}"#.as_slice(),
        br#"{"op":"check","request":{"sources":[{"name":"","text":""}]}}"#,
        br#"{"op":"check","config":{"failOn":"none"},"request":{"sources":[]}}"#,
        br#"{"op":"review","review":null}"#,
        br#"{"op":"review","review":{}}"#,
        br#"{"op":"review","review":{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{}}}"#,
        br#"{"op":"review","review":{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"1"}}}"#,
    ] {
        let answer = host.call(request).expect("an answer");
        assert!(!common::is_pass(&answer), "{}: {}", String::from_utf8_lossy(request), String::from_utf8_lossy(&answer));
    }
}

#[test]
fn huge_and_deep_requests() {
    let brackets = vec![b'['; 100 << 20];
    let deep = |open: &str, close: &str| [open.repeat(50_000), close.repeat(50_000)].concat();
    let review = |body: String| format!("{{\"op\":\"review\",\"review\":{body}}}").into_bytes();
    let mut host = common::host();
    for (what, request) in [
        ("100 MiB of brackets", brackets),
        ("deep array", deep("[", "]").into_bytes()),
        ("deep object", deep("{\"a\":", "}").into_bytes()),
        ("long string", review(format!("\"{}", "a".repeat(10 << 20)))),
    ] {
        assert_eq!(
            refused(&mut host, &request, what).as_deref(),
            Some("bad-request"),
            "{what}"
        );
    }
    // A review is read by the engine itself, which answers it.
    let answer = host.call(&review(deep("[", "]"))).expect("an answer");
    let answer: serde_json::Value = serde_json::from_slice(&answer).expect("JSON");
    assert_eq!(answer["ok"]["response"]["allowed"], false, "{answer}");
    works(&mut host);
}

#[test]
fn text_beyond_the_limits_of_a_source() {
    let text = format!("apiVersion: v1\nkind: Pod # {}", "x".repeat(64 << 20));
    let answer = common::host()
        .call(&common::check(&[("large.yaml".into(), text)]))
        .expect("an answer");
    assert!(!common::is_pass(&answer));
    let answer: serde_json::Value = serde_json::from_slice(&answer).expect("JSON");
    assert_eq!(answer["ok"]["verdict"], "incomplete");
    assert_eq!(
        answer["ok"]["problems"][0]["code"], "limit-source-bytes",
        "{}",
        answer["ok"]["problems"]
    );
}

#[test]
fn memory_that_was_not_handed_out() {
    let request = common::passing();
    let len = i32::try_from(request.len()).expect("a short request");
    let mut host = common::host();
    let place = host.alloc(len).expect("an allocation");
    host.write(place, &request).expect("a write");
    let bad = [
        (0, len),
        (0, 0),
        (1, 1),
        (-1, -1),
        (i32::MIN, i32::MAX),
        (place, 0),
        (place, len - 1),
        (place, len + 1),
        (place, -len),
        (place, i32::MAX),
        (place + 1, len - 1),
        (place - 8, len + 8),
        (64 << 10, 100),
    ];
    for (at, size) in bad {
        let answer = host.call_at(at, size).expect("an answer");
        assert_eq!(
            common::error_code(&answer).as_deref(),
            Some("bad-pointer"),
            "{at} {size}"
        );
        host.free(at, size).expect("nothing to happen");
    }
    // What is the host's stays so, and is usable again and again, until it is given back.
    for _ in 0..3 {
        assert!(common::is_pass(&host.call_at(place, len).expect("an answer")));
    }
    host.free(place, len).expect("the end of it");
    host.free(place, len).expect("nothing to happen");
    let answer = host.call_at(place, len).expect("an answer");
    assert_eq!(common::error_code(&answer).as_deref(), Some("bad-pointer"));
    works(&mut host);
}

#[test]
fn absurd_lengths() {
    let mut host = common::host();
    for len in [0, -1, i32::MIN, i32::MAX] {
        assert_eq!(host.alloc(len), Ok(0), "{len}");
    }
    works(&mut host);
}

#[test]
fn an_instance_that_trapped_traps_for_ever() {
    let mut host = common::host();
    works(&mut host);
    host.refuel(10_000);
    assert_eq!(host.call(&common::passing()), Err(Stop::Fuel));
    host.refuel(u64::MAX);
    for _ in 0..3 {
        assert!(matches!(host.call(&common::passing()), Err(Stop::Trap(_))));
        assert!(matches!(host.call_at(0, 0), Err(Stop::Trap(_))));
        assert!(matches!(host.free(0, 0), Err(Stop::Trap(_))));
    }
    works(&mut common::host());
}

#[test]
fn calls_give_their_memory_back() {
    let mut host = common::host();
    let files = common::manifests(&common::root().join("examples/insecure"));
    let request = common::check(&files);
    // Until the allocator has found its places; what leaks goes on for ever.
    for _ in 0..10 {
        host.call(&request).expect("an answer");
    }
    let before = host.memory_bytes();
    for _ in 0..50 {
        host.call(&request).expect("an answer");
    }
    assert_eq!(host.memory_bytes(), before);
}
