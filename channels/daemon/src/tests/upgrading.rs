// SPDX-License-Identifier: Apache-2.0

//! Stores that an earlier daemon wrote, with channels open and payments under way.
//!
//! `golden/format-2.txt` holds all that the parties of a fixed story keep, in the very bytes that the
//! store is given. Whoever changes the encoding of anything that is stored fails here, and has to say
//! how an old store becomes a new one. `golden/format-1.txt` is what was kept before payments had their
//! place in an order; such rows are read as they are.

use super::{
    World,
    forwarding::{DEPOSIT, invoice, line, pay, verify_clean, wealth},
    world::{options, peer_of},
};
use crate::{
    Command, OperationKey, Reply,
    history::Invoice,
    order::Order,
    routed::{ANNOUNCED, FEES, HANDED, ISSUED, PARTS, PAYMENTS, TAGS},
    write::{HISTORY, INVOICES, OPERATIONS},
};
use codec::{DecodeAll, Encode};
use millrace_channels_store::{Batch, Passphrase, Record, Store, Table};
use std::collections::BTreeSet;

/// What was stored by the first format.
const FIRST: &str = include_str!("golden/format-1.txt");

/// What is stored now.
const GOLDEN: &str = include_str!("golden/format-2.txt");

/// Set to anything, the variable has the golden file written anew.
const VARIABLE: &str = "MILLRACE_WRITE_GOLDEN";

/// Three parties after payments, with one over two channels under way, and something half-signed.
fn story() -> (World, u64) {
    let (mut world, channels) = line(3);
    let name = OperationKey { id: [3; 32], fingerprint: [4; 32] };
    let (channel, payee) = (channels[0], None);
    world.command(0, Command::Pay { channel, payee, amount: 7, operation: Some(name) });
    let terms = crate::Config::default().routing.terms;
    world.command(1, Command::SetFees { channel: Some(channels[1]), terms });
    let memo = b"flour".to_vec().try_into().expect("short");
    let expected = Invoice { preimage: [5; 32], amount: 9, expires: 900, memo, paid: None };
    world.command(1, Command::AddInvoice(expected));
    let first = invoice(&mut world, 2, 500);
    pay(&mut world, 0, &first);
    world.settle();
    let second = invoice(&mut world, 2, 10_000);
    let id = pay(&mut world, 0, &second);
    world.step_until(|world| {
        !world.parties[1].node.channel(channels[1]).expect("open").transfers.is_empty()
    });
    // Written down by both neighbours, and delivered to neither.
    for party in [0, 1] {
        world.pay(party, channel, 3);
        while world.sync(party) {}
    }
    (world, id)
}

fn row(party: usize, what: &str, key: &[u8], value: &[u8]) -> String {
    format!("{party} {what} {} {}", hex::encode(key), hex::encode(value))
}

fn facts<K, V>(party: usize, store: &Store, what: &str, table: &Table<K, V>) -> Vec<String>
where
    K: Encode + codec::Decode,
    V: Encode + codec::Decode,
{
    let rows = store.rows(table).expect("readable").map(|it| it.expect("whole"));
    let mut rows: Vec<_> =
        rows.map(|it| row(party, what, &it.key.encode(), &it.value.encode())).collect();
    rows.sort_unstable();
    rows
}

/// All that a party keeps.
fn all_of(party: usize, store: &Store) -> Vec<String> {
    let channels = store.load_all().expect("readable").map(|it| it.expect("whole"));
    let records = channels.flat_map(|it| {
        let id = it.channel;
        it.records.into_iter().map(move |record| row(party, "record", &id, &record.encode()))
    });
    let mut all: Vec<_> = records.collect();
    all.sort_unstable();
    all.extend(facts(party, store, "invoice", &INVOICES));
    all.extend(facts(party, store, "operation", &OPERATIONS));
    all.extend(facts(party, store, "history", &HISTORY));
    all.extend(facts(party, store, "handed", &HANDED));
    all.extend(facts(party, store, "tag", &TAGS));
    all.extend(facts(party, store, "issued", &ISSUED));
    all.extend(facts(party, store, "payment", &PAYMENTS));
    all.extend(facts(party, store, "parts", &PARTS));
    all.extend(facts(party, store, "fees", &FEES));
    all.extend(facts(party, store, "announced", &ANNOUNCED));
    all
}

