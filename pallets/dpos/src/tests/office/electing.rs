// SPDX-License-Identifier: Apache-2.0

use super::world::*;
use crate::{
    CurrentElection, CurrentEra, Event, NextSet, Params, Pools,
    offices::{ElectionPhase, PostponeReason},
};

/// How far the election is.
fn phase() -> Option<ElectionPhase> {
    CurrentElection::<World>::get().map(|it| it.phase)
}

/// Blocks until the election's phase is like this.
fn until(is_reached: impl Fn(&ElectionPhase) -> bool) {
    for _ in 0..2 * ERA {
        if phase().is_some_and(|it| is_reached(&it)) {
            return;
        }
        blocks(1);
    }
    panic!("the election never got there: {:?}", phase());
}

#[test]
fn best_candidates_are_in_office_from_the_start() {
    world(Params { max_validators: 3, ..params() }, &[100, 400, 200, 300]).execute_with(|| {
        assert_eq!(seated(), accounts([2, 3, 4]));
        assert_eq!(InOffice::get(), accounts([2, 3, 4]));
    });
}

#[test]
fn elected_set_takes_office_with_the_next_era_and_one_in_three_is_new() {
    world(Params { max_validators: 3, ..params() }, &[200, 200, 200, 100, 100]).execute_with(
        || {
            // given that two others have more stake than those in office
            stake(9_000, 4, 5_000);
            stake(9_000, 5, 6_000);

            // when an era ends, then the better one of them is in office; an era later the other one
            next_era();
            next_era();
            assert_eq!(seated(), accounts([1, 2, 5]));
            assert_eq!(InOffice::get(), seated());
            next_era();
            assert_eq!(seated(), accounts([1, 4, 5]));
            assert!(postponed().is_empty());
        },
    );
}

#[test]
fn count_waits_for_randomness_that_nobody_knew_before() {
    three().execute_with(|| {
        // given an announcement in the first session
        assert_eq!(phase(), Some(ElectionPhase::Announced));
        // then nothing is counted as long as that session lasts
        blocks(SESSION - 1);
        assert_eq!(phase(), Some(ElectionPhase::Announced));
        // but in the next, whose randomness was made after the announcement
        blocks(1);
        assert_ne!(phase(), Some(ElectionPhase::Announced));
    });
}

#[test]
fn stake_that_moves_during_the_count_counts_as_it_was() {
    PerBlock::set(1);
    world(Params { min_validators: 6, ..params() }, &[1_000; 6]).execute_with(|| {
        // given a delegation that is there before the announcement
        stake(9_000, 1, 6_000);
        next_era();
        until(|it| *it == ElectionPhase::Announced);
        let before: Vec<_> = (1..=6).map(staked).collect();

        // when it moves on and on while candidates are counted
        until(|it| matches!(it, ElectionPhase::Scanning(_)));
        for from in 1..=3 {
            let who = RuntimeOrigin::signed(account(9_000));
            Dpos::redelegate(who, account(from), account(from + 1), 6_000).unwrap();
            assert_ne!(phase(), Some(ElectionPhase::Decided));
            blocks(1);
        }
        until(|it| *it == ElectionPhase::Decided);

        // then everybody has the stake of the announcement
        let elected = NextSet::<World>::get().expect("it is decided");
        let counted: Vec<_> = elected.iter().map(|seat| seat.total).collect();
        assert_eq!(counted, before);
    });
    PerBlock::set(64);
}

/// All stake with a candidate.
fn staked(candidate: u32) -> u128 {
    Pools::<World>::get(account(candidate)).map_or(0, |pool| pool.total())
}

#[test]
fn nobody_to_elect_keeps_those_in_office() {
    three().execute_with(|| {
        (1..=3).for_each(chill);
        next_era();
        next_era();
        assert_eq!(seated(), accounts([1, 2, 3]));
        assert_eq!(InOffice::get(), accounts([1, 2, 3]));
        assert_eq!(postponed()[0], PostponeReason::NoCandidates);

        // and once they stand again, they are elected anew
        for it in 1..=3 {
            Dpos::resume(RuntimeOrigin::signed(account(it))).unwrap();
        }
        let version = set().version;
        next_era();
        assert_eq!(set().version, version + 1);
    });
}

