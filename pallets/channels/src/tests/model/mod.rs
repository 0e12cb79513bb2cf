// SPDX-License-Identifier: Apache-2.0

//! Random calls, good and bad, against a judge so simple that it is obviously right. After every
//! call both pallets' rules hold, no unit is made or lost, and everybody has exactly what the simple
//! judge says.
//!
//! | file | what it holds |
//! |---|---|
//! | `acts` | what somebody may try |
//! | `judge` | the simple judge |
//! | `states` | the states that somebody shows |
//! | `playing` | every act is tried on the chain and on the simple judge |
//! | `random` | acts at random |

pub mod acts;
mod judge;
mod playing;
#[cfg(test)]
mod random;
mod states;

use crate::{Event, mock::*};
use acts::Act;
use judge::{Case, Judge, Stage, account};
use millrace_primitives_channels::{Balance, ChannelId};
use playing::{compare, idle, step};
use polkadot_sdk::{frame_support::assert_ok, sp_runtime::BoundedVec};

/// Blocks after which everything that can happen by itself has happened.
const LONG: u32 = 150;

/// Plays `acts` on a new chain, then lets all channels end. Returns everything that the chain's judge
/// told on the way.
///
/// Panics when the chain and the simple judge disagree, a rule does not hold, a unit is made or lost,
/// or something stays behind.
pub fn play(acts: impl IntoIterator<Item = Act>) -> Vec<Event<Test>> {
    new_test_ext().execute_with(|| {
        let issuance = Balances::total_issuance();
        let mut judge = Judge::default();
        let people = (0..3).map(account).chain([stranger(), tower(), treasury()]);
        judge.money.extend(people.map(|who| (who, ENDOWMENT)));
        for act in acts {
            step(&mut judge, act);
            compare(&judge);
            assert_eq!(Balances::total_issuance(), issuance);
        }
        check_every_pallet();
        end(judge);
        assert_eq!(Balances::total_issuance(), issuance);
        let told = System::events().into_iter().filter_map(|record| match record.event {
            RuntimeEvent::Channels(event) => Some(event),
            _ => None,
        });
        told.collect()
    })
}

/// However it went, everybody can get out, and nothing stays behind.
fn end(mut judge: Judge) {
    for (id, case) in judge.cases.clone() {
        if matches!(case.stage, Stage::Open) {
            leave(id, case);
            // The model forgets this one: only the sum is compared from here on.
            judge.cases.remove(&id);
        }
    }
    for _ in 0..LONG {
        jump_to(now() + 1);
        idle();
    }
    check_invariants();
    check_every_pallet();
    assert!(is_forgotten());
    let left: Balance = judge.money.keys().map(free_of).sum();
    assert_eq!(left, 6 * ENDOWMENT);
}

/// The richest party of an open channel wants out.
fn leave(id: ChannelId, case: Case) {
    let richest = case.order.iter().max_by_key(|it| free(&Party::new(**it)));
    let by = account(*richest.expect("every channel has parties"));
    if Balances::free_balance(&by) < BOND + ED {
        let gift = RuntimeOrigin::signed(treasury());
        assert_ok!(Balances::transfer_keep_alive(gift, by.clone(), BOND));
    }
    assert_eq!(case.base.channel, id);
    assert_ok!(Channels::dispute(RuntimeOrigin::signed(by), case.base, BoundedVec::new()));
}

/// Checks the rules of all pallets of the small chain, if they are compiled with their checks.
fn check_every_pallet() {
    #[cfg(feature = "try-runtime")]
    {
        use polkadot_sdk::frame_support::traits::{TryState, TryStateSelect};
        <AllPalletsWithSystem as TryState<_>>::try_state(now(), TryStateSelect::All)
            .expect("the rules of every pallet hold");
    }
}

#[cfg(test)]
mod at_random {
    use super::{play, random::act};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

        #[test]
        fn chain_and_simple_judge_agree(acts in prop::collection::vec(act(), 20..160)) {
            play(acts);
        }
    }
}
