// SPDX-License-Identifier: Apache-2.0

//! Validators that contradict themselves: reports become slashes, some eras later.
//!
//! A report is proven where it is made; here it becomes a slash that waits, so that governance can
//! cancel one that software caused. The offender is jailed and shut out at once. The same offence may
//! be reported again, with a higher fraction if others were found to have committed it together:
//! only the increase counts, whatever became of the first slash.

use crate::{
    Config, CurrentEra, Error, Event, OffenceRecords, Offenders, OldestSession, Pallet, Parameters,
    Pending, SessionEras, SlashCursor, Status, UnappliedSlashes, WeightInfo,
    offices::{OffenceRecord, UnappliedSlash},
    params::MAX_BONDING_ERAS,
};
use alloc::vec::Vec;
use millrace_primitives_dpos::{AccountId, EraIndex};
use polkadot_sdk::{
    frame_support::{
        ensure,
        traits::Get,
        weights::{Weight, WeightMeter},
    },
    sp_runtime::{DispatchResult, PerThing, Perbill, SaturatedConversion, traits::Saturating},
    sp_staking::{
        SessionIndex,
        offence::{OffenceDetails, OnOffenceHandler},
    },
};

/// Eras without a slash that are passed over in one block, at the most.
pub(crate) const MAX_EMPTY_ERAS: u32 = 16;

/// Shuts a validator out for the rest of a session.
pub trait ShutOut {
    /// Shuts the validator out; the chain may let it in again for somebody worse.
    fn shut_out(validator: &AccountId, severity: Perbill);
}

impl ShutOut for () {
    fn shut_out(_: &AccountId, _: Perbill) {}
}

impl<T: Config> OnOffenceHandler<AccountId, (AccountId, ()), Weight> for Pallet<T> {
    fn on_offence(
        offenders: &[OffenceDetails<AccountId, (AccountId, ())>],
        fractions: &[Perbill],
        session: SessionIndex,
    ) -> Weight {
        let mut weight = Weight::zero();
        for (details, fraction) in offenders.iter().zip(fractions) {
            let (validator, ()) = &details.offender;
            Self::note_offence(validator, session, *fraction);
            weight.saturating_accrue(T::WeightInfo::note_offence());
        }
        weight
    }
}

impl<T: Config> Pallet<T> {
    /// Decides on a slash for what was reported. All slashes of a validator for one era together take
    /// the largest fraction that was reported.
    fn note_offence(validator: &AccountId, session: SessionIndex, fraction: Perbill) {
        // Nobody answers any more for what lies so far back that its era is forgotten.
        let Some(offence_era) = SessionEras::<T>::get(session) else { return };
        let known = OffenceRecords::<T>::get(offence_era, validator);
        if known.as_ref().is_some_and(|it| fraction <= it.fraction) {
            return;
        }
        let current = CurrentEra::<T>::get();
        let params = Parameters::<T>::get();
        Self::jail(validator, current.saturating_add(params.jail_eras));
        Self::keep_out(validator, fraction);
        let mut record = known.unwrap_or_default();
        record.fraction = fraction;
        let key = (validator.clone(), offence_era);
        if !UnappliedSlashes::<T>::contains_key(record.apply_era, &key) {
            record.apply_era =
                apply_era(offence_era, current, params.bonding_eras, params.slash_defer_eras);
            Self::note_pending(validator, offence_era);
        }
        let slash = UnappliedSlash { fraction: record.increase(), offence_era };
        UnappliedSlashes::<T>::insert(record.apply_era, key, slash);
        // A slash that is due at once must not lie behind the cursor.
        SlashCursor::<T>::mutate(|cursor| *cursor = (*cursor).min(record.apply_era));
        Self::deposit_event(Event::SlashDeferred {
            validator: validator.clone(),
            offence_era,
            fraction: record.increase(),
            apply_era: record.apply_era,
        });
        OffenceRecords::<T>::insert(offence_era, validator, record);
    }

    /// Shuts an offender out of this session, and of those to come until it leaves office.
    fn keep_out(validator: &AccountId, fraction: Perbill) {
        T::ShutOut::shut_out(validator, fraction);
        Offenders::<T>::mutate(|offenders| {
            match offenders.iter_mut().find(|(account, _)| account == validator) {
                Some((_, severity)) => *severity = fraction.max(*severity),
                // Those beyond the bound are shut out for this session only.
                None => {
                    let _ = offenders.try_push((validator.clone(), fraction));
                }
            }
        });
    }

    /// Shuts offenders out again, because a new session lets everybody in.
    pub(crate) fn disable_offenders() {
        for (validator, severity) in Offenders::<T>::get() {
            T::ShutOut::shut_out(&validator, severity);
        }
    }

    /// Forgets offenders that are not in office any more.
    pub(crate) fn prune_offenders() {
        let offenders = Offenders::<T>::get();
        if offenders.is_empty() {
            return;
        }
        let seats = Self::seats_of(CurrentEra::<T>::get());
        let is_seated =
            |account: &AccountId| seats.binary_search_by(|seat| seat.account.cmp(account)).is_ok();
        Offenders::<T>::mutate(|it| it.retain(|(account, _)| is_seated(account)));
    }

