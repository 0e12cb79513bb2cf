// SPDX-License-Identifier: Apache-2.0

//! Stores of other formats.

use super::{create, name, options, passphrase};
use crate::{
    Batch, Record, Store, Table,
    error::Result,
    files::Folder,
    layers::Changed,
    log::Frame,
    marks::Stamp,
    migrating::{STEPS, Step, newest},
    opening,
    record::Entry,
    rows::{self, OpenRows},
    sealing::{Keys, RowKey},
    witness::Witness,
};
use codec::Encode;
use redb::{Database, ReadableDatabase, ReadableTable};
use std::{fs, path::Path};

const CHANNEL: [u8; 32] = [7; 32];

fn set_format(folder: &Path, format: u16) {
    let database = Database::open(folder.join("journal.redb")).expect("opens");
    let write = database.begin_write().expect("writable");
    rows::write_format(&write, format).expect("written");
    write.commit().expect("written");
}

fn format(folder: &Path) -> u16 {
    let database = Database::open(folder.join("journal.redb")).expect("opens");
    rows::read_about(&database.begin_read().expect("readable")).expect("a store").format
}

/// Where the rows of a table lie.
fn places(folder: &Path, table: &str) -> Vec<RowKey> {
    let database = Database::open(folder.join("journal.redb")).expect("opens");
    let rows = database.begin_read().expect("readable").open_table(rows::rows(table));
    let rows = rows.expect("there");
    rows.iter().expect("readable").map(|row| *row.expect("readable").0.value()).collect()
}

fn open_with(folder: &Path, steps: &'static [Step]) -> Result<Store> {
    let ground = Folder::new(folder).ground()?;
    opening::open(ground, |header| header.unwrap(&passphrase()), &options(), steps)
}

#[test]
fn a_newer_format_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(create(folder.path()));
    let known = newest(STEPS);
    assert_eq!(format(folder.path()), known);
    set_format(folder.path(), known + 1);
    let error = open_with(folder.path(), STEPS).expect_err("newer");
    assert_eq!(name(&error), "NewerFormat");
    assert!(error.to_string().contains("use the release that wrote it"), "{error}");
    assert_eq!(format(folder.path()), known + 1, "nothing was touched");
}

fn add_row(tables: &mut OpenRows<'_>) -> Result<()> {
    tables.set("facts/step one", &[1; 32], Some(b"was here"))
}

fn move_row(tables: &mut OpenRows<'_>) -> Result<()> {
    tables.move_rows("facts/step one", |_, row| {
        assert_eq!(row, b"was here");
        Ok([2; 32])
    })
}

fn fail(_: &mut OpenRows<'_>) -> Result<()> {
    Err(crate::StoreError::corrupted("this step cannot be taken"))
}

#[test]
fn older_formats_are_brought_up_step_by_step() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = create(folder.path());
    store.append(CHANNEL, Record::agreed(1, "one")).expect("accepted").wait().expect("durable");
    drop(store);
    set_format(folder.path(), 1);

    open_with(folder.path(), &[add_row, fail]).expect_err("the second step fails");
    assert_eq!(format(folder.path()), 1, "both are one transaction");
    let store = open_with(folder.path(), &[add_row, move_row]).expect("both steps are taken");
    assert_eq!(store.copy_reason(), None);
    assert!(store.load(CHANNEL).expect("readable").is_some());
    drop(store);
    assert_eq!(format(folder.path()), 3);
    assert_eq!(places(folder.path(), "facts/step one"), [[2; 32]], "the second saw the first");
    // Steps that were taken are not taken again: this one would fail.
    drop(open_with(folder.path(), &[fail, fail]).expect("nothing to do"));
    assert_eq!(name(&open_with(folder.path(), &[add_row]).expect_err("newer")), "NewerFormat");
}

/// A history as format 1 had it: every row somewhere else.
#[test]
fn a_history_of_format_1_is_moved_into_runs() {
    const BEFORE: Table<u32, u64> = Table::new("history", 10_000);
    const AFTER: Table<u32, u64> = Table::in_runs("history", 10_000);
    const COUNT: u32 = 2_500;
    let folder = tempfile::tempdir().expect("a folder");
    let store = create(folder.path());
    for part in (0..COUNT).collect::<Vec<_>>().chunks(500) {
        let batch = part.iter().fold(Batch::new(), |batch, slot| {
            batch.put(&BEFORE, slot, &(u64::from(*slot) * 3), None)
        });
        store.submit(batch).expect("accepted").wait().expect("durable");
    }
    drop(store);
    set_format(folder.path(), 1);
    let store = open_with(folder.path(), STEPS).expect("the step is taken");
    assert_eq!(store.copy_reason(), None);
    for slot in 0..COUNT {
        let value = store.get(&AFTER, &slot).expect("readable");
        assert_eq!(value, Some(u64::from(slot) * 3), "{slot}");
    }
    let rows: Vec<_> =
        store.rows(&AFTER).expect("readable").map(|row| row.expect("whole")).collect();
    assert_eq!(rows.len(), COUNT as usize, "none is left where it was");
    let neighbours = rows.windows(2).filter(|pair| pair[0].key + 1 == pair[1].key).count();
    assert!(neighbours >= (COUNT - COUNT.div_ceil(256)) as usize, "in runs of 256");
    // What is written now replaces what was there.
    let batch = Batch::new().put(&AFTER, &7, &1, None).remove(&AFTER, &8);
    store.submit(batch).expect("accepted").wait().expect("durable");
    assert_eq!(store.get(&AFTER, &7).expect("readable"), Some(1));
    assert_eq!(store.rows(&AFTER).expect("readable").count(), COUNT as usize - 1);
}

