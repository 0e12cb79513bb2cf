// SPDX-License-Identifier: Apache-2.0

//! Conditional transfers.

use super::*;
use crate::{Change, PaymentError, TransferError, policy::MAX_EXPIRY, transfers::transfer_quota};
use millrace_primitives_channels::{Transfer, transfer::hashlock};

const SECRET: [u8; 32] = [42; 32];

fn policy() -> Policy {
    Policy { reveal_margin: 10, fold_patience: 20, max_expiry: 1_000, ..Policy::default() }
}

/// At block 100, participant 0 has offered 4 to participant 1 until block 200. Returns the id.
fn offered() -> (World, u64) {
    let mut world = World::with_policy(&[10, 10], policy());
    world.block(100);
    let (id, effects) = world.parties[0].offer(1, 4, hashlock(&SECRET), 200).unwrap();
    world.carry_out(0, effects);
    world.deliver_all();
    (world, id)
}

fn fulfil(world: &mut World, id: u64) -> Result<(), ChannelError> {
    world.act(1, |party| party.fulfil(id, SECRET))
}

fn is_reveal(effect: &Effect) -> bool {
    matches!(effect, Effect::Reveal { .. })
}

fn is_dispute(effect: &Effect) -> bool {
    matches!(effect, Effect::Dispute(_))
}

#[test]
fn offer_sets_aside_and_fulfilment_pays() {
    let (mut world, id) = offered();
    let transfer = world.parties[1].transfers()[0];
    assert_eq!((transfer.id, transfer.amount, transfer.expiry), (id, 4, 200));
    assert_eq!(world.balances(1), [6, 10]);
    assert!(world.done[1].contains(&Effect::Offered(transfer)));
    assert_eq!(world.parties[0].spendable(), 6);

    fulfil(&mut world, id).unwrap();
    world.deliver_all();
    assert!(world.done[0].contains(&Effect::Fulfilled { transfer, preimage: SECRET }));
    for party in 0..2 {
        assert_eq!(world.balances(party), [6, 14]);
        assert_eq!(world.parties[party].transfers(), []);
        assert!(world.parties[party].newest().state().is_plain());
    }
    assert!(!world.was_told(1, is_reveal), "nothing had to go to the chain");
}

#[test]
fn transfer_that_is_given_up_returns() {
    let (mut world, id) = offered();
    let transfer = world.parties[0].transfers()[0];
    world.act(1, |party| party.fail(id)).unwrap();
    world.deliver_all();
    assert_eq!(world.balances(0), [10, 10]);
    assert!(world.done[0].contains(&Effect::Returned(transfer)));
    assert_eq!(fulfil(&mut world, id), Err(TransferError::Unknown { id }.into()));
}

#[test]
fn transfer_that_expires_returns_by_itself() {
    let (mut world, _) = offered();
    world.block(199);
    world.deliver_all();
    assert_eq!(world.balances(0), [6, 10], "it may still be revealed");
    world.block(200);
    world.deliver_all();
    assert_eq!(world.balances(0), [10, 10]);
    assert!(!world.was_told(0, is_dispute));
}

#[test]
fn preimage_is_kept_when_it_could_not_be_enforced_any_more() {
    let (mut world, id) = offered();
    world.block(190);
    let late = TransferError::TooLate { id, expiry: 200, now: 190 };
    assert_eq!(fulfil(&mut world, id), Err(late.into()));
    assert_eq!(world.wire, []);
}

#[test]
fn fulfilment_fails_with_a_wrong_preimage_or_by_a_stranger() {
    let (mut world, id) = offered();
    let wrong = TransferError::WrongPreimage { id };
    assert_eq!(world.act(1, |party| party.fulfil(id, [0; 32])), Err(wrong.into()));
    let stranger = TransferError::NotItsTransfer { id, sender: 0 };
    assert_eq!(world.act(0, |party| party.fulfil(id, SECRET)), Err(stranger.into()));
    assert_eq!(world.act(0, |party| party.fail(id)), Err(stranger.into()));

    let channel = world.parties[0].agreement().id();
    let lie = crate::message::Fulfil { channel, id, preimage: [0; 32] };
    assert_eq!(
        world.parties[0].receive(1, Message::Fulfil(lie)).unwrap_err(),
        TransferError::WrongPreimage { id }.into()
    );
    fulfil(&mut world, id).unwrap();
    assert_eq!(
        world.act(1, |party| party.fail(id)),
        Err(TransferError::Fulfilled { id }.into()),
        "who has shown the preimage does not give up"
    );
}

