// SPDX-License-Identifier: Apache-2.0

//! Stakes as they are dearest to touch.

use super::{NOW, fund};
use crate::{
    AccountId, Balance, CurrentElection, Delegations, Departed, Mode, OffenceRecords, Pallet,
    Parameters, Pools, Portfolios, UnappliedSlashes,
    offices::{Election, ElectionPhase, OffenceRecord, UnappliedSlash},
    pallet::Config,
    types::{Chunk, Drip, Factor, Liabilities, Liability, Lot, MAX_LIABILITIES, MAX_UNBONDING},
};
use alloc::vec::Vec;
use millrace_primitives_dpos::EraIndex;
use polkadot_sdk::{
    frame_benchmarking::v2::account,
    sp_runtime::{BoundedVec, FixedU128, Perbill, SaturatedConversion},
};

/// The era in which stake left the candidates that it answers for.
pub const LONG_AGO: EraIndex = NOW - 100;

/// What roundings have left in a pool.
const DUST: Balance = 7;

/// What becomes of a liability when the stake that has it is touched. In each case a slash has taken
/// something since the last time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is over, and its departures are forgotten.
    Ends,
    /// Its time is over, but another slash waits to be applied.
    IsHeld,
    /// It is over, and takes everything.
    TakesAll,
}

/// What candidates and delegators stake: far more than they must.
pub fn stake<T: Config>() -> Balance {
    1_000 * Parameters::<T>::get().min_self_bond
}

/// A candidate with stake of its own, and keys.
pub fn candidate<T: Config>(number: u32, mode: Mode) -> AccountId {
    let who: AccountId = account("candidate", number, 0);
    enrol::<T>(&who, mode);
    who
}

/// Makes the account a candidate with stake of its own, and keys.
pub fn enrol<T: Config>(who: &AccountId, mode: Mode) {
    use super::BenchmarkHelper;
    fund::<T>(who);
    T::BenchmarkHelper::set_keys(who);
    Pallet::<T>::do_register(who.clone(), stake::<T>(), Perbill::zero(), mode)
        .expect("there is room for a candidate");
}

/// An account with a delegation.
pub fn delegator<T: Config>(candidate: &AccountId, mode: Mode) -> AccountId {
    let who: AccountId = account("delegator", 0, 0);
    fund::<T>(&who);
    add_delegation::<T>(&who, candidate, mode);
    who
}

/// Delegates.
pub fn add_delegation<T: Config>(who: &AccountId, candidate: &AccountId, mode: Mode) {
    Pallet::<T>::do_delegate(who.clone(), candidate.clone(), stake::<T>(), mode)
        .expect("the candidate accepts more stake");
}

/// Makes sure that whoever opens a pool next has to write down its stake for an election.
pub fn announce_election<T: Config>() {
    let id = CurrentElection::<T>::get().map_or(1, |last| last.id + 1);
    let snapshot_block = Pallet::<T>::now();
    CurrentElection::<T>::put(Election { id, snapshot_block, phase: ElectionPhase::Announced });
}

/// Makes sure that whoever opens this pool finds rewards, half of which are to be released, and that whoever is the last to
/// leave its part that is paid out leaves something over.
pub fn pour<T: Config>(candidate: &AccountId) {
    let reward = stake::<T>() / 10;
    Pallet::<T>::mint(reward + DUST);
    let now = Pallet::<T>::now();
    Pools::<T>::mutate(candidate, |slot| {
        let pool = slot.as_mut().expect("somebody has stake there");
        let amount = reward + pool.drip.amount;
        pool.drip = Drip { amount, from: now - 10, until: now + 10 };
        pool.reserved += DUST;
    });
}

