// SPDX-License-Identifier: Apache-2.0

//! The checks that every state has to pass, whatever it is shown for.

use crate::{
    Amounts, Balance, BlockNumber, Channel, ChannelFunds, ChannelId, ChannelState, Channels,
    Config, Error, Hash, Pallet, Signatures,
};
use alloc::vec::Vec;
use millrace_primitives_channels::{
    AccountId, Participant, StateError, state_payload, verify_signer,
};
use polkadot_sdk::{
    frame_support::{ensure, traits::Get},
    frame_system,
    sp_runtime::{DispatchError, DispatchResult, SaturatedConversion},
};

impl<T: Config> Pallet<T> {
    /// The current block's height.
    pub(crate) fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    /// The genesis hash, which every signed digest covers.
    pub(crate) fn genesis() -> Hash {
        frame_system::Pallet::<T>::block_hash(
            frame_system::pallet_prelude::BlockNumberFor::<T>::from(0u32),
        )
    }

    /// The channel with this id.
    pub(crate) fn channel(id: ChannelId) -> Result<Channel, DispatchError> {
        Channels::<T>::get(id).ok_or_else(|| Error::<T>::ChannelNotFound.into())
    }

    /// Checks that a state is the truth about `channel` at its version: it distributes the deposit
    /// (CH-1), the judge can decide all of it, and every participant agreed to it.
    pub(crate) fn verify_state(
        channel: &Channel,
        state: &ChannelState,
        signatures: &Signatures,
    ) -> DispatchResult {
        state.verify_conservation(channel.participants.len(), channel.deposit).map_err(
            |error| match error {
                StateError::WrongBalanceCount => Error::<T>::WrongBalanceCount,
                StateError::Overflow => Error::<T>::AmountOverflow,
                StateError::SumMismatch => Error::<T>::SumMismatch,
            },
        )?;
        ensure!(state.is_plain(), Error::<T>::ConditionsNotSupported);
        if state.version == 0 {
            return Self::verify_opening_state(channel, state, signatures);
        }
        ensure!(signatures.len() == channel.participants.len(), Error::<T>::WrongSignatureCount);
        let payload = state_payload(&Self::genesis(), state);
        let all_signed =
            channel.participants.iter().zip(signatures).all(|(participant, signature)| {
                verify_signer(signature, &participant.signer, &payload)
            });
        ensure!(all_signed, Error::<T>::InvalidSignature);
        Ok(())
    }

    /// Version 0 needs no signatures, because the chain knows it.
    fn verify_opening_state(
        channel: &Channel,
        state: &ChannelState,
        signatures: &Signatures,
    ) -> DispatchResult {
        let deposits = Self::deposits(state.channel, &channel.participants);
        let is_opening = !state.is_final && state.balances.as_slice() == deposits.as_slice();
        ensure!(is_opening && signatures.is_empty(), Error::<T>::NotTheOpeningState);
        Ok(())
    }

    /// What each participant deposited.
    pub(crate) fn deposits(channel: ChannelId, participants: &[Participant]) -> Vec<Balance> {
        participants
            .iter()
            .map(|participant| T::Funds::locked(channel, &participant.account).unwrap_or(0))
            .collect()
    }

    /// Pays `balances` out and forgets the channel.
    pub(crate) fn close(id: ChannelId, channel: Channel, balances: &Amounts) -> DispatchResult {
        let payouts: Vec<(AccountId, Balance)> = channel
            .participants
            .iter()
            .map(|participant| participant.account.clone())
            .zip(balances.iter().copied())
            .collect();
        T::Funds::pay_out(id, channel.asset, &payouts)?;
        Channels::<T>::remove(id);
        Self::retire(id, channel.open_by);
        Ok(())
    }

    /// Bounds of a new channel's challenge window, in blocks.
    pub(crate) fn challenge_bounds() -> (BlockNumber, BlockNumber) {
        (T::MinChallengeBlocks::get(), T::MaxChallengeBlocks::get())
    }
}
