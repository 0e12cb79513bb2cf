// SPDX-License-Identifier: Apache-2.0

//! The store does not grow with the number of payments, and shrinks when channels end.

use super::{create, open};
use crate::{Batch, Record};
use std::{fs, path::Path};

fn file_bytes(folder: &Path) -> u64 {
    fs::metadata(folder.join("journal.redb")).expect("there").len()
}

#[test]
fn payments_do_not_make_the_file_grow() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = create(folder.path());
    let pay = |versions: std::ops::Range<u64>| {
        for version in versions {
            let batch = (0..50_u8).fold(Batch::new(), |batch, channel| {
                batch
                    .append([channel; 32], Record::signed(version, vec![1; 300]))
                    .append([channel; 32], Record::agreed(version, vec![1; 500]))
            });
            store.submit(batch).expect("accepted").wait().expect("durable");
        }
    };
    pay(1..50);
    let early = file_bytes(folder.path());
    pay(50..400);
    let late = file_bytes(folder.path());
    // 50 channels of 600 bytes. Eight times the payments, and the same room.
    assert!(late <= early * 5 / 4, "{early} bytes, then {late}");
    assert!(late < 4 * 1024 * 1024, "{late} bytes");
}

#[test]
fn room_of_channels_that_ended_is_given_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = create(folder.path());
    let id = |number: u32| {
        let mut id = [0; 32];
        id[..4].copy_from_slice(&number.to_le_bytes());
        id
    };
    for from in (0..1_000).step_by(20) {
        let batch = (from..from + 20).fold(Batch::new(), |batch, number| {
            batch.append(id(number), Record::agreed(1, vec![1; 40_000]))
        });
        store.submit(batch).expect("accepted").wait().expect("durable");
    }
    drop(store);
    let full = file_bytes(folder.path());
    assert!(full > 40_000_000, "{full} bytes");
    let store = open(folder.path());
    let batch = (10..1_000).fold(Batch::new(), |batch, number| batch.forget(id(number)));
    store.submit(batch).expect("accepted").wait().expect("durable");
    drop(store);
    let store = open(folder.path());
    assert_eq!(store.stats().expect("readable").channels, 10);
    drop(store);
    let empty = file_bytes(folder.path());
    assert!(empty < full / 4, "{full} bytes, then {empty}");
}
