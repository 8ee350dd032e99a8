//! The files that source-controller puts into a source's artifact: those that nothing tells it to ignore.
//!
//! A pattern is matched as source-controller does, which differs from git: against every file by itself, so that a
//! later pattern may bring back a file of an ignored folder.

use super::glob::Glob;
use super::kustomize::Files;

const IGNORE_FILE: &str = ".sourceignore";

/// What git keeps for itself is never in an artifact.
const VERSION_CONTROL: [&str; 4] = [".git/", ".gitignore", ".gitmodules", ".gitattributes"];

/// What is left out where neither the tree nor the source says what to ignore.
const DEFAULTS: [&str; 20] = [
    "*.jpg",
    "*.jpeg",
    "*.gif",
    "*.png",
    "*.wmv",
    "*.flv",
    "*.tar.gz",
    "*.zip",
    ".github/",
    ".circleci/",
    ".travis.yml",
    ".gitlab-ci.yml",
    "appveyor.yml",
    ".drone.yml",
    "cloudbuild.yaml",
    "codeship-services.yml",
    "codeship-steps.yml",
    "**/.goreleaser.yml",
    "**/.sops.yaml",
    "**/.flux.yaml",
];

/// The tree as the artifact of a source has it; `ignore` is the source's `spec.ignore`.
pub(crate) fn artifact(files: &Files, ignore: Option<&str>) -> Files {
    let name = |path: &str| path.rsplit('/').next() == Some(IGNORE_FILE);
    let in_git = |path: &str| path.split('/').any(|folder| folder == ".git");
    let mut ignore_files: Vec<&str> = files.paths().filter(|path| name(path) && !in_git(path)).collect();
    // A folder's patterns count for more than those of the folders around it.
    ignore_files.sort_by_key(|path| path.split('/').count());
    let mut own = Vec::new();
    for path in ignore_files {
        let domain: Vec<&str> = path.split('/').collect();
        let domain = domain.split_last().map_or(&[][..], |(_, domain)| domain);
        if let Some(file) = files.get(path) {
            read(&String::from_utf8_lossy(file.bytes()), domain, &mut own);
        }
    }
    if let Some(ignore) = ignore {
        read(ignore, &[], &mut own);
    }
    let mut patterns: Vec<Pattern> = VERSION_CONTROL
        .iter()
        .filter_map(|line| Pattern::new(line, &[]))
        .collect();
    if own.is_empty() {
        patterns.extend(DEFAULTS.iter().filter_map(|line| Pattern::new(line, &[])));
    }
    patterns.append(&mut own);
    files.only(|path| {
        let path: Vec<&str> = path.split('/').collect();
        let last = patterns.iter().rev().find(|pattern| pattern.matches(&path));
        last.is_none_or(|pattern| pattern.includes)
    })
}

fn read(text: &str, domain: &[&str], patterns: &mut Vec<Pattern>) {
    let lines = text.lines();
    let said = lines.filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    patterns.extend(said.filter_map(|line| Pattern::new(line, domain)));
}

/// A line of an ignore file.
struct Pattern {
    /// The folder that the file lies in.
    domain: Vec<String>,
    parts: Vec<Part>,
    includes: bool,
    folders_only: bool,
    /// It has a slash, and so begins at the domain.
    is_path: bool,
}

enum Part {
    /// Nothing stands before the slash
    Empty,
    /// `**`
    AnyFolders,
    /// `**` with something else: no file fits
    Invalid,
    Name(Glob),
}

impl Pattern {
    /// Reads a line; nothing where no file can ever fit.
    fn new(line: &str, domain: &[&str]) -> Option<Self> {
        let (includes, line) = match line.strip_prefix('!') {
            Some(line) => (true, line),
            None => (false, line),
        };
        let line = if line.ends_with("\\ ") {
            line
        } else {
            line.trim_end_matches(' ')
        };
        let (folders_only, line) = match line.strip_suffix('/') {
            Some(line) => (true, line),
            None => (false, line),
        };
        let is_path = line.contains('/');
        let part = |part: &str| match part {
            _ if !is_path => Glob::new(part).map(Part::Name),
            "" => Some(Part::Empty),
            "**" => Some(Part::AnyFolders),
            part if part.contains("**") => Some(Part::Invalid),
            part => Glob::new(part).map(Part::Name),
        };
        Some(Self {
            domain: domain.iter().map(|folder| (*folder).to_owned()).collect(),
            parts: line.split('/').map(part).collect::<Option<_>>()?,
            includes,
            folders_only,
            is_path,
        })
    }

