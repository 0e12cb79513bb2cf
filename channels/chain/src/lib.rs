// SPDX-License-Identifier: Apache-2.0

//! The off-chain engine's side of the chain.
//!
//! [`Chain`] connects to a node, submits calls and follows them to finality, reads channels and
//! accounts through the runtime API, and follows the chain's head. It builds calls from the very
//! types of `millrace-primitives-channels`; the chain's metadata only says where a pallet and its
//! calls are found, so that an upgraded runtime needs no new client as long as its calls keep their
//! arguments.
//!
//! [`follower`] and [`submitter`] are for whoever runs for months: two tasks that outlive nodes and
//! connections. The first says what happens to channels, the second gets calls into final blocks.
//!
//! # What always holds
//!
//! - **CF-1** Each final block is told once, in order, without a gap, unless the follower says which
//!   blocks it skips; then the state that they have led to is told.
//! - **CF-2** What is told as final was told as best before; what was told as best and vanishes is
//!   withdrawn, the newest first.
//! - **CF-3** Nothing final is withdrawn: a node that shows another final block is refused.
//! - **CF-4** No call is carried out twice: it gets another nonce only after its own was used by
//!   something else in a final block.
//! - **CF-5** A call has one outcome, which no reorganisation changes.
//! - **CF-6** Queues, blocks in memory, and what is watched have bounds.
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`connection`] | connecting, what the chain is, its heads |
//! | [`keys`] | keys of accounts that pay fees and authorise deposits |
//! | [`calls`], [`aims`] | the calls a channel needs, and whether somebody else was faster |
//! | [`submitting`] | from a call to a finalised block, over one connection |
//! | `metadata_hash` | signatures that cover a hash of the chain's metadata |
//! | [`submitter`] | the same for a queue of calls, whatever happens |
//! | [`outcome`] | events, fees and named failures |
//! | [`reading`], [`observing`] | channels, accounts, constants, blocks |
//! | [`announced`] | the judge's events in our own types |
//! | [`watch`], [`news`] | what is watched, and what is reported |
//! | [`tracker`] | blocks in, news out: forks and finality |
//! | [`trust`] | whether a node is to be believed |
//! | [`follower`] | the task that follows, node after node |
//! | [`backoff`] | how long to wait before the next attempt |

pub mod aims;
pub mod announced;
pub mod backoff;
pub mod calls;
pub mod connection;
pub mod error;
pub mod follower;
pub mod keys;
mod metadata_hash;
pub mod news;
pub mod observing;
pub mod outcome;
pub mod reading;
pub mod submitter;
pub mod submitting;
pub mod tracker;
pub mod trust;
pub mod watch;

#[cfg(test)]
mod tests;

pub use aims::{Aim, Overtaken};
pub use announced::{ChannelNews, Revealed};
pub use calls::Call;
pub use connection::{Chain, Head, Identity};
pub use error::ChainError;
pub use keys::AccountKey;
pub use news::{News, Seen};
pub use outcome::{ChainEvent, DispatchFailure, Inclusion};
pub use submitter::{Outcome, Submitter};
pub use submitting::Submission;
pub use watch::{Item, Watch};

/// How this chain is described to the client library: 32-byte accounts, multi-signatures.
pub type Config = subxt::config::SubstrateConfig;
