// SPDX-License-Identifier: Apache-2.0

//! What subcommands do with a database while no node uses it.
//!
//! Each function returns the work and the manager of the tasks that the work needs, as
//! `Runner::async_run` takes them. Errors: the database cannot be opened, or the work fails.

use super::{FullBackend, FullClient, GenesisState, new_partial};
use millrace_node_parts::{Block, BlockNumber};
use polkadot_sdk::{
    sc_cli::{
        self, ChainInfoCmd, CheckBlockCmd, ExportBlocksCmd, ExportStateCmd, ImportBlocksCmd,
        RevertCmd,
    },
    sc_consensus_babe, sc_consensus_grandpa,
    sc_service::{Configuration, TaskManager},
};
use std::{pin::Pin, sync::Arc};

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
    let partial = new_partial(&mut config, genesis_state)?;
    let (client, queue) = (partial.client, partial.import_queue);
    Ok((Box::pin(command.run(client, queue)), partial.task_manager))
}

/// Writes blocks to a file.
pub fn export_blocks(
    command: &ExportBlocksCmd,
    mut config: Configuration,
    genesis_state: GenesisState,
) -> sc_cli::Result<Work<'_>> {
    let partial = new_partial(&mut config, genesis_state)?;
    let (client, database) = (partial.client, config.database);
    Ok((Box::pin(command.run(client, database)), partial.task_manager))
}

/// Writes the state after a block as a raw chain specification.
pub fn export_state(
    command: &ExportStateCmd,
    mut config: Configuration,
    genesis_state: GenesisState,
) -> sc_cli::Result<Work<'_>> {
    let partial = new_partial(&mut config, genesis_state)?;
    let (client, spec) = (partial.client, config.chain_spec);
    Ok((Box::pin(command.run(client, spec)), partial.task_manager))
}

/// Reads blocks from a file.
pub fn import_blocks(
    command: &ImportBlocksCmd,
    mut config: Configuration,
    genesis_state: GenesisState,
) -> sc_cli::Result<Work<'_>> {
    let partial = new_partial(&mut config, genesis_state)?;
    let (client, queue) = (partial.client, partial.import_queue);
    Ok((Box::pin(command.run(client, queue)), partial.task_manager))
}

/// Takes back blocks that are not final yet.
pub fn revert(
    command: &RevertCmd,
    mut config: Configuration,
    genesis_state: GenesisState,
) -> sc_cli::Result<Work<'_>> {
    let partial = new_partial(&mut config, genesis_state)?;
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
