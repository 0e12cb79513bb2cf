// SPDX-License-Identifier: Apache-2.0

//! The cheapest way from the payer to the payee.
//!
//! What a hop must forward follows from the hops behind it, so the search goes backwards from the
//! payee, and fees and expiries add up on the way. A partial way is worth keeping if no other at
//! its node is at least as good in price, amount, expiry and hops together: Dijkstra's algorithm
//! with several labels a node (E. Martins, *On a multicriteria shortest path problem*, 1984). One
//! label a node, as elsewhere, would miss ways: the cheapest one may be too long for what comes
//! before it.
//!
//! The result is the cheapest way that keeps all limits (RO-5), unless more than [`MAX_LABELS`]
//! partial ways that are all worth keeping meet at one node; then it is a way that keeps all
//! limits, and the ones with the lowest prices were looked at.

use crate::paths::{
    likelihood::Doubt,
    map::{Edge, Map},
    request::{MAX_HOPS, Request},
};
use millrace_primitives_channels::{Balance, BlockNumber};
use std::{
    cmp::{Ordering, Reverse},
    collections::BinaryHeap,
};

/// The largest number of partial ways that are kept at one node.
pub const MAX_LABELS: usize = 8;

/// What earlier parts of the same payment use of an edge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Load {
    pub(crate) amount: Balance,
    pub(crate) transfers: u16,
}

/// What one part may cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    pub(crate) fee: Balance,
    pub(crate) expiry: BlockNumber,
    pub(crate) hops: u8,
}

impl Budget {
    pub(crate) fn of(request: &Request, fee: Balance) -> Self {
        Self { fee, expiry: request.max_expiry, hops: request.max_hops.min(MAX_HOPS) }
    }
}

/// A way as a sequence of edges, from the payer on, and what it costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) edges: Vec<usize>,
    pub(crate) price: Balance,
    pub(crate) doubt: Doubt,
}

/// A partial way: from its node to the payee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Label {
    /// What the rest costs, all preferences included.
    price: Balance,
    /// What the node has to be sent.
    amount: Balance,
    /// When that expires.
    expiry: BlockNumber,
    hops: u8,
    doubt: Doubt,
    node: usize,
    /// The edge that the way goes on with, and the label behind it; nothing at the payee.
    next: Option<(usize, usize)>,
}

impl Label {
    /// Whether this one is at least as good for whatever comes before it.
    fn dominates(&self, other: &Self) -> bool {
        self.price <= other.price
            && self.amount <= other.amount
            && self.expiry <= other.expiry
            && self.hops <= other.hops
    }

    /// The order in which labels are settled. It is total, so that results do not depend on chance.
    fn order(&self) -> (Balance, Balance, BlockNumber, u8, usize, Option<(usize, usize)>) {
        (self.price, self.amount, self.expiry, self.hops, self.node, self.next)
    }
}

impl Ord for Label {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}

impl PartialOrd for Label {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Whether an edge can carry `amount` of a part of which `delivered` arrives, and how doubtful it
/// is.
///
/// A channel whose smallest amount is above what arrives is left out, even if the fees of later
/// hops lift the amount above it: otherwise a cheaper rest of the way could be worth less than a
/// dearer one.
pub(crate) fn doubt_of(
    edge: &Edge,
    load: Load,
    amount: Balance,
    delivered: Balance,
) -> Option<Doubt> {
    let Edge { terms, bounds, .. } = edge;
    let fits = terms.min_amount <= delivered
        && amount <= terms.max_amount
        && load.transfers < terms.max_in_flight;
    if fits { bounds.doubt(load.amount, amount) } else { None }
}

/// The cheapest way for `delivered` to the node at `payee`, or nothing.
/// `loads`: what earlier parts use, one for each edge.
pub(crate) fn cheapest(
    map: &Map,
    request: &Request,
    payee: usize,
    delivered: Balance,
    budget: &Budget,
    loads: &[Load],
) -> Option<Way> {
    let payer = map.place(&map.payer())?;
    let mut settled: Vec<Label> = Vec::new();
    let mut at_node: Vec<Vec<usize>> = vec![Vec::new(); map.node_count()];
    let mut queue = BinaryHeap::from([Reverse(Label {
        price: 0,
        amount: delivered,
        expiry: request.final_expiry,
        hops: 0,
        doubt: 0,
        node: payee,
        next: None,
    })]);
    while let Some(Reverse(label)) = queue.pop() {
        let kept = at_node.get_mut(label.node)?;
        let is_better =
            |index: &usize| settled.get(*index).is_some_and(|one| one.dominates(&label));
        if kept.len() >= MAX_LABELS || kept.iter().any(is_better) {
            continue;
        }
        let index = settled.len();
        kept.push(index);
        settled.push(label);
        if label.node == payer {
            return Some(way(&settled, &label));
        }
        for edge_index in map.incoming(label.node) {
            let (Some(edge), Some(load)) = (map.edge(*edge_index), loads.get(*edge_index)) else {
                continue;
            };
            let Some(mut before) = extend(request, &label, edge, *load, delivered, budget) else {
                continue;
            };
            before.next = Some((*edge_index, index));
            let kept = at_node.get(before.node).map(Vec::as_slice).unwrap_or_default();
            let is_worse = kept.len() >= MAX_LABELS
                || kept
                    .iter()
                    .any(|one| settled.get(*one).is_some_and(|one| one.dominates(&before)));
            if !is_worse {
                queue.push(Reverse(before));
            }
        }
    }
    None
}

/// The partial way that begins one edge earlier; nothing if it breaks a limit.
fn extend(
    request: &Request,
    label: &Label,
    edge: &Edge,
    load: Load,
    delivered: Balance,
    budget: &Budget,
) -> Option<Label> {
    let hops = label.hops.checked_add(1).filter(|hops| *hops <= budget.hops)?;
    let doubt = doubt_of(edge, load, label.amount, delivered)?;
    let preferences = &request.preferences;
    let price_of_doubt = preferences.price_of_doubt(label.amount, doubt);
    // The payer forwards for itself: its own terms are zero.
    let fee = edge.terms.fee(label.amount)?;
    let amount = label.amount.checked_add(fee)?;
    let expiry = label.expiry.checked_add(edge.terms.expiry_delta)?;
    let total_fee = amount.checked_sub(delivered)?;
    if total_fee > budget.fee || expiry > budget.expiry {
        return None;
    }
    let price_of_time = preferences.price_of_time(label.amount, edge.terms.expiry_delta);
    let price =
        [fee, price_of_doubt, price_of_time].into_iter().fold(label.price, Balance::saturating_add);
    let doubt = label.doubt.saturating_add(doubt);
    Some(Label { price, amount, expiry, hops, doubt, node: edge.from, next: None })
}

/// The edges from the payer's label to the payee's.
fn way(settled: &[Label], first: &Label) -> Way {
    let mut edges = Vec::with_capacity(first.hops.into());
    let mut next = first.next;
    while let Some((edge, label)) = next {
        edges.push(edge);
        next = settled.get(label).and_then(|label| label.next);
    }
    Way { edges, price: first.price, doubt: first.doubt }
}
