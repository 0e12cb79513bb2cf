// SPDX-License-Identifier: Apache-2.0

//! Stake answers for what a candidate did while the stake was with it, wherever it is now.
//!
//! A slash lowers the factors of what left the candidate; it looks for nobody. What is missing is
//! taken from each part of a stake before anything else happens to that part. Rows of departures stay
//! as long as somebody refers to them, so that waiting is no escape (DP-3).

use crate::{
    AccountId, ActiveSets, Balance, Config, CurrentElection, CurrentEra, Departed, EraIndex, Error,
    Event, NextSet, Pallet, Parameters, Pending,
    offices::ElectionPhase,
    pools::SubPool,
    types::{Departures, Liabilities, Liability},
};
use alloc::vec::Vec;
use polkadot_sdk::{frame_support::defensive, sp_runtime::DispatchError};

impl<T: Config> Pallet<T> {
    /// Takes from `shares` what slashes of former candidates left to pay, and drops liabilities that
    /// have ended. Returns the tokens that are to be handed on.
    pub(crate) fn answer(
        who: &AccountId,
        sub_pool: &mut SubPool,
        shares: &mut Balance,
        liabilities: &mut Liabilities,
    ) -> Result<Balance, DispatchError> {
        let mut slashed: Balance = 0;
        for liability in liabilities.iter_mut() {
            let factor = Departed::<T>::get(&liability.source, liability.era)
                .ok_or(Error::<T>::RecordMissing)?
                .factor;
            if factor == liability.factor {
                continue;
            }
            let left = factor.left_of(*shares, &liability.factor);
            let lost = shares.saturating_sub(left);
            let tokens = sub_pool.leave(lost).ok_or(Error::<T>::RecordMissing)?;
            *shares = left;
            liability.factor = factor;
            slashed = slashed.saturating_add(tokens);
            Self::deposit_event(Event::LiabilityPaid {
                delegator: who.clone(),
                source: liability.source.clone(),
                amount: tokens,
            });
        }
        let (over, open): (Vec<_>, Vec<_>) =
            liabilities.iter().cloned().partition(|liability| Self::is_over(liability));
        if !over.is_empty() {
            Self::drop_references(&over);
            *liabilities = Liabilities::truncate_from(open);
        }
        Ok(slashed)
    }

    /// Whether no slash can come any more for which stake would have to answer.
    fn is_over(liability: &Liability) -> bool {
        liability.until <= CurrentEra::<T>::get()
            && !Self::is_held(&liability.source, liability.era)
    }

    /// Whether a slash of the candidate, decided but not applied, may concern stake that left it in
    /// this era.
    pub(crate) fn is_held(candidate: &AccountId, era: EraIndex) -> bool {
        Pending::<T>::get(candidate).is_some_and(|pending| pending.earliest <= era)
    }

    /// The era under which stake is filed that leaves a candidate now: the last whose validators it
    /// helped to elect. Once an election has fixed the stakes that count, that is the next era, so
    /// that nobody lends a candidate stake for the count and is gone before it can be slashed.
    pub(crate) fn departure_era() -> EraIndex {
        let era = CurrentEra::<T>::get();
        let next = era.saturating_add(1);
        let is_counting =
            CurrentElection::<T>::get().is_some_and(|it| it.phase != ElectionPhase::Decided);
        let has_counted = is_counting || NextSet::<T>::exists();
        if has_counted || ActiveSets::<T>::contains_key(next) { next } else { era }
    }

    /// A liability for stake that leaves `source` now.
    pub(crate) fn new_liability(source: &AccountId) -> Liability {
        let era = Self::departure_era();
        let until = era.saturating_add(Parameters::<T>::get().bonding_eras);
        let factor = Departed::<T>::get(source, era).unwrap_or_default().factor;
        Liability { source: source.clone(), era, until, factor }
    }

    /// One more part of a stake answers for all of these.
    pub(crate) fn add_references(liabilities: &[Liability]) -> Result<(), DispatchError> {
        for Liability { source, era, .. } in liabilities {
            let mut row = Departed::<T>::get(source, era).unwrap_or_default();
            row.references = row.references.checked_add(1).ok_or(Error::<T>::Overflow)?;
            Departed::<T>::insert(source, era, row);
        }
        Ok(())
    }

    /// One part of a stake less answers for all of these.
    pub(crate) fn drop_references(liabilities: &[Liability]) {
        for Liability { source, era, .. } in liabilities {
            match Departed::<T>::get(source, era) {
                Some(mut row) => {
                    row.references = row.references.saturating_sub(1);
                    Self::put_departures(source, *era, row);
                }
                None => {
                    defensive!("departures were forgotten while somebody referred to them");
                }
            }
        }
    }

    /// Writes departures back, or forgets them once nobody refers to them.
    pub(crate) fn put_departures(candidate: &AccountId, era: EraIndex, row: Departures) {
        if row.references == 0 {
            Self::leave_over(row.unbonding.tokens);
            Departed::<T>::remove(candidate, era);
        } else {
            Departed::<T>::insert(candidate, era, row);
        }
    }
}
