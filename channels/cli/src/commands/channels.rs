// SPDX-License-Identifier: Apache-2.0

//! Channels: opening, listing, resizing, closing.

use super::{
    Desk,
    arguments::{Closing, ForceClose, List, Open, ResizeTask, Way},
    output::{Table, ago, short, yes_no},
};
use anyhow::bail;
use millrace_channels_api::{
    Page,
    types::{Channel, ChannelFilter, ChannelQuery, OpenChannel, Phase, Resize, ResizeDirection},
    values::{ChannelId, Limit},
};
use std::time::Duration;
use tokio::time::sleep;

/// How often a channel is looked at while somebody waits for it.
const LOOK: Duration = Duration::from_secs(1);

pub async fn open(desk: &Desk, open: Open) -> anyhow::Result<()> {
    let request = OpenChannel {
        peer: open.peer,
        addresses: open.address,
        ours: desk.amount(&open.amount)?,
        theirs: desk.amount_if_any(open.theirs.as_ref())?.unwrap_or_default(),
        challenge_blocks: open.challenge_blocks,
        public: open.public,
    };
    let key = desk.key(open.key)?;
    let mut channel = desk.client.channels_open(&key, &request).await?;
    if open.wait {
        channel = until(desk, channel, &[Phase::Open]).await?;
    }
    one(desk, &channel)
}

pub async fn list(desk: &Desk, list: List) -> anyhow::Result<()> {
    let mut filter = ChannelFilter {
        phase: list.phase,
        peer: list.peer,
        account: list.account,
        after: list.page.after,
        limit: Limit::nearest(list.page.limit),
    };
    let mut page = desk.client.channels_list(&filter).await?;
    while list.all && page.next.is_some() {
        filter.after = page.next.take();
        let next = desk.client.channels_list(&filter).await?;
        page.items.extend(next.items);
        page.next = next.next;
    }
    desk.out.result(&page, || table(desk, &page))
}

fn table(desk: &Desk, page: &Page<Channel>) -> String {
    let mut table =
        Table::new(&["channel", "phase", "peer", "connected", ">ours", ">sendable", ">receivable"]);
    for channel in &page.items {
        table.row(vec![
            channel.channel.to_string(),
            channel.phase.to_string(),
            channel.peer.as_ref().map_or_else(|| "-".to_owned(), short),
            yes_no(channel.connected),
            desk.show(channel.ours),
            desk.show(channel.sendable),
            desk.show(channel.receivable),
        ]);
    }
    let mut text = table.text("There are no such channels.");
    if let Some(next) = &page.next {
        text += &format!("There are more: --all, or --after {next}\n");
    }
    text
}

pub async fn show(desk: &Desk, channel: ChannelId) -> anyhow::Result<()> {
    one(desk, &desk.client.channels_get(&ChannelQuery { channel }).await?)
}

pub async fn resize(desk: &Desk, task: ResizeTask) -> anyhow::Result<()> {
    let direction = match task.direction {
        Way::Add => ResizeDirection::Add,
        Way::Take => ResizeDirection::Take,
    };
    let amount = desk.amount(&task.amount)?;
    let request = Resize { channel: task.channel, direction, amount };
    let key = desk.key(task.key)?;
    one(desk, &desk.client.channels_resize(&key, &request).await?)
}

pub async fn close(desk: &Desk, closing: &Closing) -> anyhow::Result<()> {
    let query = ChannelQuery { channel: closing.channel };
    let mut channel = desk.client.channels_close(&query).await?;
    if closing.wait {
        channel = until(desk, channel, &[Phase::Closed]).await?;
    }
    one(desk, &channel)
}

pub async fn force_close(desk: &Desk, closing: &ForceClose) -> anyhow::Result<()> {
    let query = ChannelQuery { channel: closing.channel };
    if !closing.yes {
        let channel = desk.client.channels_get(&query).await?;
        bail!(
            "closing alone keeps {} locked for {} blocks and puts a bond at stake. Use `close` if \
             the peer answers; else repeat this with --yes",
            desk.show(channel.ours),
            channel.challenge_blocks
        );
    }
    let mut channel = desk.client.channels_force_close(&query).await?;
    if closing.wait {
        channel = until(desk, channel, &[Phase::Closed]).await?;
    }
    one(desk, &channel)
}

/// Waits until a channel is in one of these phases, or cannot get there any more.
async fn until(desk: &Desk, mut channel: Channel, wanted: &[Phase]) -> anyhow::Result<Channel> {
    let mut phase = None;
    while !wanted.contains(&channel.phase) {
        if channel.phase == Phase::Closed {
            bail!("the channel {} is closed", channel.channel);
        }
        if phase.replace(channel.phase) != Some(channel.phase) {
            desk.out.progress(&format!("{} is {}…", channel.channel, channel.phase));
        }
        sleep(LOOK).await;
        channel = desk.client.channels_get(&ChannelQuery { channel: channel.channel }).await?;
    }
    Ok(channel)
}

fn one(desk: &Desk, channel: &Channel) -> anyhow::Result<()> {
    desk.out.result(channel, || {
        let mut table = Table::facts();
        table.fact("channel", channel.channel.to_string());
        let deadline =
            channel.deadline.map(|block| format!(", can be answered before block {block}"));
        table.fact("phase", format!("{}{}", channel.phase, deadline.unwrap_or_default()));
        if let Some(peer) = &channel.peer {
            let connected = if channel.connected { "connected" } else { "not connected" };
            table.fact("peer", format!("{peer}, {connected}"));
        }
        for share in &channel.shares {
            let owner = if share.own { "ours" } else { "theirs" };
            table.fact(owner, format!("{} ({})", desk.show(share.balance), share.account));
        }
        table.fact("deposit", desk.show(channel.deposit));
        table.fact("conditional", desk.show(channel.pending));
        table.fact("for streams", desk.show(channel.reserved));
        table.fact("sendable", desk.show(channel.sendable));
        table.fact("receivable", desk.show(channel.receivable));
        table.fact("version", channel.version.to_string());
        if channel.phase == Phase::Closed {
            let said = if channel.settled {
                "as the chain has paid it"
            } else {
                "not seen here; this is the newest state that was agreed"
            };
            table.fact("settled", said);
        }
        table.fact("challenge", format!("{} blocks", channel.challenge_blocks));
        table.fact("public", yes_no(channel.public));
        // A daemon that does not keep it says 0.
        if channel.created_at > 0 {
            table.fact("known", ago(channel.created_at));
        }
        table.text("")
    })
}
