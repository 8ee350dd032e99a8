//! A kustomization file, typed.

use super::fault::Fault;
use super::fields::FieldSpec;
use super::read::{Fields, Pair, Text};
use crate::tree::{Node, Span, Value};

/// What kind of kustomization a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Kustomization,
    Component,
}

/// A kustomization file. Deprecated fields are already in the place of those that replace them.
#[derive(Clone, Debug)]
pub(super) struct Kustomization {
    pub(super) span: Span,
    pub(super) kind: Kind,
    pub(super) resources: Vec<Text>,
    pub(super) components: Vec<Text>,
    pub(super) configurations: Vec<Text>,
    pub(super) crds: Vec<Text>,
    pub(super) openapi: Option<Span>,
    pub(super) openapi_path: Option<Text>,
    pub(super) generators: Vec<Text>,
    pub(super) transformers: Vec<Text>,
    pub(super) validators: Vec<Text>,
    pub(super) helm_charts: Option<Span>,
    pub(super) namespace: Option<Text>,
    pub(super) name_prefix: Option<Text>,
    pub(super) name_suffix: Option<Text>,
    pub(super) labels: Vec<Label>,
    pub(super) common_labels: Vec<Pair>,
    pub(super) common_annotations: Vec<Pair>,
    pub(super) patches_strategic_merge: Vec<Text>,
    pub(super) patches: Vec<Patch>,
    pub(super) patches_json6902: Vec<Patch>,
    pub(super) images: Vec<Image>,
    pub(super) replicas: Vec<Replica>,
    pub(super) replacements: Vec<ReplacementField>,
    pub(super) config_maps: Vec<Generator>,
    pub(super) secrets: Vec<Generator>,
    pub(super) generator_options: Option<GeneratorOptions>,
    pub(super) vars: Vec<Var>,
    pub(super) build_metadata: Vec<Text>,
    pub(super) sort_order: Option<SortOptions>,
}

#[derive(Clone, Debug)]
pub(super) struct Label {
    pub(super) span: Span,
    pub(super) pairs: Vec<Pair>,
    pub(super) include_selectors: bool,
    pub(super) include_templates: bool,
    pub(super) fields: Vec<FieldSpec>,
}

#[derive(Clone, Debug)]
pub(super) struct Patch {
    pub(super) span: Span,
    pub(super) path: Option<Text>,
    pub(super) patch: Option<Text>,
    pub(super) target: Option<Selector>,
    pub(super) allow_name_change: bool,
    pub(super) allow_kind_change: bool,
}

/// Which objects a patch or a replacement speaks of. Empty fields select everything.
#[derive(Clone, Debug)]
pub(super) struct Selector {
    pub(super) span: Span,
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) labels: String,
    pub(super) annotations: String,
}

#[derive(Clone, Debug)]
pub(super) struct Image {
    pub(super) span: Span,
    pub(super) name: String,
    pub(super) new_name: Option<Text>,
    pub(super) new_tag: Option<Text>,
    pub(super) tag_suffix: Option<Text>,
    pub(super) digest: Option<Text>,
}

#[derive(Clone, Debug)]
pub(super) struct Replica {
    pub(super) span: Span,
    pub(super) name: String,
    pub(super) count: i64,
    pub(super) count_span: Span,
}

#[derive(Clone, Debug)]
pub(super) struct ReplacementField {
    pub(super) path: Option<Text>,
    pub(super) replacement: Replacement,
}

#[derive(Clone, Debug)]
pub(super) struct Replacement {
    pub(super) span: Span,
    pub(super) source: Option<Source>,
    pub(super) source_value: Option<Text>,
    pub(super) targets: Option<Vec<Target>>,
}

#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) select: Selector,
    pub(super) field_path: String,
    pub(super) options: Option<FieldOptions>,
}

#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) span: Span,
    pub(super) select: Option<Selector>,
    pub(super) reject: Vec<Selector>,
    pub(super) field_paths: Vec<String>,
    pub(super) options: Option<FieldOptions>,
}

#[derive(Clone, Debug)]
pub(super) struct FieldOptions {
    pub(super) delimiter: String,
    pub(super) index: i64,
    pub(super) create: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Generator {
    pub(super) span: Span,
    pub(super) name: Option<Text>,
    pub(super) namespace: Option<Text>,
    pub(super) behavior: String,
    pub(super) literals: Vec<Text>,
    pub(super) files: Vec<Text>,
    pub(super) envs: Vec<Text>,
    pub(super) options: Option<GeneratorOptions>,
    pub(super) secret_type: Option<Text>,
}

#[derive(Clone, Debug)]
pub(super) struct GeneratorOptions {
    pub(super) labels: Vec<Pair>,
    pub(super) annotations: Vec<Pair>,
    pub(super) disable_name_suffix_hash: bool,
    pub(super) immutable: Option<Span>,
}

#[derive(Clone, Debug)]
pub(super) struct Var {
    pub(super) span: Span,
    pub(super) name: String,
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) object: String,
    pub(super) namespace: String,
}

