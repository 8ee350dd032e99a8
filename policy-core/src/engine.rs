//! Objects and controls in, a report out.

mod audit;
mod frame;
mod judge;
#[doc(hidden)]
pub mod oracle;
mod plan;
mod tally;

use std::collections::BTreeSet;

pub(crate) use self::audit::with_facts;
pub use self::audit::{Audit, Outcome, Sessions};
pub(crate) use self::plan::Plan;
use crate::catalog::{Catalog, Control, Mode};
use crate::config::Config;
use crate::effective::{self, UNATTACHED};
use crate::error::{LoadError, Problem};
use crate::evidence::{Answers, Evidence};
use crate::exceptions::Exceptions;
use crate::inventory::Inventory;
use crate::limits::Limits;
use crate::object::{self, Object};
use crate::rego::{self, Evaluate, Rule};
use crate::report::{ControlResult, Report, Skipped};
use crate::repository::Repository;
use crate::review_inventory::ReviewInventory;
use crate::settings::Date;
use crate::source::{Source, SourceId, Texts};
use crate::time::is_utc_time;
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
        Resolved::new(input, mode, request)
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
            clusters,
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
        for (name, inventory) in clusters {
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
}

/// A request whose objects are known, in their effective state.
pub struct Resolved {
    input: Read,
    /// The objects of each cluster, by its name.
    clusters: Vec<(String, Inventory)>,
    mode: Mode,
    /// The rest of it.
    request: Request,
}

impl Resolved {
    fn new(mut input: Read, mode: Mode, request: Request) -> Self {
        let mut clusters = Vec::new();
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
            clusters.push((name, inventory));
        }
        Self {
            input,
            clusters,
            mode,
            request,
        }
    }

    /// The number of objects.
    pub fn len(&self) -> usize {
        self.clusters
            .iter()
            .map(|(_, inventory)| inventory.objects().len())
            .sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes the object number `at` of [`Resolved::len`] ready for the rules. [`Engine::prepare`] does so with those that
    /// are not; a front end may spread them over threads before.
    pub fn load(&self, at: usize) {
        let (cluster, object) = audit::place(self.clusters.iter().map(|(_, inventory)| inventory), at);
        if let Some((_, inventory)) = self.clusters.get(cluster) {
            inventory.load(object);
        }
    }
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

/// The folder of a chart's templates, where `name` is its `Chart.yaml`.
fn chart_templates(name: &str) -> Option<String> {
    let folder = name.strip_suffix("Chart.yaml")?;
    (folder.is_empty() || folder.ends_with('/')).then(|| format!("{folder}templates/"))
}

/// The id of the `at`-th source of a request.
pub(crate) fn source_id(at: usize) -> SourceId {
    SourceId(u32::try_from(at).unwrap_or(u32::MAX))
}

pub(crate) fn result_of(rule: Rule) -> ControlResult {
    match rule {
        Rule::Violation => ControlResult::Fail,
        Rule::Unknown => ControlResult::Unknown,
        Rule::Warn => ControlResult::Warn,
        Rule::Manual => ControlResult::Manual,
    }
}
