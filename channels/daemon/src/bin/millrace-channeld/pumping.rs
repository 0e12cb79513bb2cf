// SPDX-License-Identifier: Apache-2.0

//! Pays by streams: opens each, releases its links at its rate, and folds it in the end.

use crate::{
    events::Events,
    network::peer_id,
    running::now,
    service::seconds,
    streams::{Kept, Stage, Streams},
};
use core::time::Duration;
use millrace_channels_api::{
    types::{StreamState, What},
    values::StreamId,
};
use millrace_channels_daemon::{
    Command, CommandError, Keys, Reply, StreamView,
    input::Links,
    shell::{Handle, Stopped},
};
use millrace_channels_protocol::{ChangeError, ChannelError, Source, StreamError, StreamName};
use millrace_channels_transport::Handle as Transport;
use millrace_primitives_channels::{ChannelId, Hash};
use std::sync::Arc;
use tokio::{
    sync::oneshot,
    task::spawn_blocking,
    time::{Instant, MissedTickBehavior, interval, sleep, timeout},
};

/// How often links are released: what is due by then goes in one frame for each chain.
const BEAT: Duration = Duration::from_millis(50);

/// How long to wait before something that is not possible yet is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// How often the node's streams are looked at.
const LOOK: Duration = Duration::from_secs(2);

/// A stream that was begun before a restart and that no agreed state has is given up after this time
/// with the chain in sight.
const GIVE_UP: Duration = Duration::from_secs(60);

/// Pays by all streams of a node.
#[derive(Clone)]
pub struct Pump {
    pub node: Handle,
    pub network: Transport,
    pub streams: Arc<Streams>,
    pub events: Arc<Events>,
    pub keys: Keys,
    pub genesis: Hash,
}

/// Who waits for a stream to be opened.
pub type Opened = oneshot::Sender<Result<(), CommandError>>;

/// Why something is not done; nothing if the node has stopped, and everything goes on after the next
/// start.
type Refused = Option<CommandError>;

/// Whether something may be possible a little later.
fn is_transient(error: &CommandError) -> bool {
    matches!(
        error,
        CommandError::NotReady
            | CommandError::Blind
            | CommandError::Limit { .. }
            | CommandError::NotConnected { .. }
            | CommandError::Channel(
                ChannelError::Lagging
                    | ChannelError::QueueFull { .. }
                    | ChannelError::Resizing { .. }
                    | ChannelError::Change(ChangeError::Stream(StreamError::MarkUnknown { .. }))
            )
    )
}

/// How many links are due.
///
/// A stream that fell behind by more than a second, because its peer takes no more, does not make up
/// for it in a burst.
#[derive(Debug)]
struct Meter {
    per_second: u64,
    since: Instant,
    paid: u64,
}

impl Meter {
    fn new(per_second: u32, now: Instant) -> Self {
        Self { per_second: per_second.into(), since: now, paid: 0 }
    }

    fn due(&mut self, now: Instant) -> u64 {
        let millis = u64::try_from(now.duration_since(self.since).as_millis()).unwrap_or(u64::MAX);
        let all = self.per_second.saturating_mul(millis).checked_div(1_000).unwrap_or(0);
        let due = all.saturating_sub(self.paid);
        if due > self.per_second {
            (self.since, self.paid) = (now, 0);
            return self.per_second;
        }
        due
    }

    fn pay(&mut self, units: u64) {
        self.paid = self.paid.saturating_add(units);
    }
}

impl Pump {
    /// Takes over whatever streams the node has, for as long as it runs.
    pub async fn run(self) {
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut seeing = None;
        loop {
            looks.tick().await;
            let look = |node: &mut millrace_channels_daemon::Node| {
                node.sees_the_chain().then(|| node.streams())
            };
            let Ok(views) = self.node.look(look).await else { return };
            let Some(views) = views else {
                seeing = None;
                continue;
            };
            let since = *seeing.get_or_insert_with(Instant::now);
            for view in self.streams.note_received(&views, seconds(now())) {
                let stream = self.streams.received(&view);
                self.events.push(What::StreamChanged(Box::new(stream)));
            }
            for view in views.iter().filter(|it| it.is_outgoing) {
                if let Some(kept) = self.streams.take_over(view) {
                    tokio::spawn(self.clone().resume(kept));
                }
            }
            if since.elapsed() > GIVE_UP {
                for id in self.streams.lost(&views) {
                    self.end(&id, 0).await;
                }
            }
        }
    }

