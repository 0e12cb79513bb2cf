// SPDX-License-Identifier: Apache-2.0

//! What accounts do. They are named by their position among the actors, channels and candidates by
//! any number, and amounts by percent of what can be had.

use pallet_dpos::Mode;
use proptest::prelude::*;

#[derive(Clone, Debug)]
pub enum Step {
    Transfer {
        from: usize,
        to: usize,
        percent: u32,
    },
    Open {
        one: usize,
        other: usize,
        percents: [u32; 2],
    },
    /// A participant disputes with a co-signed state that gives its peer so many percent.
    Dispute {
        nth: usize,
        by: usize,
        version: u64,
        percent: u32,
    },
    /// A participant answers with a state that is so many versions ahead.
    Answer {
        nth: usize,
        by: usize,
        ahead: u64,
        percent: u32,
    },
    Settle {
        nth: usize,
        percent: u32,
    },
    Delegate {
        who: usize,
        to: usize,
        percent: u32,
        mode: Mode,
    },
    Unbond {
        who: usize,
        from: usize,
        percent: u32,
    },
    Rebond {
        who: usize,
        to: usize,
        percent: u32,
    },
    Redelegate {
        who: usize,
        from: usize,
        percent: u32,
    },
    Withdraw {
        who: usize,
    },
    Claim {
        who: usize,
        at: usize,
    },
    /// What an account has cannot be spent below so many percent, as votes do it.
    Freeze {
        who: usize,
        percent: u32,
    },
    /// Somebody proves that the actor that is a validator contradicted itself.
    Report {
        percent: u32,
    },
    Blocks(u32),
    /// Blocks until the next era, and a few more.
    Era,
}

fn mode() -> impl Strategy<Value = Mode> {
    prop_oneof![Just(Mode::Payout), Just(Mode::Compound)]
}

pub fn step() -> impl Strategy<Value = Step> {
    let who = || 0usize..4;
    let at = || 0usize..2;
    // Mostly a part of what there is, at times more than all of it.
    let percent = || prop_oneof![6 => 1u32..50, 1 => 101u32..200];
    prop_oneof![
        4 => (who(), who(), percent())
            .prop_map(|(from, to, percent)| Step::Transfer { from, to, percent }),
        6 => (who(), who(), [percent(), percent()])
            .prop_map(|(one, other, percents)| Step::Open { one, other, percents }),
        4 => (0usize..4, at(), 1u64..6, 0u32..=100).prop_map(|(nth, by, version, percent)| {
            Step::Dispute { nth, by, version, percent }
        }),
        4 => (0usize..4, at(), 1u64..4, 0u32..=100).prop_map(|(nth, by, ahead, percent)| {
            Step::Answer { nth, by, ahead, percent }
        }),
        3 => (0usize..4, 0u32..=100).prop_map(|(nth, percent)| Step::Settle { nth, percent }),
        6 => (who(), at(), percent(), mode())
            .prop_map(|(who, to, percent, mode)| Step::Delegate { who, to, percent, mode }),
        5 => (who(), at(), percent())
            .prop_map(|(who, from, percent)| Step::Unbond { who, from, percent }),
        3 => (who(), at(), percent()).prop_map(|(who, to, percent)| Step::Rebond { who, to, percent }),
        3 => (who(), at(), percent())
            .prop_map(|(who, from, percent)| Step::Redelegate { who, from, percent }),
        4 => who().prop_map(|who| Step::Withdraw { who }),
        4 => (who(), at()).prop_map(|(who, at)| Step::Claim { who, at }),
        2 => (who(), 0u32..120).prop_map(|(who, percent)| Step::Freeze { who, percent }),
        1 => (1u32..=100).prop_map(|percent| Step::Report { percent }),
        4 => (1u32..9).prop_map(Step::Blocks),
        3 => Just(Step::Era),
    ]
}
