// SPDX-License-Identifier: Apache-2.0

//! Restarts at any moment, and backups that are behind.

use super::*;
use crate::{Change, message::Status};
use millrace_primitives_channels::transfer::hashlock;

const SECRET: [u8; 32] = [42; 32];

/// States that `party` signed, by version; fails if one version has two.
fn verify_signed_once(world: &World, party: usize) {
    let mut signed = std::collections::BTreeMap::new();
    for effect in &world.done[party] {
        if let Effect::Persist(Record::Signed(proposal)) = effect {
            let state = &proposal.state;
            let known = signed.entry(state.version).or_insert_with(|| state.clone());
            assert_eq!(known, state, "CP-1: party {party} signed two states of one version");
        }
    }
}

#[test]
fn update_goes_on_after_a_restart_at_any_step() {
    // A payment out of turn: request, proposal, acceptance. Either party restarts before each.
    for restarted in 0..2 {
        for steps in 0..4 {
            let mut world = World::new(&[10, 10]);
            world.pay(0, 1, 4).unwrap();
            for _ in 0..steps {
                if !world.wire.is_empty() {
                    world.deliver(0).unwrap();
                }
            }
            world.restart(restarted, Memory::Complete);
            world.reconnect();
            for party in 0..2 {
                assert_eq!(world.balances(party), [6, 14], "{restarted} after {steps}");
                assert!(world.parties[party].is_idle());
                verify_signed_once(&world, party);
            }
        }
    }
}

#[test]
fn proposer_repeats_the_very_proposal_that_it_signed() {
    let mut world = World::new(&[10, 10]);
    world.pay(1, 0, 4).unwrap();
    let first = world.wire[0].2.clone();
    world.restart(1, Memory::Complete);
    assert_eq!(world.parties[1].version_in_flight(), Some(1));
    world.pay(1, 0, 1).unwrap();
    assert_eq!(world.wire, [], "CP-3: the half-signed state goes first");
    let effects = world.parties[0].reconnected();
    world.carry_out(0, effects);
    world.deliver(0).unwrap();
    assert_eq!(world.wire[0].2, first);
    world.deliver_all();
    assert_eq!(world.balances(0), [15, 5]);
}

#[test]
fn transfers_and_preimages_survive() {
    let mut world = World::new(&[10, 10]);
    world.block(100);
    let (id, effects) = world.parties[0].offer(1, 4, hashlock(&SECRET), 1_000).unwrap();
    world.carry_out(0, effects);
    world.deliver_all();
    world.act(1, |party| party.fulfil(id, SECRET)).unwrap();
    // Its message is lost with the process.
    world.restart(1, Memory::Complete);
    world.restart(0, Memory::Complete);
    assert_eq!(world.parties[0].transfers(), world.parties[1].transfers());
    assert_eq!(world.parties[0].next_transfer_id(), id + 2, "ids are not used twice");
    world.block(901);
    let reveal = Effect::Reveal { preimage: SECRET, before: 1_000 };
    assert!(world.done[1].contains(&reveal), "the claim is looked after");
    world.reconnect();
    assert_eq!(world.balances(0), [6, 14]);
}

#[test]
fn payer_that_knows_the_preimage_still_pays_after_a_restart() {
    let mut world = World::new(&[10, 10]);
    world.block(100);
    let (id, effects) = world.parties[0].offer(1, 4, hashlock(&SECRET), 1_000).unwrap();
    world.carry_out(0, effects);
    world.deliver_all();
    world.act(1, |party| party.fulfil(id, SECRET)).unwrap();
    world.deliver(0).unwrap();
    world.restart(0, Memory::Complete);
    world.reconnect();
    assert_eq!(world.balances(1), [6, 14]);
}

#[test]
fn effects_that_a_crash_swallowed_come_again() {
    // given a transfer whose parties crash right after they wrote down what they learned of it
    let mut world = World::new(&[10, 10]);
    world.block(100);
    let (id, effects) = world.parties[0].offer(1, 4, hashlock(&SECRET), 1_000).unwrap();
    world.carry_out(0, effects);
    world.deliver_all();
    let transfer = world.parties[1].transfers()[0];
    world.restart(1, Memory::Complete);
    assert_eq!(world.parties[1].reminders(), [Effect::Offered(transfer)]);
    world.act(1, |party| party.fulfil(id, SECRET)).unwrap();
    world.deliver(0).unwrap();
    world.restart(0, Memory::Complete);

    // then the payer is told its preimage again, which a forwarder would have lost otherwise
    let owed = Effect::Fulfilled { transfer, preimage: SECRET };
    assert_eq!(world.parties[0].reminders(), [owed]);
    assert_eq!(world.parties[1].reminders(), [], "the payee has used it");
    world.reconnect();
    assert_eq!(world.balances(1), [6, 14]);
    assert_eq!(world.parties[0].reminders(), []);
}

