// SPDX-License-Identifier: Apache-2.0

//! Disks that fill, disks that refuse to sync, and what is safe after that.

use super::{
    machine::{Dice, Machine, Plan, channels},
    name,
};
use crate::{Batch, Record};

const CHANNEL: [u8; 32] = [7; 32];

#[test]
fn nothing_is_accepted_after_a_failed_sync() {
    let machine = Machine::with_store();
    let store = machine.open();
    store.append(CHANNEL, Record::signed(1, "one")).expect("accepted").wait().expect("durable");
    machine.plan(Plan { sync_fails: true, ..Plan::default() });
    let ticket = store.append(CHANNEL, Record::signed(2, "two")).expect("accepted");
    let error = ticket.wait().expect_err("the sync failed");
    assert_eq!(name(&error), "Failed");
    assert!(error.to_string().contains("the disk is failing"), "{error}");
    assert!(error.to_string().contains("open the store again"), "{error}");
    // The disk works again, but the store does not know what of it can be trusted.
    for _ in 0..3 {
        let error = store.append(CHANNEL, Record::signed(3, "three")).expect_err("refused");
        assert_eq!(name(&error), "Failed");
    }
    let (error, _) = store.try_submit(Batch::new().forget(CHANNEL)).expect_err("refused");
    assert_eq!(name(&error), "Failed");
    assert_eq!(name(&store.close().expect_err("it failed")), "Failed");
}

/// The trap that PostgreSQL fell into: the system shows pages that never reached the disk, and takes
/// them for clean. Whoever builds on them loses what it builds.
#[test]
fn what_follows_a_failed_sync_does_not_build_on_pages_that_were_lost() {
    for seed in 0..20 {
        let machine = Machine::with_store();
        let store = machine.open();
        store.append(CHANNEL, Record::agreed(1, "one")).expect("accepted").wait().expect("durable");
        machine.plan(Plan { sync_fails: true, ..Plan::default() });
        let batch = (0..40).fold(Batch::new(), |batch, n| {
            batch.append([n; 32], Record::agreed(2, vec![n; 2_000]))
        });
        store.submit(batch).expect("accepted").wait().expect_err("the sync failed");
        drop(store);

        let store = machine.open();
        assert_eq!(store.copy_reason(), None);
        for version in 3..6 {
            let record = Record::agreed(version, "after the failure");
            store.append(CHANNEL, record).expect("accepted").wait().expect("durable");
        }
        drop(store);
        machine.lose_power(&mut Dice::new(seed));
        let store = machine.open();
        let found = channels(&store);
        let newest = found.get(&CHANNEL).and_then(|c| c.agreed()).expect("it was acknowledged");
        assert_eq!(newest.version, 5, "seed {seed}");
    }
}

#[test]
fn a_full_disk_loses_nothing_that_was_acknowledged() {
    let machine = Machine::with_store();
    let store = machine.open();
    let room = machine.copy_files().iter().map(Vec::len).sum();
    machine.plan(Plan { room: Some(room), ..Plan::default() });
    let mut acknowledged = 0_u64;
    let error = loop {
        let mut channel = [0; 32];
        channel[..8].copy_from_slice(&acknowledged.to_le_bytes());
        let ticket = store.append(channel, Record::agreed(1, vec![1; 30_000]));
        match ticket.and_then(|ticket| ticket.wait()) {
            Ok(()) => acknowledged += 1,
            Err(error) => break error,
        }
        assert!(acknowledged < 10_000, "the disk is full at some time");
    };
    assert_eq!(name(&error), "Failed");
    assert!(error.to_string().contains("Free space"), "{error}");
    assert!(acknowledged > 0);
    drop(store);
    // There is room again.
    machine.plan(Plan::default());
    let store = machine.open();
    assert_eq!(store.copy_reason(), None);
    let found = channels(&store);
    assert!((acknowledged..=acknowledged + 1).contains(&(found.len() as u64)));
    for records in found.values() {
        assert_eq!(records.agreed().expect("agreed").bytes, vec![1; 30_000]);
    }
    store.append(CHANNEL, Record::signed(1, "one")).expect("accepted").wait().expect("durable");
}

/// Every point at which the power can fail during a fixed story, one after the other.
#[test]
fn power_can_fail_at_every_operation() {
    let story = |machine: &Machine| {
        let mut acknowledged = 0_u64;
        let Ok(store) = machine.try_open() else {
            return acknowledged;
        };
        for version in 1..=6 {
            let batch = Batch::new()
                .append([1; 32], Record::agreed(version, vec![1; 1_000]))
                .append([2; 32], Record::agreed(version, vec![2; 5_000]));
            match store.submit(batch).and_then(|ticket| ticket.wait()) {
                Ok(()) => acknowledged = version,
                Err(_) => break,
            }
        }
        acknowledged
    };
    let whole = Machine::with_store();
    let before = whole.operations();
    assert_eq!(story(&whole), 6);
    let operations = whole.operations() - before;
    assert!(operations > 30, "{operations} operations");
    for at in 0..operations {
        for seed in 0..3 {
            let machine = Machine::with_store();
            machine.plan(Plan { power_fails_in: Some(at), ..Plan::default() });
            let acknowledged = story(&machine);
            machine.lose_power(&mut Dice::new(at * 3 + seed));
            let store = machine.open();
            assert_eq!(store.copy_reason(), None, "operation {at}, seed {seed}");
            let found = channels(&store);
            let version = |channel: u8| {
                let records = found.get(&[channel; 32]);
                records.and_then(|r| r.agreed()).map_or(0, |record| record.version)
            };
            assert_eq!(version(1), version(2), "a batch is whole: operation {at}, seed {seed}");
            assert!(
                (acknowledged..=acknowledged + 1).contains(&version(1)),
                "operation {at}, seed {seed}: {acknowledged} acknowledged, {} found",
                version(1)
            );
        }
    }
}

/// An opening that the power cut short is no reason to take the store for a copy, however often.
#[test]
fn power_can_fail_during_every_opening() {
    let whole = Machine::with_store();
    let before = whole.operations();
    drop(whole.open());
    let operations = whole.operations() - before;
    for first in 0..operations {
        for second in 0..operations {
            let machine = Machine::with_store();
            for at in [first, second] {
                machine.plan(Plan { power_fails_in: Some(at), ..Plan::default() });
                drop(machine.try_open());
                machine.lose_power(&mut Dice::new(first * operations + second));
            }
            assert_eq!(machine.open().copy_reason(), None, "at {first}, then at {second}");
        }
    }
}
