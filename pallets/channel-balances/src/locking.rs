// SPDX-License-Identifier: Apache-2.0

//! Deposits go on hold, and accounts stay alive.

use crate::{
    AccountId, Balance, ChannelAsset, ChannelId, Config, Deposit, Deposits, Error, HoldReason,
    Holder, Holders, Pallet, types::anchor,
};
use polkadot_sdk::{
    frame_support::{
        ensure,
        traits::{
            fungibles::{Inspect, MutateHold},
            tokens::{
                DepositConsequence, Fortitude, Preservation, Provenance, WithdrawConsequence,
            },
        },
    },
    frame_system,
    sp_runtime::{ArithmeticError, DispatchResult},
};

impl<T: Config> Pallet<T> {
    /// Locks every deposit or none; the caller's transaction undoes what an error leaves.
    pub(crate) fn do_lock(
        channel: ChannelId,
        asset: ChannelAsset,
        deposits: &[(AccountId, Balance)],
    ) -> DispatchResult {
        ensure!(T::Assets::asset_exists(asset), Error::<T>::AssetNotFound);
        let sum = deposits
            .iter()
            .try_fold(0, |sum: Balance, (_, deposit)| sum.checked_add(*deposit))
            .ok_or(ArithmeticError::Overflow)?;
        for (account, deposit) in deposits {
            Self::verify_payable(asset, account, sum)?;
            Self::enter(channel, asset, account, *deposit)?;
        }
        Ok(())
    }

    /// Locks more for a channel; the caller's transaction undoes what an error leaves.
    pub(crate) fn do_add(
        channel: ChannelId,
        asset: ChannelAsset,
        account: &AccountId,
        amount: Balance,
    ) -> DispatchResult {
        let deposit = Self::deposit(channel, asset, account)?;
        let mut holder = Holders::<T>::get(account, asset).ok_or(Error::<T>::PayoutMismatch)?;
        Self::verify_payable(asset, account, amount)?;
        Self::hold(asset, account, amount, 0)?;
        holder.locked = holder.locked.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
        let amount = deposit.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
        Holders::<T>::insert(account, asset, holder);
        Deposits::<T>::insert(account, channel, Deposit { asset, amount });
        Ok(())
    }

    /// What `account` has locked for a channel in this asset.
    pub(crate) fn deposit(
        channel: ChannelId,
        asset: ChannelAsset,
        account: &AccountId,
    ) -> Result<Balance, Error<T>> {
        Deposits::<T>::get(account, channel)
            .filter(|deposit| deposit.asset == asset)
            .map(|deposit| deposit.amount)
            .ok_or(Error::<T>::PayoutMismatch)
    }

    /// Makes `account` a participant with this deposit.
    fn enter(
        channel: ChannelId,
        asset: ChannelAsset,
        account: &AccountId,
        amount: Balance,
    ) -> DispatchResult {
        ensure!(!Deposits::<T>::contains_key(account, channel), Error::<T>::AlreadyLocked);
        let mut holder = match Holders::<T>::get(account, asset) {
            Some(holder) => holder,
            None => {
                Self::keep_alive(asset, account)?;
                Holder::default()
            }
        };
        let first = if holder.channels == 0 { anchor(asset) } else { 0 };
        Self::hold(asset, account, amount, first)?;
        holder.channels = holder.channels.checked_add(1).ok_or(ArithmeticError::Overflow)?;
        holder.locked = holder.locked.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
        Holders::<T>::insert(account, asset, holder);
        Deposits::<T>::insert(account, channel, Deposit { asset, amount });
        Ok(())
    }

    /// An account that somebody may have to pay must not die. In the native token, one reference is
    /// enough for all of its channels; in other assets, the anchor does the same.
    fn keep_alive(asset: ChannelAsset, account: &AccountId) -> DispatchResult {
        if asset == ChannelAsset::Native {
            frame_system::Pallet::<T>::inc_consumers(account)
                .map_err(|_| Error::<T>::TooManyReferences)?;
        }
        Ok(())
    }

    /// Puts `deposit` and `anchor` on hold, if `account` can spare them and still be paid any amount,
    /// however small (CB-4, CB-5).
    fn hold(
        asset: ChannelAsset,
        account: &AccountId,
        deposit: Balance,
        anchor: Balance,
    ) -> DispatchResult {
        let amount = deposit.checked_add(anchor).ok_or(ArithmeticError::Overflow)?;
        let free = T::Assets::balance(asset, account);
        ensure!(free >= deposit, Error::<T>::InsufficientFunds);
        let stays_alive =
            free.checked_sub(amount).is_some_and(|left| left >= T::Assets::minimum_balance(asset));
        ensure!(stays_alive, Error::<T>::BelowMinimumBalance);
        // A deposit may end up with somebody else, so what must not be transferred cannot be one.
        let movable =
            T::Assets::reducible_balance(asset, account, Preservation::Preserve, Fortitude::Polite);
        ensure!(amount <= movable, Error::<T>::FundsFrozen);
        if amount > 0 {
            T::Assets::hold(asset, &HoldReason::Channel.into(), account, amount)?;
        }
        Ok(())
    }

    /// Checks that `account` could be paid `amount` now, and by what it lives.
    ///
    /// A payout in the native token fails if it leaves an account below the existential deposit. So
    /// the account's balance must be the only thing that keeps it alive: then the reference taken in
    /// [`Pallet::keep_alive`] stops the balance from falling below.
    fn verify_payable(asset: ChannelAsset, account: &AccountId, amount: Balance) -> DispatchResult {
        if asset == ChannelAsset::Native {
            let providers = frame_system::Pallet::<T>::providers(account);
            ensure!(providers > 0, Error::<T>::AccountNotFound);
            ensure!(providers == 1, Error::<T>::KeptAliveOtherwise);
        }
        // Only a frozen asset does not let nothing at all be withdrawn.
        let is_live =
            matches!(T::Assets::can_withdraw(asset, account, 0), WithdrawConsequence::Success);
        // The assets pallet gives back what was on hold as if it were newly issued. Whether the
        // account exists shows in its balance.
        let is_payable = matches!(
            T::Assets::can_deposit(asset, account, amount, Provenance::Minted),
            DepositConsequence::Success
                | DepositConsequence::BelowMinimum
                | DepositConsequence::CannotCreate
        );
        ensure!(is_live && is_payable, Error::<T>::AssetNotPayable);
        Ok(())
    }
}
