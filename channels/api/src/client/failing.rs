// SPDX-License-Identifier: Apache-2.0

//! What can go wrong between a client and a daemon.

use crate::{
    error::{ApiError, Code},
    tokens::TokenError,
};
use jsonrpsee_core::client::Error;
use std::time::Duration;

/// Why a request has no answer. Each message ends with the remedy.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody answers at the address.
    #[error(
        "cannot reach the daemon at {url} ({cause}): start millrace-channeld, or name its address"
    )]
    Unreachable {
        /// The address.
        url: String,
        /// What was tried and failed.
        cause: String,
    },
    /// The daemon does not know the token.
    #[error(
        "the daemon at {url} refuses the token: use the file `token` or `read-token` of that \
         daemon's folder"
    )]
    Unauthorised {
        /// The address.
        url: String,
    },
    /// The daemon refuses connections.
    #[error(
        "{url} refuses the connection with status {status}: 403 means that it does not answer to \
         this host name, 503 that it has too many connections, anything else that it is no daemon"
    )]
    Turned {
        /// The address.
        url: String,
        /// The status of HTTP.
        status: u16,
    },
    /// The connection broke while a request was under way.
    #[error(
        "the connection to {url} broke during {method} ({cause}): it may have happened; connect \
         again and look, or repeat it, with the same key if it moves money"
    )]
    Lost {
        /// The address.
        url: String,
        /// The request.
        method: &'static str,
        /// What broke.
        cause: String,
    },
    /// There is no answer in time.
    #[error(
        "no answer to {method} from {url} in {} seconds: it may have happened; look, or repeat it, \
         with the same key if it moves money", after.as_secs()
    )]
    TimedOut {
        /// The address.
        url: String,
        /// The request.
        method: &'static str,
        /// How long it was waited for.
        after: Duration,
    },
    /// The daemon refuses the request.
    #[error(transparent)]
    Refused(Box<ApiError>),
    /// The answer is not what this release understands.
    #[error("the daemon's answer is not understood ({cause}): use the client of the same release")]
    Protocol {
        /// What is wrong with it.
        cause: String,
    },
    /// The token cannot be read.
    #[error(transparent)]
    Token(#[from] TokenError),
}

impl ClientError {
    /// Whether what was asked for may have happened in spite of the error.
    pub fn is_doubtful(&self) -> bool {
        match self {
            Self::Lost { .. } | Self::TimedOut { .. } | Self::Protocol { .. } => true,
            Self::Refused(error) => error.code.is_doubtful(),
            _ => false,
        }
    }

    /// The daemon's code, if it was the daemon that refused.
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Refused(error) => Some(error.code),
            Self::Unauthorised { .. } => Some(Code::Unauthorised),
            _ => None,
        }
    }
}

/// What was being done when something failed.
#[derive(Debug)]
pub(super) struct Failing<'a> {
    /// The address.
    pub url: &'a str,
    /// The request.
    pub method: &'static str,
    /// How long an answer is waited for.
    pub after: Duration,
}

impl Failing<'_> {
    /// The error of a request.
    pub fn with(&self, error: Error) -> ClientError {
        let (url, method) = (self.url.to_owned(), self.method);
        match error {
            Error::Call(object) => {
                let data = object.data().map(|data| serde_json::from_str::<ApiError>(data.get()));
                match data {
                    Some(Ok(error)) => ClientError::Refused(Box::new(error)),
                    _ => ClientError::Protocol { cause: object.to_string() },
                }
            }
            Error::RequestTimeout => ClientError::TimedOut { url, method, after: self.after },
            Error::ParseError(error) => ClientError::Protocol { cause: error.to_string() },
            other => ClientError::Lost { url, method, cause: other.to_string() },
        }
    }
}

/// The error of a connection that did not come about.
pub(super) fn connecting(url: &str, error: &Error) -> ClientError {
    let url = url.to_owned();
    // The library says the status in its message alone.
    let cause = error.to_string();
    match cause.split_once("status code: ").and_then(|(_, status)| status.trim().parse().ok()) {
        Some(401) => ClientError::Unauthorised { url },
        Some(status) => ClientError::Turned { url, status },
        None => ClientError::Unreachable { url, cause },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error as _;

    #[test]
    fn refusal_is_its_own_reason_and_has_no_other() {
        let refused = ApiError::new(Code::Refused, "the peer refuses", "Ask it why.");
        let error = ClientError::Refused(Box::new(refused.clone()));
        assert_eq!(error.to_string(), refused.to_string());
        // Whoever prints an error with all of its sources says it once.
        assert!(error.source().is_none(), "{:?}", error.source());
    }
}
