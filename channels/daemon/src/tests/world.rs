// SPDX-License-Identifier: Apache-2.0

//! Nodes, the wire between them, and the chain above them.

use super::{
    Court,
    mishaps::{Mishap, Plan},
    party::peer,
};
use crate::{
    Command, Config, Input, News, Output, Peer, Reply,
    input::{CommandId, Millis},
    write::batch,
};
use millrace_channels_routing::Lookup;
use millrace_primitives_channels::{Balance, BlockNumber, ChannelId};
use std::collections::VecDeque;

pub use super::party::{Party, genesis, identity, options, signer};

/// Everything.
pub struct World {
    pub parties: Vec<Party>,
    /// From, to, bytes.
    pub wire: VecDeque<(usize, usize, Vec<u8>)>,
    pub court: Court,
    pub now: Millis,
    /// What will go wrong.
    pub plan: Option<Plan>,
}

/// A configuration for blocks that come as fast as tests make them.
pub fn config() -> Config {
    let mut config = Config::default();
    config.acceptance.own_deposit_max = 1_000_000;
    config.acceptance.challenge_blocks = 5..=1_000;
    config.patience.forget_after = 2;
    config.patience.others_submit = 4;
    config
}

impl World {
    /// Nodes that have caught up and are all connected.
    pub fn new(parties: usize) -> Self {
        Self::with(parties, config())
    }

    pub fn with(parties: usize, config: Config) -> Self {
        let mut world = Self {
            parties: (0..parties).map(|number| Party::new(number, config.clone())).collect(),
            wire: VecDeque::new(),
            court: Court { genesis: genesis(), height: 100, ..Court::default() },
            // A date, as clocks show it, and early enough to be put back by years.
            now: 1_700_000_000_000,
            plan: None,
        };
        for party in 0..parties {
            world.input(party, Input::Tick { now: world.now });
            world.catch_up(party);
        }
        world.connect_all();
        world.settle();
        world
    }

    /// A channel between the first two, with these deposits by party.
    pub fn with_channel(deposits: [Balance; 2]) -> (Self, ChannelId) {
        let mut world = Self::new(2);
        let channel = world.open(0, 1, deposits);
        (world, channel)
    }

    /// Opens a channel and waits for it.
    pub fn open(&mut self, from: usize, to: usize, deposits: [Balance; 2]) -> ChannelId {
        let id = self.command(from, open(to, deposits));
        self.settle();
        self.block();
        match self.parties[from].replies.get(&id) {
            Some(Ok(Reply::Opened { channel })) => *channel,
            other => panic!("the channel was not opened: {other:?}"),
        }
    }

    fn catch_up(&mut self, party: usize) {
        for id in self.parties[party].node.channels().collect::<Vec<_>>() {
            self.tell_state(party, id);
        }
        let number = self.court.height;
        let block = News::Block { number, seen: crate::input::Seen::Final };
        self.input(party, Input::News(block));
        self.input(party, Input::News(News::CaughtUp));
    }

    /// A party is told how a channel stands.
    pub fn tell_state(&mut self, party: usize, id: ChannelId) {
        let (standing, at) = (self.court.standing(id), self.court.height);
        self.input(party, Input::News(News::State { id, standing, at }));
    }

    /// A party's node of the chain says that a channel is gone, whatever is true.
    pub fn mislead(&mut self, party: usize, id: ChannelId) {
        let at = self.court.height;
        self.input(party, Input::News(News::State { id, standing: None, at }));
    }

    pub fn connect_all(&mut self) {
        for one in 0..self.parties.len() {
            for other in 0..self.parties.len() {
                if one != other {
                    self.input(one, Input::Connected { peer: peer(other) });
                }
            }
        }
    }

