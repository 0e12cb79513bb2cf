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
        run_to(11);
        assert_ok!(conclude(id));

        // then
        assert_eq!(free(&parties[0]), ENDOWMENT - 70);
        assert_eq!(free(&parties[1]), ENDOWMENT + 70);
        System::assert_last_event(
            Event::<Test>::ChannelConcluded {
                channel: id,
                version: 2,
                payouts: amounts(&[30, 170]),
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
        run_to(10);
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
        run_to(11);
        assert_ok!(conclude(id));
        assert_noop!(conclude(id), Error::<Test>::ChannelNotFound);
    });
}
