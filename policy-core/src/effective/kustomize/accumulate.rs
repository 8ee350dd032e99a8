//! The order of a build: what each kustomization takes from others, makes, and changes.
//!
//! Kustomizations that build on others are kept on a stack of our own, so that no depth of them can overflow that of
//! the thread.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::fault::Fault;
use super::fields::Config;
use super::files::{self, BadPath, File, Files};
use super::generate;
use super::model::{self, Kind, Kustomization, Var};
use super::quotes::Quotes;
use super::read::Text;
use super::replace;
use super::resource::{self, Budget, Id, Previous, Resource};
use super::transform::{self, End};
use super::{BuiltObject, Missing, edit, names, patches, schema};
use crate::error::Problem;
use crate::limits::Limits;
use crate::tree::{Node, Span, Value};
use crate::yaml::Dialect;

/// So many problems end a build: the rest would hardly say more.
const MAX_PROBLEMS: usize = 100;

/// A build under way.
pub(super) struct Build<'f> {
    pub(super) files: &'f Files,
    pub(super) budget: Budget,
    limits: &'f Limits,
    folders: usize,
    pub(super) problems: Vec<Problem>,
    pub(super) notes: Vec<Problem>,
    /// The path of every file that was opened.
    pub(super) read: BTreeSet<String>,
    /// The kustomization of the first folder, where it is not the one in the tree.
    own: Option<Node>,
    /// kustomize tracks origins in the annotations of every object.
    tracked: bool,
    /// A schema of one's own: no merge can be known.
    pub(super) own_schema: Option<(Span, String)>,
}

/// What a kustomization has gathered so far.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) resources: Vec<Resource>,
    /// The ids of the resources, while they are known.
    ids: Option<HashSet<Id>>,
    pub(super) config: Option<Arc<Config>>,
    pub(super) vars: Vec<Var>,
    pub(super) missing: Vec<Missing>,
    /// Objects that are missing may have names that others refer to by older ones.
    pub(super) hidden_names: bool,
}

struct Frame {
    folder: String,
    kustomization: Kustomization,
    gathered: Gathered,
    stage: Stage,
}

#[derive(Clone, Copy)]
enum Stage {
    Resources(usize),
    Own,
    Components(usize),
    Changes,
}

/// A path of a kustomization, and what lies there.
enum Entry<'f> {
    File(&'f File),
    Folder(String),
    Remote,
}

impl<'f> Build<'f> {
    pub(super) fn new(files: &'f Files, limits: &'f Limits) -> Self {
        Self {
            files,
            budget: Budget {
                left: limits.kustomize_nodes,
            },
            limits,
            folders: 0,
            problems: Vec::new(),
            notes: Vec::new(),
            read: BTreeSet::new(),
            own: None,
            tracked: false,
            own_schema: None,
        }
    }

    /// Builds the first folder with this kustomization and not with the one in the tree.
    pub(super) fn with(mut self, kustomization: Node) -> Self {
        self.own = Some(kustomization);
        self
    }

    /// Gathers what the kustomization of a folder comes to, before names get their hashes.
    pub(super) fn run(&mut self, folder: &str, span: Span) -> (Gathered, Option<Kustomization>) {
        match self.open(folder.to_owned(), false, span) {
            Ok(root) => self.run_from(root),
            Err(fault) => {
                self.fail(fault);
                (Gathered::default(), None)
            }
        }
    }

    /// Gathers what a kustomization without a folder makes of the objects given.
    pub(super) fn run_over(
        &mut self,
        objects: Vec<(BuiltObject, Option<Arc<str>>)>,
        kustomization: &Node,
    ) -> (Gathered, Option<Kustomization>) {
        let kustomization = match model::read(kustomization) {
            Ok(kustomization) => kustomization,
            Err(fault) => {
                self.fail(fault);
                return (given(objects, self.files), None);
            }
        };
        for (object, _) in &objects {
            if let Err(fault) = self.budget.take(&object.node) {
                self.fail(fault);
                return (given(objects, self.files), Some(kustomization));
            }
        }
        self.folders += 1;
        let gathered = given(objects, self.files);
        if let Err(fault) = no_conflicts(&gathered.resources, kustomization.span, self.files) {
            self.fail(fault);
        }
        self.run_from(Frame {
            folder: String::new(),
            kustomization,
            gathered,
            stage: Stage::Resources(0),
        })
    }

