// SPDX-License-Identifier: Apache-2.0

//! This party's own channels in public: announced when both ends agree, with its terms.

use super::{Node, gossiping::Answer};
use crate::{
    error::CommandError,
    frame::{AnnounceFrame, Frame},
    input::{CommandId, Millis},
    keys::RoutingKeys,
    live::{Slot, asleep},
    output::{Output, Reply},
    peer::Peer,
    write::Write,
};
use millrace_channels_protocol::Signer;
use millrace_channels_routing::{
    Direction, Lookup, NodeId, NodeSigner, Terms,
    fees::TermsError,
    gossip::{
        ChannelAnnouncement,
        announcing::{ChannelFacts, Claim},
        introducing::Introduction,
        updating::{MIN_SPACING, Offer},
    },
};
use millrace_primitives_channels::{Balance, ChannelId, Hash};

/// How often a peer is asked to agree to an announcement, in milliseconds.
pub(super) const ANNOUNCE_EVERY: Millis = 10_000;

/// How often this party's terms and introduction are said again, in milliseconds.
const RENEW_EVERY: Millis = 24 * 60 * 60 * 1_000;

impl Node {
    /// Agrees to announce a channel.
    pub(crate) fn announce(
        &mut self,
        id: CommandId,
        channel: ChannelId,
    ) -> Result<(), CommandError> {
        self.keys.routing().ok_or(CommandError::NoRouting)?;
        if !self.channels.contains_key(&channel) && !self.openings.contains_key(&channel) {
            return Err(CommandError::UnknownChannel { channel });
        }
        self.routing.publicity.wanted.insert(channel);
        let ticket = self.journal.write(vec![Write::PutAnnounced { channel }]);
        let reply = Output::Reply { id, result: Ok(Reply::Done) };
        self.journal.release(ticket, reply, &mut self.out);
        self.send_consent(channel);
        Ok(())
    }

    /// Sets what is asked for forwarding.
    pub(crate) fn set_fees(
        &mut self,
        id: CommandId,
        channel: Option<ChannelId>,
        terms: Terms,
    ) -> Result<(), CommandError> {
        let unpayable = |error: TermsError| CommandError::BadFees { reason: error.to_string() };
        terms.verify().map_err(unpayable)?;
        let least = self.config.policy.expiry_delta();
        if terms.expiry_delta < least {
            let (delta, what) = (terms.expiry_delta, "blocks are too few to be paid in time");
            let reason = format!("an expiry delta of {delta} {what}, {least} are the least");
            return Err(CommandError::BadFees { reason });
        }
        if let Some(channel) = channel
            && !self.channels.contains_key(&channel)
        {
            return Err(CommandError::UnknownChannel { channel });
        }
        self.routing.fees.insert(channel, terms);
        self.routing.publicity.told.clear();
        let ticket = self.journal.write(vec![Write::PutFees { channel, terms }]);
        let reply = Output::Reply { id, result: Ok(Reply::Done) };
        self.journal.release(ticket, reply, &mut self.out);
        Ok(())
    }

    /// What both ends of a channel of this party's sign to announce it.
    fn claim(&self, channel: ChannelId) -> Option<(Claim, usize, Balance)> {
        let place = self.place_of(channel).filter(|place| place.is_usable)?;
        let params = match self.channels.get(&channel)? {
            Slot::Awake(live) => live.terms.params.clone(),
            Slot::Asleep(bytes) => asleep(bytes).ok()?.0.params,
            _ => return None,
        };
        let (me, peer) = (NodeId(self.me.0), NodeId(place.peer.0));
        let nodes = if place.position == 0 { [me, peer] } else { [peer, me] };
        Some((Claim { params, nodes }, usize::from(place.position), place.deposit))
    }

    fn consent_of(&self, keys: &RoutingKeys, channel: ChannelId, claim: &Claim) -> AnnounceFrame {
        let payload: Hash = claim.payload(&self.genesis);
        AnnounceFrame {
            channel,
            channel_signature: self.keys.signer().sign_state(&payload),
            node_signature: claim.sign(&self.genesis, &keys.node),
        }
    }

    /// Tells the peer that this party agrees to announce their channel.
    pub(super) fn send_consent(&mut self, channel: ChannelId) {
        let Some(keys) = self.keys.routing().cloned() else { return };
        let Some((claim, _, _)) = self.claim(channel) else { return };
        let Some(peer) = self.peer_of(channel) else { return };
        let consent = self.consent_of(&keys, channel, &claim);
        self.routing.publicity.asked.insert(channel, self.now);
        self.send_frame(peer, &Frame::Announce(Box::new(consent)));
    }

