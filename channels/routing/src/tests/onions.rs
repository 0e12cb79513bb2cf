// SPDX-License-Identifier: Apache-2.0

//! A hop reads its own part and nothing else, and nobody changes anything unnoticed.

use crate::{
    gossip::updating::Offer,
    names::Direction,
    onion::{
        Deliver, ERROR_BYTES, Failure, Forward, MAX_HOPS, OnionError, OnionPublic, PACKET_BYTES,
        Packet, Payload, Peeled, ReplayLog, ReplayTag, ReturnKey, SharedSecret,
        failure::wrap_foreign,
        keys::curve,
        packet::{LAYERS_BYTES, Layer, bound_to},
        payload::{DELIVER_BYTES, FORWARD_BYTES},
        replay::Seen,
        wrap,
    },
    tests::network::{GENESIS, NOW, Party, free, party},
};
use codec::MaxEncodedLen;
use fiber_sphinx::OnionPacket;
use millrace_primitives_channels::{ChannelId, Hash};
use proptest::prelude::*;
use secp256k1::SecretKey;

const LOCK: Hash = Hash::repeat_byte(6);
const SESSION: [u8; 32] = [42; 32];

fn forward(number: u8) -> Forward {
    let channel = ChannelId::repeat_byte(number);
    Forward { channel, amount: 1_000 + u128::from(number), expiry: 5_000 - u32::from(number) }
}

fn deliver() -> Deliver {
    Deliver {
        amount: u128::MAX,
        total: u128::MAX,
        expiry: u32::MAX,
        secret: [0xab; 32],
        preimage: Some([0xcd; 32]),
    }
}

/// A way of so many hops.
fn way(hops: usize) -> (Vec<Party>, Vec<(OnionPublic, Payload)>) {
    let parties: Vec<Party> = (0..hops as u32).map(party).collect();
    let layers = parties.iter().enumerate().map(|(index, party)| {
        let payload = if index + 1 == hops {
            Payload::Deliver(deliver())
        } else {
            Payload::Forward(forward(index as u8))
        };
        (party.onion.public(), payload)
    });
    let layers = layers.collect();
    (parties, layers)
}

pub fn wrapped(hops: usize) -> (Vec<Party>, Packet, ReturnKey) {
    let (parties, layers) = way(hops);
    let (packet, key) = wrap(&SESSION, &layers, &GENESIS, &LOCK).unwrap();
    (parties, packet, key)
}

/// Peels at each hop in turn, as bytes travel.
pub fn layers(parties: &[Party], packet: Packet) -> Vec<Layer> {
    let mut bytes = packet.to_bytes();
    let mut layers = Vec::new();
    for party in parties {
        assert_eq!(bytes.len(), PACKET_BYTES);
        let packet = Packet::from_bytes(&bytes).unwrap();
        let layer = packet.peel(&party.onion, &GENESIS, &LOCK).unwrap();
        if let Peeled::Forward(_, next) = &layer.peeled {
            bytes = next.to_bytes();
        }
        layers.push(layer);
    }
    layers
}

#[test]
fn every_hop_reads_its_own_payload() {
    for hops in 1..=MAX_HOPS {
        let (parties, packet, _) = wrapped(hops);
        let layers = layers(&parties, packet);
        for (index, layer) in layers.iter().enumerate() {
            match &layer.peeled {
                Peeled::Forward(read, _) => assert_eq!(*read, forward(index as u8)),
                Peeled::Deliver(read) => {
                    assert_eq!((*read, index + 1), (deliver(), hops));
                }
            }
        }
        assert!(matches!(layers.last().unwrap().peeled, Peeled::Deliver(_)));
    }
}

#[test]
fn payloads_have_the_size_of_their_kind() {
    assert_eq!(Payload::Forward(forward(1)).to_bytes().len(), FORWARD_BYTES);
    let short = Deliver { preimage: None, ..deliver() };
    assert_eq!(Payload::Deliver(short).to_bytes().len(), DELIVER_BYTES);
    assert_eq!(Payload::Deliver(deliver()).to_bytes().len(), DELIVER_BYTES);
    assert_eq!(Payload::max_encoded_len(), DELIVER_BYTES - 2, "the largest payload just fits");
}

