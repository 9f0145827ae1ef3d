//! Answers over a WebSocket, in the protocol graphql-transport-ws: any number of operations on one connection.
//!
//! A client begins with `connection_init`, whose payload may hold `authorization` (`Bearer …`, as in the header, which
//! counts where a client can set it) and `accept-language`. Whoever it is then stands for the connection: before an
//! operation begins, before anything is told and at every beat it is looked whether the session still stands; if not,
//! the connection is closed with 4403.

mod message;
mod running;

use std::{collections::HashMap, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    rt,
    web::{Data, Payload},
};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseReason, ProtocolError, Session};
use async_graphql::parser::types::OperationType;
use bytestring::ByteString;
use serde_json::{Map, Value, json};
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout},
};
use tracing::Instrument;

use self::{
    message::{Closing, PROTOCOL, Said},
    running::{Answer, Answers, Running, Told},
};
use super::{
    answer::{self, Caller, code},
    bucket::Holder,
    documents::type_name,
    endpoint,
    negotiate::Media,
    operation::{self, Listener, Prepared, Refused, Standing},
    request::Parameters,
    seats::Seat,
    seen::Seen,
};
use crate::{
    app::AppState,
    identity,
    kernel::{ctx::RequestInfo, graphql::error},
    telemetry,
};

/// Operations under way on one connection.
const MOST_OPERATIONS: usize = 50;
/// Answers that wait for the connection.
const WAITING: usize = 16;
/// How long a client may leave an answer unread before it is given up.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a command under way is waited for when the session has ended.
const LAST: Duration = Duration::from_secs(1);

/// Answers `GET /graphql` with `Upgrade: websocket`.
pub async fn graphql(http: HttpRequest, state: Data<AppState>, body: Payload) -> HttpResponse {
    let info = endpoint::info(&http, &state);
    let caller = Caller { media: Media::Json, lang: info.lang.unwrap_or_default(), request_id: &info.request_id };
    state.origins.look_again(&http, &state.platform).await;
    let from = origin(&http);
    if from.as_ref().is_some_and(|origin| !state.origins.allows(origin, None)) {
        let detail = "No province lets pages of this origin call.";
        return caller.refusal(&Refused::http(StatusCode::FORBIDDEN, code::BAD_REQUEST, detail));
    }
    let Ok((response, session, incoming)) = actix_ws::handle_with_protocols(&http, body, &[PROTOCOL]) else {
        let detail = "The handshake of the WebSocket is incomplete.";
        return caller.refusal(&Refused::http(StatusCode::BAD_REQUEST, code::BAD_REQUEST, detail));
    };
    let incoming = incoming.max_frame_size(state.body_bytes).aggregate_continuations();
    let incoming = incoming.max_continuation_size(state.body_bytes);
    let bearer = endpoint::bearer(&http).map(str::to_owned);
    let (sender, answers) = mpsc::channel(WAITING);
    let spoken = response.headers().contains_key(header::SEC_WEBSOCKET_PROTOCOL);
    let seat = state.seats.take(Holder::Address(info.address.clone()));
    let first = match (spoken, seat.is_some()) {
        (false, _) => Some(Closing::Protocol),
        (true, false) => Some(Closing::Crowded),
        (true, true) => None,
    };
    let connection = Connection {
        state,
        session,
        info,
        bearer,
        origin: from,
        seat,
        listener: None,
        running: HashMap::new(),
        sender,
        begun: 0,
    };
    rt::spawn(connection.run(first, incoming, answers));
    response
}

/// The origin of the page that calls, unless it is this server's own.
fn origin(http: &HttpRequest) -> Option<String> {
    let origin = http.headers().get(header::ORIGIN)?.to_str().unwrap_or_default();
    let own = http.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = origin.split_once("://").map(|(_, host)| host);
    (host.is_none() || host != own).then(|| origin.to_owned())
}

struct Connection {
    state: Data<AppState>,
    session: Session,
    info: RequestInfo,
    bearer: Option<String>,
    origin: Option<String>,
    seat: Option<Seat>,
    /// Who it is, once it has begun.
    listener: Option<Listener>,
    running: HashMap<String, Running>,
    sender: mpsc::Sender<Answer>,
    begun: u64,
}

impl Connection {
    async fn run(
        mut self,
        first: Option<Closing>,
        mut incoming: AggregatedMessageStream,
        mut answers: mpsc::Receiver<Answer>,
    ) {
        let reason = match first {
            Some(closing) => Some(closing.reason()),
            None => self.talk(&mut incoming, &mut answers).await,
        };
        self.running.clear();
        // A client that does not read does not hear of the end either.
        let _ = timeout(PATIENCE, self.session.close(reason)).await;
    }

