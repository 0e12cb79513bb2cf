// SPDX-License-Identifier: Apache-2.0

//! Sessions, eras, and who is in office in each.
//!
//! An era is a number of sessions with one set of validators. The set of a session is asked for a
//! session ahead; at the border between eras it is the elected one, if there is one, and otherwise
//! those in office stay. Every session is handed its set in full, so that its keys are recorded and
//! an equivocation in it can be proven later.

use crate::{
    AbsentJailed, ActiveSets, Candidates, Config, CurrentEra, CurrentSession, EraLoad, Event,
    Liveness, NextEraSession, NextSet, Offenders, OldestSession, Pallet, Parameters, SessionEras,
    WeightInfo,
    electing::Fence,
    offices::{ActiveSet, Election, ElectionPhase, Load},
};
use alloc::vec::Vec;
use millrace_primitives_dpos::{
    AccountId, ElectionRules, EraIndex, Hash, Tally, election::Seats, seats::churn_limit,
};
use polkadot_sdk::{
    frame_support::{
        dispatch::DispatchClass,
        traits::{Get, ValidatorRegistration},
    },
    frame_system,
    pallet_session::{self, historical},
    sp_runtime::{Perbill, SaturatedConversion},
    sp_staking::SessionIndex,
};

/// How many sessions before the end of an era its successor's election is announced: one for the
/// randomness, one for the count, and one because a set is asked for a session ahead.
pub const ELECTION_SESSIONS: u32 = 3;

/// How many sessions are forgotten with each new one, at the most.
pub(crate) const FORGOTTEN_SESSIONS: u32 = 4;

impl<T: Config> Pallet<T> {
    /// Chooses the first set, from the candidates of the genesis block.
    fn genesis_seats() -> Seats {
        let params = Parameters::<T>::get();
        let most = params.max_validators.min(T::MaxValidators::get());
        let mut tally = Tally::new(ElectionRules {
            seats: most,
            drawn_seats: 0,
            newcomers: churn_limit(0),
            least: 1,
            seed: Hash::zero(),
        });
        let election = Election { id: 0, snapshot_block: 0, phase: ElectionPhase::Announced };
        let fence = Fence::<T>::current();
        // Bounded by the genesis configuration.
        for (candidate, record) in Candidates::<T>::iter() {
            if let Some(contender) = Self::contender(&candidate, &record, &election, &fence) {
                tally.feed(contender);
            }
        }
        tally.conclude()
    }

    /// The set of the session `index`, which is the next but one or, at a genesis, the first or
    /// second.
    pub(crate) fn plan_session(index: SessionIndex) -> Vec<AccountId> {
        let era = CurrentEra::<T>::get();
        let is_next_era = index >= NextEraSession::<T>::get();
        let seats = if is_next_era {
            let next = era.saturating_add(1);
            if !ActiveSets::<T>::contains_key(next) {
                Self::seat_next(next);
            }
            Self::seats_of(next)
        } else {
            Self::seats_of(era)
        };
        Self::charge_block(T::WeightInfo::plan_session(seats.len().saturated_into()));
        Self::with_keys(seats)
    }

    /// Puts the elected set in its place for the era `next`, or keeps those in office.
    pub(crate) fn seat_next(next: EraIndex) {
        let elected = NextSet::<T>::decode_len().unwrap_or(0);
        Self::charge_block(T::WeightInfo::seat_next(elected.saturated_into()));
        let current = ActiveSets::<T>::get(CurrentEra::<T>::get());
        let set = match Self::take_elected() {
            Ok(seats) => {
                let version = current.map_or(0, |it| it.version.saturating_add(1));
                let hash = Self::set_hash(version, &seats);
                let validators = seats.len().saturated_into();
                Self::deposit_event(Event::SetPlanned { era: next, version, hash, validators });
                ActiveSet { version, hash, seats }
            }
            Err(reason) => {
                Self::deposit_event(Event::ElectionPostponed { era: next, reason });
                let Some(current) = current else { return };
                current
            }
        };
        ActiveSets::<T>::insert(next, set);
    }

    /// Members with session keys: one without would make proofs of the session's keys fail. If all
    /// have lost theirs, all of them, so that the session's own rules decide.
    fn with_keys(seats: Seats) -> Vec<AccountId> {
        let all: Vec<_> = seats.into_iter().map(|seat| seat.account).collect();
        let keyed: Vec<_> =
            all.iter().filter(|it| T::ValidatorRegistration::is_registered(it)).cloned().collect();
        if keyed.is_empty() { all } else { keyed }
    }

    /// Begins a session: with it an era, if it is the first of one, and the next era's election, if
    /// it is time.
    pub(crate) fn begin_session(index: SessionIndex) {
        let offenders = Offenders::<T>::decode_len().unwrap_or(0);
        Self::charge_block(T::WeightInfo::begin_session(offenders.saturated_into()));
        CurrentSession::<T>::put(index);
        if index >= NextEraSession::<T>::get() {
            Self::rotate_era(index);
        }
        SessionEras::<T>::insert(index, CurrentEra::<T>::get());
        Self::forget_sessions();
        Self::disable_offenders();
        if index.saturating_add(ELECTION_SESSIONS) >= NextEraSession::<T>::get() {
            Self::announce_election();
        }
    }

