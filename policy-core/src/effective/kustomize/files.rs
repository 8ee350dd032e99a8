//! The files that a build may read, parsed once however often they are used.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, OnceLock};

use super::Unknown;
use super::fault::Fault;
use crate::error::Problem;
use crate::limits::Limits;
use crate::source::{Source, SourceId, SourceText};
use crate::tree::{Node, Span, Value};
use crate::yaml::{self, Dialect, Parsed};

/// The names of the file that makes a folder a kustomization.
pub const KUSTOMIZATION_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// A tree of files in memory. Paths are relative to its root, parted by `/`; nothing outside of it can be read.
#[derive(Debug)]
pub struct Files {
    limits: Limits,
    files: BTreeMap<Arc<str>, Arc<File>>,
    /// Every file that a span may lead to, also those that are not in this tree.
    sources: Arc<BTreeMap<SourceId, Arc<File>>>,
    /// Objects that take the place of what a file holds.
    supplied: BTreeMap<SourceId, Supplied>,
}

/// Objects, each with what of it cannot be known.
type Supplied = Arc<Vec<(Node, Vec<Unknown>)>>;

/// One file. Each of its two readings is made when it is first asked for.
#[derive(Debug)]
pub struct File {
    content: Content,
    kustomize: OnceLock<Box<Parsed>>,
    kubectl: OnceLock<Box<Parsed>>,
}

/// What a file holds, once only: trees of thousands of files are mostly text.
#[derive(Debug)]
enum Content {
    Text(SourceText),
    /// Text in another encoding or behind a byte order mark, or no text.
    Bytes(Source),
}

/// Why a path leads to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::effective) enum BadPath {
    Empty,
    Absolute,
    Outside,
}

impl Files {
    /// An empty tree whose files are read within `limits`.
    pub fn new(limits: &Limits) -> Self {
        Self {
            limits: limits.clone(),
            files: BTreeMap::new(),
            sources: Arc::default(),
            supplied: BTreeMap::new(),
        }
    }

    /// Adds a file, and gives its path in the tree. Its source must have an id of its own; its name is what problems show.
    pub fn insert(&mut self, path: &str, source: Source) -> Arc<str> {
        let path: Arc<str> = resolve("", path).unwrap_or_else(|_| path.to_owned()).into();
        let file = Arc::new(File {
            content: Content::of(source),
            kustomize: OnceLock::new(),
            kubectl: OnceLock::new(),
        });
        Arc::make_mut(&mut self.sources).insert(file.id(), Arc::clone(&file));
        self.files.insert(Arc::clone(&path), file);
        path
    }

    /// Lets a file read as these objects, whose nodes have spans of their own, instead of what it holds. False where
    /// there is no such file.
    pub fn supply(&mut self, path: &str, objects: Vec<(Node, Vec<Unknown>)>) -> bool {
        let path = resolve("", path).unwrap_or_else(|_| path.to_owned());
        let Some(file) = self.files.get(path.as_str()) else {
            return false;
        };
        self.supplied.insert(file.id(), Arc::new(objects));
        true
    }

    /// The tree with those of its files only whose paths are to be kept. What is read of one is not read again.
    #[must_use]
    pub fn only(&self, keep: impl Fn(&str) -> bool) -> Self {
        let kept = self.files.iter().filter(|(path, _)| keep(path));
        Self {
            limits: self.limits.clone(),
            files: kept.map(|(path, file)| (Arc::clone(path), Arc::clone(file))).collect(),
            sources: Arc::clone(&self.sources),
            supplied: self.supplied.clone(),
        }
    }

    /// The file at a path.
    pub fn get(&self, path: &str) -> Option<&File> {
        self.files.get(path).map(Arc::as_ref)
    }

    /// The paths below a folder, without its own.
    pub(in crate::effective) fn below(&self, folder: &str) -> impl Iterator<Item = &str> {
        let start = if folder.is_empty() {
            String::new()
        } else {
            format!("{folder}/")
        };
        let from = (Bound::Included(start.as_str()), Bound::Unbounded);
        let from = self.files.range::<str, _>(from);
        from.map_while(move |(path, _)| path.strip_prefix(&start))
    }

    /// The objects that take the place of what a file holds.
    pub(super) fn supplied(&self, file: &File) -> Option<&[(Node, Vec<Unknown>)]> {
        self.supplied.get(&file.id()).map(|objects| objects.as_slice())
    }

