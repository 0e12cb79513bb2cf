// SPDX-License-Identifier: Apache-2.0

//! Side by side with LDK: the same machine, the same run, the same durability, round by round.
//!
//! LDK's program (`bench/ldk`) drives two of its nodes in one process, messages passed in memory, and
//! syncs each update of a channel's monitor before it goes on. Ours does the same: two nodes in one
//! process, a wire in memory, and every record synced before anything leaves. Where the arrangement
//! has to favour one of the two, it favours LDK: its messages are not encoded, its onions have one
//! layer, its channel manager is not written at all, and its log of updates is only appended to.

use crate::{
    bare::over,
    conditional::Pair,
    load::{Made, Round},
    report::{Figure, Section},
    run::Bench,
};
use anyhow::{Context, ensure};
use millrace_bench_machine::cores;
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// What a payment of LDK moves, in thousandths of a satoshi, when it is large enough to be enforced
/// on its chain; each then costs a signature a state.
const ENFORCEABLE: u64 = 10_000_000;

/// When it is too small for that.
const DUST: u64 = 1_000;

/// How many payments are under way.
const DEPTHS: [usize; 3] = [1, 16, 100];

/// LDK's program, which is built together with this one.
fn program() -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe()?.with_file_name("millrace-bench-ldk");
    ensure!(
        program.exists(),
        "{} is missing: build both by `cargo build --release --workspace` in bench/",
        program.display()
    );
    Ok(program)
}

/// A round of LDK.
struct Peer {
    round: Round,
    /// Syncs a second of both its nodes.
    syncs: f64,
    /// Pairs of sign and verify a second that one core does with its signatures.
    signatures: f64,
}

fn ldk(room: &Path, depth: usize, amount: u64, span: Duration) -> anyhow::Result<Peer> {
    let output = Command::new(program()?)
        .arg(room)
        .args([span.as_secs_f64().to_string(), depth.to_string(), amount.to_string()])
        .output()
        .context("starting LDK's program")?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "LDK's program failed: {error}");
    let told: Value = serde_json::from_slice(&output.stdout)?;
    let payments = told.get("payments").and_then(Value::as_array).context("no payments")?;
    let time = |value: Option<&Value>| value.and_then(Value::as_f64).map(Duration::from_secs_f64);
    let made =
        payments.iter().map(|it| Some(Made { at: time(it.get(0))?, took: time(it.get(1))? }));
    let round = Round::new(made.collect::<Option<Vec<_>>>().context("a payment without times")?)?;
    let number = |name| told.get(name).and_then(Value::as_f64).context("a number is missing");
    let (syncs, signatures) = (number("syncs")? / round.seconds(), number("signatures")?);
    Ok(Peer { round, syncs, signatures })
}

/// Rounds of one program at one depth.
#[derive(Default)]
struct Rounds {
    rates: Vec<f64>,
    halves: Vec<f64>,
    slowest: Vec<f64>,
    syncs: Vec<f64>,
}

impl Rounds {
    fn push(&mut self, round: &Round, syncs: f64) {
        self.rates.push(round.per_second());
        self.halves.push(round.milliseconds(0.5));
        self.slowest.push(round.milliseconds(0.99));
        self.syncs.push(syncs);
    }

    fn note(&self) -> String {
        let middle = |values: &[f64]| crate::report::spread(values).1;
        format!(
            "p50 {:.1} ms, p99 {:.1} ms; {:.0} syncs/s",
            middle(&self.halves),
            middle(&self.slowest),
            middle(&self.syncs)
        )
    }

    fn figure(self, name: &str, peer: Option<&[f64]>) -> Figure {
        let note = self.note();
        let ratio = peer.map(|peer| over(&self.rates, peer));
        let figure = Figure::new(name, "/s", self.rates).note(note);
        match ratio {
            Some(ratio) => figure.ratio("LDK, hash-locked", ratio),
            None => figure,
        }
    }
}

/// Measures both.
pub async fn measure(bench: &Bench) -> anyhow::Result<Vec<Section>> {
    if let Err(missing) = program() {
        return Ok(vec![Section::not_yet("Side by side with LDK", missing.to_string())]);
    }
    let room = bench.room("beside")?;
    let pair = Pair::open(&room).await?;
    let span = bench.scale.span;
    let (mut figures, mut signatures) = (Vec::new(), Vec::new());
    for depth in DEPTHS {
        let (mut peer, mut dust) = (Rounds::default(), Rounds::default());
        let (mut locked, mut outright) = (Rounds::default(), Rounds::default());
        let what = format!("side by side with LDK, {depth} under way");
        // The programs take turns, so that what else the machine does meets all of them alike.
        for _ in bench.rounds(&what) {
            let measured = ldk(&room, depth, ENFORCEABLE, span)?;
            signatures.push(measured.signatures);
            peer.push(&measured.round, measured.syncs);
            let measured = ldk(&room, depth, DUST, span)?;
            dust.push(&measured.round, measured.syncs);
            for is_locked in [true, false] {
                let before = pair.syncs()?;
                let round = match is_locked {
                    true => pair.pay(depth, span).await?,
                    false => pair.pay_outright(depth, span).await?,
                };
                let syncs = (pair.syncs()? - before) as f64 / round.seconds();
                if is_locked { locked.push(&round, syncs) } else { outright.push(&round, syncs) }
            }
        }
        let base = peer.rates.clone();
        figures.push(peer.figure(&format!("{depth} under way: LDK, hash-locked"), None));
        let name = format!("{depth} under way: LDK, too small to be enforced");
        figures.push(dust.figure(&name, Some(&base)));
        let name = format!("{depth} under way: Millrace, hash-locked");
        figures.push(locked.figure(&name, Some(&base)));
        let name = format!("{depth} under way: Millrace, outright");
        figures.push(outright.figure(&name, Some(&base)));
    }
    pair.stop().await?;
    let name = "LDK's signatures: sign + verify, secp256k1, one core";
    figures.push(Figure::new(name, "/s", signatures));
    let title = format!(
        "Payments on one channel, side by side with LDK: two nodes in one process, {} cores, a wire \
         in memory, every record synced",
        cores()
    );
    Ok(vec![Section::new(title, figures)])
}
