// SPDX-License-Identifier: Apache-2.0

//! A participant closes alone; newer states answer.

use crate::{
    BlockNumber, ChannelId, ChannelOf, ChannelState, Channels, Config, Dispute, Due, Error, Event,
    Pallet, Phase, Recorded, Signatures,
};
use millrace_primitives_channels::{AccountId, ChannelApps};
use polkadot_sdk::{
    frame_support::{dispatch::Pays, ensure, traits::Get, weights::Weight},
    sp_runtime::DispatchError,
};

impl<T: Config> Pallet<T> {
    /// See [`Pallet::dispute`](crate::Pallet::dispute). Returns what it took less than it might
    /// have.
    pub(crate) fn do_dispute(
        who: AccountId,
        state: ChannelState,
        signatures: Signatures,
    ) -> Result<Weight, DispatchError> {
        let channel = Self::channel(state.channel)?;
        ensure!(channel.has_participant(&who), Error::<T>::NotParticipant);
        Self::ensure_open(&channel)?;
        let spared = Self::verify_state(&channel, &state, &signatures, None)?;

        let (id, version) = (state.channel, state.version);
        let bond = Self::take_bond(&who)?;
        let deadline = Self::now().saturating_add(channel.challenge_blocks);
        let dispute = Dispute {
            by: who.clone(),
            bond,
            reward_to: None,
            disputed_version: version,
            deadline,
            free_answers: T::MaxFreeAnswers::get(),
            has_moved: false,
            mover: None,
            due: BlockNumber::default(),
        };
        Self::record(channel, dispute, state);
        Self::deposit_event(Event::ChannelDisputed {
            channel: id,
            by: who,
            version,
            deadline,
            bond,
        });
        Ok(spared)
    }

    /// See [`Pallet::answer`](crate::Pallet::answer). Returns whether the answer costs a fee, and
    /// what it took less than it might have.
    pub(crate) fn do_answer(
        who: AccountId,
        state: ChannelState,
        signatures: Signatures,
        reward_to: AccountId,
    ) -> Result<(Pays, Weight), DispatchError> {
        let channel = Self::channel(state.channel)?;
        let mut dispute = Self::dispute_of(&channel)?;
        // Half-open: the block in which a dispute can be concluded accepts no answer.
        ensure!(Self::now() < dispute.deadline, Error::<T>::DeadlinePassed);
        let recorded = Self::recorded(state.channel)?;
        ensure!(state.version > recorded.version, Error::<T>::StaleVersion);
        let spared = Self::verify_state(&channel, &state, &signatures, None)?;

        let (id, version) = (state.channel, state.version);
        let pays = match dispute.free_answers.checked_sub(1) {
            Some(left) => {
                dispute.free_answers = left;
                Pays::No
            }
            None => Pays::Yes,
        };
        if dispute.is_proven_stale_by(version) {
            dispute.reward_to = Some(reward_to);
        }
        Self::unschedule(dispute.due, Due::Channel(id));
        Self::record(channel, dispute, state);
        Self::deposit_event(Event::DisputeAnswered { channel: id, by: who, version });
        Ok((pays, spared))
    }

    /// The dispute about `channel`.
    pub(crate) fn dispute_of(channel: &ChannelOf<T>) -> Result<Dispute, Error<T>> {
        match &channel.phase {
            Phase::Open => Err(Error::<T>::NotDisputed),
            Phase::Disputed(dispute) => Ok(dispute.clone()),
            Phase::Resolving => Err(Error::<T>::AlreadyConcluded),
        }
    }

    /// The newest state shown in the dispute about the channel with this id.
    pub(crate) fn recorded(id: ChannelId) -> Result<ChannelState, Error<T>> {
        Recorded::<T>::get(id).ok_or(Error::<T>::RecordMissing)
    }

    /// Upholds CH-8 and CH-9: makes `state` the newest one shown, finds out who may move next, and
    /// puts the dispute on the agenda.
    pub(crate) fn record(mut channel: ChannelOf<T>, mut dispute: Dispute, state: ChannelState) {
        let id = state.channel;
        dispute.mover = Self::mover(&channel, &state);
        let from = dispute.concludable_from(channel.challenge_blocks);
        dispute.due = Self::schedule(from, Due::Channel(id));
        channel.phase = Phase::Disputed(dispute);
        Channels::<T>::insert(id, channel);
        Recorded::<T>::insert(id, state);
    }

    /// Position of the participant who may force the next move. Nobody may change a final state.
    fn mover(channel: &ChannelOf<T>, state: &ChannelState) -> Option<u8> {
        if state.is_final || state.app.is_none() {
            return None;
        }
        T::Apps::mover(state).filter(|mover| usize::from(*mover) < channel.participants.len())
    }

    /// Forgets the dispute about the channel with this id, and decides its bond.
    pub(crate) fn end_dispute(id: ChannelId, dispute: &Dispute) {
        Self::unschedule(dispute.due, Due::Channel(id));
        Recorded::<T>::remove(id);
        Self::decide_bond(id, dispute);
    }
}