#[test]
fn end_that_a_crash_swallowed_comes_again() {
    // given a party that crashes before its dispute is submitted
    let mut world = World::new(&[10, 10]);
    world.pay(1, 0, 1).unwrap();
    world.deliver_all();
    world.act(0, |party| Ok(party.force_close())).unwrap();
    world.restart(0, Memory::Complete);
    let newest = world.parties[0].newest().clone();
    assert_eq!(world.parties[0].force_close(), [], "it is closing already");
    // then it disputes once more, unless the chain shows that it did
    assert_eq!(world.parties[0].reminders(), [Effect::Dispute(newest)]);
    world.act(0, |party| Ok(party.disputed(1))).unwrap();
    assert_eq!(world.parties[0].reminders(), []);

    // and a final state is settled once more
    let mut world = World::new(&[10, 10]);
    world.act(1, Party::close).unwrap();
    world.deliver_all();
    world.restart(1, Memory::Complete);
    let newest = world.parties[1].newest().clone();
    assert_eq!(world.parties[1].reminders(), [Effect::Settle(newest)]);
    world.parties[1].over();
    assert_eq!(world.parties[1].reminders(), []);
}

#[test]
fn request_of_a_party_that_has_forgotten_it_is_not_carried_out() {
    // given participant 0 of three, who asked for a payment of which its backup knows nothing, while
    // the proposer has not begun with that version
    let mut world = World::new(&[10, 10, 10]);
    world.pay(1, 2, 1).unwrap();
    world.deliver(0).unwrap();
    world.deliver(0).unwrap();
    let from_2 = world.wire.iter().position(|(from, to, _)| (*from, *to) == (2, 0)).unwrap();
    world.deliver(from_2).unwrap();
    assert_eq!(world.parties[0].newest().version(), 1);
    let backup = world.disks[0].clone();
    world.pay(0, 1, 3).unwrap();
    let asked = world.wire.iter().position(|it| matches!(it.2, Message::Request(_))).unwrap();
    world.deliver(asked).unwrap();
    assert_eq!(world.parties[2].newest().version(), 0);

    // when it comes back from the backup, then nobody proposes what it would refuse as not its own
    world.restart_from(0, backup, Memory::Lagging { question: 7 });
    world.reconnect();
    for party in 0..3 {
        assert_eq!(world.balances(party), [10, 9, 11]);
        assert!(world.parties[party].is_idle());
    }
    world.pay(0, 1, 2).unwrap();
    world.deliver_all();
    assert_eq!(world.balances(1), [8, 11, 11]);
}

#[test]
fn id_of_a_transfer_that_a_backup_does_not_know_is_not_used_again() {
    let mut world = World::new(&[10, 10]);
    world.block(100);
    let backup = world.disks[0].clone();
    let (id, effects) = world.parties[0].offer(1, 4, hashlock(&SECRET), 1_000).unwrap();
    world.carry_out(0, effects);
    world.deliver_all();
    world.act(1, |party| party.fulfil(id, SECRET)).unwrap();
    world.deliver_all();
    world.restart_from(0, backup, Memory::Lagging { question: 7 });
    let again = world.parties[0].offer(1, 4, hashlock(&[1; 32]), 1_000).map(|_| ());
    assert_eq!(again, Err(ChannelError::Lagging), "its id would be one that was used");
    world.reconnect();
    assert_eq!(world.balances(0), [6, 14]);
    assert!(world.parties[0].next_transfer_id() > id);
}

