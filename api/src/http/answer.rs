//! Answers: bodies, statuses, headers.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE},
    },
};
use async_graphql::Response;
use serde_json::json;

use super::{chinese, negotiate::Media, operation::Refused};
use crate::kernel::{ctx::Lang, graphql::error as coded};

pub use coded::SOON;

/// What is said to who holds too many connections.
pub const SEATS: &str = "You hold too many connections that go on.";

/// Codes of refusals that happen before a document runs.
pub mod code {
    /// The HTTP request cannot be understood.
    pub const BAD_REQUEST: &str = "BAD_REQUEST";
    /// The document does not parse.
    pub const PARSE_FAILED: &str = "GRAPHQL_PARSE_FAILED";
    /// The document does not fit the schema.
    pub const VALIDATION_FAILED: &str = "GRAPHQL_VALIDATION_FAILED";
    /// The operation cannot be chosen.
    pub const OPERATION_UNKNOWN: &str = "OPERATION_RESOLUTION_FAILURE";
    /// The document or the body is larger than allowed.
    pub const TOO_LARGE: &str = "LIMIT_EXCEEDED";
    /// The request took too long.
    pub const TIMEOUT: &str = "TIMEOUT";
    /// The caller's bucket is empty.
    pub const RATE_LIMITED: &str = "RATE_LIMITED";
    /// No manifest has the document.
    pub const UNKNOWN_DOCUMENT: &str = "DOCUMENT_UNKNOWN";
    /// The document is in no manifest, and only those are answered.
    pub const NOT_TRUSTED: &str = "DOCUMENT_NOT_TRUSTED";
    /// The hash is not registered; Apollo's and urql's clients send the text next.
    pub const NOT_REGISTERED: &str = "PERSISTED_QUERY_NOT_FOUND";
    /// Nothing is registered here.
    pub const NOT_SUPPORTED: &str = "PERSISTED_QUERY_NOT_SUPPORTED";
}

/// What an error of this code is in the caller's language. `wait` is after how many seconds trying again makes sense.
#[must_use]
pub fn told(code: &str, lang: Lang, detail: &str, wait: Option<u64>) -> String {
    let lead = match (lang, code) {
        // The clients know these two by their text.
        (_, code::NOT_REGISTERED | code::NOT_SUPPORTED) | (Lang::En, _) => return detail.to_owned(),
        (Lang::Zh, _) if let Some(meant) = chinese::meant(detail) => return meant,
        // These reach people, and say all there is.
        (Lang::Zh, code::RATE_LIMITED) => {
            let when = wait.map_or_else(|| "稍后".to_owned(), |seconds| format!(" {seconds} 秒后"));
            return format!("请求过于频繁，请{when}再试。");
        }
        (Lang::Zh, code::TIMEOUT) => return "处理超时，请稍后再试。".into(),
        (Lang::Zh, coded::code::OVERLOADED) => return "系统繁忙，请稍后再试。".into(),
        (Lang::Zh, coded::code::INTERNAL) => return "系统内部错误，请凭请求编号联系运维。".into(),
        (Lang::Zh, coded::code::UNAUTHENTICATED) => return "登录已失效，请刷新会话或重新登录。".into(),
        (Lang::Zh, code::UNKNOWN_DOCUMENT | code::NOT_TRUSTED) => "只执行已登记的查询",
        (Lang::Zh, code::BAD_REQUEST) => "请求无法识别",
        (Lang::Zh, code::PARSE_FAILED) => "查询语句有语法错误",
        (Lang::Zh, code::VALIDATION_FAILED) => "查询与接口定义不符",
        (Lang::Zh, code::OPERATION_UNKNOWN) => "无法确定要执行的操作",
        (Lang::Zh, code::TOO_LARGE) => "请求超出限额",
        (Lang::Zh, _) => "参数不合接口定义",
    };
    format!("{lead}（{detail}）")
}

