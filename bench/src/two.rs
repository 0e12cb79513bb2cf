// SPDX-License-Identifier: Apache-2.0

//! Two processes over loopback: this one, and one that it starts from its own program.
//!
//! Both nodes are as the daemon runs them: the shell, a store on the disk whose syncs everything
//! waits for, and the real transport (libp2p over TCP on 127.0.0.1, Noise, Yamux) with its default
//! limits. The chain alone is in memory. The channels are opened by both nodes in this process, and
//! then loaded by each in its own, as after a restart.

use crate::{
    bare::{Rate, signatures, syncs},
    load::{Round, drive},
    network::{Network, peer_id},
    run::Bench,
    sides::{Party, Side, load, pair},
};
use anyhow::{Context, bail, ensure};
use millrace_bench_machine::{cores, process_seconds};
use millrace_channels_daemon::in_memory::MemoryChain;
use millrace_channels_transport::{Handle, Multiaddr, Options, Transport};
use millrace_primitives_channels::{Balance, ChannelId};
use std::{
    fmt::Display,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// How long the transport may take to say where it listens, and both sides to agree on what was paid.
const PATIENCE: Duration = Duration::from_secs(30);

/// Who pays in a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payers {
    /// The node of this process pays the other.
    Here,
    /// Each pays the other, as fast as it can.
    Both,
}

/// A node of this process, connected to one of another process.
pub struct Two {
    /// The node of this process.
    pub here: Side,
    /// The channels between them.
    pub channels: Vec<ChannelId>,
    network: Handle,
    lost: Arc<AtomicU64>,
    other: Other,
}

/// What a round between two processes did, beside what the machine allowed at that time.
pub struct Measured {
    /// The payments.
    pub round: Round,
    /// Versions agreed a second.
    pub updates: f64,
    /// Versions a second if all cores did nothing but sign and verify.
    pub limit: f64,
    /// The part of the time that both processes spent on cores that signatures would take if each were verified
    /// by itself.
    pub on_signatures: f64,
    /// Cores that both processes kept busy.
    pub cores: f64,
    /// Syncs a second that the disk does at most when both write at once.
    pub bare_syncs: f64,
    /// Syncs a second of the store of this process.
    pub syncs: f64,
}

