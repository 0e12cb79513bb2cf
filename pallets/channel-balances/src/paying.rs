// SPDX-License-Identifier: Apache-2.0

//! Payouts are drawn from deposits.

use crate::{
    ANCHOR, AccountId, Balance, ChannelAsset, ChannelId, Config, Deposit, Deposits, Error, Pallet,
    math::{self, Payment},
};
use alloc::vec::Vec;
use polkadot_sdk::{
    frame_support::ensure,
    sp_runtime::{DispatchError, DispatchResult},
};

/// Accounts and what they are paid.
type Payouts<'a> = &'a [(AccountId, Balance)];

impl<T: Config> Pallet<T> {
    /// Pays part of what is locked; the caller's transaction undoes what an error leaves.
    pub(crate) fn do_pay(
        channel: ChannelId,
        asset: ChannelAsset,
        payouts: Payouts,
    ) -> DispatchResult {
        let before = Self::locks(channel, asset, payouts)?;
        let (left, payments) = Self::draw(&before, payouts)?;
        for (((account, _), before), left) in payouts.iter().zip(before).zip(left) {
            if left != before {
                Deposits::<T>::insert(account, channel, Deposit { asset, amount: left });
            }
        }
        Self::hand_over_all(asset, payouts, payments)
    }

    /// Pays every participant and ends the lock-up; the caller's transaction undoes what an error
    /// leaves.
    pub(crate) fn do_pay_out(
        channel: ChannelId,
        asset: ChannelAsset,
        payouts: Payouts,
    ) -> DispatchResult {
        let locks = Self::locks(channel, asset, payouts)?;
        let (left, mut payments) = Self::draw(&locks, payouts)?;
        ensure!(left.iter().all(|amount| *amount == 0), Error::<T>::PayoutMismatch);
        for (at, (account, _)) in payouts.iter().enumerate() {
            Deposits::<T>::remove(account, channel);
            Self::give_anchor_back(at, &mut payments)?;
        }
        Self::hand_over_all(asset, payouts, payments)
    }

    /// What each of the accounts has locked for the channel.
    fn locks(
        channel: ChannelId,
        asset: ChannelAsset,
        payouts: Payouts,
    ) -> Result<Vec<Balance>, Error<T>> {
        payouts.iter().map(|(account, _)| Self::deposit(channel, asset, account)).collect()
    }

    /// What `payouts` leave of `locks`, and who pays whom.
    fn draw(locks: &[Balance], payouts: Payouts) -> Result<(Vec<Balance>, Vec<Payment>), Error<T>> {
        let mut left = locks.to_vec();
        let amounts: Vec<Balance> = payouts.iter().map(|(_, amount)| *amount).collect();
        let payments = math::draw(&mut left, &amounts).ok_or(Error::<T>::PayoutMismatch)?;
        Ok((left, payments))
    }

    /// Adds the anchor of the account at this position to what it pays itself.
    fn give_anchor_back(at: usize, payments: &mut Vec<Payment>) -> Result<(), Error<T>> {
        let own = payments.iter_mut().find(|payment| (payment.from, payment.to) == (at, at));
        match own {
            Some(payment) => {
                payment.amount =
                    payment.amount.checked_add(ANCHOR).ok_or(Error::<T>::PayoutMismatch)?;
            }
            None => payments.push(Payment { from: at, to: at, amount: ANCHOR }),
        }
        Ok(())
    }

    /// Hands over every payment.
    fn hand_over_all(
        asset: ChannelAsset,
        payouts: Payouts,
        payments: Vec<Payment>,
    ) -> Result<(), DispatchError> {
        for payment in payments {
            let (Some((from, _)), Some((to, _))) =
                (payouts.get(payment.from), payouts.get(payment.to))
            else {
                return Err(Error::<T>::PayoutMismatch.into());
            };
            Self::hand_over(asset, from, to, payment.amount)?;
        }
        Ok(())
    }
}
