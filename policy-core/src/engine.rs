//! Objects and controls in, a report out.

#[doc(hidden)]
pub mod oracle;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Assessment, Catalog, Control, GroupKind, Mode};
use crate::config::Config;
use crate::effective::kustomize::Unknown;
use crate::effective::{self, UNATTACHED};
use crate::error::{LoadError, Problem};
use crate::evidence::{Answers, Evidence};
use crate::exceptions::{Covering, Exceptions};
use crate::inventory::Inventory;
use crate::limits::Limits;
use crate::object::{self, Object};
use crate::rego::{self, EvalError, Evaluate, RawFinding, Rule};
use crate::report::{
    API_VERSION, ClusterReport, ControlReport, ControlResult, Counts, Finding, Frame, Location, ObjectRef, Related,
    Report, Skipped, Verdict,
};
use crate::repository::Repository;
use crate::review_inventory::ReviewInventory;
use crate::settings::Date;
use crate::source::{Source, SourceId, SourceText, Texts};
use crate::suggestion::suggest;
use crate::time::is_utc_time;
use crate::tree::{Span, pointer};
use crate::yaml::{self, Dialect, Parsed};

/// A catalogue ready to evaluate, with its configuration. It holds no state of a check.
pub struct Engine {
    controls: Vec<Control>,
    pub(crate) evaluator: Box<dyn Evaluate>,
    pub(crate) config: Config,
    limits: Limits,
    selected: BTreeSet<String>,
}

/// What to check.
#[derive(Debug, Default)]
pub struct Request {
    /// The input, in the order of its ids.
    pub inputs: Vec<Input>,
    /// A Git repository as committed: mode `git`, in place of `inputs`.
    pub repository: Option<Repository>,
    /// The clusters of the repository to audit, by name; all where empty.
    pub clusters: Vec<String>,
    /// What the input is; where absent it is told from the objects.
    pub mode: Option<Mode>,
    /// The time of the check, RFC 3339 in UTC (`2026-11-22T03:00:00Z`); what depends on it is undecided without.
    pub now: Option<String>,
    /// What people found out about the controls that are theirs to judge.
    pub evidence: Option<Evidence>,
}

/// One source, or what a front end has already parsed (in parallel, say).
#[derive(Debug)]
pub enum Input {
    /// Bytes
    Source(Source),
    /// The result of [`parse`]
    Parsed(Parsed),
}

/// Parses one source as kubectl would read it. Never fails: what cannot be read is a problem in the result.
pub fn parse(source: &Source, limits: &Limits) -> Parsed {
    yaml::parse(source, Dialect::Kubectl, limits)
}

/// Reads one YAML value, such as a parameter on a command line.
///
/// # Errors
/// What is wrong with the text.
pub fn parse_value(text: &str) -> Result<serde_json::Value, String> {
    let source = Source {
        id: source_id(0),
        name: String::new(),
        bytes: text.into(),
    };
    let parsed = parse(&source, &Limits::standard());
    match (parsed.problems.first(), parsed.documents.first()) {
        (Some(problem), _) => Err(problem.message.clone()),
        (None, Some(document)) => Ok(document.root.to_json()),
        (None, None) => Ok(serde_json::Value::Null),
    }
}

impl Engine {
    /// The shipped catalogue with the default configuration.
    ///
    /// # Errors
    /// None in a build that passed its tests.
    pub fn builtin() -> Result<Self, LoadError> {
        Self::new(Catalog::builtin()?, Config::default())
    }

    /// A catalogue with a configuration.
    ///
    /// # Errors
    /// [`LoadError`] for policies that do not compile, unknown selectors, and wrong parameters.
    pub fn new(catalog: Catalog, config: Config) -> Result<Self, LoadError> {
        let selected = config.selection(&catalog.controls)?;
        let Catalog {
            controls,
            modules,
            evaluator,
        } = catalog;
        Ok(Self {
            evaluator: evaluator(&modules, &controls)?,
            controls,
            config,
            limits: Limits::standard(),
            selected,
        })
    }

    /// The same engine with other bounds.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The bounds on the input.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Every control of the catalogue, by ID.
    pub fn controls(&self) -> &[Control] {
        &self.controls
    }

