// SPDX-License-Identifier: Apache-2.0

//! The task that puts all together: news of the chain and requests of clients in, answers out.
//!
//! | chapter | what it holds |
//! |---|---|
//! | `hearing` | what the chain's news mean to a tower |
//! | `answering` | from a dispute to an answer in a final block |

mod answering;
mod hearing;

use crate::{
    guard::Guard,
    ledger::{Change, Client, Ledger, Name},
    message::{Frame, FrameError, Refusal, Request, Response},
    metrics::Metrics,
    sealing::{Answer, Locator},
    storage::Storage,
};
use answering::{Searched, Submitted};
use millrace_channels_chain::{
    Head, Submitter,
    follower::{Handle, NewsStream},
};
use millrace_channels_store::StoreError;
use millrace_primitives_channels::{AccountId, Balance, ChannelId};
use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use thiserror::Error;
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinSet,
};

/// How many responses may wait for the disk.
const MAX_WRITES: usize = 1_024;

/// What the operator decides.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who gets rewards.
    pub reward_to: AccountId,
    /// The largest tip for one answer, in the smallest unit of the native token.
    pub tip_limit: Balance,
    /// How many disputes are looked into at once; each takes the memory of [`crate::sealing::Work`].
    pub searchers: usize,
    /// The only clients that are served; nothing serves everybody.
    pub served: Option<BTreeSet<Client>>,
}

/// A frame from a client, and where its answer goes.
#[derive(Debug)]
pub struct Asked {
    /// Who asks.
    pub client: Client,
    /// The frame.
    pub bytes: Vec<u8>,
    /// Where the answer goes.
    pub reply: oneshot::Sender<Vec<u8>>,
}

/// Why a tower cannot go on.
#[derive(Debug, Error)]
pub enum TowerError {
    /// The disk takes nothing any more, so nothing can be promised.
    #[error("the tower's store failed, so it can promise nothing any more: {0}")]
    Store(#[from] StoreError),
    /// Nobody follows the chain any more.
    #[error("the chain is not followed any more\n  Start the tower again.")]
    Unfollowed,
}

/// A tower at work.
pub struct Tower {
    settings: Settings,
    ledger: Arc<Mutex<Ledger>>,
    storage: Arc<Storage>,
    guard: Guard,
    /// The best answer for each dispute that has one.
    answers: BTreeMap<ChannelId, (Name, Answer)>,
    /// Disputed channels by the locators of their appointments.
    located: BTreeMap<Locator, ChannelId>,
    handle: Handle,
    submitter: Submitter,
    finalised: Option<Head>,
    metrics: Metrics,
    publish: watch::Sender<Metrics>,
    searches: JoinSet<Searched>,
    submissions: JoinSet<Submitted>,
    writes: JoinSet<Result<(), StoreError>>,
}

impl Tower {
    /// Puts a tower together. `handle` follows every channel; `submitter` pays for answers.
    pub fn new(
        settings: Settings,
        ledger: Ledger,
        storage: Storage,
        handle: Handle,
        submitter: Submitter,
    ) -> Self {
        Self {
            settings,
            ledger: Arc::new(Mutex::new(ledger)),
            storage: Arc::new(storage),
            guard: Guard::default(),
            answers: BTreeMap::new(),
            located: BTreeMap::new(),
            handle,
            submitter,
            finalised: None,
            metrics: Metrics::default(),
            publish: watch::Sender::new(Metrics::default()),
            searches: JoinSet::new(),
            submissions: JoinSet::new(),
            writes: JoinSet::new(),
        }
    }

    /// How the tower is doing, as it changes.
    pub fn metrics(&self) -> watch::Receiver<Metrics> {
        self.publish.subscribe()
    }

    /// Works until `stop` comes, and then finishes what clients wait for.
    ///
    /// Errors when the store fails or the follower ends.
    pub async fn run(
        mut self,
        mut news: NewsStream,
        mut asked: mpsc::Receiver<Asked>,
        stop: impl Future<Output = ()>,
    ) -> Result<(), TowerError> {
        tokio::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                news = news.next() => match news {
                    Some(news) => self.hear(news)?,
                    None => return Err(TowerError::Unfollowed),
                },
                Some(asked) = asked.recv(), if self.writes.len() < MAX_WRITES => {
                    self.serve(asked)?;
                }
                Some(done) = self.searches.join_next() => {
                    if let Ok(searched) = done {
                        self.searched(searched)?;
                    }
                }
                Some(done) = self.submissions.join_next() => {
                    if let Ok(submitted) = done {
                        self.submitted(submitted).await?;
                    }
                }
                Some(done) = self.writes.join_next() => {
                    if let Ok(result) = done {
                        result?;
                    }
                }
            }
            self.publish_metrics();
        }
        while let Some(done) = self.writes.join_next().await {
            if let Ok(result) = done {
                result?;
            }
        }
        self.remember_head()?;
        Ok(())
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// WT-1: the response leaves after the change is durable.
    fn serve(&mut self, asked: Asked) -> Result<(), TowerError> {
        let Asked { client, bytes, reply } = asked;
        let (number, request) = match Frame::<Request>::from_bytes(&bytes) {
            Ok(Frame { number, body }) => (number, Ok(body)),
            Err(error) => (0, Err(error)),
        };
        let (response, change) = self.decide(client, request);
        self.metrics.requests = self.metrics.requests.saturating_add(1);
        if matches!(response, Response::Refused(_)) {
            self.metrics.refusals = self.metrics.refusals.saturating_add(1);
        }
        let bytes = Frame { number, body: response }.to_bytes();
        let Some(change) = change else {
            drop(reply.send(bytes));
            return Ok(());
        };
        let ticket = self.storage.write(std::slice::from_ref(&change))?;
        if let Change::Put { name, .. } = change
            && let Some(channel) = self.located.get(&name.locator)
        {
            self.guard.handed_in(*channel);
        }
        self.writes.spawn(async move {
            ticket.await?;
            // The client may have left.
            drop(reply.send(bytes));
            Ok(())
        });
        Ok(())
    }

    fn decide(
        &mut self,
        client: Client,
        request: Result<Request, FrameError>,
    ) -> (Response, Option<Change>) {
        if self.settings.served.as_ref().is_some_and(|served| !served.contains(&client)) {
            return (Response::Refused(Refusal::NotServed), None);
        }
        match request {
            Ok(request) => {
                let now = self.finalised.filter(|_| self.metrics.is_connected);
                self.ledger().handle(client, request, now.map(|head| head.number))
            }
            Err(_) => (Response::Refused(Refusal::Unreadable), None),
        }
    }

    /// Writes changes that nobody waits for.
    fn write(&mut self, changes: &[Change]) -> Result<(), TowerError> {
        let ticket = self.storage.write(changes)?;
        self.writes.spawn(ticket);
        Ok(())
    }

    fn publish_metrics(&mut self) {
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let (appointments, clients) = {
            let ledger = self.ledger();
            (count(ledger.len()), count(ledger.clients()))
        };
        self.metrics.appointments = appointments;
        self.metrics.clients = clients;
        self.metrics.open_disputes = count(self.guard.len());
        self.metrics.disputes_overflowed = self.guard.overflowed();
        self.publish.send_replace(self.metrics);
    }
}
