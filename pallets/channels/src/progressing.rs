// SPDX-License-Identifier: Apache-2.0

//! A participant forces its move in an application, if the others do not co-sign it.
//!
//! First the challenge window shows the newest co-signed state. Then whoever's move it is in that
//! state has as much time again. A move is a state of the next version that this participant alone
//! signs, and it opens a new window, in which a later co-signed state counts more.

use crate::{ChannelOf, ChannelState, Config, Dispute, Due, Error, Event, Pallet};
use millrace_primitives_channels::{AccountId, ChannelApps, state_payload, verify_signer};
use polkadot_sdk::{
    frame_support::ensure,
    sp_runtime::{DispatchResult, MultiSignature},
};

impl<T: Config> Pallet<T> {
    /// See [`Pallet::progress`](crate::Pallet::progress).
    pub(crate) fn do_progress(
        who: AccountId,
        state: ChannelState,
        signature: MultiSignature,
    ) -> DispatchResult {
        let channel = Self::channel(state.channel)?;
        let mut dispute = Self::dispute_of(&channel)?;
        let mover = Self::verify_turn(&channel, &dispute)?;
        let recorded = Self::recorded(state.channel)?;
        Self::verify_move(&channel, &recorded, &state, mover, &signature)?;

        let (id, version) = (state.channel, state.version);
        Self::unschedule(dispute.due, Due::Channel(id));
        let deadline = Self::now().saturating_add(channel.challenge_blocks);
        dispute.deadline = deadline;
        dispute.has_moved = true;
        Self::record(channel, dispute, state);
        Self::deposit_event(Event::MoveForced { channel: id, by: who, mover, version, deadline });
        Ok(())
    }

    /// Checks that it is time for a move, and returns whose.
    fn verify_turn(channel: &ChannelOf<T>, dispute: &Dispute) -> Result<u8, Error<T>> {
        let mover = dispute.mover.ok_or(Error::<T>::NobodysMove)?;
        let now = Self::now();
        ensure!(now >= dispute.deadline, Error::<T>::DeadlineNotReached);
        ensure!(
            now < dispute.concludable_from(channel.challenge_blocks),
            Error::<T>::DeadlinePassed
        );
        Ok(mover)
    }

    /// Checks that `to` is a move from `from` that the participant at `mover` wants and the
    /// application allows.
    fn verify_move(
        channel: &ChannelOf<T>,
        from: &ChannelState,
        to: &ChannelState,
        mover: u8,
        signature: &MultiSignature,
    ) -> DispatchResult {
        ensure!(Some(to.version) == from.version.checked_add(1), Error::<T>::NotTheNextVersion);
        let is_only_a_move =
            to.pending == from.pending && to.streams == from.streams && !to.is_final;
        ensure!(is_only_a_move, Error::<T>::NotAMove);
        Self::verify_division(channel, to, channel.deposit)?;
        let participant =
            channel.participants.get(usize::from(mover)).ok_or(Error::<T>::NobodysMove)?;
        let payload = state_payload(&Self::genesis(), to);
        ensure!(
            verify_signer(signature, &participant.signer, &payload),
            Error::<T>::InvalidSignature
        );
        ensure!(T::Apps::is_valid_move(from, to, mover), Error::<T>::MoveRefused);
        Ok(())
    }
}
