// SPDX-License-Identifier: Apache-2.0

//! Each rule is broken on purpose, and the check says which.

use crate::{
    Candidates, CurrentEra, Delegations, Departed, EndedGenerations, EraPoints, Owed, Paydays,
    Pending, Points, Pools, Portfolios, Remainder, SettleCursor, TotalStaked,
    mock::*,
    types::{PendingSlashes, Pool},
};
use polkadot_sdk::{frame_support::assert_ok, sp_runtime::TryRuntimeError};

/// Breaks something on a chain on which there is something of everything, and expects the complaint
/// to begin with the rule's number.
fn broken(rule: &str, breaking: impl FnOnce()) {
    chain().execute_with(|| {
        assert_ok!(delegate(dave(), alice(), 2_000));
        assert_ok!(compound(erin(), alice(), 1_000));
        assert_ok!(redelegate(dave(), alice(), bob(), 500));
        assert_ok!(unbond(dave(), alice(), 500));
        assert_ok!(delegate(account(13), carol(), 500));
        earn(alice(), 3_000);
        pass(5);
        assert_ok!(sync(dave(), alice()));
        slash(carol(), 0, 100);
        Dpos::award(&bob(), 20);
        fees(100);
        next_era();
        Dpos::award(&bob(), 20);
        check();
        breaking();
        let Err(TryRuntimeError::Other(complaint)) = Dpos::do_try_state() else {
            panic!("{rule}: nobody noticed");
        };
        assert!(complaint.starts_with(&format!("{rule}:")), "{rule}: {complaint}");
    });
}

fn pool(change: impl FnOnce(&mut Pool)) {
    Pools::<Test>::mutate(alice(), |it| change(it.as_mut().unwrap()));
}

#[test]
fn pot_that_holds_less_or_more_than_is_owed_is_noticed() {
    broken("DP-1", || Remainder::<Test>::mutate(|it| *it += 1));
    broken("DP-1", || Owed::<Test>::mutate(dave(), |it| *it -= 1));
    broken("DP-1", || {
        assert_ok!(Balances::transfer_allow_death(signed(dave()), Dpos::pot(), 1));
    });
}

#[test]
fn shares_that_do_not_add_up_are_noticed() {
    broken("DP-2", || pool(|it| it.payout.shares += 1));
    broken("DP-2", || pool(|it| it.compound.shares -= 1));
    broken("DP-2", || pool(|it| it.delegations += 1));
    broken("DP-2", || {
        EndedGenerations::<Test>::mutate(carol(), 0, |it| it.as_mut().unwrap().shares += 1);
    });
    broken("DP-2", || {
        Pools::<Test>::mutate(bob(), |it| it.as_mut().unwrap().payout.generation += 1)
    });
}

#[test]
fn miscounted_references_are_noticed() {
    broken("DP-3", || {
        Departed::<Test>::mutate(alice(), 0, |it| it.as_mut().unwrap().references -= 1);
    });
    broken("DP-3", || Departed::<Test>::insert(bob(), 0, crate::types::Departures::default()));
    broken("DP-3", || {
        Departed::<Test>::mutate(alice(), 0, |it| it.as_mut().unwrap().unbonding.shares += 1);
    });
}

#[test]
fn miscounted_delegations_of_an_account_are_noticed() {
    broken("DP-4", || Portfolios::<Test>::mutate(dave(), |it| it.delegations += 1));
    broken("DP-4", || Portfolios::<Test>::remove(erin()));
    broken("DP-4", || Portfolios::<Test>::insert(account(30), crate::types::Portfolio::default()));
}

#[test]
fn parts_beyond_the_whole_are_noticed() {
    broken("DP-5", || {
        Delegations::<Test>::mutate(dave(), bob(), |it| {
            it.as_mut().unwrap().lots[0].shares += 1;
        });
    });
    broken("DP-5", || {
        Delegations::<Test>::mutate(dave(), bob(), |it| {
            it.as_mut().unwrap().lots[0].liabilities[0].source = bob();
        });
    });
}

#[test]
fn worthless_shares_are_noticed() {
    broken("DP-6", || {
        pool(|it| {
            it.drip.amount += it.compound.tokens;
            it.compound.tokens = 0;
        });
    });
}

#[test]
fn rewards_that_are_not_set_aside_are_noticed() {
    broken("DP-7", || {
        pool(|it| {
            it.drip.amount += it.reserved;
            it.reserved = 0;
        });
    });
}

#[test]
fn wrong_sum_of_stake_is_noticed() {
    broken("DP-8", || TotalStaked::<Test>::mutate(|it| *it += 1));
}

#[test]
fn points_and_rewards_that_do_not_fit_are_noticed() {
    broken("DP-9", || EraPoints::<Test>::mutate(|it| *it += 1));
    broken("DP-9", || Points::<Test>::insert(0, alice(), 20));
    broken("DP-9", || SettleCursor::<Test>::put(CurrentEra::<Test>::get() + 1));
    broken("DP-9", || SettleCursor::<Test>::put(CurrentEra::<Test>::get()));
    broken("DP-9", || {
        let era = SettleCursor::<Test>::get();
        Paydays::<Test>::mutate(era, |it| {
            let payday = it.as_mut().unwrap();
            payday.left -= 1;
            Remainder::<Test>::mutate(|it| *it += 1);
        });
    });
}

#[test]
fn pool_without_a_candidate_or_delegations_is_noticed() {
    broken("DP-10", || Candidates::<Test>::remove(alice()));
    broken("DP-10", || {
        Candidates::<Test>::insert(account(30), Candidates::<Test>::get(alice()).unwrap());
        Pools::<Test>::insert(account(30), Pool::default());
    });
}

#[test]
fn miscounted_slashes_are_noticed() {
    broken("DP-11", || Pending::<Test>::insert(alice(), PendingSlashes { count: 1, earliest: 0 }));
    broken("DP-11", || {
        crate::UnappliedSlashes::<Test>::insert(
            9,
            (alice(), 0),
            crate::offices::UnappliedSlash::default(),
        );
    });
}
