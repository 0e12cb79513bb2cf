// SPDX-License-Identifier: Apache-2.0

//! Bytes on the wire.

use super::*;
use crate::{
    MessageError,
    message::{MAX_MESSAGE_BYTES, Proposal, Status, WIRE_VERSION},
    payments::{MAX_PAYMENTS, Payment, Payments},
};
use codec::{Encode, MaxEncodedLen};
use millrace_primitives_channels::{ChannelState, state::Signatures};
use polkadot_sdk::sp_runtime::MultiSignature;
use proptest::prelude::*;

#[test]
fn message_fails_when_foreign_truncated_padded_or_too_long() {
    let status = Message::Status(Status { channel: agreement(&[1, 1]).id(), agreed: 9 });
    let bytes = status.to_bytes();
    assert_eq!(Message::from_bytes(&bytes), Ok(status));

    assert_eq!(Message::from_bytes(&[]), Err(MessageError::Empty));
    let mut foreign = bytes.clone();
    foreign[0] = 2;
    assert_eq!(
        Message::from_bytes(&foreign),
        Err(MessageError::UnknownVersion { received: 2, spoken: WIRE_VERSION })
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

#[test]
fn largest_messages_fit_the_limit() {
    let proposal = ChannelState::max_encoded_len()
        + Payments::max_encoded_len()
        + MultiSignature::max_encoded_len();
    let newest = ChannelState::max_encoded_len() + Signatures::max_encoded_len();
    assert!(proposal.max(newest) + 2 <= MAX_MESSAGE_BYTES);
}

#[test]
fn too_many_payments_do_not_decode() {
    let payment = Payment { payer: 0, payee: 1, amount: 1 };
    let state = ChannelState::opening(agreement(&[1, 1]).id(), amounts(&[1, 1]));
    let signature = key(0).sign_state(&Hash::zero());
    let mut bytes = vec![WIRE_VERSION];
    let proposal = Proposal { state: state.clone(), payments: Payments::new(), signature };
    Message::Proposal(proposal.clone()).encode_to(&mut bytes);
    assert!(Message::from_bytes(&bytes).is_ok());

    let mut bytes = vec![WIRE_VERSION, 1];
    state.encode_to(&mut bytes);
    vec![payment; MAX_PAYMENTS as usize + 1].encode_to(&mut bytes);
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
        }
    }
}
