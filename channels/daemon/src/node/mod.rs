// SPDX-License-Identifier: Apache-2.0

//! The core: everything that a party does by itself, without clock, disk or socket.
//!
//! A [`Node`] owns all channels of one party. It takes [`Input`]s and returns [`Output`]s that the
//! shell carries out in their order. The same inputs make the same outputs.

mod attempting;
mod chain;
mod commanding;
mod effects;
mod ending;
mod expecting;
mod forwarding;
mod gossiping;
mod handing;
mod invoicing;
mod meeting;
mod opening;
mod operating;
mod publishing;
mod receiving;
mod resizing;
mod restoring;
pub(crate) mod routing;
mod settling;
mod showing;
mod spending;
mod streaming;
mod submitting;
mod ticking;
mod viewing;

pub use restoring::{Identity, Restored};
pub use showing::Newest;
pub use streaming::StreamView;
pub use viewing::{ChannelView, Standing, Stats};

use crate::{
    config::Config,
    ended::Ends,
    error::CommandError,
    history::{History, Invoices},
    input::{CommandId, Input, Millis, SubmissionId},
    journal::Journal,
    keys::{ChannelKey, Keys},
    live::{Fate, Live, Slot},
    operation::Operations,
    order::Orders,
    output::{Notice, Output, Reply},
    peer::Peer,
    settled::Settled,
};
use meeting::Contact;
use millrace_channels_protocol::{Channel, ChannelError, Effect};
use millrace_primitives_channels::{BlockNumber, ChannelId, Hash};
use opening::Opening;
use polkadot_sdk::sp_io::hashing::blake2_256;
use std::collections::{BTreeMap, BTreeSet};
use submitting::Submissions;

/// Whether the node sees the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chainsight {
    /// The chain's state is not known yet.
    Catching,
    /// It is.
    Seeing,
    /// It was, until this time.
    LostAt(Millis),
    /// It has not been for too long.
    Blind,
}

/// A party of channels that runs by itself.
pub struct Node {
    pub(crate) config: Config,
    pub(crate) genesis: Hash,
    pub(crate) keys: Keys,
    /// This party's own node.
    pub(crate) me: Peer,
    seed: [u8; 32],
    drawn: u64,
    pub(crate) now: Millis,
    /// Height of the newest block, and of the newest final one.
    pub(crate) best: BlockNumber,
    pub(crate) height: BlockNumber,
    pub(crate) sight: Chainsight,
    pub(crate) journal: Journal,
    /// What the disk said when it refused.
    pub(crate) failing: Option<String>,
    pub(crate) channels: BTreeMap<ChannelId, Slot>,
    pub(crate) awake: BTreeSet<ChannelId>,
    pub(crate) by_peer: BTreeMap<Peer, BTreeSet<ChannelId>>,
    /// Channels whose peers know this party by an earlier node key.
    pub(crate) moved: BTreeSet<ChannelId>,
    /// Channels that are over, by the block from which on they are forgotten.
    pub(crate) fading: BTreeMap<ChannelId, BlockNumber>,
    /// Channels that were over and are forgotten.
    pub(crate) ends: Ends,
    /// What the chain has paid at the ends of channels, those that are forgotten included.
    pub(crate) settled: BTreeMap<ChannelId, Settled>,
    pub(crate) openings: BTreeMap<ChannelId, Opening>,
    pub(crate) contacts: BTreeMap<Peer, Contact>,
    pub(crate) invoices: Invoices,
    pub(crate) operations: Operations,
    /// The order of payments of all kinds.
    pub(crate) orders: Orders,
    pub(crate) history: History,
    pub(crate) submissions: Submissions,
    /// How many channels wait for each lock.
    pub(crate) locks: BTreeMap<Hash, usize>,
    /// Payments over several channels.
    pub(crate) routing: routing::Routing,
    pub(crate) stats: Stats,
    pub(crate) out: Vec<Output>,
}

