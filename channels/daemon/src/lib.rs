// SPDX-License-Identifier: Apache-2.0

//! A party of channels that runs by itself.
//!
//! The core, a [`Node`], owns all channels of one party. It is synchronous and deterministic:
//! [`Input`]s go in (commands, frames, news of the chain, time, what is durable), [`Output`]s come
//! out (write, send, submit, answer). It has no clock, disk or socket, so that tests and simulations
//! can drive many of them through any order of events and replay it.
//!
//! # What always holds
//!
//! - **DA-1** Nothing leaves that depends on a record which is not durable.
//! - **DA-2** For one channel id one opening is agreed to, never another.
//! - **DA-3** What peers can make a node keep, and how much waits anywhere, has a bound.
//! - **DA-4** After the disk refused to write nothing is signed, and disputes are still answered.
//! - **DA-5** Each command is answered exactly once, as long as the node runs.
//! - **DA-6** A message counts as a participant's only if it comes from the node that this
//!   participant's signer has named.
//! - **DA-7** Nothing is signed before the chain's state is known, nor after the chain has been out
//!   of sight for too long.
//! - **DA-8** A named payment is made once, however often it is asked for, crashes included; and none is
//!   told as failed that may yet be made, also while the chain's node is wrong about its channel.
//! - **DA-9** Who forwards is never left paying out without being paid: what comes in is given back
//!   only when what went out can be claimed by nobody any more, and a preimage that was shown is
//!   written down with the record that shows it.
//! - **DA-10** What is said of a payment over several channels is true after every crash: it succeeded,
//!   with the preimage, if its payee has it, and failed only if no part can be claimed any more.
//!
//! The protocol's own rules, CP-1 to CP-11, hold through all of this; the tests check both after
//! crashes at every step.
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`node`] | the core |
//! | [`input`], [`output`] | what happens to it, and what it wants done |
//! | [`config`] | what its owner chooses |
//! | [`keys`], [`peer`] | who acts, and who is at the other end |
//! | [`frame`] | what nodes send each other |
//! | [`operation`] | named payments, which are made once |
//! | [`routed`] | what is written down of payments over several channels |
//! | [`terms`] | what is known of a channel beside its states |
//! | [`ended`] | channels that are over and forgotten, and remembered as such |
//! | [`settled`] | what the chain has paid at the end of a channel |
//! | [`graph`] | the public channels that were known, for the next start |
//! | [`history`] | payments that were made, and those that are expected |
//! | [`order`] | the order of rows of several tables |
//! | [`mod@write`], `records` | what is written down, and how it is read again |
//! | `ring` | a bounded number of rows, the oldest forgotten first |
//! | `journal` | group commit: what waits for the disk |
//! | [`verifying`], `verifier` | many signatures verified together, and beside the core |
//! | `live` | channels in memory, awake and asleep |
//! | [`shell`] | the task that joins the core with a store, a transport and a chain |
//! | [`in_memory`] | a wire and a chain without judge, for tests and measurements |
//! | [`error`] | why a command is refused |

pub mod config;
pub mod ended;
pub mod error;
pub mod frame;
pub mod graph;
pub mod history;
pub mod in_memory;
pub mod input;
mod journal;
pub mod keys;
mod live;
pub mod node;
pub mod operation;
pub mod order;
pub mod output;
pub mod peer;
mod records;
mod ring;
pub mod routed;
pub mod settled;
pub mod shell;
pub mod terms;
mod verifier;
pub mod verifying;
pub mod write;

#[cfg(test)]
mod tests;

pub use config::{Acceptance, Config, Limits, Patience, ResizeAcceptance};
pub use error::{CommandError, ResizeRefusal};
pub use input::{Command, Input, News, Ticket};
pub use keys::{AccountSigner, ChannelKey, Keys};
pub use node::{ChannelView, Identity, Node, Restored, Stats, StreamView};
pub use operation::OperationKey;
pub use output::{Call, Notice, Output, Reply};
pub use peer::Peer;
pub use write::Write;
