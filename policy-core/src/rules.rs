//! One object at a time, in Rego's terms: what a host of Rego asks for. No sources, lines, exceptions or reports.

use serde::Serialize;

use crate::admission::phrase;
use crate::catalog::{Catalog, GroupKind, Mode, Severity};
use crate::config::Config;
use crate::engine::{Engine, Plan, result_of, with_facts};
use crate::error::LoadError;
use crate::rego::{self, RawFinding, RawRelated};
use crate::report::ControlResult;
use crate::time::is_utc_time;
use crate::tree::{Segment, pointer};

/// A JSON value, read once for the rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Json(rego::Value);

impl Json {
    /// Reads JSON text.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        rego::Value::parse(json).map(Self).map_err(|error| error.to_string())
    }

    /// The member under `key`, where this is an object that has it.
    pub fn get(&self, key: &str) -> Option<Self> {
        self.0.get(key).map(Self)
    }

    /// The same value as plain JSON; `None` for what JSON cannot hold.
    pub fn to_json(&self) -> Option<serde_json::Value> {
        self.0.to_json()
    }

    /// Whether this is an object, and not a scalar or a list.
    pub fn is_object(&self) -> bool {
        self.0.is_object()
    }

    /// Group and kind of a Kubernetes object.
    fn group_kind(&self) -> Result<GroupKind, String> {
        let required = |key: &str| {
            let text = self.text(key).filter(|text| !text.is_empty());
            text.ok_or_else(|| format!("`{key}` must be a non-empty string for this to be a Kubernetes object"))
        };
        let (kind, version) = (required("kind")?, required("apiVersion")?);
        if kind.ends_with("List") && self.get("items").is_some() {
            return Err(format!("a {kind} is not one object; pass its items"));
        }
        let group = version.split_once('/').map_or("", |(group, _)| group).to_owned();
        Ok(GroupKind { group, kind })
    }

    fn text(&self, key: &str) -> Option<String> {
        self.0.get(key)?.text()
    }
}

/// What hosts of Rego pass as input.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The Kubernetes object to judge.
    pub object: Json,
    /// The parameters beside a review of it, as Gatekeeper passes those of a constraint.
    pub parameters: Option<Json>,
}

impl Subject {
    /// Finds the object in an input: the input itself, or that of a review in it (`review`, as Gatekeeper passes it, or
    /// `request`, as in an AdmissionReview). Of a deletion it is the old object.
    ///
    /// # Errors
    /// An input that has no such object, or one that is none of Kubernetes.
    pub fn of(input: &Json) -> Result<Self, String> {
        if input.text("kind").is_some_and(|kind| kind != "AdmissionReview") {
            input.group_kind()?;
            return Ok(Self {
                object: input.clone(),
                parameters: None,
            });
        }
        let review = ["review", "request"].into_iter().find_map(|key| input.get(key));
        let review = review.ok_or(
            "the input is neither a Kubernetes object nor a review of one: it has no `kind`, `review` or `request`",
        )?;
        let mut objects = ["object", "oldObject"].into_iter().filter_map(|key| review.get(key));
        let object = objects.find(Json::is_object);
        let object = object.ok_or("the review has no `object`; there is nothing to judge")?;
        object.group_kind()?;
        Ok(Self {
            object,
            parameters: input.get("parameters"),
        })
    }
}

/// The rules, ready to evaluate with one configuration and one inventory. An error leaves it as it was.
pub struct Rules {
    engine: Engine,
    plan: Plan,
    parameters: rego::Value,
    session: Box<dyn rego::Session>,
}

