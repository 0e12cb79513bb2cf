// SPDX-License-Identifier: Apache-2.0

//! Public channels: announced when both ends agree, told on, and looked up on the chain.
//!
//! The graph is kept in memory; after a restart, peers tell it again, and whoever runs the node may
//! have written down what was known ([`crate::graph`]). What the chain says about channels of others is
//! asked for by [`Output::LookUp`], a few at a time, because a stranger's announcement is what causes
//! it.

use super::Node;
use crate::{
    error::CommandError,
    frame::{AnnounceFrame, Frame, MAX_UPDATES, Neighbour},
    graph::{Recalled, RecalledChannel},
    input::{CommandId, Millis},
    keys::RoutingKeys,
    live::{Slot, asleep},
    output::{Output, Reply},
    peer::Peer,
    write::Write,
};
use millrace_channels_protocol::Signer;
use millrace_channels_routing::{
    ChainLookup, Direction, Graph, Lookup, NodeId, NodeSigner, Output as GossipOutput, Terms,
    fees::TermsError,
    gossip::{
        ChannelAnnouncement, ChannelUpdate,
        announcing::{ChannelFacts, Claim},
        introducing::Introduction,
        updating::{MIN_SPACING, Offer},
    },
    names::Moment,
};
use millrace_primitives_channels::{Balance, ChannelId, Hash};
use polkadot_sdk::sp_runtime::BoundedVec;
use std::collections::{BTreeMap, BTreeSet};

/// How often a peer's graph is compared with this one, in milliseconds.
const COMPARE_EVERY: Millis = 60_000;

/// How often a peer is asked to agree to an announcement, in milliseconds.
const ANNOUNCE_EVERY: Millis = 10_000;

/// How often this party's terms and introduction are said again, in milliseconds.
const RENEW_EVERY: Millis = 24 * 60 * 60 * 1_000;

/// How often what nobody has renewed is forgotten, in milliseconds.
const PRUNE_EVERY: Millis = 60 * 60 * 1_000;

/// Questions to the chain that may be open.
const MAX_QUESTIONS: usize = 16;

/// For how long the chain may think about a question, in milliseconds.
const ANSWER_WAIT: Millis = 30_000;

/// What a node does to be found.
#[derive(Debug, Default)]
pub(crate) struct Publicity {
    /// Channels that this party agrees to announce.
    pub(crate) wanted: BTreeSet<ChannelId>,
    /// When each peer was asked to agree.
    asked: BTreeMap<ChannelId, Millis>,
    /// This party's signed terms, of public channels and others.
    pub(crate) updates: BTreeMap<ChannelId, ChannelUpdate>,
    /// Of how many channels each peer was told the terms.
    told: BTreeMap<Peer, usize>,
    /// When each peer's graph was compared last.
    compared: BTreeMap<Peer, Millis>,
    /// When this node introduced itself last.
    introduced: Option<Millis>,
    /// Questions to the chain, and when they were asked.
    questions: BTreeMap<ChannelId, Millis>,
    /// The channel of the graph that the chain was asked about last.
    checked: ChannelId,
    /// Channels that were known before a restart, until the chain has been asked about them.
    recalled: BTreeSet<ChannelId>,
    pruned: Millis,
}

/// What the chain says about one channel.
struct Answer(ChannelId, Lookup);

impl ChainLookup for Answer {
    fn channel(&self, channel: &ChannelId) -> Lookup {
        if *channel == self.0 { self.1 } else { Lookup::Unknown }
    }
}

impl Node {
    /// The time as routing wants it.
    pub(crate) fn moment(&self) -> Moment {
        Moment { millis: self.now, block: self.height }
    }

    /// What is known of public channels.
    pub fn graph(&self) -> &Graph {
        self.routing.gossiper.graph()
    }

