// SPDX-License-Identifier: Apache-2.0

//! A peer that says what it likes.
//!
//! Participant 1 has a real key and a machine that follows the rules, and between that machine and
//! participant 0 sits somebody who rewrites its messages, signs them again and adds some.

use super::*;
use crate::{
    Change, Changes, CoSignedState, Payment, StreamFold, StreamName,
    message::{Acceptance, Proposal, Request},
};
use millrace_primitives_channels::{Transfer, transfer::hashlock};
use proptest::prelude::*;

/// What the liar does next.
#[derive(Clone, Debug)]
enum Lie {
    /// Nothing: an honest step.
    Honest(u8),
    /// Flips a byte of the next message.
    Spoil { place: usize, byte: u8 },
    /// Changes the balances of the next proposal and signs it.
    Shift { amount: i64 },
    /// Proposes these changes with a state that fits them.
    Propose { changes: Vec<Wish>, is_final: bool },
    /// Asks for these changes.
    Ask { changes: Vec<Wish>, ahead: u64 },
    /// Signs something else.
    Accept { version: u64 },
    /// Says an old message again.
    Replay { index: usize },
}

/// A change by its kind, with numbers that are reduced to what exists.
#[derive(Clone, Copy, Debug)]
struct Wish {
    kind: u8,
    payer: u8,
    amount: Balance,
    id: u64,
}

impl Wish {
    fn change(self) -> Change {
        let Self { kind, payer, amount, id } = self;
        let payer = payer % 2;
        match kind % 5 {
            0 => Change::Pay(Payment { payer, payee: 1 - payer, amount }),
            1 => Change::Offer(Transfer {
                id: id * 2 + u64::from(payer),
                payer,
                payee: 1 - payer,
                amount,
                hashlock: hashlock(&[0; 32]),
                expiry: 300,
            }),
            2 => Change::Fold { id },
            3 => Change::Fail { id },
            _ => {
                let stream = StreamName { payer, payee: 1 - payer, epoch: 0 };
                Change::FoldStream(StreamFold { stream, units: id })
            }
        }
    }
}

fn wishes() -> impl Strategy<Value = Vec<Wish>> {
    let wish = (any::<u8>(), any::<u8>(), 0u128..40, 0u64..8);
    let wish = wish.prop_map(|(kind, payer, amount, id)| Wish { kind, payer, amount, id });
    prop::collection::vec(wish, 0..4)
}

fn lie() -> impl Strategy<Value = Lie> {
    prop_oneof![
        8 => any::<u8>().prop_map(Lie::Honest),
        2 => (any::<usize>(), any::<u8>()).prop_map(|(place, byte)| Lie::Spoil { place, byte }),
        1 => (-50i64..50).prop_map(|amount| Lie::Shift { amount }),
        3 => (wishes(), any::<bool>())
            .prop_map(|(changes, is_final)| Lie::Propose { changes, is_final }),
        2 => (wishes(), 0u64..3).prop_map(|(changes, ahead)| Lie::Ask { changes, ahead }),
        1 => (0u64..9).prop_map(|version| Lie::Accept { version }),
        1 => any::<usize>().prop_map(|index| Lie::Replay { index }),
    ]
}

/// What an honest party asked for so far.
#[derive(Default)]
struct Honest {
    wanted: Vec<Change>,
    heard: Vec<(usize, usize, Message)>,
}

fn tell(world: &mut World, message: Message) {
    let before = world.parties[0].snapshot();
    match world.parties[0].receive(1, message) {
        Ok(effects) => world.carry_out(0, effects),
        Err(_) => assert_eq!(world.parties[0].snapshot(), before, "an error changed something"),
    }
}

fn honest_step(world: &mut World, honest: &mut Honest, number: u8) {
    match number % 5 {
        0 | 1 => {
            let amount = 1 + u128::from(number / 5 % 7);
            for payer in 0..2u8 {
                if world.pay(usize::from(payer), 1 - payer, amount).is_ok() && payer == 0 {
                    honest.wanted.push(Change::Pay(Payment { payer, payee: 1, amount }));
                }
            }
        }
        2 => {
            let payer = usize::from(number / 5 % 2);
            let lock = hashlock(&[number; 32]);
            let payee = 1 - payer as u8;
            if let Ok((id, effects)) = world.parties[payer].offer(payee, 2, lock, 400) {
                let position = payer as u8;
                let transfer =
                    Transfer { id, payer: position, payee, amount: 2, hashlock: lock, expiry: 400 };
                if payer == 0 {
                    honest.wanted.push(Change::Offer(transfer));
                }
                world.carry_out(payer, effects);
            }
        }
        _ => {
            if world.wire.is_empty() {
                for party in 0..2 {
                    let effects = world.parties[party].reconnected();
                    world.carry_out(party, effects);
                }
            }
            if !world.wire.is_empty() {
                honest.heard.push(world.wire[0].clone());
                let _ = world.deliver(0);
            }
        }
    }
}

