// SPDX-License-Identifier: Apache-2.0

//! Reports authors who make two blocks in one slot.
//!
//! See [`millrace_node_parts::equivocations`] for why the library's own report does not do. The report here
//! is sent first, and the pool has no room for a second one of the same offence.

use super::FullClient;
use millrace_node_parts::{Block, Header, equivocations::other_block};
use polkadot_sdk::{
    sc_client_api::HeaderBackend,
    sc_consensus::{BlockCheckParams, BlockImport, BlockImportParams, ImportResult},
    sc_consensus_babe::find_pre_digest,
    sc_transaction_pool_api::OffchainTransactionPoolFactory,
    sp_api::{ApiExt, ProvideRuntimeApi},
    sp_consensus_babe::{AuthorityId, BabeApi, EquivocationProof, Slot, SlotDuration},
    sp_runtime::traits::Header as _,
    sp_timestamp::Timestamp,
};
use std::sync::{Arc, Mutex, PoisonError};

/// What goes wrong is told to the log: a report is no reason to refuse a block.
type Problem = Box<dyn std::error::Error + Send + Sync>;

/// Imports blocks, and reports who made two in one slot.
#[derive(Clone)]
pub struct Reporting<I> {
    inner: I,
    client: Arc<FullClient>,
    pool: OffchainTransactionPoolFactory<Block>,
    slot_duration: SlotDuration,
    /// Own blocks and those of others are imported by different tasks.
    turn: Arc<Mutex<()>>,
}

impl<I> Reporting<I> {
    /// Looks at each block before `inner` imports it. Reports go to `pool`.
    pub fn new(
        inner: I,
        client: Arc<FullClient>,
        pool: OffchainTransactionPoolFactory<Block>,
        slot_duration: SlotDuration,
    ) -> Self {
        Self { inner, client, pool, slot_duration, turn: Arc::default() }
    }

    /// Sees whether the block's author made another one in its slot, and reports that.
    fn inspect(&self, header: &Header) -> Result<(), Problem> {
        let slot = find_pre_digest::<Block>(header)?.slot();
        let Some(author) = self.author(header, slot)? else { return Ok(()) };
        let now = Slot::from_timestamp(Timestamp::current(), self.slot_duration);
        let proof = {
            let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
            other_block(&*self.client, now, slot, header, &author)?
        };
        match proof {
            Some(proof) => self.report(header, proof),
            None => Ok(()),
        }
    }

    /// Whose slot it is, by what the header says. The import queue has checked that, and the seal.
    fn author(&self, header: &Header, slot: Slot) -> Result<Option<AuthorityId>, Problem> {
        let index = find_pre_digest::<Block>(header)?.authority_index();
        let parent = *header.parent_hash();
        let api = self.client.runtime_api();
        let mut epoch = api.current_epoch(parent)?;
        if slot >= epoch.start_slot + epoch.duration {
            // The block begins the next epoch, whose validators also do for those that passed without blocks.
            epoch = api.next_epoch(parent)?;
        }
        Ok(epoch.authorities.get(index as usize).map(|(author, _)| author.clone()))
    }

    /// Puts a report of `proof`, which `header` completed, into the pool.
    fn report(&self, header: &Header, proof: EquivocationProof<Header>) -> Result<(), Problem> {
        let (slot, offender) = (proof.slot, proof.offender.clone());
        log::warn!(
            "👿 {offender:?} has made two blocks in slot {slot}: {:?} and {:?}",
            proof.first_header.hash(),
            proof.second_header.hash()
        );
        let best = self.client.info().best_hash;
        // The parent is of the same session, unless the block begins one.
        let mut ownership = None;
        for at in [*header.parent_hash(), best] {
            if ownership.is_none() {
                let api = self.client.runtime_api();
                ownership = api.generate_key_ownership_proof(at, slot, offender.clone())?;
            }
        }
        let Some(ownership) = ownership else {
            log::warn!("{offender:?} is no validator any more, so it cannot be reported");
            return Ok(());
        };
        let mut api = self.client.runtime_api();
        api.register_extension(self.pool.offchain_transaction_pool(best));
        match api.submit_report_equivocation_unsigned_extrinsic(best, proof, ownership)? {
            Some(()) => log::info!("two blocks in slot {slot} are reported"),
            None => log::info!("two blocks in slot {slot} were reported before"),
        }
        Ok(())
    }
}

#[async_trait::async_trait]
impl<I: BlockImport<Block> + Send + Sync> BlockImport<Block> for Reporting<I> {
    type Error = I::Error;

    async fn check_block(
        &self,
        block: BlockCheckParams<Block>,
    ) -> Result<ImportResult, Self::Error> {
        self.inner.check_block(block).await
    }

    async fn import_block(
        &self,
        block: BlockImportParams<Block>,
    ) -> Result<ImportResult, Self::Error> {
        // What comes without being executed is old, and there may be no state to ask.
        if !block.state_action.skip_execution_checks() && !block.with_state() {
            let header = block.post_header();
            if let Err(problem) = self.inspect(&header) {
                log::warn!(
                    "not known whether block {:?} is its author's second in its slot: {problem}",
                    header.hash()
                );
            }
        }
        self.inner.import_block(block).await
    }
}