    fn run_from(&mut self, root: Frame) -> (Gathered, Option<Kustomization>) {
        let entry = root.kustomization.clone();
        self.tracked = !entry.build_metadata.is_empty();
        let mut stack = vec![root];
        while let Some(frame) = stack.last_mut() {
            if self.problems.len() >= MAX_PROBLEMS {
                break;
            }
            match frame.stage {
                Stage::Resources(at) => {
                    let Some(path) = frame.kustomization.resources.get(at).cloned() else {
                        frame.stage = Stage::Own;
                        continue;
                    };
                    frame.stage = Stage::Resources(at + 1);
                    match self.resource(frame, &path) {
                        Ok(None) => {}
                        Ok(Some(folder)) => self.enter(&mut stack, folder, false, path.span),
                        Err(fault) => self.fail(fault),
                    }
                }
                Stage::Own => {
                    frame.stage = Stage::Components(0);
                    self.configure(frame);
                    self.generate(frame);
                }
                Stage::Components(at) => {
                    let Some(path) = frame.kustomization.components.get(at).cloned() else {
                        frame.stage = Stage::Changes;
                        continue;
                    };
                    frame.stage = Stage::Components(at + 1);
                    match self.find(&frame.folder, &path) {
                        Ok(Entry::Folder(folder)) => self.enter(&mut stack, folder, true, path.span),
                        Ok(Entry::Remote) => {
                            let reason = "a component is not in this tree";
                            doubt_all(&mut frame.gathered.resources, reason, path.span);
                            self.miss(frame, reason, path.span, true);
                        }
                        Ok(Entry::File(_)) => {
                            let message = "a component is a folder, and this is a file";
                            self.fail(Fault::new("kustomize-component", path.span, message));
                        }
                        Err(fault) => self.fail(fault),
                    }
                }
                Stage::Changes => {
                    self.change(frame);
                    let Some(done) = stack.pop() else { break };
                    match stack.last_mut() {
                        Some(above) => self.hand_up(above, done),
                        None => return (done.gathered, Some(entry)),
                    }
                }
            }
        }
        // The build was given up: what there is, without order.
        let mut all = Gathered::default();
        for frame in stack {
            all.resources.extend(frame.gathered.resources);
            all.missing.extend(frame.gathered.missing);
        }
        (all, Some(entry))
    }

    pub(super) fn fail(&mut self, fault: Fault) {
        let problem = self.files.problem(fault);
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    pub(super) fn note(&mut self, code: &'static str, span: Span, message: &str) {
        let note = self.files.problem(Fault::new(code, span, message));
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// The file that a field names.
    pub(super) fn load(&mut self, folder: &str, path: &Text) -> Result<&'f File, Fault> {
        let lower = path.value.to_ascii_lowercase();
        if lower.starts_with("http://") || lower.starts_with("https://") {
            let message = "a file lies elsewhere on the network, and only this tree can be read";
            return Err(Fault::unknowable("kustomize-remote", path.span, message));
        }
        let place = place(folder, path)?;
        let file = self.files.get(&place).ok_or_else(|| {
            let message = format!("there is no file {place:?}; add it or remove the entry");
            Fault::new("kustomize-missing-file", path.span, message)
        })?;
        self.read.insert(place);
        Ok(file)
    }

    /// What a path of `resources` or `components` leads to.
    fn find(&mut self, folder: &str, path: &Text) -> Result<Entry<'f>, Fault> {
        let remote = is_remote(&path.value);
        let place = match place(folder, path) {
            Ok(place) => place,
            Err(_) if remote => return Ok(Entry::Remote),
            Err(fault) => return Err(fault),
        };
        match self.files.get(&place) {
            Some(file) => {
                self.read.insert(place);
                Ok(Entry::File(file))
            }
            None if remote => Ok(Entry::Remote),
            None if self.files.has_folder(&place) => Ok(Entry::Folder(place)),
            None => {
                let message = format!("there is neither a file nor a folder {place:?}; add it or remove the entry");
                Err(Fault::new("kustomize-missing-file", path.span, message))
            }
        }
    }

