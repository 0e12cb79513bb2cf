// SPDX-License-Identifier: Apache-2.0

//! What nodes of the network send each other, and what payees show payers.

use millrace_channels_routing::{
    Direction, Invoice, NodeSigner as _, OnionKey, Packet, Terms,
    gossip::{
        ChannelAnnouncement, GossipMessage, MAX_GOSSIP_BYTES,
        announcing::Claim,
        digests::{Entry, Key},
        introducing::{Address, Introduction},
        message::{Compare, Inventory},
        updating::Offer,
    },
    invoices::{Description, InvoiceTerms, MAX_TEXT_CHARS},
    onion::{
        Deliver, Failure, Forward, PACKET_BYTES, Payload, Peeled, ReturnKey, SharedSecret, wrap,
    },
};
use millrace_primitives_channels::{
    ChannelAsset, ChannelId, ChannelParams, Hash, Participant, transfer::hashlock,
};
use polkadot_sdk::{
    sp_core::{Pair as _, ed25519},
    sp_runtime::{AccountId32, BoundedVec},
};

const GENESIS: Hash = Hash::repeat_byte(7);
const PREIMAGE: [u8; 32] = [1; 32];

fn node(number: u8) -> ed25519::Pair {
    ed25519::Pair::from_seed(&[number; 32])
}

fn onion_key(number: u8) -> OnionKey {
    OnionKey::from_seed(&[number; 32])
}

/// Gossip has one form, and no more bytes than the limit.
pub fn gossip(bytes: &[u8]) -> bool {
    let Ok(message) = GossipMessage::from_bytes(bytes) else { return false };
    assert!(bytes.len() <= MAX_GOSSIP_BYTES, "a message of {} bytes", bytes.len());
    assert_eq!(message.to_bytes(), bytes, "{message:?}");
    true
}

pub fn all_gossip() -> Vec<Vec<u8>> {
    let ends = [node(1), node(2)];
    let participants = [1, 2].map(|number| Participant {
        account: AccountId32::new([number; 32]),
        signer: node(number).public().into(),
    });
    let params = ChannelParams {
        participants: BoundedVec::truncate_from(participants.to_vec()),
        asset: ChannelAsset::Native,
        challenge_blocks: 100,
        open_by: 1_000,
        nonce: 1,
    };
    let claim = Claim { params, nodes: [ends[0].node(), ends[1].node()] };
    let payload = claim.payload(&GENESIS);
    let announcement = ChannelAnnouncement {
        channel_signatures: [0, 1].map(|end| ends[end].sign(payload.as_bytes()).into()),
        node_signatures: [0, 1].map(|end: usize| claim.sign(&GENESIS, &ends[end])),
        claim,
    };
    let terms = Terms {
        base_fee: 1,
        fee_ppm: 100,
        expiry_delta: 40,
        min_amount: 1,
        max_amount: 1_000,
        max_in_flight: 10,
        is_disabled: false,
    };
    let channel = ChannelId::repeat_byte(2);
    let offer = Offer { channel, direction: Direction::Forth, sequence: 5, terms };
    let introduction = Introduction {
        node: ends[0].node(),
        sequence: 5,
        onion_key: onion_key(1).public(),
        addresses: BoundedVec::truncate_from(vec![Address::truncate_from(vec![4, 127, 0, 0, 1])]),
        alias: BoundedVec::truncate_from(b"mill".to_vec()),
    };
    let entry = Entry { key: Key::of_channel(&channel), sequences: [1, 2] };
    let entries = BoundedVec::truncate_from(vec![entry; 3]);
    let messages = [
        GossipMessage::Channel(announcement),
        GossipMessage::Update(offer.sign(&GENESIS, &ends[0])),
        GossipMessage::Node(introduction.sign(&GENESIS, &ends[0])),
        GossipMessage::Compare(Compare {
            from: Key::FIRST,
            digests: BoundedVec::truncate_from(vec![[9; 16]; 4]),
        }),
        GossipMessage::Inventory(Inventory { entries, next: Some(Key::first_of(9)) }),
        GossipMessage::Want(BoundedVec::truncate_from(vec![Key::FIRST; 3])),
    ];
    messages.iter().map(GossipMessage::to_bytes).collect()
}

