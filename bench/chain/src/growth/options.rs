// SPDX-License-Identifier: Apache-2.0

//! How large the states are, and what is sent to each chain.

use clap::Args;
use std::path::PathBuf;

/// The cost of blocks as the state grows.
#[derive(Debug, Args)]
pub struct Growth {
    /// The binary of a node: starts one chain for each size with it, on this machine.
    #[arg(long, value_name = "FILE")]
    pub node: PathBuf,

    /// How many accounts each chain begins with.
    #[arg(long, default_values_t = [10_000, 100_000, 1_000_000], value_delimiter = ',', value_name = "COUNTS",
          value_parser = clap::value_parser!(u32).range(100..=10_000_000))]
    pub sizes: Vec<u32>,

    /// One more chain, with the fewest accounts, on which as many channels are opened first; none if
    /// it is 0.
    #[arg(long, default_value_t = 100_000, value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub channels: u32,

    /// For how long channels are opened at most, in seconds. As many as were opened by then are told.
    #[arg(long, default_value_t = 1_800, value_name = "SECONDS",
          value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub filling: u32,

    /// Transfers a second, the same for all sizes: less than the slowest chain takes.
    #[arg(long, default_value_t = 100, value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub rate: u32,

    /// For how long they are sent, in seconds.
    #[arg(long, default_value_t = 120, value_name = "SECONDS",
          value_parser = clap::value_parser!(u32).range(10..=400))]
    pub seconds: u32,

    /// How many blocks are watched before that, with nothing in them.
    #[arg(long, default_value_t = 20, value_name = "BLOCKS",
          value_parser = clap::value_parser!(u32).range(3..=200))]
    pub empty_blocks: u32,

    /// How many of the accounts send.
    #[arg(long, default_value_t = 2_000, value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(2..=100_000))]
    pub senders: u32,

    /// One more argument for each node. Can be given several times.
    #[arg(long, value_name = "ARGUMENT", allow_hyphen_values = true)]
    pub node_arg: Vec<String>,

    /// Write growth.md, growth.json and a picture, growth.svg, into this folder.
    #[arg(long, value_name = "FOLDER")]
    pub output: Option<PathBuf>,

    /// Where the nodes keep their data; the system's temporary folder unless given.
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,

    /// Keep the nodes' data and logs.
    #[arg(long)]
    pub keep: bool,

    /// Print the report as JSON instead of Markdown.
    #[arg(long)]
    pub json: bool,
}
