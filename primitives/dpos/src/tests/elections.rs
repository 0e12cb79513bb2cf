// SPDX-License-Identifier: Apache-2.0

use crate::{
    AccountId, Balance, Contender, ElectionRules, Hash, Seat, SeatKind, Tally, effective_stake,
    election::Seats,
    seats::churn_limit,
    tests::{account, contender, incumbent, rules},
};
use codec::{Decode, Encode};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// The outcome of an election.
fn elect(rules: ElectionRules, contenders: impl IntoIterator<Item = Contender>) -> Seats {
    let mut tally = Tally::new(rules);
    contenders.into_iter().for_each(|it| tally.feed(it));
    tally.conclude()
}

/// Who was elected, and why.
fn who(seats: &Seats) -> Vec<(AccountId, SeatKind)> {
    seats.iter().map(|seat| (seat.account.clone(), seat.kind)).collect()
}

#[test]
fn best_stakes_are_elected_in_the_order_of_accounts() {
    let seats = elect(rules(2, 0), [contender(3, 30), contender(1, 10), contender(2, 20)]);
    assert_eq!(who(&seats), [(account(2), SeatKind::Top), (account(3), SeatKind::Top)]);
}

#[test]
fn equal_stakes_rank_by_account() {
    let seats = elect(rules(1, 0), [contender(3, 10), contender(1, 10), contender(2, 10)]);
    assert_eq!(who(&seats), [(account(1), SeatKind::Top)]);
}

#[test]
fn candidates_without_stake_are_not_elected_unless_governance_says_so() {
    let chosen = Contender { invulnerable: true, ..contender(2, 0) };
    let seats = elect(rules(3, 1), [contender(1, 0), chosen]);
    assert_eq!(who(&seats), [(account(2), SeatKind::Invulnerable)]);
}

#[test]
fn invulnerables_come_before_the_best() {
    let chosen = Contender { invulnerable: true, ..contender(1, 1) };
    let seats = elect(rules(2, 0), [chosen, contender(2, 20), contender(3, 30)]);
    assert_eq!(who(&seats), [(account(1), SeatKind::Invulnerable), (account(3), SeatKind::Top)]);
}

#[test]
fn invulnerables_never_get_more_seats_than_there_are() {
    let chosen = (1..=5).map(|it| Contender { invulnerable: true, ..contender(it, it.into()) });
    let seats = elect(rules(2, 1), chosen);
    assert_eq!(
        who(&seats),
        [(account(4), SeatKind::Invulnerable), (account(5), SeatKind::Invulnerable)]
    );
}

#[test]
fn some_seats_are_drawn_from_the_rest() {
    // given a hundred equal candidates behind two large ones
    let mut winners = BTreeSet::new();
    for seed in 0..50 {
        let rules = ElectionRules { seed: Hash::from_low_u64_be(seed), ..rules(3, 1) };
        let large = [contender(1_000, 5_000), contender(1_001, 5_000)];
        let seats = elect(rules, (0..100).map(|it| contender(it, 10)).chain(large));

        // then the large ones are always elected, and one of the others
        let by_kind = |kind| seats.iter().filter(move |seat| seat.kind == kind);
        assert_eq!(by_kind(SeatKind::Top).count(), 2);
        let drawn: Vec<&Seat> = by_kind(SeatKind::Drawn).collect();
        assert!(matches!(drawn[..], [seat] if seat.effective == 10));
        winners.extend(drawn.iter().map(|seat| seat.account.clone()));
    }
    // and not always the same one
    assert!(winners.len() > 20, "only {} different winners", winners.len());
}

#[test]
fn newcomers_beyond_the_limit_make_room_for_the_best_in_office() {
    // given three small validators in office and three large newcomers
    let office = [incumbent(1, 1), incumbent(2, 2), incumbent(3, 3)];
    let newcomers = [contender(4, 40), contender(5, 50), contender(6, 60)];
    let rules = ElectionRules { newcomers: churn_limit(3), ..rules(3, 0) };
    let seats = elect(rules, office.into_iter().chain(newcomers));
    assert_eq!(
        who(&seats),
        [(account(2), SeatKind::Kept), (account(3), SeatKind::Kept), (account(6), SeatKind::Top)]
    );
}

