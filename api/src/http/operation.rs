//! An operation apart from how it came: over a request of HTTP, as server-sent events, or as a message of a WebSocket. What
//! refuses it is the same everywhere; how a refusal is sent is the way's own.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use actix_web::{http::StatusCode, web::Data};
use async_graphql::{
    Name, Request, Response, ServerError, Value, Variables, futures_util::stream::BoxStream,
    parser::types::OperationType,
};
use futures_util::{FutureExt, StreamExt, stream};

use super::{
    answer::{self, code},
    bucket::{BucketSize, Holder},
    cost,
    documents::{Chosen, Document, Unfit},
    limits::Excess,
    positions::Misplaced,
    request::{Asked, Parameters},
    settled::{for_judging, settle},
    trusted::Untold,
};
use crate::{
    app::AppState,
    identity,
    kernel::{
        ctx::{Ctx, Lang, RequestInfo, Who},
        fault::Failure,
        feed::Endings,
        graphql::{error, loader::Loaders},
    },
};

/// Why an operation is not run.
#[derive(Debug)]
pub struct Refused {
    /// The status over HTTP; none for a document that cannot run, whose status depends on the media type.
    pub status: Option<StatusCode>,
    /// The code.
    pub code: &'static str,
    /// What is wrong, for developers.
    pub detail: String,
    /// Where in the document: line and column.
    pub at: Option<(usize, usize)>,
    /// After how many seconds it may be tried again.
    pub wait: Option<u64>,
}

impl Refused {
    /// A refusal of HTTP's own.
    pub fn http(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status: Some(status), code, detail: detail.into(), at: None, wait: None }
    }

    /// A document that cannot run.
    pub fn document(code: &'static str, detail: impl Into<String>) -> Self {
        Self { status: None, code, detail: detail.into(), at: None, wait: None }
    }

    /// The same with the seconds after which it may be tried again.
    #[must_use]
    pub fn after(self, seconds: u64) -> Self {
        Self { wait: Some(seconds), ..self }
    }

    /// The answer to a log-in that does not hold, or cannot be looked at.
    pub fn unauthenticated(failure: &Failure, request_id: &str) -> Self {
        if let Failure::Fault(fault) = failure {
            tracing::error!(request_id, ?fault, "authentication");
            let (status, code) = if fault.is_overload() {
                (StatusCode::SERVICE_UNAVAILABLE, error::code::OVERLOADED)
            } else {
                (StatusCode::INTERNAL_SERVER_ERROR, error::code::INTERNAL)
            };
            let detail = "Authentication is not possible now; quote the request id to the operator.";
            Self::http(status, code, detail).after(answer::SOON)
        } else {
            let detail = "The login is no longer good; refresh the session or log in again.";
            Self::http(StatusCode::UNAUTHORIZED, error::code::UNAUTHENTICATED, detail)
        }
    }
}

impl From<Untold> for Refused {
    fn from(untold: Untold) -> Self {
        match untold {
            Untold::Unknown => Self::document(code::UNKNOWN_DOCUMENT, "No manifest has a document with this id."),
            Untold::NotTrusted => {
                Self::document(code::NOT_TRUSTED, "Only documents of the manifests are answered here.")
            }
            // The clients that register documents take these two for news and not for a failure.
            Untold::NotRegistered => Self::http(StatusCode::OK, code::NOT_REGISTERED, "PersistedQueryNotFound"),
            Untold::NotSupported => Self::http(StatusCode::OK, code::NOT_SUPPORTED, "PersistedQueryNotSupported"),
            Untold::WrongHash => {
                Self::http(StatusCode::BAD_REQUEST, code::BAD_REQUEST, "The sha256Hash is not that of the query.")
            }
        }
    }
}

/// The context of an operation by who has been authenticated.
pub fn ctx(state: &AppState, who: &Who, info: &RequestInfo) -> Ctx {
    Ctx::of_request(Arc::clone(&state.platform), who.clone(), info.clone())
}

/// An operation that is known, fits the schema's inputs and stays within the limits. Nobody has been asked for yet.
pub struct Prepared {
    document: Arc<Document>,
    parameters: Parameters,
    name: Option<String>,
    /// Fields its answer may come to.
    pub cost: u64,
    /// Whether it asks about the schema.
    about_schema: bool,
}

