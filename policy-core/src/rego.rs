//! The only file that names regorus, with `rego/`: modules in, findings out. Also compiled into the build script.

#[path = "rego/pack.rs"]
mod pack;
#[path = "rego/shorten.rs"]
#[allow(dead_code, reason = "the build script calls it")]
mod shorten;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use regorus::Value as Rego;
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::RegoVM;
use regorus::rvm::program::{DeserializationResult, Program, RuleInfo, RuleType};
use regorus::rvm::vm::VmError;

use crate::catalog::{Control, GroupKind, Module, control_slug};
use crate::dispatch::{self, SUBJECT, entry_point};
use crate::error::LoadError;
use crate::tree::{Node, Segment, Value as Tree};
use crate::vm_source;

/// The rules a control may export besides its helpers.
const RULES: [&str; 5] = [SUBJECT, "violation", "warn", "unknown", "manual"];
/// Names that look like results but are read by nobody: a control that has one passes silently.
const LOOKALIKES: [&str; 14] = [
    "allow",
    "deny",
    "fail",
    "failure",
    "manuals",
    "pass",
    "subjects",
    "unknowns",
    "violations",
    "violates",
    "warning",
    "warnings",
    "warns",
    "not_applicable",
];
const FACTS: &str = "data.lib.facts.all";

/// A value on the Rego side.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Value(Rego);

impl Value {
    pub(crate) fn object(members: impl IntoIterator<Item = (Arc<str>, Value)>) -> Self {
        Self(Rego::from(
            members
                .into_iter()
                .map(|(key, value)| (Rego::String(key), value.0))
                .collect::<BTreeMap<_, _>>(),
        ))
    }

    pub(crate) fn truth() -> Self {
        Self(Rego::Bool(true))
    }

    pub(crate) fn text(&self) -> Option<String> {
        self.0.as_string().ok().map(|text| text.to_string())
    }

    /// `None` for what JSON cannot hold.
    #[allow(dead_code, reason = "the build script has no use for it")]
    pub(crate) fn to_json(&self) -> Option<serde_json::Value> {
        to_json(&self.0)
    }

    pub(crate) fn json(json: &serde_json::Value) -> Self {
        Self(Rego::from(json.clone()))
    }

    /// Reads JSON text.
    #[allow(dead_code, reason = "the build script has no use for it")]
    pub(crate) fn parse(json: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(json).map(Self)
    }

    #[allow(dead_code, reason = "the build script has no use for it")]
    pub(crate) fn is_object(&self) -> bool {
        matches!(self.0, Rego::Object(_))
    }

    /// The values of an object's members; `None` for anything else.
    #[allow(dead_code, reason = "the build script has no use for it")]
    pub(crate) fn members(&self) -> Option<Vec<Value>> {
        let members = self.0.as_object().ok()?;
        Some(members.iter().map(|(_, value)| Value(value.clone())).collect())
    }

    /// The same value in memory of its own: threads that count references to the same memory wait for one another.
    #[allow(dead_code, reason = "the build script has no use for it")]
    pub(crate) fn apart(&self) -> Self {
        Self(apart(&self.0))
    }

    pub(crate) fn get(&self, key: &str) -> Option<Value> {
        let found = self.0.as_object().ok()?.get(&Rego::from(key))?;
        Some(Value(found.clone()))
    }

    /// Items of an array or set, members of an object; `None` for a scalar.
    pub(crate) fn len(&self) -> Option<usize> {
        match &self.0 {
            Rego::Array(items) => Some(items.iter().count()),
            Rego::Set(items) => Some(items.len()),
            Rego::Object(members) => Some(members.len()),
            _ => None,
        }
    }
}

/// The same value in memory of its own.
#[allow(dead_code, reason = "the build script has no use for it")]
fn apart(value: &Rego) -> Rego {
    match value {
        Rego::String(text) => Rego::String(Arc::from(&**text)),
        Rego::Array(items) => Rego::from(items.iter().map(apart).collect::<Vec<_>>()),
        Rego::Set(items) => Rego::from(items.iter().map(apart).collect::<BTreeSet<_>>()),
        Rego::Object(members) => {
            let members = members.iter().map(|(key, value)| (apart(key), apart(value)));
            Rego::from(members.collect::<BTreeMap<_, _>>())
        }
        other => other.clone(),
    }
}

