// SPDX-License-Identifier: Apache-2.0

//! What the owner of a node chooses: patience, limits, and whose channels it accepts.

use crate::input::Millis;
use core::ops::RangeInclusive;
use millrace_channels_protocol::Policy;
use millrace_channels_routing::{Terms, onion::forwarding::TimeLimits, probing::ProbeLimits};
use millrace_primitives_channels::{Balance, BlockNumber};

/// All choices. The defaults suit blocks of six seconds.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Limits of time inside a channel.
    pub policy: Policy,
    /// Whose channels are accepted.
    pub acceptance: Acceptance,
    /// What bounds memory and work.
    pub limits: Limits,
    /// How patient the node is.
    pub patience: Patience,
    /// Payments over several channels.
    pub routing: Routing,
}

/// How payments over several channels are forwarded, made and taken.
#[derive(Clone, Debug)]
pub struct Routing {
    /// On which terms transfers are forwarded over channels without terms of their own. The expiry
    /// delta must cover twice [`Policy::reveal_margin`], so that a preimage that comes at the last
    /// moment on one side is in time on the other.
    pub terms: Terms,
    /// How long transfers that are forwarded must and may take.
    pub time: TimeLimits,
    /// How many failures each neighbour may cause.
    pub probing: ProbeLimits,
    /// How many blocks a transfer that pays this party must have left.
    pub final_delta: BlockNumber,
    /// For how long the first part of a payment waits for the others, in milliseconds.
    pub parts_wait: Millis,
    /// Transfers with a packet that this party may have under way, forwarded and its own.
    pub transfers: usize,
    /// Tags of packets that are remembered; when they are used up, nothing is forwarded.
    pub tags: usize,
    /// How many parts of one payment may be under way.
    pub parts: u16,
    /// How many parts of one payment may be sent in all.
    pub attempts: u16,
    /// How many blocks a payment of this party's own may be locked.
    pub longest: BlockNumber,
    /// Whether payments without an invoice are taken.
    pub is_spontaneous: bool,
    /// Whether channels are announced that their peers want to announce.
    pub is_public: bool,
}

impl Default for Routing {
    /// A thousandth of what is forwarded; for blocks of six seconds, twenty minutes between what
    /// goes out and what comes in.
    fn default() -> Self {
        Self {
            terms: Terms {
                base_fee: 0,
                fee_ppm: 1_000,
                expiry_delta: 220,
                min_amount: 1,
                max_amount: Balance::MAX,
                max_in_flight: 100,
                is_disabled: false,
            },
            time: TimeLimits { least: 120, most: 100_800 },
            probing: ProbeLimits::default(),
            final_delta: 150,
            parts_wait: 60_000,
            transfers: 10_000,
            tags: 1_000_000,
            parts: 16,
            attempts: 40,
            longest: 50_400,
            is_spontaneous: true,
            is_public: true,
        }
    }
}

/// Which channels that others propose are accepted without asking the owner.
#[derive(Clone, Debug)]
pub struct Acceptance {
    /// Whether any are.
    pub is_open: bool,
    /// What the proposer has to deposit, in the smallest unit.
    pub their_deposit: RangeInclusive<Balance>,
    /// What this party is willing to deposit in return, in the smallest unit.
    pub own_deposit_max: Balance,
    /// Challenge windows that are accepted, in blocks. A window must cover the longest time for
    /// which this node may be off, unless somebody watches for it.
    pub challenge_blocks: RangeInclusive<BlockNumber>,
    /// For how many blocks a proposal may bind this party's consent.
    pub open_within: BlockNumber,
    /// Which changes of deposits.
    pub resizes: ResizeAcceptance,
}

/// Which changes of deposits that others want are accepted without asking the owner. None of them moves
/// this party's own deposit: that takes the owner's consent in any case.
///
/// Refusing has a price. Whoever has proposed a resize has signed it, and signs nothing else before its
/// last block is over, because the others could still sign it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResizeAcceptance {
    /// For how many blocks it may hold payments up at most. With 0, none is accepted.
    pub within: BlockNumber,
    /// What whoever takes out has to leave in the channel, in the smallest unit.
    pub rest_min: Balance,
}