/// What one control says of one place in an object.
#[derive(Clone, Debug, Serialize)]
pub struct Judgement<'r> {
    /// The control's ID.
    pub control: &'r str,
    /// How bad a violation of it is.
    pub severity: Severity,
    /// `fail`, `unknown`, `warn` or `manual`.
    #[serde(skip)]
    pub result: ControlResult,
    /// What is wrong.
    pub msg: String,
    /// Where in the object: segments, of which a number is an index.
    #[serde(serialize_with = "segments")]
    pub path: Vec<Segment>,
    /// Other places without which the control would say something else.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Elsewhere>,
    /// A JSON patch that mends it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fix: Vec<serde_json::Value>,
}

/// A place in the same object, or in a named one.
#[derive(Clone, Debug, Serialize)]
pub struct Elsewhere {
    /// `apiVersion`, `kind`, `namespace` and `name`; absent for the same object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<serde_json::Value>,
    /// Where in that object.
    #[serde(serialize_with = "segments")]
    pub path: Vec<Segment>,
}

/// A control that the input cannot decide.
#[derive(Debug, Serialize)]
pub struct NotEvaluated<'r> {
    /// The control's ID.
    pub control: &'r str,
    /// Why.
    pub reason: &'r str,
}

impl Rules {
    /// The shipped catalogue with a configuration, over `data.inventory` in Gatekeeper's shape where there is one.
    /// Exceptions have no part in it.
    ///
    /// # Errors
    /// [`LoadError::Config`] for what [`Engine::new`] refuses, for a `now` that is no time in UTC, and for an inventory of
    /// another shape; [`LoadError::Compile`] where its facts cannot be computed.
    pub fn new(config: Config, mode: Mode, now: Option<&str>, inventory: Option<&Json>) -> Result<Self, LoadError> {
        if now.is_some_and(|now| !is_utc_time(now)) {
            let message = "must be a time in UTC such as 2026-11-22T03:00:00Z";
            return Err(LoadError::config("now", message));
        }
        let objects = match inventory {
            None => 0,
            Some(inventory) => size(&inventory.0)
                .ok_or_else(|| LoadError::config("data.inventory", "is not of the shape that Gatekeeper gives it"))?,
        };
        let engine = Engine::new(Catalog::builtin()?, config)?;
        let plan = engine.plan(mode, inventory.is_some());
        let parameters = engine.parameters(mode, now);
        let inventory = inventory.map(|inventory| &inventory.0);
        let budget = engine.limits().fact_instructions(objects);
        let facts = engine.evaluator.facts(inventory, &parameters, budget);
        let failed = |message: String| LoadError::Compile(format!("the facts cannot be computed: {message}"));
        let facts = facts.map_err(|error| failed(error.message))?;
        let read = inventory.filter(|_| engine.evaluator.reads_objects());
        let session = engine.evaluator.session(&with_facts(read, &facts), &plan.enabled);
        Ok(Self {
            session: session.map_err(failed)?,
            engine,
            plan,
            parameters,
        })
    }

