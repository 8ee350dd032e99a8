//! flux-audit for JavaScript: the npm package `flux-audit`.
//!
//! Values cross as JSON text, so that JavaScript gets plain objects and a report is the one that every other host gets.
//! What goes wrong is thrown as a `LoadError` with a `code`, the same as in the plain interface: `bad-request` for values
//! of a wrong type, `bad-config` for settings. After any other exception (a trap) the module is of no use any more.

#![allow(unsafe_code, reason = "what the macros of wasm-bindgen write")]

mod error;
mod value;

use policy_core::api::{CheckRequest, FormatName, SourceFile};
use policy_core::{Catalog, Config, Report};
use wasm_bindgen::prelude::*;

pub use error::LoadError;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("../types.d.ts");

/// The controls with a configuration, ready to check. It keeps nothing between checks.
#[wasm_bindgen]
pub struct Engine(policy_core::Engine);

#[wasm_bindgen]
impl Engine {
    /// Loads the controls. Without a configuration every setting has its default.
    #[wasm_bindgen(constructor)]
    pub fn new(#[wasm_bindgen(unchecked_optional_param_type = "Config")] config: JsValue) -> Result<Self, LoadError> {
        let config = if config.is_undefined() {
            Config::default()
        } else {
            value::read::<Config>(&config)?
        };
        Ok(Self(policy_core::Engine::new(Catalog::builtin()?, config)?))
    }

    /// Checks a request. Only a report with the verdict `pass` is success.
    #[wasm_bindgen(unchecked_return_type = "Report")]
    pub fn check(
        &self,
        #[wasm_bindgen(unchecked_param_type = "CheckRequest")] request: &JsValue,
    ) -> Result<JsValue, LoadError> {
        let request = value::read::<CheckRequest>(request)?;
        value::write(&self.0.check(request.into()))
    }

    /// The patches that lock the controllers of a repository down, each tried. The request is in mode `git`.
    #[wasm_bindgen(js_name = lockDown, unchecked_return_type = "LockDown")]
    pub fn lock_down(
        &self,
        #[wasm_bindgen(unchecked_param_type = "CheckRequest")] request: &JsValue,
    ) -> Result<JsValue, LoadError> {
        let request = value::read::<CheckRequest>(request)?;
        value::write(&self.0.lock_down(&request))
    }

    /// Checks a request and writes the report as the command line does: with the lines of the sources, which a report
    /// does not hold.
    #[wasm_bindgen(js_name = checkAs)]
    pub fn check_as(
        &self,
        #[wasm_bindgen(unchecked_param_type = "CheckRequest")] request: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "FormatName")] format: &JsValue,
    ) -> Result<String, LoadError> {
        let request = value::read::<CheckRequest>(request)?;
        let format = value::read::<FormatName>(format)?;
        let now = request.now.clone();
        let text = format.render(&self.0.check(request.into()), self.0.controls(), now.as_deref());
        text.map_err(|why| error::bad_request(&why))
    }

    /// Reviews an `admission.k8s.io/v1` AdmissionReview and returns one. Only `response.allowed: true` is an admission.
    /// Without the time `now`, RFC 3339 in UTC, exceptions that expire do not count.
    #[wasm_bindgen(unchecked_return_type = "AdmissionReview")]
    pub fn review(
        &self,
        #[wasm_bindgen(unchecked_param_type = "unknown")] review: &JsValue,
        now: Option<String>,
    ) -> Result<JsValue, LoadError> {
        let review = value::text(review)?;
        let answer = self.0.review(review.as_bytes(), now.as_deref());
        value::parse(&String::from_utf8_lossy(&answer))
    }

    /// Every control, by ID.
    #[wasm_bindgen(unchecked_return_type = "Control[]")]
    pub fn controls(&self) -> Result<JsValue, LoadError> {
        value::write(self.0.controls())
    }
}

/// Writes a report for people (`text`), programs (`json`) or Kubernetes (`openreports`, `policyreport`). `now` is the time of
/// the audit, RFC 3339 in UTC, for the formats that tell.
#[wasm_bindgen]
pub fn render(
    #[wasm_bindgen(unchecked_param_type = "Report")] report: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "FormatName")] format: &JsValue,
    now: Option<String>,
) -> Result<String, LoadError> {
    let report = value::read::<Report>(report)?;
    let format = value::read::<FormatName>(format)?;
    let text = format.render(&report, Catalog::builtin()?.controls(), now.as_deref());
    text.map_err(|why| error::bad_request(&why))
}

/// Reads a configuration file, `.flux-audit.yaml`. An error names its line.
#[wasm_bindgen(js_name = readConfig, unchecked_return_type = "Config")]
pub fn read_config(#[wasm_bindgen(unchecked_param_type = "SourceFile")] file: &JsValue) -> Result<JsValue, LoadError> {
    value::write(&value::read::<SourceFile>(file)?.config()?)
}

/// Reads a file of evidence, `.flux-audit-evidence.yaml`. An error names its line.
#[wasm_bindgen(js_name = readEvidence, unchecked_return_type = "Evidence")]
pub fn read_evidence(
    #[wasm_bindgen(unchecked_param_type = "SourceFile")] file: &JsValue,
) -> Result<JsValue, LoadError> {
    value::write(&value::read::<SourceFile>(file)?.evidence()?)
}

/// The version of the package and of its controls.
#[wasm_bindgen]
pub fn version() -> String {
    policy_core::VERSION.into()
}
