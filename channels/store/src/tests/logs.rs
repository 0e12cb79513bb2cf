// SPDX-License-Identifier: Apache-2.0

//! The log: what only it holds is not lost, and what it holds no longer means anything is not heard.

use super::{
    machine::{Dice, LOG, Machine, channels},
    name, options, passphrase,
};
use crate::{Batch, CopyReason, Options, Passphrase, Record, Store};
use std::{thread, time::Duration};

const CHANNEL: [u8; 32] = [7; 32];

/// How many small groups half of the log takes in these tests.
const HALF: u64 = 5;

/// Each of them is a group, which the witness has seen when this returns.
fn agree(machine: &Machine, store: &Store, versions: impl IntoIterator<Item = u64>) {
    for version in versions {
        let seen = machine.witnessed();
        let record = Record::agreed(version, vec![9; 700]);
        store.append(CHANNEL, record).expect("accepted").wait().expect("durable");
        // It is written after the answer.
        while machine.witnessed() == seen {
            std::thread::yield_now();
        }
    }
}

fn version(store: &Store) -> u64 {
    channels(store).get(&CHANNEL).and_then(|it| it.agreed()).map_or(0, |record| record.version)
}

#[test]
fn the_database_is_synced_once_for_each_half_of_the_log() {
    let machine = Machine::with_store();
    let store = machine.open();
    let (all, log) = (machine.syncs(), machine.syncs_of(LOG));
    for half in 0..5 {
        let first = half * HALF + 1;
        agree(&machine, &store, first..first + HALF);
        assert_eq!(machine.syncs_of(LOG) - log, first + HALF - 1, "one for each group");
        assert_eq!(machine.syncs() - all, first + HALF - 1 + half, "and one for each half before");
    }
    let [_, log] = machine.copy_files();
    assert_eq!(log.len() as u64, options().log_bytes, "both halves are used again");
}

/// Rows move a part with each group, so that nobody waits for all of them.
#[test]
fn rows_move_little_by_little() {
    let machine = Machine::with_store();
    let store = machine.open();
    // Of 40 channels, eight in each group.
    for group in 0..HALF as u8 {
        let batch = (8 * group..8 * (group + 1)).fold(Batch::new(), |batch, channel| {
            batch.append([channel; 32], Record::agreed(1, vec![1; 300]))
        });
        store.submit(batch).expect("accepted").wait().expect("durable");
    }
    for group in 1..=HALF {
        let syncs = machine.syncs() - machine.syncs_of(LOG);
        agree(&machine, &store, [group]);
        // The witness' writes come first.
        thread::sleep(Duration::from_millis(50));
        let is_synced = machine.syncs() - machine.syncs_of(LOG) > syncs;
        assert_eq!(
            is_synced,
            group == 4,
            "group {group}: when three quarters of the half are full"
        );
        assert_eq!(channels(&store).len(), 40, "all is shown meanwhile");
    }
}

#[test]
fn what_finds_no_room_in_a_half_goes_into_the_database() {
    for before in [0, 2, HALF, HALF + 2] {
        let machine = Machine::with_store();
        let store = machine.open();
        agree(&machine, &store, 1..=before);
        let (all, log) = (machine.syncs(), machine.syncs_of(LOG));
        let large = Record::agreed(1, vec![1; 30_000]);
        store.append([8; 32], large.clone()).expect("accepted").wait().expect("durable");
        assert_eq!(machine.syncs_of(LOG), log);
        assert!(machine.syncs() > all);
        assert_eq!(store.stats().expect("readable").channels, 1 + u64::from(before > 0));
        agree(&machine, &store, before + 1..=before + 3);
        machine.kill(store);
        machine.lose_power(&mut Dice::new(before));
        let store = machine.open();
        assert_eq!(store.copy_reason(), None);
        assert_eq!(version(&store), before + 3);
        assert_eq!(channels(&store)[&[8; 32]].agreed(), Some(&large));
    }
}

/// Another release may have logs of another size.
#[test]
fn a_log_is_heard_whatever_its_size_is_now() {
    let other = |pages: u64| Options { log_bytes: pages * 4_096, ..options() };
    for (before, after) in [(10, 6), (10, 40), (6, 10)] {
        let machine = Machine::with_store();
        let store = machine.open_with(&other(before));
        agree(&machine, &store, 1..=before / 2 + 2);
        machine.kill(store);
        let store = machine.open_with(&other(after));
        assert_eq!(store.copy_reason(), None, "{before} pages, then {after}");
        assert_eq!(version(&store), before / 2 + 2);
        agree(&machine, &store, before / 2 + 3..=before / 2 + 30);
        machine.kill(store);
        assert_eq!(version(&machine.open()), before / 2 + 30);
    }
}

