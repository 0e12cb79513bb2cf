// SPDX-License-Identifier: Apache-2.0

//! One kind of operation by itself: signed ahead, sent as fast as it is taken, followed until final.

use super::blocks::{self, Filled};
use crate::{
    accounts::Account,
    chain::Chain,
    figures::Times,
    following::follow,
    ledger::{Kind, Ledger, Shared},
    leftovers,
    load::{Prepared, on_all_cores},
    network::Network,
    rpc::{Header, Node},
    run::{failure, finalised_hash, say},
    signing::Writer,
    submitting::{Pace, WAITING, submit},
};
use anyhow::{Context, ensure};
use millrace_primitives_channels::Hash;
use polkadot_sdk::{
    sp_core::crypto::{AccountId32, Ss58Codec},
    sp_io::hashing::blake2_256,
};
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};
use tokio::{task::JoinSet, time::sleep};

/// How often a measurement looks whether everything is final.
const LOOK: Duration = Duration::from_millis(200);

/// A call, and the number of the account that sends it.
pub struct Job {
    /// The account.
    pub account: u32,
    /// The call's bytes.
    pub call: Vec<u8>,
}

/// How fast is sent, and how long is waited.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Transactions a second, all connections together; as fast as they are taken if there is none.
    pub rate: Option<f64>,
    /// Transactions in one request at most.
    pub batch: u32,
    /// How long one measurement may take, from its first transaction until all are final.
    pub patience: Duration,
}

/// A running chain, and who sends to it.
pub struct Session<'a> {
    /// How fast is sent, and how long is waited.
    pub effort: Effort,
    /// The chain.
    pub chain: Arc<Chain>,
    /// The node whose blocks are followed.
    pub observer: Node,
    /// Connections over which transactions are sent.
    pub nodes: Vec<Node>,
    /// Writes transactions.
    pub writer: Writer,
    /// Who takes part.
    pub accounts: &'a [Account],
    /// The chain's nodes.
    pub network: Network,
}

/// What became of one kind.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// What it is called.
    pub name: &'static str,
    /// How many were signed ahead, accepted by a node, and final and successful.
    pub signed: u64,
    /// As above.
    pub accepted: u64,
    /// As above.
    pub succeeded: u64,
    /// Final, but failed, by reason.
    pub failed: BTreeMap<String, u64>,
    /// Refused by a node, by reason.
    pub refused: BTreeMap<String, u64>,
    /// How often a pool had no room.
    pub full: u64,
    /// Accepted and still in a pool, gone with a reason, or lost without one.
    pub left: (u64, u64, u64),
    /// From sending to the knowledge that the block is final.
    pub finality: Times,
    /// All final blocks since it began.
    pub blocks: Vec<Filled>,
}

