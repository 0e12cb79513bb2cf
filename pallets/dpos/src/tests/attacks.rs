// SPDX-License-Identifier: Apache-2.0

//! What somebody would try who wants more than its share, or less than its part of a slash.

use crate::{Candidates, Error, Mode, Owed, Pending, Pools, mock::*};
use millrace_primitives_dpos::Balance;
use polkadot_sdk::{
    frame_support::{assert_noop, assert_ok},
    sp_runtime::Perbill,
};

#[test]
fn first_deposit_inflation_takes_no_more_than_a_share_from_whoever_comes_later() {
    on_chain(|| {
        // Given a candidate that is alone in its pool, with as few shares as it may have,
        assert_ok!(unbond(alice(), alice(), SELF_BOND - MIN_SELF));
        assert_ok!(Dpos::set_compound(signed(alice()), alice(), Mode::Compound));
        // which lets each of them become as dear as it can, by rewards that it pays itself.
        earn(alice(), 10_000_000);
        pass(ERA_BLOCKS);
        assert_ok!(sync(alice(), alice()));
        let share = worth(alice(), alice()).div_ceil(MIN_SELF);
        assert!(share > 10_000);

        // When somebody brings less than a share is worth, then it is refused rather than swallowed.
        assert_noop!(compound(dave(), alice(), share - 1), Error::<Test>::Overflow);
        // When it brings more, then it loses less than a share, and the others win no more.
        let before = worth(alice(), alice());
        assert_ok!(compound(dave(), alice(), 99_999));
        assert!(worth(dave(), alice()) > 99_999 - share);
        assert!(worth(alice(), alice()) < before + share);
    });
}

#[test]
fn gift_to_the_pot_changes_nobodys_share() {
    chain().execute_with(|| {
        assert_ok!(delegate(dave(), alice(), 1_000));
        let before = Pools::<Test>::get(alice());
        assert_ok!(Balances::transfer_allow_death(signed(erin()), Dpos::pot(), 500_000));
        assert_ok!(sync(dave(), alice()));
        assert_eq!(Pools::<Test>::get(alice()), before);
        assert_ok!(delegate(account(13), alice(), 777));
        assert_eq!((worth(dave(), alice()), worth(account(13), alice())), (1_000, 777));
    });
}

/// What somebody does around a slash of its candidate.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Move {
    Unbond,
    Redelegate,
    Claim,
    Withdraw,
    Slash,
}

/// Every order of these.
fn orders(moves: &[Move]) -> Vec<Vec<Move>> {
    if moves.is_empty() {
        return vec![Vec::new()];
    }
    let first = moves.iter().flat_map(|first| {
        let rest: Vec<Move> = moves.iter().copied().filter(|it| it != first).collect();
        orders(&rest).into_iter().map(|order| [vec![*first], order].concat())
    });
    first.collect()
}

/// What is left to somebody who had 9,000 with a candidate as it offended, and had earned something
/// before, after all moves in this order. `waits`: how many eras pass between two moves.
fn left_after(order: &[Move], waits: u32) -> Balance {
    let mut left = 0;
    chain().execute_with(|| {
        assert_ok!(delegate(dave(), alice(), 9_000));
        earn(alice(), 19_000);
        pass(ERA_BLOCKS);
        let offence = crate::CurrentEra::<Test>::get();
        Dpos::note_pending(&alice(), offence);
        for it in order {
            match it {
                Move::Unbond => unbond(dave(), alice(), 1_000).unwrap(),
                Move::Redelegate => redelegate(dave(), alice(), bob(), 1_000).unwrap(),
                // There is something to claim, whether it comes before or after the slash.
                Move::Claim => claim(dave(), alice()).unwrap(),
                // While a slash waits, nothing is paid that may be concerned.
                Move::Withdraw => {
                    let is_paid = withdraw(dave()).is_ok();
                    assert!(!is_paid || !Pending::<Test>::contains_key(alice()));
                }
                Move::Slash => {
                    slash(alice(), offence, 50);
                    Dpos::drop_pending(&alice());
                }
            }
            (0..waits).for_each(|_| next_era());
        }
        assert_ok!(unbond(dave(), alice(), Balance::MAX));
        assert_ok!(unbond(dave(), bob(), Balance::MAX));
        pass_eras(BONDING);
        assert_ok!(withdraw(dave()));
        assert_eq!(Owed::<Test>::get(dave()), 0);
        check();
        left = balance(dave());
    });
    left
}

#[test]
fn slash_takes_the_same_in_every_order_of_unbonding_redelegating_and_claiming() {
    let moves = [Move::Unbond, Move::Redelegate, Move::Claim, Move::Withdraw, Move::Slash];
    let all = orders(&moves);
    assert_eq!(all.len(), 120);
    // Half of the stake, and nine parts in nineteen of the reward.
    let expected = WEALTH - 9_000 + 4_500 + 9_000;
    for order in all {
        for waits in [0, 1, 2] {
            let left = left_after(&order, waits);
            assert_eq!(left, expected, "{order:?} with {waits} eras between");
        }
    }
}

#[test]
fn commission_bait_and_switch_is_seen_long_before_it_counts() {
    on_chain(|| {
        // Given somebody who came for a commission of nothing,
        assert_ok!(delegate(dave(), alice(), SELF_BOND));
        // when it rises, then by a step, and not before two eras have passed.
        let thirty = Perbill::from_percent(30);
        assert_noop!(
            Dpos::set_commission(signed(alice()), thirty),
            Error::<Test>::CommissionStepTooLarge
        );
        let ten = Perbill::from_percent(10);
        assert_ok!(Dpos::set_commission(signed(alice()), ten));
        assert_eq!(Candidates::<Test>::get(alice()).unwrap().next_commission, Some((ten, 2)));

        // Until then everything that is earned is shared as before,
        earn(alice(), 1_000);
        earn(alice(), 1_000);
        assert_eq!(Owed::<Test>::get(alice()), 0);
        // and giving up to come back dearer is no way around it.
        assert_ok!(Dpos::leave(signed(alice())));
        assert_noop!(
            Dpos::register(signed(alice()), MIN_SELF, ten, Mode::Payout),
            Error::<Test>::CommissionStepTooLarge
        );
        // Who sees it leaves at once, and has paid no commission.
        assert_ok!(redelegate(dave(), alice(), bob(), Balance::MAX));
        assert_eq!(worth(dave(), bob()), SELF_BOND);
    });
}

#[test]
fn splitting_stake_over_accounts_earns_and_loses_no_less() {
    on_chain(|| {
        // Given as much stake in one account as in ten,
        let parts: Vec<_> = (14..24).map(account).collect();
        assert_ok!(delegate(dave(), alice(), 10_010));
        assert!(parts.iter().all(|it| delegate(it.clone(), alice(), 1_001).is_ok()));
        // when there are a reward and a slash,
        earn(alice(), 33_333);
        pass(ERA_BLOCKS);
        slash(alice(), 0, 33);
        // then the parts have no more than the whole, and but for a unit each no less.
        let of_parts = |value: fn(usize) -> Balance| (0..10).map(value).sum::<Balance>();
        let stake = of_parts(|at| worth(account(14 + at as u32), alice()));
        assert!((worth(dave(), alice()) - 10..=worth(dave(), alice())).contains(&stake));
        parts.iter().for_each(|it| sync(it.clone(), alice()).unwrap());
        assert_ok!(sync(dave(), alice()));
        let earned = of_parts(|at| Owed::<Test>::get(account(14 + at as u32)));
        let whole = Owed::<Test>::get(dave());
        assert!(whole > 10_000);
        assert!((whole - 10..=whole).contains(&earned));
    });
}
