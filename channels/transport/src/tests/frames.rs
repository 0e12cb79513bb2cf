// SPDX-License-Identifier: Apache-2.0

//! How frames stand in a stream.

use crate::{
    EndReason, MAX_FRAME_BYTES,
    frame::{CONFIRMATION_BYTES, Next, append, append_farewell, read_body, read_next},
};
use futures::{executor::block_on, io::Cursor};

#[test]
fn frames_are_read_as_they_were_written() {
    let frames = [vec![], vec![1], vec![2; 300], vec![3; MAX_FRAME_BYTES]];
    let mut bytes = Vec::new();
    for frame in &frames {
        append(&mut bytes, frame);
    }
    append_farewell(&mut bytes);
    bytes.extend(CONFIRMATION_BYTES);
    let mut reader = Cursor::new(bytes);
    block_on(async {
        for frame in frames {
            let next = read_next(&mut reader, MAX_FRAME_BYTES).await;
            assert_eq!(next, Ok(Next::Frame(frame.len())));
            assert_eq!(read_body(&mut reader, frame.len()).await, Ok(frame));
        }
        assert_eq!(read_next(&mut reader, MAX_FRAME_BYTES).await, Ok(Next::Farewell));
        assert_eq!(read_next(&mut reader, MAX_FRAME_BYTES).await, Ok(Next::Confirmation));
        let end = read_next(&mut reader, MAX_FRAME_BYTES).await;
        assert!(matches!(end, Err(EndReason::Lost { .. })), "{end:?}");
    });
}

/// The bytes are part of the protocol.
#[test]
fn a_frame_is_four_bytes_of_length_and_then_itself() {
    let mut bytes = Vec::new();
    append(&mut bytes, b"abc");
    append_farewell(&mut bytes);
    assert_eq!(bytes, b"\0\0\0\x03abc\xff\xff\xff\xff");
    assert_eq!(CONFIRMATION_BYTES, *b"\xff\xff\xff\xfe");
}

#[test]
fn every_length_over_the_limit_is_refused_before_anything_is_set_aside() {
    for length in [101, 65_537, 1 << 31, u32::MAX - 2] {
        let mut reader = Cursor::new(length.to_be_bytes());
        let next = block_on(read_next(&mut reader, 100));
        assert_eq!(next, Err(EndReason::TooLong { length: length.into(), limit: 100 }));
    }
    let mut reader = Cursor::new(100_u32.to_be_bytes());
    assert_eq!(block_on(read_next(&mut reader, 100)), Ok(Next::Frame(100)));
}

#[test]
fn a_stream_that_ends_within_a_frame_is_lost() {
    let mut bytes = Vec::new();
    append(&mut bytes, &[5; 10]);
    for cut in 0..bytes.len() {
        let mut reader = Cursor::new(&bytes[..cut]);
        let read = block_on(async {
            match read_next(&mut reader, 100).await? {
                Next::Frame(length) => read_body(&mut reader, length).await,
                _ => panic!("it is a frame"),
            }
        });
        assert!(matches!(read, Err(EndReason::Lost { .. })), "cut at {cut}: {read:?}");
    }
}
