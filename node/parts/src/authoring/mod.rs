// SPDX-License-Identifier: Apache-2.0

//! Making a block: what the SDK's basic authorship does, many transactions at a time.
//!
//! For each transaction, basic authorship calls the runtime, and each call makes an instance of it, with a
//! memory of its own. That takes a large part of the time. Here transactions are handed over by the
//! dozen ([`filling`]), if the chain's runtime knows how to take them so; if not, one by one. What ends up in a
//! block, in which order, and what is told about it in the log and in metrics is as it would be there.
//!
//! [`ProposerFactory`] is what BABE asks for a proposer.

mod block;
pub mod filling;
mod finishing;

use crate::{Block, Hash, Header};
use block::Unfinished;
use filling::{Filled, Limits};
use finishing::Finishing;
use futures::{FutureExt, channel::oneshot, future};
use log::{debug, info};
use millrace_primitives_authoring::ApplyExtrinsics;
use polkadot_sdk::{
    sc_proposer_metrics::{EndProposingReason, MetricsLink},
    sc_transaction_pool_api::TransactionPool,
    sp_api::{ApiExt, CallApiAt, Core, ProvideRuntimeApi},
    sp_block_builder::BlockBuilder,
    sp_blockchain,
    sp_consensus::{self, Environment, Proposal, ProposeArgs},
    sp_core::traits::SpawnNamed,
    sp_runtime::ExtrinsicInclusionMode,
    substrate_prometheus_endpoint::Registry,
};
use std::{
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

/// The most bytes of a block, unless consensus says otherwise: what others take in one message.
const MAX_BLOCK_BYTES: usize = 4 * 1024 * 1024 + 512;

/// What can be asked of the runtime to make a block.
pub trait MakesBlocks:
    ApiExt<Block> + Core<Block> + BlockBuilder<Block> + ApplyExtrinsics<Block>
{
}

impl<Api> MakesBlocks for Api where
    Api: ApiExt<Block> + Core<Block> + BlockBuilder<Block> + ApplyExtrinsics<Block>
{
}

/// What each proposer needs.
struct Tools<Client, Pool> {
    client: Arc<Client>,
    pool: Arc<Pool>,
    spawner: Box<dyn SpawnNamed>,
    metrics: MetricsLink,
    finishing: Finishing,
}

/// Makes proposers, one for each slot that this node has.
pub struct ProposerFactory<Client, Pool>(Arc<Tools<Client, Pool>>);

impl<Client, Pool> ProposerFactory<Client, Pool> {
    /// Fills blocks from `pool`, on a thread that `spawner` finds.
    pub fn new(
        spawner: impl SpawnNamed + 'static,
        client: Arc<Client>,
        pool: Arc<Pool>,
        registry: Option<&Registry>,
    ) -> Self {
        let (spawner, metrics) = (Box::new(spawner), MetricsLink::new(registry));
        Self(Arc::new(Tools { client, pool, spawner, metrics, finishing: Finishing::default() }))
    }
}

impl<Client, Pool> Environment<Block> for ProposerFactory<Client, Pool>
where
    Client: ProvideRuntimeApi<Block> + CallApiAt<Block> + Send + Sync + 'static,
    Client::Api: MakesBlocks,
    Pool: TransactionPool<Block = Block, Hash = Hash> + 'static,
{
    type CreateProposer = future::Ready<Result<Self::Proposer, Self::Error>>;
    type Error = sp_blockchain::Error;
    type Proposer = Proposer<Client, Pool>;

    fn init(&mut self, parent: &Header) -> Self::CreateProposer {
        let (hash, number) = (parent.hash(), parent.number);
        info!("🙌 Starting consensus session on top of parent {hash:?} (#{number})");
        future::ready(Ok(Proposer { tools: self.0.clone(), parent: parent.clone() }))
    }
}

/// Makes one block.
pub struct Proposer<Client, Pool> {
    tools: Arc<Tools<Client, Pool>>,
    parent: Header,
}

impl<Client, Pool> sp_consensus::Proposer<Block> for Proposer<Client, Pool>
where
    Client: ProvideRuntimeApi<Block> + CallApiAt<Block> + Send + Sync + 'static,
    Client::Api: MakesBlocks,
    Pool: TransactionPool<Block = Block, Hash = Hash> + 'static,
{
    type Error = sp_blockchain::Error;
    type Proposal = Pin<Box<dyn Future<Output = Result<Proposal<Block>, Self::Error>> + Send>>;

    fn propose(self, args: ProposeArgs<Block>) -> Self::Proposal {
        let (sender, receiver) = oneshot::channel();
        let tools = self.tools.clone();
        let making = async move {
            // Whoever asked may have lost patience.
            let _ = sender.send(self.make(args).await);
        };
        tools.spawner.spawn_blocking(
            "basic-authorship-proposer",
            Some("block-authoring"),
            making.boxed(),
        );
        receiver
            .map(|made| {
                made.unwrap_or_else(|_| {
                    Err(sp_blockchain::Error::Backend("the proposer ended without a block".into()))
                })
            })
            .boxed()
    }
}

impl<Client, Pool> Proposer<Client, Pool>
where
    Client: ProvideRuntimeApi<Block> + CallApiAt<Block> + Send + Sync + 'static,
    Client::Api: MakesBlocks,
    Pool: TransactionPool<Block = Block, Hash = Hash> + 'static,
{
    async fn make(self, args: ProposeArgs<Block>) -> Result<Proposal<Block>, sp_blockchain::Error> {
        let begun = Instant::now();
        let Tools { metrics, finishing, .. } = &*self.tools;
        let deadline = begun + finishing.time_to_fill(args.max_duration);

        let context = (args.storage_proof_recorder, args.extra_extensions);
        let mut block =
            Unfinished::begin(&*self.tools.client, &self.parent, args.inherent_digests, context)?;
        let inherents = Instant::now();
        let inherent = block.create_inherents(args.inherent_data)?;
        metrics.report(|metrics| {
            metrics.create_inherents_time.observe(inherents.elapsed().as_secs_f64());
        });
        block.apply_inherents(inherent)?;

        let reason = match block.mode() {
            ExtrinsicInclusionMode::AllExtrinsics => {
                let bytes = args.block_size_limit.unwrap_or(MAX_BLOCK_BYTES);
                self.fill(&mut block, Limits::new(deadline, bytes)).await
            }
            ExtrinsicInclusionMode::OnlyInherents => EndProposingReason::TransactionForbidden,
        };
        let filled = Instant::now();
        let proposal = block.finish()?;
        finishing.learn(filled - begun, filled.elapsed());
        debug!(
            target: "basic-authorship",
            "filled in {:?} of {:?}, finished in {:?}",
            filled - begun,
            args.max_duration,
            filled.elapsed()
        );
        self.tell(&proposal.block, reason, begun.elapsed());
        Ok(proposal)
    }

    /// Fills the block from the pool, and tells the pool what was no good.
    async fn fill(&self, block: &mut Unfinished<'_, Client>, limits: Limits) -> EndProposingReason {
        let (pool, parent) = (&self.tools.pool, self.parent.hash());
        let patience = limits.left() / 8;
        let mut ready = pool.ready_at_with_timeout(parent, patience).await;
        let Filled { reason, invalid } = filling::fill(&mut *ready, block, &limits);
        drop(ready);
        pool.report_invalid(Some(parent), invalid).await;
        reason
    }

    fn tell(&self, block: &Block, reason: EndProposingReason, took: Duration) {
        let count = block.extrinsics.len();
        self.tools.metrics.report(|metrics| {
            metrics.number_of_transactions.set(count as u64);
            metrics.block_constructed.observe(took.as_secs_f64());
            metrics.report_end_proposing_reason(reason);
            metrics.create_block_proposal_time.observe(took.as_secs_f64());
        });
        info!(
            "🎁 Prepared block for proposing at {} ({} ms) hash: {:?}; parent_hash: {}; end: {reason:?}; \
             extrinsics_count: {count}",
            block.header.number,
            took.as_millis(),
            block.header.hash(),
            block.header.parent_hash,
        );
    }
}
