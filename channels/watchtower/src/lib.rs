// SPDX-License-Identifier: Apache-2.0

//! Answers stale disputes while their victims are away.
//!
//! A client hands its tower the newest state of each channel, sealed so that the tower can read it
//! only after working for the id of that very channel ([`sealing`]). When a channel is disputed, the
//! tower looks for its appointment, and if that holds a later state than the one shown, answers from
//! an account of its own. If the dispute was stale, the reward is the tower's.
//!
//! # What always holds
//!
//! - **WT-1** A receipt leaves only after what it promises is durable.
//! - **WT-2** An answer is submitted only if the chain would take it: it opens, everybody signed it,
//!   and its version is above all that was shown.
//! - **WT-3** Of a channel one sealed answer is kept for each client, the newest by the client's own
//!   count; never an older one in its place.
//! - **WT-4** Appointments, their sizes, what waits and what is looked into have bounds.
//! - **WT-5** An appointment is forgotten when its client withdraws it or its time is over, and not
//!   before.
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`sealing`] | how an appointment is hidden until its channel is disputed |
//! | [`message`], [`receipt`] | what clients and towers say, and what towers sign |
//! | [`ledger`] | who has which appointment: quotas, order, expiry |
//! | [`guard`] | which disputes there are, and what is to be done about each |
//! | [`judging`] | which opened answers the chain would take |
//! | [`storage`] | what lies on disk |
//! | [`tower`] | the task that puts all together |
//! | [`serving`] | carries frames between clients' connections and the tower |
//! | [`metrics`] | how the tower is doing, as text for Prometheus |

pub mod guard;
pub mod judging;
pub mod ledger;
pub mod message;
pub mod metrics;
pub mod receipt;
pub mod sealing;
pub mod serving;
pub mod storage;
pub mod tower;

#[cfg(test)]
mod tests;
