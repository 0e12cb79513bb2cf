// SPDX-License-Identifier: Apache-2.0

//! Every preset is a chain that starts, and the scales differ where they should.

use super::chain::Chain;
use millrace_runtime::{constants::time::DAYS, *};
use polkadot_sdk::{pallet_referenda::TracksInfo, sp_genesis_builder::PresetId};
use serde_json::Value;

/// The preset's patch.
fn preset(name: &str) -> Value {
    let bytes = genesis::get_preset(&PresetId::from(name)).expect("the preset exists");
    serde_json::from_slice(&bytes).expect("a preset is JSON")
}

#[test]
fn every_named_preset_builds_a_genesis_state() {
    for name in genesis::preset_names() {
        Chain::from_patch(preset(&name));
    }
}

#[test]
fn unknown_preset_is_nothing() {
    assert!(genesis::get_preset(&PresetId::from("no such preset")).is_none());
}

#[test]
fn amounts_of_staking_are_written_as_strings_and_read_as_numbers_too() {
    // given the preset's parameters, whose amounts are strings
    let mut patch = preset("development");
    let params = &mut patch["dpos"]["params"];
    assert_eq!(params["minDelegation"], "1000000000000");

    // when somebody writes a number, and elsewhere more digits than a number keeps
    params["minSelfBond"] = 2_000_000_000_000u64.into();
    params["minDelegation"] = "100000000000000000000000".into();
    patch["dpos"]["delegations"] = Value::Array(Vec::new());
    let params = Chain::from_patch(patch).read(pallet_dpos::Parameters::<Runtime>::get);

    // then both are read as they are meant
    assert_eq!(params.min_self_bond, 2_000_000_000_000);
    assert_eq!(params.min_delegation, 100_000_000_000_000_000_000_000);
}

#[test]
fn development_and_staging_run_one_blob_with_different_periods() {
    // given the longest decision period of each
    let longest = |name: &str| {
        Chain::from_patch(preset(name)).read(|| {
            millrace_runtime::governance::tracks::Tracks::tracks()
                .map(|track| track.info.decision_period)
                .max()
                .expect("there are tracks")
        })
    };

    // then a referendum takes a minute here and four weeks there
    assert_eq!(longest("development"), 30);
    assert_eq!(longest("staging"), 28 * DAYS);
}

#[test]
fn tracks_are_sorted_and_sound() {
    Chain::development().read(|| {
        millrace_runtime::governance::tracks::Tracks::check_integrity().expect("tracks are sound");
    });
}