impl From<&Node> for Value {
    fn from(node: &Node) -> Self {
        Self(convert(node))
    }
}

fn convert(node: &Node) -> Rego {
    match &node.value {
        Tree::Null => Rego::Null,
        Tree::Bool(flag) => Rego::Bool(*flag),
        Tree::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
            (Some(whole), _, _) => Rego::from(whole),
            (_, Some(whole), _) => Rego::from(whole),
            (_, _, Some(real)) => Rego::from(real),
            _ => Rego::Null,
        },
        Tree::String(text) => Rego::String(Arc::clone(text)),
        Tree::Array(items) => Rego::from(items.iter().map(convert).collect::<Vec<_>>()),
        Tree::Object(members) => {
            let members = members
                .iter()
                .map(|member| (Rego::String(Arc::clone(&member.key)), convert(&member.node)));
            Rego::from(members.collect::<BTreeMap<_, _>>())
        }
    }
}

/// Which of the result rules each control defines, by slug.
pub(crate) type RuleIndex = BTreeMap<String, Vec<&'static str>>;

/// Compiles `modules` together and finds each control's rules.
///
/// # Errors
/// [`LoadError::Compile`] for Rego that does not compile; [`LoadError::Policy`] for a control that speaks of objects
/// but has no `subject`, and for a rule that looks like a result and is none.
pub(crate) fn index_rules(modules: &[Module], controls: &[Control]) -> Result<RuleIndex, LoadError> {
    let compiled = compiler(modules)?
        .compile_with_entrypoint(&FACTS.into())
        .map_err(compile_error)?;
    let mut index = RuleIndex::new();
    for module in modules {
        let Some(slug) = control_slug(module) else { continue };
        let prefix = format!("data.flux.{slug}.");
        let names: BTreeSet<&str> = compiled
            .get_rules()
            .keys()
            .filter_map(|path| path.strip_prefix(&prefix))
            .collect();
        let error = |message: String| LoadError::Policy {
            file: module.path.clone(),
            line: 1,
            message,
        };
        if let Some(wrong) = LOOKALIKES.iter().find(|name| names.contains(*name)) {
            return Err(error(format!(
                "rule `{wrong}` is read by nobody; results are {}",
                RULES.join(", ")
            )));
        }
        let found: Vec<&'static str> = RULES.into_iter().filter(|rule| names.contains(rule)).collect();
        let speaks = controls
            .iter()
            .any(|control| control.slug == slug && !control.kinds.is_empty());
        if (speaks || !found.is_empty()) && !found.contains(&SUBJECT) {
            return Err(error("there is no rule `subject`: no object would ever pass".into()));
        }
        index.insert(slug.to_owned(), found);
    }
    Ok(index)
}

/// A catalogue compiled: serialized programs of the virtual machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Programs<'p> {
    /// Computes `data.lib.facts.all`.
    pub(crate) facts: &'p [u8],
    /// Evaluates objects; it takes the facts from `data.inventory.facts` and could not compute them.
    pub(crate) controls: &'p [u8],
}

