// SPDX-License-Identifier: Apache-2.0

//! Who was there in the slots that were its own.
//!
//! A slot without a block is the failure of its secondary author, whom everybody can compute; see
//! [`millrace_primitives_dpos::schedule`]. So absence is counted exactly, from slots that were
//! skipped between a block and its parent, and nobody has to be told. A validator that misses too
//! large a share is jailed: it stays in office until the era ends, but is not elected again.
//!
//! Slots belong to the epoch in which they lie. In a block that begins an epoch, those of the old one
//! are counted before its authors are gone, and those of the new one afterwards.

use crate::{
    AbsentJailed, Candidates, Config, CurrentEra, Event, LastSlot, Liveness, Pallet, Parameters,
    Status, WeightInfo, offices::Attendance, rewarding::AUTHOR_POINTS,
};
use core::ops::Range;
use millrace_primitives_dpos::{
    AccountId, EraIndex, SlotNumber,
    schedule::{Epoch, skipped_slots},
    seats::jail_limit,
};
use polkadot_sdk::{
    frame_support::weights::Weight,
    sp_runtime::{Perbill, SaturatedConversion},
};

/// A gap of more slots than this is an outage of the network, and nobody's fault.
pub const MAX_SKIPPED: u32 = 32;

/// Nobody is jailed before this many slots were its own.
pub const MIN_EXPECTED: u32 = 25;

/// Knows slots, epochs and authors of blocks.
pub trait Slots {
    /// The slot of the current block; nothing if it does not say.
    fn current() -> Option<SlotNumber>;

    /// The current epoch, whose authorities are those of the current session.
    fn epoch() -> Epoch;

    /// The next epoch, as far as it is announced.
    fn next_epoch() -> Epoch;

    /// Who made the current block. Asked when the epoch of its slot is the current one.
    fn author() -> Option<AccountId>;
}

impl<T: Config> Pallet<T> {
    /// To be called before a block may begin an epoch: counts skipped slots of the old one, if the
    /// block's slot is not one of its own. Returns the weight of that and of
    /// [`Self::count_slots`].
    pub(crate) fn count_last_slots() -> Weight {
        let Some((skipped, slot)) = Self::skipped() else {
            return T::WeightInfo::count_slots(0);
        };
        let missed = u32::try_from(skipped.end.saturating_sub(skipped.start)).unwrap_or(0);
        if missed > 0 {
            let epoch = T::Slots::epoch();
            if slot >= epoch.end() {
                Self::blame(&epoch, skipped.start..skipped.end.min(epoch.end()));
            }
        }
        T::WeightInfo::count_slots(missed)
    }

    /// To be called at the end of a block: counts skipped slots of the current epoch, and the block
    /// itself for its author.
    pub(crate) fn count_slots() {
        if let Some((skipped, _)) = Self::skipped()
            && !skipped.is_empty()
        {
            let epoch = T::Slots::epoch();
            Self::blame(&epoch, skipped.start.max(epoch.start)..skipped.end);
        }
        if let Some(slot) = T::Slots::current() {
            LastSlot::<T>::put(slot);
        }
        if let Some(author) = T::Slots::author() {
            Liveness::<T>::mutate(&author, |it| it.made = it.made.saturating_add(1));
            Self::award(&author, AUTHOR_POINTS);
        }
    }

    /// Slots skipped since the last block, and the slot of this one.
    fn skipped() -> Option<(Range<SlotNumber>, SlotNumber)> {
        let slot = T::Slots::current()?;
        let skipped = skipped_slots(LastSlot::<T>::get()?, slot, MAX_SKIPPED.into())?;
        Some((skipped, slot))
    }

    /// Counts these slots, of which there are at most [`MAX_SKIPPED`], as missed.
    fn blame(epoch: &Epoch, slots: Range<SlotNumber>) {
        for author in slots.filter_map(|slot| epoch.secondary_author(slot)) {
            let attendance = Liveness::<T>::mutate(author, |it| {
                it.missed = it.missed.saturating_add(1);
                *it
            });
            Self::judge_absence(author, attendance, epoch.authorities.len().saturated_into());
        }
    }

    /// Jails a validator that misses too many of its slots, unless so many are jailed already that
    /// finality could not do without one more.
    fn judge_absence(validator: &AccountId, attendance: Attendance, validators: u32) {
        if !attendance.is_absent(Parameters::<T>::get().absence_limit) {
            return;
        }
        let jailed = AbsentJailed::<T>::get();
        if jailed >= jail_limit(validators) {
            return;
        }
        let until = CurrentEra::<T>::get().saturating_add(Parameters::<T>::get().jail_eras);
        if Self::jail(validator, until) {
            AbsentJailed::<T>::put(jailed.saturating_add(1));
        }
    }

    /// Keeps a candidate from standing for election before the era `until`. Returns whether it was
    /// free until now. One that has given up cannot register anew before.
    pub(crate) fn jail(candidate: &AccountId, until: EraIndex) -> bool {
        let Some(mut found) = Candidates::<T>::get(candidate) else { return false };
        let was_free = match found.status {
            Status::Active | Status::Idle => {
                found.status = Status::Jailed { until };
                true
            }
            Status::Jailed { until: earlier } => {
                found.status = Status::Jailed { until: until.max(earlier) };
                false
            }
            // It may come back, but not before its term is over.
            Status::Leaving { .. } => {
                found.barred_until = found.barred_until.max(until);
                false
            }
        };
        Candidates::<T>::insert(candidate, found);
        if was_free {
            Self::deposit_event(Event::Jailed { validator: candidate.clone(), until });
        }
        was_free
    }
}

impl Attendance {
    /// Whether more than the share `limit` of enough slots was missed.
    ///
    /// Slots that somebody else won by lottery count for nobody: they tell nothing about the
    /// secondary author.
    pub fn is_absent(&self, limit: Perbill) -> bool {
        let expected = self.made.saturating_add(self.missed);
        expected >= MIN_EXPECTED && self.missed > limit.mul_floor(expected)
    }
}
