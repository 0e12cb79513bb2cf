// SPDX-License-Identifier: Apache-2.0

//! A binding is good for one chain, channel and node, and by one key.

use crate::{Binding, BindingError, NodeKey, PeerId, binding_payload};
use codec::{Decode, Encode, MaxEncodedLen};
use millrace_primitives_channels::{ChannelId, Hash};
use polkadot_sdk::{
    sp_core::{Pair, ecdsa, ed25519, sr25519},
    sp_runtime::{MultiSignature, MultiSigner},
};
use zeroize::Zeroizing;

const GENESIS: Hash = Hash::repeat_byte(1);
const CHANNEL: ChannelId = ChannelId::repeat_byte(2);

fn peer(seed: u8) -> PeerId {
    NodeKey::from_bytes(Zeroizing::new([seed; 32])).peer_id()
}

/// One signer of each kind, with its signature of `bytes`.
fn signed(bytes: &[u8]) -> [(MultiSigner, MultiSignature); 3] {
    let one = sr25519::Pair::from_seed(&[1; 32]);
    let two = ed25519::Pair::from_seed(&[2; 32]);
    let three = ecdsa::Pair::from_seed(&[3; 32]);
    [
        (one.public().into(), one.sign(bytes).into()),
        (two.public().into(), two.sign(bytes).into()),
        (three.public().into(), three.sign(bytes).into()),
    ]
}

#[test]
fn a_binding_by_each_kind_of_key_is_believed() {
    let payload = binding_payload(&GENESIS, &CHANNEL, &peer(7));
    for (signer, signature) in signed(payload.as_bytes()) {
        let binding = Binding { channel: CHANNEL, signature };
        assert_eq!(binding.verify(&GENESIS, &signer, &peer(7)), Ok(()));
    }
    // A browser's wallet wraps what it signs.
    let wrapped = [b"<Bytes>", payload.as_bytes(), b"</Bytes>"].concat();
    for (signer, signature) in signed(&wrapped) {
        let binding = Binding { channel: CHANNEL, signature };
        assert_eq!(binding.verify(&GENESIS, &signer, &peer(7)), Ok(()));
    }
}

#[test]
fn a_binding_is_worth_nothing_for_another_chain_channel_or_node() {
    let payload = binding_payload(&GENESIS, &CHANNEL, &peer(7));
    for (signer, signature) in signed(payload.as_bytes()) {
        let binding = Binding { channel: CHANNEL, signature };
        for (genesis, channel, node) in [
            (Hash::repeat_byte(9), CHANNEL, peer(7)),
            (GENESIS, ChannelId::repeat_byte(9), peer(7)),
            (GENESIS, CHANNEL, peer(8)),
        ] {
            let replayed = Binding { channel, ..binding.clone() };
            assert_eq!(
                replayed.verify(&genesis, &signer, &node),
                Err(BindingError::NotTheSigner { channel, peer: node })
            );
        }
    }
}

#[test]
fn a_binding_by_another_key_is_not_believed() {
    let payload = binding_payload(&GENESIS, &CHANNEL, &peer(7));
    let all = signed(payload.as_bytes());
    for (i, (signer, _)) in all.iter().enumerate() {
        for (j, (_, signature)) in all.iter().enumerate() {
            let binding = Binding { channel: CHANNEL, signature: signature.clone() };
            assert_eq!(binding.verify(&GENESIS, signer, &peer(7)).is_ok(), i == j);
        }
    }
    let other: MultiSigner = ed25519::Pair::from_seed(&[4; 32]).public().into();
    let binding = Binding { channel: CHANNEL, signature: all[1].1.clone() };
    assert!(binding.verify(&GENESIS, &other, &peer(7)).is_err());
}

#[test]
fn a_signature_of_a_state_or_a_channel_is_no_binding() {
    // The tags differ, so that no digest of one kind is one of another.
    use millrace_primitives_channels::payload::{CHANNEL_TAG, OPEN_TAG, RESIZE_TAG, STATE_TAG};
    for tag in [CHANNEL_TAG, OPEN_TAG, RESIZE_TAG, STATE_TAG] {
        assert!(!tag.starts_with(crate::PEER_TAG) && !crate::PEER_TAG.starts_with(tag));
    }
}

/// The bytes are part of the protocol: another implementation must come to the same.
#[test]
fn the_payload_is_what_it_always_was() {
    let mut bytes = b"millrace/peer/1".to_vec();
    bytes.extend([1; 32]);
    bytes.extend([2; 32]);
    // SCALE's length of 38 bytes.
    bytes.push(38 << 2);
    bytes.extend(peer(7).to_bytes());
    let expected = polkadot_sdk::sp_io::hashing::blake2_256(&bytes);
    assert_eq!(binding_payload(&GENESIS, &CHANNEL, &peer(7)), Hash::from(expected));
}

#[test]
fn a_binding_has_a_bound_and_survives_its_encoding() {
    let payload = binding_payload(&GENESIS, &CHANNEL, &peer(7));
    for (_, signature) in signed(payload.as_bytes()) {
        let binding = Binding { channel: CHANNEL, signature };
        let bytes = binding.encode();
        assert!(bytes.len() <= Binding::max_encoded_len());
        assert_eq!(Binding::decode(&mut bytes.as_slice()).expect("it is one"), binding);
        assert!(Binding::decode(&mut &bytes[..bytes.len() - 1]).is_err());
    }
    assert_eq!(Binding::max_encoded_len(), 32 + 1 + 65);
}
