// SPDX-License-Identifier: Apache-2.0

//! How channels and peers look to programs.

use crate::network::peer_id;
use millrace_channels_api::{
    Amount,
    types::{Channel, Phase, PhaseCounts, Share},
    values::{Account, ChannelId as Id, Peer as PeerName},
};
use millrace_channels_daemon::{ChannelView, Node, Peer, node::Standing};
use millrace_primitives_channels::{AccountId, Balance, ChannelId, PendingTransfers, Stream};

/// A peer's name; nothing for a key that is none.
pub fn peer_name(peer: Peer) -> Option<PeerName> {
    peer_id(peer)?.to_string().parse().ok()
}

/// An account as programs read it.
pub fn account(id: &AccountId) -> Option<Account> {
    id.to_string().parse().ok()
}

/// Where a channel is in its life, in the words of the interface.
pub fn phase(standing: Standing) -> Phase {
    match standing {
        Standing::Opening => Phase::Opening,
        Standing::Open => Phase::Open,
        Standing::Settling => Phase::Closing,
        // What cannot be used has to be looked at by its owner, who can only close it.
        Standing::ClosingAlone | Standing::Disputed | Standing::Damaged => Phase::Disputed,
        Standing::Resolving => Phase::Resolving,
        Standing::Over => Phase::Closed,
    }
}

/// A channel; nothing if the node does not know it.
pub fn channel(node: &Node, id: ChannelId) -> Option<Channel> {
    Some(of(node, &node.channel(id)?))
}

/// A channel as programs see it.
pub fn of(node: &Node, view: &ChannelView) -> Channel {
    let position = usize::from(view.position);
    let settled = view.settled.as_ref();
    let state = view.state.as_ref().filter(|_| settled.is_none());
    let agreed = state.map_or(&view.deposits[..], |state| &state.balances[..]);
    let balances = settled.map_or(agreed, |settled| &settled.paid[..]);
    let shares: Vec<_> = view
        .accounts
        .iter()
        .zip(balances)
        .enumerate()
        .filter_map(|(at, (id, balance))| {
            let (account, own) = (account(id)?, at == position);
            Some(Share { account, balance: Amount(*balance), own })
        })
        .collect();
    let sum =
        |amounts: &[Balance]| amounts.iter().fold(0, |sum: Balance, it| sum.saturating_add(*it));
    let ours = balances.get(position).copied().unwrap_or(0);
    let pending = state.and_then(|state| state.pending.as_ref());
    let streams = state.into_iter().flat_map(|state| state.streams.iter());
    let reserved = streams.filter_map(Stream::reserve).fold(0, Balance::saturating_add);
    let pending = pending.and_then(PendingTransfers::total).unwrap_or(0);
    let is_usable = view.standing == Standing::Open;
    let others = view.peers.iter().enumerate().filter(|(at, _)| *at != position);
    let others: Vec<Peer> = others.map(|(_, peer)| *peer).collect();
    let deposit = sum(balances).saturating_add(pending).saturating_add(reserved);
    Channel {
        channel: Id(view.id.0),
        phase: phase(view.standing),
        peer: match others[..] {
            [peer] => peer_name(peer),
            _ => None,
        },
        connected: others.iter().all(|peer| node.is_connected(peer)),
        shares,
        deposit: Amount(deposit),
        ours: Amount(ours),
        pending: Amount(pending),
        reserved: Amount(reserved),
        sendable: Amount(if is_usable { view.spendable } else { 0 }),
        receivable: Amount(if is_usable { sum(balances).saturating_sub(ours) } else { 0 }),
        version: settled.map_or_else(|| state.map_or(0, |it| it.version), |it| it.version),
        settled: settled.is_some(),
        challenge_blocks: view.challenge_blocks,
        deadline: view.deadline,
        public: node.is_announced(&view.id),
        // The node does not keep it; who shows the channel knows.
        created_at: 0,
    }
}

/// How many channels are in which phase.
pub fn counts(node: &Node) -> PhaseCounts {
    let mut counts = PhaseCounts::default();
    for id in node.channels() {
        let Some(standing) = node.standing(id) else { continue };
        let count = match phase(standing) {
            Phase::Opening => &mut counts.opening,
            Phase::Open => &mut counts.open,
            Phase::Closing => &mut counts.closing,
            Phase::Disputed => &mut counts.disputed,
            Phase::Resolving => &mut counts.resolving,
            Phase::Closed => &mut counts.closed,
        };
        *count = count.saturating_add(1);
    }
    let ended = u64::try_from(node.count_ended()).unwrap_or(u64::MAX);
    counts.closed = counts.closed.saturating_add(ended);
    counts
}
