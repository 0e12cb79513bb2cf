// SPDX-License-Identifier: Apache-2.0

//! How much of an author's time is left for what comes after the last transaction.
//!
//! A block is finished when the root of its state is known, which takes the longer the more its transactions have changed.
//! A block that is not ready in time is thrown away, and its slot is lost. So how long blocks took to be filled and
//! to be finished is remembered, and the next one stops being filled in time to be finished.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

/// At least this part is left, in thousandths of the time for the whole block.
const LEAST: u32 = 100;

/// At most this part.
const MOST: u32 = 500;

/// Blocks that were filled for less time say nothing about others.
const TELLING: Duration = Duration::from_millis(50);

/// What is left is this much longer than the last blocks took, in thousandths.
const MARGIN: u32 = 1_150;

/// What is known of the last blocks.
#[derive(Debug, Default)]
pub struct Finishing {
    /// How long finishing one took, in thousandths of the time in which it was filled.
    share: AtomicU32,
}

impl Finishing {
    /// How long a block may be filled for which there is `whole` in all.
    pub fn time_to_fill(&self, whole: Duration) -> Duration {
        let share = self.share.load(Ordering::Relaxed).saturating_mul(MARGIN) / 1_000;
        // Of 1000 + share parts, 1000 are for filling.
        let left = (share.saturating_mul(1_000) / share.saturating_add(1_000)).clamp(LEAST, MOST);
        whole * (1_000 - left) / 1_000
    }

    /// A block was `filled` and then `finished` in these times.
    ///
    /// What takes longer than it did counts at once, what takes less by and by: it is better to fill a few blocks less than
    /// to lose one.
    pub fn learn(&self, filled: Duration, finished: Duration) {
        if filled < TELLING {
            return;
        }
        let share = finished.as_micros().saturating_mul(1_000) / filled.as_micros();
        let share = u32::try_from(share).unwrap_or(u32::MAX).min(10 * MOST);
        let known = self.share.load(Ordering::Relaxed);
        let next = known.saturating_sub(known.saturating_sub(share).div_ceil(8)).max(share);
        self.share.store(next, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Duration = Duration::from_secs(1);
    const FILLED: Duration = Duration::from_millis(800);

    #[test]
    fn a_tenth_is_left_while_nothing_is_known() {
        let finishing = Finishing::default();
        assert_eq!(finishing.time_to_fill(WHOLE), Duration::from_millis(900));
        finishing.learn(FILLED, Duration::from_millis(40));
        assert_eq!(finishing.time_to_fill(WHOLE), Duration::from_millis(900), "enough for these");
    }

    #[test]
    fn what_takes_long_is_left_time_for_with_the_next_block() {
        let finishing = Finishing::default();
        finishing.learn(FILLED, Duration::from_millis(400));
        let filled = finishing.time_to_fill(WHOLE);
        let left = WHOLE - filled;
        assert!(left > filled / 2 && left < filled * 6 / 10, "{filled:?} and half as long");
    }

    #[test]
    fn half_of_the_time_is_always_there_to_fill() {
        let finishing = Finishing::default();
        finishing.learn(FILLED, Duration::from_secs(100));
        assert_eq!(finishing.time_to_fill(WHOLE), WHOLE / 2);
        finishing.learn(TELLING, Duration::MAX);
        assert_eq!(finishing.time_to_fill(WHOLE), WHOLE / 2);
    }

    #[test]
    fn it_is_forgotten_by_and_by() {
        let finishing = Finishing::default();
        finishing.learn(FILLED, Duration::from_millis(400));
        let long = finishing.time_to_fill(WHOLE);
        finishing.learn(FILLED, Duration::from_millis(40));
        let next = finishing.time_to_fill(WHOLE);
        assert!(next > long && next < Duration::from_millis(800), "{long:?}, then {next:?}");
        for _ in 0..40 {
            finishing.learn(FILLED, Duration::from_millis(40));
        }
        assert_eq!(finishing.time_to_fill(WHOLE), Duration::from_millis(900));
    }

    #[test]
    fn an_empty_block_says_nothing() {
        let finishing = Finishing::default();
        finishing.learn(Duration::from_millis(1), Duration::from_millis(5));
        finishing.learn(Duration::ZERO, Duration::from_millis(5));
        assert_eq!(finishing.time_to_fill(WHOLE), Duration::from_millis(900));
    }
}
