// SPDX-License-Identifier: Apache-2.0

//! Governance sets what channels depend on, within bounds.

use super::{
    chain::Chain,
    parties::{Pair, account_view, check},
};
use millrace_runtime::{
    constants::{
        money::{CENT, MILL},
        time::{DAYS, HOURS},
    },
    governance::origins::Origin,
    parameters::{
        DisputeBond, MaxChallengeBlocks, MinChallengeBlocks, RevealBlocks,
        dynamic_params::channels::{self, Parameters as Keys},
    },
    *,
};
use polkadot_sdk::{
    frame_support::traits::Get, pallet_parameters, sp_genesis_builder::PresetId,
    sp_keyring::Sr25519Keyring, sp_runtime::DispatchError,
};

/// Sets a parameter as the origin of its referendum does.
fn set(chain: &mut Chain, key: Keys) {
    chain.read(|| {
        let origin = RuntimeOrigin::from(Origin::ParameterAdmin);
        Parameters::set_parameter(origin, RuntimeParameters::Channels(key))
            .expect("the origin may set parameters")
    });
}

/// A live network's chain.
fn live() -> Chain {
    let patch =
        genesis::get_preset(&PresetId::from(genesis::STAGING_PRESET)).expect("the preset exists");
    Chain::from_patch(serde_json::from_slice(&patch).expect("a preset is JSON"))
}

#[test]
fn parameters_count_only_within_their_bounds() {
    let mut chain = live();
    let windows = |chain: &mut Chain| {
        chain.read(|| (MinChallengeBlocks::get(), MaxChallengeBlocks::get(), RevealBlocks::get()))
    };

    // given the defaults
    assert_eq!(windows(&mut chain), (HOURS, 28 * DAYS, 180 * DAYS));
    assert_eq!(chain.read(DisputeBond::get), 10 * MILL);

    // when everything is set far too low, then the least counts
    set(&mut chain, Keys::MinChallengeBlocks(channels::MinChallengeBlocks, Some(0)));
    set(&mut chain, Keys::MaxChallengeBlocks(channels::MaxChallengeBlocks, Some(0)));
    set(&mut chain, Keys::RevealBlocks(channels::RevealBlocks, Some(0)));
    set(&mut chain, Keys::DisputeBond(channels::DisputeBond, Some(0)));
    assert_eq!(windows(&mut chain), (HOURS / 6, DAYS, 120 * DAYS));
    assert_eq!(chain.read(DisputeBond::get), CENT);

    // when everything is set far too high, then the most counts
    let most = Some(BlockNumber::MAX);
    set(&mut chain, Keys::MinChallengeBlocks(channels::MinChallengeBlocks, most));
    set(&mut chain, Keys::MaxChallengeBlocks(channels::MaxChallengeBlocks, most));
    set(&mut chain, Keys::RevealBlocks(channels::RevealBlocks, most));
    set(&mut chain, Keys::DisputeBond(channels::DisputeBond, Some(Balance::MAX)));
    assert_eq!(windows(&mut chain), (DAYS, 56 * DAYS, 730 * DAYS));
    assert_eq!(chain.read(DisputeBond::get), 1_000 * MILL);

    // and what lies between counts as it is
    set(&mut chain, Keys::DisputeBond(channels::DisputeBond, Some(3 * MILL)));
    assert_eq!(chain.read(DisputeBond::get), 3 * MILL);
}

#[test]
fn whatever_is_set_preimages_outlast_two_windows_and_bonds_can_be_paid() {
    for value in [0, 1, HOURS, DAYS, 28 * DAYS, 100 * DAYS, BlockNumber::MAX] {
        let mut chain = live();
        set(&mut chain, Keys::MinChallengeBlocks(channels::MinChallengeBlocks, Some(value)));
        set(&mut chain, Keys::MaxChallengeBlocks(channels::MaxChallengeBlocks, Some(value)));
        set(&mut chain, Keys::RevealBlocks(channels::RevealBlocks, Some(value)));
        set(&mut chain, Keys::DisputeBond(channels::DisputeBond, Some(value.into())));
        chain.read(|| {
            assert!(MinChallengeBlocks::get() > 0);
            assert!(MinChallengeBlocks::get() <= MaxChallengeBlocks::get());
            assert!(RevealBlocks::get() > 2 * MaxChallengeBlocks::get());
            let reward = configs::RewardShare::get().mul_floor(DisputeBond::get());
            assert!(reward >= constants::money::EXISTENTIAL_DEPOSIT);
        });
    }
}

#[test]
fn users_set_no_parameters() {
    let mut chain = Chain::development();
    let key_value = RuntimeParameters::Channels(Keys::DisputeBond(channels::DisputeBond, Some(0)));
    let call = pallet_parameters::Call::set_parameter { key_value };
    assert_eq!(chain.submit(Sr25519Keyring::Alice, call), Err(DispatchError::BadOrigin));
}

#[test]
fn new_bond_counts_for_new_disputes_only() {
    // given a dispute
    let mut chain = Chain::development();
    let pair = Pair::new();
    let id = pair.open(&mut chain, [MILL, MILL]);
    let state = pair.state(id, 1, [MILL, MILL]);
    pair.dispute(&mut chain, 0, state);
    assert_eq!(account_view(&mut chain, pair.accounts[0]).bonds, 10 * MILL);

    // when the bond changes, then that of the dispute stays, and comes back whole
    set(&mut chain, Keys::DisputeBond(channels::DisputeBond, Some(3 * MILL)));
    assert_eq!(account_view(&mut chain, pair.accounts[0]).bonds, 10 * MILL);
    chain.empty_blocks(10);
    assert_eq!(account_view(&mut chain, pair.accounts[0]).bonds, 0);
    check(&mut chain);

    // and the next one takes the new bond
    chain.empty_blocks(60);
    let id = pair.open(&mut chain, [MILL, MILL]);
    let state = pair.state(id, 1, [MILL, MILL]);
    pair.dispute(&mut chain, 0, state);
    assert_eq!(account_view(&mut chain, pair.accounts[0]).bonds, 3 * MILL);
    check(&mut chain);
}
