// SPDX-License-Identifier: Apache-2.0

//! Ids of closed channels are remembered as long as they could be used again.
//!
//! A channel's id covers its last opening block. Once that block is over, nobody can open a channel
//! with this id, so the chain may forget it. Forgetting happens in idle time, block by block and a
//! bounded number of ids each. The storage deposit goes back when nothing is left to remember.

use crate::{
    ChannelId, ChannelOf, Config, NextToForget, Pallet, Retired, RetiredChannel, WeightInfo,
    weighing,
};
use millrace_primitives_channels::AccountId;
use polkadot_sdk::frame_support::{
    defensive,
    storage::with_storage_layer,
    traits::{Consideration, Footprint},
    weights::{Weight, WeightMeter},
};

/// Ids forgotten in one block at the most.
pub(crate) const MAX_FORGOTTEN: u32 = 64;

/// Last opening blocks looked at in one block at the most.
pub(crate) const MAX_BUCKETS: u32 = 16;

impl<T: Config> Pallet<T> {
    /// Upholds CH-5: remembers the id of a channel that ended, unless its last opening block is
    /// over. Returns what that took less than it might have.
    pub(crate) fn retire(id: ChannelId, channel: ChannelOf<T>) -> Weight {
        let is_participant = channel.has_participant(&channel.opener);
        let (opener, ticket) = (channel.opener, channel.ticket);
        if channel.open_by >= Self::now() {
            Retired::<T>::insert(channel.open_by, id, RetiredChannel { opener, ticket });
            return weighing::spared_return::<T>();
        }
        Self::drop_ticket(ticket, &opener);
        if is_participant { weighing::spared_opener::<T>() } else { Weight::zero() }
    }

    /// Gives a storage deposit back. Never stops what frees the storage: others' money may depend
    /// on that.
    pub(crate) fn drop_ticket<Ticket: Consideration<AccountId, Footprint>>(
        ticket: Ticket,
        who: &AccountId,
    ) {
        if with_storage_layer(|| ticket.drop(who)).is_err() {
            defensive!("a storage deposit that was taken can be given back");
        }
    }

    /// Forgets ids that nobody can use any more, as far as `remaining` weight allows.
    pub(crate) fn forget_expired(remaining: Weight) -> Weight {
        let mut meter = WeightMeter::with_limit(remaining);
        if meter.try_consume(T::WeightInfo::forget_nothing()).is_err() {
            return meter.consumed();
        }
        let now = Self::now();
        let first = NextToForget::<T>::get();
        let (mut next, mut forgotten) = (first, 0);
        'buckets: for _ in 0..MAX_BUCKETS {
            // Ids of the current block's bucket could still be used in this very block.
            if next >= now || meter.try_consume(T::WeightInfo::forget_bucket()).is_err() {
                break;
            }
            let mut ids = Retired::<T>::drain_prefix(next);
            loop {
                // Asked before an id is drawn, because drawing it removes it.
                if forgotten >= MAX_FORGOTTEN || !meter.can_consume(T::WeightInfo::forget_id()) {
                    break 'buckets;
                }
                let Some((_, retired)) = ids.next() else { break };
                Self::drop_ticket(retired.ticket, &retired.opener);
                meter.consume(T::WeightInfo::forget_id());
                forgotten = forgotten.saturating_add(1);
            }
            next = next.saturating_add(1);
        }
        if next != first {
            NextToForget::<T>::put(next);
        }
        meter.consumed()
    }
}
