// SPDX-License-Identifier: Apache-2.0

//! Each rule, broken on purpose, is noticed.

use crate::{
    Agenda, ChannelOf, Channels as Stored, Dispute, Due, Phase, Recorded, Resolution, Resolutions,
    Retired, RetiredChannel, Reveals, mock::*,
};
use millrace_primitives_channels::{ChannelId, ChannelState, transfer::hashlock};
use polkadot_sdk::{
    frame_support::{
        assert_ok,
        traits::{Consideration, Footprint},
    },
    sp_core::H256,
};

/// Expects the rule's number in the complaint.
fn complains(rule: &str) {
    let complaint = format!("{:?}", Channels::do_try_state().expect_err("it is broken"));
    assert!(complaint.contains(rule), "{complaint} does not name {rule}");
}

/// Breaks a disputed channel with `change`, and expects the rule's number in the complaint.
fn notices(rule: &str, change: impl FnOnce(ChannelId, &mut ChannelOf<Test>)) {
    new_test_ext().execute_with(|| {
        let parties = parties(3);
        let id = open_channel(&parties, &[100, 100, 100]);
        assert_ok!(dispute(&parties, state(id, 1, &[50, 150, 100])));
        check_invariants();

        let mut channel = channel(id);
        change(id, &mut channel);
        Stored::<Test>::insert(id, channel);
        complains(rule);
    });
}

/// Breaks the recorded state of a disputed channel.
fn notices_state(rule: &str, change: impl FnOnce(&mut ChannelState)) {
    notices(rule, |id, _| {
        Recorded::<Test>::mutate(id, |state| change(state.as_mut().expect("it is recorded")));
    });
}

/// Breaks the dispute about a channel.
fn notices_dispute(rule: &str, change: impl FnOnce(&mut Dispute)) {
    notices(rule, |_, channel| match &mut channel.phase {
        Phase::Disputed(dispute) => change(dispute),
        other => panic!("the channel is not disputed: {other:?}"),
    });
}

/// Breaks the resolution of a channel with three transfers and a stream, and a reveal.
fn notices_resolution(rule: &str, change: impl FnOnce(ChannelId, &mut Resolution)) {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let id = open_channel(&parties, &[100, 100]);
        let all = [transfer(1, 10, 40), transfer(2, 10, 40), transfer(3, 10, 40)];
        let pulses = Pulses::new(id, 0, 1, 2, 10);
        let both = with_transfers(state(id, 1, &[50, 100]), &all);
        assert_ok!(dispute(&parties, with_streams(both, &[pulses.stream])));
        run_to(dispute_of(id).deadline);
        assert_ok!(reveal(1));
        assert_ok!(claim(id, &all, 0));
        check_invariants();

        let mut resolution = Resolutions::<Test>::get(id).expect("it resolves");
        change(id, &mut resolution);
        Resolutions::<Test>::insert(id, resolution);
        complains(rule);
    });
}

#[test]
fn ch_1_recorded_state_distributes_another_sum() {
    notices_state("CH-1", |state| state.balances[0] += 1);
}

#[test]
fn ch_1_recorded_state_has_another_number_of_balances() {
    notices_state("CH-1", |state| state.balances = amounts(&[300]));
}

#[test]
fn ch_1_recorded_state_cannot_be_judged() {
    notices_state("CH-1", |state| {
        let pulses = Pulses::new(state.channel, 0, 0, 1, 1);
        *state = with_streams(state.clone(), &[pulses.stream]);
    });
}

#[test]
fn ch_2_deposit_differs_from_what_is_locked() {
    notices("CH-2", |id, channel| {
        channel.deposit += 1;
        Recorded::<Test>::mutate(id, |state| state.as_mut().expect("it is there").balances[0] += 1);
    });
}

#[test]
fn ch_2_nothing_is_locked_for_a_participant() {
    notices("CH-2", |id, channel| {
        pallet_channel_balances::Deposits::<Test>::remove(&channel.participants[1].account, id);
    });
}

#[test]
fn ch_2_what_is_left_differs_from_what_is_locked() {
    notices_resolution("CH-2", |_, it| {
        it.pending.as_mut().expect("it is pending").transfers.totals[0] += 1;
    });
    notices_resolution("CH-2", |_, it| it.streams[0].paid += 1);
}

#[test]
fn ch_2_more_is_left_than_was_deposited() {
    notices_resolution("CH-2", |_, it| it.streams[0].stream.unit = 1_000);
}

#[test]
fn ch_3_recorded_version_fell() {
    notices_state("CH-3", |state| state.version = 0);
}

#[test]
fn ch_3_disputed_below_the_base() {
    notices("CH-3", |_, channel| channel.base.version = 2);
}