/// Compiles a catalogue: the program of the facts, and that of the controls. As one they would exceed the machine's limit.
///
/// # Errors
/// As [`index_rules`], and [`LoadError::Compile`] where the machine's limits are exceeded.
#[allow(dead_code, reason = "the build script calls it")]
pub(crate) fn compile(modules: &[Module], controls: &[Control]) -> Result<(Vec<u8>, Vec<u8>), LoadError> {
    let rules = index_rules(modules, controls)?;
    let rewritten = |modules: Vec<Module>| -> Result<Vec<Module>, LoadError> {
        let rewrite = |(at, module): (usize, Module)| Module {
            text: vm_source::rewrite(&module.text, at),
            path: module.path,
        };
        let modules: Vec<Module> = modules.into_iter().enumerate().map(rewrite).collect();
        if index_rules(&modules, controls)? != rules {
            return Err(LoadError::Compile("the rewritten policies lost a rule".into()));
        }
        Ok(modules)
    };
    let facts = program(&rewritten(modules.to_vec())?, &[FACTS.into()])?;
    let dispatch = Module {
        path: "dispatch.rego".into(),
        text: dispatch::module(modules, controls, |slug| rules.get(slug)),
    };
    let supplied: Vec<String> = modules
        .iter()
        .map(|module| vm_source::with_facts_supplied(&module.text))
        .collect();
    let facts_supplied = supplied
        .iter()
        .flat_map(|text| vm_source::supplied_facts(text))
        .collect();
    let supplied = modules.iter().zip(&supplied).map(|(module, text)| Module {
        path: module.path.clone(),
        text: vm_source::with_supplied_named(text, &facts_supplied),
    });
    let entries = (0..dispatch::kinds(controls).len()).map(entry_point);
    let controls = program(
        &rewritten(supplied.chain([dispatch]).collect())?,
        &entries.collect::<Vec<_>>(),
    )?;
    Ok((facts, controls))
}

/// Compiles what `entries` reach.
fn program(modules: &[Module], entries: &[String]) -> Result<Vec<u8>, LoadError> {
    let names: Vec<&str> = entries.iter().map(String::as_str).collect();
    let first = names.first().copied().unwrap_or(FACTS);
    let policy = compiler(modules)?
        .compile_with_entrypoint(&first.into())
        .map_err(compile_error)?;
    let program = Compiler::compile_from_policy(&policy, &names).map_err(compile_error)?;
    let mut program = Arc::unwrap_or_clone(program);
    program.validate_limits().map_err(LoadError::Compile)?;
    // Where an instruction stands in which text is larger than the code, and the machine never reads it.
    program.sources = Vec::new();
    program.instruction_spans = Vec::new();
    // Nor the rules' paths, but where a reference is made of values; `data` is the engine's own and hides no rule.
    if program.instruction_data.virtual_data_document_lookup_params.is_empty() {
        program.rule_tree = Rego::new_object();
    }
    shorten::shorten(&mut program).map_err(LoadError::Compile)?;
    program.rule_infos.iter_mut().for_each(lighten);
    pack::pack(&mut program).map_err(LoadError::Compile)?;
    program.serialize_binary().map_err(LoadError::Compile)
}

/// Drops what says nothing. The machine copies a rule's description at every call, and empty lists cost it nothing.
fn lighten(rule: &mut RuleInfo) {
    rule.name = String::new();
    if rule.destructuring_blocks.iter().all(Option::is_none) {
        rule.destructuring_blocks = Vec::new();
    }
    // Only rules that gather from all of their bodies ask which is an alternative.
    if rule.rule_type == RuleType::Complete || rule.else_bodies.iter().flatten().all(|is_else| !is_else) {
        rule.else_bodies = Vec::new();
    }
    if let Some(function) = &mut rule.function_info {
        function.param_names = Vec::new();
    }
}

fn compiler(modules: &[Module]) -> Result<regorus::Engine, LoadError> {
    let mut engine = regorus::Engine::new();
    for module in modules {
        engine
            .add_policy(module.path.clone(), module.text.clone())
            .map_err(compile_error)?;
    }
    Ok(engine)
}

fn compile_error(error: impl std::fmt::Display) -> LoadError {
    LoadError::Compile(error.to_string())
}

/// A kind of object that the machine has an entry for.
pub(crate) struct Kind {
    kind: GroupKind,
    entry: String,
    /// The controls that the entry's items belong to: number and slug.
    controls: Vec<(usize, String)>,
}

