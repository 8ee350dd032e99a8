//! Requests that are malformed or hostile, and whatever else can go wrong: nothing of it is ever an admission.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod common;

use std::time::Duration;

use common::{Answer, Client, post, review, start};
use policy_core::{AdmissionReview, Catalog, Config, Engine};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use webhook::{Auditor, Judge};

const BODY: usize = 64 << 10;

fn auditor() -> Auditor {
    Auditor::new(
        Engine::new(Catalog::builtin().unwrap(), Config::default()).unwrap(),
        None,
    )
    .unwrap()
}

/// Judges by a function.
struct By<F>(F);

impl<F: Fn(&[u8]) -> AdmissionReview + Send + Sync + 'static> Judge for By<F> {
    fn judge(&self, review: &[u8]) -> AdmissionReview {
        (self.0)(review)
    }
}

fn good() -> Value {
    json!({"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
        "metadata": {"name": "apps", "namespace": "flux-system"},
        "spec": {"interval": "1h", "path": "./apps", "prune": true,
            "sourceRef": {"kind": "GitRepository", "name": "flux-system"}}})
}

/// What an API server would send of the good object, with a change.
fn changed(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut review = review("CREATE", &good());
    change(&mut review);
    review.to_string().into_bytes()
}

fn as_sent() -> Vec<u8> {
    changed(|_| {})
}

/// The same, with another text in place of one.
fn edited(from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(as_sent()).unwrap();
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1).into_bytes()
}

fn with_object(object: &str) -> Vec<u8> {
    let review = review("CREATE", &json!("OBJECT")).to_string();
    review.replace("\"OBJECT\"", object).into_bytes()
}

/// Bodies that are no review with a uid: refused with 400.
fn no_reviews() -> Vec<(&'static str, Vec<u8>)> {
    let without = |key: &str| {
        let mut review = review("CREATE", &good());
        review["request"].as_object_mut().unwrap().remove(key);
        review.to_string().into_bytes()
    };
    let answer = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "response": {"uid": "1", "allowed": true}});
    vec![
        ("nothing", Vec::new()),
        ("no JSON", b"allowed: true".to_vec()),
        ("half a review", as_sent()[..100].to_vec()),
        ("a review and more", [as_sent(), b"{}".to_vec()].concat()),
        ("a list of reviews", [b"[".to_vec(), as_sent(), b"]".to_vec()].concat()),
        (
            "another version",
            edited("admission.k8s.io/v1", "admission.k8s.io/v1beta1"),
        ),
        ("another kind", edited("AdmissionReview", "ConversionReview")),
        ("no request", changed(|review| review["request"] = Value::Null)),
        ("no uid", without("uid")),
        ("an empty uid", changed(|review| review["request"]["uid"] = json!(""))),
        (
            "a uid that is a number",
            changed(|review| review["request"]["uid"] = json!(1)),
        ),
        ("two uids", edited("\"uid\":", "\"uid\":\"x\",\"uid\":")),
        ("two requests", edited("\"request\":", "\"request\":{},\"request\":")),
        (
            "an operation that is a list",
            changed(|review| review["request"]["operation"] = json!(["DELETE"])),
        ),
        ("an answer in place of a question", answer.to_string().into_bytes()),
    ]
}

