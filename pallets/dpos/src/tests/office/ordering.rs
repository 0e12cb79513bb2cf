// SPDX-License-Identifier: Apache-2.0

//! Each rule of offices is broken on purpose, and the check says which.

use super::world::*;
use crate::{
    ActiveSets, CurrentElection, CurrentSession, ElectionTally, NextSet, OffenceRecords,
    SessionEras, SlashCursor, UnappliedSlashes,
    offices::{ActiveSet, ElectionPhase},
};
use polkadot_sdk::{
    sp_runtime::{Perbill, TryRuntimeError},
    sp_staking::offence::{OffenceDetails, OnOffenceHandler},
};

/// Breaks something on a chain in its second era, with a slash that waits, and expects the complaint
/// to begin with the rule's number.
fn broken(rule: &str, breaking: impl FnOnce()) {
    world(params(), &[1_000; 5]).execute_with(|| {
        next_era();
        // The next election is decided, and its set not yet planned.
        blocks(SESSION + 3);
        let offence = OffenceDetails { offender: (account(2), ()), reporters: Vec::new() };
        let fraction = [Perbill::from_percent(10)];
        <Dpos as OnOffenceHandler<_, _, _>>::on_offence(&[offence], &fraction, 3);
        assert_eq!(UnappliedSlashes::<World>::iter().count(), 1);
        Dpos::do_try_state().unwrap();
        breaking();
        let Err(TryRuntimeError::Other(complaint)) = Dpos::do_try_state() else {
            panic!("{rule}: nobody noticed");
        };
        assert!(complaint.starts_with(&format!("{rule}:")), "{rule}: {complaint}");
    });
}

fn change(change: impl FnOnce(&mut ActiveSet)) {
    ActiveSets::<World>::mutate(1, |set| change(set.as_mut().unwrap()));
}

#[test]
fn sets_that_do_not_follow_each_other_are_noticed() {
    broken("DP-12", || change(|set| set.hash.0[0] ^= 1));
    broken("DP-12", || {
        change(|set| {
            set.version += 1;
            set.hash = Dpos::set_hash(set.version, &set.seats);
        })
    });
    broken("DP-12", || {
        change(|set| {
            let mut seats = set.seats.clone().into_inner();
            seats.reverse();
            set.seats = seats.try_into().unwrap();
            set.hash = Dpos::set_hash(set.version, &set.seats);
        })
    });
}

#[test]
fn election_that_contradicts_itself_is_noticed() {
    broken("DP-13", || {
        CurrentElection::<World>::mutate(|it| {
            it.as_mut().unwrap().phase = ElectionPhase::Scanning(None);
        });
    });
    broken("DP-13", || {
        ElectionTally::<World>::kill();
        NextSet::<World>::put(Dpos::seats_of(1));
        CurrentElection::<World>::kill();
    });
}

#[test]
fn slashes_without_reason_or_beyond_reach_are_noticed() {
    broken("DP-14", || OffenceRecords::<World>::remove(1, account(2)));
    broken("DP-14", || {
        OffenceRecords::<World>::mutate(1, account(2), |it| it.as_mut().unwrap().apply_era += 1);
    });
    broken("DP-14", || {
        OffenceRecords::<World>::mutate(1, account(2), |it| {
            it.as_mut().unwrap().fraction = Perbill::from_percent(11);
        });
    });
    broken("DP-14", || SlashCursor::<World>::put(100));
}

#[test]
fn sessions_of_wrong_eras_are_noticed() {
    broken("DP-15", || SessionEras::<World>::insert(0, 2));
    broken("DP-15", || CurrentSession::<World>::put(1));
}
