//! Controls and the METADATA they are read from. Also compiled into the build script.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::LoadError;
use crate::limits::Limits;
use crate::rego::Evaluate;
use crate::source::{Source, SourceId, SourceText};
use crate::tree::{Member, Node, Span, Value};
use crate::yaml;

/// How bad a violation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing
    Info,
    /// Weakens defence in depth
    Low,
    /// A clear weakness
    Medium,
    /// Likely to be exploited once an attacker is near
    High,
    /// Hands over the cluster
    Critical,
}

impl Severity {
    /// As it is written everywhere.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// A set of recommendations for one kind of installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Every cluster
    Base,
    /// Shared-cluster multi-tenancy
    Shared,
    /// Tenant-dedicated clusters
    Dedicated,
    /// Hardened extras
    Hard,
}

impl Profile {
    /// As it is written everywhere.
    pub fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Shared => "shared",
            Self::Dedicated => "dedicated",
            Self::Hard => "hard",
        }
    }
}

/// How much of a control can be decided from manifests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Assessment {
    /// All of it
    Automated,
    /// Some cases; the others are `manual` or `unknown`
    Partial,
    /// None of it: a person collects evidence
    Manual,
}

/// What the input is, which decides what an absence proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// A tree as committed
    Git,
    /// The output of kustomize or helm, a single file or a stream
    Render,
    /// The objects of a cluster
    Dump,
    /// One object under admission
    Admission,
}

/// A kind in an API group, in any version: `apps/Deployment`, or `Pod` in the core group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GroupKind {
    /// The API group; empty for the core group.
    pub group: String,
    /// The kind.
    pub kind: String,
}

/// A page that says more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RelatedResource {
    /// Its address.
    #[serde(rename = "ref")]
    pub reference: String,
    /// What it is.
    pub description: String,
}

/// One recommendation: everything its METADATA says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Control {
    /// The ID, such as `FX-KC-03`; never reused.
    pub id: String,
    /// The folder and package name, such as `no_remote_bases`.
    pub slug: String,
    /// The recommendation in one line.
    pub title: String,
    /// What the control looks at and how it decides.
    pub description: String,
    /// How bad a violation is.
    pub severity: Severity,
    /// The profiles that include it.
    pub profiles: Vec<Profile>,
    /// How much of it can be decided.
    pub assessment: Assessment,
    /// The modes in which it can be decided.
    pub modes: Vec<Mode>,
    /// The kinds of objects it speaks of.
    pub kinds: Vec<GroupKind>,
    /// The kinds it needs to see besides the object: empty where the object alone decides.
    pub reads: Vec<GroupKind>,
    /// The page and section that make the recommendation.
    pub origin: String,
    /// Why it matters (Markdown).
    pub rationale: String,
    /// How a person checks it (Markdown).
    pub audit: String,
    /// How to mend it (Markdown).
    pub remediation: String,
    /// The release that brought it.
    pub since: String,
    /// Its parameters: name to JSON Schema with a default.
    pub params: BTreeMap<String, serde_json::Value>,
    /// The lines that it finds may hold credentials, so that no report shows them.
    pub redact: bool,
    /// Earlier slugs.
    pub aliases: Vec<String>,
    /// Why it should not be used any more, if so.
    pub deprecated: Option<String>,
    /// Pages that say more.
    pub related_resources: Vec<RelatedResource>,
}

/// Makes of the sources and controls what evaluates them.
type Load = fn(&[Module], &[Control]) -> Result<Box<dyn Evaluate>, LoadError>;

/// Controls, and what evaluates them.
pub struct Catalog {
    pub(crate) controls: Vec<Control>,
    /// Its Rego; empty where the build script has compiled it.
    pub(crate) modules: Vec<Module>,
    /// Makes the rules ready to evaluate: known where the catalogue comes from.
    pub(crate) evaluator: Load,
}

/// One Rego file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Module {
    /// Its path, shown in errors.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl GroupKind {
    /// Splits `group/Kind` or `Kind`.
    pub fn parse(text: &str) -> Option<Self> {
        let (group, kind) = text.split_once('/').unwrap_or(("", text));
        let starts_upper = kind.chars().next().is_some_and(|first| first.is_ascii_uppercase());
        (starts_upper && !kind.contains('/')).then(|| Self {
            group: group.into(),
            kind: kind.into(),
        })
    }
}

impl std::fmt::Display for GroupKind {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.group.is_empty() {
            out.write_str(&self.kind)
        } else {
            write!(out, "{}/{}", self.group, self.kind)
        }
    }
}

impl TryFrom<String> for GroupKind {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
            .ok_or_else(|| format!("`{text}` is not a kind: write `group/Kind`, or `Kind` for the core group"))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for GroupKind {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "GroupKind".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "description": "`group/Kind`, or `Kind` in the core group"})
    }
}

