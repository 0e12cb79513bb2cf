// SPDX-License-Identifier: Apache-2.0

//! The shell: one task that joins the core with a store, a transport and a chain.
//!
//! The task takes one input at a time and carries out what the core wants. It never blocks: what it
//! writes is awaited like everything else, so that the next records gather meanwhile.

use crate::{
    Command, CommandError, Input, News, Node, Notice, Output, Peer, Reply, Ticket,
    input::{CommandId, Millis, Outcome, SubmissionId},
    output::Call,
    verifier::Verifier,
    verifying::{Unverified, Verified},
    write::batch,
};
use core::{future::Future, time::Duration};
use futures::FutureExt;
use millrace_channels_routing::Lookup;
use millrace_channels_store::{Store, StoreError};
use millrace_primitives_channels::{BlockNumber, ChannelId, Hash};
use std::{collections::BTreeMap, sync::Arc, time::Instant};
use tokio::{
    sync::{broadcast, mpsc, oneshot},
    task::yield_now,
    time::{MissedTickBehavior, interval, timeout},
};

/// Commands that may wait for the core.
const MAX_REQUESTS: usize = 4_096;

/// Notices that a slow listener may be behind before it loses the oldest.
const MAX_NOTICES: usize = 4_096;

/// Frames that are taken together. Disputes and what is durable wait for no more than these. More would be
/// verified a little faster each, but the disk and the peer would have nothing to do until the last of them.
const MAX_FRAMES: usize = 48;

/// How long a node works until other tasks have their turn. The transport's is woken on the thread of the
/// shell, and nobody else takes it over: what it is given by many commands in a row, none of which is
/// waited for, would leave after the last of them.
const MAX_BUSY: Duration = Duration::from_millis(1);

/// How long a node that is shut down waits for its disk.
const SHUTDOWN_TIME: Duration = Duration::from_secs(10);

/// Something that a transport reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WireEvent {
    /// A connection is up.
    Connected(Peer),
    /// A connection is gone.
    Disconnected(Peer),
    /// Bytes came in.
    Frame(Peer, Vec<u8>),
}

/// A transport. Sending never waits, and may lose what it sends together with the connection.
pub trait Wire: Send + 'static {
    /// Sends a frame.
    fn send(&mut self, peer: Peer, bytes: Vec<u8>);

    /// Ends a connection.
    fn disconnect(&mut self, peer: Peer);

    /// Ends a connection and refuses new ones for some time.
    fn ban(&mut self, peer: Peer, time: Duration);

    /// The next event; nothing once the transport has stopped. It can be dropped and called again
    /// without loss.
    fn next(&mut self) -> impl Future<Output = Option<WireEvent>> + Send;
}

/// Something that a chain's side reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LedgerEvent {
    /// The chain shows something.
    News(News),
    /// What became of a submission.
    Submitted(SubmissionId, Outcome),
    /// What the chain has of a channel.
    LookedUp(ChannelId, Lookup),
}

/// A chain's side: a follower and a submitter.
pub trait Ledger: Send + 'static {
    /// Tell what the chain shows of a channel, beginning with how it stands.
    fn watch(&mut self, channel: ChannelId);

    /// Tell it no more.
    fn unwatch(&mut self, channel: ChannelId);

    /// Tell when a lock is opened.
    fn watch_lock(&mut self, lock: Hash);

    /// Tell it no more.
    fn unwatch_lock(&mut self, lock: Hash);

    /// Say what the chain has of a channel at a final block, by [`LedgerEvent::LookedUp`]. Who
    /// cannot says nothing; then channels of others are not believed.
    fn look_up(&mut self, _channel: ChannelId) {}

    /// Say what the chain keeps of a channel's base at a final block, by [`News::Base`]. Who cannot
    /// says nothing; then whoever has forgotten a resize needs all signatures under it.
    fn look_up_base(&mut self, _channel: ChannelId) {}

    /// Submit a call until it is in a final block or cannot be.
    fn submit(
        &mut self,
        id: SubmissionId,
        channel: ChannelId,
        call: Call,
        deadline: Option<BlockNumber>,
    );

    /// The next event; nothing once the chain's side has stopped. It can be dropped and called again
    /// without loss.
    fn next(&mut self) -> impl Future<Output = Option<LedgerEvent>> + Send;
}

