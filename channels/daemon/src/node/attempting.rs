// SPDX-License-Identifier: Apache-2.0

//! Parts of a payment over several channels: planned over what is known, wrapped for their hops, sent.

use super::{Node, spending::Attempt};
use crate::{
    live::{Fate, Slot, Waiting, Wanted, asleep},
    peer::Peer,
    routed::{Handed, Origin},
};
use millrace_channels_protocol::{Change, transfers::transfer_quota};
use millrace_channels_routing::{
    Direction, NodeId, Route,
    invoices::InvoiceTerms,
    onion::{Deliver, Failure, OnionPublic, ReturnKey, wrap},
    paths::{Blame, OwnChannel, PartId, Verdict, View},
};
use millrace_primitives_channels::Hash;

/// The most channels of this party's own that one plan looks at.
const MAX_OWN: usize = 1_000;

impl Node {
    /// Sends what is neither delivered nor under way, as long as something can be tried.
    pub(super) fn try_payment(&mut self, lock: Hash) {
        let Some(mut attempt) = self.routing.attempts.remove(&lock) else { return };
        while attempt.end.is_none() {
            let own = self.own_channels();
            let view = View {
                graph: self.routing.gossiper.graph(),
                knowledge: &self.routing.knowledge,
                own: &own,
                hints: &attempt.hints,
                now: self.now,
            };
            match attempt.delivery.plan(&view) {
                Ok(parts) if parts.is_empty() => break,
                Ok(parts) => {
                    for (id, route) in parts {
                        self.send_part(lock, &mut attempt, id, &route);
                    }
                }
                // What is under way will come back, and may make room for another plan.
                Err(_) if !attempt.parts.is_empty() => break,
                Err(error) => attempt.end = Some(error.to_string()),
            }
        }
        self.decide_if_over(lock, attempt);
    }

    /// A payment has failed once nothing more is sent and nothing is under way.
    fn decide_if_over(&mut self, lock: Hash, attempt: Attempt) {
        if let (Some(reason), true) = (&attempt.end, attempt.parts.is_empty()) {
            let reason = reason.clone();
            self.payment_failed(lock, attempt.command, reason);
        } else {
            self.routing.attempts.insert(lock, attempt);
        }
    }

    fn send_part(&mut self, lock: Hash, attempt: &mut Attempt, id: PartId, route: &Route) {
        let sent = self.wrap_part(lock, attempt, route).and_then(|(handed, key)| {
            let channel = route.hops.first().map(|hop| hop.channel).unwrap_or_default();
            let part = self.hand(channel, handed, Vec::new()).map_err(|_| Box::new(Blame::Own))?;
            Ok((part, key))
        });
        match sent {
            Ok((part, key)) => {
                attempt.parts.insert(part, (id, key));
            }
            Err(blame) => self.learn(attempt, id, &blame),
        }
    }

    pub(super) fn learn(&mut self, attempt: &mut Attempt, id: PartId, blame: &Blame) {
        let (knowledge, now) = (&mut self.routing.knowledge, self.now);
        if let Some(Verdict::Refused(failure)) =
            attempt.delivery.part_failed(id, blame, knowledge, now)
        {
            attempt.end = Some(format!("the payee refuses it: {failure:?}"));
        }
    }

    /// The packet of a part, and what is kept of it.
    fn wrap_part(
        &mut self,
        lock: Hash,
        attempt: &Attempt,
        route: &Route,
    ) -> Result<(Handed, ReturnKey), Box<Blame>> {
        let total = attempt.delivery.request().amount;
        let expiry = route.hops.last().map_or(0, |hop| hop.expiry);
        let deliver = match &attempt.terms {
            Some(terms) => terms.deliver(route.delivered, total, expiry),
            None => Deliver {
                amount: route.delivered,
                total,
                expiry,
                secret: [0; 32],
                preimage: attempt.preimage,
            },
        };
        let mut layers = Vec::with_capacity(route.hops.len());
        for (index, (hop, payload)) in route.hops.iter().zip(route.payloads(deliver)).enumerate() {
            // Whose key is not known cannot be used as a hop.
            let failure = Failure::NodeBusy;
            let key = self.onion_key(&hop.node, attempt.terms.as_ref());
            let key = key.ok_or_else(|| Box::new(Blame::Node { index, failure }))?;
            layers.push((key, payload));
        }
        let session = self.draw_secret();
        let (packet, key) =
            wrap(&session, &layers, &self.genesis, &lock).map_err(|_| Box::new(Blame::Unknown))?;
        let handed = Handed {
            hashlock: lock,
            amount: route.sent(),
            expiry: route.expiry(),
            origin: Origin::Own,
            packet: packet.to_bytes(),
            preimage: None,
            is_back: false,
        };
        Ok((handed, key))
    }

    fn onion_key(&self, node: &NodeId, terms: Option<&InvoiceTerms>) -> Option<OnionPublic> {
        let named = terms.and_then(|terms| terms.onion_key_of(node));
        let neighbour = || self.routing.neighbours.get(&Peer(node.0)).map(|it| it.onion);
        let public = || {
            let known = self.routing.gossiper.graph().node(node)?;
            Some(known.introduction()?.onion_key())
        };
        named.or_else(neighbour).or_else(public)
    }

    /// What this party's channels with connected peers can send.
    fn own_channels(&self) -> Vec<OwnChannel> {
        let connected =
            self.contacts.keys().filter_map(|peer| Some((peer, self.by_peer.get(peer)?)));
        let all = connected.flat_map(|(peer, ids)| ids.iter().map(move |id| (*peer, *id)));
        all.filter_map(|(peer, channel)| {
            let (position, spendable, used) = match self.channels.get(&channel)? {
                Slot::Awake(live) if live.fate == Fate::Open => {
                    live.terms.counterpart()?;
                    let me = live.terms.position;
                    let agreed =
                        live.channel.transfers().iter().filter(|it| it.payer == me).count();
                    let is_offer =
                        |it: &&Waiting| matches!(it.wanted, Wanted::Change(Change::Offer(_)));
                    let waiting = live.waiting.iter().filter(is_offer).count();
                    let is_final = live.channel.newest().state().is_final;
                    let spendable = if is_final { 0 } else { live.channel.spendable() };
                    (me, spendable, agreed.saturating_add(waiting))
                }
                Slot::Asleep(bytes) => {
                    let (terms, snapshot) = asleep(bytes).ok()?;
                    terms.counterpart()?;
                    (terms.position, snapshot.newest.balance(terms.position.into()), 0)
                }
                _ => return None,
            };
            let direction = if position == 0 { Direction::Forth } else { Direction::Back };
            let slots = u16::try_from(transfer_quota(2).saturating_sub(used)).unwrap_or(u16::MAX);
            let peer = NodeId(peer.0);
            (slots > 0).then_some(OwnChannel { channel, direction, peer, spendable, slots })
        })
        .take(MAX_OWN)
        .collect()
    }
}
