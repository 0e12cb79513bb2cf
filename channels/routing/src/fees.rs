// SPDX-License-Identifier: Apache-2.0

//! What a node asks for forwarding a transfer over one of its channels.

use codec::{Decode, Encode, MaxEncodedLen};
use millrace_primitives_channels::{Balance, BlockNumber};
use thiserror::Error;

/// Parts in a whole: a proportional fee of this many is everything.
pub const MILLION: u32 = 1_000_000;

/// The longest expiry delta that one node may ask for: a day of six seconds a block. What is in
/// flight is locked for the sum of the deltas of its path, so a node must not be able to make that
/// sum what it likes.
pub const MAX_EXPIRY_DELTA: BlockNumber = 14_400;

/// `floor(amount × ppm / 10⁶)`, without leaving the range of a balance on the way; nothing if the
/// result leaves it.
pub fn proportion(amount: Balance, ppm: u32) -> Option<Balance> {
    let (million, ppm) = (Balance::from(MILLION), Balance::from(ppm));
    let whole = amount.checked_div(million)?.checked_mul(ppm)?;
    let rest = amount.checked_rem(million)?.checked_mul(ppm)?.checked_div(million)?;
    whole.checked_add(rest)
}

/// On which terms a node forwards transfers over one channel, away from itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
pub struct Terms {
    /// Taken for each transfer, in the smallest unit of the channel's asset.
    pub base_fee: Balance,
    /// Taken of each transfer's amount, in millionths.
    pub fee_ppm: u32,
    /// By how many blocks what comes in must expire later than what goes out.
    pub expiry_delta: BlockNumber,
    /// The smallest amount of one transfer.
    pub min_amount: Balance,
    /// The largest amount of one transfer.
    pub max_amount: Balance,
    /// How many transfers of one payer may be under way at a time.
    pub max_in_flight: u16,
    /// Nothing is forwarded for now.
    pub is_disabled: bool,
}

/// Why [`Terms::verify`] refuses terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TermsError {
    /// The proportional fee is above the whole.
    #[error("a fee of {ppm} millionths is more than the amount itself: ask for at most {MILLION}")]
    FeeTooHigh {
        /// What is asked for.
        ppm: u32,
    },
    /// The expiry delta is zero or above [`MAX_EXPIRY_DELTA`].
    #[error("an expiry delta of {delta} blocks is not within 1 to {MAX_EXPIRY_DELTA}")]
    BadExpiryDelta {
        /// What is asked for.
        delta: BlockNumber,
    },
    /// No amount is allowed.
    #[error(
        "no amount is from {min} to {max}: the smallest must not exceed the \
         largest, nor the largest be zero"
    )]
    NoAmounts {
        /// The smallest amount.
        min: Balance,
        /// The largest amount.
        max: Balance,
    },
    /// No transfer may be under way.
    #[error("no transfer may be under way: allow at least one, or disable the channel")]
    NoTransfers,
}

impl Terms {
    /// Checks that the terms are such that somebody could pay by them.
    pub fn verify(&self) -> Result<(), TermsError> {
        if self.fee_ppm > MILLION {
            return Err(TermsError::FeeTooHigh { ppm: self.fee_ppm });
        }
        if !(1..=MAX_EXPIRY_DELTA).contains(&self.expiry_delta) {
            return Err(TermsError::BadExpiryDelta { delta: self.expiry_delta });
        }
        if self.min_amount > self.max_amount || self.max_amount == 0 {
            return Err(TermsError::NoAmounts { min: self.min_amount, max: self.max_amount });
        }
        if self.max_in_flight == 0 {
            return Err(TermsError::NoTransfers);
        }
        Ok(())
    }

    /// What forwarding `amount` costs; nothing on overflow.
    pub fn fee(&self, amount: Balance) -> Option<Balance> {
        self.base_fee.checked_add(proportion(amount, self.fee_ppm)?)
    }
}
