// SPDX-License-Identifier: Apache-2.0

use crate::{Error, Event, mock::*};
use millrace_primitives_channels::{AppState, ChannelApps, ChannelId, ChannelState, Hash};
use polkadot_sdk::{
    frame_support::{assert_noop, assert_ok},
    sp_runtime::BoundedVec,
};

/// A game of three turns, of which the first participant has the first, disputed with 100 each.
fn game() -> (Vec<Party>, ChannelId) {
    let parties = parties(2);
    let id = open_channel(&parties, &[100, 100]);
    assert_ok!(dispute(&parties, turn(id, 1, [100, 100], 0, 3)));
    check_invariants();
    (parties, id)
}

fn turn(id: ChannelId, version: u64, balances: [u128; 2], mover: u8, left: u8) -> ChannelState {
    with_app(state(id, version, &balances), Tally::data(mover, left))
}

#[test]
fn move_is_forced_after_the_window_and_opens_a_new_one() {
    new_test_ext().execute_with(|| {
        // given
        let (parties, id) = game();
        let deadline = dispute_of(id).deadline;
        jump_to(deadline);

        // when
        assert_ok!(progress(&parties[0], turn(id, 2, [101, 99], 1, 2)));

        // then
        assert_eq!(recorded(id).version, 2);
        assert_eq!(dispute_of(id).deadline, deadline + WINDOW);
        assert_eq!(dispute_of(id).mover, Some(1));
        System::assert_last_event(
            Event::<Test>::MoveForced {
                channel: id,
                by: stranger(),
                mover: 0,
                version: 2,
                deadline: deadline + WINDOW,
            }
            .into(),
        );
        check_invariants();
    });
}

#[test]
fn game_is_played_to_its_end_on_chain() {
    new_test_ext().execute_with(|| {
        let (parties, id) = game();
        for (version, mover, balances) in [(2, 0, [101, 99]), (3, 1, [100, 100]), (4, 0, [101, 99])]
        {
            run_to(dispute_of(id).deadline);
            let next = turn(id, version, balances, 1 - mover, 4 - version as u8);
            assert_ok!(progress(&parties[usize::from(mover)], next));
            check_invariants();
        }
        // Nobody is to move any more, so the next deadline ends it.
        assert_eq!(dispute_of(id).mover, None);
        run_to(dispute_of(id).deadline);
        assert!(is_over(id));
        assert_eq!(free(&parties[0]), ENDOWMENT + 1);
        check_invariants();
    });
}

#[test]
fn whoever_does_not_move_in_time_loses_as_the_application_says() {
    new_test_ext().execute_with(|| {
        let (parties, id) = game();
        let deadline = dispute_of(id).deadline;
        jump_to(deadline);
        assert_noop!(conclude(id), Error::<Test>::DeadlineNotReached);
        run_to(deadline + WINDOW - 1);
        assert!(!is_over(id));
        assert_noop!(conclude(id), Error::<Test>::DeadlineNotReached);
        run_to(deadline + WINDOW);
        assert!(is_over(id));
        assert_eq!(free(&parties[0]), ENDOWMENT - 100);
        assert_eq!(free(&parties[1]), ENDOWMENT + 100);
        check_invariants();
    });
}

#[test]
fn move_fails_before_its_time_and_after_it() {
    new_test_ext().execute_with(|| {
        let (parties, id) = game();
        let deadline = dispute_of(id).deadline;
        let next = turn(id, 2, [101, 99], 1, 2);
        jump_to(deadline - 1);
        assert_noop!(progress(&parties[0], next.clone()), Error::<Test>::DeadlineNotReached);
        jump_to(deadline + WINDOW);
        assert_noop!(progress(&parties[0], next.clone()), Error::<Test>::DeadlinePassed);
        assert_ok!(conclude(id));
        assert_noop!(progress(&parties[0], next), Error::<Test>::ChannelNotFound);
    });
}

#[test]
fn move_fails_out_of_turn() {
    new_test_ext().execute_with(|| {
        let (parties, id) = game();
        jump_to(dispute_of(id).deadline);
        let next = turn(id, 2, [101, 99], 1, 2);
        assert_noop!(progress(&parties[1], next), Error::<Test>::InvalidSignature);
        let own = turn(id, 2, [99, 101], 0, 2);
        assert_noop!(progress(&parties[1], own), Error::<Test>::InvalidSignature);
    });
}

