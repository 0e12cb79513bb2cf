// SPDX-License-Identifier: Apache-2.0

//! Bytes on the wire.

use super::*;
use crate::{
    Change, Changes, MessageError, Payment, Pulse, StreamName,
    changes::MAX_CHANGES,
    message::{
        Acceptance, Fulfil, Leaves, MAX_MESSAGE_BYTES, Newest, Proposal, Pulses, Recall, Request,
        ResizeProposal, ResizeWish, SignedResize, Status, WIRE_VERSION,
    },
};
use codec::{Decode, Encode};
use millrace_primitives_channels::{
    ChannelState, MerkleProof, PendingTransfers, Resize, Stream, Transfer,
    params::MAX_PARTICIPANTS,
    state::{AppState, MAX_APP_DATA, MAX_STREAM_LINKS, MAX_STREAMS, Signatures},
};
use polkadot_sdk::{sp_core::ecdsa, sp_runtime::MultiSignature};
use proptest::prelude::*;

#[test]
fn message_fails_when_foreign_truncated_padded_or_too_long() {
    let channel = agreement(&[1, 1]).id();
    let status =
        Message::Status(Status { channel, agreed: 9, holds: 10, question: None, answer: Some(3) });
    let bytes = status.to_bytes();
    assert_eq!(Message::from_bytes(&bytes), Ok(status));

    assert_eq!(Message::from_bytes(&[]), Err(MessageError::Empty));
    let mut foreign = bytes.clone();
    foreign[0] = 3;
    assert_eq!(
        Message::from_bytes(&foreign),
        Err(MessageError::UnknownVersion { received: 3, spoken: WIRE_VERSION })
    );
    assert!(matches!(
        Message::from_bytes(&bytes[..bytes.len() - 1]),
        Err(MessageError::Malformed(_))
    ));
    let padded = [&bytes[..], &[0]].concat();
    assert!(matches!(Message::from_bytes(&padded), Err(MessageError::Malformed(_))));
    assert_eq!(
        Message::from_bytes(&vec![WIRE_VERSION; MAX_MESSAGE_BYTES + 1]),
        Err(MessageError::TooLong { bytes: MAX_MESSAGE_BYTES + 1, limit: MAX_MESSAGE_BYTES })
    );
}

/// A state with everything in it that a state can have.
fn largest_state() -> ChannelState {
    let all = amounts(&[Balance::MAX; MAX_PARTICIPANTS as usize]);
    let stream = Stream {
        payer: 0,
        payee: 1,
        epoch: u32::MAX,
        root: Hash::zero(),
        unit: Balance::MAX,
        chains: u32::MAX,
        links: u32::MAX,
    };
    ChannelState {
        channel: Hash::zero(),
        version: u64::MAX,
        balances: all.clone(),
        pending: Some(PendingTransfers {
            root: Hash::zero(),
            totals: all,
            count: u32::MAX,
            last_expiry: u32::MAX,
        }),
        streams: BoundedVec::truncate_from(vec![stream; MAX_STREAMS as usize]),
        app: Some(AppState {
            id: Hash::zero(),
            data: BoundedVec::truncate_from(vec![0; MAX_APP_DATA as usize]),
        }),
        is_final: true,
    }
}

