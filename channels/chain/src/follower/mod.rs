// SPDX-License-Identifier: Apache-2.0

//! Follows the chain through one node out of several, and never stops.
//!
//! [`start`] gives a [`Handle`], by which channels and hash locks are watched, and a [`NewsStream`].
//! Behind them one task connects, decides whether the node is to be believed ([`crate::trust`]),
//! tells what was missed, follows the heads, and goes to the next node when this one is lost, stands
//! still or is refused. What is told, and in which order, is decided by [`crate::tracker`].
//!
//! | chapter | what it holds |
//! |---|---|
//! | `courier` | which node is followed, and when another one is tried |
//! | `session` | one connection: heads come in, news go out |
//! | `replay` | what was missed, block by block or as the state it has led to |

mod courier;
mod replay;
mod session;

use crate::{
    connection::{Chain, Head},
    news::News,
    watch::{Item, Watch},
};
use core::time::Duration;
use courier::Courier;
use millrace_primitives_channels::{BlockNumber, Hash};
use thiserror::Error;
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

/// How many wishes may wait while the follower is busy; who has more waits.
const COMMANDS: usize = 256;

/// How the chain is followed.
#[derive(Clone, Debug)]
pub struct Options {
    /// Addresses of nodes, the preferred one first.
    pub urls: Vec<String>,
    /// Genesis hash of the chain; nothing accepts the chain of the first node, until the end.
    pub genesis: Option<Hash>,
    /// The newest final block whose news were taken in, from an earlier run: what came after it is
    /// told, or skipped with the state it has led to. Nothing starts at the newest final block.
    pub since: Option<Head>,
    /// The newest final block that an earlier run has seen: a node that has not come as far, or shows
    /// another block there, is not believed. Nothing is told because of it.
    pub known: Option<Head>,
    /// What is watched from the start.
    pub watch: Watch,
    /// Whether signatures cover a hash of the chain's metadata, see [`Chain::with_metadata_hash`]. Then a
    /// node is left whose runtime does not accept them.
    pub metadata_hash: bool,
    /// How many missed blocks are told one by one at most.
    pub max_replay: BlockNumber,
    /// How old a node's newest block may be when it is chosen.
    pub max_age: Duration,
    /// After how long without a new block a node is left.
    pub stall_after: Duration,
    /// After how long without a new final block that is said.
    pub final_stall_after: Duration,
    /// How long a node may take to answer.
    pub request_timeout: Duration,
    /// How many news may wait for their reader; then the follower waits.
    pub news_capacity: usize,
}

impl Options {
    /// What suits a chain with a block every two seconds.
    pub fn new(urls: Vec<String>) -> Self {
        Self {
            urls,
            genesis: None,
            since: None,
            known: None,
            watch: Watch::default(),
            metadata_hash: false,
            max_replay: 10_000,
            max_age: Duration::from_secs(60),
            stall_after: Duration::from_secs(30),
            final_stall_after: Duration::from_secs(120),
            request_timeout: Duration::from_secs(20),
            news_capacity: 1_024,
        }
    }
}

/// The follower's task has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the chain is not followed any more: its news stream was dropped")]
pub struct Stopped;

/// What is wished from a running follower.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Command {
    Watch(Item),
    Unwatch(Item),
}

/// Steers a follower from anywhere.
#[derive(Clone)]
pub struct Handle {
    commands: mpsc::Sender<Command>,
    connection: watch::Receiver<Option<Chain>>,
}

impl Handle {
    /// Watches an item too. Its state at the newest final block is told, then what newer blocks say
    /// about it. Waits while too many wishes wait.
    pub async fn watch(&self, item: Item) -> Result<(), Stopped> {
        self.commands.send(Command::Watch(item)).await.map_err(|_| Stopped)
    }

    /// Watches an item no more. News that wait already may still come.
    pub async fn unwatch(&self, item: Item) -> Result<(), Stopped> {
        self.commands.send(Command::Unwatch(item)).await.map_err(|_| Stopped)
    }

    /// The connection to the node that is followed; nothing while there is none.
    pub fn chain(&self) -> Option<Chain> {
        self.connection.borrow().clone()
    }

    /// The connection as it changes.
    pub fn connection(&self) -> watch::Receiver<Option<Chain>> {
        self.connection.clone()
    }
}

/// What a follower reports. Dropping it ends the follower.
#[derive(Debug)]
pub struct NewsStream {
    news: mpsc::Receiver<News>,
    task: JoinHandle<()>,
}

impl NewsStream {
    /// The next news; waits for them. Nothing once the follower has ended.
    ///
    /// It is safe to drop the future: no news are lost.
    pub async fn next(&mut self) -> Option<News> {
        self.news.recv().await
    }
}

impl Drop for NewsStream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Starts to follow, on the runtime that calls this.
pub fn start(options: Options) -> (Handle, NewsStream) {
    let (news_sender, news) = mpsc::channel(options.news_capacity.max(1));
    let (commands, command_receiver) = mpsc::channel(COMMANDS);
    let (connected, connection) = watch::channel(None);
    let courier = Courier::new(options, news_sender, command_receiver, connected);
    let task = tokio::spawn(courier.run());
    (Handle { commands, connection }, NewsStream { news, task })
}
