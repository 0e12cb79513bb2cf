// SPDX-License-Identifier: Apache-2.0

//! The arithmetic of shared stake: shares, tokens, rewards that drip, and slashes.
//!
//! Nothing here reads or writes the chain's state, and nothing depends on how many accounts share a
//! pool. Rounding rules, which the reference model in the tests repeats in its own words:
//!
//! - joining with `a` tokens gives `⌊a·S/T⌋` shares, or `a` if the pool is empty;
//! - `s` shares are worth `⌊s·T/S⌋` tokens;
//! - leaving with `a` tokens takes `⌈a·S/T⌉` shares and pays exactly `a`, but whoever gives up all of
//!   its shares gets all that they are worth;
//! - a slash by the fraction `f` takes `⌈f·T⌉` tokens, and everything if less than a token is left for
//!   10^9 shares; of a unit that left before it leaves `⌊(1 − f)·10^18⌋` parts, multiplied over slashes;
//! - of `s` shares that came from elsewhere, `⌊s·k/k₀⌋` remain if `k₀` parts of a unit were left as they
//!   came and `k` are left now;
//! - a drip of `d` over `b` blocks has released `⌊d·n/b⌋` after `n` blocks without a touch; a touch
//!   starts it anew with what is left of both;
//! - of a release `r`, stake that compounds gets `⌊r·C/(C + P)⌋` tokens, the rest goes to stake that
//!   is paid out, by `⌊rest·10^18/S⌋` for each of its shares;
//! - a reward is paid in whole units, rounded down each time that it is settled.
//!
//! What is rounded away stays in the pool, or goes to the remainder with the last who leaves.

use crate::{
    Balance, BlockNumber,
    types::{Drip, Factor, Mode, Pool},
};
use codec::{Decode, Encode, MaxEncodedLen};
use polkadot_sdk::{
    sp_core::U256,
    sp_runtime::{FixedU128, PerThing, Perbill, traits::Zero},
};
use scale_info::TypeInfo;

/// Rewards per share are counted in this part of a unit.
pub const REWARD_SCALE: u128 = 1_000_000_000_000_000_000;

/// When this many shares are worth less than a token, a generation of shares ends.
pub const MAX_SHARES_PER_TOKEN: u128 = 1_000_000_000;

/// When less than this is left of a unit that left a candidate, nothing is. In parts of 10^18, like
/// [`FixedU128`].
pub const LEAST_KEPT: u128 = 1_000_000_000;

/// `a·b/c`, rounded down. Nothing if `c` is zero or the result does not fit.
pub fn mul_div(a: u128, b: u128, c: u128) -> Option<u128> {
    let product = U256::from(a).checked_mul(U256::from(b))?;
    product.checked_div(U256::from(c))?.try_into().ok()
}

/// `a·b/c`, rounded up. Nothing if `c` is zero or the result does not fit.
pub fn mul_div_up(a: u128, b: u128, c: u128) -> Option<u128> {
    let product = U256::from(a).checked_mul(U256::from(b))?;
    let below = U256::from(c).checked_sub(U256::one())?;
    product.checked_add(below)?.checked_div(U256::from(c))?.try_into().ok()
}

/// `amount` times `fraction`, rounded up.
pub fn fraction_up(fraction: Perbill, amount: Balance) -> Balance {
    let parts = u128::from(fraction.deconstruct());
    // A fraction is at most one, so the result fits.
    mul_div_up(amount, parts, u128::from(Perbill::ACCURACY)).unwrap_or(amount)
}

/// `amount` times `fraction`, rounded down.
pub fn fraction_down(fraction: Perbill, amount: Balance) -> Balance {
    let parts = u128::from(fraction.deconstruct());
    // A fraction is at most one, so the result fits.
    mul_div(amount, parts, u128::from(Perbill::ACCURACY)).unwrap_or(0)
}

/// Tokens that several accounts own together, by shares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct SubPool {
    /// All shares of the current generation.
    pub shares: Balance,
    /// What they are worth together. Zero exactly if there are no shares.
    pub tokens: Balance,
    /// Rises when shares have become worthless; shares of earlier generations are worth nothing.
    pub generation: u32,
}

