//! What the rules see and what they say, before it becomes a report: for tests and tools that compare evaluators.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Engine, Request};
use crate::catalog::Mode;
use crate::error::Problem;
use crate::rego::{self, RawFinding, Rule};

/// One request, evaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct Raw {
    /// What the input was taken for.
    pub mode: Mode,
    /// `input.parameters`, as every evaluation saw it.
    pub parameters: Value,
    /// One for each cluster.
    pub clusters: Vec<RawCluster>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// One cluster: the data that its evaluations share, and its objects.
#[derive(Clone, Debug, PartialEq)]
pub struct RawCluster {
    /// `data.inventory` without the facts; absent in mode `admission`.
    pub inventory: Option<Value>,
    /// `data.inventory.facts`, the value of `data.lib.facts.all`.
    pub facts: Option<Value>,
    /// In the order of the sources.
    pub objects: Vec<RawObject>,
}

/// One object.
#[derive(Clone, Debug, PartialEq)]
pub struct RawObject {
    /// Kind, namespace and name, for people.
    pub name: String,
    /// The object: `input.review.object`.
    pub object: Value,
    /// The wanted controls of the object's kind, whatever their modes and profiles, by slug.
    pub controls: BTreeMap<String, RawControl>,
    /// Evaluations that failed.
    pub errors: Vec<String>,
}

/// What one control says of one object. Findings are `{"msg", "path", "related", "fix"}`, sorted by their text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawControl {
    /// Whether the control speaks of the object.
    pub subject: bool,
    /// The rule `violation`.
    pub violation: Vec<Value>,
    /// The rule `warn`.
    pub warn: Vec<Value>,
    /// The rule `unknown`.
    pub unknown: Vec<Value>,
    /// The rule `manual`.
    pub manual: Vec<Value>,
}

/// Evaluates every control (or `only` that of a slug) on every object of its kinds, also where a check would leave it
/// out as undecidable.
pub fn evaluate(engine: &Engine, request: Request, only: Option<&str>) -> Raw {
    let audit = engine.prepare(engine.resolve(request));
    let wanted = engine
        .controls
        .iter()
        .filter(|control| only.is_none_or(|slug| slug == control.slug));
    let slugs = wanted.map(|control| (control.slug.as_str().into(), rego::Value::truth()));
    let enabled = rego::Value::object(slugs);
    let mut problems = audit.problems.clone();
    let mut clusters = Vec::new();
    for cluster in &audit.clusters {
        let base = (audit.mode != Mode::Admission).then(|| cluster.inventory.to_rego());
        let mut objects = Vec::new();
        let Some(data) = &cluster.data else { continue };
        let mut session = match engine.evaluator.session(data, &enabled) {
            Ok(session) => session,
            Err(message) => {
                problems.push(Problem::new("evaluation", message));
                continue;
            }
        };
        for (object, value) in cluster.inventory.objects().iter().zip(cluster.inventory.values()) {
            let review = rego::Value::object([("object".into(), value.clone())]);
            let input = rego::Value::object([
                ("review".into(), review),
                ("parameters".into(), audit.parameters.clone()),
            ]);
            let mut raw = RawObject {
                name: object.display(),
                object: json_of(&value),
                controls: BTreeMap::new(),
                errors: Vec::new(),
            };
            for result in session.evaluate(&object.kind, &input, engine.limits.object_instructions) {
                match result {
                    Ok(outcome) => {
                        let slug = engine.controls.get(outcome.control).map(|control| &control.slug);
                        if let Some(slug) = slug.filter(|slug| enabled.get(slug).is_some()) {
                            raw.controls.insert(slug.clone(), control(&outcome));
                        }
                    }
                    Err(error) => {
                        raw.errors.push(format!(
                            "{}: {}",
                            error.slug.as_deref().unwrap_or("all controls"),
                            error.message
                        ));
                    }
                }
            }
            objects.push(raw);
        }
        let facts = data.get("facts").filter(|_| base.is_some());
        clusters.push(RawCluster {
            inventory: base.as_ref().map(json_of),
            facts: facts.as_ref().map(json_of),
            objects,
        });
    }
    Raw {
        mode: audit.mode,
        parameters: json_of(&audit.parameters),
        clusters,
        problems,
    }
}

/// No value of ours fails to be JSON; if one did, no other evaluator would agree with this.
fn json_of(value: &rego::Value) -> Value {
    value.to_json().unwrap_or_else(|| json!({"not": "JSON"}))
}

fn control(outcome: &rego::Outcome) -> RawControl {
    let findings = |rule: Rule| {
        let mut findings: Vec<Value> = outcome
            .findings
            .iter()
            .filter(|raw| raw.rule == rule)
            .map(finding)
            .collect();
        findings.sort_by_cached_key(Value::to_string);
        findings
    };
    RawControl {
        subject: outcome.subject,
        violation: findings(Rule::Violation),
        warn: findings(Rule::Warn),
        unknown: findings(Rule::Unknown),
        manual: findings(Rule::Manual),
    }
}

fn finding(raw: &RawFinding) -> Value {
    let path = |path: &[crate::tree::Segment]| -> Value {
        let segment = |segment: &crate::tree::Segment| match segment {
            crate::tree::Segment::Key(key) => json!(key),
            crate::tree::Segment::Index(at) => json!(at),
        };
        path.iter().map(segment).collect()
    };
    let related = raw.related.iter().map(|related| match &related.object {
        Some(object) => json!({"object": object, "path": path(&related.path)}),
        None => json!({"path": path(&related.path)}),
    });
    json!({"msg": raw.message, "path": path(&raw.path), "related": related.collect::<Vec<_>>(), "fix": raw.fix})
}
