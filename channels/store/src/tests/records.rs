// SPDX-License-Identifier: Apache-2.0

//! What replaces what, and what is refused.

use super::{create, name, open};
use crate::{Batch, Kind, MAX_RECORD_BYTES, MAX_RECORDS_PER_CHANNEL, Provenance, Record, Store};

const CHANNEL: [u8; 32] = [7; 32];

fn append(store: &Store, record: Record) -> Result<(), String> {
    store.append(CHANNEL, record).expect("accepted").wait().map_err(|error| name(&error))
}

fn kept(store: &Store) -> Vec<(Kind, u64)> {
    let channel = store.load(CHANNEL).expect("the store can be read");
    channel.map_or(Vec::new(), |c| c.records.iter().map(|r| (r.kind, r.version)).collect())
}

#[test]
fn agreed_replaces_what_was_signed_up_to_it_and_nothing_above() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = create(folder.path());
    append(&store, Record::note(3, "terms")).expect("a note");
    append(&store, Record::signed(1, "one")).expect("signed");
    append(&store, Record::signed(2, "two")).expect("signed");
    append(&store, Record::agreed(1, "one, by all")).expect("agreed");
    assert_eq!(kept(&store), [(Kind::Agreed, 1), (Kind::Signed, 2), (Kind::Note(3), 0)]);
    append(&store, Record::agreed(2, "two, by all")).expect("agreed");
    assert_eq!(kept(&store), [(Kind::Agreed, 2), (Kind::Note(3), 0)]);
    drop(store);

    let store = open(folder.path());
    let channel = store.load(CHANNEL).expect("readable").expect("known");
    assert_eq!(channel.provenance, Provenance::Current);
    assert_eq!(channel.agreed().expect("agreed").bytes, b"two, by all");
    assert_eq!(channel.note(3).expect("a note").bytes, b"terms");
    assert_eq!(store.load([8; 32]).expect("readable"), None);
}

#[test]
fn signing_fails_when_another_state_of_the_version_was_signed() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = create(folder.path());
    append(&store, Record::signed(1, "one")).expect("signed");
    append(&store, Record::signed(1, "one")).expect("the same again is no second signature");
    assert_eq!(append(&store, Record::signed(1, "other")), Err("AlreadySigned".into()));
    append(&store, Record::agreed(1, "one, by all")).expect("agreed");
    assert_eq!(append(&store, Record::signed(1, "other")), Err("Stale".into()));
    assert_eq!(append(&store, Record::signed(0, "older")), Err("Stale".into()));
    assert_eq!(append(&store, Record::agreed(0, "older")), Err("Stale".into()));
    assert_eq!(kept(&store), [(Kind::Agreed, 1)]);
}

#[test]
fn a_batch_that_breaks_a_rule_leaves_no_trace() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = create(folder.path());
    let batch = Batch::new()
        .append([1; 32], Record::signed(1, "one"))
        .append(CHANNEL, Record::agreed(5, "five"))
        .append(CHANNEL, Record::signed(5, "stale"));
    let error = store.submit(batch).expect("accepted").wait().expect_err("stale");
    assert_eq!(name(&error), "Stale");
    assert_eq!(store.load([1; 32]).expect("readable"), None);
    assert_eq!(store.load(CHANNEL).expect("readable"), None);
}

#[test]
fn records_and_channels_have_bounds() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = create(folder.path());
    let large = Record::agreed(0, vec![0; MAX_RECORD_BYTES + 1]);
    assert_eq!(append(&store, large), Err("TooLarge".into()));
    append(&store, Record::agreed(0, vec![0; MAX_RECORD_BYTES])).expect("as large as allowed");
    for version in 1..MAX_RECORDS_PER_CHANNEL as u64 {
        append(&store, Record::signed(version, "signed")).expect("there is room");
    }
    assert_eq!(append(&store, Record::note(0, "one more")), Err("ChannelFull".into()));
    append(&store, Record::agreed(30, "by all")).expect("makes room");
    append(&store, Record::note(0, "one more")).expect("there is room");
    assert_eq!(kept(&store), [(Kind::Agreed, 30), (Kind::Signed, 31), (Kind::Note(0), 0)]);
    let batch = (0..17).fold(Batch::new(), |batch, number| {
        batch.append(CHANNEL, Record::note(number, vec![0; MAX_RECORD_BYTES]))
    });
    assert_eq!(name(&store.submit(batch).expect_err("too large")), "TooLarge");
}

#[test]
fn a_forgotten_channel_is_gone() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = create(folder.path());
    append(&store, Record::agreed(1, "one")).expect("agreed");
    assert_eq!(store.stats().expect("readable").channels, 1);
    store.forget(CHANNEL).expect("accepted").wait().expect("forgotten");
    store.forget(CHANNEL).expect("accepted").wait().expect("nothing to forget");
    assert_eq!(store.load(CHANNEL).expect("readable"), None);
    assert_eq!(store.stats().expect("readable").channels, 0);
}