fn all(world: &World) -> Vec<String> {
    let parties = world.parties.iter().enumerate();
    parties.flat_map(|(party, it)| all_of(party, &it.store)).collect()
}

fn put<K, V>(batch: Batch, table: &Table<K, V>, key: &[u8], value: &[u8]) -> Batch
where
    K: Encode + codec::Decode,
    V: Encode + codec::Decode,
{
    let key = K::decode_all(&mut &*key).expect("a key of any format is read");
    let value = V::decode_all(&mut &*value).expect("a value of any format is read");
    batch.put(table, &key, &value, None)
}

/// The golden rows of a party.
fn rows_of(golden: &str, party: usize) -> Vec<&str> {
    let number = party.to_string();
    let is_its = |line: &&str| line.split(' ').next() == Some(number.as_str());
    golden.lines().filter(is_its).collect()
}

/// A party's store, made of its golden rows.
fn golden_store(folder: &std::path::Path, rows: &[&str]) -> Store {
    let store = Store::create(folder, &Passphrase::new("test"), &options()).expect("a store");
    for line in rows {
        let [_, what, key, value] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("no row: {line}");
        };
        let [key, value] = [key, value].map(|text| hex::decode(text).expect("hexadecimal"));
        let batch = Batch::new();
        let batch = match what {
            "record" => {
                let record = Record::decode_all(&mut &value[..]).expect("a record");
                batch.append(key.try_into().expect("an id"), record)
            }
            "invoice" => put(batch, &INVOICES, &key, &value),
            "operation" => put(batch, &OPERATIONS, &key, &value),
            "history" => put(batch, &HISTORY, &key, &value),
            "handed" => put(batch, &HANDED, &key, &value),
            "tag" => put(batch, &TAGS, &key, &value),
            "issued" => put(batch, &ISSUED, &key, &value),
            "payment" => put(batch, &PAYMENTS, &key, &value),
            "parts" => put(batch, &PARTS, &key, &value),
            "fees" => put(batch, &FEES, &key, &value),
            "announced" => put(batch, &ANNOUNCED, &key, &value),
            other => panic!("no table: {other}"),
        };
        store.submit(batch).and_then(|it| it.wait()).expect("the store takes it");
    }
    store
}

#[test]
fn what_is_stored_has_the_bytes_that_it_always_had() {
    let (world, _) = story();
    let found = all(&world);
    if std::env::var_os(VARIABLE).is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/tests/golden/format-2.txt");
        std::fs::write(path, found.join("\n") + "\n").expect("writable");
        return;
    }
    let golden: Vec<_> = GOLDEN.lines().collect();
    for (found, golden) in found.iter().zip(&golden) {
        assert_eq!(
            found, golden,
            "what is stored has changed. Stores that are out there have the old form: have it read \
             beside the new one, or give the store's `migrating` a step; keep this file for its test, \
             and begin a new one. If only the story changed, have it written anew by {VARIABLE}=1"
        );
    }
    assert_eq!(found.len(), golden.len(), "there are rows more or less than there were");
    for what in ["record", "invoice", "operation", "history", "handed", "tag", "issued", "payment"]
    {
        let of = format!(" {what} ");
        assert!(golden.iter().any(|line| line.contains(&of)), "the story has no {what}");
    }
}

