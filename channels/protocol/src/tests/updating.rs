// SPDX-License-Identifier: Apache-2.0

//! Paying, proposing, accepting.

use super::*;
use crate::{
    Change, Changes, MAX_WAITING, Payment, PaymentError, ProposalError,
    changes::MAX_CHANGES,
    message::{Acceptance, Proposal, Request},
};
use millrace_primitives_channels::ChannelState;

/// A proposal of version 1, which is participant 1's turn, signed by its real key.
fn proposal(payments: &[Payment], balances: &[Balance]) -> Proposal {
    let terms = agreement(&[10, 10]);
    let state = ChannelState {
        version: 1,
        balances: amounts(balances),
        ..ChannelState::opening(terms.id(), amounts(&[10, 10]))
    };
    let signature = key(1).sign_state(&terms.state_payload(&state));
    Proposal { state, changes: pays(payments), signature }
}

fn pays(payments: &[Payment]) -> Changes {
    Changes::truncate_from(payments.iter().copied().map(Change::Pay).collect())
}

fn request_for_1(payment: Payment) -> Message {
    let channel = agreement(&[10, 10]).id();
    let changes = pays(&[payment]);
    Message::Request(Request { channel, version: 1, changes, close: false, resize: None })
}

fn receive_by_0(proposal: Proposal) -> Result<Vec<Effect>, ChannelError> {
    World::new(&[10, 10]).parties[0].receive(1, Message::Proposal(proposal))
}

#[test]
fn payment_in_turn_is_proposed_at_once() {
    let mut world = World::new(&[10, 10]);
    world.pay(1, 0, 4).unwrap();
    assert!(matches!(world.wire[..], [(1, 0, Message::Proposal(_))]));
    world.deliver_all();
    assert_eq!(world.balances(0), [14, 6]);
    assert_eq!(world.balances(1), [14, 6]);
    assert_eq!(world.parties[0].newest().signatures().len(), 2);
}

#[test]
fn payment_out_of_turn_is_asked_for() {
    let mut world = World::new(&[10, 10]);
    world.pay(0, 1, 4).unwrap();
    assert!(matches!(world.wire[..], [(0, 1, Message::Request(_))]));
    world.deliver_all();
    assert_eq!(world.balances(0), [6, 14]);
    assert_eq!(world.balances(1), [6, 14]);
    assert!(world.parties.iter().all(Party::is_idle));
}

#[test]
fn payments_at_the_same_time_share_versions() {
    let mut world = World::new(&[200, 200]);
    for amount in 1..=10 {
        world.pay(0, 1, amount).unwrap();
        world.pay(1, 0, 2 * amount).unwrap();
    }
    world.deliver_all();
    assert_eq!(world.balances(0), [255, 145]);
    assert_eq!(world.balances(1), [255, 145]);
    assert!(world.parties[0].newest().version() < 10, "many payments ride on one version");
}

#[test]
fn three_parties_agree_only_when_all_have_signed() {
    let mut world = World::new(&[30, 20, 10]);
    world.pay(1, 2, 5).unwrap();
    assert_eq!(world.wire.len(), 2);
    world.deliver(0).unwrap();
    assert_eq!(world.parties[0].newest().version(), 0, "one signature is missing");
    world.deliver_all();
    for party in 0..3 {
        assert_eq!(world.balances(party), [30, 15, 15]);
    }
}

#[test]
fn pay_fails_when_money_is_promised_already() {
    let mut world = World::new(&[10, 10]);
    world.pay(0, 1, 7).unwrap();
    world.pay(0, 1, 2).unwrap();
    assert_eq!(
        world.pay(0, 1, 2),
        Err(PaymentError::Insufficient { needed: 2, available: 1 }.into())
    );
    assert_eq!(world.pay(0, 1, 0), Err(PaymentError::Nothing.into()));
    assert_eq!(world.pay(0, 0, 1), Err(PaymentError::ToItself { position: 0 }.into()));
    assert_eq!(
        world.pay(0, 2, 1),
        Err(PaymentError::UnknownParticipant { position: 2, participants: 2 }.into())
    );
}

#[test]
fn pay_fails_when_too_many_payments_wait() {
    let mut world = World::new(&[10_000, 10]);
    for _ in 0..MAX_WAITING {
        world.pay(0, 1, 1).unwrap();
    }
    assert_eq!(world.pay(0, 1, 1), Err(ChannelError::QueueFull { limit: MAX_WAITING }));
    world.deliver_all();
    assert_eq!(world.balances(0), [8_976, 1_034]);
}

#[test]
fn version_carries_as_many_changes_as_fit() {
    let mut world = World::new(&[10_000, 10_000]);
    world.pay(0, 1, 1).unwrap();
    for _ in 0..2 * MAX_CHANGES {
        world.pay(0, 1, 1).unwrap();
        world.pay(1, 0, 2).unwrap();
    }
    world.deliver_all();
    let made = u128::from(2 * MAX_CHANGES);
    assert_eq!(world.balances(0), [10_000 + made - 1, 10_000 - made + 1]);
    let versions = world.parties[0].newest().version();
    assert!(versions <= 8, "1,025 payments took {versions} versions");
}

