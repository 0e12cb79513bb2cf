// SPDX-License-Identifier: Apache-2.0

use crate::{Error, Event, mock::*};
use millrace_primitives_channels::ChannelState;
use polkadot_sdk::{
    frame_support::{assert_noop, assert_ok, dispatch::Pays},
    sp_runtime::BoundedVec,
};

/// A channel of two with 100 each.
fn channel() -> (Vec<Party>, millrace_primitives_channels::ChannelId) {
    let parties = parties(2);
    let id = open_channel(&parties, &[100, 100]);
    (parties, id)
}

/// The dispute that the chain has recorded.
fn recorded(id: millrace_primitives_channels::ChannelId) -> crate::Dispute {
    match crate::Channels::<Test>::get(id).expect("the channel is there").phase {
        crate::Phase::Disputed(dispute) => dispute,
        crate::Phase::Open => panic!("the channel is not disputed"),
    }
}

#[test]
fn dispute_records_the_state_and_fixes_the_deadline() {
    new_test_ext().execute_with(|| {
        let (parties, id) = channel();
        let now = System::block_number();

        assert_ok!(dispute(&parties, state(id, 3, &[50, 150])));

        assert_eq!(recorded(id).version, 3);
        assert_eq!(recorded(id).deadline, now + 10);
        System::assert_last_event(
            Event::<Test>::ChannelDisputed {
                channel: id,
                by: parties[0].account(),
                version: 3,
                deadline: now + 10,
            }
            .into(),
        );
        check_invariants();
    });
}

#[test]
fn dispute_with_the_opening_state_needs_no_signature() {
    new_test_ext().execute_with(|| {
        let (parties, id) = channel();
        assert_noop!(dispute(&parties, state(id, 0, &[200, 0])), Error::<Test>::NotTheOpeningState);
        let with_signatures = state(id, 0, &[100, 100]);
        let signatures = co_sign(&parties, &with_signatures);
        assert_noop!(
            Channels::dispute(
                RuntimeOrigin::signed(parties[0].account()),
                with_signatures,
                signatures
            ),
            Error::<Test>::NotTheOpeningState
        );
        assert_ok!(dispute(&parties, state(id, 0, &[100, 100])));
        check_invariants();
    });
}

#[test]
fn dispute_fails_for_strangers_and_for_signers() {
    new_test_ext().execute_with(|| {
        let (parties, id) = channel();
        let state = state(id, 3, &[50, 150]);
        let signatures = co_sign(&parties, &state);
        assert_noop!(
            Channels::dispute(RuntimeOrigin::signed(stranger()), state, signatures),
            Error::<Test>::NotParticipant
        );
    });
}

#[test]
fn dispute_fails_when_there_is_one_already() {
    new_test_ext().execute_with(|| {
        let (parties, id) = channel();
        assert_ok!(dispute(&parties, state(id, 3, &[50, 150])));
        assert_noop!(dispute(&parties, state(id, 4, &[50, 150])), Error::<Test>::AlreadyDisputed);
    });
}

#[test]
fn answer_replaces_the_state_and_leaves_the_deadline() {
    new_test_ext().execute_with(|| {
        // given
        let (parties, id) = channel();
        assert_ok!(dispute(&parties, state(id, 3, &[50, 150])));
        let deadline = recorded(id).deadline;
        run_to(System::block_number() + 4);

        // when
        assert_ok!(answer(&parties, state(id, 4, &[20, 180])));

        // then
        assert_eq!(recorded(id).version, 4);
        assert_eq!(recorded(id).balances, amounts(&[20, 180]));
        assert_eq!(recorded(id).deadline, deadline);
        check_invariants();
    });
}

#[test]
fn answer_fails_when_version_is_stale() {
    new_test_ext().execute_with(|| {
        let (parties, id) = channel();
        assert_ok!(dispute(&parties, state(id, 3, &[50, 150])));
        for version in [0, 1, 2, 3] {
            assert_noop!(
                answer(&parties, state(id, version, &[20, 180])),
                Error::<Test>::StaleVersion
            );
        }
    });
}

#[test]
fn answer_counts_in_the_last_block_before_the_deadline_and_not_in_it() {
    new_test_ext().execute_with(|| {
        let (parties, id) = channel();
        assert_ok!(dispute(&parties, state(id, 3, &[50, 150])));
        let deadline = recorded(id).deadline;

        run_to(deadline - 1);
        assert_ok!(answer(&parties, state(id, 4, &[20, 180])));
        assert_noop!(conclude(id), Error::<Test>::DeadlineNotReached);

        run_to(deadline);
        assert_noop!(answer(&parties, state(id, 5, &[20, 180])), Error::<Test>::DeadlinePassed);
        assert_ok!(conclude(id));
    });
}

#[test]
fn answer_fails_when_nothing_is_disputed() {
    new_test_ext().execute_with(|| {
        let (parties, id) = channel();
        assert_noop!(answer(&parties, state(id, 1, &[20, 180])), Error::<Test>::NotDisputed);
    });
}

#[test]
fn answer_fails_without_everybodys_signature() {
    new_test_ext().execute_with(|| {
        let (parties, id) = channel();
        assert_ok!(dispute(&parties, state(id, 3, &[50, 150])));
        let later = state(id, 4, &[0, 200]);
        let all = co_sign(&parties, &later);
        let own_twice = BoundedVec::truncate_from(vec![all[1].clone(), all[1].clone()]);
        assert_noop!(
            Channels::answer(RuntimeOrigin::signed(stranger()), later.clone(), own_twice),
            Error::<Test>::InvalidSignature
        );
        assert_noop!(
            Channels::answer(RuntimeOrigin::signed(stranger()), later, BoundedVec::new()),
            Error::<Test>::WrongSignatureCount
        );
    });
}

#[test]
fn answers_are_free_a_bounded_number_of_times() {
    new_test_ext().execute_with(|| {
        let (parties, id) = channel();
        assert_ok!(dispute(&parties, state(id, 1, &[50, 150])));
        for nth in 1..=u64::from(MAX_FREE_ANSWERS) + 2 {
            let paid =
                answer(&parties, state(id, 1 + nth, &[50, 150])).expect("versions rise").pays_fee;
            let expected = if nth <= u64::from(MAX_FREE_ANSWERS) { Pays::No } else { Pays::Yes };
            assert_eq!(paid, expected, "answer {nth}");
        }
    });
}

#[test]
fn highest_possible_version_is_no_exception() {
    new_test_ext().execute_with(|| {
        let (parties, id) = channel();
        assert_ok!(dispute(&parties, state(id, u64::MAX, &[50, 150])));
        assert_noop!(
            answer(&parties, state(id, u64::MAX, &[20, 180])),
            Error::<Test>::StaleVersion
        );
        check_invariants();
        run_to(recorded(id).deadline);
        assert_ok!(conclude(id));
    });
}

#[test]
fn final_state_may_be_disputed_with_too() {
    new_test_ext().execute_with(|| {
        let (parties, id) = channel();
        let last = ChannelState { is_final: true, ..state(id, 9, &[50, 150]) };
        assert_ok!(dispute(&parties, last));
        check_invariants();
    });
}
