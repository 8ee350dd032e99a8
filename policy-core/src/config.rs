//! What a user chooses: profiles, controls, parameters, thresholds and exceptions.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::catalog::{Control, Profile, Severity};
use crate::error::LoadError;
use crate::exceptions::{self, Exception};
use crate::limits::Limits;
use crate::settings::{ApiVersion, File, Mistake};
use crate::source::Source;
use crate::{parameter, selector};

/// Settings of an engine; as YAML, the file `.flux-audit.yaml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Config {
    /// The version of this format.
    pub api_version: ApiVersion,
    /// What the file is.
    pub kind: ConfigKind,
    /// The selected profiles; `base` always is.
    pub profiles: Vec<Profile>,
    /// Only these controls: IDs, families such as `FX-NET`, or slugs. Empty means all. A control named by ID or slug
    /// runs whatever the profiles.
    pub select: Vec<String>,
    /// Not these controls.
    pub ignore: Vec<String>,
    /// Parameters of controls, by name.
    pub params: BTreeMap<String, serde_json::Value>,
    /// The lowest severity at which a failed or undecided control decides the verdict.
    pub fail_on: FailOn,
    /// The lowest severity at which a review denies.
    pub enforce: Severity,
    /// What a review does with an undecided control at or above `enforce`.
    pub on_unknown: OnUnknown,
    /// Findings that are accepted.
    pub exceptions: Vec<Exception>,
}

/// What a configuration file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ConfigKind {
    /// A configuration
    Config,
}

/// A severity, or never.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum FailOn {
    /// Any control
    Info,
    /// `low` and above
    Low,
    /// `medium` and above
    Medium,
    /// `high` and above
    High,
    /// Only `critical`
    Critical,
    /// No control: only problems of the input decide
    None,
}

/// What a review does where a control cannot decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum OnUnknown {
    /// Deny the request
    Deny,
    /// Allow it with a warning
    Warn,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            api_version: ApiVersion::V1Beta1,
            kind: ConfigKind::Config,
            profiles: vec![Profile::Base],
            select: Vec::new(),
            ignore: Vec::new(),
            params: BTreeMap::new(),
            fail_on: FailOn::Low,
            enforce: Severity::High,
            on_unknown: OnUnknown::Deny,
            exceptions: Vec::new(),
        }
    }
}

impl FailOn {
    /// Whether a control of this severity decides the verdict.
    pub(crate) fn includes(self, severity: Severity) -> bool {
        let lowest = match self {
            Self::Info => Severity::Info,
            Self::Low => Severity::Low,
            Self::Medium => Severity::Medium,
            Self::High => Severity::High,
            Self::Critical => Severity::Critical,
            Self::None => return false,
        };
        severity >= lowest
    }
}

impl Config {
    /// The selected profiles, `base` first, each once.
    pub(crate) fn profiles(&self) -> Vec<Profile> {
        let selected: BTreeSet<Profile> = self.profiles.iter().copied().chain([Profile::Base]).collect();
        selected.into_iter().collect()
    }

    /// Reads a configuration file, `.flux-audit.yaml`. `controls` are those of the catalogue that it is for.
    ///
    /// # Errors
    /// [`LoadError::File`] with file and line for a file that cannot be read, unknown settings, wrong values, names of no
    /// control, and parameters that do not fit their schema.
    pub fn parse(source: &Source, controls: &[Control]) -> Result<Self, LoadError> {
        let (file, config) = File::read::<Self>(source)?;
        match config.verify(controls, &Limits::standard()) {
            Ok(()) => Ok(config),
            Err(mistake) => Err(file.mistake(&mistake)),
        }
    }

    /// The slugs of the controls to run.
    ///
    /// # Errors
    /// [`LoadError::Config`] for a name of no control, for a parameter that is unknown or does not fit its schema, and
    /// for an exception that cannot be used.
    pub(crate) fn selection(&self, controls: &[Control]) -> Result<BTreeSet<String>, LoadError> {
        self.verify(controls, &Limits::standard())?;
        let profiles = self.profiles();
        let runs = |control: &&Control| {
            let in_profile = control.profiles.iter().any(|profile| profiles.contains(profile));
            let selected = self
                .select
                .iter()
                .filter_map(|named| selector::matches(control, named))
                .max();
            let ignored = self
                .ignore
                .iter()
                .any(|named| selector::matches(control, named).is_some());
            !ignored
                && (selected == Some(selector::Match::Exact)
                    || in_profile && (self.select.is_empty() || selected.is_some()))
        };
        Ok(controls
            .iter()
            .filter(runs)
            .map(|control| control.slug.clone())
            .collect())
    }

    /// What the types cannot say.
    fn verify(&self, controls: &[Control], limits: &Limits) -> Result<(), Mistake> {
        for (name, value) in &self.params {
            let schema = controls.iter().find_map(|control| control.params.get(name));
            let schema = schema.ok_or_else(|| Mistake::here("no control has such a parameter"));
            let fits = schema.and_then(|schema| parameter::verify(schema, value));
            fits.map_err(|mistake| mistake.under(name).under("params"))?;
        }
        for (setting, list) in [("select", &self.select), ("ignore", &self.ignore)] {
            for (at, named) in list.iter().enumerate() {
                selector::verify(controls, named).map_err(|mistake| mistake.item(at).under(setting))?;
            }
        }
        exceptions::verify(&self.exceptions, controls, limits)
    }
}
