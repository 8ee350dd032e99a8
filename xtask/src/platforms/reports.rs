//! Reports for dashboards of policies: a real API server takes them, with the CRDs that clusters have.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use kube::Api;
use kube::api::{ApiResource, DeleteParams, DynamicObject, ListParams, Patch, PatchParams};
use kube::core::GroupVersionKind;
use policy_core::{
    Catalog, Config, Engine, Format, Input, Limits, Profile, Report, ReportApi, Repository, Request, Source, SourceId,
    Time, render,
};
use serde_json::{Value, json};
use walkdir::WalkDir;

use super::Verdicts;
use super::apiserver::ApiServer;
use crate::shell;

/// A published module of Go, and the CRDs in it.
struct Definitions {
    module: &'static str,
    version: &'static str,
    files: [&'static str; 2],
}

const DEFINITIONS: [Definitions; 2] = [
    Definitions {
        module: "github.com/openreports/reports-api",
        version: "v0.2.1",
        files: [
            "config/crd/openreports.io_clusterreports.yaml",
            "config/crd/openreports.io_reports.yaml",
        ],
    },
    Definitions {
        module: "github.com/kyverno/kyverno",
        version: "v1.19.1",
        files: [
            "config/crds/policyreport/wgpolicyk8s.io_clusterpolicyreports.yaml",
            "config/crds/policyreport/wgpolicyk8s.io_policyreports.yaml",
        ],
    },
];

const APIS: [ReportApi; 2] = [ReportApi::OpenReports, ReportApi::PolicyReport];

/// What is audited, with the folder that its paths start from: one cluster, several, what is broken, and a dump.
const AUDITED: [(&str, &str); 7] = [
    ("examples/insecure", ""),
    ("examples/hardened", ""),
    ("examples/platform", ""),
    ("host-test/trees/broken-file", "host-test/trees/broken-file"),
    ("host-test/trees/flux-instance", "host-test/trees/flux-instance"),
    ("host-test/trees/hub", "host-test/trees/hub"),
    ("host-test/trees/tenant", "host-test/trees/tenant"),
];

const NOW: &str = "2026-11-22T03:00:00Z";

/// Controllers in one namespace, so many that one object could not hold the results.
const CONTROLLERS: usize = 150;

pub(crate) fn run() -> Result<Verdicts> {
    let mut definitions = Vec::new();
    for wanted in &DEFINITIONS {
        let Some(folder) = wanted.folder()? else {
            return Ok(Vec::new());
        };
        for file in wanted.files {
            definitions.push(read(&folder.join(file))?);
        }
    }
    let Some(server) = ApiServer::start()? else {
        return Ok(Vec::new());
    };
    for definition in &definitions {
        server.apply_crd(definition)?;
    }
    let cluster = Cluster(&server);
    let controllers = controllers()?;
    let mut reports = vec![controllers.clone()];
    for (folder, from) in AUDITED {
        reports.push(audit(folder, from)?);
    }
    let (mut taken, mut results) = (0, 0);
    for (report, api) in reports.iter().flat_map(|report| APIS.map(|api| (report, api))) {
        let items = objects(report, api)?;
        for item in &items {
            cluster.holds(item).with_context(|| item["metadata"].to_string())?;
            taken += 1;
            results += item["results"].as_array().map_or(0, Vec::len);
        }
        cluster.forgets(&items)?;
    }
    for api in APIS {
        let items = objects(&controllers, api)?;
        let last = items.last().context("a report")?;
        ensure!(
            last["metadata"]["name"] != "flux-audit",
            "the many controllers fit into one report"
        );
        cluster.is_strict(last)?;
    }
    println!("the CRDs take all {taken} reports with {results} results");
    // They hold what a check found, and decide nothing themselves.
    Ok(Vec::new())
}

impl Definitions {
    /// The module's folder. `None` where there is no Go, unless under CI.
    fn folder(&self) -> Result<Option<PathBuf>> {
        let wanted = format!("{}@{}", self.module, self.version);
        let downloaded = shell::command("go", &["mod", "download", "-json", &wanted]).output();
        let Ok(downloaded) = downloaded else {
            ensure!(
                std::env::var_os("CI").is_none(),
                "Go is needed here, for the CRDs of {wanted}"
            );
            eprintln!("skipped: there is no Go to get the CRDs of {wanted}");
            return Ok(None);
        };
        let told: Value = serde_json::from_slice(&downloaded.stdout)?;
        let folder = told["Dir"]
            .as_str()
            .with_context(|| format!("{wanted}: {}", told["Error"]))?;
        Ok(Some(folder.into()))
    }
}

fn read(file: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    policy_core::parse_value(&text).map_err(|why| anyhow::anyhow!("{}: {why}", file.display()))
}

/// An audit of a folder, with paths from another one on.
fn audit(folder: &str, from: &str) -> Result<Report> {
    let from = shell::root().join(from);
    let mut repository = Repository::new(&Limits::standard());
    let files = WalkDir::new(shell::root().join(folder)).sort_by_file_name().into_iter();
    for (file, id) in files
        .filter(|file| file.as_ref().is_ok_and(|file| file.file_type().is_file()))
        .zip(0..)
    {
        let path = file?.into_path();
        let name = path
            .strip_prefix(&from)?
            .to_str()
            .context("a path in UTF-8")?
            .to_owned();
        let bytes = std::fs::read(&path)?;
        repository.add(
            &name.clone(),
            Source {
                id: SourceId(id),
                name,
                bytes,
            },
        );
    }
    ensure!(!repository.is_empty(), "{folder}: no files");
    check(Request {
        repository: Some(repository),
        ..Request::default()
    })
}

fn check(request: Request) -> Result<Report> {
    let profiles = vec![Profile::Base, Profile::Shared, Profile::Dedicated, Profile::Hard];
    let engine = Engine::new(
        Catalog::builtin()?,
        Config {
            profiles,
            ..Config::default()
        },
    )?;
    Ok(engine.check(Request {
        now: Some(NOW.into()),
        ..request
    }))
}

/// The Kubernetes objects of a report.
fn objects(report: &Report, api: ReportApi) -> Result<Vec<Value>> {
    let time = Time::parse(NOW).map_err(anyhow::Error::msg)?;
    let format = Format::PolicyReport { api, time: Some(time) };
    let mut list: Value = serde_json::from_str(&render(report, Engine::builtin()?.controls(), format))?;
    match list["items"].take() {
        Value::Array(items) if !items.is_empty() => Ok(items),
        _ => bail!("no reports"),
    }
}

/// An audit of many controllers without any lock-down.
fn controllers() -> Result<Report> {
    let controller = |at: usize| {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {
                "name": format!("kustomize-controller-{at}"), "namespace": "flux-system",
                "labels": {"app.kubernetes.io/component": "kustomize-controller", "app.kubernetes.io/part-of": "flux"},
            },
            "spec": {"template": {"spec": {"containers": [
                {"name": "manager", "image": "ghcr.io/fluxcd/kustomize-controller:v1.9.2", "args": []},
            ]}}},
        })
    };
    let items: Vec<Value> = (0..CONTROLLERS).map(controller).collect();
    let stream = Source {
        id: SourceId(0),
        name: "controllers.json".into(),
        bytes: json!({"apiVersion": "v1", "kind": "List", "items": items})
            .to_string()
            .into(),
    };
    check(Request {
        inputs: vec![Input::Source(stream)],
        ..Request::default()
    })
}