impl Node {
    /// Takes an input and returns what has to be done about it.
    pub fn handle(&mut self, input: Input) -> Vec<Output> {
        match input {
            Input::Command { id, command } => self.command(id, command),
            Input::Connected { peer } => self.connected(peer),
            Input::Disconnected { peer } => self.disconnected(peer),
            Input::Frames(frames) => {
                let frames = self.read(&frames).verify();
                self.verified(frames);
            }
            Input::Verified(frames) => self.verified(frames),
            Input::News(news) => self.news(news),
            Input::Submitted { id, outcome } => self.submitted(id, outcome),
            Input::Durable(ticket) => self.journal.durable(ticket, &mut self.out),
            Input::Refused { reason, .. } => self.disk_failed(reason),
            Input::Tick { now } => self.tick(now),
            Input::LookedUp { channel, found } => self.looked_up(channel, found),
        }
        self.work_off();
        let mut out = core::mem::take(&mut self.out);
        if self.failing.is_none()
            && let Some(persist) = self.journal.begin()
        {
            // The disk is at work while the others are carried out.
            out.insert(0, persist);
        }
        out
    }

    /// Whether so much waits for the disk that nothing more should be taken in. Frames that come
    /// all the same are dropped, and commands refused.
    pub fn is_congested(&self) -> bool {
        self.journal.bytes() > self.config.limits.gathered_bytes
    }

    /// Whether the disk has refused to write.
    pub fn has_failed(&self) -> bool {
        self.failing.is_some()
    }

    /// Errors while nothing new may be signed.
    pub(crate) fn verify_may_sign(&self) -> Result<(), CommandError> {
        if let Some(reason) = &self.failing {
            return Err(CommandError::DiskFailed { reason: reason.clone() });
        }
        match self.sight {
            Chainsight::Catching => return Err(CommandError::NotReady),
            Chainsight::Blind => return Err(CommandError::Blind),
            Chainsight::Seeing | Chainsight::LostAt(_) => {}
        }
        let limit = self.config.limits.gathered_bytes;
        match self.is_congested() {
            true => Err(CommandError::Limit { what: "bytes that wait for the disk", limit }),
            false => Ok(()),
        }
    }

    /// A number that was not drawn before.
    pub(crate) fn draw(&mut self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.draw_bytes();
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }

    /// 32 bytes that were not drawn before, and that nobody else can know.
    pub(crate) fn draw_bytes(&mut self) -> [u8; 32] {
        self.drawn = self.drawn.saturating_add(1);
        blake2_256(&[&self.seed[..], &self.drawn.to_le_bytes()].concat())
    }

    /// Does something with a channel, which is awake for that.
    pub(crate) fn with_channel<R>(
        &mut self,
        id: ChannelId,
        act: impl FnOnce(&mut Self, &mut Live) -> R,
    ) -> Result<R, CommandError> {
        let mut live = self.take(id)?;
        let result = act(self, &mut live);
        self.put_back(live);
        Ok(result)
    }

    /// Takes a channel out, and wakes it if it sleeps.
    fn take(&mut self, id: ChannelId) -> Result<Box<Live>, CommandError> {
        let slot =
            self.channels.get_mut(&id).ok_or(CommandError::UnknownChannel { channel: id })?;
        match core::mem::replace(slot, Slot::Taken) {
            Slot::Awake(live) => Ok(live),
            Slot::Asleep(bytes) => {
                let policy = self.config.policy;
                match Live::from_bytes(&bytes, &self.genesis, &self.keys, policy) {
                    Ok(mut live) => {
                        (live.touched, live.heard) = (self.now, self.now);
                        self.stats.woken = self.stats.woken.saturating_add(1);
                        self.awake.insert(id);
                        Ok(Box::new(live))
                    }
                    Err(reason) => {
                        *slot = Slot::Damaged(reason.clone().into());
                        Err(CommandError::Damaged { channel: id, reason })
                    }
                }
            }
            Slot::Damaged(reason) => {
                let error = CommandError::Damaged { channel: id, reason: reason.to_string() };
                *slot = Slot::Damaged(reason);
                Err(error)
            }
            // Nothing takes a channel that is taken: events of one channel are handled one by one.
            Slot::Taken => Err(CommandError::UnknownChannel { channel: id }),
        }
    }

    fn put_back(&mut self, mut live: Box<Live>) {
        let id = live.id;
        if live.fate == Fate::Over && !self.fading.contains_key(&id) {
            self.fade(&mut live);
        }
        let is_crowded = self.awake.len() > self.config.limits.awake;
        let bytes = if is_crowded { self.to_sleep(&live) } else { None };
        self.set(id, live, bytes);
    }

