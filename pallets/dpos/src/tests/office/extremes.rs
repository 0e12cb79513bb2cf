// SPDX-License-Identifier: Apache-2.0

//! At the bounds of every parameter the chain goes on, and no stake is trapped.

use super::world::*;
use crate::{
    CurrentEra, Params,
    params::{
        MAX_BONDING_ERAS, MAX_COMMISSION_COOLDOWN, MAX_INFLATION, MAX_JAIL_ERAS, MAX_LEVERAGE,
        MAX_SESSIONS_PER_ERA, MIN_BONDING_ERAS, MIN_SESSIONS_PER_ERA,
    },
};
use millrace_primitives_dpos::{Balance, inflation::MIN_FALLOFF};
use polkadot_sdk::{
    frame_support::{assert_ok, traits::fungible::Inspect},
    sp_runtime::Perbill,
};

/// A change of parameters to the end of what is allowed.
type Change = (&'static str, fn(&mut Params));

const LEAST: Perbill = Perbill::from_parts(1);

/// Each bound by itself.
const CHANGES: [Change; 26] = [
    ("shortest era", |it| it.sessions_per_era = MIN_SESSIONS_PER_ERA),
    ("longest era", |it| it.sessions_per_era = MAX_SESSIONS_PER_ERA),
    ("shortest unbonding", |it| (it.bonding_eras, it.slash_defer_eras) = (MIN_BONDING_ERAS, 0)),
    ("longest unbonding", |it| it.bonding_eras = MAX_BONDING_ERAS),
    ("longest deferral", |it| {
        (it.bonding_eras, it.slash_defer_eras) = (MAX_BONDING_ERAS, MAX_BONDING_ERAS - 1);
    }),
    ("least own stake", |it| it.min_self_bond = 1),
    ("unreachable own stake", |it| it.min_self_bond = Balance::MAX),
    ("least delegation", |it| it.min_delegation = 1),
    ("unreachable delegation", |it| it.min_delegation = Balance::MAX),
    ("no commission", |it| it.max_commission = Perbill::zero()),
    ("any commission", |it| it.max_commission = Perbill::one()),
    ("smallest step", |it| it.commission_step = LEAST),
    ("largest step", |it| it.commission_step = Perbill::one()),
    ("longest cooldown", |it| it.commission_cooldown = MAX_COMMISSION_COOLDOWN),
    ("least leverage", |it| it.leverage = 1),
    ("most leverage", |it| it.leverage = MAX_LEVERAGE),
    ("one validator", |it| (it.min_validators, it.max_validators) = (1, 1)),
    ("as many validators as there may be", |it| {
        (it.min_validators, it.max_validators) = (100, 100);
    }),
    ("all but one drawn", |it| (it.min_validators, it.random_seats) = (6, 5)),
    ("no inflation", |it| {
        (it.inflation.least, it.inflation.most) = (Perbill::zero(), Perbill::zero());
    }),
    ("most inflation", |it| {
        (it.inflation.least, it.inflation.most) = (MAX_INFLATION, MAX_INFLATION);
    }),
    ("steepest curve", |it| {
        (it.inflation.ideal_stake, it.inflation.falloff) = (LEAST, MIN_FALLOFF);
    }),
    ("flattest curve", |it| {
        (it.inflation.ideal_stake, it.inflation.falloff) = (Perbill::one(), Perbill::one());
    }),
    ("no slot may be missed", |it| it.absence_limit = LEAST),
    ("every slot may be missed", |it| it.absence_limit = Perbill::one()),
    ("longest jail", |it| it.jail_eras = MAX_JAIL_ERAS),
];

/// Lives through some eras after `change`, with somebody who came before it and somebody who tries
/// to come afterwards.
fn live_through(name: &str, change: impl FnOnce(&mut Params)) {
    world(params(), &[1_000; 6]).execute_with(|| {
        stake(9_000, 1, 5_000);
        let issuance = Balances::total_issuance();
        let mut changed = params();
        change(&mut changed);
        assert_ok!(Dpos::set_params(RuntimeOrigin::root(), changed));
        let _ =
            Dpos::delegate(RuntimeOrigin::signed(account(2)), account(1), 700, Default::default());

        // Eras go on, with validators in office, and the rules hold in each.
        for era in 1..4 {
            next_era();
            assert_eq!(CurrentEra::<World>::get(), era, "{name}");
            assert!(!seated().is_empty() && !InOffice::get().is_empty(), "{name}");
        }

        // No more is minted than the highest inflation gives for twice that time.
        let minted = Balances::total_issuance() - issuance;
        let slots = u128::from(Slot::get() - FIRST_SLOT);
        let most = issuance / 5 * slots * 2_000 * 2 / 31_557_600_000;
        assert!(minted <= most, "{name}: {minted} is minted of {most}");

        // All stake can leave, and comes back in its time.
        for who in [2, 9_000] {
            let who = RuntimeOrigin::signed(account(who));
            let _ = Dpos::unbond(who, account(1), Balance::MAX);
        }
        assert_eq!(crate::Delegations::<World>::get(account(9_000), account(1)), None, "{name}");
        assert_ok!(Dpos::leave(RuntimeOrigin::signed(account(1))));
        let chunks = crate::Portfolios::<World>::get(account(9_000)).unbonding;
        let release = chunks.iter().map(|it| it.release_era).max().expect("it is on its way");
        let now = CurrentEra::<World>::get();
        assert!(release <= now + 1 + changed.bonding_eras, "{name}");
        if changed.sessions_per_era == params().sessions_per_era {
            while CurrentEra::<World>::get() < release {
                next_era();
            }
            assert_ok!(Dpos::withdraw(RuntimeOrigin::signed(account(9_000))));
            assert!(Balances::balance(&account(9_000)) >= WEALTH, "{name}");
        }
    });
}

#[test]
fn chain_goes_on_at_every_parameter_extreme_and_traps_no_stake() {
    for (name, change) in CHANGES {
        live_through(name, change);
    }
}

#[test]
fn chain_goes_on_with_all_parameters_at_their_least_or_most_at_once() {
    live_through("everything at its least", |it| {
        for at in [0, 2, 5, 7, 9, 11, 14, 16, 19, 21, 23] {
            CHANGES[at].1(it);
        }
    });
    live_through("everything at its most", |it| {
        for at in [1, 3, 6, 8, 10, 12, 13, 15, 17, 20, 22, 24, 25] {
            CHANGES[at].1(it);
        }
    });
}
