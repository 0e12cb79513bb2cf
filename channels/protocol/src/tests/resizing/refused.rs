// SPDX-License-Identifier: Apache-2.0

//! Between two, a resize is asked for before it is signed, and may be refused.

use super::*;
use crate::message::ResizeWish;

/// Delivers everything, to a `party` whose owner wants no resize of others.
fn deliver_refusing(world: &mut World, party: usize) {
    while !world.wire.is_empty() {
        if let (_, to, Message::Request(request)) = &mut world.wire[0]
            && *to == party
            && let Some(wish) = request.resize.take()
        {
            // As the daemon does: a wish whose time is over is left out.
            request.resize = Some(ResizeWish { valid_until: 0, ..wish });
        }
        world.deliver(0).expect("honest messages in order");
    }
}

fn refusals(world: &World, party: usize) -> usize {
    let done = world.done[party].iter();
    done.filter(|it| matches!(it, Effect::ResizeRefused { .. })).count()
}

fn has_signed_a_resize(world: &World, party: usize) -> bool {
    world.was_told(party, |it| matches!(it, Effect::Persist(Record::ResizeSigned(_))))
}

#[test]
fn refusal_is_told_at_once_and_holds_nothing_up() {
    for party in 0..2 {
        let mut world = world(&[70, 30]);
        world.pay(0, 1, 5).unwrap();
        let mut changes = [0, 0];
        changes[party] = -10;
        want(&mut world, party, &changes).unwrap();
        assert!(world.parties[party].is_resizing());
        deliver_refusing(&mut world, 1 - party);
        assert_eq!((refusals(&world, party), refusals(&world, 1 - party)), (1, 0), "by {party}");
        for party in 0..2 {
            assert!(!has_signed_a_resize(&world, party));
            assert!(world.parties[party].is_idle());
            assert!(!world.parties[party].is_resizing());
        }
        // It is not heard of again, and the next one is a new wish.
        world.reconnect();
        world.block(201);
        world.deliver_all();
        assert!(!world.was_told(party, |it| matches!(it, Effect::Lapsed { .. })));
        world.pay(1, 0, 1).unwrap();
        world.deliver_all();
        assert_eq!(world.balances(party), [66, 34]);
        world.act(party, |it| it.resize(deltas(&changes), 300)).unwrap();
        world.deliver_all();
        assert!(submitted(&world, party).is_some());
    }
}

#[test]
fn version_that_was_proposed_before_the_wish_was_heard_refuses_nothing() {
    let mut world = world(&[70, 30]);
    // given a proposal and a wish for the same version that cross
    world.pay(1, 0, 5).unwrap();
    want(&mut world, 0, &[-10, 0]).unwrap();
    world.deliver_all();
    // then the wish is asked for again, ahead of the next version
    assert_eq!(refusals(&world, 0), 0);
    let signed = submitted(&world, 0).expect("all signed");
    assert_eq!(signed.resize.state.balances.to_vec(), [65, 25]);
    land(&mut world, &signed);
    assert!(world.parties.iter().all(|party| !party.is_resizing()));
}

#[test]
fn wish_reaches_the_other_whatever_is_lost_on_its_way() {
    // Whoever wants it, or the other, starts again after so many messages.
    for party in 0..2 {
        for restarted in 0..2 {
            for steps in 0..5 {
                let mut world = world(&[70, 30]);
                let mut changes = [0, 0];
                changes[party] = -10;
                want(&mut world, party, &changes).unwrap();
                for _ in 0..steps {
                    if !world.wire.is_empty() {
                        world.deliver(0).unwrap();
                    }
                }
                world.restart(restarted, Memory::Complete);
                world.act(restarted, |it| Ok(it.block(100))).unwrap();
                reconnect_early(&mut world);
                let signed = (0..2).find_map(|party| submitted(&world, party));
                let signed = signed.unwrap_or_else(|| panic!("{party} {restarted} {steps}"));
                assert!(!world.was_told(party, |it| matches!(it, Effect::NeedConsent(_))));
                assert_eq!(refusals(&world, party), 0);
                land(&mut world, &signed);
                world.reconnect();
                assert!(world.parties.iter().all(|party| !party.is_resizing() && party.is_idle()));
            }
        }
    }
}