    /// Every path, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(Arc::as_ref)
    }

    /// Whether any file lies below the folder. The root is always there.
    pub fn has_folder(&self, path: &str) -> bool {
        let below = format!("{path}/");
        path.is_empty()
            || self
                .files
                .range::<str, _>((Bound::Included(below.as_str()), Bound::Unbounded))
                .next()
                .is_some_and(|(path, _)| path.starts_with(below.as_str()))
    }

    /// The names that a folder's kustomization file has.
    pub fn kustomization_names(&self, folder: &str) -> Vec<&'static str> {
        let there = |name: &&str| self.files.contains_key(join(folder, name).as_str());
        KUSTOMIZATION_NAMES.into_iter().filter(there).collect()
    }

    /// The file as kustomize reads objects.
    pub fn objects<'f>(&self, file: &'f File) -> &'f Parsed {
        file.kustomize
            .get_or_init(|| file.parse(Dialect::Kustomize, &self.limits))
    }

    /// The file as kustomize reads its own: kustomizations, JSON patches and configurations.
    pub fn settings<'f>(&self, file: &'f File) -> &'f Parsed {
        file.kubectl.get_or_init(|| file.parse(Dialect::Kubectl, &self.limits))
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    fn of(&self, id: SourceId) -> Option<&File> {
        self.sources.get(&id).map(Arc::as_ref)
    }

    /// The objects of a file as they are written, or as they were supplied, each with what of it cannot be known.
    pub(crate) fn documents(&self, path: &str) -> Vec<(&Node, &[Unknown])> {
        let Some(file) = self.files.get(path) else {
            return Vec::new();
        };
        match self.supplied(file) {
            Some(objects) => objects
                .iter()
                .map(|(node, unknown)| (node, unknown.as_slice()))
                .collect(),
            None => {
                let documents = self.objects(file).documents.iter();
                documents.map(|document| (&document.root, [].as_slice())).collect()
            }
        }
    }

    /// The text of a source, where it has been read.
    pub(crate) fn source_text(&self, id: SourceId) -> Option<&SourceText> {
        let file = self.of(id)?;
        let parsed = file.kubectl.get().or_else(|| file.kustomize.get());
        parsed.map(|parsed| &parsed.text)
    }

    /// The text that a span covers.
    pub(super) fn text(&self, span: Span) -> Option<&str> {
        let file = self.of(span.source)?;
        let parsed = match file.kubectl.get() {
            Some(parsed) => parsed,
            None => self.objects(file),
        };
        parsed.text.text().get(span.start as usize..span.end as usize)
    }

    /// The name of a source.
    pub(crate) fn name(&self, id: SourceId) -> &str {
        self.of(id).map_or("", File::name)
    }

    /// The line of a span, from 1.
    pub(crate) fn line(&self, span: Span) -> Option<u32> {
        let file = self.of(span.source)?;
        let parsed = match file.kubectl.get() {
            Some(parsed) => parsed,
            None => self.objects(file),
        };
        Some(parsed.text.position(span.start).line)
    }

    /// A problem at a place.
    pub(in crate::effective) fn problem_at(
        &self,
        code: &'static str,
        span: Span,
        message: impl Into<String>,
    ) -> Problem {
        self.problem(Fault::new(code, span, message))
    }

    /// A problem at the place that the fault names.
    pub(super) fn problem(&self, fault: Fault) -> Problem {
        match fault {
            Fault::Known(problem) => problem,
            Fault::At { code, span, message } | Fault::Unknowable { code, span, message } => {
                Problem::new(code, message).in_source(self.name(span.source), self.line(span))
            }
        }
    }

    /// The sign of the block scalar whose content begins where the span does: `|` or `>`.
    pub(super) fn block(&self, span: Span) -> Option<char> {
        let whole = self.text(Span { start: 0, ..span })?;
        let before = whole.get(..span.start as usize)?.trim_end_matches([' ', '\t']);
        let header = before.strip_suffix('\n')?.trim_end().rsplit('\n').next()?;
        let header = header.split_once(" #").map_or(header, |(header, _)| header).trim_end();
        let sign = header.trim_end_matches(|letter: char| matches!(letter, '+' | '-') || letter.is_ascii_digit());
        let start = sign.strip_suffix(['|', '>'])?;
        let opens = start.is_empty() || start.ends_with([' ', '\t']);
        sign.chars().last().filter(|_| opens)
    }

    /// Whether a scalar stands in quotes or in a block, so that whatever kustomize writes over it becomes a string.
    pub(super) fn is_quoted(&self, node: &Node) -> bool {
        let Value::String(value) = &node.value else {
            return false;
        };
        match self.text(node.span) {
            Some(written) if written.starts_with(['"', '\'']) => true,
            _ if self.block(node.span).is_some() => true,
            // Plain text of another type became a string because it took the place of one in quotes.
            Some(written) if written == &**value => needs_quotes(value),
            _ => false,
        }
    }

    /// Puts a break more before each run of indented lines of a folded scalar, as kustomize's writer does.
    pub(super) fn refold(&self, node: &mut Node) {
        // Hardly any object has one, and whatever is reached for writing is copied.
        if self.has_folded(node) {
            self.refold_all(node);
        }
    }

    fn refold_all(&self, node: &mut Node) {
        let is_folded = self.is_folded(node);
        match &mut node.value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.refold_all(item)),
            Value::Object(members) => members.iter_mut().for_each(|member| self.refold_all(&mut member.node)),
            Value::String(text) if is_folded => *text = refolded(text).into(),
            _ => {}
        }
    }

    fn has_folded(&self, node: &Node) -> bool {
        match &node.value {
            Value::Array(items) => items.iter().any(|item| self.has_folded(item)),
            Value::Object(members) => members.iter().any(|member| self.has_folded(&member.node)),
            _ => self.is_folded(node),
        }
    }

    /// Whether this is a folded scalar with indented lines, one that stays in a block.
    fn is_folded(&self, node: &Node) -> bool {
        let Some(text) = node
            .as_str()
            .filter(|text| text.contains("\n ") || text.contains("\n\t"))
        else {
            return false;
        };
        // Such a text cannot stand in a block: it gets quotes.
        let special = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\t');
        let needs_quotes = text.contains(" \n") || text.ends_with(' ') || text.contains(special);
        !needs_quotes && self.block(node.span) == Some('>')
    }

    /// The text of a scalar as it is written, nothing for lists and maps.
    pub(super) fn written<'n>(&'n self, node: &'n Node) -> Cow<'n, str> {
        let canonical = match &node.value {
            Value::String(text) => return Cow::Borrowed(text),
            Value::Array(_) | Value::Object(_) => return Cow::Borrowed(""),
            Value::Null => "null".to_owned(),
            Value::Bool(flag) => flag.to_string(),
            Value::Number(number) => number.to_string(),
        };
        match self.text(node.span) {
            Some(written) if yaml::plain(written, Dialect::Kustomize) == node.value => Cow::Borrowed(written),
            _ => Cow::Owned(canonical),
        }
    }
}

