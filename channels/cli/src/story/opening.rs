// SPDX-License-Identifier: Apache-2.0

//! Three channels, each opened with one extrinsic.

use super::{
    party::{OWN_DEPOSIT, Party},
    stage::Stage,
};
use anyhow::Context;
use millrace_channels_api::{
    Amount, Code, IdempotencyKey,
    types::{OpenChannel, Phase},
    values::ChannelId,
};
use millrace_primitives_channels::Hash;
use std::time::Instant;

/// The channels of the line: Alice and Bob, Bob and Carol, Carol and Dave.
pub type Line = [ChannelId; 3];

/// Opens the line.
pub async fn tell(stage: &Stage<'_>, cast: &[Party; 4]) -> anyhow::Result<Line> {
    let terminal = stage.terminal;
    let deposit = stage.token.thousandths(OWN_DEPOSIT);
    let pairs = [[&cast[0], &cast[1]], [&cast[1], &cast[2]], [&cast[2], &cast[3]]];
    terminal.step(&format!(
        "Everybody proposes a channel to the next; each puts in {}",
        stage.show(deposit)
    ));
    let started = Instant::now();
    let mut line = Vec::new();
    for [one, other] in pairs {
        let request = OpenChannel {
            peer: other.peer.clone(),
            addresses: vec![other.address()?],
            ours: Amount(deposit),
            theirs: Amount(deposit),
            challenge_blocks: Some(stage.challenge_blocks),
            // Only public channels are found by who pays over others.
            public: true,
        };
        let key = IdempotencyKey::random()?;
        let channel = stage
            .wait_for(&format!("{} to know {}", one.name, other.name), async || {
                match one.daemon()?.channels_open(&key, &request).await {
                    Ok(channel) => Ok(Some(channel)),
                    // They are connected, but have not introduced themselves yet.
                    Err(error) if error.code() == Some(Code::PeerOffline) => Ok(None),
                    Err(error) => Err(error.into()),
                }
            })
            .await?;
        terminal.fact(&format!("{} - {}", one.name, other.name), &channel.channel.to_string());
        line.push(channel.channel);
    }
    let line: Line = line.try_into().ok().context("three were opened")?;
    terminal.note(
        "The proposer's daemon submits, which is its consent; the other's signature is inside.",
    );

    terminal.step("Wait until both daemons of each channel see the opening in a final block");
    for (channel, pair) in line.into_iter().zip(pairs) {
        for party in pair {
            stage
                .wait_for("the openings to be final", async || {
                    let view = party.channel(channel).await?;
                    Ok((view.phase == Phase::Open && view.connected).then_some(()))
                })
                .await?;
        }
    }
    terminal.fact(
        "open",
        &format!("{:.1} s after the first proposal", started.elapsed().as_secs_f64()),
    );
    let best = stage.chain.best_head().await?;
    for (channel, [one, other]) in line.into_iter().zip(pairs) {
        let view = stage.chain.channel(Hash::from(channel.0), &best).await?;
        terminal.check(
            view.is_some_and(|view| view.locked == [deposit, deposit]),
            &format!("the chain holds both deposits of {} and {}", one.name, other.name),
        );
    }
    for party in cast {
        let view = stage.chain.account(&party.account, &best).await?.native;
        terminal.fact(party.name, &format!("{} in channels", stage.show(view.in_channels)));
    }
    Ok(line)
}
