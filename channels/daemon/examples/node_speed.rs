// SPDX-License-Identifier: Apache-2.0

//! How fast two nodes in one process agree, durably, beside the bare limits of the machine; and what
//! an idle channel costs.
//!
//! ```text
//! cargo run --release -p millrace-channels-daemon --example node_speed [channels]
//! ```
//!
//! Each node has a store of its own on the disk, under the folder that `TMPDIR` names, and everything
//! that it says waits for that disk. `channels`: how many idle channels are loaded in the end; 5,000
//! unless given.

use millrace_channels_daemon::{
    Command, Config, Identity, Keys, Node, Peer, Reply,
    in_memory::{MemoryChain, wire},
    shell::{Handle, start},
    write::load as read,
};
use millrace_channels_protocol::Signer;
use millrace_channels_store::{GuessCost, Options, Passphrase, Store};
use millrace_primitives_channels::{ChannelId, Hash, verify_signer};
use polkadot_sdk::sp_core::{Pair, ed25519, sr25519};
use std::{
    error::Error,
    fs::{self, File},
    io::{Seek, SeekFrom, Write},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::JoinHandle;

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// How long each figure is measured.
const SPAN: Duration = Duration::from_secs(4);

fn signer(number: u8) -> ed25519::Pair {
    ed25519::Pair::from_seed(&[number + 1; 32])
}

fn peer(number: u8) -> Peer {
    Peer([number + 100; 32])
}

fn genesis() -> Hash {
    Hash::repeat_byte(7)
}

fn options() -> Options {
    Options { guess_cost: GuessCost::LEAST, ..Options::default() }
}

fn config() -> Config {
    let mut config = Config::default();
    config.acceptance.own_deposit_max = u128::MAX / 8;
    config.limits.openings_per_peer = 10_000;
    config.limits.channels_per_peer = 1_000_000;
    config.limits.frames_per_second = u32::MAX;
    config.limits.awake = usize::MAX;
    config
}

/// A running node.
struct Side {
    handle: Handle,
    task: JoinHandle<()>,
    store: Arc<Store>,
}

impl Side {
    async fn stop(self) -> Outcome {
        self.handle.shutdown().await;
        self.task.await?;
        drop(self.store);
        Ok(())
    }
}

/// Opens a node's store and starts it. Returns how long loading took, too.
fn side(
    number: u8,
    folder: &Path,
    wire: millrace_channels_daemon::in_memory::MemoryWire,
    chain: &MemoryChain,
) -> Outcome<Side> {
    let (store, node, outputs) = load(number, folder)?;
    let store = Arc::new(store);
    let began = Instant::now();
    let clock = move || u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (handle, run) = start(node, outputs, store.clone(), wire, chain.ledger(), clock);
    Ok(Side { handle, task: tokio::spawn(run), store })
}

fn load(
    number: u8,
    folder: &Path,
) -> Outcome<(Store, Node, Vec<millrace_channels_daemon::Output>)> {
    let passphrase = Passphrase::new("measure");
    let store = match Store::open(folder, &passphrase, &options()) {
        Ok(store) => store,
        Err(_) => Store::create(folder, &passphrase, &options())?,
    };
    let account = sr25519::Pair::from_seed(&[number + 50; 32]);
    let keys = Keys::new(account, signer(number), [number; 32]);
    let loaded = read(&store)?;
    let identity = Identity { genesis: genesis(), keys, me: peer(number), seed: [number; 32] };
    let restored = Node::restore(config(), identity, loaded);
    Ok((store, restored.node, restored.outputs))
}

async fn open(from: &Handle, to: Peer, deposit: u128) -> Outcome<ChannelId> {
    let command = Command::Open {
        peer: to,
        deposit,
        their_deposit: deposit,
        challenge_blocks: 1_000,
        open_within: 500,
        operation: None,
    };
    match from.command(command).await?? {
        Reply::Opened { channel } => Ok(channel),
        other => Err(format!("not opened: {other:?}").into()),
    }
}

/// What a round of payments did.
struct Figures {
    payments: f64,
    updates: f64,
    latencies: Vec<Duration>,
}

/// Both sides pay in all channels, each with `depth` payments under way in each channel.
async fn pay(sides: &[Side; 2], channels: &[ChannelId], depth: usize) -> Outcome<Figures> {
    let before = sides[0].handle.look(|node| node.stats().versions).await?;
    let began = Instant::now();
    let mut tasks = Vec::new();
    for side in sides {
        for channel in channels {
            for _ in 0..depth {
                let (handle, channel) = (side.handle.clone(), *channel);
                tasks.push(tokio::spawn(async move {
                    let mut took = Vec::new();
                    while began.elapsed() < SPAN {
                        let start = Instant::now();
                        let command =
                            Command::Pay { channel, payee: None, amount: 1, operation: None };
                        if let Ok(Ok(Reply::Paid { .. })) = handle.command(command).await {
                            took.push(start.elapsed());
                        }
                    }
                    took
                }));
            }
        }
    }
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await?);
    }
    let seconds = began.elapsed().as_secs_f64();
    let after = sides[0].handle.look(|node| node.stats().versions).await?;
    latencies.sort_unstable();
    Ok(Figures {
        payments: latencies.len() as f64 / seconds,
        updates: after.saturating_sub(before) as f64 / seconds,
        latencies,
    })
}

fn part(latencies: &[Duration], share: f64) -> f64 {
    let place = (latencies.len() as f64 * share) as usize;
    latencies.get(place.min(latencies.len().saturating_sub(1))).map_or(0.0, Duration::as_secs_f64)
        * 1e3
}

