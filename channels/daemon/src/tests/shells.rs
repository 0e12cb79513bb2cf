// SPDX-License-Identifier: Apache-2.0

//! Whole nodes: core, shell and store, over a wire and a chain in memory.

use super::world::{config, identity, open, options, peer_of};
use crate::{
    Command, CommandError, Node, Notice, Peer, Reply,
    frame::{Frame, Hello},
    in_memory::{MemoryChain, MemoryWire, wire},
    shell::{Handle, Wire, WireEvent, start},
    write::load,
};
use millrace_channels_store::{Passphrase, Store};
use millrace_primitives_channels::{ChannelId, Hash};
use std::{
    collections::VecDeque,
    future::{Future, poll_fn},
    path::Path,
    pin::pin,
    sync::{Arc, Mutex},
    task::{Poll, Waker},
    time::{Duration, Instant},
};
use tokio::task::JoinHandle;

/// A whole node.
pub struct Running {
    pub handle: Handle,
    pub task: JoinHandle<()>,
    pub store: Arc<Store>,
}

impl Running {
    pub fn start(number: u8, folder: &Path, wire: impl Wire, chain: &MemoryChain) -> Self {
        let passphrase = Passphrase::new("test");
        let store = Store::open(folder, &passphrase, &options())
            .or_else(|_| Store::create(folder, &passphrase, &options()))
            .expect("a store");
        let store = Arc::new(store);
        let loaded = load(&store).expect("readable");
        let restored = Node::restore(config(), identity(number, number), loaded);
        assert_eq!(restored.damaged, []);
        let began = Instant::now();
        let clock = move || u64::try_from(began.elapsed().as_millis()).expect("short");
        let ledger = chain.ledger();
        let (handle, run) =
            start(restored.node, restored.outputs, store.clone(), wire, ledger, clock);
        Self { handle, task: tokio::spawn(run), store }
    }

    pub async fn stop(self) {
        self.handle.shutdown().await;
        self.task.await.expect("the task ends");
        Arc::try_unwrap(self.store).expect("nobody else has it").close().expect("it is whole");
    }

    /// Tries until the peer is known.
    pub async fn open(&self, to: usize) -> ChannelId {
        for _ in 0..100 {
            match self.handle.command(open(to, [1_000, 1_000])).await.expect("it runs") {
                Ok(Reply::Opened { channel }) => return channel,
                Err(
                    CommandError::NotConnected { .. }
                    | CommandError::NotIntroduced { .. }
                    | CommandError::NotReady,
                ) => tokio::time::sleep(Duration::from_millis(20)).await,
                other => panic!("not opened: {other:?}"),
            }
        }
        panic!("the peer never came");
    }

    pub async fn pay(&self, channel: ChannelId) -> Result<Reply, CommandError> {
        let command = Command::Pay { channel, payee: None, amount: 1, operation: None };
        self.handle.command(command).await.expect("it runs")
    }

    pub async fn spendable(&self, channel: ChannelId) -> u128 {
        let look = self.handle.look(move |node| node.channel(channel).map(|it| it.spendable));
        look.await.expect("it runs").expect("a channel")
    }
}

fn pair(folder: &Path, chain: &MemoryChain) -> [Running; 2] {
    let (one, other) = wire(peer_of(0), peer_of(1));
    [
        Running::start(0, &folder.join("one"), one, chain),
        Running::start(1, &folder.join("other"), other, chain),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_open_pay_end_and_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let chain = MemoryChain::default();
    let nodes = pair(folder.path(), &chain);
    let mut notices = nodes[1].handle.subscribe();
    let channel = nodes[0].open(1).await;
    for _ in 0..50 {
        assert!(matches!(nodes[0].pay(channel).await, Ok(Reply::Paid { .. })));
        assert!(matches!(nodes[1].pay(channel).await, Ok(Reply::Paid { .. })));
    }
    assert!(matches!(nodes[0].pay(channel).await, Ok(Reply::Paid { .. })));
    let mut was_opened = false;
    while let Ok(notice) = notices.try_recv() {
        was_opened |= matches!(notice, Notice::Opened { .. });
    }
    assert!(was_opened, "whoever subscribes is told");
    for node in nodes {
        node.stop().await;
    }
    let nodes = pair(folder.path(), &chain);
    assert_eq!(nodes[0].spendable(channel).await, 999, "nothing is lost");
    while nodes[0].pay(channel).await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(nodes[0].spendable(channel).await, 998);
    let closed = nodes[0].handle.command(Command::Close { channel }).await;
    assert_eq!(closed, Ok(Ok(Reply::Closed)));
    for node in nodes {
        node.stop().await;
    }
}

/// So many that signatures are verified beside the core, and frames with few of them come behind frames
/// with many.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_of_many_channels_are_taken_in_their_order() {
    const CHANNELS: usize = 24;
    const PAYMENTS: u128 = 40;
    let folder = tempfile::tempdir().unwrap();
    let chain = MemoryChain::default();
    let nodes = pair(folder.path(), &chain).map(Arc::new);
    let mut channels = Vec::new();
    for _ in 0..CHANNELS {
        channels.push(nodes[0].open(1).await);
    }
    let mut tasks = Vec::new();
    for node in &nodes {
        for (number, channel) in channels.iter().enumerate() {
            let (node, channel) = (node.clone(), *channel);
            tasks.push(tokio::spawn(async move {
                // From all at once to one alone.
                for _ in 0..PAYMENTS * (number as u128 + 1) / CHANNELS as u128 {
                    assert!(matches!(node.pay(channel).await, Ok(Reply::Paid { .. })));
                }
            }));
        }
    }
    for task in tasks {
        task.await.expect("all are paid");
    }
    for node in nodes {
        let stats = node.handle.look(|node| node.stats()).await.expect("it runs");
        assert_eq!((stats.strikes, stats.malformed, stats.unknown), (0, 0, 0));
        for channel in &channels {
            assert_eq!(node.spendable(*channel).await, 1_000, "both have paid the same");
        }
        Arc::into_inner(node).expect("nobody else has it").stop().await;
    }
}

