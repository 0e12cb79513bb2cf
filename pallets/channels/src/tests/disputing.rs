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

#[test]
fn dispute_records_the_state_and_fixes_the_deadline() {
    new_test_ext().execute_with(|| {
        let (parties, id) = channel();
        let now = System::block_number();

        assert_ok!(dispute(&parties, state(id, 3, &[50, 150])));

        assert_eq!(recorded(id).version, 3);
        assert_eq!(dispute_of(id).deadline, now + 10);
        System::assert_last_event(
            Event::<Test>::ChannelDisputed {
                channel: id,
                by: parties[0].account(),
                version: 3,
                deadline: now + 10,
                bond: BOND,
            }
            .into(),
        );
        check_invariants();
    });
}

#[test]
fn dispute_with_the_state_the_chain_knows_needs_no_signature() {
    new_test_ext().execute_with(|| {
        let (parties, id) = channel();
        assert_noop!(dispute(&parties, state(id, 0, &[200, 0])), Error::<Test>::NotTheBaseState);
        let with_signatures = state(id, 0, &[100, 100]);
        let signatures = co_sign(&parties, &with_signatures);
        assert_noop!(
            Channels::dispute(
                RuntimeOrigin::signed(parties[0].account()),
                with_signatures,
                signatures
            ),
            Error::<Test>::NotTheBaseState
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
        let deadline = dispute_of(id).deadline;
        jump_to(System::block_number() + 4);

        // when
        assert_ok!(answer(&parties, state(id, 4, &[20, 180])));

        // then
        assert_eq!(recorded(id).version, 4);
        assert_eq!(recorded(id).balances, amounts(&[20, 180]));
        assert_eq!(dispute_of(id).deadline, deadline);
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
        let deadline = dispute_of(id).deadline;

        jump_to(deadline - 1);
        assert_ok!(answer(&parties, state(id, 4, &[20, 180])));
        assert_noop!(conclude(id), Error::<Test>::DeadlineNotReached);

        jump_to(deadline);
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
            Channels::answer(anybody(), later.clone(), own_twice, tower()),
            Error::<Test>::InvalidSignature
        );
        assert_noop!(
            Channels::answer(anybody(), later, BoundedVec::new(), tower()),
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
        jump_to(dispute_of(id).deadline);
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

#[test]
fn answers_cannot_flood_a_dispute() {
    new_test_ext().execute_with(|| {
        // given a dispute, and somebody with many co-signed states
        let (parties, id) = channel();
        assert_ok!(dispute(&parties, state(id, 1, &[50, 150])));
        let deadline = dispute_of(id).deadline;

        // when it shows them one by one, then the deadline stays, only the first are free, and an
        // honest party needs a single answer after all
        for version in 2..20 {
            let paid = answer(&parties, state(id, version, &[50, 150])).expect("it rises").pays_fee;
            assert_eq!(paid == Pays::No, version < 2 + u64::from(MAX_FREE_ANSWERS));
            assert_eq!(dispute_of(id).deadline, deadline);
        }
        assert_ok!(answer(&parties, state(id, 100, &[0, 200])));
        assert_eq!(crate::Agenda::<Test>::iter().count(), 1);
        run_to(deadline);
        assert!(is_over(id));
        assert_eq!(free(&parties[1]), ENDOWMENT + 100);
        check_invariants();
    });
}

#[test]
fn stale_close_in_the_last_block_of_a_window_gains_nothing() {
    new_test_ext().execute_with(|| {
        // given a dispute that is answered in time
        let (parties, id) = channel();
        assert_ok!(dispute(&parties, state(id, 1, &[200, 0])));
        let deadline = dispute_of(id).deadline;
        jump_to(deadline - 1);
        assert_ok!(answer(&parties, state(id, 5, &[0, 200])));

        // when a state in between is shown in the window's last block, then it is refused, and so
        // is a second dispute that would start a new window
        assert_noop!(answer(&parties, state(id, 3, &[200, 0])), Error::<Test>::StaleVersion);
        assert_noop!(dispute(&parties, state(id, 3, &[200, 0])), Error::<Test>::AlreadyDisputed);
        run_to(deadline);
        assert_eq!(free(&parties[1]), ENDOWMENT + 100);
        check_invariants();
    });
}

#[test]
fn dispute_fails_when_parts_are_out_of_range_or_overflow() {
    new_test_ext().execute_with(|| {
        let (parties, id) = channel();
        let refuses = |state, error: Error<Test>| {
            assert_noop!(dispute(&parties, state), error);
        };
        let one = |amount| with_transfers(state(id, 1, &[70, 100]), &[transfer(1, amount, 9)]);

        refuses(one(31), Error::<Test>::SumMismatch);
        refuses(one(u128::MAX), Error::<Test>::AmountOverflow);
        let mut twice = one(30);
        twice.pending.as_mut().expect("it is pending").totals = amounts(&[u128::MAX, 1]);
        refuses(twice, Error::<Test>::AmountOverflow);
        let mut other_count = one(30);
        other_count.pending.as_mut().expect("it is pending").totals = amounts(&[30]);
        refuses(other_count, Error::<Test>::BadPending);
        for count in [0, 1_025] {
            let mut many = one(30);
            many.pending.as_mut().expect("it is pending").count = count;
            refuses(many, Error::<Test>::BadPending);
        }

        let pulses = Pulses::new(id, 0, 1, 3, 10);
        let streaming = |change: fn(&mut millrace_primitives_channels::Stream)| {
            let mut stream = pulses.stream;
            change(&mut stream);
            with_streams(state(id, 1, &[70, 100]), &[stream])
        };
        refuses(streaming(|it| it.unit = u128::MAX), Error::<Test>::AmountOverflow);
        refuses(streaming(|it| it.unit = 2), Error::<Test>::SumMismatch);
        refuses(streaming(|it| it.unit = 0), Error::<Test>::BadStream);
        refuses(streaming(|it| it.payee = 0), Error::<Test>::BadStream);
        refuses(streaming(|it| it.payee = 2), Error::<Test>::BadStream);
        refuses(streaming(|it| it.payer = 2), Error::<Test>::BadStream);
        refuses(streaming(|it| it.links = 0), Error::<Test>::BadStream);
        refuses(streaming(|it| it.links = 257), Error::<Test>::BadStream);
        refuses(streaming(|it| it.chains = (1 << 16) + 1), Error::<Test>::BadStream);
        assert_ok!(dispute(&parties, streaming(|_| ())));
        check_invariants();
    });
}
