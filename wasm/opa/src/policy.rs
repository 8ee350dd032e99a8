//! What an entry point answers. Knows nothing of memory.

use std::collections::{BTreeMap, BTreeSet};

use policy_core::{Config, ControlResult, Json, Mode, OnUnknown, Profile, Rules, Severity, Subject};
use serde::Deserialize;

/// An entry point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Why a review is denied, in Gatekeeper's shape.
    Gatekeeper,
    /// What fails.
    Violations,
    /// What cannot be decided.
    Unknown,
    /// Advice.
    Warn,
    /// The controls that are left out.
    NotEvaluated,
}

impl Entry {
    /// All of them by name; the place is the number.
    pub const ALL: [(&str, Self); 5] = [
        ("gatekeeper/violation", Self::Gatekeeper),
        ("flux/violations", Self::Violations),
        ("flux/unknown", Self::Unknown),
        ("flux/warn", Self::Warn),
        ("flux/not_evaluated", Self::NotEvaluated),
    ];

    /// That of a number.
    ///
    /// # Errors
    /// A number of none.
    pub fn number(at: u32) -> Result<Self, String> {
        let found = usize::try_from(at).ok().and_then(|at| Self::ALL.get(at));
        found
            .map(|(_, entry)| *entry)
            .ok_or_else(|| format!("there is no entry point {at}"))
    }

    /// What hosts ask for names: `{"flux/violations": 1, …}`.
    pub fn names() -> String {
        let numbered = Self::ALL.iter().zip(0..).map(|((name, _), at)| (*name, at));
        serde_json::json!(numbered.collect::<BTreeMap<&str, u32>>()).to_string()
    }
}

/// A set of JSON texts.
pub type Set = BTreeSet<String>;

/// Parameters by name: ours, and those of the controls.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parameters {
    mode: Option<Mode>,
    profiles: Option<Vec<Profile>>,
    select: Option<Vec<String>>,
    ignore: Option<Vec<String>>,
    enforce: Option<Severity>,
    on_unknown: Option<OnUnknown>,
    now: Option<String>,
    #[serde(flatten)]
    of_controls: BTreeMap<String, serde_json::Value>,
}

/// Evaluates inputs, and keeps what depends on data and parameters alone: hosts send the same ones again and again.
#[derive(Default)]
pub struct Policy {
    prepared: Option<Prepared>,
}

/// What the host has as data: ours, and whatever else it keeps there. Go OPA keeps the module itself.
pub enum Data<'d> {
    /// JSON text.
    Text(&'d [u8]),
    /// The same as in the evaluation before, which succeeded.
    Unchanged,
}

struct Prepared {
    data: Known,
    /// The parameters in the input, which count instead of those in the data.
    parameters: Option<Json>,
    rules: Rules,
}

/// Data that was read.
struct Known {
    text: Vec<u8>,
    parameters: Option<Json>,
    inventory: Option<Json>,
}

impl Policy {
    /// A policy that has prepared nothing yet.
    pub const fn new() -> Self {
        Self { prepared: None }
    }

    /// What an entry point has to say of an input, given the data.
    ///
    /// # Errors
    /// Input, data and parameters that cannot be used, and evaluations that fail: none of them is an empty set.
    pub fn evaluate(&mut self, entry: Entry, data: &Data<'_>, input: &Json) -> Result<Set, String> {
        let Subject { object, parameters } = Subject::of(input)?;
        let rules = self.rules(data, parameters)?;
        let mut judged = |wanted: ControlResult| {
            let judgements = rules.judge(&object)?;
            judgements.iter().filter(|one| one.result == wanted).map(text).collect()
        };
        match entry {
            Entry::Violations => judged(ControlResult::Fail),
            Entry::Unknown => judged(ControlResult::Unknown),
            Entry::Warn => judged(ControlResult::Warn),
            Entry::Gatekeeper => {
                let denials = rules.denials(&object)?;
                denials
                    .iter()
                    .map(|msg| text(&serde_json::json!({"msg": msg})))
                    .collect()
            }
            Entry::NotEvaluated => rules.not_evaluated().iter().map(text).collect(),
        }
    }

