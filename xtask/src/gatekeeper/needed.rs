//! The rules that a control needs of the libraries, and no others: a template has to stay small.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use policy_core::Module;

use crate::rego_lint::lexer::{self, Token};

/// Every module of the catalogue, cut into rules.
pub(super) struct Library {
    modules: Vec<Cut>,
}

/// One file.
struct Cut {
    /// Such as `lib.flags`.
    package: String,
    /// By the name that the file uses.
    imports: BTreeMap<String, Import>,
    rules: Vec<Rule>,
}

struct Import {
    line: String,
    package: String,
}

struct Rule {
    name: String,
    text: String,
}

/// A package and the name of a rule.
type Place = (String, String);

impl Library {
    /// Cuts the modules. They are formatted, so a rule begins at the first column.
    pub(super) fn new(modules: &[Module]) -> Result<Self> {
        let modules = modules
            .iter()
            .map(|module| cut(&module.text).with_context(|| module.path.clone()));
        Ok(Self {
            modules: modules.collect::<Result<_>>()?,
        })
    }

    /// The rules of a control that say something, under `names`.
    pub(super) fn answers<'n>(&self, slug: &str, names: &[&'n str]) -> Vec<&'n str> {
        let package = format!("flux.{slug}");
        let has = |name: &&&str| self.rules(&package).any(|(_, rule)| rule.name == **name);
        names.iter().filter(has).copied().collect()
    }

    /// The modules with `extra` (package and rule) and what `names` of a control need, the control itself last, as
    /// `package lib.control`.
    pub(super) fn needed(&self, slug: &str, names: &[&str], extra: &[(&str, &str)]) -> Result<Vec<String>> {
        let own = format!("flux.{slug}");
        let mut open: Vec<Place> = names.iter().map(|name| (own.clone(), (*name).to_owned())).collect();
        open.extend(
            extra
                .iter()
                .map(|(package, name)| ((*package).to_owned(), (*name).to_owned())),
        );
        let mut kept: BTreeSet<Place> = BTreeSet::new();
        let mut used: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
        while let Some(place) = open.pop() {
            if !kept.insert(place.clone()) {
                continue;
            }
            let mut found = false;
            for (at, rule) in self.rules(&place.0).filter(|(_, rule)| rule.name == place.1) {
                found = true;
                let (places, aliases) = self.references(&self.modules[at], rule);
                open.extend(places);
                used.entry(at).or_default().extend(aliases);
            }
            if !found {
                bail!("{slug}: there is no rule {} in {}", place.1, place.0);
            }
        }
        let mut texts = Vec::new();
        let order = (0..self.modules.len()).filter(|at| used.contains_key(at));
        let (control, libraries): (Vec<usize>, Vec<usize>) = order.partition(|at| self.modules[*at].package == own);
        for at in libraries.into_iter().chain(control) {
            texts.push(self.modules[at].shortened(&kept, &used[&at], &own));
        }
        Ok(texts)
    }

    fn rules(&self, package: &str) -> impl Iterator<Item = (usize, &Rule)> {
        let modules = self.modules.iter().enumerate();
        let of_package = modules.filter(move |(_, module)| module.package == package);
        of_package.flat_map(|(at, module)| module.rules.iter().map(move |rule| (at, rule)))
    }

    /// What a rule may refer to, and the imports by which it does. A local name that is also a rule's counts as the rule.
    fn references<'c>(&self, module: &'c Cut, rule: &Rule) -> (BTreeSet<Place>, BTreeSet<&'c str>) {
        let tokens = lexer::tokens(&rule.text);
        let own: BTreeSet<&str> = self
            .rules(&module.package)
            .map(|(_, rule)| rule.name.as_str())
            .collect();
        let (mut places, mut aliases) = (BTreeSet::new(), BTreeSet::new());
        for (at, token) in tokens.iter().enumerate() {
            let is_member = token.touches && at > 0 && tokens[at - 1].is('.');
            let Some(word) = token.word().filter(|_| !is_member) else {
                continue;
            };
            if let Some((alias, import)) = module.imports.get_key_value(word) {
                aliases.insert(alias.as_str());
                match member(&tokens[at + 1..]) {
                    Some(name) => _ = places.insert((import.package.clone(), name.to_owned())),
                    None => places.extend(
                        self.rules(&import.package)
                            .map(|(_, rule)| (import.package.clone(), rule.name.clone())),
                    ),
                }
            } else if own.contains(word) {
                places.insert((module.package.clone(), word.to_owned()));
            }
        }
        (places, aliases)
    }
}