    /// Checks a request. Never fails: bad input is a problem in the report, which is then incomplete.
    pub fn check(&self, request: Request) -> Report {
        self.check_with(request, None)
    }

    /// The same, with the inventory that an object under admission is seen in.
    pub(crate) fn check_with(&self, request: Request, supplied: Option<&ReviewInventory>) -> Report {
        let audit = self.prepare_with(self.resolve(request), supplied);
        let mut sessions = audit.sessions();
        let outcomes = (0..audit.len()).map(|at| audit.evaluate(&mut sessions, at)).collect();
        audit.finish(outcomes)
    }

    /// The first part of [`Engine::check`]: reads everything and works out the effective state of each cluster.
    pub fn resolve(&self, mut request: Request) -> Resolved {
        let inputs = std::mem::take(&mut request.inputs);
        let (input, mode) = match (request.repository.take(), request.mode) {
            (Some(repository), Some(Mode::Git)) => (self.clusters(repository, &request.clusters), Mode::Git),
            (Some(repository), None) if !repository.is_dump() => {
                (self.clusters(repository, &request.clusters), Mode::Git)
            }
            (Some(repository), mode) => {
                let input = self.read(repository.into_inputs());
                let mode = mode.unwrap_or(Mode::Dump);
                (input, mode)
            }
            (None, mode) => {
                let input = self.read(inputs);
                let mode = mode.unwrap_or_else(|| input.guess_mode());
                (input, mode)
            }
        };
        Resolved { input, mode, request }
    }

