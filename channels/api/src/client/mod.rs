// SPDX-License-Identifier: Apache-2.0

//! The client: one WebSocket for calls and events.

mod calls;
mod events;
mod failing;

pub use events::Events;
pub use failing::ClientError;

use crate::{server::DEFAULT_LISTEN, tokens::Token, values::IdempotencyKey};
use failing::Failing;
use hyper::{
    HeaderMap,
    header::{AUTHORIZATION, HeaderValue},
};
use jsonrpsee_core::{client::ClientT, traits::ToRpcParams};
use jsonrpsee_ws_client::{WsClient, WsClientBuilder};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// Where a daemon is, and how long to wait for it.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// Its address, as `ws://127.0.0.1:9966`.
    pub url: String,
    /// What opens it.
    pub token: Token,
    /// How long to wait for a connection.
    pub connect_time: Duration,
    /// How long to wait for an answer; longer than the daemon takes at most.
    pub call_time: Duration,
}

impl ClientOptions {
    /// The default times.
    pub fn new(url: &str, token: Token) -> Self {
        let (connect_time, call_time) = (Duration::from_secs(5), Duration::from_secs(90));
        Self { url: url.to_owned(), token, connect_time, call_time }
    }

    /// Where a daemon is unless it is configured otherwise.
    pub fn default_url() -> String {
        format!("ws://{DEFAULT_LISTEN}")
    }

    /// The address of JSON-RPC there.
    fn endpoint(&self) -> String {
        let url = self.url.trim_end_matches('/');
        let url = url.strip_suffix("/rpc").unwrap_or(url);
        // What the same daemon answers to in a browser or in curl.
        let url =
            url.strip_prefix("http://").map_or_else(|| url.to_owned(), |it| format!("ws://{it}"));
        format!("{url}/rpc")
    }
}

/// A connection to a daemon. Clones share it.
#[derive(Clone, Debug)]
pub struct Client {
    socket: Arc<WsClient>,
    url: String,
    call_time: Duration,
}

impl Client {
    /// Connects.
    ///
    /// Errors: nobody listens, or the token is refused; each says what to do.
    pub async fn connect(options: &ClientOptions) -> Result<Self, ClientError> {
        let url = options.endpoint();
        let mut headers = HeaderMap::new();
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", options.token.secret()))
            .map_err(|error| ClientError::Protocol { cause: error.to_string() })?;
        bearer.set_sensitive(true);
        headers.insert(AUTHORIZATION, bearer);
        let connecting = WsClientBuilder::new()
            .set_headers(headers)
            // One attempt, no redirection: the token is for this address alone.
            .max_redirections(1)
            .request_timeout(options.call_time)
            .build(&url);
        let socket = match timeout(options.connect_time, connecting).await {
            Ok(connected) => connected.map_err(|error| failing::connecting(&url, &error))?,
            Err(_) => {
                let cause = format!("no answer in {:?}", options.connect_time);
                return Err(ClientError::Unreachable { url, cause });
            }
        };
        Ok(Self { socket: Arc::new(socket), url, call_time: options.call_time })
    }

    /// Makes a request by the name of its method. The named functions of this type are shorter.
    ///
    /// Errors: the daemon refuses, does not answer in time, or is gone.
    pub async fn call<Q, A>(&self, method: &'static str, request: &Q) -> Result<A, ClientError>
    where
        Q: Serialize + Sync,
        A: DeserializeOwned,
    {
        self.send(method, Params::new(request, None)?).await
    }

    /// Makes a request that moves money. Repeating it with the same key never moves money twice.
    ///
    /// Errors: as [`Client::call`]; if [`ClientError::is_doubtful`], it may have happened all the
    /// same, and repeating it with the same key tells.
    pub async fn call_once<Q, A>(
        &self,
        method: &'static str,
        key: &IdempotencyKey,
        request: &Q,
    ) -> Result<A, ClientError>
    where
        Q: Serialize + Sync,
        A: DeserializeOwned,
    {
        self.send(method, Params::new(request, Some(key))?).await
    }

    async fn send<A: DeserializeOwned>(
        &self,
        method: &'static str,
        params: Params,
    ) -> Result<A, ClientError> {
        let failing = Failing { url: &self.url, method, after: self.call_time };
        self.socket.request(method, params).await.map_err(|error| failing.with(error))
    }
}

/// Parameters by name.
#[derive(Debug)]
struct Params(Value);

impl Params {
    fn new(request: &impl Serialize, key: Option<&IdempotencyKey>) -> Result<Self, ClientError> {
        let unwritable = |cause: String| ClientError::Protocol { cause };
        let mut value = serde_json::to_value(request).map_err(|it| unwritable(it.to_string()))?;
        if let Some(key) = key {
            let fields = value.as_object_mut();
            let fields = fields.ok_or_else(|| unwritable("parameters are no object".to_owned()))?;
            fields.insert("idempotency_key".to_owned(), Value::from(key.as_str()));
        }
        Ok(Self(value))
    }
}

impl ToRpcParams for Params {
    fn to_rpc_params(self) -> Result<Option<Box<RawValue>>, serde_json::Error> {
        serde_json::value::to_raw_value(&self.0).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_ways_to_write_an_address_mean_the_same() {
        let folder = tempfile::tempdir().unwrap();
        crate::tokens::Tokens::open(folder.path()).unwrap();
        let token = Token::read(&folder.path().join("token")).unwrap();
        for url in ["ws://h:1", "ws://h:1/", "ws://h:1/rpc", "http://h:1", "http://h:1/rpc/"] {
            assert_eq!(ClientOptions::new(url, token.clone()).endpoint(), "ws://h:1/rpc", "{url}");
        }
    }
}
