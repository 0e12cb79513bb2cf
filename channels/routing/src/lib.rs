// SPDX-License-Identifier: Apache-2.0

//! Finding a way across channels: gossip, paths, onions, invoices.
//!
//! Who has a channel with somebody can pay everybody to whom channels lead. That takes knowing
//! which channels there are and what they cost ([`gossip`], [`graph`]), choosing among the ways
//! ([`paths`]), telling each hop its part and no more ([`onion`]), and a payee that says what it
//! wants ([`invoices`]). This crate does all of that without clock, disk, socket or chance: time,
//! random bytes and what the chain says are arguments, and equal arguments give equal results.
//!
//! # A payment
//!
//! ```text
//! Invoice::from_text ─► Delivery::plan ─► wrap ─►  Packet::peel  ─►  Packet::peel  ─► Assembly
//!                            ▲                     verify_forward    verify_delivery
//!                            └─ ReturnKey::read ◄─ wrap_foreign  ◄─  Failure::wrap
//! ```
//!
//! # What always holds
//!
//! - **RO-1** In the graph are only channels that both ends have signed and the chain has
//!   confirmed, terms that their node has signed, and nodes that have a channel.
//! - **RO-2** A channel loses its place to another only if that one's deposit is larger.
//! - **RO-3** What is remembered, sent, or done on a peer's behalf has a bound, whatever comes in.
//! - **RO-4** The ways of a plan deliver exactly the amount, and keep every limit of the request,
//!   the channels and their terms.
//! - **RO-5** A way found for one part is the cheapest there is, as long as no more partial ways
//!   than [`paths::search::MAX_LABELS`] are worth keeping at one node.
//! - **RO-6** Every packet has one size and every error too; a hop reads its own payload and learns
//!   the hops beside it; a packet means nothing to another node, payment or network, or a second
//!   time.
//! - **RO-7** Who forwards keeps its fee and has its expiry delta.
//! - **RO-8** A payee takes no part of a payment before all of it has come.
//! - **RO-9** An invoice has one text, and an invoice that was read was signed by its payee for
//!   this network.
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`names`] | nodes, directions, moments, and the bytes that are signed |
//! | [`fees`] | the terms on which a node forwards |
//! | [`gossip`] | how nodes tell each other about channels |
//! | [`graph`] | the channels and nodes that are known |
//! | [`paths`] | finding ways, splitting, trying again |
//! | [`onion`] | packets, errors, forwarding and taking |
//! | [`invoices`] | what a payee asks for, as text |
//! | [`probing`] | limits to finding out balances by failing |
//! | [`allowance`] | how much of something a peer may have |
//!
//! `docs/internals/channel-routing.md` in the project's repository says why it is built like this,
//! and what it does not do yet.

#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used
    )
)]

pub mod allowance;
pub mod fees;
pub mod gossip;
pub mod graph;
pub mod invoices;
pub mod names;
pub mod onion;
pub mod paths;
pub mod probing;

#[cfg(test)]
mod tests;

pub use fees::Terms;
pub use gossip::{ChainLookup, Gossiper, Lookup, Output};
pub use graph::{Graph, GraphLimits};
pub use invoices::Invoice;
pub use names::{Direction, Moment, NodeId, NodeSigner};
pub use onion::{OnionKey, Packet};
pub use paths::{Delivery, Knowledge, Map, Request, Route};
