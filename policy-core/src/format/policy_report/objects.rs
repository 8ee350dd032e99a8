//! The Kubernetes objects, as their CRDs have them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::catalog::Severity;
use crate::report::{ControlResult, ObjectRef};
use crate::time::Time;

/// A `v1` List: one JSON value that `kubectl apply` takes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct List {
    api_version: &'static str,
    kind: &'static str,
    items: Vec<Document>,
}

impl List {
    pub(super) fn of(items: Vec<Document>) -> Self {
        Self {
            api_version: "v1",
            kind: "List",
            items,
        }
    }
}

/// One report, of any of the four kinds.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    pub(super) api_version: &'static str,
    pub(super) kind: &'static str,
    pub(super) metadata: Metadata,
    /// OpenReports has it here too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<&'static str>,
    pub(super) summary: Summary,
    pub(super) results: Vec<Entry>,
}

#[derive(Serialize)]
pub(super) struct Metadata {
    pub(super) name: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) namespace: String,
    pub(super) labels: BTreeMap<&'static str, String>,
    pub(super) annotations: BTreeMap<&'static str, String>,
}

/// How many results there are of each kind.
#[derive(Default, Serialize)]
pub(super) struct Summary {
    pass: u64,
    fail: u64,
    warn: u64,
    error: u64,
    skip: u64,
}

impl Summary {
    pub(super) fn of(results: &[Entry]) -> Self {
        let mut summary = Self::default();
        for entry in results {
            *match entry.result {
                Outcome::Pass => &mut summary.pass,
                Outcome::Fail => &mut summary.fail,
                Outcome::Warn => &mut summary.warn,
                Outcome::Error => &mut summary.error,
                Outcome::Skip => &mut summary.skip,
            } += 1;
        }
        summary
    }
}

/// One result.
#[derive(Serialize)]
pub(super) struct Entry {
    pub(super) source: &'static str,
    pub(super) policy: String,
    pub(super) rule: String,
    pub(super) category: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) severity: Option<Severity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) timestamp: Option<Timestamp>,
    pub(super) result: Outcome,
    pub(super) scored: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) resources: Vec<Resource>,
    /// Called `Description` in the Go types.
    pub(super) message: String,
    pub(super) properties: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
pub(super) struct Timestamp {
    seconds: i64,
    nanos: i32,
}

impl Timestamp {
    pub(super) fn of(time: Time) -> Self {
        Self {
            seconds: time.seconds(),
            nanos: 0,
        }
    }
}

/// The results that the CRDs know.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Outcome {
    Pass,
    Fail,
    Warn,
    /// The policy could not be evaluated.
    Error,
    /// The policy was not selected, does not apply, or is set aside.
    Skip,
}

impl Outcome {
    pub(super) fn of(result: ControlResult) -> Self {
        match result {
            ControlResult::Pass => Self::Pass,
            ControlResult::Fail => Self::Fail,
            ControlResult::Warn => Self::Warn,
            ControlResult::Unknown => Self::Error,
            ControlResult::Manual | ControlResult::Accepted | ControlResult::NotApplicable => Self::Skip,
        }
    }
}

/// A `v1` ObjectReference.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Resource {
    api_version: String,
    kind: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    namespace: String,
    name: String,
}

impl Resource {
    pub(super) fn of(object: &ObjectRef) -> Self {
        let ObjectRef {
            api_version,
            kind,
            namespace,
            name,
        } = object.clone();
        Self {
            api_version,
            kind,
            namespace,
            name,
        }
    }
}
