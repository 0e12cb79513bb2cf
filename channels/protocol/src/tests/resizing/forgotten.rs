// SPDX-License-Identifier: Apache-2.0

//! Parties that have forgotten a resize, or what they signed of one.

use super::*;
use crate::message::{Newest, Status};
use millrace_primitives_channels::state_payload;

#[test]
fn party_that_forgot_a_resize_is_handed_the_base() {
    let mut world = world(&[70, 30]);
    want(&mut world, 1, &[0, -20]).unwrap();
    world.deliver_all();
    let signed = submitted(&world, 1).expect("all signed");
    land(&mut world, &signed);
    world.restart_from(0, Vec::new(), Memory::Lagging { question: 9 });
    world.act(0, |it| Ok(it.block(100))).unwrap();
    world.act(0, |it| it.resized(2, 80)).unwrap();
    world.reconnect();
    assert_eq!(world.balances(0), [70, 10]);
    world.pay(0, 1, 1).unwrap();
    world.deliver_all();
    assert_eq!(world.balances(1), [69, 11]);
}

#[test]
fn base_is_handed_over_even_by_a_party_that_was_restarted() {
    let mut world = world(&[70, 30]);
    want(&mut world, 1, &[0, -20]).unwrap();
    world.deliver_all();
    let signed = submitted(&world, 1).expect("all signed");
    land(&mut world, &signed);
    // given that the only one who remembers the resize has started again since
    world.restart(1, Memory::Complete);
    world.act(1, |it| Ok(it.block(100))).unwrap();
    world.restart_from(0, Vec::new(), Memory::Lagging { question: 9 });
    world.act(0, |it| Ok(it.block(100))).unwrap();
    world.act(0, |it| it.resized(2, 80)).unwrap();
    // then it still has all signatures under it
    world.reconnect();
    assert_eq!(world.balances(0), [70, 10]);
    assert!(world.parties[0].is_idle());
}

#[test]
fn party_that_forgot_the_second_of_two_resizes_is_handed_its_base() {
    let mut world = world(&[70, 30]);
    want(&mut world, 1, &[0, -20]).unwrap();
    world.deliver_all();
    let first = submitted(&world, 1).expect("all signed");
    land(&mut world, &first);
    let backup = world.disks[0].clone();
    world.done[1].clear();
    want(&mut world, 1, &[0, -5]).unwrap();
    world.deliver_all();
    let second = submitted(&world, 1).expect("all signed");
    land(&mut world, &second);
    // given a party whose newest state is the first base, and that hears of the second from the chain
    world.restart_from(0, backup, Memory::Lagging { question: 9 });
    world.act(0, |it| Ok(it.block(100))).unwrap();
    world.act(0, |it| it.resized(4, 75)).unwrap();
    world.reconnect();
    assert_eq!(world.balances(0), [70, 5]);
}

/// Participant 1 of three takes out 20 by a resize whose signature by participant 0 never reaches
/// participant 2. Returns what the chain took.
fn land_unheard(world: &mut World) -> SignedResize {
    want(world, 1, &[0, -20, 0]).unwrap();
    world.deliver(0).unwrap();
    world.deliver(0).unwrap();
    world.wire.retain(|(from, to, _)| (*from, *to) != (0, 2));
    world.deliver_all();
    let signed = submitted(world, 1).expect("all signed");
    assert_eq!(submitted(world, 2), None);
    land(world, &signed);
    world.deliver_all();
    assert_eq!(world.balances(2), [70, 10, 10]);
    signed
}

/// Participant 0 has forgotten everything, hears of the base from the chain, and meets only `peer`.
fn meet(world: &mut World, peer: usize) {
    world.restart_from(0, Vec::new(), Memory::Lagging { question: 9 });
    world.act(0, |it| Ok(it.block(100))).unwrap();
    world.act(0, |it| it.resized(1, 90)).unwrap();
    world.act(0, |it| Ok(it.reconnected())).unwrap();
    world.wire.retain(|(from, to, _)| [*from, *to].iter().all(|it| [0, peer].contains(it)));
    world.deliver_all();
}

