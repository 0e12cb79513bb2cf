// SPDX-License-Identifier: Apache-2.0

//! The program itself, as people run it.

use serde_json::Value;
use std::process::{Command, Output};

fn simulate(arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_millrace-channel-sim");
    Command::new(program).args(arguments).output().expect("the program starts")
}

#[test]
fn result_is_printed_as_json_and_progress_beside_it() {
    let output = simulate(&["--seeds", "2", "--steps", "20", "--json"]);
    assert!(output.status.success());
    let result: Value = serde_json::from_slice(&output.stdout).expect("nothing but JSON");
    assert_eq!(result["worlds"], 2);
    assert_eq!(result["failures"], Value::Array(Vec::new()));
    assert!(result["counts"]["versions agreed"].as_u64() > Some(0));
    assert!(String::from_utf8_lossy(&output.stderr).contains("2 of 2 worlds"));
}

#[test]
fn world_is_told_line_by_line() {
    let output = simulate(&["--seed", "3", "--steps", "5", "--quiet", "--trace", "--lines", "40"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.lines().filter(|line| line.starts_with("block ")).count() == 40, "{text}");
    assert!(output.stderr.is_empty());
}

#[test]
fn unknown_fault_is_explained() {
    let output = simulate(&["--faults", "flood"]);
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains("there is no fault `flood`"), "{text}");
}

#[test]
fn failing_world_is_told_and_its_command_shows_it_again() {
    // given worlds in which the judge pays claims twice
    let mistake = ["--faults", "byzantine", "--mistake", "judge-pays-twice"];
    let output = simulate(&[&["--seeds", "150", "--quiet"][..], &mistake[..]].concat());
    // then one of them breaks the rule
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = text.lines().find(|line| line.contains("breaks a rule")).expect("a complaint");
    assert!(complaint.contains("SI-1"), "{complaint}");
    // when the command that is printed runs
    let start = "replay: cargo run --release -p millrace-channels-simulator -- ";
    let command = text.lines().find_map(|line| line.strip_prefix(start)).expect("a command");
    let again = simulate(&command.split_whitespace().collect::<Vec<_>>());
    // then the same rule breaks in the same block, and the way there is told
    assert_eq!(again.status.code(), Some(1));
    let text = String::from_utf8_lossy(&again.stdout).into_owned();
    assert!(text.lines().any(|line| line == complaint), "{text}");
    assert!(text.lines().any(|line| line.starts_with("block ")), "{text}");
}
