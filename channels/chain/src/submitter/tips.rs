// SPDX-License-Identifier: Apache-2.0

//! How much to offer, the nearer the deadline.

use millrace_primitives_channels::{Balance, BlockNumber};

/// The smallest step of a tip, as a share of the limit: one 64th.
const FIRST_SHARE: Balance = 64;

/// What a tip may grow to, and until when it has to have worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TipPlan {
    /// When the call was first submitted.
    pub from: BlockNumber,
    /// The call has to be in a block below this one; nothing never offers a tip.
    pub deadline: Option<BlockNumber>,
    /// The largest tip, in the smallest unit of the native token.
    pub limit: Balance,
}

impl TipPlan {
    /// The tip to offer for the block after `best`.
    ///
    /// None in the first half of the time; then a 64th of the limit, doubled with each twelfth of the
    /// time that passes, so that the limit is offered from the last block at the latest.
    pub fn tip(&self, best: BlockNumber) -> Balance {
        let Some(deadline) = self.deadline else { return 0 };
        let total = u64::from(deadline.saturating_sub(self.from)).max(1);
        let left = u64::from(deadline.saturating_sub(best));
        // Too few blocks for steps: half of the blocks that are left are soon gone.
        if left <= 2 {
            return self.limit;
        }
        let passed = total.saturating_sub(left);
        let late = passed.saturating_mul(2).saturating_sub(total);
        if late == 0 {
            return 0;
        }
        // From 0 right after the half to 6 before the end.
        let steps = late.saturating_mul(6).checked_div(total).unwrap_or(6).min(6);
        let share = 1u128.checked_shl(u32::try_from(steps).unwrap_or(6)).unwrap_or(FIRST_SHARE);
        // At least one unit, because a tip of zero outbids nobody.
        let tip = self.limit.checked_div(FIRST_SHARE).unwrap_or(0).saturating_mul(share);
        tip.max(1).min(self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PLAN: TipPlan = TipPlan { from: 100, deadline: Some(220), limit: 6_400 };

    #[test]
    fn nothing_is_offered_in_the_first_half() {
        assert_eq!(PLAN.tip(100), 0);
        assert_eq!(PLAN.tip(160), 0);
    }

    #[test]
    fn offer_doubles_towards_the_deadline() {
        assert_eq!(PLAN.tip(161), 100);
        assert_eq!(PLAN.tip(171), 200);
        assert_eq!(PLAN.tip(191), 800);
        assert_eq!(PLAN.tip(218), 6_400);
        assert_eq!(PLAN.tip(500), 6_400);
    }

    #[test]
    fn without_a_deadline_nothing_is_offered() {
        assert_eq!(TipPlan { deadline: None, ..PLAN }.tip(u32::MAX), 0);
    }

    proptest! {
        #[test]
        fn offers_only_rise_and_keep_to_the_limit(
            from in 0u32..1_000, length in 0u32..1_000, limit in 0u128..1_000_000,
        ) {
            let plan = TipPlan { from, deadline: Some(from + length), limit };
            let tips: Vec<_> = (from..=from + length).map(|best| plan.tip(best)).collect();
            prop_assert!(tips.windows(2).all(|pair| pair[0] <= pair[1]));
            prop_assert!(tips.iter().all(|tip| *tip <= limit));
            prop_assert_eq!(tips.last().copied(), Some(limit));
        }
    }
}
