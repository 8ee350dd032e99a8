//! The host for Rust of OPA's WebAssembly interface, the crate `opa-wasm`.

use anyhow::{Context, Result};
use opa_wasm::{DefaultContext, Policy, Runtime};
use serde_json::Value;
use wasmtime::{Module, ResourceLimiter, Store};

/// An instance with its data.
pub struct Host {
    store: Store<Memory>,
    policy: Policy<DefaultContext>,
}

/// Bytes of an instance's memory.
struct Memory(usize);

impl ResourceLimiter for Memory {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        self.0 = desired;
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(true)
    }
}

impl Host {
    /// An instance of a module.
    ///
    /// # Errors
    /// A module without the interface, or data that it refuses.
    pub fn start(module: &Module, data: Option<&Value>) -> Result<Self> {
        let mut store = Store::new(module.engine(), Memory(0));
        store.limiter(|memory| memory);
        let policy = wait(async {
            let runtime = Runtime::new(&mut store, module).await?;
            match data {
                Some(data) => runtime.with_data(&mut store, data).await,
                None => runtime.without_data(&mut store).await,
            }
        })?;
        Ok(Self { store, policy })
    }

    /// The members of the result's set.
    ///
    /// # Errors
    /// The module's own, and a result that is no set.
    pub fn evaluate(&mut self, entry: &str, input: &Value) -> Result<Vec<Value>> {
        let Self { store, policy } = self;
        let result: Value = wait(policy.evaluate(store, entry, input))?;
        let members = match result.as_array().map(Vec::as_slice) {
            Some([one]) => one["result"].as_array().cloned(),
            _ => None,
        };
        members.with_context(|| format!("{entry}: {result}"))
    }

    /// The entry point that hosts take where they are told none.
    pub fn default_entrypoint(&self) -> Option<&str> {
        self.policy.default_entrypoint()
    }

    /// Bytes of its memory.
    pub fn memory(&self) -> usize {
        self.store.data().0
    }
}

fn wait<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_current_thread().build()?.block_on(future)
}
