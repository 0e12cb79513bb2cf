// SPDX-License-Identifier: Apache-2.0

//! One request of HTTP: what it is for, who asks, and its parameters.

use super::{
    Life,
    connections::{Place, Web},
    desk::{Caller, KEY},
    replies::{self, Reply},
    rpc, session,
};
use crate::{
    error::{ApiError, Code, Result},
    routes::{Access, find, openapi::KEY_HEADER},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::{
    HeaderMap, Method, Request, StatusCode,
    body::{Bytes, Incoming},
    header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue},
};
use serde_json::{Map, Value, json};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long the daemon may take to say whether it is live and ready.
const PROBE: Duration = Duration::from_secs(2);

/// Answers a request.
pub(crate) async fn answer(
    web: Arc<Web>,
    life: Life,
    place: Place,
    request: Request<Incoming>,
) -> Reply {
    let name = request_name(&web, request.headers());
    let (result, origin) = match web.hosts.check(request.headers()) {
        Err(error) => (Err(error), None),
        Ok(origin) if origin.is_some() && request.method() == Method::OPTIONS => {
            (Ok(replies::preflight()), origin)
        }
        Ok(origin) => (dispatched(&web, life, place, request, &name).await, origin),
    };
    let mut reply = result.unwrap_or_else(|error| {
        tracing::info!(request = %name, code = %error.code, reason = %error.message, "refused");
        web.desk.metrics.refusal(error.code.as_str());
        replies::refusal(&error)
    });
    if let Some(origin) = origin {
        replies::allow_origin(&mut reply, &origin);
    }
    if let Ok(name) = HeaderValue::from_str(&name) {
        reply.headers_mut().insert(replies::REQUEST_ID, name);
    }
    reply
}

/// The name that the client gave to its request, if it is fit for a log, or a new one.
fn request_name(web: &Web, headers: &HeaderMap) -> String {
    let given = headers.get(replies::REQUEST_ID).and_then(|value| value.to_str().ok());
    let fit = |name: &&str| {
        !name.is_empty() && name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_graphic())
    };
    given.filter(fit).map_or_else(|| web.next_request(), str::to_owned)
}

/// What was refused before the desk comes back as an error, to be counted and logged here.
async fn dispatched(
    web: &Arc<Web>,
    life: Life,
    place: Place,
    request: Request<Incoming>,
    name: &str,
) -> Result<Reply> {
    let path = request.uri().path().to_owned();
    match (path.as_str(), request.method()) {
        ("/health/live", &Method::GET) => Ok(probe(web, false).await),
        ("/health/ready", &Method::GET) => Ok(probe(web, true).await),
        ("/openapi.json", &Method::GET) => {
            Ok(replies::reply(StatusCode::OK, "application/json", web.document.clone()))
        }
        ("/metrics", &Method::GET) => {
            access(web, request.headers())?;
            metrics(web)
        }
        ("/rpc", _) => {
            let caller = caller(web, request.headers(), name, "rpc")?;
            if session::is_asked_for(&request) {
                return session::open(web.desk.clone(), caller, life, place, request);
            }
            over_http(web, &caller, request).await
        }
        ("/health/live" | "/health/ready" | "/openapi.json" | "/metrics", _) => {
            Err(only(&path, "GET"))
        }
        _ => {
            let caller = caller(web, request.headers(), name, "rest")?;
            rest(web, &caller, request).await
        }
    }
}

/// What the token of a request allows.
fn access(web: &Web, headers: &HeaderMap) -> Result<Access> {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    header.and_then(|header| web.tokens.access(header)).ok_or_else(|| {
        let message = match header {
            None => "the request has no token",
            Some(_) => "the token of the request is wrong",
        };
        ApiError::new(
            Code::Unauthorised,
            message,
            "Send the header `Authorization: Bearer <token>`, with the content of the file `token` \
             or `read-token` in the daemon's folder.",
        )
    })
}

fn caller(web: &Web, headers: &HeaderMap, name: &str, way: &'static str) -> Result<Caller> {
    Ok(Caller { access: access(web, headers)?, request: name.to_owned(), way })
}

/// A request of REST.
async fn rest(web: &Web, caller: &Caller, request: Request<Incoming>) -> Result<Reply> {
    let (parts, body) = request.into_parts();
    let found = find(&web.desk.routes, parts.method.as_str(), parts.uri.path())?;
    let mut params = found.params;
    if found.route.info.verb.has_body() {
        if parts.uri.query().is_some_and(|query| !query.is_empty()) {
            return Err(ApiError::invalid_params("this request has its parameters in the body"));
        }
        let bytes = read(web, &parts.headers, body).await?;
        for (name, value) in object(&parts.headers, &bytes)? {
            if params.insert(name.clone(), value).is_some() {
                return Err(ApiError::invalid_params(format!("`{name:.40}` was given twice")));
            }
        }
    } else {
        for pair in parts.uri.query().unwrap_or_default().split('&').filter(|it| !it.is_empty()) {
            let (name, text) = pair.split_once('=').unwrap_or((pair, ""));
            let text = crate::routes::decoded_query(text)?;
            found.route.fields.put(&mut params, &crate::routes::decoded_query(name)?, text)?;
        }
    }
    put_key(&mut params, &parts.headers, found.route.info.moves_money)?;
    Ok(match web.desk.call(caller, found.route, params).await {
        Ok(value) => replies::json(StatusCode::OK, &value),
        // The desk has counted and logged it.
        Err(error) => replies::refusal(&error),
    })
}

