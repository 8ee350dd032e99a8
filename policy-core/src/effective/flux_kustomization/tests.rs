//! What Flux applies. `tests/flux_kustomization` has trees and what Flux's own generator, build and substitution
//! (pkg/kustomize v1.38, strict) make of them; the rest is here: places, and what cannot be known.

use std::path::{Path, PathBuf};

use super::{Applied, apply};
use crate::effective::kustomize::{BuiltObject, Files, Unknown};
use crate::limits::Limits;
use crate::source::{Source, SourceId};
use crate::tree::{Segment, pointer};
use crate::yaml::{self, Dialect};

fn insert(files: &mut Files, path: &str, bytes: Vec<u8>) {
    let id = SourceId(u32::try_from(files.paths().count()).unwrap());
    let source = Source {
        id,
        name: path.into(),
        bytes,
    };
    files.insert(path, source);
}

fn tree(entries: &[(&str, &str)]) -> Files {
    let mut files = Files::new(&Limits::standard());
    for (path, text) in entries {
        insert(&mut files, path, text.as_bytes().to_vec());
    }
    files
}

/// The objects of a file.
fn objects(files: &Files, path: &str) -> Vec<BuiltObject> {
    let documents = &files.objects(files.get(path).unwrap()).documents;
    let object = |document: &yaml::Document| BuiltObject {
        node: document.root.clone(),
        base: document.root.span,
        unknown: Vec::new(),
    };
    documents.iter().map(object).collect()
}

/// What the first object of `flux.yaml` applies; the others are what variables come from.
fn applied(files: &Files) -> Applied {
    applied_with(files, &[])
}

fn applied_with(files: &Files, unknown: &[(&[&str], &str)]) -> Applied {
    let mut all = objects(files, "flux.yaml");
    let mut flux = all.remove(0);
    flux.unknown = unknown
        .iter()
        .map(|(path, reason)| Unknown {
            path: path.iter().map(|key| segment(key)).collect(),
            reason: (*reason).into(),
            at: flux.base,
        })
        .collect();
    let lookup = |kind: &str, namespace: &str, name: &str| {
        all.iter().find(|object| {
            let json = object.node.to_json();
            json["kind"] == kind && json["metadata"]["name"] == name && json["metadata"]["namespace"] == namespace
        })
    };
    apply(files, &flux, &lookup, &Limits::standard())
}

fn segment(key: &str) -> Segment {
    match key.parse() {
        Ok(at) => Segment::Index(at),
        Err(_) => Segment::Key(key.into()),
    }
}

fn unknown(object: &BuiltObject) -> Vec<(String, &str)> {
    let each = |unknown: &Unknown| pointer(&unknown.path);
    object.unknown.iter().map(|one| (each(one), &*one.reason)).collect()
}

fn with(spec: &str) -> String {
    format!("kind: Kustomization\nmetadata:\n  name: apps\n  namespace: flux-system\nspec:\n{spec}")
}

const APP: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
spec:
  template:
    spec:
      containers:
      - name: main
        args:
        - --one
";

fn add(folder: &Path, root: &Path, files: &mut Files) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            add(&path, root, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            insert(files, &name, std::fs::read(&path).unwrap());
        }
    }
}

