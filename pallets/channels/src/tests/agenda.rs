// SPDX-License-Identifier: Apache-2.0

use crate::{
    Agenda, Channels as Stored, Due, Event, NextDue, WeightInfo,
    agenda::{MAX_BLOCKS, MAX_SERVED},
    mock::*,
};
use millrace_primitives_channels::ChannelId;
use polkadot_sdk::{
    frame_support::{assert_ok, traits::Hooks, weights::Weight},
    sp_runtime::DispatchError,
};

/// `count` channels of two, disputed in this block.
fn disputed(count: u64) -> (Vec<Party>, Vec<ChannelId>) {
    let parties = parties(2);
    let ids = (0..count).map(|nonce| open_nth(&parties, &[3, 2], nonce)).collect::<Vec<_>>();
    for id in &ids {
        // The opening state needs no signatures, and bonds are cheap enough.
        assert_ok!(dispute(&parties, state(*id, 0, &[3, 2])));
    }
    (parties, ids)
}

#[test]
fn thousands_of_channels_due_in_one_block_are_served_a_bounded_number_a_block() {
    new_test_ext().execute_with(|| {
        // given
        let count = 3_000;
        let (parties, ids) = disputed(count);
        let deadline = dispute_of(ids[0]).deadline;
        run_to(deadline - 1);
        assert_eq!(Stored::<Test>::iter().count() as u64, count);

        // when blocks pass, then each serves so many and no more, the oldest block first
        let mut left = count;
        while left > 0 {
            System::reset_events();
            run_to(now() + 1);
            left = left.saturating_sub(MAX_SERVED.into());
            assert_eq!(Stored::<Test>::iter().count() as u64, left);
            if left > 0 {
                assert_eq!(NextDue::<Test>::get(), deadline);
            }
        }
        check_invariants();

        // and everybody has everything back
        run_to(now() + 5);
        assert_eq!(NextDue::<Test>::get(), now() + 1);
        assert_eq!(free(&parties[0]), ENDOWMENT);
        assert_eq!(free(&parties[1]), ENDOWMENT);
    });
}

#[test]
fn backlog_can_be_worked_off_by_hand() {
    new_test_ext().execute_with(|| {
        let (_, ids) = disputed(MAX_SERVED as u64 * 2);
        let deadline = dispute_of(ids[0]).deadline;
        run_to(deadline);
        let waiting: Vec<_> = ids.into_iter().filter(|id| !is_over(*id)).collect();
        assert_eq!(waiting.len() as u32, MAX_SERVED);
        for id in waiting {
            assert_ok!(conclude(id));
        }
        assert!(Agenda::<Test>::iter().next().is_none());
        check_invariants();
    });
}

#[test]
fn nothing_is_served_without_idle_time_and_nothing_is_lost() {
    new_test_ext().execute_with(|| {
        // given
        let (_, ids) = disputed(3);
        let deadline = dispute_of(ids[0]).deadline;
        NextDue::<Test>::put(deadline);
        System::set_block_number(deadline);
        type Cost = <Test as crate::Config>::WeightInfo;

        // when there is no time, or just too little for one entry
        assert_eq!(Channels::on_idle(deadline, Weight::zero()), Weight::zero());
        let fixed = Cost::serve_nothing() + Cost::serve_block();
        let little = fixed + Channels::heaviest_entry() - Weight::from_parts(1, 0);
        assert!(Channels::on_idle(deadline, little).all_lte(little));

        // then everything waits
        assert_eq!(Agenda::<Test>::iter().count(), 3);
        check_invariants();

        // and when there is time for one, then one is served
        let room = fixed + Channels::heaviest_entry();
        let used = Channels::serve_agenda(room);
        assert!(used.all_lte(room));
        assert_eq!(Agenda::<Test>::iter().count(), 2);
        check_invariants();
    });
}

#[test]
fn blocks_without_entries_are_passed_quickly_but_not_all_at_once() {
    new_test_ext().execute_with(|| {
        let far = MAX_BLOCKS * 3;
        System::set_block_number(far);
        Channels::on_idle(far, Weight::MAX);
        assert_eq!(NextDue::<Test>::get(), MAX_BLOCKS);
        for _ in 0..3 {
            Channels::on_idle(far, Weight::MAX);
        }
        assert_eq!(NextDue::<Test>::get(), far + 1);
    });
}

#[test]
fn what_cannot_be_concluded_is_tried_again_later() {
    new_test_ext().execute_with(|| {
        // given a channel whose money the purse does not find (a mistake of the chain)
        let (parties, ids) = disputed(2);
        let deadline = dispute_of(ids[0]).deadline;
        let account = parties[0].account();
        let lost =
            pallet_channel_balances::Deposits::<Test>::take(&account, ids[0]).expect("it is there");

        // when it is due, then it is put off, and the others are not
        run_to(deadline);
        assert!(!is_over(ids[0]) && is_over(ids[1]));
        assert_eq!(dispute_of(ids[0]).due, deadline + WINDOW);
        assert!(Agenda::<Test>::contains_key(deadline + WINDOW, Due::Channel(ids[0])));
        let error: DispatchError = pallet_channel_balances::Error::<Test>::PayoutMismatch.into();
        System::assert_has_event(
            Event::<Test>::ConclusionPostponed { channel: ids[0], until: deadline + WINDOW, error }
                .into(),
        );

        // and when the money is found, then it is concluded by itself
        pallet_channel_balances::Deposits::<Test>::insert(&account, ids[0], lost);
        check_invariants();
        run_to(deadline + WINDOW);
        assert!(is_over(ids[0]));
        check_invariants();
    });
}

#[test]
fn resolution_that_cannot_end_is_tried_again_later() {
    new_test_ext().execute_with(|| {
        // given
        let parties = parties(2);
        let id = open_channel(&parties, &[100, 100]);
        let pending = with_transfers(state(id, 1, &[70, 100]), &[transfer(1, 30, 20)]);
        assert_ok!(dispute(&parties, pending));
        run_to(dispute_of(id).deadline);
        let until = crate::Resolutions::<Test>::get(id).expect("it resolves").until;
        let account = parties[1].account();
        let lost =
            pallet_channel_balances::Deposits::<Test>::take(&account, id).expect("it is there");

        // when, then
        run_to(until);
        assert_eq!(crate::Resolutions::<Test>::get(id).expect("it waits").due, until + WINDOW);
        pallet_channel_balances::Deposits::<Test>::insert(&account, id, lost);
        check_invariants();
        assert_ok!(conclude(id));
        check_invariants();
        run_to(until + WINDOW);
        assert_eq!(free(&parties[0]), ENDOWMENT);
        assert!(is_forgotten());
    });
}