#[test]
fn a_packet_is_for_its_hop_its_payment_and_its_network() {
    let (parties, packet, _) = wrapped(3);
    let peel = |party: &Party, genesis: &Hash, lock: &Hash| {
        packet.clone().peel(&party.onion, genesis, lock).err()
    };
    assert_eq!(peel(&parties[0], &GENESIS, &LOCK), None);
    assert_eq!(peel(&parties[1], &GENESIS, &LOCK), Some(OnionError::NotForUs));
    assert_eq!(peel(&party(9), &GENESIS, &LOCK), Some(OnionError::NotForUs));
    assert_eq!(peel(&parties[0], &Hash::zero(), &LOCK), Some(OnionError::NotForUs));
    assert_eq!(peel(&parties[0], &GENESIS, &Hash::zero()), Some(OnionError::NotForUs));
}

/// The same by the library, which peels in one piece.
fn peeled_by_the_library(packet: &Packet, party: &Party, lock: &Hash) -> Option<(Vec<u8>, Packet)> {
    let bound = bound_to(&GENESIS, lock);
    let secret = party.onion.secret();
    let peeled = packet.0.clone().peel(secret, Some(&bound), curve(), Payload::length);
    peeled.ok().map(|(payload, next)| (payload, Packet(next)))
}

#[test]
fn packets_are_peeled_as_the_library_does() {
    for hops in 1..=MAX_HOPS {
        let (parties, mut packet, _) = wrapped(hops);
        for party in &parties {
            let (payload, next) = peeled_by_the_library(&packet, party, &LOCK).unwrap();
            assert_eq!(peeled_by_the_library(&packet, party, &Hash::zero()), None);
            let secret = SharedSecret(packet.0.shared_secret(party.onion.secret()));
            let opened = packet.clone().open(&party.onion).unwrap();
            let Layer { peeled, secret: found, tag } = opened.peel(&GENESIS, &LOCK).unwrap();
            assert_eq!((tag, found), (ReplayTag::of(&secret), secret));
            match peeled {
                Peeled::Forward(read, left) => {
                    assert_eq!(Payload::Forward(read).to_bytes(), payload);
                    assert_eq!(left, next);
                }
                Peeled::Deliver(read) => assert_eq!(Payload::Deliver(read).to_bytes(), payload),
            }
            packet = next;
        }
    }
}

#[test]
fn no_byte_can_be_changed() {
    let (parties, packet, _) = wrapped(3);
    let bytes = packet.to_bytes();
    for place in 0..bytes.len() {
        for change in [1, 0x80] {
            let mut changed = bytes.clone();
            changed[place] ^= change;
            let read = Packet::from_bytes(&changed)
                .and_then(|packet| packet.peel(&parties[0].onion, &GENESIS, &LOCK));
            assert!(read.is_err(), "byte {place}");
        }
    }
    for size in [0, 1, PACKET_BYTES - 1, PACKET_BYTES + 1] {
        let bytes = vec![0; size];
        assert_eq!(Packet::from_bytes(&bytes), Err(OnionError::WrongSize { bytes: size }));
    }
}

#[test]
fn the_payload_of_another_hop_is_nowhere_to_be_read() {
    let (parties, packet, _) = wrapped(3);
    let mut seen = vec![packet.to_bytes()];
    for layer in layers(&parties, packet) {
        if let Peeled::Forward(_, next) = layer.peeled {
            seen.push(next.to_bytes());
        }
    }
    let has = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    for (index, bytes) in seen.iter().enumerate() {
        assert!(!has(bytes, &deliver().secret[..8]) && !has(bytes, &[0xcd; 8]));
        for number in 0..2 {
            assert!(!has(bytes, &[number; 8]), "channel {number} in packet {index}");
        }
        // Nor have two packets on the way anything in common but the version.
        for other in &seen[index + 1..] {
            let same = bytes.windows(8).skip(1).filter(|window| has(other, window)).count();
            assert_eq!(same, 0);
        }
    }
}

