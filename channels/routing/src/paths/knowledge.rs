// SPDX-License-Identifier: Apache-2.0

//! What was learned about each channel's liquidity.
//!
//! A channel that carried an amount in a direction has at least that much there, and one that
//! refused it has less. What is at one end is not at the other, so one pair of bounds serves both
//! directions. Others pay too, so bounds move back to knowing nothing, half of the way each
//! half-life, as in LDK's probabilistic scorer.

use crate::{
    names::{Direction, share_of},
    paths::likelihood::Bounds,
};
use millrace_primitives_channels::{Balance, ChannelId};
use std::collections::{BTreeMap, BTreeSet};

/// How much is remembered, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnowledgeLimits {
    /// The largest number of channels about which something is known. Beyond it, what was learned
    /// longest ago is forgotten.
    pub channels: usize,
    /// After this time, in milliseconds, half of what was known is forgotten; at least one.
    pub half_life: u64,
}

impl Default for KnowledgeLimits {
    /// 50,000 channels, six hours.
    fn default() -> Self {
        Self { channels: 50_000, half_life: 6 * 60 * 60 * 1_000 }
    }
}

/// What was learned about one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Lesson {
    /// What [`Direction::Forth`] carries at least.
    lower: Balance,
    /// By how much less than the whole deposit [`Direction::Forth`] carries at the most: what
    /// [`Direction::Back`] carries at least.
    opposite: Balance,
    /// When, in milliseconds.
    at: u64,
}

/// What was learned about all of them.
#[derive(Clone, Debug)]
pub struct Knowledge {
    limits: KnowledgeLimits,
    lessons: BTreeMap<ChannelId, Lesson>,
    /// The same by time, the oldest first.
    by_time: BTreeSet<(u64, ChannelId)>,
}

impl Knowledge {
    /// Nothing is known yet.
    pub fn new(limits: KnowledgeLimits) -> Self {
        Self { limits, lessons: BTreeMap::new(), by_time: BTreeSet::new() }
    }

    /// What a channel with this deposit can carry in a direction, as far as is known at `now`.
    pub fn bounds(
        &self,
        channel: &ChannelId,
        direction: Direction,
        deposit: Balance,
        now: u64,
    ) -> Bounds {
        let Lesson { lower, opposite, .. } = self.lesson(channel, deposit, now);
        match direction {
            Direction::Forth => Bounds { lower, upper: deposit.saturating_sub(opposite) },
            Direction::Back => Bounds { lower: opposite, upper: deposit.saturating_sub(lower) },
        }
    }

    /// The channel was ready to carry `amount`: whatever went wrong did so further on.
    pub fn carried(
        &mut self,
        channel: &ChannelId,
        direction: Direction,
        deposit: Balance,
        amount: Balance,
        now: u64,
    ) {
        let mut bounds = self.bounds(channel, direction, deposit, now);
        bounds.lower = bounds.lower.max(amount.min(deposit));
        bounds.upper = bounds.upper.max(bounds.lower);
        self.learn(channel, direction, deposit, bounds, now);
    }

    /// The channel would not carry `amount`.
    pub fn refused(
        &mut self,
        channel: &ChannelId,
        direction: Direction,
        deposit: Balance,
        amount: Balance,
        now: u64,
    ) {
        let mut bounds = self.bounds(channel, direction, deposit, now);
        bounds.upper = bounds.upper.min(amount.saturating_sub(1));
        bounds.lower = bounds.lower.min(bounds.upper);
        self.learn(channel, direction, deposit, bounds, now);
    }

    /// `amount` has moved from one end to the other.
    pub fn moved(
        &mut self,
        channel: &ChannelId,
        direction: Direction,
        deposit: Balance,
        amount: Balance,
        now: u64,
    ) {
        self.carried(channel, direction, deposit, amount, now);
        let Bounds { lower, upper } = self.bounds(channel, direction, deposit, now);
        let after =
            Bounds { lower: lower.saturating_sub(amount), upper: upper.saturating_sub(amount) };
        self.learn(channel, direction, deposit, after, now);
    }

    /// The channel is gone.
    pub fn forget(&mut self, channel: &ChannelId) {
        if let Some(lesson) = self.lessons.remove(channel) {
            self.by_time.remove(&(lesson.at, *channel));
        }
    }

    /// Number of channels about which something is known.
    pub fn len(&self) -> usize {
        self.lessons.len()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.lessons.is_empty()
    }

    /// What is left at `now` of what was learned.
    fn lesson(&self, channel: &ChannelId, deposit: Balance, now: u64) -> Lesson {
        let Some(lesson) = self.lessons.get(channel) else {
            return Lesson { lower: 0, opposite: 0, at: now };
        };
        let elapsed = now.saturating_sub(lesson.at);
        let lower = faded(lesson.lower, elapsed, self.limits.half_life).min(deposit);
        let opposite = faded(lesson.opposite, elapsed, self.limits.half_life);
        // The deposit may have become smaller than what was learned about it.
        let opposite = opposite.min(deposit.saturating_sub(lower));
        Lesson { lower, opposite, at: lesson.at }
    }

    fn learn(
        &mut self,
        channel: &ChannelId,
        direction: Direction,
        deposit: Balance,
        bounds: Bounds,
        now: u64,
    ) {
        let opposite = deposit.saturating_sub(bounds.upper);
        let (lower, opposite) = match direction {
            Direction::Forth => (bounds.lower, opposite),
            Direction::Back => (opposite, bounds.lower),
        };
        self.forget(channel);
        self.lessons.insert(*channel, Lesson { lower, opposite, at: now });
        self.by_time.insert((now, *channel));
        while self.lessons.len() > self.limits.channels {
            let Some((_, oldest)) = self.by_time.pop_first() else { return };
            self.lessons.remove(&oldest);
        }
    }
}

/// What is left of `amount` after `elapsed`: half of it each half-life, on a straight line between.
fn faded(amount: Balance, elapsed: u64, half_life: u64) -> Balance {
    let half_life = half_life.max(1);
    let halves = elapsed.checked_div(half_life).and_then(|halves| u32::try_from(halves).ok());
    let at_start = halves.and_then(|halves| amount.checked_shr(halves)).unwrap_or(0);
    let since = elapsed.checked_rem(half_life).unwrap_or(0);
    at_start.saturating_sub(share_of(at_start / 2, since, half_life))
}
