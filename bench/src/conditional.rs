// SPDX-License-Identifier: Apache-2.0

//! Hash-locked payments between two nodes in one process, each paid to whoever shows a preimage: the
//! kind of payment that hops are made of, and the only kind that LDK has.
//!
//! The payee's owner shows each preimage when the payment is offered. A payment is made when its payer
//! has the preimage, as in LDK.

use crate::{
    load::{Made, Round},
    sides::{Side, pair},
};
use anyhow::{Context, bail, ensure};
use millrace_channels_daemon::{Command, Notice, Reply, shell::Handle};
use millrace_primitives_channels::{
    BlockNumber, ChannelId, Hash,
    transfer::{Preimage, hashlock},
};
use std::{
    collections::HashMap,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    sync::{broadcast, oneshot},
    task::JoinHandle,
};

/// Within how many blocks each payment has to be made.
const EXPIRES_WITHIN: BlockNumber = 10_000;

/// Two nodes with one channel, whose payee's owner fulfils what is offered.
pub struct Pair {
    here: Side,
    there: Side,
    channel: ChannelId,
    open: Arc<Open>,
    tasks: [JoinHandle<anyhow::Result<()>>; 2],
}

/// Payments under way, by their locks.
#[derive(Default)]
struct Open {
    last: AtomicU64,
    preimages: Mutex<HashMap<Hash, Preimage>>,
    waiting: Mutex<HashMap<Hash, oneshot::Sender<()>>>,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pair {
    /// Opens the channel.
    pub async fn open(folder: &Path) -> anyhow::Result<Self> {
        let [here, there] = pair(folder).await?;
        let channel = *here.open(1, |_| ()).await?.first().context("one channel")?;
        let open = Arc::<Open>::default();
        let paid = tokio::spawn(hear_of_payment(here.handle.subscribe(), open.clone()));
        let shown =
            tokio::spawn(show(there.handle.clone(), there.handle.subscribe(), open.clone()));
        Ok(Self { here, there, channel, open, tasks: [paid, shown] })
    }

    /// Pays outright for a time: no lock, no second message of the payee.
    pub async fn pay_outright(&self, depth: usize, span: Duration) -> anyhow::Result<Round> {
        crate::load::pay(&self.here, &[self.channel], depth, span).await
    }

    /// Pays by hash locks for a time, with `depth` payments under way, and checks that the channel
    /// paid exactly those.
    pub async fn pay(&self, depth: usize, span: Duration) -> anyhow::Result<Round> {
        let before = self.here.spendable(&[self.channel]).await?;
        let began = Instant::now();
        let tasks: Vec<_> = (0..depth)
            .map(|_| {
                let (handle, open) = (self.here.handle.clone(), self.open.clone());
                tokio::spawn(pay_on(handle, self.channel, open, began, span))
            })
            .collect();
        let mut made = Vec::new();
        for task in tasks {
            made.extend(task.await??);
        }
        // Preimages are shown, so the money is the payee's; the last versions that say so follow.
        self.settled().await?;
        let paid = before.saturating_sub(self.here.spendable(&[self.channel]).await?);
        let told = u128::try_from(made.len())?;
        ensure!(paid == told, "the channel paid {paid}, and {told} preimages were shown");
        Round::new(made)
    }

    async fn settled(&self) -> anyhow::Result<()> {
        let (channel, began) = (self.channel, Instant::now());
        loop {
            let view = self.here.handle.look(move |node| node.channel(channel)).await?;
            let pending = view.context("the channel is known")?.transfers.len();
            if pending == 0 {
                return Ok(());
            }
            ensure!(began.elapsed() < Duration::from_secs(10), "{pending} payments stay pending");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Syncs of both stores so far.
    pub fn syncs(&self) -> anyhow::Result<u64> {
        Ok(self.here.store.stats()?.syncs + self.there.store.stats()?.syncs)
    }

    /// Stops both.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.tasks.iter().for_each(JoinHandle::abort);
        for task in self.tasks {
            // Aborted, or ended by an error that a payment has shown already.
            let _ = task.await;
        }
        self.here.stop().await?;
        self.there.stop().await
    }
}

async fn pay_on(
    handle: Handle,
    channel: ChannelId,
    open: Arc<Open>,
    began: Instant,
    span: Duration,
) -> anyhow::Result<Vec<Made>> {
    let (_, height) = handle.look(|node| node.heights()).await?;
    let expiry = height.saturating_add(EXPIRES_WITHIN);
    let mut made = Vec::new();
    while began.elapsed() < span {
        let mut preimage = [3; 32];
        let number = open.last.fetch_add(1, Ordering::Relaxed);
        preimage[..8].copy_from_slice(&number.to_le_bytes());
        let hashlock = hashlock(&preimage);
        let (paid, hears) = oneshot::channel();
        held(&open.preimages).insert(hashlock, preimage);
        held(&open.waiting).insert(hashlock, paid);
        let start = Instant::now();
        let offer = Command::Offer { channel, payee: None, amount: 1, hashlock, expiry };
        match handle.command(offer).await?? {
            Reply::Offered { .. } => {}
            other => bail!("not offered: {other:?}"),
        }
        hears.await.context("nobody listens for payments any more")?;
        made.push(Made { at: began.elapsed(), took: start.elapsed() });
    }
    Ok(made)
}

/// The payer's owner: hears of preimages.
async fn hear_of_payment(
    mut notices: broadcast::Receiver<Notice>,
    open: Arc<Open>,
) -> anyhow::Result<()> {
    loop {
        match notices.recv().await {
            Ok(Notice::Fulfilled { transfer, .. }) => {
                let waiting = held(&open.waiting).remove(&transfer.hashlock);
                let waiting = waiting.context("a payment that nobody waits for")?;
                waiting.send(()).ok().context("a payer has left")?;
            }
            Ok(_) => {}
            Err(error) => {
                // Whoever waits has to hear that nothing comes any more.
                held(&open.waiting).clear();
                return Err(error.into());
            }
        }
    }
}

/// The payee's owner: shows the preimage of whatever is offered.
async fn show(
    handle: Handle,
    mut notices: broadcast::Receiver<Notice>,
    open: Arc<Open>,
) -> anyhow::Result<()> {
    loop {
        let notice = notices.recv().await.inspect_err(|_| held(&open.waiting).clear())?;
        let Notice::Offered { channel, transfer } = notice else { continue };
        let preimage =
            held(&open.preimages).remove(&transfer.hashlock).context("a strange lock")?;
        let handle = handle.clone();
        // Several are shown at once, as they are offered at once.
        tokio::spawn(async move {
            let command = Command::Fulfil { channel, id: transfer.id, preimage };
            handle.command(command).await
        });
    }
}
