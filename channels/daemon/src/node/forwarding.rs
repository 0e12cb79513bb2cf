// SPDX-License-Identifier: Apache-2.0

//! Transfers that come with a packet: read, forwarded, taken or given back.

#![allow(
    clippy::result_large_err,
    reason = "a failure may carry terms, and is too rare for its size to matter"
)]

use super::{
    Node,
    routing::{Came, Neighbourhood},
};
use crate::{
    output::Notice,
    routed::{Handed, Origin, Part},
    write::Write,
};
use millrace_channels_routing::{
    Direction, NodeId, Terms,
    gossip::{ChannelUpdate, updating::Offer},
    onion::{
        Failure, Forward, Incoming, Packet, Peeled, ReplayTag, SharedSecret, replay::Seen,
        verify_forward,
    },
};
use millrace_primitives_channels::{ChannelId, Transfer};

impl Node {
    /// A transfer is offered to this party: what its packet says is done. Without a packet, its
    /// payer is asked for one and the owner told.
    pub(crate) fn read_offer(&mut self, channel: ChannelId, transfer: Transfer) {
        let part = (channel, transfer.id);
        let is_known = self.routing.by_incoming.contains_key(&part)
            || self.routing.gathered.contains_key(&part);
        if is_known {
            // Once what it led to has ended, so will this.
            return;
        }
        if let Some(issued) = self.routing.issued.get(&transfer.hashlock)
            && issued.paid.as_ref().is_some_and(|paid| paid.parts.contains(&part))
        {
            let preimage = issued.preimage;
            self.routing.unread.remove(&part);
            return self.fulfil_part(part, preimage);
        }
        if let Some(received) = self.routing.received.get(&transfer.hashlock)
            && received.part == part
        {
            // What is written down as received is claimed, whatever came in between.
            let preimage = received.preimage;
            self.routing.unread.remove(&part);
            return self.fulfil_part(part, preimage);
        }
        if self.verify_may_sign().is_err() {
            self.routing.unread.insert(part, (self.now, transfer));
            return;
        }
        match self.routing.packets.remove(&part) {
            Some((_, packet)) => {
                self.routing.unread.remove(&part);
                self.read_packet(part, &transfer, packet);
            }
            None => {
                let shown = self.with_channel(channel, |_, live| {
                    let preimages = crate::records::snapshot(&live.channel).preimages;
                    preimages.iter().any(|(id, _)| *id == transfer.id)
                });
                if shown.unwrap_or(true) {
                    return;
                }
                let is_new = !self.routing.unread.contains_key(&part);
                if is_new {
                    let _ = self.with_channel(channel, |node, live| {
                        node.notify(live, Notice::Offered { channel, transfer });
                    });
                }
                self.ask_for_packet(part, transfer);
            }
        }
    }

    fn read_packet(&mut self, part: Part, transfer: &Transfer, packet: Came) {
        let Some(keys) = self.keys.routing().cloned() else {
            return self.give_back(part, None);
        };
        let lock = transfer.hashlock;
        let opened = match packet {
            Came::Opened(opened) => Ok(*opened),
            Came::Bytes(bytes) => {
                Packet::from_bytes(&bytes).and_then(|packet| packet.open(&keys.onion))
            }
        };
        let Ok(layer) = opened.and_then(|it| it.peel(&self.genesis, &lock)) else {
            // Whoever cannot read the packet cannot write to its maker either.
            self.note_failure(part.0);
            return self.give_back(part, None);
        };
        let secret = layer.secret;
        let result = match layer.peeled {
            Peeled::Forward(forward, next) => {
                self.forward(part, transfer, &forward, next, &secret, layer.tag)
            }
            Peeled::Deliver(deliver) => self.take_delivery(part, transfer, &deliver, &secret),
        };
        if let Err(failure) = result {
            self.note_failure(part.0);
            self.give_back(part, Some(failure.wrap(&secret)));
        }
    }

