//! A control as ConstraintTemplate and Constraint.

use anyhow::Result;
use policy_core::{Profile, Severity};
use serde_json::{Map, Value, json};

use super::{Decidable, GROUP, sync};

/// What the entry module needs of the libraries, and what more where the control needs the inventory.
pub(super) const USES: &[(&str, &str)] = &[("lib.result", "pointer")];
pub(super) const USES_INVENTORY: &[(&str, &str)] = &[("lib.facts", "available")];

/// Which of the two constraints of a control.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Report {
    /// What fails, and what cannot be decided
    Fail,
    /// Advice
    Warn,
}

impl Report {
    /// The file with the constraint.
    pub(crate) fn file(self) -> &'static str {
        match self {
            Self::Fail => "constraint.yaml",
            Self::Warn => "constraint-warn.yaml",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Warn => "warn",
        }
    }

    /// The name of the constraint itself.
    pub(crate) fn constraint(self, control: &Decidable) -> String {
        let id = control.control.id.to_lowercase();
        match self {
            Self::Fail => id,
            Self::Warn => format!("{id}-warn"),
        }
    }
}

/// The kind of a control's constraints: `no_remote_bases` gives `FluxAuditNoRemoteBases`.
pub(super) fn kind(slug: &str) -> String {
    let words = slug.split('_').map(|word| {
        let (first, rest) = word.split_at(usize::from(!word.is_empty()));
        first.to_uppercase() + rest
    });
    format!("FluxAudit{}", words.collect::<String>())
}

pub(super) fn template(control: &Decidable) -> Result<Value> {
    let kind = kind(&control.control.slug);
    let mut annotations = json!({
        "metadata.gatekeeper.sh/title": control.control.title,
        "description": control.control.description,
    });
    if !control.control.reads.is_empty() {
        annotations["metadata.gatekeeper.sh/requires-sync-data"] = sync::annotation(&control.control)?.into();
    }
    Ok(json!({
        "apiVersion": "templates.gatekeeper.sh/v1",
        "kind": "ConstraintTemplate",
        "metadata": {"name": kind.to_lowercase(), "labels": labels(control), "annotations": annotations},
        "spec": {
            "crd": {"spec": {
                "names": {"kind": kind},
                "validation": {"openAPIV3Schema": {"type": "object", "properties": properties(control)}},
            }},
            "targets": [{
                "target": "admission.k8s.gatekeeper.sh",
                "code": [{
                    "engine": "Rego",
                    "source": {"version": "v1", "rego": entry(control), "libs": control.modules},
                }],
            }],
        },
    }))
}

pub(crate) fn constraint(control: &Decidable, report: Report, parameters: &Value) -> Value {
    let mut parameters = parameters.clone();
    if report == Report::Warn {
        parameters["report"] = report.name().into();
    }
    let denies = report == Report::Fail && control.control.severity >= Severity::High;
    json!({
        "apiVersion": "constraints.gatekeeper.sh/v1beta1",
        "kind": kind(&control.control.slug),
        "metadata": {"name": report.constraint(control), "labels": labels(control)},
        "spec": {
            "enforcementAction": if denies { "deny" } else { "warn" },
            "match": {"kinds": matches(control)},
            "parameters": parameters,
        },
    })
}

fn labels(control: &Decidable) -> Value {
    json!({
        format!("{GROUP}/control"): control.control.id,
        format!("{GROUP}/severity"): control.control.severity,
    })
}

/// The kinds by group, in the order of METADATA.
fn matches(control: &Decidable) -> Value {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for kind in control.control.kinds.iter().filter(|kind| !sync::is_file(kind)) {
        match groups.iter_mut().find(|(group, _)| *group == kind.group) {
            Some((_, kinds)) => kinds.push(&kind.kind),
            None => groups.push((&kind.group, vec![&kind.kind])),
        }
    }
    let groups = groups
        .into_iter()
        .map(|(group, kinds)| json!({"apiGroups": [group], "kinds": kinds}));
    groups.collect()
}

