// SPDX-License-Identifier: Apache-2.0

//! The project's own methods for clients: questions about [`channels`], about stakes and validators ([`dpos`]), and
//! a way to submit many transactions at once ([`pool`]).

pub mod channels;
pub mod dpos;
pub mod pool;

use crate::Hash;
use jsonrpsee::types::{ErrorObject, ErrorObjectOwned};
use std::fmt::Display;

/// Code of the error that the state could not be read.
pub const STATE_UNAVAILABLE: i32 = 8_100;

/// The error of an answer that needs the state after `block`, which cannot be read.
fn state_unavailable(block: Hash, error: impl Display) -> ErrorObjectOwned {
    ErrorObject::owned(
        STATE_UNAVAILABLE,
        format!(
            "the state of block {block:?} cannot be read. If the block is known, its state may be \
             pruned: ask at a newer block, or ask a node that runs with --state-pruning archive."
        ),
        Some(error.to_string()),
    )
}