    /// One party loses its connections.
    pub fn disconnect(&mut self, party: usize) {
        self.wire.retain(|(from, to, _)| *from != party && *to != party);
        for other in 0..self.parties.len() {
            if other != party {
                self.input(other, Input::Disconnected { peer: peer(party) });
                self.input(party, Input::Disconnected { peer: peer(other) });
            }
        }
    }

    pub fn connect(&mut self, one: usize, other: usize) {
        self.input(one, Input::Connected { peer: peer(other) });
        self.input(other, Input::Connected { peer: peer(one) });
    }

    /// The power of a party fails: it starts again from its disk, with new connections.
    pub fn crash(&mut self, party: usize) {
        self.restart(party);
        self.catch_up(party);
        self.reconnect(party);
    }

    /// The same, beside a node of the chain that knows none of its channels in its newest final block,
    /// for example because that is below all openings.
    pub fn crash_behind(&mut self, party: usize, at: BlockNumber) {
        self.restart(party);
        for id in self.parties[party].channels() {
            self.input(party, Input::News(News::State { id, standing: None, at }));
        }
        let block = News::Block { number: at, seen: crate::input::Seen::Final };
        self.input(party, Input::News(block));
        self.input(party, Input::News(News::CaughtUp));
        self.reconnect(party);
    }

    fn restart(&mut self, party: usize) {
        self.disconnect_others(party);
        self.court.pool.retain(|(who, ..)| *who != party);
        let outputs = self.parties[party].restart();
        self.carry_out(party, outputs);
        let now = self.clock(party);
        self.input(party, Input::Tick { now });
    }

    fn reconnect(&mut self, party: usize) {
        for other in 0..self.parties.len() {
            if other != party {
                self.connect(party, other);
            }
        }
    }

    fn disconnect_others(&mut self, party: usize) {
        self.wire.retain(|(from, to, _)| *from != party && *to != party);
        for other in 0..self.parties.len() {
            if other != party {
                self.input(other, Input::Disconnected { peer: peer(party) });
            }
        }
    }

    pub fn command(&mut self, party: usize, command: Command) -> CommandId {
        let id = self.parties[party].next_command;
        self.parties[party].next_command += 1;
        self.input(party, Input::Command { id, command });
        id
    }

    pub fn pay(&mut self, party: usize, channel: ChannelId, amount: Balance) -> CommandId {
        self.command(party, Command::Pay { channel, payee: None, amount, operation: None })
    }

    pub fn input(&mut self, party: usize, input: Input) {
        let outputs = self.parties[party].node.handle(input);
        self.carry_out(party, outputs);
    }

    /// Carries outputs out, in their order, unless something goes wrong before one of them.
    fn carry_out(&mut self, party: usize, outputs: Vec<Output>) {
        for output in outputs {
            match self.next_mishap(party) {
                Some(Mishap::PowerCut) => return self.crash(party),
                Some(Mishap::FullDisk) => self.parties[party].is_disk_full = true,
                None => {}
            }
            self.carry_out_one(party, output);
        }
    }

    fn carry_out_one(&mut self, party: usize, output: Output) {
        let known = self.parties.len();
        match output {
            Output::Persist { ticket, writes } => {
                self.parties[party].writing.push_back((ticket, writes));
            }
            Output::Send { peer: to, bytes } => {
                self.parties[party].note_signature(&bytes);
                if let Some(to) = (0..known).find(|it| peer(*it) == to) {
                    self.wire.push_back((party, to, bytes));
                }
            }
            Output::Disconnect { peer: other, .. } | Output::Ban { peer: other, .. } => {
                if let Some(other) = (0..known).find(|it| peer(*it) == other) {
                    self.input(other, Input::Disconnected { peer: peer(party) });
                }
            }
            Output::Watch(id) => {
                self.parties[party].watched.insert(id);
            }
            Output::Unwatch(id) => {
                self.parties[party].watched.remove(&id);
            }
            Output::WatchLock(lock) => {
                // Whoever begins to watch is told what the chain has known for long.
                if let Some((preimage, at)) = self.court.revealed.get(&lock).copied() {
                    self.input(party, Input::News(News::Revealed { preimage, at }));
                }
            }
            Output::UnwatchLock(_) => {}
            Output::Submit { id, channel, call, .. } => {
                self.court.pool.push((party, id, channel, *call));
            }
            Output::LookUp(channel) => {
                let found = self.court.facts(channel).map_or(Lookup::Absent, Lookup::Found);
                self.input(party, Input::LookedUp { channel, found });
            }
            Output::LookUpBase(id) => {
                if let Some((version, digest)) = self.court.base(id) {
                    self.input(party, Input::News(News::Base { id, version, digest }));
                }
            }
            Output::Reply { id, result } => {
                let before = self.parties[party].replies.insert(id, result);
                assert_eq!(before, None, "DA-5: answered twice");
            }
            Output::Notice(notice) => self.parties[party].notices.push(notice),
        }
    }

