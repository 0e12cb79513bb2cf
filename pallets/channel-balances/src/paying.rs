// SPDX-License-Identifier: Apache-2.0

//! Payouts are netted and the rest is released.

use crate::{
    AccountId, Balance, ChannelAsset, ChannelId, Config, Deposits, Error, HoldReason, Holders,
    Pallet, math,
};
use alloc::vec::Vec;
use polkadot_sdk::{
    frame_support::{
        ensure,
        traits::{
            fungible::MutateHold,
            tokens::{Fortitude, Precision, Restriction},
        },
    },
    frame_system,
    sp_runtime::DispatchResult,
};

impl<T: Config> Pallet<T> {
    /// Pays every participant or none; the caller's transaction undoes what an error leaves.
    pub(crate) fn do_pay_out(
        channel: ChannelId,
        asset: ChannelAsset,
        payouts: &[(AccountId, Balance)],
    ) -> DispatchResult {
        ensure!(asset == ChannelAsset::Native, Error::<T>::AssetNotSupported);
        let deposits = payouts
            .iter()
            .map(|(account, _)| Deposits::<T>::get(account, channel))
            .collect::<Option<Vec<_>>>()
            .ok_or(Error::<T>::PayoutMismatch)?;
        let amounts: Vec<Balance> = payouts.iter().map(|(_, amount)| *amount).collect();
        let payments = math::net(&deposits, &amounts).ok_or(Error::<T>::PayoutMismatch)?;

        for payment in payments {
            let (Some((from, _)), Some((to, _))) =
                (payouts.get(payment.from), payouts.get(payment.to))
            else {
                return Err(Error::<T>::PayoutMismatch.into());
            };
            T::NativeCurrency::transfer_on_hold(
                &HoldReason::Channel.into(),
                from,
                to,
                payment.amount,
                Precision::Exact,
                Restriction::Free,
                Fortitude::Force,
            )?;
        }
        for ((account, payout), deposit) in payouts.iter().zip(deposits) {
            Self::leave(channel, account, deposit, *payout)?;
        }
        Ok(())
    }

    /// Ends the participation of `account`: releases what is left of its deposit.
    fn leave(
        channel: ChannelId,
        account: &AccountId,
        deposit: Balance,
        payout: Balance,
    ) -> DispatchResult {
        let kept = deposit.min(payout);
        if kept > 0 {
            T::NativeCurrency::release(
                &HoldReason::Channel.into(),
                account,
                kept,
                Precision::Exact,
            )?;
        }
        Deposits::<T>::remove(account, channel);
        Holders::<T>::try_mutate_exists(account, |entry| {
            let mut holder = entry.take().ok_or(Error::<T>::PayoutMismatch)?;
            holder.channels = holder.channels.checked_sub(1).ok_or(Error::<T>::PayoutMismatch)?;
            holder.held = holder.held.checked_sub(deposit).ok_or(Error::<T>::PayoutMismatch)?;
            if holder.channels == 0 {
                frame_system::Pallet::<T>::dec_consumers(account);
            } else {
                *entry = Some(holder);
            }
            Ok(())
        })
    }
}