    /// Opens a stream that was written down, pays by it and folds it. `opened` hears whether it was
    /// opened; if it was not, nothing is left of it.
    pub async fn start(self, kept: Kept, opened: Opened) {
        let id = kept.id();
        let result = match self.open(&kept).await {
            Ok(()) => Ok(()),
            Err(Some(error)) => Err(error),
            Err(None) => return,
        };
        if let Err(CommandError::Uncertain) = &result {
            // If a state has it after all, it is taken over.
            self.streams.let_go(&id);
        } else if result.is_err()
            && let Err(error) = self.streams.forget(&id).await
        {
            tracing::error!(%error, "a stream that was not opened is still written down");
        }
        let is_open = result.is_ok();
        // Whoever asked may be gone.
        let _ = opened.send(result);
        if is_open {
            self.drive(kept).await;
        }
    }

    /// Goes on with a stream of an agreed state.
    async fn resume(self, kept: Kept) {
        if kept.stage == Stage::Going {
            loop {
                match self.open(&kept).await {
                    Ok(()) => break,
                    Err(None) => return,
                    Err(Some(error)) if is_transient(&error) => sleep(AGAIN).await,
                    Err(Some(error)) => {
                        tracing::warn!(%error, stream = %kept.id(), "a stream does not go on");
                        self.streams.let_go(&kept.id());
                        return;
                    }
                }
            }
        }
        self.drive(kept).await;
    }

    /// Makes a stream's links and has it agreed, or takes it up again if it is.
    async fn open(&self, kept: &Kept) -> Result<(), Refused> {
        let (channel, terms, genesis) = (kept.channel(), kept.terms(), self.genesis);
        let seed = self.keys.stream_seed(&channel, terms.name);
        let made = spawn_blocking(move || Source::generate(&genesis, &channel, terms, seed)).await;
        // It ends early only with the program.
        let source = made.map_err(|_| None)?;
        let command = Command::OpenStream { channel, source: Links(Box::new(source)) };
        self.command(command).await.map(|_| ())
    }

    async fn command(&self, command: Command) -> Result<Reply, Refused> {
        self.node.command(command).await.map_err(|_| None)?.map_err(Some)
    }

    async fn drive(&self, kept: Kept) {
        let id = kept.id();
        if self.stage(&id) == Some(Stage::Going) && !self.pay(&kept).await {
            self.streams.let_go(&id);
            return;
        }
        self.note(&id, StreamState::Folding, None);
        if let Err(error) = self.streams.reach(&id, Stage::Stopping).await {
            tracing::error!(%error, "what a stream does cannot be written down");
        }
        self.fold(&kept).await;
    }

    fn stage(&self, id: &StreamId) -> Option<Stage> {
        self.streams.get(id).map(|kept| kept.stage)
    }

    /// Notes what a stream does, and tells of it if that is something else.
    fn note(&self, id: &StreamId, state: StreamState, units: Option<u64>) {
        if self.streams.note(id, state, units)
            && let Some(stream) = self.streams.sent(id)
        {
            self.events.push(What::StreamChanged(Box::new(stream)));
        }
    }

    async fn end(&self, id: &StreamId, units: u64) {
        if let Err(error) = self.streams.reach(id, Stage::Ended { units }).await {
            tracing::error!(%error, "the end of a stream cannot be written down");
        }
        if let Some(stream) = self.streams.sent(id) {
            self.events.push(What::StreamChanged(Box::new(stream)));
        }
    }

    /// A stream as the node has it; nothing if no agreed state has it.
    async fn look(
        &self,
        channel: ChannelId,
        name: StreamName,
    ) -> Result<Option<StreamView>, Stopped> {
        self.node.look(move |node| node.stream(channel, name)).await
    }

