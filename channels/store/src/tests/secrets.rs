// SPDX-License-Identifier: Apache-2.0

//! What a file does not say, and what cannot be done to it without notice.

use super::{create, machine::Machine, name, open, options, passphrase};
use crate::{
    GuessCost, Passphrase, Record, Store, Table,
    passphrase::Header,
    rows::{CHANNELS, rows},
    sealing::{Keys, Nonces, Seal, new_secret},
};
use redb::{Database, ReadTransaction, ReadableDatabase, ReadableTable};
use std::{collections::BTreeSet, fs, panic};

const CHANNEL: [u8; 32] = *b"an id nobody else has, 32 bytes.";
const SECRET: &str = "what was signed is nobody's business";
const PEERS: Table<String, String> = Table::new("peers", 10);

fn fill(store: &Store) {
    store.append(CHANNEL, Record::signed(1, SECRET)).expect("accepted").wait().expect("durable");
    let batch = crate::Batch::new().put(&PEERS, &"a key of a peer".into(), &SECRET.into(), None);
    store.submit(batch).expect("accepted").wait().expect("durable");
}

fn holds(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

#[test]
fn the_file_shows_neither_ids_nor_records_nor_facts() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = create(folder.path());
    fill(&store);
    store.backup(&folder.path().join("backup")).expect("a backup");
    drop(store);
    for file in ["journal.redb", "journal.log", "witness", "backup"] {
        let bytes = fs::read(folder.path().join(file)).expect("read");
        assert!(!bytes.is_empty());
        for text in [&CHANNEL[..], SECRET.as_bytes(), b"a key of a peer", b"correct horse"] {
            assert!(!holds(&bytes, text), "{file} shows {:?}", String::from_utf8_lossy(text));
        }
    }
    let bytes = fs::read(folder.path().join("journal.redb")).expect("read");
    assert!(holds(&bytes, b"facts/peers"), "names of tables do show, and we say so");
}

#[cfg(unix)]
#[test]
fn files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path().join("home");
    let store = create(&home);
    store.backup(&home.join("backup")).expect("a backup");
    let mode =
        |path: &std::path::Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&home), 0o700);
    for file in ["journal.redb", "journal.log", "witness", "backup"] {
        assert_eq!(mode(&home.join(file)), 0o600, "{file}");
    }
}

#[test]
fn a_wrong_passphrase_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    fill(&create(folder.path()));
    for wrong in ["", "correct hors", "Correct horse"] {
        let wrong = Passphrase::new(wrong);
        let error = Store::open(folder.path(), &wrong, &options()).expect_err("refused");
        assert_eq!(name(&error), "WrongPassphrase");
    }
    assert_eq!(open(folder.path()).copy_reason(), None, "guessing changes nothing");
    assert_eq!(format!("{:?}", passphrase()), "Passphrase(..)");
}

#[test]
fn the_passphrase_can_be_changed_without_touching_a_row() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = create(folder.path());
    fill(&store);
    drop(store);
    // What was in the log is in the database now.
    let store = open(folder.path());
    let sealed = |store: &Store| -> BTreeSet<Vec<u8>> {
        let rows = |read: &ReadTransaction, _: &_| {
            let table = read.open_table(rows(CHANNELS)).expect("there");
            let rows = table.iter().expect("readable");
            Ok(rows.map(|row| row.expect("a row").1.value().to_vec()).collect())
        };
        store.layers().look(rows).expect("readable")
    };
    let before = sealed(&store);
    let new = Passphrase::new("battery staple");
    let error = store.change_passphrase(&new, &new, &options()).expect_err("not the old one");
    assert_eq!(name(&error), "WrongPassphrase");
    store.change_passphrase(&passphrase(), &new, &options()).expect("changed");
    assert_eq!(before.len(), 1);
    assert_eq!(sealed(&store), before);
    drop(store);
    let error = Store::open(folder.path(), &passphrase(), &options()).expect_err("the old one");
    assert_eq!(name(&error), "WrongPassphrase");
    let store = Store::open(folder.path(), &new, &options()).expect("the new one");
    let channel = store.load(CHANNEL).expect("readable").expect("known");
    assert_eq!(channel.signed().next().expect("signed").bytes, SECRET.as_bytes());
}

#[test]
fn rows_cannot_change_places() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = folder.path().join("journal.redb");
    let store = create(folder.path());
    for channel in 0..2 {
        store
            .append([channel; 32], Record::signed(1, [channel]))
            .expect("accepted")
            .wait()
            .expect("durable");
    }
    drop(store);
    let database = Database::open(&journal).expect("anybody can open the database");
    let read = database.begin_read().expect("readable");
    let all: Vec<([u8; 32], Vec<u8>)> = read
        .open_table(rows(CHANNELS))
        .expect("there")
        .iter()
        .expect("readable")
        .map(|row| row.map(|(key, row)| (*key.value(), row.value().to_vec())).expect("a row"))
        .collect();
    let write = database.begin_write().expect("writable");
    {
        let mut table = write.open_table(rows(CHANNELS)).expect("there");
        table.insert(&all[0].0, all[1].1.as_slice()).expect("written");
        table.insert(&all[1].0, all[0].1.as_slice()).expect("written");
    }
    write.commit().expect("written");
    drop((read, database));
    let store = open(folder.path());
    for channel in 0..2 {
        let error = store.load([channel; 32]).expect_err("not authentic");
        assert_eq!(name(&error), "Corrupted");
        // Nor can anything be built on it.
        let ticket = store.append([channel; 32], Record::signed(2, "two")).expect("accepted");
        assert_eq!(name(&ticket.wait().expect_err("not authentic")), "Corrupted");
    }
    assert!(store.load_all().expect("readable").all(|channel| channel.is_err()));
    // The disk is sound, and other channels go on.
    store.append([3; 32], Record::signed(1, "one")).expect("accepted").wait().expect("durable");
}

