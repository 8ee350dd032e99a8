//! Every bound on the input, and its default.

/// Upper bounds on what one check reads. Reaching one is a [`Problem`](crate::Problem), never a silent cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one source.
    pub source_bytes: usize,
    /// Bytes of all sources of a request.
    pub total_bytes: usize,
    /// Nesting of mappings and sequences.
    pub depth: usize,
    /// Documents in one source.
    pub documents: usize,
    /// Nodes of one source.
    pub nodes: usize,
    /// Nodes that aliases add to one document.
    pub alias_nodes: usize,
    /// Folders that one kustomization may build upon, one within another.
    pub kustomize_depth: usize,
    /// Folders that the build of one kustomization may visit.
    pub kustomize_folders: usize,
    /// Nodes that the objects of one kustomization may have.
    pub kustomize_nodes: usize,
    /// Objects that the clusters of one repository may apply together, each as often as it is applied.
    pub applied_objects: usize,
    /// Shards, common labels, instances in one set: items of one object for each of which Flux objects are made.
    pub implied_items: usize,
    /// Bytes of a file of settings: a configuration, or evidence.
    pub settings_bytes: usize,
    /// Exceptions in a configuration: each finding is held against those of its control.
    pub exceptions: usize,
    /// Items of evidence.
    pub evidence: usize,
    /// Bytes of one text in an exception or an item of evidence.
    pub settings_text_bytes: usize,
    /// Bytes of one finding's message.
    pub message_bytes: usize,
    /// Virtual-machine instructions to evaluate one object.
    pub object_instructions: usize,
    /// Virtual-machine instructions for the facts of a cluster, for each object in it.
    pub fact_instructions_per_object: usize,
}

impl Limits {
    /// The documented defaults (64 MiB a source, 1 GiB in all; 256 MiB in all on wasm32).
    pub const fn standard() -> Self {
        Self {
            source_bytes: 64 << 20,
            total_bytes: if cfg!(target_arch = "wasm32") {
                256 << 20
            } else {
                1 << 30
            },
            depth: 256,
            documents: 100_000,
            nodes: 20_000_000,
            alias_nodes: 1_000_000,
            kustomize_depth: 100,
            kustomize_folders: 10_000,
            kustomize_nodes: 20_000_000,
            applied_objects: 1_000_000,
            implied_items: 200,
            settings_bytes: 4 << 20,
            exceptions: 1_000,
            evidence: 10_000,
            settings_text_bytes: 4 << 10,
            message_bytes: 4 << 10,
            object_instructions: 1_000_000,
            fact_instructions_per_object: 50_000,
        }
    }

    /// Virtual-machine instructions for the facts of a cluster of so many objects.
    pub(crate) const fn fact_instructions(&self, objects: usize) -> usize {
        objects
            .saturating_mul(self.fact_instructions_per_object)
            .saturating_add(self.object_instructions)
    }
}