impl SubPool {
    /// What `shares` of the current generation are worth. Nothing if there are not as many.
    pub fn worth(&self, shares: Balance) -> Option<Balance> {
        if shares.is_zero() {
            return Some(0);
        }
        if shares > self.shares {
            return None;
        }
        mul_div(shares, self.tokens, self.shares)
    }

    /// How many shares have to be given up for `amount` tokens. Nothing if it is not worth as much.
    pub fn shares_of(&self, amount: Balance) -> Option<Balance> {
        if amount > self.tokens {
            return None;
        }
        if amount.is_zero() {
            return Some(0);
        }
        mul_div_up(amount, self.shares, self.tokens)
    }

    /// Adds `amount` tokens, and returns the shares they give. Nothing, and no change, if they give
    /// none or too many.
    pub fn join(&mut self, amount: Balance) -> Option<Balance> {
        let shares =
            if self.shares.is_zero() { amount } else { mul_div(amount, self.shares, self.tokens)? };
        let all_shares = self.shares.checked_add(shares)?;
        let all_tokens = self.tokens.checked_add(amount)?;
        if shares.is_zero() {
            return None;
        }
        self.shares = all_shares;
        self.tokens = all_tokens;
        Some(shares)
    }

    /// Takes `shares` out, and returns what they are worth. Nothing, and no change, if there are not
    /// as many.
    pub fn leave(&mut self, shares: Balance) -> Option<Balance> {
        let tokens = self.worth(shares)?;
        self.leave_with(shares, tokens)?;
        Some(tokens)
    }

    /// Takes `shares` out for `tokens`, no more than they are worth. Nothing, and no change, if it
    /// would be more.
    pub fn leave_with(&mut self, shares: Balance, tokens: Balance) -> Option<()> {
        if tokens > self.worth(shares)? {
            return None;
        }
        self.shares = self.shares.checked_sub(shares)?;
        self.tokens = self.tokens.checked_sub(tokens)?;
        Some(())
    }

    /// Takes the fraction away from all, and returns what it took. If next to nothing is left, takes
    /// that too and ends the generation.
    pub fn slash(&mut self, fraction: Perbill) -> Slashed {
        let lost = fraction_up(fraction, self.tokens);
        let left = self.tokens.saturating_sub(lost);
        // 2^128 tokens of 10^9 shares fit by far into 256 bits.
        let enough = U256::from(left).saturating_mul(MAX_SHARES_PER_TOKEN.into());
        if self.shares.is_zero() || enough >= U256::from(self.shares) {
            self.tokens = left;
            return Slashed { tokens: lost, ended_shares: None };
        }
        let slashed = Slashed { tokens: self.tokens, ended_shares: Some(self.shares) };
        *self = Self { shares: 0, tokens: 0, generation: self.generation.saturating_add(1) };
        slashed
    }
}

/// What a slash did to a sub-pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slashed {
    /// The tokens it took.
    pub tokens: Balance,
    /// If it ended a generation, how many shares that had.
    pub ended_shares: Option<Balance>,
}

impl Drip {
    /// Releases what is due by the block `now`.
    pub fn release(&mut self, now: BlockNumber) -> Balance {
        if now <= self.from {
            return 0;
        }
        let elapsed = now.saturating_sub(self.from);
        let span = self.until.saturating_sub(self.from);
        let due = if elapsed >= span {
            self.amount
        } else {
            // The quotient is below one, so the result fits.
            mul_div(self.amount, elapsed.into(), span.into()).unwrap_or(0)
        };
        self.amount = self.amount.saturating_sub(due);
        self.from = now;
        due
    }

    /// Adds `amount`, so that it and what is left arrive evenly until the block `until`. To be
    /// called after a release.
    pub fn refill(&mut self, amount: Balance, now: BlockNumber, until: BlockNumber) -> Option<()> {
        let all = self.amount.checked_add(amount)?;
        *self = Self { amount: all, from: now, until };
        Some(())
    }

