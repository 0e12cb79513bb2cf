// SPDX-License-Identifier: Apache-2.0

//! What the node is made of that needs neither a runtime nor a running service.
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`addresses`] | addresses in the form that clients take |
//! | [`authoring`] | blocks are filled many transactions at a time |
//! | [`best`] | the network hears of the best block when finality has changed it |
//! | [`compiled`] | where the machine code of runtimes is kept |
//! | [`equivocations`] | authors who make two blocks in one slot |
//! | [`hardening`] | what a node that strangers can reach does unasked |
//! | [`pace`] | how fast a node authors, votes and gossips |
//! | [`pool`] | transactions are looked at many at a time |
//! | [`ports`] | a clear word about taken ports, before anything is opened |
//! | [`remedies`] | what to do about an error |
//! | [`rpc`] | the project's own questions that clients can ask |
//! | [`signatures`] | signatures are checked once, however often the runtime asks |

pub mod addresses;
pub mod authoring;
pub mod best;
pub mod compiled;
pub mod equivocations;
pub mod hardening;
pub mod pace;
pub mod pool;
pub mod ports;
pub mod remedies;
pub mod rpc;
// The macro in it asks for the kind of build that compiles runtimes.
#[allow(unexpected_cfgs)]
pub mod signatures;

pub use millrace_primitives_channels::{AccountId, Balance, BlockNumber, Hash};

use polkadot_sdk::sp_runtime::{OpaqueExtrinsic, generic, traits::BlakeTwo256};

/// How many transactions an account has sent.
pub type Nonce = u32;
/// A block's header.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block whose extrinsics are bytes.
pub type Block = generic::Block<Header, OpaqueExtrinsic>;
