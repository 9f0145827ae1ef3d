//! Answers that go on, as server-sent events: for every operation, and the way of subscriptions through proxies that let no
//! other connection pass. One operation per connection, as the protocol of graphql-sse calls its distinct connections.
//!
//! Whoever listens is known by the log-in the connection began with. Before anything is sent it is looked whether that
//! session still stands and its person acts in the same post; if not, the connection is told so and ends.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_ENCODING, HeaderValue},
    web::Bytes,
};
use async_graphql::{Response, futures_util::stream::BoxStream};
use futures_util::{FutureExt, StreamExt, stream};
use serde_json::json;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::answer;
use crate::{
    identity,
    kernel::{
        ctx::{Lang, Who},
        graphql::error,
        platform::Platform,
    },
};

/// A connection that is listened on.
pub struct Listening {
    /// What is answered.
    pub responses: BoxStream<'static, Response>,
    /// The process.
    pub platform: Arc<Platform>,
    /// Who listens.
    pub who: Who,
    /// In which language.
    pub lang: Lang,
    /// Id of the request.
    pub request_id: String,
    /// How often a sign of life is sent, and the log-in looked at.
    pub heartbeat: Duration,
}

enum Stage {
    Open,
    Ending,
    Over,
}

struct Connection {
    listening: Listening,
    beats: Interval,
    stage: Stage,
}

impl Listening {
    /// The answer: a stream that ends with the operation.
    #[must_use]
    pub fn answer(self) -> HttpResponse {
        let mut beats = interval_at(Instant::now() + self.heartbeat, self.heartbeat);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let connection = Connection { listening: self, beats, stage: Stage::Open };
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

    /// Whether the listener is still who it was at the beginning.
    async fn stands(&self) -> bool {
        let Who::Member(actor) = &self.who else { return true };
        let now = self.platform.clock.now();
        match identity::store::actor(&self.platform, actor.session, actor.account, now).await {
            Ok(found) => found.is_some_and(|found| found.post == actor.post && !found.must_change_password),
            // Rather silent for a while than wrong.
            Err(_) => false,
        }
    }
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
            news = AssertUnwindSafe(self.listening.responses.next()).catch_unwind() => Some(news),
            _ = self.beats.tick() => None,
        };
        let news = match news {
            Some(Ok(Some(response))) => Some(response),
            Some(Ok(None)) => {
                self.stage = Stage::Over;
                return Some(Bytes::from_static(b"event: complete\ndata:\n\n"));
            }
            Some(Err(_)) => {
                tracing::error!(request_id = self.listening.request_id, "a subscription panicked");
                return Some(
                    self.end(error::code::INTERNAL, "An internal error; quote the request id to the operator."),
                );
            }
            None => None,
        };
        if !self.listening.stands().await {
            let detail = "The session has ended, or acts for another post; log in and subscribe again.";
            return Some(self.end(error::code::UNAUTHENTICATED, detail));
        }
        match news {
            None => Some(Bytes::from_static(b":\n\n")),
            Some(mut response) => {
                for error in &mut response.errors {
                    answer::explain(error, self.listening.lang, &self.listening.request_id, None);
                }
                Some(event(&serde_json::to_string(&response).unwrap_or_default()))
            }
        }
    }
}

impl Connection {
    /// The last answer of a connection that cannot go on.
    fn end(&mut self, code: &str, detail: &str) -> Bytes {
        self.stage = Stage::Ending;
        let extensions = json!({ "code": code, "requestId": self.listening.request_id });
        let message = answer::told(code, self.listening.lang, detail);
        event(&json!({ "errors": [{ "message": message, "extensions": extensions }] }).to_string())
    }
}

fn event(data: &str) -> Bytes {
    Bytes::from(format!("event: next\ndata: {data}\n\n"))
}