    /// The second part of [`Engine::check`]: evaluates each cluster's facts. What remains are independent evaluations, one
    /// an object, which a front end may spread over threads.
    pub fn prepare(&self, resolved: Resolved) -> Audit<'_> {
        self.prepare_with(resolved, None)
    }

    /// The same, with the inventory that an object under admission is seen in.
    fn prepare_with(&self, resolved: Resolved, supplied: Option<&ReviewInventory>) -> Audit<'_> {
        let Resolved {
            mut input,
            mode,
            request,
        } = resolved;
        if request.now.as_deref().is_some_and(|now| !is_utc_time(now)) {
            let message = "`now` must be a time in UTC such as 2026-11-22T03:00:00Z";
            input.problems.push(Problem::new("invalid-now", message));
        }
        let today = request
            .now
            .as_deref()
            .filter(|now| is_utc_time(now))
            .and_then(Date::of_time);
        let evidence = request.evidence.filter(|evidence| {
            let usable = evidence.verify(&self.controls, &self.limits);
            if let Err(mistake) = &usable {
                let message = format!("the evidence cannot be used: {mistake}");
                input.problems.push(Problem::new("invalid-evidence", message));
            }
            usable.is_ok()
        });
        let parameters = self.parameters(mode, request.now.as_deref());
        let mut inventories = Vec::new();
        for (name, objects) in std::mem::take(&mut input.clusters) {
            let inventory = match name.as_str() {
                // Overlays that nobody combines: one object may stand in several.
                UNATTACHED => Inventory::of(objects),
                _ => {
                    let (inventory, duplicates) = Inventory::new(objects, &input.texts);
                    input.problems.extend(duplicates);
                    inventory
                }
            };
            inventories.push((name, inventory));
        }
        let mut audit = Audit {
            engine: self,
            mode,
            parameters,
            texts: input.texts,
            skipped: input.skipped,
            problems: input.problems,
            notes: input.notes,
            clusters: Vec::new(),
            exceptions: Exceptions::new(&self.config.exceptions, &self.controls, today.as_ref()),
            answers: Answers::new(evidence, today.as_ref()),
        };
        for (name, inventory) in inventories {
            let cluster = audit.cluster(name, inventory, supplied);
            audit.clusters.push(cluster);
        }
        audit
    }

    /// The clusters of a repository, those asked for.
    fn clusters(&self, repository: Repository, names: &[String]) -> Read {
        let effective = effective::resolve(repository, &self.limits);
        let mut read = Read {
            texts: effective.texts,
            problems: effective.problems,
            notes: effective.notes,
            skipped: effective.skipped,
            ..Read::default()
        };
        let found: Vec<&str> = effective.clusters.iter().map(|cluster| cluster.name.as_str()).collect();
        for name in names.iter().filter(|name| !found.contains(&name.as_str())) {
            let message = format!("there is no cluster `{name}`; there are: {}", found.join(", "));
            read.problems.push(Problem::new("unknown-cluster", message));
        }
        let is_asked_for = |name: &String| names.is_empty() || names.contains(name);
        let clusters = effective
            .clusters
            .into_iter()
            .map(|cluster| (cluster.name, cluster.objects));
        read.clusters = clusters.filter(|(name, _)| is_asked_for(name)).collect();
        read
    }

    fn read(&self, inputs: Vec<Input>) -> Read {
        let mut read = Read {
            clusters: vec![(String::new(), Vec::new())],
            ..Read::default()
        };
        let name = |input: &Input| match input {
            Input::Source(source) => source.name.clone(),
            Input::Parsed(parsed) => parsed.text.name.to_string(),
        };
        let charts: Vec<String> = inputs
            .iter()
            .filter_map(|input| chart_templates(&name(input)))
            .collect();
        let mut bytes = 0usize;
        for input in inputs {
            let (size, id) = match &input {
                Input::Source(source) => (source.bytes.len(), source.id),
                Input::Parsed(parsed) => (parsed.text.text().len(), parsed.text.id),
            };
            let name = name(&input);
            if charts.iter().any(|templates| name.starts_with(templates.as_str())) {
                read.skipped.files += 1;
                continue;
            }
            bytes = bytes.saturating_add(size);
            if bytes > self.limits.total_bytes {
                let message = format!(
                    "the sources are larger than {} bytes together; check parts of them",
                    self.limits.total_bytes
                );
                read.problems
                    .push(Problem::new("limit-total-bytes", message).in_source(&name, None));
                break;
            }
            if read.texts.get(id).is_some() {
                read.problems.push(
                    Problem::new("duplicate-source", "two sources of a request have one id").in_source(&name, None),
                );
                continue;
            }
            read.add(match input {
                Input::Source(source) => parse(&source, &self.limits),
                Input::Parsed(parsed) => parsed,
            });
        }
        read
    }

    /// The facts of an inventory of so many objects.
    pub(crate) fn facts(
        &self,
        inventory: Option<&rego::Value>,
        objects: usize,
        parameters: &rego::Value,
    ) -> Result<rego::Value, Problem> {
        let budget = self.limits.fact_instructions(objects);
        let facts = self.evaluator.facts(inventory, parameters, budget);
        facts.map_err(|error| {
            let message = format!("the facts of the cluster could not be computed: {}", error.message);
            Problem::new(error.code, message)
        })
    }

    /// The objects of one cluster, and what could not be read.
    pub(crate) fn objects(&self, inputs: Vec<Input>) -> (Vec<Object>, Texts, Vec<Problem>) {
        let read = self.read(inputs);
        let objects = read.clusters.into_iter().flat_map(|(_, objects)| objects);
        (objects.collect(), read.texts, read.problems)
    }

    pub(crate) fn parameters(&self, mode: Mode, now: Option<&str>) -> rego::Value {
        let mut members = serde_json::Map::new();
        members.extend(self.config.params.clone());
        members.insert("mode".into(), serde_json::json!(mode));
        members.insert("profiles".into(), serde_json::json!(self.config.profiles()));
        members.insert("onUnknown".into(), serde_json::json!(self.config.on_unknown));
        if let Some(now) = now {
            members.insert("now".into(), now.into());
        }
        rego::Value::json(&serde_json::Value::Object(members))
    }

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
            match self.undecidable(control, mode, has_inventory) {
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

    /// Why a control cannot be decided in this input at all, if so.
    fn undecidable(&self, control: &Control, mode: Mode, has_inventory: bool) -> Option<String> {
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
}

/// A request whose objects are known, in their effective state.
pub struct Resolved {
    input: Read,
    mode: Mode,
    /// The rest of it.
    request: Request,
}

/// Sources turned into objects.
#[derive(Default)]
struct Read {
    texts: Texts,
    /// The objects of each cluster, by its name.
    clusters: Vec<(String, Vec<Object>)>,
    problems: Vec<Problem>,
    notes: Vec<Problem>,
    skipped: Skipped,
    review: bool,
}

impl Read {
    fn add(&mut self, parsed: Parsed) {
        let mut found = object::Found::default();
        for document in parsed.documents {
            object::collect(document.root, &parsed.text, &mut found);
        }
        if found.objects.is_empty() && found.problems.is_empty() && parsed.problems.is_empty() {
            self.skipped.files += 1;
        }
        self.review |= found.review;
        if let Some((_, objects)) = self.clusters.first_mut() {
            objects.extend(found.objects);
        }
        self.problems.extend(parsed.problems);
        self.problems.extend(found.problems);
        self.texts.insert(parsed.text);
    }

    fn guess_mode(&self) -> Mode {
        let has_uid = |object: &Object| {
            object
                .node
                .get("metadata")
                .is_some_and(|metadata| metadata.get("uid").is_some())
        };
        match self.review {
            true => Mode::Admission,
            false => match self.clusters.first() {
                Some((_, objects)) if !objects.is_empty() && objects.iter().all(has_uid) => Mode::Dump,
                _ => Mode::Render,
            },
        }
    }
}

/// A check under way: everything is read, and each object can be evaluated on its own.
pub struct Audit<'e> {
    engine: &'e Engine,
    mode: Mode,
    parameters: rego::Value,
    texts: Texts,
    skipped: Skipped,
    problems: Vec<Problem>,
    notes: Vec<Problem>,
    clusters: Vec<Cluster>,
    exceptions: Exceptions<'e>,
    answers: Answers,
}