    fn enter(&mut self, stack: &mut Vec<Frame>, folder: String, component: bool, span: Span) {
        let holds = |outer: &str, inner: &str| {
            outer.is_empty()
                || inner
                    .strip_prefix(outer)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if let Some(visited) = stack.iter().rev().find(|frame| holds(&folder, &frame.folder)) {
            let message = if visited.folder == folder {
                "a cycle: this folder is being built already"
            } else {
                "a cycle: this folder holds one that is being built already"
            };
            self.fail(Fault::new("kustomize-cycle", span, message));
            return;
        }
        if stack.len() >= self.limits.kustomize_depth {
            let message = format!(
                "more than {} folders build on one another; make it fewer",
                self.limits.kustomize_depth
            );
            self.fail(Fault::new("limit-kustomize-depth", span, message));
            return;
        }
        match self.open(folder, component, span) {
            Ok(mut frame) => {
                // A component goes on with what the kustomization above has gathered.
                if component && let Some(above) = stack.last_mut() {
                    frame.gathered = std::mem::take(&mut above.gathered);
                }
                stack.push(frame);
            }
            Err(fault) => self.fail(fault),
        }
    }

    fn open(&mut self, folder: String, component: bool, span: Span) -> Result<Frame, Fault> {
        self.folders += 1;
        if self.folders > self.limits.kustomize_folders {
            let message = format!(
                "the build visits more than {} folders; make it fewer",
                self.limits.kustomize_folders
            );
            return Err(Fault::new("limit-kustomize-folders", span, message));
        }
        let kustomization = self.kustomization(&folder, span)?;
        let wanted = if component {
            Kind::Component
        } else {
            Kind::Kustomization
        };
        if kustomization.kind != wanted && (component || !self.is_entry()) {
            let message = if component {
                "this is no Component, so `components` cannot list it"
            } else {
                "this is a Component, so `components` must list it, not `resources`"
            };
            return Err(Fault::new("kustomize-component", span, message));
        }
        Ok(Frame {
            folder,
            kustomization,
            gathered: Gathered::default(),
            stage: Stage::Resources(0),
        })
    }

    /// The kustomization of a folder: the file that is there, unless the build was given another for it.
    fn kustomization(&mut self, folder: &str, span: Span) -> Result<Kustomization, Fault> {
        let own = self.own.take();
        let name = match (self.files.kustomization_names(folder).as_slice(), &own) {
            ([name], _) => *name,
            ([], Some(own)) => return model::read(own),
            ([], None) => {
                let message = format!("the folder {folder:?} has no kustomization.yaml");
                return Err(Fault::new("kustomize-missing-file", span, message));
            }
            ([_, second, ..], _) => {
                let message = format!("the folder {folder:?} has a second kustomization file; keep one");
                let span = self.files.get(&files::join(folder, second)).map_or(span, |file| Span {
                    source: file.id(),
                    start: 0,
                    end: 0,
                });
                return Err(Fault::new("kustomize-two-files", span, message));
            }
        };
        let path = files::join(folder, name);
        let file = self
            .files
            .get(&path)
            .ok_or_else(|| Fault::new("kustomize-missing-file", span, format!("there is no file {path:?}")))?;
        self.read.insert(path);
        match own {
            Some(own) => model::read(&own),
            None => model::read(&self.document(file)?),
        }
    }

    /// The first folder may be of either kind.
    fn is_entry(&self) -> bool {
        self.folders == 1
    }

    /// The content of a kustomization file.
    pub(super) fn document(&mut self, file: &File) -> Result<Node, Fault> {
        let parsed = self.files.settings(file);
        let start = Span {
            source: file.id(),
            start: 0,
            end: 0,
        };
        // Only the first document counts.
        let first = parsed.documents.first().map(|document| &document.root);
        let first_line = first.and_then(|node| self.files.line(node.span));
        if let Some(problem) = resource::fatal(parsed, Dialect::Kubectl)
            && first_line.is_none_or(|line| problem.line.is_none_or(|at| at <= line))
        {
            return Err(Fault::Known(problem));
        }
        for problem in parsed.problems.iter().filter(|problem| problem.code == "duplicate-key") {
            if !self.notes.contains(problem) {
                self.notes.push(problem.clone());
            }
        }
        let absent = Node {
            span: start,
            value: Value::Null,
        };
        Ok(first.cloned().unwrap_or(absent))
    }

    /// One entry of `resources`; a folder is given back.
    fn resource(&mut self, frame: &mut Frame, path: &Text) -> Result<Option<String>, Fault> {
        let file = match self.find(&frame.folder, path)? {
            Entry::Folder(folder) => return Ok(Some(folder)),
            Entry::File(file) => file,
            Entry::Remote => {
                let reason = "a resource is not in this tree";
                let is_file = [".yaml", ".yml", ".json"].iter().any(|end| path.value.ends_with(end));
                self.miss(frame, reason, path.span, !is_file);
                return Ok(None);
            }
        };
        let mut read = match self.files.supplied(file) {
            Some(supplied) => resource::read_supplied(supplied, self.files, &mut self.budget)?,
            None => resource::read_all(self.files.objects(file), self.files, &mut self.budget)?,
        };
        for resource in &mut read {
            resource.tracked = self.tracked;
            doubt_own_notes(resource);
        }
        self.append(&mut frame.gathered, read, path.span)?;
        Ok(None)
    }

    fn miss(&mut self, frame: &mut Frame, reason: &str, span: Span, hidden_names: bool) {
        frame.gathered.hidden_names |= hidden_names;
        frame.gathered.missing.push(Missing {
            reason: reason.into(),
            at: span,
        });
    }

    fn append(&mut self, gathered: &mut Gathered, more: Vec<Resource>, span: Span) -> Result<(), Fault> {
        let files = self.files;
        let ids = gathered
            .ids
            .get_or_insert_with(|| gathered.resources.iter().map(|resource| resource.id(files)).collect());
        let mut result = Ok(());
        for resource in more {
            let id = resource.id(files);
            if ids.contains(&id) {
                let message = format!("{} is there already; one build cannot have it twice", id.display());
                result = Err(Fault::new("kustomize-conflict", span, message));
                continue;
            }
            ids.insert(id);
            gathered.resources.push(resource);
        }
        result
    }

    /// What a kustomization has come to goes to the one that builds on it.
    fn hand_up(&mut self, above: &mut Frame, done: Frame) {
        let span = done.kustomization.span;
        let Gathered {
            resources,
            config,
            vars,
            missing,
            hidden_names,
            ..
        } = done.gathered;
        if done.kustomization.kind == Kind::Component {
            if let Err(fault) = no_conflicts(&resources, span, self.files) {
                self.fail(fault);
            }
            above.gathered = Gathered {
                resources,
                ids: None,
                config,
                vars,
                missing,
                hidden_names,
            };
            return;
        }
        if let Err(fault) = self.append(&mut above.gathered, resources, span) {
            self.fail(fault);
        }
        above.gathered.missing.extend(missing);
        above.gathered.hidden_names |= hidden_names;
        if let Some(config) = config
            && let Err(message) = merge_config(&mut above.gathered, config)
        {
            self.fail(Fault::new("kustomize-configuration", span, message));
        }
        self.add_vars(above, vars);
    }

    fn add_vars(&mut self, frame: &mut Frame, vars: Vec<Var>) {
        for var in vars {
            if frame.gathered.vars.iter().any(|known| known.name == var.name) {
                let message = format!("the variable {:?} is defined twice", var.name);
                self.fail(Fault::new("kustomize-vars", var.span, message));
                continue;
            }
            frame.gathered.vars.push(var);
        }
    }

    /// Field specifications, schemas, and the plug-ins that cannot run here.
    fn configure(&mut self, frame: &mut Frame) {
        let mut config = Config::standard();
        for path in &frame.kustomization.configurations {
            match self.configuration(&frame.folder, path) {
                Ok(own) => match Config::clone(&config).merge(&own) {
                    Ok(both) => config = Arc::new(both),
                    Err(message) => self.fail(Fault::new("kustomize-configuration", path.span, message)),
                },
                Err(fault) => self.fail_or_doubt(frame.gathered.resources.as_mut_slice(), fault),
            }
        }
        if let Err(message) = merge_config(&mut frame.gathered, config) {
            self.fail(Fault::new("kustomize-configuration", frame.kustomization.span, message));
        }
        for path in frame.kustomization.crds.clone() {
            match self.load(&frame.folder, &path) {
                Ok(_) => {
                    let message = "`crds` may change names and labels in custom resources, which are unknown for it";
                    self.note("kustomize-crds", path.span, message);
                    for resource in &mut frame.gathered.resources {
                        let gvk = resource.gvk(self.files);
                        if !matches!(schema::of_kind(&gvk.api_version(), &gvk.kind), schema::Shape::Type(_)) {
                            resource.doubt(Vec::new(), "`crds` may say more of this kind", path.span);
                        }
                    }
                }
                Err(fault) => self.fail_or_doubt(frame.gathered.resources.as_mut_slice(), fault),
            }
        }
        if let Some(span) = frame.kustomization.openapi {
            let path = frame.kustomization.openapi_path.clone();
            if let Some(path) = path
                && let Err(fault) = self.load(&frame.folder, &path)
            {
                self.fail_or_doubt(frame.gathered.resources.as_mut_slice(), fault);
            }
            self.note(
                "kustomize-openapi",
                span,
                "`openapi` may change how patches merge; every object is unknown for it",
            );
            let reason = "`openapi` may change how patches merge".to_owned();
            self.own_schema.get_or_insert((span, reason));
        }
    }

    fn configuration(&mut self, folder: &str, path: &Text) -> Result<Config, Fault> {
        let file = self.load(folder, path)?;
        let parsed = self.files.settings(file);
        // This reader refuses equal keys.
        if let Some(problem) = resource::fatal(parsed, Dialect::Kustomize) {
            return Err(Fault::Known(problem));
        }
        match parsed.documents.first() {
            Some(document) => Config::read(&document.root),
            None => Ok(Config::default()),
        }
    }

    fn generate(&mut self, frame: &mut Frame) {
        let Frame {
            folder,
            kustomization,
            gathered,
            ..
        } = frame;
        let config_maps = kustomization
            .config_maps
            .iter()
            .map(|one| (one, generate::Kind::ConfigMap));
        let secrets = kustomization.secrets.iter().map(|one| (one, generate::Kind::Secret));
        gathered.ids = None;
        for (generator, kind) in config_maps.chain(secrets) {
            let made = generate::generate(self, &mut gathered.resources, folder, kustomization, generator, kind);
            match made {
                Ok(()) => {}
                Err(Fault::Unknowable { span, message, .. }) => {
                    gathered.hidden_names = true;
                    gathered.missing.push(Missing {
                        reason: message.as_str().into(),
                        at: span,
                    });
                }
                Err(fault) => self.fail(fault),
            }
        }
        if let Some(span) = kustomization.helm_charts {
            self.miss(frame, "a Helm chart is rendered into this build", span, false);
        }
        if let Some(first) = frame.kustomization.generators.first().cloned() {
            self.miss(frame, "a generator plug-in adds to this build", first.span, true);
        }
    }

    fn fail_or_doubt(&mut self, resources: &mut [Resource], fault: Fault) {
        match fault {
            Fault::Unknowable { span, message, .. } => doubt_all(resources, &message, span),
            fault => self.fail(fault),
        }
    }

    /// The transformers, in kustomize's order.
    fn change(&mut self, frame: &mut Frame) {
        let files = self.files;
        let Frame {
            folder,
            kustomization,
            gathered,
            ..
        } = frame;
        gathered.ids = None;
        let incomplete = !gathered.missing.is_empty();
        let config = gathered.config.clone().unwrap_or_else(Config::standard);
        let resources = &mut gathered.resources;
        let renames = kustomization.namespace.is_some()
            || kustomization.name_prefix.is_some()
            || kustomization.name_suffix.is_some();
        gathered.hidden_names |= incomplete && renames;
        if !kustomization.patches_strategic_merge.is_empty() {
            let entries = &kustomization.patches_strategic_merge;
            let done = patches::strategic_merge(self, resources, folder, entries, incomplete);
            self.check(resources, done);
        }
        for patch in &kustomization.patches {
            let done = patches::patch(self, resources, folder, patch, incomplete);
            self.check(resources, done);
        }
        if let Some(namespace) = &kustomization.namespace {
            let done = transform::namespace(resources, namespace, &config, files);
            self.check(resources, done);
        }
        for (text, end) in [
            (&kustomization.name_prefix, End::Prefix),
            (&kustomization.name_suffix, End::Suffix),
        ] {
            if let Some(text) = text {
                let done = transform::affix(resources, text, end, &config, files);
                self.check(resources, done);
            }
        }
        for label in &kustomization.labels {
            let done = transform::label(resources, label, &config, files);
            self.check(resources, done);
        }
        let done = transform::entries(resources, &kustomization.common_labels, &config.common_labels, files);
        self.check(resources, done);
        let annotations = &kustomization.common_annotations;
        let done = transform::entries(resources, annotations, &config.common_annotations, files);
        self.check(resources, done);
        for patch in &kustomization.patches_json6902 {
            let done = patches::json6902(self, resources, folder, patch, incomplete);
            self.check(resources, done);
        }
        for replica in &kustomization.replicas {
            let done = transform::replicas(resources, replica, &config, files, incomplete);
            self.check(resources, done);
        }
        for image in &kustomization.images {
            let done = transform::image(resources, image, &config, files);
            self.check(resources, done);
        }
        if !kustomization.replacements.is_empty() {
            let done = replace::replacements(self, resources, folder, &kustomization.replacements, incomplete);
            self.check(resources, done);
        }
        if let Some(first) = kustomization.transformers.first() {
            doubt_all(resources, "a transformer plug-in may change every object", first.span);
            gathered.hidden_names = true;
        }
        if let Some(first) = kustomization.validators.first() {
            doubt_all(resources, "a validator plug-in may refuse this build", first.span);
        }
        let vars = std::mem::take(&mut kustomization.vars);
        self.add_vars(frame, vars);
    }

    fn check(&mut self, resources: &mut [Resource], done: Result<(), Fault>) {
        if let Err(fault) = done {
            self.fail_or_doubt(resources, fault);
        }
    }

    /// What kustomize does once, after all: hashes, references, variables.
    pub(super) fn finish(&mut self, gathered: &mut Gathered, entry: &Kustomization) {
        let files = self.files;
        for resource in gathered.resources.iter_mut().filter(|resource| resource.needs_hash) {
            resource.remember_id(files);
            let old = resource.name(files);
            let span = resource.base;
            match generate::hash(resource, files) {
                Some(hash) => {
                    if let Some(metadata) = edit::get_mut(&mut resource.node, "metadata") {
                        let at = metadata.get("name").map_or(span, |name| name.span);
                        edit::set(metadata, "name", at, edit::text(format!("{old}-{hash}"), at));
                    }
                }
                None => resource.doubt(
                    transform::keys(&["metadata", "name"]),
                    "the hash of its name cannot be known here",
                    span,
                ),
            }
        }
        let config = gathered.config.clone().unwrap_or_else(Config::standard);
        if let Err(fault) = names::fix(&mut gathered.resources, &config, files, gathered.hidden_names) {
            self.fail(fault);
        }
        self.doubt_vars(gathered);
        if let Some((span, reason)) = &self.own_schema {
            doubt_all(&mut gathered.resources, reason, *span);
        }
        gathered.resources.retain(|resource| !is_local(resource, files));
        if let Some(options) = &entry.sort_order {
            let valid = match options.order.as_str() {
                "legacy" => true,
                "fifo" => !options.has_legacy_options,
                _ => false,
            };
            if !valid {
                let message = "`order` must be legacy or fifo, and only legacy has `legacySortOptions`";
                self.fail(Fault::new("kustomize-field", options.span, message));
            }
        }
        if let Err(fault) = no_conflicts(&gathered.resources, entry.span, files) {
            self.fail(fault);
        }
        for resource in &mut gathered.resources {
            tidy(resource, entry, files);
            let annotations = resource
                .node
                .get("metadata")
                .and_then(|metadata| metadata.get("annotations"));
            let members = annotations.and_then(Node::as_object).into_iter().flatten();
            let key = members.map(|member| (&member.key, member.key_span));
            if let Some((key, span)) = key.into_iter().find(|(key, _)| files::needs_quotes(key)) {
                let message = format!("kustomize cannot write the annotation {key:?}, which YAML takes for no string");
                self.fail(Fault::new("kustomize-object", span, message));
            }
        }
    }

    /// Variables are not replaced here: what may hold one is unknown.
    fn doubt_vars(&mut self, gathered: &mut Gathered) {
        let Some(first) = gathered.vars.first() else { return };
        let span = first.span;
        let files = self.files;
        let one_source = |var: &Var| {
            let selector = resource::Gvk {
                group: var.group.as_str().into(),
                version: var.version.as_str().into(),
                kind: var.kind.as_str().into(),
            };
            let is_source = |resource: &&Resource| {
                let namespace = resource.id(files).namespace;
                let named = |id: &Id| id.gvk == selector && *id.name == *var.object;
                (var.namespace.is_empty() || *namespace == *var.namespace)
                    && (named(&resource.id(files)) || resource.previous_ids(files).any(|id| named(&id)))
            };
            gathered.resources.iter().filter(is_source).count() == 1
        };
        let certain = gathered.vars.iter().all(one_source);
        let marks: Vec<String> = gathered.vars.iter().map(|var| format!("$({})", var.name)).collect();
        for resource in &mut gathered.resources {
            if !certain || mentions(&resource.node, &marks) {
                resource.doubt(Vec::new(), "`vars` replaces text in it", span);
            }
        }
    }
}

/// Objects that another build has made, as this one's own.
fn given(objects: Vec<(BuiltObject, Option<Arc<str>>)>, files: &Files) -> Gathered {
    let resource = |(object, former): (BuiltObject, Option<Arc<str>>)| {
        let mut resource = Resource {
            base: object.base,
            unknown: object.unknown,
            // They were written anew, and their text is not what stands at their spans.
            quotes: Quotes::anew(),
            ..Resource::new(object.node)
        };
        if let Some(name) = former {
            resource.previous.push(Previous {
                kind: resource.gvk(files).kind,
                namespace: resource.namespace(files),
                name,
            });
        }
        resource
    };
    Gathered {
        resources: objects.into_iter().map(resource).collect(),
        ..Gathered::default()
    }
}

fn mentions(node: &Node, marks: &[String]) -> bool {
    match &node.value {
        Value::String(text) => marks.iter().any(|mark| text.contains(mark.as_str())),
        Value::Array(items) => items.iter().any(|item| mentions(item, marks)),
        Value::Object(members) => members.iter().any(|member| mentions(&member.node, marks)),
        _ => false,
    }
}

fn merge_config(gathered: &mut Gathered, more: Arc<Config>) -> Result<(), &'static str> {
    match &gathered.config {
        None => gathered.config = Some(more),
        Some(known) if Arc::ptr_eq(known, &more) => {}
        Some(known) => gathered.config = Some(Arc::new(Config::clone(known).merge(&more)?)),
    }
    Ok(())
}

