// SPDX-License-Identifier: Apache-2.0

//! Two nodes over a wire and a chain in memory, one of which hands in to a tower: its real ledger
//! behind a real transport, without chain or disk.

use super::*;
use millrace_channels_daemon::{
    Command, CommandError, Config, Identity, Keys, Node, Peer, Reply,
    in_memory::{MemoryChain, MemoryWire, wire},
    shell::start,
    write::load,
};
use millrace_channels_store::{GuessCost, Options as StoreOptions, Passphrase};
use millrace_channels_transport::{Handle as Transport, Options, Transport as Starter};
use millrace_channels_watchtower::{
    ledger::{Change, Ledger},
    message::{Frame, Request, Terms},
    receipt::TowerKey,
    sealing::{ChannelSecret, Place, Work},
};
use millrace_ports::free_port;
use polkadot_sdk::sp_core::{Pair, ed25519};
use std::{path::Path, time::Instant};
use tokio::sync::mpsc;
use zeroize::Zeroizing;

const GENESIS: [u8; 32] = [7; 32];

fn genesis() -> Hash {
    Hash::from(GENESIS)
}

fn cheap() -> StoreOptions {
    StoreOptions { guess_cost: GuessCost::LEAST, ..StoreOptions::default() }
}

fn run(number: u8, folder: &Path, wire: MemoryWire, chain: &MemoryChain) -> (Handle, Arc<Store>) {
    let store = Store::create(folder, &Passphrase::new("test"), &cheap()).expect("a store");
    let store = Arc::new(store);
    let account = ed25519::Pair::from_seed(&[number + 50; 32]);
    let keys = Keys::new(account, ed25519::Pair::from_seed(&[number + 1; 32]), [number; 32]);
    let me = Peer([number + 100; 32]);
    let identity = Identity { genesis: genesis(), keys, me, seed: [number; 32] };
    let mut config = Config::default();
    config.acceptance.own_deposit_max = 1_000_000;
    let loaded = load(&store).expect("readable");
    let restored = Node::restore(config, identity, loaded);
    let began = Instant::now();
    let clock = move || u64::try_from(began.elapsed().as_millis()).expect("short");
    let (node, outputs) = (restored.node, restored.outputs);
    let (handle, task) = start(node, outputs, store.clone(), wire, chain.ledger(), clock);
    tokio::spawn(task);
    (handle, store)
}

async fn open(node: &Handle) -> ChannelId {
    loop {
        let command = Command::Open {
            peer: Peer([101; 32]),
            deposit: 1_000,
            their_deposit: 1_000,
            challenge_blocks: 100,
            open_within: 50,
            operation: None,
        };
        match node.command(command).await.expect("it runs") {
            Ok(Reply::Opened { channel }) => return channel,
            Err(
                CommandError::NotConnected { .. }
                | CommandError::NotIntroduced { .. }
                | CommandError::NotReady,
            ) => tokio::time::sleep(Duration::from_millis(20)).await,
            other => panic!("not opened: {other:?}"),
        }
    }
}

/// A tower at this port; it tells each sealed answer that it keeps or forgets.
async fn serve(port: u16, mut ledger: Ledger) -> (Transport, mpsc::UnboundedReceiver<Change>) {
    let key = NodeKey::from_bytes(Zeroizing::new([71; 32]));
    let listen = vec![format!("/ip4/127.0.0.1/tcp/{port}").parse().expect("an address")];
    let options = Options { listen, ..Options::default() };
    let (handle, mut incoming) = Starter::start(options, &key).await.expect("it listens");
    let (kept, changes) = mpsc::unbounded_channel();
    let transport = handle.clone();
    tokio::spawn(async move {
        while let Some(event) = incoming.next().await {
            let millrace_channels_transport::PeerEvent::Frame { peer, bytes } = event else {
                continue;
            };
            let Frame { number, body } = Frame::<Request>::from_bytes(&bytes).expect("a request");
            let client = client_of(&peer).expect("an ed25519 key");
            let (body, change) = ledger.handle(client, body, Some(10));
            kept.send(change).ok();
            handle.send(peer, Frame { number, body }.to_bytes()).ok();
        }
    });
    let (sender, receiver) = mpsc::unbounded_channel();
    let mut changes = changes;
    tokio::spawn(async move {
        while let Some(change) = changes.recv().await {
            if let Some(change) = change
                && sender.send(change).is_err()
            {
                return;
            }
        }
    });
    (transport, receiver)
}

fn ledger() -> Ledger {
    let key = TowerKey::from_seed(&[71; 32]);
    let place = Place { genesis: genesis(), tower: key.id(), work: Work::RECOMMENDED };
    let terms = Terms { place, per_client: 10, in_total: 10, max_blocks: 1_000 };
    Ledger::new(terms, key, [])
}

