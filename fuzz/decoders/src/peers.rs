// SPDX-License-Identifier: Apache-2.0

//! What peers send, and what a node reads of its own store.

use codec::{Decode, DecodeAll, Encode};
use millrace_channels_daemon::frame::{
    self, Frame, Hello, MAX_FRAME_BYTES, OpeningMessage, Reason,
};
use millrace_channels_protocol::{
    Agreement, Change, Changes, CoSignedState, Message, Payment, Pulse, Record, StreamName,
    message::{
        Acceptance, Closing, Fulfil, MAX_MESSAGE_BYTES, Newest, Proposal, Pulses, Recall, Request,
        ResizeWish, Status,
    },
};
use millrace_channels_transport::Binding;
use millrace_primitives_channels::{
    ChannelAsset, ChannelId, ChannelParams, ChannelState, Hash, MerkleProof, Participant,
    params::Amounts, state::Signatures,
};
use polkadot_sdk::{
    sp_core::{Pair as _, ed25519, sr25519},
    sp_runtime::{AccountId32, BoundedVec, MultiSignature},
};

const CHANNEL: ChannelId = ChannelId::repeat_byte(3);

fn signature() -> MultiSignature {
    MultiSignature::Ed25519(ed25519::Signature::from_raw([4; 64]))
}

fn amounts() -> Amounts {
    Amounts::truncate_from(vec![70, 30])
}

fn participant(number: u8) -> Participant {
    let signer = ed25519::Pair::from_seed(&[number; 32]).public().into();
    Participant { account: AccountId32::new([number; 32]), signer }
}

fn params() -> ChannelParams {
    ChannelParams {
        participants: BoundedVec::truncate_from(vec![participant(1), participant(2)]),
        asset: ChannelAsset::Native,
        challenge_blocks: 100,
        open_by: 1_000,
        nonce: 1,
    }
}

/// A message of a channel has one form, and no more bytes than the limit.
pub fn message(bytes: &[u8]) -> bool {
    let Ok(message) = Message::from_bytes(bytes) else { return false };
    assert!(bytes.len() <= MAX_MESSAGE_BYTES, "a message of {} bytes", bytes.len());
    assert_eq!(message.to_bytes(), bytes, "{message:?}");
    true
}

fn some_messages() -> Vec<Message> {
    let (channel, version) = (CHANNEL, 7);
    let state = ChannelState { version, ..ChannelState::opening(channel, amounts()) };
    let pay = Change::Pay(Payment { payer: 0, payee: 1, amount: 5 });
    let changes = Changes::truncate_from(vec![pay; 3]);
    let deltas = BoundedVec::truncate_from(vec![-5, 5]);
    let resize = Some(ResizeWish { deltas, valid_until: 9 });
    let proposal =
        Proposal { state: state.clone(), changes: changes.clone(), signature: signature() };
    let stream = StreamName { payer: 0, payee: 1, epoch: 2 };
    let siblings = BoundedVec::truncate_from(vec![Hash::repeat_byte(5); 2]);
    let pulse = Pulse {
        chain: 1,
        depth: 2,
        links: BoundedVec::truncate_from(vec![[6; 32]; 2]),
        proof: Some(MerkleProof { index: 1, siblings }),
    };
    let signatures = Signatures::truncate_from(vec![signature(); 2]);
    vec![
        Message::Request(Request { channel, version, changes, close: false, resize }),
        Message::Proposal(proposal.clone()),
        Message::Acceptance(Acceptance { channel, version, signature: signature() }),
        Message::Status(Status {
            channel,
            agreed: version,
            holds: version,
            question: Some(1),
            answer: None,
        }),
        Message::Newest(Newest { state, signatures, leaves: None }),
        Message::Recall(Recall { proposal, signature: signature() }),
        Message::Fulfil(Fulfil { channel, id: 1, preimage: [8; 32] }),
        Message::Closing(Closing { channel }),
        Message::Pulse(Pulses { channel, stream, pulse: Some(pulse) }),
    ]
}

pub fn messages() -> Vec<Vec<u8>> {
    some_messages().iter().map(Message::to_bytes).collect()
}

/// A frame between nodes has one form, and no more bytes than the limit.
pub fn frame(bytes: &[u8]) -> bool {
    let Ok(frame) = Frame::from_bytes(bytes) else { return false };
    assert!(bytes.len() <= MAX_FRAME_BYTES, "a frame of {} bytes", bytes.len());
    assert_eq!(frame.to_bytes(), bytes, "{frame:?}");
    true
}

pub fn frames() -> Vec<Vec<u8>> {
    let hello = Hello { genesis: Hash::repeat_byte(9), participant: participant(1) };
    let proposal =
        OpeningMessage::Proposal { params: params(), deposits: amounts(), binding: signature() };
    let refused = OpeningMessage::Refused {
        channel: CHANNEL,
        reason: Reason::truncate_from(b"no room".to_vec()),
    };
    let mut frames = vec![
        Frame::Hello(hello),
        Frame::Opening(Box::new(proposal)),
        Frame::Opening(Box::new(refused)),
        Frame::Binding(frame::Binding { channel: CHANNEL, signature: signature() }),
        Frame::Ping(1),
        Frame::Pong(u64::MAX),
    ];
    frames.extend(some_messages().into_iter().map(|it| Frame::Channel(Box::new(it))));
    frames.iter().map(Frame::to_bytes).collect()
}

/// A record of the store has one form.
pub fn record(bytes: &[u8]) -> bool {
    let Ok(record) = Record::decode_all(&mut &*bytes) else { return false };
    assert_eq!(record.encode(), bytes, "{record:?}");
    true
}

pub fn records() -> Vec<Vec<u8>> {
    let agreement =
        Agreement::verify(Hash::repeat_byte(9), params(), amounts()).expect("valid terms");
    let mut records = vec![
        Record::Agreed(CoSignedState::opening(&agreement)),
        Record::Preimage { id: 1, preimage: [8; 32] },
        Record::Lapsed { version: 3 },
    ];
    for message in some_messages() {
        match message {
            Message::Request(request) => records.push(Record::Asked(request)),
            Message::Proposal(proposal) => records.push(Record::Signed(proposal)),
            Message::Pulse(Pulses { stream, pulse: Some(pulse), .. }) => {
                records.push(Record::Pulse { stream, pulse });
            }
            _ => {}
        }
    }
    records.iter().map(Encode::encode).collect()
}

/// A binding has one form, and nobody's signature but the signer's own makes it hold.
pub fn binding(bytes: &[u8]) -> bool {
    let Ok(binding) = Binding::decode(&mut &*bytes) else { return false };
    let written = binding.encode();
    assert_eq!(bytes.get(..written.len()), Some(&written[..]), "{binding:?}");
    written.len() == bytes.len()
}

pub fn bindings() -> Vec<Vec<u8>> {
    let others = sr25519::Signature::from_raw([7; 64]);
    [signature(), MultiSignature::Sr25519(others)]
        .map(|signature| Binding { channel: CHANNEL, signature }.encode())
        .to_vec()
}