#[test]
fn packets_are_made_for_sensible_ways_only() {
    let make = |layers: &[(OnionPublic, Payload)]| wrap(&SESSION, layers, &GENESIS, &LOCK).err();
    assert_eq!(make(&[]), Some(OnionError::BadLength { hops: 0 }));
    let (_, long) = way(MAX_HOPS + 1);
    assert_eq!(make(&long), Some(OnionError::BadLength { hops: MAX_HOPS + 1 }));
    let (_, layers) = way(3);
    let misplaced = Some(OnionError::Misplaced { position: 1, must: "be paid" });
    assert_eq!(make(&layers[..2]), misplaced);
    let reversed: Vec<_> = layers.iter().rev().copied().collect();
    assert_eq!(make(&reversed), Some(OnionError::Misplaced { position: 0, must: "forward" }));
    let mut off_curve = layers;
    off_curve[1].0 = OnionPublic([5; 33]);
    assert_eq!(make(&off_curve), Some(OnionError::BadKey { position: 1 }));
    let zero = wrap(&[0; 32], &way(1).1, &GENESIS, &LOCK).err();
    assert_eq!(zero, Some(OnionError::BadSession));
}

#[test]
fn a_packet_that_comes_again_is_recognised() {
    let (parties, packet, _) = wrapped(3);
    let tags: Vec<ReplayTag> =
        layers(&parties, packet.clone()).iter().map(|layer| layer.tag).collect();
    assert!(tags[0] != tags[1] && tags[1] != tags[2] && tags[0] != tags[2]);
    assert_eq!(layers(&parties, packet)[0].tag, tags[0]);
    let (_, way) = way(3);
    let (other, _) = wrap(&[43; 32], &way, &GENESIS, &LOCK).unwrap();
    assert_ne!(layers(&parties, other)[0].tag, tags[0]);

    let mut log = ReplayLog::new(2);
    assert_eq!(log.note(tags[0], 100, 50), Seen::First);
    assert_eq!(log.note(tags[0], 100, 99), Seen::Again);
    assert_eq!(log.note(tags[1], 200, 99), Seen::First);
    assert_eq!(log.note(tags[2], 200, 99), Seen::NoRoom);
    assert_eq!(log.note(tags[2], 200, 100), Seen::First, "the first has expired");
    assert_eq!(log.len(), 2);
}

/// An error of the hop at `position`, as it reaches the payer.
fn error_from(layers: &[Layer], position: usize, failure: &Failure) -> Vec<u8> {
    let mut error = failure.wrap(&layers[position].secret);
    for layer in layers[..position].iter().rev() {
        assert_eq!(error.len(), ERROR_BYTES);
        error = wrap_foreign(&layer.secret, &error);
    }
    error
}

#[test]
fn an_error_tells_the_payer_who_and_why() {
    let (parties, packet, key) = wrapped(MAX_HOPS);
    let layers = layers(&parties, packet);
    let offer = Offer {
        channel: ChannelId::repeat_byte(1),
        direction: Direction::Back,
        sequence: NOW.millis,
        terms: free(),
    };
    let longest = Failure::AmountOutOfRange(Some(offer.sign(&GENESIS, &parties[0].node)));
    for position in 0..MAX_HOPS {
        for failure in [Failure::ChannelBusy, longest] {
            let error = error_from(&layers, position, &failure);
            assert_eq!(key.read(&error), Some((position, failure)));
        }
    }
    assert!(Failure::max_encoded_len() < ERROR_BYTES - 32, "every error fits");
}

