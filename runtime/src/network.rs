// SPDX-License-Identifier: Apache-2.0

//! What differs between a development chain and a live network that run one and the same blob.
//!
//! A development chain wants sessions and referenda of a minute, a live network of hours and weeks.
//! Both run the same WASM, so these scales are part of the genesis state. No call changes them:
//! the length of an epoch must never change, because BABE derives every epoch's start from it.

pub use pallet::*;

/// The pallet that keeps the scales.
// The macros below write undocumented items of their own.
#[allow(missing_docs)]
#[polkadot_sdk::frame_support::pallet]
pub mod pallet {
    use crate::{BlockNumber, constants::time};
    use polkadot_sdk::frame_support::{pallet_prelude::*, traits::StorageVersion};

    /// The layout of what is stored. A rehearsal of an upgrade has the next one.
    const STORAGE_VERSION: StorageVersion =
        StorageVersion::new(if cfg!(feature = "rehearsal") { 1 } else { 0 });

    /// Epoch length of a live network, in slots: one hour.
    pub const DEFAULT_EPOCH_SLOTS: u32 = time::HOURS;

    /// The shortest epoch that leaves time for a session's work, in slots.
    pub const MIN_EPOCH_SLOTS: u32 = 10;

    #[pallet::config]
    pub trait Config: polkadot_sdk::frame_system::Config {
        /// Receives the shortest challenge window of the chain's channels, in blocks, at genesis.
        type SetMinChallengeBlocks: SetAtGenesis<BlockNumber>;
    }

    /// Something that takes its first value from the genesis configuration.
    pub trait SetAtGenesis<Value> {
        /// Stores the value, or panics with the reason: a chain must not start without it.
        fn set(value: Value);
    }

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// Length of an epoch and of a session, in slots. Fixed at genesis.
    #[pallet::storage]
    pub type EpochSlots<T> = StorageValue<_, u32, ValueQuery, ConstU32<DEFAULT_EPOCH_SLOTS>>;

    /// Governance and treasury periods are divided by this. Fixed at genesis.
    #[pallet::storage]
    pub type PeriodDivisor<T> = StorageValue<_, u32, ValueQuery, ConstU32<1>>;

    /// Both scales in one value; only in a rehearsal, see [`crate::rehearsal`].
    #[cfg(feature = "rehearsal")]
    #[pallet::storage]
    pub type StoredScales<T> = StorageValue<_, crate::rehearsal::Scales, OptionQuery>;

    /// The scales of a new chain.
    #[pallet::genesis_config]
    pub struct GenesisConfig<T: Config> {
        /// Length of an epoch, in slots; at least [`MIN_EPOCH_SLOTS`].
        pub epoch_slots: u32,
        /// Divides governance and treasury periods; at least 1.
        pub period_divisor: u32,
        /// Shortest challenge window of a channel, in blocks; nothing keeps the default. Unlike
        /// the others, governance may change it later.
        pub min_challenge_blocks: Option<BlockNumber>,
        #[serde(skip)]
        #[doc(hidden)]
        pub _config: core::marker::PhantomData<T>,
    }

    impl<T: Config> Default for GenesisConfig<T> {
        fn default() -> Self {
            Self {
                epoch_slots: DEFAULT_EPOCH_SLOTS,
                period_divisor: 1,
                min_challenge_blocks: None,
                _config: Default::default(),
            }
        }
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            assert!(
                self.epoch_slots >= MIN_EPOCH_SLOTS,
                "network.epochSlots must be at least {MIN_EPOCH_SLOTS}",
            );
            assert!(self.period_divisor >= 1, "network.periodDivisor must be at least 1");
            EpochSlots::<T>::put(self.epoch_slots);
            PeriodDivisor::<T>::put(self.period_divisor);
            if let Some(blocks) = self.min_challenge_blocks {
                T::SetMinChallengeBlocks::set(blocks);
            }
        }
    }

    impl<T: Config> Pallet<T> {
        /// Length of an epoch and of a session, in slots.
        pub fn epoch_slots() -> u32 {
            #[cfg(feature = "rehearsal")]
            if let Some(scales) = StoredScales::<T>::get() {
                return scales.epoch_slots;
            }
            EpochSlots::<T>::get()
        }

        /// What governance and treasury periods are divided by.
        fn period_divisor() -> u32 {
            #[cfg(feature = "rehearsal")]
            if let Some(scales) = StoredScales::<T>::get() {
                return scales.period_divisor;
            }
            PeriodDivisor::<T>::get()
        }

        /// `blocks` of a live network, in blocks of this one; at least one.
        pub fn scaled(blocks: BlockNumber) -> BlockNumber {
            blocks.checked_div(Self::period_divisor()).unwrap_or(blocks).max(1)
        }
    }
}