/// What the owner asks of a running node.
enum Request {
    Command(Command, oneshot::Sender<Result<Reply, CommandError>>),
    Look(Box<dyn FnOnce(&mut Node) + Send>),
    Shutdown(oneshot::Sender<()>),
}

/// A running node. Clones are the same one.
#[derive(Clone)]
pub struct Handle {
    requests: mpsc::Sender<Request>,
    notices: broadcast::Sender<Notice>,
}

/// The node has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the node has stopped: start it again")]
pub struct Stopped;

impl Handle {
    /// Carries out a command, and returns its answer, which may take as long as the command does.
    /// Whoever drops this waives the answer, not the command.
    pub async fn command(&self, command: Command) -> Result<Result<Reply, CommandError>, Stopped> {
        let (answer, answered) = oneshot::channel();
        self.requests.send(Request::Command(command, answer)).await.map_err(|_| Stopped)?;
        answered.await.map_err(|_| Stopped)
    }

    /// Looks at the node between two inputs. It has to be quick: everything else waits.
    pub async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Node) -> T + Send + 'static,
    ) -> Result<T, Stopped> {
        let (answer, answered) = oneshot::channel();
        let look = Box::new(move |node: &mut Node| {
            // Whoever asked may be gone.
            let _ = answer.send(look(node));
        });
        self.requests.send(Request::Look(look)).await.map_err(|_| Stopped)?;
        answered.await.map_err(|_| Stopped)
    }

    /// Everything that the node tells from now on. Whoever is too slow loses the oldest, and is told.
    pub fn subscribe(&self) -> broadcast::Receiver<Notice> {
        self.notices.subscribe()
    }

    /// Takes nothing more in, waits for the disk, and stops. What peers miss they will ask for.
    pub async fn shutdown(&self) {
        let (answer, answered) = oneshot::channel();
        if self.requests.send(Request::Shutdown(answer)).await.is_ok() {
            // Dropped without an answer, it has stopped as well.
            let _ = answered.await;
        }
    }
}

/// Runs a node until it is shut down.
///
/// `outputs`: what [`Node::restore`] wants done first. `clock`: milliseconds since some moment.
pub fn start<W: Wire, L: Ledger>(
    node: Node,
    outputs: Vec<Output>,
    store: Arc<Store>,
    wire: W,
    ledger: L,
    clock: impl Fn() -> Millis + Send + 'static,
) -> (Handle, impl Future<Output = ()> + Send) {
    let (requests, receiver) = mpsc::channel(MAX_REQUESTS);
    let (notices, _) = broadcast::channel(MAX_NOTICES);
    let handle = Handle { requests, notices: notices.clone() };
    let shell = Shell {
        node,
        store,
        wire,
        ledger,
        notices,
        answers: BTreeMap::new(),
        last: 0,
        writing: None,
        verifier: Verifier::start(),
        verifying: None,
    };
    (handle, shell.run(outputs, receiver, clock))
}

struct Shell<W, L> {
    node: Node,
    store: Arc<Store>,
    wire: W,
    ledger: L,
    notices: broadcast::Sender<Notice>,
    answers: BTreeMap<CommandId, oneshot::Sender<Result<Reply, CommandError>>>,
    last: CommandId,
    /// What is being written.
    writing: Option<(Ticket, millrace_channels_store::Ticket)>,
    verifier: Verifier,
    /// Frames whose signatures are being verified, and the event that came after them.
    verifying: Option<(oneshot::Receiver<Verified>, Option<WireEvent>)>,
}

/// Frames that are taken together.
struct Batch {
    frames: Unverified,
    /// The event that came after them, if it is not a frame.
    after: Option<WireEvent>,
}

/// One of the things that a shell waits for.
enum Turn {
    Written(Result<(), StoreError>),
    Verified(Option<Verified>),
    Ledger(Option<LedgerEvent>),
    Wire(Option<WireEvent>),
    Request(Option<Request>),
    Tick,
}