#[test]
fn what_only_the_log_holds_is_there_after_a_crash() {
    // In either half, in the first round and behind which frames of an earlier one lie.
    for last in 1..=4 * HALF + 1 {
        for seed in 0..10 {
            let machine = Machine::with_store();
            let store = machine.open();
            agree(&machine, &store, 1..=last);
            machine.kill(store);
            machine.lose_power(&mut Dice::new(seed));
            let store = machine.open();
            assert_eq!(store.copy_reason(), None, "version {last}, seed {seed}");
            assert_eq!(version(&store), last, "seed {seed}");
            agree(&machine, &store, [last + 1]);
        }
    }
}

#[test]
fn a_store_whose_log_is_gone_is_taken_for_a_copy() {
    let machine = Machine::with_store();
    let store = machine.open();
    agree(&machine, &store, 1..=HALF + 3);
    machine.kill(store);
    let [database, _] = machine.copy_files();
    machine.put_files([database, Vec::new()]);
    let store = machine.open();
    assert_eq!(store.copy_reason(), Some(CopyReason::Lagging));
    assert_eq!(version(&store), HALF, "what the database had made durable");
}

#[test]
fn a_closed_store_needs_no_log() {
    let machine = Machine::with_store();
    let store = machine.open();
    agree(&machine, &store, 1..=3);
    store.close().expect("closed");
    let [database, log] = machine.copy_files();
    for log in [Vec::new(), log] {
        machine.put_files([database.clone(), log]);
        let store = machine.open();
        assert_eq!(version(&store), 3);
        machine.kill(store);
    }
}

#[test]
fn the_log_of_an_earlier_run_is_not_heard() {
    let machine = Machine::with_store();
    let store = machine.open();
    agree(&machine, &store, 1..=3);
    machine.kill(store);
    let [_, earlier] = machine.copy_files();
    let store = machine.open();
    agree(&machine, &store, 4..=5);
    machine.kill(store);
    let [database, _] = machine.copy_files();
    machine.put_files([database, earlier]);
    let store = machine.open();
    assert_eq!(version(&store), 3);
    assert_eq!(store.copy_reason(), Some(CopyReason::Lagging), "4 and 5 are missing");
}

/// Two copies of one store that both went on: neither hears what the other wrote.
#[test]
fn the_log_of_another_run_is_not_heard() {
    let machine = Machine::with_store();
    let store = machine.open();
    agree(&machine, &store, 1..=3);
    drop(store);
    let before = machine.clone_state();
    let store = machine.open();
    agree(&machine, &store, 4..=5);
    machine.kill(store);
    let [_, other] = machine.copy_files();
    machine.put_state(before);
    machine.kill(machine.open());
    let [database, _] = machine.copy_files();
    machine.put_files([database, other]);
    assert_eq!(version(&machine.open()), 3);
}

#[test]
fn another_passphrase_survives_a_crash() {
    let new = Passphrase::new("battery staple");
    let machine = Machine::with_store();
    let store = machine.open();
    agree(&machine, &store, 1..=2);
    store.change_passphrase(&passphrase(), &new, &options()).expect("changed");
    agree(&machine, &store, [3]);
    machine.kill(store);
    machine.lose_power(&mut Dice::new(1));
    assert_eq!(name(&machine.try_open().expect_err("the old one")), "WrongPassphrase");
    let store = machine.try_open_with(&new).expect("the new one");
    assert_eq!(version(&store), 3);
}

/// Wherever a log is damaged or cut, nothing is lost in silence and nothing is made up.
#[test]
fn a_damaged_log_is_harmless_or_noticed() {
    let machine = Machine::with_store();
    let store = machine.open();
    agree(&machine, &store, 1..=HALF);
    machine.kill(store);
    let [database, log] = machine.copy_files();
    let mut dice = Dice::new(3);
    let (mut harmless, mut noticed) = (0, 0);
    for round in 0..300 {
        let mut damaged = log.clone();
        match round % 3 {
            0 => damaged.truncate(dice.roll(log.len() as u64) as usize),
            // Most of a frame is zeros behind it; its length lies at its front.
            1 => damaged[(dice.roll(HALF) * 4_096 + dice.roll(800)) as usize] ^= 1 << dice.roll(8),
            _ => damaged[dice.roll(log.len() as u64) as usize] ^= 1 << dice.roll(8),
        }
        // The witness as it was.
        let before = machine.clone_state();
        machine.put_files([database.clone(), damaged]);
        let store = machine.open();
        let (found, reason) = (version(&store), store.copy_reason());
        drop(store);
        machine.put_state(before);
        match reason {
            None => {
                assert_eq!(found, HALF, "round {round}");
                harmless += 1;
            }
            Some(reason) => {
                assert_eq!(reason, CopyReason::Lagging, "round {round}");
                assert!(found < HALF, "round {round}");
                noticed += 1;
            }
        }
    }
    assert!(harmless > 50 && noticed > 100, "{harmless} harmless, {noticed} noticed");
}