    /// Whether a file fits.
    fn matches(&self, path: &[&str]) -> bool {
        let Some((domain, path)) = path.split_at_checked(self.domain.len()) else {
            return false;
        };
        if path.is_empty() || domain.iter().zip(&self.domain).any(|(one, other)| one != other) {
            return false;
        }
        if self.is_path {
            self.matches_path(path)
        } else {
            self.matches_name(path)
        }
    }

    /// Any folder on the way may have the name.
    fn matches_name(&self, path: &[&str]) -> bool {
        let Some(Part::Name(name)) = self.parts.first() else {
            return false;
        };
        match path.iter().position(|part| name.matches(part)) {
            Some(at) => !self.folders_only || at + 1 < path.len(),
            None => false,
        }
    }

    fn matches_path(&self, mut path: &[&str]) -> bool {
        let mut matched = false;
        let mut skips = false;
        for (at, part) in self.parts.iter().enumerate() {
            let name = match part {
                Part::Empty => {
                    skips = false;
                    continue;
                }
                Part::AnyFolders if at + 1 == self.parts.len() => break,
                Part::AnyFolders => {
                    skips = true;
                    continue;
                }
                Part::Invalid => return false,
                Part::Name(name) => name,
            };
            if path.is_empty() {
                return false;
            }
            let found = if std::mem::take(&mut skips) {
                path.iter().position(|folder| name.matches(folder))
            } else {
                path.first().filter(|folder| name.matches(folder)).map(|_| 0)
            };
            match found {
                Some(at) => {
                    matched = true;
                    path = path.get(at + 1..).unwrap_or(&[]);
                }
                // What may lie deeper was looked for everywhere.
                None => return false,
            }
        }
        matched && (!self.folders_only || !path.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::artifact;
    use crate::effective::kustomize::Files;
    use crate::limits::Limits;
    use crate::source::{Source, SourceId};

    fn kept(entries: &[(&str, &str)], ignore: Option<&str>) -> Vec<String> {
        let mut files = Files::new(&Limits::standard());
        for ((path, text), id) in entries.iter().zip(0..) {
            let source = Source {
                id: SourceId(id),
                name: (*path).to_owned(),
                bytes: text.as_bytes().to_vec(),
            };
            files.insert(path, source);
        }
        let kept = artifact(&files, ignore);
        let paths = kept.paths().filter(|path| !path.ends_with(".sourceignore"));
        paths.map(str::to_owned).collect()
    }

    #[test]
    fn defaults_leave_out_pictures_and_pipelines() {
        let tree = [
            (".git/config", ""),
            (".github/workflows/ci.yaml", ""),
            ("a/.sops.yaml", ""),
            ("a/app.yaml", ""),
            ("a/logo.png", ""),
            ("appveyor.yml", ""),
            ("github/app.yaml", ""),
        ];
        assert_eq!(kept(&tree, None), ["a/app.yaml", "github/app.yaml"]);
        // Whatever is said takes the place of the defaults, but for git's own.
        let own = [
            ".github/workflows/ci.yaml",
            "a/.sops.yaml",
            "a/logo.png",
            "appveyor.yml",
            "github/app.yaml",
        ];
        assert_eq!(kept(&tree, Some("app.yaml\n!/github")), own);
    }

    #[test]
    fn folders_have_patterns_of_their_own() {
        let tree = [
            (".sourceignore", "# all of it\n/*\n!/clusters\n*.md\n"),
            ("-x/app.yaml", ""),
            ("apps/app.yaml", ""),
            ("clusters/.sourceignore", "draft/\n!README.md\n/two/*.yaml\n"),
            ("clusters/README.md", ""),
            ("clusters/draft", ""),
            ("clusters/draft.yaml", ""),
            ("clusters/one/draft/app.yaml", ""),
            ("clusters/one/two/app.yaml", ""),
            ("clusters/two/app.yaml", ""),
            ("clusters/two/app.yml", ""),
        ];
        let expected = [
            "clusters/README.md",
            "clusters/draft",
            "clusters/draft.yaml",
            "clusters/one/two/app.yaml",
            "clusters/two/app.yml",
        ];
        assert_eq!(kept(&tree, None), expected);
        // The source's own rules come last.
        assert_eq!(kept(&tree, Some("*\n!**/draft/*")), ["clusters/one/draft/app.yaml"]);
    }
}