impl<W: Wire, L: Ledger> Shell<W, L> {
    async fn run(
        mut self,
        outputs: Vec<Output>,
        mut requests: mpsc::Receiver<Request>,
        clock: impl Fn() -> Millis,
    ) {
        let mut ticks = interval(Duration::from_secs(1));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.input(Input::Tick { now: clock() });
        self.carry_out(outputs);
        let (mut has_wire, mut has_ledger) = (true, true);
        let mut busy = Duration::ZERO;
        loop {
            let takes_in = !self.node.is_congested() && self.verifying.is_none();
            let turn = tokio::select! {
                // What is durable first, as others wait for it; disputes before payments.
                biased;
                result = written(&mut self.writing) => Turn::Written(result),
                event = self.ledger.next(), if has_ledger => Turn::Ledger(event),
                _ = ticks.tick() => Turn::Tick,
                frames = verified(&mut self.verifying) => Turn::Verified(frames),
                event = self.wire.next(), if has_wire && takes_in => Turn::Wire(event),
                // A command that comes while too much waits is refused, and a look costs nothing.
                request = requests.recv() => Turn::Request(request),
            };
            let began = Instant::now();
            match turn {
                Turn::Written(result) => self.written(result),
                Turn::Ledger(Some(LedgerEvent::News(news))) => self.input(Input::News(news)),
                Turn::Ledger(Some(LedgerEvent::Submitted(id, outcome))) => {
                    self.input(Input::Submitted { id, outcome });
                }
                Turn::Ledger(Some(LedgerEvent::LookedUp(channel, found))) => {
                    self.input(Input::LookedUp { channel, found });
                }
                Turn::Ledger(None) => {
                    has_ledger = false;
                    let reason = "the chain's side has stopped".to_owned();
                    self.input(Input::News(News::Lost { reason }));
                }
                Turn::Verified(frames) => self.verified(frames),
                Turn::Wire(Some(event)) => self.event(event),
                Turn::Wire(None) => has_wire = false,
                Turn::Request(Some(Request::Command(command, answer))) => {
                    self.last = self.last.saturating_add(1);
                    self.answers.insert(self.last, answer);
                    let id = self.last;
                    self.input(Input::Command { id, command });
                }
                Turn::Request(Some(Request::Look(look))) => look(&mut self.node),
                Turn::Request(Some(Request::Shutdown(answer))) => {
                    self.stop().await;
                    // Whoever asked may be gone.
                    let _ = answer.send(());
                    return;
                }
                Turn::Request(None) => return self.stop().await,
                Turn::Tick => self.input(Input::Tick { now: clock() }),
            }
            busy = busy.saturating_add(began.elapsed());
            if busy >= MAX_BUSY {
                busy = Duration::ZERO;
                yield_now().await;
            }
        }
    }

    fn event(&mut self, event: WireEvent) {
        self.input(match event {
            WireEvent::Connected(peer) => Input::Connected { peer },
            WireEvent::Disconnected(peer) => Input::Disconnected { peer },
            WireEvent::Frame(peer, bytes) => return self.frames(peer, bytes),
        });
    }

    /// Takes a frame, and all that have come after it.
    fn frames(&mut self, peer: Peer, bytes: Vec<u8>) {
        let batch = self.gather(peer, bytes);
        if let Some(few) = self.begin(batch) {
            self.finish(few);
        }
    }

    /// Reads a frame, and all that have come after it, up to a limit.
    fn gather(&mut self, peer: Peer, bytes: Vec<u8>) -> Batch {
        let mut frames = vec![(peer, bytes)];
        let mut after = None;
        while frames.len() < MAX_FRAMES {
            match self.wire.next().now_or_never() {
                Some(Some(WireEvent::Frame(peer, bytes))) => frames.push((peer, bytes)),
                // A transport that has stopped says so again.
                Some(None) | None => break,
                Some(Some(event)) => {
                    after = Some(event);
                    break;
                }
            }
        }
        Batch { frames: self.node.read(&frames), after }
    }

    /// Has the signatures of a batch verified while other things go on. Gives it back if it has few.
    fn begin(&mut self, batch: Batch) -> Option<Batch> {
        let Batch { frames, after } = batch;
        match self.verifier.begin(frames) {
            Ok(promise) => {
                self.verifying = Some((promise, after));
                None
            }
            Err(frames) => Some(Batch { frames, after }),
        }
    }