    /// Takes all that is left.
    pub fn empty(&mut self) -> Balance {
        core::mem::take(&mut self.amount)
    }
}

impl Pool {
    /// All stake.
    pub fn total(&self) -> Balance {
        // All tokens together fit into a balance, so these do.
        self.payout.tokens.saturating_add(self.compound.tokens)
    }

    /// Whether nobody has stake in it.
    pub fn is_empty(&self) -> bool {
        self.payout.shares.is_zero() && self.compound.shares.is_zero()
    }

    /// The part of the pool that a mode belongs to.
    pub fn part(&self, mode: Mode) -> &SubPool {
        match mode {
            Mode::Payout => &self.payout,
            Mode::Compound => &self.compound,
        }
    }

    /// The part of the pool that a mode belongs to.
    pub fn part_mut(&mut self, mode: Mode) -> &mut SubPool {
        match mode {
            Mode::Payout => &mut self.payout,
            Mode::Compound => &mut self.compound,
        }
    }

    /// Gives what is due by the block `now` to those who have stake. Returns what cannot be given
    /// to anybody.
    pub fn release(&mut self, now: BlockNumber) -> Balance {
        let due = self.drip.release(now);
        if due.is_zero() {
            return 0;
        }
        self.distribute(due)
    }

    /// Divides a reward by stake. Returns what cannot be given to anybody.
    fn distribute(&mut self, reward: Balance) -> Balance {
        let total = self.total();
        // Without stake there is nobody to give it to.
        let Some(to_compound) = mul_div(reward, self.compound.tokens, total) else {
            return reward;
        };
        self.compound.tokens = self.compound.tokens.saturating_add(to_compound);
        let to_payout = reward.saturating_sub(to_compound);
        if self.accrue(to_payout).is_some() { 0 } else { to_payout }
    }

    /// Adds to what each payout share has earned. Nothing, and no change, if there are no such
    /// shares or the number does not fit.
    fn accrue(&mut self, reward: Balance) -> Option<()> {
        if reward.is_zero() {
            return Some(());
        }
        let each = mul_div(reward, REWARD_SCALE, self.payout.shares)?;
        let reward_per_share = self.reward_per_share.checked_add(each)?;
        self.reserved = self.reserved.checked_add(reward)?;
        self.reward_per_share = reward_per_share;
        Some(())
    }

    /// Takes what belongs to nobody any more: rewards without stake to earn them, and what was
    /// rounded away before the last payout share left.
    pub fn take_leftovers(&mut self) -> Balance {
        let mut left = 0;
        if self.payout.shares.is_zero() {
            left = core::mem::take(&mut self.reserved);
        }
        if self.is_empty() {
            left = left.saturating_add(self.drip.empty());
        }
        left
    }

    /// The stake with rewards released up to `now`, as an election sees it: all of it, and what
    /// `shares` of `mode` are worth.
    pub fn stake_at(&self, now: BlockNumber, mode: Mode, shares: Balance) -> (Balance, Balance) {
        let mut then = self.clone();
        then.release(now);
        (then.total(), then.part(mode).worth(shares).unwrap_or(0))
    }
}

/// What `shares` earned between two readings of [`Pool::reward_per_share`].
pub fn earned(shares: Balance, from: u128, to: u128) -> Option<Balance> {
    mul_div(shares, to.checked_sub(from)?, REWARD_SCALE)
}

impl Factor {
    /// Takes the fraction away from whatever left before.
    pub fn slash(&mut self, fraction: Perbill) {
        let kept = fraction_down(fraction.left_from_one(), self.kept.into_inner());
        if kept >= LEAST_KEPT {
            self.kept = FixedU128::from_inner(kept);
        } else {
            *self = Self { generation: self.generation.saturating_add(1), ..Self::default() };
        }
    }

    /// How many of `shares` are left if they entered at `entry` and it is `self` now. Rounded down.
    pub fn left_of(&self, shares: Balance, entry: &Self) -> Balance {
        if self.generation != entry.generation {
            return 0;
        }
        mul_div(shares, self.kept.into_inner(), entry.kept.into_inner()).unwrap_or(0).min(shares)
    }
}