#[test]
fn end_of_a_transfer_is_asked_for_again_after_a_version_that_is_forgotten() {
    for is_paid in [true, false] {
        // given a transfer whose end is asked for in a version that was proposed without it
        let mut world = World::new(&[10, 10]);
        world.block(100);
        let (id, effects) = world.parties[0].offer(1, 4, hashlock(&SECRET), 1_000).unwrap();
        world.carry_out(0, effects);
        world.deliver_all();
        let (asking, proposing) = if is_paid { (0, 1) } else { (1, 0) };
        if is_paid {
            world.pay(1, 0, 1).unwrap();
            world.deliver_all();
            world.act(1, |party| party.fulfil(id, SECRET)).unwrap();
        }
        world.pay(proposing, u8::try_from(asking).unwrap(), 1).unwrap();
        if is_paid {
            world.deliver(0).unwrap();
        } else {
            world.act(1, |party| party.fail(id)).unwrap();
        }
        let asked = |it: &Effect| matches!(it, Effect::Persist(Record::Asked(_)));
        assert!(world.was_told(asking, asked));
        let backup = world.disks[asking].clone();
        let version = world.parties[proposing].version_in_flight().expect("it pays");
        while world.parties[proposing].newest().version() < version {
            world.deliver(0).unwrap();
        }
        // when whoever asked comes back from a backup that does not know that version
        world.restart_from(asking, backup, Memory::Lagging { question: 7 });
        world.act(asking, |it| Ok(it.block(100))).unwrap();
        world.reconnect();
        // then the next one ends the transfer
        assert_eq!(world.parties[0].transfers(), [], "{is_paid}");
        assert_eq!(world.balances(0), if is_paid { [8, 12] } else { [9, 11] });
    }
}

#[test]
fn snapshot_stands_for_all_records() {
    let mut world = World::new(&[1_000, 1_000]);
    world.block(100);
    for number in 0..20u8 {
        let (id, effects) = world.parties[0].offer(1, 4, hashlock(&[number; 32]), 1_000).unwrap();
        world.carry_out(0, effects);
        world.deliver_all();
        if number % 3 == 0 {
            world.act(1, |party| party.fulfil(id, [number; 32])).unwrap();
        }
    }
    world.pay(0, 1, 1).unwrap();
    let snapshot = world.parties[0].snapshot();
    let before = world.parties[0].clone();
    world.restart_from(0, vec![snapshot.encode()], Memory::Complete);
    assert_eq!(world.parties[0].snapshot(), snapshot);
    assert_eq!(world.parties[0].newest(), before.newest());
    assert_eq!(world.parties[0].transfers(), before.transfers());
    world.reconnect();
    assert_eq!(world.parties[0].newest(), world.parties[1].newest());
}

#[test]
fn lagging_backup_signs_nothing_before_it_has_heard_from_everybody() {
    // given a backup of version 1, and a channel that has gone on since
    let mut world = World::new(&[10, 10, 10]);
    world.pay(1, 0, 1).unwrap();
    world.deliver_all();
    let backup = world.disks[0].clone();
    for _ in 0..4 {
        world.pay(0, 1, 1).unwrap();
        world.deliver_all();
    }
    let newest = world.parties[1].newest().clone();
    // when it is restored
    world.restart_from(0, backup, Memory::Lagging { question: 77 });
    assert_eq!(world.parties[0].newest().version(), 1);
    let signed = world.signed(0).len();
    world.pay(0, 1, 1).unwrap();
    assert_eq!(world.wire, [], "CP-11");
    let effects = world.parties[0].reconnected();
    world.carry_out(0, effects);
    // then one of two answers is not enough
    world.wire.retain(|(from, to, _)| *from != 2 && *to != 2);
    world.deliver_all();
    assert_eq!(world.parties[0].newest(), &newest);
    assert_eq!(world.signed(0).len(), signed, "CP-11");
    assert!(!world.parties[0].is_idle());
    // and both are
    world.reconnect();
    assert_eq!(world.balances(2), [6, 14, 10], "the payment that waited is made");
    assert!(world.parties.iter().all(Party::is_idle));
}

#[test]
fn lagging_backup_is_handed_what_it_signed_by_half() {
    // Participant 1 proposed version 1 and participant 2 has signed it; participant 0 has not.
    let mut world = World::new(&[10, 10, 10]);
    world.pay(1, 0, 1).unwrap();
    let proposed = world.parties[1].version_in_flight();
    world.wire.retain(|(_, to, _)| *to == 2);
    world.deliver(0).unwrap();
    world.wire.clear();
    // It forgets all of that, and wants something else.
    world.restart_from(1, Vec::new(), Memory::Lagging { question: 5 });
    world.pay(1, 2, 9).unwrap();
    for _ in 0..4 {
        for party in 0..3 {
            world.act(party, |it| Ok(it.reconnected())).unwrap();
        }
        while !world.wire.is_empty() {
            // Participant 0 hears of acceptances before it knows what was accepted.
            if let Err(error) = world.deliver(0) {
                assert!(matches!(error, ChannelError::TooEarly { .. }), "{error}");
            }
        }
    }
    assert_eq!(proposed, Some(1));
    for party in 0..3 {
        assert_eq!(world.parties[party].agreement().id(), world.terms.id());
        assert_eq!(world.balances(party), [11, 0, 19], "first the old payment, then the new");
    }
    verify_signed_once(&world, 1);
}

