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
//! and nobody ever has to sign one version twice. A party that wants something out of turn sends a
//! [`message::Request`], which the proposer includes. What is asked for while an update is under
//! way is gathered into the next one, so that one co-signed version carries up to
//! [`changes::MAX_CHANGES`] changes in all directions: payments, conditional transfers and their
//! ends, streams and theirs. An acceptance and the next proposal leave together, so that two parties
//! that both pay make two versions in a round trip.
//!
//! # Who may object
//!
//! Every change has one author, the party that loses by it, and nobody else can ask for it
//! ([`changes`]). So an honest proposal is never refused, however different the heights are that the
//! parties know, and a party finds out what a state takes from it by comparing it with its own
//! words.
//!
//! # What always holds
//!
//! The rules CP-1 to CP-11 are in [`invariants`], whose [`invariants::verify`] the tests call after
//! every event.
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`agreement`] | the channel's terms, and the consent that opens it |
//! | [`payments`], [`changes`] | what one version changes, and whose change it is |
//! | `ledger`, [`transfers`], `tree` | what a state distributes, and what is behind its root |
//! | [`message`] | what parties send each other, and its bytes |
//! | [`proposal`] | untrusted messages become `Validated…` values |
//! | [`signing`] | keys, and the pen that signs no version twice |
//! | [`verifying`] | what a message claims to be signed, for whoever verifies many at once |
//! | [`policy`] | a party's limits of time, in blocks |
//! | [`channel`], [`effect`] | the machine itself, its events and effects |
//! | `updating`, `outbox`, `accepting`, `adopting` | wishing, proposing, accepting, going on |
//! | `conditions` | transfers that wait for a preimage |
//! | [`pulses`], `streaming` | payments by hash links |
//! | `resizing`, `rebasing` | adding funds and taking them out |
//! | `closing`, `resolving` | agreeing to settle, closing alone, disputes, claims and refunds |
//! | `reconnecting` | finding out who lacks what |
//! | [`recording`] | restarting from what was persisted |
//! | [`invariants`] | the numbered rules, checked |
//!
//! Not here: applications. A state that carries one is refused.

mod accepting;
mod adopting;
pub mod agreement;
pub mod changes;
pub mod channel;
mod closing;
mod conditions;
pub mod effect;
pub mod error;
pub mod invariants;
mod ledger;
pub mod message;
mod outbox;
pub mod payments;
pub mod policy;
pub mod proposal;
pub mod pulses;
mod rebasing;
mod reconnecting;
pub mod recording;
mod resizing;
mod resolving;
pub mod signing;
mod streaming;
pub mod transfers;
mod tree;
mod updating;
pub mod verifying;

#[cfg(test)]
mod tests;

pub use agreement::{Agreement, CoSignedState};
pub use changes::{Change, Changes, StreamFold, StreamName};
pub use channel::Channel;
pub use effect::{Effect, Event, Record};
pub use error::{
    AgreementError, ChangeError, ChannelError, MessageError, PaymentError, PenError, ProposalError,
    ResizeError, StreamError, TransferError,
};
pub use ledger::stream_quota;
pub use message::Message;
pub use outbox::MAX_WAITING;
pub use payments::Payment;
pub use policy::Policy;
pub use pulses::{Pulse, Source, StreamTerms, Till};
pub use recording::{Memory, Snapshot};
pub use signing::Signer;
pub use verifying::Claim;