/// Waits until no channel is behind, and a version from `least` on is covered: a payment is told to
/// towers a moment after it is made.
async fn covered(towers: &Towers, least: u64) -> Cover {
    for _ in 0..1_200 {
        let list = towers.list().expect("names have texts");
        let tower = &list.items[0];
        if tower.behind == 0
            && let Some(cover) = tower.channels.first()
            && cover.version == Some(cover.newest)
            && cover.newest >= least
        {
            return *cover;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not covered: {:?}", towers.list());
}

async fn pay(node: &Handle, channel: ChannelId) {
    let command = Command::Pay { channel, payee: None, amount: 1, operation: None };
    let paid = node.command(command).await.expect("it runs");
    assert!(matches!(paid, Ok(Reply::Paid { .. })), "{paid:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn newest_state_is_handed_in_and_what_is_lost_is_made_up_for() {
    let folder = tempfile::tempdir().unwrap();
    let chain = MemoryChain::default();
    let (one, other) = wire(Peer([100; 32]), Peer([101; 32]));
    let (node, store) = run(0, &folder.path().join("one"), one, &chain);
    let _other = run(1, &folder.path().join("other"), other, &chain);
    let channel = open(&node).await;

    // The tower is away at first; payments go on all the same.
    let port = free_port().unwrap();
    let tower = NodeKey::from_bytes(Zeroizing::new([71; 32])).peer_id();
    let address = format!("/ip4/127.0.0.1/tcp/{port}/p2p/{tower}");
    let key = NodeKey::from_bytes(Zeroizing::new([72; 32]));
    let towers = Towers::open(std::slice::from_ref(&address), &key, &store).unwrap();
    towers.start(&key, genesis(), &node, &store).await.unwrap();
    for _ in 0..50 {
        pay(&node, channel).await;
    }
    let away = towers.list().unwrap().items.remove(0);
    assert!(!away.connected && away.problem.is_some(), "{away:?}");

    let (transport, mut changes) = serve(port, ledger()).await;
    let first = covered(&towers, 50).await;
    let Some(Change::Put { blob, mark, .. }) = changes.recv().await else { panic!("nothing came") };
    let place = ledger().terms().place;
    let secret = ChannelSecret::derive(&place, &channel).unwrap();
    assert_eq!(secret.open(&blob).unwrap().state.version, first.newest);
    assert!(mark.until > 900, "{mark:?}");

    // Many payments are few hand-ins, and the tower has the newest.
    for _ in 0..50 {
        pay(&node, channel).await;
    }
    let second = covered(&towers, first.newest + 50).await;
    let mut last = None;
    let mut count = 0;
    while let Ok(Change::Put { blob, mark, .. }) = changes.try_recv() {
        (last, count) = (Some((blob, mark)), count + 1);
    }
    let (blob, mark) = last.expect("it was handed in");
    assert_eq!(secret.open(&blob).unwrap().state.version, second.newest);
    assert!(count < 40, "{count} hand-ins for 50 payments");

    // What was signed for is known after a restart, with its evidence.
    let again = Towers::open(std::slice::from_ref(&address), &key, &store).unwrap();
    let known = again.list().unwrap().items.remove(0);
    assert_eq!(known.channels[0].version, Some(second.newest));

    // A tower that knows a higher sequence, because a receipt was lost, is handed a higher one.
    transport.shutdown().await.unwrap();
    let mut ahead = ledger();
    let client = client_of(&key.peer_id()).unwrap();
    let sequence = mark.sequence + 5;
    let request = Request::HandIn { locator: secret.locator(), sequence, blob, until: 500 };
    ahead.handle(client, request, Some(10));
    let (_transport, mut changes) = serve(port, ahead).await;
    pay(&node, channel).await;
    covered(&towers, second.newest + 1).await;
    let Some(Change::Put { mark, .. }) = changes.recv().await else { panic!("nothing came") };
    assert_eq!(mark.sequence, sequence + 1);

    // A channel that is over is withdrawn.
    node.command(Command::Close { channel }).await.unwrap().unwrap();
    loop {
        match changes.recv().await.expect("it is withdrawn") {
            Change::Remove { name } => break assert_eq!(name.locator, secret.locator()),
            Change::Put { .. } | Change::Amend { .. } => {}
        }
    }
}

#[test]
fn towers_are_named_well_few_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(folder.path(), &Passphrase::new("test"), &cheap()).unwrap();
    let key = NodeKey::generate().unwrap();
    let name = |seed: u8| {
        let peer = NodeKey::from_bytes(Zeroizing::new([seed; 32])).peer_id();
        format!("/ip4/127.0.0.1/tcp/9750/p2p/{peer}")
    };
    let open = |names: &[String]| Towers::open(names, &key, &store);
    assert!(open(&[name(1), name(2)]).is_ok());
    let wrong = [
        vec![name(1), name(1)],
        vec!["/ip4/127.0.0.1/tcp/9750".to_owned()],
        vec!["tower.example".to_owned()],
        (1..=9).map(name).collect(),
    ];
    for names in wrong {
        assert!(open(&names).is_err(), "{names:?}");
    }
}
