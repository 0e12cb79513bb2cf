// SPDX-License-Identifier: Apache-2.0

//! What clients of a watchtower send, what the tower answers, and what it opens.

use codec::{Decode, Encode};
use millrace_channels_watchtower::{
    message::{Blob, Frame, MAX_FRAME_BYTES, Refusal, Report, Request, Response, Status, Terms},
    receipt::{Promise, TowerKey},
    sealing::{Answer, ChannelSecret, Locator, MAX_BLOB_BYTES, Place, Work, commitment},
};
use millrace_primitives_channels::{
    AccountId, ChannelId, ChannelState, Hash, params::Amounts, state::Signatures,
};
use polkadot_sdk::{sp_core::ed25519, sp_runtime::MultiSignature};
use std::{fmt::Debug, sync::LazyLock};

const CHANNEL: ChannelId = ChannelId::repeat_byte(7);
const LOCATOR: Locator = Locator::repeat_byte(4);

fn key() -> TowerKey {
    TowerKey::from_seed(&[3; 32])
}

fn place() -> Place {
    Place { genesis: Hash::repeat_byte(9), tower: key().id(), work: Work::LEAST }
}

/// A frame has one form, and no more bytes than the limit.
fn frame<T: Decode + Encode + Debug>(bytes: &[u8]) -> bool {
    let Ok(frame) = Frame::<T>::from_bytes(bytes) else { return false };
    assert!(bytes.len() <= MAX_FRAME_BYTES, "a frame of {} bytes", bytes.len());
    assert_eq!(frame.to_bytes(), bytes, "{frame:?}");
    true
}

/// What a client sends.
pub fn request(bytes: &[u8]) -> bool {
    frame::<Request>(bytes)
}

/// What the tower answers.
pub fn response(bytes: &[u8]) -> bool {
    frame::<Response>(bytes)
}

fn written<T: Encode>(bodies: Vec<T>) -> Vec<Vec<u8>> {
    (1..).zip(bodies).map(|(number, body)| Frame { number, body }.to_bytes()).collect()
}

pub fn requests() -> Vec<Vec<u8>> {
    let blob = Blob::truncate_from(vec![5; 100]);
    written(vec![
        Request::Terms,
        Request::HandIn { locator: LOCATOR, sequence: 1, blob, until: 3 },
        Request::Renew { locator: LOCATOR, until: 3 },
        Request::Withdraw { locator: LOCATOR },
        Request::Status { locator: LOCATOR },
    ])
}

pub fn responses() -> Vec<Vec<u8>> {
    let promise = Promise {
        genesis: place().genesis,
        tower: key().id(),
        locator: LOCATOR,
        sequence: 1,
        commitment: commitment(b""),
        from: 2,
        until: 3,
    };
    let report = Report::Answered { version: 1, block: 2, reward_to: AccountId::new([1; 32]) };
    let status = Status { sequence: 1, commitment: Hash::zero(), until: 5, report: Some(report) };
    let terms = Terms { place: place(), per_client: 3, in_total: 5, max_blocks: 1_000 };
    written(vec![
        Response::Terms(terms),
        Response::Accepted(key().sign(promise)),
        Response::Withdrawn,
        Response::Status(Some(status)),
        Response::Status(None),
        Response::Refused(Refusal::NotNewer { newest: 7 }),
    ])
}

/// A channel's secret, what was sealed with it, and what that opens to.
static SEALED: LazyLock<(ChannelSecret, Vec<u8>, Answer)> = LazyLock::new(|| {
    let balances = Amounts::truncate_from(vec![4, 6]);
    let signature = MultiSignature::Ed25519(ed25519::Signature::from_raw([4; 64]));
    let answer = Answer {
        state: ChannelState::opening(CHANNEL, balances),
        signatures: Signatures::truncate_from(vec![signature; 2]),
    };
    let secret = ChannelSecret::derive(&place(), &CHANNEL).expect("the least work");
    let blob = secret.seal(&answer).expect("a small state");
    (secret, blob, answer)
});

/// An appointment opens only to what was sealed. Its bytes may be those of another sealing: inputs that were kept
/// come from an earlier run, which drew another nonce.
pub fn appointment(bytes: &[u8]) -> bool {
    let (secret, _, answer) = &*SEALED;
    let Ok(opened) = secret.open(bytes) else { return false };
    assert!(bytes.len() <= MAX_BLOB_BYTES, "an appointment of {} bytes", bytes.len());
    assert_eq!(&opened, answer, "what nobody has sealed was opened");
    true
}

pub fn appointments() -> Vec<Vec<u8>> {
    vec![SEALED.1.clone()]
}
