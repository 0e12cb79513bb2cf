// SPDX-License-Identifier: Apache-2.0

//! What runs the runtime's WASM, and where its compiled code is kept.

use super::{Executor, HostFunctions};
use polkadot_sdk::{
    sc_executor::{DEFAULT_HEAP_ALLOC_STRATEGY, HeapAllocStrategy, WasmExecutor},
    sc_service::Configuration,
};
use std::{
    env, fs, io,
    path::{Path, PathBuf},
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
    let folder = cache_folder(
        env::var_os("XDG_CACHE_HOME").map(PathBuf::from),
        env::var_os("HOME").map(PathBuf::from),
        config.base_path.path(),
    );
    match create_private(&folder) {
        Ok(()) => builder.with_cache_path(folder).build(),
        Err(error) => {
            log::warn!(
                "Compiled runtimes cannot be kept in `{}`, so every start compiles anew: {error}. \
                 Set XDG_CACHE_HOME to a folder that this user may write to.",
                folder.display(),
            );
            builder.build()
        }
    }
}

/// The user's cache folder, or one beside the database of a user who has no home.
fn cache_folder(cache: Option<PathBuf>, home: Option<PathBuf>, base: &Path) -> PathBuf {
    // The specification of base directories has relative paths ignored.
    let absolute = |path: &PathBuf| path.is_absolute();
    cache
        .filter(absolute)
        .or_else(|| home.filter(absolute).map(|home| home.join(".cache")))
        .map_or_else(|| base.join("compiled"), |cache| cache.join("millrace/compiled"))
}

/// Makes a folder that nobody else may write to, because what lies in it is executed.
fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compiled_code_lies_in_the_users_cache() {
        let base = Path::new("/data");
        let path = |text: &str| Some(PathBuf::from(text));
        let expect = |cache, home, folder: &str| {
            assert_eq!(cache_folder(cache, home, base), Path::new(folder));
        };
        expect(path("/cache"), path("/users/ann"), "/cache/millrace/compiled");
        expect(path("cache"), path("/users/ann"), "/users/ann/.cache/millrace/compiled");
        expect(None, path("/users/ann"), "/users/ann/.cache/millrace/compiled");
        expect(None, path(""), "/data/compiled");
        expect(None, None, "/data/compiled");
    }
}
