// SPDX-License-Identifier: Apache-2.0

//! Payments under way, and how long each took.

use crate::{
    report::quantile,
    sides::{Side, payment},
};
use anyhow::{bail, ensure};
use millrace_channels_daemon::{Reply, shell::Handle};
use millrace_primitives_channels::{Balance, ChannelId};
use std::time::{Duration, Instant};

/// One payment that was made.
#[derive(Clone, Copy, Debug)]
pub struct Made {
    /// When it was done, since the round began.
    pub at: Duration,
    /// How long it took.
    pub took: Duration,
}

/// What a round of payments did.
#[derive(Debug, Default)]
pub struct Round {
    made: Vec<Made>,
    seconds: f64,
}

impl Round {
    /// A round in which these payments were made.
    pub fn new(made: Vec<Made>) -> anyhow::Result<Self> {
        ensure!(!made.is_empty(), "no payment was made");
        let last = made.iter().map(|it| it.at).max().unwrap_or_default();
        Ok(Self { made, seconds: last.as_secs_f64() })
    }

    /// How many payments.
    pub fn count(&self) -> usize {
        self.made.len()
    }

    /// How long it took until the last one was made, in seconds.
    pub fn seconds(&self) -> f64 {
        self.seconds
    }

    /// Payments a second.
    pub fn per_second(&self) -> f64 {
        self.made.len() as f64 / self.seconds
    }

    /// The time within which `part` of the payments were made, in milliseconds.
    pub fn milliseconds(&self, part: f64) -> f64 {
        let mut sorted: Vec<_> = self.made.iter().map(|it| it.took.as_secs_f64() * 1e3).collect();
        sorted.sort_by(f64::total_cmp);
        quantile(&sorted, part)
    }

    /// Payments in each whole second.
    pub fn by_second(&self) -> Vec<f64> {
        let mut counts = vec![0.0; self.seconds as usize];
        for payment in &self.made {
            // What falls into the last, broken second belongs to no whole one.
            if let Some(count) = counts.get_mut(payment.at.as_secs_f64() as usize) {
                *count += 1.0;
            }
        }
        counts
    }
}

/// Pays in all channels for a time, with `depth` payments under way in each, and checks that the
/// channels paid exactly what was answered.
pub async fn pay(
    side: &Side,
    channels: &[ChannelId],
    depth: usize,
    span: Duration,
) -> anyhow::Result<Round> {
    let before = side.spendable(channels).await?;
    let round = drive(side, channels, depth, span).await?;
    let paid = before.saturating_sub(side.spendable(channels).await?);
    let told = Balance::try_from(round.count())?;
    ensure!(paid == told, "channels paid {paid}, and {told} payments were answered");
    Ok(round)
}

/// The same without the check: others may pay in these channels as well.
pub async fn drive(
    side: &Side,
    channels: &[ChannelId],
    depth: usize,
    span: Duration,
) -> anyhow::Result<Round> {
    let began = Instant::now();
    let tasks: Vec<_> = channels
        .iter()
        .flat_map(|channel| (0..depth).map(move |_| *channel))
        .map(|channel| tokio::spawn(pay_on(side.handle.clone(), channel, began, span)))
        .collect();
    let mut made = Vec::new();
    for task in tasks {
        made.extend(task.await??);
    }
    Round::new(made)
}

async fn pay_on(
    handle: Handle,
    channel: ChannelId,
    began: Instant,
    span: Duration,
) -> anyhow::Result<Vec<Made>> {
    let mut made = Vec::new();
    while began.elapsed() < span {
        let start = Instant::now();
        match handle.command(payment(channel)).await?? {
            Reply::Paid { .. } => made.push(Made { at: began.elapsed(), took: start.elapsed() }),
            other => bail!("not paid: {other:?}"),
        }
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payments_are_counted_by_whole_seconds() {
        let made = [100, 900, 1_100, 2_400]
            .map(|at| Made { at: Duration::from_millis(at), took: Duration::from_millis(at) });
        let round = Round::new(made.to_vec()).unwrap();
        assert_eq!(round.by_second(), [2.0, 1.0]);
        assert_eq!(round.milliseconds(0.5), 1_100.0);
        assert!((round.per_second() - 4.0 / 2.4).abs() < 1e-9);
        assert!(Round::new(Vec::new()).is_err());
    }
}