pub(super) fn doubt_all(resources: &mut [Resource], reason: &str, span: Span) {
    let reason: Arc<str> = reason.into();
    for resource in resources {
        resource.doubt(Vec::new(), Arc::clone(&reason), span);
    }
}

/// Two objects of one id are an error.
pub(super) fn no_conflicts(resources: &[Resource], span: Span, files: &Files) -> Result<(), Fault> {
    let mut seen: HashMap<Id, ()> = HashMap::new();
    for resource in resources {
        let id = resource.id(files);
        if seen.contains_key(&id) {
            let message = format!("two objects are {}", id.display());
            return Err(Fault::new("kustomize-conflict", span, message));
        }
        seen.insert(id, ());
    }
    Ok(())
}

fn place(folder: &str, path: &Text) -> Result<String, Fault> {
    files::resolve(folder, &path.value).map_err(|bad| {
        let (code, message) = match bad {
            BadPath::Empty => ("kustomize-missing-file", "the path is empty"),
            BadPath::Absolute => (
                "kustomize-outside-root",
                "the path is absolute; write it relative to this file",
            ),
            BadPath::Outside => ("kustomize-outside-root", "the path leads out of the tree"),
        };
        Fault::new(code, path.span, message)
    })
}

/// Whether kustomize would fetch a path from elsewhere.
fn is_remote(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let rest = lower.strip_prefix("git::").unwrap_or(&lower);
    let schemes = ["ssh://", "https://", "http://", "file://", "github.com/", "github.com:"];
    let user = rest.split_once('@').is_some_and(|(user, _)| {
        let mut letters = user.chars();
        letters.next().is_some_and(|letter| letter.is_ascii_alphabetic())
            && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
    });
    user || schemes.iter().any(|scheme| rest.starts_with(scheme))
}

