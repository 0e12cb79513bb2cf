// SPDX-License-Identifier: Apache-2.0

use crate::{Candidates, Error, Mode, Pools, Status, mock::*};
use millrace_primitives_dpos::{AccountId, Balance};
use polkadot_sdk::{
    frame_support::{assert_noop, assert_ok},
    sp_runtime::{DispatchResult, Perbill},
};

const TEN: Perbill = Perbill::from_percent(10);

fn register(who: AccountId, self_bond: Balance, commission: Perbill) -> DispatchResult {
    Dpos::register(signed(who), self_bond, commission, Mode::Payout)
}

fn set_commission(percent: u32) -> DispatchResult {
    Dpos::set_commission(signed(alice()), Perbill::from_percent(percent))
}

fn status(who: AccountId) -> Option<Status> {
    Candidates::<Test>::get(who).map(|it| it.status)
}

/// Lets a candidate be jailed until the era.
fn jail(who: AccountId, until: u32) {
    Candidates::<Test>::mutate(who, |it| it.as_mut().unwrap().status = Status::Jailed { until });
}

#[test]
fn register_moves_the_self_bond_into_the_pot() {
    on_chain(|| {
        assert_ok!(register(dave(), MIN_SELF, TEN));
        assert_eq!(balance(dave()), WEALTH - MIN_SELF);
        assert_eq!(worth(dave(), dave()), MIN_SELF);
        assert_eq!(status(dave()), Some(Status::Active));
    });
}

#[test]
fn register_fails_without_keys_or_stake_or_with_too_high_a_commission() {
    on_chain(|| {
        Keyless::set(vec![dave()]);
        assert_noop!(register(dave(), MIN_SELF, TEN), Error::<Test>::NoSessionKeys);
        Keyless::set(vec![]);
        assert_noop!(register(dave(), MIN_SELF - 1, TEN), Error::<Test>::SelfBondTooSmall);
        let high = Perbill::from_percent(31);
        assert_noop!(register(dave(), MIN_SELF, high), Error::<Test>::CommissionTooHigh);
        assert_noop!(register(alice(), MIN_SELF, TEN), Error::<Test>::AlreadyCandidate);
        assert!(register(dave(), WEALTH, TEN).is_err(), "the account has to stay alive");
    });
}

#[test]
fn register_fails_when_there_are_too_many() {
    on_chain(|| {
        for number in 4..=20 {
            assert_ok!(register(account(number), MIN_SELF, TEN));
        }
        assert_noop!(register(account(21), MIN_SELF, TEN), Error::<Test>::TooManyCandidates);
    });
}

#[test]
fn bond_extra_adds_to_the_own_stake_only_of_candidates() {
    on_chain(|| {
        assert_ok!(Dpos::bond_extra(signed(alice()), 500));
        assert_eq!(worth(alice(), alice()), SELF_BOND + 500);
        assert_noop!(bare(Dpos::bond_extra(signed(dave()), 500)), Error::<Test>::NotCandidate);
        assert_noop!(bare(Dpos::bond_extra(signed(alice()), 0)), Error::<Test>::NothingToMove);
    });
}

#[test]
fn rise_of_the_commission_waits_and_cools_down() {
    on_chain(|| {
        let commission = || Candidates::<Test>::get(alice()).unwrap();
        assert_noop!(set_commission(31), Error::<Test>::CommissionTooHigh);
        assert_noop!(set_commission(11), Error::<Test>::CommissionStepTooLarge);
        assert_ok!(set_commission(10));
        assert_eq!(commission().commission_of(1), Perbill::zero());
        assert_eq!(commission().commission_of(2), TEN);
        assert_noop!(set_commission(5), Error::<Test>::CommissionCooldown);
        pass_eras(2);
        pass(1);
        assert_noop!(set_commission(21), Error::<Test>::CommissionStepTooLarge);
        assert_ok!(set_commission(20));
        // A lower one holds at once, and takes the rise back.
        assert_ok!(set_commission(1));
        assert_eq!(commission().commission_of(100), Perbill::from_percent(1));
        // Taking back does not shorten the cooldown.
        assert_noop!(set_commission(2), Error::<Test>::CommissionCooldown);
    });
}

