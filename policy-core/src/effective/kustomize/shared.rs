//! Values that stand in several places at once.
//!
//! kustomize puts one and the same value under each key that an entry of `labels` or `commonAnnotations` makes in an
//! object. Who sets one of these places later sets them all: a patch of a label may change the selector, too.

use super::resource::Resource;
use crate::tree::{Node, Segment};

/// The places of one value.
pub(super) type Places = Vec<Vec<Segment>>;

/// Carries what was set in one place to the others; `before` is the object as it was.
pub(super) fn spread(resource: &mut Resource, before: &Node) {
    let mut all = std::mem::take(&mut resource.shared);
    for places in &mut all {
        let mut set: Option<Node> = None;
        places.retain(|path| {
            let Some((_, parents)) = path.split_last() else {
                return false;
            };
            let (Some(old), Some(new)) = (at(before, path), at(&resource.node, path)) else {
                return false;
            };
            if old == new {
                return true;
            }
            // A list or map that was replaced as a whole took its values along.
            let same_map =
                at(before, parents).map(|node| node.span) == at(&resource.node, parents).map(|node| node.span);
            let in_list = path.iter().any(|segment| matches!(segment, Segment::Index(_)));
            if in_list || !same_map {
                return false;
            }
            set = Some(new.clone());
            true
        });
        if let Some(value) = set {
            for path in &*places {
                if let Some(node) = at_mut(&mut resource.node, path) {
                    *node = value.clone();
                }
            }
        }
    }
    all.retain(|places| places.len() > 1);
    resource.shared = all;
}

fn at<'n>(node: &'n Node, path: &[Segment]) -> Option<&'n Node> {
    path.iter().try_fold(node, |node, segment| match segment {
        Segment::Key(key) => node.get(key),
        Segment::Index(at) => node.as_array()?.get(*at),
    })
}

fn at_mut<'n>(node: &'n mut Node, path: &[Segment]) -> Option<&'n mut Node> {
    path.iter()
        .try_fold(node, |node, segment| match (&mut node.value, segment) {
            (crate::tree::Value::Object(members), Segment::Key(key)) => members
                .iter_mut()
                .find(|member| member.key == *key)
                .map(|member| &mut member.node),
            (crate::tree::Value::Array(items), Segment::Index(at)) => items.get_mut(*at),
            _ => None,
        })
}

/// Every place under `key` where the object has a value now and had none before.
pub(super) fn made(node: &Node, before: &Node, key: &str) -> Places {
    let mut places = Vec::new();
    find(node, Some(before), key, &mut Vec::new(), &mut places);
    places
}

fn find(node: &Node, before: Option<&Node>, key: &str, here: &mut Vec<Segment>, places: &mut Places) {
    for member in node.as_object().into_iter().flatten() {
        let old = before.and_then(|before| before.get(&member.key));
        here.push(Segment::Key(member.key.clone()));
        if old.is_none() && &*member.key == key && member.node.as_str().is_some() {
            places.push(here.clone());
        } else {
            find(&member.node, old, key, here, places);
        }
        here.pop();
    }
    for (at, item) in node.as_array().into_iter().flatten().enumerate() {
        let old = before.and_then(|before| before.as_array()?.get(at));
        here.push(Segment::Index(at));
        find(item, old, key, here, places);
        here.pop();
    }
}
