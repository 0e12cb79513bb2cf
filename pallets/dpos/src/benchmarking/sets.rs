// SPDX-License-Identifier: Apache-2.0

//! Validator sets and elections, as large as they can be.

use super::{BenchmarkHelper, NOW, fund};
use crate::{
    AccountId, ActiveSets, Candidate, Candidates, CurrentElection, ElectionTally, Invulnerables,
    Liveness, Offenders, Pallet, Status,
    liveness::{MAX_SKIPPED, Slots},
    offices::{ActiveSet, Attendance, Election, ElectionPhase},
    pallet::Config,
};
use alloc::{collections::BTreeSet, vec::Vec};
use millrace_primitives_dpos::{
    Contender, ElectionRules, EraIndex, Hash, Seat, SeatKind, SlotNumber, Tally, election::Seats,
    seats::churn_limit,
};
use polkadot_sdk::{
    frame_benchmarking::v2::account,
    frame_support::traits::Get,
    sp_runtime::{BoundedVec, Perbill, SaturatedConversion},
};

/// The name of those in office.
pub const VALIDATOR: &str = "validator";

/// So many accounts, in ascending order.
pub fn accounts(name: &'static str, count: u32) -> Vec<AccountId> {
    let mut all: Vec<AccountId> = (0..count).map(|number| account(name, number, 0)).collect();
    all.sort();
    all
}

/// A set with these members, who must be in ascending order.
pub fn seats(members: &[AccountId]) -> Seats {
    let seat = |account: &AccountId| Seat {
        account: account.clone(),
        total: 1_000,
        effective: 1_000,
        kind: SeatKind::Top,
    };
    BoundedVec::truncate_from(members.iter().map(seat).collect())
}

/// Puts so many validators in office, and lets them make the blocks of the current session.
pub fn seat<T: Config>(count: u32) -> Vec<AccountId> {
    let members = accounts(VALIDATOR, count);
    seat_for::<T>(NOW, &members);
    T::BenchmarkHelper::begin_session(&members);
    members
}

/// Writes down who is in office in an era.
pub fn seat_for<T: Config>(era: EraIndex, members: &[AccountId]) {
    let seats = seats(members);
    let hash = Pallet::<T>::set_hash(0, &seats);
    ActiveSets::<T>::insert(era, ActiveSet { version: 0, hash, seats });
}

/// A candidate without stake.
pub fn bare_candidate(status: Status) -> Candidate {
    Candidate {
        status,
        commission: Perbill::zero(),
        next_commission: None,
        commission_raised: None,
        cap: None,
        open: true,
        barred_until: 0,
    }
}

/// As many offenders as are remembered at the most, none of them in office.
pub fn fill_offenders<T: Config>(count: u32) {
    let all = accounts("offender", count).into_iter();
    Offenders::<T>::put(BoundedVec::truncate_from(
        all.map(|account| (account, Perbill::from_percent(1))).collect(),
    ));
}

/// As many invulnerables as there can be, none of them a candidate.
pub fn fill_invulnerables<T: Config>() {
    let all = accounts("invulnerable", T::MaxInvulnerables::get());
    Invulnerables::<T>::put(BoundedVec::truncate_from(all));
}

/// A tally whose lists are all full. Newcomers have more stake than those in office, so that many of
/// them are refused in the end.
pub fn full_tally<T: Config>() -> Tally {
    let most = T::MaxValidators::get();
    let mut tally = Tally::new(ElectionRules {
        seats: most,
        drawn_seats: most / 2,
        newcomers: churn_limit(most),
        least: most,
        seed: Hash::repeat_byte(7),
    });
    let mut feed = |name, count: u32, stake: u128, incumbent, invulnerable| {
        for (account, rank) in accounts(name, count).into_iter().zip(0u128..) {
            // Best first, so that none has to make room.
            let effective = stake - rank;
            let total = effective;
            tally.feed(Contender { account, total, effective, incumbent, invulnerable });
        }
    };
    feed("invulnerable", T::MaxInvulnerables::get(), 10_000, false, true);
    feed("newcomer", most, 20_000, false, false);
    feed("incumbent", most, 10_000, true, false);
    tally
}

/// An election that is counting, beside the largest set in office.
pub fn counting<T: Config>() -> Election {
    fill_invulnerables::<T>();
    seat::<T>(T::MaxValidators::get());
    ElectionTally::<T>::put(full_tally::<T>());
    let snapshot_block = Pallet::<T>::now();
    let election = Election { id: 9, snapshot_block, phase: ElectionPhase::Scanning(None) };
    CurrentElection::<T>::put(&election);
    election
}

/// Skips slots before the current block, all of whose authors are absent once too often. Returns how
/// many different ones these are, and the slot of the block.
pub fn skip_slots<T: Config>(skipped: u32) -> (u32, SlotNumber) {
    let start: SlotNumber = 1_000;
    let slot = start + 2 + SlotNumber::from(skipped);
    crate::LastSlot::<T>::put(start + 1);
    T::BenchmarkHelper::enter_slot(slot, start, u64::from(MAX_SKIPPED) * 2);
    let epoch = T::Slots::epoch();
    let blamed: BTreeSet<_> =
        (start + 2..slot).filter_map(|slot| epoch.secondary_author(slot)).collect();
    for author in &blamed {
        fund::<T>(author);
        Candidates::<T>::insert(author, bare_candidate(Status::Active));
        Liveness::<T>::insert(author, Attendance { made: 0, missed: 1_000 });
    }
    (blamed.len().saturated_into(), slot)
}
