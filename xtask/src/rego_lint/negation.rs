//! `not f(x.y)` where `x.y` may be missing. OPA evaluates `x.y` before the negation, so that the body is undefined where the
//! author expects it to hold; regorus evaluates it inside. Paths into the object under test count, since any of them may be
//! missing; what a library's record holds cannot be told from here. Who asks for a type does not trust what is asked about,
//! so there any path counts.

use std::collections::BTreeSet;

use super::BUILTINS;
use super::lexer::{Kind, Token};

/// Fields without which nothing is an object.
const ALWAYS: [&str; 2] = ["flux.object.apiVersion", "flux.object.kind"];

/// Lines with a negated expression that such a path takes part in, and the path.
pub(super) fn hoisted(code: &[&Token]) -> Vec<(usize, String)> {
    let mut globals = BTreeSet::new();
    let rules: Vec<&[&Token]> = rules(code);
    for rule in &rules {
        let root = rule.first().and_then(|token| token.word());
        if let (Some(name), Some(path)) = (root, bound(rule, 0, &BTreeSet::new()))
            && path.end == rule.len()
        {
            globals.insert(name.to_owned());
        }
    }
    rules.iter().flat_map(|rule| in_rule(rule, &globals)).collect()
}

/// A rule, its `else` included, starts with a name in the first column.
fn rules<'c, 't>(code: &'c [&'t Token]) -> Vec<&'c [&'t Token]> {
    let mut starts: Vec<usize> = (0..code.len())
        .filter(|&at| code[at].starts_line && code[at].word().is_some())
        .collect();
    starts.push(code.len());
    starts.windows(2).map(|pair| &code[pair[0]..pair[1]]).collect()
}

fn in_rule(rule: &[&Token], globals: &BTreeSet<String>) -> Vec<(usize, String)> {
    let roots = roots(rule, globals);
    let negated = negations(rule);
    let inside = |at: usize| negated.iter().any(|&(start, end)| (start..end).contains(&at));
    // What the same rule needs without a negation is there when the negation is reached.
    let needed = (0..rule.len()).filter(|&at| !inside(at) && (at == 0 || !rule[at - 1].is('.')));
    let proved: BTreeSet<String> = needed
        .filter_map(|at| reference(rule, at))
        .filter(|path| path.deep)
        .map(|path| path.text)
        .collect();
    let is_proved = |text: &str| {
        let extends = |known: &String| {
            known == text
                || known
                    .strip_prefix(text)
                    .is_some_and(|rest| rest.starts_with(['.', '[']))
        };
        ALWAYS.contains(&text) || proved.iter().any(extends)
    };
    let mut found = Vec::new();
    for &(start, end) in &negated {
        for path in paths(rule, start, end, &roots) {
            if !is_whole_side(rule, &path, start, end) && !is_proved(&path.text) {
                found.push((rule[start].line, path.text));
            }
        }
        if rule[start].word().is_some_and(is_type_test)
            && let Some(path) = reference(rule, start + 2).filter(|path| path.deep)
            && !path.leads_into_object(&roots)
            && !is_proved(&path.text)
        {
            found.push((rule[start].line, path.text));
        }
    }
    found
}

fn is_type_test(word: &str) -> bool {
    word.starts_with("is_") && BUILTINS.contains(&word)
}

/// The names that stand for the object or a part of it: `x := flux.object.spec`, `some x in flux.object.spec.list`.
fn roots(rule: &[&Token], globals: &BTreeSet<String>) -> BTreeSet<String> {
    let mut roots = globals.clone();
    for at in 0..rule.len() {
        let first = at == 0 || rule[at - 1].line != rule[at].line || rule[at - 1].is('{') || rule[at - 1].is(';');
        let Some(word) = rule[at].word() else { continue };
        if word == "some" {
            let line = rule[at].line;
            let is_in = |&next: &usize| rule[next].word() == Some("in");
            let found = (at + 1..rule.len())
                .take_while(|&next| rule[next].line == line)
                .find(is_in);
            let Some(in_at) = found else { continue };
            let path = reference(rule, in_at + 1).filter(|path| path.leads_into_object(&roots));
            if path.is_some_and(|path| ends_statement(rule, path.end, line)) {
                roots.extend(rule[in_at - 1].word().map(str::to_owned));
            }
        } else if first && at > 0 {
            let path = bound(rule, at, &roots);
            if path.is_some_and(|path| ends_statement(rule, path.end, rule[at].line)) {
                roots.insert(word.to_owned());
            }
        }
    }
    roots
}

/// The path in `name := path`.
fn bound(rule: &[&Token], at: usize, roots: &BTreeSet<String>) -> Option<Path> {
    let assigned = rule.get(at + 1)?.is(':') && rule.get(at + 2)?.is('=');
    let path = assigned.then(|| reference(rule, at + 3)).flatten();
    path.filter(|path| path.leads_into_object(roots))
}

