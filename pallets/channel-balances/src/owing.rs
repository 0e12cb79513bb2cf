// SPDX-License-Identifier: Apache-2.0

//! What an asset does not let through waits, so that nobody's payout waits for another's.

use crate::{
    AccountId, Balance, ChannelAsset, Config, Debts, Error, Event, HoldReason, Pallet, Unpaid,
};
use polkadot_sdk::{
    frame_support::{
        defensive, ensure,
        storage::with_storage_layer,
        traits::{
            fungibles::MutateHold,
            tokens::{Fortitude, Precision, Restriction},
        },
    },
    sp_runtime::{ArithmeticError, DispatchResult},
};

impl<T: Config> Pallet<T> {
    /// Gives `amount`, which is on hold in the account of `from` but locked for no channel any more,
    /// to `to`, or notes that it is owed.
    pub(crate) fn hand_over(
        asset: ChannelAsset,
        from: &AccountId,
        to: &AccountId,
        amount: Balance,
    ) -> DispatchResult {
        let Err(reason) = Self::transfer(asset, from, to, amount) else {
            return Ok(());
        };
        log::debug!(target: "runtime::channels", "{amount} of {asset:?} is owed: {reason:?}");
        if asset == ChannelAsset::Native {
            // CB-4 rules it out; if it happens all the same, nothing is lost.
            defensive!("a participant could not be paid in the native token");
        }
        Debts::<T>::try_mutate(from, asset, |sum| -> DispatchResult {
            *sum = sum.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
            Ok(())
        })?;
        Unpaid::<T>::try_mutate(to, (asset, from.clone()), |entry| -> DispatchResult {
            let owed = entry.unwrap_or_default();
            *entry = Some(owed.checked_add(amount).ok_or(ArithmeticError::Overflow)?);
            Ok(())
        })?;
        Self::deposit_event(Event::PaymentDeferred {
            asset,
            from: from.clone(),
            to: to.clone(),
            amount,
        });
        Ok(())
    }

    /// See [`Pallet::collect`](crate::Pallet::collect).
    pub(crate) fn do_collect(
        asset: ChannelAsset,
        from: AccountId,
        to: AccountId,
    ) -> DispatchResult {
        let amount =
            Unpaid::<T>::take(&to, (asset, from.clone())).ok_or(Error::<T>::NothingOwed)?;
        Self::transfer(asset, &from, &to, amount)?;
        Debts::<T>::try_mutate_exists(&from, asset, |entry| -> DispatchResult {
            let sum = entry.unwrap_or_default();
            let left = sum.checked_sub(amount).ok_or(Error::<T>::PayoutMismatch)?;
            *entry = (left > 0).then_some(left);
            Ok(())
        })?;
        Self::deposit_event(Event::PaymentCollected { asset, from, to, amount });
        Ok(())
    }

    /// Moves `amount` from hold to the free balance of `to`, or changes nothing.
    fn transfer(
        asset: ChannelAsset,
        from: &AccountId,
        to: &AccountId,
        amount: Balance,
    ) -> DispatchResult {
        let reason: T::RuntimeHoldReason = HoldReason::Channel.into();
        with_storage_layer(|| {
            let moved = if from == to {
                T::Assets::release(asset, &reason, from, amount, Precision::Exact)?
            } else {
                T::Assets::transfer_on_hold(
                    asset,
                    &reason,
                    from,
                    to,
                    amount,
                    Precision::Exact,
                    Restriction::Free,
                    Fortitude::Force,
                )?
            };
            ensure!(moved == amount, Error::<T>::PayoutMismatch);
            Ok(())
        })
    }
}
