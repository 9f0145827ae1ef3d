//! Figures for Prometheus.

use chrono::{DateTime, Utc};
use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};

use super::seats::Seats;
use crate::{kernel::db::Db, proceeding::store::QueueFigures, webhook::courier::Figures};

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
    /// Deadlines that this node found to have run out.
    pub breaches: IntCounter,
    live: IntGauge,
    pools: IntGaugeVec,
    queues: Queues,
}

/// How the queues stand.
struct Queues {
    open: IntGaugeVec,
    overdue: IntGaugeVec,
    oldest: IntGaugeVec,
}

impl Metrics {
    /// All at zero.
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let requests = IntCounterVec::new(
            Opts::new(
                "yidan_graphql_requests_total",
                "GraphQL requests by type of operation, name of a trusted document's operation, and outcome.",
            ),
            &["operation", "name", "outcome"],
        )?;
        let seconds = HistogramVec::new(
            HistogramOpts::new("yidan_graphql_request_seconds", "Time to answer a GraphQL request.")
                .buckets(vec![0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0]),
            &["operation", "name"],
        )?;
        let cost = HistogramVec::new(
            HistogramOpts::new("yidan_graphql_request_cost", "Fields an answer may come to if every page is full.")
                .buckets(vec![10.0, 100.0, 300.0, 1_000.0, 3_000.0, 10_000.0, 30_000.0, 50_000.0]),
            &["operation"],
        )?;
        let in_flight = IntGauge::new("yidan_requests_in_flight", "Requests being answered now.")?;
        let breaches =
            IntCounter::new("yidan_deadline_breaches_total", "Deadlines that this node found to have run out.")?;
        let live = IntGauge::new("yidan_live_connections", "WebSockets and event streams that are open.")?;
        let gauges = |name: &str, help: &str, labels: &[&str]| IntGaugeVec::new(Opts::new(name, help), labels);
        let pools = gauges("yidan_pool_connections", "Connections to the database.", &["pool", "state"])?;
        let labels = &["province", "task"];
        let queues = Queues {
            open: gauges("yidan_queue_open", "Tasks that wait, in all organisations' queues.", labels)?,
            overdue: gauges("yidan_queue_overdue", "Tasks that wait and whose deadline has run out.", labels)?,
            oldest: gauges("yidan_queue_oldest_seconds", "For how long the oldest task waits.", labels)?,
        };
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        registry.register(Box::new(cost.clone()))?;
        registry.register(Box::new(in_flight.clone()))?;
        let webhooks = Figures::new(&registry)?;
        registry.register(Box::new(breaches.clone()))?;
        registry.register(Box::new(live.clone()))?;
        for gauges in [&pools, &queues.open, &queues.overdue, &queues.oldest] {
            registry.register(Box::new(gauges.clone()))?;
        }
        Ok(Self { registry, requests, seconds, cost, in_flight, webhooks, breaches, live, pools, queues })
    }

    /// Notes an answered request.
    pub fn answered(&self, operation: &str, name: &str, outcome: &str, seconds: f64, cost: u64) {
        self.requests.with_label_values(&[operation, name, outcome]).inc();
        self.seconds.with_label_values(&[operation, name]).observe(seconds);
        #[expect(clippy::cast_precision_loss, reason = "a figure of statistics")]
        self.cost.with_label_values(&[operation]).observe(cost as f64);
    }

    /// Notes how the queues stand at `now`.
    pub fn queues(&self, figures: &[QueueFigures], now: DateTime<Utc>) {
        let Queues { open, overdue, oldest } = &self.queues;
        // What nobody has to do any more is shown no longer.
        for gauges in [open, overdue, oldest] {
            gauges.reset();
        }
        for one in figures {
            let labels = &[one.province.as_str(), one.task.as_str()];
            open.with_label_values(labels).set(one.open);
            overdue.with_label_values(labels).set(one.overdue);
            oldest.with_label_values(labels).set((now - one.oldest).num_seconds());
        }
    }

    /// The figures as text.
    #[must_use]
    pub fn text(&self, db: &Db, seats: &Seats) -> Vec<u8> {
        self.live.set(i64::try_from(seats.held()).unwrap_or(i64::MAX));
        for (pool, open, idle) in db.pools() {
            let (open, idle) = (i64::from(open), i64::try_from(idle).unwrap_or(i64::MAX));
            self.pools.with_label_values(&[pool, "idle"]).set(idle);
            self.pools.with_label_values(&[pool, "busy"]).set((open - idle).max(0));
        }
        let mut text = Vec::new();
        if let Err(error) = TextEncoder::new().encode(&self.registry.gather(), &mut text) {
            tracing::error!(%error, "metrics cannot be written");
        }
        text
    }
}