    /// Releases links until all that is wanted is paid, or somebody stops it. False if the program
    /// ends, or the channel needs no folding any more.
    async fn pay(&self, kept: &Kept) -> bool {
        let (id, channel) = (kept.id(), kept.channel());
        let mut beats = interval(BEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut meter = Meter::new(kept.per_second, Instant::now());
        loop {
            beats.tick().await;
            if self.stage(&id) != Some(Stage::Going) {
                return true;
            }
            let Ok(view) = self.look(channel, kept.name).await else { return false };
            let Some(view) = view else {
                // The channel was closed or folded it by itself.
                self.end(&id, self.streams.sent(&id).map_or(0, |it| it.pulses)).await;
                return false;
            };
            let Some(units) = view.units.filter(|_| view.is_connected) else {
                self.note(&id, StreamState::Paused, None);
                meter = Meter::new(kept.per_second, Instant::now());
                continue;
            };
            self.note(&id, StreamState::Running, Some(units));
            if units >= kept.units {
                return true;
            }
            let due = meter.due(Instant::now()).min(kept.units.saturating_sub(units));
            match self.release(kept, due).await {
                Ok(sent) => meter.pay(sent),
                Err(None) => return false,
                Err(Some(error)) if is_transient(&error) => sleep(AGAIN).await,
                Err(Some(error)) => {
                    tracing::info!(%error, stream = %id, "a stream stops");
                    return true;
                }
            }
        }
    }

    /// Releases up to `due` links, as fast as the peer takes them.
    async fn release(&self, kept: &Kept, due: u64) -> Result<u64, Refused> {
        let (channel, stream) = (kept.channel(), kept.name);
        let payee = self
            .node
            .look(move |node| node.channel(channel)?.peers.get(usize::from(stream.payee)).copied())
            .await;
        let Some(payee) = payee.ok().flatten().and_then(peer_id) else { return Ok(0) };
        let mut sent_in_all = 0_u64;
        while sent_in_all < due {
            // A frame that does not fit the peer's queue is lost, and a chain's first links may not be.
            if !matches!(timeout(AGAIN, self.network.ready(payee)).await, Ok(true)) {
                break;
            }
            let left = due.saturating_sub(sent_in_all).min(kept.links.into());
            let count = u32::try_from(left).unwrap_or(kept.links);
            match self.command(Command::Pulse { channel, stream, count }).await? {
                Reply::Pulsed { sent: sent @ 1.., units } => {
                    sent_in_all = sent_in_all.saturating_add(sent.into());
                    self.streams.note(&kept.id(), StreamState::Running, Some(units));
                }
                _ => break,
            }
        }
        Ok(sent_in_all)
    }

    /// Has a stream folded, however long that takes.
    async fn fold(&self, kept: &Kept) {
        let (id, channel, stream) = (kept.id(), kept.channel(), kept.name);
        let mut units = self.streams.sent(&id).map_or(0, |it| it.pulses);
        loop {
            let Ok(view) = self.look(channel, stream).await else { return };
            let Some(view) = view else { break };
            units = view.units.unwrap_or(units);
            self.note(&id, StreamState::Folding, view.units);
            match self.node.command(Command::FoldStream { channel, stream }).await {
                Ok(Ok(_)) => break,
                Ok(Err(error)) if is_transient(&error) => sleep(AGAIN).await,
                Ok(Err(error)) => {
                    tracing::warn!(%error, stream = %id, "a stream is not folded by agreement");
                    break;
                }
                // It is folded after the next start.
                Err(_) => return,
            }
        }
        self.end(&id, units).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meter_pays_its_rate_and_never_in_a_burst() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut meter = Meter::new(3, start);
        assert_eq!(meter.due(at(333)), 0);
        assert_eq!(meter.due(at(334)), 1);
        meter.pay(1);
        assert_eq!(meter.due(at(600)), 0);
        let mut paid = 1;
        for millis in (1_000..=60_000).step_by(50) {
            let due = meter.due(at(millis));
            meter.pay(due);
            paid += due;
        }
        assert_eq!(paid, 180, "three a second for a minute, less what is not due yet");
        // After a pause of ten seconds it goes on, and does not make up for it.
        let due = meter.due(at(70_000));
        assert_eq!(due, 3);
        meter.pay(due);
        assert_eq!(meter.due(at(70_000)), 0, "{meter:?}");
    }
}