#[test]
fn base_without_all_signatures_under_it_is_believed_by_its_digest() {
    let mut world = world(&[70, 30, 10]);
    let signed = land_unheard(&mut world);
    // given a party that does not know the base, and one that has not all signatures under it
    meet(&mut world, 2);
    assert!(world.was_told(0, |it| *it == Effect::NeedBase { version: 1 }));
    assert_eq!(world.parties[0].newest().version(), 0, "nobody has proven the base");

    // when the chain says what it keeps of the base
    let digest = state_payload(&genesis(), &signed.resize.state);
    world.act(0, |it| Ok(it.base_is(2, Hash::zero()))).unwrap();
    assert_eq!(world.wire, [], "that is another base's");
    world.act(0, |it| Ok(it.base_is(1, digest))).unwrap();
    world.wire.retain(|(_, to, _)| *to == 2);
    world.deliver(0).unwrap();

    // then another state in its place is refused
    let at =
        world.wire.iter().position(|it| matches!(it.2, Message::Newest(_))).expect("handed over");
    let Message::Newest(mut forged) = world.wire[at].2.clone() else { unreachable!() };
    forged.state.balances = amounts(&[60, 20, 10]);
    let refused = world.parties[0].receive(2, Message::Newest(forged)).unwrap_err();
    assert_eq!(refused, ResizeError::NotTheBase { version: 1 }.into());
    // and that one is the agreed state, with or without the party that has all signatures
    world.wire.retain(|(from, to, _)| *from != 1 && *to != 1);
    world.deliver_all();
    assert_eq!(world.balances(0), [70, 10, 10]);
    assert!(!world.parties[0].is_idle(), "participant 1 was not heard");
    world.reconnect();
    assert!(world.parties[0].is_idle());
    world.restart(0, Memory::Complete);
    assert_eq!(world.balances(0), [70, 10, 10]);
}

#[test]
fn base_with_all_signatures_under_it_needs_no_word_of_the_chain() {
    let mut world = world(&[70, 30, 10]);
    land_unheard(&mut world);
    meet(&mut world, 1);
    assert_eq!(world.balances(0), [70, 10, 10]);
    // Whoever has none of it asks for the digest with each new connection, and nobody else does.
    world.done[0].clear();
    world.reconnect();
    assert!(!world.was_told(0, |it| matches!(it, Effect::NeedBase { .. })));
    assert!(world.parties[0].is_idle());
}

#[test]
fn nobody_who_lacks_the_base_ends_its_questions_or_hands_over_what_counts_no_more() {
    let mut world = world(&[70, 30]);
    world.pay(0, 1, 1).unwrap();
    world.deliver_all();
    let backup = world.disks[0].clone();
    let before = world.parties[0].newest().clone();
    want(&mut world, 0, &[-20, 0]).unwrap();
    world.deliver_all();
    let signed = submitted(&world, 0).expect("all signed");
    land(&mut world, &signed);
    world.deliver_all();
    let base = signed.resize.state.version;
    // given a party with the state before a base that it has only heard of, also after a restart
    world.restart_from(0, backup, Memory::Lagging { question: 9 });
    world.act(0, |it| Ok(it.block(100))).unwrap();
    world.act(0, |it| it.resized(base, 80)).unwrap();
    world.wire.clear();
    world.restart(0, Memory::Complete);
    world.done[0].clear();
    world.act(0, |it| it.resized(base, 80)).unwrap();
    assert!(world.was_told(0, |it| *it == Effect::NeedBase { version: base }), "told once more");
    assert_eq!(world.parties[0].newest(), &before);
    assert!(!world.parties[0].is_idle());
    // when an answer says that nothing is missing
    let channel = world.terms.id();
    let (agreed, holds) = (before.version(), before.version());
    let answer = Status { channel, agreed, holds, question: None, answer: Some(base) };
    world.act(0, |it| it.receive(1, Message::Status(answer))).unwrap();
    // then it still asks, and takes no state from below the base
    world.pay(0, 1, 1).unwrap();
    assert_eq!(world.signed(0), [0_u64; 0], "CP-11");
    let below = Status { agreed: 0, holds: 0, question: Some(3), answer: None, channel };
    world.wire.clear();
    world.act(0, |it| it.receive(1, Message::Status(below))).unwrap();
    assert!(!world.wire.iter().any(|it| matches!(it.2, Message::Newest(_))));
    world.wire.clear();
    world.reconnect();
    assert_eq!(world.parties[0].newest().version(), base + 1, "the payment that waited is made");
    assert!(world.parties[0].is_idle());
}

#[test]
fn nobody_is_answered_while_a_resize_that_it_may_have_signed_is_not_over() {
    let mut world = world(&[70, 30, 10]);
    want(&mut world, 1, &[0, -20, 0]).unwrap();
    world.deliver_all();
    assert!(submitted(&world, 0).is_some());
    // given a party that has forgotten that it signed a resize, which nobody submits
    world.restart_from(1, Vec::new(), Memory::Lagging { question: 9 });
    world.act(1, |it| Ok(it.block(100))).unwrap();
    world.pay(1, 0, 3).unwrap();
    reconnect_early(&mut world);
    assert!(!world.parties[1].is_idle());
    // then it signs nothing else before that resize is over
    assert_eq!(world.signed(1), [0_u64; 0]);
    world.block(200);
    reconnect_early(&mut world);
    assert_eq!(world.signed(1), [0_u64; 0], "the chain may still take it in this block");
    world.block(201);
    world.reconnect();
    assert_eq!(world.balances(1), [73, 27, 10]);
}

