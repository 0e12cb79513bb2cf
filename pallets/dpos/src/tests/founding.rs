// SPDX-License-Identifier: Apache-2.0

use crate::{CurrentEra, GenesisConfig, Invulnerables, Mode, Parameters, mock::*};
use polkadot_sdk::{
    frame_system, pallet_balances,
    sp_io::TestExternalities,
    sp_runtime::{BuildStorage, Perbill},
};

/// A chain with one candidate and one delegator, as a configuration wants it.
fn founded(change: impl FnOnce(&mut GenesisConfig<Test>)) -> TestExternalities {
    let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
    pallet_balances::GenesisConfig::<Test> {
        balances: vec![(alice(), WEALTH), (dave(), WEALTH)],
        ..Default::default()
    }
    .assimilate_storage(&mut storage)
    .unwrap();
    let mut config = GenesisConfig::<Test> {
        params: params(),
        candidates: vec![(alice(), MIN_SELF, Perbill::from_percent(3))],
        delegations: vec![(dave(), alice(), 700, Mode::Compound)],
        invulnerables: vec![alice()],
        ..Default::default()
    };
    change(&mut config);
    config.assimilate_storage(&mut storage).unwrap();
    TestExternalities::new(storage)
}

#[test]
fn genesis_has_its_candidates_and_delegators() {
    founded(|_| {}).execute_with(|| {
        check();
        assert_eq!(CurrentEra::<Test>::get(), 0);
        assert_eq!(Parameters::<Test>::get(), params());
        assert_eq!(worth(alice(), alice()), MIN_SELF);
        assert_eq!(worth(dave(), alice()), 700);
        assert_eq!(balance(dave()), WEALTH - 700);
        assert_eq!(Invulnerables::<Test>::get().into_inner(), [alice()]);
        assert_eq!(balance(Dpos::pot()), ED + MIN_SELF + 700);
    });
}

#[test]
#[should_panic(expected = "a candidate has what it stakes")]
fn genesis_with_a_candidate_named_twice_is_refused() {
    founded(|it| it.candidates.push((alice(), MIN_SELF, Perbill::zero())));
}

#[test]
#[should_panic(expected = "a delegator has what it stakes")]
fn genesis_with_too_large_a_delegation_is_refused() {
    founded(|it| it.delegations.push((dave(), alice(), WEALTH, Mode::Compound)));
}

#[test]
#[should_panic(expected = "parameters are in bounds")]
fn genesis_with_parameters_out_of_bounds_is_refused() {
    founded(|it| it.params.bonding_eras = 0);
}
