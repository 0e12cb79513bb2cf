// SPDX-License-Identifier: Apache-2.0

//! The second channel: one party shows an outdated state, the other a newer one.

use super::{cast::Cast, stage::Stage, table::Table};
use anyhow::{Context, bail};
use millrace_channels_chain::{Call, Head};
use millrace_channels_protocol::{Agreement, CoSignedState};
use millrace_primitives_channels::{
    Balance, BlockNumber,
    api::{DisputeView, PhaseView},
};

/// What each deposits, in thousandths of a token.
const DEPOSIT: Balance = 20_000;

/// What each payment moves, in thousandths of a token.
const PAYMENT: Balance = 1_000;

/// How often Ben pays Ada.
const PAYMENTS: u64 = 15;

/// The version that Ben would rather have than the newest.
const STALE_VERSION: u64 = 1;

/// Seconds between two blocks, to say how long waiting will take.
const SECONDS_PER_BLOCK: BlockNumber = 2;

/// How many blocks after the deadline the chain may take to conclude by itself.
const CONCLUDED_WITHIN: BlockNumber = 5;

/// What the second chapter has to show for itself.
pub struct Beaten {
    tried: Balance,
    reward: Balance,
}

/// Tells the second chapter.
pub async fn tell(stage: &mut Stage<'_>, cast: &Cast) -> anyhow::Result<Beaten> {
    let terminal = stage.terminal;
    let deposit = stage.token.thousandths(DEPOSIT);
    let amount = stage.token.thousandths(PAYMENT);
    let best = stage.chain.best_head().await?;
    let before = stage.ledger(cast, &best).await?;

    terminal.step("Open another channel");
    let agreement = stage.agree(cast, [deposit, deposit]).await?;
    stage.open(cast, &agreement, &cast.ada).await?;
    let ada = stage.position(&agreement, &cast.ada)?;
    let ben = stage.position(&agreement, &cast.ben)?;

    terminal.step(&format!("Ben pays Ada {PAYMENTS} times off chain"));
    let mut table = Table::new(&agreement, [&cast.ada.signer, &cast.ben.signer], true)?;
    for number in 1..=PAYMENTS {
        table.pay(ben, ada, amount).with_context(|| format!("payment {number}"))?;
    }
    let newest = table.newest().clone();
    let stale = table.kept(STALE_VERSION).context("the stale state was kept")?.clone();
    for (label, state) in [("stale", &stale), ("newest", &newest)] {
        terminal.fact(
            label,
            &format!(
                "version {:>2}: {} for Ada, {} for Ben",
                state.version(),
                stage.token.show(state.balance(ada)),
                stage.token.show(state.balance(ben))
            ),
        );
    }
    let tried = stale.balance(ben).saturating_sub(newest.balance(ben));

    terminal.step(&format!("Ben cheats: he disputes with version {STALE_VERSION}"));
    let inclusion = stage.submit(&Call::dispute(&stale), &cast.ben).await?;
    let DisputeView { version, deadline, bond, reward, .. } =
        dispute(stage, &agreement, &inclusion.block).await?;
    terminal.check(version == STALE_VERSION, &format!("the chain holds version {version}"));
    terminal.fact("bond", &format!("Ben puts up {} for it", stage.token.show(bond)));
    terminal.fact(
        "deadline",
        &format!(
            "block #{deadline}; for {} blocks anybody may show a newer state",
            stage.challenge_blocks
        ),
    );

    terminal.step(&format!("Ada answers with version {}", newest.version()));
    let answer = table.answer_to(ada, version)?;
    let call = Call::answer(&answer, &cast.ada.account());
    let inclusion = stage.submit(&call, &cast.ada).await?;
    terminal.check(inclusion.fee == 0, "being right costs nothing: the answer's fee came back");
    let answered = dispute(stage, &agreement, &inclusion.block).await?;
    terminal.check(
        answered.version == newest.version(),
        &format!("the chain holds version {} now", answered.version),
    );
    terminal
        .check(answered.deadline == deadline, "the deadline has not moved: nobody can drag it out");
    terminal.check(
        answered.reward_to == Some(cast.ada.account()),
        &format!(
            "two versions or more apart is no accident: {} of Ben's bond will be Ada's",
            stage.token.show(reward)
        ),
    );

    terminal.step("Ben answers with a state that is older than Ada's");
    let older = table.kept(newest.version().saturating_sub(1)).context("a kept state")?.clone();
    refused_answer(stage, cast, &older, &["Channels.StaleVersion"]).await?;

    terminal.step("Wait for the deadline");
    let head = stage.chain.best_head().await?;
    let seconds = deadline.saturating_sub(head.number).saturating_mul(SECONDS_PER_BLOCK);
    terminal.note(&format!("About {seconds} seconds until block #{deadline} ..."));
    // An extrinsic lands in the block after the best one, where the deadline has come.
    stage
        .chain
        .wait_for_block(deadline.saturating_sub(1), |head| {
            terminal.progress(&format!("block #{} of #{deadline}", head.number));
        })
        .await?;
    terminal.note("Ben answers once more, too late:");
    let too_late = ["Channels.DeadlinePassed", "Channels.ChannelNotFound"];
    let refused = refused_answer(stage, cast, &newest, &too_late).await?;
    let end = concluded(stage, &agreement, &refused).await?;
    terminal.check(end.is_some(), "nobody had to ask: the chain paid out and forgot the channel");
    let end = end.unwrap_or(refused);

    terminal.step("Balances at the end");
    let after = stage.balances(cast, &end).await?;
    let put_in = [deposit, deposit.saturating_add(bond)];
    let paid_out = [newest.balance(ada).saturating_add(reward), newest.balance(ben)];
    after.explain(&before, stage, cast, put_in, paid_out);
    terminal.note(&format!(
        "Ben wanted {} back that he had paid. He got nothing of it, paid the fees, and lost his \
         bond of {}: {} of it to Ada, the rest to the treasury.",
        stage.token.show(tried),
        stage.token.show(bond),
        stage.token.show(reward)
    ));
    Ok(Beaten { tried, reward })
}

