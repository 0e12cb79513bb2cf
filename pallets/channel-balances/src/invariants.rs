// SPDX-License-Identifier: Apache-2.0

//! The numbered rules of the purse.
//!
//! - **CB-1**: an account's `Holder` counts its rows in `Deposits` and sums them.
//! - **CB-2**: what an account has on hold for channels is exactly that sum.
//! - **CB-3**: no row is without a holder, and no holder without a row.
//! - **CB-4**: a holder's account can be paid any amount: it has the existential deposit, which is
//!   the only thing that keeps it alive, and cannot be removed.

#[cfg(any(feature = "std", feature = "try-runtime"))]
use crate::{AccountId, Config, Deposits, HoldReason, Holder, Holders, Pallet};

#[cfg(any(feature = "std", feature = "try-runtime"))]
impl<T: Config> Pallet<T> {
    /// Checks every rule over the whole state. Reads everything: never on chain.
    pub fn do_try_state() -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
        use alloc::collections::BTreeMap;
        use polkadot_sdk::{
            frame_support::{
                ensure,
                traits::fungible::{Inspect, InspectHold},
            },
            frame_system,
        };

        let mut sums = BTreeMap::<AccountId, Holder>::new();
        for (account, _, deposit) in Deposits::<T>::iter() {
            let sum = sums.entry(account).or_default();
            sum.channels = sum.channels.checked_add(1).ok_or("CB-1: a count overflows")?;
            sum.held = sum.held.checked_add(deposit).ok_or("CB-1: a sum overflows")?;
        }
        let mut holders = 0usize;
        for (account, holder) in Holders::<T>::iter() {
            holders = holders.saturating_add(1);
            let sum = sums.get(&account).ok_or("CB-3: a holder has no deposit")?;
            ensure!(*sum == holder, "CB-1: a holder differs from the sum of its deposits");
            ensure!(
                T::NativeCurrency::balance_on_hold(&HoldReason::Channel.into(), &account)
                    == holder.held,
                "CB-2: a hold differs from the deposits it stands for"
            );
            ensure!(
                frame_system::Pallet::<T>::providers(&account) == 1
                    && frame_system::Pallet::<T>::consumers(&account) > 0,
                "CB-4: a holder's account could be removed"
            );
            ensure!(
                T::NativeCurrency::balance(&account) >= T::NativeCurrency::minimum_balance(),
                "CB-4: a holder's account is below the existential deposit"
            );
        }
        ensure!(holders == sums.len(), "CB-3: a deposit has no holder");
        Ok(())
    }
}
