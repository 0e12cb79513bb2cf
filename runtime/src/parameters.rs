// SPDX-License-Identifier: Apache-2.0

//! Numbers that governance may change without a new runtime.

use crate::{
    BlockNumber, Runtime,
    constants::time::{DAYS, HOURS},
};
use polkadot_sdk::{
    frame_support::dynamic_params::{dynamic_pallet_params, dynamic_params},
    pallet_parameters,
};

/// All parameters, by the pallet that reads them.
// The macros below write undocumented items of their own.
#[allow(missing_docs)]
#[dynamic_params(RuntimeParameters, pallet_parameters::Parameters::<Runtime>)]
pub mod dynamic_params {
    use super::*;

    /// Rules of state channels.
    #[dynamic_pallet_params]
    #[codec(index = 0)]
    pub mod channels {
        /// The shortest challenge window that a new channel may have, in blocks.
        #[codec(index = 0)]
        pub static MinChallengeBlocks: BlockNumber = HOURS;
        /// The longest challenge window that a new channel may have, in blocks.
        #[codec(index = 1)]
        pub static MaxChallengeBlocks: BlockNumber = 28 * DAYS;
    }
}

#[cfg(feature = "runtime-benchmarks")]
impl Default for RuntimeParameters {
    fn default() -> Self {
        RuntimeParameters::Channels(dynamic_params::channels::Parameters::MinChallengeBlocks(
            dynamic_params::channels::MinChallengeBlocks,
            Some(HOURS),
        ))
    }
}
