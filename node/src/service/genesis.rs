// SPDX-License-Identifier: Apache-2.0

//! The genesis block, made only when the database has none.

use super::{Executor, FullBackend};
use crate::chain_spec;
use millrace_runtime::opaque::Block;
use polkadot_sdk::{
    sc_client_api::Backend,
    sc_service::{BuildGenesisBlock, ChainSpec, GenesisBlockBuilder},
    sp_blockchain,
};
use std::sync::Arc;

/// Builds the genesis block from a chain's specification.
///
/// The library's own way builds the state at every start, and with a compilation of its own.
pub struct Genesis<'a> {
    /// What the state is built from.
    pub spec: &'a dyn ChainSpec,
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
        let Self { spec, commit, backend, executor } = self;
        let state = chain_spec::genesis_state(spec).map_err(sp_blockchain::Error::Storage)?;
        GenesisBlockBuilder::new_with_storage(state, commit, backend, executor)?
            .build_genesis_block()
    }
}
