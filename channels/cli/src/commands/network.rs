// SPDX-License-Identifier: Apache-2.0

//! Peers, the graph of public channels, and fees.

use super::{
    Desk,
    arguments::{FeeTask, Paged, PeerTask},
    output::{Table, ago, short, yes_no},
};
use millrace_channels_api::{
    types::{ConnectPeer, Empty, FeePolicies, FeePolicy, GraphQuery, PeerInfo, PeerQuery, SetFees},
    values::{Limit, Peer},
};

pub async fn peers(desk: &Desk, task: Option<PeerTask>) -> anyhow::Result<()> {
    match task {
        None => {
            let peers = desk.client.peers_list(&Empty {}).await?;
            desk.out.result(&peers, || table(&peers.items))
        }
        Some(PeerTask::Connect { peer, addresses }) => {
            let peer = desk.client.peers_connect(&ConnectPeer { peer, addresses }).await?;
            desk.out.result(&peer, || table(std::slice::from_ref(&peer)))
        }
        Some(PeerTask::Disconnect { peer }) => {
            let peer = desk.client.peers_disconnect(&PeerQuery { peer }).await?;
            desk.out.result(&peer, || table(std::slice::from_ref(&peer)))
        }
    }
}

fn table(peers: &[PeerInfo]) -> String {
    let mut table = Table::new(&["peer", "connected", "since", ">channels", "address"]);
    for peer in peers {
        table.row(vec![
            peer.peer.to_string(),
            yes_no(peer.connected),
            ago(peer.since),
            peer.channels.to_string(),
            peer.addresses.first().map_or("-", |address| address.as_str()).to_owned(),
        ]);
    }
    table.text("There are no peers: connect to one by `peers connect`.")
}

pub async fn graph(desk: &Desk, peer: Option<Peer>, page: Paged) -> anyhow::Result<()> {
    let query = GraphQuery { peer, after: page.after, limit: Limit::nearest(page.limit) };
    let page = desk.client.graph_channels(&query).await?;
    desk.out.result(&page, || {
        let mut table = Table::new(&[
            "channel",
            ">capacity",
            "from",
            ">base",
            ">millionths",
            ">blocks",
            "open",
        ]);
        for channel in &page.items {
            for side in &channel.sides {
                let policy = |cell: fn(&Desk, &FeePolicy) -> String| {
                    side.policy.as_ref().map_or_else(|| "-".to_owned(), |it| cell(desk, it))
                };
                table.row(vec![
                    short(&channel.channel),
                    desk.show(channel.capacity),
                    short(&side.peer),
                    policy(|desk, it| desk.show(it.base)),
                    policy(|_, it| it.millionths.to_string()),
                    policy(|_, it| it.expiry_delta_blocks.to_string()),
                    policy(|_, it| yes_no(it.enabled)),
                ]);
            }
        }
        let mut text = table.text("No public channels are known.");
        if let Some(next) = &page.next {
            text += &format!("There are more: --after {next}\n");
        }
        text
    })
}

pub async fn fees(desk: &Desk, task: Option<FeeTask>) -> anyhow::Result<()> {
    let policies = match task {
        None => desk.client.fees_get(&Empty {}).await?,
        Some(FeeTask::Set { channel, base, millionths, expiry_delta, least, disable }) => {
            let policy = FeePolicy {
                base: desk.amount(&base)?,
                millionths,
                expiry_delta_blocks: expiry_delta,
                least: desk.amount(&least)?,
                enabled: !disable,
            };
            desk.client.fees_set(&SetFees { channel, policy }).await?
        }
    };
    desk.out.result(&policies, || described(desk, &policies))
}

fn described(desk: &Desk, policies: &FeePolicies) -> String {
    let mut table =
        Table::new(&["channel", ">base", ">millionths", ">blocks", ">at least", "forwards"]);
    let own = policies.channels.iter().map(|fees| (short(&fees.channel), fees.policy));
    for (name, policy) in std::iter::once(("all others".to_owned(), policies.default)).chain(own) {
        table.row(vec![
            name,
            desk.show(policy.base),
            policy.millionths.to_string(),
            policy.expiry_delta_blocks.to_string(),
            desk.show(policy.least),
            yes_no(policy.enabled),
        ]);
    }
    table.text("")
}