struct Cluster<'s>(&'s ApiServer);

impl Cluster<'_> {
    /// The cluster takes a report as it is: no field is unknown, and none gets lost.
    fn holds(&self, report: &Value) -> Result<()> {
        if let Some(namespace) = report["metadata"]["namespace"].as_str() {
            self.0
                .apply(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}))?;
        }
        let held = self.apply(report)?;
        for field in ["source", "summary", "results"] {
            let (sent, held) = (&report[field], &held.data[field]);
            ensure!(sent == held, "{field}: sent {sent}, held {held}");
        }
        let again = self.apply(report)?;
        let is_same = held.metadata.resource_version == again.metadata.resource_version;
        ensure!(is_same, "applying it again changes it");
        Ok(())
    }

    /// Its label finds and deletes every report.
    fn forgets(&self, reports: &[Value]) -> Result<()> {
        let ours = ListParams::default().labels("app.kubernetes.io/managed-by=flux-audit");
        for report in reports {
            let api = self.api(report)?;
            self.0
                .block_on(api.delete_collection(&DeleteParams::default(), &ours))?;
            let left = self.0.block_on(api.list(&ListParams::default()))?;
            ensure!(left.items.is_empty(), "{} reports are left", left.items.len());
        }
        Ok(())
    }

    /// What is no report is refused, so that the above means something.
    fn is_strict(&self, report: &Value) -> Result<()> {
        let wrong = [
            ("/results/0", json!({"policy": "x", "mesage": "x"})),
            ("/results/0", json!({"result": "fail"})),
            ("/results/0/result", json!("unknown")),
            ("/results/0/severity", json!("none")),
            ("/results/0/timestamp", json!("2026-11-22T03:00:00Z")),
            ("/results/0/properties", json!({"line": 7})),
            ("/metadata/name", json!("Production_EU")),
            ("/metadata/labels", json!({"a": "clusters/production"})),
        ];
        for (pointer, value) in wrong {
            let mut report = report.clone();
            *report.pointer_mut(pointer).with_context(|| pointer.to_owned())? = value.clone();
            ensure!(self.apply(&report).is_err(), "{pointer} is taken as {value}");
        }
        Ok(())
    }

    fn apply(&self, report: &Value) -> Result<DynamicObject> {
        let name = report["metadata"]["name"].as_str().context("a name")?;
        let params = PatchParams::apply("flux-audit").validation_strict();
        let applied = self
            .0
            .block_on(self.api(report)?.patch(name, &params, &Patch::Apply(report)))?;
        Ok(applied)
    }

    /// The API of a report's kind, in its namespace.
    fn api(&self, report: &Value) -> Result<Api<DynamicObject>> {
        let text = |value: &Value| value.as_str().map(str::to_owned).context("a text");
        let (api_version, kind) = (text(&report["apiVersion"])?, text(&report["kind"])?);
        let (group, version) = api_version.split_once('/').context("group and version")?;
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, &kind));
        let client = self.0.client();
        Ok(match report["metadata"]["namespace"].as_str() {
            Some(namespace) => Api::namespaced_with(client, namespace, &resource),
            None => Api::all_with(client, &resource),
        })
    }
}
