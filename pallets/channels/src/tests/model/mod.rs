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

mod acts;
mod judge;
mod playing;
mod random;
mod states;

use crate::mock::*;
use judge::{Judge, Stage, account};
use millrace_primitives_channels::Balance;
use playing::{compare, idle, step};
use polkadot_sdk::{frame_support::assert_ok, sp_runtime::BoundedVec};
use proptest::prelude::*;
use random::act;

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn chain_and_simple_judge_agree(acts in prop::collection::vec(act(), 20..160)) {
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

            // However it went, everybody can get out, and nothing stays behind.
            for (id, case) in judge.cases.clone() {
                if matches!(case.stage, Stage::Open) {
                    let richest = case.order.iter().max_by_key(|it| free(&Party::new(**it)));
                    let by = account(*richest.expect("every channel has parties"));
                    assert_ok!(Channels::dispute(
                        RuntimeOrigin::signed(by),
                        case.base,
                        BoundedVec::new()
                    ));
                    // The model forgets this one: only the sum is compared from here on.
                    judge.cases.remove(&id);
                }
            }
            for _ in 0..150 {
                jump_to(now() + 1);
                idle();
            }
            check_invariants();
            assert!(is_forgotten());
            let left: Balance = judge.money.keys().map(Balances::free_balance).sum();
            assert_eq!(left, 6 * ENDOWMENT);
        });
    }
}
