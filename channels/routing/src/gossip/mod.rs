// SPDX-License-Identifier: Apache-2.0

//! How nodes tell each other about channels.
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`announcing`] | that a channel exists, signed by both ends and proven by the chain |
//! | [`updating`] | on which terms one end forwards over it |
//! | [`introducing`] | a node's addresses, onion key and alias |
//! | [`message`] | the bytes that travel |
//! | [`lookups`] | announcements that wait for the chain's word |
//! | [`digests`] | finding out what two nodes do not both know |
//! | [`limits`], [`mod@error`] | what one peer may ask for, and why something had no effect |
//! | [`gossiper`] | the machine that puts them together; `syncing` is its part for newcomers |

pub mod announcing;
pub mod digests;
pub mod error;
pub mod gossiper;
pub mod introducing;
pub mod limits;
pub mod lookups;
pub mod message;
mod syncing;
pub mod updating;

pub use announcing::{AnnouncementError, ChannelAnnouncement, ChannelFacts, ValidatedChannel};
pub use error::GossipError;
pub use gossiper::{Gossiper, Output};
pub use introducing::{IntroductionError, NodeAnnouncement, ValidatedNode};
pub use limits::GossipLimits;
pub use lookups::{ChainLookup, Lookup};
pub use message::{GossipMessage, MAX_GOSSIP_BYTES, MessageError};
pub use updating::{ChannelUpdate, UpdateError, ValidatedUpdate};
