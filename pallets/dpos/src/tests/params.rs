// SPDX-License-Identifier: Apache-2.0

use crate::{Error, Params, mock::*};
use polkadot_sdk::{
    frame_support::assert_noop,
    sp_runtime::{DispatchError, Perbill},
};

/// Tries to set parameters that differ from the good ones by one change.
fn refuse(change: impl FnOnce(&mut Params), error: Error<Test>) {
    let mut changed = params();
    change(&mut changed);
    assert_noop!(Dpos::set_params(RuntimeOrigin::root(), changed), error);
}

#[test]
fn set_params_fails_beyond_each_bound_and_changes_nothing() {
    on_chain(|| {
        refuse(|it| it.sessions_per_era = 2, Error::SessionsOutOfBounds);
        refuse(|it| it.sessions_per_era = 169, Error::SessionsOutOfBounds);
        refuse(|it| it.bonding_eras = 1, Error::BondingOutOfBounds);
        refuse(|it| it.bonding_eras = 113, Error::BondingOutOfBounds);
        refuse(|it| it.slash_defer_eras = it.bonding_eras, Error::DeferralOutOfBounds);
        refuse(|it| it.min_delegation = ED - 1, Error::MinimumOutOfBounds);
        refuse(|it| it.min_self_bond = ED - 1, Error::MinimumOutOfBounds);
        refuse(|it| it.commission_step = Perbill::zero(), Error::CommissionOutOfBounds);
        refuse(|it| it.commission_cooldown = 0, Error::CommissionOutOfBounds);
        refuse(|it| it.commission_cooldown = 113, Error::CommissionOutOfBounds);
        refuse(|it| it.leverage = 0, Error::LeverageOutOfBounds);
        refuse(|it| it.leverage = 1_001, Error::LeverageOutOfBounds);
        refuse(|it| it.max_validators = 101, Error::ValidatorsOutOfBounds);
        refuse(|it| it.min_validators = 0, Error::ValidatorsOutOfBounds);
        refuse(|it| it.random_seats = it.min_validators, Error::ValidatorsOutOfBounds);
        refuse(|it| (it.min_validators, it.max_validators) = (5, 4), Error::ValidatorsOutOfBounds);
        refuse(|it| it.inflation.most = Perbill::from_percent(21), Error::InflationOutOfBounds);
        refuse(|it| it.inflation.least = Perbill::from_percent(1), Error::InflationOutOfBounds);
        refuse(|it| it.inflation.ideal_stake = Perbill::zero(), Error::InflationOutOfBounds);
        refuse(|it| it.inflation.falloff = Perbill::zero(), Error::InflationOutOfBounds);
        refuse(|it| it.absence_limit = Perbill::zero(), Error::JailOutOfBounds);
        refuse(|it| it.jail_eras = 0, Error::JailOutOfBounds);
        refuse(|it| it.jail_eras = 113, Error::JailOutOfBounds);
    });
}

#[test]
fn parameters_and_invulnerables_are_for_governance_only() {
    on_chain(|| {
        assert_noop!(Dpos::set_params(signed(dave()), params()), DispatchError::BadOrigin);
        assert_noop!(
            Dpos::set_invulnerables(signed(dave()), Default::default()),
            DispatchError::BadOrigin
        );
        let twice = vec![alice(), bob(), alice()].try_into().unwrap();
        assert_noop!(
            Dpos::set_invulnerables(RuntimeOrigin::root(), twice),
            Error::<Test>::DuplicateInvulnerable
        );
        let once = vec![bob(), alice()].try_into().unwrap();
        assert!(Dpos::set_invulnerables(RuntimeOrigin::root(), once).is_ok());
        assert_eq!(crate::Invulnerables::<Test>::get().into_inner(), [bob(), alice()]);
    });
}
