// SPDX-License-Identifier: Apache-2.0

//! What runs the runtime's WASM.

use super::{Executor, HostFunctions};
use millrace_node_parts::compiled;
use polkadot_sdk::{
    sc_executor::{DEFAULT_HEAP_ALLOC_STRATEGY, HeapAllocStrategy, WasmExecutor},
    sc_service::Configuration,
};

/// The executor that `config` asks for.
///
/// Compiling a runtime takes seconds, so its machine code is kept on disk: a node that starts
/// again, or a second one on this machine, reads it back. Without a usable folder the node works
/// as well, only slower at its start.
pub fn new_executor(config: &Configuration) -> Executor {
    let options = &config.executor;
    let heap = options.default_heap_pages.map_or(DEFAULT_HEAP_ALLOC_STRATEGY, |extra_pages| {
        HeapAllocStrategy::Static { extra_pages: extra_pages as u32 }
    });
    let builder = WasmExecutor::<HostFunctions>::builder()
        .with_execution_method(options.wasm_method)
        .with_onchain_heap_alloc_strategy(heap)
        .with_offchain_heap_alloc_strategy(heap)
        .with_max_runtime_instances(options.max_runtime_instances)
        .with_runtime_cache_size(options.runtime_cache_size);
    match compiled::folder(config.base_path.path()) {
        Ok(folder) => builder.with_cache_path(folder).build(),
        Err(message) => {
            log::warn!("{message}");
            builder.build()
        }
    }
}
