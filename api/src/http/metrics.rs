//! Figures for Prometheus.

use prometheus::{Encoder, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry, TextEncoder};

use crate::webhook::courier::Figures;

/// The figures of this process.
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    cost: HistogramVec,
    /// Requests being answered now.
    pub in_flight: IntGauge,
    /// Figures of deliveries.
    pub webhooks: Figures,
}

impl Metrics {
    /// All at zero.
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let requests = IntCounterVec::new(
            Opts::new("yidan_graphql_requests_total", "GraphQL requests by type of operation and outcome."),
            &["operation", "outcome"],
        )?;
        let seconds = HistogramVec::new(
            HistogramOpts::new("yidan_graphql_request_seconds", "Time to answer a GraphQL request.")
                .buckets(vec![0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0]),
            &["operation"],
        )?;
        let cost = HistogramVec::new(
            HistogramOpts::new("yidan_graphql_request_cost", "Fields an answer may come to if every page is full.")
                .buckets(vec![10.0, 100.0, 300.0, 1_000.0, 3_000.0, 10_000.0, 30_000.0, 50_000.0]),
            &["operation"],
        )?;
        let in_flight = IntGauge::new("yidan_requests_in_flight", "Requests being answered now.")?;
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        registry.register(Box::new(cost.clone()))?;
        registry.register(Box::new(in_flight.clone()))?;
        let webhooks = Figures::new(&registry)?;
        Ok(Self { registry, requests, seconds, cost, in_flight, webhooks })
    }

    /// Notes an answered request.
    pub fn answered(&self, operation: &str, outcome: &str, seconds: f64, cost: u64) {
        self.requests.with_label_values(&[operation, outcome]).inc();
        self.seconds.with_label_values(&[operation]).observe(seconds);
        #[expect(clippy::cast_precision_loss, reason = "a figure of statistics")]
        self.cost.with_label_values(&[operation]).observe(cost as f64);
    }

    /// The figures as text.
    #[must_use]
    pub fn text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        if let Err(error) = TextEncoder::new().encode(&self.registry.gather(), &mut text) {
            tracing::error!(%error, "metrics cannot be written");
        }
        text
    }
}
