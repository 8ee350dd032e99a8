//! A check under way: each object is evaluated on its own, and the outcomes become a report.

use std::collections::BTreeMap;

use super::Engine;
use super::judge::{Judge, Judged};
use super::plan::Plan;
use super::tally::Tally;
use crate::catalog::Mode;
use crate::effective::UNATTACHED;
use crate::error::Problem;
use crate::evidence::Answers;
use crate::exceptions::Exceptions;
use crate::inventory::Inventory;
use crate::object::Object;
use crate::rego::{self, EvalError};
use crate::report::{API_VERSION, ClusterReport, ControlReport, ControlResult, Report, Skipped, Verdict};
use crate::review_inventory::ReviewInventory;
use crate::source::Texts;
use crate::suggestion::suggest;

/// A check under way: everything is read, and each object can be evaluated on its own.
pub struct Audit<'e> {
    pub(super) engine: &'e Engine,
    pub(super) mode: Mode,
    pub(super) parameters: rego::Value,
    pub(super) texts: Texts,
    pub(super) skipped: Skipped,
    pub(super) problems: Vec<Problem>,
    pub(super) notes: Vec<Problem>,
    pub(super) clusters: Vec<Cluster>,
    pub(super) exceptions: Exceptions<'e>,
    pub(super) answers: Answers,
}

pub(super) struct Cluster {
    pub(super) name: String,
    pub(super) inventory: Inventory,
    /// `data.inventory` as evaluations read it; `None` where the facts could not be computed.
    pub(super) data: Option<rego::Value>,
    pub(super) plan: Plan,
    has_flux: bool,
    pub(super) flux_version: Option<String>,
}

/// The evaluation state of one thread.
pub struct Sessions {
    parameters: rego::Value,
    clusters: Vec<Session>,
}

/// That of one cluster, or why there is none.
type Session = Result<Box<dyn rego::Session>, String>;

/// What the controls said of one object.
pub struct Outcome {
    cluster: usize,
    pub(super) object: usize,
    /// The controls whose subject the object is and that have nothing to say.
    pub(super) passed: Vec<usize>,
    /// What the others have to say.
    pub(super) judged: Vec<Judged>,
    /// What went wrong.
    pub(super) problems: Vec<Problem>,
    /// The controls that should have been evaluated and were not.
    pub(super) missing: Vec<usize>,
}

impl<'e> Audit<'e> {
    /// The number of objects to evaluate.
    pub fn len(&self) -> usize {
        self.clusters
            .iter()
            .map(|cluster| cluster.inventory.objects().len())
            .sum()
    }

    /// Whether there is nothing to evaluate.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds what a front end could not read, so that the report is incomplete.
    pub fn add_problems(&mut self, problems: Vec<Problem>) {
        self.problems.extend(problems);
    }

    /// A fresh evaluation state.
    pub fn sessions(&self) -> Sessions {
        self.sessions_of(&*self.engine.evaluator, rego::Value::clone)
    }

    /// The same for one of several threads: it takes longer, and shares no memory with others.
    pub fn sessions_apart(&self) -> Sessions {
        self.sessions_of(&*self.engine.evaluator.apart(), rego::Value::apart)
    }

    fn sessions_of(&self, evaluator: &dyn rego::Evaluate, copy: impl Fn(&rego::Value) -> rego::Value) -> Sessions {
        let session = |cluster: &Cluster| match &cluster.data {
            Some(data) => evaluator.session(&copy(data), &copy(&cluster.plan.enabled)),
            None => Err("there are no facts".into()),
        };
        Sessions {
            parameters: copy(&self.parameters),
            clusters: self.clusters.iter().map(session).collect(),
        }
    }

    /// Evaluates the object number `at` of [`Audit::len`].
    pub fn evaluate(&self, sessions: &mut Sessions, at: usize) -> Outcome {
        let (cluster, object) = place(self.clusters.iter().map(|cluster| &cluster.inventory), at);
        let mut outcome = Outcome {
            cluster,
            object,
            passed: Vec::new(),
            judged: Vec::new(),
            problems: Vec::new(),
            missing: Vec::new(),
        };
        let parameters = &sessions.parameters;
        if let (Some(cluster), Some(session)) = (self.clusters.get(cluster), sessions.clusters.get_mut(cluster)) {
            self.evaluate_in(cluster, session, parameters, &mut outcome);
        }
        // All outcomes are kept until the end.
        outcome.passed.shrink_to_fit();
        outcome
    }

    fn evaluate_in(&self, cluster: &Cluster, session: &mut Session, parameters: &rego::Value, outcome: &mut Outcome) {
        let inventory = &cluster.inventory;
        let object = inventory
            .objects()
            .get(outcome.object)
            .zip(inventory.take(outcome.object));
        let Some((object, value)) = object.filter(|(object, _)| cluster.plan.speaks_of(&object.kind)) else {
            return;
        };
        let results = match session {
            Ok(rules) => {
                let review = rego::Value::object([("object".into(), value)]);
                let input = rego::Value::object([("review".into(), review), ("parameters".into(), parameters.clone())]);
                let limit = self.engine.limits.object_instructions;
                rules.evaluate(&object.kind, &input, limit)
            }
            // Told once, for the cluster.
            Err(_) if cluster.data.is_none() => Vec::new(),
            Err(message) => vec![Err(EvalError::of_all(message.clone()))],
        };
        outcome.missing = cluster.plan.missing(&object.kind, &results);
        let mut judge = Judge::new(self, cluster, object);
        // An undefined entry point must not look like a pass.
        if !outcome.missing.is_empty() && results.iter().all(Result::is_ok) && cluster.data.is_some() {
            judge.error(&EvalError::of_all("the rules yielded nothing".into()));
        }
        for result in results {
            match result {
                Ok(result) if !result.subject => {}
                Ok(result) if result.findings.is_empty() => outcome.passed.push(result.control),
                Ok(result) => outcome.judged.extend(judge.judge(result)),
                Err(error) => judge.error(&error),
            }
        }
        outcome.problems = judge.problems;
    }