impl Default for ResizeAcceptance {
    /// As long as any party with the default [`Policy`] asks for, at heights that differ as much as
    /// they may; and everybody may take out what is its own.
    fn default() -> Self {
        Self { within: 1_200, rest_min: 0 }
    }
}

impl Default for Acceptance {
    fn default() -> Self {
        Self {
            is_open: true,
            their_deposit: 1..=Balance::MAX,
            own_deposit_max: 0,
            challenge_blocks: 100..=100_800,
            open_within: 1_000,
            resizes: ResizeAcceptance::default(),
        }
    }
}

/// What bounds memory and work (DA-3).
#[derive(Clone, Debug)]
pub struct Limits {
    /// Channels in all.
    pub channels: usize,
    /// Channels with one peer.
    pub channels_per_peer: usize,
    /// Channels that are being opened, in all.
    pub openings: usize,
    /// Channels that are being opened with one peer.
    pub openings_per_peer: usize,
    /// Peers that are connected.
    pub peers: usize,
    /// Frames that one peer may send in a second. More are dropped, and the peer is let go.
    pub frames_per_second: u32,
    /// Wrong frames that one peer may send before it is banned.
    pub strikes: u32,
    /// Bytes that may wait for the disk before nothing more is taken in.
    pub gathered_bytes: usize,
    /// Invoices that are kept.
    pub invoices: usize,
    /// Rows of the history of payments; the oldest is overwritten. With 0 there is no history.
    pub history_rows: u32,
    /// Named payments that are remembered; the oldest that are decided are forgotten first.
    pub operations: usize,
    /// Payments without an invoice that were received and are remembered; the oldest is forgotten
    /// first.
    pub received: usize,
    /// Channels that are over and still told as such; the oldest is forgotten first.
    pub ended: usize,
    /// Channels that are kept in memory ready for use; others sleep as soon as they are idle.
    pub awake: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            channels: 1_000_000,
            channels_per_peer: 10_000,
            openings: 10_000,
            openings_per_peer: 16,
            peers: 10_000,
            frames_per_second: 100_000,
            strikes: 100,
            gathered_bytes: 16 * 1024 * 1024,
            invoices: 10_000,
            history_rows: 10_000,
            operations: 20_000,
            received: 10_000,
            ended: 1_000,
            awake: 10_000,
        }
    }
}

/// How patient the node is.
#[derive(Clone, Debug)]
pub struct Patience {
    /// An answer is overdue after this time, in milliseconds: the peer is asked who lacks what.
    pub overdue: Millis,
    /// An idle channel goes to sleep after this time, in milliseconds.
    pub sleep_after: Millis,
    /// A peer has this long to accept a proposed channel, in milliseconds.
    pub opening: Millis,
    /// Without news of the chain for this long, in milliseconds, nothing new is signed: a dispute
    /// could not be seen.
    pub blind: Millis,
    /// For how long a peer that sent too much nonsense is banned, in milliseconds.
    pub ban: Millis,
    /// How long others have to submit what one submission is enough for, in blocks.
    pub others_submit: BlockNumber,
    /// In how many blocks a failed submission is tried again.
    pub submit_again: BlockNumber,
    /// For how many final blocks the records of a channel that is over are kept.
    pub forget_after: BlockNumber,
    /// A channel is closed alone if its peer has not given an expired transfer back for so many
    /// blocks: the money would be stuck.
    pub stuck: BlockNumber,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            overdue: 10_000,
            sleep_after: 60_000,
            opening: 60_000,
            blind: 600_000,
            ban: 3_600_000,
            others_submit: 20,
            submit_again: 2,
            forget_after: 100,
            stuck: 1_200,
        }
    }
}