    /// Ends an era and begins the next.
    pub(crate) fn rotate_era(session: SessionIndex) {
        let ended = CurrentEra::<T>::get();
        let era = ended.saturating_add(1);
        let seats = Self::seats_of(ended);
        Self::charge_block(T::WeightInfo::rotate_era(seats.len().saturated_into()));
        for seat in seats {
            Liveness::<T>::remove(seat.account);
        }
        Self::begin_era(session);
        if !ActiveSets::<T>::contains_key(era) {
            // Nobody asked for its set, which only a jump over the planned session can bring about.
            Self::seat_next(era);
        }
        let sessions = Parameters::<T>::get().sessions_per_era.max(ELECTION_SESSIONS);
        NextEraSession::<T>::put(session.saturating_add(sessions));
        AbsentJailed::<T>::kill();
        Self::prune_offenders();
        if let Some(old) = era.checked_sub(T::HistoryEras::get().max(1)) {
            ActiveSets::<T>::remove(old);
        }
        let version = ActiveSets::<T>::get(era).map_or(0, |it| it.version);
        Self::deposit_event(Event::EraStarted { era, session, version });
    }

    /// Forgets to which eras sessions belonged for whose offences nobody answers any more.
    fn forget_sessions() {
        let era = CurrentEra::<T>::get();
        let kept = Parameters::<T>::get().bonding_eras;
        let mut oldest = OldestSession::<T>::get();
        for _ in 0..FORGOTTEN_SESSIONS {
            match SessionEras::<T>::get(oldest) {
                Some(of) if of.saturating_add(kept) < era => {
                    SessionEras::<T>::remove(oldest);
                    let forgotten = Self::forget_offences(of);
                    Self::charge_block(T::WeightInfo::forget_offences(forgotten));
                    oldest = oldest.saturating_add(1);
                }
                _ => break,
            }
        }
        OldestSession::<T>::put(oldest);
    }

    /// Ends the current era as soon as an election can be held.
    pub(crate) fn do_force_new_era() {
        let soonest = CurrentSession::<T>::get().saturating_add(ELECTION_SESSIONS);
        if NextEraSession::<T>::get() > soonest {
            NextEraSession::<T>::put(soonest);
        }
        Self::announce_election();
        Self::deposit_event(Event::NewEraForced { session: NextEraSession::<T>::get() });
    }

    /// Adds how full this block is to the era's average. Only what users send counts: the chain's
    /// own work would look like load on an idle chain.
    pub(crate) fn note_load() {
        let limits = T::BlockWeights::get();
        let class = limits.get(DispatchClass::Normal);
        let room = class.max_total.unwrap_or(limits.max_block).ref_time();
        let used = frame_system::Pallet::<T>::block_weight().get(DispatchClass::Normal).ref_time();
        let fullness = Perbill::from_rational(used, room.max(1));
        EraLoad::<T>::mutate(|load| {
            load.parts = load.parts.saturating_add(fullness.deconstruct().into());
            load.blocks = load.blocks.saturating_add(1);
        });
    }

    /// The average fullness of blocks since this was asked last.
    pub(crate) fn take_load() -> Perbill {
        let Load { parts, blocks } = EraLoad::<T>::take();
        let mean = parts.checked_div(blocks.into()).unwrap_or(0);
        Perbill::from_parts(mean.saturated_into())
    }
}

impl<T: Config> pallet_session::SessionManager<AccountId> for Pallet<T> {
    fn new_session_genesis(index: SessionIndex) -> Option<Vec<AccountId>> {
        if NextEraSession::<T>::get() == 0 {
            let sessions = Parameters::<T>::get().sessions_per_era.max(ELECTION_SESSIONS);
            NextEraSession::<T>::put(sessions);
        }
        if !ActiveSets::<T>::contains_key(0) {
            let seats = Self::genesis_seats();
            if seats.is_empty() {
                return None;
            }
            let hash = Self::set_hash(0, &seats);
            ActiveSets::<T>::insert(0, ActiveSet { version: 0, hash, seats });
        }
        Self::new_session(index)
    }

    fn new_session(index: SessionIndex) -> Option<Vec<AccountId>> {
        let validators = Self::plan_session(index);
        // Without any, those in office stay.
        (!validators.is_empty()).then_some(validators)
    }

    fn start_session(index: SessionIndex) {
        Self::begin_session(index);
    }

    fn end_session(_: SessionIndex) {}
}

impl<T: Config> historical::SessionManager<AccountId, ()> for Pallet<T> {
    fn new_session_genesis(index: SessionIndex) -> Option<Vec<(AccountId, ())>> {
        identified(<Self as pallet_session::SessionManager<_>>::new_session_genesis(index))
    }

    fn new_session(index: SessionIndex) -> Option<Vec<(AccountId, ())>> {
        identified(<Self as pallet_session::SessionManager<_>>::new_session(index))
    }

    fn start_session(index: SessionIndex) {
        <Self as pallet_session::SessionManager<_>>::start_session(index);
    }

    fn end_session(index: SessionIndex) {
        <Self as pallet_session::SessionManager<_>>::end_session(index);
    }
}

/// Validators as history remembers them: an account says all about a validator.
fn identified(validators: Option<Vec<AccountId>>) -> Option<Vec<(AccountId, ())>> {
    Some(validators?.into_iter().map(|account| (account, ())).collect())
}