    /// Takes a batch at once.
    fn finish(&mut self, batch: Batch) {
        self.input(Input::Verified(batch.frames.verify()));
        if let Some(event) = batch.after {
            self.event(event);
        }
    }

    /// Takes frames whose signatures were verified; nothing if the thread is gone, as if the network had
    /// lost them. Those that have come meanwhile are verified while these are carried out.
    fn verified(&mut self, frames: Option<Verified>) {
        let after = self.verifying.take().and_then(|(_, after)| after);
        let (mut few, mut event) = (None, after);
        if event.is_none() && !self.node.is_congested() {
            match self.wire.next().now_or_never().flatten() {
                Some(WireEvent::Frame(peer, bytes)) => {
                    let batch = self.gather(peer, bytes);
                    few = self.begin(batch);
                }
                other => event = other,
            }
        }
        if let Some(frames) = frames {
            self.input(Input::Verified(frames));
        }
        if let Some(few) = few {
            self.finish(few);
        }
        if let Some(event) = event {
            self.event(event);
        }
    }

    fn input(&mut self, input: Input) {
        let outputs = self.node.handle(input);
        self.carry_out(outputs);
    }

    fn carry_out(&mut self, outputs: Vec<Output>) {
        // A refusal at once may put out more.
        let mut refused = None;
        for output in outputs {
            match output {
                Output::Persist { ticket, writes } => match self.store.try_submit(batch(writes)) {
                    Ok(promise) => self.writing = Some((ticket, promise)),
                    Err((error, _)) => refused = Some((ticket, error.to_string())),
                },
                Output::Send { peer, bytes } => self.wire.send(peer, bytes),
                Output::Disconnect { peer, .. } => self.wire.disconnect(peer),
                Output::Ban { peer, millis } => {
                    self.wire.ban(peer, Duration::from_millis(millis));
                }
                Output::Watch(channel) => self.ledger.watch(channel),
                Output::Unwatch(channel) => self.ledger.unwatch(channel),
                Output::WatchLock(lock) => self.ledger.watch_lock(lock),
                Output::UnwatchLock(lock) => self.ledger.unwatch_lock(lock),
                Output::Submit { id, channel, call, deadline } => {
                    self.ledger.submit(id, channel, *call, deadline);
                }
                Output::LookUp(channel) => self.ledger.look_up(channel),
                Output::LookUpBase(channel) => self.ledger.look_up_base(channel),
                Output::Reply { id, result } => {
                    if let Some(answer) = self.answers.remove(&id) {
                        // Whoever asked may be gone.
                        let _ = answer.send(result);
                    }
                }
                Output::Notice(notice) => {
                    // Nobody may be listening.
                    let _ = self.notices.send(notice);
                }
            }
        }
        if let Some((ticket, reason)) = refused {
            self.input(Input::Refused { ticket, reason });
        }
    }

    /// What was being written is on the disk, or is not.
    fn written(&mut self, result: Result<(), StoreError>) {
        let Some((ticket, _)) = self.writing.take() else { return };
        self.input(match result {
            Ok(()) => Input::Durable(ticket),
            Err(error) => Input::Refused { ticket, reason: error.to_string() },
        });
    }

    /// Waits until everything that was promised is on the disk.
    async fn stop(&mut self) {
        let rest = async {
            while self.writing.is_some() {
                let result = written(&mut self.writing).await;
                self.written(result);
            }
        };
        // Whatever is not on the disk by then was promised to nobody.
        let _ = timeout(SHUTDOWN_TIME, rest).await;
    }
}

/// Waits for what is being verified, for ever if that is nothing.
async fn verified(
    verifying: &mut Option<(oneshot::Receiver<Verified>, Option<WireEvent>)>,
) -> Option<Verified> {
    match verifying {
        Some((promise, _)) => promise.await.ok(),
        None => core::future::pending().await,
    }
}

/// Waits for what is being written, for ever if that is nothing.
async fn written(
    writing: &mut Option<(Ticket, millrace_channels_store::Ticket)>,
) -> Result<(), StoreError> {
    match writing {
        Some((_, promise)) => promise.await,
        None => core::future::pending().await,
    }
}
