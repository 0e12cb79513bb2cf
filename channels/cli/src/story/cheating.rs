// SPDX-License-Identifier: Apache-2.0

//! Dave shows an old state while Carol is away, and the tower answers for her.

use super::{
    ledger::Ledger, opening::Line, party::Party, paying::pay_once, stage::Stage, tower::Tower,
};
use anyhow::{Context, bail};
use millrace_channels_api::{
    types::{ChannelQuery, Cover, CreateBackup, Empty},
    values::ChannelId,
};
use millrace_primitives_channels::{
    Balance, BlockNumber, Hash,
    api::{DisputeView, PhaseView},
};
use std::path::PathBuf;

/// What each payment moves, in thousandths of a token.
const PAYMENT: Balance = 1_000;

/// How often Dave pays Carol before he makes a backup.
const BEFORE: u32 = 3;

/// How often he pays her after that.
const PAYMENTS: u32 = 15;

/// Seconds between two blocks, to say how long waiting will take.
const SECONDS_PER_BLOCK: BlockNumber = 2;

/// Tells the chapter. Returns a line for the end of the story.
pub async fn tell(
    stage: &Stage<'_>,
    cast: &mut [Party; 4],
    line: &Line,
    tower: &mut Tower,
    ledger: &mut Ledger,
) -> anyhow::Result<String> {
    let (terminal, [_, _, carol, dave], channel) = (stage.terminal, cast, line[2]);
    let id = Hash::from(channel.0);

    let amount = stage.token.thousandths(PAYMENT);
    terminal.step(&format!(
        "Dave pays Carol {BEFORE} times {}, and makes a backup",
        stage.show(amount)
    ));
    for _ in 0..BEFORE {
        pay_once(dave.daemon()?, channel, amount).await?;
    }
    ledger.paid("Dave", "Carol", amount.saturating_mul(BEFORE.into()));
    let backup = dave.daemon()?.backup_create(&CreateBackup::default()).await?;
    let stale = dave.channel(channel).await?;
    terminal.fact("backup", &format!("{} bytes, {} channel", backup.bytes, backup.channels));
    terminal.fact(
        "in it",
        &format!("version {}: {} for Dave", stale.version, stage.show(stale.ours.0)),
    );

    terminal.step(&format!("Dave pays Carol {PAYMENTS} times more"));
    for number in 1..=PAYMENTS {
        terminal.progress(&format!("payment {number} of {PAYMENTS}"));
        pay_once(dave.daemon()?, channel, amount).await?;
    }
    let newest = dave.channel(channel).await?;
    terminal.fact(
        "newest",
        &format!("version {}: {} for Dave", newest.version, stage.show(newest.ours.0)),
    );
    let tried = stale.ours.0.saturating_sub(newest.ours.0);
    ledger.paid("Dave", "Carol", tried);

    terminal
        .step("Carol's daemon has handed each new state to the tower; wait for the last receipt");
    let cover = stage
        .wait_for("the tower to have the newest state", async || {
            tower.verify_running()?;
            covered(carol, channel, newest.version).await
        })
        .await?;
    terminal.fact("handed in", &format!("version {}, sealed", newest.version));
    terminal.check(
        cover.until.is_some(),
        &format!(
            "the tower has signed that it answers until block #{}",
            cover.until.unwrap_or_default()
        ),
    );
    terminal.note(
        "It knows neither which channel that is nor what is in it, until a dispute opens it.",
    );

    terminal.step("Carol's daemon goes to sleep");
    carol.stop().await?;

    terminal.step("Dave cheats: he goes back to his backup and closes alone");
    dave.stop().await?;
    dave.start_from(stage, &PathBuf::from(&backup.file)).await?;
    terminal
        .note("His own daemon would sign nothing more from a backup before it has asked Carol's.");
    terminal.note("But who is alone has to be able to close, and shows the newest state there is.");
    dave.daemon()?.channels_force_close(&ChannelQuery { channel }).await?;
    let seen = stage
        .wait_for("the dispute on chain", async || {
            tower.verify_running()?;
            dispute(stage, id).await
        })
        .await?;
    let DisputeView { disputed_version, bond, deadline, .. } = seen;
    terminal.fact("dispute", &format!("with version {disputed_version}"));
    terminal.check(
        disputed_version == stale.version,
        &format!("the chain was shown version {}, not {}", stale.version, newest.version),
    );
    terminal.fact("bond", &format!("Dave puts up {} for it", stage.show(bond)));
    terminal.fact(
        "deadline",
        &format!(
            "block #{deadline}; for {} blocks anybody may show a newer state",
            stage.challenge_blocks
        ),
    );

    terminal.step("The tower finds the dispute, opens the sealed state, and answers");
    let answered = stage
        .wait_for("the tower's answer", async || {
            tower.verify_running()?;
            let dispute = dispute(stage, id).await?.context("the dispute is gone")?;
            Ok((dispute.version > disputed_version).then_some(dispute))
        })
        .await?;
    let reward = answered.reward;
    terminal.check(
        answered.version == newest.version,
        &format!("the chain holds version {} now", answered.version),
    );
    terminal
        .check(answered.deadline == deadline, "the deadline has not moved: nobody can drag it out");
    terminal.check(
        answered.reward_to.as_ref() == Some(&tower.account),
        &format!(
            "two versions or more apart is no accident: {} of Dave's bond will be the tower's",
            stage.show(reward)
        ),
    );

    terminal.step("Wait for the deadline");
    let head = stage.chain.best_head().await?;
    let seconds = deadline.saturating_sub(head.number).saturating_mul(SECONDS_PER_BLOCK);
    terminal.note(&format!("About {seconds} seconds until block #{deadline} ..."));
    stage
        .chain
        .wait_for_block(deadline, |head| {
            terminal.progress(&format!("block #{} of #{deadline}", head.number));
        })
        .await?;
    // Only what is final is over for Carol's daemon.
    stage
        .wait_for("the conclusion", async || {
            let last = stage.chain.finalised_head().await?;
            Ok(stage.chain.channel(id, &last).await?.is_none().then_some(()))
        })
        .await?;
    terminal.check(true, "nobody had to ask: the chain paid out and forgot the channel");
    ledger.forfeited("Dave", bond, "the tower", reward);

    terminal.step("Carol's daemon wakes up");
    carol.start_again(stage).await?;
    stage
        .wait_for("Carol's daemon to see it", async || {
            Ok(carol.is_over(channel).await?.then_some(()))
        })
        .await?;
    terminal.check(true, "it finds the channel over, paid out with all that Dave had paid");
    terminal.note(&format!(
        "Dave wanted {} back that he had paid. He got nothing of it, paid the fee, and lost his bond \
         of {}: {} of it to the tower, the rest to the treasury.",
        stage.show(tried),
        stage.show(bond),
        stage.show(reward)
    ));
    Ok(format!(
        "a cheat over {} beaten by the tower, which earned {}",
        stage.show(tried),
        stage.show(reward)
    ))
}

/// What the tower has of a party's channel; nothing before it has signed for this version.
async fn covered(party: &Party, channel: ChannelId, version: u64) -> anyhow::Result<Option<Cover>> {
    let towers = party.daemon()?.watchtowers_list(&Empty {}).await?;
    let mut covers = towers.items.iter().flat_map(|tower| &tower.channels);
    Ok(covers.find(|it| it.channel == channel && it.version == Some(version)).copied())
}

/// The channel's dispute in the best block; nothing while it is open.
async fn dispute(stage: &Stage<'_>, id: Hash) -> anyhow::Result<Option<DisputeView>> {
    let best = stage.chain.best_head().await?;
    match stage.chain.channel(id, &best).await?.map(|view| view.phase) {
        Some(PhaseView::Disputed(dispute)) => Ok(Some(dispute)),
        Some(PhaseView::Open) => Ok(None),
        Some(PhaseView::Resolving(_)) | None => bail!("the channel ended in block {best}"),
    }
}
