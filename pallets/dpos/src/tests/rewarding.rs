// SPDX-License-Identifier: Apache-2.0

use crate::{
    EraFees, Owed, Paydays, Points, Pools, Remainder, SettleCursor, TotalStaked, mock::*,
    rewarding::AUTHOR_POINTS,
};
use millrace_primitives_dpos::InflationCurve;
use polkadot_sdk::{
    frame_support::{
        assert_ok,
        weights::{Weight, WeightMeter},
    },
    sp_runtime::Perbill,
};

#[test]
fn reward_drips_evenly_through_the_era() {
    on_chain(|| {
        assert_ok!(delegate(dave(), alice(), SELF_BOND));
        earn(alice(), 6_000);
        // One block of the drip is over after payday.
        pass(2);
        assert_ok!(sync(dave(), alice()));
        assert_eq!(Owed::<Test>::get(dave()), 300);
        pass(7);
        assert_ok!(sync(dave(), alice()));
        assert_eq!(Owed::<Test>::get(dave()), 1_000);
        pass(ERA_BLOCKS);
        assert_ok!(sync(dave(), alice()));
        assert_eq!(Owed::<Test>::get(dave()), 3_000);
    });
}

#[test]
fn who_joins_for_an_hour_earns_for_an_hour() {
    on_chain(|| {
        // Given a pool that is about to earn,
        Dpos::award(&alice(), 20);
        fees(30_000);
        pass(ERA_BLOCKS);
        // when somebody brings nine times its stake in the block before payday
        assert_ok!(delegate(dave(), alice(), 9 * SELF_BOND));
        next_era();
        pass(1);
        // and leaves three blocks after it,
        pass(3);
        assert_ok!(unbond(dave(), alice(), u128::MAX));
        // then it gets its share of three blocks and not of the era.
        assert_eq!(Owed::<Test>::get(dave()), 30_000 * 3 / 30 * 9 / 10);
        pass(ERA_BLOCKS);
        assert_ok!(sync(alice(), alice()));
        assert_eq!(Owed::<Test>::get(alice()), 30_000 - 2_700);
    });
}

#[test]
fn reward_of_compounding_stake_earns_itself() {
    on_chain(|| {
        assert_ok!(compound(dave(), alice(), SELF_BOND));
        earn(alice(), 2_000);
        pass(ERA_BLOCKS);
        assert_ok!(sync(dave(), alice()));
        assert_eq!(worth(dave(), alice()), SELF_BOND + 1_000);
        assert_eq!(TotalStaked::<Test>::get(), 4 * SELF_BOND + 1_000);
        earn(alice(), 2_100);
        pass(ERA_BLOCKS);
        assert_ok!(sync(dave(), alice()));
        assert_eq!(worth(dave(), alice()), SELF_BOND + 1_000 + 1_100);
    });
}

#[test]
fn validators_share_by_points_and_take_their_commission_first() {
    on_chain(|| {
        crate::Candidates::<Test>::mutate(alice(), |it| {
            it.as_mut().unwrap().commission = Perbill::from_percent(10);
        });
        Dpos::award(&alice(), AUTHOR_POINTS);
        Dpos::award(&alice(), AUTHOR_POINTS);
        Dpos::award(&bob(), AUTHOR_POINTS);
        fees(1_000);
        next_era();
        pass(1);
        // Two thirds and one third, both rounded down.
        assert_eq!(Owed::<Test>::get(alice()), 66);
        assert_eq!(Pools::<Test>::get(alice()).unwrap().drip.amount, 600);
        assert_eq!(Pools::<Test>::get(bob()).unwrap().drip.amount, 333);
        assert_eq!(Remainder::<Test>::get(), 1);
        // What was left over is shared next time, beside what still drips.
        Dpos::award(&bob(), AUTHOR_POINTS);
        next_era();
        pass(1);
        assert_eq!(Remainder::<Test>::get(), 0);
        assert_eq!(Pools::<Test>::get(bob()).unwrap().drip.amount, 333 - 333 / 30 + 1);
    });
}

#[test]
fn raised_commission_does_not_reach_back_to_the_era_before() {
    on_chain(|| {
        assert_ok!(Dpos::set_commission(signed(alice()), Perbill::from_percent(10)));
        pass_eras(1);
        pass(1);
        Dpos::award(&alice(), 20);
        fees(1_000);
        // The rise holds from the era that begins now.
        next_era();
        pass(1);
        assert_eq!(Owed::<Test>::get(alice()), 0);
        Dpos::award(&alice(), 20);
        fees(1_000);
        next_era();
        pass(1);
        assert_eq!(Owed::<Test>::get(alice()), 100);
    });
}

#[test]
fn inflation_follows_the_curve_and_the_time_and_nothing_else_is_minted() {
    on_chain(|| {
        let curve = InflationCurve {
            least: Perbill::from_percent(2),
            most: Perbill::from_percent(10),
            ideal_stake: Perbill::from_percent(50),
            falloff: Perbill::from_percent(5),
        };
        crate::Parameters::<Test>::mutate(|it| it.inflation = curve);
        let expect = |millis, twice: bool| {
            let issuance = Balances::total_issuance();
            let due = curve.minted(TotalStaked::<Test>::get(), issuance, millis);
            next_era();
            assert_eq!(Balances::total_issuance() - issuance, if twice { due } else { 0 });
            due
        };
        let era = u64::from(ERA_BLOCKS) * SLOT_MILLIS;
        // Without work nothing is minted.
        pass(ERA_BLOCKS);
        expect(era, false);
        pass(ERA_BLOCKS / 2);
        Dpos::award(&alice(), 20);
        let half = expect(era / 2, true);
        // An era counts for twice its plan at the most.
        pass(ERA_BLOCKS * 5);
        Dpos::award(&alice(), 20);
        let long = expect(era * 2, true);
        assert!(half > 0 || long > 0, "something has to be minted for the test to tell");
    });
}

#[test]
fn reward_of_nobody_is_kept_for_the_next_era() {
    on_chain(|| {
        // Points without a candidate, and an era without points.
        Dpos::award(&dave(), 20);
        fees(500);
        next_era();
        pass(1);
        assert_eq!(Remainder::<Test>::get(), 500);
        fees(70);
        next_era();
        pass(1);
        assert_eq!(Remainder::<Test>::get(), 570);
        assert_eq!(EraFees::<Test>::get(), 0);
    });
}

#[test]
fn payday_is_bounded_and_loses_nothing_however_long_it_takes() {
    on_chain(|| {
        for era in 0..3 {
            (1..=20).for_each(|number| Dpos::award(&account(number), 20 + era));
            fees(1_000);
            next_era();
        }
        assert_eq!(Points::<Test>::iter().count(), 60);
        // Four steps a block, whatever there is to do.
        pass(1);
        assert_eq!(Points::<Test>::iter().count(), 56);
        check();
        // Without weight nothing happens, and nothing is lost.
        let mut empty = WeightMeter::with_limit(Weight::zero());
        Dpos::pay_some(&mut empty);
        pass(20);
        assert_eq!(SettleCursor::<Test>::get(), 3);
        assert_eq!((Points::<Test>::iter().count(), Paydays::<Test>::iter().count()), (0, 0));
    });
}

#[test]
fn last_who_leaves_forfeits_what_has_not_arrived() {
    on_chain(|| {
        earn(alice(), 3_000);
        pass(2);
        assert_ok!(Dpos::leave(signed(alice())));
        assert_eq!(Owed::<Test>::get(alice()), 300);
        assert_eq!(Remainder::<Test>::get(), 2_700);
        assert_eq!(Pools::<Test>::get(alice()), None);
    });
}