impl Prepared {
    /// Finds the document, chooses the operation, checks variables and cost. `fits` says whether an operation of a kind
    /// may come this way.
    pub fn of(
        state: &AppState,
        parameters: Parameters,
        fits: impl FnOnce(OperationType) -> Result<(), Refused>,
    ) -> Result<Self, Refused> {
        let text = state.trusted.find(&parameters.document)?;
        let document = match state.documents.get(&text) {
            Ok(document) => document,
            Err(Unfit::Syntax { message, at }) => {
                return Err(Refused { at, ..Refused::document(code::PARSE_FAILED, message) });
            }
            Err(Unfit::Wrong { message, at }) => {
                return Err(Refused { at: Some(at), ..Refused::document(code::VALIDATION_FAILED, message) });
            }
            Err(Unfit::Excess(excess)) => return Err(too_much(state, &excess)),
        };
        let operation = match document.operation(parameters.operation_name.as_deref()) {
            Chosen::Operation(operation) => operation,
            Chosen::Nothing(message) => return Err(Refused::document(code::OPERATION_UNKNOWN, message)),
        };
        let kind = operation.node.ty;
        fits(kind)?;
        if let Err(misfit) = state.inputs.check(&operation.node, &parameters.variables) {
            return Err(Refused::document(error::code::BAD_USER_INPUT, misfit.0));
        }
        // Where it is declared it may be null, having a default; where it decides it may not.
        let is_null = |name: &&Name| parameters.variables.get(name.as_str()).is_some_and(serde_json::Value::is_null);
        if let Some(name) = document.conditions.iter().find(is_null) {
            let detail = format!("Variable \"${name}\" must not be null.");
            return Err(Refused::document(error::code::BAD_USER_INPUT, detail));
        }
        if !document.is_valid()
            && let Err(Misplaced { message, at }) = state.positions.check(&document.parsed)
        {
            return Err(Refused { at: Some(at), ..Refused::document(code::VALIDATION_FAILED, message) });
        }
        let requested = state.costs.requested(&document.parsed, &operation.node, &parameters.variables);
        if requested.schema > cost::SCHEMA {
            return Err(too_much(state, &Excess::Schema(requested.schema)));
        }
        if requested.fields > state.documents.limits().cost {
            return Err(too_much(state, &Excess::Cost(requested.fields)));
        }
        let name = document.name(parameters.operation_name.as_deref()).map(str::to_owned);
        // A question about the schema is answered from memory: it costs little, and not nothing.
        let cost = requested.fields.saturating_add(requested.schema / 100);
        Ok(Self { cost, about_schema: requested.schema > 0, name, document, parameters })
    }

    /// The name it has in its document.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Whether its document is one of a manifest.
    #[must_use]
    pub fn is_trusted(&self) -> bool {
        matches!(self.parameters.document, Asked::Id(_))
    }

    /// Takes its cost out of the caller's bucket and makes it ready to run.
    pub fn begin(self, state: &AppState, ctx: Ctx, info: &RequestInfo) -> Result<Ready, Refused> {
        if self.about_schema && !state.introspection && ctx.person().is_err() {
            let detail = "Log in to ask about the schema.";
            return Err(Refused::http(StatusCode::UNAUTHORIZED, error::code::UNAUTHENTICATED, detail));
        }
        let holder = Holder::of(&ctx, info);
        let left = match take(state, holder.clone(), self.cost) {
            Ok(left) => left,
            Err(seconds) => {
                let detail = format!("Too much was asked in too short a time; there is enough again in {seconds} s.");
                let refused = Refused::http(StatusCode::TOO_MANY_REQUESTS, code::RATE_LIMITED, detail);
                return Err(refused.after(seconds));
            }
        };
        let (lang, name) = (ctx.lang(), self.parameters.operation_name);
        let (mut document, mut variables) = (self.document.parsed.clone(), self.parameters.variables);
        settle(&mut document, name.as_deref(), &mut variables);
        let mut request = Request::new(String::new())
            .variables(Variables::from_json(serde_json::Value::Object(variables)))
            .data(Loaders::new(ctx.clone()))
            .data(self.parameters.uploads)
            .data(ctx);
        request.operation_name = name;
        request.set_parsed_query(document);
        let request_id = info.request_id.clone();
        Ok(Ready { request, document: self.document, cost: self.cost, holder, left, lang, request_id })
    }
}

fn too_much(state: &AppState, excess: &Excess) -> Refused {
    Refused::document(code::TOO_LARGE, excess.message(state.documents.limits()))
}

/// Takes the cost of a request out of the caller's bucket, if there are any: what is left, or the seconds to wait.
fn take(state: &AppState, holder: Holder, cost: u64) -> Result<Left, u64> {
    let Some(buckets) = &state.buckets else { return Ok(None) };
    let now = state.platform.clock.now().timestamp_millis();
    buckets.take(holder, cost, now).map(|left| Some((left, buckets.size())))
}

/// The same for what has begun and goes on: it waits until there is enough.
async fn paid(state: &AppState, holder: &Holder, cost: u64) -> Left {
    loop {
        match take(state, holder.clone(), cost) {
            Ok(left) => return left,
            Err(seconds) => tokio::time::sleep(Duration::from_secs(seconds.min(5))).await,
        }
    }
}

/// What is left in a bucket, where there are any.
type Left = Option<(u64, BucketSize)>;

