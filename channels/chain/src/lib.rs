// SPDX-License-Identifier: Apache-2.0

//! The off-chain engine's side of the chain.
//!
//! [`Chain`] connects to a node, submits calls and follows them to finality, reads channels and
//! accounts through the runtime API, and follows the chain's head. It builds calls from the very
//! types of `millrace-primitives-channels`; the chain's metadata only says where a pallet and its
//! calls are found, so that an upgraded runtime needs no new client as long as its calls keep their
//! arguments.
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`connection`] | connecting, what the chain is, its heads |
//! | [`keys`] | keys of accounts that pay fees and authorise deposits |
//! | [`calls`] | the calls a channel needs |
//! | [`submitting`] | from a call to a finalised block |
//! | [`outcome`] | events, fees and named failures |
//! | [`reading`] | channels, accounts and constants |

pub mod calls;
pub mod connection;
pub mod error;
pub mod keys;
pub mod outcome;
pub mod reading;
pub mod submitting;

pub use calls::Call;
pub use connection::{Chain, Head, Identity};
pub use error::ChainError;
pub use keys::AccountKey;
pub use outcome::{ChainEvent, DispatchFailure, Inclusion};
pub use submitting::Submission;

/// How this chain is described to the client library: 32-byte accounts, multi-signatures.
pub type Config = subxt::config::SubstrateConfig;
