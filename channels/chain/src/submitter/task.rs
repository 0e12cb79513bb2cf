// SPDX-License-Identifier: Apache-2.0

//! The task that signs, submits, and searches final blocks.

use super::{
    Asked, Outcome, SubmitError,
    queue::{Queue, Slot, Step, TicketNumber, Variant, Wish},
    refusals::{Verdict, judge},
    tips::TipPlan,
};
use crate::{
    aims::Overtaken,
    calls::Call,
    connection::{Chain, Head},
    error::{ChainError, is_discarded},
    keys::AccountKey,
    submitting::Signed,
};
use core::time::Duration;
use millrace_primitives_channels::{Balance, BlockNumber, Hash};
use std::{collections::BTreeMap, time::Instant};
use tokio::sync::{mpsc, oneshot, watch};

/// How often the chain is looked at while something is under way.
const LOOK: Duration = Duration::from_secs(1);

/// How long one look may take before the connection is taken for dead.
const LOOK_TIMEOUT: Duration = Duration::from_secs(30);

/// After how many looks what is under way is submitted again, in case the node has dropped it.
const REPEAT_EVERY: u32 = 10;

/// Who waits for a call, and since when.
struct Waiting {
    answer: oneshot::Sender<Result<Outcome, SubmitError>>,
    since: Instant,
    trouble: Option<String>,
}

/// Both heads of the chain at one moment.
#[derive(Clone, Copy)]
struct Heads {
    best: BlockNumber,
    finalised: Head,
}

pub(super) struct Task {
    key: AccountKey,
    connection: watch::Receiver<Option<Chain>>,
    queue: Queue,
    waiting: BTreeMap<TicketNumber, Waiting>,
    next_ticket: TicketNumber,
    /// Every final block up to this one was searched for what is under way.
    searched: BlockNumber,
    looks: u32,
}

impl Task {
    pub(super) fn new(key: AccountKey, connection: watch::Receiver<Option<Chain>>) -> Self {
        Self {
            key,
            connection,
            queue: Queue::default(),
            waiting: BTreeMap::new(),
            next_ticket: 0,
            searched: 0,
            looks: 0,
        }
    }

    pub(super) async fn run(mut self, mut requests: mpsc::Receiver<Asked>) {
        let mut is_open = true;
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while is_open || !self.queue.is_idle() {
            tokio::select! {
                asked = requests.recv(), if is_open => match asked {
                    Some(asked) => self.take(asked),
                    None => is_open = false,
                },
                Ok(()) = self.connection.changed() => {
                    // Another node knows nothing of what its predecessor was told.
                    self.looks = 0;
                    self.look().await;
                }
                _ = look.tick(), if !self.queue.is_idle() => self.look().await,
            }
        }
    }

    fn take(&mut self, asked: Asked) {
        let Asked { request, answer } = asked;
        let ticket = self.next_ticket;
        self.next_ticket = ticket.saturating_add(1);
        let (deadline, limit) = (request.deadline, request.tip_limit);
        // The time for tips runs from the first look, which knows the height.
        let plan = TipPlan { from: 0, deadline, limit };
        match self.queue.push(Wish { ticket, call: request.call, plan }) {
            Ok(()) => {
                let waiting = Waiting { answer, since: Instant::now(), trouble: None };
                self.waiting.insert(ticket, waiting);
            }
            Err(_) => drop(answer.send(Err(SubmitError::Full))),
        }
    }

    /// One look at the chain, and everything that follows from it. Trouble waits for the next look.
    async fn look(&mut self) {
        let Some(chain) = self.connection.borrow().clone() else { return };
        let result = tokio::time::timeout(LOOK_TIMEOUT, self.look_at(&chain)).await;
        let trouble = match result {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the node does not answer".to_owned(),
        };
        for waiting in self.waiting.values_mut() {
            waiting.trouble = Some(trouble.clone());
        }
    }

