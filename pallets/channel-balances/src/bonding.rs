// SPDX-License-Identifier: Apache-2.0

//! Stakes on the truth of a state that one participant shows alone, in the native token.
//!
//! A bond may end up with somebody else, so what must not be transferred cannot be one. A reward at
//! least as large as the existential deposit can be paid to anybody; the runtime keeps it above. If
//! it cannot be paid all the same, the public purse gets it: nothing is lost.

use crate::{AccountId, Balance, Bonds, Config, Error, HoldReason, Pallet};
use polkadot_sdk::{
    frame_support::{
        ensure,
        storage::with_storage_layer,
        traits::{
            OnUnbalanced,
            fungible::{BalancedHold, Inspect, MutateHold},
            tokens::{Fortitude, Precision, Preservation, Restriction},
        },
    },
    sp_runtime::{ArithmeticError, DispatchError, DispatchResult},
};

impl<T: Config> Pallet<T> {
    /// Puts `amount` of `who` on hold.
    pub(crate) fn do_hold_bond(who: &AccountId, amount: Balance) -> DispatchResult {
        if amount == 0 {
            return Ok(());
        }
        let movable =
            T::NativeCurrency::reducible_balance(who, Preservation::Preserve, Fortitude::Polite);
        ensure!(amount <= movable, Error::<T>::InsufficientFunds);
        T::NativeCurrency::hold(&HoldReason::Bond.into(), who, amount)?;
        Bonds::<T>::try_mutate(who, |sum| {
            *sum = sum.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
            Ok(())
        })
    }

    /// Gives `amount` back to `who`.
    pub(crate) fn do_return_bond(who: &AccountId, amount: Balance) -> DispatchResult {
        if amount == 0 {
            return Ok(());
        }
        Self::reduce_bonds(who, amount)?;
        T::NativeCurrency::release(&HoldReason::Bond.into(), who, amount, Precision::Exact)?;
        Ok(())
    }

    /// Takes the bond `amount` from `who` for good: `reward` of it goes to `to`, the rest to the
    /// public purse. Returns what `to` got; the caller's transaction undoes what an error leaves.
    pub(crate) fn do_forfeit_bond(
        who: &AccountId,
        amount: Balance,
        to: &AccountId,
        reward: Balance,
    ) -> Result<Balance, DispatchError> {
        if amount == 0 {
            return Ok(0);
        }
        ensure!(reward <= amount, Error::<T>::BondNotHeld);
        Self::reduce_bonds(who, amount)?;
        let paid = match Self::pass_bond(who, to, reward) {
            Ok(()) => reward,
            Err(_) => 0,
        };
        // The rest is what was not paid, not a share of its own: so no unit is lost in rounding.
        Self::collect_bond(who, amount.saturating_sub(paid))?;
        Ok(paid)
    }

    /// Moves this much of a bond to the free balance of `to`, or changes nothing.
    fn pass_bond(who: &AccountId, to: &AccountId, amount: Balance) -> DispatchResult {
        if amount == 0 {
            return Ok(());
        }
        with_storage_layer(|| {
            T::NativeCurrency::transfer_on_hold(
                &HoldReason::Bond.into(),
                who,
                to,
                amount,
                Precision::Exact,
                Restriction::Free,
                Fortitude::Force,
            )?;
            Ok(())
        })
    }

    /// Moves this much of a bond to the public purse.
    fn collect_bond(who: &AccountId, amount: Balance) -> DispatchResult {
        let (credit, missing) = T::NativeCurrency::slash(&HoldReason::Bond.into(), who, amount);
        ensure!(missing == 0, Error::<T>::BondNotHeld);
        T::Forfeited::on_unbalanced(credit);
        Ok(())
    }

    /// Takes `amount` from the sum of `who`'s bonds.
    fn reduce_bonds(who: &AccountId, amount: Balance) -> DispatchResult {
        Bonds::<T>::try_mutate_exists(who, |entry| {
            let sum = entry.unwrap_or_default();
            let left = sum.checked_sub(amount).ok_or(Error::<T>::BondNotHeld)?;
            *entry = (left > 0).then_some(left);
            Ok(())
        })
    }
}
