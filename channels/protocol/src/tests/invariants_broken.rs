// SPDX-License-Identifier: Apache-2.0

//! Each rule, broken on purpose, is noticed.

use super::*;
use crate::{
    Change, Changes, CoSignedState, Source, StreamFold, StreamName, StreamTerms, signing::Pen,
};
use millrace_primitives_channels::{state::Signatures, transfer::hashlock};

/// What is wrong with participant 1 after `spoil`.
fn complaint(world: &World, spoil: impl FnOnce(&mut Party)) -> String {
    let mut party = world.parties[1].clone();
    assert_eq!(invariants::verify(&party), Ok(()));
    spoil(&mut party);
    let broken = invariants::verify(&party).expect_err("it is broken");
    broken.split(':').next().unwrap_or_default().to_owned()
}

/// Participant 1 has proposed to pay 4.
fn proposed() -> World {
    let mut world = World::new(&[10, 10]);
    world.pay(1, 0, 4).unwrap();
    world
}

fn agreed() -> World {
    let mut world = proposed();
    world.deliver_all();
    world
}

#[test]
fn cp_1_second_signature() {
    assert_eq!(
        complaint(&proposed(), |party| {
            party.pen = Pen::new(key(1));
            party.pen.note(1, Hash::repeat_byte(1));
        }),
        "CP-1"
    );
}

#[test]
fn cp_2_payment_that_nobody_wanted() {
    let spoil = |party: &mut Party| party.in_flight.as_mut().unwrap().cost = 3;
    assert_eq!(complaint(&proposed(), spoil), "CP-2");
}

#[test]
fn cp_3_second_successor() {
    let spoil = |party: &mut Party| party.in_flight.as_mut().unwrap().state.version = 2;
    assert_eq!(complaint(&proposed(), spoil), "CP-3");
    let spoil = |party: &mut Party| party.pen.note(3, Hash::zero());
    assert_eq!(complaint(&agreed(), spoil), "CP-3");
}

#[test]
fn cp_4_money_from_nowhere() {
    assert_eq!(complaint(&agreed(), |party| party.agreement.set_total(21)), "CP-4");
}

#[test]
fn cp_5_life_after_the_end() {
    let mut world = proposed();
    let half = world.parties[1].in_flight.clone();
    world.act(1, Party::close).unwrap();
    world.deliver_all();
    let spoil = |party: &mut Party| {
        party.in_flight = half;
        party.in_flight.as_mut().unwrap().state.version = party.agreed.version() + 1;
    };
    assert_eq!(complaint(&world, spoil), "CP-5");
}

#[test]
fn cp_6_missing_signatures() {
    let spoil = |party: &mut Party| {
        let state = party.agreed.state().clone();
        party.agreed = CoSignedState::assembled(state, Signatures::new());
    };
    assert_eq!(complaint(&agreed(), spoil), "CP-6");
}

#[test]
fn cp_7_forgotten_transfers() {
    let mut world = World::new(&[10, 10]);
    let before = world.parties[1].ledger.clone();
    world.act(1, |it| it.offer(0, 3, hashlock(&[0; 32]), 50).map(|(_, it)| it)).unwrap();
    world.deliver_all();
    assert_eq!(complaint(&world, |party| party.ledger = before), "CP-7");
}

#[test]
fn cp_8_resize_that_the_machine_forgot() {
    let spoil = |party: &mut Party| party.pen.note_resize(9, Hash::zero()).unwrap();
    assert_eq!(complaint(&agreed(), spoil), "CP-8");
}

#[test]
fn cp_9_fold_below_the_links() {
    let mut world = World::new(&[100, 10]);
    let name = StreamName { payer: 0, payee: 1, epoch: 0 };
    let terms = StreamTerms { name, unit: 1, chains: 2, links: 4 };
    let id = world.parties[0].agreement().id();
    let mut source = Source::generate(&genesis(), &id, terms, [1; 32]);
    world.act(0, |party| party.open_stream(*source.stream())).unwrap();
    world.deliver_all();
    let effect = world.parties[0].release(&mut source, 3).unwrap().unwrap();
    world.carry_out(0, vec![effect]);
    world.deliver_all();
    world.pay(0, 1, 1).unwrap();
    world.deliver_all();
    world.pay(1, 0, 1).unwrap();
    let spoil = |party: &mut Party| {
        let fold = Change::FoldStream(StreamFold { stream: name, units: 2 });
        party.in_flight.as_mut().unwrap().changes = Changes::truncate_from(vec![fold]);
    };
    assert_eq!(complaint(&world, spoil), "CP-9");
}

#[test]
fn cp_10_transfer_decided_twice() {
    let spoil = |party: &mut Party| {
        party.outbox.push(Change::Fold { id: 1 });
        party.outbox.push(Change::Fail { id: 1 });
    };
    assert_eq!(complaint(&agreed(), spoil), "CP-10");
    let spoil = |party: &mut Party| {
        party.preimages.learn(1, [0; 32]);
    };
    assert_eq!(complaint(&agreed(), spoil), "CP-10");
}
