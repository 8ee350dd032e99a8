//! Rego written so that the virtual machine of regorus takes it as OPA does. Four things differ (regorus 0.14):
//!
//! - it evaluates `flags.x` under `import data.lib.flags` by computing every rule of that package first, and refuses
//!   packages that so depend on each other, so imported names are written out: `data.lib.flags.x` is one rule;
//! - a body that iterates (`some`) and fails never reaches its `else`, so such a body becomes a rule of its own;
//! - a comprehension that iterates over nothing and whose condition fails ends the loop around it, or never ends, so every
//!   comprehension begins with an iteration, if only over one number;
//! - `x := y` succeeds where `y` is undefined, so every assignment is followed by `(x == x)`, which does not.
//!
//! A fifth is left to the compiled program (`rego/shorten.rs`): what a comprehension does with an undefined item.

use std::collections::{BTreeMap, BTreeSet};

/// The same module for the virtual machine; `module` is its number in the catalogue. Lines keep their numbers.
pub(crate) fn rewrite(text: &str, module: usize) -> String {
    let text = hoist_iterations(&tokens(&without_imports(text)), module);
    let text = loop_comprehensions(&tokens(&text));
    guard_assignments(&tokens(&text))
}

/// The same module with each fact (a rule of `lib.facts` that prefers `data.inventory.facts.<its name>`) reduced to what is
/// supplied. The policies are formatted, so a rule begins at the first column and goes on behind it. Lines keep their numbers.
#[allow(dead_code, reason = "the build script calls it")]
pub(crate) fn with_facts_supplied(text: &str) -> String {
    if !text.lines().any(|line| line == "package lib.facts") {
        return text.into();
    }
    let begins = |line: &str| line.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '#');
    let mut rules: Vec<Vec<&str>> = Vec::new();
    for line in text.lines() {
        match rules.last_mut() {
            Some(rule) if !begins(line) => rule.push(line),
            _ => rules.push(vec![line]),
        }
    }
    let reduced = rules.into_iter().map(|rule| {
        let text = rule.join("\n");
        let name = text.split(' ').next().unwrap_or("");
        let supplied = format!("data.inventory.facts.{name}");
        let is_fact = text.starts_with(&format!("{name} := ")) && text.contains(&supplied);
        match is_fact {
            true => format!("{name} := {supplied}{}", "\n".repeat(rule.len() - 1)),
            false => text,
        }
    });
    reduced.collect::<Vec<_>>().join("\n") + "\n"
}

/// The same module with what the engine always supplies named where it is: the object under review, the mode, and
/// each of `facts`.
#[allow(dead_code, reason = "the build script calls it")]
pub(crate) fn with_supplied_named(text: &str, facts: &BTreeSet<&str>) -> String {
    let text = without_imports(text);
    let tokens = tokens(&text);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let alone = at.checked_sub(1).and_then(|before| tokens.get(before)) != Some(&".");
        match tokens.get(at..at + 7) {
            Some(["data", ".", "lib", ".", "flux", ".", name @ ("object" | "mode")]) if alone => {
                out += match *name {
                    "object" => "input.review.object",
                    _ => "input.parameters.mode",
                };
                at += 7;
            }
            Some(["data", ".", "lib", ".", "facts", ".", fact]) if alone && facts.contains(fact) => {
                out += "data.inventory.facts.";
                out += fact;
                at += 7;
            }
            _ => {
                out += token;
                at += 1;
            }
        }
    }
    out
}

/// The names of the facts among the rules of `lib.facts` as [`with_facts_supplied`] leaves them.
#[allow(dead_code, reason = "the build script calls it")]
pub(crate) fn supplied_facts(text: &str) -> BTreeSet<&str> {
    let fact = |line| {
        let (name, supplied) = str::split_once(line, " := data.inventory.facts.")?;
        (name == supplied).then_some(name)
    };
    text.lines().filter_map(fact).collect()
}

