//! The portable subset of Rego, as a lint: what OPA accepts, but regorus' virtual machine or Gatekeeper does not, or
//! takes for something else.

pub(crate) mod lexer;
mod negation;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};

use crate::shell;
use lexer::{Kind, Token};

/// Pure, total on arguments of the right type, and equal everywhere. Names without a dot are also infix operators.
const BUILTINS: [&str; 46] = [
    "array.concat",
    "array.slice",
    "base64.decode",
    "concat",
    "contains",
    "count",
    "endswith",
    "floor",
    "format_int",
    "indexof",
    "is_array",
    "is_boolean",
    "is_null",
    "is_number",
    "is_object",
    "is_set",
    "is_string",
    "lower",
    "max",
    "min",
    "numbers.range",
    "object.get",
    "object.keys",
    "object.union",
    "regex.find_all_string_submatch_n",
    "regex.find_n",
    "regex.match",
    "regex.replace",
    "regex.split",
    "replace",
    "set",
    "sort",
    "split",
    "sprintf",
    "startswith",
    "substring",
    "sum",
    "to_number",
    "trim",
    "trim_left",
    "trim_prefix",
    "trim_right",
    "trim_suffix",
    "trim_space",
    "type_name",
    "upper",
];
/// Words that may stand before a bracket without being called.
const KEYWORDS: [&str; 10] = [
    "as", "default", "else", "every", "false", "if", "in", "not", "some", "true",
];

/// One rule broken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Offence {
    line: usize,
    code: &'static str,
    message: String,
}

/// A module to look at.
struct File {
    /// Relative to the root of the repository.
    path: String,
    tokens: Vec<Token>,
}

/// Lints every module below `policies`.
pub(crate) fn run() -> Result<()> {
    let root = shell::root();
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(root.join("policies")).sort_by_file_name() {
        let entry = entry?;
        if entry.path().extension().is_some_and(|extension| extension == "rego") {
            let path = entry.path().strip_prefix(&root)?.to_string_lossy().replace('\\', "/");
            files.push(File {
                path,
                tokens: lexer::tokens(&std::fs::read_to_string(entry.path())?),
            });
        }
    }
    let rules = rules(&files);
    let mut count = 0;
    for file in &files {
        for offence in lint(file, &rules) {
            println!("{}:{}: {}: {}", file.path, offence.line, offence.code, offence.message);
            count += 1;
        }
    }
    println!("rego-lint: {} modules, {count} offences", files.len());
    if count > 0 {
        bail!("the policies leave the portable subset of Rego");
    }
    Ok(())
}

/// The rules of every package, by its folder: all modules of a folder share them.
type Rules = BTreeMap<String, BTreeSet<String>>;

fn rules(files: &[File]) -> Rules {
    let mut rules = Rules::new();
    for file in files {
        let names = file
            .tokens
            .iter()
            .filter(|token| token.starts_line)
            .filter_map(Token::word)
            .map(str::to_owned);
        rules.entry(folder(&file.path).to_owned()).or_default().extend(names);
    }
    rules
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn lint(file: &File, rules: &Rules) -> Vec<Offence> {
    let own = rules.get(folder(&file.path)).cloned().unwrap_or_default();
    let test = file.path.ends_with("_test.rego");
    let mut linter = Linter {
        file,
        test,
        own,
        aliases: BTreeSet::new(),
        offences: Vec::new(),
    };
    linter.header();
    linter.imports();
    // Comments matter to the header alone.
    let code: Vec<&Token> = file
        .tokens
        .iter()
        .filter(|token| !matches!(token.kind, Kind::Comment(_)))
        .collect();
    for at in 0..code.len() {
        linter.token(&code, at);
    }
    if !test {
        linter.negations(&code);
    }
    linter.offences.sort();
    linter.offences
}

struct Linter<'f> {
    file: &'f File,
    test: bool,
    own: BTreeSet<String>,
    aliases: BTreeSet<String>,
    offences: Vec<Offence>,
}