/// A way over one node to a payee, as a packet and what its maker keeps.
fn packed() -> (Packet, ReturnKey) {
    let forward = Forward { channel: ChannelId::repeat_byte(2), amount: 10, expiry: 200 };
    let deliver = Deliver { amount: 9, total: 9, expiry: 100, secret: [2; 32], preimage: None };
    let hops = [
        (onion_key(1).public(), Payload::Forward(forward)),
        (onion_key(2).public(), Payload::Deliver(deliver)),
    ];
    wrap(&[5; 32], &hops, &GENESIS, &hashlock(&PREIMAGE)).expect("a way of two hops")
}

/// A packet has one size and one form; a changed one opens for nobody, and an opened one leads to a
/// packet of the same size.
pub fn packet(bytes: &[u8]) -> bool {
    let Ok(packet) = Packet::from_bytes(bytes) else { return false };
    assert_eq!(bytes.len(), PACKET_BYTES);
    assert_eq!(packet.to_bytes(), bytes);
    for number in [1, 2] {
        let Ok(layer) = packet.clone().peel(&onion_key(number), &GENESIS, &hashlock(&PREIMAGE))
        else {
            continue;
        };
        let (genuine, _) = packed();
        match layer.peeled {
            Peeled::Forward(_, next) => {
                assert_eq!(bytes, genuine.to_bytes(), "a changed packet was opened");
                assert_eq!(next.to_bytes().len(), PACKET_BYTES);
            }
            Peeled::Deliver(deliver) => assert_eq!(deliver.total, 9, "a changed packet was taken"),
        }
    }
    true
}

pub fn packets() -> Vec<Vec<u8>> {
    let (packet, _) = packed();
    let layer = packet.clone().peel(&onion_key(1), &GENESIS, &hashlock(&PREIMAGE));
    let Ok(Peeled::Forward(_, next)) = layer.map(|layer| layer.peeled) else {
        unreachable!("the first hop forwards");
    };
    vec![packet.to_bytes(), next.to_bytes()]
}

/// The error that the first hop of [`packed`] sends back.
fn returned() -> Vec<u8> {
    Failure::ChannelBusy.wrap(&secret_of_the_first_hop())
}

fn secret_of_the_first_hop() -> SharedSecret {
    let (packet, _) = packed();
    packet.peel(&onion_key(1), &GENESIS, &hashlock(&PREIMAGE)).expect("it is for this hop").secret
}

/// An error that comes back is believed only as its writer wrote it.
pub fn error(bytes: &[u8]) -> bool {
    let (_, key) = packed();
    let Some((hop, failure)) = key.read(bytes) else { return false };
    assert_eq!(bytes, returned(), "a changed error was believed: {failure:?} of hop {hop}");
    assert_eq!((hop, failure), (0, Failure::ChannelBusy));
    true
}

pub fn errors() -> Vec<Vec<u8>> {
    vec![returned()]
}

/// An invoice has one text, within the limit, but for capitals and the space around it; and nobody but
/// its payee has signed it.
pub fn invoice(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let Ok(invoice) = Invoice::from_text(text, &GENESIS) else { return false };
    let text = text.trim();
    assert!(text.len() <= MAX_TEXT_CHARS, "an invoice of {} characters", text.len());
    assert!(invoice.to_text().eq_ignore_ascii_case(text), "{text}");
    assert_eq!(Invoice::from_text(&invoice.to_qr(), &GENESIS).as_ref(), Ok(&invoice));
    true
}

pub fn invoices() -> Vec<Vec<u8>> {
    let payee = node(2);
    let terms = InvoiceTerms {
        payee: payee.node(),
        onion_key: onion_key(2).public(),
        asset: ChannelAsset::Native,
        amount: Some(1_000_000.into()),
        hashlock: hashlock(&PREIMAGE),
        secret: [4; 32],
        created_at: 1_800_000_000,
        lifetime: 3_600,
        final_delta: 200,
        description: Description::words("two rolls").expect("short enough"),
        hints: Default::default(),
    };
    let invoice = Invoice::sign(terms, &GENESIS, &payee).expect("fair terms");
    let padded = format!(" {}\n", invoice.to_text());
    [invoice.to_text(), invoice.to_qr(), padded].map(String::into_bytes).to_vec()
}