#[test]
fn too_few_keep_those_in_office() {
    three().execute_with(|| {
        chill(2);
        chill(3);
        next_era();
        assert_eq!(seated(), accounts([1, 2, 3]));
        assert_eq!(postponed(), [PostponeReason::TooFew { found: 1, least: 2 }]);
    });
}

#[test]
fn one_in_three_may_be_lost_even_below_the_minimum() {
    three().execute_with(|| {
        chill(2);
        next_era();
        assert_eq!(seated(), accounts([1, 3]));
        assert!(postponed().is_empty());
    });
}

#[test]
fn all_jailed_keeps_those_in_office() {
    three().execute_with(|| {
        for it in 1..=3 {
            assert!(Dpos::jail(&account(it), 9));
        }
        next_era();
        assert_eq!(seated(), accounts([1, 2, 3]));
        assert_eq!(postponed(), [PostponeReason::NoCandidates]);
    });
}

#[test]
fn candidates_without_keys_are_not_elected() {
    world(Params { min_validators: 6, ..params() }, &[1_000; 6]).execute_with(|| {
        // given one who has no keys as candidates are counted, and one who loses them afterwards
        Keyless::set(accounts([4]));
        until(|it| *it == ElectionPhase::Decided);
        let elected = NextSet::<World>::get().expect("it is decided");
        assert!(elected.iter().all(|seat| seat.account != account(4)));
        Keyless::set(accounts([2, 4]));

        // then neither takes office, and no session names them
        next_era();
        assert_eq!(seated(), accounts([1, 3, 5, 6]));
        assert_eq!(InOffice::get(), accounts([1, 3, 5, 6]));
        Keyless::set(Vec::new());
    });
}

#[test]
fn count_that_takes_longer_than_an_era_goes_on_and_stalls_nothing() {
    PerBlock::set(1);
    world(Params { max_validators: 3, ..params() }, &[1_000; 50]).execute_with(|| {
        stake(9_000, 40, 9_000);
        next_era();
        assert_eq!(postponed(), [PostponeReason::CountUnfinished]);
        assert_eq!(seated(), accounts([1, 2, 3]));

        // when more eras end, then its result takes office, and that of the next count, which knows
        // of the stake that came after the first was announced
        while !seated().contains(&account(40)) {
            assert!(CurrentEra::<World>::get() < 8, "the count never ends");
            next_era();
        }
        assert_eq!(seated(), accounts([1, 2, 40]));
        assert_eq!(set().version, 2);
    });
    PerBlock::set(64);
}

#[test]
fn without_randomness_those_in_office_stay() {
    three().execute_with(|| {
        Known::set(None);
        next_era();
        assert_eq!(seated(), accounts([1, 2, 3]));
        assert_eq!(postponed(), [PostponeReason::NoRandomness]);
    });
}

#[test]
fn a_thousand_candidates_are_counted_in_sixteen_blocks() {
    let stakes: Vec<u128> = (0..1_000).map(|it| 1_000 + it).collect();
    let many = Params { max_validators: 100, min_validators: 100, ..params() };
    world(Params { sessions_per_era: 6, ..many }, &stakes).execute_with(|| {
        until(|it| matches!(it, ElectionPhase::Scanning(_)));
        let mut needed = 0;
        while phase() != Some(ElectionPhase::Decided) {
            let before = phase();
            blocks(1);
            assert_ne!(before, phase(), "each block goes on");
            needed += 1;
        }
        assert_eq!(needed, 1_000 / 64 + 1);
        let elected = System::events().into_iter().any(|record| {
            matches!(
                record.event,
                RuntimeEvent::Dpos(Event::Elected { contenders: 1_000, elected: 100, .. })
            )
        });
        assert!(elected);
        let seats = NextSet::<World>::get().expect("it is decided");
        assert!(seats.iter().all(|seat| seat.total >= 1_900));
    });
}

#[test]
fn candidate_that_registers_after_the_announcement_waits_for_the_next_election() {
    world(Params { min_validators: 4, ..params() }, &[1_000; 3]).execute_with(|| {
        // given an announcement
        assert_eq!(phase(), Some(ElectionPhase::Announced));
        // when somebody with much stake registers
        let who = RuntimeOrigin::signed(account(9_000));
        Dpos::register(who, 100_000, Default::default(), Default::default()).unwrap();
        next_era();
        // then it has to wait
        assert_eq!(seated(), accounts([1, 2, 3]));
        next_era();
        assert_eq!(seated(), accounts([1, 2, 3, 9_000]));
    });
}
