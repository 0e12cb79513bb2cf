// SPDX-License-Identifier: Apache-2.0

//! How the parties of a channel agree on payments, without clock, disk or socket.
//!
//! A [`Channel`] is one party's view of one channel. It takes [`Event`]s (pay, close, a message
//! came in, the connection is back, the chain shows a dispute) and returns [`Effect`]s (persist,
//! send, settle, answer) that its owner carries out **in order**. Nothing else happens inside, so
//! that a simulator can drive thousands of parties through any order of events and replay it.
//!
//! # One update
//!
//! ```text
//! proposer of version v + 1                  every other party
//!   pay(): sign v + 1        ── Proposal ─►   verify, sign v + 1: it holds both signatures
//!   verify: v + 1 is agreed  ◄─ Acceptance ─
//! ```
//!
//! The right to propose goes round: version `v` is proposed by the participant at position
//! `v mod n` ([`Agreement::proposer`]). Two proposals for one version can therefore never compete,
//! and nobody ever has to sign one version twice. A party that wants to pay out of turn sends a
//! [`message::Request`], which the proposer includes. What is asked for while an update is under
//! way is gathered into the next one, so that one co-signed version carries many payments.
//!
//! # What always holds
//!
//! - **CP-1** A party signs at most one state of each version ([`signing::Pen`] guards it a second
//!   time).
//! - **CP-2** A party never signs a state worth less to it than the agreed one minus what it asked
//!   to pay.
//! - **CP-3** A party holds at most one half-signed successor of its newest agreed state.
//! - **CP-4** Every state that is signed distributes exactly the channel's deposits (CH-1).
//! - **CP-5** The version of the newest agreed state only rises, and nothing follows a final one.
//! - **CP-6** Every version above 0 that is agreed carries all signatures, so that each party can
//!   close alone at any time.
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`agreement`] | the channel's terms, and the consent that opens it |
//! | [`payments`] | what payments do to balances |
//! | [`message`] | what parties send each other, and its bytes |
//! | [`proposal`] | untrusted messages become `Validated…` values |
//! | [`signing`] | keys, and the pen that signs no version twice |
//! | [`channel`] | the machine itself, its events and effects |
//! | `updating` | paying, proposing, accepting |
//! | `closing` | agreeing to settle, answering a dispute |
//! | `reconnecting` | finding out who lacks what |
//!
//! Not here yet: conditional transfers, streams, resizing, and restarting from a store. A state
//! that carries something of the kind is refused.

pub mod agreement;
pub mod channel;
mod closing;
pub mod error;
pub mod message;
pub mod payments;
pub mod proposal;
mod reconnecting;
pub mod signing;
mod updating;

#[cfg(test)]
mod tests;

pub use agreement::{Agreement, CoSignedState};
pub use channel::{Channel, Effect, Event, Record};
pub use error::{
    AgreementError, ChannelError, MessageError, PaymentError, PenError, ProposalError,
};
pub use message::Message;
pub use payments::Payment;
pub use signing::Signer;
