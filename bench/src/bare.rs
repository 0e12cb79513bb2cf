// SPDX-License-Identifier: Apache-2.0

//! What the bare machine does at most: the limit of everything else.

use crate::{
    report::{Figure, Section},
    run::Bench,
};
use anyhow::{Context, anyhow, ensure};
use millrace_bench_machine::{ThreadClock, cores};
use millrace_channels_protocol::Signer;
use millrace_primitives_channels::{Hash, stream::step, verify_signer};
use polkadot_sdk::{
    sp_core::{Blake2Hasher, H256, Pair, ed25519, sr25519},
    sp_io::hashing::blake2_256,
    sp_trie::{LayoutV1, PrefixedMemoryDB, delta_trie_root, empty_trie_root},
};
use std::{
    fs::File,
    io::Write,
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// Hashes between two looks at the clock.
const HASHES: u64 = 1_000;

/// Bytes that each measured sync makes durable.
const SYNCED_BYTES: usize = 4_096;

/// Accounts in the state whose root is computed.
const ACCOUNTS: u64 = 100_000;

/// How many of them change from one root to the next: about as many as in half a block of transfers.
const CHANGED: u64 = 8_192;

/// How often something is done.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// How often a second, all threads together.
    pub per_second: f64,
    /// What once takes of a core, in seconds.
    pub core_seconds: f64,
}

/// Does something over and over on several threads. `work` makes what one thread repeats; each call
/// says how often it did it.
fn rate<W>(span: Duration, threads: usize, work: impl Fn(usize) -> W + Sync) -> anyhow::Result<Rate>
where
    W: FnMut() -> anyhow::Result<u64>,
{
    let one = |thread: usize| -> anyhow::Result<(u64, f64, Duration)> {
        let mut work = work(thread);
        let clock = ThreadClock::mine()?;
        let (began, before) = (Instant::now(), clock.spent()?);
        let mut count = 0;
        while began.elapsed() < span {
            count += work()?;
        }
        Ok((count, began.elapsed().as_secs_f64(), clock.spent()?.saturating_sub(before)))
    };
    let parts = thread::scope(|scope| {
        let one = &one;
        let running: Vec<_> = (0..threads).map(|it| scope.spawn(move || one(it))).collect();
        let ended = running.into_iter().map(|it| it.join().ok().context("a thread panicked")?);
        ended.collect::<anyhow::Result<Vec<_>>>()
    })?;
    let count: u64 = parts.iter().map(|(count, _, _)| count).sum();
    let spent: Duration = parts.iter().map(|(_, _, spent)| *spent).sum();
    ensure!(count > 0, "nothing was done in {span:?}");
    Ok(Rate {
        per_second: parts.iter().map(|(count, seconds, _)| *count as f64 / seconds).sum(),
        core_seconds: spent.as_secs_f64() / count as f64,
    })
}

/// Pairs of sign and verify, with the signatures that the daemon makes.
pub fn signatures(span: Duration, threads: usize) -> anyhow::Result<Rate> {
    rate(span, threads, |_| pairs(ed25519::Pair::from_seed(&[1; 32])))
}

fn pairs(pair: impl Signer) -> impl FnMut() -> anyhow::Result<u64> {
    let (public, mut payload) = (pair.public_key(), Hash::zero());
    move || {
        payload.0[0] = payload.0[0].wrapping_add(1);
        ensure!(verify_signer(&pair.sign_state(&payload), &public, &payload), "a bad signature");
        Ok(1)
    }
}

fn links(span: Duration) -> anyhow::Result<Rate> {
    rate(span, 1, |_| {
        let mut link = [0; 32];
        move || {
            for _ in 0..HASHES {
                link = step(&[7; 16], &link);
            }
            std::hint::black_box(link);
            Ok(HASHES)
        }
    })
}

fn other_hash(span: Duration) -> anyhow::Result<Rate> {
    rate(span, 1, |_| {
        let mut block = [0; 48];
        move || {
            for _ in 0..HASHES {
                let hash = blake2_256(&block);
                block[16..].copy_from_slice(&hash);
            }
            std::hint::black_box(block);
            Ok(HASHES)
        }
    })
}

/// Changes accounts of a state in memory, 8,192 before each root of it. What is counted is accounts.
fn accounts(span: Duration) -> anyhow::Result<Rate> {
    rate(span, 1, |_| {
        let mut state = State::new();
        let mut first = 0;
        move || {
            state.as_mut().map_err(|error| anyhow!("no state: {error}"))?.change(first, CHANGED)?;
            first = (first + CHANGED) % ACCOUNTS;
            Ok(CHANGED)
        }
    })
}

/// Accounts as the chain has them: keys of 80 bytes, values of 80 bytes.
struct State {
    database: PrefixedMemoryDB<Blake2Hasher>,
    root: H256,
    /// Changes with each change, so that all values do.
    round: u64,
}