struct Cluster {
    name: String,
    inventory: Inventory,
    /// `data.inventory` as evaluations read it; `None` where the facts could not be computed.
    data: Option<rego::Value>,
    plan: Plan,
    has_flux: bool,
    flux_version: Option<String>,
}

/// Which of the selected controls are evaluated in an input.
pub(crate) struct Plan {
    /// Their slugs.
    pub(crate) enabled: rego::Value,
    /// Those that speak of a kind, by their numbers.
    speaking: BTreeMap<GroupKind, Vec<usize>>,
    /// Why the others are not, by slug.
    pub(crate) undecidable: BTreeMap<String, String>,
}

impl Plan {
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

/// The evaluation state of one thread.
pub struct Sessions {
    parameters: rego::Value,
    clusters: Vec<ClusterSession>,
}

struct ClusterSession {
    enabled: rego::Value,
    session: Result<Box<dyn rego::Session>, String>,
}

/// What the controls said of one object.
pub struct Outcome {
    cluster: usize,
    object: usize,
    /// The controls whose subject the object is and that have nothing to say.
    passed: Vec<usize>,
    /// What the others have to say, and what failed.
    results: Vec<Result<rego::Outcome, EvalError>>,
    /// The controls that should have been evaluated and were not.
    missing: Vec<usize>,
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
        let session = |cluster: &Cluster| ClusterSession {
            enabled: copy(&cluster.plan.enabled),
            session: match &cluster.data {
                Some(data) => evaluator.session(&copy(data)),
                None => Err("there are no facts".into()),
            },
        };
        Sessions {
            parameters: copy(&self.parameters),
            clusters: self.clusters.iter().map(session).collect(),
        }
    }

    /// Evaluates the object number `at` of [`Audit::len`].
    pub fn evaluate(&self, sessions: &mut Sessions, at: usize) -> Outcome {
        let (mut index, mut object) = (0, at);
        for cluster in &self.clusters {
            let count = cluster.inventory.objects().len();
            if object < count {
                break;
            }
            object -= count;
            index += 1;
        }
        let mut outcome = Outcome {
            cluster: index,
            object,
            passed: Vec::new(),
            results: Vec::new(),
            missing: Vec::new(),
        };
        let parameters = &sessions.parameters;
        if let (Some(cluster), Some(session)) = (self.clusters.get(index), sessions.clusters.get_mut(index)) {
            let results = self.evaluate_in(cluster, session, parameters, object);
            let kind = cluster.inventory.objects().get(object).map(|object| &object.kind);
            outcome.missing = kind.map_or_else(Vec::new, |kind| cluster.plan.missing(kind, &results));
            for result in results {
                match result {
                    Ok(result) if !result.subject => {}
                    Ok(result) if result.findings.is_empty() => outcome.passed.push(result.control),
                    result => outcome.results.push(result),
                }
            }
            // All outcomes are kept until the end.
            outcome.passed.shrink_to_fit();
        }
        outcome
    }

