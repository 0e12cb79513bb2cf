// SPDX-License-Identifier: Apache-2.0

use crate::{Departed, Error, Portfolios, mock::*};
use millrace_primitives_dpos::Balance;
use polkadot_sdk::{
    frame_support::{assert_noop, assert_ok},
    sp_runtime::DispatchResult,
};

fn rebond(amount: Balance) -> DispatchResult {
    bare(Dpos::rebond(signed(dave()), alice(), amount))
}

fn chunks() -> usize {
    Portfolios::<Test>::get(dave()).unbonding.len()
}

#[test]
fn unbonded_stake_comes_back_after_its_time_and_not_before() {
    on_chain(|| {
        assert_ok!(delegate(dave(), alice(), 500));
        assert_ok!(unbond(dave(), alice(), 200));
        assert_eq!(worth(dave(), alice()), 300);
        pass_eras(BONDING - 1);
        assert_noop!(withdraw(dave()), Error::<Test>::NothingToWithdraw);
        next_era();
        assert_ok!(withdraw(dave()));
        assert_eq!(balance(dave()), WEALTH - 300);
        assert_eq!(Departed::<Test>::iter().count(), 0);
        assert_noop!(withdraw(dave()), Error::<Test>::NothingToWithdraw);
    });
}

#[test]
fn unbond_fails_below_the_minimum() {
    on_chain(|| {
        assert_ok!(delegate(dave(), alice(), 500));
        assert_noop!(unbond(dave(), alice(), 401), Error::<Test>::RemainderTooSmall);
        assert_noop!(unbond(dave(), alice(), 0), Error::<Test>::NothingToMove);
        assert_noop!(unbond(dave(), bob(), 10), Error::<Test>::NotDelegated);
        assert_ok!(unbond(dave(), alice(), 400));
        // More than there is means all.
        assert_ok!(unbond(dave(), alice(), Balance::MAX));
        assert_eq!(delegation(dave(), alice()), None);
        // Both left in one era, and are one.
        assert_eq!(chunks(), 1);
    });
}

#[test]
fn unbond_fails_below_the_self_bond_of_a_candidate() {
    on_chain(|| {
        let most = SELF_BOND - MIN_SELF;
        assert_noop!(unbond(alice(), alice(), most + 1), Error::<Test>::SelfBondTooSmall);
        assert_noop!(unbond(alice(), alice(), Balance::MAX), Error::<Test>::SelfBondTooSmall);
        assert_ok!(unbond(alice(), alice(), most));
    });
}

#[test]
fn chunks_are_bounded() {
    on_chain(|| {
        assert_ok!(delegate(dave(), alice(), 100_000));
        for _ in 0..crate::types::MAX_UNBONDING {
            assert_ok!(unbond(dave(), alice(), 1));
            crate::CurrentEra::<Test>::mutate(|era| *era += 1);
            crate::SettleCursor::<Test>::mutate(|era| *era += 1);
        }
        assert_noop!(unbond(dave(), alice(), 1), Error::<Test>::TooManyUnbonding);
        assert_ok!(withdraw(dave()));
        assert_ok!(unbond(dave(), alice(), 1));
    });
}

#[test]
fn rebond_brings_the_newest_back_first() {
    on_chain(|| {
        assert_ok!(delegate(dave(), alice(), 1_000));
        assert_ok!(unbond(dave(), alice(), 200));
        next_era();
        assert_ok!(unbond(dave(), alice(), 300));
        assert_ok!(rebond(400));
        assert_eq!(worth(dave(), alice()), 900);
        let left = Portfolios::<Test>::get(dave()).unbonding;
        assert_eq!(left.len(), 1);
        assert_eq!((left[0].era, left[0].shares), (0, 100));
        assert_ok!(rebond(1_000));
        assert_eq!(worth(dave(), alice()), 1_000);
        assert_noop!(rebond(1), Error::<Test>::NotUnbonding);
        assert_noop!(rebond(0), Error::<Test>::NothingToMove);
    });
}

#[test]
fn rebond_makes_a_delegation_anew_if_it_is_large_enough() {
    on_chain(|| {
        assert_ok!(delegate(dave(), alice(), 1_000));
        assert_ok!(unbond(dave(), alice(), 1_000));
        assert_noop!(rebond(MIN - 1), Error::<Test>::DelegationTooSmall);
        Dpos::note_pending(&alice(), 0);
        assert_noop!(rebond(MIN), Error::<Test>::SlashPending);
        Dpos::drop_pending(&alice());
        assert_ok!(rebond(MIN));
        assert_eq!(worth(dave(), alice()), MIN);
        assert_ok!(Dpos::leave(signed(alice())));
        assert_noop!(rebond(MIN), Error::<Test>::CandidateLeaving);
    });
}

#[test]
fn withdraw_waits_for_a_pending_slash_that_may_concern_it_and_for_no_other() {
    on_chain(|| {
        assert_ok!(delegate(dave(), alice(), 1_000));
        assert_ok!(delegate(erin(), alice(), 1_000));
        assert_ok!(unbond(erin(), alice(), 1_000));
        next_era();
        assert_ok!(unbond(dave(), alice(), 1_000));
        pass_eras(BONDING);
        Dpos::note_pending(&alice(), 1);
        assert_noop!(withdraw(dave()), Error::<Test>::NothingToWithdraw);
        assert_ok!(withdraw(erin()));
        Dpos::drop_pending(&alice());
        assert_ok!(withdraw(dave()));
    });
}

#[test]
fn withdrawing_what_a_slash_took_leaves_nothing_behind() {
    on_chain(|| {
        assert_ok!(delegate(dave(), alice(), 1_000));
        assert_ok!(unbond(dave(), alice(), 1_000));
        slash(alice(), 0, 100);
        // Nothing is left to pay, and nothing is left behind.
        pass_eras(BONDING);
        assert_ok!(withdraw(dave()));
        assert_eq!(balance(dave()), WEALTH - 1_000);
        assert_eq!(chunks(), 0);
    });
}
