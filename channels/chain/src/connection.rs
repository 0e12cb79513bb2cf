// SPDX-License-Identifier: Apache-2.0

//! Connecting to a node, what its chain is, and its heads.

use crate::{
    Config,
    error::{ChainError, reason_of},
    metadata_hash::Kept,
};
use core::{fmt, time::Duration};
use futures::{Stream, StreamExt, TryStreamExt};
use millrace_primitives_channels::{BlockNumber, Hash};
use std::sync::Arc;
use subxt::{
    OnlineClient, OnlineClientAtBlock,
    backend::LegacyBackend,
    config::{Header as _, RpcConfigFor},
    rpcs::{LegacyRpcMethods, RpcClient},
};

/// How long a chain may go without a new block before something is wrong.
pub const STALL_TIMEOUT: Duration = Duration::from_secs(60);

/// A client that reads the state of one block.
pub(crate) type AtBlock = OnlineClientAtBlock<Config>;

/// A block, by height and hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The block's height.
    pub number: BlockNumber,
    /// The block's hash.
    pub hash: Hash,
}

impl fmt::Display for Head {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "#{} {:?}", self.number, self.hash)
    }
}

/// What a chain says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Name of the chain.
    pub chain: String,
    /// Name and version of the node.
    pub node: String,
    /// Hash of block 0, which names the chain.
    pub genesis: Hash,
    /// Version of the runtime.
    pub spec_version: u32,
    /// Symbol of the chain's token.
    pub token: String,
    /// Decimals of the token.
    pub decimals: u32,
}

/// A connection to a node of one chain.
#[derive(Clone)]
pub struct Chain {
    pub(crate) client: OnlineClient<Config>,
    pub(crate) rpc: LegacyRpcMethods<RpcConfigFor<Config>>,
    identity: Identity,
    /// What signatures cover of the metadata; nothing if they cover nothing of it.
    pub(crate) hashed: Option<Arc<Kept>>,
}

impl Chain {
    /// Connects to the node at `url` (`ws://…` or `wss://…`) and checks that its chain has channels.
    pub async fn connect(url: &str) -> Result<Self, ChainError> {
        let unreachable = |reason: String| ChainError::Unreachable { url: url.to_owned(), reason };
        let rpc_client = RpcClient::from_insecure_url(url)
            .await
            .map_err(|error| unreachable(reason_of(&error)))?;
        let rpc = LegacyRpcMethods::new(rpc_client.clone());
        // One way of asking that every node offers; an archive's extra methods are not needed.
        let backend: LegacyBackend<Config> = LegacyBackend::builder().build(rpc_client);
        let client = OnlineClient::from_backend(Arc::new(backend))
            .await
            .map_err(|error| unreachable(reason_of(&error)))?;
        let at = client.at_current_block().await.map_err(ChainError::request("metadata"))?;
        let chain = rpc.system_chain().await.map_err(ChainError::request("the chain's name"))?;
        let metadata = at.metadata();
        if metadata.pallet_by_name("Channels").is_none() {
            let missing = "the pallet Channels";
            return Err(ChainError::NotMillrace { url: url.to_owned(), chain, missing });
        }
        if metadata.runtime_api_trait_by_name("ChannelsApi").is_none() {
            let missing = "the runtime API ChannelsApi";
            return Err(ChainError::NotMillrace { url: url.to_owned(), chain, missing });
        }
        let name = rpc.system_name().await.map_err(ChainError::request("the node's name"))?;
        let version =
            rpc.system_version().await.map_err(ChainError::request("the node's version"))?;
        let properties = rpc.system_properties().await.map_err(ChainError::request("the token"))?;
        let identity = Identity {
            chain,
            node: format!("{name} {version}"),
            genesis: client.genesis_hash(),
            spec_version: at.spec_version(),
            token: properties
                .get("tokenSymbol")
                .and_then(|symbol| symbol.as_str())
                .unwrap_or("UNIT")
                .to_owned(),
            decimals: properties
                .get("tokenDecimals")
                .and_then(|decimals| decimals.as_u64())
                .and_then(|decimals| u32::try_from(decimals).ok())
                .unwrap_or(0),
        };
        Ok(Self { client, rpc, identity, hashed: None })
    }

