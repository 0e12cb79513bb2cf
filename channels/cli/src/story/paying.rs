// SPDX-License-Identifier: Apache-2.0

//! Many payments in one channel, and nothing on chain.

use super::{ledger::Ledger, opening::Line, party::Party, stage::Stage};
use crate::amounts::thousands;
use anyhow::{Context, bail};
use millrace_channels_api::{
    Amount, Client, IdempotencyKey,
    types::{Payment, PaymentState, Recipient, SendPayment},
    values::{ChannelId, Wait},
};
use millrace_primitives_channels::Balance;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// How many payments may be under way in one direction: as many as a daemon takes from one program.
const UNDER_WAY: usize = 64;

/// Every so many payments one goes the other way.
const BACK_EVERY: u64 = 4;

/// How long a payment's answer is waited for, in seconds.
const WAIT_SECONDS: u32 = 30;

/// What each of these payments moves, in thousandths of a token.
const PAYMENT: Balance = 1;

/// Alice and Bob pay each other. Returns a line for the end of the story.
pub async fn tell(
    stage: &Stage<'_>,
    cast: &[Party; 4],
    line: &Line,
    payments: u64,
    ledger: &mut Ledger,
) -> anyhow::Result<String> {
    let (terminal, [alice, bob, ..], channel) = (stage.terminal, cast, line[0]);
    let amount = stage.token.thousandths(PAYMENT).max(1);
    let back = payments.div_euclid(BACK_EVERY);
    let forth = payments.saturating_sub(back);
    terminal.step(&format!(
        "Alice pays Bob {} times, and Bob pays Alice {} times, {} each",
        thousands(forth),
        thousands(back),
        stage.show(amount)
    ));
    let (before, height) = (alice.channel(channel).await?, stage.chain.best_head().await?.number);
    let started = Instant::now();
    let mut ways = [
        Way::new(alice.daemon()?, channel, amount, forth),
        Way::new(bob.daemon()?, channel, amount, back),
    ];
    let mut shown = Instant::now();
    while ways.iter().any(|way| !way.is_done()) {
        for way in &mut ways {
            way.advance().await?;
        }
        if shown.elapsed() > Duration::from_millis(200) {
            shown = Instant::now();
            let done: u64 = ways.iter().map(|way| way.done).sum();
            let rate = done as f64 / started.elapsed().as_secs_f64().max(f64::EPSILON);
            terminal.progress(&format!(
                "{} of {} payments, {} a second",
                thousands(done),
                thousands(payments),
                thousands(rate as u64)
            ));
        }
    }
    let elapsed = started.elapsed();
    let rate = payments as f64 / elapsed.as_secs_f64().max(f64::EPSILON);
    let after = alice.channel(channel).await?;
    let versions = after.version.saturating_sub(before.version);
    let mut times: Vec<Duration> = ways.into_iter().flat_map(|way| way.times).collect();
    times.sort_unstable();
    let median = times.get(times.len().div_euclid(2)).copied().unwrap_or_default();
    terminal.fact("rate", &format!("{} payments a second", thousands(rate as u64)));
    terminal
        .fact("each", &format!("answered after {} ms, half of them sooner", median.as_millis()));
    terminal.fact(
        "states",
        &format!("{} new ones, each signed by both and on both disks first", thousands(versions)),
    );
    let blocks = stage.chain.best_head().await?.number.saturating_sub(height);
    terminal.fact("on chain", &format!("nothing, in {blocks} blocks"));

    let [sent, returned] = [forth, back].map(|count| amount.saturating_mul(count.into()));
    let expected = before.ours.0.saturating_sub(sent).saturating_add(returned);
    terminal.check(
        after.ours == Amount(expected),
        &format!("Alice has {} in the channel now, to the last unit", stage.show(expected)),
    );
    let theirs = bob.channel(channel).await?;
    terminal.check(
        theirs.ours.0.saturating_add(expected) == after.deposit.0
            && theirs.version == after.version,
        &format!("Bob's daemon has the same state, version {}", after.version),
    );
    ledger.paid("Alice", "Bob", sent);
    ledger.paid("Bob", "Alice", returned);
    Ok(format!(
        "{} payments between two daemons, {} a second",
        thousands(payments),
        thousands(rate as u64)
    ))
}

/// Pays once over a channel, and returns when the payment is decided.
pub async fn pay_once(daemon: &Client, channel: ChannelId, amount: Balance) -> anyhow::Result<()> {
    let request = SendPayment {
        to: Recipient::Channel(channel),
        amount: Amount(amount),
        fee_limit: None,
        note: None,
        wait_seconds: Wait::nearest(WAIT_SECONDS),
    };
    let payment = daemon.payments_send(&IdempotencyKey::random()?, &request).await?;
    verify_made(&payment)
}

/// An error if a payment was not made.
pub fn verify_made(payment: &Payment) -> anyhow::Result<()> {
    match (payment.state, &payment.failure) {
        (PaymentState::Succeeded, _) => Ok(()),
        (_, Some(failure)) => bail!("payment {} was not made: {failure}", payment.payment),
        (state, None) => bail!("payment {} is not decided: {state:?}", payment.payment),
    }
}

/// Payments in one direction.
struct Way {
    daemon: Client,
    channel: ChannelId,
    amount: Balance,
    left: u64,
    done: u64,
    times: Vec<Duration>,
    under_way: JoinSet<anyhow::Result<Duration>>,
}

impl Way {
    fn new(daemon: &Client, channel: ChannelId, amount: Balance, left: u64) -> Self {
        let (daemon, under_way) = (daemon.clone(), JoinSet::new());
        Self { daemon, channel, amount, left, done: 0, times: Vec::new(), under_way }
    }

    fn is_done(&self) -> bool {
        self.left == 0 && self.under_way.is_empty()
    }

    /// Begins as many payments as there is room for, and waits a moment for those under way.
    async fn advance(&mut self) -> anyhow::Result<()> {
        while self.left > 0 && self.under_way.len() < UNDER_WAY {
            self.left = self.left.saturating_sub(1);
            let (daemon, channel, amount) = (self.daemon.clone(), self.channel, self.amount);
            self.under_way.spawn(async move {
                let started = Instant::now();
                pay_once(&daemon, channel, amount).await?;
                Ok(started.elapsed())
            });
        }
        let next = tokio::time::timeout(Duration::from_millis(5), self.under_way.join_next());
        if let Ok(Some(ended)) = next.await {
            self.count(ended.context("a payment's task ended")?)?;
            while let Some(ended) = self.under_way.try_join_next() {
                self.count(ended.context("a payment's task ended")?)?;
            }
        }
        Ok(())
    }

    fn count(&mut self, outcome: anyhow::Result<Duration>) -> anyhow::Result<()> {
        self.times.push(outcome.with_context(|| format!("after {} payments", self.done))?);
        self.done = self.done.saturating_add(1);
        Ok(())
    }
}
