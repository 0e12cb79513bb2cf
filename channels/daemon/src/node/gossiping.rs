// SPDX-License-Identifier: Apache-2.0

//! Public channels: heard of, told on, and looked up on the chain. This party's own ones have a chapter
//! of their own, `publishing`.
//!
//! The graph is kept in memory; after a restart, peers tell it again, and whoever runs the node may
//! have written down what was known ([`crate::graph`]). What the chain says about channels of others is
//! asked for by [`Output::LookUp`], a few at a time, because a stranger's announcement is what causes
//! it.

use super::{Node, publishing::ANNOUNCE_EVERY};
use crate::{
    frame::{Frame, MAX_UPDATES, Neighbour},
    graph::{Recalled, RecalledChannel},
    input::Millis,
    output::Output,
    peer::Peer,
};
use millrace_channels_routing::{
    ChainLookup, Graph, Lookup, NodeId, Output as GossipOutput, gossip::ChannelUpdate,
    names::Moment,
};
use millrace_primitives_channels::ChannelId;
use polkadot_sdk::sp_runtime::BoundedVec;
use std::collections::{BTreeMap, BTreeSet};

/// How often a peer's graph is compared with this one, in milliseconds.
const COMPARE_EVERY: Millis = 60_000;

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
    pub(super) asked: BTreeMap<ChannelId, Millis>,
    /// This party's signed terms, of public channels and others.
    pub(crate) updates: BTreeMap<ChannelId, ChannelUpdate>,
    /// Of how many channels each peer was told the terms.
    pub(super) told: BTreeMap<Peer, usize>,
    /// When each peer's graph was compared last.
    compared: BTreeMap<Peer, Millis>,
    /// When this node introduced itself last.
    pub(super) introduced: Option<Millis>,
    /// Questions to the chain, and when they were asked.
    questions: BTreeMap<ChannelId, Millis>,
    /// The channel of the graph that the chain was asked about last.
    checked: ChannelId,
    /// Channels that were known before a restart, until the chain has been asked about them.
    recalled: BTreeSet<ChannelId>,
    pruned: Millis,
}

/// What the chain says about one channel.
pub(super) struct Answer(pub(super) ChannelId, pub(super) Lookup);

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

    pub(super) fn compare_with(&mut self, peer: Peer) {
        let moment = self.moment();
        self.routing.publicity.compared.insert(peer, self.now);
        // Whoever has used up its share is asked later.
        if let Ok(output) = self.routing.gossiper.compare_with(NodeId(peer.0), &moment) {
            self.spread(vec![output]);
        }
    }

    /// Sends what gossip wants sent.
    pub(super) fn spread(&mut self, outputs: Vec<GossipOutput>) {
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