    /// Takes in what was known before a restart. It counts at once; the chain is asked about each
    /// channel as soon as it has time for that.
    pub fn recall(&mut self, recalled: Recalled) {
        let (routing, now) = (&mut self.routing, self.now);
        let graph = routing.gossiper.graph_mut();
        for RecalledChannel { channel, updates } in recalled.channels {
            let id = channel.id();
            // There may be no room any more.
            if graph.add_channel(channel, now).is_err() {
                continue;
            }
            for update in updates {
                // Newer terms may have come already; the same holds for introductions.
                let _ = graph.add_update(update);
            }
            routing.publicity.recalled.insert(id);
        }
        for node in recalled.nodes {
            let _ = graph.add_node(node);
        }
    }

    /// A new connection: both sides say what they need for packets, and find out what they do not
    /// both know.
    pub(crate) fn greet(&mut self, peer: Peer) {
        if self.keys.routing().is_none() {
            return;
        }
        self.routing.publicity.told.remove(&peer);
        self.tell_neighbour(peer);
        self.compare_with(peer);
        for channel in self.channels_of(&peer) {
            if self.routing.publicity.wanted.contains(&channel) {
                self.send_consent(channel);
            }
        }
    }

    /// A connection is gone.
    pub(crate) fn take_leave(&mut self, peer: &Peer) {
        self.routing.publicity.told.remove(peer);
        self.routing.publicity.compared.remove(peer);
    }

    /// Tells a peer with channels this party's key and terms, unless it knows.
    pub(crate) fn tell_neighbour(&mut self, peer: Peer) {
        let channels = self.channels_of(&peer);
        let known = self.routing.publicity.told.get(&peer);
        if channels.is_empty() || known == Some(&channels.len()) {
            return;
        }
        let Some(keys) = self.keys.routing().cloned() else { return };
        let few = channels.iter().take(MAX_UPDATES as usize);
        let updates: Vec<_> = few.filter_map(|channel| self.own_update(*channel)).collect();
        let updates = BoundedVec::truncate_from(updates);
        let neighbour = Neighbour { onion: keys.onion.public(), updates };
        self.routing.publicity.told.insert(peer, channels.len());
        self.send_frame(peer, &Frame::Neighbour(Box::new(neighbour)));
    }

    fn compare_with(&mut self, peer: Peer) {
        let moment = self.moment();
        self.routing.publicity.compared.insert(peer, self.now);
        // Whoever has used up its share is asked later.
        if let Ok(output) = self.routing.gossiper.compare_with(NodeId(peer.0), &moment) {
            self.spread(vec![output]);
        }
    }

    /// Sends what gossip wants sent.
    fn spread(&mut self, outputs: Vec<GossipOutput>) {
        for output in outputs {
            match output {
                GossipOutput::Send { to, bytes } => {
                    self.send_frame(Peer(to.0), &Frame::Gossip(bytes));
                }
                GossipOutput::Relay { except, bytes } => {
                    let except = except.map(|node| Peer(node.0));
                    let peers: Vec<_> = self.contacts.keys().copied().collect();
                    for peer in peers.into_iter().filter(|peer| Some(*peer) != except) {
                        self.send_frame(peer, &Frame::Gossip(bytes.clone()));
                    }
                }
            }
        }
    }

    /// A message of gossip came.
    pub(crate) fn gossip_came(&mut self, peer: Peer, bytes: &[u8]) {
        if self.keys.routing().is_none() {
            return;
        }
        let moment = self.moment();
        match self.routing.gossiper.receive(NodeId(peer.0), bytes, &moment) {
            Ok(outputs) => self.spread(outputs),
            Err(error) if error.is_rubbish() => self.strike(peer, None, error.to_string()),
            // It is news to nobody, or this node has no room for it.
            Err(_) => {}
        }
        self.ask_the_chain();
    }