/// Reviews of what cannot be judged: denied with the uid.
fn not_to_be_judged() -> Vec<(&'static str, Vec<u8>)> {
    let nested = |open: &str, close: &str| with_object(&format!("{}1{}", open.repeat(10_000), close.repeat(10_000)));
    let no_utf8 = with_object("\"\u{1}\"").into_iter();
    let deployment = |metadata: &str| {
        with_object(&format!(
            r#"{{"apiVersion":"apps/v1","kind":"Deployment","metadata":{metadata}}}"#
        ))
    };
    vec![
        (
            "no UTF-8",
            no_utf8.map(|byte| if byte == 1 { 0xff } else { byte }).collect(),
        ),
        ("null as the object", with_object("null")),
        ("a list as the object", with_object("[]")),
        ("a text as the object", with_object("\"allowed: true\"")),
        ("an empty object", with_object("{}")),
        ("no kind", with_object(r#"{"apiVersion":"v1","metadata":{"name":"a"}}"#)),
        (
            "no metadata",
            with_object(r#"{"apiVersion":"example.com/v1","kind":"Thing"}"#),
        ),
        ("no name", deployment("{}")),
        ("a name that is a list", deployment(r#"{"name":[]}"#)),
        (
            "a namespace that is a list",
            deployment(r#"{"name":"a","namespace":[]}"#),
        ),
        ("two objects", edited("\"object\":", "\"object\":{},\"object\":")),
        ("a key twice", edited("\"spec\":", "\"spec\":{},\"spec\":")),
        ("deep lists", nested("[", "]")),
        ("deep objects", nested("{\"a\":", "}")),
        (
            "a spec that is a text",
            changed(|review| review["request"]["object"]["spec"] = json!("x")),
        ),
        (
            "a list of no objects",
            with_object(r#"{"apiVersion":"v1","kind":"List","items":[1]}"#),
        ),
        (
            "an empty list",
            with_object(r#"{"apiVersion":"v1","kind":"List","items":[]}"#),
        ),
    ]
}

/// Requests that HTTP or the server's bounds refuse, with the status; 0 is any refusal.
fn rude() -> Vec<(&'static str, u16, Vec<u8>)> {
    let sent = |from: &str, to: &str| {
        let request = String::from_utf8(post(&as_sent())).unwrap();
        assert!(request.contains(from), "{from}");
        request.replacen(from, to, 1).into_bytes()
    };
    let with_headers = |headers: &str, body: &str| {
        let head = "POST /validate HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\nconnection: close\r\n";
        format!("{head}{headers}\r\n\r\n{body}").into_bytes()
    };
    let large = changed(|review| review["request"]["object"]["metadata"]["name"] = json!("x".repeat(BODY)));
    let chunk = format!("{:x}\r\n{}\r\n0\r\n\r\n", 3 * BODY, "x".repeat(3 * BODY));
    vec![
        ("too large", 413, post(&large)),
        (
            "a length that is a lie",
            413,
            with_headers("content-length: 99999999999", "{}"),
        ),
        (
            "a length that is no number",
            400,
            with_headers("content-length: -1", "{}"),
        ),
        (
            "two lengths",
            400,
            with_headers("content-length: 2\r\ncontent-length: 3", "{} "),
        ),
        (
            "chunks that never fit",
            413,
            with_headers("transfer-encoding: chunked", &chunk),
        ),
        (
            "chunks that are none",
            400,
            with_headers("transfer-encoding: chunked", "zz\r\n"),
        ),
        ("another media type", 415, sent("application/json", "application/yaml")),
        ("no media type", 415, sent("content-type: application/json\r\n", "")),
        ("another method", 405, sent("POST", "PUT")),
        ("another path", 404, sent("/validate", "/mutate")),
        ("no HTTP", 0, b"\0\0\0\r\n\r\n".to_vec()),
        (
            "a huge head",
            0,
            with_headers(&format!("x: {}", "x".repeat(1 << 20)), "{}"),
        ),
    ]
}

fn faults() -> Vec<(&'static str, u16, Vec<u8>)> {
    let bodies = |status, bodies: Vec<(&'static str, Vec<u8>)>| {
        let faults = bodies.into_iter();
        faults.map(move |(what, body)| (what, status, post(&body)))
    };
    let reviews = bodies(400, no_reviews()).chain(bodies(200, not_to_be_judged()));
    reviews.chain(rude()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_fault_is_an_admission() {
    let server = start(auditor(), |options| options.limits.body = BODY).await;
    let client = server.client();
    assert!(client.review(&as_sent()).await.admits(), "the good one itself");
    for (what, status, request) in faults() {
        let answer = match client.raw(&request).await {
            Ok(answer) => answer,
            // The server may hang up on what it does not want to read to its end.
            Err(_) if status == 0 => continue,
            Err(error) => panic!("{what}: {error}"),
        };
        assert!(!answer.admits(), "{what}: {answer:?}");
        if status == 0 {
            continue;
        }
        assert_eq!(answer.status, status, "{what}: {answer:?}");
        if status == 200 {
            let response = answer.response();
            assert_eq!(response["allowed"], false, "{what}");
            assert_eq!(response["uid"], "705ab4f5-6393-11e8-b7cc-42010a800002", "{what}");
            assert!(!response["status"]["message"].as_str().unwrap().is_empty(), "{what}");
        }
    }
    assert!(client.review(&as_sent()).await.admits(), "the server has survived");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_http_or_no_tls_gets_no_admission() {
    let server = start(auditor(), |_| {}).await;
    let client = server.client();
    let mut plain = tokio::net::TcpStream::connect(server.address).await.unwrap();
    plain.write_all(&post(&as_sent())).await.unwrap();
    let mut answer = String::new();
    let mut bytes = Vec::new();
    drop(tokio::io::AsyncReadExt::read_to_end(&mut plain, &mut bytes).await);
    answer.push_str(&String::from_utf8_lossy(&bytes));
    assert!(!answer.contains("allowed"), "{answer}");
    // A client that goes away in the middle of its body.
    let request = post(&as_sent());
    let mut gone = client.connect().await.unwrap();
    gone.write_all(&request[..request.len() - 10]).await.unwrap();
    drop(gone);
    assert!(client.review(&as_sent()).await.admits());
    server.stop().await;
}

fn allowed(review: &[u8]) -> AdmissionReview {
    let engine = Engine::builtin().unwrap();
    engine.admit(review, None)
}

async fn ask(client: &Client) -> Answer {
    client.review(&as_sent()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_comes_late_is_a_denial_and_keeps_its_turn() {
    let slow = By(|review: &[u8]| {
        std::thread::sleep(Duration::from_millis(800));
        allowed(review)
    });
    let server = start(slow, |options| {
        options.limits.time = Duration::from_millis(200);
        options.limits.concurrent = 1;
    })
    .await;
    let client = server.client();
    let late = ask(&client).await;
    assert_eq!(late.response()["allowed"], false);
    assert_eq!(late.response()["status"]["code"], 504);
    assert_eq!(late.response()["uid"], "705ab4f5-6393-11e8-b7cc-42010a800002");
    // The first is still under way.
    let next = ask(&client).await;
    assert_eq!(next.status, 503, "{next:?}");
    assert!(next.head.contains("retry-after: 1"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_never_ends_is_refused() {
    let server = start(auditor(), |options| options.limits.time = Duration::from_millis(300)).await;
    let client = server.client();
    let request = post(&as_sent());
    let mut stream = client.connect().await.unwrap();
    stream.write_all(&request[..request.len() - 1]).await.unwrap();
    let mut answer = Vec::new();
    let mut buffer = [0; 1024];
    while let Ok(Ok(count @ 1..)) = tokio::time::timeout(
        Duration::from_secs(5),
        tokio::io::AsyncReadExt::read(&mut stream, &mut buffer),
    )
    .await
    {
        answer.extend_from_slice(&buffer[..count]);
    }
    assert!(
        answer.starts_with(b"HTTP/1.1 408 "),
        "{}",
        String::from_utf8_lossy(&answer)
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn overload_is_refused_at_once() {
    let slow = By(|review: &[u8]| {
        std::thread::sleep(Duration::from_millis(500));
        allowed(review)
    });
    let server = start(slow, |options| {
        options.limits.body = 4 << 10;
        options.limits.bodies = 4 << 10;
        options.limits.concurrent = 1;
    })
    .await;
    let client = server.client();
    let requests: Vec<_> = (0..12)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { ask(&client).await })
        })
        .collect();
    let (mut admitted, mut refused) = (0, 0);
    for request in requests {
        let answer = request.await.unwrap();
        match answer.status {
            200 => admitted += usize::from(answer.admits()),
            429 => refused += 1,
            _ => panic!("{answer:?}"),
        }
    }
    assert!(admitted >= 1 && refused >= 1, "{admitted} admitted, {refused} refused");
    assert_eq!(admitted + refused, 12);
    assert!(ask(&client).await.admits(), "room is given back");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_is_a_denial() {
    let failing = By(|review: &[u8]| -> AdmissionReview {
        let text = String::from_utf8_lossy(review);
        assert!(!text.contains("apps"), "a mistake in the engine");
        allowed(review)
    });
    let server = start(failing, |options| options.limits.concurrent = 1).await;
    let client = server.client();
    for _ in 0..3 {
        let answer = ask(&client).await;
        assert_eq!(answer.response()["allowed"], false);
        assert_eq!(answer.response()["status"]["code"], 500);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_to_another_request_is_a_denial() {
    let confused = By(|review: &[u8]| {
        let mut answer = allowed(review);
        answer.response.uid = "another".into();
        answer
    });
    let server = start(confused, |_| {}).await;
    let answer = ask(&server.client()).await;
    assert_eq!(answer.response()["allowed"], false);
    assert_eq!(answer.response()["status"]["code"], 500);
    server.stop().await;
}