#[test]
fn store_of_an_earlier_daemon_is_opened_and_everything_goes_on() {
    for (golden, upgraded) in
        [FIRST, GOLDEN].into_iter().flat_map(|it| (0..3).map(move |at| (it, at)))
    {
        // given a story up to the moment at which a party's daemon is replaced
        let (mut world, id) = story();
        let folder = tempfile::tempdir().expect("a folder");
        let rows = rows_of(golden, upgraded);
        let store = golden_store(folder.path(), &rows);
        assert_eq!(all_of(upgraded, &store), rows, "every row is read, and written as it was");
        // when the new one starts with what the old one has left
        world.parties[upgraded].store = store;
        world.crash(upgraded);
        world.settle();
        for _ in 0..12 {
            world.wait(10_000);
        }
        // then what was under way is decided, and nobody has lost anything
        verify_clean(&world, &format!("party {upgraded}"));
        let paid = wealth(&world, 2) - DEPOSIT;
        assert!(paid == 500 || paid == 10_500, "{paid}");
        let all: u128 = (0..3).map(|party| wealth(&world, party)).sum();
        assert_eq!(all, 4 * DEPOSIT);
        if let Some(reply) = world.parties[0].replies.get(&id) {
            assert_eq!(reply.is_ok(), paid == 10_500, "{reply:?}");
        }
        let channel = world.parties[0].channels()[0];
        let name = OperationKey { id: [7; 32], fingerprint: [8; 32] };
        let pay = Command::Pay { channel, payee: None, amount: 1, operation: Some(name) };
        let id = world.command(0, pay);
        world.settle();
        assert!(matches!(world.parties[0].replies[&id], Ok(Reply::Paid { .. })));
        // and what is new comes after all that there was, also after the next start
        world.crash(0);
        let node = &world.parties[0].node;
        let newest = node.operation(&name.id).expect("it is known").order;
        let direct = node.operations().filter(|(id, _)| **id != name.id);
        let mut others = direct.map(|it| it.1.order).chain(node.payments().map(|it| it.1.order));
        assert!(others.all(|order| order < newest), "{newest:?}");
    }
}

#[test]
fn payments_of_all_kinds_have_one_order_over_restarts() {
    // given two neighbours that pay each other in every way, and start again in between
    let (mut world, channels) = line(2);
    let channel = channels[0];
    let named = |number: u8| OperationKey { id: [number; 32], fingerprint: [number; 32] };
    for number in 0..3 {
        let (payee, operation) = (None, Some(named(number)));
        world.command(0, Command::Pay { channel, payee, amount: 7, operation });
        world.settle();
        let asked = invoice(&mut world, 1, 500);
        pay(&mut world, 0, &asked);
        world.settle();
        let (payee, operation) = (peer_of(1), Some(named(100 + number)));
        world.command(0, Command::PayNode { payee, amount: 9, max_fee: 100, operation });
        world.settle();
        for party in 0..2 {
            world.crash(party);
        }
        world.settle();
        world.wait(10_000);
    }
    // then no two payments have the same place
    for party in &world.parties {
        let node = &party.node;
        let direct = node.operations().map(|it| it.1.order);
        let routed = node.payments().map(|it| it.1.order);
        let invoices = node.issued().filter_map(|it| Some(it.paid.as_ref()?.order));
        let received = node.received().map(|it| it.1.order);
        let rows = party.store.rows(&HISTORY).expect("readable");
        let rows = rows.map(|it| it.expect("whole").value.order);
        let all: Vec<_> =
            direct.chain(routed).chain(invoices).chain(received).chain(rows).collect();
        let different: BTreeSet<_> = all.iter().copied().collect();
        assert!(all.len() > 9 && different.len() == all.len(), "{all:?}");
        assert!(!different.contains(&Order::NONE));
    }
    // and the payer's go from kind to kind, as they were asked for
    let node = &world.parties[0].node;
    let direct = node.operations().map(|it| (it.1.order, "direct"));
    let mut made: Vec<_> = direct.chain(node.payments().map(|it| (it.1.order, "routed"))).collect();
    made.sort_unstable();
    let kinds: Vec<_> = made.into_iter().map(|it| it.1).collect();
    assert_eq!(kinds, ["direct", "routed", "routed"].repeat(3));
}
