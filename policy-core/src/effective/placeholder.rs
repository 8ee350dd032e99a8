//! A `gotk-components.yaml` of comments only: bootstrap fills it, and patches beside it are for what it will hold.

use std::sync::Arc;

use super::install::{IMAGE, Install, Installer};
use super::kustomize::Unknown;
use super::make::{Doubt, Said};
use super::releases::{Component, Version};
use crate::tree::{Node, Span};

/// The controllers that the file stands for: those that its header names, else the default ones. `at` is where its text
/// stands. What bootstrap decides and nothing here shows is unknown: images, network policies, the namespace's labels.
pub(crate) fn placeholder(text: &str, namespace: &str, at: Span) -> Vec<(Node, Vec<Unknown>)> {
    let named = header(text, "Components:", at);
    let components: Vec<Said<Component>> = named
        .iter()
        .flat_map(|list| {
            let names = list.value.split(',').map(str::trim);
            names
                .filter_map(Component::named)
                .map(|component| Said::new(component, list.at))
        })
        .collect();
    let version = match header(text, "Flux Version:", at) {
        Some(said) => Version::read(&said),
        None => Version::unknown(Doubt::new("the file is a placeholder without a version of Flux", at)),
    };
    let install = Install {
        at,
        installer: Installer::Cli,
        namespace: Said::new(namespace, at),
        version,
        components: if components.is_empty() {
            Component::DEFAULT
                .into_iter()
                .map(|component| Said::new(component, at))
                .collect()
        } else {
            components
        },
        registry: Ok(Said::new("ghcr.io/fluxcd", at)),
        domain: Said::new("cluster.local", at),
        policies: true,
        tokens: true,
    };
    let decided_later = Doubt::new(
        "the file is a placeholder; bootstrap decides what is installed here",
        at,
    );
    let mut parts = install.parts();
    for part in &mut parts {
        let kind = part.object.node.get("kind").and_then(Node::as_str).map(str::to_owned);
        match kind.as_deref() {
            Some("Deployment") => {
                part.doubt(&IMAGE, &decided_later);
                part.doubt(&["spec", "template", "spec", "securityContext"], &decided_later);
                let [containers @ .., _] = IMAGE;
                part.doubt(&[&containers[..], &["securityContext"]].concat(), &decided_later);
            }
            Some("Namespace") => part.doubt(&["metadata", "labels"], &decided_later),
            Some("NetworkPolicy") => part.doubt(&[], &decided_later),
            _ => {}
        }
    }
    if install.has(Component::SourceWatcher) {
        install.enable_external_artifacts(&mut parts);
    }
    parts
        .into_iter()
        .map(|part| (part.object.node, part.object.unknown))
        .collect()
}

/// What a comment says after a word, such as `# Flux Version: v2.9.4`.
fn header(text: &str, word: &str, at: Span) -> Option<Said<Arc<str>>> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let comment = line.trim().strip_prefix('#').map(str::trim);
        if let Some(value) = comment.and_then(|comment| comment.strip_prefix(word)).map(str::trim) {
            let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            let line_at = Span {
                start: at.start.saturating_add(offset(start)),
                end: at.start.saturating_add(offset(start + line.trim_end().len())),
                ..at
            };
            return (!value.is_empty()).then(|| Said::new(value, line_at));
        }
        start += line.len();
    }
    None
}