/// Takes the idempotency key from its header, where there is one place for it.
fn put_key(params: &mut Map<String, Value>, headers: &HeaderMap, wanted: bool) -> Result<()> {
    if params.contains_key(KEY) {
        return Err(ApiError::invalid_params(format!(
            "`{KEY}` is no field of the body: it is the header Idempotency-Key"
        )));
    }
    let mut keys = headers.get_all(KEY_HEADER).iter();
    let (Some(key), true) = (keys.next(), wanted) else { return Ok(()) };
    match (keys.next(), key.to_str()) {
        (None, Ok(text)) => {
            params.insert(KEY.to_owned(), Value::from(text));
            Ok(())
        }
        _ => Err(ApiError::invalid_params("the header Idempotency-Key is there twice, or no text")),
    }
}

/// JSON-RPC in the body of a request.
async fn over_http(web: &Web, caller: &Caller, request: Request<Incoming>) -> Result<Reply> {
    if request.method() != Method::POST {
        return Err(only("/rpc", "POST"));
    }
    let (parts, body) = request.into_parts();
    let bytes = read(web, &parts.headers, body).await?;
    require_json(&parts.headers)?;
    Ok(match rpc::answer(&web.desk, caller, &bytes).await {
        Some(text) => replies::reply(StatusCode::OK, "application/json", text),
        None => replies::nothing(StatusCode::NO_CONTENT),
    })
}

/// Reads a body, as long as its sender neither sends too much nor takes too long.
async fn read(web: &Web, headers: &HeaderMap, body: Incoming) -> Result<Bytes> {
    let limits = &web.desk.limits;
    let too_large = || {
        let message = format!("the request is larger than {} bytes", limits.request_bytes);
        ApiError::new(Code::TooLarge, message, "Send less at once.")
            .with("limit", limits.request_bytes)
    };
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|bytes: u64| bytes > limits.request_bytes as u64) {
        return Err(too_large());
    }
    match timeout(limits.body_time, Limited::new(body, limits.request_bytes).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(error)) => Err(ApiError::new(
            Code::InvalidRequest,
            format!("the request's body breaks off ({error})"),
            "Send all of it.",
        )),
        Err(_) => Err(ApiError::new(
            Code::TimedOut,
            format!("the request's body took longer than {:?}", limits.body_time),
            "Send it at once; nothing has happened.",
        )),
    }
}

/// The fields of a body.
fn object(headers: &HeaderMap, bytes: &[u8]) -> Result<Map<String, Value>> {
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    require_json(headers)?;
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(ApiError::new(
            Code::InvalidRequest,
            "the request's body is no JSON object",
            "Send one, as {\"name\": \"value\"}.",
        )),
        Err(error) => Err(rpc::no_json(&error)),
    }
}

/// Bodies say that they are JSON. Web pages cannot say so without being asked who they are.
fn require_json(headers: &HeaderMap) -> Result<()> {
    let content = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let kind = content.split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(ApiError::new(
        Code::InvalidRequest,
        format!("the body is of the type {content:.40?}"),
        "Send JSON, and the header `Content-Type: application/json`.",
    ))
}

/// For whoever supervises the daemon: no token, and no more than one bit.
async fn probe(web: &Web, readiness: bool) -> Reply {
    let health = timeout(PROBE, web.desk.service.health()).await;
    let good = match &health {
        Ok(Ok(health)) if readiness => health.ready,
        Ok(Ok(health)) => health.live,
        // What cannot tell is not live. What has no health to tell is as live as its answer.
        Ok(Err(error)) => !readiness && error.code == Code::NotSupported,
        Err(_) => false,
    };
    let status = if good { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let name = if readiness { "ready" } else { "live" };
    replies::json(status, &json!({ name: good }))
}

fn metrics(web: &Web) -> Result<Reply> {
    let text = web.desk.metrics.text(&web.desk.in_flight());
    let text = text.map_err(|error| ApiError::internal(format!("no metrics: {error}")))?;
    Ok(replies::reply(StatusCode::OK, prometheus::TEXT_FORMAT, text))
}

fn only(path: &str, method: &str) -> ApiError {
    let message = format!("{path} is for {method} alone");
    ApiError::new(Code::MethodNotAllowed, message, format!("Use {method}.")).with("allowed", method)
}
