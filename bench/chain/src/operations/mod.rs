// SPDX-License-Identifier: Apache-2.0

//! Operations of channels, each kind by itself: how many a second, how many in a block, and what
//! limits them.
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`options`] | how many, and on what chain |
//! | [`channel`], [`calls`] | channels, what their participants sign, and the calls that use it |
//! | [`story`] | which kind comes after which |
//! | [`measuring`] | one kind, from signing to finality |
//! | [`blocks`], [`limits`] | what final blocks held, and what they have room for |
//! | [`figures`], [`report`], [`plot`] | what it adds up to, and how it is told and drawn |

pub mod blocks;
pub mod calls;
pub mod channel;
pub mod figures;
pub mod limits;
pub mod measuring;
mod options;
mod plot;
mod report;
mod story;

pub use options::Operations;

use crate::{
    accounts::Account,
    chain::Chain,
    load::on_all_cores,
    network::{Network, Wanted},
    rpc::Node,
    run::{connect, say, write},
    signing::Writer,
};
use anyhow::Context;
use figures::Figures;
use limits::Limits;
use measuring::{Effort, Session};
use millrace_bench_machine::{self as machine, About};
use report::Report;
use std::{sync::Arc, time::Duration};
use tokio::time::sleep;

/// How long the chain is watched before anything is sent, so that it is in its stride.
const BEFORE: Duration = Duration::from_secs(6);

/// Measures all kinds, and prints the report.
/// Errors: a node cannot be started or goes away, or what a measurement needs did not happen.
pub async fn run(options: &Operations) -> anyhow::Result<()> {
    let about = About::this_run();
    let folder = options.own.folder.clone().unwrap_or_else(std::env::temp_dir);
    let machine = (machine::describe(&folder), machine::json(&folder));
    let accounts = on_all_cores(options.accounts, |number| Ok(Account::new(number)))?;
    say(&format!("starting a new chain; validators: {}", options.validators));
    let session = start(options, &accounts).await?;
    let limits = Limits::of(&session.chain)?;
    sleep(BEFORE).await;
    let records = story::measure(&session, options).await?;
    let kinds = records.into_iter().map(|record| (Figures::new(&record, &limits), record));
    let report = Report {
        about,
        machine,
        chain: (session.chain.runtime.clone(), session.chain.node.clone()),
        validators: options.validators,
        accounts: options.accounts,
        limits,
        kinds: kinds.collect(),
    };
    tell(options, &report)
}

async fn start<'a>(
    options: &'a Operations,
    accounts: &'a [Account],
) -> anyhow::Result<Session<'a>> {
    let wanted = Wanted {
        binary: &options.own.node,
        template: None,
        accounts: options.accounts,
        validators: options.validators,
        followers: 0,
        has_metrics: false,
        arguments: &options.own.node_arg,
        folder: options.own.folder.as_deref(),
        keep: options.own.keep,
    };
    let network = Network::launch(&wanted, |_| Ok(())).await?;
    let urls: Vec<_> = network.validators.iter().map(|it| it.url.clone()).collect();
    let nodes = connect(&urls, options.connections).await?;
    let observer = Node::connect(urls.first().context("a chain has a validator")?).await?;
    let chain = Arc::new(Chain::ask(&observer).await?);
    let writer = Writer::new(&chain, None)?;
    let effort = Effort { rate: None, batch: options.batch, patience: options.patience() };
    Ok(Session { effort, chain, observer, nodes, writer, accounts, network })
}

fn tell(options: &Operations, report: &Report) -> anyhow::Result<()> {
    let (document, text) = (format!("{:#}\n", report.json()), report.markdown());
    if let Some(folder) = &options.output {
        std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        write(&folder.join("operations.json"), &document)?;
        write(&folder.join("operations.md"), &text)?;
        write(&folder.join("operations.svg"), &plot::svg(report)?)?;
    }
    print!("{}", if options.json { document } else { text });
    Ok(())
}