impl Session<'_> {
    /// The height of the last final block.
    pub async fn height(&self) -> anyhow::Result<u32> {
        let hash = finalised_hash(&self.observer).await?;
        Ok(self.observer.ask::<Header>("chain_getHeader", &[hash]).await?.number)
    }

    /// Waits until this block is final.
    pub async fn reach(&self, height: u32) -> anyhow::Result<()> {
        while self.height().await? < height {
            sleep(LOOK).await;
        }
        Ok(())
    }

    /// Sends these calls, each account its own in this order, and waits until they are final.
    /// Errors: a node goes away, or a transaction was lost.
    pub async fn measure(&self, name: &'static str, jobs: Vec<Job>) -> anyhow::Result<Record> {
        let (ledger, queues) = self.sign(name, jobs).await?;
        let height = self.height().await?;
        let shared = Shared::begin(ledger);
        let mut background = JoinSet::new();
        background.spawn(follow(self.observer.clone(), self.chain.clone(), shared.clone(), height));
        tokio::select! {
            sent = self.send_all(queues, &shared) => sent?,
            failed = failure(&mut background) => return Err(failed),
        }
        background.shutdown().await;
        self.record(name, &shared).await
    }

    /// Watches this many final blocks without sending anything.
    pub async fn watch(&self, name: &'static str, blocks: usize) -> anyhow::Result<Record> {
        say(&format!("{name}: watching {blocks} blocks"));
        let height = self.height().await?;
        let shared = Shared::begin(Ledger::default());
        let mut background = JoinSet::new();
        background.spawn(follow(self.observer.clone(), self.chain.clone(), shared.clone(), height));
        let seen = async {
            while shared.ledger().blocks.len() < blocks {
                sleep(LOOK).await;
            }
        };
        tokio::select! {
            () = seen => {}
            failed = failure(&mut background) => return Err(failed),
        }
        background.shutdown().await;
        self.record(name, &shared).await
    }

    async fn sign(
        &self,
        name: &str,
        jobs: Vec<Job>,
    ) -> anyhow::Result<(Ledger, Vec<VecDeque<Prepared>>)> {
        let mut nonces = HashMap::new();
        let mut numbered = Vec::with_capacity(jobs.len());
        for Job { account, call } in jobs {
            let nonce = match nonces.get(&account) {
                Some(nonce) => *nonce,
                None => self.nonce(account).await?,
            };
            nonces.insert(account, nonce + 1);
            numbered.push((account, nonce, call));
        }
        say(&format!("{name}: signing {} transactions", numbered.len()));
        let signed = on_all_cores(u32::try_from(numbered.len())?, |number| {
            let (account, nonce, call) =
                numbered.get(number as usize).context("a call is missing")?;
            Ok((*account, self.writer.signed(self.account(*account)?, *nonce, call)))
        })?;
        let mut ledger = Ledger::default();
        let mut queues = vec![VecDeque::new(); self.nodes.len().max(1)];
        for (account, transaction) in signed {
            let hash = Hash::from(blake2_256(&transaction));
            let number = ledger.sign(hash, account, Kind::Other);
            let text = format!("0x{}", hex::encode(transaction)).into();
            // An account always sends over the same connection, so that its nonces arrive in order.
            let queue = account as usize % queues.len();
            if let Some(queue) = queues.get_mut(queue) {
                queue.push_back(Prepared { number, account, text });
            }
        }
        Ok((ledger, queues))
    }

    fn account(&self, number: u32) -> anyhow::Result<&Account> {
        self.accounts.get(number as usize).context("an account is missing")
    }

    async fn nonce(&self, account: u32) -> anyhow::Result<u32> {
        let address = AccountId32::new(self.account(account)?.id()).to_ss58check();
        self.observer.ask("system_accountNextIndex", &[address.into()]).await
    }

    /// Sends, and waits until everything is final or the patience is at its end.
    async fn send_all(
        &self,
        queues: Vec<VecDeque<Prepared>>,
        shared: &Shared,
    ) -> anyhow::Result<()> {
        let Effort { rate, batch, patience: until } = self.effort;
        let rate = rate.map(|rate| rate / self.nodes.len().max(1) as f64);
        let batch = usize::try_from(batch)?;
        let mut sending = JoinSet::new();
        for (node, queue) in self.nodes.iter().zip(queues) {
            let pace = Pace { rate, batch, waiting: WAITING, until };
            sending.spawn(submit(node.clone(), queue, pace, shared.clone()));
        }
        while let Some(ended) = sending.join_next().await {
            ended??;
        }
        while shared.ledger().open() > 0 && shared.now() < until {
            sleep(LOOK).await;
        }
        Ok(())
    }

    async fn record(&self, name: &'static str, shared: &Shared) -> anyhow::Result<Record> {
        let leftovers = leftovers::find(&self.nodes, shared).await?;
        let (final_blocks, ours) = {
            let ledger = shared.ledger();
            (ledger.blocks.clone(), blocks::hashes(&ledger))
        };
        let logs: Vec<_> = self.network.validators.iter().map(|it| it.log.as_path()).collect();
        let blocks = blocks::read(&self.observer, &self.chain, &final_blocks, &ours, &logs).await?;
        let ledger = shared.ledger();
        let done = ledger.entries.iter().filter_map(|it| Some((it.sent?, it.done?)));
        let finality = done.map(|(sent, done)| done.finalised.saturating_sub(sent));
        let record = Record {
            name,
            signed: u64::try_from(ledger.entries.len())?,
            accepted: ledger.accepted(),
            succeeded: u64::try_from(blocks.iter().map(|it| it.succeeded).sum::<usize>())?,
            failed: ledger.failed.clone(),
            refused: ledger.refused.clone(),
            full: u64::try_from(ledger.full.len())?,
            left: (
                leftovers.pending,
                leftovers.explained.values().sum(),
                u64::try_from(leftovers.lost.len())?,
            ),
            finality: Times::of(finality),
            blocks,
        };
        drop(ledger);
        let Record { signed, accepted, succeeded, .. } = record;
        say(&format!("{name}: {signed} signed, {accepted} accepted, {succeeded} final"));
        ensure!(
            leftovers.has_reasons(),
            "{} accepted transactions are lost without a reason",
            leftovers.lost.len()
        );
        Ok(record)
    }
}
