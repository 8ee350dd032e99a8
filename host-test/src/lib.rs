//! Hosts for the WebAssembly modules, on wasmtime.

mod abi;
pub mod kubewarden;
pub mod opa;

pub use abi::{ABI_VERSION, Host, Limits, Module, Stop};
