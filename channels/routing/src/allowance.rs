// SPDX-License-Identifier: Apache-2.0

//! How much of something a peer may have: a bucket that fills with time.
//!
//! This is the token bucket (Turner, *New directions in communications*, 1986): a burst is allowed,
//! and a rate in the long run.

/// How fast a bucket fills and how much it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// What the bucket holds at the most, in tokens: the largest burst.
    pub burst: u32,
    /// How many tokens come back within [`Rate::period`].
    pub refill: u32,
    /// In milliseconds; zero counts as one.
    pub period: u64,
}

/// A bucket of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    rate: Rate,
    /// Tokens, times the period, so that no fraction of a token is lost.
    level: u128,
    /// When it was last filled, in milliseconds.
    filled_at: u64,
}

impl Allowance {
    /// A full bucket at `now`, in milliseconds of the owner's clock.
    pub fn full(rate: Rate, now: u64) -> Self {
        let mut allowance = Self { rate, level: 0, filled_at: now };
        allowance.level = allowance.most();
        allowance
    }

    /// Takes `tokens` if there are so many; takes nothing otherwise.
    pub fn take(&mut self, tokens: u32, now: u64) -> bool {
        self.fill(now);
        let wanted = self.scaled(tokens);
        let is_enough = self.level >= wanted;
        if is_enough {
            self.level = self.level.saturating_sub(wanted);
        }
        is_enough
    }

    /// Gives `tokens` back, as far as they fit.
    pub fn give(&mut self, tokens: u32, now: u64) {
        self.fill(now);
        self.level = self.level.saturating_add(self.scaled(tokens)).min(self.most());
    }

    /// Whole tokens that are there at `now`.
    pub fn left(&self, now: u64) -> u32 {
        let mut filled = *self;
        filled.fill(now);
        let whole = filled.level.checked_div(u128::from(self.period())).unwrap_or(0);
        u32::try_from(whole).unwrap_or(u32::MAX)
    }

    /// Whether nothing is missing at `now`, so that a new bucket would be no better.
    pub fn is_full(&self, now: u64) -> bool {
        self.left(now) >= self.rate.burst
    }

    /// A clock that jumps back fills nothing, and costs nothing but the time until it catches up.
    fn fill(&mut self, now: u64) {
        let elapsed = now.saturating_sub(self.filled_at);
        let gained = u128::from(elapsed).saturating_mul(u128::from(self.rate.refill));
        self.level = self.level.saturating_add(gained).min(self.most());
        self.filled_at = self.filled_at.max(now);
    }

    fn period(&self) -> u64 {
        self.rate.period.max(1)
    }

    fn scaled(&self, tokens: u32) -> u128 {
        u128::from(tokens).saturating_mul(u128::from(self.period()))
    }

    fn most(&self) -> u128 {
        self.scaled(self.rate.burst)
    }
}
