//! Which of the selected controls an input can decide.

use std::collections::BTreeMap;

use super::Engine;
use crate::catalog::{Assessment, Control, GroupKind, Mode};
use crate::rego::{self, EvalError};

/// What to evaluate in an input.
pub(crate) struct Plan {
    /// The slugs of the controls that are evaluated.
    pub(crate) enabled: rego::Value,
    /// Those that speak of a kind, by their numbers.
    speaking: BTreeMap<GroupKind, Vec<usize>>,
    /// Why the others are not, by slug.
    pub(crate) undecidable: BTreeMap<String, String>,
}

impl Plan {
    /// Whether any control speaks of the kind.
    pub(crate) fn speaks_of(&self, kind: &GroupKind) -> bool {
        self.speaking.contains_key(kind)
    }

    /// The controls that speak of a kind and have no outcome on an object of it.
    pub(crate) fn missing(&self, kind: &GroupKind, results: &[Result<rego::Outcome, EvalError>]) -> Vec<usize> {
        let Some(speaking) = self.speaking.get(kind) else {
            return Vec::new();
        };
        // Outcomes come in the order of the controls.
        let mut outcomes = results.iter().flatten().map(|outcome| outcome.control).peekable();
        let mut has_outcome = |control: usize| {
            while outcomes.next_if(|outcome| *outcome < control).is_some() {}
            outcomes.peek() == Some(&control)
        };
        speaking
            .iter()
            .copied()
            .filter(|control| !has_outcome(*control))
            .collect()
    }
}

impl Engine {
    /// What to evaluate in this mode.
    pub(crate) fn plan(&self, mode: Mode, has_inventory: bool) -> Plan {
        let mut plan = Plan {
            enabled: rego::Value::object([]),
            speaking: BTreeMap::new(),
            undecidable: BTreeMap::new(),
        };
        let mut enabled = Vec::new();
        let selected = |(_, control): &(usize, &Control)| self.selected.contains(&control.slug);
        for (at, control) in self.controls.iter().enumerate().filter(selected) {
            match undecidable(control, mode, has_inventory) {
                Some(reason) => drop(plan.undecidable.insert(control.slug.clone(), reason)),
                None => {
                    enabled.push((control.slug.as_str().into(), rego::Value::truth()));
                    for kind in &control.kinds {
                        plan.speaking.entry(kind.clone()).or_default().push(at);
                    }
                }
            }
        }
        plan.enabled = rego::Value::object(enabled);
        plan
    }
}

/// Why a control cannot be decided in this input at all, if so.
fn undecidable(control: &Control, mode: Mode, has_inventory: bool) -> Option<String> {
    if control.assessment == Assessment::Manual {
        return Some(format!(
            "a person has to collect the evidence; `flux-audit explain {}` tells which",
            control.id
        ));
    }
    let list = |items: Vec<String>| items.join(", ");
    if !control.modes.contains(&mode) {
        let modes = list(control.modes.iter().map(name_of).collect());
        return Some(format!("cannot be seen in mode {}; it can in {modes}", name_of(&mode)));
    }
    (!control.reads.is_empty() && !has_inventory).then(|| {
        let reads = list(control.reads.iter().map(ToString::to_string).collect());
        format!("needs the cluster's inventory ({reads}), which this input does not have")
    })
}

fn name_of(mode: &Mode) -> String {
    match mode {
        Mode::Git => "git",
        Mode::Render => "render",
        Mode::Dump => "dump",
        Mode::Admission => "admission",
    }
    .into()
}
