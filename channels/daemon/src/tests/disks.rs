// SPDX-License-Identifier: Apache-2.0

//! Disks that fill up or fail a sync below whole nodes: core, shell and store.

use super::{
    shells::Running,
    world::{config, identity, options, peer_of},
};
use crate::{
    Command, CommandError, Node, Notice, Peer, Reply,
    frame::Frame,
    in_memory::{MemoryChain, MemoryWire, wire},
    shell::{Handle, Wire, WireEvent, start},
    write::load,
};
use core::time::Duration;
use millrace_channels_protocol::Message;
use millrace_channels_store::{
    Passphrase, Store,
    faults::{Fault, Faults},
};
use millrace_primitives_channels::ChannelId;
use polkadot_sdk::sp_runtime::MultiSignature;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{Arc, Mutex},
    time::Instant,
};

/// What a node has signed and sent of one channel, by version.
type Signed = Arc<Mutex<BTreeMap<u64, MultiSignature>>>;

/// A wire that notes every signature under a state that leaves by it.
struct Tapped {
    wire: MemoryWire,
    signed: Signed,
}

impl Wire for Tapped {
    fn send(&mut self, peer: Peer, bytes: Vec<u8>) {
        if let Ok(Frame::Channel(message)) = Frame::from_bytes(&bytes) {
            let (version, signature) = match *message {
                Message::Proposal(it) => (it.state.version, Some(it.signature)),
                Message::Acceptance(it) => (it.version, Some(it.signature)),
                _ => (0, None),
            };
            if let Some(signature) = signature {
                let mut signed = self.signed.lock().expect("nothing panics in here");
                let known = signed.entry(version).or_insert_with(|| signature.clone());
                assert_eq!(*known, signature, "CP-1: version {version} was signed twice");
            }
        }
        self.wire.send(peer, bytes);
    }

    fn disconnect(&mut self, peer: Peer) {
        self.wire.disconnect(peer);
    }

    fn ban(&mut self, peer: Peer, time: Duration) {
        self.wire.ban(peer, time);
    }

    async fn next(&mut self) -> Option<WireEvent> {
        self.wire.next().await
    }
}

/// A node on a disk that fails when it is told to, which has run before.
fn start_on(
    folder: &Path,
    wire: MemoryWire,
    chain: &MemoryChain,
    faults: &Faults,
    signed: &Signed,
) -> Running {
    let passphrase = Passphrase::new("test");
    let store = Store::open_on_faulty_disk(folder, &passphrase, &options(), faults);
    let store = Arc::new(store.expect("the disk works still"));
    let restored = Node::restore(config(), identity(0, 7), load(&store).expect("readable"));
    assert_eq!(restored.damaged, []);
    let began = Instant::now();
    let clock = move || u64::try_from(began.elapsed().as_millis()).expect("short");
    let wire = Tapped { wire, signed: signed.clone() };
    let (handle, run) =
        start(restored.node, restored.outputs, store.clone(), wire, chain.ledger(), clock);
    Running { handle, task: tokio::spawn(run), store }
}

