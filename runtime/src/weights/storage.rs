// SPDX-License-Identifier: Apache-2.0

//! What reading and writing the state costs, as measured by `scripts/weigh`. Written by a program: measure
//! again instead of editing.
//!
//! Measured on 2026-11-22 on `AMD EPYC`, with ParityDb and without the node's cache of the
//! state, each key of a state of a million accounts once. Means: a block has many operations, dear and cheap
//! ones.

use polkadot_sdk::frame_support::{
    parameter_types,
    weights::{RuntimeDbWeight, constants::WEIGHT_REF_TIME_PER_NANOS},
};

parameter_types! {
    /// Time of an operation on storage.
    pub const DbWeight: RuntimeDbWeight = RuntimeDbWeight {
        // Median 4_287 ns, 95 of 100 at most 4_998 ns.
        read: 4_319 * WEIGHT_REF_TIME_PER_NANOS,
        // Median 14_380 ns, 95 of 100 at most 15_021 ns; many at a time, as in a block.
        write: 14_256 * WEIGHT_REF_TIME_PER_NANOS,
    };
}
