// SPDX-License-Identifier: Apache-2.0

//! What can be asked for on the command line.

use crate::commands::arguments::{DaemonOptions, Task};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Pays in state channels of a Millrace chain.
///
/// All commands but `story` talk to a daemon, millrace-channeld, on this machine.
///
/// Exit codes: 0 done, 1 something else failed, 2 wrong arguments, 3 the daemon cannot be reached, 4 it
/// refuses the token, 5 it refuses the request, 6 the outcome is not known, 7 the payment failed, 8 the
/// daemon cannot do this, 130 interrupted.
#[derive(Debug, Parser)]
#[command(name = "millrace-channel", version)]
pub struct Arguments {
    #[command(flatten)]
    pub daemon: DaemonOptions,

    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Tells what channels are, with four daemons and a watchtower on a development chain.
    ///
    /// Alice, Bob, Carol and Dave open channels in a line and pay each other. Dave cheats with a state
    /// from a backup while Carol's daemon rests, and her watchtower proves it; the others settle. All of
    /// it really happens, in processes that the story starts and ends: look the extrinsics up by the
    /// hashes shown.
    Story(StoryOptions),

    #[command(flatten)]
    Task(Task),
}

/// How the story is told.
#[derive(Args, Debug)]
pub struct StoryOptions {
    /// Address of a node of a development chain.
    #[arg(long, value_name = "URL", default_value = "ws://127.0.0.1:9944")]
    pub url: String,

    /// Folder of millrace-channeld and millrace-watchtower [default: the one of this program].
    #[arg(long, value_name = "FOLDER")]
    pub programs: Option<PathBuf>,

    /// Number of payments between Alice and Bob.
    #[arg(long, value_name = "NUMBER", default_value_t = 10_000,
          value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub payments: u64,

    /// How long a dispute can be answered, in blocks [default: 10, or the least that the chain
    /// allows].
    #[arg(long, value_name = "BLOCKS")]
    pub challenge_blocks: Option<u32>,

    /// The story fails if a settlement takes longer to become final, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 6.0)]
    pub finality_limit: f64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn arguments_are_consistent() {
        Arguments::command().debug_assert();
    }
}
