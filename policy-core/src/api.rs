//! The JSON contract of every WebAssembly front end: a request in, an answer out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::catalog::{Control, Mode};
use crate::config::Config;
use crate::engine::{Engine, Input, Request, source_id};
use crate::error::LoadError;
use crate::evidence::Evidence;
use crate::limits::Limits;
use crate::report::Report;
use crate::repository::Repository;
use crate::source::Source;
use crate::{Catalog, Detail, Format, ReportApi, Time, render};

/// What to check, as JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CheckRequest {
    /// The files, in the order in which the report shall name them.
    pub sources: Vec<SourceFile>,
    /// What the input is; told from the objects where absent. In mode `git` the names are the paths of a repository's
    /// files.
    #[serde(default)]
    pub mode: Option<Mode>,
    /// The sources are the files of a folder, whose mode is told as that of a folder is: `git`, or `dump` where a cluster
    /// filled it. Their names are paths.
    #[serde(default)]
    pub folder: bool,
    /// The clusters of the repository to audit, by name; all where empty.
    #[serde(default)]
    pub clusters: Vec<String>,
    /// The time of the check, RFC 3339 in UTC.
    #[serde(default)]
    pub now: Option<String>,
    /// What people found out about the controls that are theirs to judge.
    #[serde(default)]
    pub evidence: Option<Evidence>,
}

/// A file with its content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SourceFile {
    /// Its path; `/` separates folders.
    pub name: String,
    /// Its content.
    pub text: String,
}

/// A report format by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum FormatName {
    /// For people, without colours
    Text,
    /// The report itself
    Json,
    /// Kubernetes objects of `openreports.io/v1alpha1`, a List
    OpenReports,
    /// Kubernetes objects of `wgpolicyk8s.io/v1alpha2`, a List
    PolicyReport,
}

/// The answer to an AdmissionReview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AdmissionReview {
    /// `admission.k8s.io/v1`.
    pub api_version: String,
    /// `AdmissionReview`.
    pub kind: String,
    /// The answer itself.
    pub response: AdmissionResponse,
}

/// Whether a request is admitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AdmissionResponse {
    /// Only `true` is an admission.
    pub allowed: bool,
    /// `denied-by`: the controls that deny; `not-evaluated`: those that need an inventory; `not-judged`: an operation
    /// that leaves nothing to judge.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub audit_annotations: BTreeMap<String, String>,
    /// Why it is denied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<AdmissionStatus>,
    /// That of the request.
    pub uid: String,
    /// What is wrong, but not enough to deny.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Why a request is denied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AdmissionStatus {
    /// An HTTP status code.
    pub code: u16,
    /// The findings or the problem.
    pub message: String,
}

