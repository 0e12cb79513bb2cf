// SPDX-License-Identifier: Apache-2.0

//! Finding ways to pay.
//!
//! A payment is planned on a [`Map`], the graph as this payment sees it: with the payer's own
//! channels, the hints of the invoice, what was learned from earlier attempts, and without what
//! failed already. [`search`] finds one way, [`splitting`] divides an amount among several, and
//! [`delivery`] goes on after failures until everything has arrived or nothing more can be tried.
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`request`] | what is to be paid, and what it may cost |
//! | [`likelihood`] | how likely a channel carries an amount, in whole numbers |
//! | [`knowledge`] | what was learned about each channel's liquidity |
//! | [`map`] | the graph as one payment sees it |
//! | [`search`] | the cheapest way |
//! | [`route`] | the way found: amounts and expiries of each hop |
//! | [`splitting`] | several ways at once |
//! | [`delivery`] | attempts until it is done |

pub mod delivery;
pub mod knowledge;
pub mod likelihood;
pub mod map;
pub mod request;
pub mod route;
pub mod search;
pub mod splitting;

pub use delivery::{Blame, Delivery, DeliveryError, PartId, Verdict};
pub use knowledge::{Knowledge, KnowledgeLimits};
pub use map::{Experience, HintEdge, Map, OwnChannel, View};
pub use request::{PathError, Preferences, Request};
pub use route::{Hop, Route};
