// SPDX-License-Identifier: Apache-2.0

//! The numbered rules of the purse.
//!
//! - **CB-1**: for each account and asset, `Holder` counts the rows in `Deposits` and sums them.
//! - **CB-2**: what an account has on hold for channels in an asset is exactly what is locked and
//!   owed, and its anchor while it takes part in a channel.
//! - **CB-3**: no row is without a holder, and no holder without a row or a debt.
//! - **CB-4**: who takes part in a channel in the native token can be paid any amount: its account
//!   has the existential deposit, which is the only thing that keeps it alive, and cannot be
//!   removed.
//! - **CB-5**: who takes part in a channel in another asset can be paid any amount as far as the
//!   asset's team lets it: the asset and the account in it exist.
//! - **CB-6**: for each account and asset, `Holder` sums what it owes; nobody is owed nothing.
//! - **CB-7**: what an account has on hold as bonds is exactly their sum in `Bonds`.

#[cfg(any(feature = "std", feature = "try-runtime"))]
use crate::{
    AccountId, Balance, Bonds, ChannelAsset, Config, Deposits, HoldReason, Holder, Holders, Pallet,
    Unpaid,
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

/// What holders should say of their rows.
#[cfg(any(feature = "std", feature = "try-runtime"))]
type Sums = BTreeMap<(AccountId, ChannelAsset), Holder>;

#[cfg(any(feature = "std", feature = "try-runtime"))]
impl<T: Config> Pallet<T> {
    /// Checks every rule over the whole state. Reads everything: never on chain.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let mut sums = Self::sum_deposits()?;
        Self::sum_debts(&mut sums)?;
        for (account, asset, holder) in Holders::<T>::iter() {
            let sum = sums
                .remove(&(account.clone(), asset))
                .ok_or("CB-3: a holder has neither deposit nor debt")?;
            Self::check_holder(&account, asset, &holder, &sum)?;
        }
        ensure!(sums.is_empty(), "CB-3: a deposit or a debt has no holder");
        for (account, sum) in Bonds::<T>::iter() {
            let held = <T::NativeCurrency as fungible::InspectHold<_>>::balance_on_hold(
                &HoldReason::Bond.into(),
                &account,
            );
            ensure!(sum > 0 && sum == held, "CB-7: bonds differ from what is on hold for them");
        }
        Ok(())
    }

    /// What holders should say of their deposits.
    fn sum_deposits() -> Result<Sums, TryRuntimeError> {
        let mut sums = Sums::new();
        for (account, _, deposit) in Deposits::<T>::iter() {
            let sum = sums.entry((account, deposit.asset)).or_default();
            sum.channels = sum.channels.checked_add(1).ok_or("CB-1: a count overflows")?;
            sum.locked = sum.locked.checked_add(deposit.amount).ok_or("CB-1: a sum overflows")?;
        }
        Ok(sums)
    }

    /// Adds what holders should say of their debts.
    fn sum_debts(sums: &mut Sums) -> Result<(), TryRuntimeError> {
        for (_, (asset, from), amount) in Unpaid::<T>::iter() {
            ensure!(amount > 0, "CB-6: somebody is owed nothing");
            let sum = sums.entry((from, asset)).or_default();
            sum.owed = sum.owed.checked_add(amount).ok_or("CB-6: a sum overflows")?;
        }
        Ok(())
    }

    /// Checks the rules of one holder against the `sum` of its rows.
    fn check_holder(
        account: &AccountId,
        asset: ChannelAsset,
        holder: &Holder,
        sum: &Holder,
    ) -> Result<(), TryRuntimeError> {
        ensure!(
            (sum.channels, sum.locked) == (holder.channels, holder.locked),
            "CB-1: a holder differs from the sum of its deposits"
        );
        ensure!(sum.owed == holder.owed, "CB-6: a holder differs from the sum of its debts");
        let held: Balance = <T::Assets as fungibles::InspectHold<_>>::balance_on_hold(
            asset,
            &HoldReason::Channel.into(),
            account,
        );
        ensure!(
            Some(held) == holder.on_hold(asset),
            "CB-2: a hold differs from what it stands for"
        );
        let minimum = <T::Assets as fungibles::Inspect<_>>::minimum_balance(asset);
        let has_minimum = <T::Assets as fungibles::Inspect<_>>::balance(asset, account) >= minimum;
        match asset {
            ChannelAsset::Native => {
                ensure!(
                    frame_system::Pallet::<T>::providers(account) == 1
                        && frame_system::Pallet::<T>::consumers(account) > 0,
                    "CB-4: a holder's account could be removed"
                );
                ensure!(has_minimum, "CB-4: a holder's account is below the existential deposit");
            }
            ChannelAsset::Local(_) => {
                ensure!(
                    <T::Assets as fungibles::Inspect<_>>::asset_exists(asset),
                    "CB-5: a holder's asset does not exist"
                );
                ensure!(
                    has_minimum || holder.channels == 0,
                    "CB-5: a participant's account in the asset is below its minimum"
                );
            }
        }
        Ok(())
    }
}
