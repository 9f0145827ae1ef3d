//! `/graphql`.

use std::{
    cell::Cell,
    net::{IpAddr, SocketAddr},
    rc::Rc,
    time::Duration,
};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    body::EitherBody,
    dev::{Payload, ServiceResponse},
    error::PayloadError,
    http::{
        Method, StatusCode,
        header::{
            ACCEPT_LANGUAGE, ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderName,
            HeaderValue, USER_AGENT, VARY,
        },
    },
    web,
};
use async_graphql::parser::types::OperationType;
use futures_util::{StreamExt, stream, stream::LocalBoxStream};
use tokio::time::Instant;
use tracing::Instrument;

use super::{
    answer::{self, Caller, code},
    bucket::Holder,
    documents::type_name,
    events, multipart,
    negotiate::{self, Media},
    operation::{self, Listener, Prepared, Refused},
    request::{Parameters, Unreadable},
    seen::Seen,
};
use crate::{
    app::AppState,
    identity,
    kernel::{
        ctx::{Lang, RequestInfo, Who},
        graphql::error,
    },
    telemetry,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Answers GET and POST on `/graphql`.
pub async fn graphql(http: HttpRequest, state: web::Data<AppState>, body: web::Payload) -> HttpResponse {
    let info = info(&http, &state);
    let way = if negotiate::events(http.headers()) { "events" } else { "http" };
    let span = telemetry::operation(Some(http.headers()), &info.request_id, way);
    let mut seen = Seen::begin(&state.metrics, span.clone());
    let mut who = None;
    let mut response = answer(&http, &state, body, &info, &mut seen, &mut who).instrument(span).await;
    seen.end(&state, &info.request_id, way, response.status().as_u16());
    // What one caller is answered is nobody else's, and is no longer true a moment later.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    if let Ok(value) = HeaderValue::from_str(&info.request_id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    state.origins.look_again(&http, &state.platform).await;
    state.origins.permit(&http, who.as_ref(), &mut response);
    response
}

async fn answer(
    http: &HttpRequest,
    state: &web::Data<AppState>,
    body: web::Payload,
    info: &RequestInfo,
    seen: &mut Seen,
    known: &mut Option<Who>,
) -> HttpResponse {
    let mut events = negotiate::events(http.headers());
    let media = if events { Some(Media::GraphQlResponse) } else { negotiate::media(http.headers()) };
    // Until it is known who asks, the language is the request's own.
    let mut caller = Caller {
        media: media.unwrap_or(Media::Json),
        lang: info.lang.unwrap_or_default(),
        request_id: info.request_id.as_str(),
    };
    let answered = async {
        if media.is_none() {
            let detail =
                "The endpoint answers application/graphql-response+json, application/json or text/event-stream.";
            return Err(Refused::http(StatusCode::NOT_ACCEPTABLE, code::BAD_REQUEST, detail));
        }
        let mut kind = OperationType::Query;
        let prepared = Prepared::of(state, parameters(http, state, body).await?, |of| {
            kind = of;
            seen.operation = type_name(kind);
            events |= kind == OperationType::Subscription && negotiate::takes_events(http.headers());
            fits(http, events, kind)
        })?;
        seen.name = prepared.name().map(str::to_owned);
        seen.trusted = prepared.is_trusted();
        seen.cost = prepared.cost;
        let who = identity::service::authenticate(&state.platform, bearer(http)).await;
        let who = who.map_err(|failure| Refused::unauthenticated(&failure, &info.request_id))?;
        *known = Some(who.clone());
        let ctx = operation::ctx(state, &who, info);
        caller.lang = ctx.lang();
        let holder = Holder::of(&ctx, info);
        let ready = prepared.begin(state, ctx, info)?;
        if events {
            let Some(seat) = state.seats.take(holder) else {
                let refused = Refused::http(StatusCode::TOO_MANY_REQUESTS, code::RATE_LIMITED, answer::SEATS);
                return Err(refused.after(answer::SOON));
            };
            let listener = Listener { who, lang: caller.lang, request_id: info.request_id.clone() };
            let goes_on = kind == OperationType::Subscription;
            return Ok(events::answer(state.clone(), listener, seat, (goes_on, ready.stream(state))));
        }
        let response = ready.run(state).await?;
        seen.code = response.errors.first().and_then(error::code_of);
        Ok(answer::executed(caller.media, &response))
    };
    let answered = answered.await;
    answered.unwrap_or_else(|refused| {
        seen.code = Some(refused.code.to_owned());
        caller.refusal(&refused)
    })
}

/// Whether an operation of this kind may come so.
fn fits(http: &HttpRequest, events: bool, kind: OperationType) -> Result<(), Refused> {
    let readable = kind == OperationType::Query || (events && kind == OperationType::Subscription);
    if http.method() == Method::GET && !readable {
        return Err(Refused::http(StatusCode::METHOD_NOT_ALLOWED, code::BAD_REQUEST, "GET is for queries only."));
    }
    if kind == OperationType::Subscription && !events {
        let detail = "A subscription is answered over text/event-stream or a WebSocket.";
        return Err(Refused::document(code::OPERATION_UNKNOWN, detail));
    }
    Ok(())
}

/// How long what is left of a body is kept from being waited for.
const LINGER: Duration = Duration::from_secs(2);
/// Bytes a second at which a body has to arrive at least.
const SLOWEST: u64 = 16 * 1_024;

/// The body, which has the time of a request to arrive, and that of what has arrived already.
async fn read(http: &HttpRequest, state: &AppState, body: web::Payload) -> Result<web::Bytes, Refused> {
    let began = Instant::now();
    let late = Rc::new(Cell::new(false));
    let (told, time) = (Rc::clone(&late), state.request_timeout);
    let timed = stream::unfold((Some(body), 0_u64), move |(body, received)| {
        let told = Rc::clone(&told);
        async move {
            let mut body = body?;
            let until = began + time + Duration::from_secs(received / SLOWEST);
            match tokio::time::timeout_at(until, body.next()).await {
                Ok(Some(Ok(bytes))) => {
                    let received = received + bytes.len() as u64;
                    Some((Ok(bytes), (Some(body), received)))
                }
                Ok(Some(Err(error))) => Some((Err(error), (Some(body), received))),
                Ok(None) => None,
                Err(_) => {
                    told.set(true);
                    // Were it dropped before the answer is sent, the server would wait for the rest of it without end.
                    actix_web::rt::spawn(async move {
                        tokio::time::sleep(LINGER).await;
                        drop(body);
                    });
                    Some((Err(PayloadError::Incomplete(None)), (None, received)))
                }
            }
        }
    });
    let mut payload = Payload::from(Box::pin(timed) as LocalBoxStream<'static, Result<web::Bytes, PayloadError>>);
    match web::Bytes::from_request(http, &mut payload).await {
        Ok(body) => Ok(body),
        Err(error) if error.as_response_error().status_code() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(Refused::http(StatusCode::PAYLOAD_TOO_LARGE, code::TOO_LARGE, "The body is too large."))
        }
        Err(_) if late.get() => {
            Err(Refused::http(StatusCode::REQUEST_TIMEOUT, code::BAD_REQUEST, "The body did not arrive in time."))
        }
        Err(_) => Err(Refused::http(StatusCode::BAD_REQUEST, code::BAD_REQUEST, "The body cannot be read.")),
    }
}

/// Answers other methods.
pub async fn not_allowed(http: HttpRequest, state: web::Data<AppState>) -> HttpResponse {
    let info = info(&http, &state);
    let caller = Caller { media: Media::Json, lang: info.lang.unwrap_or_default(), request_id: &info.request_id };
    let detail = "The endpoint takes GET and POST.";
    let mut response = caller.refusal(&Refused::http(StatusCode::METHOD_NOT_ALLOWED, code::BAD_REQUEST, detail));
    let headers = response.headers_mut();
    headers.insert(ALLOW, HeaderValue::from_static("GET, POST, OPTIONS"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    if let Ok(value) = HeaderValue::from_str(&info.request_id) {
        headers.insert(REQUEST_ID, value);
    }
    response
}

/// Gives every answer the id of its request, under which it is found in the logs.
pub fn named<B>(mut response: ServiceResponse<B>) -> ServiceResponse<B> {
    if !response.headers().contains_key(&REQUEST_ID)
        && let Ok(value) = HeaderValue::from_str(&request_id(response.request()))
    {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// The same answer, but for one: where `Accept-Encoding` leaves no way to send anything, what compresses refuses in a text
/// of its own before the endpoint is asked. Said here as the endpoint says it.
pub async fn sendable<B>(response: ServiceResponse<B>, state: &AppState) -> ServiceResponse<EitherBody<B>> {
    let ours = response.headers().contains_key(&REQUEST_ID);
    let http = response.request();
    if ours || response.status() != StatusCode::NOT_ACCEPTABLE || http.path() != "/graphql" {
        return response.map_into_left_body();
    }
    let info = info(http, state);
    let media = negotiate::media(http.headers()).unwrap_or(Media::Json);
    let caller = Caller { media, lang: info.lang.unwrap_or_default(), request_id: &info.request_id };
    let detail = "The answer can be sent as it is, or as gzip or deflate: Accept-Encoding must allow one of them.";
    let mut refusal = caller.refusal(&Refused::http(StatusCode::NOT_ACCEPTABLE, code::BAD_REQUEST, detail));
    let headers = refusal.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.append(VARY, HeaderValue::from_static("Accept-Encoding"));
    if let Ok(value) = HeaderValue::from_str(&info.request_id) {
        headers.insert(REQUEST_ID, value);
    }
    state.origins.look_again(http, &state.platform).await;
    state.origins.permit(http, None, &mut refusal);
    response.into_response(refusal).map_into_right_body()
}

/// Whether the body comes in an encoding that is taken off before it is read.
fn is_decoded(http: &HttpRequest) -> bool {
    http.headers().get_all(CONTENT_ENCODING).all(|value| {
        let known = |name: &&str| value.as_bytes().eq_ignore_ascii_case(name.as_bytes());
        ["gzip", "deflate", "identity"].iter().any(known)
    })
}

/// What a request asks, in its body or its query string.
async fn parameters(http: &HttpRequest, state: &AppState, body: web::Payload) -> Result<Parameters, Refused> {
    let bad = |status, detail: &str| Refused::http(status, code::BAD_REQUEST, detail);
    let unreadable = |unreadable: Unreadable| bad(StatusCode::BAD_REQUEST, unreadable.detail());
    if http.method() == Method::GET {
        return Parameters::of_query_string(http.query_string()).map_err(unreadable);
    }
    let boundary = multipart::boundary(http.headers())?;
    if boundary.is_none() {
        json_content(http).map_err(|detail| bad(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail))?;
    }
    if !is_decoded(http) {
        return Err(bad(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "The Content-Encoding of a body must be gzip, deflate or identity.",
        ));
    }
    let body = read(http, state, body).await?;
    match boundary {
        Some(boundary) => multipart::parameters(body, boundary, state.body_bytes).await,
        None => Parameters::of_body(&body).map_err(unreadable),
    }
}

/// A POST must say that it brings JSON: a form or a text, which a browser sends across origins without asking, is not
/// taken for it.
fn json_content(http: &HttpRequest) -> Result<(), &'static str> {
    let Some(content) = http.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return Err("A POST must have Content-Type: application/json.");
    };
    let mut parts = content.split(';').map(|part| part.trim().to_ascii_lowercase());
    if parts.next().as_deref() != Some("application/json") {
        return Err("A POST must have Content-Type: application/json.");
    }
    let foreign = parts.any(|parameter| {
        parameter.strip_prefix("charset=").is_some_and(|charset| charset.trim_matches('"') != "utf-8")
    });
    if foreign { Err("The body must be UTF-8.") } else { Ok(()) }
}

fn header<'a>(http: &'a HttpRequest, name: &HeaderName) -> Option<&'a str> {
    http.headers().get(name).and_then(|value| value.to_str().ok())
}

/// The token a request was sent with. What cannot be read is a mistake, not the public.
pub fn bearer(http: &HttpRequest) -> Option<&str> {
    http.headers().get(AUTHORIZATION).map(|value| value.to_str().map_or("", token_of))
}

/// The token in the value of an `Authorization`.
#[must_use]
pub fn token_of(value: &str) -> &str {
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    // Another scheme is a mistake, not the public.
    if scheme.eq_ignore_ascii_case("bearer") { token.trim() } else { "" }
}

/// What is known of a request before it is read.
pub fn info(http: &HttpRequest, state: &AppState) -> RequestInfo {
    RequestInfo {
        request_id: request_id(http),
        lang: header(http, &ACCEPT_LANGUAGE).and_then(language),
        address: address(http, state),
        user_agent: header(http, &USER_AGENT).unwrap_or_default().to_owned(),
        last_event: header(http, &LAST_EVENT_ID).filter(|id| !id.is_empty()).map(str::to_owned),
    }
}

/// The caller's own id of the request if it is a sensible one, else the trace it belongs to, else a new one.
fn request_id(http: &HttpRequest) -> String {
    let sensible = |text: &&str| {
        (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    if let Some(own) = header(http, &REQUEST_ID).filter(sensible) {
        return own.to_owned();
    }
    match header(http, &HeaderName::from_static("traceparent")).and_then(trace_of) {
        Some(trace) => trace.to_owned(),
        None => uuid::Uuid::now_v7().simple().to_string(),
    }
}

/// The trace that a `traceparent` names; none if it is not as W3C's Trace Context has it, for then nobody else has that
/// trace either. A version that is not known yet may say more behind what is known.
fn trace_of(parent: &str) -> Option<&str> {
    let is_hex = |part: &str, length: usize| {
        part.len() == length && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_id = |part: &str, length: usize| is_hex(part, length) && part.bytes().any(|b| b != b'0');
    let mut parts = parent.split('-');
    let (version, trace, caller, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let known = is_hex(version, 2) && version != "ff" && (version != "00" || parts.next().is_none());
    (known && is_id(trace, 32) && is_id(caller, 16) && is_hex(flags, 2)).then_some(trace)
}

/// The first of the two languages in the order of preference.
#[must_use]
pub fn language(accept: &str) -> Option<Lang> {
    let mut wanted: Vec<(f32, Lang)> = accept
        .split(',')
        .filter_map(|part| {
            let mut parts = part.split(';').map(str::trim);
            let lang = match parts.next()?.to_ascii_lowercase() {
                tag if tag == "en" || tag.starts_with("en-") => Lang::En,
                tag if tag == "zh" || tag.starts_with("zh-") => Lang::Zh,
                _ => return None,
            };
            let quality = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
            Some((quality, lang))
        })
        .collect();
    wanted.sort_by(|left, right| right.0.total_cmp(&left.0));
    wanted.first().filter(|(quality, _)| *quality > 0.0).map(|(_, lang)| *lang)
}

/// The caller's address: the peer's, or what a trusted proxy says it is.
fn address(http: &HttpRequest, state: &AppState) -> String {
    let Some(peer) = http.peer_addr().map(|peer| peer.ip()) else { return String::new() };
    if state.trusted_proxies.contains(&peer)
        && let Some(forwarded) = header(http, &HeaderName::from_static("x-forwarded-for"))
        // The last entry is the one our proxy wrote; those before it are the caller's own claims.
        && let Some(client) = forwarded.rsplit(',').next().and_then(|last| forwarded_address(last.trim()))
    {
        return client.to_string();
    }
    peer.to_canonical().to_string()
}

/// An address as proxies write it, with a port or without.
fn forwarded_address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_write_addresses_with_and_without_ports() {
        for (written, meant) in [
            ("1.2.3.4", Some("1.2.3.4")),
            ("1.2.3.4:5555", Some("1.2.3.4")),
            ("::ffff:1.2.3.4", Some("1.2.3.4")),
            ("2001:db8::1", Some("2001:db8::1")),
            ("[2001:db8::1]", Some("2001:db8::1")),
            ("[2001:db8::1]:443", Some("2001:db8::1")),
            ("unknown", None),
        ] {
            assert_eq!(forwarded_address(written).map(|address| address.to_string()).as_deref(), meant, "{written}");
        }
    }

    #[test]
    fn a_trace_is_known_by_what_the_standard_allows_only() {
        let (trace, caller) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
        let good = format!("00-{trace}-{caller}-01");
        for (parent, known) in [
            (good.clone(), true),
            (format!("cc-{trace}-{caller}-01"), true),
            (format!("cc-{trace}-{caller}-01-more"), true),
            (format!("{good}-more"), false),
            (format!("ff-{trace}-{caller}-01"), false),
            (format!("0-{trace}-{caller}-01"), false),
            (good.to_uppercase(), false),
            (format!("00-{}-{caller}-01", "0".repeat(32)), false),
            (format!("00-{trace}-{}-01", "0".repeat(16)), false),
            (format!("00-{trace}-{caller}-1"), false),
            (format!("00-{trace}-{caller}"), false),
            (format!("00-{trace}"), false),
            (String::new(), false),
        ] {
            assert_eq!(trace_of(&parent), known.then_some(trace), "{parent}");
        }
    }

    #[test]
    fn an_authorization_that_cannot_be_read_is_no_passer_by() {
        let with = |value: &'static [u8]| {
            let value = HeaderValue::from_bytes(value).unwrap();
            actix_web::test::TestRequest::default().insert_header((AUTHORIZATION, value)).to_http_request()
        };
        assert_eq!(bearer(&with(b"Bearer \xff")), Some(""));
        assert_eq!(bearer(&with(b"Basic x")), Some(""));
        assert_eq!(bearer(&with(b"Bearer x")), Some("x"));
        assert_eq!(bearer(&actix_web::test::TestRequest::default().to_http_request()), None);
    }

    #[test]
    fn languages_are_chosen_by_quality() {
        assert_eq!(language("en"), Some(Lang::En));
        assert_eq!(language("zh-CN,zh;q=0.9,en;q=0.8"), Some(Lang::Zh));
        assert_eq!(language("fr, en-GB;q=0.5"), Some(Lang::En));
        assert_eq!(language("fr"), None);
    }
}