    /// A connection to a node that a test answers for. Nothing but the genesis hash is read of it.
    #[cfg(test)]
    pub(crate) async fn over(rpc_client: RpcClient) -> Self {
        let rpc = LegacyRpcMethods::new(rpc_client.clone());
        let backend: LegacyBackend<Config> = LegacyBackend::builder().build(rpc_client);
        let client = OnlineClient::from_backend(Arc::new(backend)).await.expect("it has a genesis");
        let identity = Identity {
            chain: "Test".to_owned(),
            node: "Test".to_owned(),
            genesis: client.genesis_hash(),
            spec_version: 1,
            token: "UNIT".to_owned(),
            decimals: 12,
        };
        Self { client, rpc, identity, hashed: None }
    }

    /// What the chain says about itself, as read when the connection was made.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Hash of block 0.
    pub fn genesis(&self) -> Hash {
        self.identity.genesis
    }

    /// The newest block that the node knows. It may still be replaced.
    pub async fn best_head(&self) -> Result<Head, ChainError> {
        let what = "the best block";
        let hash = self.rpc.chain_get_block_hash(None).await.map_err(ChainError::request(what))?;
        match hash {
            Some(hash) => self.head(hash, what).await,
            None => Err(ChainError::Request { what, reason: "there is none".to_owned() }),
        }
    }

    /// The newest final block. It stays.
    pub async fn finalised_head(&self) -> Result<Head, ChainError> {
        let what = "the newest final block";
        let hash = self.rpc.chain_get_finalized_head().await.map_err(ChainError::request(what))?;
        self.head(hash, what).await
    }

    async fn head(&self, hash: Hash, what: &'static str) -> Result<Head, ChainError> {
        let header =
            self.rpc.chain_get_header(Some(hash)).await.map_err(ChainError::request(what))?;
        match header {
            Some(header) => Ok(Head { number: height(header.number())?, hash }),
            None => Err(ChainError::Request { what, reason: "its header is missing".to_owned() }),
        }
    }

    /// New best blocks, as the node learns of them.
    pub async fn best_heads(
        &self,
    ) -> Result<impl Stream<Item = Result<Head, ChainError>> + Unpin + use<>, ChainError> {
        let what = "new blocks";
        let blocks = self.client.stream_best_blocks().await.map_err(ChainError::request(what))?;
        Ok(blocks.map_err(ChainError::request(what)).map(|block| {
            let block = block?;
            Ok(Head { number: height(block.number())?, hash: block.hash() })
        }))
    }

    /// Final blocks, one after the other without a gap.
    pub async fn finalised_heads(
        &self,
    ) -> Result<impl Stream<Item = Result<Head, ChainError>> + Unpin + use<>, ChainError> {
        let what = "final blocks";
        let blocks = self.client.stream_blocks().await.map_err(ChainError::request(what))?;
        Ok(blocks.map_err(ChainError::request(what)).map(|block| {
            let block = block?;
            Ok(Head { number: height(block.number())?, hash: block.hash() })
        }))
    }

    /// Waits until the best block is at least `number` and tells `progress` about each on the way.
    pub async fn wait_for_block(
        &self,
        number: BlockNumber,
        mut progress: impl FnMut(&Head),
    ) -> Result<Head, ChainError> {
        let mut heads = self.best_heads().await?;
        loop {
            let what = "new block";
            let head = tokio::time::timeout(STALL_TIMEOUT, heads.next()).await;
            let head = match head {
                Ok(Some(head)) => head?,
                Ok(None) => {
                    let reason = "the connection was closed".to_owned();
                    return Err(ChainError::Request { what: "new blocks", reason });
                }
                Err(_) => {
                    return Err(ChainError::TimedOut { what, seconds: STALL_TIMEOUT.as_secs() });
                }
            };
            progress(&head);
            if head.number >= number {
                return Ok(head);
            }
        }
    }

    /// A client that reads the state of `block`.
    pub(crate) async fn at(&self, block: Hash) -> Result<AtBlock, ChainError> {
        self.client.at_block(block).await.map_err(ChainError::request("a block's state"))
    }
}

/// A height as the chain stores it.
pub(crate) fn height(number: u64) -> Result<BlockNumber, ChainError> {
    BlockNumber::try_from(number).map_err(|_| ChainError::Unreadable {
        what: "a block's number".to_owned(),
        reason: format!("{number} exceeds {}", BlockNumber::MAX),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn connect_says_where_nobody_answers_and_what_to_do() {
        // Nothing listens on port 1 of a sane machine.
        let error = Chain::connect("ws://127.0.0.1:1").await.err().expect("nobody answers");
        let text = error.to_string();
        assert!(text.starts_with("no node answers at ws://127.0.0.1:1: "), "{text}");
        assert!(text.contains("./scripts/dev"), "{text}");
        assert!(!text.contains("client error"), "{text}");
    }
}
