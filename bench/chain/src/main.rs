// SPDX-License-Identifier: Apache-2.0

//! Loads a chain with signed transactions, and says what became of each of them.
//!
//! ```text
//! cd bench && cargo build --release -p millrace-bench-chain
//! target/release/millrace-load run --node ../target/release/millrace --validators 4 --rate 200
//! ```
//!
//! Every transaction is signed before the load begins and sent by this process, which is none of the
//! chain's. What is counted is counted in final blocks, by hash, and each that was accepted has to be
//! there at the end or to have a reason.
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`options`] | what to send, where, how fast and for how long |
//! | [`accounts`] | who sends, and the genesis that funds them |
//! | [`network`] | a chain of validators on this machine |
//! | [`template`] | the same with the runtime that ours is compared with |
//! | [`rpc`] | a connection to a node |
//! | [`chain`] | what a chain says about its transactions and events |
//! | [`signing`], [`load`] | signed transactions, and all of a load |
//! | [`submitting`] | sends them |
//! | [`following`], [`events`] | finds them in final blocks, and sees which failed |
//! | [`ledger`], [`leftovers`] | what became of each |
//! | [`resources`] | memory and disk of the nodes |
//! | [`figures`], [`report`], [`plot`] | what it adds up to, and how it is told and drawn |
//! | [`bars`], [`curves`], [`theme`] | bars and curves, and the colours of all pictures |
//! | [`run`] | one run, from the chain's start to the report |
//! | [`compare`] | our chain beside the template, from the reports of their runs |
//! | [`operations`] | operations of channels, each kind by itself |
//! | [`growth`] | what blocks cost as the state grows |

mod accounts;
mod bars;
mod chain;
mod compare;
mod curves;
mod events;
mod figures;
mod following;
mod growth;
mod ledger;
mod leftovers;
mod load;
mod network;
mod operations;
mod options;
mod plot;
mod report;
mod resources;
mod rpc;
mod run;
mod signing;
mod submitting;
mod template;
mod theme;

use anyhow::bail;
use clap::Parser;
use options::{Command, Genesis, Options};
use tokio::signal::unix::{SignalKind, signal};

fn print_genesis(options: &Genesis) -> anyhow::Result<()> {
    let Genesis { node, preset, accounts, validators } = options;
    let patch = accounts::genesis_patch(node, preset, *accounts, *validators)?;
    println!("{patch:#}");
    Ok(())
}

/// Ends when somebody asks this program to end.
async fn ended() -> anyhow::Result<()> {
    let (mut interrupt, mut terminate) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    bail!("ended before the load was final: nothing is reported")
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Options::parse().command {
        Command::Genesis(options) => print_genesis(&options),
        Command::Compare(options) => compare::run(&options),
        // Whatever ends the run also ends the nodes that it has started.
        Command::Run(options) => tokio::select! {
            result = run::run(&options) => result,
            result = ended() => result,
        },
        Command::Growth(options) => tokio::select! {
            result = growth::run(&options) => result,
            result = ended() => result,
        },
        Command::Operations(options) => tokio::select! {
            result = operations::run(&options) => result,
            result = ended() => result,
        },
    }
}
