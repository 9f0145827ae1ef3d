//! From [`Failure`] to top-level errors. The message waits until the HTTP layer knows the caller's language.

use std::sync::Arc;

use async_graphql::{Error, ErrorExtensionValues, ServerError};

use crate::kernel::{ctx::Lang, fault::Failure};

/// What resolvers return. Not the framework's own result: that one would publish the text of any error.
pub type Reply<T> = Result<T, Failure>;

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self { message: String::new(), source: Some(Arc::new(failure)), extensions: None }
    }
}

/// Seconds after which what is too busy may have time again.
pub const SOON: u64 = 2;

/// Codes of top-level errors that are no refusals.
pub mod code {
    /// Nobody is logged in.
    pub const UNAUTHENTICATED: &str = "UNAUTHENTICATED";
    /// The document or its variables are wrong.
    pub const BAD_USER_INPUT: &str = "BAD_USER_INPUT";
    /// Our fault; the answer names the request.
    pub const INTERNAL: &str = "INTERNAL";
    /// Too busy; try again.
    pub const OVERLOADED: &str = "OVERLOADED";
}

/// Completes an error of an answer: code, message in the caller's language, and for a fault its entry in the log.
pub fn complete(error: &mut ServerError, lang: Lang, request_id: &str) {
    let Some(failure) = error.source.as_ref().and_then(|source| source.downcast_ref::<Failure>()) else {
        if error.extensions.is_none() {
            set(error, code::BAD_USER_INPUT, request_id);
        }
        return;
    };
    match failure.clone() {
        Failure::Refused(refusals) => {
            let Some(refusal) = refusals.into_iter().next() else { return };
            error.message = refusal.message(lang);
            let mut path = refusal.path().to_vec();
            path.retain(|part| !part.is_empty());
            set(error, refusal.code().code(), request_id);
            if !path.is_empty()
                && let Some(extensions) = &mut error.extensions
            {
                extensions.set("argument", path.join("."));
            }
        }
        Failure::Unauthenticated => {
            error.message = match lang {
                Lang::Zh => "请先登录（登录已失效，或须先修改初始密码）。",
                Lang::En => "Log in first (the login is no longer good, or the first password has to be changed).",
            }
            .into();
            set(error, code::UNAUTHENTICATED, request_id);
        }
        Failure::Fault(fault) => {
            let overload = fault.is_overload();
            tracing::error!(request_id, ?fault, path = ?error.path, "fault");
            error.message = match (lang, overload) {
                (Lang::Zh, true) => "系统繁忙，请稍后再试。",
                (Lang::En, true) => "The system is busy; try again.",
                (Lang::Zh, false) => "系统内部错误，请凭请求编号联系运维。",
                (Lang::En, false) => "An internal error; quote the request id to the operator.",
            }
            .into();
            set(error, if overload { code::OVERLOADED } else { code::INTERNAL }, request_id);
            if let Some(extensions) = error.extensions.as_mut().filter(|_| overload) {
                extensions.set("retryAfterSeconds", SOON);
            }
        }
    }
}

/// Replaces the code of an error.
pub fn set_code(error: &mut ServerError, code: &str, request_id: &str) {
    set(error, code, request_id);
}

/// The code of an error.
#[must_use]
pub fn code_of(error: &ServerError) -> Option<String> {
    match error.extensions.as_ref()?.get("code")? {
        async_graphql::Value::String(code) => Some(code.clone()),
        _ => None,
    }
}

fn set(error: &mut ServerError, code: &str, request_id: &str) {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code);
    extensions.set("requestId", request_id);
    error.extensions = Some(extensions);
}
