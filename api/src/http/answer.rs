//! Answers: bodies, statuses, headers.

use actix_web::{HttpResponse, http::StatusCode};
use async_graphql::Response;
use serde_json::{Value, json};

use super::negotiate::Media;

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
}

/// A body with one error and no data.
#[must_use]
pub fn error_body(code: &str, message: &str, at: Option<(usize, usize)>, request_id: &str) -> Value {
    let mut error = json!({ "message": message, "extensions": { "code": code, "requestId": request_id } });
    if let Some((line, column)) = at {
        error["locations"] = json!([{ "line": line, "column": column }]);
    }
    json!({ "errors": [error] })
}

/// An answer that is an error of HTTP: unreadable, not acceptable, too large, not logged in.
#[must_use]
pub fn http_error(status: StatusCode, media: Media, code: &str, message: &str, request_id: &str) -> HttpResponse {
    HttpResponse::build(status)
        .content_type(media.content_type())
        .body(error_body(code, message, None, request_id).to_string())
}

/// An answer to a request whose document cannot run: 400 in the newer media type, 200 in the older one.
#[must_use]
pub fn request_error(
    media: Media,
    code: &str,
    message: &str,
    at: Option<(usize, usize)>,
    request_id: &str,
) -> HttpResponse {
    let status = match media {
        Media::GraphQlResponse => StatusCode::BAD_REQUEST,
        Media::Json => StatusCode::OK,
    };
    HttpResponse::build(status)
        .content_type(media.content_type())
        .body(error_body(code, message, at, request_id).to_string())
}

/// The answer of an execution. Serialised as it is, so that keys keep the order in which they were asked for.
#[must_use]
pub fn executed(media: Media, response: &Response) -> HttpResponse {
    // Without data nothing was executed: the document did not fit the schema.
    let refused =
        response.data == async_graphql::Value::Null && response.errors.iter().all(|error| error.path.is_empty());
    if refused && !response.errors.is_empty() {
        let status = match media {
            Media::GraphQlResponse => StatusCode::BAD_REQUEST,
            Media::Json => StatusCode::OK,
        };
        let body = json!({ "errors": response.errors });
        return HttpResponse::build(status).content_type(media.content_type()).body(body.to_string());
    }
    match serde_json::to_vec(response) {
        Ok(body) => HttpResponse::Ok().content_type(media.content_type()).body(body),
        Err(error) => {
            tracing::error!(%error, "an answer cannot be serialised");
            HttpResponse::InternalServerError().finish()
        }
    }
}
