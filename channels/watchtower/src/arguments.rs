// SPDX-License-Identifier: Apache-2.0

//! What the operator says on the command line.

use clap::{Args, Parser, Subcommand};
use std::{net::SocketAddr, path::PathBuf};

/// Answers stale disputes for clients who are away.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Makes a tower: its key, and an account that you then send some tokens to.
    Make(MakeOptions),
    /// Shows a tower's id, account and appointments.
    Show(FolderOptions),
    /// Watches the chain and serves clients, until Ctrl-C or SIGTERM.
    Run(Box<RunOptions>),
}

#[derive(Debug, Args)]
pub struct FolderOptions {
    /// Where the tower keeps its store.
    #[arg(long)]
    pub folder: PathBuf,
    /// A file whose first line is the passphrase of the store.
    #[arg(long)]
    pub passphrase_file: PathBuf,
}

#[derive(Debug, Args)]
pub struct MakeOptions {
    #[command(flatten)]
    pub place: FolderOptions,
    /// A node of the chain that the tower is for.
    #[arg(long, default_value = "ws://127.0.0.1:9944")]
    pub url: String,
}

#[derive(Debug, Args)]
pub struct RunOptions {
    #[command(flatten)]
    pub place: FolderOptions,
    /// A node to follow, the preferred one first; may be given several times. Use your own.
    #[arg(long, default_value = "ws://127.0.0.1:9944")]
    pub url: Vec<String>,
    /// Signs answers over a hash of the chain's metadata. Then only nodes of a chain are followed whose
    /// runtime knows that hash; one that was built for development does not.
    #[arg(long)]
    pub metadata_hash: bool,
    /// Where to listen for clients, as a multiaddress; may be given several times.
    #[arg(long, default_value = "/ip4/127.0.0.1/tcp/9750")]
    pub listen: Vec<String>,
    /// Where to serve metrics, at /metrics; not at all if it is not given.
    #[arg(long)]
    pub metrics: Option<SocketAddr>,
    /// The only clients to serve, by their peer ids; may be given several times. Without it anybody
    /// who connects is served, within the limits.
    #[arg(long)]
    pub client: Vec<String>,
    /// How many clients may be connected at once.
    #[arg(long, default_value_t = 512)]
    pub connections: usize,
    /// How many appointments one client may have.
    #[arg(long, default_value_t = 1_000)]
    pub per_client: u32,
    /// How many appointments there may be in all. Each takes up to 5 KiB on disk.
    #[arg(long, default_value_t = 100_000)]
    pub in_total: u32,
    /// For how many blocks an appointment is kept unless it is renewed: 1,296,000 are 30 days.
    #[arg(long, default_value_t = 1_296_000)]
    pub max_blocks: u32,
    /// The largest tip for one answer whose deadline is near, in the smallest unit of the token.
    #[arg(long, default_value_t = 0)]
    pub tip_limit: u128,
    /// How many disputes are looked into at once; each takes a core and 64 MiB for a moment.
    #[arg(long, default_value_t = 2)]
    pub searchers: usize,
    /// The account that gets rewards; the tower's own if it is not given.
    #[arg(long)]
    pub reward_to: Option<String>,
}
