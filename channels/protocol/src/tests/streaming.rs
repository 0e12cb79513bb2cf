// SPDX-License-Identifier: Apache-2.0

//! Payments by hash links.

use super::*;
use crate::{
    Change, ChangeError, Changes, ProposalError, Pulse, Source, StreamError, StreamFold,
    StreamName, StreamTerms, Till, message::Proposal,
};
use millrace_primitives_channels::{ChannelState, stream};
use proptest::prelude::*;

fn terms(epoch: u32, chains: u32, links: u32) -> StreamTerms {
    StreamTerms { name: StreamName { payer: 0, payee: 1, epoch }, unit: 3, chains, links }
}

fn source(terms: StreamTerms) -> Source {
    Source::generate(&genesis(), &agreement(&[1_000, 10]).id(), terms, [terms.name.epoch as u8; 32])
}

/// Participant 0 pays participant 1 by a stream of 5 chains with 4 links at 3 a unit.
fn streaming() -> (World, Source) {
    let mut world = World::new(&[1_000, 10]);
    let source = source(terms(0, 5, 4));
    world.act(0, |party| party.open_stream(*source.stream())).unwrap();
    world.deliver_all();
    (world, source)
}

fn name(source: &Source) -> StreamName {
    StreamName::of(source.stream())
}

fn pay(world: &mut World, source: &mut Source, count: u32) {
    let effect = world.parties[0].release(source, count).unwrap().expect("links are left");
    world.carry_out(0, vec![effect]);
}

#[test]
fn sources_root_and_links_are_those_of_the_chain() {
    let terms = terms(7, 5, 4);
    let mut source = source(terms);
    let id = agreement(&[1_000, 10]).id();
    let tips = Source::tips(&genesis(), &id, &terms, &[7; 32], 0..5);
    assert_eq!(source.stream().root, stream::root(&tips));
    let salt = stream::salt(&genesis(), &id, 0, 1, 7);
    for units in 1..=20u64 {
        source.seek(units - 1);
        source.prove();
        let pulse = source.take(1).expect("20 links");
        let proof = pulse.proof.clone().expect("asked for");
        assert_eq!(Some(&proof), stream::proof(&tips, pulse.chain).as_ref());
        let link = pulse.links[0];
        let proven = stream::proven_units(source.stream(), &salt, link, pulse.depth, &proof);
        assert_eq!(proven, Some(units));
        assert_eq!(pulse.units(source.stream()), units);
    }
    assert_eq!(source.take(1), None);
    // Made in parts, on several cores, it is the same.
    let mut parts = Source::tips(&genesis(), &id, &terms, &[7; 32], 0..2);
    parts.extend(Source::tips(&genesis(), &id, &terms, &[7; 32], 2..5));
    let assembled = Source::assemble(&genesis(), &id, terms, [7; 32], &parts);
    assert_eq!(assembled.stream(), source.stream());
}

#[test]
fn links_pay_and_a_fold_settles_them() {
    let (mut world, mut source) = streaming();
    assert_eq!(world.balances(1), [940, 10]);
    for _ in 0..6 {
        pay(&mut world, &mut source, 1);
    }
    world.deliver_all();
    assert_eq!(world.parties[1].received(name(&source)), 6);
    world.act(0, |party| party.fold_stream(name(&source))).unwrap();
    assert_eq!(
        world.parties[0].release(&mut source, 1),
        Err(StreamError::Folding { stream: name(&source) }.into())
    );
    world.deliver_all();
    for party in 0..2 {
        assert_eq!(world.balances(party), [982, 28]);
        assert!(world.parties[party].streams().is_empty());
    }
    assert_eq!(
        world.act(0, |party| party.open_stream(*source.stream())),
        Err(StreamError::EpochUsed { stream: name(&source), next: 1 }.into()),
        "the payee knows these links"
    );
}

#[test]
fn next_stream_takes_over_without_a_break() {
    let (mut world, mut first) = streaming();
    let mut second = source(terms(1, 5, 4));
    pay(&mut world, &mut first, 4);
    world.act(0, |party| party.open_stream(*second.stream())).unwrap();
    world.deliver_all();
    world.act(0, |party| party.fold_stream(name(&first))).unwrap();
    pay(&mut world, &mut second, 2);
    world.deliver_all();
    pay(&mut world, &mut second, 2);
    world.deliver_all();
    assert_eq!(world.parties[1].received(name(&second)), 4);
    assert_eq!(world.balances(1), [1_000 - 12 - 60, 22]);
}

#[test]
fn close_folds_streams() {
    for closer in 0..2 {
        let (mut world, mut source) = streaming();
        pay(&mut world, &mut source, 3);
        world.deliver_all();
        world.act(closer, Party::close).unwrap();
        world.deliver_all();
        for party in 0..2 {
            assert!(world.parties[party].newest().state().is_final);
            assert_eq!(world.balances(party), [991, 19]);
        }
    }
}

#[test]
fn fold_below_the_mark_is_refused() {
    let (mut world, mut source) = streaming();
    pay(&mut world, &mut source, 3);
    world.deliver_all();
    // The payer proposes a fold of two units only, in its turn.
    let version = world.parties[0].newest().version() + 1;
    assert_eq!(version % 2, 0);
    let terms = agreement(&[1_000, 10]);
    let state = ChannelState {
        version,
        balances: amounts(&[994, 16]),
        ..ChannelState::opening(terms.id(), amounts(&[1_000, 10]))
    };
    let fold = StreamFold { stream: name(&source), units: 2 };
    let signature = key(0).sign_state(&terms.state_payload(&state));
    let changes = Changes::truncate_from(vec![Change::FoldStream(fold)]);
    let reason =
        ChangeError::Stream(StreamError::BelowMark { stream: fold.stream, units: 2, proven: 3 });
    assert_eq!(
        world.parties[1]
            .receive(0, Message::Proposal(Proposal { state, changes, signature }))
            .unwrap_err(),
        ProposalError::Change { version, reason }.into()
    );
}

