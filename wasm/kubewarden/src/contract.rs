//! Kubewarden's JSON in, Kubewarden's JSON out. Nothing here fails: an answer that is not a clear yes is a no.

use std::collections::BTreeMap;

use policy_core::api::{AdmissionResponse, AdmissionReview};
use policy_core::{Catalog, Config, Engine, LoadError};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// What `validate` reads. The request stays text, so that the loader sees duplicate keys.
#[derive(Deserialize)]
struct Validation<'a> {
    #[serde(borrow)]
    request: &'a RawValue,
    #[serde(borrow)]
    settings: &'a RawValue,
}

/// What `validate` answers.
#[derive(Debug, Serialize)]
struct Decision {
    accepted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u16>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    audit_annotations: BTreeMap<String, String>,
}

/// What `validate-settings` answers.
#[derive(Debug, Serialize)]
struct SettingsDecision {
    valid: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl From<AdmissionResponse> for Decision {
    fn from(response: AdmissionResponse) -> Self {
        let (message, code) = match response.status {
            Some(status) => (Some(status.message), Some(status.code)),
            None => (None, None),
        };
        Self {
            accepted: response.allowed,
            message,
            code,
            warnings: response.warnings,
            audit_annotations: response.audit_annotations,
        }
    }
}

/// Decides on a request, at the time `now` (RFC 3339 in UTC).
pub(crate) fn validate(input: &[u8], now: &str) -> Vec<u8> {
    let decision = review(input, now).unwrap_or_else(|message| Decision {
        accepted: false,
        message: Some(format!("flux-audit: {message}")),
        code: Some(500),
        warnings: Vec::new(),
        audit_annotations: BTreeMap::new(),
    });
    json(&decision)
}

/// Says whether settings are a configuration for the shipped catalogue.
pub(crate) fn validate_settings(input: &[u8]) -> Vec<u8> {
    let message = engine(input).err();
    json(&SettingsDecision {
        valid: message.is_none(),
        message,
    })
}

fn review(input: &[u8], now: &str) -> Result<Decision, String> {
    let said = |error: serde_json::Error| format!("the input is not Kubewarden's: {error}");
    let Validation { request, settings } = serde_json::from_slice(input).map_err(said)?;
    let engine = engine(settings.get().as_bytes())?;
    let review =
        format!("{{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{request}}}");
    let answer = engine.review(review.as_bytes(), Some(now));
    let answer: AdmissionReview = serde_json::from_slice(&answer).map_err(|error| error.to_string())?;
    Ok(answer.response.into())
}

fn engine(settings: &[u8]) -> Result<Engine, String> {
    let config = config(settings)?;
    let engine = Catalog::builtin().and_then(|catalog| Engine::new(catalog, config));
    engine.map_err(|error: LoadError| format!("settings: {error}"))
}

/// Reads settings; all names that are none are told at once.
fn config(settings: &[u8]) -> Result<Config, String> {
    let said = |error: serde_json::Error| format!("settings: {error}");
    let members: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(settings).map_err(said)?;
    let known = serde_json::to_value(Config::default()).map_err(said)?;
    let unknown = members.keys().filter(|name| known.get(name).is_none());
    let unknown: Vec<&str> = unknown.map(String::as_str).collect();
    if !unknown.is_empty() {
        return Err(format!("settings: unknown: {}", unknown.join(", ")));
    }
    serde_json::from_slice(settings).map_err(said)
}

/// An answer as JSON. What cannot be written is nothing, which the host cannot read and denies.
fn json(answer: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(answer).unwrap_or_else(|_| Vec::new())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use serde_json::{Value, json};

    const NOW: &str = "2026-11-22T03:00:00Z";

    fn validate(input: &Value) -> Value {
        serde_json::from_slice(&super::validate(input.to_string().as_bytes(), NOW)).unwrap()
    }

    fn settings(settings: &Value) -> Value {
        serde_json::from_slice(&super::validate_settings(settings.to_string().as_bytes())).unwrap()
    }

    fn request(args: &[&str]) -> Value {
        let labels =
            json!({"app.kubernetes.io/part-of": "flux", "app.kubernetes.io/component": "kustomize-controller"});
        json!({"uid": "1", "operation": "CREATE", "object": {
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "kustomize-controller", "namespace": "flux-system", "labels": labels},
            "spec": {"template": {"metadata": {"labels": labels}, "spec": {"containers": [
                {"name": "manager", "image": "ghcr.io/fluxcd/kustomize-controller:v1.9.4", "args": args}
            ]}}},
        }})
    }

