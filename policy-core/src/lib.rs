//! Audits Flux CD installations: bytes in, verdict out.
//!
//! Everything here is pure: no files, network, clock, environment, threads or randomness, so that a report has the same
//! bytes on every platform. Checking cannot fail; what cannot be read or decided is a [`Problem`] in the [`Report`].
//!
//! ```
//! use policy_core::{Engine, Input, Request, Source, SourceId, Verdict};
//!
//! let engine = Engine::builtin()?;
//! let manifest = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: team}\n";
//! let source = Source { id: SourceId(0), name: "apps.yaml".into(), bytes: manifest.into() };
//! let report = engine.check(Request { inputs: vec![Input::Source(source)], ..Request::default() });
//! assert_eq!(report.verdict, Verdict::Pass);
//! # Ok::<(), policy_core::LoadError>(())
//! ```

mod admission;
pub mod api;
mod builtin;
mod catalog;
mod config;
mod dispatch;
mod effective;
mod engine;
mod error;
mod evidence;
mod exceptions;
mod export;
mod family;
mod format;
mod inventory;
mod limits;
mod lockdown;
mod object;
mod parameter;
mod rego;
mod report;
mod repository;
mod review_inventory;
mod rules;
mod selector;
mod settings;
mod source;
mod suggestion;
mod time;
mod tree;
mod vm_source;
mod yaml;

pub use admission::RequestHead;
pub use api::{AdmissionResponse, AdmissionReview, AdmissionStatus};
pub use catalog::{Assessment, Catalog, Control, GroupKind, Mode, Module, Profile, RelatedResource, Severity};
pub use config::{Config, ConfigKind, FailOn, OnUnknown};
#[doc(hidden)]
pub use effective::kustomize;
#[doc(hidden)]
pub use engine::oracle;
pub use engine::{Audit, Engine, Input, Outcome, Request, Resolved, Sessions, parse, parse_value};
pub use error::{LoadError, Problem};
pub use evidence::{Evidence, EvidenceItem, EvidenceKind, EvidenceStatus};
pub use exceptions::{Exception, ObjectPattern};
pub use export::{Exported, opa_bundle};
pub use family::{FAMILIES, family};
pub use format::{Detail, Format, ReportApi, render, render_to};
pub use limits::Limits;
pub use lockdown::{LockDown, LockDownPatch, NotOffered};
pub use report::{
    API_VERSION, ClusterReport, ControlReport, ControlResult, Counts, EvidenceReport, EvidenceReportStatus,
    ExceptionReport, ExceptionStatus, Finding, Location, ObjectRef, Related, Report, Skipped, Suggestion, Verdict,
};
pub use repository::Repository;
pub use review_inventory::ReviewInventory;
pub use rules::{Elsewhere, Json, Judgement, NotEvaluated, Rules, Subject};
pub use settings::{ApiVersion, Date};
pub use source::{Position, Source, SourceId, SourceText};
pub use time::Time;
pub use tree::{Items, Member, Node, Segment, Span, Value, pointer};
pub use yaml::{Dialect, Document, Parsed, Part, Parts};

/// The version of the crate, and of the catalogue it ships.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
