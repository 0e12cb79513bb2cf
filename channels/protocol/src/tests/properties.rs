// SPDX-License-Identifier: Apache-2.0

//! Whatever arrives in whatever order: nobody signs a version twice or loses money.

use super::*;
use crate::{message::Proposal, payments::Payments};
use millrace_primitives_channels::ChannelState;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// One thing that happens in a random world. Numbers are reduced to what exists.
#[derive(Clone, Debug)]
enum Step {
    Pay { payer: usize, payee: u8, amount: Balance },
    Deliver { index: usize },
    Repeat { index: usize },
    Lose { index: usize },
    Reconnect { party: usize },
    Close { party: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<usize>();
    prop_oneof![
        6 => (any::<usize>(), any::<u8>(), 0u128..40)
            .prop_map(|(payer, payee, amount)| Step::Pay { payer, payee, amount }),
        12 => index.prop_map(|index| Step::Deliver { index }),
        2 => index.prop_map(|index| Step::Repeat { index }),
        2 => index.prop_map(|index| Step::Lose { index }),
        2 => index.prop_map(|party| Step::Reconnect { party }),
        1 => index.prop_map(|party| Step::Close { party }),
    ]
}

/// What was paid from whom to whom by payments that the machine took.
type Ledger = BTreeMap<(usize, usize), Balance>;

fn take(world: &mut World, taken: &mut Ledger, step: Step) {
    let size = world.parties.len();
    let pick = |index: usize, wire: &[_]| (!wire.is_empty()).then(|| index % wire.len());
    match step {
        Step::Pay { payer, payee, amount } => {
            let (payer, payee) = (payer % size, usize::from(payee) % size);
            if world.pay(payer, payee as u8, amount).is_ok() {
                *taken.entry((payer, payee)).or_default() += amount;
            }
        }
        Step::Deliver { index } => {
            if let Some(index) = pick(index, &world.wire) {
                // Out of order, honest messages may be refused as too early, and nothing else.
                if let Err(error) = world.deliver(index) {
                    assert!(
                        matches!(error, ChannelError::TooEarly { .. } | ChannelError::Final { .. }),
                        "an honest message was refused: {error}"
                    );
                }
            }
        }
        Step::Repeat { index } => {
            if let Some(index) = pick(index, &world.wire) {
                let message = world.wire[index].clone();
                world.wire.push(message);
            }
        }
        Step::Lose { index } => {
            if let Some(index) = pick(index, &world.wire) {
                world.wire.remove(index);
            }
        }
        Step::Reconnect { party } => {
            let party = party % size;
            let effects = world.parties[party].reconnected();
            world.carry_out(party, effects);
        }
        Step::Close { party } => {
            let party = party % size;
            if let Ok(effects) = world.parties[party].close() {
                world.carry_out(party, effects);
            }
        }
    }
}

/// CP-1 to CP-6, seen from outside.
fn verify(world: &World, total: Balance) {
    let mut agreed_by_version = BTreeMap::new();
    for (position, done) in world.done.iter().enumerate() {
        let mut signed = BTreeMap::new();
        let mut agreed = 0;
        for effect in done {
            match effect {
                Effect::Persist(Record::Signed(state)) => {
                    let earlier = signed.insert(state.version, state.clone());
                    assert!(earlier.is_none(), "CP-1: version {} signed twice", state.version);
                    assert_eq!(state.version, agreed + 1, "CP-3: two successors at once");
                    assert_eq!(state.total(), Some(total), "CP-4");
                }
                Effect::Persist(Record::Agreed(newest)) => {
                    assert_eq!(newest.version(), agreed + 1, "CP-5");
                    agreed = newest.version();
                    assert_eq!(newest.signatures().len(), world.parties.len(), "CP-6");
                    assert!(signed.contains_key(&agreed), "agreed without this party's signature");
                    let same = agreed_by_version.entry(agreed).or_insert(newest.clone());
                    assert_eq!(same.state(), newest.state(), "parties agreed to different states");
                }
                _ => {}
            }
        }
        assert_eq!(world.parties[position].newest().version(), agreed);
    }
}

/// Lets everybody talk until nothing is left to say.
fn calm_down(world: &mut World) {
    for _ in 0..200 {
        while !world.wire.is_empty() {
            let _ = world.deliver(0);
        }
        let versions: Vec<_> = world.parties.iter().map(|party| party.newest().version()).collect();
        let is_calm = world.parties.iter().all(Party::is_idle)
            && versions.windows(2).all(|pair| pair[0] == pair[1]);
        if is_calm {
            return;
        }
        for party in 0..world.parties.len() {
            let effects = world.parties[party].reconnected();
            world.carry_out(party, effects);
        }
    }
    panic!("the parties never came to rest");
}

fn run(deposits: &[Balance], steps: Vec<Step>) {
    let total: Balance = deposits.iter().sum();
    let mut world = World::new(deposits);
    let mut taken = Ledger::new();
    for step in steps {
        take(&mut world, &mut taken, step);
        verify(&world, total);
    }
    calm_down(&mut world);
    verify(&world, total);
    // What the machine took and did not report as unpaid was paid exactly once.
    for (position, done) in world.done.iter().enumerate() {
        for effect in done {
            if let Effect::Unpaid(payments) = effect {
                for payment in payments {
                    let entry = taken.get_mut(&(position, usize::from(payment.payee)));
                    *entry.expect("only taken payments are reported") -= payment.amount;
                }
            }
        }
    }
    let mut expected = deposits.to_vec();
    for ((payer, payee), amount) in taken {
        expected[payer] = expected[payer].wrapping_sub(amount);
        expected[payee] = expected[payee].wrapping_add(amount);
    }
    for party in 0..world.parties.len() {
        assert_eq!(world.balances(party), expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn two_parties_in_any_order(steps in prop::collection::vec(step(), 0..120)) {
        run(&[100, 60], steps);
    }

    #[test]
    fn three_parties_in_any_order(steps in prop::collection::vec(step(), 0..120)) {
        run(&[100, 60, 0], steps);
    }

    #[test]
    fn lying_proposer_gets_no_more_than_was_asked_for(
        asked in prop::option::of(1u128..50),
        payments in prop::collection::vec((0u8..3, 0u8..3, 0u128..60), 0..4),
        taken in -60i128..60,
        is_final in any::<bool>(),
    ) {
        // Participant 1 proposes version 1 and may write into it what it likes.
        let mut world = World::new(&[100, 100]);
        if let Some(amount) = asked {
            world.pay(0, 1, amount).unwrap();
        }
        let balances = amounts(&[
            100u128.saturating_add_signed(-taken),
            100u128.saturating_add_signed(taken),
        ]);
        let terms = agreement(&[100, 100]);
        let opening = ChannelState::opening(terms.id(), amounts(&[100, 100]));
        let state = ChannelState { version: 1, balances, is_final, ..opening };
        let payments = payments
            .into_iter()
            .map(|(payer, payee, amount)| crate::Payment { payer, payee, amount })
            .collect();
        let signature = key(1).sign_state(&terms.state_payload(&state));
        let payments = Payments::truncate_from(payments);
        let proposal = Proposal { state: state.clone(), payments, signature };
        if let Ok(effects) = world.parties[0].receive(1, Message::Proposal(proposal)) {
            world.carry_out(0, effects);
        }
        for effect in &world.done[0] {
            if let Effect::Persist(Record::Signed(signed)) = effect {
                // Having signed that, it may go on and propose what it asked for itself.
                if signed.version == 1 {
                    prop_assert_eq!(signed, &state);
                }
                prop_assert!(signed.balances[0] >= 100 - asked.unwrap_or(0), "CP-2");
            }
        }
    }
}
