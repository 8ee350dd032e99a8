use super::{Tree, is_unknown, text, tree};
use crate::effective::kustomize::{self, BuiltObject};
use crate::effective::make;
use crate::effective::placeholder::placeholder;
use crate::limits::Limits;
use crate::source::{Source, SourceId};
use crate::tree::{Node, Span};

const AT: Span = Span {
    source: SourceId(1),
    start: 0,
    end: 0,
};

fn objects(text: &str) -> Vec<BuiltObject> {
    let made = placeholder(text, "flux-system", AT);
    made.into_iter()
        .map(|(node, unknown)| make::built(node, unknown))
        .collect()
}

fn deployments(objects: &[BuiltObject]) -> Vec<&str> {
    let is = |object: &&BuiltObject| text(&object.node, &["kind"]) == Some("Deployment");
    let names = objects.iter().filter(is);
    names
        .map(|object| text(&object.node, &["metadata", "name"]).unwrap())
        .collect()
}

#[test]
fn without_a_header_it_stands_for_the_default_controllers() {
    let objects = objects("# This file is filled by bootstrap.\n");
    assert_eq!(
        deployments(&objects),
        [
            "source-controller",
            "kustomize-controller",
            "helm-controller",
            "notification-controller"
        ]
    );
    for object in &objects {
        match text(&object.node, &["kind"]).unwrap() {
            // Bootstrap can leave them out.
            "NetworkPolicy" => assert!(is_unknown(object, "")),
            "Namespace" => assert!(is_unknown(object, "/metadata/labels")),
            "Deployment" => {
                assert!(is_unknown(object, "/spec/template/spec/containers/0/image"));
                assert!(!is_unknown(object, "/spec/template/spec/containers/0/args"));
            }
            _ => {}
        }
    }
}

#[test]
fn a_header_names_the_release_and_the_controllers() {
    let header =
        "# Flux Version: v2.6.4\n# Components: source-controller,kustomize-controller, image-reflector-controller\n";
    let objects = objects(header);
    assert_eq!(
        deployments(&objects),
        [
            "source-controller",
            "kustomize-controller",
            "image-reflector-controller"
        ]
    );
    let last = objects.last().unwrap();
    assert_eq!(
        text(&last.node, &crate::effective::install::IMAGE),
        Some("ghcr.io/fluxcd/image-reflector-controller:v0.35.2")
    );
    let line = &header[last.node.span.start as usize..last.node.span.end as usize];
    assert!(line.starts_with("# Components:"), "{line}");
    // Before 2.7 pods have no label but `app`.
    let labels = make::find(&last.node, &["spec", "template", "metadata", "labels"]).unwrap();
    assert_eq!(labels.as_object().unwrap().len(), 1);
}

#[test]
fn patches_beside_it_lock_the_controllers_down() {
    let Tree { mut files, .. } = tree("{}");
    for (id, path, text) in [
        (1, "flux-system/gotk-components.yaml", "# filled by bootstrap\n"),
        (
            2,
            "flux-system/kustomization.yaml",
            "\
resources: [gotk-components.yaml]
patches:
- patch: |
    - op: add
      path: /spec/template/spec/containers/0/args/-
      value: --no-remote-bases=true
  target: {kind: Deployment, name: kustomize-controller}
",
        ),
    ] {
        let source = Source {
            id: SourceId(id),
            name: path.to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        files.insert(path, source);
    }
    let made = placeholder("# filled by bootstrap\n", "flux-system", AT);
    assert!(files.supply("flux-system/gotk-components.yaml", made));
    let built = kustomize::build(&files, "flux-system", &Limits::standard());
    assert_eq!(built.problems, []);
    let controller = built
        .objects
        .iter()
        .find(|object| {
            text(&object.node, &["kind"]) == Some("Deployment")
                && text(&object.node, &["metadata", "name"]) == Some("kustomize-controller")
        })
        .unwrap();
    let args = make::find(&controller.node, &crate::effective::install::ARGS)
        .and_then(Node::as_array)
        .unwrap();
    let last = args.last().unwrap();
    assert_eq!(
        (last.as_str(), last.span.source),
        (Some("--no-remote-bases=true"), SourceId(2))
    );
    assert_eq!(args[0].span, AT, "the rest is the placeholder's");
}
