// SPDX-License-Identifier: Apache-2.0

//! Whole nodes: core, shell and store, over a wire and a chain in memory.

use super::world::{config, identity, open, options, peer_of};
use crate::{
    Command, CommandError, Node, Notice, Reply,
    in_memory::{MemoryChain, MemoryWire, wire},
    shell::{Handle, start},
    write::load,
};
use millrace_channels_store::{Passphrase, Store};
use millrace_primitives_channels::ChannelId;
use std::{path::Path, sync::Arc, time::Instant};
use tokio::task::JoinHandle;

/// A whole node.
pub struct Running {
    pub handle: Handle,
    pub task: JoinHandle<()>,
    pub store: Arc<Store>,
}

impl Running {
    pub fn start(number: u8, folder: &Path, wire: MemoryWire, chain: &MemoryChain) -> Self {
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
                ) => tokio::time::sleep(core::time::Duration::from_millis(20)).await,
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
        tokio::time::sleep(core::time::Duration::from_millis(20)).await;
    }
    assert_eq!(nodes[0].spendable(channel).await, 998);
    let closed = nodes[0].handle.command(Command::Close { channel }).await;
    assert_eq!(closed, Ok(Ok(Reply::Closed)));
    for node in nodes {
        node.stop().await;
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