const LOCAL: &str = "config.kubernetes.io/local-config";
const ORIGIN: &str = "config.kubernetes.io/origin";
const TRANSFORMATIONS: &str = "alpha.config.kubernetes.io/transformations";
const INTERNAL: &str = "internal.config.kubernetes.io/";
const LEGACY: [&str; 3] = [
    "config.kubernetes.io/path",
    "config.kubernetes.io/index",
    "config.k8s.io/id",
];

fn annotation<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    node.get("metadata")?.get("annotations")?.get(name)
}

/// Whether the object is for local tools and is left out.
fn is_local(resource: &Resource, files: &Files) -> bool {
    annotation(&resource.node, LOCAL).is_some_and(|value| files.written(value) != "false")
}

/// Annotations that are kustomize's own notes would steer it.
fn doubt_own_notes(resource: &mut Resource) {
    let annotations = resource
        .node
        .get("metadata")
        .and_then(|metadata| metadata.get("annotations"));
    let own = annotations.and_then(Node::as_object).into_iter().flatten();
    let note = own.clone().find(|member| member.key.starts_with(INTERNAL));
    if let Some(span) = note.map(|member| member.key_span) {
        resource.doubt(Vec::new(), "it carries notes of kustomize's own", span);
    }
}

/// Takes kustomize's notes out, and makes strings of all annotations, as it does last.
fn tidy(resource: &mut Resource, entry: &Kustomization, files: &Files) {
    let asks = |option: &str| {
        entry
            .build_metadata
            .iter()
            .find(|text| &*text.value == option)
            .map(|text| text.span)
    };
    let (origins, transformations) = (asks("originAnnotations"), asks("transformerAnnotations"));
    if !resource.quotes.is_restyled() {
        files.refold(&mut resource.node);
    }
    if let Some(metadata) = edit::get_mut(&mut resource.node, "metadata") {
        if let Some(annotations) = edit::get_mut(metadata, "annotations")
            && let Value::Object(members) = &mut annotations.value
        {
            members.retain(|member| {
                !member.key.starts_with(INTERNAL)
                    && !LEGACY.contains(&&*member.key)
                    && (origins.is_some() || &*member.key != ORIGIN)
                    && (transformations.is_some() || &*member.key != TRANSFORMATIONS)
            });
        }
        patches::texts(metadata, "annotations", files);
    }
    for (asked, path) in [
        (origins, ["metadata", "annotations", ORIGIN]),
        (transformations, ["metadata", "annotations", TRANSFORMATIONS]),
        (
            asks("managedByLabel"),
            ["metadata", "labels", "app.kubernetes.io/managed-by"],
        ),
    ] {
        if let Some(span) = asked {
            resource.doubt(transform::keys(&path), "`buildMetadata` sets it", span);
        }
    }
}