    /// Asks the chain about announcements that wait for its word.
    fn ask_the_chain(&mut self) {
        let now = self.now;
        let publicity = &mut self.routing.publicity;
        let questions = &mut publicity.questions;
        questions.retain(|_, since| now.saturating_sub(*since) < ANSWER_WAIT && *since <= now);
        let room = MAX_QUESTIONS.saturating_sub(questions.len());
        let publicity = &self.routing.publicity;
        let waiting = self.routing.gossiper.lookups();
        let waiting = waiting.filter(|id| !publicity.questions.contains_key(id));
        // What is news comes before what was known.
        let recalled = publicity.recalled.iter().copied();
        let recalled = recalled.filter(|id| !publicity.questions.contains_key(id));
        for channel in waiting.chain(recalled).take(room).collect::<Vec<_>>() {
            self.ask_about(channel);
        }
    }

    fn ask_about(&mut self, channel: ChannelId) {
        self.routing.publicity.questions.insert(channel, self.now);
        self.out.push(Output::LookUp(channel));
    }

    /// What the chain says about a channel.
    pub(crate) fn chain_said(&mut self, channel: ChannelId, found: Lookup) {
        self.routing.publicity.questions.remove(&channel);
        if found != Lookup::Unknown {
            self.routing.publicity.recalled.remove(&channel);
        }
        let moment = self.moment();
        let outputs = self.routing.gossiper.look_up(&Answer(channel, found), &moment);
        self.spread(outputs);
        let graph = self.routing.gossiper.graph_mut();
        match found {
            Lookup::Found(facts) if facts.is_open => {
                let known = graph.channel(&channel).map(|known| known.channel().deposit());
                if known.is_some_and(|deposit| deposit != facts.deposit) {
                    graph.resize_channel(&channel, facts.deposit);
                }
            }
            Lookup::Found(_) | Lookup::Absent => {
                graph.remove_channel(&channel);
                self.routing.knowledge.forget(&channel);
            }
            Lookup::Unknown => {}
        }
        self.ask_the_chain();
    }

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
    fn send_consent(&mut self, channel: ChannelId) {
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
    fn publish_terms(&mut self, channel: ChannelId) {
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
    fn introduce(&mut self) {
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

    /// Time has passed.
    pub(crate) fn tick_gossip(&mut self) {
        if self.keys.routing().is_none() {
            return;
        }
        let now = self.now;
        for peer in self.contacts.keys().copied().collect::<Vec<_>>() {
            let compared = self.routing.publicity.compared.get(&peer).copied();
            if compared.is_none_or(|at| now.saturating_sub(at) >= COMPARE_EVERY || at > now) {
                // Said again, as the peer may have heard of a channel after its terms.
                self.routing.publicity.told.remove(&peer);
                self.compare_with(peer);
            }
            self.tell_neighbour(peer);
        }
        for channel in self.routing.publicity.wanted.clone() {
            if self.graph().channel(&channel).is_some() {
                self.publish_terms(channel);
                continue;
            }
            if !self.channels.contains_key(&channel) && !self.openings.contains_key(&channel) {
                // It was never opened.
                let write = self.forget_public(channel);
                self.journal.write(write.into_iter().collect());
                continue;
            }
            let asked = self.routing.publicity.asked.get(&channel).copied();
            if asked.is_none_or(|at| now.saturating_sub(at) >= ANNOUNCE_EVERY || at > now) {
                self.send_consent(channel);
            }
        }
        if !self.routing.publicity.wanted.is_empty() {
            self.introduce();
        }
        self.check_one();
        self.ask_the_chain();
        if now.saturating_sub(self.routing.publicity.pruned) >= PRUNE_EVERY {
            self.routing.publicity.pruned = now;
            let moment = self.moment();
            for channel in self.routing.gossiper.graph_mut().prune(&moment) {
                self.routing.knowledge.forget(&channel);
            }
        }
    }

    /// Asks the chain about one channel of the graph after the other: others may have closed.
    fn check_one(&mut self) {
        let last = self.routing.publicity.checked;
        let ids = || self.graph().channels().map(|known| known.channel().id());
        let next = ids().find(|id| *id > last).or_else(|| ids().next());
        let Some(next) = next else { return };
        self.routing.publicity.checked = next;
        let is_own = self.channels.contains_key(&next);
        if !is_own && self.routing.publicity.questions.len() < MAX_QUESTIONS {
            self.ask_about(next);
        }
    }
}
