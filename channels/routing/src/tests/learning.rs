// SPDX-License-Identifier: Apache-2.0

//! What is likely, and what is learned.

use crate::{
    names::Direction,
    paths::{
        knowledge::{Knowledge, KnowledgeLimits},
        likelihood::{Bounds, FRACTION, log2},
    },
};
use millrace_primitives_channels::{Balance, ChannelId};
use proptest::prelude::*;

const CHANNEL: ChannelId = ChannelId::repeat_byte(1);
const DEPOSIT: Balance = 1_000;
const HALF_LIFE: u64 = 1_000;

fn knowledge() -> Knowledge {
    Knowledge::new(KnowledgeLimits { channels: 3, half_life: HALF_LIFE })
}

fn bounds(knowledge: &Knowledge, direction: Direction, now: u64) -> (Balance, Balance) {
    let Bounds { lower, upper } = knowledge.bounds(&CHANNEL, direction, DEPOSIT, now);
    (lower, upper)
}

proptest! {
    #[test]
    fn logarithms_are_right_and_rise(value in 1_u128.., step in 0_u128..1_000_000) {
        let exact = (value as f64).log2() * f64::from(1 << FRACTION);
        prop_assert!((log2(value) as f64 - exact).abs() < 4.0, "{} {exact}", log2(value));
        prop_assert!(log2(value) <= log2(value.saturating_add(step)));
    }

    #[test]
    fn doubt_is_that_of_the_uniform_model_and_rises(
        lower in 0_u128..1_000_000,
        more in 0_u128..1_000_000,
        load in 0_u128..1_000_000,
        amount in 0_u128..1_000_000,
    ) {
        let bounds = Bounds { lower, upper: lower + more };
        let likelihood = |amount: Balance| {
            if amount <= bounds.lower { 1.0 }
            else { (bounds.upper + 1 - amount) as f64 / (more + 1) as f64 }
        };
        match bounds.doubt(load, amount) {
            None => prop_assert!(load + amount > bounds.upper),
            Some(doubt) => {
                prop_assert!(load + amount <= bounds.upper);
                let expected = -(likelihood(load + amount) / likelihood(load)).log2();
                let found = doubt as f64 / f64::from(1 << FRACTION);
                prop_assert!((found - expected).abs() < 1e-3, "{found} {expected}");
                let less = bounds.doubt(load, amount / 2).unwrap();
                prop_assert!(less <= doubt);
            }
        }
    }

    #[test]
    fn whatever_is_learned_the_bounds_are_sound(
        steps in prop::collection::vec(
            (0_u8..3, any::<bool>(), 0_u128..2_000, 0_u64..3_000, 1_u128..2_000), 0..40,
        ),
    ) {
        let (mut knowledge, mut now) = (knowledge(), 0);
        for (kind, is_back, amount, wait, deposit) in steps {
            now += wait;
            let direction = if is_back { Direction::Back } else { Direction::Forth };
            match kind {
                0 => knowledge.carried(&CHANNEL, direction, deposit, amount, now),
                1 => knowledge.refused(&CHANNEL, direction, deposit, amount, now),
                _ => knowledge.moved(&CHANNEL, direction, deposit, amount, now),
            }
            for direction in Direction::BOTH {
                let own = knowledge.bounds(&CHANNEL, direction, deposit, now);
                let other = knowledge.bounds(&CHANNEL, direction.reversed(), deposit, now);
                prop_assert!(own.lower <= own.upper && own.upper <= deposit);
                prop_assert_eq!(own.lower + other.upper, deposit);
            }
        }
    }
}

#[test]
fn what_one_direction_carries_the_other_cannot() {
    let mut knowledge = knowledge();
    knowledge.carried(&CHANNEL, Direction::Forth, DEPOSIT, 600, 0);
    assert_eq!(bounds(&knowledge, Direction::Forth, 0), (600, 1_000));
    assert_eq!(bounds(&knowledge, Direction::Back, 0), (0, 400));
    knowledge.refused(&CHANNEL, Direction::Back, DEPOSIT, 301, 0);
    assert_eq!(bounds(&knowledge, Direction::Back, 0), (0, 300));
    assert_eq!(bounds(&knowledge, Direction::Forth, 0), (700, 1_000));
    knowledge.moved(&CHANNEL, Direction::Forth, DEPOSIT, 500, 0);
    assert_eq!(bounds(&knowledge, Direction::Forth, 0), (200, 500));
}

#[test]
fn newer_word_overrules_older() {
    let mut knowledge = knowledge();
    knowledge.carried(&CHANNEL, Direction::Forth, DEPOSIT, 600, 0);
    knowledge.refused(&CHANNEL, Direction::Forth, DEPOSIT, 100, 0);
    assert_eq!(bounds(&knowledge, Direction::Forth, 0), (99, 99));
    knowledge.carried(&CHANNEL, Direction::Forth, DEPOSIT, 500, 0);
    assert_eq!(bounds(&knowledge, Direction::Forth, 0), (500, 500));
}

#[test]
fn half_is_forgotten_each_half_life() {
    let mut knowledge = knowledge();
    knowledge.carried(&CHANNEL, Direction::Forth, DEPOSIT, 800, 0);
    knowledge.refused(&CHANNEL, Direction::Forth, DEPOSIT, 901, 0);
    assert_eq!(bounds(&knowledge, Direction::Forth, 0), (800, 900));
    assert_eq!(bounds(&knowledge, Direction::Forth, HALF_LIFE / 2), (600, 925));
    assert_eq!(bounds(&knowledge, Direction::Forth, HALF_LIFE), (400, 950));
    assert_eq!(bounds(&knowledge, Direction::Forth, 2 * HALF_LIFE), (200, 975));
    assert_eq!(bounds(&knowledge, Direction::Forth, u64::MAX), (0, 1_000));
}

#[test]
fn the_oldest_lesson_is_forgotten_when_there_are_too_many() {
    let mut knowledge = knowledge();
    for number in 1..=4_u8 {
        let channel = ChannelId::repeat_byte(number);
        knowledge.carried(&channel, Direction::Forth, DEPOSIT, 500, number.into());
    }
    assert_eq!(knowledge.len(), 3);
    assert_eq!(bounds(&knowledge, Direction::Forth, 4), (0, 1_000), "that was the first");
    let last = ChannelId::repeat_byte(4);
    assert_eq!(knowledge.bounds(&last, Direction::Forth, DEPOSIT, 4).lower, 500);
    knowledge.forget(&last);
    assert_eq!(knowledge.len(), 2);
}