#[test]
fn proposal_fails_when_it_takes_what_nobody_asked_to_pay() {
    let theft = Payment { payer: 0, payee: 1, amount: 1 };
    assert_eq!(
        receive_by_0(proposal(&[theft], &[9, 11])).unwrap_err(),
        ProposalError::Unrequested { version: 1, taken: 1, asked: 0 }.into()
    );
}

#[test]
fn proposal_fails_when_balances_do_not_follow_from_payments() {
    assert_eq!(
        receive_by_0(proposal(&[], &[9, 11])).unwrap_err(),
        ProposalError::BalancesDiffer { version: 1 }.into()
    );
    let payment = Payment { payer: 1, payee: 0, amount: 11 };
    let reason = PaymentError::Insufficient { needed: 11, available: 10 };
    assert_eq!(
        receive_by_0(proposal(&[payment], &[10, 10])).unwrap_err(),
        ProposalError::Change { version: 1, reason: reason.into() }.into()
    );
}

#[test]
fn proposal_fails_when_it_does_not_conserve_or_is_not_signed() {
    let payment = Payment { payer: 1, payee: 0, amount: 1 };
    assert!(matches!(
        receive_by_0(proposal(&[payment], &[11, 10])).unwrap_err(),
        ChannelError::Proposal(ProposalError::NotConserved { version: 1, .. })
    ));
    let mut forged = proposal(&[payment], &[11, 9]);
    forged.signature = key(0).sign_state(&Hash::zero());
    assert_eq!(
        receive_by_0(forged).unwrap_err(),
        ProposalError::WrongSignature { version: 1, sender: 1 }.into()
    );
}

#[test]
fn proposal_fails_when_it_is_not_the_senders_turn() {
    let mut world = World::new(&[10, 10, 10]);
    world.pay(1, 0, 1).unwrap();
    let (_, _, message) = world.wire.remove(0);
    assert_eq!(
        world.parties[0].receive(2, message).unwrap_err(),
        ProposalError::NotItsTurn { version: 1, sender: 2, expected: 1 }.into()
    );
}

#[test]
fn second_state_of_one_version_is_never_signed() {
    let mut world = World::new(&[10, 10]);
    let pay = |amount| Payment { payer: 1, payee: 0, amount };
    let first = proposal(&[pay(1)], &[11, 9]);
    let second = proposal(&[pay(2)], &[12, 8]);
    let effects = world.parties[0].receive(1, Message::Proposal(first)).unwrap();
    world.carry_out(0, effects);
    assert_eq!(
        world.parties[0].receive(1, Message::Proposal(second)).unwrap_err(),
        ProposalError::Equivocation { version: 1, sender: 1 }.into()
    );
    assert_eq!(world.signed(0), [1]);
}

#[test]
fn duplicate_proposal_gets_the_same_acceptance() {
    let mut world = World::new(&[10, 10]);
    world.pay(1, 0, 1).unwrap();
    let message = world.wire[0].2.clone();
    world.deliver(0).unwrap();
    let first = world.wire[0].2.clone();
    let again = world.parties[0].receive(1, message).unwrap();
    assert_eq!(again, [Effect::Send { to: 1, message: first }]);
    world.deliver_all();
    assert_eq!(world.balances(1), [11, 9]);
}

#[test]
fn duplicate_request_pays_once() {
    let mut world = World::new(&[10, 10]);
    world.pay(0, 1, 4).unwrap();
    let request = world.wire[0].clone();
    world.deliver_all();
    world.wire.push(request);
    world.deliver_all();
    assert_eq!(world.balances(1), [6, 14]);
}

#[test]
fn request_fails_when_it_spends_another_partys_money() {
    let request = request_for_1(Payment { payer: 1, payee: 0, amount: 1 });
    let mut world = World::new(&[10, 10]);
    assert_eq!(
        world.parties[1].receive(0, request).unwrap_err(),
        ProposalError::NotItsMoney { sender: 0, author: 1 }.into()
    );
}

#[test]
fn request_that_cannot_be_met_is_left_out_and_the_next_version_goes_on() {
    let request = request_for_1(Payment { payer: 0, payee: 1, amount: 11 });
    let mut world = World::new(&[10, 10]);
    let effects = world.parties[1].receive(0, request).unwrap();
    world.carry_out(1, effects);
    world.deliver_all();
    assert_eq!(world.balances(0), [10, 10]);
    assert_eq!(world.parties[0].newest().version(), 1, "the asker sees that it was left out");
}

#[test]
fn acceptance_fails_when_forged_early_or_from_a_stranger() {
    let mut world = World::new(&[10, 10]);
    world.pay(1, 0, 1).unwrap();
    let channel = agreement(&[10, 10]).id();
    let acceptance = |version| {
        Message::Acceptance(Acceptance {
            channel,
            version,
            signature: key(1).sign_state(&Hash::zero()),
        })
    };
    let party = &mut world.parties[1];
    assert_eq!(
        party.receive(0, acceptance(1)).unwrap_err(),
        ProposalError::WrongSignature { version: 1, sender: 0 }.into()
    );
    assert_eq!(
        party.receive(0, acceptance(3)).unwrap_err(),
        ChannelError::TooEarly { received: 3, missing: 1 }
    );
    assert_eq!(
        party.receive(7, acceptance(1)).unwrap_err(),
        ChannelError::UnknownSender { sender: 7 }
    );
}
