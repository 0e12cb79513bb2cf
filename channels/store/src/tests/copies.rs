// SPDX-License-Identifier: Apache-2.0

//! A lagging copy is recognised, and signs nothing until the peers were asked.

use super::{create, machine::Machine, name, open, options, passphrase};
use crate::{CopyReason, Options, Provenance, Record, Store};
use std::fs;

const CHANNEL: [u8; 32] = [7; 32];

fn append(store: &Store, channel: [u8; 32], record: Record) -> Result<(), String> {
    store.append(channel, record).and_then(|t| t.wait()).map_err(|error| name(&error))
}

fn confirm(store: &Store, channel: [u8; 32], known: u64) -> Result<(), String> {
    store.confirm(channel, known).and_then(|t| t.wait()).map_err(|error| name(&error))
}

fn provenance(store: &Store) -> Provenance {
    store.load(CHANNEL).expect("readable").expect("known").provenance
}

/// The channel is at version 3 in the copy, and was at 5 when the copy was put back.
fn expect_guarded(store: &Store, reason: CopyReason) {
    assert_eq!(store.copy_reason(), Some(reason));
    assert_eq!(provenance(store), Provenance::Restored);
    let stale = Record::signed(4, "another state of version 4");
    assert_eq!(append(store, CHANNEL, stale.clone()), Err("Unconfirmed".into()));
    // The peer has version 5. Saying so is not enough: the state must be here.
    assert_eq!(confirm(store, CHANNEL, 5), Err("Behind".into()));
    append(store, CHANNEL, Record::agreed(5, "handed over")).expect("no signature leaves by this");
    assert_eq!(provenance(store), Provenance::Restored, "peers may know still more");
    confirm(store, CHANNEL, 5).expect("all peers were asked");
    assert_eq!(provenance(store), Provenance::Current);
    assert_eq!(append(store, CHANNEL, stale), Err("Stale".into()));
    append(store, CHANNEL, Record::signed(6, "six")).expect("signing goes on");
    // A channel that was opened after the copy was made is unknown here, and no newer for it.
    let later = [8; 32];
    assert_eq!(append(store, later, Record::signed(1, "one")), Err("Unconfirmed".into()));
    confirm(store, later, 0).expect("its peers know of no signature");
    append(store, later, Record::signed(1, "one")).expect("signing goes on");
}

/// A store with the channel at version 3.
fn at_version_three(store: &Store) {
    append(store, CHANNEL, Record::agreed(3, "three")).expect("agreed");
}

/// The same store later, at version 5.
fn at_version_five(store: &Store) {
    append(store, CHANNEL, Record::agreed(4, "four")).expect("agreed");
    append(store, CHANNEL, Record::agreed(5, "five")).expect("agreed");
}

#[test]
fn a_restored_backup_signs_nothing_until_the_peers_were_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    let (old, new) = (folder.path().join("old"), folder.path().join("new"));
    let backup = folder.path().join("backup");
    let store = create(&old);
    at_version_three(&store);
    fs::write(&backup, "an older backup").expect("written");
    store.backup(&backup).expect("a backup");
    at_version_five(&store);
    assert_eq!(provenance(&store), Provenance::Current, "the store itself is no copy");
    drop(store);

    Store::restore(&backup, &new).expect("restored");
    let store = open(&new);
    expect_guarded(&store, CopyReason::Backup);
    drop(store);
    let store = open(&new);
    assert_eq!(store.copy_reason(), None, "it is told once");
    assert_eq!(provenance(&store), Provenance::Current, "what was confirmed stays so");
    append(&store, [9; 32], Record::signed(1, "one")).expect_err("what was not stays so, too");

    let error = Store::restore(&backup, &old).expect_err("there is a store");
    assert_eq!(name(&error), "Exists");
}

#[test]
fn a_backup_restored_in_place_of_a_lost_store_is_recognised() {
    let folder = tempfile::tempdir().expect("a folder");
    let (home, backup) = (folder.path().join("home"), folder.path().join("backup"));
    let store = create(&home);
    at_version_three(&store);
    store.backup(&backup).expect("a backup");
    at_version_five(&store);
    drop(store);
    fs::remove_file(home.join("journal.redb")).expect("removed");

    // Whoever starts with nothing here would sign everything a second time.
    let error = Store::create(&home, &passphrase(), &options()).expect_err("the store is lost");
    assert_eq!(name(&error), "Lost");
    assert_eq!(name(&Store::open(&home, &passphrase(), &options()).expect_err("none")), "Missing");
    Store::restore(&backup, &home).expect("restored");
    expect_guarded(&open(&home), CopyReason::Backup);
}

