// SPDX-License-Identifier: Apache-2.0

//! Hash links prove what a stream has paid.

use crate::{ChannelId, Config, Error, Event, Pallet};
use millrace_primitives_channels::{
    MerkleProof,
    stream::{Link, proven_units, salt},
};
use polkadot_sdk::{frame_support::ensure, sp_runtime::DispatchError};

impl<T: Config> Pallet<T> {
    /// See [`Pallet::claim_stream`](crate::Pallet::claim_stream). Returns the number of
    /// participants.
    pub(crate) fn do_claim_stream(
        id: ChannelId,
        position: u8,
        link: Link,
        depth: u32,
        proof: MerkleProof,
    ) -> Result<u32, DispatchError> {
        let (channel, mut resolution) = Self::resolving(id)?;
        let entry =
            resolution.streams.get_mut(usize::from(position)).ok_or(Error::<T>::StreamNotFound)?;
        let stream = entry.stream;
        let salt = salt(&Self::genesis(), &id, stream.payer, stream.payee, stream.epoch);
        let units =
            proven_units(&stream, &salt, link, depth, &proof).ok_or(Error::<T>::InvalidProof)?;
        let new = units.checked_sub(entry.paid).filter(|new| *new > 0);
        let new = new.ok_or(Error::<T>::NothingNew)?;
        let amount = stream.unit.checked_mul(new.into()).ok_or(Error::<T>::AmountOverflow)?;
        // The proof's place and depth are bounded by the stream, so this only says it once more.
        ensure!(units <= stream.capacity(), Error::<T>::InvalidProof);
        entry.paid = units;

        let participants = channel.size();
        Self::deposit_event(Event::StreamClaimed { channel: id, stream: position, units, amount });
        Self::pay_and_go_on(id, channel, resolution, stream.payee, amount)?;
        Ok(participants)
    }
}
