// SPDX-License-Identifier: Apache-2.0

//! Settling together.

use super::{opening::Line, party::Party, stage::Stage};
use millrace_channels_api::types::ChannelQuery;
use millrace_primitives_channels::Hash;
use std::time::Instant;

/// Alice and Bob, then Bob and Carol, agree to settle. Returns a line for the end of the story.
pub async fn tell(
    stage: &Stage<'_>,
    cast: &[Party; 4],
    line: &Line,
    limit: f64,
) -> anyhow::Result<String> {
    let terminal = stage.terminal;
    let mut slowest: f64 = 0.0;
    for (pair, channel) in cast.windows(2).zip(line).take(2) {
        let [one, other] = pair else { continue };
        terminal.step(&format!("{} asks {} to settle", one.name, other.name));
        // Carol's daemon may just have come back.
        stage
            .wait_for("both daemons to be connected", async || {
                Ok(one.channel(*channel).await?.connected.then_some(()))
            })
            .await?;
        let last = one.channel(*channel).await?;
        let started = Instant::now();
        one.daemon()?.channels_close(&ChannelQuery { channel: *channel }).await?;
        for party in [one, other] {
            stage
                .wait_for("the settlement to be final", async || {
                    Ok(party.is_over(*channel).await?.then_some(()))
                })
                .await?;
        }
        let seconds = started.elapsed().as_secs_f64();
        slowest = slowest.max(seconds);
        for share in &last.shares {
            let party = cast.iter().find(|it| it.account.to_string() == share.account.as_str());
            let name = party.map_or("somebody", |party| party.name);
            terminal.fact(name, &format!("gets {}", stage.show(share.balance.0)));
        }
        let best = stage.chain.best_head().await?;
        let view = stage.chain.channel(Hash::from(channel.0), &best).await?;
        terminal.check(view.is_none(), "the chain has forgotten the channel");
        terminal.check(
            seconds <= limit,
            &format!("signed, settled and final in {seconds:.1} s, within {limit}: nobody can take it back"),
        );
    }
    Ok(format!("two channels settled, each final within {slowest:.1} s"))
}