/// One of each kind of message, as large as it can be.
fn largest_messages() -> Vec<Message> {
    let state = largest_state();
    let channel = state.channel;
    let signature = MultiSignature::Ecdsa(ecdsa::Signature::default());
    let signatures = Signatures::truncate_from(vec![signature.clone(); MAX_PARTICIPANTS as usize]);
    let transfer = Transfer {
        id: u64::MAX,
        payer: 0,
        payee: 1,
        amount: Balance::MAX,
        hashlock: Hash::zero(),
        expiry: u32::MAX,
    };
    let leaves = Leaves::truncate_from(vec![transfer; 100_000]);
    let offers = vec![Change::Offer(transfer); MAX_CHANGES as usize];
    let streams = vec![Change::OpenStream(state.streams[0]); MAX_CHANGES as usize];
    let longest = if offers.encoded_size() > streams.encoded_size() { offers } else { streams };
    let changes = Changes::truncate_from(longest);
    let deltas = BoundedVec::truncate_from(vec![i128::MIN; MAX_PARTICIPANTS as usize]);
    let resize = Resize { state: state.clone(), deltas: deltas.clone(), valid_until: u32::MAX };
    let wish = ResizeWish { deltas, valid_until: u32::MAX };
    let proposal =
        Proposal { state: state.clone(), changes: changes.clone(), signature: signature.clone() };
    let siblings = BoundedVec::truncate_from(vec![Hash::zero(); 100]);
    let pulse = Pulse {
        chain: u32::MAX,
        depth: u32::MAX,
        links: BoundedVec::truncate_from(vec![[0; 32]; MAX_STREAM_LINKS as usize]),
        proof: Some(MerkleProof { index: u32::MAX, siblings }),
    };
    let stream = StreamName { payer: 0, payee: 1, epoch: u32::MAX };
    let version = u64::MAX;
    let acceptance = Acceptance { channel, version, signature: signature.clone() };
    vec![
        Message::Request(Request { channel, version, changes, close: true, resize: Some(wish) }),
        Message::Proposal(proposal.clone()),
        Message::Acceptance(acceptance.clone()),
        Message::Status(Status {
            channel,
            agreed: version,
            holds: version,
            question: Some(version),
            answer: Some(version),
        }),
        Message::Newest(Newest {
            state,
            signatures: signatures.clone(),
            leaves: Some(leaves.clone()),
        }),
        Message::Recall(Recall { proposal, signature: signature.clone() }),
        Message::Fulfil(Fulfil { channel, id: version, preimage: [0; 32] }),
        Message::Closing(crate::message::Closing { channel }),
        Message::Pulse(Pulses { channel, stream, pulse: Some(pulse) }),
        Message::ResizeProposal(ResizeProposal { resize: resize.clone(), signature }),
        Message::ResizeAcceptance(acceptance),
        Message::Resized(SignedResize { resize, signatures, leaves }),
    ]
}

#[test]
fn largest_messages_fit_the_limit_and_come_back() {
    let messages = largest_messages();
    for (index, message) in messages.iter().enumerate() {
        let bytes = message.to_bytes();
        assert_eq!(usize::from(bytes[1]), index, "every kind is here, in order");
        assert!(bytes.len() <= MAX_MESSAGE_BYTES, "message {index} has {} bytes", bytes.len());
        assert_eq!(Message::from_bytes(&bytes).as_ref(), Ok(message));
    }
    let unknown = [WIRE_VERSION, u8::try_from(messages.len()).unwrap()];
    assert!(matches!(Message::from_bytes(&unknown), Err(MessageError::Malformed(_))));
    let largest = messages.iter().map(|message| message.to_bytes().len()).max();
    assert!(largest > Some(MAX_MESSAGE_BYTES / 2), "the limit is no larger than it has to be");
}

#[test]
fn too_many_changes_do_not_decode() {
    let payment = Payment { payer: 0, payee: 1, amount: 1 };
    let state = ChannelState::opening(agreement(&[1, 1]).id(), amounts(&[1, 1]));
    let signature = key(0).sign_state(&Hash::zero());
    let mut bytes = vec![WIRE_VERSION];
    let proposal = Proposal { state: state.clone(), changes: Changes::new(), signature };
    Message::Proposal(proposal.clone()).encode_to(&mut bytes);
    assert!(Message::from_bytes(&bytes).is_ok());

    let mut bytes = vec![WIRE_VERSION, 1];
    state.encode_to(&mut bytes);
    vec![Change::Pay(payment); MAX_CHANGES as usize + 1].encode_to(&mut bytes);
    proposal.signature.encode_to(&mut bytes);
    assert!(matches!(Message::from_bytes(&bytes), Err(MessageError::Malformed(_))));
}

proptest! {
    #[test]
    fn any_bytes_decode_or_fail_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        if let Ok(message) = Message::from_bytes(&bytes) {
            prop_assert_eq!(Message::from_bytes(&message.to_bytes()), Ok(message.clone()));
            let mut world = World::new(&[10, 10]);
            let _ = world.parties[0].receive(1, message);
            world.verify();
        }
    }

    #[test]
    fn spoilt_messages_decode_or_fail_without_panic(
        kind in 0usize..12,
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        end in any::<prop::sample::Index>(),
    ) {
        let mut bytes = largest_messages().swap_remove(kind).to_bytes();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        let _ = Message::from_bytes(&bytes[..end.index(bytes.len())]);
        if let Ok(message) = Message::from_bytes(&bytes) {
            prop_assert_eq!(message.to_bytes(), bytes);
        }
    }

    #[test]
    fn records_of_any_bytes_decode_or_fail_without_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        if let Ok(record) = Record::decode(&mut &bytes[..]) {
            let terms = agreement(&[10, 10]);
            let policy = crate::Policy::default();
            let memory = crate::Memory::Complete;
            let _ = Party::restore(terms, key(0), policy, [record], memory);
        }
    }
}