#[test]
fn flux_applies_the_same() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/flux_kustomization");
    let mut count = 0;
    for case in std::fs::read_dir(cases).unwrap() {
        let case = case.unwrap().path();
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let mut files = Files::new(&Limits::standard());
        add(&case.join("tree"), &case.join("tree"), &mut files);
        insert(&mut files, "flux.yaml", std::fs::read(case.join("flux.yaml")).unwrap());
        let flux = objects(&files, "flux.yaml").remove(0);
        // It is no part of the tree.
        let files = files.only(|path| path != "flux.yaml");
        let applied = apply(&files, &flux, &|_, _, _| None, &Limits::standard());
        count += 1;
        let Ok(expected) = std::fs::read(case.join("expected.yaml")) else {
            assert!(case.join("expected-error").exists(), "{name}");
            assert!(!applied.problems.is_empty(), "{name}: Flux fails");
            let places = applied.problems.iter().all(|problem| problem.line.is_some());
            assert!(places, "{name}: {:?}", applied.problems);
            assert!(
                applied.objects.iter().all(|object| !object.unknown.is_empty()),
                "{name}"
            );
            continue;
        };
        assert_eq!(applied.problems, [], "{name}");
        assert_eq!(applied.missing, [], "{name}");
        let source = Source {
            id: SourceId(9999),
            name: "expected.yaml".into(),
            bytes: expected,
        };
        let expected = yaml::parse(&source, Dialect::Kubectl, &Limits::standard());
        let expected: Vec<_> = expected
            .documents
            .iter()
            .map(|document| document.root.to_json())
            .collect();
        let mut got: Vec<_> = applied.objects.iter().map(|object| object.node.to_json()).collect();
        for (object, json) in applied.objects.iter().zip(&mut got) {
            // The origin, which the controller itself asks for, is the one thing that is unknown.
            let origin = "config.kubernetes.io/origin";
            let all_known = object
                .unknown
                .iter()
                .all(|unknown| pointer(&unknown.path).ends_with("origin"));
            assert!(all_known, "{name}: {:?}", object.unknown);
            if !object.unknown.is_empty() {
                let origins: Vec<_> = expected
                    .iter()
                    .map(|one| &one["metadata"]["annotations"][origin])
                    .collect();
                json["metadata"]["annotations"][origin] = (*origins[0]).clone();
            }
        }
        assert_eq!(got, expected, "{name}");
    }
    assert!(count >= 30, "{count}");
}

#[test]
fn findings_point_at_the_line_that_set_the_value() {
    let flux = with(
        "  path: apps\n  targetNamespace: team\n  commonMetadata:\n    labels:\n      by: us\n  images:\n  - name: nginx\n    newTag: '2'\n  patches:\n  - target: {kind: Deployment}\n    patch: |\n      - op: add\n        path: /spec/template/spec/containers/0/args/-\n        value: --two\n  - target: {kind: Nothing}\n    patch: |\n      - {op: remove, path: /spec}\n",
    );
    let app = APP.replace("args:", "image: nginx\n        args:");
    let files = tree(&[("apps/app.yaml", &app), ("flux.yaml", &flux)]);
    let applied = applied(&files);
    assert_eq!(applied.problems, []);
    let place = |path: &[&str]| {
        let path: Vec<Segment> = path.iter().map(|key| segment(key)).collect();
        let span = applied.objects[0].node.locate(&path);
        (files.name(span.source), files.line(span).unwrap())
    };
    let main = ["spec", "template", "spec", "containers", "0"];
    let below = |path: &[&str]| place(&[&main[..], path].concat());
    assert_eq!(below(&["args", "0"]), ("apps/app.yaml", 12));
    assert_eq!(below(&["args", "1"]), ("flux.yaml", 19));
    assert_eq!(below(&["image"]), ("flux.yaml", 13));
    assert_eq!(place(&["metadata", "namespace"]), ("flux.yaml", 7));
    assert_eq!(place(&["metadata", "labels", "by"]), ("flux.yaml", 10));
    let owner = "kustomize.toolkit.fluxcd.io/name";
    assert_eq!(place(&["metadata", "labels", owner]), ("flux.yaml", 3));
    let notes: Vec<_> = applied
        .notes
        .iter()
        .map(|note| (note.code.as_str(), note.line))
        .collect();
    assert_eq!(notes, [("patch-without-target", Some(20))]);
    assert_eq!(
        applied.read.iter().map(String::as_str).collect::<Vec<_>>(),
        ["apps/app.yaml"]
    );
}

#[test]
fn a_path_out_of_the_source_begins_at_its_root() {
    for path in ["../a", "./x/../../a", "/../a", "../../b/../a/."] {
        let files = tree(&[("a/app.yaml", APP), ("flux.yaml", &with(&format!("  path: {path}\n")))]);
        let applied = applied(&files);
        assert_eq!((applied.problems.len(), applied.objects.len()), (0, 1), "{path}");
        let notes: Vec<_> = applied
            .notes
            .iter()
            .map(|note| (note.code.as_str(), note.line))
            .collect();
        assert_eq!(notes, [("flux-path-outside", Some(6))], "{path}");
    }
}