/// The schema of the parameters.
fn properties(control: &Decidable) -> Map<String, Value> {
    let profiles = [Profile::Base, Profile::Shared, Profile::Dedicated, Profile::Hard];
    let mut properties: Map<String, Value> = control
        .control
        .params
        .iter()
        .map(|(name, schema)| (name.clone(), structural(schema)))
        .collect();
    let mut reserve = |name: &str, schema: Value| properties.insert(name.to_owned(), schema);
    reserve(
        "mode",
        json!({
            "type": "string", "enum": ["admission", "dump"],
            "description": "What an absence proves: nothing in admission; in dump the inventory is the whole cluster",
        }),
    );
    reserve(
        "profiles",
        json!({
            "type": "array", "items": {"type": "string", "enum": profiles},
            "description": "The strictest decides where a control is stricter in some profiles",
        }),
    );
    reserve(
        "report",
        json!({
            "type": "string", "enum": ["fail", "warn"],
            "description": "What to report: what fails (the default), or advice",
        }),
    );
    reserve(
        "onUnknown",
        json!({
            "type": "string", "enum": ["deny", "warn"],
            "description": "Where to report what cannot be decided: with what fails (deny, the default) or with advice (warn); \
                            set it on both constraints",
        }),
    );
    if control.reads_clock() {
        reserve(
            "now",
            json!({"type": "string", "description": "The time, RFC 3339 in UTC; by default the clock's"}),
        );
    }
    properties
}

/// A parameter's schema as an API server takes it: an object keeps what it has.
fn structural(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if schema["type"] == "object" && schema.get("properties").is_none() && schema.get("additionalProperties").is_none()
    {
        schema["x-kubernetes-preserve-unknown-fields"] = true.into();
    }
    schema
}

/// What a control that needs the inventory says where there is none at all: the absence of everything is no finding.
pub(super) const UNSYNCHRONISED: &str = "cannot decide: Gatekeeper has synchronised nothing";

/// The module that Gatekeeper asks. It is the same for every control but for the ID and the rules that there are.
fn entry(control: &Decidable) -> String {
    let (timed, reads) = (control.reads_clock(), !control.control.reads.is_empty());
    let id = &control.control.id;
    let mut text = String::from("package flux_audit\n\nimport data.lib.control\n");
    text += if reads { "import data.lib.facts\n" } else { "" };
    text += "import data.lib.result\n";
    for rule in &control.rules {
        let (report, doubt) = match *rule {
            "violation" => ("\"fail\"", ""),
            "unknown" => ("_report_of_unknown", "cannot decide: "),
            _ => ("\"warn\"", ""),
        };
        let with = if timed { " with input as _timed" } else { "" };
        text += &format!(
            "\nviolation contains _answer(finding, \"{doubt}\") if {{\n\t_report == {report}\n\
             \tfound := control.{rule}{with}\n\tsome finding in found\n}}\n"
        );
    }
    if reads {
        text += &format!(
            "\nviolation contains {{\"msg\": \"{id}: {UNSYNCHRONISED}\", \"details\": {{\"path\": []}}}} if {{\n\
             \t_report == _report_of_unknown\n\tcontrol.subject\n\tnot facts.available\n}}\n"
        );
    }
    text += "\n_report := \"nothing\" if {\n\tinput.review.operation == \"DELETE\"\n} else := \"warn\" if {\n\
             \tinput.parameters.report == \"warn\"\n} else := \"fail\"\n\
             \n_report_of_unknown := \"warn\" if {\n\tinput.parameters.onUnknown == \"warn\"\n} else := \"fail\"\n";
    if timed {
        text += "\n_timed := object.union(input, {\"parameters\": object.union({\"now\": _clock}, object.get(input, \"parameters\", {}))})\n\
                 \n_clock := time.format([time.now_ns(), \"UTC\", \"2006-01-02T15:04:05Z\"])\n";
    }
    text += &format!(
        "\n_answer(finding, doubt) := {{\"msg\": msg, \"details\": finding.details}} if {{\n\
         \tmsg := sprintf(\"{id}: %v%v%v\", [doubt, finding.msg, _place(result.pointer(finding.details.path))])\n}}\n\
         \n_place(pointer) := sprintf(\" at %v\", [pointer]) if {{\n\tpointer != \"\"\n}} else := \"\"\n"
    );
    text
}
