//! What Flux would really run: the clusters of a repository, each with its objects in their effective state.
//!
//! [`discovery`] finds where clusters begin, [`cluster`] follows Flux from there, [`gather`] makes the objects that are
//! audited. [`kustomize`] builds folders and [`flux_kustomization`] adds what Flux changes; [`flux_instance`], [`chart`]
//! and [`placeholder`] work out the controllers that a tree only implies, [`install`] knows what these look like and
//! [`make`] how objects are made. [`bootstrap`] fills files that are still empty, [`config_files`] makes objects of
//! configuration files.

mod artifact;
mod bootstrap;
mod chart;
mod cluster;
mod config_files;
mod discovery;
mod expanded;
mod fields;
mod flux2;
mod flux_instance;
mod flux_kustomization;
mod gather;
mod glob;
mod install;
mod instance_chart;
pub mod kustomize;
mod make;
mod placeholder;
mod references;
mod releases;
mod resource_set;
mod sops;
mod substitute;
mod sync;
#[cfg(test)]
mod tests;
mod values;

use crate::error::Problem;
use crate::limits::Limits;
use crate::object::Object;
use crate::report::Skipped;
use crate::repository::Repository;
use crate::source::Texts;

/// The name of what no cluster reaches.
pub(crate) const UNATTACHED: &str = "(unattached)";

/// The clusters of a repository.
pub(crate) struct Effective {
    /// By name; [`UNATTACHED`] last.
    pub(crate) clusters: Vec<EffectiveCluster>,
    pub(crate) texts: Texts,
    pub(crate) problems: Vec<Problem>,
    /// What is worth a word and changes no verdict.
    pub(crate) notes: Vec<Problem>,
    pub(crate) skipped: Skipped,
}

/// One cluster.
pub(crate) struct EffectiveCluster {
    pub(crate) name: String,
    pub(crate) objects: Vec<Object>,
}

/// Works out every cluster of a repository.
pub(crate) fn resolve(mut repository: Repository, limits: &Limits) -> Effective {
    let supplied = bootstrap::fill(&mut repository.files);
    let layout = discovery::layout(&repository.files);
    let tree = cluster::Tree::new(&repository.files, limits);
    let clusters = cluster::settle_all(&tree, &layout);
    let asked = cluster::asked_for(&clusters, &repository.scope);
    let mut gathering = gather::Gathering::new(&repository, &layout, supplied, limits);
    for ((_, cluster), asked) in clusters.into_iter().zip(asked) {
        gathering.cluster(cluster, asked);
    }
    gathering.unattached();
    gathering.config_files();
    gathering.sources();
    gathering.finish()
}