#[test]
fn proposer_that_lost_the_wish_in_a_crash_has_not_refused_it() {
    let mut world = world(&[70, 30]);
    // given a wish that the other's owner has to consent to, and a crash before it does
    want(&mut world, 1, &[-20, 0]).unwrap();
    world.deliver_all();
    assert!(shown(&world, 0).is_some());
    world.restart(0, Memory::Complete);
    world.act(0, |it| Ok(it.block(100))).unwrap();
    world.done[0].clear();
    // when it goes on with a payment
    world.act(0, |it| Ok(it.reconnected())).unwrap();
    world.pay(0, 1, 1).unwrap();
    world.deliver_all();
    // then it is asked again
    assert_eq!((refusals(&world, 1), world.balances(1)), (0, vec![69, 31]));
    consent(&mut world, 0);
    assert!(submitted(&world, 1).is_some());
}

#[test]
fn wish_that_only_waits_is_forgotten_by_a_restart() {
    let mut world = world(&[70, 30]);
    // given a wish that a version did not carry, and a crash before it is asked for again
    world.pay(1, 0, 5).unwrap();
    want(&mut world, 0, &[-10, 0]).unwrap();
    world.deliver(0).unwrap();
    let mut before = Vec::new();
    for bytes in &world.disks[0] {
        before.push(bytes.clone());
        if matches!(Record::decode(&mut &bytes[..]), Ok(Record::Agreed(_))) {
            break;
        }
    }
    world.restart_from(0, before, Memory::Complete);
    world.act(0, |it| Ok(it.block(100))).unwrap();
    // then its owner has to say so again
    assert!(!world.parties[0].is_resizing());
    world.reconnect();
    world.pay(0, 1, 1).unwrap();
    world.deliver_all();
    assert_eq!((submitted(&world, 0), world.balances(0)), (None, vec![74, 26]));
    world.act(0, |it| it.resize(deltas(&[-10, 0]), 200)).unwrap();
    world.deliver_all();
    assert!(submitted(&world, 0).is_some());
}

#[test]
fn wish_that_nobody_hears_lapses() {
    for party in 0..2 {
        let mut world = world(&[70, 30]);
        let mut changes = [0, 0];
        changes[party] = -10;
        want(&mut world, party, &changes).unwrap();
        world.wire.clear();
        world.act(party, |it| Ok(it.block(200))).unwrap();
        assert!(world.parties[party].is_resizing());
        world.act(party, |it| Ok(it.block(201))).unwrap();
        assert!(!world.parties[party].is_resizing());
        world.block(201);
        // Whoever hears of it now leaves it out, which tells nothing new.
        world.reconnect();
        let lapsed = world.done[party].iter().filter(|it| matches!(it, Effect::Lapsed { .. }));
        assert_eq!((lapsed.count(), refusals(&world, party)), (1, 0));
        world.pay(party, u8::try_from(1 - party).unwrap(), 1).unwrap();
        world.deliver_all();
        assert!(world.parties.iter().all(Party::is_idle));
    }
}

#[test]
fn wishes_of_both_are_taken_one_after_the_other() {
    let mut world = world(&[70, 30]);
    want(&mut world, 0, &[-10, 0]).unwrap();
    want(&mut world, 1, &[0, -10]).unwrap();
    world.deliver_all();
    let first = submitted(&world, 0).expect("all signed");
    for party in 0..2 {
        world.done[party].clear();
    }
    land(&mut world, &first);
    world.deliver_all();
    let second = submitted(&world, 0).expect("all signed");
    land(&mut world, &second);
    world.deliver_all();
    for party in 0..2 {
        assert_eq!(world.balances(party), [60, 20]);
        assert!(!world.was_told(party, |it| matches!(it, Effect::NeedConsent(_))));
        assert!(world.parties[party].is_idle() && !world.parties[party].is_resizing());
    }
}

#[test]
fn state_of_the_same_version_does_not_make_a_late_resize_a_second_one() {
    // given a proposer of three whose resize lapses before anybody hears of it, and that pays instead
    let mut world = world(&[70, 30, 10]);
    want(&mut world, 1, &[0, -20, 0]).unwrap();
    let late = world.wire.remove(0);
    world.wire.clear();
    world.pay(1, 0, 1).unwrap();
    world.act(1, |it| Ok(it.block(201))).unwrap();
    world.deliver(0).unwrap();
    // then its resize is not held against it, and not signed
    let (from, to, message) = late;
    assert_eq!(world.parties[to].version_in_flight(), Some(1));
    world.act(to, |it| it.receive(from, message)).unwrap();
    assert!(!has_signed_a_resize(&world, to));
}