    /// The last half of [`Engine::check`]: turns the outcomes into a report.
    pub fn finish(&self, mut outcomes: Vec<Outcome>) -> Report {
        outcomes.sort_by_key(|outcome| (outcome.cluster, outcome.object));
        let mut outcomes = outcomes.into_iter().peekable();
        let mut problems = self.problems.clone();
        let mut findings = Vec::new();
        let mut clusters = Vec::new();
        let mut has_flux = false;
        let mut accepted = Vec::new();
        let mut lapsed = BTreeMap::new();
        let mut suggestions = Vec::new();
        let mut answers = self.answers.clone();
        for (index, cluster) in self.clusters.iter().enumerate() {
            let mut tally = Tally::new(self, cluster);
            while let Some(outcome) = outcomes.next_if(|outcome| outcome.cluster == index) {
                tally.add(outcome);
            }
            has_flux |= cluster.has_flux || tally.stands_for_flux();
            problems.append(&mut tally.problems);
            let (open, covered) = tally.findings();
            findings.extend(open);
            accepted.extend(covered);
            for (at, count) in &tally.lapsed {
                *lapsed.entry(*at).or_insert(0) += count;
            }
            clusters.push(tally.report());
            if self.mode != Mode::Admission {
                let selected = self.engine.config.profiles();
                suggestions.extend(suggest(&cluster.name, cluster.inventory.objects(), &selected));
            }
        }
        for cluster in &mut clusters {
            answers.decide(cluster, &self.engine.controls);
        }
        if !has_flux && problems.is_empty() {
            problems.push(Problem::new(
                "no-flux",
                "there is no Flux object or controller in the input, so nothing can be said of one",
            ));
        }
        Report {
            api_version: API_VERSION.into(),
            kind: "Report".into(),
            verdict: self.verdict(&clusters, &problems),
            mode: self.mode,
            profiles: self.engine.config.profiles(),
            clusters,
            findings,
            exceptions: self.exceptions.reports(accepted, &lapsed),
            evidence: answers.reports(),
            suggestions,
            skipped: self.skipped,
            notes: self.notes.clone(),
            problems,
        }
    }

    fn verdict(&self, clusters: &[ClusterReport], problems: &[Problem]) -> Verdict {
        let decides = |result: ControlResult| {
            let fail_on = self.engine.config.fail_on;
            let hit = |control: &ControlReport| control.result == result && fail_on.includes(control.severity);
            clusters.iter().flat_map(|cluster| &cluster.controls).any(hit)
        };
        if !problems.is_empty() || decides(ControlResult::Unknown) {
            Verdict::Incomplete
        } else if decides(ControlResult::Fail) {
            Verdict::Fail
        } else {
            Verdict::Pass
        }
    }

    pub(super) fn cluster(
        &mut self,
        name: String,
        inventory: Inventory,
        supplied: Option<&ReviewInventory>,
    ) -> Cluster {
        let engine = self.engine;
        let is_whole = self.mode != Mode::Admission && name != UNATTACHED;
        let has_inventory = is_whole || supplied.is_some();
        let (base, facts) = match supplied {
            Some(supplied) => match supplied.with(engine, &inventory) {
                Ok((base, facts)) => (Some(base), Ok(facts)),
                Err(problem) => (None, Err(problem)),
            },
            None => {
                let base = is_whole.then(|| inventory.to_rego());
                let facts = engine.facts(base.as_ref(), inventory.objects().len(), &self.parameters);
                (base, facts)
            }
        };
        // Without facts no control can be trusted: none is evaluated.
        let facts = facts.map_err(|problem| self.problems.push(problem)).ok();
        let read = base.as_ref().filter(|_| engine.evaluator.reads_objects());
        let data = facts.as_ref().map(|facts| with_facts(read, facts));
        let plan = engine.plan(self.mode, has_inventory);
        let controllers = facts
            .as_ref()
            .and_then(|facts| facts.get("controllers")?.len())
            .unwrap_or(0);
        Cluster {
            name,
            has_flux: controllers > 0 || inventory.objects().iter().any(Object::is_flux),
            flux_version: facts
                .as_ref()
                .and_then(|facts| facts.get("flux_version")?.text())
                .filter(|version| !version.is_empty()),
            inventory,
            data,
            plan,
        }
    }
}

/// `data.inventory` with the facts in it.
pub(crate) fn with_facts(inventory: Option<&rego::Value>, facts: &rego::Value) -> rego::Value {
    let sections = ["cluster", "namespace"]
        .into_iter()
        .filter_map(|key| Some((key.into(), inventory?.get(key)?)));
    rego::Value::object(sections.chain([("facts".into(), facts.clone())]))
}

/// The inventory that holds the object number `at` of all, and the object's number in it.
pub(super) fn place<'i>(inventories: impl Iterator<Item = &'i Inventory>, at: usize) -> (usize, usize) {
    let (mut index, mut object) = (0, at);
    for inventory in inventories {
        let count = inventory.objects().len();
        if object < count {
            break;
        }
        object -= count;
        index += 1;
    }
    (index, object)
}