/// The dispute that the chain shows at `block`.
async fn dispute(
    stage: &Stage<'_>,
    agreement: &Agreement,
    block: &Head,
) -> anyhow::Result<DisputeView> {
    let view = stage.chain.channel(agreement.id(), block).await?;
    match view.map(|view| view.phase) {
        Some(PhaseView::Disputed(dispute)) => Ok(dispute),
        Some(_) => bail!("the chain shows no dispute in block {block}"),
        None => bail!("the chain does not know the channel in block {block}"),
    }
}

/// The block, `from` or a later one, in which the chain has concluded the channel by itself;
/// nothing if it takes its time.
async fn concluded(
    stage: &Stage<'_>,
    agreement: &Agreement,
    from: &Head,
) -> anyhow::Result<Option<Head>> {
    let mut head = *from;
    while head.number <= from.number.saturating_add(CONCLUDED_WITHIN) {
        if stage.chain.channel(agreement.id(), &head).await?.is_none() {
            return Ok(Some(head));
        }
        head = stage.chain.wait_for_block(head.number.saturating_add(1), |_| {}).await?;
    }
    Ok(None)
}

/// Ben answers in a way that the chain refuses, and the chain says why. Returns the block.
async fn refused_answer(
    stage: &mut Stage<'_>,
    cast: &Cast,
    state: &CoSignedState,
    expected: &[&str],
) -> anyhow::Result<Head> {
    let payer = &cast.ben;
    let call = Call::answer(state, &payer.account());
    let mut submission = stage.chain.submit(&call, &payer.key).await?;
    stage.terminal.progress("waiting for the next block ...");
    let inclusion = submission.included().await?;
    stage.charge(payer, &inclusion);
    stage.show(&inclusion, payer.name);
    let (error, docs) = match inclusion.failure {
        Some(failure) => (failure.path(), failure.docs),
        None => ("nothing: it was accepted".to_owned(), String::new()),
    };
    stage.terminal.fact("refused with", &error);
    stage.terminal.fact("which means", &docs);
    stage.terminal.check(
        expected.contains(&error.as_str()),
        &format!("version {} is refused, and the error says what to do", state.version()),
    );
    Ok(inclusion.block)
}

impl Beaten {
    /// One line for the end of the story.
    pub fn summarise(&self, stage: &Stage<'_>) {
        stage.terminal.fact(
            "second channel",
            &format!(
                "a cheat over {} beaten with one answer, which earned {}",
                stage.token.show(self.tried),
                stage.token.show(self.reward)
            ),
        );
    }
}
