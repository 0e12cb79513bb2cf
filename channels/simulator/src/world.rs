// SPDX-License-Identifier: Apache-2.0

//! The world: parties, channels, a network, a chain, and one queue of what is going to happen.

use crate::{
    chain::Chain,
    counts::{Counts, Report},
    failing::{Broken, or_crash},
    payments::Payments,
    queue::{Happening, Queue},
    random::Dice,
    room::{At, Machine, Room, Seat},
    settings::{BLOCK_TIME, Fault, Settings},
    villains::Villain,
};
use millrace_primitives_channels::{BlockNumber, Hash, transfer::Preimage};
use polkadot_sdk::sp_core::ed25519;
use std::collections::{BTreeMap, VecDeque};

/// A transfer that a party passes on. It is written down before the outgoing one is offered.
#[derive(Clone, Debug)]
pub(crate) struct Forward {
    pub(crate) incoming: At,
    pub(crate) in_id: u64,
    pub(crate) outgoing: At,
    pub(crate) out_id: u64,
    /// Of the outgoing transfer.
    pub(crate) expiry: BlockNumber,
    pub(crate) preimage: Option<Preimage>,
    /// Whether the incoming one was given back.
    pub(crate) is_failed: bool,
}

/// A copy of all that a party has on disk.
#[derive(Clone, Debug)]
pub(crate) struct Backup {
    pub(crate) disks: Vec<Vec<Vec<u8>>>,
    pub(crate) forwards: BTreeMap<Hash, Forward>,
}

/// Somebody with an account, a signing key and seats in channels.
pub(crate) struct Party {
    pub(crate) account: ed25519::Pair,
    pub(crate) signer: ed25519::Pair,
    pub(crate) seats: Vec<At>,
    pub(crate) is_up: bool,
    /// The final block whose contents it knows.
    pub(crate) told: BlockNumber,
    /// On disk: what it passes on, by lock.
    pub(crate) forwards: BTreeMap<Hash, Forward>,
    pub(crate) backup: Option<Backup>,
    /// No fault hits it before this block.
    pub(crate) peace_until: BlockNumber,
    /// Whether its memory is an old copy, so that it forwards nothing that it finds in it.
    pub(crate) is_forgetful: bool,
    pub(crate) villain: Option<Villain>,
}

/// What the world is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Users act and faults happen.
    Busy,
    /// Neither do, since this block.
    Calm(BlockNumber),
    /// Everybody closes, since this block.
    Closing(BlockNumber),
    /// All is over.
    Done,
}

/// The last lines of what happened.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    pub(crate) is_on: bool,
    lines: VecDeque<String>,
    limit: usize,
}

/// The world.
pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) genesis: Hash,
    pub(crate) time: u64,
    pub(crate) stage: Stage,
    pub(crate) queue: Queue,
    pub(crate) dice: Dice,
    pub(crate) chain: Chain,
    pub(crate) parties: Vec<Party>,
    pub(crate) rooms: Vec<Room>,
    pub(crate) payments: Payments,
    pub(crate) counts: Counts,
    /// Users' steps that are left.
    pub(crate) steps: usize,
    /// Connections that are cut, by the cut's number.
    pub(crate) cuts: BTreeMap<u64, Vec<(usize, usize)>>,
    pub(crate) questions: u64,
    trace: Trace,
}

/// Runs a world to its end. `lines`: how many of the last lines of its trace to keep; tracing costs
/// time, and changes nothing else.
pub fn run(settings: &Settings, lines: usize) -> Report {
    run_watched(settings, lines, |_, _| {})
}

/// As [`run`]. `progress` hears after every block how high the chain is and what has happened so far:
/// a large world takes minutes.
pub fn run_watched(
    settings: &Settings,
    lines: usize,
    progress: impl FnMut(BlockNumber, &Counts),
) -> Report {
    let mut world = World::new(settings.clone());
    world.trace = Trace { is_on: lines > 0, lines: VecDeque::new(), limit: lines };
    let failure = world.live(progress).err();
    Report {
        settings: settings.clone(),
        counts: world.counts,
        failure,
        height: world.chain.height,
        trace: world.trace.lines.into(),
    }
}