#[test]
fn an_error_that_was_tampered_with_blames_nobody() {
    let (parties, packet, key) = wrapped(3);
    let layers = layers(&parties, packet);
    let error = error_from(&layers, 2, &Failure::UnknownPayment);
    for place in 0..error.len() {
        let mut changed = error.clone();
        changed[place] ^= 1;
        assert_eq!(key.read(&changed), None, "byte {place}");
    }
    for size in [0, 31, 32, ERROR_BYTES - 1, ERROR_BYTES + 1] {
        assert_eq!(key.read(&vec![0; size]), None);
    }
    // A hop cannot write in the name of another.
    let forged = Failure::NodeBusy.wrap(&layers[2].secret);
    assert_eq!(key.read(&forged), None);
    // Whatever comes from the next hop goes on in the size of all errors.
    for size in [0, 5, 100_000] {
        assert_eq!(wrap_foreign(&layers[0].secret, &vec![1; size]).len(), ERROR_BYTES);
    }
}

/// What the first hop reads in a packet with these payloads, which [`wrap`] need not agree to.
fn first_of(payloads: &[&Vec<u8>]) -> Result<Peeled, OnionError> {
    let parties: Vec<Party> = (0..payloads.len() as u32).map(party).collect();
    let path = parties.iter().map(|party| party.onion.public().point().unwrap()).collect();
    let session = SecretKey::from_byte_array(&SESSION).unwrap();
    let payloads = payloads.iter().copied().cloned().collect();
    let bound = Some(bound_to(&GENESIS, &LOCK));
    let packet = OnionPacket::create(session, path, payloads, bound, LAYERS_BYTES, curve());
    let layer = Packet(packet.unwrap()).peel(&parties[0].onion, &GENESIS, &LOCK)?;
    Ok(layer.peeled)
}

#[test]
fn a_hop_cannot_be_paid_in_the_middle_nor_forward_at_the_end() {
    let paid = Payload::Deliver(deliver()).to_bytes();
    let forwards = Payload::Forward(forward(1)).to_bytes();
    let meaningless = Err(OnionError::Meaningless);
    assert_eq!(first_of(&[&paid, &paid]), meaningless);
    assert_eq!(first_of(&[&forwards]), meaningless);
    assert_eq!(first_of(&[&paid]), Ok(Peeled::Deliver(deliver())));
    assert!(matches!(first_of(&[&forwards, &paid]), Ok(Peeled::Forward(..))));
}

#[test]
fn payloads_that_mean_nothing_are_refused() {
    let paid = Payload::Deliver(deliver()).to_bytes();
    let mut long = paid.clone();
    long[0] += 1;
    let mut unknown = paid.clone();
    unknown[2] = 2;
    let mut not_zeros = Payload::Forward(forward(1)).to_bytes();
    not_zeros.resize(DELIVER_BYTES, 0);
    not_zeros[0] = paid[0];
    *not_zeros.last_mut().unwrap() = 1;
    for payload in [vec![], vec![0], long, unknown, not_zeros] {
        let read = first_of(&[&payload, &paid]);
        assert_eq!(read, Err(OnionError::Meaningless), "{payload:?}");
    }
}

proptest! {
    #[test]
    fn arbitrary_packets_do_no_harm(bytes in prop::collection::vec(any::<u8>(), PACKET_BYTES)) {
        let mut bytes = bytes;
        bytes[0] = 0;
        // A third of all keys that begin like one are on the curve.
        bytes[1] = 2 + bytes[1] % 2;
        if let Ok(packet) = Packet::from_bytes(&bytes) {
            let peeled = packet.peel(&party(1).onion, &GENESIS, &LOCK);
            prop_assert_eq!(peeled.err(), Some(OnionError::NotForUs));
        }
    }

    #[test]
    fn arbitrary_payloads_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Some(length) = Payload::length(&bytes) {
            prop_assert!(length == FORWARD_BYTES || length == DELIVER_BYTES);
        }
        if let Some(payload) = Payload::from_bytes(&bytes) {
            prop_assert_eq!(Payload::from_bytes(&payload.to_bytes()), Some(payload));
        }
    }

    #[test]
    fn arbitrary_errors_do_no_harm(bytes in prop::collection::vec(any::<u8>(), ERROR_BYTES)) {
        let (_, _, key) = wrapped(3);
        prop_assert_eq!(key.read(&bytes), None);
        let _ = Failure::from_padded(&bytes);
    }
}
