// SPDX-License-Identifier: Apache-2.0

//! Random amounts and random calls, checked against a plain model.

use super::*;
use crate::math::{Payment, draw};
use proptest::prelude::*;

/// Applies payments to `locks` and returns what everybody received.
fn received(payments: &[Payment], count: usize) -> Vec<Balance> {
    let mut got = vec![0; count];
    for payment in payments {
        got[payment.to] += payment.amount;
    }
    got
}

proptest! {
    #[test]
    fn draws_pay_exactly_and_own_locks_first(
        locks in prop::collection::vec(0..1_000u128, 1..9),
        shares in prop::collection::vec(0..1_000u128, 8),
    ) {
        // given payouts that divide some of the sum at random places
        let mut rest: u128 = locks.iter().sum();
        let payouts: Vec<u128> = shares.iter().take(locks.len()).map(|share| {
            let part = rest * share / 1_000;
            rest -= part;
            part
        }).collect();

        // when
        let mut left = locks.clone();
        let payments = draw(&mut left, &payouts).expect("there is enough");

        // then everybody gets its payout, and what is left is what was not drawn
        prop_assert_eq!(received(&payments, locks.len()), payouts.clone());
        prop_assert_eq!(left.iter().sum::<u128>(), rest);
        let mut drawn = vec![0; locks.len()];
        for payment in &payments {
            prop_assert!(payment.amount > 0);
            drawn[payment.from] += payment.amount;
        }
        for at in 0..locks.len() {
            prop_assert_eq!(locks[at] - drawn[at], left[at]);
            // own locks first: nobody pays others before its own payout is complete
            let own: u128 =
                payments.iter().filter(|it| it.from == at && it.to == at).map(|it| it.amount).sum();
            prop_assert_eq!(own, locks[at].min(payouts[at]));
        }
        prop_assert!(payments.len() < locks.len() * 2);
    }

    #[test]
    fn draws_refuse_more_than_there_is(
        locks in prop::collection::vec(0..1_000u128, 1..9),
        extra in 1..1_000u128,
    ) {
        let mut payouts = locks.clone();
        payouts[0] += extra;
        prop_assert_eq!(draw(&mut locks.clone(), &payouts), None);
        payouts.push(0);
        prop_assert_eq!(draw(&mut locks.clone(), &payouts), None);
    }
}

/// What can happen to the purse.
#[derive(Clone, Debug)]
enum Step {
    Lock { number: u64, amounts: Vec<Balance> },
    Add { number: u64, who: u8, amount: Balance },
    Pay { number: u64, shares: Vec<Balance> },
    PayOut { number: u64, shares: Vec<Balance> },
    Block(u8),
    Thaw(u8),
    FreezeAsset,
    ThawAsset,
    Collect { from: u8, to: u8 },
    Spend { from: u8, to: u8 },
}

fn step() -> impl Strategy<Value = Step> {
    let number = 0..4u64;
    let who = 1..=4u8;
    let shares = prop::collection::vec(0..100u128, 4);
    prop_oneof![
        3 => (number.clone(), prop::collection::vec(0..400u128, 2..=4))
            .prop_map(|(number, amounts)| Step::Lock { number, amounts }),
        1 => (number.clone(), who.clone(), 0..300u128)
            .prop_map(|(number, who, amount)| Step::Add { number, who, amount }),
        2 => (number.clone(), shares.clone()).prop_map(|(number, shares)| Step::Pay { number, shares }),
        2 => (number, shares).prop_map(|(number, shares)| Step::PayOut { number, shares }),
        1 => who.clone().prop_map(Step::Block),
        1 => who.clone().prop_map(Step::Thaw),
        1 => Just(Step::FreezeAsset),
        1 => Just(Step::ThawAsset),
        2 => (who.clone(), who.clone()).prop_map(|(from, to)| Step::Collect { from, to }),
        1 => (who.clone(), who).prop_map(|(from, to)| Step::Spend { from, to }),
    ]
}

/// Payouts by `shares` percent of what is left each time; all of it if `is_last`.
fn payouts(number: u64, shares: &[Balance], is_last: bool) -> Vec<Balance> {
    let locks: Vec<Balance> =
        (1..=4).map_while(|who| Purse::locked(channel(number), &account(who))).collect();
    let mut left: Balance = locks.iter().sum();
    let mut payouts: Vec<Balance> = shares
        .iter()
        .take(locks.len())
        .map(|share| {
            let part = left * share / 100;
            left -= part;
            part
        })
        .collect();
    if let (true, Some(last)) = (is_last, payouts.last_mut()) {
        *last += left;
    }
    payouts
}

/// Does a step in channels of this asset. Steps that make no sense at the time fail, which is part
/// of what is tested; payments of what is there never do.
fn take(asset: ChannelAsset, step: Step) {
    match step {
        Step::Lock { number, amounts } => {
            let _ = lock(number, asset, &amounts);
        }
        Step::Add { number, who, amount } => {
            let _ = add(number, asset, who, amount);
        }
        Step::Pay { number, shares } => {
            let payouts = payouts(number, &shares, false);
            pay(number, asset, &payouts).expect("what is there can be paid");
        }
        Step::PayOut { number, shares } => {
            let payouts = payouts(number, &shares, true);
            pay_out(number, asset, &payouts).expect("what is there can be paid out");
        }
        Step::Block(who) => {
            let _ = Assets::block(signed(team()), COIN_ID, account(who));
        }
        Step::Thaw(who) => {
            let _ = Assets::thaw(signed(team()), COIN_ID, account(who));
        }
        Step::FreezeAsset => {
            let _ = Assets::freeze_asset(signed(team()), COIN_ID);
        }
        Step::ThawAsset => {
            let _ = Assets::thaw_asset(signed(team()), COIN_ID);
        }
        Step::Collect { from, to } => {
            let _ = with_storage_layer(|| {
                Purse::collect(signed(team()), asset, account(from), account(to))
            });
        }
        Step::Spend { from, to } => {
            let _ = Assets::transfer_all(signed(account(from)), COIN_ID, account(to), false);
            let _ = Balances::transfer_all(signed(account(from)), account(to), false);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_happens_rules_hold_and_everything_is_paid_in_the_end(
        asset in prop::sample::select(BOTH.to_vec()),
        steps in prop::collection::vec(step(), 1..40),
    ) {
        new_test_ext().execute_with(|| {
            // given any history, every rule holds after each step
            for step in steps {
                take(asset, step);
                check();
            }

            // when all channels end and the asset's team lets everything through
            for number in 0..4 {
                let payouts = payouts(number, &[25; 4], true);
                if !payouts.is_empty() {
                    pay_out(number, asset, &payouts).expect("what is there can be paid out");
                }
            }
            let _ = Assets::thaw_asset(signed(team()), COIN_ID);
            for who in 1..=4 {
                let _ = Assets::thaw(signed(team()), COIN_ID, account(who));
            }
            let owed: Vec<_> = crate::Unpaid::<Test>::iter_keys().collect();
            assert!(asset == COIN || owed.is_empty(), "native payouts are never deferred");
            for (to, (asset, from)) in owed {
                Purse::collect(signed(team()), asset, from, to).expect("nothing stands in the way");
            }

            // then nothing is left, and nothing is lost
            assert!(is_forgotten());
            for asset in BOTH {
                assert_eq!(all_free(asset).iter().sum::<Balance>(), 4 * START);
            }
        });
    }
}
