// SPDX-License-Identifier: Apache-2.0

//! A tower's folder, across restarts.

use super::{GENESIS, blob, key, terms};
use crate::{
    ledger::{Ledger, Name},
    message::{Report, Request, Response},
    metrics::{Metrics, serve},
    sealing::Locator,
    storage::{Identity, Storage, StorageError},
};
use millrace_channels_store::{Batch, GuessCost, Options, Passphrase, Store, Table};
use millrace_primitives_channels::Hash;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
};

fn options() -> Options {
    Options { guess_cost: GuessCost::LEAST, ..Options::default() }
}

fn identity() -> Identity {
    Identity { genesis: GENESIS, tower_seed: [3; 32], account_seed: [4; 32] }
}

#[test]
fn appointments_survive_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let passphrase = Passphrase::new("a passphrase");
    let client = [1; 32];
    let locator = Locator::repeat_byte(5);
    let name = Name { locator, client };
    let storage =
        Storage::create(folder.path(), &passphrase, &options(), identity()).expect("a new store");
    let mut ledger = Ledger::new(terms(), key(), storage.marks().expect("readable"));
    let request = Request::HandIn { locator, sequence: 1, blob: blob(8), until: 90 };
    let (response, change) = ledger.handle(client, request, Some(1));
    assert!(matches!(response, Response::Accepted(_)));
    storage.write(&[change.expect("something changed")]).expect("queued").wait().expect("durable");
    let amended = ledger.report(name, Report::Useless).expect("it is there");
    storage.write(&[amended]).expect("queued").wait().expect("durable");
    storage.set_head(77, Hash::repeat_byte(7)).expect("queued").wait().expect("durable");
    storage.close().expect("closed");

    let storage = Storage::open(folder.path(), &passphrase, &options()).expect("it is there");
    assert!(storage.identity() == &identity());
    assert_eq!(storage.blob(&name).expect("readable"), Some(blob(8)));
    assert_eq!(storage.head().expect("readable"), Some((77, Hash::repeat_byte(7))));
    let mut restarted = Ledger::new(terms(), key(), storage.marks().expect("readable"));
    let ask = || Request::Status { locator };
    assert_eq!(restarted.handle(client, ask(), None), ledger.handle(client, ask(), None));

    let (_, change) = restarted.handle(client, Request::Withdraw { locator }, Some(1));
    storage.write(&[change.expect("something changed")]).expect("queued").wait().expect("durable");
    assert_eq!(storage.blob(&name).expect("readable"), None);
    assert_eq!(storage.marks().expect("readable"), Vec::new());
}

#[test]
fn other_stores_and_wrong_passphrases_are_told_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let passphrase = Passphrase::new("a passphrase");
    let store = Store::create(folder.path(), &passphrase, &options()).expect("a new store");
    const OTHER: Table<u8, u8> = Table::new("other", 1);
    store.submit(Batch::new().put(&OTHER, &1, &1, None)).expect("queued").wait().expect("durable");
    store.close().expect("closed");
    let refusal = Storage::open(folder.path(), &passphrase, &options()).err();
    assert!(matches!(refusal, Some(StorageError::NoTower)));
    let refusal = Storage::open(folder.path(), &Passphrase::new("another"), &options()).err();
    assert!(matches!(refusal, Some(StorageError::Store(_))));
}

#[tokio::test]
async fn metrics_are_served_as_text_and_nothing_else_is() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let metrics = Metrics { answers: 3, rewards: u128::MAX, ..Metrics::default() };
    let (_sender, receiver) = watch::channel(metrics);
    let server = tokio::spawn(serve(listener, receiver));
    let ask = |request: &'static [u8]| async move {
        let mut stream = TcpStream::connect(address).await.expect("it listens");
        stream.write_all(request).await.expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("it answers");
        answer
    };
    let answer = ask(b"GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("\nmillrace_watchtower_answers_total 3\n"), "{answer}");
    assert!(answer.contains(&format!("\nmillrace_watchtower_rewards_total {}\n", u128::MAX)));
    assert!(ask(b"GET / HTTP/1.1\r\n\r\n").await.starts_with("HTTP/1.1 404"));
    server.abort();
}
