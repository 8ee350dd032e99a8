//! The module by which the virtual machine reaches the controls, written from the catalogue: one entry for each kind of
//! object, an array with an item for each control that speaks of the kind, in the catalogue's order:
//!
//! - `false`: the control does not speak of this object,
//! - `true`: it does, and has nothing to say,
//! - an object with its results, as sets.
//!
//! Most objects are none of most controls', and nearly all are as they should be. So what several rules of a control ask
//! first is asked once. An item that cannot be computed leaves the whole entry undefined, which is an error.
//!
//! Where `input.controls` is there, it names the controls that are wanted, and `false` stands for the others.

use std::collections::BTreeSet;

use crate::catalog::{Control, GroupKind, Module, control_slug};

/// The rule that says whether a control speaks of the object.
pub(crate) const SUBJECT: &str = "subject";
/// The rule without which an object is no workload of Flux.
const CONTROLLER: &str = "data.lib.flux.controller";

/// The kinds that some control speaks of, in the order of the entries.
pub(crate) fn kinds(controls: &[Control]) -> Vec<GroupKind> {
    let kinds: BTreeSet<&GroupKind> = controls.iter().flat_map(|control| &control.kinds).collect();
    kinds.into_iter().cloned().collect()
}

/// The controls that speak of a kind, by their number in the catalogue, in the order of an entry's items.
pub(crate) fn speaking(controls: &[Control], kind: &GroupKind) -> Vec<usize> {
    let speaks = |(at, control): (usize, &Control)| control.kinds.contains(kind).then_some(at);
    controls.iter().enumerate().filter_map(speaks).collect()
}

/// Evaluates the objects of the kind number `at`.
pub(crate) fn entry_point(at: usize) -> String {
    format!("data.dispatch.entry_{at}")
}

/// The module, for controls with the result rules that `rules_of` names.
pub(crate) fn module<'r>(
    modules: &[Module],
    controls: &[Control],
    rules_of: impl Fn(&str) -> Option<&'r Vec<&'static str>>,
) -> String {
    let mut text = String::from("package dispatch\n");
    let mut gated = BTreeSet::new();
    for (at, control) in controls
        .iter()
        .enumerate()
        .filter(|(_, control)| !control.kinds.is_empty())
    {
        let slug = control.slug.as_str();
        let Some(results) = rules_of(slug) else { continue };
        let own = modules.iter().find(|module| control_slug(module) == Some(slug));
        let rules = own.map_or_else(Vec::new, |module| rules(&module.text));
        if for_controllers(&rules) {
            gated.insert(at);
        }
        text += &outcome(slug, results, &rules);
    }
    for (at, kind) in kinds(controls).iter().enumerate() {
        let items = |rule: &str, skips: &dyn Fn(usize) -> bool| {
            let item = |control: usize| match (skips(control), controls.get(control)) {
                (false, Some(control)) => format!("data.dispatch.{rule}_{}", control.slug),
                _ => "false".into(),
            };
            let items: Vec<String> = speaking(controls, kind).into_iter().map(item).collect();
            format!("[\n\t{},\n]", items.join(",\n\t"))
        };
        let whole = |rule: &str, condition: &str| {
            let (all, others) = (
                items(rule, &|_| false),
                items(rule, &|control| gated.contains(&control)),
            );
            match all == others {
                true => format!("{all} if {{\n\t{condition}\n}}"),
                false => {
                    format!("{all} if {{\n\t{condition}\n\t{CONTROLLER}\n}} else := {others} if {{\n\t{condition}\n}}")
                }
            }
        };
        let (every, chosen) = (
            whole("outcome", "not input.controls"),
            whole("chosen", "input.controls"),
        );
        text += &format!("\nentry_{at} := {every} else := {chosen}\n");
    }
    text
}

/// The rules that say what one control has to say of the object under review.
fn outcome(slug: &str, results: &[&str], rules: &[Rule<'_>]) -> String {
    let own = format!("data.flux.{slug}");
    let result = |name: &&&str| format!("\"{name}\": {own}.{name}");
    let results: Vec<&&str> = results.iter().filter(|name| **name != SUBJECT).collect();
    let found: Vec<String> = results.iter().map(result).collect();
    let of_results: Vec<&Rule<'_>> = rules.iter().filter(|rule| results.contains(&&rule.name)).collect();
    let quiet = quiet(&of_results).map(|condition| format!("true if {{\n\t{}\n}} else := ", condition.rego(&own)));
    format!(
        "\noutcome_{slug} := false if {{\n\tnot {own}.{SUBJECT}\n}} else := {}{{{}}}\n\n\
         chosen_{slug} := false if {{\n\tnot input.controls.{slug}\n}} else := data.dispatch.outcome_{slug}\n",
        quiet.unwrap_or_default(),
        found.join(", ")
    )
}

/// What makes all results of a control empty.
enum Quiet<'t> {
    /// A rule that all of them ask first does not hold.
    Unless(&'t str),
    /// A set of which each takes its part is empty.
    Empty(&'t str),
}

impl Quiet<'_> {
    fn rego(&self, own: &str) -> String {
        match self {
            Self::Unless(rule) => format!("not {own}.{rule}"),
            Self::Empty(set) => format!("count({own}.{set}) == 0"),
        }
    }
}

fn quiet<'t>(rules: &[&Rule<'t>]) -> Option<Quiet<'t>> {
    let same = |place: usize| {
        let first = rules.first()?.body.get(place)?;
        let all = rules.iter().all(|rule| rule.body.get(place) == Some(first));
        all.then_some(*first)
    };
    let part_of = |rule: &Rule<'t>| {
        let (kind, set) = rule
            .body
            .get(1)?
            .strip_prefix("some [\"")?
            .split_once("\", finding] in ")?;
        (is_name(kind) && is_name(set)).then_some(set)
    };
    if let Some(condition) = same(0)
        && condition != SUBJECT
        && is_name(condition)
    {
        return Some(Quiet::Unless(condition));
    }
    let set = part_of(rules.first()?)?;
    let all = rules.iter().all(|rule| part_of(rule) == Some(set));
    all.then_some(Quiet::Empty(set))
}