impl State {
    fn new() -> anyhow::Result<Self> {
        let root = empty_trie_root::<LayoutV1<Blake2Hasher>>();
        let mut state = Self { database: PrefixedMemoryDB::default(), root, round: 0 };
        state.change(0, ACCOUNTS)?;
        Ok(state)
    }

    fn change(&mut self, first: u64, count: u64) -> anyhow::Result<()> {
        self.round += 1;
        let entry = |index: u64| {
            let hash = blake2_256(&(index % ACCOUNTS).to_le_bytes());
            let key = [&hash[..], &hash[..], &hash[..16]].concat();
            // The first bytes are what is random; those of a map's name would be the same for all.
            let value = [self.round.to_le_bytes(); 10].concat();
            (key, Some(value))
        };
        let changes = (first..first + count).map(entry);
        let old = self.root;
        self.root = delta_trie_root::<LayoutV1<Blake2Hasher>, _, _, _, _, _>(
            &mut self.database,
            old,
            changes,
            None,
            None,
        )
        .map_err(|error| anyhow!("the state has no root: {error}"))?;
        ensure!(self.root != old, "the root did not change");
        Ok(())
    }
}

/// Appends 4 KiB and syncs them, over and over, to one file a thread.
pub fn syncs(folder: &Path, span: Duration, threads: usize) -> anyhow::Result<f64> {
    let files: Vec<_> = (0..threads).map(|it| folder.join(format!("bare-{it}"))).collect();
    let measured = rate(span, threads, |thread| {
        let mut file = files.get(thread).map(File::create);
        move || {
            let file = match &mut file {
                Some(Ok(file)) => file,
                _ => anyhow::bail!("{} takes no files", folder.display()),
            };
            file.write_all(&[2; SYNCED_BYTES])?;
            file.sync_data()?;
            Ok(1)
        }
    });
    for file in files {
        std::fs::remove_file(&file).with_context(|| format!("removing {}", file.display()))?;
    }
    Ok(measured?.per_second)
}

/// Measures the bare machine.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Section>> {
    let span = bench.scale.glance;
    let (mut one, mut all) = (Vec::new(), Vec::new());
    let mut other = Vec::new();
    let (mut sha, mut blake, mut trie) = (Vec::new(), Vec::new(), Vec::new());
    let (mut sync, mut two_syncs) = (Vec::new(), Vec::new());
    for round in bench.rounds("the bare machine") {
        // The first round of each warms up what the others need.
        if round == 0 {
            signatures(span / 4, 1)?;
        }
        one.push(signatures(span, 1)?.per_second);
        all.push(signatures(span, cores())?.per_second);
        let schnorr = |_: usize| pairs(Sr25519(sr25519::Pair::from_seed(&[1; 32])));
        other.push(rate(span, 1, schnorr)?.per_second);
        sha.push(links(span)?.per_second);
        blake.push(other_hash(span)?.per_second);
        trie.push(accounts(span)?.per_second);
        sync.push(syncs(&bench.folder, span, 1)?);
        two_syncs.push(syncs(&bench.folder, span, 2)?);
    }
    let figures = vec![
        Figure::new("sign + verify, ed25519, one core", "/s", one.clone())
            .note("the signatures under states"),
        Figure::new(format!("the same on {} cores", cores()), "/s", all.clone())
            .ratio("one core", over(&all, &one)),
        Figure::new("sign + verify, sr25519, one core", "/s", other)
            .note("the signatures of accounts, which open channels"),
        Figure::new("SHA-256 of one link, one core", "/s", sha),
        Figure::new("BLAKE2b-256 of one link, one core", "/s", blake),
        Figure::new("accounts changed, and the root of 100,000, one core", "/s", trie)
            .note("in memory, 8,192 to a root; a transfer changes two"),
        Figure::new("append 4 KiB and fdatasync", "/s", sync.clone()),
        Figure::new("the same to two files at once", "/s", two_syncs.clone())
            .ratio("one file", over(&two_syncs, &sync)),
    ];
    Ok(vec![Section::new("The bare machine", figures)])
}

/// What each value is of the other one, round by round.
pub fn over(values: &[f64], others: &[f64]) -> Vec<f64> {
    values.iter().zip(others).map(|(value, other)| value / other.max(f64::MIN_POSITIVE)).collect()
}

/// Signatures of accounts, measured like those of states.
struct Sr25519(sr25519::Pair);

impl Signer for Sr25519 {
    fn public_key(&self) -> polkadot_sdk::sp_runtime::MultiSigner {
        self.0.public().into()
    }

    fn sign_state(&self, payload: &Hash) -> polkadot_sdk::sp_runtime::MultiSignature {
        self.0.sign(payload.as_bytes()).into()
    }
}
