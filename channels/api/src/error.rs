// SPDX-License-Identifier: Apache-2.0

//! What a request can be refused for: a stable code, what happened, and what to do.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{borrow::Cow, collections::BTreeMap, fmt};

macro_rules! codes {
    ($($(#[doc = $documentation:literal])* $name:ident, $text:literal, $http:literal, $rpc:literal;)*) => {
        /// Why a request was refused. The text of a code never changes its meaning.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[doc = $documentation])* $name,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The code as programs see it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The status of an HTTP answer with this code.
            pub fn http_status(self) -> u16 {
                match self { $(Self::$name => $http,)* }
            }

            /// The number of a JSON-RPC error with this code.
            pub fn rpc_number(self) -> i32 {
                match self { $(Self::$name => $rpc,)* }
            }

            /// What the code means.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($documentation),*).trim_ascii(),)* }
            }
        }
    };
}

codes! {
    /// The request is no JSON.
    ParseError, "parse_error", 400, -32700;
    /// The request is JSON, and no request of this interface.
    InvalidRequest, "invalid_request", 400, -32600;
    /// There is no such path or method.
    UnknownMethod, "unknown_method", 404, -32601;
    /// The path exists, but not with this HTTP method.
    MethodNotAllowed, "method_not_allowed", 405, -32000;
    /// A parameter is missing, unknown, or out of bounds.
    InvalidParams, "invalid_params", 400, -32602;
    /// The daemon failed by a mistake of its own.
    Internal, "internal", 500, -32603;
    /// No token, or a wrong one.
    Unauthorised, "unauthorised", 401, -32001;
    /// The token may not do this.
    Forbidden, "forbidden", 403, -32002;
    /// The request came for a host, or from a web page, that is not allowed.
    HostRefused, "host_refused", 403, -32003;
    /// The request is larger than allowed.
    TooLarge, "too_large", 413, -32004;
    /// More requests a second than allowed.
    RateLimited, "rate_limited", 429, -32005;
    /// As many requests as allowed are under way.
    Busy, "busy", 503, -32006;
    /// This daemon cannot do it; `status` lists what it can do.
    NotSupported, "not_supported", 501, -32007;
    /// The daemon is not ready yet, or not any more.
    NotReady, "not_ready", 503, -32008;
    /// The daemon is shutting down.
    ShuttingDown, "shutting_down", 503, -32009;
    /// There is no answer in time. What was asked for may still happen.
    TimedOut, "timed_out", 504, -32010;
    /// What the request names does not exist, or the daemon does not know it.
    NotFound, "not_found", 404, -32011;
    /// What the request names is in another phase than the request wants.
    WrongPhase, "wrong_phase", 409, -32012;
    /// The request moves money and has no idempotency key.
    KeyMissing, "key_missing", 400, -32013;
    /// The idempotency key was used for another request.
    KeyConflict, "key_conflict", 409, -32014;
    /// There is less money than the request needs.
    InsufficientFunds, "insufficient_funds", 422, -32015;
    /// No path to the payee has room for the payment within the limit of fees.
    NoRoute, "no_route", 422, -32016;
    /// A peer or the payee refused.
    Refused, "refused", 422, -32017;
    /// The peer is not connected, or does not answer.
    PeerOffline, "peer_offline", 503, -32018;
    /// It was valid once: an invoice or an offer whose time is over.
    Expired, "expired", 410, -32019;
    /// The chain refused a transaction.
    ChainRefused, "chain_refused", 422, -32020;
    /// The node of the chain cannot be reached.
    ChainUnreachable, "chain_unreachable", 503, -32021;
    /// The events asked for are not kept any more.
    EventsGone, "events_gone", 410, -32022;
    /// The disk refuses to keep what must be kept.
    DiskFailed, "disk_failed", 507, -32023;
    /// A code that this release does not know.
    Other, "other", 500, -32099;
}

impl Code {
    /// Whether the same request may succeed a little later, unchanged.
    pub fn is_transient(self) -> bool {
        matches!(
            self,
            Self::RateLimited
                | Self::Busy
                | Self::NotReady
                | Self::ShuttingDown
                | Self::PeerOffline
                | Self::ChainUnreachable
        )
    }

    /// Whether what was asked for may have happened, or may yet happen, in spite of the error.
    pub fn is_doubtful(self) -> bool {
        matches!(self, Self::TimedOut | Self::Internal | Self::DiskFailed | Self::Other)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        // A newer daemon may have codes that an older client has not heard of.
        let known = Self::ALL.iter().copied().find(|code| code.as_str() == text);
        Ok(known.unwrap_or(Self::Other))
    }
}