#[test]
fn problems_are_where_the_mistake_is() {
    let cases = [
        ("  path: ../x\n", "flux-path", 6),
        ("  path: none\n", "flux-path", 6),
        ("  path: [a]\n", "flux-field", 6),
        ("  path: a\n  components: [a, 'git@x:y']\n", "flux-components", 7),
        ("  path: a\n  postBuild:\n    substitute: {a: 1}\n", "flux-field", 8),
        (
            "  path: a\n  postBuild:\n    substitute:\n      a.b: '1'\n",
            "substitute-name",
            9,
        ),
        (
            "  path: a\n  postBuild:\n    substituteFrom:\n    - kind: Pod\n      name: x\n",
            "flux-field",
            9,
        ),
        (
            "  path: a\n  ignore:\n  - paths: [/x]\n    target: {name: '('}\n",
            "kustomize-selector",
            9,
        ),
    ];
    for (spec, code, line) in cases {
        let files = tree(&[("a/app.yaml", APP), ("flux.yaml", &with(spec))]);
        let applied = applied(&files);
        let problem = applied.problems.iter().find(|problem| problem.code == code);
        let problem = problem.unwrap_or_else(|| panic!("{spec}: {:?}", applied.problems));
        assert_eq!(
            (problem.source.as_deref(), problem.line),
            (Some("flux.yaml"), Some(line)),
            "{spec}"
        );
        assert!(
            applied
                .objects
                .iter()
                .all(|object| object.unknown[0].path.is_empty() || object.unknown.len() > 1)
        );
    }
}

const FROM: &str = "  path: apps
  postBuild:
    substitute: {inline: i}
    substituteFrom:
    - {kind: ConfigMap, name: first}
    - {kind: Secret, name: keys}
    - {kind: ConfigMap, name: second}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: first, namespace: flux-system}
data: {inline: '1', one: '1', two: '1', password: '1'}
---
apiVersion: v1
kind: Secret
metadata: {name: keys, namespace: flux-system}
data: {password: aHVudGVyMg==, late: aHVudGVyMg==}
stringData: {token: hunter2}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: second, namespace: flux-system}
data: {two: '2', late: '2'}
";

const USES: &str = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: uses}
data: {inline: '${inline}', one: '${one}', two: '${two}', late: '${late}', password: '${password}', token: 'a${token:=x}'}
";

#[test]
fn later_sources_win_and_secrets_stay_secret() {
    let files = tree(&[("apps/uses.yaml", USES), ("flux.yaml", &with(FROM))]);
    let applied = applied(&files);
    assert_eq!(applied.problems, []);
    let data = &applied.objects[0].node.to_json()["data"];
    assert_eq!(
        (&data["inline"], &data["one"], &data["two"], &data["late"]),
        (&"i".into(), &1.into(), &2.into(), &2.into())
    );
    let secret = |name| format!("the variable {name} comes from Secret flux-system/keys, whose values are secret");
    let expected = [("/data/password", secret("password")), ("/data/token", secret("token"))];
    let expected: Vec<_> = expected
        .iter()
        .map(|(path, reason)| ((*path).to_owned(), reason.as_str()))
        .collect();
    assert_eq!(unknown(&applied.objects[0]), expected);
    assert_eq!(files.line(applied.objects[0].unknown[0].at), Some(11));
    let said = format!("{applied:?}");
    assert!(!said.contains("hunter2") && !said.contains("aHVudGVyMg"));
}

#[test]
fn a_source_that_is_not_here_may_set_all_that_came_before() {
    let gone = FROM.replace("name: keys, namespace: flux-system", "name: keys, namespace: other");
    let files = tree(&[("apps/uses.yaml", USES), ("flux.yaml", &with(&gone))]);
    let applied = applied(&files);
    assert_eq!(applied.problems, []);
    let reason = "a variable may come from Secret flux-system/keys, which is not here";
    let expected = ["/data/one", "/data/password", "/data/token"].map(|path| (path.to_owned(), reason));
    assert_eq!(unknown(&applied.objects[0]), expected);
}

