// SPDX-License-Identifier: Apache-2.0

//! After the deadline anybody pays out the recorded state; so does the agenda by itself.

use crate::{
    Amounts, BlockNumber, ChannelFunds, ChannelId, ChannelOf, ChannelState, Channels, Config,
    Dispute, Due, Error, Event, Pallet, Phase, Resolution, Resolutions,
};
use millrace_primitives_channels::{Balance, ChannelApps};
use polkadot_sdk::{
    frame_support::ensure,
    sp_runtime::{DispatchError, DispatchResult},
};

impl<T: Config> Pallet<T> {
    /// See [`Pallet::conclude`](crate::Pallet::conclude). Returns the number of participants.
    pub(crate) fn do_conclude(id: ChannelId) -> Result<u32, DispatchError> {
        let channel = Self::channel(id)?;
        let participants = channel.size();
        match channel.phase.clone() {
            Phase::Open => return Err(Error::<T>::NotDisputed.into()),
            Phase::Disputed(dispute) => Self::conclude_dispute(id, channel, dispute)?,
            Phase::Resolving => Self::sweep(id, channel)?,
        }
        Ok(participants)
    }

    /// Pays the balances of the recorded state, decides the bond, and ends the channel or leaves
    /// the rest to be decided.
    fn conclude_dispute(id: ChannelId, channel: ChannelOf<T>, dispute: Dispute) -> DispatchResult {
        let from = dispute.concludable_from(channel.challenge_blocks);
        ensure!(Self::now() >= from, Error::<T>::DeadlineNotReached);
        let state = Self::recorded(id)?;
        let payouts = Self::final_balances(&state, dispute.mover);
        Self::end_dispute(id, &dispute);

        let version = state.version;
        let until = if state.pending.is_none() && state.streams.is_empty() {
            Self::close(id, channel, &payouts)?;
            None
        } else {
            Some(Self::start_resolution(id, channel, state, &payouts)?)
        };
        Self::deposit_event(Event::ChannelConcluded { channel: id, version, payouts, until });
        Ok(())
    }

    /// What the balances of `state` come to if nothing more is shown: those that the application
    /// says, if `mover` let its time run out and the sum is right.
    pub(crate) fn final_balances(state: &ChannelState, mover: Option<u8>) -> Amounts {
        let sum = |amounts: &Amounts| {
            amounts.iter().try_fold(0, |sum: Balance, amount| sum.checked_add(*amount))
        };
        mover
            .map(|mover| T::Apps::abandoned(state, mover))
            .filter(|payouts| {
                payouts.len() == state.balances.len() && sum(payouts) == sum(&state.balances)
            })
            .unwrap_or_else(|| state.balances.clone())
    }

    /// Pays the balances and keeps what is conditional. Returns the block until which it can be
    /// claimed.
    fn start_resolution(
        id: ChannelId,
        mut channel: ChannelOf<T>,
        state: ChannelState,
        payouts: &Amounts,
    ) -> Result<BlockNumber, DispatchError> {
        T::Funds::pay(id, channel.asset, &channel.payouts(payouts))?;
        // Whatever was revealed in time can be claimed for a whole window, though the last transfer
        // may expire long after this block.
        let last_expiry = state.pending.as_ref().map_or(0, |pending| pending.last_expiry);
        let until = Self::now().max(last_expiry).saturating_add(channel.challenge_blocks);
        let due = Self::schedule(until, Due::Channel(id));
        Resolutions::<T>::insert(id, Resolution::new(state, until, due));
        channel.phase = Phase::Resolving;
        Channels::<T>::insert(id, channel);
        Ok(until)
    }

    /// Gives what nobody claimed in time back to its payers, and ends the channel.
    fn sweep(id: ChannelId, channel: ChannelOf<T>) -> DispatchResult {
        let resolution = Resolutions::<T>::get(id).ok_or(Error::<T>::RecordMissing)?;
        ensure!(Self::now() >= resolution.until, Error::<T>::DeadlineNotReached);
        let left =
            resolution.leftovers(channel.participants.len()).ok_or(Error::<T>::AmountOverflow)?;
        Self::end_resolution(id, channel, &resolution, &left)
    }
}