#[test]
fn a_backup_is_whole_while_others_write() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = create(&folder.path().join("home"));
    at_version_three(&store);
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut version = 1;
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                let batch = crate::Batch::new()
                    .append([1; 32], Record::agreed(version, "left"))
                    .append([2; 32], Record::agreed(version, "right"));
                store.submit(batch).expect("accepted").wait().expect("durable");
                version += 1;
            }
        });
        for number in 0..10 {
            let backup = folder.path().join(format!("backup {number}"));
            let home = folder.path().join(format!("home {number}"));
            store.backup(&backup).expect("a backup");
            Store::restore(&backup, &home).expect("restored");
            let copy = open(&home);
            let version = |channel| {
                let channel = copy.load(channel).expect("readable");
                channel.and_then(|c| c.agreed().map(|record| record.version))
            };
            assert_eq!(version([1; 32]), version([2; 32]));
            assert_eq!(version(CHANNEL), Some(3));
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}

#[test]
fn a_folder_that_was_copied_is_recognised() {
    let folder = tempfile::tempdir().expect("a folder");
    let (old, new) = (folder.path().join("old"), folder.path().join("new"));
    let store = create(&old);
    at_version_three(&store);
    drop(store);
    fs::create_dir(&new).expect("made");
    for file in ["journal.redb", "witness"] {
        fs::copy(old.join(file), new.join(file)).expect("copied");
    }
    let store = open(&old);
    assert_eq!(store.copy_reason(), None, "the original is no copy");
    at_version_five(&store);
    drop(store);
    expect_guarded(&open(&new), CopyReason::Moved);
}

#[test]
fn an_old_copy_put_in_the_file_s_place_is_recognised() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = folder.path().join("journal.redb");
    let store = create(folder.path());
    at_version_three(&store);
    drop(store);
    let old = fs::read(&journal).expect("read");
    let store = open(folder.path());
    at_version_five(&store);
    drop(store);
    // As `rm` and `cp` do: the new file may even get the number of the old one.
    fs::remove_file(&journal).expect("removed");
    fs::write(&journal, old).expect("written");
    expect_guarded(&open(folder.path()), CopyReason::Moved);
}

#[test]
fn an_old_copy_written_over_the_file_is_recognised() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = folder.path().join("journal.redb");
    let store = create(folder.path());
    at_version_three(&store);
    drop(store);
    let old = fs::read(&journal).expect("read");
    let store = open(folder.path());
    at_version_five(&store);
    drop(store);
    // As `cp` alone does: the file keeps its number and its time of birth.
    fs::write(&journal, old).expect("written");
    expect_guarded(&open(folder.path()), CopyReason::OtherHistory);
}

#[test]
fn a_copy_of_the_same_run_is_recognised() {
    let machine = Machine::with_store();
    let store = machine.open();
    at_version_three(&store);
    // A snapshot of the disk while the store is open.
    let old = machine.copy_files();
    at_version_five(&store);
    drop(store);
    machine.put_files(old);
    expect_guarded(&machine.open(), CopyReason::Lagging);
}

#[test]
fn a_store_without_its_witness_is_taken_for_a_copy() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = create(folder.path());
    at_version_three(&store);
    at_version_five(&store);
    drop(store);
    fs::remove_file(folder.path().join("witness")).expect("removed");
    let store = open(folder.path());
    assert_eq!(store.copy_reason(), Some(CopyReason::NoWitness));
    let six = Record::signed(6, "six");
    assert_eq!(append(&store, CHANNEL, six.clone()), Err("Unconfirmed".into()));
    confirm(&store, CHANNEL, 5).expect("the peers know the same");
    append(&store, CHANNEL, six).expect("signing goes on");
}

#[test]
fn a_store_made_after_a_loss_signs_nothing_until_the_peers_were_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = Options { after_loss: true, ..options() };
    let store = Store::create(folder.path(), &passphrase(), &options).expect("made");
    let one = Record::signed(1, "one");
    assert_eq!(append(&store, CHANNEL, one.clone()), Err("Unconfirmed".into()));
    confirm(&store, CHANNEL, 0).expect("its peers know of no signature");
    append(&store, CHANNEL, one).expect("signing goes on");
}

#[test]
fn many_clean_runs_are_no_copies() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(create(folder.path()));
    for run in 0..10 {
        let store = open(folder.path());
        assert_eq!(store.copy_reason(), None, "run {run}");
        append(&store, CHANNEL, Record::signed(run + 1, "signed")).expect("signed");
        store.close().expect("closed");
    }
}

#[test]
fn a_second_process_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = create(folder.path());
    let error = Store::open(folder.path(), &passphrase(), &options()).expect_err("it is open");
    assert_eq!(name(&error), "Locked");
    assert!(error.to_string().contains("end that one first"), "{error}");
    let error = Store::create(folder.path(), &passphrase(), &options()).expect_err("it exists");
    assert_eq!(name(&error), "Exists");
    drop(store);
    open(folder.path());
}