    fn rules(&mut self, data: &Data<'_>, parameters: Option<Json>) -> Result<&mut Rules, String> {
        let known = self.prepared.take().filter(|known| data.is(&known.data.text));
        let prepared = match (known, data) {
            (Some(known), _) if known.parameters == parameters => known,
            (Some(known), _) => Prepared::new(known.data, parameters)?,
            (None, Data::Text(text)) => Prepared::new(Known::read(text)?, parameters)?,
            (None, Data::Unchanged) => return Err("there is no data yet".into()),
        };
        Ok(&mut self.prepared.insert(prepared).rules)
    }
}

impl Data<'_> {
    fn is(&self, text: &[u8]) -> bool {
        match self {
            Self::Text(data) => *data == text,
            Self::Unchanged => true,
        }
    }
}

impl Known {
    fn read(text: &[u8]) -> Result<Self, String> {
        let data = Json::parse(text).map_err(|error| format!("the data is not JSON: {error}"))?;
        if !data.is_object() {
            return Err("the data is not an object".into());
        }
        Ok(Self {
            text: text.to_vec(),
            parameters: data.get("parameters"),
            inventory: data.get("inventory"),
        })
    }
}

impl Prepared {
    fn new(data: Known, parameters: Option<Json>) -> Result<Self, String> {
        let given = match parameters.as_ref().or(data.parameters.as_ref()) {
            None => serde_json::json!({}),
            Some(given) => given.to_json().ok_or("the parameters are not JSON")?,
        };
        let rules = rules(given, data.inventory.as_ref())?;
        Ok(Self {
            data,
            parameters,
            rules,
        })
    }
}

fn rules(parameters: serde_json::Value, inventory: Option<&Json>) -> Result<Rules, String> {
    let parameters: Parameters =
        serde_json::from_value(parameters).map_err(|error| format!("the parameters cannot be used: {error}"))?;
    let standard = Config::default();
    let config = Config {
        profiles: parameters.profiles.unwrap_or(standard.profiles),
        select: parameters.select.unwrap_or(standard.select),
        ignore: parameters.ignore.unwrap_or(standard.ignore),
        enforce: parameters.enforce.unwrap_or(standard.enforce),
        on_unknown: parameters.on_unknown.unwrap_or(standard.on_unknown),
        params: parameters.of_controls,
        ..Config::default()
    };
    let mode = parameters.mode.unwrap_or(Mode::Admission);
    let rules = Rules::new(config, mode, parameters.now.as_deref(), inventory);
    rules.map_err(|error| error.to_string())
}

