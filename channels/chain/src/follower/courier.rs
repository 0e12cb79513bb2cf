// SPDX-License-Identifier: Apache-2.0

//! Which node is followed, and when another one is tried.

use super::{Command, Options};
use crate::{
    backoff::Backoff,
    connection::Chain,
    error::ChainError,
    news::{News, Why},
    tracker::Tracker,
    trust::Distrust,
    watch::{Item, Watch},
};
use core::time::Duration;
use millrace_primitives_channels::Hash;
use std::collections::BTreeMap;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, timeout_at},
};

/// The pause after every node has failed once, and the longest pause.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(15));

/// After how many rounds in which nothing but the clock spoke against a node it is followed anyway.
const ROUNDS_OF_DOUBT: u32 = 3;

/// How one connection ended.
pub(super) enum End {
    /// Nobody reads the news any more.
    Stop,
    /// The node is gone, stands still, or returns nonsense.
    Lost(String),
    /// The node is not believed.
    Refused(Distrust),
}

impl From<ChainError> for End {
    fn from(error: ChainError) -> Self {
        match error {
            ChainError::Distrusted(reason) => Self::Refused(reason),
            error => Self::Lost(error.to_string()),
        }
    }
}

impl From<Distrust> for End {
    fn from(reason: Distrust) -> Self {
        Self::Refused(reason)
    }
}

/// The task behind a follower.
pub(super) struct Courier {
    pub(super) options: Options,
    /// Nothing until the first node was believed, unless an earlier run says where to start.
    pub(super) tracker: Option<Tracker>,
    /// What to watch, until there is a tracker.
    early_watch: Watch,
    /// Whose state is still to be told, and why.
    pub(super) to_report: BTreeMap<Item, Why>,
    /// All disputed channels are still to be told.
    pub(super) report_disputes: bool,
    pub(super) genesis: Option<Hash>,
    pub(super) commands: mpsc::Receiver<Command>,
    pub(super) connected: watch::Sender<Option<Chain>>,
    news: mpsc::Sender<News>,
}

impl Courier {
    pub(super) fn new(
        options: Options,
        news: mpsc::Sender<News>,
        commands: mpsc::Receiver<Command>,
        connected: watch::Sender<Option<Chain>>,
    ) -> Self {
        let watch = options.watch.clone();
        let items = watch.channels.iter().copied().map(Item::Channel);
        let items = items.chain(watch.hashlocks.iter().copied().map(Item::Hashlock));
        Self {
            tracker: options.since.map(|head| Tracker::new(head, watch.clone())),
            // After a short absence, blocks tell; a restart has no memory of states, so they are
            // told as well.
            to_report: items.map(|item| (item, Why::Watched)).collect(),
            report_disputes: watch.every_channel,
            genesis: options.genesis,
            early_watch: watch,
            options,
            commands,
            connected,
            news,
        }
    }

    /// Follows until nobody reads the news any more.
    pub(super) async fn run(mut self) {
        let mut backoff = Backoff::new(PAUSES.0, PAUSES.1);
        let mut doubts = 0u32;
        loop {
            let (mut worked, mut doubted) = (false, false);
            for url in self.options.urls.clone() {
                let end = self.follow(&url, doubts >= ROUNDS_OF_DOUBT).await;
                // Whoever was believed, and told something, was worth an attempt.
                worked |= self.connected.send_replace(None).is_some();
                let news = match end {
                    End::Stop => return,
                    End::Lost(reason) => News::Lost { url, reason },
                    End::Refused(reason) => {
                        doubted |= reason.may_be_our_clock();
                        News::Refused { url, reason }
                    }
                };
                if self.tell(news).await.is_err() {
                    return;
                }
            }
            if worked {
                backoff.reset();
            }
            doubts = match (worked, doubted) {
                (true, _) => 0,
                (false, true) => doubts.saturating_add(1),
                (false, false) => doubts,
            };
            if self.pause(backoff.next_pause()).await.is_err() {
                return;
            }
        }
    }

    /// Waits, while wishes are still heard.
    async fn pause(&mut self, pause: Duration) -> Result<(), End> {
        let until = Instant::now() + pause;
        loop {
            if self.is_unread() {
                return Err(End::Stop);
            }
            match timeout_at(until, self.commands.recv()).await {
                Ok(Some(command)) => self.obey(command).await?,
                Ok(None) => {
                    // Nobody holds a handle; the news may still be read.
                    tokio::time::sleep_until(until).await;
                    return Ok(());
                }
                Err(_) => return Ok(()),
            }
        }
    }

    /// Does what is wished, as far as it needs no node.
    pub(super) async fn obey(&mut self, command: Command) -> Result<(), End> {
        match command {
            Command::Watch(item) => {
                let is_new = match &mut self.tracker {
                    Some(tracker) => {
                        let is_new = !watches(tracker.watch(), item);
                        let news = tracker.watch_item(item);
                        self.tell_all(news).await?;
                        is_new
                    }
                    None => self.early_watch.insert(item),
                };
                if is_new {
                    self.to_report.insert(item, Why::Watched);
                }
            }
            Command::Unwatch(item) => {
                match &mut self.tracker {
                    Some(tracker) => tracker.unwatch_item(item),
                    None => drop(self.early_watch.remove(item)),
                }
                self.to_report.remove(&item);
            }
        }
        Ok(())
    }

    /// The tracker, which starts at `head` if this is the first connection ever.
    pub(super) fn tracker_from(&mut self, head: crate::Head) -> &mut Tracker {
        let watch = &self.early_watch;
        self.tracker.get_or_insert_with(|| Tracker::new(head, watch.clone()))
    }

    /// Hands over news, and waits while the reader is behind.
    pub(super) async fn tell(&self, news: News) -> Result<(), End> {
        self.news.send(news).await.map_err(|_| End::Stop)
    }

    /// Whether nobody reads the news any more.
    pub(super) fn is_unread(&self) -> bool {
        self.news.is_closed()
    }

    /// Hands over news in their order.
    pub(super) async fn tell_all(&self, all: Vec<News>) -> Result<(), End> {
        for news in all {
            self.tell(news).await?;
        }
        Ok(())
    }
}

fn watches(watch: &Watch, item: Item) -> bool {
    match item {
        Item::Channel(id) => watch.channels.contains(&id),
        Item::Hashlock(hashlock) => watch.hashlocks.contains(&hashlock),
    }
}
