//! flux-audit as a WebAssembly policy of OPA: a module that any host of OPA's WebAssembly ABI loads, version 1.1 of it.
//!
//! | Entry point | Result: a set of |
//! |---|---|
//! | `gatekeeper/violation` (number 0) | `{"msg"}`: why a review of the object is denied, and nothing else; empty admits |
//! | `flux/violations` | `{"control", "severity", "msg", "path", "related"?, "fix"?}`: what fails |
//! | `flux/unknown` | the same for what cannot be decided, which is no pass |
//! | `flux/warn` | the same for advice |
//! | `flux/not_evaluated` | `{"control", "reason"}`: the selected controls that this data cannot decide |
//!
//! `path` is a list of segments, of which a number is an index. Number 0, which hosts use where nobody names another, is
//! the one whose result any host can read: some take a result of another shape for an admission.
//!
//! **Input**: a Kubernetes object, or a review of one in `review` or `request`, as Gatekeeper and API servers pass it. The
//! `parameters` beside it, as a constraint has them, count instead of those in the data.
//!
//! **Data**: `data.inventory` in Gatekeeper's shape, without which the controls that need one are not evaluated, and
//! `data.parameters`. Both are optional, and members of other names are none of ours. Parameters are those of the controls
//! and these, with the defaults of a `.flux-audit.yaml`: `mode` (`admission`; what an absence proves), `profiles`, `select`,
//! `ignore`, `enforce` and `onUnknown` (of `gatekeeper/violation`), `now` (RFC 3339 in UTC). Exceptions have no part in it.
//!
//! **What is success**: an empty set, and only that. Whatever cannot be judged ends in `opa_abort` with the reason, or in a
//! handle of 0 where the interface says so, never in a result. The instance stays usable after it; after any other trap
//! every further call traps as well.
//!
//! **Memory**: 16 MiB for what hosts see, at a fixed place, and as much more as the texts need that do not fit. Go OPA copies
//! its data between instances, so its data must fit; one that does not is refused in the copy. What an evaluation takes is
//! given back when the host sets the heap pointer back.
//!
//! The linked module is not what hosts load: `cargo xtask opa-module` makes its memory an import and its version constants.

#[cfg(target_arch = "wasm32")]
mod arena;
#[cfg(target_arch = "wasm32")]
mod exports;
#[cfg(target_arch = "wasm32")]
mod instance;
pub mod policy;
