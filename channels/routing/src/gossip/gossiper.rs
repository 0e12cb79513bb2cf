// SPDX-License-Identifier: Apache-2.0

//! The machine of gossip: messages in, messages out, and a graph that holds what is true.
//!
//! It has no clock, socket or chain. The owner passes it messages with the time, sends what comes
//! out, asks the chain about [`Gossiper::lookups`], and passes on the chain's news.

use crate::{
    gossip::{
        announcing::ChannelAnnouncement,
        digests::{Digest, Key},
        error::GossipError,
        introducing::{IntroductionError, NodeAnnouncement},
        limits::{COST_OF_ANNOUNCEMENT, COST_OF_RUBBISH, GossipLimits, PeerState},
        lookups::{ChainLookup, Lookup, Waiting, WaitingRoom},
        message::{GossipMessage, MAX_WANTED},
        updating::{ChannelUpdate, UpdateError, ValidatedUpdate},
    },
    graph::{Graph, GraphError, GraphLimits},
    names::{Moment, NodeId},
};
use millrace_primitives_channels::{ChannelId, Hash, channel_id};
use polkadot_sdk::sp_runtime::BoundedVec;
use std::collections::{BTreeMap, BTreeSet};

/// What the owner has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send bytes to one peer.
    Send {
        /// The peer.
        to: NodeId,
        /// The message.
        bytes: Vec<u8>,
    },
    /// Send bytes to all peers but one, who knows already. Nobody has to get them: what a peer
    /// misses it finds when it compares.
    Relay {
        /// Who brought the news; nothing if they are the owner's own.
        except: Option<NodeId>,
        /// The message.
        bytes: Vec<u8>,
    },
}

/// One node's part in gossip.
#[derive(Clone, Debug)]
pub struct Gossiper {
    pub(super) genesis: Hash,
    pub(super) graph: Graph,
    pub(super) limits: GossipLimits,
    pub(super) peers: BTreeMap<NodeId, PeerState>,
    waiting: WaitingRoom,
    /// The digest of each bucket of the graph, and the bucket's revision when it was made.
    pub(super) digests: Vec<(u64, Digest)>,
}

impl Gossiper {
    /// A node `own` on the network with this genesis hash that knows nothing yet.
    pub fn new(
        own: NodeId,
        genesis: Hash,
        graph_limits: GraphLimits,
        limits: GossipLimits,
    ) -> Self {
        Self {
            genesis,
            graph: Graph::new(own, graph_limits),
            waiting: WaitingRoom::new(limits.waiting, limits.waiting_of_peer),
            limits,
            peers: BTreeMap::new(),
            digests: Vec::new(),
        }
    }

    /// What is known.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// To pass on the chain's news: channels that were closed or resized.
    pub fn graph_mut(&mut self) -> &mut Graph {
        &mut self.graph
    }

    /// A message came in. `peer` is who sent it, as the transport has authenticated it.
    pub fn receive(
        &mut self,
        peer: NodeId,
        bytes: &[u8],
        now: &Moment,
    ) -> Result<Vec<Output>, GossipError> {
        self.pay(peer, 1, now)?;
        let result = self.read(peer, bytes, now);
        if result.as_ref().is_err_and(GossipError::is_rubbish)
            && let Some(allowance) = self.peers.get_mut(&peer)
        {
            // Takes all that is left if that is less.
            let left = allowance.messages.left(now.millis);
            allowance.messages.take(COST_OF_RUBBISH.min(left), now.millis);
        }
        result
    }

    fn read(
        &mut self,
        peer: NodeId,
        bytes: &[u8],
        now: &Moment,
    ) -> Result<Vec<Output>, GossipError> {
        match GossipMessage::from_bytes(bytes)? {
            GossipMessage::Channel(announcement) => {
                self.on_channel(peer, announcement, now)?;
                Ok(Vec::new())
            }
            GossipMessage::Update(update) => self.on_update(Some(peer), update, now),
            GossipMessage::Node(node) => self.on_node(Some(peer), node, now),
            GossipMessage::Compare(compare) => self.on_compare(peer, &compare, now),
            GossipMessage::Inventory(inventory) => self.on_inventory(peer, &inventory),
            GossipMessage::Want(keys) => Ok(self.on_want(peer, &keys, now)),
        }
    }

