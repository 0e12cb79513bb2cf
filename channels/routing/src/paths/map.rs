// SPDX-License-Identifier: Apache-2.0

//! The graph as one payment sees it: dense numbers instead of names, and everything a search reads
//! in one place.

use crate::{
    fees::Terms,
    graph::Graph,
    names::{Direction, NodeId},
    paths::{knowledge::Knowledge, likelihood::Bounds, route::Route, search::Load},
};
use millrace_primitives_channels::{Balance, ChannelAsset, ChannelId};
use std::collections::{BTreeMap, BTreeSet};

/// A channel of the payer's own. What it can send is known, and it takes no fee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnChannel {
    /// The channel.
    pub channel: ChannelId,
    /// From the payer to its peer.
    pub direction: Direction,
    /// The node at the other end. Leave out channels whose peer is not connected.
    pub peer: NodeId,
    /// What can be sent now.
    pub spendable: Balance,
    /// How many more transfers can be under way.
    pub slots: u16,
}

/// A channel that the graph does not know, from an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HintEdge {
    /// The channel.
    pub channel: ChannelId,
    /// In which direction it is used.
    pub direction: Direction,
    /// The node that forwards over it.
    pub from: NodeId,
    /// The node at its end.
    pub to: NodeId,
    /// The terms of the first.
    pub terms: Terms,
}

/// One direction of a channel on a map.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    pub(crate) channel: ChannelId,
    pub(crate) direction: Direction,
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) terms: Terms,
    pub(crate) bounds: Bounds,
    /// What is in the channel. Of hinted and own channels, what it can carry as far as is known.
    pub(crate) deposit: Balance,
    /// Its start is the payer.
    pub(crate) is_own: bool,
}

/// What one payment has found out. Nobody else is told: a hop could give each payer terms of its
/// own, and recognise the payer by what it does with them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Experience {
    /// Directions of channels that must not be used.
    pub avoided_channels: BTreeSet<(ChannelId, Direction)>,
    /// Nodes that must not be used as hops. The payee can still be paid.
    pub avoided_nodes: BTreeSet<NodeId>,
    /// Terms that a node has told the payer.
    pub terms: BTreeMap<(ChannelId, Direction), Terms>,
}

impl Experience {
    fn avoids(&self, channel: ChannelId, direction: Direction, from: &NodeId) -> bool {
        self.avoided_channels.contains(&(channel, direction)) || self.avoided_nodes.contains(from)
    }
}

/// What there is to draw a map from.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The public channels.
    pub graph: &'a Graph,
    /// What was learned about them.
    pub knowledge: &'a Knowledge,
    /// The payer's own channels of the payment's asset. Only these count, whatever the graph says.
    pub own: &'a [OwnChannel],
    /// What the invoice adds.
    pub hints: &'a [HintEdge],
    /// In milliseconds.
    pub now: u64,
}

/// The graph as one payment sees it.
#[derive(Clone, Debug)]
pub struct Map {
    payer: NodeId,
    nodes: Vec<NodeId>,
    places: BTreeMap<NodeId, usize>,
    edges: Vec<Edge>,
    /// For each node, the edges that end there.
    incoming: Vec<Vec<usize>>,
}

impl Map {
    /// Draws the map for a payment of `asset` by `payer`. Costs time in proportion to the graph;
    /// one map serves all ways of one plan.
    pub fn draw(
        view: &View<'_>,
        asset: ChannelAsset,
        payer: NodeId,
        experience: &Experience,
    ) -> Self {
        let mut map = Self {
            payer,
            nodes: Vec::new(),
            places: BTreeMap::new(),
            edges: Vec::new(),
            incoming: Vec::new(),
        };
        map.add_graph(view, asset, experience);
        for hint in view.hints {
            let is_avoided = experience.avoids(hint.channel, hint.direction, &hint.from);
            let is_public = view.graph.channel(&hint.channel).is_some();
            if is_avoided || is_public || hint.terms.verify().is_err() || hint.from == payer {
                continue;
            }
            // The payee vouches for what it can receive: no doubt about it.
            let most = hint.terms.max_amount;
            let ends = [hint.from, hint.to];
            map.add(hint.channel, hint.direction, ends, hint.terms, Bounds::exactly(most), most);
        }
        for own in view.own {
            let is_avoided = experience.avoided_channels.contains(&(own.channel, own.direction));
            if is_avoided || own.spendable == 0 {
                continue;
            }
            let terms = Terms {
                base_fee: 0,
                fee_ppm: 0,
                expiry_delta: 0,
                min_amount: 0,
                max_amount: own.spendable,
                max_in_flight: own.slots,
                is_disabled: false,
            };
            let bounds = Bounds::exactly(own.spendable);
            let ends = [payer, own.peer];
            map.add(own.channel, own.direction, ends, terms, bounds, own.spendable);
        }
        map
    }

