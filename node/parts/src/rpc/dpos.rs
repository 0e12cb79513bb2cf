// SPDX-License-Identifier: Apache-2.0

//! Questions about stakes and validators, for clients that do not decode SCALE.
//!
//! | method | answers |
//! |---|---|
//! | `dpos_validatorSet(era?, at?)` | the validators of an era, or those in office; `null` if not known |
//! | `dpos_nextSet(at?)` | the validators of the next era, once they are elected |
//! | `dpos_proposerSchedule(slots, at?)` | who makes the blocks of the coming slots |
//! | `dpos_quorum(at?)` | whether enough validators are there to make blocks final |
//! | `dpos_candidates(skip, count, at?)` | candidates by rank, page by page |
//! | `dpos_candidate(account, at?)` | one candidate, or `null` |
//! | `dpos_delegator(account, at?)` | what an account has staked, and what it has earned |
//! | `dpos_network(at?)` | where the network stands, and what governance has set |
//!
//! Amounts are decimal strings in the smallest unit. `at` is a block hash; without it, the best block
//! answers. `docs/reference/dpos-api.md` describes the answers.

use super::state_unavailable;
use crate::{Block, Hash};
use jsonrpsee::{core::RpcResult, proc_macros::rpc};
use millrace_primitives_dpos::{
    AccountId, EraIndex,
    api::{
        CandidateView, DelegatorView, DposApi, NetworkView, ProposerView, QuorumView,
        ValidatorSetView,
    },
};
use polkadot_sdk::{
    sc_client_api::HeaderBackend,
    sp_api::{ApiError, ProvideRuntimeApi},
};
use std::sync::Arc;

/// The project's own methods about stakes and validators.
#[rpc(server)]
pub trait DposRpc {
    /// The validators of an era, or those in office at that block.
    #[method(name = "dpos_validatorSet")]
    fn validator_set(
        &self,
        era: Option<EraIndex>,
        at: Option<Hash>,
    ) -> RpcResult<Option<ValidatorSetView>>;

    /// The validators of the next era, once they are elected.
    #[method(name = "dpos_nextSet")]
    fn next_set(&self, at: Option<Hash>) -> RpcResult<Option<ValidatorSetView>>;

    /// Who makes the blocks of the coming slots, unless somebody wins them by lottery.
    #[method(name = "dpos_proposerSchedule")]
    fn proposer_schedule(&self, slots: u32, at: Option<Hash>) -> RpcResult<Vec<ProposerView>>;

    /// Whether enough validators are there to make blocks final.
    #[method(name = "dpos_quorum")]
    fn quorum(&self, at: Option<Hash>) -> RpcResult<QuorumView>;

    /// Candidates by rank, those who could not be elected last.
    #[method(name = "dpos_candidates")]
    fn candidates(&self, skip: u32, count: u32, at: Option<Hash>) -> RpcResult<Vec<CandidateView>>;

    /// One candidate.
    #[method(name = "dpos_candidate")]
    fn candidate(&self, account: AccountId, at: Option<Hash>) -> RpcResult<Option<CandidateView>>;

    /// What an account has staked.
    #[method(name = "dpos_delegator")]
    fn delegator(&self, account: AccountId, at: Option<Hash>) -> RpcResult<DelegatorView>;

    /// Where the network stands, and what governance has set.
    #[method(name = "dpos_network")]
    fn network(&self, at: Option<Hash>) -> RpcResult<NetworkView>;
}

/// Answers from the runtime's state.
pub struct Dpos<Client> {
    client: Arc<Client>,
}

impl<Client: HeaderBackend<Block>> Dpos<Client> {
    /// Answers with what this client knows.
    pub fn new(client: Arc<Client>) -> Self {
        Self { client }
    }

    /// Asks at a block, or at the best one.
    fn ask<Answer>(
        &self,
        at: Option<Hash>,
        question: impl FnOnce(&Client, Hash) -> Result<Answer, ApiError>,
    ) -> RpcResult<Answer> {
        let block = at.unwrap_or_else(|| self.client.info().best_hash);
        question(&self.client, block).map_err(|error| state_unavailable(block, error))
    }
}

impl<Client> DposRpcServer for Dpos<Client>
where
    Client: ProvideRuntimeApi<Block> + HeaderBackend<Block> + 'static,
    Client::Api: DposApi<Block>,
{
    fn validator_set(
        &self,
        era: Option<EraIndex>,
        at: Option<Hash>,
    ) -> RpcResult<Option<ValidatorSetView>> {
        self.ask(at, |client, block| match era {
            Some(era) => client.runtime_api().validator_set_of(block, era),
            None => client.runtime_api().validator_set(block),
        })
    }

    fn next_set(&self, at: Option<Hash>) -> RpcResult<Option<ValidatorSetView>> {
        self.ask(at, |client, block| client.runtime_api().next_set(block))
    }

    fn proposer_schedule(&self, slots: u32, at: Option<Hash>) -> RpcResult<Vec<ProposerView>> {
        self.ask(at, |client, block| client.runtime_api().proposer_schedule(block, slots))
    }

    fn quorum(&self, at: Option<Hash>) -> RpcResult<QuorumView> {
        self.ask(at, |client, block| client.runtime_api().quorum(block))
    }

    fn candidates(&self, skip: u32, count: u32, at: Option<Hash>) -> RpcResult<Vec<CandidateView>> {
        self.ask(at, |client, block| client.runtime_api().candidates(block, skip, count))
    }

    fn candidate(&self, account: AccountId, at: Option<Hash>) -> RpcResult<Option<CandidateView>> {
        self.ask(at, |client, block| client.runtime_api().candidate(block, account))
    }

    fn delegator(&self, account: AccountId, at: Option<Hash>) -> RpcResult<DelegatorView> {
        self.ask(at, |client, block| client.runtime_api().delegator(block, account))
    }

    fn network(&self, at: Option<Hash>) -> RpcResult<NetworkView> {
        self.ask(at, |client, block| client.runtime_api().network(block))
    }
}
