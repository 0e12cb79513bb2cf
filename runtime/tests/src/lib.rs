// SPDX-License-Identifier: Apache-2.0

//! Whole journeys through the assembled runtime, block by block, as a node would execute them.
//!
//! A crate of its own, because whatever changes inside the runtime's makes its WASM build run.

#![cfg(test)]

mod assets;
mod at_once;
mod chain;
mod channels;
mod counting;
mod dpos;
mod fee_table;
mod fees;
mod full_blocks;
mod governance;
mod offences;
mod ownership;
mod parameters;
mod parties;
mod presets;
mod scale;
mod sessions;
mod upgrading;
mod views;