#[derive(Clone, Debug)]
pub(super) struct SortOptions {
    pub(super) span: Span,
    pub(super) order: String,
    pub(super) has_legacy_options: bool,
}

pub(super) const FIELDS: [&str; 34] = [
    "apiVersion",
    "kind",
    "metadata",
    "openapi",
    "namePrefix",
    "nameSuffix",
    "namespace",
    "commonLabels",
    "labels",
    "commonAnnotations",
    "patchesStrategicMerge",
    "patchesJson6902",
    "patches",
    "images",
    "imageTags",
    "replacements",
    "replicas",
    "vars",
    "sortOptions",
    "resources",
    "components",
    "crds",
    "bases",
    "configMapGenerator",
    "secretGenerator",
    "helmGlobals",
    "helmCharts",
    "helmChartInflationGenerator",
    "generatorOptions",
    "configurations",
    "generators",
    "transformers",
    "validators",
    "buildMetadata",
];

/// Reads a kustomization file.
pub(super) fn read(node: &Node) -> Result<Kustomization, Fault> {
    let fields = Fields::strict(node, &FIELDS)?;
    let said_kind = fields.text("kind")?;
    let kind = match said_kind.as_ref().map(|text| &*text.value) {
        None | Some("Kustomization") => Kind::Kustomization,
        Some("Component") => Kind::Component,
        Some(_) => {
            let message = "kind must be Kustomization or Component";
            return Err(Fault::new("kustomize-field", fields.key_span("kind"), message));
        }
    };
    let wanted = match kind {
        Kind::Kustomization => "kustomize.config.k8s.io/v1beta1",
        Kind::Component => "kustomize.config.k8s.io/v1alpha1",
    };
    if fields.text("apiVersion")?.is_some_and(|text| &*text.value != wanted) {
        let message = format!("apiVersion must be {wanted} for this kind");
        return Err(Fault::new("kustomize-field", fields.key_span("apiVersion"), message));
    }
    if let Some(metadata) = fields.node("metadata") {
        let metadata = Fields::strict(metadata, &["name", "namespace", "labels", "annotations"])?;
        for field in ["name", "namespace"] {
            metadata.text(field)?;
        }
        for field in ["labels", "annotations"] {
            metadata.pairs(field)?;
        }
    }
    let says_nothing = |node: &Node| node.value == Value::Null || node.as_str() == Some("");
    let is_type = |key: &str| key.eq_ignore_ascii_case("apiVersion") || key.eq_ignore_ascii_case("kind");
    if fields
        .members()
        .iter()
        .all(|member| is_type(&member.key) || says_nothing(&member.node))
    {
        return Err(Fault::new(
            "kustomize-empty",
            node.span,
            "the kustomization is empty; list its resources",
        ));
    }
    let images = fields.list("images")?.iter().chain(fields.list("imageTags")?);
    let helm = ["helmCharts", "helmChartInflationGenerator"];
    let mut helm_charts = None;
    for name in helm {
        if !fields.list(name)?.is_empty() {
            helm_charts.get_or_insert(fields.key_span(name));
        }
    }
    let openapi = fields.pairs("openapi")?;
    let mut resources = fields.texts("resources")?;
    resources.extend(fields.texts("bases")?);
    Ok(Kustomization {
        span: node.span,
        kind,
        resources,
        components: fields.texts("components")?,
        configurations: fields.texts("configurations")?,
        crds: fields.texts("crds")?,
        openapi: (!openapi.is_empty()).then(|| fields.key_span("openapi")),
        openapi_path: openapi
            .into_iter()
            .find(|pair| &*pair.key == "path")
            .map(|pair| pair.value),
        generators: fields.texts("generators")?,
        transformers: fields.texts("transformers")?,
        validators: fields.texts("validators")?,
        helm_charts,
        namespace: fields.text("namespace")?,
        name_prefix: fields.text("namePrefix")?,
        name_suffix: fields.text("nameSuffix")?,
        labels: each(fields.list("labels")?, label)?,
        common_labels: fields.pairs("commonLabels")?,
        common_annotations: fields.pairs("commonAnnotations")?,
        patches_strategic_merge: fields.texts("patchesStrategicMerge")?,
        patches: each(fields.list("patches")?, patch)?,
        patches_json6902: each(fields.list("patchesJson6902")?, patch)?,
        images: images.map(image).collect::<Result<_, _>>()?,
        replicas: each(fields.list("replicas")?, replica)?,
        replacements: each(fields.list("replacements")?, replacement_field)?,
        config_maps: each(fields.list("configMapGenerator")?, |node| generator(node, false))?,
        secrets: each(fields.list("secretGenerator")?, |node| generator(node, true))?,
        generator_options: fields.node("generatorOptions").map(generator_options).transpose()?,
        vars: each(fields.list("vars")?, var)?,
        build_metadata: fields.texts("buildMetadata")?,
        sort_order: fields.node("sortOptions").map(sort_options).transpose()?,
    })
}