#[test]
fn move_fails_when_the_application_or_the_judge_refuses_it() {
    new_test_ext().execute_with(|| {
        let (parties, id) = game();
        jump_to(dispute_of(id).deadline);
        let good = turn(id, 2, [101, 99], 1, 2);
        let refuses = |state: ChannelState, error: Error<Test>| {
            assert_noop!(progress(&parties[0], state), error);
        };

        // by the application: another gain, another turn, another game, none
        refuses(turn(id, 2, [110, 90], 1, 2), Error::<Test>::MoveRefused);
        refuses(turn(id, 2, [101, 99], 0, 2), Error::<Test>::MoveRefused);
        refuses(with_app(good.clone(), Nonsense::data(0)), Error::<Test>::MoveRefused);
        refuses(state(id, 2, &[101, 99]), Error::<Test>::MoveRefused);
        // by the judge: another version, sum, final, with new transfers or streams
        refuses(turn(id, 1, [101, 99], 1, 2), Error::<Test>::NotTheNextVersion);
        refuses(turn(id, 3, [101, 99], 1, 2), Error::<Test>::NotTheNextVersion);
        refuses(turn(id, 2, [102, 99], 1, 2), Error::<Test>::SumMismatch);
        refuses(turn(id, 2, [u128::MAX, 99], 1, 2), Error::<Test>::AmountOverflow);
        refuses(ChannelState { is_final: true, ..good.clone() }, Error::<Test>::NotAMove);
        let pending = with_transfers(turn(id, 2, [100, 99], 1, 2), &[transfer(1, 1, 99)]);
        refuses(pending, Error::<Test>::NotAMove);
        let pulses = Pulses::new(id, 0, 1, 1, 1);
        let streaming = with_streams(turn(id, 2, [100, 99], 1, 2), &[pulses.stream]);
        refuses(streaming, Error::<Test>::NotAMove);
        assert_ok!(progress(&parties[0], good));
    });
}

#[test]
fn later_co_signed_state_overrules_a_forced_move() {
    new_test_ext().execute_with(|| {
        // given a forced move
        let (parties, id) = game();
        jump_to(dispute_of(id).deadline);
        assert_ok!(progress(&parties[0], turn(id, 2, [101, 99], 1, 2)));

        // when a state that both signed is shown, then only a later one counts
        let same = turn(id, 2, [50, 150], 1, 2);
        assert_noop!(answer(&parties, same), Error::<Test>::StaleVersion);
        assert_ok!(answer(&parties, state(id, 7, &[50, 150])));
        check_invariants();

        // and versions that a move made prove nothing about the disputant
        assert_eq!(dispute_of(id).reward_to, None);
        run_to(dispute_of(id).deadline);
        assert!(is_over(id));
        assert_eq!(free(&parties[0]), ENDOWMENT - 50);
        check_invariants();
    });
}

#[test]
fn earlier_proof_of_staleness_survives_a_forced_move() {
    new_test_ext().execute_with(|| {
        let (parties, id) = game();
        assert_ok!(answer(&parties, turn(id, 5, [100, 100], 0, 1)));
        jump_to(dispute_of(id).deadline);
        assert_ok!(progress(&parties[0], turn(id, 6, [101, 99], 1, 0)));
        run_to(dispute_of(id).deadline);
        assert!(is_over(id));
        assert_eq!(free(&parties[0]), ENDOWMENT + 1 - BOND);
        assert_eq!(free_of(&tower()), ENDOWMENT + REWARD);
        check_invariants();
    });
}

#[test]
fn answer_changes_when_a_dispute_ends_with_whose_move_it_is() {
    new_test_ext().execute_with(|| {
        let (parties, id) = game();
        let deadline = dispute_of(id).deadline;
        assert_eq!(dispute_of(id).due, deadline + WINDOW);
        assert_ok!(answer(&parties, state(id, 2, &[90, 110])));
        assert_eq!(dispute_of(id).due, deadline);
        check_invariants();
        assert_ok!(answer(&parties, turn(id, 3, [100, 100], 1, 1)));
        assert_eq!(dispute_of(id).due, deadline + WINDOW);
        check_invariants();
    });
}