impl From<GroupKind> for String {
    fn from(kind: GroupKind) -> Self {
        kind.to_string()
    }
}

/// The slug of a control's package, where `module` is one: `package flux.<slug>`, tests left out.
pub(crate) fn control_slug(module: &Module) -> Option<&str> {
    let package = module
        .text
        .lines()
        .find_map(|line| line.strip_prefix("package flux."))?;
    let slug = package.trim();
    (!slug.ends_with("_test")).then_some(slug)
}

/// Reads the METADATA of a control's module.
///
/// # Errors
/// [`LoadError::Policy`] with file and line for a missing block, an unknown or missing key, or a wrong value.
pub(crate) fn read_control(module: &Module, slug: &str) -> Result<Control, LoadError> {
    let block = MetadataBlock::parse(module)?;
    let mut top = block.fields(&block.root)?;
    let custom_node = top.required("custom")?;
    let mut custom = block.fields(custom_node)?;
    top.literal("scope", "package")?;
    let control = Control {
        id: custom.string("id")?,
        slug: slug.into(),
        title: top.string("title")?,
        description: top.string("description")?,
        severity: custom.decode("severity")?,
        profiles: custom.decode("profiles")?,
        assessment: custom.decode("assessment")?,
        modes: custom.decode("modes")?,
        kinds: custom.decode("kinds")?,
        reads: custom.decode("reads")?,
        origin: custom.string("origin")?,
        rationale: custom.string("rationale")?,
        audit: custom.string("audit")?,
        remediation: custom.string("remediation")?,
        since: custom.string("since")?,
        params: custom.optional("params")?.unwrap_or_else(BTreeMap::new),
        redact: custom.optional("redact")?.unwrap_or(false),
        aliases: custom.optional("aliases")?.unwrap_or_else(Vec::new),
        deprecated: custom.optional("deprecated")?,
        related_resources: top.decode("related_resources")?,
    };
    top.finish()?;
    custom.finish()?;
    block.verify(&control, custom_node)?;
    Ok(control)
}

/// The first METADATA comment of a module, parsed.
struct MetadataBlock<'m> {
    module: &'m Module,
    text: SourceText,
    first_line: u32,
    root: Node,
}

impl<'m> MetadataBlock<'m> {
    fn parse(module: &'m Module) -> Result<Self, LoadError> {
        let error = |line: u32, message: String| LoadError::Policy {
            file: module.path.clone(),
            line,
            message,
        };
        let Some(start) = module.text.lines().position(|line| line.trim_end() == "# METADATA") else {
            return Err(error(
                1,
                "there is no `# METADATA` comment; every control starts with one".into(),
            ));
        };
        let comment = module
            .text
            .lines()
            .skip(start + 1)
            .map_while(|line| line.strip_prefix('#'));
        let body: Vec<&str> = comment.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
        let first_line = u32::try_from(start).unwrap_or(u32::MAX).saturating_add(1);
        let source = Source {
            id: SourceId(0),
            name: module.path.clone(),
            bytes: body.join("\n").into_bytes(),
        };
        let parsed = yaml::parse(&source, yaml::Dialect::Kubectl, &Limits::standard());
        if let Some(problem) = parsed.problems.first() {
            let line = first_line.saturating_add(problem.line.unwrap_or(0));
            return Err(error(line, format!("METADATA is not valid YAML: {}", problem.message)));
        }
        let root = parsed.documents.into_iter().next().map(|document| document.root);
        let root = root.ok_or_else(|| error(first_line, "METADATA is empty".into()))?;
        Ok(Self {
            module,
            text: parsed.text,
            first_line,
            root,
        })
    }

    fn error(&self, at: Span, message: String) -> LoadError {
        let line = self.first_line.saturating_add(self.text.position(at.start).line);
        LoadError::Policy {
            file: self.module.path.clone(),
            line,
            message,
        }
    }

    fn fields<'b>(&'b self, node: &'b Node) -> Result<Fields<'b>, LoadError> {
        let members = node
            .as_object()
            .ok_or_else(|| self.error(node.span, "this must be a mapping".into()))?;
        Ok(Fields {
            block: self,
            at: node.span,
            rest: members.iter().collect(),
        })
    }