#[test]
fn commission_stays_while_rewards_are_divided_by_it() {
    on_chain(|| {
        Dpos::award(&alice(), 20);
        fees(100);
        next_era();
        assert_noop!(set_commission(1), Error::<Test>::PaydayUnfinished);
        pass(1);
        assert_ok!(set_commission(1));
    });
}

#[test]
fn who_registers_anew_cannot_surprise_those_who_stayed() {
    on_chain(|| {
        assert_ok!(delegate(dave(), alice(), 500));
        assert_ok!(Dpos::leave(signed(alice())));
        assert_noop!(
            register(alice(), MIN_SELF, Perbill::from_percent(1)),
            Error::<Test>::CommissionStepTooLarge
        );
        assert_ok!(register(alice(), MIN_SELF, Perbill::zero()));
        assert_eq!(worth(dave(), alice()), 500);
        assert_eq!(status(alice()), Some(Status::Active));
    });
}

#[test]
fn jail_term_outlasts_leaving() {
    on_chain(|| {
        jail(alice(), 8);
        assert_ok!(Dpos::leave(signed(alice())));
        assert_noop!(register(alice(), MIN_SELF, Perbill::zero()), Error::<Test>::StillJailed);
        pass_eras(5);
        pass(1);
        // The row stays to remember the term, though all stake is gone.
        assert_ok!(withdraw(alice()));
        assert!(status(alice()).is_some());
        pass_eras(3);
        pass(1);
        assert_ok!(register(alice(), MIN_SELF, Perbill::zero()));
    });
}

#[test]
fn chill_and_resume_change_only_the_standing() {
    on_chain(|| {
        assert_noop!(Dpos::resume(signed(alice())), Error::<Test>::AlreadyActive);
        assert_ok!(Dpos::chill(signed(alice())));
        assert_eq!(status(alice()), Some(Status::Idle));
        assert_noop!(Dpos::chill(signed(alice())), Error::<Test>::AlreadyIdle);
        assert_eq!(worth(alice(), alice()), SELF_BOND);
        Keyless::set(vec![alice()]);
        assert_noop!(Dpos::resume(signed(alice())), Error::<Test>::NoSessionKeys);
        Keyless::set(vec![]);
        assert_ok!(Dpos::resume(signed(alice())));
        assert_eq!(status(alice()), Some(Status::Active));
        assert_noop!(Dpos::chill(signed(dave())), Error::<Test>::NotCandidate);
    });
}

#[test]
fn unjail_needs_time_and_stake() {
    on_chain(|| {
        assert_noop!(Dpos::unjail(signed(alice())), Error::<Test>::NotJailed);
        jail(alice(), 1);
        assert_noop!(Dpos::unjail(signed(alice())), Error::<Test>::StillJailed);
        assert_noop!(Dpos::resume(signed(alice())), Error::<Test>::CandidateJailed);
        assert_noop!(Dpos::chill(signed(alice())), Error::<Test>::CandidateJailed);
        slash(alice(), 0, 95);
        next_era();
        assert_noop!(Dpos::unjail(signed(alice())), Error::<Test>::SelfBondTooSmall);
        assert_ok!(Dpos::bond_extra(signed(alice()), MIN_SELF));
        assert_ok!(Dpos::unjail(signed(alice())));
        assert_eq!(status(alice()), Some(Status::Active));
    });
}

#[test]
fn leave_unbonds_the_own_stake_and_forgets_the_candidate_at_the_end() {
    on_chain(|| {
        assert_ok!(delegate(dave(), alice(), 500));
        assert_ok!(Dpos::leave(signed(alice())));
        assert_noop!(bare(Dpos::leave(signed(alice()))), Error::<Test>::CandidateLeaving);
        assert_noop!(delegate(erin(), alice(), 500), Error::<Test>::CandidateLeaving);
        assert_eq!(staked(alice()), 500);
        pass_eras(BONDING);
        pass(1);
        assert_ok!(withdraw(alice()));
        assert_eq!(balance(alice()), WEALTH);
        // Somebody is still there.
        assert!(status(alice()).is_some());
        assert_ok!(unbond(dave(), alice(), 500));
        assert_eq!(Pools::<Test>::get(alice()), None);
        assert_ok!(sync(dave(), alice()));
        assert_eq!(status(alice()), None);
        assert_noop!(sync(dave(), alice()), Error::<Test>::NotDelegated);
    });
}