/// What evaluates a catalogue. A trait, so that a program that runs the shipped catalogue only does not contain the
/// interpreter, with the parser and compiler that it needs.
pub(crate) trait Evaluate: Send + Sync {
    /// Evaluates the facts of an inventory (`None` is an empty one).
    fn facts(&self, inventory: Option<&Value>, parameters: &Value, max_instructions: usize)
    -> Result<Value, EvalError>;

    /// Whether sessions read the objects of the inventory, and not only its facts.
    fn reads_objects(&self) -> bool;

    /// The same in memory of its own, for one of several threads.
    fn apart(&self) -> Box<dyn Evaluate>;

    /// An evaluation state of its own, over `data.inventory`, in which the facts are, for the controls whose slugs are the
    /// keys of `enabled`.
    fn session(&self, inventory: &Value, enabled: &Value) -> Result<Box<dyn Session>, String>;
}

/// The virtual machine on programs compiled at build time: fast, but it takes a builtin's error for *undefined*, so it
/// runs only the shipped catalogue, which is tested to have none. Copies share the programs.
#[derive(Clone)]
pub(crate) struct Machine {
    facts: Arc<Program>,
    controls: Arc<Program>,
    kinds: Arc<Vec<Kind>>,
}

impl Machine {
    /// Loads what [`compile`] made.
    pub(crate) fn load(programs: Programs<'_>, controls: &[Control]) -> Result<Self, LoadError> {
        let slug = |at: usize| Some((at, controls.get(at)?.slug.clone()));
        let kind = |(at, kind): (usize, GroupKind)| Kind {
            entry: entry_point(at),
            controls: dispatch::speaking(controls, &kind)
                .into_iter()
                .filter_map(slug)
                .collect(),
            kind,
        };
        Ok(Self {
            facts: load(programs.facts)?,
            controls: load(programs.controls)?,
            kinds: Arc::new(dispatch::kinds(controls).into_iter().enumerate().map(kind).collect()),
        })
    }
}

impl Evaluate for Machine {
    fn facts(
        &self,
        inventory: Option<&Value>,
        parameters: &Value,
        max_instructions: usize,
    ) -> Result<Value, EvalError> {
        let mut vm = machine(&self.facts, data(inventory)).map_err(|error| EvalError::new(None, error))?;
        vm.set_max_instructions(max_instructions);
        vm.set_input(facts_input(parameters));
        some_facts(vm.execute_entry_point_by_name(FACTS).map_err(vm_error)?)
    }

    fn reads_objects(&self) -> bool {
        false
    }

    fn apart(&self) -> Box<dyn Evaluate> {
        let mut controls = Program::clone(&self.controls);
        controls.literals = controls.literals.iter().map(apart).collect();
        for rule in &mut controls.rule_infos {
            rule.definitions = Arc::new(rule.definitions.to_vec());
        }
        Box::new(Self {
            controls: Arc::new(controls),
            ..self.clone()
        })
    }

    fn session(&self, inventory: &Value, enabled: &Value) -> Result<Box<dyn Session>, String> {
        let is_enabled = |(_, slug): &(usize, String)| enabled.get(slug).is_some();
        let is_whole = |kind: &Kind| kind.controls.iter().all(is_enabled);
        Ok(Box::new(MachineSession {
            vm: machine(&self.controls, data(Some(inventory)))?,
            whole: self.kinds.iter().map(is_whole).collect(),
            enabled: enabled.clone(),
            kinds: Arc::clone(&self.kinds),
        }))
    }
}

/// The strict interpreter, for catalogues that users bring.
#[derive(Clone)]
pub(crate) struct Interpreter {
    engine: regorus::Engine,
    rules: Arc<RuleIndex>,
    controls: Arc<Vec<Control>>,
}

impl Interpreter {
    /// Compiles modules.
    pub(crate) fn compile(modules: &[Module], controls: &[Control]) -> Result<Self, LoadError> {
        let rules = index_rules(modules, controls)?;
        let mut engine = regorus::Engine::new();
        for module in modules {
            let text = vm_source::for_interpreter(&module.text);
            engine.add_policy(module.path.clone(), text).map_err(compile_error)?;
        }
        engine.set_strict_builtin_errors(true);
        Ok(Self {
            engine,
            rules: Arc::new(rules),
            controls: Arc::new(controls.to_vec()),
        })
    }
}

