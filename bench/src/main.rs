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
//! | [`machine`] | what Linux tells of the machine |
//! | [`bare`] | the limits: signatures, hashes, syncs |
//! | [`sides`], [`network`] | nodes with a store each, on a wire in memory or on the real transport |
//! | [`load`] | payments under way, and how long each took |
//! | [`two`] | two processes over loopback |
//! | [`updates`] | updates and payments between them |
//! | [`pulses`] | streams |
//! | [`idle`] | idle channels: memory and restart |
//! | [`conditional`], [`beside`] | hash-locked payments, side by side with LDK |

mod bare;
mod beside;
mod conditional;
mod idle;
mod load;
mod machine;
mod network;
mod options;
mod pulses;
mod report;
mod run;
mod sides;
mod two;
mod updates;

use clap::Parser;
use options::{Name, Options, Role};
use report::Section;
use run::Bench;
use serde_json::json;

/// Why there are no payments over three hops.
const NO_HOPS: &str = "no section measures them yet; the daemon forwards payments, and `scripts/dev` \
                       shows one";

async fn measure(bench: &Bench, name: Name) -> anyhow::Result<Vec<Section>> {
    match name {
        Name::Bare => bare::measure(bench),
        Name::Updates => updates::measure_updates(bench).await,
        Name::Payments => updates::measure_payments(bench).await,
        Name::Pulses => pulses::measure(bench).await,
        Name::Idle => idle::measure(bench).await,
        Name::Hops => Ok(vec![Section::not_yet("Payments over three hops", NO_HOPS)]),
        Name::Peer => beside::measure(bench).await,
    }
}

async fn run_all(options: &Options) -> anyhow::Result<()> {
    let bench = Bench::new(options)?;
    let machine = machine::describe(&bench.folder);
    if !options.json {
        machine.iter().for_each(|line| println!("{line}"));
    }
    let about = machine::json(&bench.folder);
    let mut sections = Vec::new();
    for name in options.names() {
        for section in measure(&bench, name).await? {
            if !options.json {
                print!("{section}");
            }
            sections.push(section);
        }
    }
    let load = machine::load();
    if options.json {
        let sections: Vec<_> = sections.iter().map(Section::json).collect();
        let document = json!({ "machine": about, "load_after": load, "sections": sections });
        println!("{document:#}");
        return Ok(());
    }
    let aims: Vec<_> =
        sections.iter().flat_map(|it| &it.figures).filter_map(report::Figure::is_reached).collect();
    let reached = aims.iter().filter(|is_reached| **is_reached).count();
    println!(
        "\n{reached} of {} aims reached; load {load:.2} after the run, of which this program is a part",
        aims.len(),
    );
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
