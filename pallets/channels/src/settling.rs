// SPDX-License-Identifier: Apache-2.0

//! A co-signed final state pays out at once.

use crate::{ChannelState, Config, Error, Event, Pallet, Phase, Signatures};
use polkadot_sdk::{frame_support::ensure, sp_runtime::DispatchResult};

impl<T: Config> Pallet<T> {
    /// See [`Pallet::settle`](crate::Pallet::settle).
    pub(crate) fn do_settle(state: ChannelState, signatures: Signatures) -> DispatchResult {
        let channel = Self::channel(state.channel)?;
        ensure!(state.is_final, Error::<T>::NotFinal);
        if let Phase::Disputed(dispute) = &channel.phase {
            ensure!(state.version >= dispute.version, Error::<T>::StaleVersion);
        }
        Self::verify_state(&channel, &state, &signatures)?;
        Self::close(state.channel, channel, &state.balances)?;
        Self::deposit_event(Event::ChannelSettled {
            channel: state.channel,
            version: state.version,
            payouts: state.balances,
        });
        Ok(())
    }
}
