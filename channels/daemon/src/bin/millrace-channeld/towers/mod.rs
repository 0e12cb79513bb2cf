// SPDX-License-Identifier: Apache-2.0

//! Watchtowers: after each agreed version, the newest state of its channel is handed in, sealed.
//!
//! Payments never wait for it. One task hears what the node tells and notes it in each tower's book;
//! one task for each tower does what the book says, an errand at a time. What a tower signs for is
//! written down before it counts, with the sealed answer that it commits to: both together are the
//! evidence if it lets this party down.
//!
//! | chapter | what it holds |
//! |---|---|
//! | `book` | what one tower has of each channel, and what is next |
//! | `line` | the connection with one tower |
//! | `errands` | handing in, renewing, withdrawing |
//! | `receipts` | what lies on disk |

mod book;
mod errands;
mod line;
mod receipts;
#[cfg(test)]
mod tests;

use crate::{running::named, running::now};
use anyhow::{Context, bail};
use book::Book;
use core::time::Duration;
use errands::Runner;
use line::Line;
use millrace_channels_api::types::{Cover, Watchtower, Watchtowers};
use millrace_channels_api::values::ChannelId as Id;
use millrace_channels_daemon::{Notice, shell::Handle};
use millrace_channels_store::Store;
use millrace_channels_transport::{Multiaddr, NodeKey, PeerId};
use millrace_channels_watchtower::{sealing::TowerId, serving::client_of};
use millrace_primitives_channels::{ChannelId, Hash};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, broadcast, broadcast::error::RecvError};

/// How many towers there may be.
const MAX_TOWERS: usize = 8;

/// How many channels are looked at in one go.
const PAGE: usize = 500;

/// How many channels of a tower are shown.
const SHOWN: usize = 1_000;

/// How long to wait between pages, so that payments go on.
const PAUSE: Duration = Duration::from_millis(5);

/// How a tower is doing.
#[derive(Clone, Debug, Default)]
struct Condition {
    is_ready: bool,
    problem: Option<String>,
}

/// A tower as the daemon sees it.
pub struct Tower {
    peer: PeerId,
    id: TowerId,
    address: Multiaddr,
    book: Mutex<Book>,
    condition: Mutex<Condition>,
    /// There may be something to do.
    noted: Notify,
}

impl Tower {
    fn book(&self) -> MutexGuard<'_, Book> {
        // Each use is a few steps that cannot fail.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn condition(&self) -> MutexGuard<'_, Condition> {
        self.condition.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is(&self, is_ready: bool, problem: Option<String>) {
        let mut condition = self.condition();
        if problem.is_some() && condition.problem != problem {
            tracing::warn!(tower = %self.peer, problem, "a watchtower lacks something");
        }
        *condition = Condition { is_ready, problem };
    }

    fn note(&self, note: impl FnOnce(&mut Book, u64)) {
        note(&mut self.book(), now());
        self.noted.notify_one();
    }
}

/// All towers of a daemon.
pub struct Towers {
    client: PeerId,
    towers: Vec<Arc<Tower>>,
}

impl Towers {
    /// Reads who they are, and what they have signed for.
    ///
    /// `addresses`: as `/ip4/203.0.113.7/tcp/9750/p2p/12D3KooW…`. `key`: the one that towers know
    /// this daemon by.
    pub fn open(addresses: &[String], key: &NodeKey, store: &Store) -> anyhow::Result<Self> {
        if addresses.len() > MAX_TOWERS {
            bail!("{} watchtowers are named, and at most {MAX_TOWERS} are served", addresses.len());
        }
        let mut towers: Vec<Arc<Tower>> = Vec::new();
        for text in addresses {
            let (peer, address) = named(text).context("--watchtower")?;
            let id = client_of(&peer).with_context(|| format!("{peer} has no ed25519 key"))?;
            if towers.iter().any(|known| known.id == id) {
                bail!("the watchtower {peer} is named twice");
            }
            let book = Mutex::new(Book::with(receipts::covers(store, &id)?));
            let (condition, noted) = (Mutex::default(), Notify::new());
            towers.push(Arc::new(Tower { peer, id, address, book, condition, noted }));
        }
        Ok(Self { client: key.peer_id(), towers })
    }

