// SPDX-License-Identifier: Apache-2.0

//! The way found: what each hop carries, and until when.

use crate::{
    names::{Direction, NodeId},
    onion::{Deliver, Forward, Payload},
    paths::{
        likelihood::Doubt,
        map::Map,
        request::Request,
        search::{Budget, Load, doubt_of},
    },
};
use millrace_primitives_channels::{Balance, BlockNumber, ChannelId};

/// One channel on a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The channel.
    pub channel: ChannelId,
    /// In which direction it is used.
    pub direction: Direction,
    /// The node at its end.
    pub node: NodeId,
    /// What it carries.
    pub amount: Balance,
    /// The first block in which its transfer has expired.
    pub expiry: BlockNumber,
    /// What is in the channel, as far as is known.
    pub deposit: Balance,
}

/// A way from the payer to the payee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// From the payer's channel to the payee's; never empty.
    pub hops: Vec<Hop>,
    /// What the payee gets.
    pub delivered: Balance,
    /// What was weighed: the fees, and the price of doubt and time.
    pub price: Balance,
    /// How doubtful success is; see [`crate::paths::likelihood::Doubt`].
    pub doubt: Doubt,
}

impl Route {
    /// What the payer sends.
    pub fn sent(&self) -> Balance {
        self.hops.first().map_or(0, |hop| hop.amount)
    }

    /// What the hops take.
    pub fn fee(&self) -> Balance {
        self.sent().saturating_sub(self.delivered)
    }

    /// What each node on the way is to read, the payee last.
    pub fn payloads(&self, deliver: Deliver) -> Vec<Payload> {
        let forwards = self.hops.iter().skip(1).map(|hop| {
            let Hop { channel, amount, expiry, .. } = *hop;
            Payload::Forward(Forward { channel, amount, expiry })
        });
        forwards.chain([Payload::Deliver(deliver)]).collect()
    }

    /// When the payer's own transfer expires.
    pub fn expiry(&self) -> BlockNumber {
        self.hops.first().map_or(0, |hop| hop.expiry)
    }
}

/// Reckons a way for an amount: every amount and expiry from the payee back, with all limits of
/// channels, terms and budget checked once more, independently of how the way was found (RO-4).
pub(crate) fn reckon(
    map: &Map,
    request: &Request,
    edges: &[usize],
    delivered: Balance,
    budget: &Budget,
    loads: &[Load],
) -> Option<Route> {
    if edges.is_empty() || edges.len() > usize::from(budget.hops) {
        return None;
    }
    let preferences = &request.preferences;
    let (mut amount, mut expiry) = (delivered, request.final_expiry);
    let (mut price, mut total_doubt): (Balance, Doubt) = (0, 0);
    let mut hops = Vec::with_capacity(edges.len());
    for index in edges.iter().rev() {
        let (edge, load) = (map.edge(*index)?, loads.get(*index)?);
        let doubt = doubt_of(edge, *load, amount, delivered)?;
        hops.push(Hop {
            channel: edge.channel,
            direction: edge.direction,
            node: map.node(edge.to)?,
            amount,
            expiry,
            deposit: edge.deposit,
        });
        let fee = edge.terms.fee(amount)?;
        total_doubt = total_doubt.saturating_add(doubt);
        price = price
            .saturating_add(fee)
            .saturating_add(preferences.price_of_doubt(amount, doubt))
            .saturating_add(preferences.price_of_time(amount, edge.terms.expiry_delta));
        amount = amount.checked_add(fee)?;
        expiry = expiry.checked_add(edge.terms.expiry_delta)?;
    }
    if amount.checked_sub(delivered)? > budget.fee || expiry > budget.expiry {
        return None;
    }
    hops.reverse();
    Some(Route { hops, delivered, price, doubt: total_doubt })
}
