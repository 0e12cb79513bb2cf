// SPDX-License-Identifier: Apache-2.0

//! A participant closes alone; newer states answer.

use crate::{ChannelState, Channels, Config, Dispute, Error, Event, Pallet, Phase, Signatures};
use millrace_primitives_channels::AccountId;
use polkadot_sdk::{
    frame_support::{dispatch::Pays, ensure, traits::Get},
    sp_runtime::{DispatchError, DispatchResult},
};

impl<T: Config> Pallet<T> {
    /// See [`Pallet::dispute`](crate::Pallet::dispute).
    pub(crate) fn do_dispute(
        who: AccountId,
        state: ChannelState,
        signatures: Signatures,
    ) -> DispatchResult {
        let mut channel = Self::channel(state.channel)?;
        ensure!(channel.has_participant(&who), Error::<T>::NotParticipant);
        ensure!(channel.phase == Phase::Open, Error::<T>::AlreadyDisputed);
        Self::verify_state(&channel, &state, &signatures)?;

        let (id, version) = (state.channel, state.version);
        let deadline = Self::now().saturating_add(channel.challenge_blocks);
        channel.phase = Phase::Disputed(Dispute {
            version,
            balances: state.balances,
            deadline,
            free_answers: T::MaxFreeAnswers::get(),
        });
        Channels::<T>::insert(id, channel);
        Self::deposit_event(Event::ChannelDisputed { channel: id, by: who, version, deadline });
        Ok(())
    }

    /// See [`Pallet::answer`](crate::Pallet::answer). Returns whether the answer costs a fee.
    pub(crate) fn do_answer(
        who: AccountId,
        state: ChannelState,
        signatures: Signatures,
    ) -> Result<Pays, DispatchError> {
        let mut channel = Self::channel(state.channel)?;
        let Phase::Disputed(recorded) = &channel.phase else {
            return Err(Error::<T>::NotDisputed.into());
        };
        // Half-open: the block in which a dispute can be concluded accepts no answer.
        ensure!(Self::now() < recorded.deadline, Error::<T>::DeadlinePassed);
        ensure!(state.version > recorded.version, Error::<T>::StaleVersion);
        Self::verify_state(&channel, &state, &signatures)?;

        let (id, version) = (state.channel, state.version);
        let (free_answers, pays) = match recorded.free_answers.checked_sub(1) {
            Some(left) => (left, Pays::No),
            None => (0, Pays::Yes),
        };
        channel.phase = Phase::Disputed(Dispute {
            version,
            balances: state.balances,
            deadline: recorded.deadline,
            free_answers,
        });
        Channels::<T>::insert(id, channel);
        Self::deposit_event(Event::DisputeAnswered { channel: id, by: who, version });
        Ok(pays)
    }
}
