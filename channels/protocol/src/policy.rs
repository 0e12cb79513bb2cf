// SPDX-License-Identifier: Apache-2.0

//! A party's own limits of time, in blocks of the chain that judges.
//!
//! The machine has no clock. Its owner tells it the height of the newest final block by
//! [`crate::Event::Block`], after it has told it everything that this block and those below show.

use millrace_primitives_channels::BlockNumber;

/// The furthest expiry of a transfer that any party signs, in blocks from the height it knows: two
/// weeks of six seconds. It is a rule of the protocol and not of one party's policy, because a
/// proposal that only some would sign would stop the channel; and there has to be one, because what
/// is conditional in a disputed channel is on hold until the latest expiry.
pub const MAX_EXPIRY: BlockNumber = 201_600;

/// The last block of a resize that any party signs, in blocks from the height it knows: a day of six
/// seconds.
pub const MAX_RESIZE: BlockNumber = 14_400;

/// By how much the heights that honest parties know may differ, in blocks. What others set may
/// exceed a limit by this much.
pub const MAX_SKEW: BlockNumber = 600;

/// The furthest expiry that a party at height `now` signs for others.
pub(crate) fn furthest_expiry(now: BlockNumber) -> BlockNumber {
    now.saturating_add(MAX_EXPIRY).saturating_add(MAX_SKEW)
}

/// How patient a party is. Parties of one channel may differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// A payee goes to the chain this many blocks before a transfer expires, if the payer has not
    /// folded it by then, and releases no preimage later than that. It must cover the time in
    /// which a reveal gets into a block and that block becomes final, with full blocks.
    pub reveal_margin: BlockNumber,
    /// How much longer a payee that has revealed on chain waits for the payer to fold the transfer
    /// after its expiry, before it closes the channel.
    pub fold_patience: BlockNumber,
    /// The furthest expiry that the party offers, from now, at most [`MAX_EXPIRY`]: how long it is
    /// willing to wait for its money in the worst case.
    pub max_expiry: BlockNumber,
    /// The longest time for which the party wants a resize to stop all payments, at most
    /// [`MAX_RESIZE`].
    pub max_resize: BlockNumber,
    /// A payee writes down the newest link of a stream whenever it is worth this many units more
    /// than the one written before: what a crash can lose. With 1, every link is written.
    pub unsaved_units: u64,
}

impl Default for Policy {
    /// For blocks of six seconds: ten minutes to reveal, half an hour of patience, a week for
    /// transfers, an hour for resizes.
    fn default() -> Self {
        Self {
            reveal_margin: 100,
            fold_patience: 300,
            max_expiry: 100_800,
            max_resize: 600,
            unsaved_units: 1_000,
        }
    }
}

impl Policy {
    /// By how many blocks at least what a party is owed should expire later than what it owes under
    /// the same lock, so that it can reveal on one side what it was told on the other at the last
    /// moment: twice the margin, because the other side has until its expiry.
    pub fn expiry_delta(&self) -> BlockNumber {
        self.reveal_margin.saturating_add(self.reveal_margin)
    }

    /// Whether a payee still has time to enforce a transfer with this expiry.
    pub(crate) fn has_time(&self, now: BlockNumber, expiry: BlockNumber) -> bool {
        now.saturating_add(self.reveal_margin) < expiry
    }
}