/// The same module for the strict interpreter, which evaluates whole packages for an import, too, and to which a function
/// is undefined where an `else` without a value holds and the head has one; it should be true. Lines keep their numbers.
pub(crate) fn for_interpreter(text: &str) -> String {
    let text = without_imports(text);
    let tokens = tokens(&text);
    let mut out = String::with_capacity(text.len());
    for (at, token) in tokens.iter().enumerate() {
        out += token;
        if *token == "else" && next(&tokens, at) == Some("if") {
            out += " := true";
        }
    }
    out
}

/// The same module with imported names written out.
fn without_imports(text: &str) -> String {
    let mut aliases = BTreeMap::new();
    let mut body = Vec::new();
    for line in text.lines() {
        match import(line) {
            Some((alias, path)) => {
                aliases.insert(alias, path);
                body.push("");
            }
            None => body.push(line),
        }
    }
    write_out(tokens(&(body.join("\n") + "\n")), &aliases).concat()
}

/// Alias and path of an import line.
fn import(line: &str) -> Option<(&str, &str)> {
    let path = line.strip_prefix("import ")?.trim();
    let (path, alias) = path.split_once(" as ").unwrap_or((path, path.rsplit('.').next()?));
    path.starts_with("data.").then_some((alias.trim(), path.trim()))
}

fn write_out<'t>(tokens: Vec<&'t str>, aliases: &BTreeMap<&str, &'t str>) -> Vec<&'t str> {
    let mut out: Vec<&str> = Vec::with_capacity(tokens.len());
    for (at, token) in tokens.iter().enumerate() {
        let stands_alone = out.last() != Some(&".") && previous(&tokens, at) != Some("package");
        let path = aliases
            .get(token)
            .filter(|_| stands_alone && tokens.get(at + 1) == Some(&"."));
        out.push(path.unwrap_or(token));
    }
    out
}

/// `f(x) := v if { body } else …`, where the body iterates, as `f(x) := found if { found := vm_1(x) } else …` and, at the
/// end, `vm_1(x) := v if { body }`.
fn hoist_iterations(tokens: &[&str], module: usize) -> String {
    let mut out: Vec<String> = Vec::with_capacity(tokens.len());
    let mut hoisted = String::new();
    let mut head = 0;
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let starts_line = at == 0 || tokens.get(at - 1) == Some(&"\n");
        if depth == 0 && starts_line && is_name(token) && *token != "else" {
            head = out.len();
        }
        match *token {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        out.push((*token).into());
        at += 1;
        if *token != "{" || depth != 1 || previous(tokens, at - 1) != Some("if") {
            continue;
        }
        let Some(end) = iterating_body(tokens, at - 1) else {
            continue;
        };
        let name = format!("vm_{module}_{}", hoisted.matches("\nvm_").count());
        let arguments = arguments(&mut out, head);
        let value = take_value(&mut out);
        let body = tokens.get(at..end).unwrap_or(&[]).concat();
        hoisted += &format!("\n{name}{arguments} := {value} if {{{body}}}\n");
        out.push(format!(" vm_found := {name}{arguments} "));
        at = end;
    }
    out.concat() + &hoisted
}

/// The arguments of the function whose head starts at `head`, with names for those that have none.
fn arguments(out: &mut [String], head: usize) -> String {
    let Some(rest) = out.get_mut(head + 1..) else {
        return String::new();
    };
    if rest.first().map(String::as_str) != Some("(") {
        return String::new();
    }
    let end = rest.iter().position(|token| token == ")").map_or(0, |at| at + 1);
    let list = rest.get_mut(..end).unwrap_or(&mut []);
    list.iter_mut()
        .filter(|token| *token == "_")
        .enumerate()
        .for_each(|(at, token)| *token = format!("vm_any_{at}"));
    list.concat()
}

/// The end of the body that opens at `start`, where it iterates and an `else` follows.
fn iterating_body(tokens: &[&str], start: usize) -> Option<usize> {
    let mut depth = 0usize;
    let mut iterates = false;
    for (at, token) in tokens.iter().enumerate().skip(start) {
        match *token {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            "some" if depth == 1 => iterates = true,
            _ => {}
        }
        if depth == 0 {
            return (iterates && next(tokens, at) == Some("else")).then_some(at);
        }
    }
    None
}

