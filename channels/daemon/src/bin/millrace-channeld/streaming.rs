// SPDX-License-Identifier: Apache-2.0

//! Starting, stopping and listing streams.

use crate::{
    pumping::Pump,
    refusing::{no_channel, refusal, stopped},
    running::now,
    service::{Daemon, seconds},
    streams::{Kept, Stage, stream_id},
};
use core::time::Duration;
use millrace_channels_api::{
    ApiError, Code, Operation, Result,
    types::{StartStream, Stream, StreamQuery, Streams},
};
use millrace_channels_daemon::shell::Stopped;
use millrace_primitives_channels::{
    ChannelId,
    state::{MAX_STREAM_CHAINS, MAX_STREAM_LINKS},
};
use tokio::{sync::oneshot, time::timeout};

/// How many links a chain has, unless there would be too many chains: the payee hashes 1.22 times for
/// each.
const LINKS: u32 = 64;

/// How long the answer waits until both sides have agreed to a stream.
const OPENING_TIME: Duration = Duration::from_secs(30);

/// How many streams are listed.
const LISTED: usize = 1_000;

/// Chains and links for at least so many units; nothing if no stream has as many.
fn dimensions(units: u64) -> Option<(u32, u32)> {
    let fits = |links: u32| {
        let chains = u32::try_from(units.div_ceil(links.into())).ok()?;
        (chains <= MAX_STREAM_CHAINS).then_some((chains, links))
    };
    let links = u32::try_from(units).unwrap_or(u32::MAX).clamp(1, LINKS);
    fits(links).or_else(|| fits(MAX_STREAM_LINKS))
}

fn invalid(message: impl Into<String>, remedy: &str) -> ApiError {
    ApiError::new(Code::InvalidParams, message, remedy)
}

fn unknown(query: &StreamQuery) -> ApiError {
    let message = format!("stream {} is not known here", query.stream);
    ApiError::new(Code::NotFound, message, "List the streams that are.")
}

impl Daemon {
    /// What pays by streams.
    pub fn pump(&self) -> Pump {
        Pump {
            node: self.node.clone(),
            network: self.network.clone(),
            streams: self.streams.clone(),
            events: self.events.clone(),
            keys: self.keys.clone(),
            genesis: self.genesis,
        }
    }

    /// Starts a stream, and answers once both sides have agreed to it.
    pub async fn begin_stream(&self, operation: Operation, request: StartStream) -> Result<Stream> {
        let starting = self.streams.starting.lock().await;
        if let Some(known) = self.streams.started_by(&operation.id) {
            if known.fingerprint != operation.fingerprint {
                let message = "the key was used for another request";
                return Err(ApiError::new(Code::KeyConflict, message, "Choose a new one."));
            }
            return self.shown(&known);
        }
        let kept = self.planned(&operation, &request).await?;
        let failed = |error: millrace_channels_store::StoreError| {
            ApiError::new(Code::DiskFailed, error.to_string(), "Mend the disk, then start again.")
        };
        self.streams.begin(kept.clone()).await.map_err(failed)?;
        drop(starting);
        let (opened, opening) = oneshot::channel();
        // It goes on after the answer, whoever hangs up.
        tokio::spawn(self.pump().start(kept.clone(), opened));
        match timeout(OPENING_TIME, opening).await {
            Ok(Ok(Err(error))) => Err(refusal(&error)),
            Ok(Err(_)) => Err(stopped(Stopped)),
            Ok(Ok(Ok(()))) | Err(_) => self.shown(&kept),
        }
    }

    fn shown(&self, kept: &Kept) -> Result<Stream> {
        let query = StreamQuery { stream: kept.id() };
        self.streams.sent(&query.stream).ok_or_else(|| unknown(&query))
    }