impl Linter<'_> {
    fn report(&mut self, line: usize, code: &'static str, message: impl Into<String>) {
        self.offences.push(Offence {
            line,
            code,
            message: message.into(),
        });
    }

    /// `package` follows from the path, and a control starts with METADATA.
    fn header(&mut self) {
        let tokens = &self.file.tokens;
        let found = tokens
            .iter()
            .position(|token| token.starts_line && token.word() == Some("package"));
        let line = found.map_or(1, |at| tokens[at].line);
        let package = found
            .map(|at| dotted(&tokens.iter().collect::<Vec<_>>(), at + 1).0)
            .unwrap_or_default();
        let path = self.file.path.trim_start_matches("policies/").trim_end_matches(".rego");
        let parts: Vec<&str> = path.split('/').collect();
        let (stem, folders) = parts
            .split_last()
            .map_or(("", &[][..]), |(stem, folders)| (*stem, folders));
        let suffix = if self.test { "_test" } else { "" };
        let wanted = folders.join(".") + suffix;
        // A library of several files has a test package for each of them, and one of tables a package for each file.
        let tests_a_file = self.test && package == format!("{}_{stem}", folders.join("."));
        if package != wanted && package != path.replace('/', ".") && !tests_a_file {
            self.report(
                line,
                "package",
                format!("the path makes this `package {wanted}`, not `{package}`"),
            );
        }
        if parts.first() != Some(&"flux") {
            return;
        }
        if folders.len() != 2 || stem != format!("{}{suffix}", folders[1]) {
            self.report(
                line,
                "package",
                "a control is the file `flux/<slug>/<slug>.rego`, with its tests beside it",
            );
        }
        let is_metadata = |token: &Token| matches!(&token.kind, Kind::Comment(text) if text.trim() == "METADATA");
        if !self.test && !tokens.iter().take(found.unwrap_or(0)).any(is_metadata) {
            self.report(line, "metadata", "a control starts with a METADATA comment");
        }
    }

    fn imports(&mut self) {
        let tokens: Vec<&Token> = self.file.tokens.iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            if !token.starts_line || token.word() != Some("import") {
                continue;
            }
            let (path, next) = dotted(&tokens, at + 1);
            let renamed = tokens.get(next).is_some_and(|token| token.word() == Some("as"));
            let last = path.rsplit('.').next().unwrap_or("").to_owned();
            let alias = if renamed {
                tokens.get(next + 1).and_then(|token| token.word()).unwrap_or("").into()
            } else {
                last
            };
            self.aliases.insert(alias);
            if path.starts_with("rego.") || path.starts_with("future.") {
                self.report(
                    token.line,
                    "import",
                    format!("`import {path}`: Gatekeeper refuses it, and nothing needs it"),
                );
            } else if !self.test && !path.starts_with("data.lib.") {
                self.report(
                    token.line,
                    "import",
                    format!("`import {path}`: only libraries can be imported"),
                );
            }
        }
    }

    fn token(&mut self, code: &[&Token], at: usize) {
        let token = code[at];
        if token.kind == Kind::Template {
            self.report(token.line, "template-string", "write `sprintf` with `%v`");
        }
        let Some(word) = token.word() else { return };
        let after_dot = at > 0 && code[at - 1].is('.');
        if after_dot {
            return;
        }
        let first_on_line = token.starts_line;
        match word {
            "every" if !self.test => self.report(
                token.line,
                "every",
                "the virtual machine takes `every` for something else in places; count what breaks the condition",
            ),
            "with" if !self.test => self.report(token.line, "with", "`with` is for tests"),
            "default" if first_on_line && code.get(at + 2).is_some_and(|next| next.is('(')) => {
                self.report(
                    token.line,
                    "default-function",
                    "the virtual machine has no defaults of functions; use `else`",
                );
            }
            "input" if !self.test && !self.file.path.starts_with("policies/lib/flux/") => {
                self.report(
                    token.line,
                    "input",
                    "`input` differs from host to host; read `flux.object` and `flux.params`",
                );
            }
            "data" if !self.test => self.data(code, at),
            _ => {}
        }
        let (name, next) = dotted(code, at);
        let called = code.get(next).is_some_and(|next| next.is('(') && next.touches);
        if called && !first_on_line {
            self.call(code, &name, token.line, next);
        }
    }

    fn negations(&mut self, code: &[&Token]) {
        for (line, path) in negation::hoisted(code) {
            self.report(
                line,
                "negated-path",
                format!("`{path}` may be missing, and OPA then gives up the whole body: bind it with a default first"),
            );
        }
    }

    fn data(&mut self, code: &[&Token], at: usize) {
        let (name, _) = dotted(code, at);
        let line = code[at].line;
        let part = |at: usize| name.split('.').nth(at);
        match part(1) {
            Some("inventory") if !self.file.path.starts_with("policies/lib/facts/") => {
                self.report(
                    line,
                    "inventory",
                    "only `lib.facts` reads the inventory; make a fact of it",
                );
            }
            Some("inventory" | "lib") => {}
            _ => self.report(
                line,
                "data",
                "Gatekeeper knows `data.inventory` and `data.lib` only, by their names",
            ),
        }
    }

    fn call(&mut self, code: &[&Token], name: &str, line: usize, open: usize) {
        let root = name.split('.').next().unwrap_or("");
        if KEYWORDS.contains(&name) || self.aliases.contains(root) || self.own.contains(name) || root == "data" {
            return;
        }
        match name {
            "print" => self.report(line, "print", "`print` is for debugging"),
            "sprintf" => self.format(code, open),
            _ if self.test || BUILTINS.contains(&name) => {}
            _ => self.report(
                line,
                "builtin",
                format!("`{name}` is not in the list of allowed built-in functions"),
            ),
        }
    }

    /// `%v` alone means the same everywhere.
    fn format(&mut self, code: &[&Token], open: usize) {
        let Some(first) = code.get(open + 1) else { return };
        let Kind::Text(text) = &first.kind else {
            return self.report(first.line, "format-verb", "the format must be a literal");
        };
        let mut rest = text.as_str();
        while let Some((_, after)) = rest.split_once('%') {
            let verb = after.chars().next().unwrap_or(' ');
            if verb != 'v' && verb != '%' {
                self.report(
                    first.line,
                    "format-verb",
                    format!("`%{verb}` differs from host to host; use `%v`"),
                );
            }
            rest = after.get(verb.len_utf8()..).unwrap_or("");
        }
    }
}

