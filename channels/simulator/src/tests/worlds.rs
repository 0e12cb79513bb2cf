// SPDX-License-Identifier: Apache-2.0

//! A few hundred small worlds, and a large one.

use super::*;

/// Each of these happened.
fn assert_happened(counts: &Counts, names: &[&str]) {
    for name in names {
        assert!(counts.get(name) > 0, "no {name}: these worlds show nothing about them");
    }
}

#[test]
fn worlds_without_faults_settle_together() {
    let counts = run_worlds(0..30, &with(&[]));
    assert_happened(
        &counts,
        &["versions agreed", "payments over several hops made", "pulses", "resizes", "settled"],
    );
    assert_eq!(counts.get("disputes"), 0);
}

#[test]
fn worlds_with_crashes() {
    let counts = run_worlds(100..150, &with(&[Fault::Crash]));
    assert_happened(&counts, &["crashes", "restarts", "payments over several hops made"]);
    assert_eq!(counts.get("disputes"), 0);
}

#[test]
fn worlds_with_crashes_and_old_backups() {
    let counts = run_worlds(200..250, &with(&[Fault::Crash, Fault::Backup]));
    assert_happened(&counts, &["restored from a backup"]);
}

#[test]
fn worlds_with_a_bad_network() {
    let faults = [Fault::Network, Fault::Partition, Fault::Outage];
    let counts = run_worlds(300..350, &with(&faults));
    assert_happened(&counts, &["partitions", "outages", "refused messages"]);
}

#[test]
fn worlds_with_a_rough_chain() {
    let counts = run_worlds(400..440, &with(&[Fault::Chain, Fault::Crash, Fault::Outage]));
    assert_happened(&counts, &["blocks undone", "bidding wars"]);
}

#[test]
fn worlds_with_villains() {
    let counts = run_worlds(500..550, &with(&[Fault::Byzantine, Fault::Chain]));
    assert_happened(
        &counts,
        &[
            "messages forged",
            "messages spoiled",
            "old states shown",
            "disputes answered",
            "bonds lost",
            "closed alone",
            "transfers claimed",
            "transfers refunded",
            "preimages shown late",
            "memories forgotten on purpose",
        ],
    );
}

#[test]
fn worlds_with_everything() {
    let counts = run_worlds(600..680, &Settings::small(0));
    assert_happened(&counts, &["crashes", "restored from a backup", "blocks undone", "bonds lost"]);
}

#[test]
fn thousand_parties_with_ten_thousand_channels() {
    let settings = Settings {
        seed: 1,
        parties: 1_000,
        channels: 10_000,
        steps: 10_000,
        faults: Faults::all(),
        mutant: None,
    };
    let counts = run_worlds(1..2, &settings);
    assert!(counts.get("versions agreed") > 40_000);
    assert!(counts.get("channels over") >= 9_500);
}

#[test]
fn same_seed_is_the_same_world() {
    let settings = Settings::small(77);
    let (one, other) = (run(&settings, 500), run(&settings, 500));
    assert_eq!(one.counts, other.counts);
    assert_eq!(one.trace, other.trace);
    assert_ne!(run(&Settings::small(78), 0).counts, one.counts);
}
