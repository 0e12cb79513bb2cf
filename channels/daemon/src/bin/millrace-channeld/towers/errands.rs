// SPDX-License-Identifier: Apache-2.0

//! Does what a tower's book says, one errand at a time.

use super::{
    Tower,
    book::{Cover, Errand},
    line::{Line, Silence},
    receipts::{self, Evidence},
};
use crate::running::now;
use core::time::Duration;
use millrace_channels_daemon::{node::Newest, shell::Handle};
use millrace_channels_protocol::CoSignedState;
use millrace_channels_store::Store;
use millrace_channels_watchtower::{
    message::{Blob, Refusal, Request, Response, Terms},
    receipt::HandedIn,
    sealing::{Answer, ChannelSecret},
};
use millrace_primitives_channels::{BlockNumber, ChannelId, Hash};
use std::{collections::BTreeMap, sync::Arc};
use tokio::{
    sync::Semaphore,
    task::spawn_blocking,
    time::{Instant, sleep, timeout},
};

/// How often it is looked whether a tower has to sign anew.
const LOOK: Duration = Duration::from_secs(60);

/// How long a tower is left alone whose terms are not taken.
const TERMS_AGAIN: Duration = Duration::from_secs(60);

/// How long to wait after anything failed.
const AGAIN: Duration = Duration::from_secs(1);

/// Secrets that are kept in memory. Each costs half a second of one core to make again.
const MAX_SECRETS: usize = 10_000;

/// How often one errand asks: what a tower refuses because of numbers is put right at once.
const ATTEMPTS: usize = 3;

/// Secrets are made one after the other: each takes as much memory as its tower asks for.
static MAKING: Semaphore = Semaphore::const_new(1);

/// Why an errand failed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Silence(#[from] Silence),
    #[error("{0}")]
    Refused(#[from] Refusal),
    #[error("{0}")]
    Other(String),
}

fn other(error: impl ToString) -> Failure {
    Failure::Other(error.to_string())
}

/// Hands in to one tower.
pub struct Runner {
    tower: Arc<Tower>,
    line: Line,
    node: Handle,
    store: Arc<Store>,
    genesis: Hash,
    terms: Option<Terms>,
    secrets: BTreeMap<ChannelId, Arc<ChannelSecret>>,
    looked: Option<Instant>,
}

impl Runner {
    pub fn new(
        tower: Arc<Tower>,
        line: Line,
        node: Handle,
        store: Arc<Store>,
        genesis: Hash,
    ) -> Self {
        let (terms, secrets, looked) = (None, BTreeMap::new(), None);
        Self { tower, line, node, store, genesis, terms, secrets, looked }
    }

    /// Goes on until the program ends.
    pub async fn run(mut self) {
        loop {
            if !self.line.is_connected() {
                self.terms = None;
                self.tower.is(false, Some(Silence::Away.to_string()));
                if self.line.changed().await.is_err() {
                    return;
                }
                continue;
            }
            let result = match self.terms {
                None => self.learn_terms().await,
                Some(terms) => self.work(terms).await,
            };
            match result {
                Ok(()) => {}
                Err(Failure::Silence(Silence::Ending)) => return,
                Err(error) => {
                    self.tower.is(self.terms.is_some(), Some(error.to_string()));
                    sleep(AGAIN).await;
                }
            }
        }
    }

    async fn learn_terms(&mut self) -> Result<(), Failure> {
        let taken = match self.line.ask(Request::Terms).await? {
            Response::Terms(terms) => {
                terms.verify(&self.genesis, &self.tower.id).map_err(other).map(|()| terms)
            }
            Response::Refused(refusal) => Err(refusal.into()),
            _ => Err(other("the tower answered something else than its terms")),
        };
        match taken {
            Ok(terms) => {
                self.terms = Some(terms);
                self.tower.is(true, None);
                tracing::info!(tower = %self.tower.peer, "a watchtower is ready");
                Ok(())
            }
            Err(error) => {
                self.tower.is(false, Some(error.to_string()));
                // It may be another one's turn to be asked then, after the connection has ended.
                match timeout(TERMS_AGAIN, self.line.changed()).await {
                    Ok(result) => Ok(result?),
                    Err(_) => Ok(()),
                }
            }
        }
    }

    /// The next errand, or a wait until there may be one.
    async fn work(&mut self, terms: Terms) -> Result<(), Failure> {
        if self.looked.is_none_or(|looked| looked.elapsed() >= LOOK) {
            self.looked = Some(Instant::now());
            let height = self.height().await?;
            let before = height.saturating_add(terms.max_blocks / 2);
            self.tower.book().renew(before, now());
        }
        let (errand, due) = {
            let mut book = self.tower.book();
            (book.next(now()), book.due())
        };
        let Some(errand) = errand else {
            let wait = due.map_or(LOOK, |due| Duration::from_millis(due.saturating_sub(now())));
            tokio::select! {
                () = self.tower.noted.notified() => {}
                () = sleep(wait.min(LOOK)) => {}
                result = self.line.changed() => result?,
            }
            return Ok(());
        };
        let (Errand::HandIn(channel, _) | Errand::Withdraw(channel)) = errand;
        let done = match errand {
            Errand::HandIn(channel, cover) => self.hand_in(terms, channel, cover).await,
            Errand::Withdraw(channel) => self.withdraw(terms, channel).await,
        };
        match &done {
            Ok(()) => self.tower.is(true, None),
            Err(_) => self.tower.book().failed(channel, now()),
        }
        done
    }

