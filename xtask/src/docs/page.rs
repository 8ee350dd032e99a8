//! `docs/controls/<ID>.md`.

use std::collections::BTreeMap;

use anyhow::Result;
use policy_core::{Assessment, Control, Finding, Mode};
use serde_json::Value;

use super::{cell, example, notice, word, words};
use crate::fixtures::Fixture;
use crate::hosts::{Host, Hosts};

pub(super) fn render(control: &Control, fixtures: &[&Fixture], controls: &[Control], hosts: &Hosts) -> Result<String> {
    let slug = &control.slug;
    let mut page = format!(
        "{}\n# {}: {}\n\n",
        notice(&format!("policies/flux/{slug}")),
        control.id,
        control.title
    );
    if let Some(reason) = &control.deprecated {
        page += &format!("**Deprecated.** {reason}\n\n");
    }
    page += &summary(control);
    let bad = example::bad(fixtures);
    let found = match bad {
        Some(fixture) => example::findings(fixture, control, controls)?,
        None => Vec::new(),
    };
    let bad = bad.map_or_else(|| nothing(control, "bad"), |fixture| example::render(fixture, &found));
    let good = example::good(fixtures);
    let good = good.map_or_else(|| nothing(control, "good"), |fixture| example::render(fixture, &[]));
    for (title, body) in [
        ("What it says", control.description.as_str()),
        ("Why", &control.rationale),
        ("How to check it by hand", &control.audit),
        ("A bad example", &bad),
        ("A good example", &good),
        ("How to mend it", &control.remediation),
        ("Parameters", &parameters(control)),
        ("What can decide it", &deciders(control, hosts)),
        ("Exceptions", &exceptions(control, found.first())),
        ("More", &links(control)),
    ] {
        page += &format!("## {title}\n\n{}\n\n", body.trim_end());
    }
    Ok(page.trim_end().to_owned() + "\n")
}

fn summary(control: &Control) -> String {
    let names = if control.aliases.is_empty() {
        format!("`{}`", control.slug)
    } else {
        let aliases: Vec<String> = control.aliases.iter().map(|alias| format!("`{alias}`")).collect();
        format!("`{}`, formerly {}", control.slug, aliases.join(", "))
    };
    let rows = [
        ("Name", names),
        ("Severity", control.severity.name().to_owned()),
        ("Profiles", words(&control.profiles)),
        ("Assessment", word(&control.assessment)),
        ("Modes", words(&control.modes)),
        ("Origin", cell(&control.origin)),
        ("Since", control.since.clone()),
    ];
    let rows: Vec<String> = rows
        .iter()
        .map(|(name, value)| format!("| {name} | {value} |\n"))
        .collect();
    format!("| | |\n|---|---|\n{}\n", rows.concat())
}

/// In place of an example.
fn nothing(control: &Control, kind: &str) -> String {
    if control.assessment == Assessment::Manual {
        "There is none: a person decides this control, and no manifest shows it.".into()
    } else {
        format!("There is no {kind} example: no input of the control's tests has that result.")
    }
}

fn parameters(control: &Control) -> String {
    if control.params.is_empty() {
        return "None.".into();
    }
    let mut text = String::from("| Name | Type | Default | Meaning |\n|---|---|---|---|\n");
    for (name, schema) in &control.params {
        let get = |key: &str| schema.get(key).map_or_else(String::new, plain);
        let default = schema.get("default").map_or_else(String::new, Value::to_string);
        text += &format!(
            "| `{name}` | {} | `{}` | {} |\n",
            cell(&kind(schema)),
            cell(&default),
            cell(&get("description"))
        );
    }
    let name = control.params.keys().next().map_or("", String::as_str);
    text + &format!("\nSet them with `--param {name}=VALUE`, or under `params` in the configuration.\n")
}

