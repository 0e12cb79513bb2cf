// SPDX-License-Identifier: Apache-2.0

//! What blocks cost as the state grows: the same load on chains that begin with more and more accounts,
//! and on one with many channels.
//!
//! One node makes the blocks, another follows and imports them, so that both are measured.
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`options`] | how large the states are, and what is sent |
//! | [`specification`] | a chain that begins with many accounts |
//! | [`metrics`] | what a node measures of itself |
//! | [`point`] | one chain, from its start to its figures |
//! | [`report`], [`plot`] | how it is told and drawn |

mod metrics;
mod options;
mod plot;
mod point;
mod report;
mod specification;

pub use options::Growth;

use crate::{
    accounts::Account,
    load::on_all_cores,
    run::{say, write},
};
use anyhow::Context;
use millrace_bench_machine::{self as machine, About};
use report::Report;

/// Measures every size, and prints the report.
/// Errors: a chain cannot be made or its nodes go away.
pub async fn run(options: &Growth) -> anyhow::Result<()> {
    let about = About::this_run();
    let folder = options.own.folder.clone().unwrap_or_else(std::env::temp_dir);
    let machine = (machine::describe(&folder), machine::json(&folder));
    let senders = on_all_cores(options.senders, |number| Ok(Account::new(number)))?;
    let mut sizes = options.sizes.clone();
    sizes.sort_unstable();
    let fewest = *sizes.first().context("name a size")?;
    let channels = (options.channels > 0).then_some((fewest, options.channels));
    let mut points = Vec::new();
    for (accounts, channels) in sizes.into_iter().map(|it| (it, 0)).chain(channels) {
        say(&format!("a chain with {accounts} accounts, and {channels} channels to open"));
        points.push(point::measure(options, &senders, accounts, channels).await?);
    }
    let report = Report { about, machine, rate: options.rate, seconds: options.seconds, points };
    tell(options, &report)
}

fn tell(options: &Growth, report: &Report) -> anyhow::Result<()> {
    let (document, text) = (format!("{:#}\n", report.json()), report.markdown());
    if let Some(folder) = &options.output {
        std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        write(&folder.join("growth.json"), &document)?;
        write(&folder.join("growth.md"), &text)?;
        write(&folder.join("growth.svg"), &plot::svg(&report.points)?)?;
    }
    print!("{}", if options.json { document } else { text });
    Ok(())
}
