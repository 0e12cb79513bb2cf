// SPDX-License-Identifier: Apache-2.0

//! How fast this node authors, votes and gossips.
//!
//! None of this is part of consensus: nodes of one network may differ here.

use crate::{Block, BlockNumber};
use polkadot_sdk::{
    sc_client_api::HeaderBackend,
    sc_consensus_grandpa::{
        BeforeBestBlockBy, ThreeQuartersOfTheUnfinalizedChain, VotingRule, VotingRulesBuilder,
    },
    sc_consensus_slots::BackoffAuthoringOnFinalizedHeadLagging,
    sc_service::ChainType,
};
use std::time::Duration;

/// At least every so many blocks a proof of finality is kept, in blocks.
pub const JUSTIFICATION_PERIOD_BLOCKS: u32 = 512;

/// BEEFY votes on every so many blocks at the most, in blocks: eight seconds.
pub const BEEFY_MIN_DELTA_BLOCKS: u32 = 4;

/// The part of a slot in which a block may be filled. The runtime's weight limit is sized to it.
pub const PROPOSAL_SLOT_PORTION: f32 = 0.5;

/// The longest pause of an author while finality lags, in slots.
const BACKOFF_MAX_SLOTS: BlockNumber = 100;

/// How long GRANDPA expects a message to take to reach everybody.
///
/// A round takes four times as long. All nodes of a development chain are on one machine.
pub fn gossip_duration(chain: &ChainType) -> Duration {
    match chain {
        ChainType::Development | ChainType::Local => Duration::from_millis(150),
        ChainType::Live | ChainType::Custom(_) => Duration::from_millis(333),
    }
}

/// How far behind the best block GRANDPA votes, in blocks.
///
/// Two authors may share a slot, so the newest block is often contested for a moment; voting one
/// block behind spares rounds that end in the common ancestor. A development chain has one author.
fn vote_distance_blocks(chain: &ChainType) -> BlockNumber {
    if *chain == ChainType::Development { 0 } else { 1 }
}

/// What GRANDPA votes for: near the best block, and not for a long stretch at once.
pub fn voting_rule<Client: HeaderBackend<Block> + 'static>(
    chain: &ChainType,
) -> impl VotingRule<Block, Client> + Clone + use<Client> {
    VotingRulesBuilder::new()
        .add(BeforeBestBlockBy(vote_distance_blocks(chain)))
        .add(ThreeQuartersOfTheUnfinalizedChain)
        .build()
}

/// Makes authors pause while finality lags, so that the unfinalised chain stays short.
///
/// The pause never exceeds a quarter of an epoch, because an epoch without a block costs a
/// session. A development chain never pauses: there, a pause looks like a broken node.
///
/// Who is told to author in any case (`--force-authoring`) does not pause either. A stall that lasts
/// is ended by a referendum, whose periods are counted in blocks: at one block in a hundred slots, an
/// hour of blocks takes four days.
pub fn backoff(
    chain: &ChainType,
    epoch_slots: u64,
    force_authoring: bool,
) -> Option<BackoffAuthoringOnFinalizedHeadLagging<BlockNumber>> {
    if force_authoring || *chain == ChainType::Development {
        return None;
    }
    let quarter = BlockNumber::try_from(epoch_slots / 4).unwrap_or(BACKOFF_MAX_SLOTS);
    Some(BackoffAuthoringOnFinalizedHeadLagging {
        max_interval: BACKOFF_MAX_SLOTS.min(quarter),
        ..Default::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use polkadot_sdk::sc_consensus_slots::BackoffAuthoringBlocksStrategy;

    /// Whether an author would skip `slots_after_head` with so many unfinalised blocks.
    fn pauses(epoch_slots: u64, unfinalised: BlockNumber, slots_after_head: u64) -> bool {
        backoff(&ChainType::Local, epoch_slots, false)
            .expect("local chains back off")
            .should_backoff(unfinalised, 1_000.into(), 0, (1_000 + slots_after_head).into(), "test")
    }

    #[test]
    fn authors_pause_only_when_finality_lags() {
        assert!(!pauses(1_800, 50, 1));
        assert!(pauses(1_800, 100, 1));
    }

    #[test]
    fn a_pause_ends_within_a_quarter_of_an_epoch() {
        assert!(pauses(40, 1_000_000, 10));
        assert!(!pauses(40, 1_000_000, 11));
        assert!(!pauses(1_800, 1_000_000, 101));
    }

    #[test]
    fn a_development_chain_never_pauses() {
        assert!(backoff(&ChainType::Development, 30, false).is_none());
    }

    #[test]
    fn authors_that_are_told_to_go_on_never_pause() {
        assert!(backoff(&ChainType::Live, 1_800, false).is_some());
        assert!(backoff(&ChainType::Live, 1_800, true).is_none());
    }
}
