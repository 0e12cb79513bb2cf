// SPDX-License-Identifier: Apache-2.0

//! Sessions rotate, validators stay in office, new keys take effect.

use super::chain::Chain;
use millrace_runtime::*;
use polkadot_sdk::{pallet_session, sp_keyring::Sr25519Keyring};

#[test]
fn sessions_rotate_with_the_epoch_and_keep_the_validators() {
    // given a chain of two validators with epochs of thirty slots
    let validators = [Sr25519Keyring::Alice, Sr25519Keyring::Bob];
    let mut chain = Chain::with_validators(&validators);
    let in_office = chain.read(Session::validators);
    assert_eq!(in_office.len(), 2);
    let epoch = chain.read(network::EpochSlots::<Runtime>::get);

    // when three epochs pass
    chain.empty_blocks(3 * epoch + 1);

    // then three sessions have ended, and each has a root that proves who was in office
    let session = chain.read(Session::current_index);
    assert_eq!(session, 3);
    assert_eq!(chain.read(Session::validators), in_office);
    chain.read(|| {
        for index in 0..=session {
            assert!(Historical::historical_root(index).is_some(), "session {index} has no root");
        }
    });
}

#[test]
fn new_session_keys_take_office_after_two_sessions() {
    // given Alice as only validator
    let mut chain = Chain::development();
    let epoch = chain.read(network::EpochSlots::<Runtime>::get);
    let before = chain.read(|| Babe::authorities().to_vec());

    // when she sets new keys, with a proof that she has them
    let (keys, proof) = chain.read(|| {
        use codec::Encode;
        let generated =
            SessionKeys::generate(&Sr25519Keyring::Alice.to_account_id().encode(), None);
        (generated.keys, generated.proof.encode())
    });
    let call = pallet_session::Call::set_keys { keys: keys.clone(), proof };
    chain.submit(Sr25519Keyring::Alice, call).expect("keys with their proof are accepted");
    chain.empty_blocks(2 * epoch + 1);

    // then she authors with them
    let after = chain.read(|| Babe::authorities().to_vec());
    assert_ne!(before, after);
    assert_eq!(after.first().map(|(key, _)| key.clone()), Some(keys.babe));
}

#[test]
fn session_keys_without_proof_of_possession_are_refused() {
    // given keys that Bob never had
    let mut chain = Chain::development();
    let keys = chain.read(|| {
        pallet_session::NextKeys::<Runtime>::get(Sr25519Keyring::Alice.to_account_id())
            .expect("Alice is a validator")
    });

    // when Bob claims them, then the chain refuses
    let call = pallet_session::Call::set_keys { keys, proof: Vec::new() };
    assert_eq!(
        chain.submit(Sr25519Keyring::Bob, call),
        Err(pallet_session::Error::<Runtime>::InvalidProof.into())
    );
}
