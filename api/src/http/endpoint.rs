//! `/graphql`.

use std::{panic::AssertUnwindSafe, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method, StatusCode,
        header::{
            ACCEPT_LANGUAGE, ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER,
            USER_AGENT,
        },
    },
    web,
};
use async_graphql::{Request, Variables, parser::types::OperationType};
use futures_util::FutureExt;

use super::{
    answer::{self, Caller, code},
    bucket::{BucketSize, Holder},
    cost,
    documents::{Chosen, Unfit, type_name},
    events::Listening,
    limits::Excess,
    negotiate::{self, Media},
    request::{Parameters, Unreadable},
    trusted::Untold,
};
use crate::{
    app::AppState,
    identity,
    kernel::{
        ctx::{Ctx, Lang, RequestInfo, Who},
        fault::Failure,
        graphql::{error, loader::Loaders},
    },
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Answers GET and POST on `/graphql`.
pub async fn graphql(
    http: HttpRequest,
    state: web::Data<AppState>,
    body: Result<web::Bytes, actix_web::Error>,
) -> HttpResponse {
    let info = info(&http, &state);
    let started = tokio::time::Instant::now();
    state.metrics.in_flight.inc();
    let mut seen = Seen { who: None, operation: "none", name: None, cost: 0, code: None };
    let mut response = answer(&http, &state, body, &info, &mut seen).await;
    state.metrics.in_flight.dec();
    let seconds = started.elapsed().as_secs_f64();
    let outcome = seen.code.as_deref().unwrap_or(if response.status().is_success() { "ok" } else { "refused" });
    state.metrics.answered(seen.operation, outcome, seconds, seen.cost);
    tracing::info!(
        request_id = info.request_id,
        status = response.status().as_u16(),
        operation = seen.operation,
        name = seen.name.as_deref().unwrap_or_default(),
        outcome,
        cost = seen.cost,
        millis = seconds * 1_000.0,
        "graphql"
    );
    // What one caller is answered is nobody else's, and is no longer true a moment later.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    if let Ok(value) = HeaderValue::from_str(&info.request_id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    state.origins.look_again(&http, &state.platform).await;
    state.origins.permit(&http, seen.who.as_ref(), &mut response);
    response
}

/// What is told about a request in logs and figures.
struct Seen {
    who: Option<Who>,
    operation: &'static str,
    name: Option<String>,
    cost: u64,
    code: Option<String>,
}

async fn answer(
    http: &HttpRequest,
    state: &web::Data<AppState>,
    body: Result<web::Bytes, actix_web::Error>,
    info: &RequestInfo,
    seen: &mut Seen,
) -> HttpResponse {
    let id = info.request_id.as_str();
    let events = negotiate::events(http.headers());
    let media = if events { Some(Media::GraphQlResponse) } else { negotiate::media(http.headers()) };
    // Until it is known who asks, the language is the request's own.
    let caller = Caller { media: media.unwrap_or(Media::Json), lang: info.lang.unwrap_or_default(), request_id: id };
    let refuse = |status, code, message: &str| caller.http_error(status, code, message);
    if media.is_none() {
        let message = "The endpoint answers application/graphql-response+json, application/json or text/event-stream.";
        return refuse(StatusCode::NOT_ACCEPTABLE, code::BAD_REQUEST, message);
    }

    let parameters = if http.method() == Method::GET {
        Parameters::of_query_string(http.query_string())
    } else {
        if let Err(message) = json_content(http) {
            return refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, code::BAD_REQUEST, message);
        }
        match body {
            Ok(body) => Parameters::of_body(&body),
            Err(error) if error.as_response_error().status_code() == StatusCode::PAYLOAD_TOO_LARGE => {
                return refuse(StatusCode::PAYLOAD_TOO_LARGE, code::TOO_LARGE, "The body is too large.");
            }
            Err(_) => return refuse(StatusCode::BAD_REQUEST, code::BAD_REQUEST, "The body cannot be read."),
        }
    };
    let parameters = match parameters {
        Ok(parameters) => parameters,
        Err(Unreadable::Body(message) | Unreadable::Parameter(message)) => {
            return refuse(StatusCode::BAD_REQUEST, code::BAD_REQUEST, message);
        }
    };
    let text = match state.trusted.find(&parameters.document) {
        Ok(text) => text,
        Err(untold) => return untrusted(&caller, untold),
    };
    let document = match state.documents.get(&text) {
        Ok(document) => document,
        Err(Unfit::Syntax { message, at }) => {
            return caller.request_error(code::PARSE_FAILED, &message, at);
        }
        Err(Unfit::Excess(excess)) => {
            let message = excess.message(state.documents.limits());
            return caller.request_error(code::TOO_LARGE, &message, None);
        }
    };
    let operation = match document.operation(parameters.operation_name.as_deref()) {
        Chosen::Operation(operation) => operation,
        Chosen::Nothing(message) => return caller.request_error(code::OPERATION_UNKNOWN, message, None),
    };
    seen.operation = type_name(operation.node.ty);
    seen.name.clone_from(&parameters.operation_name);
    let kind = operation.node.ty;
    let readable = kind == OperationType::Query || (events && kind == OperationType::Subscription);
    if http.method() == Method::GET && !readable {
        let mut response = refuse(StatusCode::METHOD_NOT_ALLOWED, code::BAD_REQUEST, "GET is for queries only.");
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    if kind == OperationType::Subscription && !events {
        let message = "A subscription is answered over text/event-stream only.";
        return caller.request_error(code::OPERATION_UNKNOWN, message, None);
    }
    if let Err(misfit) = state.inputs.check(&operation.node, &parameters.variables) {
        return caller.request_error(error::code::BAD_USER_INPUT, &misfit.0, None);
    }
    let requested = state.costs.requested(&document.parsed, &operation.node, &parameters.variables);
    let (cost, limits) = (requested.fields, state.documents.limits());
    seen.cost = cost;
    let excess = if requested.schema > cost::SCHEMA {
        Some(Excess::Schema(requested.schema))
    } else {
        (cost > limits.cost).then_some(Excess::Cost(cost))
    };
    if let Some(excess) = excess {
        return caller.request_error(code::TOO_LARGE, &excess.message(limits), None);
    }

    let who = match identity::service::authenticate(&state.platform, bearer(http)).await {
        Ok(who) => who,
        Err(failure) => return unauthenticated(&caller, &failure),
    };
    seen.who = Some(who.clone());
    let ctx = Ctx::of_request(Arc::clone(&state.platform), who, info.clone());
    let caller = Caller { lang: info.lang.unwrap_or_else(|| ctx.lang()), ..caller };

    // A question about the schema is answered from memory: it costs little, and not nothing.
    let left = match take(state, &ctx, info, cost.saturating_add(requested.schema / 100)) {
        Ok(left) => left,
        Err(seconds) => {
            seen.code = Some(code::RATE_LIMITED.into());
            let message =
                format!("Too much was asked in too short a time; there is enough again in {seconds} seconds.");
            let mut response = caller.http_error(StatusCode::TOO_MANY_REQUESTS, code::RATE_LIMITED, &message);
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
            return response;
        }
    };
    let valid = document.is_valid();
    let who = seen.who.clone().unwrap_or(Who::Anonymous);
    let schema = if valid { &state.fast } else { &state.strict };
    let mut request = Request::new(String::new())
        .variables(Variables::from_json(serde_json::Value::Object(parameters.variables)))
        .data(Loaders::new(ctx.clone()))
        .data(ctx);
    request.operation_name = parameters.operation_name;
    request.set_parsed_query(document.parsed.clone());
    if events {
        let listening = Listening {
            responses: Box::pin(schema.execute_stream(request)),
            platform: Arc::clone(&state.platform),
            who,
            lang: caller.lang,
            request_id: id.to_owned(),
            heartbeat: state.heartbeat,
        };
        return listening.answer();
    }
    let running = AssertUnwindSafe(schema.execute(request)).catch_unwind();
    let mut response = match tokio::time::timeout(state.request_timeout, running).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!(request_id = id, "a resolver panicked");
            seen.code = Some(error::code::INTERNAL.into());
            return caller.http_error(
                StatusCode::INTERNAL_SERVER_ERROR,
                error::code::INTERNAL,
                "An internal error; quote the request id to the operator.",
            );
        }
        Err(_) => {
            seen.code = Some(code::TIMEOUT.into());
            return caller.http_error(
                StatusCode::SERVICE_UNAVAILABLE,
                code::TIMEOUT,
                "The request took too long and was given up.",
            );
        }
    };
    let executed = response.data != async_graphql::Value::Null;
    if executed && !valid {
        document.mark_valid();
    }
    for error in &mut response.errors {
        answer::explain(error, caller.lang, id, (!valid).then_some(code::VALIDATION_FAILED));
    }
    seen.code = response.errors.first().and_then(error::code_of);
    let told = match left {
        None => async_graphql::value!({ "requested": cost, "maximum": limits.cost }),
        Some((left, BucketSize { size, refill })) => async_graphql::value!({
            "requested": cost, "maximum": limits.cost,
            "bucket": { "remaining": left, "size": size, "refillPerSecond": refill },
        }),
    };
    response.extensions.insert("cost".to_owned(), told);
    answer::executed(caller.media, &response)
}