/// The name behind a dot.
fn member(rest: &[Token]) -> Option<&str> {
    match rest {
        [dot, name, ..] if dot.is('.') && dot.touches && name.touches => name.word(),
        _ => None,
    }
}

impl Cut {
    /// The module with the kept rules and the imports that they use.
    fn shortened(&self, kept: &BTreeSet<Place>, aliases: &BTreeSet<&str>, own: &str) -> String {
        let package = if self.package == own {
            "lib.control"
        } else {
            &self.package
        };
        let mut text = format!("package {package}\n");
        if !aliases.is_empty() {
            text.push('\n');
        }
        for alias in aliases {
            text += &self.imports[*alias].line;
            text.push('\n');
        }
        for rule in &self.rules {
            if kept.contains(&(self.package.clone(), rule.name.clone())) {
                text.push('\n');
                text += &rule.text;
            }
        }
        text
    }
}

fn cut(text: &str) -> Result<Cut> {
    let (mut package, mut imports, mut rules) = (None, BTreeMap::new(), Vec::<Rule>::new());
    for line in text.lines() {
        let first = line
            .split([' ', '(', '['])
            .next()
            .filter(|_| line.starts_with(|c: char| c.is_alphabetic() || c == '_'));
        match first {
            Some("package") => package = line.strip_prefix("package "),
            Some("import") => {
                let (alias, import) = import(line)?;
                imports.insert(alias, import);
            }
            Some("default") => bail!("`{line}`: a rule with a default value cannot be cut out"),
            Some(name) => rules.push(Rule {
                name: name.split('.').next().unwrap_or(name).into(),
                text: format!("{line}\n"),
            }),
            None if line.trim_start().starts_with('#') || line.is_empty() => {}
            None => {
                let rule = rules
                    .last_mut()
                    .with_context(|| format!("`{line}` belongs to no rule"))?;
                rule.text += line;
                rule.text.push('\n');
            }
        }
    }
    Ok(Cut {
        package: package.context("no package")?.trim().into(),
        imports,
        rules,
    })
}

/// `import data.lib.flags as f` gives `f` and `lib.flags`.
fn import(line: &str) -> Result<(String, Import)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let path = words.get(1).and_then(|path| path.strip_prefix("data."));
    let path = path.with_context(|| format!("`{line}` imports no data"))?;
    let alias = match words.as_slice() {
        [_, _, "as", alias] => alias,
        _ => path.rsplit('.').next().unwrap_or(path),
    };
    let import = Import {
        line: line.into(),
        package: path.into(),
    };
    Ok((alias.into(), import))
}

#[cfg(test)]
mod tests {
    use policy_core::Module;

    use super::Library;

    #[test]
    fn only_what_is_needed_stays() {
        let module = |text: &str| Module {
            path: "x.rego".into(),
            text: text.into(),
        };
        let library = Library::new(&[
            module("# METADATA\npackage flux.a\n\nimport data.lib.b\nimport data.lib.c as d\n\n# why\nviolation contains x if {\n\t# how\n\tx := b.one(1)\n}\n\nmanual contains x if some x in d.all\n"),
            module("package lib.b\n\nimport data.lib.c\n\none(x) := two if x.three\n\ntwo := \"four\"\n\nthree := c.all\n\nfour := 1\n"),
            module("package lib.c\n\nall := 1\n"),
        ]).unwrap();
        assert_eq!(
            library.needed("a", &["violation"], &[]).unwrap(),
            [
                "package lib.b\n\none(x) := two if x.three\n\ntwo := \"four\"\n",
                "package lib.control\n\nimport data.lib.b\n\nviolation contains x if {\n\tx := b.one(1)\n}\n",
            ]
        );
        assert!(
            library
                .needed("a", &["manual"], &[])
                .unwrap()
                .concat()
                .contains("all := 1")
        );
        assert!(library.needed("a", &["warn"], &[]).is_err());
        let more = library.needed("a", &["violation"], &[("lib.c", "all")]).unwrap();
        assert_eq!(more[1], "package lib.c\n\nall := 1\n");
        assert_eq!(library.answers("a", &["violation", "warn", "unknown"]), ["violation"]);
    }
}