    async fn look_at(&mut self, chain: &Chain) -> Result<(), ChainError> {
        let finalised = chain.finalised_head().await?;
        let heads = Heads { best: chain.best_head().await?.number, finalised };
        self.search(chain, finalised).await?;
        let repeats = self.looks.is_multiple_of(REPEAT_EVERY);
        self.looks = self.looks.wrapping_add(1);
        for step in self.queue.steps(heads.best, finalised.number) {
            match step {
                Step::Sign { nonce, call, tip } => {
                    self.sign(chain, heads, nonce, &call, tip).await?;
                }
                Step::Repeat { nonce, bytes } if repeats => {
                    let verdict = submit(chain, &bytes).await;
                    self.note(nonce, &verdict);
                }
                Step::Repeat { .. } => {}
                Step::Expired(wish) => self.expire(&wish),
            }
        }
        self.start_waiting(chain, heads).await
    }

    /// Searches the final blocks that are new, and finds out whose nonces are used up.
    async fn search(&mut self, chain: &Chain, finalised: Head) -> Result<(), ChainError> {
        if self.queue.is_settled() {
            self.searched = self.searched.max(finalised.number);
            return Ok(());
        }
        // A node that is behind what was searched has nothing to say yet.
        if finalised.number < self.searched {
            return Ok(());
        }
        while self.searched < finalised.number {
            let number = self.searched.saturating_add(1);
            let what = "a final block";
            let missing =
                || ChainError::Request { what, reason: format!("block {number} is missing") };
            let hash = chain.hash_at(number).await?.ok_or_else(missing)?;
            let extrinsics = chain.extrinsic_hashes(hash).await?.ok_or_else(missing)?;
            let block = Head { number, hash };
            // What is found stays in the queue until it could be read.
            let found = self.queue.clone().settle_block(&extrinsics);
            let mut outcomes = Vec::new();
            for (index, extrinsic, slot) in found {
                outcomes.push(self.outcome(chain, block, index, extrinsic, slot).await?);
            }
            self.queue.settle_block(&extrinsics);
            self.searched = number;
            for (ticket, outcome) in outcomes.into_iter().flatten() {
                self.answer(ticket, outcome);
            }
        }
        let next = chain.nonce_at(&self.key.account(), finalised.hash).await?;
        self.queue.settle_nonces(next);
        Ok(())
    }

    /// What the runtime said about one of ours in a final block.
    async fn outcome(
        &self,
        chain: &Chain,
        block: Head,
        index: u32,
        extrinsic: Hash,
        slot: Slot,
    ) -> Result<Option<(TicketNumber, Outcome)>, ChainError> {
        let Some(wish) = slot.wish else { return Ok(None) };
        let after = self.waiting.get(&wish.ticket).map(|it| it.since.elapsed()).unwrap_or_default();
        let inclusion = chain.inclusion(wish.call.path(), extrinsic, block, index, after).await;
        let inclusion = match inclusion {
            Ok(inclusion) => inclusion,
            Err(error) if is_discarded(&error.to_string()) => {
                return Ok(Some((wish.ticket, Outcome::Unreadable { block, extrinsic })));
            }
            Err(error) => return Err(error),
        };
        let outcome = match inclusion.failure.clone() {
            None => Outcome::Done(Box::new(inclusion)),
            Some(failure) => {
                let is_ours = failure.pallet.as_deref() == Some(crate::announced::PALLET);
                let how = wish.call.overtaken_if_refused_by(&failure.name).filter(|_| is_ours);
                match how {
                    Some(how) => Outcome::AlreadyDone { how, refusal: Some(Box::new(failure)) },
                    None => Outcome::Failed(Box::new(failure)),
                }
            }
        };
        Ok(Some((wish.ticket, outcome)))
    }

