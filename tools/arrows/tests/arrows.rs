// SPDX-License-Identifier: Apache-2.0

//! Dependencies flow one way, as ARCHITECTURE.md draws it:
//! `primitives ← pallets ← runtime ← node` and
//! `primitives ← channels/protocol ← channels/{signer, store, …} ← channels/{cli, daemon}`.

use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// A room of the workspace and the rooms its crates may depend on. A room is a folder; its crates
/// are that folder or lie in it. The longest matching folder counts.
///
/// A room that does not name itself keeps its crates apart: sibling pallets meet at traits in
/// `primitives`, parts of the off-chain engine in whatever puts them together.
const ROOMS: &[(&str, &[&str])] = &[
    ("primitives", &["primitives"]),
    ("pallets", &["primitives"]),
    ("runtime", &["primitives", "pallets"]),
    ("runtime/tests", &["primitives", "pallets", "runtime"]),
    ("runtime/variants", &["runtime"]),
    ("node", &["runtime", "node/chain-spec", "node/parts", "node/service"]),
    ("node/chain-spec", &["runtime"]),
    ("node/parts", &["primitives"]),
    ("node/service", &["primitives", "node/parts"]),
    ("channels/protocol", &["primitives"]),
    ("channels/signer", &["primitives", "channels/protocol"]),
    ("channels/store", &["primitives", "channels/protocol"]),
    ("channels/transport", &["primitives", "channels/protocol"]),
    ("channels/chain", &["primitives", "channels/protocol"]),
    ("channels/routing", &["primitives"]),
    ("channels/api", &["primitives"]),
    (
        "channels/watchtower",
        &[
            "primitives",
            "channels/protocol",
            "channels/store",
            "channels/transport",
            "channels/chain",
        ],
    ),
    ("channels/daemon", ENGINE),
    ("channels/cli", ENGINE),
    ("channels/simulator", ENGINE),
    (
        "fuzz/decoders",
        &[
            "primitives",
            "channels/protocol",
            "channels/transport",
            "channels/watchtower",
            "channels/routing",
            "channels/api",
            "channels/daemon",
        ],
    ),
    ("bench/template", &[]),
    ("tools", &[]),
    (PORTS, &[]),
];

/// The ports of processes that tests start: every test may use it, and the story that
/// `channels/cli` tells, which starts processes too.
const PORTS: &str = "tools/ports";

/// What puts the off-chain engine together may use all of it, but never the chain's own code.
const ENGINE: &[&str] = &[
    "primitives",
    "channels/protocol",
    "channels/signer",
    "channels/store",
    "channels/transport",
    "channels/chain",
    "channels/watchtower",
    "channels/routing",
    "channels/api",
];

/// Rooms whose tests may also use their siblings: a pallet's mock runtime needs its neighbours.
const SIBLINGS_IN_TESTS: &[&str] = &["pallets"];

/// One crate of the workspace depending on another, both by folder below the workspace's root.
#[derive(Debug)]
struct Arrow {
    from: String,
    to: String,
    is_for_tests: bool,
}

/// The rooms that hold a crate's folder, with what they may use.
fn room_of(folder: &str) -> Option<&'static (&'static str, &'static [&'static str])> {
    ROOMS
        .iter()
        .filter(|(room, _)| Path::new(folder).starts_with(room))
        .max_by_key(|(room, _)| room.len())
}

/// Why an arrow runs the wrong way, if it does.
fn judge(arrow: &Arrow) -> Result<(), String> {
    let missing = |folder: &str| {
        format!("`{folder}` is in no room: add it to ROOMS in tools/arrows/tests/arrows.rs")
    };
    let (from, allowed) = room_of(&arrow.from).ok_or_else(|| missing(&arrow.from))?;
    let (to, _) = room_of(&arrow.to).ok_or_else(|| missing(&arrow.to))?;
    let sibling_in_test = arrow.is_for_tests && from == to && SIBLINGS_IN_TESTS.contains(from);
    let port = *to == PORTS && (arrow.is_for_tests || *from == "channels/cli");
    if allowed.contains(to) || sibling_in_test || port {
        return Ok(());
    }
    Err(format!(
        "`{}` depends on `{}`, but `{from}` may only depend on {allowed:?}: \
         move what they share to a crate below both",
        arrow.from, arrow.to,
    ))
}

/// The workspace's root, two folders above this crate.
fn workspace_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the folder exists")
}

/// What cargo knows about the workspace's own crates.
fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(workspace_root())
        .output()
        .expect("cargo is there, as it runs this test");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo writes JSON")
}

/// A path below the workspace's root, as the table of rooms writes it.
fn below_root(path: &str, root: &Path) -> String {
    Path::new(path).strip_prefix(root).unwrap_or(Path::new(path)).display().to_string()
}

/// Every arrow between two crates of the workspace.
fn arrows() -> Vec<Arrow> {
    let metadata = metadata();
    let root = metadata["workspace_root"].as_str().expect("cargo names the root");
    let packages = metadata["packages"].as_array().expect("cargo lists the packages");
    let mut arrows = Vec::new();
    for package in packages {
        let manifest = package["manifest_path"].as_str().expect("every package has a manifest");
        let from = manifest.trim_end_matches("/Cargo.toml");
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            if let Some(to) = dependency["path"].as_str() {
                arrows.push(Arrow {
                    from: below_root(from, Path::new(root)),
                    to: below_root(to, Path::new(root)),
                    is_for_tests: dependency["kind"] == "dev",
                });
            }
        }
    }
    arrows
}

#[test]
fn every_arrow_of_the_workspace_runs_the_right_way() {
    let arrows = arrows();
    assert!(!arrows.is_empty(), "the workspace's crates depend on each other");
    let wrong: Vec<String> = arrows.iter().filter_map(|arrow| judge(arrow).err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_crate_is_in_a_room() {
    let metadata = metadata();
    let root = Path::new(metadata["workspace_root"].as_str().expect("cargo names the root"));
    for package in metadata["packages"].as_array().expect("cargo lists the packages") {
        let manifest = package["manifest_path"].as_str().expect("every package has a manifest");
        let folder = below_root(manifest.trim_end_matches("/Cargo.toml"), root);
        assert!(room_of(&folder).is_some(), "add `{folder}` to ROOMS");
    }
}

#[test]
fn wrong_arrows_are_found() {
    let arrow = |from: &str, to: &str, is_for_tests| Arrow {
        from: from.into(),
        to: to.into(),
        is_for_tests,
    };
    for (from, to) in [
        ("primitives/channels", "pallets/channels"),
        ("pallets/channels", "pallets/channel-balances"),
        ("pallets/channels", "runtime"),
        ("runtime", "node"),
        ("node", "pallets/channels"),
        ("channels/protocol", "channels/chain"),
        ("channels/store", "channels/chain"),
        ("channels/chain", "runtime"),
        ("channels/cli", "pallets/channels"),
        ("somewhere/else", "primitives/channels"),
        ("channels/daemon", PORTS),
    ] {
        assert!(judge(&arrow(from, to, false)).is_err(), "{from} must not depend on {to}");
    }
    assert_eq!(judge(&arrow("pallets/channels", "pallets/channel-balances", true)), Ok(()));
    assert!(judge(&arrow("channels/chain", "runtime", true)).is_err());
    assert_eq!(judge(&arrow("runtime", "pallets/channels", false)), Ok(()));
    assert_eq!(judge(&arrow("channels/cli", "channels/chain", false)), Ok(()));
    assert_eq!(judge(&arrow("channels/daemon", PORTS, true)), Ok(()));
}
