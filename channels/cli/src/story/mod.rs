// SPDX-License-Identifier: Apache-2.0

//! The story of four people in a line, who pay each other in channels, and of a watchtower.
//!
//! Everybody in it is a process: four daemons and a tower, with folders, ports and tokens of their
//! own, beside the node of a development chain. The story asks them what any program could ask, and
//! checks each of its claims against the chain.
//!
//! | chapter | what happens |
//! |---|---|
//! | `opening` | three channels, one extrinsic each |
//! | `paying` | many payments, and nothing on chain |
//! | `routing` | a payment over two people in between |
//! | `cheating` | an old state, shown while its victim is away |
//! | `closing` | settling together |
//! | `ledger` | what everybody owns in the end, and why |
//!
//! `stage` is the chain, the terminal and the temporary folder; `programs` starts and ends processes;
//! `party` is a person with a daemon, `tower` the watchtower.

mod cheating;
mod closing;
mod ledger;
mod opening;
mod party;
mod paying;
mod programs;
mod routing;
mod stage;
mod tower;

use crate::{arguments::StoryOptions, terminal::Terminal};
use anyhow::{anyhow, bail};
use stage::Stage;
use std::{path::Path, time::Instant};

/// Tells the story; an error if a step or a check fails. Then the logs stay where the error says.
pub async fn tell(options: &StoryOptions, terminal: &Terminal) -> anyhow::Result<()> {
    // The processes end before their folder goes, however this ends.
    let folder = tempfile::Builder::new().prefix("millrace-story-").tempdir()?;
    match tell_in(folder.path(), options, terminal).await {
        Ok(()) => Ok(()),
        Err(error) => {
            let kept = folder.keep();
            Err(anyhow!("{error:#}\n  The logs of the daemons and the tower: {}", kept.display()))
        }
    }
}

async fn tell_in(folder: &Path, options: &StoryOptions, terminal: &Terminal) -> anyhow::Result<()> {
    let started = Instant::now();
    terminal.title("Millrace: four people, three channels, and a watchtower");
    let stage = Stage::set(folder, options, terminal).await?;

    terminal.title("The cast");
    let mut tower = tower::Tower::make(&stage).await?;
    tower.start(&stage)?;
    let mut cast = party::start_all(&stage, &tower).await?;
    let mut ledger = ledger::Ledger::fund(&stage, &cast, &tower).await?;

    terminal.title("Opening: everybody a channel with the next");
    let line = opening::tell(&stage, &cast).await?;

    terminal.title("Paying: many times, and nothing on chain");
    let paid = paying::tell(&stage, &cast, &line, options.payments, &mut ledger).await?;

    terminal.title("Forwarding: from one end of the line to the other");
    routing::tell(&stage, &cast, &line, &mut ledger).await?;

    terminal.title("Cheating: an old state, while its victim is away");
    let beaten = cheating::tell(&stage, &mut cast, &line, &mut tower, &mut ledger).await?;

    terminal.title("Closing: both agree, one extrinsic");
    let closed = closing::tell(&stage, &cast, &line, options.finality_limit).await?;

    terminal.title("What everybody owns");
    ledger.explain(&stage).await?;

    terminal.step("Stop the daemons and the tower");
    party::stop_all(&mut cast).await?;
    tower.stop().await?;
    terminal.check(true, "all of them ended in good order");

    terminal.title("What happened");
    terminal.fact("paying", &paid);
    terminal.fact("cheating", &beaten);
    terminal.fact("closing", &closed);
    let (checks, failed) = terminal.checks();
    terminal.fact("time", &format!("{:.0} seconds in all", started.elapsed().as_secs_f64()));
    terminal.fact("checks", &format!("{} of {checks} hold", checks.saturating_sub(failed)));
    if failed > 0 {
        bail!("{failed} of {checks} checks failed: look for FAILED above");
    }
    Ok(())
}
