// SPDX-License-Identifier: Apache-2.0

use crate::{Event, mock::*};
use millrace_primitives_channels::{Balance, ChannelId};
use polkadot_sdk::frame_support::{assert_noop, assert_ok};

/// A channel of two with 100 each, whose dispute begins with version 3.
fn disputed() -> (Vec<Party>, ChannelId) {
    let parties = parties(2);
    let id = open_channel(&parties, &[100, 100]);
    assert_ok!(dispute(&parties, state(id, 3, &[100, 100])));
    assert_eq!(free(&parties[0]), ENDOWMENT - 100 - BOND);
    (parties, id)
}

#[test]
fn bond_comes_back_when_nobody_answers() {
    new_test_ext().execute_with(|| {
        let (parties, id) = disputed();
        run_to(dispute_of(id).deadline);
        assert_eq!(free(&parties[0]), ENDOWMENT);
        let by = parties[0].account();
        System::assert_has_event(
            Event::<Test>::BondReturned { channel: id, by, amount: BOND }.into(),
        );
        check_invariants();
    });
}

#[test]
fn withheld_signature_does_not_cost_the_bond() {
    new_test_ext().execute_with(|| {
        // given a participant whose newest state is version 3, because the other one has kept the
        // last signature of version 4 to itself
        let (parties, id) = disputed();

        // when that one shows version 4 to earn the bond, then it earns nothing
        assert_ok!(answer_for(parties[1].account(), &parties, state(id, 4, &[100, 100])));
        assert_eq!(dispute_of(id).reward_to, None);
        run_to(dispute_of(id).deadline);
        assert_eq!(free(&parties[0]), ENDOWMENT);
        assert_eq!(free(&parties[1]), ENDOWMENT);
        check_invariants();
    });
}

#[test]
fn stale_claim_loses_the_bond_to_the_highest_answer() {
    new_test_ext().execute_with(|| {
        let (parties, id) = disputed();
        assert_ok!(answer_for(parties[1].account(), &parties, state(id, 5, &[100, 100])));
        assert_eq!(dispute_of(id).reward_to, Some(parties[1].account()));
        assert_ok!(answer_for(tower(), &parties, state(id, 6, &[100, 100])));
        run_to(dispute_of(id).deadline);
        assert_eq!(free(&parties[0]), ENDOWMENT - BOND);
        assert_eq!(free_of(&tower()), ENDOWMENT + REWARD);
        assert_eq!(free_of(&treasury()), ENDOWMENT + BOND - REWARD);
        System::assert_has_event(
            Event::<Test>::BondForfeited {
                channel: id,
                by: parties[0].account(),
                amount: BOND,
                to: tower(),
                reward: REWARD,
            }
            .into(),
        );
        check_invariants();
    });
}

#[test]
fn first_step_does_not_hide_a_second() {
    new_test_ext().execute_with(|| {
        // given an answer by the next version, which is innocent
        let (parties, id) = disputed();
        assert_ok!(answer(&parties, state(id, 4, &[100, 100])));

        // when another answer is one above that, then it is two above what the dispute began with
        assert_ok!(answer(&parties, state(id, 5, &[100, 100])));
        assert_eq!(dispute_of(id).reward_to, Some(tower()));
    });
}

#[test]
fn answering_oneself_does_not_keep_others_from_answering() {
    new_test_ext().execute_with(|| {
        // given a disputant who names itself as the one to reward
        let (parties, id) = disputed();
        assert_ok!(answer_for(parties[0].account(), &parties, state(id, 6, &[100, 100])));
        assert_eq!(dispute_of(id).reward_to, Some(parties[0].account()));

        // when an honest party knows better, then the bond is lost all the same
        assert_ok!(answer_for(tower(), &parties, state(id, 7, &[0, 200])));
        run_to(dispute_of(id).deadline);
        assert_eq!(free(&parties[0]), ENDOWMENT - 100 - BOND);
        assert_eq!(free_of(&tower()), ENDOWMENT + REWARD);
        check_invariants();
    });
}

