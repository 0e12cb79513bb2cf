// SPDX-License-Identifier: Apache-2.0

//! Stakes on the truth of a state that one participant shows alone, in the native token.
//!
//! A bond may end up with somebody else, so what must not be transferred cannot be one. A bond at
//! least as large as the existential deposit can always be given back or passed on; the runtime sets
//! it above.

use crate::{AccountId, Balance, Bonds, Config, Error, Event, HoldReason, Pallet};
use polkadot_sdk::{
    frame_support::{
        ensure,
        storage::with_storage_layer,
        traits::{
            fungible::{Inspect, MutateHold},
            tokens::{Fortitude, Precision, Preservation, Restriction},
        },
    },
    sp_runtime::{ArithmeticError, DispatchResult},
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

    /// Gives the bond of `who` to `to`, or burns it.
    pub(crate) fn do_forfeit_bond(
        who: &AccountId,
        to: &AccountId,
        amount: Balance,
    ) -> DispatchResult {
        if amount == 0 {
            return Ok(());
        }
        Self::reduce_bonds(who, amount)?;
        if Self::pass_bond(who, to, amount).is_err() {
            T::NativeCurrency::burn_held(
                &HoldReason::Bond.into(),
                who,
                amount,
                Precision::Exact,
                Fortitude::Force,
            )?;
            Self::deposit_event(Event::BondBurnt { who: who.clone(), amount });
        }
        Ok(())
    }

    /// Moves a bond to the free balance of `to`, or changes nothing.
    fn pass_bond(who: &AccountId, to: &AccountId, amount: Balance) -> DispatchResult {
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