#[test]
fn final_state_leaves_nothing_to_move() {
    new_test_ext().execute_with(|| {
        let (parties, id) = game();
        let last = ChannelState { is_final: true, ..turn(id, 2, [90, 110], 0, 3) };
        assert_ok!(answer(&parties, last));
        run_to(dispute_of(id).deadline);
        assert!(is_over(id));
        assert_eq!(free(&parties[0]), ENDOWMENT - 10);
    });
}

#[test]
fn application_that_the_chain_does_not_know_is_paid_by_its_balances() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let id = open_channel(&parties, &[100, 100]);
        let app = AppState { id: Hash::repeat_byte(1), data: BoundedVec::new() };
        assert_ok!(dispute(&parties, with_app(state(id, 1, &[30, 170]), app.clone())));
        jump_to(dispute_of(id).deadline);
        let next = with_app(state(id, 2, &[200, 0]), app);
        assert_noop!(progress(&parties[0], next), Error::<Test>::NobodysMove);
        assert_ok!(conclude(id));
        assert_eq!(free(&parties[0]), ENDOWMENT - 70);
    });
}

#[test]
fn mistakes_of_an_application_do_not_mislead_the_judge() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);

        // given whose move it is is nobody's, then there is no move
        let id = open_channel(&parties, &[100, 100]);
        assert_ok!(dispute(&parties, with_app(state(id, 1, &[30, 170]), Nonsense::data(2))));
        assert_eq!(dispute_of(id).mover, None);
        run_to(dispute_of(id).deadline);
        assert_eq!(free(&parties[0]), ENDOWMENT - 70);

        // given that it would pay more than there is, then balances are paid
        let id = open_nth(&parties, &[100, 100], 1);
        assert_ok!(dispute(&parties, with_app(state(id, 1, &[170, 30]), Nonsense::data(0))));
        run_to(dispute_of(id).deadline + WINDOW);
        assert!(is_over(id));
        assert_eq!(free(&parties[0]), ENDOWMENT);
        check_invariants();
    });
}

#[test]
fn abandoned_game_leaves_transfers_alone() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let id = open_channel(&parties, &[100, 100]);
        let all = [transfer(1, 30, 60)];
        let game = with_transfers(turn(id, 1, [70, 100], 0, 3), &all);
        assert_ok!(dispute(&parties, game));
        run_to(dispute_of(id).deadline + WINDOW);
        assert_eq!(free(&parties[0]), ENDOWMENT - 100);
        assert_eq!(free(&parties[1]), ENDOWMENT + 70);
        check_invariants();
        jump_to(60);
        assert_ok!(refund(id, &all, 0));
        assert_eq!(free(&parties[0]), ENDOWMENT - 70);
        check_invariants();
    });
}

#[test]
fn move_of_the_highest_version_has_no_successor() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let id = open_channel(&parties, &[100, 100]);
        assert_ok!(dispute(&parties, turn(id, u64::MAX, [100, 100], 0, 3)));
        jump_to(dispute_of(id).deadline);
        for version in [0, u64::MAX] {
            let next = turn(id, version, [101, 99], 1, 2);
            assert_noop!(progress(&parties[0], next), Error::<Test>::NotTheNextVersion);
        }
        check_invariants();
    });
}

#[test]
fn move_fails_when_nothing_is_disputed_or_nobody_moves() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let id = open_channel(&parties, &[100, 100]);
        let next = turn(id, 1, [101, 99], 1, 2);
        assert_noop!(progress(&parties[0], next.clone()), Error::<Test>::NotDisputed);
        assert_ok!(dispute(&parties, state(id, 0, &[100, 100])));
        jump_to(dispute_of(id).deadline);
        assert_noop!(progress(&parties[0], next), Error::<Test>::NobodysMove);
    });
}

#[test]
fn chain_names_its_applications() {
    type Apps = <Test as crate::Config>::Apps;
    assert_eq!(Channels::app_ids(), Apps::ids());
    assert_eq!(Channels::app_ids().len(), 2);
}
