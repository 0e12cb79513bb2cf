// SPDX-License-Identifier: Apache-2.0

//! Frames: what was written is read, and nothing else does harm.

use super::{GENESIS, blob, key, terms};
use crate::{
    message::{
        Blob, Frame, FrameError, MAX_FRAME_BYTES, Refusal, Report, Request, Response, Status,
        Terms, TermsError,
    },
    receipt::Promise,
    sealing::{Locator, MAX_BLOB_BYTES, Place, Work, commitment},
};
use millrace_primitives_channels::{AccountId, Hash};
use proptest::prelude::*;

fn requests() -> Vec<Request> {
    let locator = Locator::repeat_byte(4);
    vec![
        Request::Terms,
        Request::HandIn { locator, sequence: 1, blob: blob(2), until: 3 },
        Request::Renew { locator, until: 3 },
        Request::Withdraw { locator },
        Request::Status { locator },
    ]
}

fn responses() -> Vec<Response> {
    let promise = Promise {
        genesis: Hash::zero(),
        tower: key().id(),
        locator: Locator::repeat_byte(4),
        sequence: 1,
        commitment: commitment(b""),
        from: 2,
        until: 3,
    };
    let report = Report::Answered { version: 1, block: 2, reward_to: AccountId::new([1; 32]) };
    let status = Status { sequence: 1, commitment: Hash::zero(), until: 5, report: Some(report) };
    vec![
        Response::Terms(terms()),
        Response::Accepted(key().sign(promise)),
        Response::Withdrawn,
        Response::Status(Some(status)),
        Response::Status(None),
        Response::Refused(Refusal::NotNewer { newest: 7 }),
    ]
}

#[test]
fn what_is_written_is_read() {
    for body in requests() {
        let frame = Frame { number: 9, body };
        assert_eq!(Frame::from_bytes(&frame.to_bytes()), Ok(frame));
    }
    for body in responses() {
        let frame = Frame { number: 9, body };
        assert_eq!(Frame::from_bytes(&frame.to_bytes()), Ok(frame));
    }
}

#[test]
fn largest_request_fits_and_a_larger_one_is_refused() {
    let largest = Frame {
        number: u32::MAX,
        body: Request::HandIn {
            locator: Locator::repeat_byte(1),
            sequence: u64::MAX,
            blob: Blob::truncate_from(vec![1; MAX_BLOB_BYTES]),
            until: u32::MAX,
        },
    };
    let bytes = largest.to_bytes();
    assert!(bytes.len() <= MAX_FRAME_BYTES, "{} bytes", bytes.len());
    assert_eq!(Frame::from_bytes(&bytes), Ok(largest));
    let too_long = vec![1; MAX_FRAME_BYTES + 1];
    let refusal = Frame::<Request>::from_bytes(&too_long);
    assert_eq!(refusal, Err(FrameError::TooLong(MAX_FRAME_BYTES + 1)));
}

#[test]
fn other_versions_and_leftovers_are_refused() {
    let mut bytes = Frame { number: 1, body: Request::Terms }.to_bytes();
    bytes.push(0);
    assert!(matches!(Frame::<Request>::from_bytes(&bytes), Err(FrameError::Malformed(_))));
    bytes[0] = 2;
    assert_eq!(Frame::<Request>::from_bytes(&bytes), Err(FrameError::OtherVersion(2)));
    assert!(Frame::<Request>::from_bytes(&[]).is_err());
}

#[test]
fn client_takes_fair_terms_of_the_right_tower_only() {
    let with = |work| Terms { place: Place { work, ..terms().place }, ..terms() };
    let fair = with(Work::RECOMMENDED);
    assert_eq!(fair.verify(&GENESIS, &key().id()), Ok(()));
    let found = GENESIS;
    assert_eq!(fair.verify(&Hash::zero(), &key().id()), Err(TermsError::OtherChain { found }));
    assert_eq!(fair.verify(&GENESIS, &[9; 32]), Err(TermsError::OtherKey));
    for work in [Work::LEAST, Work { passes: 11, ..Work::MOST }] {
        let refusal = with(work).verify(&GENESIS, &key().id());
        assert_eq!(refusal, Err(TermsError::BadWork { work }));
    }
}

proptest! {
    #[test]
    fn no_bytes_do_harm(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = Frame::<Request>::from_bytes(&bytes);
        let _ = Frame::<Response>::from_bytes(&bytes);
        // Past the version byte, too.
        let versioned = [&[1][..], &bytes].concat();
        if let Ok(frame) = Frame::<Request>::from_bytes(&versioned) {
            prop_assert_eq!(frame.to_bytes(), versioned);
        }
    }
}