    /// Evaluates every control that speaks of the object's kind, in the order of their IDs.
    ///
    /// # Errors
    /// What is no Kubernetes object, and an evaluation that failed or was stopped by a limit: then nothing is known.
    pub fn judge(&mut self, object: &Json) -> Result<Vec<Judgement<'_>>, String> {
        let kind = object.group_kind()?;
        let review = rego::Value::object([("object".into(), object.0.clone())]);
        let input = [
            ("review".into(), review),
            ("parameters".into(), self.parameters.clone()),
        ];
        let limits = self.engine.limits().clone();
        let input = rego::Value::object(input);
        let results = self.session.evaluate(&kind, &input, limits.object_instructions);
        if let Some(at) = self.plan.missing(&kind, &results).first() {
            let error = results.iter().find_map(|result| result.as_ref().err());
            let reason = error.map_or("the rules yielded nothing", |error| &error.message);
            let control = self.engine.controls().get(*at).map_or("", |control| &control.id);
            return Err(format!("{control} could not be evaluated: {reason}"));
        }
        let mut judgements = Vec::new();
        for result in results {
            let outcome = result.map_err(|error| error.message)?;
            let Some(control) = self.engine.controls().get(outcome.control) else {
                return Err("a control that is none was evaluated".into());
            };
            for raw in outcome.findings {
                if raw.message.len() > limits.message_bytes {
                    return Err(format!(
                        "a message of {} is longer than {} bytes",
                        control.id, limits.message_bytes
                    ));
                }
                judgements.push(judgement(&control.id, control.severity, raw));
            }
        }
        Ok(judgements)
    }

    /// Why a review of the object would be denied, a sentence for each reason; see [`Engine::review`].
    ///
    /// # Errors
    /// Those of [`Rules::judge`].
    pub fn denials(&mut self, object: &Json) -> Result<Vec<String>, String> {
        let judgements = self.judge(object)?;
        // Of the judgements only what borrows nothing, for the engine is asked next.
        let said: Vec<_> = judgements
            .iter()
            .map(|one| {
                (
                    one.result,
                    one.severity,
                    phrase(one.control, one.result, &one.msg, &pointer(&one.path)),
                )
            })
            .collect();
        let denying = said
            .into_iter()
            .filter(|(result, severity, _)| self.engine.denies(*result, *severity));
        Ok(denying.map(|(.., sentence)| sentence).collect())
    }

    /// The selected controls that this mode and inventory cannot decide.
    pub fn not_evaluated(&self) -> Vec<NotEvaluated<'_>> {
        let controls = self.engine.controls().iter();
        let undecidable = controls.filter_map(|control| Some((control, self.plan.undecidable.get(&control.slug)?)));
        undecidable
            .map(|(control, reason)| NotEvaluated {
                control: &control.id,
                reason,
            })
            .collect()
    }
}

/// The number of objects in an inventory; `None` for one of another shape than Gatekeeper's.
fn size(inventory: &rego::Value) -> Option<usize> {
    fn leaves(value: &rego::Value, depth: usize) -> Option<usize> {
        match depth {
            0 => value.is_object().then_some(1),
            _ => value.members()?.iter().map(|member| leaves(member, depth - 1)).sum(),
        }
    }
    if !inventory.is_object() {
        return None;
    }
    let sections = [("cluster", 3), ("namespace", 4)];
    let sizes = sections.map(|(key, depth)| inventory.get(key).map_or(Some(0), |section| leaves(&section, depth)));
    sizes.into_iter().sum()
}

fn judgement(control: &str, severity: Severity, raw: RawFinding) -> Judgement<'_> {
    let elsewhere = |related: RawRelated| Elsewhere {
        object: related.object,
        path: related.path,
    };
    Judgement {
        control,
        severity,
        result: result_of(raw.rule),
        msg: raw.message,
        path: raw.path,
        related: raw.related.into_iter().map(elsewhere).collect(),
        fix: raw.fix,
    }
}

