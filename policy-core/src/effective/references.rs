//! The paths that a kustomization file names, read leniently: a file that cannot be built still names them.

use crate::tree::Node;

/// A path as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named<'n> {
    pub(super) path: &'n str,
    pub(super) role: Role,
}

/// What kustomize takes from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Objects: a resource, a base, a component.
    Objects,
    /// Changes to objects, and settings.
    Changes,
    /// Bytes, for a generator.
    Data,
}

/// Every path, in the order of the fields.
pub(super) fn named(kustomization: &Node) -> Vec<Named<'_>> {
    let mut nodes: Vec<(&Node, Role)> = Vec::new();
    for field in ["resources", "bases", "components"] {
        nodes.extend(items(kustomization, field).map(|item| (item, Role::Objects)));
    }
    for field in [
        "crds",
        "configurations",
        "generators",
        "transformers",
        "validators",
        "patchesStrategicMerge",
    ] {
        nodes.extend(items(kustomization, field).map(|item| (item, Role::Changes)));
    }
    for field in ["patches", "patchesJson6902", "replacements"] {
        let paths = items(kustomization, field).filter_map(|item| item.get("path"));
        nodes.extend(paths.map(|path| (path, Role::Changes)));
    }
    nodes.extend(kustomization.at(&["openapi", "path"]).map(|path| (path, Role::Changes)));
    let values = items(kustomization, "helmCharts").filter_map(|item| item.get("valuesFile"));
    nodes.extend(values.map(|path| (path, Role::Changes)));
    // Some fields take a path or the thing itself.
    let is_path = |text: &&str| !text.contains('\n');
    let texts = nodes
        .into_iter()
        .filter_map(|(node, role)| Some((node.as_str().filter(is_path)?, role)));
    let mut named: Vec<Named<'_>> = texts.map(|(path, role)| Named { path, role }).collect();
    for field in ["configMapGenerator", "secretGenerator"] {
        for generator in items(kustomization, field) {
            let inputs = items(generator, "files").chain(items(generator, "envs"));
            named.extend(
                inputs
                    .chain(generator.get("env"))
                    .filter_map(Node::as_str)
                    .map(|text| Named {
                        path: text.split_once('=').map_or(text, |(_, path)| path),
                        role: Role::Data,
                    }),
            );
        }
    }
    named
}

fn items<'n>(node: &'n Node, field: &str) -> impl Iterator<Item = &'n Node> {
    node.get(field).and_then(Node::as_array).unwrap_or(&[]).iter()
}

#[cfg(test)]
mod tests {
    use super::{Role, named};
    use crate::limits::Limits;
    use crate::source::{Source, SourceId};
    use crate::yaml::{Dialect, parse};

    #[test]
    fn every_field_that_names_a_path() {
        let text = "
resources: [a]
bases: [b]
components: [c]
crds: [d]
configurations: [e]
generators: [f]
transformers: [g, \"apiVersion: v1\\n\"]
validators: [h]
patchesStrategicMerge: [i, \"kind: A\\n\"]
patches: [{path: j}, {patch: 'kind: A'}]
patchesJson6902: [{path: k}]
replacements: [{path: l}]
openapi: {path: m}
helmCharts: [{name: x, valuesFile: v}]
configMapGenerator: [{files: [o, key=p], envs: [q], env: r}]
secretGenerator: [{files: [s]}]
";
        let source = Source {
            id: SourceId(0),
            name: "kustomization.yaml".into(),
            bytes: text.into(),
        };
        let parsed = parse(&source, Dialect::Kubectl, &Limits::standard());
        let found = named(&parsed.documents[0].root);
        let of = |role| {
            let names = found.iter().filter(|named| named.role == role);
            names.map(|named| named.path).collect::<Vec<_>>().concat()
        };
        assert_eq!(of(Role::Objects), "abc");
        assert_eq!(of(Role::Data), "opqrs");
        // Without what is written in place.
        assert_eq!(of(Role::Changes), "defghijklmv");
    }
}
