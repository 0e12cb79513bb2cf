// SPDX-License-Identifier: Apache-2.0

//! Streams: a payment a hash link, from one node to the other.
//!
//! Both nodes, their shells and the wire between them run on one thread. Every link is released,
//! encoded, sent, decoded and verified by itself; none is jumped over. When a root is used up, the
//! next stream is opened before the old one is folded, and both count. The links of the next root are
//! made meanwhile on another thread, and what that costs is shown apart.

use crate::{
    report::{Aim, Figure, Section},
    run::Bench,
    sides::{Side, genesis, pair},
};
use anyhow::{Context, bail, ensure};
use millrace_bench_machine::{ThreadClock, process_seconds};
use millrace_channels_daemon::{Command, Reply, input::Links};
use millrace_channels_protocol::{Source, StreamName, StreamTerms};
use millrace_primitives_channels::{Balance, ChannelId};
use std::{
    path::Path,
    sync::mpsc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// Links of one chain, and of one message when a chain fits into it.
const LINKS: u32 = 64;

/// Links a second that streams should reach on one core.
const MILLION: f64 = 1e6;

/// What one round did.
struct Streamed {
    links: u64,
    folds: u64,
    seconds: f64,
    /// Seconds on cores, of everything but making roots.
    spent: f64,
    /// Seconds on a core that making roots took.
    making: f64,
}

/// Makes sources ahead, one at a time, on a thread of its own.
struct Maker {
    sources: mpsc::Receiver<Source>,
    clock: ThreadClock,
    thread: JoinHandle<()>,
}

impl Maker {
    fn start(channel: ChannelId, payer: u8, chains: u32) -> anyhow::Result<Self> {
        let (ready, sources) = mpsc::sync_channel(1);
        let (tell, told) = mpsc::channel();
        let thread = thread::spawn(move || {
            // Whoever waits for the clock hears that there is none.
            let _ = tell.send(ThreadClock::mine());
            for epoch in 0.. {
                let name = StreamName { payer, payee: 1_u8.saturating_sub(payer), epoch };
                let terms = StreamTerms { name, unit: 1, chains, links: LINKS };
                let mut seed = [9; 32];
                seed[..4].copy_from_slice(&epoch.to_le_bytes());
                if ready.send(Source::generate(&genesis(), &channel, terms, seed)).is_err() {
                    return;
                }
            }
        });
        Ok(Self { sources, clock: told.recv()??, thread })
    }

    /// The next source. Waits if it is not ready; then streams are faster than one core makes links.
    async fn next(&self) -> anyhow::Result<Source> {
        loop {
            match self.sources.try_recv() {
                Ok(source) => return Ok(source),
                Err(mpsc::TryRecvError::Empty) => {
                    tokio::time::sleep(Duration::from_micros(200)).await;
                }
                Err(error) => bail!("the maker has ended: {error}"),
            }
        }
    }

    /// Ends it, once it has made what it is making.
    fn stop(self) -> anyhow::Result<()> {
        drop(self.sources);
        self.thread.join().ok().context("the maker panicked")
    }
}

/// Frames that a node has sent, and that it has taken.
async fn frames(side: &Side) -> anyhow::Result<(u64, u64)> {
    let stats = side.handle.look(|node| node.stats()).await?;
    Ok((stats.frames_sent, stats.frames_received))
}

async fn open(side: &Side, channel: ChannelId, maker: &Maker) -> anyhow::Result<StreamName> {
    let source = maker.next().await?;
    let name = StreamName::of(source.stream());
    let source = Links(Box::new(source));
    side.handle.command(Command::OpenStream { channel, source }).await??;
    Ok(name)
}

/// Streams for a time, `at_once` links to a message, and checks that what was folded is what was
/// released.
async fn stream(
    folder: &Path,
    at_once: u32,
    chains: u32,
    span: Duration,
) -> anyhow::Result<Streamed> {
    let [here, there] = pair(folder).await?;
    let channel = *here.open(1, |_| ()).await?.first().context("one channel")?;
    let position = here.handle.look(move |node| node.channel(channel).map(|it| it.position));
    let payer = position.await?.context("the channel is known")?;
    let maker = Maker::start(channel, payer, chains)?;
    let mut name = open(&here, channel, &maker).await?;
    let before = here.spendable(&[channel]).await?;
    let (sent_before, taken_before) = (frames(&here).await?.0, frames(&there).await?.1);
    let (busy, made) = (process_seconds(std::process::id())?, maker.clock.spent()?);
    let began = Instant::now();
    let (mut links, mut folds) = (0_u64, 0_u64);
    let mut is_over = false;
    while !is_over {
        let pulse = Command::Pulse { channel, stream: name, count: at_once };
        let Reply::Pulsed { sent, .. } = here.handle.command(pulse).await?? else {
            bail!("a pulse was answered by something else")
        };
        links += u64::from(sent);
        if sent > 0 {
            continue;
        }
        // The root is used up. A round ends with a fold, so that no link is counted that was not
        // paid.
        is_over = began.elapsed() >= span;
        let next = if is_over { None } else { Some(open(&here, channel, &maker).await?) };
        here.handle.command(Command::FoldStream { channel, stream: name }).await??;
        folds += 1;
        name = next.unwrap_or(name);
    }
    let seconds = began.elapsed().as_secs_f64();
    let making = maker.clock.spent()?.saturating_sub(made).as_secs_f64();
    let spent = process_seconds(std::process::id())? - busy - making;
    let (sent, taken) =
        (frames(&here).await?.0 - sent_before, frames(&there).await?.1 - taken_before);
    ensure!(sent == taken, "{sent} frames were sent and {taken} taken: links were lost");
    // The first stream's reserve was set aside before; the last one's is back.
    let reserve = Balance::from(chains) * Balance::from(LINKS);
    let paid = (before + reserve).saturating_sub(here.spendable(&[channel]).await?);
    ensure!(paid == Balance::from(links), "{paid} units were folded, {links} links released");
    here.stop().await?;
    there.stop().await?;
    maker.stop()?;
    // The process's time is told in hundredths of a second.
    Ok(Streamed { links, folds, seconds, spent: spent.max(0.01), making })
}

/// Measures streams.
pub async fn measure(bench: &Bench) -> anyhow::Result<Vec<Section>> {
    let chains = bench.scale.chains;
    let room = bench.room("pulses")?;
    let mut figures = Vec::new();
    for (at_once, chains) in [(LINKS, chains), (1, (chains / 16).max(1))] {
        let name = format!("links, {at_once} to a message");
        let mut rounds = Vec::new();
        for round in bench.rounds(&name) {
            let folder = room.join(format!("{at_once}-{round}"));
            crate::run::make(&folder)?;
            let (span, ahead) = (bench.scale.span, folder.clone());
            // A thread and a runtime of its own, so that everything measured is on one thread.
            let thread = thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                runtime.block_on(stream(&ahead, at_once, chains, span))
            });
            let ended = tokio::task::spawn_blocking(move || thread.join()).await?;
            rounds.push(ended.ok().context("a round panicked")??);
        }
        let rates: Vec<_> = rounds.iter().map(|it| it.links as f64 / it.seconds).collect();
        let on_core: Vec<_> = rounds.iter().map(|it| it.links as f64 / it.spent).collect();
        let all: Vec<_> =
            rounds.iter().map(|it| it.links as f64 / (it.spent + it.making)).collect();
        let folds: u64 = rounds.iter().map(|it| it.folds).sum();
        let figure = Figure::new(name.clone(), "/s", rates).note(format!(
            "one thread; {} links to a root, {folds} folds in all, each after its last link",
            u64::from(chains) * u64::from(LINKS),
        ));
        let core = Figure::new(format!("{name}, a second on a core"), "/s", on_core)
            .note("both nodes and both stores, without making roots");
        let is_aim = at_once == LINKS;
        figures.push(if is_aim { figure.aim(Aim::AtLeast(MILLION)) } else { figure });
        figures.push(if is_aim { core.aim(Aim::AtLeast(MILLION)) } else { core });
        figures.push(
            Figure::new(format!("{name}, roots included"), "/s", all)
                .note("a second on a core, with what another core makes ahead"),
        );
    }
    let title = "Streams, every link verified by itself: two nodes in one thread, a store each";
    Ok(vec![Section::new(title, figures)])
}
