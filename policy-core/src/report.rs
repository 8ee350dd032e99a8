//! What an audit found. The JSON form is a contract, the same from every host.

use serde::{Deserialize, Serialize};

use crate::catalog::{Mode, Profile, Severity};
use crate::error::Problem;
use crate::evidence::EvidenceItem;
use crate::exceptions::Exception;

/// The `apiVersion` of every document we write.
pub const API_VERSION: &str = "audit.plugin.fluxcd.io/v1beta1";

/// The outcome of a check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// [`API_VERSION`].
    pub api_version: String,
    /// `Report`.
    pub kind: String,
    /// Only `pass` is success.
    pub verdict: Verdict,
    /// What the input was taken for.
    pub mode: Mode,
    /// The selected profiles.
    pub profiles: Vec<Profile>,
    /// One entry for each Flux installation in the input.
    pub clusters: Vec<ClusterReport>,
    /// Every fail, warn and unknown that no exception accepts.
    pub findings: Vec<Finding>,
    /// Every exception of the configuration, with what it accepts.
    pub exceptions: Vec<ExceptionReport>,
    /// Every item of evidence, with what it decides.
    pub evidence: Vec<EvidenceReport>,
    /// Profiles to audit for as well.
    pub suggestions: Vec<Suggestion>,
    /// What was not read on purpose.
    pub skipped: Skipped,
    /// What is worth a word and changes no verdict, such as a source that this repository does not hold.
    #[serde(default)]
    pub notes: Vec<Problem>,
    /// What could not be read or decided; any makes the verdict `incomplete`.
    pub problems: Vec<Problem>,
}

/// The answer to "is this installation all right?".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Everything was read and decided, and no control failed at or above the threshold.
    Pass,
    /// A control failed at or above the threshold.
    Fail,
    /// Something could not be read or decided, or there was nothing to check.
    Incomplete,
}

impl Verdict {
    /// As it is written everywhere.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Incomplete => "incomplete",
        }
    }
}

/// The result of a control, on an object or on a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ControlResult {
    /// The recommendation is not followed.
    Fail,
    /// This input should decide it and cannot.
    Unknown,
    /// Advice.
    Warn,
    /// The evidence lies outside this input.
    Manual,
    /// The recommendation is not followed, or that could not be decided, and somebody answers for it.
    Accepted,
    /// The recommendation is followed.
    Pass,
    /// Nothing that the control speaks of is there.
    NotApplicable,
}

impl ControlResult {
    /// As it is written everywhere.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::Warn => "warn",
            Self::Manual => "manual",
            Self::Accepted => "accepted",
            Self::Pass => "pass",
            Self::NotApplicable => "not-applicable",
        }
    }
}

/// The results of one cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ClusterReport {
    /// Its name; empty where the whole input is one cluster.
    pub name: String,
    /// The Flux release it runs, where the images tell.
    pub flux_version: Option<String>,
    /// Every control that was selected, by ID.
    pub controls: Vec<ControlReport>,
}

/// What one control says of one cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ControlReport {
    /// The control's ID.
    pub id: String,
    /// The worst result over its objects.
    pub result: ControlResult,
    /// The control's severity.
    pub severity: Severity,
    /// How many objects had which result.
    pub objects: Counts,
    /// The engine built the deciding object from what the input implies.
    pub inferred: bool,
    /// Why; never empty unless the result is pass or fail.
    pub reason: String,
}

/// Objects by result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Counts {
    /// Objects that pass
    pub pass: u64,
    /// Objects that fail
    pub fail: u64,
    /// Objects with advice
    pub warn: u64,
    /// Objects that could not be decided
    pub unknown: u64,
    /// Objects that a person has to judge
    pub manual: u64,
    /// Objects all of whose findings an exception accepts; they are in none of the other numbers
    pub accepted: u64,
}

/// An exception and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExceptionReport {
    /// As the configuration has it.
    pub exception: Exception,
    /// Whether it holds.
    pub status: ExceptionStatus,
    /// How many findings it covers. Where it does not hold they are among the findings of the report.
    pub matches: u64,
    /// The findings that it accepts.
    pub findings: Vec<Finding>,
}

/// What became of an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ExceptionStatus {
    /// It accepts findings.
    Applied,
    /// There is nothing for it to accept.
    Unused,
    /// Its last day is over: it accepts nothing.
    Expired,
    /// It has a last day and the request has no time: it accepts nothing.
    Undecided,
}

/// An item of evidence and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EvidenceReport {
    /// As it was given.
    pub evidence: EvidenceItem,
    /// Whether it counts.
    pub status: EvidenceReportStatus,
    /// The clusters in which it decides its control.
    pub clusters: Vec<String>,
}

/// What became of an item of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum EvidenceReportStatus {
    /// It decides its control.
    Applied,
    /// Its control was not selected, is decided by the input, or by worse evidence.
    Unused,
    /// Its last day is over: it decides nothing.
    Expired,
    /// Its day has not come: it decides nothing.
    Early,
    /// The request has no time: it decides nothing.
    Undecided,
}

/// A profile that fits what is in a cluster and was not selected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Suggestion {
    /// The cluster's name.
    pub cluster: String,
    /// The profile.
    pub profile: Profile,
    /// What speaks for it.
    pub reason: String,
}

/// One thing that is wrong, or could not be decided, at one place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// The cluster's name.
    pub cluster: String,
    /// The control's ID.
    pub control: String,
    /// fail, warn or unknown.
    pub result: ControlResult,
    /// The control's severity.
    pub severity: Severity,
    /// The object at fault.
    pub object: ObjectRef,
    /// RFC 6901 pointer into the object; it may lead to a field that is missing.
    pub pointer: String,
    /// The nearest place in the input.
    pub location: Location,
    /// What is wrong, in a few words.
    pub message: String,
    /// Other places that have a part in it.
    pub related: Vec<Related>,
    /// A JSON patch of the object that mends it, where one is determined.
    pub fix: Vec<serde_json::Value>,
    /// The lines around the place, for people. Never of Secrets.
    #[serde(skip)]
    pub(crate) frame: Option<Frame>,
}

/// An object by its identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ObjectRef {
    /// `group/version`, or `version` in the core group.
    pub api_version: String,
    /// The kind.
    pub kind: String,
    /// The namespace; empty for objects of the cluster.
    #[serde(default)]
    pub namespace: String,
    /// The name.
    pub name: String,
}

/// A place in the input.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Location {
    /// The name of the source.
    pub source: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

/// Another place that has a part in a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Related {
    /// The object.
    pub object: ObjectRef,
    /// RFC 6901 pointer into it.
    pub pointer: String,
    /// Where that is; absent where the object is not in the input.
    pub location: Option<Location>,
}

/// What was not read on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Skipped {
    /// Templates of Helm charts, and files without Kubernetes objects.
    pub files: u64,
}

/// A few lines of a source around a finding.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Frame {
    /// The lines.
    pub(crate) text: String,
    /// The number of the first one.
    pub(crate) first_line: usize,
    /// The marked bytes of `text`.
    pub(crate) mark: std::ops::Range<usize>,
}
