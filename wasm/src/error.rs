//! What JavaScript gets to see of a mistake.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(raw_module = "./error.js")]
extern "C" {
    /// The package's own class of errors, so that `instanceof` tells them from traps.
    pub type LoadError;

    #[wasm_bindgen(constructor)]
    fn new(code: &str, message: &str, path: Option<&str>, line: Option<u32>) -> LoadError;
}

/// An error that is in no file.
pub(crate) fn error(code: &str, message: &str) -> LoadError {
    LoadError::new(code, message, None, None)
}

/// A value of a wrong type.
pub(crate) fn bad_request(message: &str) -> LoadError {
    error("bad-request", message)
}

impl From<policy_core::LoadError> for LoadError {
    fn from(error: policy_core::LoadError) -> Self {
        let (path, line) = error.place().unzip();
        Self::new("bad-config", &error.to_string(), path, line)
    }
}
