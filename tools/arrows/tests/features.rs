// SPDX-License-Identifier: Apache-2.0

//! Programs and tests use the SDK with the same features.
//!
//! Cargo counts features that only development dependencies name when it builds tests, and leaves them
//! out when it builds programs. One such feature, and every crate of the workspace is compiled twice:
//! the runtime, its WASM and the node's service, a quarter of an hour.

use serde_json::Value;
use std::{collections::BTreeSet, process::Command};

/// The crate whose features the whole workspace shares.
const SHARED: &str = "polkadot-sdk";

/// Features of [`SHARED`] that the workspace's crates name in dependencies of this kind.
fn features(metadata: &Value, is_for_tests: bool) -> BTreeSet<&str> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages
        .flat_map(|package| package["dependencies"].as_array().into_iter().flatten())
        .filter(|dependency| dependency["name"] == SHARED)
        .filter(|dependency| (dependency["kind"] == "dev") == is_for_tests)
        .flat_map(|dependency| dependency["features"].as_array().into_iter().flatten())
        .filter_map(Value::as_str)
        .collect()
}

#[test]
fn no_feature_is_there_for_tests_only() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo is there, as it runs this test");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let (tests, programs) = (features(&metadata, true), features(&metadata, false));
    assert!(!tests.is_empty() && !programs.is_empty(), "{SHARED} is used");
    let only: Vec<_> = tests.difference(&programs).collect();
    assert!(
        only.is_empty(),
        "only tests use {SHARED} with {only:?}: name these features in the dependencies of a program \
         too, such as node/service"
    );
}