fn lie_once(world: &mut World, honest: &mut Honest, lie: Lie) {
    let terms = world.parties[0].agreement().clone();
    let sign = |state: &millrace_primitives_channels::ChannelState| {
        key(1).sign_state(&terms.state_payload(state))
    };
    let next = world.parties[0].newest().version() + 1;
    match lie {
        Lie::Honest(number) => honest_step(world, honest, number),
        Lie::Spoil { place, byte } => {
            let at = world.wire.iter().position(|(from, ..)| *from == 1);
            if let Some(at) = at {
                let mut bytes = world.wire.remove(at).2.to_bytes();
                let place = place % bytes.len();
                bytes[place] ^= byte;
                if let Ok(message) = Message::from_bytes(&bytes) {
                    tell(world, message);
                }
            }
        }
        Lie::Shift { amount } => {
            let at = world
                .wire
                .iter()
                .position(|(from, _, it)| *from == 1 && matches!(it, Message::Proposal(_)));
            if let Some(at) = at
                && let Message::Proposal(mut proposal) = world.wire.remove(at).2
            {
                let balances = &mut proposal.state.balances;
                balances[0] = balances[0].saturating_add_signed(amount.into());
                balances[1] = balances[1].saturating_add_signed(i128::from(-amount));
                proposal.signature = sign(&proposal.state);
                tell(world, Message::Proposal(proposal));
            }
        }
        Lie::Propose { changes, is_final } => {
            let party = &world.parties[0];
            let mut ledger = party.ledger.clone();
            let mut made = Changes::new();
            for wish in changes {
                let change = wish.change();
                if ledger.apply(&change).is_ok() {
                    made.try_push(change).unwrap();
                }
            }
            let state = ledger.state(party.newest().state(), next, is_final);
            let signature = sign(&state);
            tell(world, Message::Proposal(Proposal { state, changes: made, signature }));
        }
        Lie::Ask { changes, ahead } => {
            let changes = Changes::truncate_from(changes.into_iter().map(Wish::change).collect());
            let (channel, version) = (terms.id(), next + ahead);
            let request = Request { channel, version, changes, close: false, resize: None };
            tell(world, Message::Request(request));
        }
        Lie::Accept { version } => {
            let signature = key(1).sign_state(&Hash::repeat_byte(3));
            let acceptance = Acceptance { channel: terms.id(), version, signature };
            tell(world, Message::Acceptance(acceptance));
        }
        Lie::Replay { index } => {
            let heard: Vec<_> = honest.heard.iter().filter(|(from, ..)| *from == 1).collect();
            if !heard.is_empty() {
                let message = heard[index % heard.len()].2.clone();
                tell(world, message);
            }
        }
    }
}

/// What participant 0 signed is what it wanted, and it can close with what it holds.
fn verify(world: &World, honest: &Honest) {
    let party = &world.parties[0];
    assert_eq!(invariants::verify(party), Ok(()));
    let mut signed = std::collections::BTreeMap::new();
    let mut spent = Vec::new();
    for effect in &world.done[0] {
        if let Effect::Persist(Record::Signed(proposal)) = effect {
            let known = signed.insert(proposal.state.version, proposal.state.clone());
            assert_eq!(known, None, "CP-1");
            spent.extend(proposal.changes.iter().copied().filter(|change| match change {
                Change::Pay(payment) => payment.payer == 0,
                Change::Offer(transfer) => transfer.payer == 0,
                _ => false,
            }));
        }
    }
    let mut wanted = honest.wanted.clone();
    for change in spent {
        let at = wanted.iter().position(|it| *it == change);
        wanted.remove(at.expect("CP-2: it never asked for this"));
    }
    let newest = party.newest();
    if newest.version() > 0 {
        let (state, signatures) = (newest.state().clone(), newest.signatures().clone());
        assert!(CoSignedState::verify(party.agreement(), state, signatures).is_ok(), "CP-6");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn liar_gets_no_more_than_was_asked_for(lies in prop::collection::vec(lie(), 0..80)) {
        let mut world = World::new(&[100, 100]);
        world.block(100);
        let mut honest = Honest::default();
        for lie in lies {
            lie_once(&mut world, &mut honest, lie);
            verify(&world, &honest);
        }
        // Whatever happened, it can end.
        let newest = world.parties[0].newest().clone();
        let end = if newest.state().is_final {
            Effect::Settle(newest)
        } else {
            Effect::Dispute(newest)
        };
        prop_assert!(world.parties[0].force_close().contains(&end));
    }
}
