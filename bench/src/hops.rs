// SPDX-License-Identifier: Apache-2.0

//! Payments over three hops: four nodes in a row, a public channel between each two neighbours. The
//! first pays the last, and the two between them forward for a fee.
//!
//! Each node is as the daemon runs it: the shell, a store of its own whose syncs everything waits
//! for, and the real transport on 127.0.0.1. The routes are found in what gossip has told, the packets
//! are onions. The nodes are in one process, and the chain is in memory.

use crate::{
    bare::{signatures, syncs},
    load::{Made, Round},
    network::{Network, peer_id},
    report::{Figure, Section, spread},
    run::Bench,
    sides::{Party, Side, load},
    witness::PublicChain,
};
use anyhow::{Context, bail, ensure};
use millrace_bench_machine::{cores, process_seconds};
use millrace_channels_daemon::{Command, Peer, Reply, shell::Handle};
use millrace_channels_transport::{self as transport, Multiaddr, Options, Transport};
use millrace_primitives_channels::{Balance, ChannelId};
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// Nodes in the row: a payer, two that forward, a payee.
const NODES: u8 = 4;

/// What each payment moves. The fee of one hop is a thousandth of it.
const AMOUNT: Balance = 10_000;

/// What a payment may cost.
const MAX_FEE: Balance = 1_000;

/// How many payments are under way.
const DEPTHS: [usize; 3] = [1, 16, 64];

/// How long announcements may take until the first payment finds its way.
const PATIENCE: Duration = Duration::from_secs(240);

/// Versions that a payment takes on each channel if it shares none: one to offer, one to settle.
const VERSIONS: f64 = 2.0;

/// One node of the row.
struct Hop {
    side: Side,
    network: transport::Handle,
    address: Multiaddr,
    peer: Peer,
}

/// Four nodes in a row.
struct Row {
    hops: Vec<Hop>,
    /// One for each two neighbours.
    channels: Vec<ChannelId>,
}

/// What one round of payments did.
struct Measured {
    round: Round,
    /// Payments a second if all cores did nothing but sign and verify the versions of three channels.
    limit: f64,
    bare_syncs: f64,
    /// Cores that the process with all four nodes kept busy.
    cores: f64,
}

impl Hop {
    async fn start(number: u8, room: &Path, chain: &PublicChain) -> anyhow::Result<Self> {
        let party = Party::routing(number);
        let loaded = load(party, &room.join(format!("node-{number}")))?;
        let (network, incoming) = Transport::start(Options::default(), &party.node_key()).await?;
        let (wire, _) = Network::new(network.clone(), incoming);
        let side = Side::start(loaded, wire, chain.ledger());
        let listening = network.addresses().await?.listening;
        let address = listening.first().context("it listens nowhere")?.clone();
        Ok(Self { side, network, address, peer: party.peer()? })
    }

    /// Connects with the next one, and opens a public channel.
    async fn join(&self, next: &Self) -> anyhow::Result<ChannelId> {
        self.network.connect(peer_id(next.peer)?, vec![next.address.clone()]).await?;
        self.side.ready(next.peer).await?;
        next.side.ready(self.peer).await?;
        // Until both have introduced themselves there is nobody to open a channel with.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let opened = self.side.open_with(next.peer, 1, |_| ()).await?;
        let channel = *opened.first().context("one channel")?;
        self.side.handle.command(Command::Announce { channel }).await??;
        Ok(channel)
    }

    async fn has_pending(&self, channel: ChannelId) -> anyhow::Result<bool> {
        let view = self.side.handle.look(move |node| node.channel(channel)).await?;
        Ok(!view.context("the channel is known")?.transfers.is_empty())
    }

    async fn stop(self) -> anyhow::Result<()> {
        self.side.stop().await?;
        // The node's end was the end of its wire; an error says that the transport has heard of it.
        let _ = self.network.shutdown().await;
        Ok(())
    }
}

impl Row {
    async fn start(room: &Path) -> anyhow::Result<Self> {
        let chain = PublicChain::default();
        let (mut hops, mut channels): (Vec<Hop>, Vec<_>) = (Vec::new(), Vec::new());
        for number in 1..=NODES {
            let hop = Hop::start(number, room, &chain).await?;
            if let Some(before) = hops.last() {
                channels.push(before.join(&hop).await?);
            }
            hops.push(hop);
        }
        let row = Self { hops, channels };
        row.find_a_way().await?;
        Ok(row)
    }

    /// The payer, and its channel.
    fn payer(&self) -> anyhow::Result<(&Hop, ChannelId)> {
        Ok((self.hops.first().context("a payer")?, *self.channels.first().context("a channel")?))
    }

    /// The payee, and its channel.
    fn payee(&self) -> anyhow::Result<(&Hop, ChannelId)> {
        Ok((self.hops.last().context("a payee")?, *self.channels.last().context("a channel")?))
    }

