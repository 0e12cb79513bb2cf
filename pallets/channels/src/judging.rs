// SPDX-License-Identifier: Apache-2.0

//! The checks that every state has to pass, whatever it is shown for.

use crate::{
    AccountId, Balance, BlockNumber, ChannelFunds, ChannelId, ChannelOf, ChannelState, Channels,
    Config, Error, Hash, Pallet, Phase, Signatures, weighing,
};
use millrace_primitives_channels::{Participant, StateError, signer_form, state_payload};
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
    /// (CH-1), the judge can decide all of it, and every participant agreed to it, `sender` by sending
    /// if it left its signature out. Returns what the signatures took less than they might have.
    pub(crate) fn verify_state(
        channel: &ChannelOf<T>,
        state: &ChannelState,
        signatures: &Signatures,
        sender: Option<&AccountId>,
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
        let signing = Self::signing(&channel.participants, signatures, sender)?;
        let looks = signing.zip(signatures).map(|((_, participant), signature)| {
            (signature, signer_form(signature, &participant.signer, &payload))
        });
        weighing::spared_looks::<T>(looks).ok_or_else(|| Error::<T>::InvalidSignature.into())
    }

    /// Whose signatures these have to be, with their positions: those of all participants, or of all
    /// but `sender`.
    ///
    /// A participant's account that sends a call has signed all of its contents and is the owner of
    /// what the call moves, so a second signature of it would say nothing new. Errors:
    /// `WrongSignatureCount`.
    pub(crate) fn signing<'a>(
        participants: &'a [Participant],
        signatures: &Signatures,
        sender: Option<&AccountId>,
    ) -> Result<impl Iterator<Item = (usize, &'a Participant)> + use<'a, T>, Error<T>> {
        let by_sending = if signatures.len() == participants.len() {
            None
        } else {
            let position = participants.iter().position(|one| Some(&one.account) == sender);
            let is_enough = signatures.len().checked_add(1) == Some(participants.len());
            ensure!(position.is_some() && is_enough, Error::<T>::WrongSignatureCount);
            position
        };
        let signs = move |(position, _): &(usize, _)| Some(*position) != by_sending;
        Ok(participants.iter().enumerate().filter(signs))
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
