//! Figures for Prometheus.

use prometheus::{Encoder, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry, TextEncoder};

/// The figures of this process.
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    fields: HistogramVec,
    /// Requests being answered now.
    pub in_flight: IntGauge,
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
        let fields = HistogramVec::new(
            HistogramOpts::new("yidan_graphql_request_fields", "Fields a request asks for, fragments spread out.")
                .buckets(vec![5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1_000.0]),
            &["operation"],
        )?;
        let in_flight = IntGauge::new("yidan_requests_in_flight", "Requests being answered now.")?;
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        registry.register(Box::new(fields.clone()))?;
        registry.register(Box::new(in_flight.clone()))?;
        Ok(Self { registry, requests, seconds, fields, in_flight })
    }

    /// Notes an answered request.
    pub fn answered(&self, operation: &str, outcome: &str, seconds: f64, fields: u64) {
        self.requests.with_label_values(&[operation, outcome]).inc();
        self.seconds.with_label_values(&[operation]).observe(seconds);
        #[expect(clippy::cast_precision_loss, reason = "at most a thousand")]
        self.fields.with_label_values(&[operation]).observe(fields as f64);
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