/// What one thread of this machine signs and verifies a second.
fn bare_signatures() -> Outcome<f64> {
    let (pair, mut payload) = (signer(0), Hash::zero());
    let public = pair.public_key();
    let (start, mut count) = (Instant::now(), 0_u64);
    while start.elapsed() < SPAN / 2 {
        payload.0[0] = payload.0[0].wrapping_add(1);
        if !verify_signer(&pair.sign_state(&payload), &public, &payload) {
            return Err("a signature of our own is not valid".into());
        }
        count += 1;
    }
    Ok(count as f64 / start.elapsed().as_secs_f64())
}

/// What the disk does at most: 4 KiB over and over, each synced.
fn bare_syncs(path: &Path) -> Outcome<f64> {
    let mut file = File::create(path)?;
    file.write_all(&vec![1; 1024 * 1024])?;
    file.sync_all()?;
    let (start, mut count) = (Instant::now(), 0_u32);
    while start.elapsed() < SPAN / 2 {
        file.seek(SeekFrom::Start(u64::from(count % 256) * 4096))?;
        file.write_all(&[2; 4096])?;
        file.sync_data()?;
        count += 1;
    }
    Ok(f64::from(count) / start.elapsed().as_secs_f64())
}

/// A number of KiB that Linux tells of this process.
fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}

async fn rates(folder: &Path) -> Outcome {
    let signatures = bare_signatures()?;
    let syncs = bare_syncs(&folder.join("bare"))?;
    println!("bare ed25519 sign + verify, one core {signatures:>10.0} /s");
    println!("bare write of 4 KiB and sync         {syncs:>10.0} /s");
    let chain = MemoryChain::default();
    let (one, other) = wire(peer(0), peer(1));
    let sides = [
        side(0, &folder.join("one"), one, &chain)?,
        side(1, &folder.join("other"), other, &chain)?,
    ];
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut channels = Vec::new();
    for (count, depth) in [(1, 1), (1, 16), (1, 256), (16, 1), (16, 16), (64, 1), (64, 16)] {
        while channels.len() < count {
            channels.push(open(&sides[0].handle, peer(1), 1 << 100).await?);
        }
        let figures = pay(&sides, &channels, depth).await?;
        println!(
            "{count:>3} channels, {depth:>3} payments under way each way: {:>8.0} updates/s \
             ({:>3.0} % of what one core signs and verifies), {:>8.0} payments/s, \
             p50 {:>7.2} ms, p99 {:>7.2} ms",
            figures.updates,
            // An update takes two signatures to make and two to verify.
            100.0 * figures.updates / (signatures / 2.0),
            figures.payments,
            part(&figures.latencies, 0.5),
            part(&figures.latencies, 0.99),
        );
    }
    for side in sides {
        let stats = side.store.stats()?;
        println!("a store wrote {} batches with {} syncs", stats.batches, stats.syncs);
        side.stop().await?;
    }
    Ok(())
}

/// Opens many channels, pays once in each, and loads them again.
async fn idle(folder: &Path, count: usize) -> Outcome {
    let chain = MemoryChain::default();
    let (one, other) = wire(peer(0), peer(1));
    let (home, away) = (folder.join("many"), folder.join("away"));
    let sides = [side(0, &home, one, &chain)?, side(1, &away, other, &chain)?];
    tokio::time::sleep(Duration::from_millis(100)).await;
    let began = Instant::now();
    let mut left = count;
    while left > 0 {
        let some = left.min(500);
        left -= some;
        let tasks: Vec<_> = (0..some)
            .map(|_| {
                let handle = sides[0].handle.clone();
                tokio::spawn(async move {
                    let channel = open(&handle, peer(1), 1_000).await?;
                    let command = Command::Pay { channel, payee: None, amount: 1, operation: None };
                    handle.command(command).await??;
                    Outcome::Ok(())
                })
            })
            .collect();
        for task in tasks {
            task.await??;
        }
    }
    println!("\n{count} channels opened and paid in once, in {:.1?}", began.elapsed());
    for side in sides {
        side.stop().await?;
    }
    let before = resident_kib();
    let began = Instant::now();
    let (store, mut node, outputs) = load(0, &home)?;
    let took = began.elapsed();
    let after = resident_kib();
    let (channels, awake) = node.count();
    println!(
        "loaded {channels} channels ({awake} awake) in {took:.2?}: {} bytes each as they sleep, \
         {} bytes of resident memory each (store's cache and first outputs included)",
        node.bytes_asleep().checked_div(channels).unwrap_or(0),
        after.saturating_sub(before).saturating_mul(1024).checked_div(channels as u64).unwrap_or(0),
    );
    // Asking for the terms of a stream wakes a channel, and changes nothing.
    for channel in node.channels() {
        node.stream_terms(channel, None, 1, 1, 1)?;
    }
    let (_, awake) = node.count();
    println!(
        "with {awake} of them awake: {} bytes of resident memory each",
        resident_kib()
            .saturating_sub(before)
            .saturating_mul(1024)
            .checked_div(channels as u64)
            .unwrap_or(0),
    );
    drop((store, node, outputs));
    Ok(())
}

#[tokio::main]
async fn main() -> Outcome {
    let count = std::env::args().nth(1).map_or(Ok(5_000), |count| count.parse())?;
    let folder = tempfile::tempdir()?;
    rates(folder.path()).await?;
    idle(folder.path(), count).await
}
