// SPDX-License-Identifier: Apache-2.0

//! The pot: all stake lies in it, and all rewards until they are claimed.
//!
//! Whatever enters or leaves it passes through this chapter, so that the pot's balance is exactly
//! what the pallet owes (DP-1). The existential deposit that keeps it alive is its own and never
//! moves.

use crate::{AccountId, Balance, Config, EraFees, Owed, Pallet, Remainder};
use core::marker::PhantomData;
use polkadot_sdk::{
    frame_support::{
        defensive,
        traits::{
            Get, Imbalance, OnUnbalanced,
            fungible::{Balanced, Credit, Inspect, Mutate},
            tokens::{Fortitude, Precision, Preservation},
        },
    },
    sp_runtime::{DispatchResult, traits::AccountIdConversion},
};

/// Adds what it is given to the fees that the current era's validators share.
pub struct FeesToEra<T>(PhantomData<T>);

impl<T: Config> OnUnbalanced<Credit<AccountId, T::Currency>> for FeesToEra<T> {
    fn on_nonzero_unbalanced(fees: Credit<AccountId, T::Currency>) {
        let amount = fees.peek();
        // What cannot be taken in is dropped, which lowers the issuance by as much.
        if T::Currency::resolve(&Pallet::<T>::pot(), fees).is_ok() {
            EraFees::<T>::mutate(|sum| *sum = sum.saturating_add(amount));
        }
    }
}

impl<T: Config> Pallet<T> {
    /// The account in which all stake lies.
    pub fn pot() -> AccountId {
        T::PalletId::get().into_account_truncating()
    }

    /// Moves stake from its owner into the pot. The owner's account stays alive.
    pub(crate) fn take_in(who: &AccountId, amount: Balance) -> DispatchResult {
        T::Currency::transfer(who, &Self::pot(), amount, Preservation::Preserve)?;
        Ok(())
    }

    /// Moves stake or rewards out of the pot to whom they belong.
    pub(crate) fn pay_out(who: &AccountId, amount: Balance) -> DispatchResult {
        T::Currency::transfer(&Self::pot(), who, amount, Preservation::Preserve)?;
        Ok(())
    }

    /// Hands slashed stake on to where the configuration wants it.
    pub(crate) fn hand_on_slashed(amount: Balance) {
        if amount == 0 {
            return;
        }
        let slashed = T::Currency::withdraw(
            &Self::pot(),
            amount,
            Precision::Exact,
            Preservation::Preserve,
            Fortitude::Force,
        );
        match slashed {
            Ok(credit) => T::Slashed::on_unbalanced(credit),
            Err(_) => {
                defensive!("the pot holds less than it owes");
                Self::leave_over(amount);
            }
        }
    }

    /// Mints rewards into the pot, and returns how much it was.
    pub(crate) fn mint(amount: Balance) -> Balance {
        // Fails only if the issuance would not fit into a balance any more.
        T::Currency::mint_into(&Self::pot(), amount).unwrap_or_default()
    }

    /// Keeps what belongs to nobody for the next era's rewards.
    pub(crate) fn leave_over(amount: Balance) {
        if amount > 0 {
            Remainder::<T>::mutate(|sum| *sum = sum.saturating_add(amount));
        }
    }

    /// Notes that `amount` of the pot belongs to `who` by name.
    pub(crate) fn owe(who: &AccountId, amount: Balance) {
        if amount > 0 {
            Owed::<T>::mutate(who, |sum| *sum = sum.saturating_add(amount));
        }
    }

    /// Keeps the pot alive whatever it holds.
    pub(crate) fn open_pot() {
        let pot = Self::pot();
        if T::Currency::total_balance(&pot) == 0 {
            let deposit = T::Currency::minimum_balance();
            if T::Currency::mint_into(&pot, deposit).is_err() {
                defensive!("the existential deposit cannot be minted");
            }
        }
    }
}
