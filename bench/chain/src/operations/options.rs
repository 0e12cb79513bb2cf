// SPDX-License-Identifier: Apache-2.0

//! How many of each operation, and on what chain.

use crate::options::Own;
use clap::Args;
use std::{path::PathBuf, time::Duration};

/// Operations of channels, each kind by itself.
#[derive(Debug, Args)]
pub struct Operations {
    /// What the nodes run as.
    #[command(flatten)]
    pub own: Own,

    /// How many validators it has.
    #[arg(long, default_value_t = 1, value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(1..=6))]
    pub validators: u32,

    /// How many operations of each kind; opened are twice as many channels and some.
    #[arg(long, default_value_t = 24_000, value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(64..=100_000))]
    pub count: u32,

    /// How many accounts take part, two in each channel.
    #[arg(long, default_value_t = 2_000, value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(2..=100_000))]
    pub accounts: u32,

    /// How many blocks are watched while the chain concludes disputes by itself, at most.
    #[arg(long, default_value_t = 20, value_name = "BLOCKS",
          value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub idle_blocks: u32,

    /// How long one kind may take, in seconds, from its first transaction until all are final.
    #[arg(long, default_value_t = 900, value_name = "SECONDS",
          value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub patience: u32,

    /// Connections to each node.
    #[arg(long, default_value_t = 2, value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(1..=64))]
    pub connections: u32,

    /// Transactions in one request at most.
    #[arg(long, default_value_t = 100, value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub batch: u32,

    /// Write operations.md, operations.json and a picture, operations.svg, into this folder.
    #[arg(long, value_name = "FOLDER")]
    pub output: Option<PathBuf>,

    /// Print the report as JSON instead of Markdown.
    #[arg(long)]
    pub json: bool,
}

impl Operations {
    /// How long one kind may take.
    pub fn patience(&self) -> Duration {
        Duration::from_secs(self.patience.into())
    }
}