#[test]
fn newcomers_replace_lost_validators_up_to_the_smallest_set() {
    // given that of nine in office one is left
    let newcomers = (10..20).map(|it| contender(it, 100));
    let rules = ElectionRules { newcomers: churn_limit(9), least: 7, ..rules(9, 0) };
    let seats = elect(rules, newcomers.chain([incumbent(1, 1)]));

    // then there are more than three newcomers, but no more than needed
    assert_eq!(seats.len(), 7);
    assert_eq!(seats.iter().filter(|seat| seat.account != account(1)).count(), 6);
}

#[test]
fn a_set_grows_from_one_by_one() {
    let rules = ElectionRules { newcomers: churn_limit(1), ..rules(4, 1) };
    let seats = elect(rules, [incumbent(1, 1), contender(2, 2), contender(3, 3)]);
    assert_eq!(seats.len(), 2);
}

#[test]
fn nobody_to_elect_is_an_empty_set() {
    assert!(elect(rules(4, 1), []).is_empty());
    assert!(elect(rules(4, 1), [contender(1, 0)]).is_empty());
}

#[test]
fn no_seats_are_an_empty_set() {
    assert!(elect(rules(0, 0), [contender(1, 1)]).is_empty());
}

#[test]
fn only_candidates_that_can_be_elected_are_counted() {
    let mut tally = Tally::new(rules(2, 0));
    (0..5).for_each(|it| tally.feed(contender(it, it.into())));
    assert_eq!(tally.contenders(), 4);
}

#[test]
fn others_money_counts_by_ones_own() {
    assert_eq!(effective_stake(100, 10, 20), 100);
    assert_eq!(effective_stake(1_000, 10, 20), 200);
    assert_eq!(effective_stake(1_000, 0, 20), 0);
    assert_eq!(effective_stake(Balance::MAX, Balance::MAX, u32::MAX), Balance::MAX);
}

/// The rules of the module's documentation, carried out on a list of everybody.
fn by_the_book(rules: &ElectionRules, contenders: &[Contender]) -> Vec<AccountId> {
    let seats = rules.seats as usize;
    let mut all: Vec<&Contender> =
        contenders.iter().filter(|it| it.effective > 0 || it.invulnerable).collect();
    all.sort_by(|one, other| one.rank(other));
    let (mut chosen, others): (Vec<&Contender>, Vec<&Contender>) =
        all.iter().partition(|it| it.invulnerable);
    chosen.truncate(seats);
    let left = seats - chosen.len();
    let top = left - left.min(rules.drawn_seats as usize);
    let (best, rest) = others.split_at(top.min(others.len()));
    chosen.extend(best);
    // Of those left alone, a draw seats as many by itself: nobody else's key matters.
    let alone = ElectionRules {
        seats: (left - top) as u32,
        drawn_seats: (left - top) as u32,
        newcomers: u32::MAX,
        ..rules.clone()
    };
    // In the order in which they are drawn, which only one seat more at a time tells.
    let mut drawn: Vec<AccountId> = Vec::new();
    for seats in 1..=alone.seats {
        let rules = ElectionRules { seats, drawn_seats: seats, ..alone.clone() };
        let more = elect(rules, rest.iter().map(|it| (*it).clone()));
        drawn.extend(
            more.iter().map(|it| it.account.clone()).find(|account| !drawn.contains(account)),
        );
    }
    chosen.extend(drawn.iter().filter_map(|account| rest.iter().find(|it| it.account == *account)));
    let mut newcomers = 0;
    let (mut seated, refused): (Vec<&Contender>, Vec<&Contender>) =
        chosen.into_iter().partition(|it| {
            newcomers += u32::from(!it.incumbent);
            it.incumbent || newcomers <= rules.newcomers
        });
    let kept: Vec<&Contender> =
        all.iter().copied().filter(|it| it.incumbent && !seated.contains(it)).collect();
    seated.extend(kept.into_iter().take(refused.len()));
    for it in refused {
        if seated.len() < rules.least as usize {
            seated.push(it);
        }
    }
    let mut accounts: Vec<_> = seated.iter().map(|it| it.account.clone()).collect();
    accounts.sort();
    accounts
}

