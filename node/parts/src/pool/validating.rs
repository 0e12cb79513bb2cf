// SPDX-License-Identifier: Apache-2.0

//! What the pool asks of the chain.

use super::requests::{Judge, Lines, serve};
use crate::{Block, BlockNumber, Hash, Header};
use async_trait::async_trait;
use futures::FutureExt;
use log::warn;
use millrace_primitives_authoring::ValidateTransactions;
use polkadot_sdk::{
    sc_client_api::{BlockBackend, HeaderBackend},
    sc_transaction_pool::{ChainApi, FullChainApi, ValidateTransactionPriority},
    sp_api::{ApiExt, ProvideRuntimeApi},
    sp_blockchain::{self, HeaderMetadata, TreeRoute},
    sp_core::traits::SpawnEssentialNamed,
    sp_runtime::{
        OpaqueExtrinsic,
        generic::BlockId,
        traits::BlockIdTo,
        transaction_validity::{TransactionSource, TransactionValidity},
    },
    sp_transaction_pool::runtime_api::TaggedTransactionQueue,
    substrate_prometheus_endpoint::{Counter, PrometheusError, Registry, U64, register},
};
use std::sync::Arc;

/// Tasks that ask the runtime, as many as the SDK's own.
const SERVERS: [&str; 2] = ["transaction-validation-0", "transaction-validation-1"];

/// A client that can say whether transactions are valid.
pub trait Validates:
    ProvideRuntimeApi<Block, Api: TaggedTransactionQueue<Block> + ValidateTransactions<Block>>
    + BlockBackend<Block>
    + BlockIdTo<Block>
    + HeaderBackend<Block>
    + HeaderMetadata<Block, Error = sp_blockchain::Error>
    + Send
    + Sync
    + 'static
{
}

impl<Client> Validates for Client where
    Client: ProvideRuntimeApi<Block, Api: TaggedTransactionQueue<Block> + ValidateTransactions<Block>>
        + BlockBackend<Block>
        + BlockIdTo<Block>
        + HeaderBackend<Block>
        + HeaderMetadata<Block, Error = sp_blockchain::Error>
        + Send
        + Sync
        + 'static
{
}

type Error<Client> = <FullChainApi<Client, Block> as ChainApi>::Error;

/// The SDK's way to ask the chain, but for the question whether a transaction is valid: that one is asked about many
/// at a time.
pub struct Validating<Client: Validates> {
    judge: Arc<Runtime<Client>>,
    lines: Lines<Error<Client>>,
    metrics: Option<Metrics>,
}

impl<Client: Validates> Validating<Client> {
    /// Asks on tasks that `spawner` runs, until this is dropped.
    pub fn new(
        client: Arc<Client>,
        spawner: &impl SpawnEssentialNamed,
        registry: Option<&Registry>,
    ) -> Self {
        // It would register the metrics below as well.
        let library = FullChainApi::new(client.clone(), None, spawner);
        let judge = Arc::new(Runtime { client, library });
        let (lines, inbox) = Lines::new();
        for name in SERVERS {
            let serving = serve(judge.clone(), inbox.clone()).boxed();
            spawner.spawn_essential_blocking(name, Some("transaction-pool"), serving);
        }
        let metrics = registry.and_then(|registry| {
            let failed = |error| warn!("cannot count validated transactions: {error}");
            Metrics::register(registry).map_err(failed).ok()
        });
        Self { judge, lines, metrics }
    }
}

#[async_trait]
impl<Client: Validates> ChainApi for Validating<Client> {
    type Block = Block;
    type Error = Error<Client>;

    async fn validate_transaction(
        &self,
        at: Hash,
        source: TransactionSource,
        transaction: Arc<OpaqueExtrinsic>,
        priority: ValidateTransactionPriority,
    ) -> Result<TransactionValidity, Self::Error> {
        if let Some(metrics) = &self.metrics {
            metrics.scheduled.inc();
        }
        let first_line = priority == ValidateTransactionPriority::Maintained;
        let answer = self.lines.ask(at, source, transaction.clone(), first_line).await;
        if let Some(metrics) = &self.metrics {
            metrics.finished.inc();
        }
        // Nobody answers any more when the node stops.
        answer.unwrap_or_else(|| self.judge.one(at, source, transaction))
    }

    fn validate_transaction_blocking(
        &self,
        at: Hash,
        source: TransactionSource,
        transaction: Arc<OpaqueExtrinsic>,
    ) -> Result<TransactionValidity, Self::Error> {
        self.judge.one(at, source, transaction)
    }

    fn block_id_to_number(&self, at: &BlockId<Block>) -> Result<Option<BlockNumber>, Self::Error> {
        self.judge.library.block_id_to_number(at)
    }

    fn block_id_to_hash(&self, at: &BlockId<Block>) -> Result<Option<Hash>, Self::Error> {
        self.judge.library.block_id_to_hash(at)
    }

    fn hash_and_length(&self, transaction: &OpaqueExtrinsic) -> (Hash, usize) {
        self.judge.library.hash_and_length(transaction)
    }

    async fn block_body(&self, at: Hash) -> Result<Option<Vec<OpaqueExtrinsic>>, Self::Error> {
        self.judge.library.block_body(at).await
    }

    fn block_header(&self, at: Hash) -> Result<Option<Header>, Self::Error> {
        self.judge.library.block_header(at)
    }

    fn tree_route(&self, from: Hash, to: Hash) -> Result<TreeRoute<Block>, Self::Error> {
        self.judge.library.tree_route(from, to)
    }
}

/// Asks the runtime.
struct Runtime<Client: Validates> {
    client: Arc<Client>,
    library: FullChainApi<Client, Block>,
}

impl<Client: Validates> Judge for Runtime<Client> {
    type Error = Error<Client>;

    fn one(
        &self,
        at: Hash,
        source: TransactionSource,
        transaction: Arc<OpaqueExtrinsic>,
    ) -> Result<TransactionValidity, Self::Error> {
        self.library.validate_transaction_blocking(at, source, transaction)
    }

    fn best(&self) -> Hash {
        self.client.info().best_hash
    }

    fn many(
        &self,
        at: Hash,
        transactions: Vec<(TransactionSource, OpaqueExtrinsic)>,
    ) -> Option<Vec<TransactionValidity>> {
        let api = self.client.runtime_api();
        let can = api.has_api::<dyn ValidateTransactions<Block>>(at).ok()?;
        if !can {
            return None;
        }
        api.validate_transactions(at, transactions, at).ok()
    }
}

/// The metrics of the SDK's own way, under the same names.
struct Metrics {
    scheduled: Counter<U64>,
    finished: Counter<U64>,
}

impl Metrics {
    fn register(registry: &Registry) -> Result<Self, PrometheusError> {
        let counter = |name, help| register(Counter::new(name, help)?, registry);
        Ok(Self {
            scheduled: counter(
                "substrate_sub_txpool_validations_scheduled",
                "Total number of transactions scheduled for validation",
            )?,
            finished: counter(
                "substrate_sub_txpool_validations_finished",
                "Total number of transactions that finished validation",
            )?,
        })
    }
}
