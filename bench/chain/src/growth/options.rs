// SPDX-License-Identifier: Apache-2.0

//! How large the states are, and what is sent to each chain.

use crate::options::Own;
use clap::Args;
use std::path::PathBuf;

/// The cost of blocks as the state grows.
#[derive(Debug, Args)]
pub struct Growth {
    /// What the nodes run as.
    #[command(flatten)]
    pub own: Own,

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

    /// Write growth.md, growth.json and a picture, growth.svg, into this folder.
    #[arg(long, value_name = "FOLDER")]
    pub output: Option<PathBuf>,

    /// Print the report as JSON instead of Markdown.
    #[arg(long)]
    pub json: bool,
}