    /// An announcement waits for the chain, if its signatures fit and it is new.
    fn on_channel(
        &mut self,
        peer: NodeId,
        announcement: ChannelAnnouncement,
        now: &Moment,
    ) -> Result<(), GossipError> {
        let id = channel_id(&self.genesis, &announcement.claim.params);
        if self.graph.channel(&id).is_some() || self.waiting.has(&id) {
            return Ok(());
        }
        self.pay(peer, COST_OF_ANNOUNCEMENT, now)?;
        let signed = announcement.verify(&self.genesis)?;
        if !self.graph.follows(signed.asset()) {
            return Err(GraphError::NotFollowed { asset: signed.asset() }.into());
        }
        if self.waiting.enter(signed, peer, now.millis) {
            Ok(())
        } else {
            Err(GossipError::NoRoom { peer })
        }
    }

    fn on_update(
        &mut self,
        peer: Option<NodeId>,
        update: ChannelUpdate,
        now: &Moment,
    ) -> Result<Vec<Output>, GossipError> {
        let (channel, direction) = (update.offer.channel, update.offer.direction);
        if let Some(waiting) = self.waiting.get_mut(&channel) {
            // It comes with its announcement, and will be passed on with it.
            let (node, _) = direction.ends(waiting.channel.nodes());
            let slot = direction.of_mut(&mut waiting.updates);
            let sequence = slot.as_ref().map(ValidatedUpdate::sequence);
            *slot = Some(update.verify(&self.genesis, &node, sequence, now)?);
            return Ok(Vec::new());
        }
        let known = self.graph.channel(&channel).ok_or(UpdateError::UnknownChannel { channel })?;
        let (node, _) = direction.ends(known.channel().nodes());
        let sequence = known.update(direction).map(|update| update.sequence());
        let validated = update.verify(&self.genesis, &node, sequence, now)?;
        self.graph.add_update(validated)?;
        Ok(vec![relay(peer, &GossipMessage::Update(update))])
    }

    fn on_node(
        &mut self,
        peer: Option<NodeId>,
        announcement: NodeAnnouncement,
        now: &Moment,
    ) -> Result<Vec<Output>, GossipError> {
        let node = announcement.introduction.node;
        let known = self.graph.node(&node).ok_or(IntroductionError::NoChannel { node })?;
        let sequence = known.introduction().map(|known| known.sequence());
        let validated = announcement.verify(&self.genesis, sequence, now)?;
        let output = relay(peer, &GossipMessage::Node(validated.announcement().clone()));
        self.graph.add_node(validated)?;
        Ok(vec![output])
    }

    /// Publishes the owner's own channel, whose announcement both ends have signed.
    pub fn publish_channel(
        &mut self,
        announcement: ChannelAnnouncement,
        chain: &impl ChainLookup,
        now: &Moment,
    ) -> Result<Vec<Output>, GossipError> {
        let own = self.graph.own();
        let signed = announcement.verify(&self.genesis)?;
        let id = signed.id();
        self.waiting.leave(&id);
        if !self.waiting.enter(signed, own, now.millis) {
            return Err(GossipError::NoRoom { peer: own });
        }
        Ok(self.settle(&id, chain, &mut Strangers::new(), now).unwrap_or_default())
    }

    /// Publishes the owner's own terms. They must be [`crate::gossip::updating::MIN_SPACING`] later
    /// than those before, as everybody else asks for that too.
    pub fn publish_update(
        &mut self,
        update: ChannelUpdate,
        now: &Moment,
    ) -> Result<Vec<Output>, GossipError> {
        self.on_update(None, update, now)
    }

    /// Publishes the owner's own introduction.
    pub fn publish_node(
        &mut self,
        announcement: NodeAnnouncement,
        now: &Moment,
    ) -> Result<Vec<Output>, GossipError> {
        self.on_node(None, announcement, now)
    }