impl Evaluate for Interpreter {
    fn facts(
        &self,
        inventory: Option<&Value>,
        parameters: &Value,
        _max_instructions: usize,
    ) -> Result<Value, EvalError> {
        let mut engine = self.engine.clone();
        let failed = |error| EvalError::new(None, error);
        engine.add_data(data(inventory)).map_err(failed)?;
        engine.set_input(facts_input(parameters));
        some_facts(engine.eval_rule(FACTS.into()).map_err(failed)?)
    }

    fn reads_objects(&self) -> bool {
        true
    }

    fn apart(&self) -> Box<dyn Evaluate> {
        Box::new(self.clone())
    }

    fn session(&self, inventory: &Value, enabled: &Value) -> Result<Box<dyn Session>, String> {
        let mut engine = self.engine.clone();
        engine
            .add_data(data(Some(inventory)))
            .map_err(|error| error.to_string())?;
        Ok(Box::new(InterpreterSession {
            engine,
            rules: Arc::clone(&self.rules),
            controls: Arc::clone(&self.controls),
            enabled: enabled.clone(),
        }))
    }
}

fn facts_input(parameters: &Value) -> Rego {
    Value::object([("parameters".into(), parameters.clone())]).0
}

fn some_facts(facts: Rego) -> Result<Value, EvalError> {
    if facts == Rego::Undefined {
        return Err(EvalError::new(None, format!("{FACTS} is undefined")));
    }
    Ok(Value(facts))
}

fn load(program: &[u8]) -> Result<Arc<Program>, LoadError> {
    match Program::deserialize_binary(program).map_err(LoadError::Compile)? {
        DeserializationResult::Complete(mut program) => {
            pack::unpack(&mut program).map_err(LoadError::Compile)?;
            Ok(Arc::new(program))
        }
        DeserializationResult::Partial(_) => {
            Err(LoadError::Compile("the compiled program is of another version".into()))
        }
    }
}

fn machine(program: &Arc<Program>, data: Rego) -> Result<RegoVM, String> {
    let mut vm = RegoVM::new();
    vm.load_program(Arc::clone(program));
    vm.set_strict_builtin_errors(true);
    vm.set_data(data).map_err(|error| error.to_string())?;
    Ok(vm)
}

fn data(inventory: Option<&Value>) -> Rego {
    inventory.map_or_else(Rego::new_object, |inventory| {
        Rego::from(BTreeMap::from([(Rego::from("inventory"), inventory.0.clone())]))
    })
}

/// One evaluation state: it evaluates one object at a time.
pub(crate) trait Session: Send {
    /// Evaluates every enabled control of the object's kind, and may say of others that they do not speak of the object.
    /// An error of one control does not touch the others, except where the whole evaluation was stopped by a limit.
    fn evaluate(&mut self, kind: &GroupKind, input: &Value, max_instructions: usize)
    -> Vec<Result<Outcome, EvalError>>;
}

struct MachineSession {
    vm: RegoVM,
    kinds: Arc<Vec<Kind>>,
    /// Of each kind, whether all of its controls are enabled.
    whole: Vec<bool>,
    enabled: Value,
}

struct InterpreterSession {
    engine: regorus::Engine,
    rules: Arc<RuleIndex>,
    controls: Arc<Vec<Control>>,
    enabled: Value,
}

/// What one control says of one object.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The control's number in the catalogue.
    pub(crate) control: usize,
    pub(crate) subject: bool,
    pub(crate) findings: Vec<RawFinding>,
}

/// Which rule yielded a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rule {
    Violation,
    Warn,
    Unknown,
    Manual,
}

/// A finding as the rules put it: a path, not yet a place.
#[derive(Debug)]
pub(crate) struct RawFinding {
    pub(crate) rule: Rule,
    pub(crate) message: String,
    pub(crate) path: Vec<Segment>,
    pub(crate) related: Vec<RawRelated>,
    pub(crate) fix: Vec<serde_json::Value>,
}