    #[test]
    fn a_finding_denies_unless_an_exception_holds() {
        let exception = |expires: &str| {
            json!({
                "select": ["FX-KC-03"],
                "exceptions": [{
                    "control": "FX-KC-03", "object": {"kind": "Deployment", "name": "*"},
                    "reason": "r", "owner": "o", "expires": expires,
                }],
            })
        };
        let bad = request(&["--no-remote-bases=false"]);
        let denied = validate(&json!({"request": bad, "settings": {"select": ["FX-KC-03"]}}));
        assert_eq!(
            (&denied["accepted"], &denied["code"]),
            (&json!(false), &json!(403)),
            "{denied}"
        );
        assert!(
            denied["message"].as_str().unwrap().starts_with("FX-KC-03: "),
            "{denied}"
        );
        let accepted = validate(&json!({"request": bad, "settings": exception("2026-11-22")}));
        assert_eq!(accepted["accepted"], json!(true), "{accepted}");
        assert!(
            accepted["warnings"][0].as_str().unwrap().contains("accepted by o"),
            "{accepted}"
        );
        let expired = validate(&json!({"request": bad, "settings": exception("2026-11-21")}));
        assert_eq!(expired["accepted"], json!(false), "{expired}");
        let good = request(&["--no-remote-bases=true"]);
        let good = validate(&json!({"request": good, "settings": {"select": ["FX-KC-03"]}}));
        assert_eq!(good, json!({"accepted": true}));
    }

    #[test]
    fn whatever_is_not_a_request_is_denied() {
        for input in [
            json!(null),
            json!({}),
            json!({"request": request(&[])}),
            json!({"settings": {}}),
            json!({"request": null, "settings": {}}),
            json!({"request": {}, "settings": {}}),
            json!({"request": {"uid": "1"}, "settings": {}}),
            json!({"request": {"uid": "1", "object": {"kind": "Pod"}}, "settings": {}}),
            json!({"request": request(&[]), "settings": {"profile": "base"}}),
            json!({"request": request(&[]), "settings": null}),
        ] {
            assert_eq!(validate(&input)["accepted"], json!(false), "{input}");
        }
        for text in ["", "{", "\u{0}", "{\"request\":{},\"request\":{}}"] {
            let answer: Value = serde_json::from_slice(&super::validate(text.as_bytes(), NOW)).unwrap();
            assert_eq!(answer["accepted"], json!(false), "{text}");
        }
    }

    #[test]
    fn settings_are_a_configuration() {
        let all = json!({
            "apiVersion": "audit.plugin.fluxcd.io/v1beta1", "kind": "Config", "profiles": ["base", "shared"],
            "ignore": ["FX-NET"], "params": {"maxConcurrent": 20}, "enforce": "medium", "onUnknown": "warn",
        });
        for valid in [json!({}), all] {
            assert_eq!(settings(&valid), json!({"valid": true}), "{valid}");
        }
        for (wrong, said) in [
            (json!({"profile": [], "ignores": []}), "unknown: ignores, profile"),
            (json!({"exceptions": [{"controls": "FX-KC-03"}]}), "controls"),
            (json!({"select": ["FX-KC-99"]}), "FX-KC-99"),
            (json!({"params": {"maxConcurrrent": 1}}), "maxConcurrrent"),
            (json!({"params": {"maxConcurrent": "many"}}), "maxConcurrent"),
            (json!({"enforce": "severe"}), "severe"),
            (json!(null), "null"),
            (json!([]), "expected a map"),
        ] {
            let answer = settings(&wrong);
            assert_eq!(answer["valid"], json!(false), "{wrong}");
            assert!(answer["message"].as_str().unwrap().contains(said), "{wrong}: {answer}");
        }
    }
}
