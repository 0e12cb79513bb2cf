// SPDX-License-Identifier: Apache-2.0

//! One chain, from its start to its figures.

use super::{
    metrics::{self, Timed},
    options::Growth,
    specification::{add_accounts, idle},
};
use crate::{
    accounts::Account,
    chain::Chain,
    load::on_all_cores,
    network::{Network, Validator, Wanted},
    operations::{
        calls::Calls,
        channel::Channel,
        figures::Figures,
        limits::Limits,
        measuring::{Effort, Job, Session},
    },
    rpc::{Header, Node},
    run::{connect, say},
    signing::Writer,
};
use anyhow::{Context, bail, ensure};
use codec::{Compact, Encode};
use millrace_bench_machine::{folder_bytes, process_resident_bytes};
use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// Channels that are opened before it is looked whether there is time for more.
const PART: u32 = 10_000;

/// Their challenge windows, and how many blocks ahead they may be opened.
const WINDOW: u32 = 43_200;
const OPEN_BLOCKS: u32 = 10_800;

/// What each transfer moves, in the smallest unit.
const AMOUNT: u128 = 1_000_000;

/// How much longer than the load a measurement may take.
const GRACE: Duration = Duration::from_secs(300);

/// How long the node that follows may take to be where the other is.
const CATCH_UP: Duration = Duration::from_secs(300);

/// What was measured of one chain.
#[derive(Clone, Debug, Default)]
pub struct Point {
    /// Accounts at genesis, without those of the preset.
    pub accounts: u32,
    /// Channels that were open.
    pub channels: u64,
    /// Its specification, in bytes.
    pub specification: u64,
    /// From the first node's start until both answered, in seconds.
    pub start: f64,
    /// Blocks with nothing in them: as imported by one node, as built by the other.
    pub empty: (Timed, Timed),
    /// The same under the load.
    pub loaded: (Timed, Timed),
    /// Transfers in a block: the middle and the most; and what is said of blocks besides.
    pub figures: Figures,
    /// Memory of both nodes at the end, in bytes: who makes blocks, who follows.
    pub memory: (u64, u64),
    /// What their data takes of the disk, likewise.
    pub disk: (u64, u64),
}

impl Point {
    /// What is in its state and grows.
    pub fn entries(&self) -> f64 {
        f64::from(self.accounts) + self.channels as f64
    }

    /// What a block under the load was charged, in milliseconds of weight.
    pub fn charged(&self) -> Option<f64> {
        Some(self.figures.charged? * self.figures.per_block.0 as f64 / 1_000.0)
    }
}

/// How many blocks are made before anything is measured.
const SETTLING_BLOCKS: usize = 10;

/// Measures one chain.
/// Errors: it cannot be made, or a node goes away.
pub async fn measure(
    options: &Growth,
    senders: &[Account],
    accounts: u32,
    channels: u32,
) -> anyhow::Result<Point> {
    let count = u32::try_from(senders.len())?.min(accounts);
    let senders = senders.get(..count as usize).context("senders are missing")?;
    let wanted = Wanted {
        binary: &options.own.node,
        template: None,
        accounts: count,
        validators: 1,
        followers: 1,
        has_metrics: true,
        arguments: &options.own.node_arg,
        folder: options.own.folder.as_deref(),
        keep: options.own.keep,
    };
    let mut point = Point { accounts, ..Point::default() };
    let mut began = Instant::now();
    let network = Network::launch(&wanted, |spec: &Path| {
        add_accounts(spec, accounts - count)?;
        point.specification = std::fs::metadata(spec)?.len();
        began = Instant::now();
        Ok(())
    })
    .await?;
    point.start = began.elapsed().as_secs_f64();
    let mut session = session(options, senders, network).await?;
    if channels > 0 {
        point.channels = fill(options, &session, channels).await?;
    }
    session.effort.rate = Some(options.rate.into());
    let [author, follower] = &session.network.validators[..] else {
        bail!("a chain is measured with two nodes")
    };
    catch_up(&session.observer, follower).await?;
    // The database may still be busy with the genesis.
    session.watch("blocks until nodes have settled", SETTLING_BLOCKS).await?;
    point.empty = between(author, follower, async {
        session.watch("empty blocks", usize::try_from(options.empty_blocks)?).await?;
        Ok(())
    })
    .await?;
    let limits = Limits::of(&session.chain)?;
    let transfers = transfers(options, &session, accounts - count)?;
    let wanted = transfers.len() as u64;
    let mut figures = Figures::default();
    point.loaded = between(author, follower, async {
        let record = session.measure("transfers", transfers).await?;
        ensure!(
            record.succeeded == wanted,
            "{} of {wanted} transfers succeeded: {:?}, {:?}",
            record.succeeded,
            record.failed,
            record.refused
        );
        figures = Figures::new(&record, &limits);
        Ok(())
    })
    .await?;
    point.figures = figures;
    let memory = |node: &Validator| process_resident_bytes(node.process());
    point.memory = (memory(author)?, memory(follower)?);
    point.disk = (folder_bytes(&author.data), folder_bytes(&follower.data));
    Ok(point)
}