/// The type of a JSON Schema in words.
fn kind(schema: &Value) -> String {
    let own = match schema.get("type") {
        Some(Value::Array(types)) => types.iter().map(plain).collect::<Vec<_>>().join(" or "),
        Some(one) => plain(one),
        None => "any".into(),
    };
    if let Some(Value::Array(values)) = schema.get("enum") {
        let values: Vec<String> = values.iter().map(|value| format!("`{}`", plain(value))).collect();
        return format!("{own}: {}", values.join(", "));
    }
    match schema.get("items").and_then(|items| items.get("type")) {
        Some(item) => format!("{own} of {}", plain(item)),
        None => own,
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Who can tell, from modes, reads and assessment.
fn deciders(control: &Control, hosts: &Hosts) -> String {
    if control.assessment == Assessment::Manual {
        return "A person, whose answer is an item of evidence. No host decides it: without evidence it is `manual`."
            .into();
    }
    let reads: Vec<String> = control.reads.iter().map(|kind| format!("`{kind}`")).collect();
    let reads = reads.join(", ");
    let has = |mode: Mode| control.modes.contains(&mode);
    let mut rows: Vec<(&str, String)> = Vec::new();
    let from = |mode: Mode| {
        match (has(mode), reads.is_empty()) {
            (false, _) => "no, the control is `manual` there",
            (true, true) => "yes",
            (true, false) => "yes, where what the control reads is among them",
        }
        .to_owned()
    };
    rows.push(("Files in Git (mode `git`)", from(Mode::Git)));
    rows.push(("Rendered manifests (mode `render`)", from(Mode::Render)));
    rows.push(("Objects of a cluster (mode `dump`)", from(Mode::Dump)));
    let never = "no, the control is not evaluated there";
    let (alone, supplied) = match (has(Mode::Admission), reads.is_empty()) {
        (false, _) => (never, never),
        (true, true) => ("yes, from the object alone", "yes"),
        (true, false) => (never, "yes, where what the control reads is in it"),
    };
    rows.push(("Admission without an inventory", alone.into()));
    rows.push(("Admission with an inventory from the host", supplied.into()));
    if control.assessment == Assessment::Partial {
        rows.push((
            "A person",
            "what is reported as `manual`, by an item in `.flux-audit-evidence.yaml`: some cases no manifest tells"
                .into(),
        ));
    }
    let rows: Vec<String> = rows
        .iter()
        .map(|(host, answer)| format!("| {host} | {answer} |\n"))
        .collect();
    let kinds: Vec<String> = control.kinds.iter().map(|kind| format!("`{kind}`")).collect();
    let mut text = format!("| Input | Decides |\n|---|---|\n{}\n", rows.concat());
    text += &format!("It judges: {}.\n", kinds.join(", "));
    if !reads.is_empty() {
        text += &format!("\nIt reads besides: {reads}.\n");
    }
    text + &programs(control, hosts)
}

/// The hosts that decide it, and why the others do not.
fn programs(control: &Control, hosts: &Hosts) -> String {
    let mut deciding = Vec::new();
    let mut others: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for host in Host::ALL {
        match hosts.why_not(host, control) {
            None if hosts.needs_inventory(host, control) => deciding.push("the webhook with `--inventory`"),
            None => deciding.push(host.name()),
            Some(reason) => others.entry(reason).or_default().push(host.name()),
        }
    }
    let others: Vec<String> = others
        .iter()
        .map(|(reason, names)| format!(" Not {}: {reason}.", names.join(", ")))
        .collect();
    format!(
        "\n[Hosts](../hosts.md) that decide it: {}.{}\n",
        deciding.join(", "),
        others.concat()
    )
}

fn exceptions(control: &Control, found: Option<&Finding>) -> String {
    if control.assessment == Assessment::Manual {
        return evidence(control);
    }
    let object = found.map(|finding| &finding.object);
    let mut target = String::new();
    if let Some(object) = object {
        target += &format!("      kind: {}\n", object.kind);
        if !object.namespace.is_empty() {
            target += &format!("      namespace: {}\n", object.namespace);
        }
        target += &format!("      name: {}\n", yaml_scalar(&object.name));
    } else {
        target += "      kind: Deployment\n      namespace: flux-system\n      name: example\n";
    }
    format!(
        "An exception is for one object, has a reason and an owner, and ends on a day. It stands in `.flux-audit.yaml`; \
         no annotation of an object does the same, or a tenant could except itself.\n\n\
         ```yaml\n\
         apiVersion: audit.plugin.fluxcd.io/v1beta1\n\
         kind: Config\n\
         exceptions:\n  \
           - control: {}\n    \
             object:\n\
         {target}    \
             reason: why this object may differ, and what protects it instead\n    \
             owner: platform-team@example.com\n    \
             expires: \"2027-06-30\"\n\
         ```\n",
        control.id
    )
}

fn evidence(control: &Control) -> String {
    format!(
        "There is no finding to except. What a person found out, or decided to accept, is an item in \
         `.flux-audit-evidence.yaml`; its `status` is `pass`, `fail` or `accepted-risk`, and it ends on a day.\n\n\
         ```yaml\n\
         apiVersion: audit.plugin.fluxcd.io/v1beta1\n\
         kind: Evidence\n\
         items:\n  \
           - control: {}\n    \
             status: accepted-risk\n    \
             owner: platform-team@example.com\n    \
             date: \"2026-11-02\"\n    \
             expires: \"2027-06-30\"\n    \
             note: why the risk is accepted, and until what changes\n\
         ```\n",
        control.id
    )
}

/// Names of files, such as `.sops.yaml`, and with colons or wildcards need quotes at times.
fn yaml_scalar(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-./".contains(c);
    if text.chars().all(is_plain) && text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        text.to_owned()
    } else {
        serde_json::json!(text).to_string()
    }
}

fn links(control: &Control) -> String {
    let mut lines: Vec<String> = control
        .related_resources
        .iter()
        .map(|page| format!("- [{}]({})\n", page.description, page.reference))
        .collect();
    let slug = &control.slug;
    lines.push("- [Where the recommendation comes from](../traceability.md)\n".into());
    lines.push(format!("- [The policy and its tests](../../policies/flux/{slug}/)\n"));
    lines.concat()
}
