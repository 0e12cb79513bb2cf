// SPDX-License-Identifier: Apache-2.0

//! Options and subcommands.

use crate::{compiling::CompileRuntimeCmd, new_chain::ChainSpecCmd};
use polkadot_sdk::{
    sc_cli::{
        BuildSpecCmd, ChainInfoCmd, CheckBlockCmd, ExportBlocksCmd, ExportChainSpecCmd,
        ExportStateCmd, ImportBlocksCmd, KeySubcommand, PurgeChainCmd, RevertCmd, RunCmd, SignCmd,
        VanityCmd, VerifyCmd,
    },
    sc_storage_monitor::StorageMonitorParams,
};

/// How many transactions wait in a pool at most, unless the user says otherwise: four full blocks. The
/// library's own default would hold one.
const POOL_LIMIT: &str = "32768";

/// The library's own time is half an hour, and its help says so.
const BAN_HELP: &str = "How long a transaction stays out of the pool that was found invalid or for which there was no \
    room: 10 seconds unless given, and no time with --dev";

/// What the command line says.
#[derive(Debug, clap::Parser)]
#[command(mut_arg("pool_limit", |arg| arg.default_value(POOL_LIMIT)))]
#[command(mut_arg("tx_ban_seconds", |arg| arg.help(BAN_HELP).long_help(BAN_HELP)))]
pub struct Cli {
    /// What to do instead of running a node.
    #[command(subcommand)]
    pub subcommand: Option<Subcommand>,

    /// How to run the node.
    #[clap(flatten)]
    pub run: RunCmd,

    /// When to stop because the disk is nearly full.
    #[clap(flatten)]
    pub storage_monitor: StorageMonitorParams,
}

/// What the binary can do besides running a node.
// Made once per process, so its size does not matter.
#[allow(clippy::large_enum_variant)]
#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
    /// Generate, inspect and insert keys.
    #[command(subcommand)]
    Key(KeySubcommand),

    /// Sign a message with a given secret key.
    Sign(SignCmd),

    /// Verify a signature for a message, provided on standard input.
    Verify(VerifyCmd),

    /// Generate a key whose address contains a given text.
    Vanity(VanityCmd),

    /// Print the specification of a chain: dev, local, staging, or a file.
    ExportChainSpec(ExportChainSpecCmd),

    /// Print the specification of a chain with this machine as its bootnode.
    BuildSpec(BuildSpecCmd),

    /// Make the specification of a new chain.
    #[command(subcommand)]
    ChainSpec(ChainSpecCmd),

    /// Show the best and the finalised block of the local database.
    ChainInfo(ChainInfoCmd),

    /// Execute a block again and compare the result.
    CheckBlock(CheckBlockCmd),

    /// Write blocks to a file.
    ExportBlocks(ExportBlocksCmd),

    /// Write the state after a block as a raw chain specification.
    ExportState(ExportStateCmd),

    /// Read blocks from a file.
    ImportBlocks(ImportBlocksCmd),

    /// Take back blocks that are not final yet.
    Revert(RevertCmd),

    /// Delete the chain's database, keys excluded.
    PurgeChain(PurgeChainCmd),

    /// Compile a runtime before an upgrade, so that this machine misses no slot when it takes over.
    CompileRuntime(CompileRuntimeCmd),

    /// Measure weights and hardware.
    #[cfg(feature = "runtime-benchmarks")]
    #[command(subcommand)]
    Benchmark(polkadot_sdk::frame_benchmarking_cli::BenchmarkCmd),

    /// Measure weights and hardware (needs a build with `--features runtime-benchmarks`).
    #[cfg(not(feature = "runtime-benchmarks"))]
    Benchmark {
        /// What the command takes when it is built in.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        arguments: Vec<String>,
    },
}