async fn session<'a>(
    options: &Growth,
    accounts: &'a [Account],
    network: Network,
) -> anyhow::Result<Session<'a>> {
    let author = network.validators.first().context("a chain has a validator")?.url.clone();
    let nodes = connect(std::slice::from_ref(&author), 2).await?;
    let observer = Node::connect(&author).await?;
    let chain = Arc::new(Chain::ask(&observer).await?);
    let writer = Writer::new(&chain, None)?;
    let effort = Effort {
        rate: None,
        batch: 100,
        patience: Duration::from_secs(options.seconds.into()) + GRACE,
    };
    Ok(Session { effort, chain, observer, nodes, writer, accounts, network })
}

/// Waits until the node that follows is where the other is.
async fn catch_up(observer: &Node, follower: &Validator) -> anyhow::Result<()> {
    let follower = Node::connect(&follower.url).await?;
    let began = Instant::now();
    loop {
        let ahead: Header = observer.ask("chain_getHeader", &[]).await?;
        let behind: Header = follower.ask("chain_getHeader", &[]).await?;
        if behind.number > 2 && behind.number + 1 >= ahead.number {
            return Ok(());
        }
        ensure!(
            began.elapsed() < CATCH_UP,
            "the node that follows has block {}, the other {}",
            behind.number,
            ahead.number
        );
        sleep(Duration::from_millis(500)).await;
    }
}

/// What both nodes timed while something happened: imports of the one that follows, blocks of the other.
async fn between(
    author: &Validator,
    follower: &Validator,
    happens: impl Future<Output = anyhow::Result<()>>,
) -> anyhow::Result<(Timed, Timed)> {
    let read = |node: &Validator, name: &str| -> anyhow::Result<Timed> {
        let address = node.metrics.as_deref().context("a node tells no metrics")?;
        let metrics = metrics::ask(address)?;
        metrics::timed(&metrics, name).with_context(|| format!("{} has no {name}", node.name))
    };
    let both = || {
        Ok::<_, anyhow::Error>((read(follower, metrics::IMPORT)?, read(author, metrics::BUILD)?))
    };
    let before = both()?;
    happens.await?;
    let after = both()?;
    Ok((after.0.since(before.0), after.1.since(before.1)))
}

/// Opens channels until there are as many as wanted, or the time is up. Returns how many are open.
async fn fill(options: &Growth, session: &Session<'_>, channels: u32) -> anyhow::Result<u64> {
    let calls = Calls::find(&session.chain)?;
    let began = Instant::now();
    let mut open = 0;
    let mut next = 0;
    while next < channels && began.elapsed() < Duration::from_secs(options.filling.into()) {
        let part = PART.min(channels - next);
        let open_by = session.height().await? + OPEN_BLOCKS;
        let jobs = on_all_cores(part, |number| {
            let number = next + number;
            let count = u32::try_from(session.accounts.len())?;
            let (opener, other) = (number % count, (number + 1) % count);
            let at =
                |place: u32| session.accounts.get(place as usize).context("an account is missing");
            let parties = (at(opener)?, at(other)?);
            let genesis = session.chain.genesis;
            let channel = Channel::new(genesis, parties, number.into(), WINDOW, open_by);
            Ok(Job { account: opener, call: calls.open(&channel) })
        })?;
        open += session.measure("channels", jobs).await?.succeeded;
        next += part;
    }
    say(&format!("{open} channels are open after {:.0} s", began.elapsed().as_secs_f64()));
    Ok(open)
}

/// The load: every sender in turn, each time to another of the accounts that never send.
fn transfers(
    options: &Growth,
    session: &Session<'_>,
    idle_accounts: u32,
) -> anyhow::Result<Vec<Job>> {
    let count = u32::try_from(session.accounts.len())?;
    let call = session.chain.call("Balances", "transfer_keep_alive")?;
    let all = options.rate.saturating_mul(options.seconds);
    on_all_cores(all, |number| {
        // Spread over all of them, with a step that has no factor in common with most counts.
        let place = u64::from(number) * 2_654_435_761 % u64::from(idle_accounts.max(1));
        let to = if idle_accounts > 0 {
            idle(u32::try_from(place)?)
        } else {
            let next = session.accounts.get(((number + 1) % count) as usize);
            next.context("an account is missing")?.id()
        };
        Ok(Job { account: number % count, call: (call, 0u8, to, Compact(AMOUNT)).encode() })
    })
}
