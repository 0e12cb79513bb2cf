// SPDX-License-Identifier: Apache-2.0

//! Compiles the runtime to WASM if its blob is asked for.

/// Compiles this very crate, with the runtime in it.
#[cfg(feature = "std")]
fn main() {
    substrate_wasm_builder::WasmBuilder::init_with_defaults().enable_feature("wasm").build();
}

/// Whatever builds the whole workspace need not wait for a blob that it has no use for.
#[cfg(not(feature = "std"))]
fn main() {}
