//! What a user chooses: profiles, controls, parameters and thresholds.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::catalog::{Control, Profile, Severity};
use crate::error::LoadError;

/// Settings of an engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Config {
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
            profiles: vec![Profile::Base],
            select: Vec::new(),
            ignore: Vec::new(),
            params: BTreeMap::new(),
            fail_on: FailOn::Low,
            enforce: Severity::High,
            on_unknown: OnUnknown::Deny,
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

    /// The slugs of the controls to run.
    ///
    /// # Errors
    /// [`LoadError::Config`] for a selector that names no control, and for a parameter that is unknown or ill-typed.
    pub(crate) fn selection(&self, controls: &[Control]) -> Result<BTreeSet<String>, LoadError> {
        self.verify_params(controls)?;
        let profiles = self.profiles();
        for (setting, list) in [("select", &self.select), ("ignore", &self.ignore)] {
            for selector in list {
                if !controls.iter().any(|control| matches(control, selector).is_some()) {
                    let message = format!("`{selector}` names no control; `flux-audit controls` lists them");
                    return Err(LoadError::config(setting, message));
                }
            }
        }
        let runs = |control: &&Control| {
            let in_profile = control.profiles.iter().any(|profile| profiles.contains(profile));
            let selected = self
                .select
                .iter()
                .filter_map(|selector| matches(control, selector))
                .max();
            let ignored = self.ignore.iter().any(|selector| matches(control, selector).is_some());
            !ignored && (selected == Some(Match::Exact) || in_profile && (self.select.is_empty() || selected.is_some()))
        };
        Ok(controls
            .iter()
            .filter(runs)
            .map(|control| control.slug.clone())
            .collect())
    }

    fn verify_params(&self, controls: &[Control]) -> Result<(), LoadError> {
        for (name, value) in &self.params {
            let schema = controls.iter().find_map(|control| control.params.get(name));
            let setting = format!("params.{name}");
            let schema = schema.ok_or_else(|| LoadError::config(&setting, "no control has such a parameter"))?;
            verify_value(schema, value).map_err(|message| LoadError::config(&setting, message))?;
        }
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Match {
    Family,
    Exact,
}

fn matches(control: &Control, selector: &str) -> Option<Match> {
    if control.id == selector || control.slug == selector || control.aliases.iter().any(|alias| alias == selector) {
        return Some(Match::Exact);
    }
    control
        .id
        .strip_prefix(selector)
        .is_some_and(|rest| rest.starts_with('-'))
        .then_some(Match::Family)
}

/// Checks a value against the part of JSON Schema that parameters use: `type`, `enum`, `items`.
fn verify_value(schema: &serde_json::Value, value: &serde_json::Value) -> Result<(), String> {
    let wanted = schema.get("type").and_then(|name| name.as_str()).unwrap_or("any");
    let fits = match wanted {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    };
    if !fits {
        return Err(format!("must be of type {wanted}"));
    }
    if let Some(allowed) = schema.get("enum").and_then(|allowed| allowed.as_array())
        && !allowed.contains(value)
    {
        let allowed: Vec<String> = allowed.iter().map(ToString::to_string).collect();
        return Err(format!("must be one of {}", allowed.join(", ")));
    }
    match (schema.get("items"), value.as_array()) {
        (Some(items), Some(values)) => values
            .iter()
            .try_for_each(|value| verify_value(items, value).map_err(|message| format!("each item {message}"))),
        _ => Ok(()),
    }
}
