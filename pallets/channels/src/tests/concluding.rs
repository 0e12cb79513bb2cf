// SPDX-License-Identifier: Apache-2.0

use crate::{Error, Event, mock::*};
use polkadot_sdk::{
    frame_support::{assert_noop, assert_ok},
    sp_core::H256,
};

#[test]
fn conclude_pays_the_recorded_state_to_all() {
    new_test_ext().execute_with(|| {
        // given a stale close that was answered
        let parties = parties(2);
        let id = open_channel(&parties, &[100, 100]);
        assert_ok!(dispute(&parties, state(id, 1, &[190, 10])));
        assert_ok!(answer(&parties, state(id, 2, &[30, 170])));

        // when
        jump_to(11);
        assert_ok!(conclude(id));

        // then
        // (a gap of one is innocent, so the bond came back)
        assert_eq!(free(&parties[0]), ENDOWMENT - 70);
        assert_eq!(free(&parties[1]), ENDOWMENT + 70);
        System::assert_last_event(
            Event::<Test>::ChannelConcluded {
                channel: id,
                version: 2,
                payouts: amounts(&[30, 170]),
                until: None,
            }
            .into(),
        );
        check_invariants();
    });
}

#[test]
fn conclude_fails_before_the_deadline() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let id = open_channel(&parties, &[100, 100]);
        assert_ok!(dispute(&parties, state(id, 1, &[190, 10])));
        jump_to(10);
        assert_noop!(conclude(id), Error::<Test>::DeadlineNotReached);
    });
}

#[test]
fn conclude_fails_when_nothing_is_disputed_or_known() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let id = open_channel(&parties, &[100, 100]);
        assert_noop!(conclude(id), Error::<Test>::NotDisputed);
        assert_noop!(conclude(H256::repeat_byte(7)), Error::<Test>::ChannelNotFound);
    });
}

#[test]
fn conclude_twice_fails() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let id = open_channel(&parties, &[100, 100]);
        assert_ok!(dispute(&parties, state(id, 0, &[100, 100])));
        jump_to(11);
        assert_ok!(conclude(id));
        assert_noop!(conclude(id), Error::<Test>::ChannelNotFound);
    });
}

#[test]
fn dispute_is_concluded_by_itself_at_its_deadline() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let id = open_channel(&parties, &[100, 100]);
        assert_ok!(dispute(&parties, state(id, 1, &[190, 10])));
        run_to(dispute_of(id).deadline - 1);
        assert!(!is_over(id));
        run_to(now() + 1);
        assert!(is_over(id));
        assert_eq!(free(&parties[0]), ENDOWMENT + 90);
        check_invariants();
    });
}

#[test]
fn conclude_and_claim_never_fit_into_one_block() {
    new_test_ext().execute_with(|| {
        // given a dispute about a state with a transfer whose preimage is known
        let parties = parties(2);
        let id = open_channel(&parties, &[100, 100]);
        let transfers = [transfer(1, 30, 100)];
        assert_ok!(dispute(&parties, with_transfers(state(id, 1, &[70, 100]), &transfers)));
        assert_ok!(reveal(1));

        // when nothing is concluded, then nothing can be claimed
        assert_noop!(claim(id, &transfers, 0), Error::<Test>::NotResolving);
        jump_to(dispute_of(id).deadline);
        assert_noop!(claim(id, &transfers, 0), Error::<Test>::NotResolving);
        assert_ok!(conclude(id));

        // and from the block on in which the rest can be swept, nothing can be claimed any more
        let until = crate::Resolutions::<Test>::get(id).expect("it resolves").until;
        assert_noop!(conclude(id), Error::<Test>::DeadlineNotReached);
        jump_to(until);
        assert_noop!(claim(id, &transfers, 0), Error::<Test>::ResolutionOver);
        assert_ok!(conclude(id));
        assert_noop!(claim(id, &transfers, 0), Error::<Test>::ChannelNotFound);
        check_invariants();
    });
}

#[test]
fn settle_and_answer_come_too_late_once_balances_are_paid() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let id = open_channel(&parties, &[100, 100]);
        let pending = with_transfers(state(id, 1, &[70, 100]), &[transfer(1, 30, 100)]);
        assert_ok!(dispute(&parties, pending));
        jump_to(dispute_of(id).deadline);
        assert_ok!(conclude(id));
        let late = Error::<Test>::AlreadyConcluded;
        assert_noop!(settle(&parties, final_state(id, 9, &[200, 0])), late);
        let late = Error::<Test>::AlreadyConcluded;
        assert_noop!(answer(&parties, state(id, 9, &[200, 0])), late);
        let late = Error::<Test>::AlreadyConcluded;
        assert_noop!(dispute(&parties, state(id, 9, &[200, 0])), late);
    });
}