    /// The stream that a request asks for.
    async fn planned(&self, operation: &Operation, request: &StartStream) -> Result<Kept> {
        let (unit, total) = (request.unit.0, request.total.0);
        let units = total.checked_div(unit).filter(|units| *units > 0).ok_or_else(|| {
            invalid("the stream would pay nothing", "Choose a pulse above 0, and not above total.")
        })?;
        let too_many = || {
            let most = u64::from(MAX_STREAM_CHAINS).saturating_mul(MAX_STREAM_LINKS.into());
            let message = format!("the total is {units} pulses, and a stream has at most {most}");
            invalid(message, "Choose a larger pulse or a smaller total.")
        };
        let units = u64::try_from(units).map_err(|_| too_many())?;
        let (chains, links) = dimensions(units).ok_or_else(too_many)?;
        let (id, channel) = (request.channel, ChannelId::from(request.channel.0));
        let (terms, spendable) = self
            .look(move |node| {
                let spendable = node.channel(channel)?.spendable;
                Some((node.stream_terms(channel, None, unit, chains, links), spendable))
            })
            .await?
            .ok_or_else(|| no_channel(&id))?;
        let (mut terms, _) = terms.map_err(|error| refusal(&error))?;
        let reserve = u128::from(chains).saturating_mul(links.into()).saturating_mul(unit);
        if reserve > spendable {
            let (reserve, there) = (self.show(reserve), self.show(spendable));
            let message = format!("the stream sets {reserve} aside and {there} can be spent");
            let remedy = "Choose a smaller total, or add money to the channel.";
            return Err(ApiError::new(Code::InsufficientFunds, message, remedy));
        }
        let free = self.streams.free_epoch(&channel, terms.name.payee);
        terms.name.epoch = terms.name.epoch.max(free);
        Ok(Kept {
            operation: operation.id,
            fingerprint: operation.fingerprint,
            channel: channel.0,
            name: terms.name,
            unit,
            chains,
            links,
            units,
            per_second: request.pulses_per_second,
            started: seconds(now()),
            stage: Stage::Going,
        })
    }

    /// Stops a stream that this party pays.
    pub async fn end_stream(&self, query: StreamQuery) -> Result<Stream> {
        let id = query.stream;
        let Some(kept) = self.streams.get(&id) else {
            let views = self.look(|node| node.streams()).await?;
            let is_received = views.iter().any(|it| stream_id(&it.channel, it.name()) == id);
            return Err(match is_received {
                true => {
                    let message = "only who pays a stream can stop it";
                    ApiError::new(Code::Refused, message, "Ask the peer, or close the channel.")
                }
                false => unknown(&query),
            });
        };
        if kept.stage == Stage::Going {
            self.streams.reach(&id, Stage::Stopping).await.map_err(|error| {
                ApiError::new(Code::DiskFailed, error.to_string(), "Mend the disk.")
            })?;
        }
        self.shown(&kept)
    }

    /// The streams that are not over, in both directions.
    pub async fn all_streams(&self) -> Result<Streams> {
        let views = self.look(|node| node.streams()).await?;
        let mut items = self.streams.all_sent();
        let received = views.iter().filter(|it| !it.is_outgoing);
        items.extend(received.map(|view| self.streams.received(view)));
        let total = u64::try_from(items.len()).unwrap_or(u64::MAX);
        items.truncate(LISTED);
        Ok(Streams { items, total })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dimensions_hold_the_units_and_little_more() {
        assert_eq!(dimensions(1), Some((1, 1)));
        assert_eq!(dimensions(63), Some((1, 63)));
        assert_eq!(dimensions(65), Some((2, 64)));
        let most = 1 << 24;
        assert_eq!(dimensions(most), Some((1 << 16, 256)));
        assert_eq!(dimensions(most + 1), None);
        assert_eq!(dimensions(u64::MAX), None);
        for units in [1_u64, 2, 64, 100, 4_194_304, 4_194_305, 10_000_000] {
            let (chains, links) = dimensions(units).unwrap();
            let capacity = u64::from(chains) * u64::from(links);
            assert!(capacity >= units && capacity - units < u64::from(links), "{units}");
        }
    }
}
