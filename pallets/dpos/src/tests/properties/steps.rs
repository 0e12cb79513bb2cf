// SPDX-License-Identifier: Apache-2.0

//! What may happen.

use super::{CANDIDATES, LONGEST_BONDING, STAKERS};
use crate::{Mode, tests::model::Who};
use proptest::prelude::*;

#[derive(Clone, Debug)]
pub enum Step {
    Delegate {
        who: Who,
        to: Who,
        amount: u128,
        mode: Mode,
    },
    SetMode {
        who: Who,
        at: Who,
        mode: Mode,
    },
    Unbond {
        who: Who,
        from: Who,
        amount: u128,
    },
    Rebond {
        who: Who,
        to: Who,
        amount: u128,
    },
    Redelegate {
        who: Who,
        from: Who,
        to: Who,
        amount: u128,
    },
    Withdraw {
        who: Who,
    },
    Claim {
        who: Who,
        at: Who,
    },
    Sync {
        who: Who,
        at: Who,
    },
    Register {
        who: Who,
        bond: u128,
        mode: Mode,
    },
    Leave {
        who: Who,
    },
    /// Somebody proves what a candidate did some eras ago; its slash waits.
    Report {
        who: Who,
        ago: u32,
        parts: u32,
    },
    /// Governance cancels one of the slashes that wait.
    Cancel {
        nth: usize,
    },
    /// A slash without a report, at once.
    Slash {
        who: Who,
        ago: u32,
        parts: u32,
    },
    /// Governance changes what it may.
    Rules {
        bonding: u32,
        defer: u32,
        jail: u32,
        sessions: u32,
        min_delegation: u128,
    },
    /// An election begins, or ends if one is under way.
    Election,
    Era {
        points: [u32; 3],
        fees: u128,
    },
    Blocks(u32),
}

fn mode() -> impl Strategy<Value = Mode> {
    prop_oneof![Just(Mode::Payout), Just(Mode::Compound)]
}

/// A fraction, in parts of a billion: any up to a half, next to everything, everything.
fn parts() -> impl Strategy<Value = u32> {
    prop_oneof![
        12 => 1u32..500_000_000,
        1 => Just(999_999_999u32),
        2 => Just(1_000_000_000u32)
    ]
}

fn rules() -> impl Strategy<Value = Step> {
    (2..=LONGEST_BONDING)
        .prop_flat_map(|bonding| (Just(bonding), 0..bonding, 1u32..4, 3u32..6, 20u128..400))
        .prop_map(|(bonding, defer, jail, sessions, min_delegation)| Step::Rules {
            bonding,
            defer,
            jail,
            sessions,
            min_delegation,
        })
}

pub fn step() -> impl Strategy<Value = Step> {
    let who = || prop::sample::select(STAKERS.to_vec());
    let candidate = || prop::sample::select(CANDIDATES.to_vec());
    let amount = || prop_oneof![3 => 1u128..20_000, 1 => Just(u128::MAX / 4)];
    prop_oneof![
        9 => (who(), candidate(), 100u128..20_000, mode())
            .prop_map(|(who, to, amount, mode)| Step::Delegate { who, to, amount, mode }),
        4 => (who(), candidate(), mode()).prop_map(|(who, at, mode)| Step::SetMode { who, at, mode }),
        7 => (who(), candidate(), amount())
            .prop_map(|(who, from, amount)| Step::Unbond { who, from, amount }),
        6 => (who(), candidate(), amount())
            .prop_map(|(who, to, amount)| Step::Rebond { who, to, amount }),
        4 => (who(), candidate(), candidate(), amount())
            .prop_map(|(who, from, to, amount)| Step::Redelegate { who, from, to, amount }),
        6 => who().prop_map(|who| Step::Withdraw { who }),
        2 => (who(), candidate()).prop_map(|(who, at)| Step::Claim { who, at }),
        2 => (who(), candidate()).prop_map(|(who, at)| Step::Sync { who, at }),
        3 => (candidate(), 1_000u128..20_000, mode())
            .prop_map(|(who, bond, mode)| Step::Register { who, bond, mode }),
        1 => candidate().prop_map(|who| Step::Leave { who }),
        2 => (candidate(), 0u32..5, parts())
            .prop_map(|(who, ago, parts)| Step::Report { who, ago, parts }),
        1 => (0usize..4).prop_map(|nth| Step::Cancel { nth }),
        1 => (candidate(), 0u32..5, parts())
            .prop_map(|(who, ago, parts)| Step::Slash { who, ago, parts }),
        1 => rules(),
        2 => Just(Step::Election),
        6 => (prop::array::uniform3(0u32..4), 0u128..100_000)
            .prop_map(|(points, fees)| Step::Era { points, fees }),
        3 => (1u32..40).prop_map(Step::Blocks),
    ]
}