/// Takes the value between `:=` and `if` off the clause, and puts what was found in its place.
fn take_value(out: &mut Vec<String>) -> String {
    let condition = out.iter().rposition(|token| token == "if").unwrap_or(out.len());
    let mut depth = 0usize;
    let mut assigned = None;
    for (at, token) in out.iter().enumerate().take(condition).rev() {
        match token.as_str() {
            ")" | "]" | "}" => depth += 1,
            "(" | "[" | "{" => depth = depth.saturating_sub(1),
            ":=" if depth == 0 => assigned = Some(at),
            "else" | "\n" | ":=" if depth == 0 => break,
            _ => continue,
        }
        if assigned.is_some() {
            break;
        }
    }
    let tail = out.split_off(condition);
    let value = match assigned {
        Some(at) => out.split_off(at + 1).concat(),
        None => {
            out.push(":=".into());
            "true".into()
        }
    };
    out.push(" vm_found ".into());
    out.extend(tail);
    value.trim().to_owned()
}

fn is_name(token: &str) -> bool {
    token.chars().all(|c| c.is_alphanumeric() || c == '_')
}

fn next<'t>(tokens: &[&'t str], at: usize) -> Option<&'t str> {
    tokens.get(at + 1..)?.iter().copied().find(means_something)
}

fn previous<'t>(tokens: &[&'t str], at: usize) -> Option<&'t str> {
    tokens.get(..at)?.iter().rev().copied().find(means_something)
}

fn means_something(token: &&str) -> bool {
    !token.trim().is_empty() && !token.starts_with('#')
}

/// A `|` begins the body of a comprehension where it is the first separator in its brackets, and those are no body.
fn loop_comprehensions(tokens: &[&str]) -> String {
    let mut out = String::new();
    // For each open bracket whether a `|` in it would begin a comprehension's body.
    let mut open: Vec<bool> = Vec::new();
    let mut loops = 0usize;
    for (at, token) in tokens.iter().enumerate() {
        out += token;
        match *token {
            "[" => open.push(true),
            "{" => open.push(!matches!(previous(tokens, at), Some("if" | "else"))),
            "(" => open.push(false),
            ")" | "]" | "}" => drop(open.pop()),
            "|" if open.last() == Some(&true) && next(tokens, at) != Some("some") => {
                out += &format!(" some vm_loop_{loops} in [0];");
                loops += 1;
            }
            _ => {}
        }
        if let (Some(first), "|" | "," | ";" | ":=") = (open.last_mut(), *token) {
            *first = false;
        }
    }
    out
}

/// Assignments stand in bodies and comprehensions; outside of brackets `:=` defines a rule.
fn guard_assignments(tokens: &[&str]) -> String {
    let mut out = String::new();
    let mut depth = 0usize;
    // Open assignments: the guard to add, and the depth at which the statement ends.
    let mut open: Vec<(String, usize)> = Vec::new();
    let mut last = "";
    for (at, token) in tokens.iter().enumerate() {
        let closes = matches!(*token, ")" | "]" | "}");
        let continues = matches!(
            last,
            ":=" | "," | "+" | "-" | "*" | "/" | "%" | "|" | "&" | "=" | "<" | ">" | "(" | "[" | "{"
        );
        let ends = closes || *token == ";" || (*token == "\n" || token.starts_with('#')) && !continues;
        while ends && let Some((guard, _)) = open.pop_if(|(_, end)| *end == depth) {
            out += &guard;
        }
        match *token {
            "(" | "[" | "{" => depth += 1,
            _ if closes => depth = depth.saturating_sub(1),
            ":=" if depth > 0 => open.push((guard(tokens.get(..at).unwrap_or(&[])), depth)),
            _ => {}
        }
        out += token;
        if !token.trim().is_empty() {
            last = token;
        }
    }
    out
}

