// SPDX-License-Identifier: Apache-2.0

//! Answers of HTTP.

use crate::error::{ApiError, Code};
use http_body_util::Full;
use hyper::{
    Response, StatusCode,
    body::Bytes,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_MAX_AGE, ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue,
        RETRY_AFTER, VARY, WWW_AUTHENTICATE,
    },
};
use serde_json::Value;

/// The header that carries a request's name, to the server and back.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What this server answers with.
pub(crate) type Reply = Response<Full<Bytes>>;

/// An answer of some type of content.
pub(crate) fn reply(status: StatusCode, content: &'static str, body: impl Into<Bytes>) -> Reply {
    let mut reply = Response::new(Full::new(body.into()));
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content));
    // Balances and payments belong into no cache, and into no frame.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        HeaderName::from_static("x-content-type-options"),
        HeaderValue::from_static("nosniff"),
    );
    reply
}

/// An answer of JSON.
pub(crate) fn json(status: StatusCode, value: &Value) -> Reply {
    reply(status, "application/json", value.to_string())
}

/// An answer without content.
pub(crate) fn nothing(status: StatusCode) -> Reply {
    let mut reply = reply(status, "text/plain", Bytes::new());
    reply.headers_mut().remove(CONTENT_TYPE);
    reply
}

/// A refusal, with the headers that belong to its code.
pub(crate) fn refusal(error: &ApiError) -> Reply {
    let status = StatusCode::from_u16(error.code.http_status());
    let value = serde_json::to_value(error).unwrap_or_default();
    let mut reply = json(status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), &value);
    let header = match error.code {
        Code::Unauthorised => Some((WWW_AUTHENTICATE, "Bearer".to_owned())),
        Code::MethodNotAllowed => error.details.get("allowed").map(|it| (ALLOW, it.clone())),
        Code::RateLimited => Some((RETRY_AFTER, retry_after(error))),
        code if code.is_transient() => Some((RETRY_AFTER, "1".to_owned())),
        _ => None,
    };
    if let Some((name, text)) = header
        && let Ok(value) = HeaderValue::try_from(text)
    {
        reply.headers_mut().insert(name, value);
    }
    reply
}

/// Whole seconds, rounded up, as HTTP wants them.
fn retry_after(error: &ApiError) -> String {
    let seconds: Option<f64> =
        error.details.get("retry_after_seconds").and_then(|text| text.parse().ok());
    format!("{:.0}", seconds.unwrap_or(1.0).ceil().max(1.0))
}

/// Lets a page that was allowed read the answer.
pub(crate) fn allow_origin(reply: &mut Reply, origin: &str) {
    let headers = reply.headers_mut();
    if let Ok(origin) = HeaderValue::from_str(origin) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(VARY, HeaderValue::from_static("origin"));
    }
}

/// Tells a browser what a page that was allowed may ask for.
pub(crate) fn preflight() -> Reply {
    let mut reply = nothing(StatusCode::NO_CONTENT);
    let headers = reply.headers_mut();
    let methods = HeaderValue::from_static("GET, POST, PUT, DELETE");
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
    headers.insert(
        ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("authorization, content-type, idempotency-key, x-request-id"),
    );
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    reply
}