    /// The channels that wait for the chain's word, in ascending order.
    pub fn lookups(&self) -> impl Iterator<Item = ChannelId> + '_ {
        self.waiting.channels()
    }

    /// Takes the chain's word for every announcement that waits and that `chain` knows about.
    ///
    /// What is absent is dropped: who announced it too early will be heard again when it compares.
    pub fn look_up(&mut self, chain: &impl ChainLookup, now: &Moment) -> Vec<Output> {
        let waiting: Vec<ChannelId> = self.waiting.channels().collect();
        let mut outputs = Vec::new();
        let mut strangers = Strangers::new();
        for id in &waiting {
            outputs.extend(self.settle(id, chain, &mut strangers, now).into_iter().flatten());
        }
        outputs.extend(strangers.into_iter().flat_map(|(from, nodes)| ask_who(from, &nodes)));
        self.waiting.expire(now.millis.saturating_sub(self.limits.patience));
        outputs
    }

    /// Decides about one announcement, and notes which of its ends have not introduced themselves;
    /// nothing if the chain's word is not known, or it knows no such channel.
    fn settle(
        &mut self,
        id: &ChannelId,
        chain: &impl ChainLookup,
        strangers: &mut Strangers,
        now: &Moment,
    ) -> Option<Vec<Output>> {
        let facts = match chain.channel(id) {
            Lookup::Unknown => return None,
            Lookup::Absent => None,
            Lookup::Found(facts) => Some(facts),
        };
        let Waiting { channel, from, updates, .. } = self.waiting.leave(id)?;
        let channel = channel.proven(&facts?).ok()?;
        let nodes = channel.nodes();
        let message = GossipMessage::Channel(channel.announcement().clone());
        let except = Some(from).filter(|from| *from != self.graph.own());
        // What there is no room for is not worth passing on either.
        self.graph.add_channel(channel, now.millis).ok()?;
        let mut outputs = vec![relay(except, &message)];
        for update in updates.into_iter().flatten() {
            if self.graph.add_update(update).is_ok() {
                outputs.push(relay(except, &GossipMessage::Update(*update.update())));
            }
        }
        for node in nodes {
            let known = self.graph.node(&node).and_then(|known| known.introduction());
            if known.is_none() && except.is_some() {
                strangers.entry(from).or_default().insert(node);
            }
        }
        Some(outputs)
    }

    /// Takes `tokens` from a peer's allowance.
    pub(super) fn pay(
        &mut self,
        peer: NodeId,
        tokens: u32,
        now: &Moment,
    ) -> Result<(), GossipError> {
        if !self.peers.contains_key(&peer) {
            if self.peers.len() >= self.limits.peers {
                // Those who have all they may have lose nothing by being forgotten.
                self.peers.retain(|_, allowance| !allowance.is_full(now.millis));
            }
            if self.peers.len() >= self.limits.peers {
                return Err(GossipError::TooManyPeers { peers: self.limits.peers });
            }
            self.peers.insert(peer, PeerState::new(&self.limits, now.millis));
        }
        let is_paid = self
            .peers
            .get_mut(&peer)
            .is_some_and(|allowance| allowance.messages.take(tokens, now.millis));
        if is_paid { Ok(()) } else { Err(GossipError::TooMuch { peer }) }
    }
}

fn relay(except: Option<NodeId>, message: &GossipMessage) -> Output {
    Output::Relay { except, bytes: message.to_bytes() }
}

/// Ends of new channels that have not introduced themselves, by who brought the channels.
type Strangers = BTreeMap<NodeId, BTreeSet<NodeId>>;

/// Asks who the ends of new channels are: what they said before was not kept.
fn ask_who(from: NodeId, nodes: &BTreeSet<NodeId>) -> Vec<Output> {
    let keys: Vec<Key> = nodes.iter().map(Key::of_node).collect();
    let want = |keys: &[Key]| {
        let keys = BoundedVec::truncate_from(keys.to_vec());
        Output::Send { to: from, bytes: GossipMessage::Want(keys).to_bytes() }
    };
    keys.chunks(MAX_WANTED as usize).map(want).collect()
}
