// SPDX-License-Identifier: Apache-2.0

//! The election: announced, counted a few candidates a block, decided.
//!
//! Three sessions before an era ends its successor's election is announced. From then on pools write
//! down what they held before they change, so that each stake counts once and as it was, however
//! long the count takes. The count itself begins in the session after, with randomness that nobody
//! could know when stakes were fixed: so nobody can choose an account or a stake to be drawn.
//!
//! A count that is not over in time goes on, and its set takes office one era later. Nothing here can
//! stop the chain: validators stay in office until others are ready.

use crate::{
    ActiveSets, Candidate, Candidates, Config, CurrentElection, CurrentEra, ElectionTally, Event,
    Invulnerables, NextSet, Pallet, Parameters, SeatCount, Status, WeightInfo,
    offices::{Election, ElectionPhase, PostponeReason},
};
use alloc::collections::BTreeSet;
use codec::Encode;
use millrace_primitives_dpos::{
    AccountId, Contender, ElectionRules, Hash, Tally, effective_stake,
    election::Seats,
    seats::{churn_limit, next_seats},
};
use polkadot_sdk::{
    frame_support::{
        traits::{Get, Randomness, ValidatorRegistration},
        weights::WeightMeter,
    },
    frame_system::pallet_prelude::BlockNumberFor,
    sp_io::hashing::blake2_256,
    sp_runtime::{BoundedVec, SaturatedConversion},
};

/// Sets the draw's randomness apart from other uses of the same source.
const SUBJECT: &[u8] = b"millrace/election";

impl<T: Config> Pallet<T> {
    /// Fixes the stakes that count, unless an election is under way or has a set ready.
    pub(crate) fn announce_election() {
        let last = CurrentElection::<T>::get();
        let is_running = last.as_ref().is_some_and(|it| it.phase != ElectionPhase::Decided);
        if is_running || NextSet::<T>::exists() {
            return;
        }
        let id = last.map_or(0, |it| it.id).saturating_add(1);
        let snapshot_block = Self::now();
        CurrentElection::<T>::put(Election { id, snapshot_block, phase: ElectionPhase::Announced });
        Self::deposit_event(Event::ElectionAnnounced { election: id });
    }

    /// Goes on with the election under way, as far as `meter` allows and never more than a step.
    pub(crate) fn advance_election(meter: &mut WeightMeter) {
        if meter.try_consume(T::WeightInfo::elect_nobody()).is_err() {
            return;
        }
        let Some(election) = CurrentElection::<T>::get() else { return };
        match election.phase {
            ElectionPhase::Announced => Self::begin_count(election, meter),
            ElectionPhase::Scanning(_) => Self::count(election, meter),
            ElectionPhase::Decided => {}
        }
    }

    /// Begins to count, once there is randomness that nobody knew when stakes were fixed.
    fn begin_count(election: Election, meter: &mut WeightMeter) {
        let (Some(seed), since) = T::Randomness::random(SUBJECT) else { return };
        let snapshot: BlockNumberFor<T> = election.snapshot_block.into();
        if since <= snapshot || meter.try_consume(T::WeightInfo::begin_count()).is_err() {
            return;
        }
        ElectionTally::<T>::put(Tally::new(Self::election_rules(seed)));
        CurrentElection::<T>::put(Election { phase: ElectionPhase::Scanning(None), ..election });
    }

    /// How the coming set is chosen. Fixed as the count begins.
    fn election_rules(seed: Hash) -> ElectionRules {
        let params = Parameters::<T>::get();
        let in_office = Self::seats_of(CurrentEra::<T>::get());
        let previous = in_office.len().saturated_into();
        let last = SeatCount::<T>::get().unwrap_or(previous);
        let most = params.max_validators.min(T::MaxValidators::get());
        let seats = next_seats(last, Self::take_load(), params.min_validators, most);
        SeatCount::<T>::put(seats);
        ElectionRules {
            seats,
            drawn_seats: params.random_seats,
            newcomers: churn_limit(previous),
            least: params.min_validators.min(seats),
            seed,
        }
    }

    /// Counts some more candidates; after the last one, decides.
    fn count(election: Election, meter: &mut WeightMeter) {
        let overhead = T::WeightInfo::count(0);
        let each = T::WeightInfo::count(1).saturating_sub(overhead);
        if meter.try_consume(overhead).is_err() {
            return;
        }
        let room = meter.remaining().checked_div_per_component(&each).unwrap_or(u64::MAX);
        let most = T::ScanPerBlock::get().max(1).min(room.saturated_into());
        let Some((scan, tally)) = Self::scan(&election, most) else { return };
        meter.consume(each.saturating_mul(scan.counted.into()));
        if scan.is_over && meter.try_consume(T::WeightInfo::decide()).is_ok() {
            Self::decide(election, tally);
            return;
        }
        // Where there was no room for a single one, the count stays where it was.
        if let Some(last) = scan.last {
            Self::pause(election, last, tally);
        }
    }

