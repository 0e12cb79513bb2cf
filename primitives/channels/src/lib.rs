// SPDX-License-Identifier: Apache-2.0

//! Nouns, signed bytes and traits of Millrace's state channels.
//!
//! The runtime, the off-chain engine and every tool use these very types, so that a byte signed by
//! a wallet is the byte the judge on chain verifies.
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`params`] | who may take part in a channel and under which rules |
//! | [`state`] | what participants sign: a version and who owns what |
//! | [`transfer`] | conditional transfers, behind a Merkle root in the state |
//! | [`stream`] | pulses: payments by hash links |
//! | [`merkle`] | commitments to many things by one hash |
//! | [`resize`] | funds are added or taken out while the channel lives |
//! | [`app`] | applications that a channel can carry |
//! | [`payload`] | the only place where signed bytes and ids are computed |
//! | [`funds`] | the traits through which the channels pallet moves money |
//! | [`api`] | the runtime API and the views it returns |
//!
//! All amounts are in the smallest unit of the channel's asset, all periods in blocks.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod api;
pub mod app;
pub mod funds;
pub mod merkle;
pub mod params;
pub mod payload;
pub mod resize;
pub mod state;
pub mod stream;
pub mod transfer;

#[cfg(test)]
mod tests;

pub use app::{ChannelApp, ChannelApps};
pub use funds::{ChannelBonds, ChannelFunds};
pub use merkle::MerkleProof;
pub use params::{ChannelAsset, ChannelParams, MAX_PARTICIPANTS, ParamsError, Participant};
pub use payload::{
    Form, account_form, channel_id, open_payload, resize_payload, signer_form, state_payload,
    verify_account, verify_signer,
};
pub use resize::Resize;
pub use state::{AppState, ChannelState, PendingTransfers, StateError, Stream};
pub use transfer::Transfer;

use polkadot_sdk::sp_core;

/// An account on the chain: 32 bytes.
pub type AccountId = polkadot_sdk::sp_runtime::AccountId32;

/// An amount in the smallest unit of an asset.
pub type Balance = u128;

/// A height or a period, in blocks.
pub type BlockNumber = u32;

/// Names a channel on one chain for ever; see [`payload::channel_id`].
pub type ChannelId = sp_core::H256;

/// A 32-byte hash.
pub type Hash = sp_core::H256;
