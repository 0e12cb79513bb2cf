// SPDX-License-Identifier: Apache-2.0

//! Payouts are drawn from deposits.

use crate::{
    AccountId, Balance, ChannelAsset, ChannelId, Config, Deposit, Deposits, Error, Holders, Pallet,
    math, types::anchor,
};
use alloc::vec::Vec;
use polkadot_sdk::{
    frame_support::ensure,
    sp_runtime::{DispatchError, DispatchResult},
};

impl<T: Config> Pallet<T> {
    /// Pays part of what is locked, and returns what is left in each account; the caller's
    /// transaction undoes what an error leaves.
    pub(crate) fn do_pay(
        channel: ChannelId,
        asset: ChannelAsset,
        payouts: &[(AccountId, Balance)],
    ) -> Result<Vec<Balance>, DispatchError> {
        let mut left = payouts
            .iter()
            .map(|(account, _)| Self::deposit(channel, asset, account))
            .collect::<Result<Vec<_>, _>>()?;
        let amounts: Vec<Balance> = payouts.iter().map(|(_, amount)| *amount).collect();
        let payments = math::draw(&mut left, &amounts).ok_or(Error::<T>::PayoutMismatch)?;

        for ((account, _), amount) in payouts.iter().zip(&left) {
            Self::reduce(channel, asset, account, *amount)?;
        }
        for payment in payments {
            let (Some((from, _)), Some((to, _))) =
                (payouts.get(payment.from), payouts.get(payment.to))
            else {
                return Err(Error::<T>::PayoutMismatch.into());
            };
            Self::hand_over(asset, from, to, payment.amount)?;
        }
        Ok(left)
    }

    /// Pays every participant and ends the lock-up; the caller's transaction undoes what an error
    /// leaves.
    pub(crate) fn do_pay_out(
        channel: ChannelId,
        asset: ChannelAsset,
        payouts: &[(AccountId, Balance)],
    ) -> DispatchResult {
        let left = Self::do_pay(channel, asset, payouts)?;
        ensure!(left.iter().all(|amount| *amount == 0), Error::<T>::PayoutMismatch);
        for (account, _) in payouts {
            Self::leave(channel, asset, account)?;
        }
        Ok(())
    }

    /// Notes that only `left` of what the account has locked for the channel is still locked.
    fn reduce(
        channel: ChannelId,
        asset: ChannelAsset,
        account: &AccountId,
        left: Balance,
    ) -> DispatchResult {
        let before = Self::deposit(channel, asset, account)?;
        let drawn = before.checked_sub(left).ok_or(Error::<T>::PayoutMismatch)?;
        if drawn == 0 {
            return Ok(());
        }
        Deposits::<T>::insert(account, channel, Deposit { asset, amount: left });
        Holders::<T>::try_mutate(account, asset, |entry| {
            let holder = entry.as_mut().ok_or(Error::<T>::PayoutMismatch)?;
            holder.locked = holder.locked.checked_sub(drawn).ok_or(Error::<T>::PayoutMismatch)?;
            Ok(())
        })
    }

    /// Ends the participation of `account`, which has nothing locked any more.
    fn leave(channel: ChannelId, asset: ChannelAsset, account: &AccountId) -> DispatchResult {
        Deposits::<T>::remove(account, channel);
        let mut holder = Holders::<T>::get(account, asset).ok_or(Error::<T>::PayoutMismatch)?;
        holder.channels = holder.channels.checked_sub(1).ok_or(Error::<T>::PayoutMismatch)?;
        Holders::<T>::insert(account, asset, holder);
        if holder.channels == 0 && anchor(asset) > 0 {
            Self::hand_over(asset, account, account, anchor(asset))?;
        }
        Self::let_go(asset, account);
        Ok(())
    }
}
