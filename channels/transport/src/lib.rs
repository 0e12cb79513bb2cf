// SPDX-License-Identifier: Apache-2.0

//! Authenticated, encrypted, bounded connections between the parties of channels.
//!
//! A node is known by the [`PeerId`] of its [`NodeKey`]. Between two nodes there is one connection,
//! over TCP or WebSocket, encrypted and authenticated by Noise, and on it one stream of **frames**:
//! bytes of at most 64 KiB, in order, whose meaning is not this crate's business. All limits are there
//! from the start ([`Options`]): what a peer may cost in memory, how many may come, from where, and how
//! long each step may take.
//!
//! ```
//! use millrace_channels_transport::{NodeKey, Options, PeerEvent, Transport};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (alice, mut to_alice) = Transport::start(Options::default(), &NodeKey::generate()?).await?;
//! let (bob, mut to_bob) = Transport::start(Options::default(), &NodeKey::generate()?).await?;
//!
//! let address = bob.addresses().await?.listening;
//! alice.connect(bob.local_peer(), address).await?;
//! assert!(matches!(to_alice.next().await, Some(PeerEvent::Connected { outgoing: true, .. })));
//! assert!(matches!(to_bob.next().await, Some(PeerEvent::Connected { outgoing: false, .. })));
//!
//! alice.send(bob.local_peer(), b"hello".to_vec())?;
//! let Some(PeerEvent::Frame { peer, bytes }) = to_bob.next().await else { panic!() };
//! assert_eq!((peer, bytes), (alice.local_peer(), b"hello".to_vec()));
//! # Ok(())
//! # }
//! ```
//!
//! # What always holds
//!
//! - **TR-1** A frame is said to come from a peer only if it came through a connection that proved to
//!   hold the peer's key, and nobody else can read or change it on its way.
//! - **TR-2** Frames of one connection arrive in the order in which they were sent, none twice, and
//!   none is missing before one that arrives.
//! - **TR-3** What is sent between taking `Connected` and taking `Disconnected` goes into that
//!   connection or nowhere.
//! - **TR-4** Both sides use the same one of several connections, because one side alone chooses: the
//!   one whose id is lower, byte by byte.
//! - **TR-5** Whatever a peer sends or leaves undone, it costs at most
//!   [`Options::bytes_per_peer`], and nobody else waits for it longer than for one of its frames.
//! - **TR-6** A connection that was closed on purpose with everything flushed has brought all frames
//!   of both sides to the other side.
//! - **TR-7** A wanted peer is dialled again for ever, and at most once per wait, whatever it does.
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`key`] | the key that a node is known by |
//! | [`binding`] | proves that a channel's signer is behind a node key |
//! | [`options`] | limits and times |
//! | [`handle`], [`command`] | starting, sending, connecting, banning, shutting down |
//! | [`event`] | what a party hears of its peers |
//! | [`error`] | what can go wrong, and what to do then |
//! | [`frame`] | how frames stand in a stream |
//! | `outbox`, `inbox` | the two bounded queues of a peer |
//! | `lane` | moves frames between queues and stream |
//! | `book` | wishes, waits and bans, without clock or socket |
//! | `gate` | who may connect, and how often |
//! | `handler` | agrees on the stream of frames |
//! | `link`, `using` | connections, and which of them is used |
//! | `driver` | the task that owns all of them |
//! | `sockets`, `muxing` | from a socket to streams with small windows |
//!
//! `docs/internals/channel-transport.md` in the project's repository says what the promises rest on,
//! and what is not done.

pub mod binding;
mod book;
pub mod command;
mod driver;
pub mod error;
pub mod event;
pub mod frame;
mod gate;
pub mod handle;
mod handler;
mod inbox;
pub mod key;
mod lane;
mod link;
mod muxing;
pub mod options;
mod outbox;
mod sockets;
mod using;

#[cfg(test)]
mod tests;

pub use binding::{Binding, BindingError, PEER_TAG, binding_payload};
pub use command::{Addresses, PeerInfo};
pub use driver::Shutdown;
pub use error::{
    ConnectError, DialProblem, KeyError, OptionsError, SendError, StartError, Stopped,
};
pub use event::{EndReason, Incoming, PeerEvent};
pub use frame::MAX_FRAME_BYTES;
pub use handle::{Handle, Transport};
pub use key::NodeKey;
pub use libp2p::{Multiaddr, PeerId};
pub use options::Options;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The name of the stream of frames, which both sides have to agree on. The number rises with every
/// change that one side has to know of the other.
pub const PROTOCOL: &str = "/millrace/channels/1";

/// Whether `local` is the side that chooses the connection and opens the stream: the one with the
/// lower id.
fn opens(local: &PeerId, peer: &PeerId) -> bool {
    local.to_bytes() < peer.to_bytes()
}

/// The content of a mutex. Each of ours is held for a few steps that cannot fail, so that a thread
/// that panicked while it held one has left it whole.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