/// Completes an error of an execution; `otherwise` is the code of one that has no cause of ours and no place.
pub fn explain(error: &mut async_graphql::ServerError, lang: Lang, request_id: &str, otherwise: Option<&str>) {
    let unexplained = error.source.is_none() && error.extensions.is_none();
    coded::complete(error, lang, request_id);
    if let Some(code) = otherwise.filter(|_| unexplained && error.path.is_empty()) {
        coded::set_code(error, code, request_id);
    }
    if unexplained && let Some(code) = coded::code_of(error) {
        // The framework lists each input it was reading on the way.
        let detail = error.message.split(" (occurred while parsing").next().unwrap_or_default();
        error.message = told(&code, lang, detail, None);
    }
}

/// How a caller is to be answered.
#[derive(Clone, Copy)]
pub struct Caller<'a> {
    /// The media type it takes.
    pub media: Media,
    /// Its language.
    pub lang: Lang,
    /// The id of its request.
    pub request_id: &'a str,
}

impl Caller<'_> {
    /// The answer to an operation that is not run.
    #[must_use]
    pub fn refusal(&self, refused: &Refused) -> HttpResponse {
        let error = error(refused, self.lang, self.request_id);
        let status = refused.status.unwrap_or(unfit(self.media));
        let mut response = HttpResponse::build(status);
        match status {
            StatusCode::METHOD_NOT_ALLOWED => drop(response.insert_header((ALLOW, "POST"))),
            StatusCode::UNAUTHORIZED => drop(response.insert_header((WWW_AUTHENTICATE, "Bearer"))),
            // What is still on its way belongs to no other request.
            StatusCode::REQUEST_TIMEOUT => drop(response.force_close()),
            _ => {}
        }
        if let Some(seconds) = refused.wait {
            response.insert_header((RETRY_AFTER, seconds));
        }
        response.content_type(self.media.content_type()).body(json!({ "errors": [error] }).to_string())
    }
}

/// An error of the protocol, as it stands in an answer.
#[must_use]
pub fn error(refused: &Refused, lang: Lang, request_id: &str) -> serde_json::Value {
    let Refused { code, detail, wait, .. } = refused;
    let mut error = json!({
        "message": told(code, lang, detail, *wait), "extensions": { "code": code, "requestId": request_id },
    });
    if let Some(seconds) = wait {
        error["extensions"]["retryAfterSeconds"] = json!(seconds);
    }
    if let Some((line, column)) = refused.at {
        error["locations"] = json!([{ "line": line, "column": column }]);
    }
    error
}

/// Whether nothing was executed: the document did not fit the schema.
#[must_use]
pub fn is_unfit(response: &Response) -> bool {
    response.data == async_graphql::Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty())
}

/// Whether nothing could be done now: a balancer asks another node, a client asks again.
#[must_use]
pub fn is_away(response: &Response) -> bool {
    response.data == async_graphql::Value::Null
        && response.errors.iter().any(|error| coded::code_of(error).as_deref() == Some(coded::code::OVERLOADED))
}

/// The status of an answer without data.
fn unfit(media: Media) -> StatusCode {
    match media {
        Media::GraphQlResponse => StatusCode::BAD_REQUEST,
        Media::Json => StatusCode::OK,
    }
}

/// The answer of an execution. Serialised as it is, so that keys keep the order in which they were asked for.
#[must_use]
pub fn executed(media: Media, response: &Response) -> HttpResponse {
    if is_unfit(response) {
        let body = json!({ "errors": response.errors });
        return HttpResponse::build(unfit(media)).content_type(media.content_type()).body(body.to_string());
    }
    let away = is_away(response);
    let mut answer = HttpResponse::build(if away { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK });
    if away {
        answer.insert_header((RETRY_AFTER, SOON));
    }
    match serde_json::to_vec(response) {
        Ok(body) => answer.content_type(media.content_type()).body(body),
        Err(error) => {
            tracing::error!(%error, "an answer cannot be serialised");
            HttpResponse::InternalServerError().finish()
        }
    }
}