impl Two {
    /// Opens channels, starts the other process, and waits until both are ready.
    pub async fn start(bench: &Bench, name: &str, channels: usize) -> anyhow::Result<Self> {
        let room = bench.room(name)?;
        bench.say(&format!("opening {channels} channels"));
        let [here, there] = pair(&room).await?;
        let mut channels = here.open(channels, |_| ()).await?;
        // As each node lists them.
        channels.sort_unstable();
        here.stop().await?;
        there.stop().await?;
        let other = Command::new(std::env::current_exe()?)
            .arg("peer")
            .arg(room.join("there"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting the other process")?;
        let mut other = Other::new(other)?;
        let line = other.hear()?;
        let address: Multiaddr = line.parse::<Multiaddr>().with_context(|| {
            format!("the other process said {line:?} instead of where it listens")
        })?;
        let (here, network, lost) = run(Party::HERE, &room.join("here")).await?;
        network.connect(peer_id(Party::THERE.peer()?)?, vec![address]).await?;
        here.ready(Party::THERE.peer()?).await?;
        let mut two = Self { here, channels, network, lost, other };
        // Warm-up, and proof that the other side is ready as well.
        two.pay(bench, Payers::Here, two.channels.len(), 1, bench.scale.glance).await?;
        Ok(two)
    }

    /// Pays in the first `channels` channels for a time, with `depth` payments of each payer under way in each,
    /// and checks that the channels paid exactly what was answered.
    pub async fn pay(
        &mut self,
        bench: &Bench,
        payers: Payers,
        channels: usize,
        depth: usize,
        span: Duration,
    ) -> anyhow::Result<Measured> {
        let glance = bench.scale.glance;
        let Rate { per_second: pairs, core_seconds } = signatures(glance, cores())?;
        let bare_syncs = syncs(&bench.folder, glance, 2)?;
        let channels = self.channels.get(..channels).context("so many channels are not open")?;
        let lost = self.lost.load(Ordering::Relaxed);
        let processes = [std::process::id(), self.other.child.id()];
        let busy = || processes.iter().map(|it| process_seconds(*it)).sum::<anyhow::Result<f64>>();
        let count = || self.here.handle.look(|node| node.stats().versions);
        let (versions, synced, busy_before) = (count().await?, self.here.store.stats()?, busy()?);
        let before = self.here.spendable(channels).await?;
        if payers == Payers::Both {
            self.other.say(channels.len(), depth, span)?;
        }
        let round = drive(&self.here, channels, depth, span).await?;
        let versions = count().await?.saturating_sub(versions) as f64;
        let syncs = self.here.store.stats()?.syncs.saturating_sub(synced.syncs) as f64;
        let spent = busy()? - busy_before;
        let received = match payers {
            Payers::Here => 0,
            Payers::Both => self.other.hear()?.parse::<Balance>().context("the other's count")?,
        };
        self.verify_paid(channels, before, Balance::try_from(round.count())?, received).await?;
        let lost = self.lost.load(Ordering::Relaxed) - lost;
        ensure!(lost == 0, "{lost} frames found no room in the transport's queue");
        let seconds = round.seconds();
        Ok(Measured {
            updates: versions / seconds,
            // A version takes two signatures, each made once and verified once.
            limit: pairs / 2.0,
            on_signatures: versions * 2.0 * core_seconds / spent.max(f64::MIN_POSITIVE),
            cores: spent / seconds,
            bare_syncs,
            syncs: syncs / seconds,
            round,
        })
    }

    /// Waits until channels hold what was answered, and no more or less.
    async fn verify_paid(
        &self,
        channels: &[ChannelId],
        before: Balance,
        paid: Balance,
        received: Balance,
    ) -> anyhow::Result<()> {
        let began = Instant::now();
        loop {
            let has = self.here.spendable(channels).await?;
            if before + received == has + paid {
                return Ok(());
            }
            // The payer of a version that the other one proposed knows first that it is agreed.
            ensure!(
                began.elapsed() < PATIENCE,
                "{paid} payments were answered here and {received} there, and {before} became {has}"
            );
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Ends both.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.here.stop().await?;
        // The node's end was the end of its wire; an error says that the transport has heard of it.
        let _ = self.network.shutdown().await;
        self.other.end()
    }
}

/// The other process. After a failure nobody needs it; after a success it has ended.
struct Other {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Other {
    fn new(mut child: Child) -> anyhow::Result<Self> {
        let output = child.stdout.take().context("the other process says nothing")?;
        Ok(Self { child, output: BufReader::new(output) })
    }

    /// The next line that it says.
    fn hear(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }

    /// Asks it to pay, too.
    fn say(&mut self, channels: usize, depth: usize, span: Duration) -> anyhow::Result<()> {
        let input = self.child.stdin.as_mut().context("the other process hears nothing")?;
        Ok(writeln!(input, "{channels} {depth} {}", span.as_millis())?)
    }

    fn end(&mut self) -> anyhow::Result<()> {
        drop(self.child.stdin.take());
        let status = self.child.wait()?;
        ensure!(status.success(), "the other process ended with {status}");
        Ok(())
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        // An error says that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a node on the transport, from its store.
async fn run(party: Party, folder: &Path) -> anyhow::Result<(Side, Handle, Arc<AtomicU64>)> {
    let loaded = load(party, folder)?;
    let chain = MemoryChain::default();
    for id in loaded.node.channels() {
        let view = loaded.node.channel(id).context("a channel that is listed is known")?;
        chain.assume_open(id, view.deposits.iter().sum());
    }
    let (network, incoming) = Transport::start(Options::default(), &party.node_key()).await?;
    let (wire, lost) = Network::new(network.clone(), incoming);
    Ok((Side::start(loaded, wire, chain.ledger()), network, lost))
}

/// What the other process does: says where it listens, and runs until its input ends. For each line of its
/// input it pays, too, and says how many payments it made.
pub async fn serve(folder: &Path) -> anyhow::Result<()> {
    let (side, network, _) = run(Party::THERE, folder).await?;
    let listening = tokio::time::timeout(PATIENCE, network.addresses()).await??.listening;
    let address = listening.first().context("it listens nowhere")?;
    tell(address)?;
    let opened = side.handle.look(|node| node.channels().collect::<Vec<_>>()).await?;
    let next = || tokio::task::spawn_blocking(|| std::io::stdin().lines().next().transpose());
    while let Some(line) = next().await?? {
        let numbers = line.split(' ').map(str::parse).collect::<Result<Vec<u64>, _>>()?;
        let [channels, depth, span] = numbers[..] else { bail!("{line:?} asks for no payments") };
        let channels = opened.get(..usize::try_from(channels)?).context("so many are not open")?;
        let span = Duration::from_millis(span);
        tell(drive(&side, channels, usize::try_from(depth)?, span).await?.count())?;
    }
    side.stop().await?;
    // As above.
    let _ = network.shutdown().await;
    Ok(())
}

/// Says one line to the process that started this one.
fn tell(what: impl Display) -> anyhow::Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{what}")?;
    Ok(output.flush()?)
}