/// It is not lost in silence, and does not keep the store from being opened.
#[test]
fn a_damaged_row_of_the_history_stays_where_it_is() {
    const HISTORY: Table<u32, u64> = Table::new("history", 10_000);
    let folder = tempfile::tempdir().expect("a folder");
    let store = create(folder.path());
    for slot in 0..3 {
        let batch = Batch::new().put(&HISTORY, &slot, &7, None);
        store.submit(batch).expect("accepted").wait().expect("durable");
    }
    drop(store);
    let database = Database::open(folder.path().join("journal.redb")).expect("opens");
    let write = database.begin_write().expect("writable");
    let mut rows = write.open_table(rows::rows("facts/history")).expect("there");
    let first = *rows.first().expect("readable").expect("a row").0.value();
    rows.insert(&first, &b"damaged"[..]).expect("written");
    drop(rows);
    write.commit().expect("written");
    drop(database);
    set_format(folder.path(), 1);
    let store = open_with(folder.path(), STEPS).expect("the step is taken");
    let rows: Vec<_> = store.rows(&HISTORY).expect("readable").collect();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows.iter().filter(|row| row.is_err()).count(), 1);
}

/// A store of format 2 that was killed: rows in its log are sealed, and it has one half.
#[test]
fn the_log_of_format_2_is_heard() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = create(folder.path());
    for version in 1..=2 {
        let record = Record::agreed(version, [9; 700]);
        store.append(CHANNEL, record).expect("accepted").wait().expect("durable");
    }
    drop(store);
    let journal = folder.path().join("journal.redb");
    let database = Database::open(&journal).expect("opens");
    let about = rows::read_about(&database.begin_read().expect("readable")).expect("a store");
    let keys = Keys::new(&about.header.unwrap(&passphrase()).expect("the passphrase"));
    let mut marks = about.open_marks(&keys).expect("authentic");
    let write = database.begin_write().expect("writable");
    rows::forget_log_half(&write).expect("written");
    write.commit().expect("written");
    drop(database);
    set_format(folder.path(), 2);
    // More than the half of a log that is opened as format 3.
    let key = keys.row_key(rows::CHANNELS, &CHANNEL);
    let log: Vec<u8> = (3..=12)
        .flat_map(|version| {
            let entry = Entry::unknown(CHANNEL).append(Record::agreed(version, [9; 700]), 0);
            let row = keys.seal(rows::CHANNELS, &key, &entry.expect("within bounds").encode());
            let mut changed = Changed::default();
            changed.put(rows::CHANNELS, key, Some(row.expect("sealed").into()));
            marks.sequence += 1;
            Frame::new(&keys, &marks, &changed).expect("sealed").into_bytes()
        })
        .collect();
    assert!(log.len() as u64 > options().log_bytes / 2);
    fs::write(folder.path().join("journal.log"), log).expect("written");

    for _ in 0..2 {
        let store = open_with(folder.path(), STEPS).expect("opens");
        assert_eq!(store.copy_reason(), None);
        let records = store.load(CHANNEL).expect("authentic").expect("known");
        assert_eq!(records.agreed().expect("agreed").version, 12);
        drop(store);
        assert_eq!(format(folder.path()), newest(STEPS));
    }
}

#[test]
fn what_is_no_store_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = || Store::open(folder.path(), &passphrase(), &options());
    assert_eq!(name(&open().expect_err("nothing there")), "Missing");
    let journal = folder.path().join("journal.redb");
    fs::write(&journal, "not a database, not even nearly").expect("written");
    let error = name(&open().expect_err("no database"));
    assert!(error == "Corrupted" || error == "Disk", "{error}");
    fs::remove_file(&journal).expect("removed");
    drop(Database::create(&journal).expect("a database"));
    assert_eq!(name(&open().expect_err("no store")), "Corrupted");
    let error = Store::restore(&journal, &folder.path().join("new")).expect_err("no store");
    assert_eq!(name(&error), "Corrupted");
}

#[test]
fn a_making_that_was_cut_short_can_be_repeated() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(create(folder.path()));
    // As if the machine had stopped before the file got its name, and before its first opening.
    let (journal, making) =
        (folder.path().join("journal.redb"), folder.path().join("journal.making"));
    fs::rename(&journal, &making).expect("renamed");
    let error = Store::create(folder.path(), &passphrase(), &options()).expect_err("was open");
    assert_eq!(name(&error), "Lost", "this one was opened, so it is not unfinished");
    let mut witness = Folder::new(folder.path()).witness().expect("opens");
    let seen = witness.read().expect("readable").expect("whole");
    witness.write(&Stamp { sequence: 0, ..seen }, true).expect("written");
    drop(witness);
    let store = create(folder.path());
    assert_eq!(store.copy_reason(), None);
    assert!(!making.exists());
}
