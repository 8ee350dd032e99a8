//! The programs that load the policies, and what each can decide.

pub(crate) mod page;

use std::collections::BTreeMap;

use anyhow::Result;
use policy_core::{Control, Mode};
use serde_json::Value;

use crate::gatekeeper;

/// A program that loads the policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Host {
    Native,
    Wasmtime,
    Node,
    Opa,
    Conftest,
    OpaWasm,
    Gatekeeper,
    Kubewarden,
    Webhook,
}

impl Host {
    pub(crate) const ALL: [Self; 9] = [
        Self::Native,
        Self::Wasmtime,
        Self::Node,
        Self::Opa,
        Self::Conftest,
        Self::OpaWasm,
        Self::Gatekeeper,
        Self::Kubewarden,
        Self::Webhook,
    ];

    /// Its name, for people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Native => "flux-audit",
            Self::Wasmtime => "wasmtime",
            Self::Node => "npm",
            Self::Opa => "OPA",
            Self::Conftest => "conftest",
            Self::OpaWasm => "OPA Wasm",
            Self::Gatekeeper => "Gatekeeper",
            Self::Kubewarden => "Kubewarden",
            Self::Webhook => "webhook",
        }
    }
}

/// What the hosts can decide.
pub(crate) struct Hosts {
    /// Why Gatekeeper cannot decide a control, by ID.
    not_in_gatekeeper: BTreeMap<String, String>,
}

impl Hosts {
    /// `has_template` tells of a control's slug whether there is a template for Gatekeeper.
    pub(crate) fn new(has_template: impl Fn(&str) -> bool) -> Result<Self> {
        Ok(Self {
            not_in_gatekeeper: gatekeeper::undecidable(has_template)?,
        })
    }

    /// Whether a host that sees single objects decides a control where somebody gives it the others.
    pub(crate) fn needs_inventory(&self, host: Host, control: &Control) -> bool {
        host == Host::Webhook && !control.reads.is_empty() && self.why_not(host, control).is_none()
    }

    /// Why a host cannot decide a control; `None` where it can.
    pub(crate) fn why_not(&self, host: Host, control: &Control) -> Option<String> {
        match host {
            Host::Native | Host::Wasmtime | Host::Node => None,
            Host::Opa | Host::OpaWasm => gatekeeper::not_without_a_person(control),
            Host::Gatekeeper => self.not_in_gatekeeper.get(&control.id).cloned(),
            Host::Webhook => not_at_admission(control),
            Host::Conftest | Host::Kubewarden => not_at_admission(control)
                .or_else(|| (!control.reads.is_empty()).then(|| "it needs other objects of the cluster".into())),
        }
    }
}

/// Why no single object shows what a control asks.
fn not_at_admission(control: &Control) -> Option<String> {
    gatekeeper::not_in_a_cluster(control).or_else(|| {
        (!control.modes.contains(&Mode::Admission)).then(|| "no admission shows what a cluster lacks".into())
    })
}

/// Whether an object is of a kind that a control speaks of.
pub(crate) fn speaks_of(control: &Control, object: &Value) -> bool {
    let (Some(version), Some(kind)) = (object["apiVersion"].as_str(), object["kind"].as_str()) else {
        return false;
    };
    let group = version.split_once('/').map_or("", |(group, _)| group);
    control
        .kinds
        .iter()
        .any(|known| known.group == group && known.kind == kind)
}