/// Reads a file of replacements: one, or a list of them.
pub(super) fn replacements(node: &Node) -> Result<Vec<Replacement>, Fault> {
    match &node.value {
        Value::Array(items) => each(items, |node| replacement(&Fields::any(node)?)),
        Value::Object(_) => Ok(vec![replacement(&Fields::any(node)?)?]),
        _ => Err(Fault::new(
            "kustomize-field",
            node.span,
            "a file of replacements is a map or a list",
        )),
    }
}

fn each<T>(nodes: &[Node], read: impl Fn(&Node) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
    nodes.iter().map(read).collect()
}

fn label(node: &Node) -> Result<Label, Fault> {
    let fields = Fields::strict(node, &["pairs", "includeSelectors", "includeTemplates", "fields"])?;
    Ok(Label {
        span: node.span,
        pairs: fields.pairs("pairs")?,
        include_selectors: fields.flag("includeSelectors")?,
        include_templates: fields.flag("includeTemplates")?,
        fields: each(fields.list("fields")?, |node| {
            FieldSpec::read(&Fields::strict(node, &["group", "version", "kind", "path", "create"])?)
        })?,
    })
}

fn patch(node: &Node) -> Result<Patch, Fault> {
    let fields = Fields::strict(node, &["path", "patch", "target", "options"])?;
    let mut allow = (false, false);
    if let Some(options) = fields.node("options") {
        for member in Fields::any(options)?.members() {
            let flag = match member.node.value {
                Value::Bool(flag) => flag,
                Value::Null => false,
                _ => {
                    return Err(Fault::new(
                        "kustomize-field",
                        member.node.span,
                        "the value must be true or false",
                    ));
                }
            };
            match &*member.key {
                "allowNameChange" => allow.0 = flag,
                "allowKindChange" => allow.1 = flag,
                _ => {}
            }
        }
    }
    Ok(Patch {
        span: node.span,
        path: fields.text("path")?,
        patch: fields.text("patch")?,
        target: fields.node("target").map(read_selector).transpose()?,
        allow_name_change: allow.0,
        allow_kind_change: allow.1,
    })
}

pub(in crate::effective) const SELECTOR: [&str; 7] = [
    "group",
    "version",
    "kind",
    "name",
    "namespace",
    "labelSelector",
    "annotationSelector",
];

/// Reads a selector that stands by itself.
pub(super) fn read_selector(node: &Node) -> Result<Selector, Fault> {
    selector(&Fields::strict(node, &SELECTOR)?)
}

fn selector(fields: &Fields<'_>) -> Result<Selector, Fault> {
    Ok(Selector {
        span: fields.span,
        group: string(fields, "group")?,
        version: string(fields, "version")?,
        kind: string(fields, "kind")?,
        name: string(fields, "name")?,
        namespace: string(fields, "namespace")?,
        labels: string(fields, "labelSelector")?,
        annotations: string(fields, "annotationSelector")?,
    })
}

/// The text of a field, empty where it is absent.
pub(super) fn string(fields: &Fields<'_>, name: &str) -> Result<String, Fault> {
    Ok(fields
        .text(name)?
        .map_or_else(String::new, |text| text.value.to_string()))
}

fn image(node: &Node) -> Result<Image, Fault> {
    let fields = Fields::strict(node, &["name", "newName", "tagSuffix", "newTag", "digest"])?;
    Ok(Image {
        span: node.span,
        name: string(&fields, "name")?,
        new_name: fields.text("newName")?,
        new_tag: fields.text("newTag")?,
        tag_suffix: fields.text("tagSuffix")?,
        digest: fields.text("digest")?,
    })
}

fn replica(node: &Node) -> Result<Replica, Fault> {
    let fields = Fields::strict(node, &["name", "count"])?;
    let (count, count_span) = fields.int("count")?.unwrap_or((0, node.span));
    Ok(Replica {
        span: node.span,
        name: string(&fields, "name")?,
        count,
        count_span,
    })
}

fn replacement_field(node: &Node) -> Result<ReplacementField, Fault> {
    let fields = Fields::strict(node, &["path", "source", "targets", "sourceValue"])?;
    Ok(ReplacementField {
        path: fields.text("path")?,
        replacement: replacement(&fields)?,
    })
}