    /// Forwards a transfer, if nothing can be lost by it.
    fn forward(
        &mut self,
        part: Part,
        transfer: &Transfer,
        forward: &Forward,
        next: Packet,
        secret: &SharedSecret,
        tag: ReplayTag,
    ) -> Result<(), Failure> {
        let neighbour = self.peer_of(part.0).ok_or(Failure::NodeBusy)?;
        if !self.routing.guard.allows(&NodeId(neighbour.0), self.now) {
            return Err(Failure::Throttled);
        }
        if forward.channel == part.0 {
            return Err(Failure::UnknownChannel);
        }
        let own = self.own_update(forward.channel).ok_or(Failure::UnknownChannel)?;
        let incoming = Incoming { amount: transfer.amount, expiry: transfer.expiry };
        let limits = self.config.routing.time;
        verify_forward(&incoming, forward, &own, &limits, self.height)?;
        let most = usize::from(own.offer.terms.max_in_flight);
        if self.in_flight(part.0, forward.channel) >= most {
            return Err(Failure::TooManyInFlight);
        }
        // What the packet itself says cannot be changed by who sends it again.
        match self.routing.replays.note(tag, forward.expiry, self.height) {
            Seen::First => {}
            Seen::Again => return Err(Failure::BadPacket),
            Seen::NoRoom => return Err(Failure::NodeBusy),
        }
        let handed = Handed {
            hashlock: transfer.hashlock,
            amount: forward.amount,
            expiry: forward.expiry,
            origin: Origin::Forwarded {
                part,
                amount: transfer.amount,
                expiry: transfer.expiry,
                secret: secret.clone(),
            },
            packet: next.to_bytes(),
            preimage: None,
            is_back: false,
        };
        let write = Write::PutTag { tag, expiry: forward.expiry };
        self.hand(forward.channel, handed, vec![write])
            .map(|_| ())
            .map_err(|_| Failure::ChannelBusy)
    }

    /// How many transfers from one channel are under way in another.
    fn in_flight(&self, from: ChannelId, to: ChannelId) -> usize {
        let all = self.routing.handed.range((to, u64::MIN)..=(to, u64::MAX));
        all.filter(|(_, handed)| {
            matches!(&handed.origin, Origin::Forwarded { part, .. } if part.0 == from)
        })
        .count()
    }

    /// The terms on which this party forwards over a channel of its own.
    pub(crate) fn terms_of(&self, channel: &ChannelId) -> Terms {
        let own = self.routing.fees.get(&Some(*channel));
        let mut terms = *own.or(self.routing.fees.get(&None)).unwrap_or(&self.config.routing.terms);
        // A shorter one would not leave the time to reveal on one side what shows on the other.
        terms.expiry_delta = terms.expiry_delta.max(self.config.policy.expiry_delta());
        terms
    }

    /// The same, signed; nothing if the channel is not one of two participants and open.
    pub(crate) fn own_update(&mut self, channel: ChannelId) -> Option<ChannelUpdate> {
        let terms = self.terms_of(&channel);
        let keys = self.keys.routing()?.clone();
        let position = self.position_in(channel)?;
        let known = self.routing.publicity.updates.get(&channel);
        if let Some(update) = known.filter(|update| update.offer.terms == terms) {
            return Some(*update);
        }
        let direction = if position == 0 { Direction::Forth } else { Direction::Back };
        let offer = Offer { channel, direction, sequence: self.now, terms };
        let update = offer.sign(&self.genesis, &keys.node);
        self.routing.publicity.updates.insert(channel, update);
        Some(update)
    }

    /// This party's position in an open channel of two.
    pub(crate) fn position_in(&self, channel: ChannelId) -> Option<u8> {
        self.place_of(channel).filter(|place| place.is_usable).map(|place| place.position)
    }

    /// A neighbour says what it needs to be known by.
    pub(crate) fn neighbour_came(
        &mut self,
        peer: crate::peer::Peer,
        neighbour: crate::frame::Neighbour,
    ) {
        let Some(channels) = self.by_peer.get(&peer).cloned() else { return };
        let node = NodeId(peer.0);
        let known = self.routing.neighbours.remove(&peer);
        let mut updates = known.map(|it| it.updates).unwrap_or_default();
        updates.retain(|channel, _| channels.contains(channel));
        let moment = self.moment();
        for update in neighbour.updates {
            let channel = update.offer.channel;
            let is_ours = channels.contains(&channel);
            if is_ours && update.verify(&self.genesis, &node, None, &moment).is_ok() {
                updates.insert(channel, update);
            }
        }
        if neighbour.onion.is_valid() {
            let onion = neighbour.onion;
            self.routing.neighbours.insert(peer, Neighbourhood { onion, updates });
        }
    }
}