    /// A peer agrees to announce a channel.
    pub(crate) fn consent_came(&mut self, peer: Peer, consent: AnnounceFrame) {
        let channel = consent.channel;
        let is_with = self.by_peer.get(&peer).is_some_and(|known| known.contains(&channel));
        let Some(keys) = self.keys.routing().cloned().filter(|_| is_with) else { return };
        if !self.routing.publicity.wanted.contains(&channel) {
            if !self.config.routing.is_public || self.verify_may_sign().is_err() {
                return;
            }
            self.routing.publicity.wanted.insert(channel);
            self.journal.write(vec![Write::PutAnnounced { channel }]);
        }
        let asked = self.routing.publicity.asked.get(&channel).copied();
        if asked.is_none_or(|asked| self.now.saturating_sub(asked) >= ANNOUNCE_EVERY / 2) {
            self.send_consent(channel);
        }
        if self.graph().channel(&channel).is_none() {
            self.publish(peer, &keys, consent);
        }
    }

    /// Publishes a channel that both ends agree to announce.
    fn publish(&mut self, peer: Peer, keys: &RoutingKeys, theirs: AnnounceFrame) {
        let channel = theirs.channel;
        let Some((claim, position, deposit)) = self.claim(channel) else { return };
        let ours = self.consent_of(keys, channel, &claim);
        let [first, second] = if position == 0 { [ours, theirs] } else { [theirs, ours] };
        let announcement = ChannelAnnouncement {
            claim,
            channel_signatures: [first.channel_signature, second.channel_signature],
            node_signatures: [first.node_signature, second.node_signature],
        };
        let (moment, at) = (self.moment(), self.height);
        // Its own channels this party knows from the chain.
        let facts = ChannelFacts { channel, deposit, opened_at: 0, at, is_open: true };
        let answer = Answer(channel, Lookup::Found(facts));
        match self.routing.gossiper.publish_channel(announcement, &answer, &moment) {
            Ok(outputs) => self.spread(outputs),
            Err(error) => return self.strike(peer, Some(channel), error.to_string()),
        }
        // What the peer said of its terms came before the channel was public.
        let known = self.routing.neighbours.get(&peer);
        if let Some(update) = known.and_then(|known| known.updates.get(&channel)).copied()
            && let Ok(outputs) = self.routing.gossiper.publish_update(update, &moment)
        {
            self.spread(outputs);
        }
        self.publish_terms(channel);
        self.introduce();
        self.compare_with(peer);
    }

    /// Publishes this party's terms for a channel, if they have changed or are old.
    pub(super) fn publish_terms(&mut self, channel: ChannelId) {
        let Some(keys) = self.keys.routing().cloned() else { return };
        let Some(position) = self.position_in(channel) else { return };
        let direction = if position == 0 { Direction::Forth } else { Direction::Back };
        let terms = self.terms_of(&channel);
        let Some(known) = self.graph().channel(&channel) else { return };
        if let Some(known) = known.update(direction) {
            let age = self.now.saturating_sub(known.sequence());
            let is_same = *known.terms() == terms;
            if age < MIN_SPACING || (is_same && age < RENEW_EVERY) {
                return;
            }
        }
        let offer = Offer { channel, direction, sequence: self.now, terms };
        let update = offer.sign(&self.genesis, &keys.node);
        self.routing.publicity.updates.insert(channel, update);
        let moment = self.moment();
        if let Ok(outputs) = self.routing.gossiper.publish_update(update, &moment) {
            self.spread(outputs);
        }
    }

    /// Says who this node is, to those who want to make packets for it.
    pub(super) fn introduce(&mut self) {
        let Some(keys) = self.keys.routing().cloned() else { return };
        let last = self.routing.publicity.introduced;
        let is_known =
            self.graph().node(&keys.node.node()).is_some_and(|it| it.introduction().is_some());
        if is_known && last.is_some_and(|last| self.now.saturating_sub(last) < RENEW_EVERY) {
            return;
        }
        let introduction = Introduction {
            node: keys.node.node(),
            sequence: self.now,
            onion_key: keys.onion.public(),
            addresses: Default::default(),
            alias: Default::default(),
        };
        let (announcement, moment) = (introduction.sign(&self.genesis, &keys.node), self.moment());
        if let Ok(outputs) = self.routing.gossiper.publish_node(announcement, &moment) {
            self.routing.publicity.introduced = Some(self.now);
            self.spread(outputs);
        }
    }

    /// A channel of this party's is not for payments any more.
    pub(crate) fn unpublish(&mut self, channel: ChannelId) {
        self.routing.gossiper.graph_mut().remove_channel(&channel);
    }

    /// A channel is forgotten. Returns what forgets its terms and its announcement.
    pub(crate) fn forget_public(&mut self, channel: ChannelId) -> Option<Write> {
        let publicity = &mut self.routing.publicity;
        publicity.updates.remove(&channel);
        publicity.asked.remove(&channel);
        let was_wanted = publicity.wanted.remove(&channel);
        let had_fees = self.routing.fees.remove(&Some(channel)).is_some();
        (was_wanted || had_fees).then_some(Write::RemovePublic { channel })
    }
}
