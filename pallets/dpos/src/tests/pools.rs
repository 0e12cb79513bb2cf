// SPDX-License-Identifier: Apache-2.0

use crate::{
    pools::{MAX_SHARES_PER_TOKEN, REWARD_SCALE, SubPool, earned, mul_div, mul_div_up},
    types::{Drip, Factor, Pool},
};
use polkadot_sdk::sp_runtime::Perbill;
use proptest::prelude::*;

fn sub_pool(shares: u128, tokens: u128) -> SubPool {
    SubPool { shares, tokens, generation: 0 }
}

#[test]
fn quotients_are_rounded_as_they_say_and_do_not_overflow_between() {
    assert_eq!(mul_div(7, 3, 2), Some(10));
    assert_eq!(mul_div_up(7, 3, 2), Some(11));
    assert_eq!(mul_div_up(6, 3, 2), Some(9));
    assert_eq!(mul_div(u128::MAX, u128::MAX, u128::MAX), Some(u128::MAX));
    assert_eq!(mul_div_up(u128::MAX, u128::MAX, u128::MAX), Some(u128::MAX));
    assert_eq!(mul_div(u128::MAX, 2, 1), None);
    assert_eq!(mul_div(1, 1, 0), None);
    assert_eq!(mul_div_up(1, 1, 0), None);
}

#[test]
fn first_to_join_gets_a_share_for_each_token() {
    let mut pool = SubPool::default();
    assert_eq!(pool.join(500), Some(500));
    assert_eq!(pool, sub_pool(500, 500));
}

#[test]
fn join_that_gives_no_share_or_does_not_fit_changes_nothing() {
    let mut pool = sub_pool(10, 1_000);
    assert_eq!(pool.join(99), None);
    assert_eq!(pool, sub_pool(10, 1_000));
    let mut full = sub_pool(u128::MAX, u128::MAX);
    assert_eq!(full.join(1), None);
    assert_eq!(full, sub_pool(u128::MAX, u128::MAX));
}

#[test]
fn last_to_leave_gets_all() {
    let mut pool = sub_pool(3, 10);
    assert_eq!(pool.leave(2), Some(6));
    assert_eq!(pool.leave(1), Some(4));
    assert_eq!(pool, SubPool::default());
    assert_eq!(pool.leave(1), None);
}

#[test]
fn slash_takes_from_all_and_rounds_up() {
    let mut pool = sub_pool(100, 101);
    let slashed = pool.slash(Perbill::from_percent(50));
    assert_eq!((slashed.tokens, slashed.ended_shares), (51, None));
    assert_eq!(pool, sub_pool(100, 50));
}

#[test]
fn slash_that_leaves_next_to_nothing_ends_the_generation() {
    let just_enough = MAX_SHARES_PER_TOKEN;
    let mut pool = sub_pool(just_enough, 2);
    assert_eq!(pool.slash(Perbill::from_percent(50)).ended_shares, None);
    assert_eq!(pool.tokens, 1);
    let mut pool = sub_pool(just_enough + 1, 2);
    let slashed = pool.slash(Perbill::from_percent(50));
    assert_eq!((slashed.tokens, slashed.ended_shares), (2, Some(just_enough + 1)));
    assert_eq!(pool, SubPool { shares: 0, tokens: 0, generation: 1 });
}

#[test]
fn drip_arrives_evenly_and_completely() {
    let mut drip = Drip { amount: 100, from: 10, until: 40 };
    assert_eq!(drip.release(10), 0);
    assert_eq!(drip.release(20), 33);
    assert_eq!(drip.release(20), 0);
    assert_eq!(drip.release(40), 67);
    assert_eq!(drip.release(50), 0);
    assert_eq!(drip.amount, 0);
}

