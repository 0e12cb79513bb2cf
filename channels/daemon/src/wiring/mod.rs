// SPDX-License-Identifier: Apache-2.0

//! The node on a real network and a real chain.
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`network`] | the transport as a [`crate::shell::Wire`] |
//! | [`chain`] | follower and submitter as a [`crate::shell::Ledger`] |

pub mod chain;
pub mod network;
