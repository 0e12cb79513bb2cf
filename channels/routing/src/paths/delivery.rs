// SPDX-License-Identifier: Apache-2.0

//! Attempts until a payment is done.
//!
//! ```text
//! plan() ─► parts to send ─► each fails (part_failed) or the preimage comes (completed)
//!   ▲                            │ learns from it
//!   └────────────────────────────┘ while the verdict is Retry
//! ```

use crate::{
    fees::Terms,
    gossip::updating::ChannelUpdate,
    names::{Direction, NodeId},
    onion::{Failure, FailureKind},
    paths::{
        knowledge::Knowledge,
        map::{Experience, Map, View},
        request::{PathError, Request},
        route::{Hop, Route},
        splitting::{Rest, plan_rest},
    },
};
use millrace_primitives_channels::{Balance, Hash};
use std::collections::BTreeMap;
use thiserror::Error;

/// Names a part of one payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartId(pub u32);

/// Why a part failed.
#[allow(
    clippy::large_enum_variant,
    reason = "a failure may carry terms, and is too rare for its size to matter"
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The node at the end of the hop at `index` says so.
    Node {
        /// Position in [`Route::hops`].
        index: usize,
        /// What it says.
        failure: Failure,
    },
    /// The payer's own channel did not take the transfer.
    Own,
    /// Nobody can be blamed: the error could not be read.
    Unknown,
}

/// What follows from a failure.
#[allow(
    clippy::large_enum_variant,
    reason = "a failure may carry terms, and is too rare for its size to matter"
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Another attempt may succeed: call [`Delivery::plan`].
    Retry,
    /// The payee does not want this payment: let the parts under way end, and give up.
    Refused(Failure),
}

/// Why nothing more is planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DeliveryError {
    /// There is no way.
    #[error(transparent)]
    Path(#[from] PathError),
    /// All attempts were made.
    #[error("{attempts} attempts have failed or are under way, as many as are allowed")]
    NoAttemptsLeft {
        /// How many were allowed.
        attempts: u16,
    },
    /// The payment is over.
    #[error("the payment is done, or the payee has refused it")]
    Over,
}

/// One payment, from the first attempt to the last.
#[derive(Clone, Debug)]
pub struct Delivery {
    genesis: Hash,
    request: Request,
    attempts: u16,
    attempts_made: u16,
    parts: BTreeMap<PartId, Route>,
    experience: Experience,
    is_over: bool,
}

impl Delivery {
    /// A payment that may send `attempts` parts in all, on the network with this genesis hash.
    pub fn new(genesis: Hash, request: Request, attempts: u16) -> Self {
        Self {
            genesis,
            request,
            attempts,
            attempts_made: 0,
            parts: BTreeMap::new(),
            experience: Experience::default(),
            is_over: false,
        }
    }

    /// What is to be paid.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The parts under way.
    pub fn parts(&self) -> impl Iterator<Item = (PartId, &Route)> {
        self.parts.iter().map(|(id, route)| (*id, route))
    }

    /// What is neither delivered nor under way.
    pub fn left(&self) -> Balance {
        let under_way = self.parts.values().map(|route| route.delivered);
        under_way.fold(self.request.amount, Balance::saturating_sub)
    }

    /// Plans parts for all that is not under way; none if everything is. Send each of them.
    ///
    /// The payee takes nothing before everything has arrived, so a plan is for all of the rest.
    pub fn plan(&mut self, view: &View<'_>) -> Result<Vec<(PartId, Route)>, DeliveryError> {
        if self.is_over {
            return Err(DeliveryError::Over);
        }
        let left = self.left();
        if left == 0 && self.request.amount > 0 {
            return Ok(Vec::new());
        }
        let too_many = DeliveryError::NoAttemptsLeft { attempts: self.attempts };
        let attempts_left = self.attempts.saturating_sub(self.attempts_made);
        let under_way = u16::try_from(self.parts.len()).unwrap_or(u16::MAX);
        let parts = self.request.max_parts.saturating_sub(under_way).min(attempts_left);
        if parts == 0 {
            return Err(too_many);
        }
        let fees = self.parts.values().map(Route::fee);
        let fee = fees.fold(self.request.max_fee, Balance::saturating_sub);
        let Request { asset, payer, .. } = self.request;
        let map = Map::draw(view, asset, payer, &self.experience);
        let loads = map.loads(self.parts.values());
        let rest = Rest { amount: left, fee, parts };
        let routes = plan_rest(&map, &self.request, rest, &loads)?;
        Ok(routes.into_iter().map(|route| self.start(route)).collect())
    }

