//! Values between JavaScript and Rust, as JSON text.

use js_sys::{Error, JSON};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};

use crate::error::{LoadError, bad_request, error};

/// A JavaScript value as a Rust one; what the type does not know is an error.
pub(crate) fn read<T: DeserializeOwned>(value: &JsValue) -> Result<T, LoadError> {
    serde_json::from_str(&text(value)?).map_err(|error| bad_request(&error.to_string()))
}

/// A JavaScript value as JSON text.
pub(crate) fn text(value: &JsValue) -> Result<String, LoadError> {
    let text = JSON::stringify(value).map_err(thrown)?;
    // Of `undefined` and of functions there is no text.
    text.as_string()
        .ok_or_else(|| bad_request("the value cannot be written as JSON"))
}

/// A Rust value as a plain JavaScript one.
pub(crate) fn write<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, LoadError> {
    let text = serde_json::to_string(value).map_err(|failure| error("internal", &failure.to_string()))?;
    parse(&text)
}

/// JSON text as a JavaScript value.
pub(crate) fn parse(text: &str) -> Result<JsValue, LoadError> {
    JSON::parse(text).map_err(thrown)
}

/// What JavaScript threw itself, such as at a cycle.
fn thrown(value: JsValue) -> LoadError {
    let message = value
        .dyn_ref::<Error>()
        .map_or_else(|| "not JSON".into(), |error| String::from(error.message()));
    bad_request(&message)
}
