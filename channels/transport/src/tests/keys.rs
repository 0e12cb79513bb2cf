// SPDX-License-Identifier: Apache-2.0

//! The key that a node is known by.

use crate::NodeKey;
use zeroize::Zeroizing;

#[test]
fn a_key_that_is_stored_and_read_is_the_same() {
    let key = NodeKey::generate().expect("the system has randomness");
    let again = NodeKey::from_bytes(key.to_bytes());
    assert_eq!(again.peer_id(), key.peer_id());
    assert_eq!(again.to_bytes(), key.to_bytes());
    assert_ne!(NodeKey::generate().expect("the system has randomness").peer_id(), key.peer_id());
}

/// The public half of RFC 8032's first test vector, as a peer id: identity multihash of the
/// library's encoding of an Ed25519 key.
#[test]
fn the_peer_id_is_the_public_key() {
    let secret = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    let bytes = |hex: &str| -> Vec<u8> {
        (0..32).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).expect("hex")).collect()
    };
    let secret = <[u8; 32]>::try_from(bytes(secret)).expect("32 bytes");
    let key = NodeKey::from_bytes(Zeroizing::new(secret));
    let expected = [&[0, 36, 8, 1, 18, 32], bytes(public).as_slice()].concat();
    assert_eq!(key.peer_id().to_bytes(), expected);
}

#[test]
fn a_key_does_not_show_its_secret() {
    let key = NodeKey::from_bytes(Zeroizing::new([0xab; 32]));
    let shown = format!("{key:?}");
    assert!(shown.contains(&key.peer_id().to_string()), "{shown}");
    assert!(!shown.contains("171") && !shown.to_lowercase().contains("abab"), "{shown}");
}
