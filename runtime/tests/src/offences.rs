// SPDX-License-Identifier: Apache-2.0

//! An equivocation, forged with real keys, ends with its author shut out.

use super::chain::{Chain, pre_digest};
use codec::Encode;
use millrace_runtime::*;
use polkadot_sdk::{
    frame_support::traits::KeyOwnerProofSystem,
    pallet_babe, pallet_offences,
    sp_consensus_babe::{AuthorityPair, BABE_ENGINE_ID, EquivocationProof, KEY_TYPE, Slot},
    sp_core::Pair,
    sp_keyring::Sr25519Keyring,
    sp_runtime::{Digest, DigestItem, traits::Header as _},
};

/// Four validators: the fewest of which one may be disabled.
const VALIDATORS: [Sr25519Keyring; 4] =
    [Sr25519Keyring::Alice, Sr25519Keyring::Bob, Sr25519Keyring::Charlie, Sr25519Keyring::Dave];

/// A header for `slot`, sealed by `author`.
fn sealed_header(author: &AuthorityPair, index: u32, slot: u64, state_root: Hash) -> Header {
    let mut header = Header::new(
        1,
        Hash::zero(),
        state_root,
        Hash::zero(),
        Digest { logs: vec![pre_digest(slot, index)] },
    );
    let signature = author.sign(header.hash().as_ref());
    header.digest_mut().push(DigestItem::Seal(BABE_ENGINE_ID, signature.encode()));
    header
}

/// A report that Bob made two blocks in one slot.
fn report(chain: &mut Chain) -> UncheckedExtrinsic {
    let bob = AuthorityPair::from_string("//Bob", None).expect("a well-known seed");
    let slot = chain.slot();
    chain.read(|| {
        let index = Babe::authorities()
            .iter()
            .position(|(key, _)| *key == bob.public())
            .expect("Bob is a validator") as u32;
        let proof = EquivocationProof {
            offender: bob.public(),
            slot: Slot::from(slot),
            first_header: sealed_header(&bob, index, slot, Hash::repeat_byte(1)),
            second_header: sealed_header(&bob, index, slot, Hash::repeat_byte(2)),
        };
        let key_owner_proof =
            Historical::prove((KEY_TYPE, bob.public())).expect("Bob's key is in the session");
        UncheckedExtrinsic::new_bare(
            pallet_babe::Call::report_equivocation_unsigned {
                equivocation_proof: Box::new(proof),
                key_owner_proof,
            }
            .into(),
        )
    })
}

#[test]
fn babe_equivocation_is_recorded_and_disables_its_author() {
    // given
    let mut chain = Chain::with_validators(&VALIDATORS);
    chain.empty_blocks(3);
    let report = report(&mut chain);

    // when
    let outcome = chain.block(vec![report]).pop();
    assert!(matches!(outcome, Some(Ok(Ok(())))), "{outcome:?}");

    // then the offence is on record and Bob is out for the session
    let bob = Sr25519Keyring::Bob.to_account_id();
    chain.read(|| {
        assert!(pallet_offences::Reports::<Runtime>::iter().count() == 1);
        let index =
            Session::validators().iter().position(|who| *who == bob).expect("still elected");
        assert_eq!(Session::disabled_validators(), vec![index as u32]);
    });
}

#[test]
fn second_report_of_one_equivocation_is_refused() {
    // given a report that has been accepted
    let mut chain = Chain::with_validators(&VALIDATORS);
    chain.empty_blocks(3);
    let report = report(&mut chain);
    chain.block(vec![report.clone()]);

    // when it comes again, then no block takes it
    let outcome = chain.block(vec![report]).pop();
    assert!(matches!(outcome, Some(Err(_)) | Some(Ok(Err(_)))), "{outcome:?}");
}

#[test]
fn report_with_equal_headers_is_refused() {
    // given "two" headers that are one
    let mut chain = Chain::with_validators(&VALIDATORS);
    chain.empty_blocks(3);
    let mut report = report(&mut chain);
    if let RuntimeCall::Babe(pallet_babe::Call::report_equivocation_unsigned {
        equivocation_proof,
        ..
    }) = &mut report.function
    {
        equivocation_proof.second_header = equivocation_proof.first_header.clone();
    }

    // when, then
    let outcome = chain.block(vec![report]).pop();
    assert!(matches!(outcome, Some(Err(_)) | Some(Ok(Err(_)))), "{outcome:?}");
    assert!(chain.read(Session::disabled_validators).is_empty());
}