    /// The oldest thing that a party is writing gets to its disk, or is refused.
    pub fn sync(&mut self, party: usize) -> bool {
        let Some((ticket, writes)) = self.parties[party].writing.pop_front() else { return false };
        let input = if self.parties[party].is_disk_full {
            Input::Refused { ticket, reason: "no space left on device".to_owned() }
        } else {
            let written = self.parties[party].store.submit(batch(writes));
            written.and_then(|it| it.wait()).expect("the node breaks no rule of the store");
            Input::Durable(ticket)
        };
        self.input(party, input);
        true
    }

    /// Delivers the oldest frame.
    pub fn deliver(&mut self) -> bool {
        let Some((from, to, bytes)) = self.wire.pop_front() else { return false };
        self.input(to, Input::frame(peer(from), bytes));
        true
    }

    /// Goes on step by step until something is the case.
    pub fn step_until(&mut self, is: impl Fn(&Self) -> bool) {
        while !is(self) {
            self.deliver();
            for party in 0..self.parties.len() {
                self.sync(party);
            }
        }
    }

    /// Goes on until nobody has anything left to do.
    pub fn settle(&mut self) {
        loop {
            let mut is_busy = self.deliver();
            for party in 0..self.parties.len() {
                is_busy |= self.sync(party);
            }
            if !is_busy {
                return;
            }
        }
    }

    /// One block, and everything that follows from it.
    pub fn block(&mut self) {
        let (news, outcomes) = self.court.block();
        for party in 0..self.parties.len() {
            for news in &news {
                let is_wanted = match news {
                    News::Channel { id, .. } => self.parties[party].watched.contains(id),
                    _ => true,
                };
                if is_wanted {
                    self.input(party, Input::News(news.clone()));
                }
            }
        }
        for (party, id, outcome) in outcomes {
            self.input(party, Input::Submitted { id, outcome });
        }
        self.settle();
    }

    /// Time passes.
    pub fn wait(&mut self, millis: Millis) {
        self.now += millis;
        for party in 0..self.parties.len() {
            let now = self.clock(party);
            self.input(party, Input::Tick { now });
        }
        self.settle();
    }

    /// What a party's clock shows.
    pub fn clock(&self, party: usize) -> Millis {
        self.now.saturating_add_signed(self.parties[party].clock_error)
    }
}

/// A command that opens a channel.
pub fn open(to: usize, deposits: [Balance; 2]) -> Command {
    Command::Open {
        peer: peer(to),
        deposit: deposits[0],
        their_deposit: deposits[1],
        challenge_blocks: 10,
        open_within: 50,
        operation: None,
    }
}

/// The node key of a party, for tests that send what no node would.
pub fn peer_of(party: usize) -> Peer {
    peer(party)
}

/// Whether a node has nothing under way.
pub fn wants_nothing(party: &Party) -> bool {
    party.writing.is_empty()
        && party.node.channels().all(|id| party.node.channel(id).is_some_and(|it| it.waiting == 0))
}