fn segments<S: serde::Serializer>(path: &[Segment], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(path.iter().map(|segment| match segment {
        Segment::Key(key) => serde_json::Value::from(&**key),
        Segment::Index(at) => serde_json::Value::from(*at),
    }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use serde_json::{Value, json};

    use super::{Json, Rules, Subject};
    use crate::catalog::{Mode, Profile};
    use crate::config::Config;
    use crate::report::ControlResult;

    fn document(json: &Value) -> Json {
        Json::parse(json.to_string().as_bytes()).unwrap()
    }

    fn only(control: &str) -> Config {
        Config {
            select: vec![control.into()],
            profiles: vec![Profile::Base, Profile::Shared],
            ..Config::default()
        }
    }

    fn source() -> Value {
        json!({
            "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository",
            "metadata": {"name": "fleet", "namespace": "team"},
            "spec": {"interval": "1m", "url": "http://example.com/fleet"},
        })
    }

    #[test]
    fn an_input_is_an_object_or_a_review_of_one() {
        let object = source();
        for input in [
            object.clone(),
            json!({"review": {"object": object}}),
            json!({"parameters": {}, "review": {"object": null, "oldObject": object}}),
            json!({"request": {"object": object, "oldObject": {}}}),
            json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"object": object}}),
        ] {
            let subject = Subject::of(&document(&input)).unwrap();
            assert_eq!(subject.object.to_json().unwrap(), object, "{input}");
            assert_eq!(
                subject.parameters.is_some(),
                input.get("parameters").is_some(),
                "{input}"
            );
        }
        for input in [
            json!(null),
            json!([]),
            json!({}),
            json!({"kind": 1}),
            json!({"request": {"object": []}}),
        ] {
            assert!(Subject::of(&document(&input)).is_err(), "{input}");
        }
    }

    #[test]
    fn what_is_no_object_is_an_error_and_never_nothing() {
        let mut rules = Rules::new(Config::default(), Mode::Admission, None, None).unwrap();
        for (object, said) in [
            (json!({"kind": "Pod"}), "`apiVersion`"),
            (json!({"apiVersion": "v1", "kind": ""}), "`kind`"),
            (json!({"apiVersion": "v1", "kind": "PodList", "items": []}), "PodList"),
        ] {
            let error = rules.judge(&document(&object)).map(|found| found.len()).unwrap_err();
            assert!(error.contains(said), "{object}: {error}");
        }
    }

    #[test]
    fn judgements_tell_control_severity_and_place() {
        let mut rules = Rules::new(only("FX-EXT-01"), Mode::Admission, None, None).unwrap();
        let found = rules.judge(&document(&source())).unwrap();
        assert!(!found.is_empty());
        for one in &found {
            assert_eq!(
                (one.control, one.result),
                ("FX-EXT-01", ControlResult::Fail),
                "{found:?}"
            );
        }
        let json = serde_json::to_value(&found).unwrap();
        assert_eq!(
            (&json[0]["severity"], &json[0]["path"][0]),
            (&json!("high"), &json!("spec")),
            "{json}"
        );
    }

    #[test]
    fn a_review_would_be_denied_for_what_is_severe_enough() {
        let denials = |enforce| {
            let config = Config {
                enforce,
                ..only("FX-EXT-01")
            };
            let mut rules = Rules::new(config, Mode::Admission, None, None).unwrap();
            rules.denials(&document(&source())).unwrap()
        };
        assert!(denials(crate::Severity::Critical).is_empty());
        let said = denials(crate::Severity::High);
        assert!(
            said[0].starts_with("FX-EXT-01: ") && said[0].contains(" at /spec"),
            "{said:?}"
        );
    }

    #[test]
    fn without_an_inventory_controls_that_read_one_are_named() {
        let named = |inventory: Option<Value>| {
            let inventory = inventory.map(|inventory| document(&inventory));
            let rules = Rules::new(only("FX-NET-02"), Mode::Dump, None, inventory.as_ref()).unwrap();
            serde_json::to_value(rules.not_evaluated()).unwrap()
        };
        let without = named(None);
        assert_eq!(without[0]["control"], "FX-NET-02", "{without}");
        assert!(
            without[0]["reason"].as_str().unwrap().contains("inventory"),
            "{without}"
        );
        assert_eq!(named(Some(json!({}))), json!([]));
    }

    #[test]
    fn what_is_wrong_with_the_setting_is_an_error() {
        let now = Rules::new(Config::default(), Mode::Dump, Some("today"), None);
        assert!(now.err().unwrap().to_string().starts_with("now: "));
        for inventory in [
            json!([]),
            json!({"cluster": []}),
            json!({"namespace": {"a": {"v1": {"Pod": {"p": 1}}}}}),
        ] {
            let rules = Rules::new(Config::default(), Mode::Dump, None, Some(&document(&inventory)));
            assert!(
                rules.err().unwrap().to_string().starts_with("data.inventory: "),
                "{inventory}"
            );
        }
    }
}