#[test]
fn payer_that_was_restarted_hears_first_what_the_payee_holds() {
    let (mut world, mut source) = streaming();
    pay(&mut world, &mut source, 3);
    world.deliver_all();
    world.restart(0, Memory::Complete);
    let unknown = StreamError::MarkUnknown { stream: name(&source) };
    assert_eq!(world.act(0, |party| party.fold_stream(name(&source))), Err(unknown.into()));
    assert_eq!(world.parties[0].release(&mut source, 1), Err(unknown.into()));
    world.reconnect();
    assert_eq!(world.parties[0].released(name(&source)), Some(3));
    let mut source = self::source(terms(0, 5, 4));
    pay(&mut world, &mut source, 1);
    world.deliver_all();
    assert_eq!(world.parties[1].received(name(&source)), 4);
    world.act(0, |party| party.fold_stream(name(&source))).unwrap();
    world.deliver_all();
    assert_eq!(world.balances(1), [988, 22]);
}

#[test]
fn payee_that_was_restarted_loses_no_more_than_its_policy_says() {
    let policy = Policy { unsaved_units: 5, ..Policy::default() };
    let mut world = World::with_policy(&[1_000, 10], policy);
    let mut source = source(terms(0, 5, 4));
    world.act(0, |party| party.open_stream(*source.stream())).unwrap();
    world.deliver_all();
    for _ in 0..14 {
        pay(&mut world, &mut source, 1);
        world.deliver_all();
    }
    world.restart(1, Memory::Complete);
    let held = world.parties[1].received(name(&source));
    assert!((10..14).contains(&held), "written down are {held} of 14");
    // The payer goes on in the middle of a chain, and makes up for the gap.
    world.reconnect();
    pay(&mut world, &mut source, 1);
    world.deliver_all();
    assert_eq!(world.parties[1].received(name(&source)), 15);
}

#[test]
fn stream_fails_when_not_covered_malformed_or_another_partys() {
    let mut world = World::new(&[1_000, 10]);
    let good = *source(terms(0, 5, 4)).stream();
    let mut refuse = |stream| world.parties[0].open_stream(stream).unwrap_err();
    let poor = crate::PaymentError::Insufficient { needed: 20 * 51, available: 1_000 };
    assert_eq!(refuse(millrace_primitives_channels::Stream { unit: 51, ..good }), poor.into());
    let stream = StreamName { payer: 0, payee: 1, epoch: 0 };
    for bad in [
        millrace_primitives_channels::Stream { unit: 0, ..good },
        millrace_primitives_channels::Stream { links: 257, unit: 1, chains: 1, ..good },
    ] {
        assert_eq!(refuse(bad), StreamError::Malformed { stream }.into());
    }
    let foreign = millrace_primitives_channels::Stream { payer: 1, payee: 0, ..good };
    assert!(matches!(
        refuse(foreign),
        ChannelError::Change(ChangeError::Stream(StreamError::Unknown { .. }))
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn till_counts_what_the_chain_would_pay_and_nothing_else(
        chains in 1u32..6,
        links in 1u32..8,
        takes in prop::collection::vec((1u32..5, 0u8..10, any::<prop::sample::Index>()), 1..30),
    ) {
        let mut source = source(terms(0, chains, links));
        let id = agreement(&[1_000, 10]).id();
        let mut till = Till::new(&genesis(), &id, *source.stream());
        let mut lost = false;
        let mut old: Vec<Pulse> = Vec::new();
        for (count, what, index) in takes {
            if lost {
                source.prove();
                lost = false;
            }
            let Some(pulse) = source.take(count) else { break };
            let before = till.units();
            match what {
                // Lost on the way.
                0 => {
                    lost = true;
                    continue;
                }
                // Forged.
                1 => {
                    let mut forged = pulse.clone();
                    let place = index.index(forged.links.len());
                    forged.links[place][0] ^= 1;
                    prop_assert!(till.receive(forged).is_err());
                    prop_assert_eq!(till.units(), before);
                }
                // Without its proof.
                2 if pulse.proof.is_some() => {
                    let bare = Pulse { proof: None, ..pulse.clone() };
                    let is_known = till.mark().is_some_and(|mark| mark.chain == pulse.chain);
                    prop_assert_eq!(till.clone().receive(bare).is_ok(), is_known);
                }
                // An old one again.
                3 if !old.is_empty() => {
                    let again = old[index.index(old.len())].clone();
                    prop_assert_eq!(till.receive(again), Ok(0));
                }
                _ => {}
            }
            let gained = till.receive(pulse.clone()).expect("an honest pulse");
            prop_assert_eq!(before + gained, source.units());
            prop_assert_eq!(till.units(), source.units());
            old.push(pulse);
            let mark = till.mark().expect("it holds a link");
            let salt = stream::salt(&genesis(), &id, 0, 1, 0);
            let proof = mark.proof.as_ref().expect("marks prove themselves");
            let proven =
                stream::proven_units(source.stream(), &salt, mark.links[0], mark.depth, proof);
            prop_assert_eq!(proven, Some(till.units()));
        }
    }
}