/// Whether a control speaks of nothing but what is a controller of Flux.
fn for_controllers(rules: &[Rule<'_>]) -> bool {
    let asks = |condition: &&str| {
        let rest = ["flux.component", "flux.controller"]
            .iter()
            .find_map(|name| condition.strip_prefix(name));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(" == ") || rest.starts_with(" in "))
    };
    let mut subjects = rules.iter().filter(|rule| rule.name == SUBJECT).peekable();
    subjects.peek().is_some() && subjects.all(|rule| rule.body.iter().any(&asks))
}

/// One rule of a policy as far as it can be told line by line: one of several bodies has none that could be told.
#[derive(Debug, PartialEq)]
struct Rule<'t> {
    name: &'t str,
    body: Vec<&'t str>,
}

/// The rules of a policy. It is formatted, so a rule begins at the first column and goes on behind it.
fn rules(text: &str) -> Vec<Rule<'_>> {
    let mut found: Vec<Vec<&str>> = Vec::new();
    for line in text.lines() {
        match found.last_mut() {
            _ if line.starts_with(|c: char| c.is_alphabetic() || c == '_') => found.push(vec![line]),
            Some(rule) if !line.is_empty() && !line.starts_with('#') => rule.push(line),
            _ => {}
        }
    }
    found.iter().filter_map(|lines| rule(lines)).collect()
}

fn rule<'t>(lines: &[&'t str]) -> Option<Rule<'t>> {
    let head = lines.first()?;
    let name = head.split(' ').next().filter(|name| is_name(name))?;
    let body = match lines {
        [head] => head
            .strip_prefix(name)
            .and_then(|rest| rest.strip_prefix(" if "))
            .into_iter()
            .collect(),
        // A line at the first column would be an `else`.
        [head, body @ .., "}"] if head.ends_with(" if {") && body.iter().all(|line| line.starts_with('\t')) => {
            let statement = |line: &&'t str| line.strip_prefix('\t').filter(|line| !line.starts_with(['\t', '#']));
            body.iter().filter_map(statement).collect()
        }
        _ => Vec::new(),
    };
    Some(Rule { name, body })
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::{for_controllers, outcome, rules};

    fn written(policy: &str) -> String {
        outcome("x", &["subject", "violation", "warn"], &rules(policy))
    }

    #[test]
    fn what_all_results_ask_first_is_asked_once() {
        let asks_other =
            "subject if a\n\nviolation contains f if {\n\tother\n\tb\n}\n\nwarn contains f if {\n\tother\n}\n";
        assert!(
            written(asks_other).contains("} else := true if {\n\tnot data.flux.x.other\n} else := {\"violation\": ")
        );
        for differs in [
            asks_other.replace("warn contains f if {\n\tother", "warn contains f if {\n\tanother"),
            asks_other.replace("\tother", "\tsubject"),
            asks_other.replace("\tother", "\tnot other"),
            format!("{asks_other}\nwarn contains f if some f in g\n"),
            format!("{asks_other}\nwarn contains f if {{\n\tother\n}} else if {{\n\tb\n}}\n"),
        ] {
            assert!(
                written(&differs)
                    .contains("\tnot data.flux.x.subject\n} else := {\"violation\": data.flux.x.violation, "),
                "{differs}"
            );
        }
    }

    #[test]
    fn parts_of_an_empty_set_are_empty() {
        let parts = "violation contains f if {\n\tsubject\n\tsome [\"violation\", finding] in reports\n}\n\n\
                     warn contains f if {\n\tsubject\n\tsome [\"warn\", finding] in reports\n}\n";
        assert!(written(parts).contains("} else := true if {\n\tcount(data.flux.x.reports) == 0\n} else := "));
        let differs = parts.replace("\"warn\", finding] in reports", "\"warn\", finding] in others");
        assert!(written(&differs).contains("\tnot data.flux.x.subject\n} else := {"));
    }

    #[test]
    fn controls_of_controllers_are_told() {
        let cases = [
            ("subject if flux.component\n", true),
            (
                "subject if flux.component == \"a\"\n\nsubject if {\n\ta\n\tflux.controller\n}\n",
                true,
            ),
            ("subject if flux.component\n\nsubject if a\n", false),
            ("subject if not flux.component\n", false),
            ("subject if flux.component_of(a)\n", false),
            ("subject if {\n\tflux.component\n} else if {\n\ta\n}\n", false),
            ("other if flux.component\n", false),
        ];
        for (policy, expected) in cases {
            assert_eq!(for_controllers(&rules(policy)), expected, "{policy}");
        }
    }
}