#[test]
fn seals_hold_for_one_place_and_never_repeat() {
    let keys = Keys::new(&new_secret().expect("random"));
    let (here, there) = (keys.row_key("channels", b"1"), keys.row_key("channels", b"2"));
    let sealed = keys.seal("channels", &here, b"row").expect("sealed");
    assert_eq!(keys.open("channels", &here, &sealed).expect("open"), b"row");
    keys.open("channels", &there, &sealed).expect_err("another key");
    keys.open("facts/peers", &here, &sealed).expect_err("another table");
    Keys::new(&new_secret().expect("random")).open("channels", &here, &sealed).expect_err("store");
    for position in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[position] ^= 1;
        keys.open("channels", &here, &changed).expect_err("changed");
    }
    for length in 0..sealed.len() {
        keys.open("channels", &here, &sealed[..length]).expect_err("cut");
    }
    let mut nonces = Nonces::default();
    let alone = (0..1_000).map(|_| keys.seal("channels", &here, b"row").expect("sealed"));
    let many =
        (0..1_000).map(|_| keys.seal_next(&mut nonces, "channels", &here, b"row").expect("sealed"));
    let sealed: Vec<_> = alone.chain(many).collect();
    for row in &sealed {
        assert_eq!(keys.open("channels", &here, row).expect("open"), b"row");
    }
    // Whole ones, and their parts: what one shows says nothing about another.
    for part in [0..24, 0..8, 8..16, 16..24] {
        let nonces: BTreeSet<_> = sealed.iter().map(|row| &row[part.clone()]).collect();
        assert_eq!(nonces.len(), 2_000);
    }
    assert_ne!(keys.row_key("a", b"bc"), keys.row_key("ab", b"c"), "parts cannot be shifted");
}

/// What is sealed is XChaCha20-Poly1305 and nothing of our own: another library opens it, and what that
/// one seals can be opened here.
#[test]
fn seals_are_those_of_the_standard() {
    use chacha20poly1305::{
        KeyInit, XChaCha20Poly1305, XNonce,
        aead::{Aead, Payload},
    };
    let secret = new_secret().expect("random");
    let (ours, other) = (Seal::new(&secret), XChaCha20Poly1305::new((&*secret).into()));
    for length in [0, 1, 15, 16, 17, 63, 64, 65, 700, 5_000] {
        let bytes: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
        let sealed = ours.seal(b"place", &bytes).expect("sealed");
        let (nonce, rest) = sealed.split_at(24);
        let opened = other.decrypt(XNonce::from_slice(nonce), Payload { msg: rest, aad: b"place" });
        assert_eq!(opened.expect("authentic"), bytes, "{length}");
        let nonce = [u8::try_from(length % 256).expect("small"); 24];
        let payload = Payload { msg: &bytes[..], aad: b"place" };
        let sealed = other.encrypt(XNonce::from_slice(&nonce), payload).expect("sealed");
        let row = [&nonce[..], &sealed].concat();
        assert_eq!(ours.open(b"place", &row).expect("authentic"), bytes, "{length}");
        assert_eq!(ours.open(b"other", &row), None, "{length}");
    }
}

#[test]
fn a_header_cannot_ask_for_all_of_the_machine() {
    let secret = new_secret().expect("random");
    let greedy = GuessCost { memory_kib: u32::MAX, ..GuessCost::LEAST };
    let error = Header::wrap(&secret, &passphrase(), greedy).expect_err("refused");
    assert_eq!(name(&error), "Corrupted");
    let endless = GuessCost { passes: u32::MAX, ..GuessCost::LEAST };
    Header::wrap(&secret, &passphrase(), endless).expect_err("refused");
}

/// Whatever is damaged, the store opens with what was written, or says that it is damaged.
#[test]
fn a_damaged_file_is_refused_or_harmless() {
    let machine = Machine::with_store();
    let store = machine.open();
    for channel in 0..20 {
        let record = Record::agreed(1, vec![channel; 3_000]);
        store.append([channel; 32], record).expect("accepted").wait().expect("durable");
    }
    drop(store);
    let [whole, log] = machine.copy_files();
    let mut dice = super::machine::Dice::new(1);
    let (mut refused, mut harmless) = (0, 0);
    for round in 0..300 {
        let mut damaged = whole.clone();
        match round % 3 {
            // The front of the file, where most that matters lies; one byte anywhere; the end gone.
            0 => damaged[dice.roll(4_096) as usize] ^= 1 << dice.roll(8),
            1 => damaged[dice.roll(whole.len() as u64) as usize] ^= 1 << dice.roll(8),
            _ => damaged.truncate(dice.roll(whole.len() as u64) as usize),
        }
        machine.put_files([damaged, log.clone()]);
        let outcome = panic::catch_unwind(|| {
            let store = machine.try_open().map_err(|error| name(&error))?;
            let all = store.load_all().map_err(|error| name(&error))?;
            let found: Result<Vec<_>, _> = all.collect();
            found.map_err(|error| name(&error))
        });
        match outcome.unwrap_or_else(|_| panic!("round {round}: a panic")) {
            Ok(found) => {
                assert_eq!(found.len(), 20, "round {round}: nothing is missing in silence");
                harmless += 1;
            }
            Err(error) => {
                let named = ["Corrupted", "Disk", "WrongPassphrase", "NewerFormat"];
                assert!(named.contains(&error.as_str()), "round {round}: {error}");
                refused += 1;
            }
        }
    }
    assert!(refused > 50 && harmless > 50, "{refused} refused, {harmless} harmless");
}
