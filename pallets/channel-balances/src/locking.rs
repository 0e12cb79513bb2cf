// SPDX-License-Identifier: Apache-2.0

//! Deposits go on hold, and accounts stay alive.

use crate::{
    AccountId, Balance, ChannelAsset, ChannelId, Config, Deposits, Error, HoldReason, Holder,
    Holders, Pallet,
};
use polkadot_sdk::{
    frame_support::{
        ensure,
        traits::{
            fungible::{Inspect, MutateHold},
            tokens::{Fortitude, Preservation},
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
        ensure!(asset == ChannelAsset::Native, Error::<T>::AssetNotSupported);
        for (account, deposit) in deposits {
            Self::enter(channel, account, *deposit)?;
        }
        Ok(())
    }

    /// Makes `account` a participant with this deposit.
    fn enter(channel: ChannelId, account: &AccountId, deposit: Balance) -> DispatchResult {
        ensure!(!Deposits::<T>::contains_key(account, channel), Error::<T>::AlreadyLocked);
        Self::verify_means(account, deposit)?;

        let holder = match Holders::<T>::get(account) {
            Some(holder) => holder,
            // An account that somebody may have to pay must not die. One reference is enough for
            // all of its channels.
            None => {
                frame_system::Pallet::<T>::inc_consumers(account)
                    .map_err(|_| Error::<T>::TooManyReferences)?;
                Holder::default()
            }
        };
        let holder = Holder {
            channels: holder.channels.checked_add(1).ok_or(ArithmeticError::Overflow)?,
            held: holder.held.checked_add(deposit).ok_or(ArithmeticError::Overflow)?,
        };
        if deposit > 0 {
            T::NativeCurrency::hold(&HoldReason::Channel.into(), account, deposit)?;
        }
        Holders::<T>::insert(account, holder);
        Deposits::<T>::insert(account, channel, deposit);
        Ok(())
    }

    /// Checks that `account` can spare `deposit` and can be paid any amount, however small, for as
    /// long as it takes part in a channel (CB-4).
    ///
    /// A payout fails if it leaves an account below the existential deposit. So the account must
    /// have that much, and its balance must be the only thing that keeps it alive: then the
    /// reference taken here stops the balance from falling below.
    fn verify_means(account: &AccountId, deposit: Balance) -> DispatchResult {
        let providers = frame_system::Pallet::<T>::providers(account);
        ensure!(providers > 0, Error::<T>::AccountNotFound);
        let left = T::NativeCurrency::balance(account)
            .checked_sub(deposit)
            .ok_or(Error::<T>::InsufficientFunds)?;
        ensure!(left >= T::NativeCurrency::minimum_balance(), Error::<T>::BelowExistentialDeposit);
        ensure!(providers == 1, Error::<T>::KeptAliveOtherwise);
        // A deposit may end up with somebody else, so what must not be transferred cannot be one.
        let movable = T::NativeCurrency::reducible_balance(
            account,
            Preservation::Preserve,
            Fortitude::Polite,
        );
        ensure!(deposit <= movable, Error::<T>::FundsFrozen);
        Ok(())
    }
}
