//! Figures of deliveries, for Prometheus.

use std::collections::HashMap;

use prometheus::{IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry};

use crate::webhook::rules::{WebhookDeliveryState, WebhookOutcome};

/// The figures of this node's courier. Clones are the same figures.
#[derive(Clone)]
pub struct Figures {
    attempts: IntCounterVec,
    deliveries: IntGaugeVec,
    under_way: IntGauge,
}

impl Figures {
    /// All at zero, shown by `registry`.
    pub fn new(registry: &Registry) -> Result<Self, prometheus::Error> {
        let attempts = IntCounterVec::new(
            Opts::new("yidan_webhook_attempts_total", "Attempts of this node to deliver a webhook, by outcome."),
            &["outcome"],
        )?;
        let deliveries = IntGaugeVec::new(
            Opts::new("yidan_webhook_deliveries", "Webhooks that wait or were given up, of all nodes, by state."),
            &["state"],
        )?;
        let under_way = IntGauge::new("yidan_webhooks_in_flight", "Webhooks that this node is sending now.")?;
        registry.register(Box::new(attempts.clone()))?;
        registry.register(Box::new(deliveries.clone()))?;
        registry.register(Box::new(under_way.clone()))?;
        Ok(Self { attempts, deliveries, under_way })
    }

    pub(super) fn attempted(&self, outcome: WebhookOutcome) {
        self.attempts.with_label_values(&[&outcome.code().to_ascii_lowercase()]).inc();
    }

    pub(super) fn under_way(&self, count: usize) {
        self.under_way.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    pub(super) fn counted(&self, totals: &HashMap<WebhookDeliveryState, u64>) {
        for (state, count) in totals {
            let gauge = self.deliveries.with_label_values(&[&state.code().to_ascii_lowercase()]);
            gauge.set(i64::try_from(*count).unwrap_or(i64::MAX));
        }
    }
}
