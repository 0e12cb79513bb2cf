// SPDX-License-Identifier: Apache-2.0

use crate::{Error, Mode, Owed, Pools, Portfolios, mock::*};
use polkadot_sdk::frame_support::{assert_noop, assert_ok};

#[test]
fn delegate_moves_stake_into_the_pot_and_adds_to_itself() {
    on_chain(|| {
        assert_ok!(delegate(dave(), alice(), 300));
        assert_ok!(delegate(dave(), alice(), 200));
        assert_eq!(balance(dave()), WEALTH - 500);
        assert_eq!(worth(dave(), alice()), 500);
        assert_eq!(staked(alice()), SELF_BOND + 500);
        assert_eq!(Pools::<Test>::get(alice()).unwrap().delegations, 2);
        assert_eq!(Portfolios::<Test>::get(dave()).delegations, 1);
    });
}

#[test]
fn delegate_fails_below_the_minimum_and_without_a_candidate() {
    on_chain(|| {
        assert_noop!(delegate(dave(), alice(), MIN - 1), Error::<Test>::DelegationTooSmall);
        assert_noop!(delegate(dave(), alice(), 0), Error::<Test>::NothingToMove);
        assert_noop!(delegate(dave(), erin(), MIN), Error::<Test>::NotCandidate);
        assert_ok!(delegate(dave(), alice(), MIN));
        assert_noop!(compound(dave(), alice(), MIN), Error::<Test>::ModeMismatch);
        assert!(delegate(dave(), bob(), WEALTH).is_err());
        assert_noop!(delegate(dave(), alice(), u128::MAX), Error::<Test>::Overflow);
    });
}

#[test]
fn cap_and_block_bind_others_but_not_the_candidate() {
    on_chain(|| {
        assert_ok!(Dpos::set_cap(signed(alice()), Some(SELF_BOND + 500)));
        assert_noop!(delegate(dave(), alice(), 501), Error::<Test>::CapExceeded);
        assert_ok!(delegate(dave(), alice(), 500));
        assert_ok!(Dpos::bond_extra(signed(alice()), 10));
        assert_ok!(Dpos::set_cap(signed(alice()), None));
        assert_ok!(Dpos::set_blocked(signed(alice()), true));
        assert_noop!(delegate(dave(), alice(), 500), Error::<Test>::CandidateBlocked);
        assert_ok!(Dpos::bond_extra(signed(alice()), 10));
        assert_ok!(Dpos::set_blocked(signed(alice()), false));
        assert_ok!(delegate(dave(), alice(), 500));
        assert_noop!(Dpos::set_cap(signed(dave()), None), Error::<Test>::NotCandidate);
        assert_noop!(Dpos::set_blocked(signed(dave()), true), Error::<Test>::NotCandidate);
    });
}

#[test]
fn delegate_fails_while_a_slash_is_pending() {
    on_chain(|| {
        Dpos::note_pending(&alice(), 0);
        assert_noop!(delegate(dave(), alice(), MIN), Error::<Test>::SlashPending);
        assert_noop!(bare(Dpos::bond_extra(signed(alice()), MIN)), Error::<Test>::SlashPending);
        Dpos::drop_pending(&alice());
        assert_ok!(delegate(dave(), alice(), MIN));
    });
}

#[test]
fn delegations_of_an_account_are_bounded_and_those_of_a_candidate_are_not() {
    on_chain(|| {
        Portfolios::<Test>::mutate(dave(), |it| it.delegations = crate::types::MAX_DELEGATIONS);
        assert_noop!(delegate(dave(), alice(), MIN), Error::<Test>::TooManyDelegations);
        Portfolios::<Test>::remove(dave());
        for number in 4..=40 {
            assert_ok!(delegate(account(number), alice(), MIN));
        }
    });
}

#[test]
fn first_delegation_cannot_take_from_the_second() {
    on_chain(|| {
        // Given a pool in which the first shares became dear,
        assert_ok!(Dpos::set_compound(signed(alice()), alice(), Mode::Compound));
        earn(alice(), 1_000_000);
        pass(ERA_BLOCKS);
        // when another one joins and leaves again at once,
        assert_ok!(compound(dave(), alice(), 777));
        // then it has lost no more than what a share is worth.
        let pool = Pools::<Test>::get(alice()).unwrap().compound;
        let share = pool.tokens.div_ceil(pool.shares);
        assert!(share > 50);
        assert!(worth(dave(), alice()) > 777 - share);
    });
}

#[test]
fn set_compound_keeps_the_stake_and_the_rewards_so_far() {
    on_chain(|| {
        assert_ok!(delegate(dave(), alice(), 10_000));
        earn(alice(), 3_000);
        pass(ERA_BLOCKS / 2 - 1);
        assert_noop!(
            bare(Dpos::set_compound(signed(dave()), alice(), Mode::Payout)),
            Error::<Test>::ModeMismatch
        );
        assert_ok!(Dpos::set_compound(signed(dave()), alice(), Mode::Compound));
        assert_eq!(Owed::<Test>::get(dave()), 750);
        assert_eq!(worth(dave(), alice()), 10_000);
        pass(ERA_BLOCKS / 2);
        assert_ok!(sync(dave(), alice()));
        assert_eq!(worth(dave(), alice()), 10_750);
        assert_eq!(Owed::<Test>::get(dave()), 750);
        assert_noop!(
            bare(Dpos::set_compound(signed(erin()), alice(), Mode::Compound)),
            Error::<Test>::NotDelegated
        );
    });
}

#[test]
fn claim_pays_once() {
    on_chain(|| {
        assert_noop!(claim(dave(), alice()), Error::<Test>::NothingToClaim);
        assert_ok!(delegate(dave(), alice(), 10_000));
        assert_noop!(claim(dave(), alice()), Error::<Test>::NothingToClaim);
        earn(alice(), 3_000);
        pass(ERA_BLOCKS);
        assert_ok!(claim(dave(), alice()));
        assert_eq!(balance(dave()), WEALTH - 10_000 + 1_500);
        assert_noop!(claim(dave(), alice()), Error::<Test>::NothingToClaim);
    });
}

#[test]
fn sync_by_anybody_gives_nothing_away() {
    on_chain(|| {
        assert_noop!(sync(dave(), alice()), Error::<Test>::NotDelegated);
        assert_ok!(delegate(dave(), alice(), 10_000));
        earn(alice(), 3_000);
        for _ in 0..ERA_BLOCKS {
            pass(1);
            assert_ok!(sync(dave(), alice()));
        }
        // Each of thirty settlements rounds away less than a unit.
        assert!(Owed::<Test>::get(dave()) > 1_500 - 31);
        assert_eq!(balance(dave()), WEALTH - 10_000);
    });
}
