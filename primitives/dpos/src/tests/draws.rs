// SPDX-License-Identifier: Apache-2.0

//! The draw is as fair as it claims: over many seeds, who is drawn follows the stakes.

use crate::{
    Balance, ElectionRules, Hash, Tally,
    tests::{account, contender, rules},
};
use std::collections::BTreeMap;

/// Elections of which each draws with a seed of its own.
const ELECTIONS: u64 = 20_000;

/// Stakes from 1 to 8 parts of a large sum.
const STAKES: [Balance; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

/// The numbers of the candidates drawn in one election.
fn drawn(stakes: &[Balance], seats: u32, seed: u64) -> Vec<u32> {
    let rules = ElectionRules { seed: Hash::from_low_u64_be(seed), ..rules(seats, seats) };
    let mut tally = Tally::new(rules);
    for (number, stake) in (0..).zip(stakes) {
        tally.feed(contender(number, stake * 1_000_000_007));
    }
    let number = |at: &crate::Seat| {
        (0..).find(|number| account(*number) == at.account).expect("one of those fed")
    };
    tally.conclude().iter().map(number).collect()
}

/// How often each outcome came.
fn count(stakes: &[Balance], seats: u32) -> BTreeMap<Vec<u32>, u64> {
    let mut counts = BTreeMap::new();
    for seed in 0..ELECTIONS {
        *counts.entry(drawn(stakes, seats, seed)).or_default() += 1;
    }
    counts
}

/// Pearson's chi-square statistic of what came against what is expected.
fn chi_square(counts: &BTreeMap<Vec<u32>, u64>, expected: &[(Vec<u32>, f64)]) -> f64 {
    expected
        .iter()
        .map(|(outcome, chance)| {
            let expected = chance * ELECTIONS as f64;
            let came = counts.get(outcome).copied().unwrap_or(0) as f64;
            (came - expected).powi(2) / expected
        })
        .sum()
}

/// Chances of one seat for each of these stakes.
fn chances_of_one(stakes: &[Balance]) -> Vec<(Vec<u32>, f64)> {
    let total = stakes.iter().sum::<Balance>() as f64;
    (0..).zip(stakes).map(|(number, stake)| (vec![number], *stake as f64 / total)).collect()
}

/// Beyond this, with seven degrees of freedom, lies one fair experiment in a thousand.
const LIMIT_OF_SEVEN: f64 = 24.32;

/// Beyond this, with five degrees of freedom, lies one fair experiment in a thousand.
const LIMIT_OF_FIVE: f64 = 20.52;

#[test]
fn one_seat_is_drawn_in_proportion_to_stake() {
    let statistic = chi_square(&count(&STAKES, 1), &chances_of_one(&STAKES));
    assert!(statistic < LIMIT_OF_SEVEN, "chi-square is {statistic}");
}

#[test]
fn the_same_experiment_finds_a_biased_draw() {
    // One stake counts a fifth more than it should.
    let mut biased = STAKES.map(|stake| stake * 10);
    biased[4] = 60;
    let statistic = chi_square(&count(&biased, 1), &chances_of_one(&STAKES));
    assert!(statistic > LIMIT_OF_SEVEN, "chi-square is {statistic}");
}

/// Beyond this, with one degree of freedom, lies one fair experiment in a thousand.
const LIMIT_OF_ONE: f64 = 10.83;

#[test]
fn splitting_stake_over_candidates_does_not_make_a_seat_likelier() {
    // given a stake of three against one of five, as a whole and in two parts
    for (mine, others) in [(vec![3], [5]), (vec![1, 2], [5])] {
        let stakes = [&mine[..], &others[..]].concat();
        let counts = count(&stakes, 1);
        // then one of its parts is drawn as often as the whole
        let parts = mine.len() as u32;
        let ours = counts.iter().filter(|(drawn, _)| drawn[0] < parts).map(|(_, times)| times);
        let ours = ours.sum::<u64>();
        let by_owner = BTreeMap::from([(vec![0], ours), (vec![1], ELECTIONS - ours)]);
        let statistic = chi_square(&by_owner, &chances_of_one(&[3, 5]));
        assert!(statistic < LIMIT_OF_ONE, "chi-square is {statistic} in {parts} parts");
    }
}

#[test]
fn two_seats_are_drawn_one_after_the_other_without_replacement() {
    // given four stakes, and the chance of each pair if the second seat is drawn from the rest
    let stakes: [Balance; 4] = [1, 2, 3, 10];
    let total = 16.0;
    let ordered = |first: usize, second: usize| {
        let (first, second) = (stakes[first] as f64, stakes[second] as f64);
        first / total * second / (total - first)
    };
    let mut expected = Vec::new();
    for one in 0..4usize {
        for other in one + 1..4 {
            expected
                .push((vec![one as u32, other as u32], ordered(one, other) + ordered(other, one)));
        }
    }
    let sum: f64 = expected.iter().map(|(_, chance)| chance).sum();
    assert!((sum - 1.0).abs() < 1e-9, "one pair is always drawn");

    // then the pairs come as often
    let statistic = chi_square(&count(&stakes, 2), &expected);
    assert!(statistic < LIMIT_OF_FIVE, "chi-square is {statistic}");
}

#[test]
fn a_stake_as_large_as_can_be_wins_and_breaks_nothing() {
    let mut tally = Tally::new(rules(1, 1));
    tally.feed(contender(1, 1));
    tally.feed(contender(2, Balance::MAX));
    let seats = tally.conclude();
    assert_eq!(seats.first().map(|seat| seat.account.clone()), Some(account(2)));
}
