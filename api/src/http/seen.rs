//! What is told about an operation in logs and figures, however it came.

use tokio::time::Instant;

use crate::{app::AppState, http::metrics::Metrics};

/// What was seen of an operation so far.
pub struct Seen {
    /// Its kind; `none` until it is known.
    pub operation: &'static str,
    /// The name the caller gave it.
    pub name: Option<String>,
    /// Whether its document is one of a manifest: there are only so many of those, so their names may label figures.
    pub trusted: bool,
    /// Fields its answer may come to.
    pub cost: u64,
    /// The code of its first error.
    pub code: Option<String>,
    started: Instant,
}

impl Seen {
    /// An operation comes in.
    #[must_use]
    pub fn begin(metrics: &Metrics) -> Self {
        metrics.in_flight.inc();
        Self { operation: "none", name: None, trusted: false, cost: 0, code: None, started: Instant::now() }
    }

    /// It is answered: over HTTP with this status, or over a WebSocket, or begins to be answered there.
    pub fn end(self, state: &AppState, request_id: &str, way: &'static str, status: u16) {
        state.metrics.in_flight.dec();
        let seconds = self.started.elapsed().as_secs_f64();
        let outcome = self.code.as_deref().unwrap_or("ok");
        let name = self.name.as_deref().unwrap_or_default();
        let label = if self.trusted { name } else { "" };
        state.metrics.answered(self.operation, label, outcome, seconds, self.cost);
        tracing::info!(
            request_id,
            way,
            status,
            operation = self.operation,
            name,
            outcome,
            cost = self.cost,
            millis = seconds * 1_000.0,
            "graphql"
        );
    }
}
