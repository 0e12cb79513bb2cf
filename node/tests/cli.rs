// SPDX-License-Identifier: Apache-2.0

//! The binary, run as a user runs it. No test here starts a chain.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// Runs the binary with these arguments.
fn millrace(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_millrace"))
        .args(arguments)
        .output()
        .expect("cargo builds the binary before the tests")
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "the command failed: {}", stderr(output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The message of a command that must fail, without a backtrace or a Rust type in it.
fn failure(output: &Output) -> String {
    assert!(!output.status.success(), "the command should fail");
    let message = stderr(output);
    assert!(!message.contains("panicked") && !message.contains("Input("), "{message}");
    message
}

/// A folder that is deleted at the end of a test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("millrace-cli-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("the temporary folder can be written");
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("temporary paths are text")
    }

    fn file(&self, name: &str, content: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, content).expect("the temporary folder can be written");
        path.to_string_lossy().into_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn version_names_the_program_and_its_number() {
    let text = stdout(&millrace(&["--version"]));
    assert!(text.starts_with(concat!("millrace ", env!("CARGO_PKG_VERSION"))), "{text}");
}

#[test]
fn help_lists_every_subcommand() {
    let text = stdout(&millrace(&["--help"]));
    for name in [
        "key",
        "export-chain-spec",
        "build-spec",
        "chain-spec",
        "chain-info",
        "check-block",
        "compile-runtime",
        "export-blocks",
        "export-state",
        "import-blocks",
        "revert",
        "purge-chain",
        "benchmark",
    ] {
        assert!(text.contains(&format!("\n  {name} ")), "no {name} in: {text}");
    }
}

#[test]
fn development_chain_is_exported_as_json() {
    let text = stdout(&millrace(&["export-chain-spec", "--chain", "dev"]));
    let spec: serde_json::Value = serde_json::from_str(&text).expect("a specification is JSON");
    assert_eq!(spec["id"], "millrace_dev");
    assert_eq!(spec["properties"]["tokenSymbol"], "MILL");
    assert!(spec["lightSyncState"].is_null());
}

#[test]
fn exported_chain_is_read_back_from_its_file() {
    let folder = Folder::new("roundtrip");
    let first = stdout(&millrace(&["export-chain-spec", "--chain", "local", "--raw"]));
    let file = folder.file("local.json", &first);
    let second = stdout(&millrace(&["export-chain-spec", "--chain", &file, "--raw"]));
    assert!(first == second, "reading a specification and writing it again changed it");
}

#[test]
fn unknown_chain_is_refused_with_the_known_ones() {
    let message = failure(&millrace(&["export-chain-spec", "--chain", "nowhere"]));
    assert!(message.contains("no chain called `nowhere`"), "{message}");
    assert!(message.contains("dev, local or staging"), "{message}");
}

#[test]
fn node_without_a_chain_asks_for_one() {
    let message = failure(&millrace(&[]));
    assert!(message.contains("--dev"), "{message}");
}

#[test]
fn presets_are_listed_and_a_wrong_one_is_refused() {
    let presets = stdout(&millrace(&["chain-spec", "presets"]));
    assert_eq!(presets.lines().collect::<Vec<_>>(), ["development", "local_testnet", "staging"]);
    let message = failure(&millrace(&["chain-spec", "create", "--preset", "nothing"]));
    assert!(message.contains("development, local_testnet, staging"), "{message}");
}

#[test]
fn patch_changes_the_genesis_of_a_new_chain() {
    let folder = Folder::new("patch");
    let patch = folder.file("patch.json", r#"{ "network": { "epochSlots": 120 } }"#);
    let preset = ["chain-spec", "create", "--preset", "development", "--id", "millrace_mine"];
    let text = stdout(&millrace(&[&preset[..], &["--patch", &patch]].concat()));
    let spec: serde_json::Value = serde_json::from_str(&text).expect("a specification is JSON");
    assert_eq!(spec["id"], "millrace_mine");
    assert_eq!(spec["chainType"], "Live");
    let genesis = &spec["genesis"]["runtimeGenesis"]["patch"];
    assert_eq!(genesis["network"]["epochSlots"], 120);
}

#[test]
fn wrong_patch_is_refused_before_anything_is_written() {
    let folder = Folder::new("wrong-patch");
    let patch = folder.file("patch.json", r#"{ "network": { "epochLength": 120 } }"#);
    let output = format!("{}/spec.json", folder.path());
    let preset = ["chain-spec", "create", "--preset", "development", "--output", &output];
    let message = failure(&millrace(&[&preset[..], &["--patch", &patch]].concat()));
    assert!(message.contains("epochLength"), "{message}");
    assert!(!Path::new(&output).exists());
}

#[test]
fn chain_without_validators_is_refused_with_the_remedy() {
    let folder = Folder::new("staging");
    let message = failure(&millrace(&[
        "--chain",
        "staging",
        "--base-path",
        folder.path(),
        "--port",
        "0",
        "--rpc-port",
        "0",
        "--no-prometheus",
        "--no-telemetry",
    ]));
    assert!(message.contains("chain-spec create --patch"), "{message}");
}

#[test]
fn live_network_refuses_to_offer_unsafe_methods_to_other_machines() {
    let folder = Folder::new("unsafe");
    let exposed = ["--chain", "staging", "--rpc-external", "--rpc-methods", "unsafe"];
    let message = failure(&millrace(&[&exposed[..], &["--base-path", folder.path()]].concat()));
    assert!(message.contains("--unsafe-rpc-external"), "{message}");
    assert!(!folder.0.join("chains/millrace_staging/paritydb").exists());
}

#[test]
fn taken_rpc_port_stops_the_node_and_names_the_option() {
    let other = TcpListener::bind("127.0.0.1:0").expect("some port is free");
    let port = other.local_addr().expect("a bound listener has an address").port().to_string();
    let message = failure(&millrace(&["--dev", "--port", "0", "--rpc-port", &port]));
    assert!(message.contains(&port) && message.contains("--rpc-port"), "{message}");
}

#[test]
fn genesis_of_a_new_database_is_the_best_block() {
    let folder = Folder::new("info");
    // Opening the database writes the genesis block; there is no block 5 to be checked yet.
    let message =
        failure(&millrace(&["check-block", "5", "--chain", "dev", "--base-path", folder.path()]));
    assert!(message.contains("Unknown block"), "{message}");
    let text = stdout(&millrace(&["chain-info", "--chain", "dev", "--base-path", folder.path()]));
    let info: serde_json::Value = serde_json::from_str(&text).expect("chain-info prints JSON");
    assert_eq!(info["best_number"], 0);
    assert_eq!(info["best_hash"], info["genesis_hash"]);

    stdout(&millrace(&["purge-chain", "-y", "--chain", "dev", "--base-path", folder.path()]));
    assert!(!folder.0.join("chains/millrace_dev/paritydb").exists());
}

#[test]
fn what_is_no_runtime_is_not_compiled() {
    let folder = Folder::new("compile");
    let file = folder.file("next.wasm", "no runtime at all");
    let message =
        failure(&millrace(&["compile-runtime", &file, "--dev", "--base-path", folder.path()]));
    assert!(message.contains("next.wasm cannot be compiled"), "{message}");
    let message = failure(&millrace(&["compile-runtime", "nowhere.wasm", "--dev"]));
    assert!(message.contains("cannot read nowhere.wasm"), "{message}");
}
