// SPDX-License-Identifier: Apache-2.0

//! What each subcommand does.

// The error type of `sc-cli` is large; these functions run once per process.
#![allow(clippy::result_large_err)]

use crate::cli::{Cli, Subcommand};
use millrace_chain_spec::genesis_state;
use millrace_node_parts::{hardening, pool, ports};
use millrace_node_service::{self as service, maintenance};
use polkadot_sdk::{
    sc_cli::{self, Result, SubstrateCli, TransactionPoolType},
    sc_service::ChainSpec,
};

impl SubstrateCli for Cli {
    fn impl_name() -> String {
        "Millrace".into()
    }

    fn impl_version() -> String {
        env!("SUBSTRATE_CLI_IMPL_VERSION").into()
    }

    fn description() -> String {
        env!("CARGO_PKG_DESCRIPTION").into()
    }

    fn author() -> String {
        env!("CARGO_PKG_AUTHORS").into()
    }

    fn support_url() -> String {
        "the issues of this project's repository".into()
    }

    fn copyright_start_year() -> i32 {
        2026
    }

    fn load_spec(&self, id: &str) -> std::result::Result<Box<dyn ChainSpec>, String> {
        Ok(Box::new(millrace_chain_spec::load(id)?))
    }
}

/// Does what the command line says.
///
/// Errors: whatever the command meets; each message says what happened.
pub fn run() -> Result<()> {
    let cli = Cli::from_args();
    match &cli.subcommand {
        None => run_node(&cli),
        Some(Subcommand::Key(command)) => command.run(&cli),
        Some(Subcommand::Sign(command)) => command.run(),
        Some(Subcommand::Verify(command)) => command.run(),
        Some(Subcommand::Vanity(command)) => command.run(),
        Some(Subcommand::ExportChainSpec(command)) => command.run(cli.load_spec(&command.chain)?),
        Some(Subcommand::BuildSpec(command)) => cli
            .create_runner(command)?
            .sync_run(|config| command.run(config.chain_spec, config.network)),
        Some(Subcommand::ChainSpec(command)) => Ok(command.run()?),
        Some(Subcommand::ChainInfo(command)) => {
            cli.create_runner(command)?.sync_run(|config| maintenance::chain_info(command, &config))
        }
        Some(Subcommand::PurgeChain(command)) => {
            cli.create_runner(command)?.sync_run(|config| command.run(config.database))
        }
        Some(Subcommand::CompileRuntime(command)) => {
            cli.create_runner(command)?.sync_run(|config| command.run(&config))
        }
        Some(Subcommand::CheckBlock(command)) => cli
            .create_runner(command)?
            .async_run(|config| maintenance::check_block(command, config, genesis_state)),
        Some(Subcommand::ExportBlocks(command)) => cli
            .create_runner(command)?
            .async_run(|config| maintenance::export_blocks(command, config, genesis_state)),
        Some(Subcommand::ExportState(command)) => cli
            .create_runner(command)?
            .async_run(|config| maintenance::export_state(command, config, genesis_state)),
        Some(Subcommand::ImportBlocks(command)) => cli
            .create_runner(command)?
            .async_run(|config| maintenance::import_blocks(command, config, genesis_state)),
        Some(Subcommand::Revert(command)) => cli
            .create_runner(command)?
            .async_run(|config| maintenance::revert(command, config, genesis_state)),
        #[cfg(feature = "runtime-benchmarks")]
        Some(Subcommand::Benchmark(command)) => {
            cli.create_runner(command)?.sync_run(|config| crate::benchmarking::run(command, config))
        }
        #[cfg(not(feature = "runtime-benchmarks"))]
        Some(Subcommand::Benchmark { .. }) => Err("benchmarks are not part of this binary. Build \
            it with `cargo build --release --workspace --features runtime-benchmarks`."
            .into()),
    }
}

/// Runs a node until it is told to stop.
fn run_node(cli: &Cli) -> Result<()> {
    let storage_monitor = cli.storage_monitor.clone();
    let rpc = &cli.run.rpc_params;
    let rpc_endpoints = !rpc.experimental_rpc_endpoint.is_empty();
    let exposure = hardening::Asked {
        unsafe_external_rpc: rpc.unsafe_rpc_external,
        rpc_endpoints,
        local_peers: cli.run.network_params.discover_local,
    };
    let listening = ports::Asked {
        rpc_endpoints,
        metrics_port: cli.run.prometheus_params.prometheus_port.is_some(),
    };
    let asked = &cli.run.pool_config;
    let pool = pool::Settings {
        fork_aware: matches!(asked.pool_type, TransactionPoolType::ForkAware),
        size: pool::Size { count: asked.pool_limit, bytes: asked.pool_kbytes.saturating_mul(1024) },
        ban_seconds: asked.tx_ban_seconds,
        development: cli.run.shared_params.is_dev(),
    };
    cli.create_runner(&cli.run)?.run_node_until_exit(async |mut config| {
        hardening::harden(exposure, &mut config)?;
        ports::verify_free(listening, &mut config)?;
        service::new_full(config, genesis_state, pool, storage_monitor)
            .map_err(sc_cli::Error::Service)
    })?;
    // The pool's worker ends when the pool is dropped, which the library logs as a failure of an
    // essential task. This line tells the reader that the end was an orderly one.
    log::info!("👋 Stopped as requested");
    Ok(())
}
