// SPDX-License-Identifier: Apache-2.0

//! Closing alone, and what the chain has to be asked for.

use super::*;
use crate::{Source, StreamName, StreamTerms};
use millrace_primitives_channels::{
    merkle,
    stream::{proven_units, salt},
    transfer::{self, hashlock},
};

const SECRET: [u8; 32] = [42; 32];

fn offer(world: &mut World, payer: usize, amount: Balance, secret: [u8; 32], expiry: u32) -> u64 {
    let payee = 1 - payer as u8;
    let offered = world.parties[payer].offer(payee, amount, hashlock(&secret), expiry);
    let (id, effects) = offered.unwrap();
    world.carry_out(payer, effects);
    world.deliver_all();
    id
}

/// Claims and refunds by id, each checked against the state on chain.
fn decisions(world: &World, party: usize, state: usize) -> Vec<(bool, u64)> {
    let pending = world.parties[state].newest().state().pending.clone().unwrap();
    world.done[party]
        .iter()
        .filter_map(|effect| {
            let (is_claim, transfer, proof) = match effect {
                Effect::Claim { transfer, proof } => (true, transfer, proof),
                Effect::Refund { transfer, proof } => (false, transfer, proof),
                _ => return None,
            };
            assert!(transfer::verify(&pending.root, pending.count, transfer, proof));
            Some((is_claim, transfer.id))
        })
        .collect()
}

#[test]
fn close_alone_reveals_claims_and_refunds() {
    let mut world = World::new(&[20, 20]);
    world.block(100);
    let claimed = offer(&mut world, 0, 4, SECRET, 400);
    let expired = offer(&mut world, 0, 3, [1; 32], 300);
    let own = offer(&mut world, 1, 2, [2; 32], 500);
    world.act(1, |party| party.fulfil(claimed, SECRET)).unwrap();
    world.wire.clear();

    // Participant 1 closes alone; it may not wait with its preimage, as nobody folds any more.
    world.act(1, |party| Ok(party.force_close())).unwrap();
    let newest = world.parties[1].newest().clone();
    assert!(world.done[1].contains(&Effect::Dispute(newest.clone())));
    let reveal = Effect::Reveal { preimage: SECRET, before: 400 };
    assert!(world.done[1].contains(&reveal));
    assert!(world.act(1, |party| party.pay(0, 1)).is_err(), "CP-11");

    let version = newest.version();
    for party in 0..2 {
        let effects = world.parties[party].disputed(version);
        world.carry_out(party, effects);
        let effects = world.parties[party].concluded(version, Some(600)).unwrap();
        world.carry_out(party, effects);
        let effects = world.parties[party].revealed(SECRET, 150);
        world.carry_out(party, effects);
    }
    assert_eq!(decisions(&world, 1, 1), [(true, claimed)]);
    assert_eq!(decisions(&world, 0, 0), [], "nothing has expired");
    world.block(300);
    assert_eq!(decisions(&world, 0, 0), [(false, expired)]);
    world.block(500);
    assert_eq!(decisions(&world, 1, 1), [(true, claimed), (false, own)]);
    world.block(550);
    assert_eq!(decisions(&world, 0, 0).len(), 1, "each is asked for once");

    let effects = world.parties[0].over();
    assert_eq!(effects, []);
    assert_eq!(world.pay(0, 1, 1), Err(ChannelError::Over));
}

#[test]
fn preimage_that_is_learned_while_the_chain_decides_is_claimed() {
    let mut world = World::new(&[20, 20]);
    world.block(100);
    let id = offer(&mut world, 0, 4, SECRET, 400);
    let version = world.parties[1].newest().version();
    world.act(1, |party| Ok(party.disputed(version))).unwrap();
    world.act(1, |party| party.concluded(version, Some(600))).unwrap();
    world.act(1, |party| party.fulfil(id, SECRET)).unwrap();
    assert!(world.was_told(1, |it| matches!(it, Effect::Reveal { .. })));
    world.act(1, |party| Ok(party.revealed(SECRET, 399))).unwrap();
    assert_eq!(decisions(&world, 1, 1), [(true, id)]);
}

#[test]
fn nothing_is_claimed_in_the_block_in_which_the_rest_goes_back() {
    let mut world = World::new(&[20, 20]);
    world.block(100);
    offer(&mut world, 0, 4, SECRET, 400);
    let version = world.parties[1].newest().version();
    world.act(0, |party| Ok(party.disputed(version))).unwrap();
    world.act(0, |party| party.concluded(version, Some(600))).unwrap();
    world.act(0, |party| Ok(party.block(600))).unwrap();
    assert_eq!(decisions(&world, 0, 0), []);
}

