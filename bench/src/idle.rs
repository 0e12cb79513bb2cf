// SPDX-License-Identifier: Apache-2.0

//! Idle channels: what one takes in memory, and how long a restart takes with many.
//!
//! The channels are opened by two nodes, with one payment in each. Then a new process, whose memory
//! holds nothing else, loads one side's store, and tells.

use crate::{
    report::{Aim, Figure, Section},
    run::Bench,
    sides::{self, Party, pair},
};
use anyhow::{Context, ensure};
use millrace_bench_machine::resident_bytes;
use millrace_channels_daemon::{
    Input, News, Output,
    input::{Phase, Seen, Standing},
};
use serde_json::{Value, json};
use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

/// Bytes that an idle channel may take.
const BYTES: f64 = 4_096.0;

/// How often the making of channels is told.
const TOLD: usize = 8_192;

/// Bytes of a file or of all files in a folder.
fn bytes_on_disk(folder: &Path) -> anyhow::Result<u64> {
    let mut sum = 0;
    for entry in std::fs::read_dir(folder)? {
        sum += entry?.metadata()?.len();
    }
    Ok(sum)
}

/// Measures idle channels.
pub async fn measure(bench: &Bench) -> anyhow::Result<Vec<Section>> {
    let room = bench.room("idle")?;
    let count = bench.scale.idle as usize;
    let [here, there] = pair(&room).await?;
    let began = Instant::now();
    here.open(count, |opened| {
        if opened.is_multiple_of(TOLD) || opened == count {
            bench.say(&format!("idle channels: {opened} of {count} opened"));
        }
    })
    .await?;
    let opening = began.elapsed().as_secs_f64();
    here.stop().await?;
    there.stop().await?;
    let store = room.join("here");
    let on_disk = bytes_on_disk(&store)? as f64;
    let mut loads = Vec::new();
    for _ in bench.rounds("a restart") {
        loads.push(start(&store, count)?);
    }
    let each = |name: &str| -> anyhow::Result<Vec<f64>> {
        let values = loads.iter().map(|it| it.get(name).and_then(Value::as_f64));
        values.collect::<Option<Vec<_>>>().with_context(|| format!("{name} is missing"))
    };
    let channels = count as f64;
    let per_channel = |bytes: Vec<f64>| bytes.into_iter().map(|it| it / channels).collect();
    let figures = vec![
        Figure::new("memory of one, asleep", "bytes", per_channel(each("resident")?))
            .aim(Aim::AtMost(BYTES))
            .note("resident memory after loading, less that before; the store's cache included"),
        Figure::new("of which its terms and state", "bytes", per_channel(each("asleep")?)),
        Figure::new("the most during a restart", "bytes", per_channel(each("peak")?))
            .note("while records and channels are both there"),
        Figure::new("on the disk", "bytes", vec![on_disk / channels]),
        Figure::new("restart: until the store is open", "s", each("opening")?)
            .note("without the passphrase's stretching, which is the owner's choice"),
        Figure::new("until all records are read", "s", each("reading")?),
        Figure::new("until the channels are there", "s", each("restoring")?),
        Figure::new("until the first payment can be signed", "s", each("ready")?).note(
            "the chain told how each channel stands; asking it over the network is not in it",
        ),
        Figure::new("opening one took", "ms", vec![1e3 * opening / channels])
            .note("both nodes, durable, a payment included; the chain is in memory"),
    ];
    std::fs::remove_dir_all(&room).context("removing the idle channels")?;
    Ok(vec![Section::new(format!("{count} idle channels"), figures)])
}

fn start(store: &Path, count: usize) -> anyhow::Result<Value> {
    let output = Command::new(std::env::current_exe()?).arg("load").arg(store).output()?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the loading process failed: {error}");
    let told: Value = serde_json::from_slice(&output.stdout)?;
    let loaded = told.get("channels").and_then(Value::as_u64);
    ensure!(loaded == u64::try_from(count).ok(), "{loaded:?} channels were loaded, not {count}");
    Ok(told)
}

/// What the loading process does.
pub fn load(folder: &Path) -> anyhow::Result<()> {
    let before = resident_bytes()?;
    let loaded = sides::load(Party::HERE, folder)?;
    let (opening, reading, restoring) = (loaded.opening, loaded.reading, loaded.restoring);
    let mut node = loaded.node;
    let began = Instant::now();
    let watched = loaded.outputs.iter().filter_map(|output| match output {
        Output::Watch(id) => Some(*id),
        _ => None,
    });
    // The chain has all of them, as they were opened.
    let standing = |deposit| Standing { base_version: 0, deposit, phase: Phase::Open };
    for id in watched {
        let view = node.channel(id).context("a watched channel is known")?;
        let standing = Some(standing(view.deposits.iter().sum()));
        node.handle(Input::News(News::State { id, standing, at: 1 }));
    }
    node.handle(Input::News(News::Block { number: 1, seen: Seen::Final }));
    node.handle(Input::News(News::CaughtUp));
    ensure!(node.sees_the_chain(), "the node does not see the chain");
    let ready = restoring + began.elapsed();
    let peak = resident_bytes()?.saturating_sub(before);
    drop(loaded.outputs);
    let resident = resident_bytes()?.saturating_sub(before);
    let (channels, awake) = node.count();
    ensure!(awake == 0, "{awake} of {channels} channels are awake");
    let seconds = |time: Duration| time.as_secs_f64();
    let told = json!({
        "channels": channels,
        "resident": resident,
        "peak": peak,
        "asleep": node.bytes_asleep(),
        "opening": seconds(opening),
        "reading": seconds(reading),
        "restoring": seconds(restoring),
        "ready": seconds(ready),
    });
    println!("{told}");
    drop(loaded.store);
    Ok(())
}
