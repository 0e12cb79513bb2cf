// SPDX-License-Identifier: Apache-2.0

//! What to send, where, how fast and for how long.

use crate::{compare::Compare, growth::Growth, operations::Operations, submitting::WAITING};
use clap::{Args, Parser, Subcommand};
use std::{path::PathBuf, time::Duration};

/// Loads a chain with signed transactions, and says what became of each of them.
///
/// Every transaction is signed before the load begins, by accounts that the chain's genesis has
/// funded, and sent by this process over WebSocket. What is counted is counted in final blocks.
#[derive(Debug, Parser)]
#[command(name = "millrace-load", version, max_term_width = 100)]
pub struct Options {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What this program does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Send a load, follow the chain until all of it is final, and report.
    Run(Box<Run>),
    /// Measure operations of channels on a chain of its own, each kind by itself, and report.
    Operations(Box<Operations>),
    /// Measure what blocks cost as the state grows, on one chain for each size, and report.
    Growth(Box<Growth>),
    /// Print the genesis patch that funds the accounts, for `millrace chain-spec create --patch`.
    Genesis(Genesis),
    /// Put a run of our chain beside runs of the template, from their reports.
    Compare(Compare),
}

/// The accounts of a chain that is not made by this program.
#[derive(Debug, Args)]
pub struct Genesis {
    /// The binary of the node that makes the chain's specification; the accounts of its preset stay.
    #[arg(long, value_name = "FILE")]
    pub node: PathBuf,

    /// The preset that will be patched.
    #[arg(long, default_value = "local_testnet", value_name = "NAME")]
    pub preset: String,

    /// How many accounts are funded; `run` has to be told the same number, or less.
    #[arg(long, default_value_t = 2_000, value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    pub accounts: u32,

    /// How many validators the chain has, with the keys of Alice, Bob and so on.
    #[arg(long, default_value_t = 1, value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(1..=6))]
    pub validators: u32,
}

/// Chains that are made for a measurement.
#[derive(Debug, Args)]
pub struct Own {
    /// The binary of a node: starts chains of its own with it, on this machine.
    #[arg(long, value_name = "FILE")]
    pub node: PathBuf,

    /// One more argument for each node. Can be given several times.
    #[arg(long, value_name = "ARGUMENT", allow_hyphen_values = true)]
    pub node_arg: Vec<String>,

    /// Where the nodes keep their data; the system's temporary folder unless given.
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,

    /// Keep the nodes' data and logs.
    #[arg(long)]
    pub keep: bool,
}

/// A load.
#[derive(Debug, Args)]
pub struct Run {
    /// The binary of a node: starts a chain of its own with it, on this machine.
    #[arg(long, value_name = "FILE", required_unless_present = "url", conflicts_with = "url")]
    pub node: Option<PathBuf>,

    /// With --node: how many validators it has.
    #[arg(long, default_value_t = 1, value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(1..=6))]
    pub validators: u32,

    /// With --node: the blob of bench/template, with which the chain starts instead of the node's own
    /// runtime.
    #[arg(long, value_name = "FILE", conflicts_with = "url")]
    pub template: Option<PathBuf>,

    /// With --node: one more argument for each node, as --node-arg=--pool-limit=20000. Can be given
    /// several times.
    #[arg(long, value_name = "ARGUMENT", allow_hyphen_values = true, conflicts_with = "url")]
    pub node_arg: Vec<String>,

    /// A node that runs already, as ws://127.0.0.1:9944. Can be given several times: the accounts are
    /// shared out, and the first node is the one whose blocks are followed. Its chain's genesis has to
    /// have funded the accounts; see the command `genesis`.
    #[arg(long, value_name = "URL")]
    pub url: Vec<String>,

    /// With --url: a process and its data whose memory and disk are measured, as 4711=/var/lib/node.
    #[arg(long, value_name = "PID=FOLDER", requires = "url", value_parser = watched)]
    pub watch: Vec<(u32, PathBuf)>,

    /// How many accounts send. Each sends in turn, so that transactions of one account rarely wait
    /// for each other.
    #[arg(long, default_value_t = 2_000, value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    pub accounts: u32,

    /// For how long the load is sent, in seconds. Afterwards the chain is followed until all of it is
    /// final.
    #[arg(long, default_value_t = 120, value_name = "SECONDS",
          value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub seconds: u32,

    /// Transactions a second, all nodes together; as fast as they are accepted unless given.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub rate: Option<u32>,