#[test]
fn successor_that_only_others_completed_can_be_claimed_from() {
    // Participant 0 signs version 2 with an offer; participant 1 completes it, keeps it to itself,
    // and shows it on chain.
    let mut world = World::new(&[20, 20]);
    world.block(100);
    world.pay(1, 0, 1).unwrap();
    world.deliver_all();
    let (id, effects) = world.parties[0].offer(1, 5, hashlock(&SECRET), 400).unwrap();
    world.carry_out(0, effects);
    world.deliver(0).unwrap();
    world.wire.clear();
    assert_eq!(world.parties[0].newest().version(), 1);
    assert_eq!(world.parties[1].newest().version(), 2);

    let effects = world.parties[0].disputed(2);
    assert_eq!(effects, [], "there is nothing newer to answer with");
    world.act(0, |party| party.concluded(2, Some(600))).unwrap();
    world.act(0, |party| Ok(party.block(400))).unwrap();
    assert_eq!(decisions(&world, 0, 1), [(false, id)]);
}

#[test]
fn conclusion_fails_when_its_contents_are_not_known() {
    let mut world = World::new(&[20, 20]);
    assert_eq!(
        world.parties[0].concluded(7, Some(600)),
        Err(ChannelError::UnknownVersion { version: 7, newest: 0 })
    );
    assert_eq!(world.parties[0].concluded(7, None), Ok(vec![]), "nothing is left to decide");
}

#[test]
fn close_waits_until_nothing_is_pending() {
    for closer in 0..2 {
        let mut world = World::new(&[20, 20]);
        world.block(100);
        let id = offer(&mut world, 0, 4, SECRET, 400);
        world.act(closer, Party::close).unwrap();
        world.deliver_all();
        assert!(!world.parties[0].newest().state().is_final);
        for party in 0..2 {
            assert_eq!(world.pay(party, 1 - party as u8, 1), Err(ChannelError::Closing));
        }
        world.act(1, |party| party.fulfil(id, SECRET)).unwrap();
        world.deliver_all();
        for party in 0..2 {
            let newest = world.parties[party].newest().clone();
            assert!(newest.state().is_final && newest.state().is_plain());
            assert_eq!(world.balances(party), [16, 24]);
            assert!(world.done[party].contains(&Effect::Settle(newest)));
        }
        let before = world.done[0].len();
        world.act(0, |party| Ok(party.force_close())).unwrap();
        assert!(matches!(world.done[0][before..], [Effect::Settle(_)]));
    }
}

#[test]
fn links_are_claimed_by_the_deepest_one() {
    let mut world = World::new(&[1_000, 0]);
    let name = StreamName { payer: 0, payee: 1, epoch: 0 };
    let terms = StreamTerms { name, unit: 2, chains: 5, links: 4 };
    let channel = world.parties[0].agreement().id();
    let mut source = Source::generate(&genesis(), &channel, terms, [9; 32]);
    world.act(0, |party| party.open_stream(*source.stream())).unwrap();
    world.deliver_all();
    let mut pay = |world: &mut World, count| {
        let effect = world.parties[0].release(&mut source, count).unwrap().unwrap();
        world.carry_out(0, vec![effect]);
    };
    for _ in 0..3 {
        pay(&mut world, 3);
        world.deliver_all();
    }
    // 3 links, the last one of chain 0, and 3 of chain 1.
    assert_eq!(world.parties[1].received(name), 7);
    let version = world.parties[1].newest().version();
    world.act(1, |party| Ok(party.disputed(version))).unwrap();
    world.act(1, |party| party.concluded(version, Some(600))).unwrap();
    let stream = world.parties[1].streams()[0];
    let Some(Effect::ClaimStream { position, link, depth, proof }) = world.done[1].last() else {
        panic!("no claim: {:?}", world.done[1].last());
    };
    let salt = salt(&genesis(), &channel, 0, 1, 0);
    assert_eq!(*position, 0);
    assert_eq!(proven_units(&stream, &salt, *link, *depth, proof), Some(7));
    assert_eq!(merkle::path_length(5, proof.index), Some(proof.siblings.len() as u32));
}