    /// Applies slashes that are due, as far as `meter` allows.
    pub(crate) fn apply_due_slashes(meter: &mut WeightMeter) {
        if meter.try_consume(T::WeightInfo::slash_nobody()).is_err() {
            return;
        }
        let current = CurrentEra::<T>::get();
        let first = SlashCursor::<T>::get();
        let (mut era, mut applied, mut empty) = (first, 0u32, 0u32);
        while era <= current && empty < MAX_EMPTY_ERAS {
            let Some(((validator, offence_era), slash)) =
                UnappliedSlashes::<T>::iter_prefix(era).next()
            else {
                // More may be decided for the current era until it is over.
                if era == current {
                    break;
                }
                era = era.saturating_add(1);
                empty = empty.saturating_add(1);
                continue;
            };
            // From the era of the offence to the next one, both included.
            let eras = current.saturating_sub(offence_era).min(MAX_BONDING_ERAS).saturating_add(2);
            let is_enough = applied >= T::SlashesPerBlock::get().max(1);
            if is_enough || meter.try_consume(T::WeightInfo::apply_slash(eras)).is_err() {
                break;
            }
            UnappliedSlashes::<T>::remove(era, (&validator, offence_era));
            Self::apply_slash(&validator, offence_era, slash.fraction);
            Self::settle_record(&validator, offence_era);
            applied = applied.saturating_add(1);
        }
        if era != first {
            SlashCursor::<T>::put(era);
        }
    }

    /// Takes back a slash that is not applied yet.
    pub(crate) fn do_cancel_slash(offence_era: EraIndex, validator: &AccountId) -> DispatchResult {
        let record =
            OffenceRecords::<T>::get(offence_era, validator).ok_or(Error::<T>::NoSuchSlash)?;
        let key = (validator.clone(), offence_era);
        let slash = UnappliedSlashes::<T>::take(record.apply_era, key);
        ensure!(slash.is_some(), Error::<T>::NoSuchSlash);
        Self::settle_record(validator, offence_era);
        Self::forgive(validator);
        Self::deposit_event(Event::SlashCancelled { validator: validator.clone(), offence_era });
        Ok(())
    }

    /// Notes that nothing is left to do for what was reported so far.
    fn settle_record(validator: &AccountId, offence_era: EraIndex) {
        let oldest = SessionEras::<T>::get(OldestSession::<T>::get());
        let is_over = oldest.is_some_and(|era| era > offence_era);
        OffenceRecords::<T>::mutate_exists(offence_era, validator, |slot| {
            let Some(record) = slot else { return };
            record.settled = record.fraction;
            if is_over {
                // The era's other records were forgotten while this slash still waited.
                *slot = None;
            }
        });
        Self::drop_pending(validator);
    }

    /// Lets a candidate out of jail, if nothing else stands against it, as soon as it asks.
    fn forgive(validator: &AccountId) {
        if Pending::<T>::contains_key(validator) {
            return;
        }
        let current = CurrentEra::<T>::get();
        crate::Candidates::<T>::mutate(validator, |slot| {
            let Some(candidate) = slot else { return };
            candidate.barred_until = candidate.barred_until.min(current);
            if let Status::Jailed { until } = &mut candidate.status {
                *until = current.min(*until);
            }
        });
        Offenders::<T>::mutate(|it| it.retain(|(account, _)| account != validator));
    }

    /// Forgets offences of an era for which nobody answers any more, unless their slash still waits:
    /// governance may have shortened the time of unbonding since it was decided. Returns how many it
    /// looked at.
    pub(crate) fn forget_offences(era: EraIndex) -> u32 {
        // No more than there were validators, and some with each session of the era.
        let most = T::MaxValidators::get().saturated_into();
        let mut seen = 0u32;
        let settled: Vec<_> = OffenceRecords::<T>::iter_prefix(era)
            .inspect(|_| seen = seen.saturating_add(1))
            .filter(|(_, record)| record.settled == record.fraction)
            .take(most)
            .map(|(validator, _)| validator)
            .collect();
        for validator in settled {
            OffenceRecords::<T>::remove(era, validator);
        }
        seen
    }
}

impl OffenceRecord {
    /// The fraction of what is left that brings what was taken up to the largest fraction reported.
    pub fn increase(&self) -> Perbill {
        let left = self.settled.left_from_one();
        let missing = self.fraction.saturating_sub(self.settled);
        if left.is_zero() { Perbill::zero() } else { missing.saturating_div(left, ROUNDING) }
    }
}

/// Whoever offends gains nothing by being slashed in two steps.
const ROUNDING: polkadot_sdk::sp_runtime::Rounding = polkadot_sdk::sp_runtime::Rounding::Up;

/// When a slash is applied: as long after the offence as governance has to think about it, but in no
/// era that has begun, unless stake would be free by then.
fn apply_era(offence: EraIndex, current: EraIndex, bonding: EraIndex, defer: EraIndex) -> EraIndex {
    let wanted = offence.saturating_add(defer).max(current.saturating_add(1));
    let last = offence.saturating_add(bonding).saturating_sub(1);
    wanted.min(last.max(current))
}