#[test]
fn payer_that_does_not_fold_is_taken_to_the_chain_in_time_and_not_before() {
    let (mut world, id) = offered();
    let transfer = world.parties[1].transfers()[0];
    fulfil(&mut world, id).unwrap();
    world.wire.clear();
    world.block(189);
    assert!(!world.was_told(1, is_reveal), "there is time");
    world.block(190);
    let reveal = Effect::Reveal { preimage: SECRET, before: 200 };
    assert_eq!(world.done[1].iter().filter(|it| **it == reveal).count(), 1);

    // The reveal is in block 195. The claim is safe, so nobody closes anything yet.
    for party in 0..2 {
        let effects = world.parties[party].revealed(SECRET, 195);
        world.carry_out(party, effects);
    }
    assert!(world.done[0].contains(&Effect::Fulfilled { transfer, preimage: SECRET }));
    world.wire.clear();
    world.block(219);
    assert!(!world.was_told(1, is_dispute));
    // Patience is over.
    world.block(220);
    let newest = world.parties[1].newest().clone();
    assert_eq!(world.done[1].last(), Some(&Effect::Dispute(newest)));
    assert!(!world.was_told(0, is_dispute), "the payer loses nothing");
    assert_eq!(world.act(1, |party| party.pay(0, 1)), Err(ChannelError::ClosingAlone));
}

#[test]
fn payer_that_learns_from_the_chain_folds() {
    let (mut world, id) = offered();
    fulfil(&mut world, id).unwrap();
    world.wire.clear();
    world.block(190);
    for party in 0..2 {
        let effects = world.parties[party].revealed(SECRET, 199);
        world.carry_out(party, effects);
    }
    world.block(201);
    world.deliver_all();
    assert_eq!(world.balances(0), [6, 14]);
    assert!(!world.was_told(1, is_dispute), "a needless close");
}

#[test]
fn reveal_in_the_block_of_the_expiry_counts_for_nothing() {
    let (mut world, _) = offered();
    for party in 0..2 {
        let effects = world.parties[party].revealed(SECRET, 200);
        world.carry_out(party, effects);
    }
    world.block(200);
    world.deliver_all();
    assert_eq!(world.balances(0), [10, 10]);
}

#[test]
fn fulfilment_after_the_expiry_is_refused_by_the_payer() {
    let (mut world, id) = offered();
    fulfil(&mut world, id).unwrap();
    let (_, _, message) = world.wire.remove(0);
    world.act(0, |party| Ok(party.block(200))).unwrap();
    assert_eq!(
        world.parties[0].receive(1, message).unwrap_err(),
        TransferError::TooLate { id, expiry: 200, now: 200 }.into()
    );
}

#[test]
fn offer_fails_when_expired_too_far_not_covered_or_to_nobody() {
    let mut world = World::with_policy(&[10, 10], policy());
    world.block(100);
    let lock = hashlock(&SECRET);
    let mut refuse = |payee, amount, expiry| {
        let error = world.parties[0].offer(payee, amount, lock, expiry).map(|_| ()).unwrap_err();
        assert_eq!(world.parties[0].next_transfer_id(), 0, "a refused offer leaves no trace");
        error
    };
    assert_eq!(refuse(1, 1, 100), TransferError::TooLate { id: 0, expiry: 100, now: 100 }.into());
    let far = TransferError::TooFar { id: 0, expiry: 1_101, limit: 1_100 };
    assert_eq!(refuse(1, 1, 1_101), far.into());
    let poor = PaymentError::Insufficient { needed: 11, available: 10 };
    assert_eq!(refuse(1, 11, 200), poor.into());
    assert_eq!(refuse(0, 1, 200), PaymentError::ToItself { position: 0 }.into());
    assert_eq!(refuse(1, 0, 200), PaymentError::Nothing.into());
}

