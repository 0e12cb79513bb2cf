// SPDX-License-Identifier: Apache-2.0

//! The first channel: opened, used and settled together.

use super::{cast::Cast, stage::Stage, table::Table};
use crate::{amounts::thousands, arguments::StoryOptions};
use anyhow::Context;
use millrace_channels_chain::Call;
use millrace_channels_protocol::CoSignedState;
use millrace_primitives_channels::Balance;
use std::{
    sync::mpsc,
    time::{Duration, Instant},
};

/// What each deposits, in thousandths of a token.
const DEPOSIT: Balance = 50_000;

/// Every so many payments one goes the other way.
const BACK_EVERY: u64 = 4;

/// What the first chapter has to show for itself.
pub struct Paid {
    payments: u64,
    rate: f64,
    finality: Duration,
}

/// Tells the first chapter.
pub async fn tell(
    stage: &mut Stage<'_>,
    cast: &Cast,
    options: &StoryOptions,
) -> anyhow::Result<Paid> {
    let terminal = stage.terminal;
    let deposit = stage.token.thousandths(DEPOSIT);

    terminal.step("Balances before");
    let best = stage.chain.best_head().await?;
    let before = stage.balances(cast, &best).await?;

    terminal.step("Open a channel with one extrinsic");
    let agreement = stage.agree(cast, [deposit, deposit]).await?;
    let inclusion = stage.open(cast, &agreement, &cast.ada).await?;
    stage.balances(cast, &inclusion.block).await?;
    terminal
        .note("Both deposits are locked. From now on each signs with a second key, which can sign");
    terminal.note("nothing but states of channels, and the chain is not needed to pay.");

    terminal.step(&format!("Pay {} times off chain", thousands(options.payments)));
    let ada = stage.position(&agreement, &cast.ada)?;
    let ben = stage.position(&agreement, &cast.ben)?;
    // The smallest balance that no order of payments can exhaust.
    let amount = deposit.checked_div(u128::from(options.payments)).unwrap_or(0).max(1);
    let table = Table::new(&agreement, [&cast.ada.signer, &cast.ben.signer], false)?;
    let (table, elapsed) = pay(stage, table, [ada, ben], options.payments, amount).await?;
    let rate = options.payments as f64 / elapsed.as_secs_f64().max(f64::EPSILON);
    let newest = table.newest().clone();
    terminal.fact(
        "payments",
        &format!("{} of {} each", thousands(options.payments), stage.token.show(amount)),
    );
    terminal.fact("rate", &format!("{} a second, both sides on one core", thousands(rate as u64)));
    terminal.fact("each payment", "signed by both and verified by both, one after the other");
    let each = table.bytes().checked_div(options.payments).unwrap_or(0);
    terminal
        .fact("exchanged", &format!("{} bytes, {each} for each payment", thousands(table.bytes())));
    terminal.fact("on chain", "nothing");
    for person in cast.people() {
        let position = stage.position(&agreement, person)?;
        let owned = stage.token.show(newest.balance(position));
        terminal.fact(person.name, &format!("owns {owned} of the channel now"));
    }
    terminal.check(
        newest.version() == options.payments,
        &format!("both hold version {} with both signatures", newest.version()),
    );

    terminal.step("Settle with one extrinsic");
    let mut table = table;
    let last = table.close(ben)?;
    terminal.note("Ben asks to close; both sign the final state, and anybody may submit it.");
    let finality = settle(stage, cast, (&last, ben), options.finality_limit).await?;

    terminal.step("Balances after");
    let best = stage.chain.best_head().await?;
    let after = stage.balances(cast, &best).await?;
    let paid_out = [last.balance(ada), last.balance(ben)];
    after.explain(&before, stage, cast, [deposit, deposit], paid_out);
    let view = stage.chain.channel(agreement.id(), &best).await?;
    terminal.check(view.is_none(), "the chain has forgotten the channel");
    Ok(Paid { payments: options.payments, rate, finality })
}

/// Pays `payments` times on a thread of its own and shows how it goes.
async fn pay(
    stage: &Stage<'_>,
    mut table: Table,
    [ada, ben]: [usize; 2],
    payments: u64,
    amount: Balance,
) -> anyhow::Result<(Table, Duration)> {
    let (sender, receiver) = mpsc::channel();
    let worker = tokio::task::spawn_blocking(move || -> anyhow::Result<(Table, Duration)> {
        let started = Instant::now();
        for number in 1..=payments {
            let (payer, payee) =
                if number.is_multiple_of(BACK_EVERY) { (ben, ada) } else { (ada, ben) };
            table.pay(payer, payee, amount).with_context(|| format!("payment {number}"))?;
            if number.is_multiple_of(100) {
                // Nobody may be listening any more; the payments count all the same.
                let _ = sender.send(number);
            }
        }
        Ok((table, started.elapsed()))
    });
    let started = Instant::now();
    while !worker.is_finished() {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if let Some(done) = receiver.try_iter().last() {
            let rate = done as f64 / started.elapsed().as_secs_f64().max(f64::EPSILON);
            stage.terminal.progress(&format!(
                "{} of {} payments, {} a second",
                thousands(done),
                thousands(payments),
                thousands(rate as u64)
            ));
        }
    }
    worker.await.context("the paying thread ended")?
}

/// Ben, who has this position, submits the final state and waits until it is final.
async fn settle(
    stage: &mut Stage<'_>,
    cast: &Cast,
    (last, position): (&CoSignedState, usize),
    limit: f64,
) -> anyhow::Result<Duration> {
    let payer = &cast.ben;
    let mut submission =
        stage.chain.submit(&Call::settle(last, Some(position)), &payer.key).await?;
    let inclusion = stage.included(&mut submission).await?;
    stage.charge(payer, &inclusion);
    stage.show(&inclusion, payer.name);
    stage.terminal.progress("waiting for finality ...");
    let finalised = submission.finalised().await?.success()?;
    let seconds = finalised.after.as_secs_f64();
    stage.terminal.fact(
        "final",
        &format!(
            "{seconds:.1} s after submission, and in a block after {:.1} s",
            inclusion.after.as_secs_f64()
        ),
    );
    stage
        .terminal
        .check(seconds <= limit, &format!("final within {limit} seconds: nobody can take it back"));
    Ok(finalised.after)
}

impl Paid {
    /// One line for the end of the story.
    pub fn summarise(&self, stage: &Stage<'_>) {
        stage.terminal.fact(
            "first channel",
            &format!(
                "{} payments with 2 extrinsics, {} a second, final in {:.1} s",
                thousands(self.payments),
                thousands(self.rate as u64),
                self.finality.as_secs_f64()
            ),
        );
    }
}
