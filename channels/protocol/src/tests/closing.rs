// SPDX-License-Identifier: Apache-2.0

//! Agreeing to settle, and answering a dispute.

use super::*;

#[test]
fn close_carries_what_waits_and_ends_the_channel() {
    for closer in [0, 1] {
        let mut world = World::new(&[10, 10]);
        let other = 1 - closer;
        world.pay(closer, other as u8, 4).unwrap();
        let effects = world.parties[closer].close().unwrap();
        world.carry_out(closer, effects);
        world.deliver_all();
        for party in 0..2 {
            assert_eq!(world.balances(party)[closer], 6);
            assert_eq!(world.balances(party)[other], 14);
            let newest = world.parties[party].newest().clone();
            assert!(newest.state().is_final);
            assert_eq!(world.done[party].last(), Some(&Effect::Settle(newest.clone())));
            assert_eq!(
                world.pay(party, 1 - party as u8, 1),
                Err(ChannelError::Final { version: newest.version() })
            );
        }
    }
}

#[test]
fn pay_fails_when_closing() {
    let mut world = World::new(&[10, 10]);
    let effects = world.parties[0].close().unwrap();
    world.carry_out(0, effects);
    assert_eq!(world.pay(0, 1, 1), Err(ChannelError::Closing));
}

#[test]
fn payments_that_come_too_late_are_reported_as_unpaid() {
    let mut world = World::new(&[10, 10]);
    let effects = world.parties[1].close().unwrap();
    world.carry_out(1, effects);
    world.pay(0, 1, 4).unwrap();
    world.deliver(0).unwrap();
    let unpaid = crate::Change::Pay(crate::Payment { payer: 0, payee: 1, amount: 4 });
    assert!(world.done[0].contains(&Effect::Unpaid(vec![unpaid])));
}

#[test]
fn dispute_with_a_stale_state_is_answered_with_the_newest() {
    let mut world = World::new(&[10, 10]);
    for _ in 0..3 {
        world.pay(0, 1, 1).unwrap();
        world.deliver_all();
    }
    let newest = world.parties[1].newest().clone();
    assert_eq!(newest.version(), 3);
    assert_eq!(world.parties[1].disputed(1), [Effect::Answer(newest.clone())]);
    assert_eq!(world.parties[1].disputed(3), [], "the newest state needs no answer");
    assert_eq!(world.pay(1, 0, 1), Err(ChannelError::Disputed));
}

#[test]
fn update_under_way_is_completed_and_answers_too() {
    let mut world = World::new(&[10, 10]);
    world.pay(1, 0, 1).unwrap();
    world.deliver(0).unwrap();
    assert_eq!(world.parties[1].disputed(0), []);
    world.deliver_all();
    let newest = world.parties[1].newest().clone();
    assert!(world.done[1].contains(&Effect::Answer(newest)));
}

#[test]
fn transfer_that_is_agreed_after_a_dispute_is_not_relied_on() {
    // given an offer whose payer keeps its signature back until the chain judges
    let mut world = World::new(&[10, 10]);
    world.block(100);
    world.pay(1, 0, 1).unwrap();
    world.deliver_all();
    let lock = millrace_primitives_channels::transfer::hashlock(&[42; 32]);
    let (_, effects) = world.parties[1].offer(0, 4, lock, 1_000).unwrap();
    world.carry_out(1, effects);
    world.deliver(0).unwrap();
    world.deliver(0).unwrap();
    world.act(0, |party| Ok(party.disputed(1))).unwrap();
    world.deliver_all();
    // then its payee does not show a preimage for a state that may come too late
    assert_eq!(world.parties[0].transfers().len(), 1);
    assert!(!world.was_told(0, |effect| matches!(effect, Effect::Offered(_))));
}
