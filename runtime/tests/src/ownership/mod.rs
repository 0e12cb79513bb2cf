// SPDX-License-Identifier: Apache-2.0

//! Whatever accounts do with channels, stakes and each other, in any order, no unit counts twice and
//! none is lost.
//!
//! A ledger that knows nothing of pallets says after every step what each account must have in its
//! balance: what it transferred, paid as fees, delegated, got back, was paid from channels, or lost
//! or won as a bond. Stake is looked at from the outside: all of it is in one account of the chain,
//! once.
//!
//! | file | what it holds |
//! |---|---|
//! | `steps` | what accounts do |
//! | `playing` | steps are taken on the chain and in the ledger |
//! | `ledger` | who must have what, and what holds after every step |

mod ledger;
mod playing;
mod steps;

use ledger::Ledger;
use playing::take;
use polkadot_sdk::sp_keyring::Sr25519Keyring;
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use std::collections::BTreeMap;
use steps::step;

/// Whose funds are followed. One of them is a validator, one has delegated from the start.
const ACTORS: [Sr25519Keyring; 4] =
    [Sr25519Keyring::Bob, Sr25519Keyring::Charlie, Sr25519Keyring::Dave, Sr25519Keyring::Eve];

/// With whom they stake.
const VALIDATORS: [Sr25519Keyring; 2] = [Sr25519Keyring::Alice, Sr25519Keyring::Bob];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn channel_deposits_and_stakes_of_one_account_never_count_twice(
        steps in prop::collection::vec(step(), 15..45),
    ) {
        let mut chain = playing::chain();
        let mut ledger = Ledger::new(&mut chain);
        for step in steps {
            take(&mut chain, &mut ledger, &step);
            ledger.check(&mut chain, &step);
        }
    }
}

#[test]
fn most_kinds_of_steps_succeed_often_enough_to_mean_something() {
    let mut runner = TestRunner::deterministic();
    let mut done = BTreeMap::<String, u32>::new();
    let mut chain = playing::chain();
    let mut ledger = Ledger::new(&mut chain);
    let steps = prop::collection::vec(step(), 260).new_tree(&mut runner).expect("there are steps");
    for step in steps.current() {
        let shown = format!("{step:?}");
        let name = shown.split(['{', '(']).next().unwrap_or_default().trim().to_owned();
        let is_done = take(&mut chain, &mut ledger, &step);
        *done.entry(name).or_default() += u32::from(is_done);
    }
    ledger.check(&mut chain, &"the end");
    let kinds = [
        "Transfer",
        "Open",
        "Dispute",
        "Answer",
        "Settle",
        "Delegate",
        "Unbond",
        "Rebond",
        "Redelegate",
        "Withdraw",
        "Claim",
        "Freeze",
        "Report",
        "Era",
    ];
    for kind in kinds {
        assert!(done.get(kind).is_some_and(|count| *count >= 2), "{kind}: {done:?}");
    }
}