/// A wire that holds back what comes, until it is told in which order to show it.
struct Held {
    wire: MemoryWire,
    plan: Arc<Mutex<Plan>>,
}

#[derive(Default)]
struct Plan {
    is_holding: bool,
    held: Vec<WireEvent>,
    /// Nothing: at that moment nothing has come.
    shown: VecDeque<Option<WireEvent>>,
    waker: Option<Waker>,
}

impl Wire for Held {
    fn send(&mut self, peer: Peer, bytes: Vec<u8>) {
        self.wire.send(peer, bytes);
    }

    fn disconnect(&mut self, peer: Peer) {
        self.wire.disconnect(peer);
    }

    fn ban(&mut self, peer: Peer, time: Duration) {
        self.wire.ban(peer, time);
    }

    async fn next(&mut self) -> Option<WireEvent> {
        poll_fn(|context| {
            let mut plan = self.plan.lock().unwrap();
            match plan.shown.pop_front() {
                Some(Some(event)) => return Poll::Ready(Some(event)),
                Some(None) => return Poll::Pending,
                None => {}
            }
            while plan.is_holding {
                match pin!(self.wire.next()).poll(context) {
                    Poll::Ready(event) => plan.held.extend(event),
                    Poll::Pending => {
                        plan.waker = Some(context.waker().clone());
                        return Poll::Pending;
                    }
                }
            }
            pin!(self.wire.next()).poll(context)
        })
        .await
    }
}

/// What comes behind frames with many signatures does not overtake them, though it needs no verifying.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_overtakes_frames_that_are_being_verified() {
    const CHANNELS: usize = 5;
    let participant = identity(0, 0).keys.participant();
    let hello = Hello { genesis: Hash::repeat_byte(99), participant };
    let end = [
        // Both end the connection at once, and with it whatever comes later.
        WireEvent::Frame(peer_of(0), Frame::Hello(hello).to_bytes()),
        WireEvent::Disconnected(peer_of(0)),
    ];
    for (end, comes_later) in end.iter().flat_map(|end| [(end, true), (end, false)]) {
        let folder = tempfile::tempdir().unwrap();
        let chain = MemoryChain::default();
        let (one, other) = wire(peer_of(0), peer_of(1));
        let plan = Arc::new(Mutex::new(Plan::default()));
        let other = Held { wire: other, plan: plan.clone() };
        let one = Arc::new(Running::start(0, &folder.path().join("one"), one, &chain));
        let other = Running::start(1, &folder.path().join("other"), other, &chain);
        let mut channels = Vec::new();
        for _ in 0..CHANNELS {
            channels.push(one.open(1).await);
        }
        plan.lock().unwrap().is_holding = true;
        let payments = channels.iter().map(|channel| {
            let (one, channel) = (one.clone(), *channel);
            tokio::spawn(async move { one.pay(channel).await })
        });
        let payments: Vec<_> = payments.collect();
        while plan.lock().unwrap().held.len() < CHANNELS {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        {
            let mut plan = plan.lock().unwrap();
            let frames: Vec<_> = plan.held.drain(..).map(Some).collect();
            plan.shown.extend(frames);
            plan.shown.extend(comes_later.then_some(None));
            plan.shown.push_back(Some(end.clone()));
            plan.is_holding = false;
            plan.waker.take().expect("it waits").wake();
        }
        for _ in 0..200 {
            tokio::time::sleep(Duration::from_millis(5)).await;
            let mut all = true;
            for channel in &channels {
                all &= other.spendable(*channel).await == 1_001;
            }
            if all {
                break;
            }
        }
        for channel in &channels {
            assert_eq!(other.spendable(*channel).await, 1_001, "{end:?}, later: {comes_later}");
        }
        payments.iter().for_each(JoinHandle::abort);
        for payment in payments {
            let _ = payment.await;
        }
        Arc::into_inner(one).expect("nobody else has it").stop().await;
        other.stop().await;
    }
}

#[tokio::test]
async fn handle_says_that_the_node_has_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let chain = MemoryChain::default();
    let (one, _other) = wire(peer_of(0), peer_of(1));
    let node = Running::start(0, &folder.path().join("one"), one, &chain);
    let handle = node.handle.clone();
    node.stop().await;
    assert!(handle.command(open(1, [1, 1])).await.is_err());
    assert!(handle.look(|node| node.count()).await.is_err());
}