    /// Gives nonces to calls that wait, as far as the node takes them.
    async fn start_waiting(&mut self, chain: &Chain, heads: Heads) -> Result<(), ChainError> {
        while let Some(wish) = self.queue.first_waiting().cloned() {
            if let Some(how) = overtaken(chain, &wish.call, heads.finalised).await? {
                self.queue.take_first_waiting();
                self.answer(wish.ticket, Outcome::AlreadyDone { how, refusal: None });
                continue;
            }
            let pool_nonce = chain.next_nonce(&self.key.account()).await?;
            let Some(nonce) = self.queue.start_first(pool_nonce, heads.best) else {
                return Ok(());
            };
            let tip = self.queue.tip_of(nonce, heads.best);
            let verdict = self.sign(chain, heads, nonce, &wish.call, tip).await?;
            match verdict {
                Verdict::Taken | Verdict::Used => {}
                Verdict::CannotPay(reason) if wish.plan.deadline.is_none() => {
                    self.refuse(nonce, reason);
                }
                Verdict::CannotPay(_) => {
                    self.queue.put_back(nonce);
                    return Ok(());
                }
                // `sign` has given it up already.
                Verdict::Refused(_) => {}
                // It keeps its nonce and is submitted again.
                Verdict::Later(_) => return Ok(()),
            }
        }
        Ok(())
    }

    /// Signs a call for its nonce and submits it.
    async fn sign(
        &mut self,
        chain: &Chain,
        heads: Heads,
        nonce: u64,
        call: &Call,
        tip: Balance,
    ) -> Result<Verdict, ChainError> {
        let lag = heads.best.saturating_sub(heads.finalised.number);
        let signed = chain.sign(call, &self.key, (nonce, tip), heads.finalised, lag).await;
        let Signed { bytes, hash, dies } = match signed {
            Ok(signed) => signed,
            // No other attempt will encode better.
            Err(error @ ChainError::OtherArguments { .. }) => {
                let reason = error.to_string();
                self.refuse(nonce, reason.clone());
                return Ok(Verdict::Refused(reason));
            }
            Err(error) => return Err(error),
        };
        self.queue.signed(nonce, Variant { bytes: bytes.clone(), hash, tip, dies });
        let verdict = submit(chain, &bytes).await;
        self.note(nonce, &verdict);
        if let Verdict::Refused(reason) = &verdict {
            // Earlier signatures may still be on their way.
            let is_only_one = self.queue.slot(nonce).is_some_and(|slot| slot.variants.len() == 1);
            if is_only_one {
                self.refuse(nonce, reason.clone());
            }
        }
        Ok(verdict)
    }

    fn refuse(&mut self, nonce: u64, reason: String) {
        if let Some(wish) = self.queue.give_up(nonce) {
            self.answer(wish.ticket, Outcome::Refused(reason));
        }
    }

    fn expire(&mut self, wish: &Wish) {
        let deadline = wish.plan.deadline.unwrap_or(BlockNumber::MAX);
        let trouble = self.waiting.get(&wish.ticket).and_then(|it| it.trouble.clone());
        self.answer(wish.ticket, Outcome::Expired { deadline, trouble });
    }

    /// Remembers what stands in the way of a call, to be told if it expires.
    fn note(&mut self, nonce: u64, verdict: &Verdict) {
        let ticket = self.queue.slot(nonce).and_then(|slot| slot.wish.as_ref()).map(|it| it.ticket);
        let Some(waiting) = ticket.and_then(|ticket| self.waiting.get_mut(&ticket)) else { return };
        waiting.trouble = match verdict {
            Verdict::Taken | Verdict::Used => None,
            Verdict::CannotPay(reason) | Verdict::Later(reason) | Verdict::Refused(reason) => {
                Some(reason.clone())
            }
        };
    }

    fn answer(&mut self, ticket: TicketNumber, outcome: Outcome) {
        if let Some(waiting) = self.waiting.remove(&ticket) {
            // Whoever asked may have lost interest.
            drop(waiting.answer.send(Ok(outcome)));
        }
    }
}

/// Whether somebody else has done already what a call is for, finally.
async fn overtaken(
    chain: &Chain,
    call: &Call,
    finalised: Head,
) -> Result<Option<Overtaken>, ChainError> {
    let Some(channel) = call.aim().channel() else { return Ok(None) };
    let state = chain.channel(channel, &finalised).await?;
    // A channel that only the newest blocks know is young, not over.
    if state.is_none() && chain.channel(channel, &chain.best_head().await?).await?.is_some() {
        return Ok(None);
    }
    Ok(call.aim().overtaken_by(state.as_ref()))
}

async fn submit(chain: &Chain, bytes: &[u8]) -> Verdict {
    judge(&chain.rpc.author_submit_extrinsic(bytes).await.map(drop))
}
