// SPDX-License-Identifier: Apache-2.0

//! Which route a path and an HTTP method mean.

use super::Route;
use crate::error::{ApiError, Code, Result};
use serde_json::{Map, Value};

/// A route, and the parameters that its path held.
#[derive(Debug)]
pub(crate) struct Found<'a> {
    /// The route.
    pub route: &'a Route,
    /// The path's parameters.
    pub params: Map<String, Value>,
}

/// Finds the route of a path.
///
/// The table is short and its paths are fixed, so it is read from front to back; a part without
/// braces is preferred by standing before one with braces.
///
/// Errors: [`Code::UnknownMethod`] if no route has this path, [`Code::MethodNotAllowed`] if those
/// that have it are for other HTTP methods.
pub(crate) fn find<'a>(routes: &'a [Route], verb: &str, path: &str) -> Result<Found<'a>> {
    let mut allowed = Vec::new();
    for route in routes {
        let Some(parts) = parts(route.info.path, path) else { continue };
        if route.info.verb.as_str() != verb {
            allowed.push(route.info.verb.as_str());
            continue;
        }
        let mut params = Map::new();
        for (name, text) in parts {
            route.fields.put(&mut params, name, percent_decoded(text)?)?;
        }
        return Ok(Found { route, params });
    }
    if allowed.is_empty() {
        return Err(ApiError::new(
            Code::UnknownMethod,
            format!("there is no path {path:.80}"),
            "/openapi.json lists every path.",
        ));
    }
    let allowed = allowed.join(", ");
    let message = format!("{path:.80} is not for {verb:.10}");
    Err(ApiError::new(Code::MethodNotAllowed, message, format!("Use {allowed}."))
        .with("allowed", allowed))
}

/// The parameters of a path by the pattern of a route, or nothing if it does not fit.
fn parts<'p, 't>(pattern: &'p str, path: &'t str) -> Option<Vec<(&'p str, &'t str)>> {
    let mut found = Vec::new();
    let mut texts = path.split('/');
    for part in pattern.split('/') {
        let text = texts.next()?;
        match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) if !text.is_empty() => found.push((name, text)),
            None if part == text => {}
            _ => return None,
        }
    }
    texts.next().is_none().then_some(found)
}

/// Decodes `%2F` and its like.
///
/// Errors: [`Code::InvalidRequest`] if it is no such encoding or no UTF-8.
fn percent_decoded(text: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| (byte? as char).to_digit(16);
        let (high, low) = (digit(rest.next()), digit(rest.next()));
        // Two hexadecimal digits fit a byte.
        match high.zip(low).and_then(|(high, low)| u8::try_from(high * 16 + low).ok()) {
            Some(byte) => bytes.push(byte),
            None => return Err(undecodable(text)),
        }
    }
    String::from_utf8(bytes).map_err(|_| undecodable(text))
}

/// Decodes a name or a value of a query, where `+` stands for a space.
///
/// Errors: [`Code::InvalidRequest`] if it is no such encoding or no UTF-8.
pub(crate) fn decoded_query(text: &str) -> Result<String> {
    percent_decoded(&text.replace('+', " "))
}

fn undecodable(text: &str) -> ApiError {
    ApiError::new(
        Code::InvalidRequest,
        format!("{text:.40?} in the address is not percent-encoded UTF-8"),
        "Encode every special character as % and two hexadecimal digits.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::table;

    fn found(verb: &str, path: &str) -> &'static str {
        match find(&table(), verb, path) {
            Ok(found) => found.route.info.method,
            Err(error) => error.code.as_str(),
        }
    }

    #[test]
    fn every_route_is_found_by_its_own_path() {
        let table = table();
        for route in &table {
            let id = format!("0x{}", "07".repeat(32));
            let path: Vec<_> = route.info.path.split('/').collect();
            let path: Vec<_> = path
                .iter()
                .map(|part| if part.starts_with('{') { id.as_str() } else { part })
                .collect();
            let path = path.join("/");
            assert_eq!(found(route.info.verb.as_str(), &path), route.info.method, "{path}");
        }
    }

    #[test]
    fn other_paths_are_refused() {
        for path in ["", "/", "/v1", "/v1/", "/v1/channels/", "/v1/channels//close", "/v2/status"] {
            assert_eq!(found("GET", path), "unknown_method", "{path}");
        }
        assert_eq!(found("DELETE", "/v1/status"), "method_not_allowed");
        let error = find(&table(), "DELETE", "/v1/channels").unwrap_err();
        assert_eq!(error.details["allowed"], "POST, GET");
    }

    #[test]
    fn paths_are_decoded_once_and_only_if_well_formed() {
        assert_eq!(percent_decoded("a%2Fb%25").unwrap(), "a/b%");
        for text in ["%", "%2", "%zz", "%ff", "%+1"] {
            assert!(percent_decoded(text).is_err(), "{text}");
        }
    }
}