    /// What the types cannot say.
    fn verify(&self, control: &Control, custom: &Node) -> Result<(), LoadError> {
        let at = |key: &str| custom.locate(&[crate::tree::Segment::Key(key.into())]);
        let id_parts: Vec<&str> = control.id.split('-').collect();
        let valid_id = matches!(id_parts.as_slice(), ["FX", family, number]
            if !family.is_empty() && family.chars().all(|c| c.is_ascii_uppercase())
                && number.len() == 2 && number.chars().all(|c| c.is_ascii_digit()));
        if !valid_id {
            return Err(self.error(
                at("id"),
                format!("`{}` is not an ID of the form FX-FAMILY-00", control.id),
            ));
        }
        for (list, empty) in [
            ("profiles", control.profiles.is_empty()),
            ("modes", control.modes.is_empty()),
        ] {
            if empty {
                return Err(self.error(at(list), format!("`{list}` names nothing: the control would never run")));
            }
        }
        if control.kinds.is_empty() != (control.assessment == Assessment::Manual) {
            let message = "`kinds` must be empty for manual controls, and only for them".to_owned();
            return Err(self.error(at("kinds"), message));
        }
        for (name, schema) in &control.params {
            for key in ["type", "default", "description"] {
                if schema.get(key).is_none() {
                    return Err(self.error(at("params"), format!("parameter `{name}` has no `{key}`")));
                }
            }
        }
        Ok(())
    }
}

/// The members of one mapping, each to be taken once.
struct Fields<'b> {
    block: &'b MetadataBlock<'b>,
    at: Span,
    rest: Vec<&'b Member>,
}

impl<'b> Fields<'b> {
    fn take(&mut self, key: &str) -> Option<&'b Node> {
        let at = self.rest.iter().position(|member| &*member.key == key)?;
        Some(&self.rest.remove(at).node)
    }

    fn required(&mut self, key: &str) -> Result<&'b Node, LoadError> {
        self.take(key)
            .ok_or_else(|| self.block.error(self.at, format!("`{key}` is missing")))
    }

    fn string(&mut self, key: &str) -> Result<String, LoadError> {
        let node = self.required(key)?;
        match &node.value {
            Value::String(text) if !text.trim().is_empty() => Ok(text.trim_end().to_owned()),
            _ => Err(self
                .block
                .error(node.span, format!("`{key}` must be a non-empty string"))),
        }
    }

    fn literal(&mut self, key: &str, wanted: &str) -> Result<(), LoadError> {
        let node = self.required(key)?;
        if node.as_str() == Some(wanted) {
            return Ok(());
        }
        Err(self.block.error(node.span, format!("`{key}` must be `{wanted}`")))
    }

    fn decode<T: serde::de::DeserializeOwned>(&mut self, key: &str) -> Result<T, LoadError> {
        let node = self.required(key)?;
        self.decoded(key, node)
    }

    fn optional<T: serde::de::DeserializeOwned>(&mut self, key: &str) -> Result<Option<T>, LoadError> {
        self.take(key).map(|node| self.decoded(key, node)).transpose()
    }

    fn decoded<T: serde::de::DeserializeOwned>(&self, key: &str, node: &Node) -> Result<T, LoadError> {
        serde_json::from_value(node.to_json()).map_err(|error| self.block.error(node.span, format!("`{key}`: {error}")))
    }

    fn finish(self) -> Result<(), LoadError> {
        match self.rest.first() {
            None => Ok(()),
            Some(unknown) => Err(self.block.error(
                unknown.key_span,
                format!("`{}` is not a METADATA key of a control", unknown.key),
            )),
        }
    }
}

/// Reads the controls among `modules`, sorted by ID, and checks what must hold across them.
///
/// # Errors
/// [`LoadError::Policy`] for a faulty METADATA block, an ID or slug used twice, or two parameters of one name that
/// differ in schema or default.
pub(crate) fn read_controls(modules: &[Module]) -> Result<Vec<Control>, LoadError> {
    let mut controls = Vec::new();
    let mut owners: BTreeMap<String, &Module> = BTreeMap::new();
    let mut params: BTreeMap<String, (serde_json::Value, &Module)> = BTreeMap::new();
    for module in modules {
        let Some(slug) = control_slug(module) else { continue };
        let control = read_control(module, slug)?;
        let error = |message: String| LoadError::Policy {
            file: module.path.clone(),
            line: 1,
            message,
        };
        for name in [&control.id, &control.slug] {
            if let Some(other) = owners.insert(name.clone(), module) {
                return Err(error(format!("`{name}` is already used by {}", other.path)));
            }
        }
        for (name, schema) in &control.params {
            if ["mode", "profiles", "now", "onUnknown"].contains(&name.as_str()) {
                return Err(error(format!("`{name}` is a reserved parameter name")));
            }
            match params.get(name) {
                Some((known, other)) if known != schema => {
                    return Err(error(format!(
                        "parameter `{name}` differs from the one in {}",
                        other.path
                    )));
                }
                _ => drop(params.insert(name.clone(), (schema.clone(), module))),
            }
        }
        controls.push(control);
    }
    controls.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(controls)
}