#[test]
fn resize_that_is_not_signed_or_does_not_fit_is_not_the_one_that_the_chain_took() {
    // given a resize that waits for consent, which another process of the same party may have given
    let mut unsigned = world(&[70, 30]);
    want(&mut unsigned, 0, &[50, -20]).unwrap();
    unsigned.deliver_all();
    unsigned.act(1, |it| it.resized(1, 130)).unwrap();
    assert_eq!(unsigned.parties[1].newest().version(), 0);
    assert!(unsigned.was_told(1, |it| *it == Effect::NeedBase { version: 1 }));
    // and one that would leave another sum
    let mut signed = world(&[70, 30]);
    want(&mut signed, 0, &[-20, 0]).unwrap();
    signed.deliver_all();
    signed.act(0, |it| it.resized(1, 79)).unwrap();
    assert_eq!(signed.parties[0].newest().version(), 0);
    assert!(signed.was_told(0, |it| *it == Effect::NeedBase { version: 1 }));
}

#[test]
fn resize_as_earlier_releases_wrote_it_down_is_read() {
    let mut world = world(&[70, 30]);
    want(&mut world, 0, &[-20, 0]).unwrap();
    world.deliver_all();
    let signed = submitted(&world, 0).expect("all signed");
    // given records that go on after a loss of memory whose end nobody wrote down
    let Record::Snapshot(mut snapshot) = world.parties[1].snapshot() else { unreachable!() };
    snapshot.lagging = Some(3);
    let mut records = vec![Record::Snapshot(snapshot).encode()];
    records.push(Record::Resized { version: 1, deposit: 80 }.encode());
    world.restart_from(1, records, Memory::Complete);
    assert_eq!(world.parties[1].newest().state(), &signed.resize.state);
    land(&mut world, &signed);
    world.reconnect();
    assert!(world.parties.iter().all(Party::is_idle));
}

#[test]
fn state_from_below_a_base_with_the_same_sum_is_not_taken() {
    let mut world = world(&[70, 30]);
    world.pay(0, 1, 1).unwrap();
    world.deliver_all();
    let newest = world.parties[1].newest().clone();
    want(&mut world, 0, &[20, -20]).unwrap();
    world.deliver_all();
    consent(&mut world, 1);
    consent(&mut world, 0);
    let signed = submitted(&world, 1).expect("all signed");
    land(&mut world, &signed);
    // given a party that has forgotten all of it, and knows of the base
    world.restart_from(0, Vec::new(), Memory::Lagging { question: 9 });
    world.act(0, |it| Ok(it.block(100))).unwrap();
    let base = signed.resize.state.version;
    world.act(0, |it| it.resized(base, 100)).unwrap();
    // when it is handed what both signed before the base
    let (state, signatures) = (newest.state().clone(), newest.signatures().clone());
    let below = Newest { state, signatures, leaves: None };
    world.act(0, |it| it.receive(1, Message::Newest(below))).unwrap();
    // then that counts no more
    assert_eq!(world.parties[0].newest().version(), 0);
    world.reconnect();
    assert_eq!(world.balances(0), [89, 11]);
}

#[test]
fn resize_of_a_backup_is_not_taken_for_the_one_that_the_chain_took() {
    let mut world = world(&[70, 30, 10]);
    want(&mut world, 1, &[0, -20, 0]).unwrap();
    world.deliver_all();
    assert!(submitted(&world, 2).is_some());
    let backup = world.disks[2].clone();
    // given a resize that lapses, and another one to the same version and with the same sum
    world.block(201);
    world.deliver_all();
    world.act(1, |it| it.resize(deltas(&[-20, 0, 0]), 300)).unwrap();
    world.deliver_all();
    consent(&mut world, 0);
    let is_second = |it: &Effect| matches!(it, Effect::SubmitResize(signed) if signed.resize.valid_until == 300);
    let second = world.done[2].iter().find(|it| is_second(it)).cloned();
    let Some(Effect::SubmitResize(second)) = second else { panic!("not signed by all") };
    assert_eq!(second.resize.state.version, 1);
    land(&mut world, &second);
    world.deliver_all();
    // when somebody comes back who remembers only the first
    world.restart_from(2, backup, Memory::Lagging { question: 9 });
    world.act(2, |it| Ok(it.block(100))).unwrap();
    world.act(2, |it| it.resized(1, 90)).unwrap();
    assert_eq!(world.parties[2].newest().version(), 0, "it cannot tell");
    world.reconnect();
    assert_eq!(world.balances(2), [50, 30, 10]);
}