fn ends_statement(rule: &[&Token], at: usize, line: usize) -> bool {
    rule.get(at)
        .is_none_or(|next| next.line != line || next.is(';') || next.is('}'))
}

/// The expressions behind each `not`: up to the end of the line or statement, or of the bracket around it.
fn negations(rule: &[&Token]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for at in 0..rule.len() {
        if rule[at].word() != Some("not") || at > 0 && rule[at - 1].is('.') {
            continue;
        }
        let mut depth = 0usize;
        let mut end = at + 1;
        while let Some(token) = rule.get(end) {
            let closes = matches!(token.kind, Kind::Mark(')' | ']' | '}'));
            let ends = depth == 0 && (closes || token.line != rule[end - 1].line || token.is(';'));
            if ends {
                break;
            }
            match token.kind {
                Kind::Mark('(' | '[' | '{') => depth += 1,
                Kind::Mark(')' | ']' | '}') => depth = depth.saturating_sub(1),
                _ => {}
            }
            end += 1;
        }
        found.push((at + 1, end));
    }
    found
}

/// A reference.
struct Path {
    root: String,
    text: String,
    /// At least one field stands behind its root, which itself is there.
    deep: bool,
    start: usize,
    end: usize,
}

impl Path {
    /// To the object, or into it.
    fn leads_into_object(&self, roots: &BTreeSet<String>) -> bool {
        is_of_object(&self.text) || self.root == "input" || roots.contains(&self.root)
    }
}

fn is_of_object(text: &str) -> bool {
    text.strip_prefix("flux.object")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// The paths below the object.
fn paths(rule: &[&Token], start: usize, end: usize, roots: &BTreeSet<String>) -> Vec<Path> {
    let mut found = Vec::new();
    let mut at = start;
    while at < end {
        // Nothing in a comprehension is evaluated before the negation around it.
        if start > 0
            && matches!(rule[at].kind, Kind::Mark('[' | '{'))
            && !rule[at].touches
            && let Some(close) = comprehension(rule, at)
        {
            at = close;
            continue;
        }
        if at == 0 || !rule[at - 1].is('.') {
            found.extend(reference(rule, at).filter(|path| path.deep && path.leads_into_object(roots)));
        }
        at += 1;
    }
    found
}

/// Where the bracket at `at` closes, if it holds a comprehension.
fn comprehension(rule: &[&Token], at: usize) -> Option<usize> {
    let mut depth = 0usize;
    let mut bar = false;
    for (next, token) in rule.iter().enumerate().skip(at) {
        match token.kind {
            Kind::Mark('(' | '[' | '{') => depth += 1,
            Kind::Mark(')' | ']' | '}') => {
                depth -= 1;
                if depth == 0 {
                    return bar.then_some(next);
                }
            }
            Kind::Mark('|') => bar |= depth == 1,
            _ => {}
        }
    }
    None
}

fn reference(rule: &[&Token], start: usize) -> Option<Path> {
    let root = rule.get(start)?.word()?;
    let mut text = root.to_owned();
    let mut at = start + 1;
    let mut fields = 0;
    while let Some(token) = rule.get(at) {
        let next = rule.get(at + 1);
        if let (true, Some(word)) = (token.is('.') && token.touches, next.and_then(|next| next.word())) {
            text = format!("{text}.{word}");
            at += 2;
        } else if token.is('[') && token.touches {
            let close = (at..rule.len()).find(|&close| rule[close].is(']'))?;
            let index: Vec<String> = rule[at + 1..close].iter().map(|token| written(token)).collect();
            text = format!("{text}[{}]", index.concat());
            at = close + 1;
        } else {
            break;
        }
        fields += 1;
    }
    if rule.get(at).is_some_and(|next| next.is('(') && next.touches) {
        return None;
    }
    Some(Path {
        deep: fields > usize::from(is_of_object(&text)),
        root: root.to_owned(),
        text,
        start,
        end: at,
    })
}

fn written(token: &Token) -> String {
    match &token.kind {
        Kind::Word(word) => word.clone(),
        Kind::Text(text) => format!("\"{text}\""),
        Kind::Mark(mark) => mark.to_string(),
        Kind::Template | Kind::Comment(_) => String::new(),
    }
}

/// `not x.y` and `not x.y == z` are evaluated as one, also by OPA.
fn is_whole_side(rule: &[&Token], path: &Path, start: usize, end: usize) -> bool {
    let equals = |at: usize| rule[at].is('=') && rule[at + 1].is('=');
    let before = path.start == start || path.start >= start + 2 && equals(path.start - 2);
    let after = path.end == end || path.end + 1 < end && equals(path.end);
    before && after
}