/// A check of the name, or of each of the names, that the statement before `:=` binds. It ends in a parenthesis: a name would
/// become a function where the next line starts with one.
fn guard(before: &[&str]) -> String {
    let is_name = |token: &&str| is_name(token) && *token != "_";
    let mut target = before
        .iter()
        .rev()
        .copied()
        .filter(|token| !token.trim().is_empty())
        .peekable();
    let names: Vec<&str> = match target.peek() {
        Some(&"]") => target.take_while(|token| *token != "[").filter(is_name).collect(),
        _ => target.take(1).filter(is_name).collect(),
    };
    names.iter().map(|name| format!("; ({name} == {name})")).collect()
}

/// Comments, strings, names, `:=`, line breaks, and single characters.
fn tokens(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (token, tail) = rest.split_at(length(rest, first));
        out.push(token);
        rest = tail;
    }
    out
}

fn length(text: &str, first: char) -> usize {
    let until = |end: Option<usize>| end.unwrap_or(text.len());
    match first {
        '#' => until(text.find('\n')),
        '`' => until(
            text.char_indices()
                .skip(1)
                .find(|(_, c)| *c == '`')
                .map(|(at, _)| at + 1),
        ),
        '"' => {
            let mut escaped = false;
            until(text.char_indices().skip(1).find_map(|(at, c)| {
                let closes = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                closes.then_some(at + 1)
            }))
        }
        ':' if text.starts_with(":=") => 2,
        c if c.is_alphanumeric() || c == '_' => until(text.find(|c: char| !c.is_alphanumeric() && c != '_')),
        c => c.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{for_interpreter, rewrite, supplied_facts, with_facts_supplied, with_supplied_named};

    #[test]
    fn facts_are_supplied() {
        let facts = "package lib.facts\n\n# About.\nfoo := fact if {\n\tfact := data.inventory.facts.foo\n} else := [x |\n\tsome x in bar\n]\n\nbar := [1]\n";
        let expected = "package lib.facts\n\n# About.\nfoo := data.inventory.facts.foo\n\n\n\n\n\nbar := [1]\n";
        assert_eq!(with_facts_supplied(facts), expected);
        let other = facts.replace("lib.facts\n", "lib.other\n");
        assert_eq!(with_facts_supplied(&other), other);
    }

    #[test]
    fn what_is_supplied_is_named_where_it_is() {
        let facts = supplied_facts("package lib.facts\n\nfoo := data.inventory.facts.foo\n\nbar := [1]\n");
        assert_eq!(facts, BTreeSet::from(["foo"]));
        let text = "package flux.a\n\nimport data.lib.facts\nimport data.lib.flux\n\n\
                    r if {\n\tflux.object.kind == facts.foo[flux.mode]\n\tfacts.bar == flux.objects\n\tx.flux.object\n}\n";
        let expected = "package flux.a\n\n\n\n\n\
                        r if {\n\tinput.review.object.kind == data.inventory.facts.foo[input.parameters.mode]\n\
                        \tdata.lib.facts.bar == data.lib.flux.objects\n\tx.flux.object\n}\n";
        assert_eq!(with_supplied_named(text, &facts), expected);
    }

    #[test]
    fn imported_names_are_written_out() {
        let text = "package flags.a\n\nimport data.lib.flags\nimport data.lib.flux as f\n\n\
                    # flags.x\nr := flags.x + o.flags.y + f.z if { \"flags.\\\"x\" == `flags.x`; flags_x; flags == 1 }\n";
        let expected = "package flags.a\n\n\n\n\n# flags.x\n\
                        r := data.lib.flags.x + o.flags.y + data.lib.flux.z if { \"flags.\\\"x\" == `flags.x`; flags_x; flags == 1 }\n";
        assert_eq!(rewrite(text, 7), expected);
    }

    #[test]
    fn an_else_has_its_value_written_out() {
        let text = "f(x) := 1 if {\n\tx\n} else if {\n\ty\n} else := 2 if z # else if\n\nr if \"else if\"\n";
        let expected =
            "f(x) := 1 if {\n\tx\n} else := true if {\n\ty\n} else := 2 if z # else if\n\nr if \"else if\"\n";
        assert_eq!(for_interpreter(text), expected);
        let text = "f(x) := 1 if x\nelse # why\n# and why\nif y\n";
        let expected = "f(x) := 1 if x\nelse := true # why\n# and why\nif y\n";
        assert_eq!(for_interpreter(text), expected);
    }

    #[test]
    fn iterations_before_an_else_are_hoisted() {
        let cases = [
            (
                "f(xs, _) if {\n\tsome x in xs\n} else := false\n",
                "f(xs, vm_any_0) := vm_found if { vm_found := vm_7_0(xs, vm_any_0) ; (vm_found == vm_found)} else := false\n\n\
                 vm_7_0(xs, vm_any_0) := true if {\n\tsome x in xs\n}\n",
            ),
            (
                "r := {\"a\": x} if {\n\tsome x in xs\n} else := 1 if y\n",
                "r := vm_found if { vm_found := vm_7_0 ; (vm_found == vm_found)} else := 1 if y\n\n\
                 vm_7_0 := {\"a\": x} if {\n\tsome x in xs\n}\n",
            ),
            (
                "r := 1 if {\n\ta\n} else := x if {\n\tsome x in xs\n} else := 2\n",
                "r := 1 if {\n\ta\n} else := vm_found if { vm_found := vm_7_0 ; (vm_found == vm_found)} else := 2\n\n\
                 vm_7_0 := x if {\n\tsome x in xs\n}\n",
            ),
            (
                "r if {\n\tsome x in xs\n}\n\nq := 1\n",
                "r if {\n\tsome x in xs\n}\n\nq := 1\n",
            ),
            (
                "r if {\n\tcount([x | some x in xs]) > 1\n} else := 1\n",
                "r if {\n\tcount([x | some x in xs]) > 1\n} else := 1\n",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(rewrite(text, 7), expected);
        }
    }

    #[test]
    fn comprehensions_iterate() {
        let cases = [
            ("r := [x | f(x)]\n", "r := [x | some vm_loop_0 in [0]; f(x)]\n"),
            ("r := {k: v | some k, v in x}\n", "r := {k: v | some k, v in x}\n"),
            (
                "r := {k: {1 | a} | b}\n",
                "r := {k: {1 | some vm_loop_0 in [0]; a} | some vm_loop_1 in [0]; b}\n",
            ),
            ("r := f(a | b)\n", "r := f(a | b)\n"),
            ("r if {\n\ta | b == c\n}\n", "r if {\n\ta | b == c\n}\n"),
            ("r := [a, b | c]\n", "r := [a, b | c]\n"),
        ];
        for (text, expected) in cases {
            assert_eq!(rewrite(text, 7), expected);
        }
    }

    #[test]
    fn assignments_are_guarded() {
        let cases = [
            ("r if {\n\tx := y.z\n\tx\n}\n", "r if {\n\tx := y.z; (x == x)\n\tx\n}\n"),
            (
                "r := [x | x := y; x]\n",
                "r := [x | some vm_loop_0 in [0]; x := y; (x == x); x]\n",
            ),
            (
                "r := {x | x := y}\n",
                "r := {x | some vm_loop_0 in [0]; x := y; (x == x)}\n",
            ),
            (
                "r if {\n\t[a, _] := f(\n\t\tx,\n\t)\n}\n",
                "r if {\n\t[a, _] := f(\n\t\tx,\n\t); (a == a)\n}\n",
            ),
            (
                "r if {\n\tx := [z |\n\t\tz := y\n\t]\n} else := 5\n",
                "r if {\n\tx := [z | some vm_loop_0 in [0];\n\t\tz := y; (z == z)\n\t]; (x == x)\n} else := 5\n",
            ),
            (
                "r if {\n\tx := {\"a\": 1} # why\n}\n",
                "r if {\n\tx := {\"a\": 1} ; (x == x)# why\n}\n",
            ),
            (
                "r if {\n\tx := a +\n\t\tb\n}\n",
                "r if {\n\tx := a +\n\t\tb; (x == x)\n}\n",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(rewrite(text, 7), expected);
        }
    }
}