/// The dotted name that starts at `at`, and the index after it.
fn dotted(tokens: &[&Token], at: usize) -> (String, usize) {
    let mut name = tokens.get(at).and_then(|token| token.word()).unwrap_or("").to_owned();
    let mut next = at + 1;
    while let (Some(dot), Some(word)) = (tokens.get(next), tokens.get(next + 1).and_then(|token| token.word())) {
        if !dot.is('.') {
            break;
        }
        name = format!("{name}.{word}");
        next += 2;
    }
    (name, next)
}

#[cfg(test)]
mod tests {
    use super::{File, folder, lexer, lint, rules};

    /// Each example says on its first line what is wrong with it, and on its second which file it stands for.
    #[test]
    fn examples_break_what_they_say() {
        let mut seen = std::collections::BTreeSet::new();
        let examples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rego_lint");
        for entry in std::fs::read_dir(examples).expect("the examples") {
            let example = entry.expect("an example").path();
            let text = std::fs::read_to_string(&example).expect("an example");
            let mut lines = text.lines();
            let expected = lines
                .next()
                .and_then(|line| line.strip_prefix("# expect:"))
                .expect("`# expect:`");
            let path = lines
                .next()
                .and_then(|line| line.strip_prefix("# path: "))
                .expect("`# path: `");
            let file = File {
                path: path.into(),
                tokens: lexer::tokens(&text),
            };
            assert!(!folder(path).is_empty(), "{}", example.display());
            let rules = rules(std::slice::from_ref(&file));
            let found: Vec<String> = lint(&file, &rules)
                .iter()
                .map(|o| format!("{} {}", o.line, o.code))
                .collect();
            assert_eq!(found.join(", "), expected.trim(), "{}", example.display());
            seen.extend(
                found
                    .iter()
                    .filter_map(|pair| pair.split(' ').nth(1))
                    .map(str::to_owned),
            );
        }
        let codes = [
            "builtin",
            "data",
            "default-function",
            "every",
            "format-verb",
            "import",
            "input",
            "inventory",
            "metadata",
            "negated-path",
            "package",
            "print",
            "template-string",
            "with",
        ];
        assert_eq!(
            seen.iter().map(String::as_str).collect::<Vec<_>>(),
            codes,
            "each code has an example"
        );
    }
}