/// Another node without which a control would say something else; `object` is absent for the same object.
#[derive(Debug)]
pub(crate) struct RawRelated {
    pub(crate) object: Option<serde_json::Value>,
    pub(crate) path: Vec<Segment>,
}

/// Why an evaluation gave nothing to rely on.
#[derive(Debug)]
pub(crate) struct EvalError {
    pub(crate) code: &'static str,
    /// The control at fault, where it is one.
    pub(crate) slug: Option<String>,
    pub(crate) message: String,
}

impl EvalError {
    fn new(slug: Option<&str>, message: impl std::fmt::Display) -> Self {
        Self {
            code: "evaluation",
            slug: slug.map(str::to_owned),
            message: message.to_string(),
        }
    }

    /// Of no control in particular.
    #[allow(dead_code, reason = "the build script has no use for it")]
    pub(crate) fn of_all(message: String) -> Self {
        Self::new(None, message)
    }
}

impl Session for MachineSession {
    fn evaluate(
        &mut self,
        kind: &GroupKind,
        input: &Value,
        max_instructions: usize,
    ) -> Vec<Result<Outcome, EvalError>> {
        let found = self.kinds.binary_search_by(|known| known.kind.cmp(kind)).ok();
        let Some((kind, is_whole)) = found.and_then(|at| self.kinds.get(at).zip(self.whole.get(at))) else {
            return Vec::new();
        };
        self.vm.set_max_instructions(max_instructions);
        self.vm.set_input(match is_whole {
            true => input.0.clone(),
            false => with_controls(&input.0, &self.enabled.0),
        });
        match self.vm.execute_entry_point_by_name(&kind.entry) {
            Ok(Rego::Array(items)) if items.iter().count() == kind.controls.len() => {
                let items = kind.controls.iter().zip(items.iter());
                items
                    .map(|((control, slug), item)| {
                        decode_item(*control, item).map_err(|message| EvalError::new(Some(slug), message))
                    })
                    .collect()
            }
            Ok(Rego::Undefined) => vec![Err(EvalError::new(None, "the rules yielded nothing"))],
            Ok(other) => vec![Err(EvalError::new(None, format!("the dispatcher yielded {other}")))],
            Err(error) => vec![Err(vm_error(error))],
        }
    }
}

impl Session for InterpreterSession {
    fn evaluate(
        &mut self,
        kind: &GroupKind,
        input: &Value,
        _max_instructions: usize,
    ) -> Vec<Result<Outcome, EvalError>> {
        let enabled = |control: &Control| control.kinds.contains(kind) && self.enabled.get(&control.slug).is_some();
        self.engine.set_input(input.0.clone());
        let none = Vec::new();
        let rules = |slug: &str| self.rules.get(slug).unwrap_or(&none);
        let engine = &mut self.engine;
        self.controls
            .iter()
            .enumerate()
            .filter(|(_, control)| enabled(control))
            .map(|(at, control)| {
                interpret(engine, &control.slug, rules(&control.slug), at)
                    .map_err(|message| EvalError::new(Some(&control.slug), message))
            })
            .collect()
    }
}