    fn start(&mut self, route: Route) -> (PartId, Route) {
        let id = PartId(self.attempts_made.into());
        self.attempts_made = self.attempts_made.saturating_add(1);
        self.parts.insert(id, route.clone());
        (id, route)
    }

    /// The preimage came: the payment is done, and every hop has learned to carry it.
    pub fn completed(&mut self, knowledge: &mut Knowledge, now: u64) {
        self.is_over = true;
        for route in std::mem::take(&mut self.parts).values() {
            // What the payer's own channel carries is no matter of guessing.
            for Hop { channel, direction, deposit, amount, .. } in route.hops.iter().skip(1) {
                knowledge.moved(channel, *direction, *deposit, *amount, now);
            }
        }
    }

    /// A part failed. Learns from it, and says whether to go on; nothing if the part is not known.
    pub fn part_failed(
        &mut self,
        part: PartId,
        blame: &Blame,
        knowledge: &mut Knowledge,
        now: u64,
    ) -> Option<Verdict> {
        let route = self.parts.remove(&part)?;
        match blame {
            Blame::Own => {
                self.avoid(route.hops.first());
            }
            Blame::Unknown => {
                // Somebody on the way cheats or is broken. Who is unknown: all but the way out.
                route.hops.iter().skip(1).for_each(|hop| self.avoid(Some(hop)));
            }
            Blame::Node { index, failure } => {
                let carried = index.saturating_add(1);
                for hop in route.hops.iter().take(carried).skip(1) {
                    let Hop { channel, direction, deposit, amount, .. } = hop;
                    knowledge.carried(channel, *direction, *deposit, *amount, now);
                }
                match (route.hops.get(*index), route.hops.get(carried)) {
                    (Some(last), None) if failure.kind() == FailureKind::Passing => {
                        // Only the hop before the payee can have changed what it got.
                        if *failure == Failure::ChangedOnTheWay && *index > 0 {
                            self.avoid(Some(last));
                        }
                    }
                    (Some(_), None) => {
                        self.is_over = true;
                        return Some(Verdict::Refused(*failure));
                    }
                    (Some(blamed), Some(next)) => {
                        self.learn(blamed.node, next, failure, knowledge, now);
                    }
                    (None, _) => {}
                }
            }
        }
        Some(Verdict::Retry)
    }

    /// Learns from what `node` says about forwarding over `hop`.
    fn learn(
        &mut self,
        node: NodeId,
        hop: &Hop,
        failure: &Failure,
        knowledge: &mut Knowledge,
        now: u64,
    ) {
        match failure.kind() {
            FailureKind::Liquidity => {
                let Hop { channel, direction, deposit, amount, .. } = hop;
                knowledge.refused(channel, *direction, *deposit, *amount, now);
            }
            FailureKind::Terms => {
                let told = failure.update().and_then(|update| self.terms_of(&node, hop, update));
                match told {
                    Some(terms) => {
                        self.experience.terms.insert((hop.channel, hop.direction), terms);
                    }
                    None => self.avoid(Some(hop)),
                }
            }
            FailureKind::Channel => self.avoid(Some(hop)),
            // What only the payee may say, a hop says in vain.
            FailureKind::Passing | FailureKind::Node | FailureKind::Payee => {
                self.experience.avoided_nodes.insert(node);
            }
        }
    }

    /// New terms for a hop, if its node signed them and tells such for the first time in this
    /// payment.
    fn terms_of(&self, node: &NodeId, hop: &Hop, update: &ChannelUpdate) -> Option<Terms> {
        let name: (_, Direction) = (hop.channel, hop.direction);
        let is_for_hop = (update.offer.channel, update.offer.direction) == name;
        let is_first = !self.experience.terms.contains_key(&name);
        let validated = update.verify_signature(&self.genesis, node).ok()?;
        (is_for_hop && is_first).then_some(*validated.terms())
    }

    fn avoid(&mut self, hop: Option<&Hop>) {
        if let Some(hop) = hop {
            self.experience.avoided_channels.insert((hop.channel, hop.direction));
        }
    }
}