    async fn height(&self) -> Result<BlockNumber, Failure> {
        let heights = self.node.look(|node| node.heights()).await;
        Ok(heights.map_err(|_| Silence::Ending)?.1)
    }

    async fn secret(
        &mut self,
        terms: Terms,
        channel: ChannelId,
    ) -> Result<Arc<ChannelSecret>, Failure> {
        if let Some(secret) = self.secrets.get(&channel) {
            return Ok(secret.clone());
        }
        let _turn = MAKING.acquire().await.map_err(other)?;
        let made = spawn_blocking(move || ChannelSecret::derive(&terms.place, &channel)).await;
        let secret = Arc::new(made.map_err(other)?.map_err(other)?);
        if self.secrets.len() >= MAX_SECRETS {
            self.secrets.clear();
        }
        self.secrets.insert(channel, secret.clone());
        Ok(secret)
    }

    /// Hands the newest state in, and keeps the receipt.
    async fn hand_in(
        &mut self,
        terms: Terms,
        channel: ChannelId,
        cover: Option<Cover>,
    ) -> Result<(), Failure> {
        let newest = self.node.look(move |node| node.newest(channel)).await;
        let newest = match newest.map_err(|_| Silence::Ending)? {
            Newest::State(newest) => newest,
            Newest::Soon => {
                let version = cover.map_or(0, |cover| cover.version);
                self.tower.book().agreed(channel, version, now());
                return Ok(());
            }
            Newest::Nothing => {
                self.tower.book().over(channel, now());
                return Ok(());
            }
        };
        let version = newest.version();
        if newest.signatures().is_empty() {
            self.tower.book().needless(channel, version, now());
            return Ok(());
        }
        let secret = self.secret(terms, channel).await?;
        let answer = answer(&newest);
        let blob = Blob::truncate_from(secret.seal(&answer).map_err(other)?);
        let most = terms.max_blocks.saturating_sub(terms.max_blocks / 64);
        let until = self.height().await?.saturating_add(most);
        let sequence = cover.map_or(1, |cover| cover.sequence.saturating_add(1));
        let wish = Wish { locator: secret.locator(), sequence, blob, until };
        let (sequence, evidence) = self.agree(terms, wish).await?;
        let until = evidence.receipt.promise.until;
        let cover = Cover { version, sequence, until };
        let id = self.tower.id;
        receipts::keep(&self.store, id, channel, cover, evidence).await.map_err(other)?;
        self.tower.book().covered(channel, cover, now());
        tracing::debug!(?channel, version, tower = %self.tower.peer, "handed in");
        Ok(())
    }

    /// Asks until the tower signs, putting numbers right that it knows better.
    async fn agree(&mut self, terms: Terms, mut wish: Wish) -> Result<(u64, Evidence), Failure> {
        let mut refused = None;
        for _ in 0..ATTEMPTS {
            match self.line.ask(wish.request()).await? {
                Response::Accepted(receipt) => {
                    receipt.verify(&wish.handed_in(&terms)).map_err(other)?;
                    return Ok((wish.sequence, Evidence { receipt, blob: wish.blob }));
                }
                // A receipt was lost, or came too late to be written down.
                Response::Refused(refusal @ Refusal::NotNewer { newest }) => {
                    wish.sequence = newest.saturating_add(1);
                    refused = Some(refusal);
                }
                Response::Refused(refusal @ Refusal::BadTime { after, latest }) => {
                    if latest <= after {
                        return Err(refusal.into());
                    }
                    wish.until = latest;
                    refused = Some(refusal);
                }
                Response::Refused(refusal) => return Err(refusal.into()),
                _ => return Err(other("the tower answered something else than was asked")),
            }
        }
        Err(refused.map_or_else(|| other("the tower does not decide"), Failure::Refused))
    }

    /// Has the tower forget a channel that is over.
    async fn withdraw(&mut self, terms: Terms, channel: ChannelId) -> Result<(), Failure> {
        let locator = self.secret(terms, channel).await?.locator();
        match self.line.ask(Request::Withdraw { locator }).await? {
            Response::Withdrawn | Response::Refused(Refusal::Unknown) => {
                self.secrets.remove(&channel);
                receipts::forget(&self.store, self.tower.id, channel).await.map_err(other)?;
                self.tower.book().forget(channel);
                Ok(())
            }
            Response::Refused(refusal) => Err(refusal.into()),
            _ => Err(other("the tower answered something else than was asked")),
        }
    }
}

/// What is to be signed for.
struct Wish {
    locator: Hash,
    sequence: u64,
    blob: Blob,
    until: BlockNumber,
}

impl Wish {
    fn request(&self) -> Request {
        let Self { locator, sequence, until, .. } = *self;
        Request::HandIn { locator, sequence, blob: self.blob.clone(), until }
    }

    fn handed_in<'a>(&'a self, terms: &'a Terms) -> HandedIn<'a> {
        let Self { locator, sequence, until, .. } = *self;
        HandedIn { place: &terms.place, locator, sequence, blob: &self.blob, until }
    }
}

fn answer(newest: &CoSignedState) -> Answer {
    Answer { state: newest.state().clone(), signatures: newest.signatures().clone() }
}
