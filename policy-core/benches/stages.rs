//! Each stage of a check on its own, on an installation of a thousand objects.

#![allow(
    missing_docs,
    clippy::expect_used,
    reason = "a benchmark may fail, and criterion writes undocumented functions"
)]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use policy_core::{
    Catalog, Config, Detail, Engine, Format, Input, Limits, Mode, Profile, Request, Source, SourceId, parse, render,
};
use serde_json::{Value, json};

const OBJECTS: usize = 1000;
const CONTROLLERS: [&str; 4] = [
    "source-controller",
    "kustomize-controller",
    "helm-controller",
    "notification-controller",
];

/// The controllers, then appliers, releases and ordinary workloads in turn.
fn objects() -> Vec<Value> {
    let controllers = CONTROLLERS.iter().map(|name| {
        let args = [
            "--watch-all-namespaces=true",
            "--log-level=info",
            "--enable-leader-election",
        ];
        let image = format!("ghcr.io/fluxcd/{name}:v1.9.4");
        workload(
            name,
            "flux-system",
            json!({"name": "manager", "image": image, "args": args}),
        )
    });
    let others = (0..OBJECTS - CONTROLLERS.len()).map(|at| {
        let namespace = format!("team-{}", at % 50);
        match at % 5 {
            0 | 1 => json!({
                "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
                "kind": "Kustomization",
                "metadata": {"name": format!("apps-{at}"), "namespace": namespace},
                "spec": {
                    "interval": "10m",
                    "path": format!("./apps/{at}"),
                    "prune": true,
                    "sourceRef": {"kind": "GitRepository", "name": "fleet"},
                },
            }),
            2 | 3 => json!({
                "apiVersion": "helm.toolkit.fluxcd.io/v2",
                "kind": "HelmRelease",
                "metadata": {"name": format!("release-{at}"), "namespace": namespace},
                "spec": {
                    "interval": "15m",
                    "chart": {"spec": {
                        "chart": "podinfo",
                        "version": "6.5.4",
                        "sourceRef": {"kind": "HelmRepository", "name": "podinfo"},
                    }},
                    "values": {"replicaCount": 2, "hosts": [format!("h{at}.example.com")]},
                },
            }),
            _ => {
                let image = format!("registry.example.com/team/app:v1.6.{}", at % 9);
                let container = json!({"name": "app", "image": image, "args": ["--listen=:8080"]});
                workload(&format!("app-{at}"), &namespace, container)
            }
        }
    });
    controllers.chain(others).collect()
}

fn workload(name: &str, namespace: &str, container: Value) -> Value {
    let labels = match namespace {
        "flux-system" => json!({"app": name, "app.kubernetes.io/component": name, "app.kubernetes.io/part-of": "flux"}),
        _ => json!({"app": name}),
    };
    let pod = json!({"serviceAccountName": name, "containers": [container]});
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    })
}

/// Block style, as people write it; the values hold no empty collection.
fn to_yaml(value: &Value, indent: usize, out: &mut String) {
    let pad = " ".repeat(indent);
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                if value.is_object() || value.is_array() {
                    *out += &format!("{pad}{key}:\n");
                    to_yaml(value, indent + 2, out);
                } else {
                    *out += &format!("{pad}{key}: {value}\n");
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                let mut text = String::new();
                to_yaml(item, indent + 2, &mut text);
                *out += &format!("{pad}- {}", text.trim_start());
            }
        }
        scalar => *out += &format!("{pad}{scalar}\n"),
    }
}

fn source(name: &str, text: &str) -> Source {
    Source {
        id: SourceId(0),
        name: name.into(),
        bytes: text.as_bytes().to_vec(),
    }
}

fn stages(criterion: &mut Criterion) {
    let objects = objects();
    let json = Value::from(objects.clone()).to_string();
    let documents = objects.iter().map(|object| {
        let mut text = String::new();
        to_yaml(object, 0, &mut text);
        text
    });
    let yaml = documents.collect::<Vec<_>>().join("---\n");
    let limits = Limits::standard();
    let profiles = vec![Profile::Base, Profile::Shared, Profile::Dedicated, Profile::Hard];
    let config = Config {
        profiles,
        ..Config::default()
    };
    let engine = Catalog::builtin()
        .and_then(|catalog| Engine::new(catalog, config))
        .expect("the catalogue");
    let parsed = parse(&source("in.json", &json), &limits);
    let request = || Request {
        inputs: vec![Input::Parsed(parsed.clone())],
        mode: Some(Mode::Render),
        ..Request::default()
    };
    let report = engine.check(request());
    assert_eq!(report.problems, []);

    let mut group = criterion.benchmark_group("stages");
    group.sample_size(20);
    for (name, text) in [("parse YAML", &yaml), ("parse JSON", &json)] {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| parse(&source("in", text), &limits)));
    }
    group.throughput(Throughput::Elements(OBJECTS as u64));
    // With what comes before the rules: objects and inventory out of what was parsed.
    group.bench_function("facts", |bencher| {
        bencher.iter_batched(
            request,
            |request| engine.prepare(engine.resolve(request)).len(),
            BatchSize::LargeInput,
        );
    });
    let audit = engine.prepare(engine.resolve(request()));
    group.bench_function("evaluate", |bencher| {
        bencher.iter(|| {
            let mut sessions = audit.sessions();
            (0..audit.len())
                .map(|at| audit.evaluate(&mut sessions, at))
                .collect::<Vec<_>>()
                .len()
        });
    });
    let text = Format::Text {
        color: false,
        detail: Detail::Normal,
    };
    for (name, format) in [("render JSON", Format::Json), ("render text", text)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| render(&report, engine.controls(), format))
        });
    }
    group.finish();
}

criterion_group!(benches, stages);
criterion_main!(benches);