    /// Counts up to `most` candidates, from where the election under way is. Returns how far that
    /// went, and the tally with them; nothing if there is no count.
    pub(crate) fn scan(election: &Election, most: u32) -> Option<(Scan, Tally)> {
        let ElectionPhase::Scanning(last) = &election.phase else { return None };
        let mut tally = ElectionTally::<T>::get()?;
        let fence = Fence::<T>::current();
        let mut candidates = match last {
            Some(key) => Candidates::<T>::iter_from(key.to_vec()),
            None => Candidates::<T>::iter(),
        };
        let mut scan = Scan { counted: 0, last: None, is_over: false };
        while scan.counted < most {
            let Some((candidate, record)) = candidates.next() else {
                scan.is_over = true;
                break;
            };
            if let Some(contender) = Self::contender(&candidate, &record, election, &fence) {
                tally.feed(contender);
            }
            scan.counted = scan.counted.saturating_add(1);
            scan.last = Some(candidate);
        }
        Some((scan, tally))
    }

    /// Remembers how far a count is.
    pub(crate) fn pause(election: Election, last: AccountId, tally: Tally) {
        let key = BoundedVec::truncate_from(Candidates::<T>::hashed_key_for(last));
        ElectionTally::<T>::put(tally);
        CurrentElection::<T>::put(Election {
            phase: ElectionPhase::Scanning(Some(key)),
            ..election
        });
    }

    /// The candidate as the election sees it; nothing if it cannot be elected.
    pub(crate) fn contender(
        candidate: &AccountId,
        record: &Candidate,
        election: &Election,
        fence: &Fence<T>,
    ) -> Option<Contender> {
        let stands = record.status == Status::Active;
        if !stands || !T::ValidatorRegistration::is_registered(candidate) {
            return None;
        }
        let (total, own) = Self::stake_in(candidate, election);
        if own < fence.min_self_bond {
            return None;
        }
        Some(Contender {
            account: candidate.clone(),
            total,
            effective: effective_stake(total, own, fence.leverage),
            incumbent: fence.incumbents.contains(candidate),
            invulnerable: fence.invulnerables.contains(candidate),
        })
    }

    /// Whether somebody stands for election and has the keys to do the work.
    pub(crate) fn can_take_office(candidate: &AccountId) -> bool {
        Candidates::<T>::get(candidate).is_some_and(|it| it.status == Status::Active)
            && T::ValidatorRegistration::is_registered(candidate)
    }

    /// Ends the count. Whether there are enough to take office decides itself when they have to.
    pub(crate) fn decide(election: Election, tally: Tally) {
        ElectionTally::<T>::kill();
        let contenders = tally.contenders();
        let seats = tally.conclude();
        let elected = seats.len().saturated_into();
        Self::deposit_event(Event::Elected { election: election.id, contenders, elected });
        NextSet::<T>::put(seats);
        CurrentElection::<T>::put(Election { phase: ElectionPhase::Decided, ..election });
    }

    /// Takes the elected set, without those who cannot take office any more; or says why there is
    /// none that may.
    pub(crate) fn take_elected() -> Result<Seats, PostponeReason> {
        let Some(mut seats) = NextSet::<T>::take() else {
            return Err(match CurrentElection::<T>::get().map(|it| it.phase) {
                Some(ElectionPhase::Announced) => PostponeReason::NoRandomness,
                Some(ElectionPhase::Scanning(_)) => PostponeReason::CountUnfinished,
                Some(ElectionPhase::Decided) | None => PostponeReason::NotAnnounced,
            });
        };
        if seats.is_empty() {
            return Err(PostponeReason::NoCandidates);
        }
        seats.retain(|seat| Self::can_take_office(&seat.account));
        let in_office = Self::seats_of(CurrentEra::<T>::get()).len().saturated_into();
        let least = smallest_set(Parameters::<T>::get().min_validators, in_office);
        let found: u32 = seats.len().saturated_into();
        if found == 0 || found < least {
            return Err(PostponeReason::TooFew { found, least });
        }
        Ok(seats)
    }

    /// The set of an era; empty if it is not known.
    pub(crate) fn seats_of(era: u32) -> Seats {
        ActiveSets::<T>::get(era).map(|it| it.seats).unwrap_or_default()
    }

    /// What names a set: `blake2_256` of the SCALE encoding of version and members.
    pub(crate) fn set_hash(version: u32, seats: &Seats) -> Hash {
        (version, seats).using_encoded(blake2_256).into()
    }
}

/// How far a block got in a count.
pub(crate) struct Scan {
    /// How many candidates it counted.
    pub counted: u32,
    /// The last of them.
    pub last: Option<AccountId>,
    /// Whether there are no others.
    pub is_over: bool,
}

/// The smallest set that may follow one with so many in office: governance's minimum, or two thirds
/// of those in office if that is less. So a few can always be lost, offenders first of all, and a
/// chain below its minimum can grow; but nobody takes over because most others are gone.
fn smallest_set(minimum: u32, in_office: u32) -> u32 {
    minimum.min(in_office.saturating_mul(2).div_ceil(3)).max(1)
}

/// What an election asks of candidates, and who has a name in it already.
pub(crate) struct Fence<T: Config> {
    min_self_bond: crate::Balance,
    leverage: u32,
    incumbents: BTreeSet<AccountId>,
    invulnerables: BoundedVec<AccountId, T::MaxInvulnerables>,
}

impl<T: Config> Fence<T> {
    /// As things stand.
    pub(crate) fn current() -> Self {
        let params = Parameters::<T>::get();
        let seats = Pallet::<T>::seats_of(CurrentEra::<T>::get());
        Self {
            min_self_bond: params.min_self_bond,
            leverage: params.leverage,
            incumbents: seats.into_iter().map(|seat| seat.account).collect(),
            invulnerables: Invulnerables::<T>::get(),
        }
    }
}