#[test]
fn new_reward_joins_what_still_drips() {
    let mut drip = Drip { amount: 100, from: 0, until: 10 };
    assert_eq!(drip.release(4), 40);
    assert_eq!(drip.refill(140, 4, 14), Some(()));
    assert_eq!(drip.release(9), 100);
    assert_eq!(drip.release(14), 100);
    assert_eq!(drip.refill(u128::MAX, 14, 20), Some(()));
    assert_eq!(drip.refill(1, 14, 20), None);
}

#[test]
fn reward_is_divided_by_stake() {
    let mut pool = Pool {
        payout: sub_pool(300, 300),
        compound: sub_pool(100, 100),
        drip: Drip { amount: 41, from: 0, until: 1 },
        ..Default::default()
    };
    assert_eq!(pool.release(1), 0);
    assert_eq!(pool.compound.tokens, 110);
    assert_eq!(pool.reserved, 31);
    assert_eq!(pool.reward_per_share, 31 * REWARD_SCALE / 300);
    assert_eq!(earned(300, 0, pool.reward_per_share), Some(30));
}

#[test]
fn reward_that_nobody_can_get_is_returned() {
    let mut pool = Pool { drip: Drip { amount: 41, from: 0, until: 1 }, ..Default::default() };
    assert_eq!(pool.release(1), 41);
    // A number per share that does not fit is no reason to lose it.
    let mut pool = Pool {
        payout: sub_pool(1, u128::MAX / 2),
        drip: Drip { amount: u128::MAX / 2, from: 0, until: 1 },
        ..Default::default()
    };
    assert_eq!(pool.release(1), u128::MAX / 2);
    assert_eq!(pool.reserved, 0);
}

#[test]
fn factors_multiply_and_end() {
    let entry = Factor::default();
    let mut factor = Factor::default();
    factor.slash(Perbill::from_percent(50));
    let middle = factor;
    factor.slash(Perbill::from_percent(20));
    assert_eq!(factor.left_of(1_000, &entry), 400);
    assert_eq!(factor.left_of(1_000, &middle), 800);
    assert_eq!(factor.left_of(1_000, &factor), 1_000);
    factor.slash(Perbill::one());
    assert_eq!(factor.left_of(1_000, &entry), 0);
    assert_eq!(factor.left_of(1_000, &middle), 0);
    // Whoever came after everything was taken answers for what comes then.
    let late = factor;
    factor.slash(Perbill::from_percent(10));
    assert_eq!(factor.left_of(1_000, &late), 900);
}

proptest! {
    #[test]
    fn no_order_of_joining_leaving_and_slashing_makes_tokens(
        steps in prop::collection::vec((0u8..3, 1u128..1_000_000_000_000), 1..60),
    ) {
        let mut pool = SubPool::default();
        let mut owned: Vec<(u128, u32)> = Vec::new();
        let (mut put_in, mut taken) = (0u128, 0u128);
        for (kind, amount) in steps {
            match kind {
                0 => {
                    if let Some(shares) = pool.join(amount) {
                        put_in += amount;
                        owned.push((shares, pool.generation));
                        prop_assert!(pool.worth(shares).unwrap() <= amount);
                    }
                }
                1 => {
                    if let Some((shares, generation)) = owned.pop()
                        && generation == pool.generation
                    {
                        let others = pool.shares - shares;
                        let before = pool.worth(others).unwrap();
                        taken += pool.leave(shares).unwrap();
                        // Whoever stays loses nothing.
                        prop_assert!(pool.worth(others).unwrap() >= before);
                    }
                }
                _ => {
                    let fraction = Perbill::from_parts((amount % 1_000_000_001) as u32);
                    taken += pool.slash(fraction).tokens;
                }
            }
            prop_assert_eq!(pool.tokens, put_in - taken);
            prop_assert_eq!(pool.shares == 0, pool.tokens == 0);
            let current = owned.iter().filter(|(_, it)| *it == pool.generation);
            prop_assert_eq!(pool.shares, current.map(|(shares, _)| shares).sum::<u128>());
        }
    }
}
