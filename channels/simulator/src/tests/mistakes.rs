// SPDX-License-Identifier: Apache-2.0

//! Each mistake is made on purpose, and noticed by the rule that it breaks.

use super::*;
use crate::Mutant;

/// Worlds that a mistake may go unnoticed in, at the most.
const WORLDS: u64 = 150;

/// Makes a mistake in one world after the other until a rule breaks, which has to be one of `rules`;
/// without the mistake, that very world is well.
fn assert_noticed(mutant: Mutant, faults: &[Fault], rules: &[&str]) {
    for seed in 0..WORLDS {
        let settings = Settings { seed, mutant: Some(mutant), ..with(faults) };
        let Some(broken) = run(&settings, 0).failure else { continue };
        assert!(rules.contains(&broken.rule), "{mutant:?} was noticed by another rule: {broken}");
        let well = run(&Settings { mutant: None, ..settings }, 0);
        assert_eq!(well.complaint(), None);
        return;
    }
    panic!("nobody noticed {mutant:?} in {WORLDS} worlds");
}

#[test]
fn signature_that_is_not_written_down_is_noticed() {
    assert_noticed(Mutant::SignedIsNotWritten, &[Fault::Crash], &["SI-2", "SI-6"]);
}

#[test]
fn sending_before_writing_is_noticed() {
    let rules = ["SI-2", "SI-6", "SI-7", "SI-8"];
    assert_noticed(Mutant::SendsBeforeWriting, &[Fault::Crash], &rules);
}

#[test]
fn backup_that_is_taken_for_complete_is_noticed() {
    let faults = [Fault::Crash, Fault::Backup];
    let rules = ["SI-3", "SI-5", "SI-6", "SI-8"];
    assert_noticed(Mutant::BackupTakenForComplete, &faults, &rules);
}

#[test]
fn lost_reminders_are_noticed() {
    assert_noticed(Mutant::NoReminders, &[Fault::Crash], &["SI-4", "SI-7"]);
}

#[test]
fn forwarder_that_gives_back_too_early_is_noticed() {
    assert_noticed(Mutant::FailsTooEarly, &[], &["SI-4"]);
}

#[test]
fn missing_time_between_hops_is_noticed() {
    assert_noticed(Mutant::NoExpiryDelta, &[Fault::Byzantine, Fault::Chain], &["SI-4"]);
}

#[test]
fn impatience_is_noticed() {
    assert_noticed(Mutant::Impatient, &[Fault::Network, Fault::Partition], &["SI-5"]);
}

#[test]
fn ignored_disputes_are_noticed() {
    assert_noticed(Mutant::IgnoresDisputes, &[Fault::Byzantine], &["SI-3"]);
}

#[test]
fn judge_that_takes_stale_answers_is_noticed() {
    assert_noticed(Mutant::JudgeTakesStaleAnswers, &[Fault::Byzantine], &["SI-3"]);
}

#[test]
fn judge_that_pays_twice_is_noticed() {
    assert_noticed(Mutant::JudgePaysTwice, &[Fault::Byzantine], &["SI-1"]);
}

#[test]
fn judge_that_ignores_expiries_is_noticed() {
    assert_noticed(Mutant::JudgeIgnoresExpiry, &[Fault::Byzantine], &["SI-3", "SI-4", "SI-8"]);
}
