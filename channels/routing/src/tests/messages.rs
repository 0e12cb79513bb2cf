// SPDX-License-Identifier: Apache-2.0

//! Bytes from strangers.

use crate::{
    gossip::{
        GossipLimits, GossipMessage, Gossiper, MAX_GOSSIP_BYTES, MessageError,
        digests::{BUCKETS, Entry, Key, Kind},
        message::{Compare, GOSSIP_VERSION, Inventory, MAX_ENTRIES, MAX_WANTED},
    },
    graph::GraphLimits,
    names::Direction,
    tests::network::{GENESIS, NOW, announce, free, id_of, party, update},
};
use codec::Encode;
use polkadot_sdk::sp_runtime::BoundedVec;
use proptest::prelude::*;

pub fn examples() -> Vec<GossipMessage> {
    let (one, other) = (party(1), party(2));
    let announcement = announce([&one, &other], 0);
    let id = id_of(&announcement);
    let entry = Entry { key: Key::of_channel(&id), sequences: [u64::MAX, 2] };
    vec![
        GossipMessage::Channel(announcement),
        GossipMessage::Update(update(&one, id, Direction::Forth, NOW.millis, free())),
        GossipMessage::Node(one.introduction(NOW.millis)),
        GossipMessage::Compare(Compare {
            from: Key::FIRST,
            digests: BoundedVec::truncate_from(vec![[9; 16]; BUCKETS]),
        }),
        GossipMessage::Inventory(Inventory {
            entries: BoundedVec::truncate_from(vec![entry; MAX_ENTRIES as usize]),
            next: Some(Key { bytes: [1; 32], kind: Kind::Node }),
        }),
        GossipMessage::Want(BoundedVec::truncate_from(vec![Key::FIRST; MAX_WANTED as usize])),
    ]
}

#[test]
fn every_message_fits_and_comes_back() {
    for message in examples() {
        let bytes = message.to_bytes();
        assert!(bytes.len() <= MAX_GOSSIP_BYTES, "{} bytes", bytes.len());
        assert_eq!(GossipMessage::from_bytes(&bytes).unwrap(), message);
    }
}

#[test]
fn a_cut_or_prolonged_message_is_none() {
    for message in examples() {
        let bytes = message.to_bytes();
        for cut in 0..bytes.len() {
            assert!(GossipMessage::from_bytes(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        let longer = [bytes, vec![0]].concat();
        assert!(GossipMessage::from_bytes(&longer).is_err());
    }
}

#[test]
fn other_versions_and_sizes_are_named() {
    let unknown = GossipMessage::from_bytes(&[GOSSIP_VERSION + 1]);
    assert!(matches!(unknown, Err(MessageError::UnknownVersion { received: 2 })));
    assert!(matches!(GossipMessage::from_bytes(&[]), Err(MessageError::Empty)));
    let long = vec![GOSSIP_VERSION; MAX_GOSSIP_BYTES + 1];
    assert!(matches!(GossipMessage::from_bytes(&long), Err(MessageError::TooLong { .. })));
    // More entries than an inventory may have.
    let mut bytes = vec![GOSSIP_VERSION, 4];
    let entry = Entry { key: Key::FIRST, sequences: [0, 0] };
    vec![entry; MAX_ENTRIES as usize + 1].encode_to(&mut bytes);
    None::<Key>.encode_to(&mut bytes);
    assert!(matches!(GossipMessage::from_bytes(&bytes), Err(MessageError::Malformed(_))));
}

/// What a stranger might send: anything, or a message with some bytes changed.
fn strange() -> impl Strategy<Value = Vec<u8>> {
    let examples: Vec<Vec<u8>> = examples().iter().map(GossipMessage::to_bytes).collect();
    let changed = (
        prop::sample::select(examples),
        prop::collection::vec((any::<usize>(), any::<u8>()), 1..8),
    )
        .prop_map(|(mut bytes, changes)| {
            for (place, byte) in changes {
                let place = place % bytes.len();
                bytes[place] = byte;
            }
            bytes
        });
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..600),
        changed,
        prop::collection::vec(any::<u8>(), 0..600).prop_map(|mut bytes| {
            bytes.insert(0, GOSSIP_VERSION);
            bytes
        }),
    ]
}

proptest! {
    #[test]
    fn nothing_a_stranger_sends_gets_into_the_graph(
        messages in prop::collection::vec(strange(), 1..20),
    ) {
        let own = party(0).id();
        let limits = GossipLimits::default();
        let mut gossiper = Gossiper::new(own, GENESIS, GraphLimits::default(), limits);
        for bytes in messages {
            let outputs = gossiper.receive(party(9).id(), &bytes, &NOW);
            prop_assert!(outputs.map_or(0, |outputs| outputs.len()) <= MAX_WANTED as usize * 3);
        }
        prop_assert_eq!(gossiper.graph().channel_count(), 0, "the chain was never asked");
    }
}
