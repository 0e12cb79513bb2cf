// SPDX-License-Identifier: Apache-2.0

//! Random calls, reports, slashes, rewards, eras, elections and changes of parameters, on the chain
//! and in the naive model: both must agree to the unit after every step, every rule must hold, and in
//! the end everybody gets everything.
//!
//! | file | what it holds |
//! |---|---|
//! | `steps` | what may happen |
//! | `playing` | every step is taken on the chain and in the model |
//! | `comparing` | everything is compared |

mod comparing;
mod playing;
mod steps;

use super::model::Who;
use crate::{
    Candidates, Delegations, Departed, EndedGenerations, EraFees, Owed, Paydays, Points, Pools,
    Portfolios, Remainder, TotalStaked, UnappliedSlashes, mock::*,
};
use comparing::compare;
use playing::{decide, model, pass_era, take};
use polkadot_sdk::frame_support::traits::fungible::Inspect;
use proptest::prelude::*;
use steps::{Step, step};

/// Candidates at the start.
const CANDIDATES: [Who; 3] = [1, 2, 3];
/// Everybody who stakes.
const STAKERS: [Who; 8] = [1, 2, 3, 11, 12, 13, 14, 15];
/// The longest time of unbonding that steps set, in eras.
const LONGEST_BONDING: u32 = 6;

/// Everybody leaves, and takes what there is.
fn leave_all() {
    let unbond_all = || {
        for (who, candidate) in STAKERS.iter().flat_map(|who| CANDIDATES.map(|it| (*who, it))) {
            let _ = unbond(account(who), account(candidate), u128::MAX);
        }
    };
    let wait = || (0..=LONGEST_BONDING).for_each(|_| pass_era());
    decide();
    // Whoever has too many chunks gets rid of them first.
    for _ in 0..2 {
        for who in CANDIDATES {
            // Some have left already.
            let _ = Dpos::leave(signed(account(who)));
        }
        unbond_all();
        wait();
        for who in STAKERS {
            let _ = withdraw(account(who));
        }
    }
    for (who, candidate) in STAKERS.iter().flat_map(|who| CANDIDATES.map(|it| (*who, it))) {
        let _ = claim(account(who), account(candidate));
        let _ = sync(account(who), account(candidate));
    }
}

/// Checks that nothing is left but the remainder.
fn check_nothing_left() {
    check();
    assert_eq!(UnappliedSlashes::<Test>::iter().count(), 0, "slashes");
    assert_eq!(Delegations::<Test>::iter().count(), 0, "delegations");
    assert_eq!(Pools::<Test>::iter().count(), 0, "pools");
    assert_eq!(Portfolios::<Test>::iter().count(), 0, "portfolios");
    assert_eq!(Departed::<Test>::iter().count(), 0, "departures");
    assert_eq!(EndedGenerations::<Test>::iter().count(), 0, "ended generations");
    assert_eq!(Owed::<Test>::iter().count(), 0, "owed");
    assert_eq!(Candidates::<Test>::iter().count(), 0, "candidates");
    assert_eq!(Paydays::<Test>::iter().count() + Points::<Test>::iter().count(), 0, "paydays");
    assert_eq!(TotalStaked::<Test>::get(), 0);
    let rest = Remainder::<Test>::get() + EraFees::<Test>::get();
    assert_eq!(Balances::balance(&Dpos::pot()), ED + rest);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn random_steps_agree_with_the_naive_model(steps in prop::collection::vec(step(), 20..110)) {
        chain().execute_with(|| {
            let mut model = model();
            compare(&model);
            let mut paid_in = Balances::total_issuance();
            for step in steps {
                if let Step::Era { fees, .. } = &step {
                    paid_in += fees;
                }
                take(step, &mut model);
                check();
                compare(&model);
                // Nothing was made or lost.
                assert_eq!(Balances::total_issuance(), paid_in);
            }
            leave_all();
            check_nothing_left();
        });
    }
}

#[test]
fn most_kinds_of_steps_succeed_often_enough_to_mean_something() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};
    let mut runner = TestRunner::deterministic();
    let mut done = std::collections::BTreeMap::<String, u32>::new();
    let mut applied = 0;
    for _ in 0..30 {
        let steps = prop::collection::vec(step(), 90).new_tree(&mut runner).unwrap().current();
        chain().execute_with(|| {
            let mut model = model();
            for step in steps {
                let name = format!("{step:?}").split(['{', '(']).next().unwrap().trim().to_owned();
                *done.entry(name).or_default() += u32::from(take(step, &mut model));
            }
            applied += model.reports.values().filter(|it| it.settled > 0).count();
        });
    }
    let kinds = [
        "Delegate",
        "SetMode",
        "Unbond",
        "Rebond",
        "Redelegate",
        "Withdraw",
        "Claim",
        "Sync",
        "Report",
        "Cancel",
        "Leave",
        "Register",
        "Rules",
        "Election",
    ];
    for kind in kinds {
        assert!(done.get(kind).is_some_and(|count| *count >= 5), "{kind}: {done:?}");
    }
    assert!(applied >= 20, "{applied} slashes came about");
}
