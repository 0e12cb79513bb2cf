// SPDX-License-Identifier: Apache-2.0

//! The numbered rules of elections and offices; see [`crate::invariants`] for those of stake.
//!
//! - **DP-12**: a set's hash fits it, its members are in ascending order and no more than there is
//!   room for; from one era to the next a set stays or is the next version.
//! - **DP-13**: a tally is there exactly while candidates are counted, and a set waits for office only
//!   after an election.
//! - **DP-14**: a slash that waits has a record, is the part of the record that is not settled, and
//!   does not lie behind the cursor.
//! - **DP-15**: the eras of sessions do not fall, and the current session is one of the current era.

use crate::{
    ActiveSets, Config, CurrentElection, CurrentEra, CurrentSession, ElectionTally, NextSet,
    OffenceRecords, Pallet, SessionEras, SlashCursor, UnappliedSlashes,
    offices::{ActiveSet, ElectionPhase},
};
use alloc::collections::BTreeMap;
use polkadot_sdk::{
    frame_support::{ensure, traits::Get},
    sp_runtime::TryRuntimeError,
};

type Checked = Result<(), TryRuntimeError>;

impl<T: Config> Pallet<T> {
    /// Checks every rule of elections and offices over the whole state.
    pub(crate) fn check_offices() -> Checked {
        Self::check_sets()?;
        Self::check_election()?;
        Self::check_slashes()?;
        Self::check_sessions()
    }

    fn check_sets() -> Checked {
        let sets: BTreeMap<_, _> = ActiveSets::<T>::iter().collect();
        let most = T::MaxValidators::get();
        let mut last: Option<(u32, ActiveSet)> = None;
        for (era, set) in sets {
            ensure!(
                set.hash == Self::set_hash(set.version, &set.seats),
                "DP-12: a set's hash does not fit"
            );
            let pairs = set.seats.iter().zip(set.seats.iter().skip(1));
            ensure!(
                pairs.into_iter().all(|(one, other)| one.account < other.account),
                "DP-12: a set is not in order"
            );
            ensure!(
                u32::try_from(set.seats.len()).is_ok_and(|count| count <= most),
                "DP-12: a set is too large"
            );
            if let Some((last_era, last)) = last {
                ensure!(last_era.saturating_add(1) == era, "DP-12: the set of an era is missing");
                ensure!(
                    last == set || last.version.saturating_add(1) == set.version,
                    "DP-12: versions have a gap"
                );
            }
            last = Some((era, set));
        }
        Ok(())
    }

    fn check_election() -> Checked {
        let phase = CurrentElection::<T>::get().map(|it| it.phase);
        let is_counting = matches!(phase, Some(ElectionPhase::Scanning(_)));
        ensure!(
            ElectionTally::<T>::exists() == is_counting,
            "DP-13: a tally without a count, or the reverse"
        );
        ensure!(
            !NextSet::<T>::exists() || phase == Some(ElectionPhase::Decided),
            "DP-13: a set that nobody elected waits"
        );
        Ok(())
    }

    fn check_slashes() -> Checked {
        for (apply_era, (validator, offence_era), slash) in UnappliedSlashes::<T>::iter() {
            let record = OffenceRecords::<T>::get(offence_era, &validator)
                .ok_or("DP-14: a slash has no record")?;
            ensure!(record.apply_era == apply_era, "DP-14: a slash is not where its record says");
            ensure!(record.increase() == slash.fraction, "DP-14: a slash is not what was reported");
            ensure!(apply_era >= SlashCursor::<T>::get(), "DP-14: a slash is behind the cursor");
        }
        Ok(())
    }

    fn check_sessions() -> Checked {
        let eras: BTreeMap<_, _> = SessionEras::<T>::iter().collect();
        let Some(last) = eras.values().next_back() else { return Ok(()) };
        let pairs = eras.values().zip(eras.values().skip(1));
        ensure!(
            pairs.into_iter().all(|(one, other)| one <= other),
            "DP-15: a later session is of an earlier era"
        );
        ensure!(
            eras.get(&CurrentSession::<T>::get()) == Some(&CurrentEra::<T>::get())
                && *last == CurrentEra::<T>::get(),
            "DP-15: the session is not one of the era"
        );
        Ok(())
    }
}