    /// Hears and tells until one side ends it: why.
    async fn talk(
        &mut self,
        incoming: &mut AggregatedMessageStream,
        answers: &mut mpsc::Receiver<Answer>,
    ) -> Option<CloseReason> {
        let state = self.state.clone();
        let (start, beat) = (Instant::now(), state.heartbeat);
        let mut beats = interval_at(start + beat, beat);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut stopping = state.stopping.subscribe();
        let mut endings = state.platform.feed.endings();
        let mut alive = true;
        loop {
            let listener = self.listener.clone();
            let perhaps_ended = async {
                match &listener {
                    Some(listener) => listener.perhaps_ended(&mut endings).await,
                    None => std::future::pending().await,
                }
            };
            let ended = tokio::select! {
                message = incoming.recv() => {
                    alive = true;
                    match message {
                        Some(Ok(AggregatedMessage::Text(text))) => self.hear(&text).await,
                        Some(Ok(AggregatedMessage::Binary(_))) => Err(Closing::Invalid("Invalid message: not text")),
                        Some(Ok(AggregatedMessage::Ping(bytes))) => {
                            self.session.pong(&bytes).await.map_err(|_| Closing::Failed)
                        }
                        Some(Ok(AggregatedMessage::Pong(_))) => Ok(()),
                        // A close is answered with its own code.
                        Some(Ok(AggregatedMessage::Close(reason))) => return reason,
                        Some(Err(ProtocolError::Overflow)) => Err(Closing::TooLarge),
                        Some(Err(_)) => Err(Closing::Broken),
                        None => return None,
                    }
                }
                Some(answer) = answers.recv() => self.tell(answer).await,
                () = sleep_until(start + state.begin_timeout), if self.listener.is_none() => Err(Closing::Late),
                _ = stopping.changed() => Err(Closing::Away),
                () = perhaps_ended => match self.stands().await {
                    Ok(()) | Err(Closing::Unsure) => Ok(()),
                    Err(closing) => {
                        self.finish(answers).await;
                        Err(closing)
                    }
                },
                _ = beats.tick() => {
                    if !std::mem::take(&mut alive) {
                        // Nothing came since the last ping.
                        return None;
                    }
                    self.beat().await
                }
            };
            if let Err(closing) = ended {
                return Some(closing.reason());
            }
        }
    }

    /// Tells what commands under way have to answer: one of them may be the log-out itself.
    async fn finish(&mut self, answers: &mut mpsc::Receiver<Answer>) {
        let ends = |running: &Running| running.kind != OperationType::Subscription;
        while self.running.values().any(ends) {
            let Ok(Some(answer)) = timeout(LAST, answers.recv()).await else { return };
            if self.running.get(&answer.id).is_some_and(ends) && self.tell(answer).await.is_err() {
                return;
            }
        }
    }

    async fn beat(&mut self) -> Result<(), Closing> {
        // While nobody can say, nothing is told, and that needs no end.
        self.stands().await.or_else(|closing| if closing == Closing::Unsure { Ok(()) } else { Err(closing) })?;
        self.session.ping(b"").await.map_err(|_| Closing::Failed)
    }

    async fn stands(&self) -> Result<(), Closing> {
        let Some(listener) = &self.listener else { return Ok(()) };
        match listener.stands(&self.state).await {
            Standing::Stands => Ok(()),
            Standing::Ended => Err(Closing::Forbidden("The session has ended")),
            Standing::Unknown => Err(Closing::Unsure),
        }
    }

    async fn hear(&mut self, text: &str) -> Result<(), Closing> {
        match Said::of(text)? {
            Said::Init(payload) => {
                self.begin(&payload).await?;
                self.send(message::acknowledged()).await
            }
            Said::Ping(payload) => self.send(message::pong(payload.as_ref())).await,
            Said::Pong => Ok(()),
            Said::Complete(id) => {
                self.running.remove(&id);
                Ok(())
            }
            Said::Subscribe(id, parameters) => {
                if self.listener.is_none() {
                    return Err(Closing::Unauthorized);
                }
                if self.running.contains_key(&id) {
                    return Err(Closing::Taken);
                }
                self.stands().await?;
                self.start(id, *parameters).await
            }
        }
    }