/// Takes the cost of a request out of the caller's bucket, if there are any: what is left, or the seconds to wait.
fn take(state: &AppState, ctx: &Ctx, info: &RequestInfo, cost: u64) -> Result<Option<(u64, BucketSize)>, u64> {
    let Some(buckets) = &state.buckets else { return Ok(None) };
    let holder = match ctx.person() {
        Ok(person) => Holder::Account(person.account),
        Err(_) => Holder::Address(info.address.clone()),
    };
    let now = state.platform.clock.now().timestamp_millis();
    buckets.take(holder, cost, now).map(|left| Some((left, buckets.size())))
}

fn untrusted(caller: &Caller<'_>, untold: Untold) -> HttpResponse {
    let (code, message) = match untold {
        Untold::Unknown => (code::UNKNOWN_DOCUMENT, "No manifest has a document with this id."),
        Untold::NotTrusted => (code::NOT_TRUSTED, "Only documents of the manifests are answered here."),
        Untold::NotRegistered => (code::NOT_REGISTERED, "PersistedQueryNotFound"),
        Untold::NotSupported => (code::NOT_SUPPORTED, "PersistedQueryNotSupported"),
        Untold::WrongHash => {
            let message = "The sha256Hash is not that of the query.";
            return caller.http_error(StatusCode::BAD_REQUEST, code::BAD_REQUEST, message);
        }
    };
    // The clients that register documents take the two answers of theirs for news and not for a failure.
    if matches!(untold, Untold::NotRegistered | Untold::NotSupported) {
        return caller.http_error(StatusCode::OK, code, message);
    }
    caller.request_error(code, message, None)
}

