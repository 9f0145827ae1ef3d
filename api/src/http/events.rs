//! Answers that go on, as server-sent events: for every operation, and the way of subscriptions through proxies that let no
//! other connection pass. One operation per connection, as the protocol of graphql-sse calls its distinct connections.
//!
//! Whoever listens is known by the log-in the connection began with. Before anything is sent it is looked whether that
//! session still stands and its person acts in the same post; if not, the connection is told so and ends.

use std::panic::AssertUnwindSafe;

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_ENCODING, HeaderValue},
    web::{Bytes, Data},
};
use async_graphql::{Response, Value, futures_util::stream::BoxStream};
use futures_util::{FutureExt, StreamExt, stream};
use serde_json::json;
use tokio::{
    sync::watch,
    time::{Instant, Interval, MissedTickBehavior, interval_at},
};

use super::{
    answer,
    operation::{Listener, Refused, Standing},
    seats::Seat,
};
use crate::{
    app::AppState,
    kernel::{feed::Endings, graphql::error},
};

/// What a listener is told whose session has ended.
const ENDED: &str = "The session has ended, or acts for another post; log in and subscribe again.";

enum Stage {
    Open,
    Ending,
    Over,
}

struct Connection {
    state: Data<AppState>,
    listener: Listener,
    responses: BoxStream<'static, Response>,
    /// Whether it is a subscription.
    goes_on: bool,
    beats: Interval,
    stopping: watch::Receiver<bool>,
    endings: Endings,
    stage: Stage,
    /// Given back when the connection ends.
    _seat: Seat,
}

/// Answers with a stream that ends with the operation.
#[must_use]
pub fn answer(
    state: Data<AppState>,
    listener: Listener,
    seat: Seat,
    (goes_on, responses): (bool, BoxStream<'static, Response>),
) -> HttpResponse {
    let mut beats = interval_at(Instant::now() + state.heartbeat, state.heartbeat);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let stopping = state.stopping.subscribe();
    let endings = state.platform.feed.endings();
    let connection =
        Connection { state, listener, responses, goes_on, beats, stopping, endings, stage: Stage::Open, _seat: seat };
    let events = stream::unfold(connection, |mut connection| async move {
        let event = connection.next().await?;
        Some((Ok::<_, std::convert::Infallible>(event), connection))
    });
    HttpResponse::Ok()
        .content_type("text/event-stream; charset=utf-8")
        .insert_header((CACHE_CONTROL, "private, no-store"))
        // A compressor, or a proxy that collects, would keep events back.
        .insert_header((CONTENT_ENCODING, HeaderValue::from_static("identity")))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(events)
}

impl Connection {
    async fn next(&mut self) -> Option<Bytes> {
        match self.stage {
            Stage::Over => return None,
            Stage::Ending => {
                self.stage = Stage::Over;
                return Some(Bytes::from_static(b"event: complete\ndata:\n\n"));
            }
            Stage::Open => {}
        }
        let news = tokio::select! {
            news = AssertUnwindSafe(self.responses.next()).catch_unwind() => Some(news),
            _ = self.beats.tick() => None,
            () = self.listener.perhaps_ended(&mut self.endings) => None,
            // The client comes back, to another node, and goes on from its cursor.
            _ = self.stopping.changed() => return None,
        };
        let news = match news {
            // What happened cannot be told now. Without an end that says so, the client comes back and goes on from its cursor.
            Some(Ok(Some(response))) if self.goes_on && answer::is_away(&response) => return None,
            Some(Ok(Some(response))) => Some(response),
            Some(Ok(None)) => {
                self.stage = Stage::Over;
                return Some(Bytes::from_static(b"event: complete\ndata:\n\n"));
            }
            Some(Err(_)) => {
                tracing::error!(request_id = self.listener.request_id, "a subscription panicked");
                return Some(
                    self.end(error::code::INTERNAL, "An internal error; quote the request id to the operator."),
                );
            }
            None => None,
        };
        match (self.listener.stands(&self.state).await, news) {
            (Standing::Ended, _) => Some(self.end(error::code::UNAUTHENTICATED, ENDED)),
            (Standing::Stands, Some(response)) => Some(numbered(&response)),
            (Standing::Unknown, Some(_)) => None,
            (_, None) => Some(Bytes::from_static(b":\n\n")),
        }
    }

    /// The last answer of a connection that cannot go on.
    fn end(&mut self, code: &'static str, detail: &str) -> Bytes {
        self.stage = Stage::Ending;
        let refused = Refused::document(code, detail);
        let error = answer::error(&refused, self.listener.lang, &self.listener.request_id);
        event(&json!({ "errors": [error] }).to_string())
    }
}

/// An answer under the cursor it tells, which a browser that comes back says by itself (`Last-Event-ID`).
fn numbered(response: &Response) -> Bytes {
    let data = serde_json::to_string(response).unwrap_or_default();
    let change = match &response.data {
        Value::Object(fields) => fields.values().next(),
        _ => None,
    };
    match change {
        Some(Value::Object(change)) if let Some(Value::String(cursor)) = change.get("cursor") => {
            Bytes::from(format!("event: next\nid: {cursor}\ndata: {data}\n\n"))
        }
        _ => event(&data),
    }
}

fn event(data: &str) -> Bytes {
    Bytes::from(format!("event: next\ndata: {data}\n\n"))
}