    /// Learns who it is.
    async fn begin(&mut self, payload: &Map<String, Value>) -> Result<(), Closing> {
        if self.listener.is_some() {
            return Err(Closing::Twice);
        }
        let said = |name: &str| {
            let mut found = payload.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
            found.next().and_then(|(_, value)| value.as_str())
        };
        if payload.iter().any(|(key, value)| key.eq_ignore_ascii_case("authorization") && !value.is_string()) {
            return Err(Closing::Invalid("Invalid message: authorization must be a string"));
        }
        if let Some(lang) = said("accept-language").and_then(endpoint::language) {
            self.info.lang = Some(lang);
        }
        let bearer = said("authorization").map(endpoint::token_of).or(self.bearer.as_deref());
        let who = match identity::service::authenticate(&self.state.platform, bearer).await {
            Ok(who) => who,
            Err(failure) => {
                let refused = Refused::unauthenticated(&failure, &self.info.request_id);
                // Who cannot be known now comes again; only who is not known is sent away.
                return Err(match refused.status {
                    Some(StatusCode::UNAUTHORIZED) => Closing::Forbidden("Forbidden"),
                    _ => Closing::Unsure,
                });
            }
        };
        if self.origin.as_ref().is_some_and(|origin| !self.state.origins.allows(origin, Some(&who))) {
            return Err(Closing::Forbidden("Your province does not let pages of this origin call"));
        }
        let ctx = operation::ctx(&self.state, &who, &self.info);
        if let Ok(person) = ctx.person() {
            // From now on it counts for the person and not for the address, behind which there may be an office.
            self.seat = self.state.seats.take(Holder::Account(person.account));
            if self.seat.is_none() {
                return Err(Closing::Crowded);
            }
        }
        let (lang, request_id) = (ctx.lang(), self.info.request_id.clone());
        self.listener = Some(Listener { who, lang, request_id });
        Ok(())
    }

    async fn start(&mut self, id: String, parameters: Parameters) -> Result<(), Closing> {
        let Some(listener) = &self.listener else { return Err(Closing::Unauthorized) };
        // Every operation has an id of its own in logs and evidence.
        let request_id = uuid::Uuid::now_v7().simple().to_string();
        // Which of many subscriptions a header of the connection would mean, nobody knows.
        let info = RequestInfo { request_id, last_event: None, ..self.info.clone() };
        let ctx = operation::ctx(&self.state, &listener.who, &info);
        let lang = ctx.lang();
        let span = telemetry::operation(None, &info.request_id, "websocket");
        let mut seen = Seen::begin(&self.state.metrics, span.clone());
        let mut kind = OperationType::Query;
        let room = self.running.len() < MOST_OPERATIONS;
        let prepared = Prepared::of(&self.state, parameters, |of| {
            kind = of;
            seen.operation = type_name(of);
            let detail = format!("At most {MOST_OPERATIONS} operations go on at once on a connection.");
            if room { Ok(()) } else { Err(Refused::document(code::TOO_LARGE, detail)) }
        });
        let ready = prepared.and_then(|prepared| {
            seen.name = prepared.name().map(str::to_owned);
            seen.trusted = prepared.is_trusted();
            seen.cost = prepared.cost;
            prepared.begin(&self.state, ctx, &info)
        });
        let ready = match ready {
            Ok(ready) => ready,
            Err(refused) => {
                seen.code = Some(refused.code.to_owned());
                seen.end(&self.state, &info.request_id, "websocket", 0);
                let error = answer::error(&refused, lang, &info.request_id);
                return self.send(message::error(&id, &json!([error]))).await;
            }
        };
        self.begun += 1;
        let (number, state, sender) = (self.begun, self.state.clone(), self.sender.clone());
        let request_id = info.request_id;
        let answers = Answers { id: id.clone(), number, lang, request_id: request_id.clone(), sender };
        let task = rt::spawn(async move {
            let goes_on = if kind == OperationType::Subscription {
                seen.end(&state, &request_id, "websocket", 0);
                answers.stream(ready.stream(&state)).await
            } else {
                let answered = ready.run(&state).instrument(span).await;
                seen.code = match &answered {
                    Ok(response) => response.errors.first().and_then(error::code_of),
                    Err(refused) => Some(refused.code.to_owned()),
                };
                seen.end(&state, &request_id, "websocket", 0);
                match answered {
                    Ok(response) => answers.response(response).await,
                    Err(refused) => answers.refusal(&refused).await,
                }
            };
            if goes_on {
                answers.tell(Told::Complete).await;
            }
        });
        self.running.insert(id, Running { number, kind, task });
        Ok(())
    }

    /// Passes on what an operation has to tell, if the client still wants to hear it.
    async fn tell(&mut self, answer: Answer) -> Result<(), Closing> {
        let Answer { id, number, told } = answer;
        let Some(running) = self.running.get(&id).filter(|running| running.number == number) else { return Ok(()) };
        let goes_on = running.kind == OperationType::Subscription;
        let text = match told {
            Told::Next(response) => {
                if goes_on {
                    self.stands().await?;
                }
                message::next(&id, &response)
            }
            Told::Error(errors) => {
                self.running.remove(&id);
                message::error(&id, &errors)
            }
            Told::Away => return Err(Closing::Unsure),
            Told::Complete => {
                self.running.remove(&id);
                message::complete(&id)
            }
        };
        self.send(text).await
    }

    async fn send(&mut self, text: ByteString) -> Result<(), Closing> {
        match timeout(PATIENCE, self.session.text(text)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Closing::Failed),
        }
    }
}
