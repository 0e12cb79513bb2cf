// SPDX-License-Identifier: Apache-2.0

//! Deposits go on hold, and accounts stay alive.

use crate::{
    ANCHOR, AccountId, Balance, ChannelAsset, ChannelId, Config, Deposit, Deposits, Error,
    HoldReason, Pallet,
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
        Self::verify_payable(asset, account, amount)?;
        Self::hold(asset, account, amount, 0)?;
        let amount = deposit.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
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
        Self::hold(asset, account, amount, ANCHOR)?;
        Deposits::<T>::insert(account, channel, Deposit { asset, amount });
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
    /// the account's balance must be the only thing that keeps it alive: then what is on hold, its
    /// [anchor](ANCHOR) at least, stops the balance from falling below.
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
