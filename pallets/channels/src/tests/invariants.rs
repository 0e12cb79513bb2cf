// SPDX-License-Identifier: Apache-2.0

//! Each rule, broken on purpose, is noticed.

use crate::{Channel, Channels as Stored, Phase, Retired, mock::*};
use millrace_primitives_channels::ChannelId;
use polkadot_sdk::frame_support::assert_ok;

/// Breaks a disputed channel with `change`, and expects the rule's number in the complaint.
fn notices(rule: &str, change: impl FnOnce(ChannelId, &mut Channel)) {
    new_test_ext().execute_with(|| {
        let parties = parties(3);
        let id = open_channel(&parties, &[100, 100, 100]);
        assert_ok!(dispute(&parties, state(id, 1, &[50, 150, 100])));
        check_invariants();

        let mut channel = Stored::<Test>::get(id).expect("the channel is there");
        change(id, &mut channel);
        Stored::<Test>::insert(id, channel);

        let complaint = format!("{:?}", Channels::do_try_state().expect_err("it is broken"));
        assert!(complaint.contains(rule), "{complaint} does not name {rule}");
    });
}

/// Changes the recorded dispute.
fn with_dispute(channel: &mut Channel, change: impl FnOnce(&mut crate::Dispute)) {
    match &mut channel.phase {
        Phase::Disputed(dispute) => change(dispute),
        Phase::Open => panic!("the channel is disputed"),
    }
}

#[test]
fn ch_1_recorded_state_distributes_another_sum() {
    notices("CH-1", |_, channel| with_dispute(channel, |it| it.balances[0] += 1));
}

#[test]
fn ch_1_recorded_state_has_another_number_of_balances() {
    notices("CH-1", |_, channel| with_dispute(channel, |it| it.balances = amounts(&[300])));
}

#[test]
fn ch_2_deposit_differs_from_what_is_locked() {
    notices("CH-2", |_, channel| {
        channel.deposit += 1;
        with_dispute(channel, |it| it.balances[0] += 1);
    });
}

#[test]
fn ch_2_nothing_is_locked_for_a_participant() {
    notices("CH-2", |id, channel| {
        pallet_channel_balances::Deposits::<Test>::remove(&channel.participants[1].account, id);
    });
}

#[test]
fn ch_4_deadline_moved() {
    notices("CH-4", |_, channel| with_dispute(channel, |it| it.deadline += 1_000));
    notices("CH-4", |_, channel| with_dispute(channel, |it| it.deadline -= 1));
}

#[test]
fn ch_5_open_channel_is_retired() {
    notices("CH-5", |id, _| Retired::<Test>::insert(20, id, ()));
}

#[test]
fn ch_5_retired_id_would_never_be_forgotten() {
    notices("CH-5", |_, _| {
        Retired::<Test>::insert(3, ChannelId::repeat_byte(1), ());
        crate::NextToForget::<Test>::put(4);
    });
}

#[test]
fn ch_6_participants_out_of_order() {
    notices("CH-6", |_, channel| channel.participants.as_mut().swap(0, 1));
}

#[test]
fn ch_6_participants_share_a_signer() {
    notices("CH-6", |_, channel| {
        channel.participants[2].signer = channel.participants[0].signer.clone();
    });
}

#[test]
fn ch_7_opened_too_late_or_in_the_future() {
    notices("CH-7", |_, channel| channel.open_by = 0);
    notices("CH-7", |_, channel| channel.opened_at = 2);
}

#[test]
fn ch_6_too_few_participants() {
    notices("CH-6", |_, channel| channel.participants.truncate(1));
}