/// What an answer says of its cost.
fn told_cost(cost: u64, maximum: u64, left: Left) -> Value {
    match left {
        None => async_graphql::value!({ "requested": cost, "maximum": maximum }),
        Some((left, BucketSize { size, refill })) => async_graphql::value!({
            "requested": cost, "maximum": maximum,
            "bucket": { "remaining": left, "size": size, "refillPerSecond": refill },
        }),
    }
}

/// An operation that runs as soon as somebody waits for it.
pub struct Ready {
    request: Request,
    document: Arc<Document>,
    cost: u64,
    holder: Holder,
    left: Left,
    lang: Lang,
    request_id: String,
}

impl Ready {
    /// The answer to a document that does not fit the schema; each is judged once.
    fn unfit(&self, state: &AppState) -> Option<Response> {
        if self.document.is_valid() {
            return None;
        }
        let mut errors =
            state.checker.check(for_judging(&self.document.parsed), self.request.operation_name.as_deref());
        if errors.is_empty() {
            self.document.mark_valid();
            return None;
        }
        explain(&mut errors, false, self.lang, &self.request_id);
        Some(Response::from_errors(errors))
    }

    /// Runs a query or mutation.
    pub async fn run(self, state: &AppState) -> Result<Response, Refused> {
        if let Some(unfit) = self.unfit(state) {
            return Ok(unfit);
        }
        let running = AssertUnwindSafe(state.schema.execute(self.request)).catch_unwind();
        let mut response = match tokio::time::timeout(state.request_timeout, running).await {
            Ok(Ok(response)) => response,
            Ok(Err(_)) => {
                tracing::error!(request_id = self.request_id, "a resolver panicked");
                let detail = "An internal error; quote the request id to the operator.";
                return Err(Refused::http(StatusCode::INTERNAL_SERVER_ERROR, error::code::INTERNAL, detail));
            }
            Err(_) => {
                let detail = "The request took too long and was given up.";
                return Err(Refused::http(StatusCode::SERVICE_UNAVAILABLE, code::TIMEOUT, detail).after(answer::SOON));
            }
        };
        explain(&mut response.errors, true, self.lang, &self.request_id);
        let told = told_cost(self.cost, state.documents.limits().cost, self.left);
        response.extensions.insert("cost".to_owned(), told);
        Ok(response)
    }

    /// The answers of an operation that goes on; a query or mutation has one. The first is paid for, the others are as they
    /// come: who catches up on much waits now and then, and misses nothing.
    #[must_use]
    pub fn stream(self, state: &Data<AppState>) -> BoxStream<'static, Response> {
        if let Some(unfit) = self.unfit(state) {
            return Box::pin(stream::once(std::future::ready(unfit)));
        }
        let (lang, request_id) = (self.lang, self.request_id);
        let (state, cost, holder, first) = (state.clone(), self.cost, self.holder, self.left);
        let responses = state.schema.execute_stream(self.request).enumerate().then(move |(index, mut response)| {
            explain(&mut response.errors, true, lang, &request_id);
            let (state, holder) = (state.clone(), holder.clone());
            async move {
                let left = if index == 0 { first } else { paid(&state, &holder, cost).await };
                let told = told_cost(cost, state.documents.limits().cost, left);
                response.extensions.insert("cost".to_owned(), told);
                response
            }
        });
        Box::pin(responses)
    }
}

/// Most errors that are told; what is wrong hundreds of times is mended after the first few.
const ERRORS: usize = 20;

fn explain(errors: &mut Vec<ServerError>, valid: bool, lang: Lang, request_id: &str) {
    errors.truncate(ERRORS);
    for error in errors {
        answer::explain(error, lang, request_id, (!valid).then_some(code::VALIDATION_FAILED));
    }
}

/// Who listens to an operation that goes on: it is looked again and again whether they still are who they were.
#[derive(Clone)]
pub struct Listener {
    /// Who.
    pub who: Who,
    /// In which language.
    pub lang: Lang,
    /// Id of the request.
    pub request_id: String,
}

impl Listener {
    /// Waits until something happens that may have ended the log-in.
    pub async fn perhaps_ended(&self, endings: &mut Endings) {
        match &self.who {
            Who::Member(actor) => endings.of(actor.account).await,
            Who::Anonymous | Who::System(_) => std::future::pending().await,
        }
    }

    /// Whether the session still stands and its person acts in the same post.
    pub async fn stands(&self, state: &AppState) -> Standing {
        let Who::Member(actor) = &self.who else { return Standing::Stands };
        let now = state.platform.clock.now();
        match identity::store::actor(&state.platform, actor.session, actor.account, now).await {
            Ok(Some(found)) if found.post == actor.post && !found.must_change_password => Standing::Stands,
            Ok(_) => Standing::Ended,
            Err(_) => Standing::Unknown,
        }
    }
}

/// How it is with a log-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is good.
    Stands,
    /// It is no longer good.
    Ended,
    /// Nobody can say now. Rather silent for a while than wrong: nothing is told, and nobody is sent away for good.
    Unknown,
}