#[test]
fn ch_4_deadline_moved() {
    notices_dispute("CH-4", |it| it.deadline += 1_000);
    notices_dispute("CH-4", |it| it.deadline -= 1);
}

#[test]
fn ch_5_living_channel_is_retired() {
    notices("CH-5", |id, _| {
        let opener = stranger();
        let ticket = <Test as crate::Config>::ChannelTicket::new(&opener, Footprint::default())
            .expect("a stranger can afford it");
        Retired::<Test>::insert(20, id, RetiredChannel { opener, ticket });
    });
}

#[test]
fn ch_5_retired_id_would_never_be_forgotten() {
    notices("CH-5", |_, _| {
        let opener = stranger();
        let ticket = <Test as crate::Config>::ChannelTicket::new(&opener, Footprint::default())
            .expect("a stranger can afford it");
        Retired::<Test>::insert(3, H256::repeat_byte(1), RetiredChannel { opener, ticket });
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
fn ch_6_too_few_participants() {
    notices("CH-6", |_, channel| channel.participants.truncate(1));
}

#[test]
fn ch_7_opened_too_late_or_in_the_future() {
    notices("CH-7", |_, channel| channel.open_by = 0);
    notices("CH-7", |_, channel| channel.opened_at = 2);
}

#[test]
fn ch_8_recorded_state_is_missing_or_another_channels() {
    notices("CH-8", |id, _| Recorded::<Test>::remove(id));
    notices_state("CH-8", |state| state.channel = H256::zero());
}

#[test]
fn ch_8_state_is_recorded_though_nothing_is_disputed() {
    notices("CH-8", |_, channel| channel.phase = Phase::Open);
    notices("CH-8", |_, _| {
        Recorded::<Test>::insert(H256::zero(), state(H256::zero(), 1, &[1]));
    });
}

#[test]
fn ch_8_resolution_has_no_channel_or_channel_no_resolution() {
    notices_resolution("CH-8", |_, it| Resolutions::<Test>::insert(H256::zero(), it.clone()));
    notices("CH-8", |_, channel| channel.phase = Phase::Resolving);
}

#[test]
fn ch_9_dispute_is_not_on_the_agenda() {
    notices("CH-9", |id, _| Agenda::<Test>::remove(dispute_of(id).due, Due::Channel(id)));
    notices_dispute("CH-9", |it| it.due += 1);
}

#[test]
fn ch_9_dispute_is_due_before_it_can_be_concluded() {
    notices_dispute("CH-9", |it| it.due -= 1);
    notices_dispute("CH-9", |it| it.mover = Some(0));
}

#[test]
fn ch_9_resolution_is_not_on_the_agenda_or_too_early() {
    notices_resolution("CH-9", |_, it| it.due += 1);
    notices_resolution("CH-9", |_, it| it.until += 1);
}

#[test]
fn ch_9_reveal_is_not_on_the_agenda() {
    notices_resolution("CH-9", |_, _| {
        let lock = hashlock(&secret(1));
        let until = Reveals::<Test>::get(lock).expect("it is known").until;
        Agenda::<Test>::remove(until, Due::Reveal(lock));
    });
    notices_resolution("CH-9", |_, _| {
        Reveals::<Test>::mutate(hashlock(&secret(1)), |it| {
            it.as_mut().expect("it is known").at = 1_000;
        });
    });
}

#[test]
fn ch_9_entry_is_there_twice_for_nothing_or_unseen() {
    notices("CH-9", |id, _| Agenda::<Test>::insert(500, Due::Channel(id), ()));
    notices("CH-9", |_, _| Agenda::<Test>::insert(500, Due::Channel(H256::zero()), ()));
    notices("CH-9", |_, _| Agenda::<Test>::insert(500, Due::Reveal(H256::zero()), ()));
    notices("CH-9", |_, _| crate::NextDue::<Test>::put(500));
}

#[test]
fn ch_10_bond_is_not_on_hold() {
    notices_dispute("CH-10", |it| it.bond += 1);
    notices_dispute("CH-10", |it| it.by = stranger());
}

#[test]
fn ch_11_nothing_is_left_to_decide() {
    notices_resolution("CH-11", |_, it| {
        it.streams.truncate(0);
        (0..3).for_each(|index| it.pending.as_mut().expect("it is pending").mark(index));
    });
}

#[test]
fn ch_11_bits_or_units_are_out_of_range() {
    notices_resolution("CH-11", |_, it| it.pending.as_mut().expect("it is pending").mark(7));
    notices_resolution("CH-11", |_, it| {
        it.pending.as_mut().expect("it is pending").decided.truncate(0);
    });
    notices_resolution("CH-11", |_, it| {
        it.pending.as_mut().expect("it is pending").transfers.totals.truncate(1);
    });
    notices_resolution("CH-11", |_, it| it.streams[0].paid = 21);
}