    /// Begins to hand in, for as long as the node runs.
    pub async fn start(
        &self,
        key: &NodeKey,
        genesis: Hash,
        node: &Handle,
        store: &Arc<Store>,
    ) -> anyhow::Result<()> {
        if self.towers.is_empty() {
            return Ok(());
        }
        for tower in &self.towers {
            let line = Line::start(key, tower.peer, tower.address.clone()).await?;
            let (tower, node, store) = (tower.clone(), node.clone(), store.clone());
            tokio::spawn(Runner::new(tower, line, node, store, genesis).run());
        }
        let notices = node.subscribe();
        tokio::spawn(listen(self.towers.clone(), node.clone(), notices));
        Ok(())
    }

    /// The towers as programs see them.
    pub fn list(&self) -> Option<Watchtowers> {
        let items = self.towers.iter().map(|tower| {
            let book = tower.book();
            let (covered, behind) = book.counts();
            let channels = book.standings(SHOWN).into_iter().map(|standing| Cover {
                channel: Id(standing.channel.0),
                newest: standing.newest,
                version: standing.cover.map(|cover| cover.version),
                until: standing.cover.map(|cover| cover.until),
            });
            let condition = tower.condition().clone();
            Some(Watchtower {
                peer: tower.peer.to_string().parse().ok()?,
                address: tower.address.to_string().parse().ok()?,
                connected: condition.is_ready,
                problem: condition.problem,
                covered: u64::try_from(covered).unwrap_or(u64::MAX),
                behind: u64::try_from(behind).unwrap_or(u64::MAX),
                channels: channels.collect(),
            })
        });
        Some(Watchtowers {
            client: self.client.to_string().parse().ok()?,
            items: items.collect::<Option<_>>()?,
        })
    }

    /// For each tower: its name, whether it is ready, how many channels are covered, and how many are
    /// behind.
    pub fn counts(&self) -> Vec<(String, bool, usize, usize)> {
        let of = |tower: &Arc<Tower>| {
            let (covered, behind) = tower.book().counts();
            (tower.peer.to_string(), tower.condition().is_ready, covered, behind)
        };
        self.towers.iter().map(of).collect()
    }
}

/// Notes in every book what the node tells.
async fn listen(towers: Vec<Arc<Tower>>, node: Handle, mut notices: broadcast::Receiver<Notice>) {
    let note = |note: &dyn Fn(&mut Book, u64)| towers.iter().for_each(|tower| tower.note(note));
    if !look_at_all(&towers, &node).await {
        return;
    }
    loop {
        match notices.recv().await {
            Ok(Notice::Agreed { channel, version, .. } | Notice::Resized { channel, version }) => {
                note(&|book, now| book.agreed(channel, version, now));
            }
            Ok(Notice::Opened { channel, .. }) => note(&|book, now| book.agreed(channel, 0, now)),
            Ok(Notice::Over { channel }) => note(&|book, now| book.over(channel, now)),
            Ok(_) => {}
            // Too much happened: the newest versions are what counts.
            Err(RecvError::Lagged(_)) => {
                if !look_at_all(&towers, &node).await {
                    return;
                }
            }
            Err(RecvError::Closed) => return,
        }
    }
}

/// Notes the newest versions of all channels, and which channels are gone. False if the node has
/// stopped.
async fn look_at_all(towers: &[Arc<Tower>], node: &Handle) -> bool {
    let mut after: Option<ChannelId> = None;
    loop {
        let Ok((page, last)) = node.look(move |node| node.versions(after, PAGE)).await else {
            return false;
        };
        if last.is_none() {
            break;
        }
        after = last;
        for tower in towers {
            tower.note(|book, now| {
                page.iter().for_each(|(channel, version)| book.agreed(*channel, *version, now));
            });
        }
        tokio::time::sleep(PAUSE).await;
    }
    for tower in towers {
        let known = tower.book().channels();
        for page in known.chunks(PAGE) {
            let page = page.to_vec();
            let gone = node.look(move |node| {
                page.into_iter().filter(|it| node.standing(*it).is_none()).collect::<Vec<_>>()
            });
            let Ok(gone) = gone.await else { return false };
            tower.note(|book, now| gone.iter().for_each(|channel| book.over(*channel, now)));
        }
    }
    true
}
