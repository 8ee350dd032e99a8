//! Profiles that fit what is in a cluster and were not selected.

use crate::catalog::Profile;
use crate::object::Object;
use crate::report::Suggestion;

/// What an object may show.
type Sign = fn(&Object) -> bool;

/// One suggestion for each profile, with the first object that speaks for it.
pub(crate) fn suggest(cluster: &str, objects: &[Object], selected: &[Profile]) -> Vec<Suggestion> {
    let signs: [(Profile, Sign, &str); 2] = [
        (Profile::Shared, is_tenant, "tenants share this cluster"),
        (
            Profile::Dedicated,
            applies_remotely,
            "other clusters are managed from this one",
        ),
    ];
    let mut suggestions = Vec::new();
    for (profile, speaks_for_it, what) in signs {
        if selected.contains(&profile) {
            continue;
        }
        if let Some(object) = objects.iter().find(|object| speaks_for_it(object)) {
            suggestions.push(Suggestion {
                cluster: cluster.to_owned(),
                profile,
                reason: format!("{what}: see {}", object.display()),
            });
        }
    }
    suggestions
}

/// As `flux create tenant` and the reference architectures mark them.
fn is_tenant(object: &Object) -> bool {
    let labels = object.node.get("metadata").and_then(|metadata| metadata.get("labels"));
    labels.is_some_and(|labels| {
        let role = labels.get("toolkit.fluxcd.io/role").and_then(|role| role.as_str());
        labels.get("toolkit.fluxcd.io/tenant").is_some() || role == Some("tenant")
    })
}

fn applies_remotely(object: &Object) -> bool {
    let applies = matches!(
        (object.kind.group.as_str(), object.kind.kind.as_str()),
        ("kustomize.toolkit.fluxcd.io", "Kustomization") | ("helm.toolkit.fluxcd.io", "HelmRelease")
    );
    let kubeconfig = object.node.get("spec").and_then(|spec| spec.get("kubeConfig"));
    applies && kubeconfig.is_some_and(|kubeconfig| kubeconfig.as_object().is_some())
}
