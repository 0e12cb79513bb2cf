// SPDX-License-Identifier: Apache-2.0

//! A connection to a node: JSON-RPC over WebSocket.

use anyhow::Context;
use jsonrpsee_core::{
    DeserializeOwned,
    client::{ClientT, Subscription, SubscriptionClientT},
    params::{ArrayParams, BatchRequestBuilder},
    rpc_params,
};
use jsonrpsee_ws_client::{
    WsClient, WsClientBuilder,
    types::{ErrorObject, ErrorObjectOwned},
};
use millrace_primitives_channels::Hash;
use polkadot_sdk::sp_runtime::{generic, traits::BlakeTwo256};
use serde::Deserialize;
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tokio::time::sleep;

/// A block's header.
pub type Header = generic::Header<u32, BlakeTwo256>;

/// Bytes of an answer at most: a full block's transactions and events as text.
const ANSWER_BYTES: u32 = 256 << 20;

/// How long one request may take. An overloaded node answers late.
const REQUEST_TIME: Duration = Duration::from_secs(120);

/// How long a node may take until it answers for the first time, in tries and time between them. One
/// that begins with a million accounts has to build their trie before.
const TRIES: u32 = 1_200;
const TRY_AGAIN: Duration = Duration::from_millis(500);

/// The method that takes many transactions in one call.
const SUBMIT_MANY: &str = "pool_submit";

/// The node's error for a transaction for which its pool has no room.
pub const POOL_IS_FULL: i32 = 1016;

/// The node's error for a transaction that its pool holds already.
pub const IS_IN_POOL: i32 = 1013;

/// A connection. Clones share it.
#[derive(Clone)]
pub struct Node {
    socket: Arc<WsClient>,
    url: String,
    /// Whether it takes many transactions in one call.
    takes_many: bool,
}

/// What a node answers about one of many transactions.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Submitted {
    Hash(String),
    Error(ErrorObjectOwned),
}

/// What a node can be asked.
#[derive(Deserialize)]
struct Methods {
    methods: Vec<String>,
}

impl Node {
    /// Connects.
    /// Errors: nobody listens there, or what listens is no node.
    pub async fn connect(url: &str) -> anyhow::Result<Self> {
        let socket = WsClientBuilder::new()
            .request_timeout(REQUEST_TIME)
            .max_response_size(ANSWER_BYTES)
            .build(url)
            .await
            .with_context(|| format!("no node answers at {url}; is it running?"))?;
        let mut node = Self { socket: Arc::new(socket), url: url.to_owned(), takes_many: false };
        let known: Methods = node.ask("rpc_methods", &[]).await?;
        node.takes_many = known.methods.iter().any(|method| method == SUBMIT_MANY);
        Ok(node)
    }

    /// Connects to a node that has just been started. `is_running` says whether it still runs.
    pub async fn connect_soon(
        url: &str,
        mut is_running: impl FnMut() -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        for _ in 1..TRIES {
            is_running()?;
            if let Ok(node) = Self::connect(url).await {
                return Ok(node);
            }
            sleep(TRY_AGAIN).await;
        }
        Self::connect(url).await
    }

    /// The answer to a method.
    pub async fn ask<T>(&self, method: &str, parameters: &[Value]) -> anyhow::Result<T>
    where
        T: DeserializeOwned,
    {
        let mut all = ArrayParams::new();
        for parameter in parameters {
            all.insert(parameter)?;
        }
        let answer = self.socket.request(method, all).await;
        answer.with_context(|| format!("{} does not answer {method}", self.url))
    }

    /// Submits transactions in one request: in one call if the node takes many, or one call for each. The answers come
    /// in the same order.
    pub async fn submit(
        &self,
        transactions: &[Arc<str>],
    ) -> anyhow::Result<Vec<Result<String, ErrorObjectOwned>>> {
        if self.takes_many {
            let all: Vec<&str> = transactions.iter().map(|transaction| &**transaction).collect();
            let answers: Vec<Submitted> = self.ask(SUBMIT_MANY, &[all.into()]).await?;
            let outcome = |answer| match answer {
                Submitted::Hash(hash) => Ok(hash),
                Submitted::Error(why) => Err(why),
            };
            return Ok(answers.into_iter().map(outcome).collect());
        }
        let mut batch = BatchRequestBuilder::new();
        for transaction in transactions {
            batch.insert("author_submitExtrinsic", rpc_params![&**transaction])?;
        }
        let answers = self.socket.batch_request::<String>(batch).await;
        let answers =
            answers.with_context(|| format!("{} does not take transactions", self.url))?;
        Ok(answers.into_iter().map(|answer| answer.map_err(ErrorObject::into_owned)).collect())
    }

    /// Headers of all blocks that are imported from now on, on any fork.
    pub async fn imported(&self) -> anyhow::Result<Subscription<Header>> {
        self.follow("chain_subscribeAllHeads", "chain_unsubscribeAllHeads").await
    }

    /// Headers of final blocks from now on. One can stand for several.
    pub async fn finalised(&self) -> anyhow::Result<Subscription<Header>> {
        self.follow("chain_subscribeFinalizedHeads", "chain_unsubscribeFinalizedHeads").await
    }

    async fn follow(
        &self,
        subscribe: &'static str,
        unsubscribe: &'static str,
    ) -> anyhow::Result<Subscription<Header>> {
        let followed = self.socket.subscribe(subscribe, rpc_params![], unsubscribe).await;
        followed.with_context(|| format!("{} does not take {subscribe}", self.url))
    }
}

/// Why a node refuses a transaction, in its own words.
pub fn refusal(error: &ErrorObject<'_>) -> String {
    let detail = error.data().map(|it| it.get().trim_matches('"')).unwrap_or_default();
    format!("{} {}: {detail}", error.code(), error.message())
}

/// Bytes in hexadecimal digits after `0x`.
pub fn bytes(text: &str) -> anyhow::Result<Vec<u8>> {
    let digits = text.strip_prefix("0x").context("a number does not begin with 0x")?;
    Ok(hex::decode(digits)?)
}

/// A hash in the same form.
pub fn hash(text: &str) -> anyhow::Result<Hash> {
    let bytes: [u8; 32] =
        bytes(text)?.try_into().ok().with_context(|| format!("{text} is no hash"))?;
    Ok(Hash::from(bytes))
}
