// SPDX-License-Identifier: Apache-2.0

//! Numbers that governance may change without a new runtime.
//!
//! Some changes would break promises, such as a challenge window too short to answer in. So the chain
//! reads each parameter through bounds that only a new runtime can change: what governance sets
//! outside counts as the nearest bound.
//!
//! | parameter | default | least | most |
//! |---|---|---|---|
//! | [`MinChallengeBlocks`] | 1 hour | 10 minutes, scaled on development chains | 1 day |
//! | [`MaxChallengeBlocks`] | 28 days | 1 day | 56 days |
//! | [`DisputeBond`] | 10 MILL | 0.01 MILL | 1,000 MILL |
//! | [`RevealBlocks`] | 180 days | 120 days | 730 days |

use crate::{
    Balance, BlockNumber, Runtime,
    configs::Scaled,
    constants::{
        money::{CENT, MILL},
        time::{DAYS, HOURS, MINUTES},
    },
};
use core::marker::PhantomData;
use polkadot_sdk::{
    frame_support::{
        dynamic_params::{dynamic_pallet_params, dynamic_params},
        traits::{ConstU32, ConstU128, Get},
    },
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
        /// What a participant stakes on its state when it disputes, in the native token.
        #[codec(index = 2)]
        pub static DisputeBond: Balance = 10 * MILL;
        /// How long a revealed preimage is remembered, in blocks.
        #[codec(index = 3)]
        pub static RevealBlocks: BlockNumber = 180 * DAYS;
    }
}

/// A parameter as the chain reads it: what governance set, but never outside `Least` and `Most`.
pub struct Within<Parameter, Least, Most>(PhantomData<(Parameter, Least, Most)>);

impl<Value: Ord, Parameter: Get<Value>, Least: Get<Value>, Most: Get<Value>> Get<Value>
    for Within<Parameter, Least, Most>
{
    fn get() -> Value {
        Parameter::get().max(Least::get()).min(Most::get())
    }
}

/// The shortest challenge window of a new channel, in blocks. Ten minutes is what it takes to notice
/// a dispute, find room in full blocks and outlast a short stall of the network.
pub type MinChallengeBlocks =
    Within<dynamic_params::channels::MinChallengeBlocks, Scaled<{ 10 * MINUTES }>, ConstU32<DAYS>>;

/// The longest challenge window of a new channel, in blocks. Never below the shortest.
pub type MaxChallengeBlocks =
    Within<dynamic_params::channels::MaxChallengeBlocks, ConstU32<DAYS>, ConstU32<{ 56 * DAYS }>>;

/// The bond of a dispute, in the native token. Half of it is always above the existential deposit, so
/// that the reward can be paid to anybody; never so high that only the rich can close a channel alone.
pub type DisputeBond =
    Within<dynamic_params::channels::DisputeBond, ConstU128<CENT>, ConstU128<{ 1_000 * MILL }>>;

/// How long a revealed preimage is remembered, in blocks. Longer than two of the longest windows:
/// what is revealed as a dispute starts is still there when its transfers are claimed.
pub type RevealBlocks = Within<
    dynamic_params::channels::RevealBlocks,
    ConstU32<{ 120 * DAYS }>,
    ConstU32<{ 730 * DAYS }>,
>;

#[cfg(feature = "runtime-benchmarks")]
impl Default for RuntimeParameters {
    fn default() -> Self {
        RuntimeParameters::Channels(dynamic_params::channels::Parameters::MinChallengeBlocks(
            dynamic_params::channels::MinChallengeBlocks,
            Some(HOURS),
        ))
    }
}
