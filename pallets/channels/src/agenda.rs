// SPDX-License-Identifier: Apache-2.0

//! What happens by itself: disputes are concluded, resolutions end, preimages are forgotten.
//!
//! Everything due is queued by its block, never searched for. The queue is served in idle time, a
//! bounded number of entries in each block. What does not fit waits: anybody can still conclude by
//! hand, and nothing is lost.

use crate::{
    Agenda, BlockNumber, ChannelId, Channels, Config, Due, Event, NextDue, Pallet, Phase,
    Resolutions, WeightInfo,
};
use millrace_primitives_channels::{ChannelApps, MAX_PARTICIPANTS};
use polkadot_sdk::{
    frame_support::{
        storage::with_storage_layer,
        weights::{Weight, WeightMeter},
    },
    sp_runtime::DispatchError,
};

/// Entries served in one block at the most.
pub(crate) const MAX_SERVED: u32 = 64;

/// Blocks whose entries are looked at in one block at the most.
pub(crate) const MAX_BLOCKS: u32 = 16;

impl<T: Config> Pallet<T> {
    /// Upholds CH-9: puts `due` on the agenda, not before the next block, and returns where.
    pub(crate) fn schedule(at: BlockNumber, due: Due) -> BlockNumber {
        let at = at.max(Self::now().saturating_add(1));
        Agenda::<T>::insert(at, due, ());
        at
    }

    /// Takes `due` off the agenda.
    pub(crate) fn unschedule(at: BlockNumber, due: Due) {
        Agenda::<T>::remove(at, due);
    }

    /// Does what is due, as far as `remaining` weight allows, and returns what it took.
    pub(crate) fn serve_agenda(remaining: Weight) -> Weight {
        let mut meter = WeightMeter::with_limit(remaining);
        if meter.try_consume(T::WeightInfo::serve_nothing()).is_err() {
            return meter.consumed();
        }
        let now = Self::now();
        let first = NextDue::<T>::get();
        let (mut next, mut left) = (first, MAX_SERVED);
        'blocks: for _ in 0..MAX_BLOCKS {
            if next > now || meter.try_consume(T::WeightInfo::serve_block()).is_err() {
                break;
            }
            let mut entries = Agenda::<T>::iter_key_prefix(next);
            loop {
                if left == 0 || !meter.can_consume(Self::heaviest_entry()) {
                    break 'blocks;
                }
                let Some(due) = entries.next() else { break };
                meter.consume(Self::serve(next, due));
                left = left.saturating_sub(1);
            }
            next = next.saturating_add(1);
        }
        if next != first {
            NextDue::<T>::put(next);
        }
        meter.consumed()
    }

    /// The longest that one entry takes.
    pub(crate) fn heaviest_entry() -> Weight {
        Self::conclude_weight(MAX_PARTICIPANTS)
            .saturating_add(T::WeightInfo::postpone())
            .max(T::WeightInfo::forget_reveal())
    }

    /// What it takes to conclude a dispute of `participants`, or to end its resolution.
    pub(crate) fn conclude_weight(participants: u32) -> Weight {
        // A dispute about a plain state ends the channel too, like a resolution.
        let plain = T::WeightInfo::sweep(participants).saturating_add(T::WeightInfo::end_dispute());
        T::WeightInfo::conclude(participants).max(plain).saturating_add(T::Apps::max_weight())
    }

    /// Does what is due, and returns what it took.
    fn serve(at: BlockNumber, due: Due) -> Weight {
        match due {
            Due::Channel(id) => match with_storage_layer(|| Self::do_conclude(id)) {
                Ok(participants) => Self::conclude_weight(participants),
                Err(error) => {
                    Self::unschedule(at, due);
                    Self::postpone(id, error);
                    Self::heaviest_entry()
                }
            },
            Due::Reveal(lock) => {
                // Taken off whatever comes of it, so that no entry can hold up those behind it.
                Self::unschedule(at, due);
                if Self::forget_reveal(lock).is_some() {
                    Self::deposit_event(Event::PreimageForgotten { hashlock: lock });
                }
                T::WeightInfo::forget_reveal()
            }
        }
    }

    /// Tries again later what could not be done now, for instance because an asset is frozen. Until
    /// then anybody can conclude by hand.
    pub(crate) fn postpone(id: ChannelId, error: DispatchError) {
        let Some(mut channel) = Channels::<T>::get(id) else { return };
        let later = Self::now().saturating_add(channel.challenge_blocks);
        let until = match &mut channel.phase {
            Phase::Open => return,
            Phase::Disputed(dispute) => {
                dispute.due = Self::schedule(later, Due::Channel(id));
                let due = dispute.due;
                Channels::<T>::insert(id, channel);
                due
            }
            Phase::Resolving => {
                let Some(mut resolution) = Resolutions::<T>::get(id) else { return };
                resolution.due = Self::schedule(later, Due::Channel(id));
                let due = resolution.due;
                Resolutions::<T>::insert(id, resolution);
                due
            }
        };
        Self::deposit_event(Event::ConclusionPostponed { channel: id, until, error });
    }
}
