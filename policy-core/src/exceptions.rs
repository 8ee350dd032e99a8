//! Findings that somebody has accepted, for reasons and for a time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::catalog::Control;
use crate::limits::Limits;
use crate::report::{ExceptionReport, ExceptionStatus, Finding, ObjectRef};
use crate::selector;
use crate::settings::{Date, Mistake, Validity};

/// A decision to live with the findings of a control on some objects. They no longer decide the verdict, and the report
/// shows them under the exception. `*` in a pattern stands for any text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Exception {
    /// The control's ID or slug, or a family such as `FX-NET`.
    pub control: String,
    /// A pattern of cluster names; without one it holds in every cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// The objects.
    pub object: ObjectPattern,
    /// Why it is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it holds, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Date>,
}

/// Patterns of an object's identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObjectPattern {
    /// A pattern of `group/version`; any where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// A pattern of the kind.
    pub kind: String,
    /// A pattern of the namespace, which is empty for objects of the cluster; any where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// A pattern of the name.
    pub name: String,
}

impl Exception {
    fn matches(&self, cluster: &str, object: &ObjectRef) -> bool {
        let any = |pattern: &Option<String>, text: &str| pattern.as_ref().is_none_or(|pattern| glob(pattern, text));
        glob(&self.object.name, &object.name)
            && glob(&self.object.kind, &object.kind)
            && any(&self.object.namespace, &object.namespace)
            && any(&self.object.api_version, &object.api_version)
            && any(&self.cluster, cluster)
    }

    fn verify(&self, controls: &[Control], limits: &Limits) -> Result<(), Mistake> {
        selector::verify(controls, &self.control).map_err(|mistake| mistake.under("control"))?;
        let object = &self.object;
        let texts = [
            ("reason", Some(&self.reason)),
            ("owner", Some(&self.owner)),
            ("cluster", self.cluster.as_ref()),
        ];
        verify_texts(&texts, limits)?;
        let patterns = [
            ("kind", Some(&object.kind)),
            ("name", Some(&object.name)),
            ("apiVersion", object.api_version.as_ref()),
        ];
        verify_texts(&patterns, limits).map_err(|mistake| mistake.under("object"))?;
        // An empty namespace is that of the objects of the cluster.
        let namespace = object.namespace.as_ref().filter(|namespace| !namespace.is_empty());
        verify_texts(&[("namespace", namespace)], limits).map_err(|mistake| mistake.under("object"))
    }
}

/// Refuses blank and overlong texts.
pub(crate) fn verify_texts(texts: &[(&str, Option<&String>)], limits: &Limits) -> Result<(), Mistake> {
    for (name, text) in texts {
        let Some(text) = text else { continue };
        if text.trim().is_empty() {
            return Err(Mistake::new(name, "must not be empty"));
        }
        if text.len() > limits.settings_text_bytes {
            return Err(Mistake::new(
                name,
                format!("is longer than {} bytes", limits.settings_text_bytes),
            ));
        }
    }
    Ok(())
}

/// What cannot be used among the exceptions of a configuration.
pub(crate) fn verify(exceptions: &[Exception], controls: &[Control], limits: &Limits) -> Result<(), Mistake> {
    if exceptions.len() > limits.exceptions {
        let message = format!(
            "there are more than {}; let one cover several objects with `*`",
            limits.exceptions
        );
        return Err(Mistake::new("exceptions", message));
    }
    for (at, exception) in exceptions.iter().enumerate() {
        let in_list = |mistake: Mistake| mistake.item(at).under("exceptions");
        exception.verify(controls, limits).map_err(in_list)?;
    }
    Ok(())
}

/// The exceptions of a configuration at the time of a check.
pub(crate) struct Exceptions<'e> {
    all: Vec<(&'e Exception, Validity)>,
    by_control: BTreeMap<&'e str, Vec<usize>>,
}

impl<'e> Exceptions<'e> {
    pub(crate) fn new(exceptions: &'e [Exception], controls: &'e [Control], today: Option<&Date>) -> Self {
        let validity = |exception: &Exception| Validity::of(None, exception.expires.as_ref(), today);
        let mut by_control: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, exception) in exceptions.iter().enumerate() {
            for control in controls {
                if selector::matches(control, &exception.control).is_some() {
                    by_control.entry(&control.id).or_default().push(at);
                }
            }
        }
        Self {
            all: exceptions.iter().map(|one| (one, validity(one))).collect(),
            by_control,
        }
    }

    /// The exceptions for a control's findings on an object: the first that holds, or else those that would hold had
    /// they not expired.
    pub(crate) fn covering(&self, control: &Control, cluster: &str, object: &ObjectRef) -> Covering<'e> {
        let mut lapsed = Vec::new();
        for at in self.by_control.get(control.id.as_str()).into_iter().flatten() {
            match self.all.get(*at) {
                Some((exception, validity)) if exception.matches(cluster, object) => match validity {
                    Validity::Valid => return Covering::Accepted(*at, exception),
                    _ => lapsed.push(*at),
                },
                _ => {}
            }
        }
        Covering::Open(lapsed)
    }

    /// What became of each exception. `lapsed` counts the findings of those that no longer hold.
    pub(crate) fn reports(
        &self,
        accepted: Vec<(usize, Finding)>,
        lapsed: &BTreeMap<usize, u64>,
    ) -> Vec<ExceptionReport> {
        let mut findings: BTreeMap<usize, Vec<Finding>> = BTreeMap::new();
        for (at, finding) in accepted {
            findings.entry(at).or_default().push(finding);
        }
        let report = |(at, (exception, validity)): (usize, &(&Exception, Validity))| {
            let findings = findings.remove(&at).unwrap_or_else(Vec::new);
            let matches = findings.len() as u64 + lapsed.get(&at).copied().unwrap_or(0);
            let status = match validity {
                Validity::Expired => ExceptionStatus::Expired,
                Validity::Undecided => ExceptionStatus::Undecided,
                _ if findings.is_empty() => ExceptionStatus::Unused,
                _ => ExceptionStatus::Applied,
            };
            ExceptionReport {
                exception: (*exception).clone(),
                status,
                matches,
                findings,
            }
        };
        self.all.iter().enumerate().map(report).collect()
    }
}

/// Whether somebody has accepted findings.
pub(crate) enum Covering<'e> {
    /// By the exception of this number.
    Accepted(usize, &'e Exception),
    /// Nobody has; these exceptions no longer hold, or cannot be said to.
    Open(Vec<usize>),
}

/// Whether a text is what a pattern says, where `*` stands for any text. Takes time in proportion to both.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let (middle, tail) = rest.rsplit_once('*').unwrap_or(("", rest));
    let between = text.strip_prefix(head).and_then(|text| text.strip_suffix(tail));
    let Some(mut between) = between else { return false };
    for part in middle.split('*') {
        match between.split_once(part) {
            Some((_, after)) => between = after,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text) in [
            ("a", "a"),
            ("*", ""),
            ("*", "a/b"),
            ("a*", "a"),
            ("*a", "ba"),
            ("a*a", "aa"),
            ("a*b*c", "a-b-b-c"),
            ("*b*b*", "abba"),
            ("**", "a"),
            ("ä*", "äb"),
            ("", ""),
        ] {
            assert!(glob(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("a", "A"),
            ("a", "ab"),
            ("", "a"),
            ("a*a", "a"),
            ("a*b*c", "a-c-b"),
            ("*b*b*", "aba"),
            ("a*", "ba"),
            ("?", "a"),
            ("*ab*ba*", "aba"),
        ] {
            assert!(!glob(pattern, text), "{pattern} {text}");
        }
    }
}