/// An input in which the enabled controls are named.
fn with_controls(input: &Rego, enabled: &Rego) -> Rego {
    let mut members = BTreeMap::from([(Rego::from("controls"), enabled.clone())]);
    if let Ok(object) = input.as_object() {
        members.extend(object.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    Rego::from(members)
}

fn vm_error(error: VmError) -> EvalError {
    let code = match error {
        VmError::InstructionLimitExceeded { .. } => "limit-instructions",
        _ => "evaluation",
    };
    EvalError {
        code,
        slug: None,
        message: error.to_string(),
    }
}

/// Evaluates every rule, on subjects and others: a finding on what is no subject is an error, not nothing.
fn interpret(
    engine: &mut regorus::Engine,
    slug: &str,
    rules: &[&'static str],
    control: usize,
) -> Result<Outcome, String> {
    let mut subject = false;
    let mut results = BTreeMap::new();
    for rule in rules {
        let value = engine
            .eval_rule(format!("data.flux.{slug}.{rule}"))
            .map_err(|error| error.to_string())?;
        match *rule {
            SUBJECT => subject = value == Rego::Bool(true),
            rule => drop(results.insert(Rego::from(rule), value)),
        }
    }
    let findings = decode_results(&Rego::from(results))?;
    if !subject && !findings.is_empty() {
        return Err("a finding was made on an object that is not a subject".into());
    }
    Ok(Outcome {
        control,
        subject,
        findings,
    })
}

/// Reads an item of the dispatcher's array.
fn decode_item(control: usize, item: &Rego) -> Result<Outcome, String> {
    let (subject, findings) = match item {
        Rego::Bool(subject) => (*subject, Vec::new()),
        results => (true, decode_results(results)?),
    };
    Ok(Outcome {
        control,
        subject,
        findings,
    })
}

fn decode_results(results: &Rego) -> Result<Vec<RawFinding>, String> {
    let members = results
        .as_object()
        .map_err(|_| format!("a control yielded {results}"))?;
    let items = |rule: &str| -> Result<Vec<&Rego>, String> {
        match members.get(&Rego::from(rule)) {
            None => Ok(Vec::new()),
            Some(Rego::Array(items)) => Ok(items.iter().collect()),
            Some(Rego::Set(items)) => Ok(items.iter_sorted().collect()),
            Some(_) => Err(format!("`{rule}` is not a set")),
        }
    };
    let mut findings = Vec::new();
    let rules = [
        ("violation", Rule::Violation),
        ("warn", Rule::Warn),
        ("unknown", Rule::Unknown),
        ("manual", Rule::Manual),
    ];
    for (name, rule) in rules {
        for item in items(name)? {
            findings.push(decode_finding(rule, item).ok_or_else(|| format!("`{name}` holds {item}"))?);
        }
    }
    Ok(findings)
}

fn decode_finding(rule: Rule, value: &Rego) -> Option<RawFinding> {
    let finding = value.as_object().ok()?;
    let message = finding.get(&Rego::from("msg"))?.as_string().ok()?.to_string();
    let details = finding.get(&Rego::from("details"))?.as_object().ok()?;
    let related = match details.get(&Rego::from("related")) {
        None => Vec::new(),
        Some(list) => sequence(list)?.into_iter().map(decode_related).collect::<Option<_>>()?,
    };
    let fix = match details.get(&Rego::from("fix")) {
        None => Vec::new(),
        Some(list) => sequence(list)?.into_iter().map(to_json).collect::<Option<_>>()?,
    };
    Some(RawFinding {
        rule,
        message,
        path: decode_path(details.get(&Rego::from("path"))?)?,
        related,
        fix,
    })
}

fn decode_related(value: &Rego) -> Option<RawRelated> {
    let members = value.as_object().ok()?;
    let object = match members.get(&Rego::from("object")) {
        None => None,
        Some(object) => Some(to_json(object)?),
    };
    Some(RawRelated {
        object,
        path: decode_path(members.get(&Rego::from("path"))?)?,
    })
}

fn decode_path(value: &Rego) -> Option<Vec<Segment>> {
    let segment = |segment: &Rego| match segment {
        Rego::String(key) => Some(Segment::Key(Arc::clone(key))),
        Rego::Number(at) => at.as_u64().and_then(|at| usize::try_from(at).ok()).map(Segment::Index),
        _ => None,
    };
    value.as_array().ok()?.iter().map(segment).collect()
}

fn sequence(value: &Rego) -> Option<Vec<&Rego>> {
    match value {
        Rego::Array(items) => Some(items.iter().collect()),
        Rego::Set(items) => Some(items.iter_sorted().collect()),
        _ => None,
    }
}

fn to_json(value: &Rego) -> Option<serde_json::Value> {
    serde_json::to_value(value).ok()
}