#[test]
fn cheat_that_answers_itself_loses_half_of_the_bond() {
    new_test_ext().execute_with(|| {
        // given a cheat who sees that others know better, and shows the newest state first
        let (parties, id) = disputed();
        assert_ok!(answer_for(parties[0].account(), &parties, state(id, 6, &[100, 100])));
        assert_noop!(
            answer(&parties, state(id, 6, &[100, 100])),
            crate::Error::<Test>::StaleVersion
        );

        // when the dispute ends, then the reward is its own, and the rest is gone
        run_to(dispute_of(id).deadline);
        assert_eq!(free(&parties[0]), ENDOWMENT - (BOND - REWARD));
        assert_eq!(free_of(&treasury()), ENDOWMENT + BOND - REWARD);
        check_invariants();
    });
}

#[test]
fn no_unit_of_a_bond_is_lost_in_rounding() {
    new_test_ext().execute_with(|| {
        for bond in [1, 2, 3, BOND, Balance::from(u64::MAX), Balance::MAX - 1, Balance::MAX] {
            let reward = Channels::reward(bond);
            assert_eq!(reward, bond / 2, "what cannot be halved goes to the treasury");
        }
        let issuance = Balances::total_issuance();
        let (parties, id) = disputed();
        assert_ok!(answer(&parties, state(id, 9, &[100, 100])));
        run_to(dispute_of(id).deadline);
        assert_eq!(Balances::total_issuance(), issuance);
    });
}

#[test]
fn settling_a_dispute_decides_the_bond_too() {
    new_test_ext().execute_with(|| {
        let (parties, id) = disputed();
        assert_ok!(answer(&parties, state(id, 9, &[100, 100])));
        assert_ok!(settle(&parties, final_state(id, 9, &[100, 100])));
        assert_eq!(free(&parties[0]), ENDOWMENT - BOND);
        assert_eq!(free_of(&tower()), ENDOWMENT + REWARD);
        assert_eq!(free_of(&treasury()), ENDOWMENT + BOND - REWARD);
        check_invariants();
    });
}

#[test]
fn versions_at_the_end_of_their_range_are_compared_rightly() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        for (nonce, first, is_stale) in [(0, u64::MAX - 1, false), (1, u64::MAX - 2, true)] {
            let id = open_nth(&parties, &[100, 100], nonce);
            assert_ok!(dispute(&parties, state(id, first, &[100, 100])));
            assert_ok!(answer(&parties, state(id, u64::MAX, &[100, 100])));
            assert_eq!(dispute_of(id).reward_to.is_some(), is_stale);
        }
        check_invariants();
    });
}

#[test]
fn reward_reaches_an_account_that_did_not_exist() {
    new_test_ext().execute_with(|| {
        let (parties, id) = disputed();
        let newcomer = Party::new(99);
        assert_ok!(answer_for(newcomer.account(), &parties, state(id, 9, &[100, 100])));
        run_to(dispute_of(id).deadline);
        assert_eq!(free(&parties[0]), ENDOWMENT - BOND);
        assert_eq!(free(&newcomer), REWARD);
        assert_eq!(pallet_channel_balances::Bonds::<Test>::iter().count(), 0);
        check_invariants();
    });
}

#[test]
fn dispute_fails_without_funds_for_the_bond() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let id = open_channel(&parties, &[ENDOWMENT - ED - ANCHOR - BOND + 1, 100]);
        let opening = state(id, 0, &[ENDOWMENT - ED - ANCHOR - BOND + 1, 100]);
        assert_noop!(
            dispute(&parties, opening.clone()),
            pallet_channel_balances::Error::<Test>::InsufficientFunds
        );
        assert_ok!(dispute_by(&parties[1], &parties, opening));
        check_invariants();
    });
}
