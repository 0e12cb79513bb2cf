// SPDX-License-Identifier: Apache-2.0

//! Packets that show each hop its own part of the way, and nothing else.
//!
//! The packet is Sphinx (G. Danezis and I. Goldberg, *Sphinx: A Compact and Provably Secure Mix
//! Format*, 2009) in the form of the Lightning Network's BOLT 4, by the library `fiber-sphinx`:
//! secp256k1, ChaCha20, HMAC-SHA-256, bytes of our own for each hop, associated data, and errors
//! that find their way back. What this crate adds are the payloads, bounds, one size for every
//! packet and every error, peeling in two halves, a tag against replays, and the checks of who
//! forwards or is paid.
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`keys`] | onion keys |
//! | [`payload`] | what a hop reads |
//! | [`packet`] | packets, and how they are wrapped |
//! | [`peeling`] | what a hop takes off |
//! | [`failure`] | errors on their way back |
//! | [`replay`] | packets that were seen already |
//! | [`forwarding`] | whether to forward, whether to take |
//! | [`assembling`] | parts of a payment that wait for each other |

pub mod assembling;
pub mod failure;
pub mod forwarding;
pub mod keys;
pub mod packet;
pub mod payload;
pub mod peeling;
pub mod replay;

pub use assembling::{Arrival, Assembly};
pub use failure::{ERROR_BYTES, Failure, FailureKind};
pub use forwarding::{Incoming, verify_delivery, verify_forward};
pub use keys::{OnionKey, OnionPublic, SharedSecret};
pub use packet::{MAX_HOPS, OnionError, PACKET_BYTES, Packet, Peeled, ReturnKey, wrap};
pub use payload::{Deliver, Forward, Payload};
pub use peeling::Opened;
pub use replay::{ReplayLog, ReplayTag};