#[test]
fn what_is_unknown_of_it_makes_unknown_what_depends_on_it() {
    let spec = "  path: apps\n  targetNamespace: a\n  commonMetadata: {labels: {by: us}}\n  postBuild: {substitute: {a: '1', b: '2'}}\n";
    let app = format!(
        "{APP}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata: {{a: '${{a}}', b: '${{b}}'}}\n"
    );
    let files = tree(&[("apps/app.yaml", &app), ("flux.yaml", &with(spec))]);
    let of = |path: &[&str]| {
        let applied = applied_with(&files, &[(path, "why")]);
        let paths = |object: &BuiltObject| unknown(object).into_iter().map(|(path, _)| path).collect::<Vec<_>>();
        let missing = applied.missing.len();
        (missing, applied.objects.iter().map(paths).collect::<Vec<_>>())
    };
    let none = Vec::<String>::new;
    let one = |path: &str| vec![path.to_owned()];
    assert_eq!(of(&["spec", "interval"]), (0, vec![none(), none()]));
    assert_eq!(of(&["spec", "path"]), (1, vec![]));
    assert_eq!(of(&[]).0, 1);
    assert!(of(&[]).1.iter().all(|paths| paths.contains(&String::new())));
    assert_eq!(of(&["spec", "targetNamespace"]), (0, vec![one(""), one("")]));
    assert_eq!(of(&["spec", "patches", "0", "patch"]), (0, vec![one(""), one("")]));
    assert_eq!(of(&["spec", "components"]), (1, vec![one(""), one("")]));
    let by = one("/metadata/labels/by");
    assert_eq!(
        of(&["spec", "commonMetadata", "labels", "by"]),
        (0, vec![by.clone(), by])
    );
    assert_eq!(
        of(&["spec", "postBuild", "substitute", "b"]),
        (0, vec![none(), one("/data/b")])
    );
    assert_eq!(
        of(&["spec", "postBuild", "substituteFrom", "0", "name"]),
        (0, vec![none(), none()])
    );
    let both = vec!["/data/a".to_owned(), "/data/b".to_owned()];
    assert_eq!(of(&["spec", "postBuild"]), (0, vec![none(), both]));
    let owner = one("/metadata/labels/kustomize.toolkit.fluxcd.io~1name");
    assert_eq!(of(&["metadata", "name"]), (0, vec![owner.clone(), owner]));
}

#[test]
fn what_flux_does_not_set_is_unknown() {
    let spec = "  path: apps\n  ignore:\n  - paths: [/spec/template/spec/containers/0/args, /data/a~1b]\n    target: {kind: Deploy.*}\n";
    let app = format!(
        "{APP}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c, annotations: {{kustomize.toolkit.fluxcd.io/reconcile: Disabled}}}}\n---\n\
         apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: d, labels: {{kustomize.toolkit.fluxcd.io/ssa: ignore}}}}\n---\n\
         apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: e, labels: {{kustomize.toolkit.fluxcd.io/ssa: merge}}}}\n"
    );
    let files = tree(&[("apps/app.yaml", &app), ("flux.yaml", &with(spec))]);
    let applied = applied(&files);
    assert_eq!(applied.problems, []);
    let ignored = "`spec.ignore` keeps Flux from setting it";
    assert_eq!(
        unknown(&applied.objects[0]),
        [
            ("/spec/template/spec/containers/0/args".into(), ignored),
            ("/data/a~1b".into(), ignored)
        ]
    );
    assert_eq!(unknown(&applied.objects[1])[0].0, "");
    assert_eq!(unknown(&applied.objects[2])[0].0, "");
    assert_eq!(unknown(&applied.objects[3]), []);
}

#[test]
fn a_remote_base_is_missing_and_the_rest_is_there() {
    let kustomization = "resources: [app.yaml, 'https://example.invalid/more.yaml']\n";
    let files = tree(&[
        ("apps/kustomization.yaml", kustomization),
        ("apps/app.yaml", APP),
        ("flux.yaml", &with("  path: apps\n")),
    ]);
    let applied = applied(&files);
    assert_eq!(
        (applied.problems.len(), applied.missing.len(), applied.objects.len()),
        (0, 1, 1)
    );
}