/// Which of the calls below it is.
#[derive(Deserialize)]
struct Call {
    op: Op,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Op {
    Check,
    LockDown,
    Review,
    Config,
    Evidence,
    Controls,
    Render,
    Version,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckCall {
    #[serde(rename = "op")]
    _op: Op,
    #[serde(default)]
    config: Config,
    request: CheckRequest,
}

/// The review stays text, so that the loader sees what a JSON value would lose: duplicate keys.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReviewCall<'a> {
    #[serde(rename = "op")]
    _op: Op,
    #[serde(default)]
    config: Config,
    #[serde(borrow)]
    review: &'a RawValue,
    #[serde(default)]
    now: Option<String>,
}

/// Reads a file of settings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileCall {
    #[serde(rename = "op")]
    _op: Op,
    file: SourceFile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RenderCall {
    #[serde(rename = "op")]
    _op: Op,
    report: Report,
    format: FormatName,
    #[serde(default)]
    now: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BareCall {
    #[serde(rename = "op")]
    _op: Op,
}

/// Why a call gets no answer: code and message.
struct Refusal(&'static str, String);

impl From<LoadError> for Refusal {
    fn from(error: LoadError) -> Self {
        Self("bad-config", error.to_string())
    }
}

impl From<serde_json::Error> for Refusal {
    fn from(error: serde_json::Error) -> Self {
        Self("bad-request", error.to_string())
    }
}

impl From<CheckRequest> for Request {
    fn from(request: CheckRequest) -> Self {
        let sources = request.sources.into_iter().enumerate();
        let mut sources = sources.map(|(at, file)| file.source(at));
        let mut inputs = Vec::new();
        let mut repository = None;
        if request.folder || request.mode == Some(Mode::Git) {
            let tree = repository.insert(Repository::new(&Limits::standard()));
            sources.for_each(|source| tree.add(&source.name.clone(), source));
        } else {
            inputs = sources.by_ref().map(Input::Source).collect();
        }
        Self {
            inputs,
            repository,
            clusters: request.clusters,
            mode: request.mode,
            now: request.now,
            evidence: request.evidence,
        }
    }
}

impl SourceFile {
    /// The file as the source of this number.
    fn source(self, at: usize) -> Source {
        Source {
            id: source_id(at),
            name: self.name,
            bytes: self.text.into_bytes(),
        }
    }

    /// Reads it as a configuration for the shipped catalogue, `.flux-audit.yaml`.
    ///
    /// # Errors
    /// Those of [`Config::parse`].
    pub fn config(self) -> Result<Config, LoadError> {
        Config::parse(&self.source(0), &Catalog::builtin()?.controls)
    }

    /// Reads it as evidence for the shipped catalogue, `.flux-audit-evidence.yaml`.
    ///
    /// # Errors
    /// Those of [`Evidence::parse`].
    pub fn evidence(self) -> Result<Evidence, LoadError> {
        Evidence::parse(&self.source(0), &Catalog::builtin()?.controls)
    }
}

impl FormatName {
    /// Renders a report in this format. `now` is when the audit was made, RFC 3339 in UTC, for formats that tell.
    ///
    /// # Errors
    /// Where `now` is no such time.
    pub fn render(self, report: &Report, controls: &[Control], now: Option<&str>) -> Result<String, String> {
        let time = now.map(Time::parse).transpose()?;
        let policy_report = |api| Format::PolicyReport { api, time };
        let format = match self {
            Self::Text => Format::Text {
                color: false,
                detail: Detail::Normal,
            },
            Self::Json => Format::Json,
            Self::OpenReports => policy_report(ReportApi::OpenReports),
            Self::PolicyReport => policy_report(ReportApi::PolicyReport),
        };
        Ok(render(report, controls, format))
    }
}

/// Answers calls, and keeps the last engine: a host that always sends the same configuration loads it once.
#[derive(Default)]
pub struct Host {
    last: Option<(Config, Engine)>,
}

impl Host {
    /// A host that has not loaded anything yet.
    pub const fn new() -> Self {
        Self { last: None }
    }

    /// Answers one call: `{"op": "check" | "lock-down" | "review" | "config" | "evidence" | "controls" | "render" |
    /// "version", …}` with `{"ok": …}` or
    /// `{"error": {"code", "message"}}`. Never anything else: a caller that sees no `ok` has no verdict.
    pub fn call(&mut self, request: &[u8]) -> Vec<u8> {
        match self.answer(request) {
            Ok(json) => format!("{{\"ok\":{json}}}").into_bytes(),
            Err(Refusal(code, message)) => failure(code, &message),
        }
    }

    /// The answer as JSON text; its members keep the order of the types.
    fn answer(&mut self, request: &[u8]) -> Result<String, Refusal> {
        let answer = match serde_json::from_slice::<Call>(request)?.op {
            Op::Check => {
                let call: CheckCall = serde_json::from_slice(request)?;
                serde_json::to_string(&self.engine(call.config)?.check(call.request.into()))?
            }
            Op::LockDown => {
                let call: CheckCall = serde_json::from_slice(request)?;
                serde_json::to_string(&self.engine(call.config)?.lock_down(&call.request))?
            }
            Op::Review => {
                let call: ReviewCall<'_> = serde_json::from_slice(request)?;
                let answer = self
                    .engine(call.config)?
                    .review(call.review.get().as_bytes(), call.now.as_deref());
                String::from_utf8_lossy(&answer).into_owned()
            }
            Op::Config => {
                let call: FileCall = serde_json::from_slice(request)?;
                serde_json::to_string(&call.file.config()?)?
            }
            Op::Evidence => {
                let call: FileCall = serde_json::from_slice(request)?;
                serde_json::to_string(&call.file.evidence()?)?
            }
            Op::Controls => {
                let BareCall { .. } = serde_json::from_slice(request)?;
                serde_json::to_string(&Catalog::builtin()?.controls)?
            }
            Op::Render => {
                let call: RenderCall = serde_json::from_slice(request)?;
                let controls = Catalog::builtin()?.controls;
                let text = call.format.render(&call.report, &controls, call.now.as_deref());
                serde_json::to_string(&text.map_err(|why| Refusal("bad-request", why))?)?
            }
            Op::Version => {
                let BareCall { .. } = serde_json::from_slice(request)?;
                serde_json::to_string(crate::VERSION)?
            }
        };
        Ok(answer)
    }

    fn engine(&mut self, config: Config) -> Result<&Engine, LoadError> {
        let engine = match self.last.take() {
            Some((last, engine)) if last == config => engine,
            _ => Engine::new(Catalog::builtin()?, config.clone())?,
        };
        Ok(&self.last.insert((config, engine)).1)
    }
}

/// Answers one call on its own; see [`Host::call`].
pub fn call(request: &[u8]) -> Vec<u8> {
    Host::new().call(request)
}

/// The answer of a call that failed.
pub fn failure(code: &str, message: &str) -> Vec<u8> {
    serde_json::json!({"error": {"code": code, "message": message}})
        .to_string()
        .into_bytes()
}
