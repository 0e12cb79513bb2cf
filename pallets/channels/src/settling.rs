// SPDX-License-Identifier: Apache-2.0

//! A co-signed final state pays out at once.

use crate::{
    AccountId, ChannelState, Config, Error, Event, Pallet, Phase, Settlements, Signatures,
};
use polkadot_sdk::{
    frame_support::{ensure, storage::with_storage_layer, weights::Weight},
    sp_runtime::DispatchError,
};

impl<T: Config> Pallet<T> {
    /// See [`Pallet::settle`](crate::Pallet::settle). Returns whether the channel was disputed,
    /// and what it took less than it might have.
    pub(crate) fn do_settle(
        sender: &AccountId,
        state: ChannelState,
        signatures: Signatures,
    ) -> Result<(bool, Weight), DispatchError> {
        let channel = Self::channel(state.channel)?;
        ensure!(channel.phase != Phase::Resolving, Error::<T>::AlreadyConcluded);
        ensure!(state.is_final, Error::<T>::NotFinal);
        ensure!(state.is_plain(), Error::<T>::NotPlain);
        let spared = Self::verify_state(&channel, &state, &signatures, Some(sender))?;

        let id = state.channel;
        let was_disputed = channel.phase != Phase::Open;
        if let Phase::Disputed(dispute) = &channel.phase {
            let recorded = Self::recorded(id)?;
            ensure!(state.version >= recorded.version, Error::<T>::StaleVersion);
            Self::end_dispute(id, dispute);
        }
        let spared = spared.saturating_add(Self::close(id, channel, &state.balances)?);
        Self::deposit_event(Event::ChannelSettled {
            channel: id,
            version: state.version,
            payouts: state.balances,
        });
        Ok((was_disputed, spared))
    }

    /// See [`Pallet::settle_many`](crate::Pallet::settle_many). Returns how many of the settled
    /// channels were disputed, and what they took less than they might have.
    pub(crate) fn do_settle_many(
        sender: &AccountId,
        settlements: Settlements,
    ) -> Result<(u32, Weight), DispatchError> {
        let mut settled = false;
        let (mut disputes, mut spared) = (0u32, Weight::zero());
        for (state, signatures) in settlements {
            let channel = state.channel;
            // A layer of its own, so that a failure leaves no trace and stops none of the others.
            match with_storage_layer(|| Self::do_settle(sender, state, signatures)) {
                Ok((was_disputed, less)) => {
                    settled = true;
                    spared = spared.saturating_add(less);
                    disputes = disputes.saturating_add(was_disputed.into());
                }
                Err(error) => Self::deposit_event(Event::SettlementFailed { channel, error }),
            }
        }
        ensure!(settled, Error::<T>::NothingSettled);
        Ok((disputes, spared))
    }
}
