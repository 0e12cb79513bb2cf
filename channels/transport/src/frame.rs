// SPDX-License-Identifier: Apache-2.0

//! How frames stand in a stream: a length of four bytes, highest first, then as many bytes.
//!
//! Two lengths are none. The **farewell**, all bits one, says that no frame follows. The
//! **confirmation**, one less, says that the peer's farewell was read, and so everything before it.
//! By them a stream that ends on purpose differs from one whose connection broke.

use crate::event::EndReason;
use futures::{AsyncRead, AsyncReadExt};
use std::io;

/// The longest frame that any two parties may agree on, in bytes.
pub const MAX_FRAME_BYTES: usize = 64 * 1024;

/// What a frame costs in a queue on top of its own bytes, so that empty frames are not free.
pub(crate) const FRAME_OVERHEAD: usize = 64;

/// How many bytes the length takes.
pub(crate) const PREFIX_BYTES: usize = 4;

/// Stands where a length would: no frame follows.
const FAREWELL: u32 = u32::MAX;

/// Stands where a length would: the farewell was read.
const CONFIRMATION: u32 = u32::MAX - 1;

/// What stands next in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// A frame of so many bytes.
    Frame(usize),
    /// No frame any more.
    Farewell,
    /// The peer has read this side's farewell.
    Confirmation,
}

/// What a frame of `length` bytes counts in a queue.
pub(crate) fn cost(length: usize) -> usize {
    length.saturating_add(FRAME_OVERHEAD)
}

/// Adds a frame to bytes that are to be written.
pub(crate) fn append(batch: &mut Vec<u8>, frame: &[u8]) {
    // Longer ones are refused where they are sent, so that the length always fits.
    debug_assert!(frame.len() <= MAX_FRAME_BYTES);
    batch.extend_from_slice(&(frame.len() as u32).to_be_bytes());
    batch.extend_from_slice(frame);
}

/// Says that the peer's farewell was read.
pub(crate) const CONFIRMATION_BYTES: [u8; PREFIX_BYTES] = CONFIRMATION.to_be_bytes();

/// Adds the end of the stream to bytes that are to be written.
pub(crate) fn append_farewell(batch: &mut Vec<u8>) {
    batch.extend_from_slice(&FAREWELL.to_be_bytes());
}

/// Reads the next length, which is at most `limit`.
pub(crate) async fn read_next(
    reader: &mut (impl AsyncRead + Unpin),
    limit: usize,
) -> Result<Next, EndReason> {
    let mut prefix = [0; PREFIX_BYTES];
    reader.read_exact(&mut prefix).await.map_err(|error| lost(&error))?;
    match u32::from_be_bytes(prefix) {
        FAREWELL => Ok(Next::Farewell),
        CONFIRMATION => Ok(Next::Confirmation),
        length => match usize::try_from(length) {
            Ok(length) if length <= limit => Ok(Next::Frame(length)),
            _ => Err(EndReason::TooLong { length: length.into(), limit }),
        },
    }
}

/// Reads the bytes of a frame whose length was read, and found to be within the limit.
pub(crate) async fn read_body(
    reader: &mut (impl AsyncRead + Unpin),
    length: usize,
) -> Result<Vec<u8>, EndReason> {
    let mut bytes = vec![0; length];
    reader.read_exact(&mut bytes).await.map_err(|error| lost(&error))?;
    Ok(bytes)
}

/// A stream that ends without a farewell is a connection that broke.
pub(crate) fn lost(error: &io::Error) -> EndReason {
    EndReason::Lost { cause: error.to_string() }
}