    fn add_graph(&mut self, view: &View<'_>, asset: ChannelAsset, experience: &Experience) {
        for known in view.graph.channels().filter(|known| known.channel().asset() == asset) {
            let (channel, id) = (known.channel(), known.channel().id());
            for direction in Direction::BOTH {
                let (from, to) = direction.ends(channel.nodes());
                if from == self.payer || experience.avoids(id, direction, &from) {
                    continue;
                }
                let told = experience.terms.get(&(id, direction));
                let known_terms = known.update(direction).map(|update| update.terms());
                let Some(terms) = told.or(known_terms).filter(|terms| !terms.is_disabled) else {
                    continue;
                };
                let deposit = channel.deposit();
                let bounds = view.knowledge.bounds(&id, direction, deposit, view.now);
                self.add(id, direction, [from, to], *terms, bounds, deposit);
            }
        }
    }

    fn add(
        &mut self,
        channel: ChannelId,
        direction: Direction,
        ends: [NodeId; 2],
        terms: Terms,
        bounds: Bounds,
        deposit: Balance,
    ) {
        let [from, to] = ends.map(|node| self.place_or_new(node));
        let is_own = ends.first() == Some(&self.payer);
        if let Some(incoming) = self.incoming.get_mut(to) {
            incoming.push(self.edges.len());
        }
        self.edges.push(Edge { channel, direction, from, to, terms, bounds, deposit, is_own });
    }

    fn place_or_new(&mut self, node: NodeId) -> usize {
        let place = *self.places.entry(node).or_insert(self.nodes.len());
        if place == self.nodes.len() {
            self.nodes.push(node);
            self.incoming.push(Vec::new());
        }
        place
    }

    /// Who pays.
    pub fn payer(&self) -> NodeId {
        self.payer
    }

    /// Number of directions of channels.
    pub fn edge_count(&self) -> usize {
        self.edges.len()
    }

    /// Number of nodes.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// What the payer's channels can send in all.
    pub fn spendable(&self) -> Balance {
        let own = self.edges.iter().filter(|edge| edge.is_own);
        own.fold(0, |sum, edge| sum.saturating_add(edge.bounds.upper))
    }

    pub(crate) fn place(&self, node: &NodeId) -> Option<usize> {
        self.places.get(node).copied()
    }

    pub(crate) fn node(&self, place: usize) -> Option<NodeId> {
        self.nodes.get(place).copied()
    }

    pub(crate) fn edge(&self, index: usize) -> Option<&Edge> {
        self.edges.get(index)
    }

    /// What ways that are under way use of each edge. The payer's own channels are left out: what
    /// they can send is told anew with each map.
    pub(crate) fn loads<'a>(&self, routes: impl Iterator<Item = &'a Route>) -> Vec<Load> {
        let mut used: BTreeMap<(ChannelId, Direction), Load> = BTreeMap::new();
        for hop in routes.flat_map(|route| &route.hops) {
            let load = used.entry((hop.channel, hop.direction)).or_default();
            load.amount = load.amount.saturating_add(hop.amount);
            load.transfers = load.transfers.saturating_add(1);
        }
        let load_of = |edge: &Edge| match used.get(&(edge.channel, edge.direction)) {
            Some(load) if !edge.is_own => *load,
            _ => Load::default(),
        };
        self.edges.iter().map(load_of).collect()
    }

    pub(crate) fn incoming(&self, node: usize) -> &[usize] {
        self.incoming.get(node).map(Vec::as_slice).unwrap_or_default()
    }
}