impl JsonSchema for Code {
    fn schema_name() -> Cow<'static, str> {
        "Code".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let codes: Vec<_> = Self::ALL
            .iter()
            .map(|code| json_schema!({ "const": code.as_str(), "description": code.meaning() }))
            .collect();
        json_schema!({
            "type": "string",
            "description": "Why a request was refused. A code never changes its meaning.",
            "oneOf": codes,
        })
    }
}

/// Why a request was refused.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize, thiserror::Error)]
#[error("{message}. {remedy}")]
pub struct ApiError {
    /// For programs.
    pub code: Code,
    /// What happened, for people: a sentence without its full stop.
    pub message: String,
    /// What to do about it: a sentence.
    pub remedy: String,
    /// The values that were compared, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<String, String>,
}

/// The result of every request.
pub type Result<T, E = ApiError> = std::result::Result<T, E>;

impl ApiError {
    /// An error with what happened and what to do about it.
    pub fn new(code: Code, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { code, message: message.into(), remedy: remedy.into(), details: BTreeMap::new() }
    }

    /// Adds a value that was compared.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.details.insert(name.to_owned(), value.to_string());
        self
    }

    /// The daemon cannot do what `method` asks for, because of `reason`.
    pub fn not_supported(method: &str, reason: &str) -> Self {
        Self::new(
            Code::NotSupported,
            format!("this daemon cannot do {method}: {reason}"),
            "`status` lists what it can do.",
        )
        .with("method", method)
    }

    /// A mistake of the daemon's own, of which the outcome may be unknown.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(
            Code::Internal,
            message,
            "Look at the daemon's log. Repeat a request that moves money with the same key only.",
        )
    }

    /// A parameter that is missing, unknown, or out of bounds.
    pub fn invalid_params(message: impl Into<String>) -> Self {
        Self::new(
            Code::InvalidParams,
            message,
            "Send the parameters that /openapi.json lists for this request.",
        )
    }

    /// What the request names does not exist here.
    pub fn not_found(what: &str, name: impl fmt::Display) -> Self {
        Self::new(
            Code::NotFound,
            format!("there is no {what} {name} here"),
            "Check the name; a list of this daemon shows those that exist.",
        )
        .with(what, name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_distinct_in_text_and_number() {
        let texts: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        let numbers: BTreeSet<_> = Code::ALL.iter().map(|code| code.rpc_number()).collect();
        assert_eq!(texts.len(), Code::ALL.len());
        assert_eq!(numbers.len(), Code::ALL.len());
    }

    #[test]
    fn every_code_is_an_error_in_http_and_says_what_it_means() {
        for code in Code::ALL {
            assert!((400..600).contains(&code.http_status()), "{code}");
            assert!(code.meaning().ends_with('.'), "{code}");
        }
    }

    /// The reference of the interface. Run the tests with `MILLRACE_BLESS=1` to write its table anew.
    const REFERENCE: &str =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/channels-api.md");

    #[test]
    fn the_table_of_codes_in_the_reference_is_up_to_date() {
        let mut table = "\n| code | HTTP | JSON-RPC | |\n|---|---|---|---|\n".to_owned();
        for code in Code::ALL {
            let (http, rpc) = (code.http_status(), code.rpc_number());
            table += &format!("| `{code}` | {http} | {rpc} | {} |\n", code.meaning());
        }
        let written = std::fs::read_to_string(REFERENCE).unwrap();
        let (before, rest) = written.split_once("<!-- codes -->").unwrap();
        let (_, after) = rest.split_once("<!-- /codes -->").unwrap();
        let text = format!("{before}<!-- codes -->{table}<!-- /codes -->{after}");
        if std::env::var_os("MILLRACE_BLESS").is_some() {
            std::fs::write(REFERENCE, &text).unwrap();
        }
        let written = std::fs::read_to_string(REFERENCE).unwrap();
        assert!(written == text, "run again with MILLRACE_BLESS=1; the table should be\n{table}");
    }

    #[test]
    fn a_code_of_a_later_release_is_read_as_other() {
        let error = r#"{"code":"from_the_future","message":"m","remedy":"r","more":1}"#;
        let error: ApiError = serde_json::from_str(error).unwrap();
        assert_eq!(error.code, Code::Other);
        let json = serde_json::to_string(&ApiError::not_found("channel", "0x00")).unwrap();
        let back: ApiError = serde_json::from_str(&json).unwrap();
        assert_eq!(back.code, Code::NotFound);
        assert_eq!(back.details["channel"], "0x00");
    }
}