    fn evaluate_in(
        &self,
        cluster: &Cluster,
        session: &mut ClusterSession,
        parameters: &rego::Value,
        at: usize,
    ) -> Vec<Result<rego::Outcome, EvalError>> {
        let speaks = |object: &&Object| cluster.plan.speaking.contains_key(&object.kind);
        let Some(object) = cluster.inventory.objects().get(at).filter(speaks) else {
            return Vec::new();
        };
        let ClusterSession { enabled, session } = session;
        let session = match session {
            Ok(session) => session,
            // Told once, for the cluster.
            Err(_) if cluster.data.is_none() => return Vec::new(),
            Err(message) => {
                return vec![Err(EvalError {
                    code: "evaluation",
                    slug: None,
                    message: message.clone(),
                })];
            }
        };
        let review = rego::Value::object([("object".into(), rego::Value::from(&object.node))]);
        let input = rego::Value::object([("review".into(), review), ("parameters".into(), parameters.clone())]);
        session.evaluate(&object.kind, &input, enabled, self.engine.limits.object_instructions)
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
            let mut tally = Tally::new(self, index, cluster);
            while let Some(outcome) = outcomes.next_if(|outcome| outcome.cluster == index) {
                tally.add(outcome);
            }
            has_flux |= cluster.has_flux || tally.stands_for_flux(self.mode);
            problems.append(&mut tally.problems);
            findings.append(&mut tally.findings);
            accepted.append(&mut tally.accepted);
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
        findings.sort_by(|a, b| a.0.cmp(&b.0));
        let findings: Vec<Finding> = findings.into_iter().map(|(_, finding)| finding).collect();
        accepted.sort_by(|a, b| a.1.cmp(&b.1));
        let accepted = accepted.into_iter().map(|(at, _, finding)| (at, finding)).collect();
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

    fn cluster(&mut self, name: String, inventory: Inventory, supplied: Option<&ReviewInventory>) -> Cluster {
        let engine = self.engine;
        let values = inventory.values();
        let is_whole = self.mode != Mode::Admission && name != UNATTACHED;
        let has_inventory = is_whole || supplied.is_some();
        let (base, facts) = match supplied {
            Some(supplied) => match supplied.with(engine, inventory.objects(), &values) {
                Ok((base, facts)) => (Some(base), Ok(facts)),
                Err(problem) => (None, Err(problem)),
            },
            None => {
                let base = is_whole.then(|| inventory.to_rego(&values));
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

/// Adds up the outcomes of one cluster.
struct Tally<'a> {
    audit: &'a Audit<'a>,
    index: usize,
    cluster: &'a Cluster,
    /// By the controls' numbers in the catalogue.
    controls: BTreeMap<usize, (&'a Control, Sum)>,
    /// Findings by cluster, place and ID: the order of the report.
    findings: Vec<(Order, Finding)>,
    /// Findings that an exception accepts, with its number.
    accepted: Vec<(usize, Order, Finding)>,
    /// The findings that exceptions would cover if they still held, by their number.
    lapsed: BTreeMap<usize, u64>,
    problems: Vec<Problem>,
    /// The objects by what `related` names them by.
    places: BTreeMap<Name<'a>, usize>,
}

type Order = (usize, Span, String);

/// API version, kind, namespace and name.
type Name<'a> = (&'a str, &'a str, &'a str, &'a str);

#[derive(Default)]
struct Sum {
    counts: Counts,
    inferred: bool,
    /// The first message of each result.
    reasons: BTreeMap<ControlResult, String>,
}

impl<'a> Tally<'a> {
    fn new(audit: &'a Audit<'a>, index: usize, cluster: &'a Cluster) -> Self {
        let engine = audit.engine;
        let selected = engine
            .controls
            .iter()
            .enumerate()
            .filter(|(_, control)| engine.selected.contains(&control.slug));
        let controls = selected.map(|(at, control)| (at, (control, Sum::default()))).collect();
        let places = cluster
            .inventory
            .objects()
            .iter()
            .enumerate()
            .map(|(at, object)| (name(object), at))
            .collect();
        Self {
            audit,
            index,
            cluster,
            controls,
            findings: Vec::new(),
            accepted: Vec::new(),
            lapsed: BTreeMap::new(),
            problems: Vec::new(),
            places,
        }
    }

    /// Whether something was judged that makes up for the lack of Flux. In a repository and in a cluster, what passes
    /// does not; single manifests need not be an installation.
    fn stands_for_flux(&self, mode: Mode) -> bool {
        match mode {
            Mode::Git | Mode::Dump => !self.findings.is_empty(),
            Mode::Render | Mode::Admission => self.controls.values().any(|(_, sum)| sum.counts != Counts::default()),
        }
    }

    fn add(&mut self, outcome: Outcome) {
        let cluster = self.cluster;
        let Some(object) = cluster.inventory.objects().get(outcome.object) else {
            return;
        };
        for control in outcome.passed {
            if let Some((_, sum)) = self.controls.get_mut(&control) {
                sum.counts.pass += 1;
                sum.inferred |= object.inferred;
            }
        }
        // An undefined entry point must not look like a pass.
        let is_silent = !outcome.missing.is_empty() && outcome.results.iter().all(Result::is_ok);
        for result in outcome.results {
            match result {
                Ok(result) => self.add_result(object, result),
                Err(error) => self.add_error(object, &error),
            }
        }
        if is_silent && cluster.data.is_some() {
            let error = EvalError {
                code: "evaluation",
                slug: None,
                message: "the rules yielded nothing".into(),
            };
            self.add_error(object, &error);
        }
        for control in outcome.missing {
            if let Some((_, sum)) = self.controls.get_mut(&control) {
                sum.counts.unknown += 1;
                sum.reasons
                    .entry(ControlResult::Unknown)
                    .or_insert_with(|| "the evaluation failed; see the problems".into());
            }
        }
    }

    fn add_error(&mut self, object: &Object, error: &EvalError) {
        let control = error
            .slug
            .as_deref()
            .and_then(|slug| self.audit.engine.controls.iter().find(|control| control.slug == slug))
            .map(|control| control.id.as_str());
        let control = control.unwrap_or("the controls");
        let message = format!(
            "{control} could not be evaluated on {}: {}",
            object.display(),
            error.message
        );
        let (source, position) = self.audit.texts.place(object.source(), object.node.span.start);
        self.problems
            .push(Problem::new(error.code, message).in_source(source, Some(position.line)));
    }

    fn add_result(&mut self, object: &Object, result: rego::Outcome) {
        let Some(control) = self.controls.get(&result.control).map(|(control, _)| *control) else {
            return;
        };
        let is_open = |finding: &&RawFinding| finding.rule == Rule::Manual;
        let reported: Vec<&RawFinding> = result.findings.iter().filter(|raw| !is_open(raw)).collect();
        let accepted = match reported.is_empty() {
            true => None,
            false => self.covered(control, object, reported.len()),
        };
        let worst = match accepted {
            None => result.findings.iter().map(|raw| result_of(raw.rule)).min(),
            // What a person has to judge stays open.
            Some(_) => result
                .findings
                .iter()
                .find(is_open)
                .map(|_| ControlResult::Manual)
                .or(Some(ControlResult::Accepted)),
        };
        let worst = worst.unwrap_or(ControlResult::Pass);
        for raw in &reported {
            let span = object.node.locate(&raw.path);
            let finding = self.finding(control, object, raw, span);
            let order = (
                self.index,
                span,
                format!("{} {} {}", control.id, finding.pointer, finding.message),
            );
            match &accepted {
                Some((at, _)) => self.accepted.push((*at, order, finding)),
                None => self.findings.push((order, finding)),
            }
        }
        let Some((_, sum)) = self.controls.get_mut(&result.control) else {
            return;
        };
        let count = match worst {
            ControlResult::Fail => &mut sum.counts.fail,
            ControlResult::Unknown => &mut sum.counts.unknown,
            ControlResult::Warn => &mut sum.counts.warn,
            ControlResult::Manual => &mut sum.counts.manual,
            ControlResult::Accepted => &mut sum.counts.accepted,
            ControlResult::Pass | ControlResult::NotApplicable => &mut sum.counts.pass,
        };
        *count += 1;
        sum.inferred |= object.inferred;
        if let Some((_, reason)) = accepted {
            sum.reasons.entry(ControlResult::Accepted).or_insert(reason);
        }
        for finding in &result.findings {
            sum.reasons
                .entry(result_of(finding.rule))
                .or_insert_with(|| finding.message.clone());
        }
    }

    /// The exception that accepts a control's findings on an object, and why it does.
    fn covered(&mut self, control: &Control, object: &Object, findings: usize) -> Option<(usize, String)> {
        match self
            .audit
            .exceptions
            .covering(control, &self.cluster.name, &reference(object))
        {
            Covering::Accepted(at, exception) => Some((at, format!("{} ({})", exception.reason, exception.owner))),
            Covering::Open(lapsed) => {
                for at in lapsed {
                    *self.lapsed.entry(at).or_insert(0) += findings as u64;
                }
                None
            }
        }
    }

    fn finding(&mut self, control: &Control, object: &Object, raw: &RawFinding, span: Span) -> Finding {
        let related = raw
            .related
            .iter()
            .map(|related| self.related(object, related))
            .collect();
        Finding {
            cluster: self.cluster.name.clone(),
            control: control.id.clone(),
            result: result_of(raw.rule),
            severity: control.severity,
            object: reference(object),
            pointer: pointer(&raw.path),
            location: self.location(span),
            message: self.message(control, object, &because(object, raw)),
            related,
            fix: raw.fix.clone(),
            frame: (object.kind.kind != "Secret" && !control.redact)
                .then(|| self.audit.texts.get(span.source))
                .flatten()
                .map(|text| frame(text, span)),
        }
    }

    fn message(&mut self, control: &Control, object: &Object, message: &str) -> String {
        let limit = self.audit.engine.limits.message_bytes;
        if message.len() <= limit {
            return message.to_owned();
        }
        let text = format!(
            "a message of {} on {} is longer than {limit} bytes and was cut",
            control.id,
            object.display()
        );
        self.problems.push(Problem::new("limit-message-bytes", text));
        message
            .chars()
            .scan(0, |size, c| {
                *size += c.len_utf8();
                (*size <= limit).then_some(c)
            })
            .collect()
    }

    fn location(&self, span: Span) -> Location {
        let (source, position) = self.audit.texts.place(span.source, span.start);
        Location {
            source: source.to_owned(),
            line: position.line,
            column: position.column,
        }
    }

    fn related(&self, object: &Object, related: &rego::RawRelated) -> Related {
        let reference_of = |json: &serde_json::Value| serde_json::from_value::<ObjectRef>(json.clone()).ok();
        let named = related.object.as_ref().and_then(reference_of);
        let target = match &named {
            None => Some(object),
            Some(named) => self
                .places
                .get(&name_in(named))
                .and_then(|at| self.cluster.inventory.objects().get(*at)),
        };
        Related {
            object: named.unwrap_or_else(|| reference(object)),
            pointer: pointer(&related.path),
            location: target.map(|target| self.location(target.node.locate(&related.path))),
        }
    }

    fn report(self) -> ClusterReport {
        let cluster = self.cluster;
        let mut controls: Vec<ControlReport> = Vec::new();
        for (control, sum) in self.controls.into_values() {
            let (result, reason) = match cluster.plan.undecidable.get(&control.slug) {
                Some(reason) => (ControlResult::Manual, reason.clone()),
                None => {
                    let result = worst(&sum.counts);
                    let reason = match result {
                        ControlResult::Pass | ControlResult::Fail => String::new(),
                        ControlResult::NotApplicable => "nothing that it speaks of is in this input".into(),
                        _ => sum
                            .reasons
                            .get(&result)
                            .cloned()
                            .unwrap_or_else(|| "see the findings".into()),
                    };
                    (result, reason)
                }
            };
            controls.push(ControlReport {
                id: control.id.clone(),
                result,
                severity: control.severity,
                objects: sum.counts,
                inferred: sum.inferred,
                reason,
            });
        }
        controls.sort_by(|a, b| a.id.cmp(&b.id));
        ClusterReport {
            name: cluster.name.clone(),
            flux_version: cluster.flux_version.clone(),
            controls,
        }
    }
}

fn worst(counts: &Counts) -> ControlResult {
    match counts {
        Counts { fail: 1.., .. } => ControlResult::Fail,
        Counts { unknown: 1.., .. } => ControlResult::Unknown,
        Counts { warn: 1.., .. } => ControlResult::Warn,
        Counts { manual: 1.., .. } => ControlResult::Manual,
        Counts { accepted: 1.., .. } => ControlResult::Accepted,
        Counts { pass: 1.., .. } => ControlResult::Pass,
        _ => ControlResult::NotApplicable,
    }
}

pub(crate) fn result_of(rule: Rule) -> ControlResult {
    match rule {
        Rule::Violation => ControlResult::Fail,
        Rule::Unknown => ControlResult::Unknown,
        Rule::Warn => ControlResult::Warn,
        Rule::Manual => ControlResult::Manual,
    }
}

fn name(object: &Object) -> Name<'_> {
    let namespace = object.namespace.as_deref().unwrap_or("");
    (&object.api_version, &object.kind.kind, namespace, &object.name)
}

fn name_in(reference: &ObjectRef) -> Name<'_> {
    let ObjectRef {
        api_version,
        kind,
        namespace,
        name,
    } = reference;
    (api_version, kind, namespace, name)
}

fn reference(object: &Object) -> ObjectRef {
    let (api_version, kind, namespace, name) = name(object);
    ObjectRef {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    }
}

/// The message, and why it cannot be known where that is what it says.
fn because<'m>(object: &Object, raw: &'m RawFinding) -> Cow<'m, str> {
    let meets = |unknown: &&Unknown| unknown.path.iter().zip(&raw.path).all(|(a, b)| a == b);
    match object.unknown.iter().find(meets) {
        Some(unknown) if raw.rule == Rule::Unknown => format!("{}: {}", raw.message, unknown.reason).into(),
        _ => raw.message.as_str().into(),
    }
}

/// The marked line, and only that: its neighbours may hold what must not be printed.
fn frame(text: &SourceText, span: Span) -> Frame {
    const WINDOW: usize = 100;
    let all = text.text();
    let start = (span.start as usize).min(all.len());
    // Machine-written files have lines of megabytes.
    let from = floor_char(all, start.saturating_sub(WINDOW));
    let to = floor_char(all, start + 2 * WINDOW);
    let before = all.get(from..start).and_then(|before| before.rfind('\n'));
    let from = before.map_or(from, |at| from + at + 1);
    let after = all.get(start..to).and_then(|after| after.find('\n'));
    let to = after.map_or(to, |at| start + at);
    let line = all.get(from..to).unwrap_or("").trim_end_matches('\r').to_owned();
    let mark_end = floor_char(all, (span.end as usize).clamp(start, to)) - from;
    let mark = (start - from).min(line.len())..mark_end.min(line.len());
    Frame {
        first_line: text.position(span.start).line as usize,
        text: line,
        mark,
    }
}

fn floor_char(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}

/// The folder of a chart's templates, where `name` is its `Chart.yaml`.
fn chart_templates(name: &str) -> Option<String> {
    let folder = name.strip_suffix("Chart.yaml")?;
    (folder.is_empty() || folder.ends_with('/')).then(|| format!("{folder}templates/"))
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

/// The id of the `at`-th source of a request.
pub(crate) fn source_id(at: usize) -> SourceId {
    SourceId(u32::try_from(at).unwrap_or(u32::MAX))
}
