// SPDX-License-Identifier: Apache-2.0

//! The story of two channels: one that goes well, and one in which somebody cheats.
//!
//! It is told on a development chain with real extrinsics. Each step shows what it did, and each
//! claim is checked against the chain.

mod cast;
mod cheating;
mod paying;
mod stage;
mod table;

use crate::{arguments::StoryOptions, terminal::Terminal};
use anyhow::bail;
use stage::Stage;
use std::time::Instant;

/// Tells the story; an error if a step or a check fails.
pub async fn tell(options: &StoryOptions, terminal: &Terminal) -> anyhow::Result<()> {
    let started = Instant::now();
    terminal.title("Millrace: the story of two channels");
    let mut stage = Stage::connect(options, terminal).await?;
    let cast = stage.fund().await?;

    terminal.title("The first channel: two people pay each other");
    let first = paying::tell(&mut stage, &cast, options).await?;

    terminal.title("The second channel: one of them cheats");
    let second = cheating::tell(&mut stage, &cast).await?;

    terminal.title("What happened");
    first.summarise(&stage);
    second.summarise(&stage);
    let (checks, failed) = terminal.checks();
    terminal.fact("time", &format!("{:.0} seconds in all", started.elapsed().as_secs_f64()));
    terminal.fact("checks", &format!("{} of {checks} hold", checks.saturating_sub(failed)));
    if failed > 0 {
        bail!("{failed} of {checks} checks failed: look for FAILED above");
    }
    Ok(())
}
