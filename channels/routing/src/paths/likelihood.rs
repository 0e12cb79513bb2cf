// SPDX-License-Identifier: Apache-2.0

//! How likely a channel carries an amount, in whole numbers, so that every machine finds the same
//! ways.
//!
//! The model is that of R. Pickhardt, S. Tikhomirov, A. Biryukov and M. Nowostawski, *Security and
//! Privacy of Lightning Network Payments with Uncertain Channel Balances* (2021): what a channel
//! can carry in a direction is somewhere between a lower and an upper bound, each value as likely
//! as any other. R. Pickhardt and S. Richter, *Optimally Reliable & Cheap Payment Flows on the
//! Lightning Network* (2021), add up negated logarithms of these probabilities as the cost of a
//! way; so do we.

use millrace_primitives_channels::Balance;

/// Binary digits after the point of [`Doubt`].
pub const FRACTION: u32 = 16;

/// `−log₂` of a probability, times 2¹⁶: 0 is certain, 1 × 2¹⁶ one in two, 10 × 2¹⁶ one in 1,024.
/// Doubts of independent events add up.
pub type Doubt = u64;

/// What a channel can carry in one direction: at least `lower`, at most `upper`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// It has carried this much.
    pub lower: Balance,
    /// It has refused more, or has no more.
    pub upper: Balance,
}

impl Bounds {
    /// Exactly this much.
    pub fn exactly(amount: Balance) -> Self {
        Self { lower: amount, upper: amount }
    }

    /// How doubtful it is that the channel carries `amount` besides `load`, which it is taken to
    /// carry already; nothing if it cannot. Upholds: never falls as `amount` rises.
    pub fn doubt(&self, load: Balance, amount: Balance) -> Option<Doubt> {
        let total = load.checked_add(amount).filter(|total| *total <= self.upper)?;
        let more = self.doubt_of(total);
        Some(more.saturating_sub(self.doubt_of(load)))
    }

    /// `−log₂ ((upper + 1 − amount) / (upper + 1 − lower))` above the lower bound, zero below. The
    /// amount must not be above the upper bound.
    fn doubt_of(&self, amount: Balance) -> Doubt {
        if amount <= self.lower {
            return 0;
        }
        let left = |taken: Balance| self.upper.saturating_sub(taken).saturating_add(1);
        log2(left(self.lower)).saturating_sub(log2(left(amount)))
    }
}

/// `⌊2¹⁶ × log₂ value⌋`, or slightly less; zero for zero. Never falls as `value` rises.
///
/// The digits after the point come one by one: squaring the mantissa doubles its logarithm.
pub fn log2(value: u128) -> u64 {
    let Some(whole) = value.checked_ilog2() else { return 0 };
    // The mantissa, from 1 to 2, with 63 binary digits after the point.
    let mut mantissa = if whole >= 63 {
        value.checked_shr(whole.saturating_sub(63)).unwrap_or(0)
    } else {
        value.checked_shl(63_u32.saturating_sub(whole)).unwrap_or(0)
    };
    let mut digits: u64 = 0;
    for _ in 0..FRACTION {
        mantissa = mantissa.saturating_mul(mantissa) >> 63;
        let has_digit = mantissa >> 64 != 0;
        digits = (digits << 1) | u64::from(has_digit);
        if has_digit {
            mantissa >>= 1;
        }
    }
    (u64::from(whole) << FRACTION) | digits
}