#[test]
fn expiry_beyond_what_anybody_should_wait_is_not_signed() {
    // given a payer that offers more than the protocol allows
    let far = Policy { max_expiry: u32::MAX, ..policy() };
    let mut world = World::with_policy(&[10, 10], far);
    let limit = MAX_EXPIRY;
    assert!(world.parties[1].offer(0, 1, hashlock(&SECRET), limit + 1).is_err());
    // and one whose chain is far ahead of the other's
    world.act(1, |party| Ok(party.block(10_000))).unwrap();
    let lock = hashlock(&SECRET);
    let (id, effects) = world.parties[1].offer(0, 1, lock, limit + 10_000).unwrap();
    world.carry_out(1, effects);
    // then the other waits until its own chain is there, and nothing is lost
    let refused = world.deliver(0).unwrap_err();
    assert!(matches!(
        refused,
        ChannelError::Proposal(crate::ProposalError::Change {
            reason: crate::ChangeError::Transfer(TransferError::TooFar { .. }),
            ..
        })
    ));
    world.act(0, |party| Ok(party.block(10_000))).unwrap();
    world.reconnect();
    assert_eq!(world.parties[0].transfers()[0].id, id);
}

#[test]
fn as_many_transfers_as_there_is_room_for_share_few_versions() {
    let quota = transfer_quota(2);
    let mut world = World::with_policy(&[1_000, 1_000], policy());
    world.block(100);
    for number in 0..=quota {
        for (payer, payee) in [(0, 1), (1, 0)] {
            let lock = hashlock(&[number as u8; 32]);
            let (_, effects) = world.parties[payer].offer(payee, 1, lock, 200).unwrap();
            world.carry_out(payer, effects);
        }
    }
    world.deliver_all();
    for party in 0..2 {
        assert_eq!(world.parties[party].transfers().len(), 2 * quota);
        let unpaid: Vec<_> = world.done[party]
            .iter()
            .filter_map(|it| match it {
                Effect::Unpaid(changes) => Some(changes.len()),
                _ => None,
            })
            .collect();
        assert_eq!(unpaid, [1], "the one too many is reported, and only that");
    }
    assert!(world.parties[0].newest().version() < 10);
    // All are fulfilled, in both directions.
    let all: Vec<Transfer> = world.parties[0].transfers().to_vec();
    for transfer in all {
        let number = (transfer.id / 2) as u8;
        let payee = usize::from(transfer.payee);
        world.act(payee, |party| party.fulfil(transfer.id, [number; 32])).unwrap();
    }
    world.deliver_all();
    assert_eq!(world.balances(0), [1_000, 1_000]);
    assert_eq!(world.parties[1].transfers(), []);
}

#[test]
fn preimage_for_two_transfers_under_one_lock_settles_the_one_it_names() {
    let (mut world, id) = offered();
    let (other, effects) = world.parties[0].offer(1, 3, hashlock(&SECRET), 300).unwrap();
    world.carry_out(0, effects);
    world.deliver_all();
    fulfil(&mut world, other).unwrap();
    world.deliver_all();
    assert_eq!(world.balances(0), [3, 13]);
    assert_eq!(world.parties[0].transfers()[0].id, id);
}

#[test]
fn proposer_cannot_decide_a_transfer_in_the_payees_name() {
    // Participant 0 proposes version 2 and gives its own transfer back to itself.
    let (mut world, id) = offered();
    let version = world.parties[0].newest().version() + 1;
    assert_eq!(version % 2, 0, "participant 0's turn");
    let terms = agreement(&[10, 10]);
    let state = millrace_primitives_channels::ChannelState {
        version,
        ..millrace_primitives_channels::ChannelState::opening(terms.id(), amounts(&[10, 10]))
    };
    let signature = key(0).sign_state(&terms.state_payload(&state));
    let changes = crate::Changes::truncate_from(vec![Change::Fail { id }]);
    let theft = crate::message::Proposal { state, changes, signature };
    assert_eq!(
        world.parties[1].receive(0, Message::Proposal(theft)).unwrap_err(),
        crate::ProposalError::Unrequested { version, taken: 1, asked: 0 }.into()
    );
}
