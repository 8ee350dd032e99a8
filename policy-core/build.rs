//! Reads the catalogue and compiles it, with the very code that the crate itself uses.

#![allow(dead_code, unreachable_pub, unused_imports, missing_docs)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "src/catalog.rs"]
mod catalog;
#[path = "src/dispatch.rs"]
mod dispatch;
#[path = "src/error.rs"]
mod error;
#[path = "src/limits.rs"]
mod limits;
#[path = "src/rego.rs"]
mod rego;
#[path = "src/source.rs"]
mod source;
#[path = "src/tree.rs"]
mod tree;
#[path = "src/vm_source.rs"]
mod vm_source;
#[path = "src/yaml/mod.rs"]
mod yaml;

use std::path::{Path, PathBuf};

use catalog::Module;
use tree::{Node, Value};

fn main() {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../policies");
    println!("cargo::rerun-if-changed={}", root.display());
    let modules = read_modules(&root);
    let controls = catalog::read_controls(&modules).unwrap_or_else(|error| panic!("{error}"));
    let (facts_program, controls_program) =
        rego::compile(&modules, &controls).unwrap_or_else(|error| panic!("{error}"));
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap());
    std::fs::write(out.join("controls.json"), serde_json::to_vec(&controls).unwrap()).unwrap();
    std::fs::write(out.join("modules.json"), serde_json::to_vec(&modules).unwrap()).unwrap();
    std::fs::write(out.join("facts.bin"), facts_program).unwrap();
    std::fs::write(out.join("controls.bin"), controls_program).unwrap();
    std::fs::write(out.join("releases.rs"), releases(&root.join("tables/releases.yaml"))).unwrap();
}

/// The table of Flux releases as Rust: the components, then for each release its version and theirs.
fn releases(path: &Path) -> String {
    let source = source::Source {
        id: source::SourceId(0),
        name: path.display().to_string(),
        bytes: std::fs::read(path).unwrap(),
    };
    let parsed = yaml::parse(&source, yaml::Dialect::Kubectl, &limits::Limits::standard());
    assert!(parsed.problems.is_empty(), "{:?}", parsed.problems);
    let root = &parsed.documents.first().expect("the table of releases").root;
    let list = |node: &Node, key: &str| node.get(key).and_then(Node::as_array).unwrap().to_vec();
    let text = |node: &Node| match &node.value {
        Value::Null => "None".to_owned(),
        _ => format!("Some({:?})", node.as_str().unwrap()),
    };
    let components: Vec<String> = list(root, "components")
        .iter()
        .map(|node| format!("{:?}", node.as_str().unwrap()))
        .collect();
    let rows: Vec<String> = list(root, "releases")
        .iter()
        .map(|release| {
            let controllers: Vec<String> = list(release, "controllers").iter().map(text).collect();
            let version = release.get("version").and_then(Node::as_str).unwrap();
            format!(
                "Release {{ version: {version:?}, controllers: [{}] }},",
                controllers.join(", ")
            )
        })
        .collect();
    format!(
        "const COMPONENTS: [&str; {}] = [{}];\nconst RELEASES: &[Release] = &[\n{}\n];\n",
        components.len(),
        components.join(", "),
        rows.join("\n")
    )
}

/// Every module but the tests, in the order of their paths.
fn read_modules(root: &Path) -> Vec<Module> {
    let is_module = |path: &Path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
        name.ends_with(".rego") && !name.ends_with("_test.rego")
    };
    let files = walkdir::WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.unwrap().into_path());
    files
        .filter(|path| is_module(path))
        .map(|path| {
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .expect("policy paths are UTF-8")
                .replace('\\', "/");
            Module {
                path: format!("policies/{name}"),
                text: std::fs::read_to_string(&path).unwrap(),
            }
        })
        .collect()
}