impl File {
    /// The bytes as they are.
    pub fn bytes(&self) -> &[u8] {
        match &self.content {
            Content::Text(text) => text.text().as_bytes(),
            Content::Bytes(source) => &source.bytes,
        }
    }

    /// Its source's id.
    pub fn id(&self) -> SourceId {
        match &self.content {
            Content::Text(text) => text.id,
            Content::Bytes(source) => source.id,
        }
    }

    /// What problems call it.
    pub fn name(&self) -> &str {
        match &self.content {
            Content::Text(text) => &text.name,
            Content::Bytes(source) => &source.name,
        }
    }

    /// It as it was added.
    pub(crate) fn to_source(&self) -> Source {
        Source {
            id: self.id(),
            name: self.name().to_owned(),
            bytes: self.bytes().to_vec(),
        }
    }

    /// Its text, for positions in it, where it is no YAML; nothing where it is no text.
    pub(in crate::effective) fn plain_text(&self) -> Option<SourceText> {
        match &self.content {
            Content::Text(text) => Some(text.clone()),
            Content::Bytes(source) => {
                let text = std::str::from_utf8(&source.bytes).ok()?;
                Some(SourceText::new(source.id, source.name.as_str(), text))
            }
        }
    }

    fn parse(&self, dialect: Dialect, limits: &Limits) -> Box<Parsed> {
        Box::new(match &self.content {
            Content::Text(text) => yaml::parse_text(text.clone(), dialect, limits),
            Content::Bytes(source) => yaml::parse(source, dialect, limits),
        })
    }
}

impl Content {
    fn of(source: Source) -> Self {
        let Source { id, name, bytes } = source;
        match String::from_utf8(bytes) {
            Ok(text) if !text.starts_with('\u{feff}') => Self::Text(SourceText::new(id, name, text)),
            Ok(text) => Self::Bytes(Source {
                id,
                name,
                bytes: text.into_bytes(),
            }),
            Err(error) => Self::Bytes(Source {
                id,
                name,
                bytes: error.into_bytes(),
            }),
        }
    }
}

fn refolded(text: &str) -> String {
    let indented = |line: &str| line.starts_with([' ', '\t']);
    let mut result = String::new();
    // Whether the last line that is not empty was indented.
    let mut before = true;
    let mut breaks = 0;
    for line in text.split('\n') {
        if !line.is_empty() {
            breaks += usize::from(indented(line) && !before);
            before = indented(line);
        }
        result.extend(std::iter::repeat_n('\n', breaks));
        result.push_str(line);
        breaks = 1;
    }
    result
}

/// Whether YAML would take the text for something else than a string.
pub(super) fn needs_quotes(text: &str) -> bool {
    !matches!(yaml::plain(text, Dialect::Kustomize), Value::String(_))
}

/// A path below a folder, as it stands.
pub(in crate::effective) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}

/// Where a path leads from a folder.
pub(in crate::effective) fn resolve(folder: &str, path: &str) -> Result<String, BadPath> {
    if path.is_empty() {
        return Err(BadPath::Empty);
    }
    if path.starts_with('/') {
        return Err(BadPath::Absolute);
    }
    let mut segments: Vec<&str> = folder.split('/').filter(|segment| !segment.is_empty()).collect();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." if segments.pop().is_none() => return Err(BadPath::Outside),
            ".." => {}
            _ => segments.push(segment),
        }
    }
    Ok(segments.join("/"))
}
