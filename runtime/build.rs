// SPDX-License-Identifier: Apache-2.0

//! Compiles the runtime to WASM while its native twin is built.

/// The blob of daily work.
#[cfg(all(feature = "std", not(feature = "on-chain-release-build")))]
fn main() {
    declare();
    substrate_wasm_builder::WasmBuilder::build_using_defaults();
}

/// The blob of a live network: it knows the hash of its own metadata, so that hardware wallets can
/// check what they sign.
#[cfg(all(feature = "std", feature = "on-chain-release-build"))]
fn main() {
    declare();
    substrate_wasm_builder::WasmBuilder::init_with_defaults()
        .enable_metadata_hash("MILL", 12)
        .build();
}

/// Inside the WASM build there is nothing left to compile.
#[cfg(not(feature = "std"))]
fn main() {
    declare();
}

/// Names what the WASM build says about itself, so that the compiler takes it for no mistake.
fn declare() {
    println!("cargo::rustc-check-cfg=cfg(substrate_runtime)");
}