#[test]
fn answer_to_another_question_proves_nothing() {
    let mut world = World::new(&[10, 10]);
    world.restart_from(1, Vec::new(), Memory::Lagging { question: 5 });
    let channel = world.terms.id();
    let answer = |answer| {
        let (agreed, holds, question) = (0, 0, None);
        Message::Status(Status { channel, agreed, holds, question, answer })
    };
    world.act(1, |party| party.receive(0, answer(None))).unwrap();
    world.act(1, |party| party.receive(0, answer(Some(4)))).unwrap();
    world.pay(1, 0, 1).unwrap();
    assert_eq!(world.signed(1), [0u64; 0]);
    world.act(1, |party| party.receive(0, answer(Some(5)))).unwrap();
    assert_eq!(world.signed(1), [1]);
}

#[test]
fn party_that_forgot_transfers_gets_them_back() {
    let mut world = World::new(&[10, 10]);
    world.block(100);
    let (id, effects) = world.parties[0].offer(1, 4, hashlock(&SECRET), 1_000).unwrap();
    world.carry_out(0, effects);
    world.deliver_all();
    world.pay(1, 0, 1).unwrap();
    world.deliver_all();
    world.restart_from(1, Vec::new(), Memory::Complete);
    world.act(1, |party| Ok(party.block(100))).unwrap();
    world.reconnect();
    assert_eq!(world.parties[1].transfers(), world.parties[0].transfers());
    world.act(1, |party| party.fulfil(id, SECRET)).unwrap();
    world.deliver_all();
    assert_eq!(world.balances(1), [7, 13]);
    // What it took over was written down.
    world.restart(1, Memory::Complete);
    assert_eq!(world.balances(1), [7, 13]);
}

#[test]
fn party_that_closes_alone_signs_nothing_after_a_restart() {
    let mut world = World::new(&[10, 10]);
    world.act(0, |party| Ok(party.force_close())).unwrap();
    world.restart(0, Memory::Complete);
    assert_eq!(world.pay(0, 1, 1), Err(ChannelError::ClosingAlone));
    world.pay(1, 0, 1).unwrap();
    assert_eq!(world.deliver(0), Err(ChannelError::ClosingAlone), "CP-11");
    assert_eq!(world.signed(0), [0u64; 0]);
}

#[test]
fn restore_fails_when_records_do_not_fit_together() {
    let mut world = World::new(&[10, 10]);
    for _ in 0..3 {
        world.pay(1, 0, 1).unwrap();
        world.deliver_all();
    }
    let read = |bytes: &Vec<u8>| Record::decode(&mut &bytes[..]).expect("a record");
    let records: Vec<_> = world.disks[1].iter().map(read).collect();
    for missing in 0..records.len() - 1 {
        if matches!(records[missing], Record::Asked(_)) {
            continue;
        }
        let mut torn = records.clone();
        torn.remove(missing);
        let restored =
            Party::restore(world.terms.clone(), key(1), Policy::default(), torn, Memory::Complete);
        assert!(
            matches!(restored.map(|_| ()), Err(ChannelError::BadRecord { .. })),
            "record {missing} is missing"
        );
    }
}

#[test]
fn what_was_asked_for_is_recognised_after_a_restart() {
    let mut world = World::new(&[10, 10]);
    world.pay(0, 1, 4).unwrap();
    // The request is on its way, on a connection that outlives the process.
    let request = world.wire.clone();
    world.restart(0, Memory::Complete);
    world.wire = request;
    world.deliver_all();
    assert_eq!(world.balances(0), [6, 14]);
    let pays = |effect: &Effect| {
        matches!(effect, Effect::Agreed { changes: Some(changes), .. }
            if changes.iter().any(|it| matches!(it, Change::Pay(_))))
    };
    assert!(world.was_told(0, pays));
}