fn text(value: &impl serde::Serialize) -> Result<String, String> {
    serde_json::to_string(value).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use policy_core::{Catalog, Json};
    use serde_json::{Value, json};

    use super::{Data, Entry, Policy};

    fn evaluate(policy: &mut Policy, entry: Entry, data: &Value, input: &Value) -> Result<Value, String> {
        let input = Json::parse(input.to_string().as_bytes()).unwrap();
        let set = policy.evaluate(entry, &Data::Text(data.to_string().as_bytes()), &input)?;
        Ok(set
            .iter()
            .map(|text| serde_json::from_str::<Value>(text).unwrap())
            .collect())
    }

    fn controller(arg: &str) -> Value {
        let labels =
            json!({"app.kubernetes.io/part-of": "flux", "app.kubernetes.io/component": "kustomize-controller"});
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "kustomize-controller", "namespace": "flux-system", "labels": labels},
            "spec": {"template": {"metadata": {"labels": labels}, "spec": {"containers": [
                {"name": "manager", "image": "ghcr.io/fluxcd/kustomize-controller:v1.9.4", "args": [arg]}
            ]}}},
        })
    }

    #[test]
    fn each_entry_has_its_shape() {
        let data = json!({"parameters": {"select": ["FX-KC-03"]}});
        let mut policy = Policy::new();
        let mut said = |entry, arg| evaluate(&mut policy, entry, &data, &controller(arg)).unwrap();
        let found = said(Entry::Violations, "--no-remote-bases=false");
        assert_eq!(
            (&found[0]["control"], &found[0]["severity"]),
            (&json!("FX-KC-03"), &json!("high")),
            "{found}"
        );
        assert_eq!(
            found[0]["path"],
            json!(["spec", "template", "spec", "containers", 0, "args", 0]),
            "{found}"
        );
        let denied = said(Entry::Gatekeeper, "--no-remote-bases=false");
        let members: Vec<&String> = denied[0].as_object().unwrap().keys().collect();
        assert_eq!(members, ["msg"], "{denied}");
        assert!(denied[0]["msg"].as_str().unwrap().starts_with("FX-KC-03: "), "{denied}");
        assert_eq!(said(Entry::Violations, "--no-remote-bases=true"), json!([]));
        assert_eq!(said(Entry::Gatekeeper, "--no-remote-bases=true"), json!([]));
        let doubtful = "--no-remote-bases=$(REMOTE)";
        assert_eq!(said(Entry::Unknown, doubtful)[0]["control"], "FX-KC-03");
        let denied = said(Entry::Gatekeeper, doubtful);
        assert!(
            denied[0]["msg"]
                .as_str()
                .unwrap()
                .starts_with("FX-KC-03: cannot decide: "),
            "{denied}"
        );
    }

    #[test]
    fn parameters_beside_a_review_count_instead_of_those_in_the_data() {
        let data = json!({"parameters": {"select": ["FX-KC-03"]}});
        let mut policy = Policy::new();
        let review = |parameters: Value| json!({"parameters": parameters, "review": {"object": controller("--no-remote-bases=false")}});
        let mut denials = |parameters: Value| {
            let denied = evaluate(&mut policy, Entry::Gatekeeper, &data, &review(parameters)).unwrap();
            denied.as_array().unwrap().len()
        };
        assert_eq!(denials(json!({"select": ["FX-KC-03"]})), 1);
        assert_eq!(denials(json!({"select": ["FX-KC-03"], "enforce": "critical"})), 0);
        assert_eq!(denials(json!({"select": ["FX-KC-01"]})), 0);
        assert_eq!(denials(json!({"select": ["FX-KC-03"]})), 1);
    }

    #[test]
    fn unchanged_data_is_what_it_was_before() {
        let data = json!({"parameters": {"select": ["FX-KC-03"]}});
        let input = Json::parse(controller("--no-remote-bases=false").to_string().as_bytes()).unwrap();
        let mut policy = Policy::new();
        assert!(policy.evaluate(Entry::Violations, &Data::Unchanged, &input).is_err());
        assert_eq!(
            evaluate(
                &mut policy,
                Entry::Violations,
                &data,
                &controller("--no-remote-bases=true")
            )
            .unwrap(),
            json!([])
        );
        let found = policy.evaluate(Entry::Violations, &Data::Unchanged, &input).unwrap();
        assert_eq!(found.len(), 1);
        let other = json!({"parameters": {"select": ["FX-KC-01"]}});
        assert_eq!(
            evaluate(
                &mut policy,
                Entry::Violations,
                &other,
                &controller("--no-remote-bases=true")
            )
            .unwrap(),
            json!([])
        );
        assert_eq!(
            policy.evaluate(Entry::Violations, &Data::Unchanged, &input).unwrap(),
            [].into()
        );
    }

    #[test]
    fn what_cannot_be_used_is_an_error_and_never_an_empty_set() {
        let object = controller("");
        for (data, input, said) in [
            (json!([]), object.clone(), "data"),
            (json!({"parameters": null}), object.clone(), "parameters"),
            (json!({"parameters": {"profile": "base"}}), object.clone(), "profile"),
            (
                json!({"parameters": {"profiles": "base"}}),
                object.clone(),
                "parameters",
            ),
            (json!({"parameters": {"now": "today"}}), object.clone(), "now"),
            (json!({"inventory": []}), object.clone(), "data.inventory"),
            (json!({}), json!(null), "input"),
            (json!({}), json!({"review": {}}), "review"),
            (
                json!({}),
                json!({"parameters": 1, "review": {"object": object}}),
                "parameters",
            ),
            (json!({}), json!({"kind": "Pod"}), "apiVersion"),
        ] {
            for (_, entry) in Entry::ALL {
                let error = evaluate(&mut Policy::new(), entry, &data, &input).unwrap_err();
                assert!(error.contains(said), "{data} {input}: {error}");
            }
        }
    }

    #[test]
    fn entry_points_have_numbers_and_parameters_of_controls_other_names() {
        assert_eq!(
            serde_json::from_str::<Value>(&Entry::names()).unwrap(),
            json!({"gatekeeper/violation": 0, "flux/violations": 1, "flux/unknown": 2, "flux/warn": 3, "flux/not_evaluated": 4})
        );
        assert!(Entry::number(5).is_err());
        let ours = ["mode", "profiles", "select", "ignore", "enforce", "onUnknown", "now"];
        for control in Catalog::builtin().unwrap().controls() {
            assert!(
                ours.iter().all(|name| !control.params.contains_key(*name)),
                "{}",
                control.id
            );
        }
    }
}
