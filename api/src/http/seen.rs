//! What is told about an operation in logs and figures, however it came.

use tokio::time::Instant;
use tracing::Span;

use super::{answer::code, metrics::Metrics};
use crate::{app::AppState, kernel::graphql::error};

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
    /// The trace of it.
    pub span: Span,
    started: Instant,
}

impl Seen {
    /// An operation comes in.
    #[must_use]
    pub fn begin(metrics: &Metrics, span: Span) -> Self {
        metrics.in_flight.inc();
        Self { operation: "none", name: None, trusted: false, cost: 0, code: None, span, started: Instant::now() }
    }

    /// It is answered: over HTTP with this status, or over a WebSocket, or begins to be answered there.
    pub fn end(self, state: &AppState, request_id: &str, way: &'static str, status: u16) {
        state.metrics.in_flight.dec();
        let seconds = self.started.elapsed().as_secs_f64();
        let outcome = self.code.as_deref().unwrap_or("ok");
        let name = self.name.as_deref().unwrap_or_default();
        self.span.record("otel.name", format!("{} {name}", self.operation).trim_end());
        self.span.record("graphql.operation.type", self.operation);
        self.span.record("graphql.operation.name", name);
        self.span.record("yidan.outcome", outcome);
        self.span.record("yidan.cost", self.cost);
        if matches!(outcome, error::code::INTERNAL | error::code::OVERLOADED | code::TIMEOUT) {
            self.span.record("otel.status_code", "ERROR");
        }
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
