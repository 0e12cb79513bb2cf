// SPDX-License-Identifier: Apache-2.0

//! The log: what only it holds is not lost, and what it holds no longer means anything is not heard.

use super::{
    machine::{Dice, LOG, Machine, channels},
    name, options, passphrase,
};
use crate::{CopyReason, Passphrase, Record, Store};

const CHANNEL: [u8; 32] = [7; 32];

/// How many small groups the log takes in these tests; the next one makes the database durable.
const ROUND: u64 = 5;

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
fn the_database_is_synced_when_the_log_is_full_and_not_before() {
    let machine = Machine::with_store();
    let store = machine.open();
    let (all, log) = (machine.syncs(), machine.syncs_of(LOG));
    agree(&machine, &store, 1..=ROUND);
    assert_eq!(machine.syncs() - all, ROUND, "one for each group");
    assert_eq!(machine.syncs_of(LOG) - log, ROUND, "all of the log");
    agree(&machine, &store, [ROUND + 1]);
    assert_eq!(machine.syncs() - all, ROUND + 1);
    assert_eq!(machine.syncs_of(LOG) - log, ROUND, "that one was of the database");
    agree(&machine, &store, [ROUND + 2]);
    assert_eq!(machine.syncs_of(LOG) - log, ROUND + 1, "the log begins anew");
}

#[test]
fn what_only_the_log_holds_is_there_after_a_crash() {
    // Before the first round is full, and in the second, behind which frames of the first lie.
    for last in [1, ROUND - 1, ROUND, ROUND + 1, ROUND + 2, 2 * ROUND] {
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
    agree(&machine, &store, 1..=ROUND + 3);
    machine.kill(store);
    let [database, _] = machine.copy_files();
    machine.put_files([database, Vec::new()]);
    let store = machine.open();
    assert_eq!(store.copy_reason(), Some(CopyReason::Lagging));
    assert_eq!(version(&store), ROUND + 1, "what the database had made durable");
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
    agree(&machine, &store, 1..=ROUND);
    machine.kill(store);
    let [database, log] = machine.copy_files();
    let mut dice = Dice::new(3);
    let (mut harmless, mut noticed) = (0, 0);
    for round in 0..300 {
        let mut damaged = log.clone();
        match round % 3 {
            0 => damaged.truncate(dice.roll(log.len() as u64) as usize),
            // Most of a frame is zeros behind it; its length lies at its front.
            1 => damaged[(dice.roll(ROUND) * 4_096 + dice.roll(800)) as usize] ^= 1 << dice.roll(8),
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
                assert_eq!(found, ROUND, "round {round}");
                harmless += 1;
            }
            Some(reason) => {
                assert_eq!(reason, CopyReason::Lagging, "round {round}");
                assert!(found < ROUND, "round {round}");
                noticed += 1;
            }
        }
    }
    assert!(harmless > 50 && noticed > 100, "{harmless} harmless, {noticed} noticed");
}
