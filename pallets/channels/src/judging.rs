// SPDX-License-Identifier: Apache-2.0

//! The checks that every state has to pass, whatever it is shown for.

use crate::{
    Balance, BlockNumber, ChannelFunds, ChannelId, ChannelOf, ChannelState, Channels, Config,
    Error, Hash, Pallet, Phase, Signatures, weighing,
};
use millrace_primitives_channels::{StateError, signer_form, state_payload};
use polkadot_sdk::{
    frame_support::{ensure, traits::Get, weights::Weight},
    frame_system,
    sp_runtime::{DispatchError, SaturatedConversion},
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
    pub(crate) fn channel(id: ChannelId) -> Result<ChannelOf<T>, DispatchError> {
        Channels::<T>::get(id).ok_or_else(|| Error::<T>::ChannelNotFound.into())
    }

    /// Checks that nobody wants to close `channel` yet.
    pub(crate) fn ensure_open(channel: &ChannelOf<T>) -> Result<(), Error<T>> {
        match channel.phase {
            Phase::Open => Ok(()),
            Phase::Disputed(_) => Err(Error::<T>::AlreadyDisputed),
            Phase::Resolving => Err(Error::<T>::AlreadyConcluded),
        }
    }

    /// Checks that a state is the truth about `channel` at its version: it distributes the deposit
    /// (CH-1), the judge can decide all of it, and every participant agreed to it. Returns what the
    /// signatures took less than they might have.
    pub(crate) fn verify_state(
        channel: &ChannelOf<T>,
        state: &ChannelState,
        signatures: &Signatures,
    ) -> Result<Weight, DispatchError> {
        ensure!(state.version >= channel.base.version, Error::<T>::StaleVersion);
        Self::verify_division(channel, state, channel.deposit)?;
        let payload = state_payload(&Self::genesis(), state);
        if state.version == channel.base.version {
            // Everybody agreed when the channel was opened or resized. Another state of this
            // version may have been signed before that, and counts no more.
            let is_base = payload == channel.base.digest && signatures.is_empty();
            ensure!(is_base, Error::<T>::NotTheBaseState);
            return Ok(weighing::spared_signatures::<T>(channel.participants.len()));
        }
        ensure!(signatures.len() == channel.participants.len(), Error::<T>::WrongSignatureCount);
        let looks = channel.participants.iter().zip(signatures).map(|(participant, signature)| {
            (signature, signer_form(signature, &participant.signer, &payload))
        });
        weighing::spared_looks::<T>(looks).ok_or_else(|| Error::<T>::InvalidSignature.into())
    }

    /// Upholds CH-1: checks that `state` distributes exactly `deposit`, in parts that the judge can
    /// decide.
    pub(crate) fn verify_division(
        channel: &ChannelOf<T>,
        state: &ChannelState,
        deposit: Balance,
    ) -> Result<(), Error<T>> {
        let participants = channel.participants.len();
        state
            .verify_shape(participants)
            .and_then(|()| state.verify_conservation(participants, deposit))
            .map_err(|error| match error {
                StateError::WrongBalanceCount => Error::<T>::WrongBalanceCount,
                StateError::Overflow => Error::<T>::AmountOverflow,
                StateError::SumMismatch => Error::<T>::SumMismatch,
                StateError::BadPending => Error::<T>::BadPending,
                StateError::BadStream => Error::<T>::BadStream,
            })
    }

    /// Pays everything that is left, and forgets the channel. Returns what that took less than it
    /// might have.
    pub(crate) fn close(
        id: ChannelId,
        channel: ChannelOf<T>,
        payouts: &[Balance],
    ) -> Result<Weight, DispatchError> {
        T::Funds::pay_out(id, channel.asset, &channel.payouts(payouts))?;
        Channels::<T>::remove(id);
        Ok(Self::retire(id, channel))
    }

    /// Bounds of a new channel's challenge window, in blocks.
    pub(crate) fn challenge_bounds() -> (BlockNumber, BlockNumber) {
        (T::MinChallengeBlocks::get(), T::MaxChallengeBlocks::get())
    }
}
