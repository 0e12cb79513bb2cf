// SPDX-License-Identifier: Apache-2.0

//! What every block and every extrinsic takes before anything else, as measured by `scripts/weigh`.
//! Written by a program: measure again instead of editing.
//!
//! Medians, measured on 2026-11-22 on `AMD EPYC`.

use polkadot_sdk::frame_support::weights::{Weight, constants::WEIGHT_REF_TIME_PER_NANOS};

/// Time of a block without extrinsics of users.
pub const BLOCK: Weight = Weight::from_parts(287_361 * WEIGHT_REF_TIME_PER_NANOS, 0);

/// Time of an extrinsic that does nothing: to decode it, check its signature and call it.
pub const EXTRINSIC: Weight = Weight::from_parts(58_056 * WEIGHT_REF_TIME_PER_NANOS, 0);
