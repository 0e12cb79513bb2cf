// SPDX-License-Identifier: Apache-2.0

//! The numbered rules of the purse.
//!
//! - **CB-1**: every row in `Deposits` belongs to an asset that exists.
//! - **CB-2**: what an account has on hold for channels in an asset is exactly the sum of its rows, an
//!   anchor for each of them, and its debts.
//! - **CB-3**: each account's debts are the sum of what `Unpaid` says it owes, and no row of either is
//!   zero.
//! - **CB-4**: who takes part in a channel in the native token can be paid any amount: its account
//!   has the existential deposit, which is the only thing that keeps it alive, and cannot be
//!   removed.
//! - **CB-5**: who takes part in a channel in another asset can be paid any amount as far as the
//!   asset's team lets it: its account in the asset has the minimum balance.
//! - **CB-6**: nothing is owed in the native token.
//! - **CB-7**: what an account has on hold as bonds is exactly their sum in `Bonds`.

#[cfg(any(feature = "std", feature = "try-runtime"))]
use crate::{
    AccountId, Balance, Bonds, ChannelAsset, Config, Debts, Deposits, HoldReason, Pallet, Unpaid,
};
#[cfg(any(feature = "std", feature = "try-runtime"))]
use alloc::collections::BTreeMap;
#[cfg(any(feature = "std", feature = "try-runtime"))]
use polkadot_sdk::{
    frame_support::{
        ensure,
        traits::{fungible, fungibles},
    },
    frame_system,
    sp_runtime::TryRuntimeError,
};

/// Sums by account and asset.
#[cfg(any(feature = "std", feature = "try-runtime"))]
type Sums = BTreeMap<(AccountId, ChannelAsset), Balance>;

#[cfg(any(feature = "std", feature = "try-runtime"))]
impl<T: Config> Pallet<T> {
    /// Checks every rule over the whole state. Reads everything: never on chain.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let mut holds = Sums::new();
        for (account, _, deposit) in Deposits::<T>::iter() {
            Self::check_participant(&account, deposit.asset)?;
            let on_hold = deposit.on_hold().ok_or("CB-2: a deposit overflows")?;
            add(&mut holds, (account, deposit.asset), on_hold)?;
        }
        Self::check_debts()?;
        for (account, asset, debt) in Debts::<T>::iter() {
            add(&mut holds, (account, asset), debt)?;
        }
        for ((account, asset), sum) in holds {
            let held: Balance = <T::Assets as fungibles::InspectHold<_>>::balance_on_hold(
                asset,
                &HoldReason::Channel.into(),
                &account,
            );
            ensure!(held == sum, "CB-2: a hold differs from what it stands for");
        }
        for (account, sum) in Bonds::<T>::iter() {
            let held = <T::NativeCurrency as fungible::InspectHold<_>>::balance_on_hold(
                &HoldReason::Bond.into(),
                &account,
            );
            ensure!(sum > 0 && sum == held, "CB-7: bonds differ from what is on hold for them");
        }
        Ok(())
    }

    /// Checks that what each account owes is the sum of what others are owed by it.
    fn check_debts() -> Result<(), TryRuntimeError> {
        let mut owed = Sums::new();
        for (_, (asset, from), amount) in Unpaid::<T>::iter() {
            ensure!(amount > 0, "CB-3: somebody is owed nothing");
            ensure!(asset != ChannelAsset::Native, "CB-6: native tokens are owed");
            add(&mut owed, (from, asset), amount)?;
        }
        let debts: Sums =
            Debts::<T>::iter().map(|(account, asset, debt)| ((account, asset), debt)).collect();
        ensure!(owed == debts, "CB-3: debts differ from what is owed");
        Ok(())
    }

    /// Checks that a participant can be paid.
    fn check_participant(account: &AccountId, asset: ChannelAsset) -> Result<(), TryRuntimeError> {
        ensure!(
            <T::Assets as fungibles::Inspect<_>>::asset_exists(asset),
            "CB-1: a deposit is in an asset that does not exist"
        );
        let minimum = <T::Assets as fungibles::Inspect<_>>::minimum_balance(asset);
        let has_minimum = <T::Assets as fungibles::Inspect<_>>::balance(asset, account) >= minimum;
        if asset != ChannelAsset::Native {
            ensure!(has_minimum, "CB-5: a participant's account is below its asset's minimum");
            return Ok(());
        }
        ensure!(has_minimum, "CB-4: a participant's account is below the existential deposit");
        ensure!(
            frame_system::Pallet::<T>::providers(account) == 1
                && frame_system::Pallet::<T>::consumers(account) > 0,
            "CB-4: a participant's account could be removed"
        );
        Ok(())
    }
}

/// Adds to one of the sums.
#[cfg(any(feature = "std", feature = "try-runtime"))]
fn add(
    sums: &mut Sums,
    key: (AccountId, ChannelAsset),
    amount: Balance,
) -> Result<(), TryRuntimeError> {
    let sum = sums.entry(key).or_default();
    *sum = sum.checked_add(amount).ok_or("CB-2: a sum overflows")?;
    Ok(())
}