    /// A channel as bytes, if it may sleep now.
    pub(crate) fn to_sleep(&self, live: &Live) -> Option<Box<[u8]>> {
        if self.journal.is_durable(live.ticket) { live.to_bytes() } else { None }
    }

    pub(crate) fn set(&mut self, id: ChannelId, live: Box<Live>, asleep: Option<Box<[u8]>>) {
        let slot = match asleep {
            Some(bytes) => {
                self.awake.remove(&id);
                Slot::Asleep(bytes)
            }
            None => Slot::Awake(live),
        };
        self.channels.insert(id, slot);
    }

    /// Lets a channel handle an event and carries out what follows. The machine first hears how high
    /// the chain is.
    pub(crate) fn act(
        &mut self,
        live: &mut Live,
        event: impl FnOnce(&mut Channel<ChannelKey>) -> Result<Vec<Effect>, ChannelError>,
    ) -> Result<(), ChannelError> {
        if live.height < self.height {
            live.height = self.height;
            let effects = live.channel.block(self.height);
            self.carry_out(live, effects);
        }
        let was_idle = live.channel.is_idle();
        let effects = event(&mut live.channel)?;
        if was_idle && !live.channel.is_idle() {
            // From now on somebody owes an answer.
            live.heard = self.now;
        }
        self.carry_out(live, effects);
        Ok(())
    }

    /// Puts something out once everything that the channel has written is durable. When the disk has
    /// failed, only what defends channels leaves (DA-4).
    pub(crate) fn release(&mut self, live: &Live, output: Output) {
        if self.failing.is_none() {
            self.journal.release(live.ticket, output, &mut self.out);
        } else if survives(&output) {
            self.out.push(output);
        }
    }

    pub(crate) fn notify(&mut self, live: &Live, notice: Notice) {
        self.release(live, Output::Notice(notice));
    }

    /// Answers a command at once.
    pub(crate) fn reply(&mut self, id: CommandId, result: Result<Reply, CommandError>) {
        self.out.push(Output::Reply { id, result });
    }

    /// The disk refused: memory is ahead of it, so nothing that memory says may be signed any more.
    fn disk_failed(&mut self, reason: String) {
        if self.failing.is_some() {
            return;
        }
        self.failing = Some(reason.clone());
        for output in self.journal.fail() {
            match output {
                Output::Reply { id, result: Ok(_) } => {
                    self.reply(id, Err(CommandError::DiskFailed { reason: reason.clone() }));
                }
                output if survives(&output) => self.out.push(output),
                _ => {}
            }
        }
        let failed = || CommandError::DiskFailed { reason: reason.clone() };
        for id in self.awake.clone() {
            if let Some(Slot::Awake(live)) = self.channels.get_mut(&id) {
                let commands = live.take_all_waiting(|_| true).into_iter();
                let ids = commands.filter_map(|waiting| waiting.command);
                self.out.extend(ids.map(|id| Output::Reply { id, result: Err(failed()) }));
            }
        }
        let openings = self.openings.values_mut().map(|it| &mut it.command);
        let payments = self.routing.attempts.values_mut().map(|it| &mut it.command);
        for id in openings.chain(payments).filter_map(Option::take) {
            self.out.push(Output::Reply { id, result: Err(failed()) });
        }
        self.out.push(Output::Notice(Notice::DiskFailed { reason }));
    }
}

/// Whether an output may leave although what it depends on is not durable: it says nothing that was
/// not signed and sent before, or it was signed by everybody.
fn survives(output: &Output) -> bool {
    match output {
        Output::Submit { call, .. } => call.is_defence(),
        Output::Persist { .. } | Output::Send { .. } => false,
        Output::Notice(notice) => matches!(
            notice,
            Notice::Disputed { .. } | Notice::NotSubmitted { .. } | Notice::Trouble { .. }
        ),
        _ => true,
    }
}

/// The id of the next submission.
pub(crate) fn next_id(last: &mut SubmissionId) -> SubmissionId {
    *last = last.saturating_add(1);
    *last
}