/// Candidates of whom some are in office, some have the same stake, some none.
fn candidates() -> impl Strategy<Value = Vec<Contender>> {
    let candidate = (0u128..40, any::<bool>(), prop::bool::weighted(0.1));
    prop::collection::vec(candidate, 0..40).prop_map(|list| {
        (0..)
            .zip(list)
            .map(|(number, (stake, incumbent, invulnerable))| Contender {
                incumbent,
                invulnerable,
                ..contender(number, stake)
            })
            .collect()
    })
}

/// Rules of all kinds, for so many validators in office.
fn any_rules() -> impl Strategy<Value = ElectionRules> {
    (0u32..12, 0u32..6, 0u32..8, 0u32..6, any::<[u8; 32]>()).prop_map(
        |(seats, drawn_seats, newcomers, least, seed)| ElectionRules {
            seats,
            drawn_seats,
            newcomers,
            least: least.min(seats),
            seed: Hash::from(seed),
        },
    )
}

proptest! {
    #[test]
    fn order_of_the_candidates_does_not_matter(
        (candidates, shuffled) in candidates().prop_flat_map(|list| {
            (Just(list.clone()), Just(list).prop_shuffle())
        }),
        rules in any_rules(),
    ) {
        prop_assert_eq!(elect(rules.clone(), candidates), elect(rules, shuffled));
    }

    #[test]
    fn one_pass_elects_whom_the_rules_elect(candidates in candidates(), rules in any_rules()) {
        let ours: Vec<_> =
            elect(rules.clone(), candidates.clone()).iter().map(|it| it.account.clone()).collect();
        prop_assert_eq!(ours, by_the_book(&rules, &candidates));
    }

    #[test]
    fn newcomers_never_exceed_their_limit_but_to_reach_the_smallest_set(
        candidates in candidates(), rules in any_rules(),
    ) {
        let office: BTreeSet<_> =
            candidates.iter().filter(|it| it.incumbent).map(|it| it.account.clone()).collect();
        let seats = elect(rules.clone(), candidates);
        let newcomers = seats.iter().filter(|it| !office.contains(&it.account)).count();
        prop_assert!(
            newcomers <= rules.newcomers as usize || seats.len() <= rules.least as usize
        );
        prop_assert!(seats.len() <= rules.seats as usize);
    }

    #[test]
    fn set_is_never_empty_where_somebody_can_be_elected(
        candidates in candidates(), rules in any_rules(),
    ) {
        let somebody = candidates.iter().any(|it| it.effective > 0 || it.invulnerable);
        let rules = ElectionRules {
            seats: rules.seats.max(1), newcomers: rules.newcomers.max(1), ..rules
        };
        prop_assert_eq!(elect(rules, candidates).is_empty(), !somebody);
    }

    #[test]
    fn set_is_sorted_and_names_nobody_twice(candidates in candidates(), rules in any_rules()) {
        let seats = elect(rules, candidates);
        prop_assert!(seats.windows(2).all(|pair| pair[0].account < pair[1].account));
    }

    #[test]
    fn tally_can_be_stored_between_candidates(candidates in candidates(), rules in any_rules()) {
        let mut tally = Tally::new(rules.clone());
        for candidate in candidates.clone() {
            tally.feed(candidate);
            tally = Tally::decode(&mut &tally.encode()[..]).expect("what was encoded decodes");
        }
        prop_assert_eq!(tally.conclude(), elect(rules, candidates));
    }
}
