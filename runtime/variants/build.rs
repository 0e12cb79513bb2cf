// SPDX-License-Identifier: Apache-2.0

//! Compiles a variant of the runtime to WASM if one is asked for.

/// Compiles the runtime with this crate's own features.
#[cfg(feature = "std")]
fn main() {
    substrate_wasm_builder::WasmBuilder::init_with_defaults().enable_feature("wasm").build();
}

/// Whatever builds the whole workspace need not wait for a blob that it has no use for.
#[cfg(not(feature = "std"))]
fn main() {}
