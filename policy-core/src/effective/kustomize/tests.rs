//! Bounds, places and secrets. That builds are right is proved against the real program, in `tests/kustomize.rs`.

use super::{Built, Files, Unknown, apply, build, build_as};
use crate::limits::Limits;
use crate::source::{Source, SourceId};
use crate::tree::{Node, Segment, Span};

fn files(entries: &[(&str, &str)]) -> Files {
    let mut files = Files::new(&Limits::standard());
    for ((path, text), id) in entries.iter().zip(0..) {
        let source = Source {
            id: SourceId(id),
            name: format!("tree/{path}"),
            bytes: text.as_bytes().to_vec(),
        };
        files.insert(path, source);
    }
    files
}

fn built(entries: &[(&str, &str)], folder: &str) -> Built {
    build(&files(entries), folder, &Limits::standard())
}

fn span_of(node: &Node, path: &[&str]) -> Span {
    let path: Vec<Segment> = path
        .iter()
        .map(|part| match part.parse() {
            Ok(at) => Segment::Index(at),
            Err(_) => Segment::Key((*part).into()),
        })
        .collect();
    node.locate(&path)
}

const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: main
        image: nginx
        env:
        - name: QUOTED
          value: \"1\"
";

#[test]
fn nodes_know_the_line_that_set_them() {
    let kustomization = "\
resources: [app.yaml]
namespace: team
images:
- name: nginx
  newTag: other
patches:
- path: patch.yaml
- patch: |-
    - op: add
      path: /spec/paused
      value: true
  target: {kind: Deployment}
";
    let patch = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
spec:
  replicas: 3
";
    let entries = [
        ("a/kustomization.yaml", kustomization),
        ("a/app.yaml", DEPLOYMENT),
        ("a/patch.yaml", patch),
    ];
    let tree = files(&entries);
    let built = build(&tree, "a", &Limits::standard());
    assert_eq!(built.problems, []);
    let object = &built.objects[0];
    let place = |path: &[&str]| {
        let span = span_of(&object.node, path);
        (tree.name(span.source), tree.line(span).unwrap())
    };
    assert_eq!(place(&["spec", "replicas"]), ("tree/a/patch.yaml", 6));
    assert_eq!(place(&["spec", "paused"]), ("tree/a/kustomization.yaml", 11));
    assert_eq!(place(&["metadata", "namespace"]), ("tree/a/kustomization.yaml", 2));
    assert_eq!(
        place(&["spec", "template", "spec", "containers", "0", "image"]),
        ("tree/a/kustomization.yaml", 5)
    );
    assert_eq!(place(&["metadata", "name"]), ("tree/a/app.yaml", 4));
    assert_eq!(
        (tree.name(object.base.source), tree.line(object.base)),
        ("tree/a/app.yaml", Some(1))
    );
}

#[test]
fn text_within_text_has_its_own_places() {
    let written = [
        "|-\n    a: \"1\"\n",
        "|\n    # one\n    a: \"1\"\n    b: 2\n",
        ">-\n    a: \"1\"\n",
        "'a: \"1\"'\n",
        "\"a: \\\"1\\\"\"\n",
    ];
    for written in written {
        let text = format!("key: {written}rest: 1\n");
        let tree = files(&[("k.yaml", &text)]);
        let file = tree.get("k.yaml").unwrap();
        let node = tree.settings(file).documents[0].root.get("key").unwrap();
        let value = super::read::Text {
            value: node.as_str().unwrap().into(),
            span: node.span,
        };
        let inner = super::inline::parse(&value, crate::yaml::Dialect::Kustomize, &tree);
        let inner = inner.documents[0].root.get("a").unwrap();
        assert_eq!(inner.as_str(), Some("1"));
        if written.starts_with(['|', '>', '\'']) {
            assert_eq!(tree.text(inner.span), Some("\"1\""), "{written}");
        } else {
            assert_eq!(inner.span, node.span, "{written}");
        }
    }
}

#[test]
fn ten_thousand_bases_end_in_a_problem() {
    let folders: Vec<(String, String)> = (0..10_000)
        .map(|at| {
            (
                format!("f{at}/kustomization.yaml"),
                format!("resources: [../f{}]\n", at + 1),
            )
        })
        .collect();
    let entries: Vec<(&str, &str)> = folders
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let built = built(&entries, "f0");
    assert_eq!(built.problems.len(), 1);
    assert_eq!(built.problems[0].code, "limit-kustomize-depth");
    assert_eq!(built.problems[0].source.as_deref(), Some("tree/f99/kustomization.yaml"));
    assert_eq!(built.problems[0].line, Some(1));
}

