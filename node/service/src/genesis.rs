// SPDX-License-Identifier: Apache-2.0

//! The genesis block, made only when the database has none.

use super::{Executor, FullBackend};
use millrace_node_parts::Block;
use polkadot_sdk::{
    sc_client_api::Backend,
    sc_service::{BuildGenesisBlock, ChainSpec, GenesisBlockBuilder},
    sp_blockchain,
    sp_core::storage::Storage,
};
use std::sync::Arc;

/// Makes the genesis state of a chain, or says why it cannot be made.
pub type GenesisState = fn(&dyn ChainSpec) -> Result<Storage, String>;

/// Builds the genesis block from a chain's specification.
///
/// The library's own way builds the state at every start, and with a compilation of its own.
pub struct Genesis<'a> {
    /// What the state is built from.
    pub spec: &'a dyn ChainSpec,
    /// How.
    pub state: GenesisState,
    /// Whether the state is kept: a node that warps to the newest state need not have it.
    pub commit: bool,
    /// Where the block goes.
    pub backend: Arc<FullBackend>,
    /// Tells the runtime's version, and with it the format of the state.
    pub executor: Executor,
}

impl BuildGenesisBlock<Block> for Genesis<'_> {
    type BlockImportOperation = <FullBackend as Backend<Block>>::BlockImportOperation;

    fn build_genesis_block(self) -> sp_blockchain::Result<(Block, Self::BlockImportOperation)> {
        let Self { spec, state, commit, backend, executor } = self;
        let state = state(spec).map_err(sp_blockchain::Error::Storage)?;
        GenesisBlockBuilder::new_with_storage(state, commit, backend, executor)?
            .build_genesis_block()
    }
}