fn unauthenticated(caller: &Caller<'_>, failure: &Failure) -> HttpResponse {
    if let Failure::Fault(fault) = failure {
        tracing::error!(request_id = caller.request_id, ?fault, "authentication");
        let (status, code) = if fault.is_overload() {
            (StatusCode::SERVICE_UNAVAILABLE, error::code::OVERLOADED)
        } else {
            (StatusCode::INTERNAL_SERVER_ERROR, error::code::INTERNAL)
        };
        caller.http_error(status, code, "Authentication is not possible now; quote the request id to the operator.")
    } else {
        let message = "The login is no longer good; refresh the session or log in again.";
        caller.http_error(StatusCode::UNAUTHORIZED, error::code::UNAUTHENTICATED, message)
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

fn bearer(http: &HttpRequest) -> Option<&str> {
    let value = header(http, &AUTHORIZATION)?;
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    // Another scheme is a mistake, not the public.
    Some(if scheme.eq_ignore_ascii_case("bearer") { token.trim() } else { "" })
}

fn info(http: &HttpRequest, state: &AppState) -> RequestInfo {
    RequestInfo {
        request_id: request_id(http),
        lang: header(http, &ACCEPT_LANGUAGE).and_then(language),
        address: address(http, state),
        user_agent: header(http, &USER_AGENT).unwrap_or_default().to_owned(),
    }
}

/// The caller's own id of the request if it is a sensible one, else the trace it belongs to, else a new one.
fn request_id(http: &HttpRequest) -> String {
    let sensible = |text: &&str| {
        (8..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    if let Some(own) = header(http, &REQUEST_ID).filter(sensible) {
        return own.to_owned();
    }
    let trace = header(http, &HeaderName::from_static("traceparent")).and_then(|parent| parent.split('-').nth(1));
    match trace.filter(|trace| trace.len() == 32 && trace.bytes().all(|b| b.is_ascii_hexdigit())) {
        Some(trace) => trace.to_owned(),
        None => uuid::Uuid::now_v7().simple().to_string(),
    }
}

/// The first of the two languages in the order of preference.
fn language(accept: &str) -> Option<Lang> {
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
        && let Some(Ok(client)) = forwarded.rsplit(',').next().map(|last| last.trim().parse::<std::net::IpAddr>())
    {
        return client.to_string();
    }
    peer.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_chosen_by_quality() {
        assert_eq!(language("en"), Some(Lang::En));
        assert_eq!(language("zh-CN,zh;q=0.9,en;q=0.8"), Some(Lang::Zh));
        assert_eq!(language("fr, en-GB;q=0.5"), Some(Lang::En));
        assert_eq!(language("fr"), None);
    }
}