fn replacement(fields: &Fields<'_>) -> Result<Replacement, Fault> {
    let source = |node| {
        let known = ["group", "version", "kind", "name", "namespace", "fieldPath", "options"];
        let fields = Fields::strict(node, &known)?;
        Ok(Source {
            select: selector(&fields)?,
            field_path: string(&fields, "fieldPath")?,
            options: fields.node("options").map(field_options).transpose()?,
        })
    };
    let target = |node: &Node| {
        let fields = Fields::strict(node, &["select", "reject", "fieldPaths", "options"])?;
        let select = |node: &Node| selector(&Fields::strict(node, &SELECTOR)?);
        Ok(Target {
            span: node.span,
            select: fields.node("select").map(select).transpose()?,
            reject: each(fields.list("reject")?, select)?,
            field_paths: fields
                .texts("fieldPaths")?
                .into_iter()
                .map(|text| text.value.to_string())
                .collect(),
            options: fields.node("options").map(field_options).transpose()?,
        })
    };
    Ok(Replacement {
        span: fields.span,
        source: fields.node("source").map(source).transpose()?,
        source_value: fields.any_text("sourceValue")?,
        targets: match fields.node("targets") {
            None => None,
            Some(_) => Some(each(fields.list("targets")?, target)?),
        },
    })
}

fn field_options(node: &Node) -> Result<FieldOptions, Fault> {
    let fields = Fields::strict(node, &["delimiter", "index", "encoding", "create"])?;
    string(&fields, "encoding")?;
    Ok(FieldOptions {
        delimiter: string(&fields, "delimiter")?,
        index: fields.int("index")?.map_or(0, |(index, _)| index),
        create: fields.flag("create")?,
    })
}

fn generator(node: &Node, secret: bool) -> Result<Generator, Fault> {
    let known = [
        "namespace",
        "name",
        "behavior",
        "literals",
        "files",
        "envs",
        "env",
        "options",
        "type",
    ];
    let known = if secret {
        &known[..]
    } else {
        known.split_last().map_or(&known[..], |(_, rest)| rest)
    };
    let fields = Fields::strict(node, known)?;
    let mut envs = fields.texts("envs")?;
    envs.extend(fields.text("env")?);
    Ok(Generator {
        span: node.span,
        name: fields.text("name")?,
        namespace: fields.text("namespace")?,
        behavior: string(&fields, "behavior")?,
        literals: fields.texts("literals")?,
        files: fields.texts("files")?,
        envs,
        options: fields.node("options").map(generator_options).transpose()?,
        secret_type: if secret { fields.text("type")? } else { None },
    })
}

fn generator_options(node: &Node) -> Result<GeneratorOptions, Fault> {
    let known = ["labels", "annotations", "disableNameSuffixHash", "immutable"];
    let fields = Fields::strict(node, &known)?;
    let immutable = fields.flag("immutable")?;
    Ok(GeneratorOptions {
        labels: fields.pairs("labels")?,
        annotations: fields.pairs("annotations")?,
        disable_name_suffix_hash: fields.flag("disableNameSuffixHash")?,
        immutable: fields.node("immutable").filter(|_| immutable).map(|node| node.span),
    })
}

fn var(node: &Node) -> Result<Var, Fault> {
    let fields = Fields::strict(node, &["name", "objref", "fieldref"])?;
    let known = ["apiVersion", "group", "version", "kind", "name", "namespace"];
    let absent = Node {
        span: node.span,
        value: Value::Null,
    };
    let object = Fields::strict(fields.node("objref").unwrap_or(&absent), &known)?;
    if let Some(field) = fields.node("fieldref") {
        string(&Fields::strict(field, &["fieldPath", "fieldpath"])?, "fieldPath")?;
    }
    let api_version = string(&object, "apiVersion")?;
    let (group, version) = match api_version.split_once('/') {
        _ if api_version.is_empty() => (string(&object, "group")?, string(&object, "version")?),
        Some((group, version)) => (group.to_owned(), version.to_owned()),
        None => (string(&object, "group")?, api_version),
    };
    Ok(Var {
        span: node.span,
        name: string(&fields, "name")?,
        group,
        version,
        kind: string(&object, "kind")?,
        object: string(&object, "name")?,
        namespace: string(&object, "namespace")?,
    })
}

fn sort_options(node: &Node) -> Result<SortOptions, Fault> {
    let fields = Fields::strict(node, &["order", "legacySortOptions"])?;
    let legacy = fields.node("legacySortOptions");
    if let Some(legacy) = legacy {
        let legacy = Fields::strict(legacy, &["orderFirst", "orderLast"])?;
        for field in ["orderFirst", "orderLast"] {
            legacy.texts(field)?;
        }
    }
    Ok(SortOptions {
        span: node.span,
        order: string(&fields, "order")?,
        has_legacy_options: legacy.is_some(),
    })
}