    /// Waits until the first payment arrives, which it does once gossip has been everywhere.
    async fn find_a_way(&self) -> anyhow::Result<()> {
        let (payer, payee) = (self.payer()?.0, self.payee()?.0.peer);
        let began = Instant::now();
        loop {
            let answer = payer.side.handle.command(payment(payee)).await?;
            match answer {
                Ok(_) => return Ok(()),
                Err(error) => {
                    ensure!(began.elapsed() < PATIENCE, "no way after {PATIENCE:?}: {error}");
                }
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Pays for a time, and checks that payer and payee have lost and got exactly what was answered.
    async fn pay(&self, bench: &Bench, depth: usize) -> anyhow::Result<Measured> {
        let (glance, span) = (bench.scale.glance, bench.scale.span);
        let pairs = signatures(glance, cores())?.per_second;
        let bare_syncs = syncs(&bench.folder, glance, 2)?;
        let ((payer, first), (payee, last)) = (self.payer()?, self.payee()?);
        let before = payer.side.spendable(&[first]).await?;
        let got_before = payee.side.spendable(&[last]).await?;
        let busy_before = process_seconds(std::process::id())?;
        let began = Instant::now();
        let tasks: Vec<_> = (0..depth)
            .map(|_| tokio::spawn(pay_on(payer.side.handle.clone(), payee.peer, began, span)))
            .collect();
        let (mut made, mut fees) = (Vec::new(), 0);
        for task in tasks {
            let (some, fee) = task.await??;
            made.extend(some);
            fees += fee;
        }
        let busy = process_seconds(std::process::id())? - busy_before;
        let cores = busy / began.elapsed().as_secs_f64();
        self.settled().await?;
        let told = AMOUNT * Balance::try_from(made.len())?;
        let paid = before.saturating_sub(payer.side.spendable(&[first]).await?);
        let got = payee.side.spendable(&[last]).await?.saturating_sub(got_before);
        ensure!(got == told, "the payee got {got}, and payments of {told} were answered");
        ensure!(paid == told + fees, "the payer lost {paid} for {told} and fees of {fees}");
        // A version takes two signatures, each made once and verified once.
        let limit = pairs / 2.0 / VERSIONS / self.channels.len() as f64;
        Ok(Measured { round: Round::new(made)?, limit, bare_syncs, cores })
    }

    /// Waits until no transfer is pending at either end.
    async fn settled(&self) -> anyhow::Result<()> {
        let ((payer, first), (payee, last)) = (self.payer()?, self.payee()?);
        let began = Instant::now();
        while payer.has_pending(first).await? || payee.has_pending(last).await? {
            ensure!(began.elapsed() < Duration::from_secs(30), "payments stay pending");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }

    async fn stop(self) -> anyhow::Result<()> {
        for hop in self.hops {
            hop.stop().await?;
        }
        Ok(())
    }
}

fn payment(payee: Peer) -> Command {
    Command::PayNode { payee, amount: AMOUNT, max_fee: MAX_FEE, operation: None }
}

/// Pays one after the other for a time. Returns what was made, and what it cost.
async fn pay_on(
    handle: Handle,
    payee: Peer,
    began: Instant,
    span: Duration,
) -> anyhow::Result<(Vec<Made>, Balance)> {
    let (mut made, mut fees) = (Vec::new(), 0);
    while began.elapsed() < span {
        let start = Instant::now();
        match handle.command(payment(payee)).await?? {
            Reply::Delivered { fee, .. } => {
                made.push(Made { at: began.elapsed(), took: start.elapsed() });
                fees += fee;
            }
            other => bail!("not delivered: {other:?}"),
        }
    }
    Ok((made, fees))
}

/// Measures payments over three hops.
pub async fn measure(bench: &Bench) -> anyhow::Result<Vec<Section>> {
    let room = bench.room("hops")?;
    bench.say("opening three public channels in a row");
    let row = Row::start(&room).await?;
    let mut figures = Vec::new();
    for depth in DEPTHS {
        let name = format!("{depth} under way");
        let mut rounds = Vec::new();
        for _ in bench.rounds(&format!("three hops, {name}")) {
            rounds.push(row.pay(bench, depth).await?);
        }
        let each = |value: fn(&Measured) -> f64| rounds.iter().map(value).collect::<Vec<_>>();
        let of = "what all cores sign and verify if no payments shared a version";
        figures.push(
            Figure::new(name.clone(), "payments/s", each(|it| it.round.per_second()))
                .ratio(of, each(|it| it.round.per_second() / it.limit))
                .note(format!("{:.1} cores busy", spread(&each(|it| it.cores)).1)),
        );
        figures.push(Figure::new(
            format!("{name}, p50"),
            "ms",
            each(|it| it.round.milliseconds(0.5)),
        ));
        figures.push(
            Figure::new(format!("{name}, p99"), "ms", each(|it| it.round.milliseconds(0.99)))
                .ratio(
                    "two bare syncs",
                    each(|it| it.round.milliseconds(0.99) / (2e3 / it.bare_syncs)),
                ),
        );
    }
    row.stop().await?;
    let title = "Payments over three hops: four nodes in one process, each with the daemon's shell \
                 and transport on 127.0.0.1 and a store of its own, every record synced";
    Ok(vec![Section::new(title, figures)])
}
