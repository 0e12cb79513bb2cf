// SPDX-License-Identifier: Apache-2.0

//! What subcommands do with a database while no node uses it.
//!
//! Where that takes long, a function returns the work and the manager of the tasks that the work needs, as
//! `Runner::async_run` takes them. Errors: the database cannot be opened, or the work fails.

use super::{FullBackend, FullClient, GenesisState, executor::new_executor, new_partial};
use millrace_node_parts::{Block, BlockNumber, compiled};
use polkadot_sdk::{
    sc_cli::{
        self, ChainInfoCmd, CheckBlockCmd, ExportBlocksCmd, ExportStateCmd, ImportBlocksCmd,
        RevertCmd,
    },
    sc_consensus_babe, sc_consensus_grandpa,
    sc_executor::RuntimeVersionOf,
    sc_service::{Configuration, TaskManager},
    sp_core::traits::{RuntimeCode, WrappedRuntimeCode},
    sp_io::hashing::blake2_256,
    sp_state_machine::BasicExternalities,
    sp_version::RuntimeVersion,
};
use std::{path::PathBuf, pin::Pin, sync::Arc};

/// Work to be done, and what does it.
pub type Work<'a> = (Pin<Box<dyn Future<Output = sc_cli::Result<()>> + 'a>>, TaskManager);

/// Shows the best and the finalised block.
pub fn chain_info(command: &ChainInfoCmd, config: &Configuration) -> sc_cli::Result<()> {
    command.run::<Block>(config)
}

/// Executes a block again and compares the result.
pub fn check_block(
    command: &CheckBlockCmd,
    mut config: Configuration,
    genesis_state: GenesisState,
) -> sc_cli::Result<Work<'_>> {
    let partial = new_partial(&mut config, genesis_state, None)?;
    let (client, queue) = (partial.client, partial.import_queue);
    Ok((Box::pin(command.run(client, queue)), partial.task_manager))
}

/// Writes blocks to a file.
pub fn export_blocks(
    command: &ExportBlocksCmd,
    mut config: Configuration,
    genesis_state: GenesisState,
) -> sc_cli::Result<Work<'_>> {
    let partial = new_partial(&mut config, genesis_state, None)?;
    let (client, database) = (partial.client, config.database);
    Ok((Box::pin(command.run(client, database)), partial.task_manager))
}

/// Writes the state after a block as a raw chain specification.
pub fn export_state(
    command: &ExportStateCmd,
    mut config: Configuration,
    genesis_state: GenesisState,
) -> sc_cli::Result<Work<'_>> {
    let partial = new_partial(&mut config, genesis_state, None)?;
    let (client, spec) = (partial.client, config.chain_spec);
    Ok((Box::pin(command.run(client, spec)), partial.task_manager))
}

/// Reads blocks from a file.
pub fn import_blocks(
    command: &ImportBlocksCmd,
    mut config: Configuration,
    genesis_state: GenesisState,
) -> sc_cli::Result<Work<'_>> {
    let partial = new_partial(&mut config, genesis_state, None)?;
    let (client, queue) = (partial.client, partial.import_queue);
    Ok((Box::pin(command.run(client, queue)), partial.task_manager))
}

/// Takes back blocks that are not final yet.
pub fn revert(
    command: &RevertCmd,
    mut config: Configuration,
    genesis_state: GenesisState,
) -> sc_cli::Result<Work<'_>> {
    let partial = new_partial(&mut config, genesis_state, None)?;
    let (client, backend) = (partial.client, partial.backend);
    let consensus = Some(Box::new(revert_consensus) as _);
    Ok((Box::pin(command.run(client, backend, consensus)), partial.task_manager))
}

/// Takes back what BABE and GRANDPA remember of the last `blocks` blocks.
fn revert_consensus(
    client: Arc<FullClient>,
    backend: Arc<FullBackend>,
    blocks: BlockNumber,
) -> sc_cli::Result<()> {
    sc_consensus_babe::revert(client.clone(), backend, blocks)?;
    sc_consensus_grandpa::revert(client, blocks)?;
    Ok(())
}

/// Compiles a runtime as a running node does, and keeps the result where nodes of this user look for
/// it. Gives its version and that place.
///
/// Errors: it is no runtime, or the place cannot be written.
pub fn compile_runtime(
    config: &Configuration,
    code: &[u8],
) -> Result<(RuntimeVersion, PathBuf), String> {
    let folder = compiled::folder(config.base_path.path())?;
    let fetcher = WrappedRuntimeCode(code.into());
    let hash = blake2_256(code).to_vec();
    let code = RuntimeCode { code_fetcher: &fetcher, heap_pages: None, hash };
    // Whatever is asked of a runtime, the executor compiles it first.
    let version = new_executor(config)
        .runtime_version(&mut BasicExternalities::default(), &code)
        .map_err(|error| error.to_string())?;
    Ok((version, folder))
}