#[test]
fn doubling_bases_end_in_a_problem() {
    let mut folders: Vec<(String, String)> = (0..40)
        .flat_map(|at| {
            let next = at + 1;
            [
                (
                    format!("f{at}/kustomization.yaml"),
                    "resources: [../a, ../b]\n"
                        .replace("../a", &format!("../a{at}"))
                        .replace("../b", &format!("../b{at}")),
                ),
                (
                    format!("a{at}/kustomization.yaml"),
                    format!("namePrefix: a\nresources: [../f{next}]\n"),
                ),
                (
                    format!("b{at}/kustomization.yaml"),
                    format!("namePrefix: b\nresources: [../f{next}]\n"),
                ),
            ]
        })
        .collect();
    folders.push(("f40/kustomization.yaml".into(), "resources: []\n".into()));
    let entries: Vec<(&str, &str)> = folders
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let built = built(&entries, "f0");
    assert!(
        built
            .problems
            .iter()
            .any(|problem| problem.code == "limit-kustomize-folders")
    );
}

#[test]
fn growing_json_patches_end_in_a_problem() {
    let mut patch = String::from("- {op: add, path: /a, value: [1, 1, 1, 1, 1, 1, 1, 1]}\n");
    for _ in 0..60 {
        patch.push_str("- {op: copy, from: /a, path: /b}\n- {op: add, path: /c, value: []}\n");
        patch.push_str("- {op: copy, from: /a, path: /c/-}\n- {op: move, from: /b, path: /c/-}\n- {op: move, from: /c, path: /a}\n");
    }
    let kustomization = "resources: [app.yaml]\npatches: [{path: p.yaml, target: {name: app}}]\n";
    let entries = [
        ("kustomization.yaml", kustomization),
        ("app.yaml", DEPLOYMENT),
        ("p.yaml", patch.as_str()),
    ];
    let built = built(&entries, "");
    assert!(
        built.problems.iter().any(|problem| problem.code.starts_with("limit-")),
        "{:?}",
        built.problems
    );
}

#[test]
fn secret_values_are_never_said() {
    let kustomization = "\
secretGenerator:
- name: keys
  literals: [hunter2-without-key, pass=hunter2, pass=hunter2]
  envs: [a.env]
";
    let built = built(
        &[
            ("kustomization.yaml", kustomization),
            ("a.env", "pass=hunter2\npass=hunter2\n"),
        ],
        "",
    );
    assert!(!built.problems.is_empty());
    assert!(!format!("{:?}{:?}", built.problems, built.notes).contains("hunter2"));
}

#[test]
fn what_is_not_here_is_unknown() {
    let kustomization = "\
resources: [app.yaml, 'https://example.invalid/more.yaml']
patches:
- patch: |-
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: in-the-other}
";
    let built = built(&[("kustomization.yaml", kustomization), ("app.yaml", DEPLOYMENT)], "");
    assert_eq!(built.problems, []);
    assert_eq!(built.missing.len(), 1);
    assert_eq!(built.objects.len(), 1);
    assert_eq!(built.objects[0].unknown, []);
}

fn node(tree: &Files, path: &str) -> Node {
    tree.settings(tree.get(path).unwrap()).documents[0].root.clone()
}

#[test]
fn a_folder_is_built_as_another_kustomization_says() {
    let tree = files(&[
        ("a/kustomization.yaml", "resources: [none.yaml]\n"),
        ("a/app.yaml", DEPLOYMENT),
        ("flux.yaml", "resources: [app.yaml]\nnamespace: team\n"),
    ]);
    let own = node(&tree, "flux.yaml");
    let built = build_as(&tree, "a", own.clone(), &Limits::standard());
    assert_eq!(built.problems, []);
    let namespace = span_of(&built.objects[0].node, &["metadata", "namespace"]);
    assert_eq!(
        (tree.name(namespace.source), tree.line(namespace)),
        ("tree/flux.yaml", Some(2))
    );
    let read: Vec<&str> = built.read.iter().map(String::as_str).collect();
    assert_eq!(read, ["a/app.yaml", "a/kustomization.yaml"]);

    // Without a file in the folder, too; but two of them are one too many for kustomize.
    let alone = files(&[("a/app.yaml", DEPLOYMENT)]);
    assert_eq!(build_as(&alone, "a", own.clone(), &Limits::standard()).problems, []);
    let two = files(&[
        ("a/kustomization.yaml", "resources: [app.yaml]\n"),
        ("a/Kustomization", "resources: [app.yaml]\n"),
        ("a/app.yaml", DEPLOYMENT),
    ]);
    let built = build_as(&two, "a", own, &Limits::standard());
    assert_eq!(built.problems[0].code, "kustomize-two-files");
}

