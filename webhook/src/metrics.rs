//! What Prometheus asks for.

use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text::encode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Every metric of a server.
pub(crate) struct Metrics {
    registry: Registry,
    reviews: Family<Outcome, Counter>,
    denials: Family<Denial, Counter>,
    seconds: Histogram,
    reloads: Family<Reload, Counter>,
    pub(crate) judging: Gauge,
    pub(crate) connections: Gauge,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Outcome {
    decision: &'static str,
    code: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Denial {
    control: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Reload {
    outcome: &'static str,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("flux_audit");
        let (reviews, denials, reloads) = (Family::default(), Family::default(), Family::default());
        let seconds = Histogram::new([
            0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
        ]);
        let (judging, connections) = (Gauge::default(), Gauge::default());
        registry.register("reviews", "Reviews by decision and status code", reviews.clone());
        registry.register("denials", "Denied reviews by the control that denies", denials.clone());
        registry.register("review_seconds", "From a request's head to its answer", seconds.clone());
        registry.register("certificate_reloads", "Changes of the certificate", reloads.clone());
        registry.register("reviews_judging", "Reviews under way", judging.clone());
        registry.register("connections", "Open connections", connections.clone());
        Self {
            registry,
            reviews,
            denials,
            seconds,
            reloads,
            judging,
            connections,
        }
    }

    /// Counts a review that was answered with a decision, `allowed`, `denied` or `refused`, and a status code.
    pub(crate) fn reviewed(&self, decision: &'static str, code: u16, took: Duration) {
        self.reviews.get_or_create(&Outcome { decision, code }).inc();
        self.seconds.observe(took.as_secs_f64());
    }

    /// Counts a denial for each control of the list, as the annotation has it.
    pub(crate) fn denied_by(&self, controls: &str) {
        for control in controls.split(',') {
            let control = control.to_owned();
            self.denials.get_or_create(&Denial { control }).inc();
        }
    }

    /// Counts a changed certificate, whether or not it could be used.
    pub(crate) fn reloaded(&self, usable: bool) {
        let outcome = if usable { "used" } else { "unusable" };
        self.reloads.get_or_create(&Reload { outcome }).inc();
    }

    /// The text of all of them.
    pub(crate) fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// Counts one in a gauge for as long as it lives.
pub(crate) struct Counted(Gauge);

/// One more in the gauge.
pub(crate) fn counted(gauge: &Gauge) -> Counted {
    gauge.inc();
    Counted(gauge.clone())
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}