/// Both pay until the first one's disk refuses; returns the errors of all its payments that were
/// refused by then.
async fn pay_until_refused(nodes: [&Running; 2], channel: ChannelId) -> Vec<CommandError> {
    let pay = |handle: Handle| {
        let command = Command::Pay { channel, payee: None, amount: 1, operation: None };
        tokio::spawn(async move { handle.command(command).await })
    };
    let [node, other] = nodes.map(|it| &it.handle);
    let mut refused = Vec::new();
    while refused.is_empty() {
        // Many at a time, so that some of them are on their way when the disk fails.
        let paying: Vec<_> = (0..8).map(|_| pay(node.clone())).collect();
        // Nobody waits for the other side's: they end with it.
        for _ in 0..8 {
            pay(other.clone());
        }
        for paying in paying {
            match paying.await.expect("no panic").expect("it runs on") {
                Ok(Reply::Paid { .. }) => {}
                // Until it has met its peer.
                Err(CommandError::NotConnected { .. } | CommandError::NotReady) => {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                Err(error) => refused.push(error),
                other => panic!("{other:?}"),
            }
        }
    }
    refused
}

/// DA-1: every signature that left is in the store, or under a state that is. Returns how many left.
fn verify_durable(folder: &Path, channel: ChannelId, signed: &Signed) -> usize {
    let store = Store::open(folder, &Passphrase::new("test"), &options()).expect("there is room");
    assert_eq!(store.copy_reason(), None, "nobody takes it for a copy");
    let records = store.load(channel.0).expect("readable").expect("it is known");
    let agreed = records.agreed().expect("it is open").version;
    let kept: BTreeSet<u64> = records.signed().map(|row| row.version).collect();
    let signed = signed.lock().expect("nothing panics in here");
    for version in signed.keys().filter(|version| **version > agreed) {
        assert!(kept.contains(version), "DA-1: version {version} left and is not on the disk");
    }
    store.close().expect("it is whole");
    signed.len()
}

/// Returns how many signatures had left by then.
async fn pay_on_a_disk_that_fails(fault: Fault, after: u64) -> usize {
    let folder = tempfile::tempdir().expect("a folder");
    let [here, there] = ["here", "there"].map(|name| folder.path().join(name));
    let (chain, faults, signed) = (MemoryChain::default(), Faults::new(), Signed::default());
    // given two nodes with a channel
    let (one, other) = wire(peer_of(0), peer_of(1));
    let [first, second] =
        [Running::start(0, &here, one, &chain), Running::start(1, &there, other, &chain)];
    let channel = first.open(1).await;
    first.stop().await;
    second.stop().await;
    // when the disk of one of them fails while both pay
    let (one, other) = wire(peer_of(0), peer_of(1));
    let first = start_on(&here, one, &chain, &faults, &signed);
    let second = Running::start(1, &there, other, &chain);
    let mut notices = first.handle.subscribe();
    faults.fail_after(after, fault);
    let refused = pay_until_refused([&first, &second], channel).await;
    // then it says so, with the remedy, and signs nothing more
    for error in refused {
        let text = error.to_string();
        assert!(matches!(error, CommandError::DiskFailed { .. }), "{text}");
        assert!(text.contains("Free space or mend the disk"), "{text}");
        assert!(text.contains("until the node starts again"), "{text}");
    }
    let mut is_told = false;
    while let Ok(notice) = notices.try_recv() {
        is_told |= matches!(notice, Notice::DiskFailed { .. });
    }
    assert!(is_told, "{fault:?} after {after}");
    let left = signed.lock().expect("nothing panics in here").len();
    let again = first.pay(channel).await;
    assert!(matches!(again, Err(CommandError::DiskFailed { .. })), "DA-4: {again:?}");
    assert_eq!(signed.lock().expect("nothing panics in here").len(), left, "DA-4");
    // and it ends in order, by an error that names the disk
    first.handle.shutdown().await;
    first.task.await.expect("the task ends");
    let store = Arc::try_unwrap(first.store).expect("nobody else has it");
    let error = store.close().expect_err("its disk has failed").to_string();
    assert!(error.contains("Free space or mend the disk"), "{error}");
    second.stop().await;
    // and when there is room again, everything goes on, and nothing is lost
    let left = verify_durable(&here, channel, &signed);
    let (one, other) = wire(peer_of(0), peer_of(1));
    let [first, second] =
        [Running::start(0, &here, one, &chain), Running::start(1, &there, other, &chain)];
    for node in [&first, &second] {
        while !matches!(node.pay(channel).await, Ok(Reply::Paid { .. })) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    // Who was not asked last may hear of it a moment later.
    let mut sum = 0;
    for _ in 0..100 {
        sum = first.spendable(channel).await + second.spendable(channel).await;
        if sum == 2_000 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(sum, 2_000, "{fault:?} after {after}");
    first.stop().await;
    second.stop().await;
    left
}

async fn pay_on_disks_that_fail(fault: Fault, moments: [u64; 4]) {
    let mut left = Vec::new();
    for after in moments {
        left.push(pay_on_a_disk_that_fails(fault, after).await);
    }
    let (first, last) = (left[0], left[moments.len() - 1]);
    assert_eq!(first, 0, "nothing leaves before the first sync");
    assert!(last > 2, "and the last disk failed in the middle of payments: {left:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn full_disk_stops_signatures_and_loses_nothing() {
    pay_on_disks_that_fail(Fault::Full, [0, 5, 40, 150]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failed_sync_stops_signatures_and_loses_nothing() {
    pay_on_disks_that_fail(Fault::SyncFails, [0, 1, 4, 20]).await;
}
