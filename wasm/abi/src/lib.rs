//! flux-audit as a WebAssembly module without imports, for any host.
//!
//! Exports: `memory` and the functions of `exports.rs`. A host
//!
//! 1. checks that `flux_audit_abi_version()` is 1;
//! 2. gets room for the request with `flux_audit_alloc(len)` and writes the JSON there (`policy_core::api` says what);
//! 3. calls `flux_audit_call(ptr, len)`, which returns `ptr << 32 | len` of the answer;
//! 4. reads the answer, and gives both back with `flux_audit_free(ptr, len)`.
//!
//! Numbers are unsigned. A request may be used for several calls until it is given back.
//!
//! **What is success.** Of a check, only an answer `{"ok": …}` whose `verdict` is `pass`; of a review, only one whose
//! `response.allowed` is `true`. An answer `{"error": …}`, a zero pointer, an answer that is no JSON, and a trap never are.
//!
//! **After a trap** (also one that the host causes, by fuel or a deadline) the instance is of no use: whatever is called
//! next traps as well, but for the version. Throw it away and make another; that costs microseconds.
//!
//! **Bounds** are the host's: on time by fuel or epochs, on memory by limiting its growth. A refused growth makes
//! `flux_audit_alloc` return 0, and anything else trap.

#[cfg(target_arch = "wasm32")]
mod exports;
