// SPDX-License-Identifier: Apache-2.0

//! Small facts, written together with records of channels.

use super::{create, name, open};
use crate::{Batch, Record, Table};
use std::collections::BTreeMap;

const PREIMAGES: Table<u32, String> = Table::new("preimages", 5);
const SETTINGS: Table<u32, bool> = Table::new("settings", 5);

fn put(batch: Batch, key: u32, expires: Option<u64>) -> Batch {
    batch.put(&PREIMAGES, &key, &format!("value {key}"), expires)
}

#[test]
fn facts_and_records_are_written_together_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = create(folder.path());
    assert_eq!(store.get(&PREIMAGES, &1).expect("readable"), None);
    assert_eq!(store.rows(&PREIMAGES).expect("readable").count(), 0);
    let batch = put(Batch::new().append([1; 32], Record::agreed(5, "five")), 1, None);
    store.submit(batch).expect("accepted").wait().expect("durable");
    let batch = put(Batch::new(), 2, None).append([1; 32], Record::signed(5, "stale"));
    store.submit(batch).expect("accepted").wait().expect_err("stale");
    drop(store);

    let store = open(folder.path());
    assert_eq!(store.get(&PREIMAGES, &1).expect("readable").as_deref(), Some("value 1"));
    assert_eq!(store.get(&PREIMAGES, &2).expect("readable"), None);
    assert_eq!(store.get(&SETTINGS, &1).expect("readable"), None, "tables are apart");
    let batch = Batch::new().remove(&PREIMAGES, &1).remove(&PREIMAGES, &9);
    store.submit(batch).expect("accepted").wait().expect("durable");
    assert_eq!(store.get(&PREIMAGES, &1).expect("readable"), None);
}

#[test]
fn a_full_table_takes_what_replaces_and_nothing_new() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = create(folder.path());
    let submit = |batch| store.submit(batch).expect("accepted").wait().map_err(|e| name(&e));
    submit((0..5).fold(Batch::new(), |batch, key| put(batch, key, None))).expect("as many as fit");
    assert_eq!(submit(put(Batch::new(), 5, None)), Err("TableFull".into()));
    submit(put(Batch::new(), 3, None)).expect("replaces");
    submit(put(Batch::new().remove(&PREIMAGES, &3), 5, None)).expect("one goes, one comes");
    let both = put(Batch::new().remove(&PREIMAGES, &5), 5, None);
    submit(put(both, 6, None)).expect_err("one too many within a batch");
    let keys: Vec<u32> =
        store.rows(&PREIMAGES).expect("readable").map(|row| row.expect("a row").key).collect();
    assert_eq!(keys.len(), 5);
    assert!(keys.contains(&5) && !keys.contains(&3) && !keys.contains(&6));
}

#[test]
fn facts_expire_when_their_time_has_come() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = create(folder.path());
    let batch = put(put(put(Batch::new(), 1, Some(10)), 2, Some(11)), 3, None);
    store.submit(batch).expect("accepted").wait().expect("durable");
    assert_eq!(store.expire(&SETTINGS, 100).expect("nothing there"), 0);
    assert_eq!(store.expire(&PREIMAGES, 9).expect("none yet"), 0);
    assert_eq!(store.expire(&PREIMAGES, 10).expect("one"), 1);
    let left: BTreeMap<u32, Option<u64>> = store
        .rows(&PREIMAGES)
        .expect("readable")
        .map(|row| row.map(|row| (row.key, row.expires)).expect("a row"))
        .collect();
    assert_eq!(left, BTreeMap::from([(2, Some(11)), (3, None)]));
    assert_eq!(store.expire(&PREIMAGES, u64::MAX).expect("one"), 1);
}

#[test]
fn a_fact_that_was_renewed_does_not_expire() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = create(folder.path());
    let batch = put(Batch::new(), 1, Some(10));
    store.submit(batch).expect("accepted").wait().expect("durable");
    // As if it was renewed after `expire` had seen it, and before its batch was written.
    let late = Batch::new().expire(PREIMAGES.name(), codec::Encode::encode(&1_u32), 10);
    let batch = put(Batch::new(), 1, Some(20));
    store.submit(batch).expect("accepted").wait().expect("durable");
    store.submit(late).expect("accepted").wait().expect("durable");
    assert!(store.get(&PREIMAGES, &1).expect("readable").is_some());
}

#[test]
fn thousands_expire_in_batches() {
    const MANY: Table<u32, ()> = Table::new("many", 10_000);
    let folder = tempfile::tempdir().expect("a folder");
    let store = create(folder.path());
    let batch = (0..2_500).fold(Batch::new(), |batch, key| batch.put(&MANY, &key, &(), Some(1)));
    store.submit(batch).expect("accepted").wait().expect("durable");
    assert_eq!(store.expire(&MANY, 1).expect("all"), 2_500);
    assert_eq!(store.rows(&MANY).expect("readable").count(), 0);
}