#[test]
fn objects_of_others_are_changed_as_its_own() {
    let patches = "\
patches:
- patch: |
    - {op: replace, path: /spec/replicas, value: 3}
  target: {kind: Deployment}
images: [{name: nginx, newTag: other}]
namePrefix: x-
";
    let tree = files(&[("app.yaml", DEPLOYMENT), ("flux.yaml", patches)]);
    let mut objects = build(
        &files(&[
            ("kustomization.yaml", "resources: [app.yaml]\n"),
            ("app.yaml", DEPLOYMENT),
        ]),
        "",
        &Limits::standard(),
    )
    .objects;
    let unknown = Unknown {
        path: vec![Segment::Key("spec".into())],
        reason: "it was so before".into(),
        at: objects[0].base,
    };
    objects[0].unknown.push(unknown.clone());
    let built = apply(&tree, objects, &node(&tree, "flux.yaml"), &Limits::standard());
    assert_eq!(built.problems, []);
    let json = built.objects[0].node.to_json();
    assert_eq!(json["spec"]["replicas"], 3);
    assert_eq!(json["metadata"]["name"], "x-app");
    assert_eq!(
        json["spec"]["template"]["spec"]["containers"][0]["image"],
        "nginx:other"
    );
    assert_eq!(built.objects[0].unknown, [unknown]);
}

#[test]
fn supplied_objects_take_the_place_of_a_file() {
    let kustomization = "resources: [gotk-components.yaml]\nnamespace: team\n";
    let mut tree = files(&[
        ("kustomization.yaml", kustomization),
        ("gotk-components.yaml", "# a placeholder\n"),
        ("elsewhere.yaml", DEPLOYMENT),
    ]);
    let supplied = node(&tree, "elsewhere.yaml");
    let unknown = Unknown {
        path: vec![Segment::Key("spec".into())],
        reason: "the release is not known".into(),
        at: supplied.span,
    };
    assert!(!tree.supply("none.yaml", Vec::new()));
    assert!(tree.supply("gotk-components.yaml", vec![(supplied.clone(), vec![unknown.clone()])]));
    let built = build(&tree, "", &Limits::standard());
    assert_eq!(built.problems, []);
    assert_eq!(built.objects.len(), 1);
    let object = &built.objects[0];
    assert_eq!((object.base, &object.unknown), (supplied.span, &vec![unknown]));
    assert_eq!(object.node.to_json()["metadata"]["namespace"], "team");
    assert!(built.read.contains("gotk-components.yaml"));
}

#[test]
fn a_patch_that_meets_nothing_is_noted() {
    let kustomization = "\
resources: [app.yaml]
patches:
- path: p.yaml
  target: {name: ap}
- path: p.yaml
  target: {name: app}
- patch: |
    kind: any
    metadata: {name: any}
    spec: {paused: true}
  target:
    kind: StatefulSet
patchesJson6902:
- path: p.yaml
  target: {version: v1, kind: Deployment, name: other}
";
    let entries = [
        ("kustomization.yaml", kustomization),
        ("app.yaml", DEPLOYMENT),
        ("p.yaml", "- {op: add, path: /spec/paused, value: true}\n"),
    ];
    let expected: Vec<_> = [4, 12, 15].map(|line| ("patch-without-target", Some(line))).into();
    let notes = |built: &Built| -> Vec<(String, Option<u32>)> {
        built.notes.iter().map(|note| (note.code.clone(), note.line)).collect()
    };
    let first = built(&entries, "");
    assert_eq!(first.problems, []);
    assert_eq!(
        notes(&first),
        expected
            .iter()
            .map(|(code, line)| ((*code).to_owned(), *line))
            .collect::<Vec<_>>()
    );

    // What is not here may be what it meets.
    let remote = kustomization.replace("[app.yaml]", "[app.yaml, 'https://example.invalid/more.yaml']");
    let second = built(&[("kustomization.yaml", remote.as_str()), entries[1], entries[2]], "");
    assert_eq!((second.problems.as_slice(), notes(&second)), (&[][..], Vec::new()));
}