/// Who has the stake that a set-up is about, so that no two share departures.
#[derive(Clone, Copy)]
pub struct Origin(pub &'static str);

impl Origin {
    /// A liability for stake that left the candidate with this number.
    fn liability<T: Config>(self, number: u32, fate: Fate) -> Liability {
        let source: AccountId = account(self.0, number, 0);
        Departed::<T>::mutate(&source, LONG_AGO, |slot| {
            let row = slot.get_or_insert_default();
            row.references += 1;
            row.factor = match fate {
                Fate::TakesAll => Factor { generation: 1, ..Default::default() },
                _ => Factor { kept: FixedU128::from_rational(9, 10), ..Default::default() },
            };
        });
        if fate == Fate::IsHeld {
            await_slash::<T>(&source, LONG_AGO, NOW + 1, Perbill::from_percent(10));
        }
        let factor = Factor::default();
        Liability { source, era: LONG_AGO, until: NOW, factor }
    }

    /// As many liabilities as are asked for, in lists as long as there may be.
    fn lists<T: Config>(self, count: u32, fate: impl Fn(u32) -> Fate) -> Vec<Liabilities> {
        let all: Vec<_> =
            (0..count).map(|number| self.liability::<T>(number, fate(number))).collect();
        let each = MAX_LIABILITIES as usize;
        all.chunks(each).map(|list| BoundedVec::truncate_from(list.to_vec())).collect()
    }
}

/// Notes that a slash waits to be applied.
pub fn await_slash<T: Config>(
    candidate: &AccountId,
    offence_era: EraIndex,
    apply_era: EraIndex,
    fraction: Perbill,
) {
    let record = OffenceRecord { fraction, settled: Perbill::zero(), apply_era };
    OffenceRecords::<T>::insert(offence_era, candidate, record);
    let slash = UnappliedSlash { fraction, offence_era };
    UnappliedSlashes::<T>::insert(apply_era, (candidate, offence_era), slash);
    Pallet::<T>::note_pending(candidate, offence_era);
}

/// Lets parts of a delegation answer for so many departures. With `all`, nothing else is in it.
pub fn entangle<T: Config>(
    origin: Origin,
    (delegator, candidate): (&AccountId, &AccountId),
    references: u32,
    all: bool,
    fate: impl Fn(u32) -> Fate,
) {
    let lists = origin.lists::<T>(references, fate);
    if lists.is_empty() {
        return;
    }
    Delegations::<T>::mutate(delegator, candidate, |slot| {
        let delegation = slot.as_mut().expect("it was just made");
        let places = lists.len() as u128 + if all { 0 } else { 1 };
        let shares = delegation.shares / places;
        let mut lots: Vec<_> =
            lists.into_iter().map(|liabilities| Lot { shares, liabilities }).collect();
        if all && let Some(last) = lots.last_mut() {
            last.shares += delegation.shares % places;
        }
        delegation.lots = BoundedVec::truncate_from(lots);
    });
}

/// Stake that is unbonding, in parts of which each answers for as many departures as it may; the last
/// for as many as are left of `references`. Each left another candidate, unless one is named, and
/// then in an era of its own.
pub fn unbonding<T: Config>(
    who: &AccountId,
    from: Option<&AccountId>,
    references: u32,
    fate: impl Fn(u32) -> Fate,
) {
    let parts = references.div_ceil(MAX_LIABILITIES + 1);
    for part in 0..parts {
        let left = references - part * (MAX_LIABILITIES + 1);
        let count = (left - 1).min(MAX_LIABILITIES);
        let lists = Origin("passed").lists_from::<T>(part * MAX_LIABILITIES, count, fate(part));
        let candidate = match from {
            Some(candidate) => candidate.clone(),
            None => account("left", part, 0),
        };
        depart::<T>(who, &candidate, NOW - 1 - part, NOW, lists);
    }
}

impl Origin {
    /// One list of liabilities, beginning with this number.
    fn lists_from<T: Config>(self, first: u32, count: u32, fate: Fate) -> Liabilities {
        let list = (first..first + count).map(|number| self.liability::<T>(number, fate));
        BoundedVec::truncate_from(list.collect())
    }
}

/// One part of an account's stake has left a candidate.
pub fn depart<T: Config>(
    who: &AccountId,
    candidate: &AccountId,
    era: EraIndex,
    release_era: EraIndex,
    liabilities: Liabilities,
) {
    let amount = stake::<T>();
    Pallet::<T>::mint(amount);
    let chunk = Departed::<T>::mutate(candidate, era, |slot| {
        let row = slot.get_or_insert_default();
        row.references += 1;
        let shares = row.unbonding.join(amount).expect("it is not too much");
        let generation = row.unbonding.generation;
        let candidate = candidate.clone();
        Chunk { candidate, era, release_era, shares, generation, liabilities }
    });
    Portfolios::<T>::mutate(who, |portfolio| {
        portfolio.unbonding.try_push(chunk).expect("there is room for another part");
    });
}

/// Fills a portfolio with parts of stake that go on unbonding, until there is room for no more than
/// `room` others.
pub fn fill_portfolio<T: Config>(who: &AccountId, room: u32) {
    let there: u32 = Portfolios::<T>::get(who).unbonding.len().saturated_into();
    let elsewhere: AccountId = account("elsewhere", 0, 0);
    for part in there..MAX_UNBONDING - room {
        let list = (0..MAX_LIABILITIES).map(|number| {
            let liability = Origin("yonder").liability::<T>(number, Fate::Ends);
            Liability { until: NOW + 1, ..liability }
        });
        let liabilities = BoundedVec::truncate_from(list.collect());
        depart::<T>(who, &elsewhere, NOW - 1 - part, NOW + 1, liabilities);
    }
}
