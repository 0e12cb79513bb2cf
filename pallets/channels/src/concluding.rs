// SPDX-License-Identifier: Apache-2.0

//! After the deadline anybody pays out the recorded state.

use crate::{ChannelId, Config, Error, Event, Pallet, Phase};
use polkadot_sdk::{frame_support::ensure, sp_runtime::DispatchError};

impl<T: Config> Pallet<T> {
    /// See [`Pallet::conclude`](crate::Pallet::conclude). Returns the number of participants.
    pub(crate) fn do_conclude(id: ChannelId) -> Result<u32, DispatchError> {
        let channel = Self::channel(id)?;
        let Phase::Disputed(dispute) = channel.phase.clone() else {
            return Err(Error::<T>::NotDisputed.into());
        };
        ensure!(Self::now() >= dispute.deadline, Error::<T>::DeadlineNotReached);
        let participants = channel.participants.len() as u32;
        Self::close(id, channel, &dispute.balances)?;
        Self::deposit_event(Event::ChannelConcluded {
            channel: id,
            version: dispute.version,
            payouts: dispute.balances,
        });
        Ok(participants)
    }
}
