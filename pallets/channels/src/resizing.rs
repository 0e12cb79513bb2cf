// SPDX-License-Identifier: Apache-2.0

//! Funds are added to a channel or taken out while it lives.
//!
//! The state that comes with a resize is the channel's new base: no earlier state counts any more,
//! so states signed under the old deposits cannot come back, not even if the sum stayed the same.

use crate::{
    AccountId, Balance, Base, ChannelFunds, ChannelOf, Channels, Config, Error, Event, Pallet,
    Signatures, weighing,
};
use alloc::vec::Vec;
use millrace_primitives_channels::{
    Resize, account_form, resize_payload, signer_form, state_payload,
};
use polkadot_sdk::{
    frame_support::{ensure, weights::Weight},
    sp_runtime::{DispatchError, DispatchResult},
};

impl<T: Config> Pallet<T> {
    /// See [`Pallet::resize`](crate::Pallet::resize). Returns what it took less than it might have.
    pub(crate) fn do_resize(
        sender: &AccountId,
        resize: Resize,
        signatures: Signatures,
    ) -> Result<Weight, DispatchError> {
        let id = resize.state.channel;
        let mut channel = Self::channel(id)?;
        Self::ensure_open(&channel)?;
        let deposit = Self::verify_resize(&channel, &resize)?;
        let spared = Self::verify_resize_signatures(&channel, &resize, &signatures, sender)?;

        Self::move_deltas(&channel, &resize)?;
        let version = resize.state.version;
        channel.deposit = deposit;
        channel.base = Base { version, digest: state_payload(&Self::genesis(), &resize.state) };
        Channels::<T>::insert(id, channel);
        Self::deposit_event(Event::ChannelResized {
            channel: id,
            version,
            deltas: resize.deltas,
            deposit,
        });
        Ok(spared)
    }

    /// Checks everything but signatures, and returns the new deposit.
    fn verify_resize(channel: &ChannelOf<T>, resize: &Resize) -> Result<Balance, Error<T>> {
        ensure!(Self::now() <= resize.valid_until, Error::<T>::ResizeExpired);
        ensure!(resize.state.version > channel.base.version, Error::<T>::StaleVersion);
        ensure!(resize.deltas.len() == channel.participants.len(), Error::<T>::WrongDeltaCount);
        let deposit = resize.deposit_after(channel.deposit).ok_or(Error::<T>::AmountOverflow)?;
        ensure!(deposit > 0, Error::<T>::EmptyChannel);
        Self::verify_division(channel, &resize.state, deposit)?;
        Ok(deposit)
    }

    /// Checks that everybody agreed: those who add funds with the key of their account, `sender` by
    /// sending if it left its signature out. Returns what the signatures took less than they might
    /// have.
    fn verify_resize_signatures(
        channel: &ChannelOf<T>,
        resize: &Resize,
        signatures: &Signatures,
        sender: &AccountId,
    ) -> Result<Weight, DispatchError> {
        let signing = Self::signing(&channel.participants, signatures, Some(sender))?;
        let payload = resize_payload(&Self::genesis(), resize);
        let looks = signing.zip(signatures).map(|((position, participant), signature)| {
            let adds = resize.deltas.get(position).is_some_and(|delta| *delta > 0);
            let form = if adds {
                account_form(signature, &participant.account, &payload)
            } else {
                signer_form(signature, &participant.signer, &payload)
            };
            (signature, form)
        });
        weighing::spared_looks::<T>(looks).ok_or_else(|| Error::<T>::InvalidSignature.into())
    }

    /// Locks what is added, then pays what is taken out.
    fn move_deltas(channel: &ChannelOf<T>, resize: &Resize) -> DispatchResult {
        let id = resize.state.channel;
        for (participant, delta) in channel.participants.iter().zip(&resize.deltas) {
            if *delta > 0 {
                T::Funds::add(id, channel.asset, &participant.account, delta.unsigned_abs())?;
            }
        }
        let taken: Vec<Balance> = resize
            .deltas
            .iter()
            .map(|delta| if *delta < 0 { delta.unsigned_abs() } else { 0 })
            .collect();
        if taken.iter().any(|amount| *amount > 0) {
            T::Funds::pay(id, channel.asset, &channel.payouts(&taken))?;
        }
        Ok(())
    }
}
