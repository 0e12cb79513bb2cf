// SPDX-License-Identifier: Apache-2.0

//! A rehearsal of an upgrade. No release contains it: `scripts/rehearse` builds it, with a version
//! above all releases, and `docs/operating/upgrade.md` tells what it is good for.
//!
//! An upgrade that migrates nothing rehearses little. This one changes how the chain stores the
//! numbers that it can least do without: [`crate::network`] keeps the length of an epoch and the
//! divisor of governance periods as two values, here they become one, [`Scales`]. If the length of
//! an epoch came out different, the runtime and the nodes would disagree about when epochs end, and
//! the chain would stop.
//!
//! Two things in it are as every migration needs them:
//!
//! - It runs once, however often it is tried, because the layout has a version.
//! - What it replaces can still be read. Between the block that brings the new code and the next
//!   one, which migrates, nodes and wallets already ask the new code about the old data.

use crate::{Network, Runtime, network};
#[cfg(feature = "try-runtime")]
use alloc::vec::Vec;
use codec::{Decode, Encode, MaxEncodedLen};
use core::marker::PhantomData;
#[cfg(feature = "try-runtime")]
use polkadot_sdk::{frame_support::ensure, sp_runtime::TryRuntimeError};
use polkadot_sdk::{
    frame_support::{
        migrations::VersionedMigration,
        traits::{Get, UncheckedOnRuntimeUpgrade},
        weights::Weight,
    },
    frame_system,
};
use scale_info::TypeInfo;

/// What differs between networks that run one and the same blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Scales {
    /// Length of an epoch and of a session, in slots.
    pub epoch_slots: u32,
    /// What governance and treasury periods are divided by.
    pub period_divisor: u32,
}

/// Makes one value of two.
pub struct MergeScales<T>(PhantomData<T>);

impl<T: network::Config> UncheckedOnRuntimeUpgrade for MergeScales<T> {
    fn on_runtime_upgrade() -> Weight {
        // The mistake of the faulty rehearsal: it takes it that every network is a live one.
        let epoch_slots = if cfg!(feature = "rehearsal-faulty") {
            network::DEFAULT_EPOCH_SLOTS
        } else {
            network::EpochSlots::<T>::get()
        };
        let period_divisor = network::PeriodDivisor::<T>::get();
        network::StoredScales::<T>::put(Scales { epoch_slots, period_divisor });
        network::EpochSlots::<T>::kill();
        network::PeriodDivisor::<T>::kill();
        T::DbWeight::get().reads_writes(2, 3)
    }

    #[cfg(feature = "try-runtime")]
    fn pre_upgrade() -> Result<Vec<u8>, TryRuntimeError> {
        ensure!(network::StoredScales::<T>::get().is_none(), "the scales are merged already");
        Ok((network::EpochSlots::<T>::get(), network::PeriodDivisor::<T>::get()).encode())
    }

    #[cfg(feature = "try-runtime")]
    fn post_upgrade(before: Vec<u8>) -> Result<(), TryRuntimeError> {
        let (epoch_slots, period_divisor) = <(u32, u32)>::decode(&mut &before[..])
            .map_err(|_| "what was noted before is unreadable")?;
        let scales = network::StoredScales::<T>::get().ok_or("there are no scales")?;
        ensure!(scales.epoch_slots == epoch_slots, "the length of an epoch has changed");
        ensure!(scales.period_divisor == period_divisor, "the divisor of periods has changed");
        ensure!(!network::EpochSlots::<T>::exists(), "the old length of an epoch is still there");
        ensure!(!network::PeriodDivisor::<T>::exists(), "the old divisor is still there");
        ensure!(
            network::Pallet::<T>::epoch_slots() == epoch_slots,
            "the chain reads another length of an epoch than is stored"
        );
        Ok(())
    }
}

/// The rehearsal's migrations that fit into one block, in the order they run.
pub type SingleBlock = VersionedMigration<
    0,
    1,
    MergeScales<Runtime>,
    Network,
    <Runtime as frame_system::Config>::DbWeight,
>;
