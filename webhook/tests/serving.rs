//! What a good request gets, and what may change while the server runs.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod common;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::{Client, review, start, write_certificate};
use policy_core::{AdmissionReview, Engine};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use webhook::{Auditor, Folder, Judge};

fn auditor() -> Auditor {
    Auditor::new(Engine::builtin().unwrap(), None).unwrap()
}

fn controller(args: &[&str]) -> Value {
    let labels = json!({"app": "kustomize-controller", "app.kubernetes.io/component": "kustomize-controller",
        "app.kubernetes.io/part-of": "flux"});
    json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "kustomize-controller", "namespace": "flux-system", "labels": labels},
        "spec": {"selector": {"matchLabels": {"app": "kustomize-controller"}},
            "template": {"metadata": {"labels": labels}, "spec": {
                "securityContext": {"fsGroup": 1337},
                "containers": [{"name": "manager", "image": "ghcr.io/fluxcd/kustomize-controller:v1.9.4", "args": args,
                    "securityContext": {"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
                        "runAsNonRoot": true, "capabilities": {"drop": ["ALL"]},
                        "seccompProfile": {"type": "RuntimeDefault"}}}]}}}})
}

fn bytes(operation: &str, object: &Value) -> Vec<u8> {
    review(operation, object).to_string().into_bytes()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_object_is_denied_with_the_reason_and_the_way_out() {
    let server = start(auditor(), |_| {}).await;
    let client = server.client();
    let bad = controller(&["--watch-all-namespaces=true", "--no-remote-bases=false"]);
    for operation in ["CREATE", "UPDATE"] {
        let response = client.review(&bytes(operation, &bad)).await.response();
        assert_eq!(response["allowed"], false);
        let message = response["status"]["message"].as_str().unwrap();
        assert!(message.contains("FX-KC-03: "), "{message}");
        assert!(
            message.contains("To mend FX-KC-03: First vendor what overlays pull"),
            "{message}"
        );
        let by = response["auditAnnotations"]["denied-by"].as_str().unwrap();
        assert!(by.split(',').any(|control| control == "FX-KC-03"), "{by}");
        assert!(
            response["auditAnnotations"]["not-evaluated"].is_string(),
            "there is no inventory"
        );
    }
    // A bad object may go.
    let mut deleted = review("DELETE", &Value::Null);
    deleted["request"]["oldObject"] = bad;
    let response = client.review(deleted.to_string().as_bytes()).await.response();
    assert_eq!(response["allowed"], true);
    assert_eq!(response["auditAnnotations"]["not-judged"], "DELETE");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_and_metrics_tell_what_happened() {
    let server = start(auditor(), |_| {}).await;
    let client = server.client();
    let bad = controller(&["--no-remote-bases=false"]);
    let config_map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "b"}});
    assert!(!client.review(&bytes("CREATE", &bad)).await.admits());
    assert!(client.review(&bytes("CREATE", &config_map)).await.admits());
    assert_eq!(client.review(b"{}").await.status, 400);
    for path in ["/healthz", "/readyz"] {
        assert_eq!(client.get(path).await.status, 200, "{path}");
    }
    let metrics = client.get("/metrics").await;
    for line in [
        "flux_audit_reviews_total{decision=\"allowed\",code=\"200\"} 1",
        "flux_audit_reviews_total{decision=\"denied\",code=\"403\"} 1",
        "flux_audit_reviews_total{decision=\"refused\",code=\"400\"} 1",
        "flux_audit_denials_total{control=\"FX-KC-03\"} 1",
        "flux_audit_review_seconds_count 3",
        "flux_audit_reviews_judging 0",
    ] {
        assert!(metrics.body.contains(line), "{line} is not in\n{}", metrics.body);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operations_are_also_served_without_tls() {
    let folder = tempfile::tempdir().unwrap();
    write_certificate(folder.path());
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    drop(socket);
    let server = start(auditor(), |options| options.operations = Some(address)).await;
    for (path, status) in [("/healthz", 200), ("/metrics", 200), ("/validate", 404)] {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {answer}");
    }
    server.stop().await;
}

/// Puts certificate and key where the kubelet would: in a folder of their own, behind a link that it replaces.
fn publish(folder: &Path, version: &str) {
    let data = folder.join(version);
    std::fs::create_dir(&data).unwrap();
    write_certificate(&data);
    let (next, link) = (folder.join("..data_tmp"), folder.join("..data"));
    std::os::unix::fs::symlink(version, &next).unwrap();
    std::fs::rename(next, link).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_is_changed_under_load_and_no_request_fails() {
    let mount = tempfile::tempdir().unwrap();
    publish(mount.path(), "..1");
    for name in ["tls.crt", "tls.key"] {
        std::os::unix::fs::symlink(format!("..data/{name}"), mount.path().join(name)).unwrap();
    }
    let server = start(auditor(), |options| {
        options.certificate = mount.path().join("tls.crt");
        options.key = mount.path().join("tls.key");
    })
    .await;
    let first = Client::new(server.address, &mount.path().join("..1/tls.crt"));
    // This connection is older than the next certificate.
    let mut old = first.connect().await.unwrap();
    let (running, answered) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicUsize::new(0)));
    let body = bytes(
        "CREATE",
        &json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "b"}}),
    );
    // Trusts both, as an API server does whose `caBundle` holds the authority of both.
    publish(mount.path(), "..2");
    let second = Client::new(server.address, &mount.path().join("..2/tls.crt"));
    let load: Vec<_> = (0..4)
        .map(|_| {
            let (running, answered, body) = (Arc::clone(&running), Arc::clone(&answered), body.clone());
            let (first, second) = (first.clone(), second.clone());
            tokio::spawn(async move {
                while running.load(Ordering::Relaxed) {
                    let answer = match first.try_review(&body).await {
                        Ok(answer) => answer,
                        Err(_) => second.try_review(&body).await.unwrap(),
                    };
                    assert!(answer.admits(), "{answer:?}");
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let until = Instant::now() + Duration::from_secs(20);
    while second.connect().await.is_err() {
        assert!(Instant::now() < until, "the new certificate is not served");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // A new client, since one that was here before resumes its session without looking at the certificate.
    let stranger = Client::new(server.address, &mount.path().join("..1/tls.crt"));
    assert!(stranger.connect().await.is_err(), "the old certificate is still served");
    // A broken one changes nothing.
    std::fs::write(mount.path().join("..2/tls.key"), "no key").unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(second.try_review(&body).await.unwrap().admits());
    old.write_all(&common::post(&body)).await.unwrap();
    let mut answer = String::new();
    old.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("\"allowed\":true"), "{answer}");
    running.store(false, Ordering::Relaxed);
    for task in load {
        task.await.unwrap();
    }
    assert!(answered.load(Ordering::Relaxed) > 0);
    let metrics = second.get("/metrics").await.body;
    assert!(
        metrics.contains("flux_audit_certificate_reloads_total{outcome=\"used\"} 1"),
        "{metrics}"
    );
    assert!(
        metrics.contains("flux_audit_certificate_reloads_total{outcome=\"unusable\"} 1"),
        "{metrics}"
    );
    server.stop().await;
}

struct Slow;

impl Judge for Slow {
    fn judge(&self, review: &[u8]) -> AdmissionReview {
        std::thread::sleep(Duration::from_millis(700));
        Engine::builtin().unwrap().admit(review, None)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_finishes_what_is_under_way() {
    let server = start(Slow, |options| options.drain = Duration::from_millis(300)).await;
    let client = server.client();
    let body = bytes(
        "CREATE",
        &json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "b"}}),
    );
    let asked = tokio::spawn({
        let (client, body) = (client.clone(), body.clone());
        async move { client.review(&body).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let done = server.begin_to_stop();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(client.get("/readyz").await.status, 503, "the cluster is told first");
    assert_eq!(client.get("/healthz").await.status, 200);
    assert!(asked.await.unwrap().admits());
    done.await.unwrap().unwrap();
    assert!(client.connect().await.is_err(), "nobody listens any more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_an_inventory_objects_are_judged_together_and_its_changes_count() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, object: &Value| std::fs::write(folder.path().join(name), object.to_string()).unwrap();
    let namespace = |labels: Value| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team-a", "labels": labels}});
    write("controller.yaml", &controller(&["--default-service-account=default"]));
    write("team-a.yaml", &namespace(json!({})));
    let text = "apiVersion: audit.plugin.fluxcd.io/v1beta1\nkind: Config\nprofiles: [shared]\nselect: [FX-MT-03]\n";
    let settings = policy_core::Source {
        id: policy_core::SourceId(0),
        name: "config".into(),
        bytes: format!("{text}enforce: info\n").into(),
    };
    let catalog = policy_core::Catalog::builtin().unwrap();
    let config = policy_core::Config::parse(&settings, catalog.controls()).unwrap();
    let engine = Engine::new(catalog, config).unwrap();
    let inventory = Folder::new(folder.path().to_path_buf(), Duration::from_millis(50));
    let server = start(Auditor::new(engine, Some(inventory)).unwrap(), |_| {}).await;
    let client = server.client();
    let binding = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
        "metadata": {"name": "x"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
        "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": "team-a"}]});
    let binding = bytes("CREATE", &binding);
    let response = client.review(&binding).await.response();
    assert_eq!(response["allowed"], true, "nobody's namespace: {response}");
    assert!(response["auditAnnotations"]["not-evaluated"].is_null(), "{response}");
    // Half a file changes nothing; then the namespace becomes a tenant's.
    std::fs::write(folder.path().join("team-a.yaml"), "{\"apiVersion\": \"v1\", \"kind\": ").unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(client.review(&binding).await.admits());
    write("team-a.yaml", &namespace(json!({"toolkit.fluxcd.io/tenant": "team-a"})));
    let until = Instant::now() + Duration::from_secs(20);
    while client.review(&binding).await.admits() {
        assert!(Instant::now() < until, "the inventory does not change");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    server.stop().await;
}
