// SPDX-License-Identifier: Apache-2.0

//! Every preset is a chain that starts, and the scales differ where they should.

use super::chain::Chain;
use millrace_runtime::{constants::time::DAYS, *};
use polkadot_sdk::{pallet_referenda::TracksInfo, sp_genesis_builder::PresetId};

/// The preset's patch.
fn preset(name: &str) -> serde_json::Value {
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
