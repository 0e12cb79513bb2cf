// SPDX-License-Identifier: Apache-2.0

//! How fast channels are, beside what this machine allows and beside a peer.
//!
//! ```text
//! cd bench && cargo build --release --workspace && target/release/millrace-bench
//! ```
//!
//! Everything is measured in one run, the bare machine first, because a figure without its limit
//! says more about the machine than about the program. Nothing is taken from another run or from
//! paper. What costs time on a core is also shown as time on cores, which other people's work on
//! the same machine changes little.
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`options`] | what to measure, where, for how long |
//! | [`run`] | one run: its folder, its rounds, its progress |
//! | [`report`] | figures, their limits and aims, and how they are shown |
//! | [`machine`] | what Linux tells of the machine, a crate of its own |
//! | [`bare`] | the limits: signatures, hashes, syncs |
//! | [`sides`], [`network`] | nodes with a store each, on a wire in memory or on the real transport |
//! | [`load`] | payments under way, and how long each took |
//! | [`two`] | two processes over loopback |
//! | [`updates`] | updates and payments between them |
//! | [`pulses`] | streams |
//! | [`idle`] | idle channels: memory and restart |
//! | [`hops`], [`witness`] | payments over three hops, and the chain that their routes are believed by |
//! | [`conditional`], [`beside`] | hash-locked payments, side by side with LDK |

mod bare;
mod beside;
mod conditional;
mod hops;
mod idle;
mod load;
mod network;
mod options;
mod pulses;
mod report;
mod run;
mod sides;
mod two;
mod updates;
mod witness;

use anyhow::{Context, ensure};
use clap::Parser;
use millrace_bench_machine::{self as machine, About};
use options::{Name, Options, Role};
use report::Section;
use run::Bench;
use serde_json::json;
use std::path::Path;

async fn measure(bench: &Bench, name: Name) -> anyhow::Result<Vec<Section>> {
    match name {
        Name::Bare => bare::measure(bench),
        Name::Updates => updates::measure_updates(bench).await,
        Name::Payments => updates::measure_payments(bench).await,
        Name::Pulses => pulses::measure(bench).await,
        Name::Idle => idle::measure(bench).await,
        Name::Hops => hops::measure(bench).await,
        Name::Peer => beside::measure(bench).await,
    }
}

/// Measures one thing. What goes wrong with it is told in its place, so that the rest is not lost.
async fn attempt(bench: &Bench, name: Name) -> (Vec<Section>, bool) {
    match measure(bench, name).await {
        Ok(sections) => (sections, true),
        Err(error) => (vec![Section::not_yet(name.title(), format!("{error:#}"))], false),
    }
}

async fn run_all(options: &Options) -> anyhow::Result<()> {
    let about = About::this_run();
    let bench = Bench::new(options)?;
    let machine = machine::describe(&bench.folder);
    if !options.json {
        machine.iter().for_each(|line| println!("{line}"));
    }
    let about_machine = machine::json(&bench.folder);
    let (mut sections, mut failed) = (Vec::new(), Vec::new());
    for name in options.names() {
        let (some, is_measured) = attempt(&bench, name).await;
        if !options.json {
            some.iter().for_each(|section| print!("{section}"));
        }
        if !is_measured {
            failed.push(name.title());
        }
        sections.extend(some);
    }
    let load = machine::load();
    let document = json!({
        "about": about.json(),
        "machine": about_machine,
        "load_after": load,
        "sections": sections.iter().map(Section::json).collect::<Vec<_>>(),
    });
    let aims: Vec<_> =
        sections.iter().flat_map(|it| &it.figures).filter_map(report::Figure::is_reached).collect();
    let reached = aims.iter().filter(|is_reached| **is_reached).count();
    let verdict = format!(
        "{reached} of {} aims reached; load {load:.2} after the run, of which this program is a part",
        aims.len(),
    );
    if let Some(folder) = &options.output {
        let lines = machine.iter().map(|line| format!("- Machine: {line}\n"));
        let (head, machine) = (about.markdown(), lines.collect::<String>());
        let tables: String = sections.iter().map(Section::markdown).collect();
        let text = format!("# How fast channels are\n\n{head}{machine}- {verdict}\n{tables}");
        write(folder, &text, &format!("{document:#}\n"))?;
    }
    if options.json {
        println!("{document:#}");
    } else {
        println!("\n{verdict}");
    }
    ensure!(failed.is_empty(), "not measured: {}", failed.join(", "));
    Ok(())
}

/// Writes both forms of a report.
fn write(folder: &Path, text: &str, document: &str) -> anyhow::Result<()> {
    run::make(folder)?;
    for (name, content) in [("channels.md", text), ("channels.json", document)] {
        let path = folder.join(name);
        std::fs::write(&path, content).with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    match &options.role {
        None => run_all(&options).await,
        Some(Role::Peer { folder }) => two::serve(folder).await,
        Some(Role::Load { folder }) => idle::load(folder),
    }
}