    /// How many of a hundred transactions open a channel; the others are transfers.
    #[arg(long, default_value_t = 0, value_name = "PERCENT",
          value_parser = clap::value_parser!(u32).range(0..=100))]
    pub channels: u32,

    /// How many transactions are signed ahead [default: as many as the rate asks for, or 6000 for each
    /// second without one]. When they are used up, the load ends.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=20_000_000))]
    pub presign: Option<u32>,

    /// Connections to each node.
    #[arg(long, default_value_t = 2, value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(1..=64))]
    pub connections: u32,

    /// Transactions in one request at most.
    #[arg(long, default_value_t = 100, value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub batch: u32,

    /// How many may be accepted and not final yet, all nodes together. Our node's pool keeps 32,768 unless
    /// --pool-limit says otherwise, and refuses more; others take more, and drop some of them without
    /// telling.
    #[arg(long, default_value_t = WAITING, value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub waiting: u32,

    /// How long one line of the report's table covers, in seconds.
    #[arg(long, default_value_t = 10, value_name = "SECONDS",
          value_parser = clap::value_parser!(u32).range(1..=3_600))]
    pub window: u32,

    /// How long to wait for what is not final yet when the load has ended, in seconds.
    #[arg(long, default_value_t = 180, value_name = "SECONDS",
          value_parser = clap::value_parser!(u32).range(1..=3_600))]
    pub grace: u32,

    /// Write chain-load.md, chain-load.json and a picture, chain-load.svg, into this folder.
    #[arg(long, value_name = "FOLDER")]
    pub output: Option<PathBuf>,

    /// With --node: where the nodes keep their data; the system's temporary folder unless given.
    #[arg(long, value_name = "FOLDER", conflicts_with = "url")]
    pub folder: Option<PathBuf>,

    /// With --node: keep the nodes' data and logs.
    #[arg(long, conflicts_with = "url")]
    pub keep: bool,

    /// Print the report as JSON instead of Markdown.
    #[arg(long)]
    pub json: bool,
}

/// Transactions signed for each second of a load without a rate: more than the chain has been seen
/// to take.
const PRESIGNED_PER_SECOND: u32 = 6_000;

impl Run {
    /// For how long the load is sent.
    pub fn span(&self) -> Duration {
        Duration::from_secs(self.seconds.into())
    }

    /// How many transactions are signed ahead.
    pub fn presigned(&self) -> u32 {
        let per_second = self.rate.unwrap_or(PRESIGNED_PER_SECOND);
        // One second's worth more, so that the load ends with its time.
        self.presign.unwrap_or_else(|| per_second.saturating_mul(self.seconds.saturating_add(1)))
    }
}

fn watched(text: &str) -> Result<(u32, PathBuf), String> {
    let (pid, folder) = text.split_once('=').ok_or("write it as PID=FOLDER")?;
    let pid = pid.parse().map_err(|error| format!("{pid} is no process: {error}"))?;
    Ok((pid, PathBuf::from(folder)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn run(arguments: &[&str]) -> Run {
        let all = [&["millrace-load", "run"][..], arguments].concat();
        match Options::parse_from(all).command {
            Command::Run(run) => *run,
            _ => panic!("asked for a run"),
        }
    }

    #[test]
    fn options_are_well_formed() {
        Options::command().debug_assert();
    }

    #[test]
    fn a_load_needs_a_node_or_an_address() {
        assert!(Options::try_parse_from(["millrace-load", "run"]).is_err());
        let both = ["millrace-load", "run", "--node", "a", "--url", "ws://b"];
        assert!(Options::try_parse_from(both).is_err());
        assert_eq!(run(&["--node", "a"]).validators, 1);
        assert_eq!(run(&["--url", "ws://b", "--url", "ws://c"]).url.len(), 2);
        // A chain that runs already is not made.
        for made in
            [&["--template", "c"][..], &["--folder", "c"], &["--keep"], &["--node-arg=--dev"]]
        {
            let both = [&["millrace-load", "run", "--url", "ws://b"][..], made].concat();
            assert!(Options::try_parse_from(both).is_err(), "{made:?}");
        }
    }

    #[test]
    fn sizes_are_given_as_a_list() {
        let sizes = |arguments: &[&str]| {
            let all = [&["millrace-load", "growth", "--node", "a"][..], arguments].concat();
            match Options::parse_from(all).command {
                Command::Growth(growth) => growth.sizes,
                _ => panic!("asked for growth"),
            }
        };
        assert_eq!(sizes(&[]), [10_000, 100_000, 1_000_000]);
        assert_eq!(sizes(&["--sizes", "100,200"]), [100, 200]);
    }

    #[test]
    fn as_many_are_signed_as_the_rate_asks_for() {
        assert_eq!(run(&["--node", "a", "--rate", "10", "--seconds", "60"]).presigned(), 610);
        assert_eq!(run(&["--node", "a", "--presign", "7"]).presigned(), 7);
    }

    #[test]
    fn a_process_is_watched_with_its_folder() {
        let watch = run(&["--url", "ws://b", "--watch", "12=/data"]).watch;
        assert_eq!(watch, [(12, PathBuf::from("/data"))]);
        assert!(watched("12").is_err() && watched("x=/data").is_err());
    }
}