impl World {
    /// An empty world; `layout` fills it.
    pub(crate) fn empty(settings: Settings, genesis: Hash, chain: Chain) -> Self {
        Self {
            genesis,
            time: 0,
            stage: Stage::Busy,
            queue: Queue::default(),
            dice: Dice::new(settings.seed),
            chain,
            parties: Vec::new(),
            rooms: Vec::new(),
            payments: Payments::default(),
            counts: Counts::default(),
            steps: settings.steps,
            cuts: BTreeMap::new(),
            questions: 0,
            trace: Trace::default(),
            settings,
        }
    }

    /// Lets happen what is planned until all is over or a rule is broken.
    fn live(&mut self, mut progress: impl FnMut(BlockNumber, &Counts)) -> Result<(), Broken> {
        self.plan_beginnings();
        while self.stage != Stage::Done {
            let Some((time, happening)) = self.queue.pop() else {
                return Err(Broken::new("SI-7", "nothing happens any more"));
            };
            self.time = time;
            self.counts.add("events");
            let is_block = matches!(happening, Happening::Block);
            self.happen(happening)?;
            if is_block {
                progress(self.chain.height, &self.counts);
            }
        }
        self.verify_payments()
    }

    fn happen(&mut self, happening: Happening) -> Result<(), Broken> {
        match happening {
            Happening::Deliver { channel, from, to, session, bytes } => {
                let step = self.deliver(channel, from, to, session, &bytes);
                or_crash(step)
            }
            Happening::Act => {
                let step = self.act();
                or_crash(step)
            }
            Happening::Block => self.block(),
            Happening::Follow { party } => {
                let step = self.follow(party);
                or_crash(step)
            }
            Happening::Connect { channel, link } => self.connect(channel, link),
            Happening::Cut { blocks } => {
                self.cut(blocks);
                Ok(())
            }
            Happening::Heal { cut } => {
                self.heal(cut);
                Ok(())
            }
            Happening::Restart { party, from_backup } => self.restart(party, from_backup),
            Happening::Backup { party } => {
                self.back_up(party);
                Ok(())
            }
            Happening::Scheme { party } => {
                let step = self.scheme(party);
                or_crash(step)
            }
        }
    }

    /// Whether a kind of fault may happen now.
    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.stage == Stage::Busy && self.settings.faults.has(fault)
    }

    /// Plans something in so many simulated milliseconds.
    pub(crate) fn plan(&mut self, delay: u64, happening: Happening) {
        self.queue.push(self.time + delay, happening);
    }

    /// Simulated milliseconds from one user's step to the next: two in a block of a small world.
    pub(crate) fn pace(&self) -> u64 {
        let in_a_block = (self.settings.channels as u64 / 20).max(2);
        (BLOCK_TIME / in_a_block).max(1)
    }

    pub(crate) fn seat(&self, at: At) -> &Seat {
        &self.rooms[at.channel].seats[at.seat]
    }

    pub(crate) fn seat_mut(&mut self, at: At) -> &mut Seat {
        &mut self.rooms[at.channel].seats[at.seat]
    }

    /// The party at a seat.
    pub(crate) fn party_at(&self, at: At) -> usize {
        self.seat(at).party
    }

    pub(crate) fn machine(&self, at: At) -> Option<&Machine> {
        self.seat(at).machine.as_deref()
    }

    pub(crate) fn is_villain(&self, party: usize) -> bool {
        self.parties[party].villain.is_some()
    }

    /// Whether a seat's signatures are counted. With villains around, who has forgotten what it signed
    /// cannot know what it must not sign again.
    pub(crate) fn is_watched(&self, at: At) -> bool {
        let has_forgotten = self.seat(at).was_restored && !self.rooms[at.channel].is_honest;
        !self.is_villain(self.party_at(at)) && !has_forgotten
    }

    /// Writes a line into the trace, if somebody reads it.
    pub(crate) fn note(&mut self, line: impl FnOnce(&Self) -> String) {
        if !self.trace.is_on {
            return;
        }
        let (block, time) = (self.chain.height, self.time);
        let line = format!("block {block} {:>7}.{:03}  {}", time / 1000, time % 1000, line(self));
        if self.trace.lines.len() >= self.trace.limit {
            self.trace.lines.pop_front();
        }
        self.trace.lines.push_back(line);
    }
}
