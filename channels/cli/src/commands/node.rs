// SPDX-License-Identifier: Apache-2.0

//! The daemon itself: how it is, backups, what happens.

use super::{
    Desk,
    output::{Table, ago, short},
};
use millrace_channels_api::{
    types::{
        AccountQuery, CreateBackup, Empty, Event, Identity, Phase, Status, Tally, Watchtowers, What,
    },
    values::{Account, FileName},
};
use serde::Serialize;

/// How the daemon is, and who.
#[derive(Serialize)]
struct Whole {
    #[serde(flatten)]
    status: Status,
    identity: Option<Identity>,
    watchtowers: Option<Watchtowers>,
}

pub async fn status(desk: &Desk) -> anyhow::Result<()> {
    let status = desk.client.status(&Empty {}).await?;
    // A daemon that is not ready may not know yet who it is.
    let identity = desk.client.identity(&Empty {}).await.ok();
    // An older daemon has none.
    let watchtowers = desk.client.watchtowers_list(&Empty {}).await.ok();
    let whole = Whole { status, identity, watchtowers };
    desk.out.result(&whole, || describe(&whole))
}

pub async fn statistics(desk: &Desk) -> anyhow::Result<()> {
    let statistics = desk.client.statistics(&Empty {}).await?;
    desk.out.result(&statistics, || {
        let tally = |tally: &Tally| format!("{}, {} in all", tally.count, desk.show(tally.amount));
        let mut table = Table::facts();
        table.fact("counted", format!("since the start, {}", ago(statistics.since)));
        table.fact("deposits", desk.show(statistics.deposits));
        table.fact("sendable", desk.show(statistics.sendable));
        table.fact("receivable", desk.show(statistics.receivable));
        table.fact("payments sent", tally(&statistics.sent));
        table.fact("payments received", tally(&statistics.received));
        table.fact("payments failed", statistics.failed.to_string());
        table.fact("pulses sent", tally(&statistics.pulses_sent));
        table.fact("pulses received", tally(&statistics.pulses_received));
        table.fact("versions", statistics.versions.to_string());
        table.fact("disputes", statistics.disputes.to_string());
        table.text("")
    })
}

pub async fn balance(desk: &Desk, account: Option<Account>) -> anyhow::Result<()> {
    let account = match account {
        Some(account) => account,
        None => desk.client.identity(&Empty {}).await?.account,
    };
    let balance = desk.client.accounts_balance(&AccountQuery { account }).await?;
    desk.out.result(&balance, || {
        let mut table = Table::facts();
        table.fact("account", balance.account.as_str());
        table.fact("free", desk.show(balance.free));
        table.fact("in channels", desk.show(balance.in_channels));
        table.fact("staked", desk.show(balance.staked));
        table.fact("total", desk.show(balance.total));
        table.fact("in block", balance.height.to_string());
        table.text("")
    })
}

fn describe(whole: &Whole) -> String {
    let node = &whole.status.node;
    let mut table = Table::facts();
    let health = &node.health;
    table.fact(
        "state",
        match (health.live, health.ready) {
            (true, true) => "ready",
            (true, false) => "not ready",
            (false, _) => "failed: restart the daemon",
        },
    );
    for reason in &health.reasons {
        table.fact("", format!("{}. {}", reason.message, reason.remedy));
    }
    table.fact("release", format!("{}, started {}", node.version, ago(node.started_at)));
    let network = &node.network;
    table.fact(
        "chain",
        format!("{}, {}, genesis {}", network.name, network.token.symbol, network.genesis),
    );
    if let Some(head) = &node.chain {
        table.fact("height", format!("{}, final {}", head.height, head.final_height));
    }
    if let Some(identity) = &whole.identity {
        table.fact("peer", identity.peer.as_str());
        table.fact("account", identity.account.as_str());
        for address in &identity.addresses {
            table.fact("reached at", format!("{address}/p2p/{}", identity.peer));
        }
    }
    let phases = Phase::ALL.iter().map(|phase| (phase, node.channels.of(*phase)));
    let phases: Vec<_> = phases
        .filter(|(phase, number)| *number > 0 || **phase == Phase::Open)
        .map(|(phase, number)| format!("{number} {phase}"))
        .collect();
    table.fact("channels", phases.join(", "));
    table.fact("peers", format!("{} connected", node.peers_connected));
    for tower in whole.watchtowers.iter().flat_map(|towers| &towers.items) {
        table.fact("watchtower", super::towers::sentence(tower));
    }
    for lack in whole.status.capabilities.iter().filter(|capability| !capability.available) {
        let reason = lack.reason.as_deref().unwrap_or("no reason given");
        table.fact("not yet", format!("{}: {reason}", lack.method));
    }
    table.text("")
}

pub async fn backup(desk: &Desk, name: Option<FileName>) -> anyhow::Result<()> {
    let backup = desk.client.backup_create(&CreateBackup { name }).await?;
    desk.out.result(&backup, || {
        let mut table = Table::facts();
        table.fact("file", &backup.file);
        table.fact("size", format!("{} bytes, {} channels", backup.bytes, backup.channels));
        table.fact("SHA-256", backup.hash.to_string());
        table.fact(
            "",
            "It opens with the passphrase of the daemon's store. Copy it to another machine.",
        );
        table.text("")
    })
}

pub async fn events(desk: &Desk, after: Option<u64>, count: Option<u64>) -> anyhow::Result<()> {
    let mut events = desk.client.events(after).await?;
    let mut left = count.unwrap_or(u64::MAX);
    while left > 0 {
        let event = match events.next().await {
            Ok(event) => event,
            Err(error) => {
                if let Some(last) = events.last() {
                    desk.out.progress(&format!("To go on from here: --after {last}"));
                }
                return Err(error.into());
            }
        };
        desk.out.line(&event, || format!("{:>8}  {}", event.number, told(desk, &event)))?;
        left = left.saturating_sub(1);
    }
    Ok(())
}

/// An event in a sentence.
fn told(desk: &Desk, event: &Event) -> String {
    match &event.what {
        What::ChannelChanged(channel) => format!(
            "channel {} is {}, {} of {} are ours",
            short(&channel.channel),
            channel.phase,
            desk.show(channel.ours),
            desk.show(channel.deposit)
        ),
        What::PaymentChanged(payment) => super::payments::sentence(desk, payment),
        What::InvoicePaid { hash, amount } => {
            format!("invoice {} was paid: {}", short(hash), desk.show(*amount))
        }
        What::StreamChanged(stream) => {
            let state = super::payments::state(stream.state);
            let stream_id = short(&stream.stream);
            format!("stream {stream_id} is {state}, {} paid", desk.show(stream.paid))
        }
        What::StreamFolded { stream, paid } => {
            format!("stream {} was folded, {} paid so far", short(stream), desk.show(*paid))
        }
        What::Disputed { channel, version, newest, deadline } => format!(
            "channel {} is disputed with version {version} (newest {newest}), until block {deadline}",
            short(channel)
        ),
        What::Answered { channel, version } => {
            format!("channel {}: the dispute was answered with version {version}", short(channel))
        }
        What::PeerConnected { peer } => format!("peer {peer} is connected"),
        What::PeerDisconnected { peer, reason } => format!("peer {peer} is gone: {reason}"),
        What::Ready {} => "the daemon is ready".to_owned(),
        What::NotReady { reason } => format!("the daemon is not ready: {reason}"),
        other => serde_json::to_string(other).unwrap_or_else(|_| format!("{other:?}")),
    }
}
