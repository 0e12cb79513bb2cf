// SPDX-License-Identifier: Apache-2.0

//! The gossiper's part for newcomers, and for who missed something.
//!
//! ```text
//! asker                                         peer
//!   Compare { from, digests }        ────────►   lists what it has in the buckets that differ
//!   what is news in it?              ◄────────   Inventory { entries, next }
//!   Want [keys]                      ────────►
//!   verifies each as any other news  ◄────────   Channel, Update, Node, …
//!   Compare { from: next, digests }  ────────►   …
//! ```
//!
//! The peer keeps nothing between two messages, the asker one place, which only ascends. Every
//! message has a bound, and what a peer makes us send comes out of its allowance.

use crate::{
    gossip::{
        digests::{Digest, Entry, Key, Kind, digest_of},
        error::GossipError,
        gossiper::{Gossiper, Output},
        limits::COST_OF_COMPARISON,
        message::{Compare, Digests, GossipMessage, Inventory, MAX_ENTRIES, MAX_WANTED},
    },
    names::{Direction, Moment, NodeId},
};
use millrace_primitives_channels::ChannelId;
use polkadot_sdk::sp_runtime::BoundedVec;

impl Gossiper {
    /// Asks a peer what it knows that we do not: after connecting, and every hour or so.
    pub fn compare_with(&mut self, peer: NodeId, now: &Moment) -> Result<Output, GossipError> {
        self.pay(peer, 0, now)?;
        Ok(self.compare_from(peer, Key::FIRST))
    }

    fn compare_from(&mut self, peer: NodeId, from: Key) -> Output {
        if let Some(state) = self.peers.get_mut(&peer) {
            state.asked_from = Some(from);
        }
        let digests = Digests::truncate_from(self.own_digests());
        send(peer, &GossipMessage::Compare(Compare { from, digests }))
    }

    /// Lists what we have where the two differ.
    pub(super) fn on_compare(
        &mut self,
        peer: NodeId,
        compare: &Compare,
        now: &Moment,
    ) -> Result<Vec<Output>, GossipError> {
        self.pay(peer, COST_OF_COMPARISON, now)?;
        let own = self.own_digests();
        let most = MAX_ENTRIES as usize;
        let mut entries: Vec<Entry> = Vec::new();
        let mut next = None;
        for bucket in compare.from.bucket()..=u8::MAX {
            let place = usize::from(bucket);
            if own.get(place) == compare.digests.get(place) {
                continue;
            }
            let listed = self.graph.entries(bucket);
            entries.extend(listed.into_iter().filter(|entry| entry.key >= compare.from));
            if entries.len() > most {
                next = entries.get(most).map(|entry| entry.key);
                entries.truncate(most);
                break;
            }
        }
        let entries = BoundedVec::truncate_from(entries);
        let output = send(peer, &GossipMessage::Inventory(Inventory { entries, next }));
        Ok(self.affordable(peer, output, now).into_iter().collect())
    }

    /// Asks for what is news in an inventory, and for the rest of the inventory.
    pub(super) fn on_inventory(
        &mut self,
        peer: NodeId,
        inventory: &Inventory,
    ) -> Result<Vec<Output>, GossipError> {
        let state = self.peers.get_mut(&peer);
        let from = state.and_then(|state| state.asked_from.take());
        // Places ascend and only full inventories go on, so that a comparison ends whatever the
        // peer answers, and costs it more than it costs us.
        let is_full = inventory.entries.len() == MAX_ENTRIES as usize;
        let last = inventory.entries.last().map(|entry| entry.key);
        let goes_on = |next| is_full && Some(next) > last;
        let is_forward = from.is_some_and(|from| {
            inventory.entries.iter().all(|entry| entry.key >= from)
                && inventory.entries.is_sorted_by(|one, other| one.key < other.key)
                && inventory.next.is_none_or(goes_on)
        });
        if !is_forward {
            return Err(GossipError::Unasked { peer });
        }
        let news: Vec<Key> = inventory
            .entries
            .iter()
            .filter(|entry| entry.has_news_for(self.graph.entry(&entry.key).as_ref()))
            .map(|entry| entry.key)
            .collect();
        let mut outputs: Vec<Output> = news
            .chunks(MAX_WANTED as usize)
            .map(|keys| send(peer, &GossipMessage::Want(BoundedVec::truncate_from(keys.to_vec()))))
            .collect();
        outputs.extend(inventory.next.map(|next| self.compare_from(peer, next)));
        Ok(outputs)
    }

    /// Sends what is asked for, as far as the peer's allowance goes.
    pub(super) fn on_want(&mut self, peer: NodeId, keys: &[Key], now: &Moment) -> Vec<Output> {
        let mut outputs = Vec::new();
        for message in keys.iter().flat_map(|key| self.told_by(key)).collect::<Vec<_>>() {
            match self.affordable(peer, send(peer, &message), now) {
                Some(output) => outputs.push(output),
                None => break,
            }
        }
        outputs
    }

    /// The messages that tell what is under a key: a channel comes with its terms.
    fn told_by(&self, key: &Key) -> Vec<GossipMessage> {
        let introduction = |node: &NodeId| {
            let known = self.graph.node(node)?.introduction()?;
            Some(GossipMessage::Node(known.announcement().clone()))
        };
        match key.kind {
            Kind::Node => introduction(&NodeId(key.bytes)).into_iter().collect(),
            Kind::Channel => {
                let Some(known) = self.graph.channel(&ChannelId::from(key.bytes)) else {
                    return Vec::new();
                };
                let mut told = vec![GossipMessage::Channel(known.channel().announcement().clone())];
                let terms = Direction::BOTH.into_iter().filter_map(|side| known.update(side));
                told.extend(terms.map(|update| GossipMessage::Update(*update.update())));
                told
            }
        }
    }

    /// The output, if the peer may still make us send that much.
    fn affordable(&mut self, peer: NodeId, output: Output, now: &Moment) -> Option<Output> {
        let Output::Send { bytes, .. } = &output else { return Some(output) };
        let size = bytes.len();
        self.peers.get_mut(&peer)?.pay(size, now.millis).then_some(output)
    }

    /// The digest of each bucket, made anew only where something has changed.
    fn own_digests(&mut self) -> Vec<Digest> {
        let graph = &self.graph;
        if self.digests.is_empty() {
            let buckets = 0..=u8::MAX;
            self.digests = buckets
                .map(|bucket| (graph.changed_at(bucket), digest_of(graph, bucket)))
                .collect();
        }
        for (bucket, (made_at, digest)) in (0..=u8::MAX).zip(&mut self.digests) {
            let changed_at = graph.changed_at(bucket);
            if *made_at != changed_at {
                (*made_at, *digest) = (changed_at, digest_of(graph, bucket));
            }
        }
        self.digests.iter().map(|(_, digest)| *digest).collect()
    }
}

fn send(to: NodeId, message: &GossipMessage) -> Output {
    Output::Send { to, bytes: message.to_bytes() }
}
