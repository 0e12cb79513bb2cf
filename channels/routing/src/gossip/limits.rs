// SPDX-License-Identifier: Apache-2.0

//! What one peer may ask for, and how much is remembered for all of them.

use crate::{
    allowance::{Allowance, Rate},
    gossip::digests::Key,
};

/// Limits of gossip. The defaults suit a laptop: what a peer can cause is some hundred signature
/// checks a second for a moment, and ten a second in the long run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GossipLimits {
    /// The largest number of peers that are remembered.
    pub peers: usize,
    /// Messages that a peer may send. Each costs one token, an announcement
    /// [`COST_OF_ANNOUNCEMENT`], because four signatures are checked and the chain is asked.
    pub messages: Rate,
    /// Bytes that a peer may make us send, in units of 64 bytes.
    pub answers: Rate,
    /// The largest number of announcements that wait for the chain.
    pub waiting: usize,
    /// How many of them one peer may have brought.
    pub waiting_of_peer: usize,
    /// For how long an announcement may wait, in milliseconds.
    pub patience: u64,
}

/// What an announcement costs, in messages.
pub const COST_OF_ANNOUNCEMENT: u32 = 4;

/// What a comparison costs, in messages: digests are made, and entries are listed.
pub const COST_OF_COMPARISON: u32 = 15;

/// What something that did not verify costs on top, in messages: who sends rubbish is heard less.
pub const COST_OF_RUBBISH: u32 = 32;

/// Bytes for one token of [`GossipLimits::answers`].
pub const ANSWER_UNIT: usize = 64;

impl Default for GossipLimits {
    fn default() -> Self {
        let second = 1_000;
        Self {
            peers: 256,
            // A whole graph of ten thousand channels comes in within some minutes.
            messages: Rate { burst: 4_096, refill: 256, period: second },
            answers: Rate { burst: 32_768, refill: 4_096, period: second },
            waiting: 4_096,
            waiting_of_peer: 512,
            patience: 10 * 60 * second,
        }
    }
}

/// What one peer has left, and what it was asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeerState {
    /// The place from which it was asked to compare, until it has answered.
    pub(crate) asked_from: Option<Key>,
    pub(crate) messages: Allowance,
    pub(crate) answers: Allowance,
}

impl PeerState {
    pub(crate) fn new(limits: &GossipLimits, now: u64) -> Self {
        Self {
            asked_from: None,
            messages: Allowance::full(limits.messages, now),
            answers: Allowance::full(limits.answers, now),
        }
    }

    /// Whether forgetting the peer would change nothing.
    pub(crate) fn is_full(&self, now: u64) -> bool {
        self.asked_from.is_none() && self.messages.is_full(now) && self.answers.is_full(now)
    }

    /// Pays for `bytes` of answers, if there is enough.
    pub(crate) fn pay(&mut self, bytes: usize, now: u64) -> bool {
        let units = u32::try_from(bytes.div_ceil(ANSWER_UNIT)).unwrap_or(u32::MAX);
        self.answers.take(units, now)
    }
}
