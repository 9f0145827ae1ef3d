//! What goes on at once on a connection, and what it has to tell.

use std::panic::AssertUnwindSafe;

use actix_web::rt::task::JoinHandle;
use async_graphql::{Response, parser::types::OperationType};
use futures_util::{FutureExt, Stream, StreamExt};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::{
    http::{answer, operation::Refused},
    kernel::{ctx::Lang, graphql::error},
};

/// An operation under way; it ends when this is dropped.
pub struct Running {
    /// Which of the connection's operations it is: a client may use an id again.
    pub number: u64,
    /// Query, command or subscription.
    pub kind: OperationType,
    /// What carries it out.
    pub task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What an operation has to tell.
pub struct Answer {
    /// What the client calls it.
    pub id: String,
    /// Which of the connection's operations it is.
    pub number: u64,
    /// What is told.
    pub told: Told,
}

/// What can be told.
pub enum Told {
    /// A response.
    Next(Response),
    /// Errors before there was any response; it ends.
    Error(Value),
    /// It ends.
    Complete,
    /// What happened cannot be told now: the client has to come again, and is told then.
    Away,
}

/// Where an operation tells its answers. What tells them says whether it may go on.
pub struct Answers {
    /// What the client calls it.
    pub id: String,
    /// Which of the connection's operations it is.
    pub number: u64,
    /// Language of refusals.
    pub lang: Lang,
    /// Its own id in logs and evidence.
    pub request_id: String,
    /// The connection.
    pub sender: mpsc::Sender<Answer>,
}

impl Answers {
    /// Tells whatever comes, until nothing more does.
    pub async fn stream(&self, mut responses: impl Stream<Item = Response> + Unpin) -> bool {
        loop {
            match AssertUnwindSafe(responses.next()).catch_unwind().await {
                Ok(Some(response)) if answer::is_away(&response) => {
                    self.tell(Told::Away).await;
                    return false;
                }
                Ok(Some(response)) => {
                    if !self.response(response).await {
                        return false;
                    }
                }
                Ok(None) => return true,
                Err(_) => {
                    tracing::error!(request_id = self.request_id, "a subscription panicked");
                    let detail = "An internal error; quote the request id to the operator.";
                    return self.refusal(&Refused::document(error::code::INTERNAL, detail)).await;
                }
            }
        }
    }

    /// Tells a response.
    pub async fn response(&self, response: Response) -> bool {
        if answer::is_unfit(&response) {
            self.tell(Told::Error(json!(response.errors))).await;
            return false;
        }
        self.tell(Told::Next(response)).await
    }

    /// Tells why there is no answer, which ends it.
    pub async fn refusal(&self, refused: &Refused) -> bool {
        self.tell(Told::Error(json!([answer::error(refused, self.lang, &self.request_id)]))).await;
        false
    }

    /// Tells it.
    pub async fn tell(&self, told: Told) -> bool {
        let answer = Answer { id: self.id.clone(), number: self.number, told };
        self.sender.send(answer).await.is_ok()
    }
}
