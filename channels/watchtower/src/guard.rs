// SPDX-License-Identifier: Apache-2.0

//! Which disputes there are, and what is to be done about each: no clock, disk or socket.
//!
//! A dispute is looked into once: the channel's secret is made, and with it the appointment is found
//! or not. Those whose deadline comes first are looked into first.

use millrace_primitives_channels::{BlockNumber, ChannelId};
use std::collections::{BTreeMap, BTreeSet};

/// How many disputes are remembered at once. Each costs its maker a bond and a channel.
pub const MAX_CASES: usize = 100_000;

/// How often an answer is tried that the chain does not take.
const MAX_ATTEMPTS: u8 = 5;

/// How far a dispute is looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It waits for its turn.
    Waiting,
    /// The channel's secret is being made.
    Searching,
    /// Nobody has an appointment, or none of use.
    Unguarded,
    /// There is an answer of this version, and nothing is under way.
    Ready(u64),
    /// The answer of this version is being submitted.
    Answering(u64),
    /// The answer of this version is in a final block, or others were as good.
    Answered(u64),
}

/// A dispute.
#[derive(Clone, Copy, Debug)]
struct Case {
    shown: u64,
    deadline: BlockNumber,
    stage: Stage,
    attempts: u8,
    /// Something new was handed in while it was looked into or answered.
    again: bool,
}

/// An answer to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duty {
    /// The channel.
    pub channel: ChannelId,
    /// The version to show.
    pub version: u64,
    /// The highest version that others have shown.
    pub against: u64,
    /// It has to be in a block below this one.
    pub deadline: BlockNumber,
}

/// All disputes that are known.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    cases: BTreeMap<ChannelId, Case>,
    /// Those that wait for their turn, the most urgent first.
    waiting: BTreeSet<(BlockNumber, ChannelId)>,
    overflowed: u64,
}

impl Guard {
    /// How many disputes there are.
    pub fn len(&self) -> usize {
        self.cases.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.cases.is_empty()
    }

    /// How many disputes were not looked into because there were too many.
    pub fn overflowed(&self) -> u64 {
        self.overflowed
    }

    /// Answers to this channel count no longer than this; nothing if no dispute is known.
    pub fn deadline(&self, channel: &ChannelId) -> Option<BlockNumber> {
        self.cases.get(channel).map(|case| case.deadline)
    }

    /// A channel is disputed, with this version. The same may be told several times: of a best
    /// block, of a final one, and again after a reorganisation.
    pub fn disputed(
        &mut self,
        channel: ChannelId,
        version: u64,
        deadline: BlockNumber,
    ) -> Option<Duty> {
        if let Some(case) = self.cases.get_mut(&channel) {
            if self.waiting.remove(&(case.deadline, channel)) {
                self.waiting.insert((deadline, channel));
            }
            case.deadline = deadline;
            case.shown = case.shown.max(version);
            return self.duty(channel);
        }
        if self.cases.len() >= MAX_CASES {
            self.overflowed = self.overflowed.saturating_add(1);
            return None;
        }
        let stage = Stage::Waiting;
        let case = Case { shown: version, deadline, stage, attempts: 0, again: false };
        self.cases.insert(channel, case);
        self.waiting.insert((deadline, channel));
        None
    }

    /// Somebody has shown this version in a dispute.
    pub fn answered(&mut self, channel: ChannelId, version: u64) {
        if let Some(case) = self.cases.get_mut(&channel) {
            case.shown = case.shown.max(version);
        }
    }

    /// The newest block vanished that had told of a dispute or of an answer. What remains is shown
    /// again by the blocks that replace it, or by the channel's state.
    pub fn withdrawn(&mut self, channel: ChannelId, version: u64) {
        if let Some(case) = self.cases.get_mut(&channel)
            && case.shown == version
        {
            // What it was before is not remembered; a version that is too low only makes us look.
            case.shown = 0;
        }
    }

    /// The dispute is over.
    pub fn ended(&mut self, channel: &ChannelId) {
        if let Some(case) = self.cases.remove(channel) {
            self.waiting.remove(&(case.deadline, *channel));
        }
    }

    /// Disputes whose deadline is over in a final block are over, whether that is told or not.
    pub fn expire(&mut self, finalised: BlockNumber) -> Vec<ChannelId> {
        let over: Vec<_> = self
            .cases
            .iter()
            .filter(|(_, case)| case.deadline <= finalised)
            .map(|(channel, _)| *channel)
            .collect();
        for channel in &over {
            self.ended(channel);
        }
        over
    }

    /// The dispute to look into next: that with the first deadline.
    pub fn next_to_search(&mut self) -> Option<ChannelId> {
        let (_, channel) = self.waiting.pop_first()?;
        let case = self.cases.get_mut(&channel)?;
        case.stage = Stage::Searching;
        Some(channel)
    }

    /// A dispute was looked into: the best answer has this version, or there is none.
    pub fn searched(&mut self, channel: ChannelId, version: Option<u64>) -> Option<Duty> {
        let case = self.cases.get_mut(&channel)?;
        // A search for an earlier dispute of the channel may come back late, when this one's answer
        // is under way.
        if case.stage != Stage::Searching {
            return None;
        }
        if case.again {
            self.wait(channel);
            return None;
        }
        case.stage = version.map_or(Stage::Unguarded, Stage::Ready);
        self.duty(channel)
    }

    /// Something new was handed in for a channel that is disputed: it is looked into anew.
    pub fn handed_in(&mut self, channel: ChannelId) {
        let Some(case) = self.cases.get_mut(&channel) else { return };
        match case.stage {
            Stage::Waiting => {}
            Stage::Searching | Stage::Answering(_) => case.again = true,
            Stage::Unguarded | Stage::Ready(_) | Stage::Answered(_) => self.wait(channel),
        }
    }

    /// A dispute could not be looked into now: it waits again.
    pub fn search_again(&mut self, channel: ChannelId) {
        if self.cases.get(&channel).is_some_and(|case| case.stage == Stage::Searching) {
            self.wait(channel);
        }
    }

    fn wait(&mut self, channel: ChannelId) {
        if let Some(case) = self.cases.get_mut(&channel) {
            case.stage = Stage::Waiting;
            case.again = false;
            self.waiting.insert((case.deadline, channel));
        }
    }

    /// What a submission came to. If it did not succeed, the answer is given again as soon as the
    /// dispute is told again.
    pub fn submitted(&mut self, channel: ChannelId, has_succeeded: bool) {
        if let Some(case) = self.cases.get_mut(&channel)
            && let Stage::Answering(version) = case.stage
        {
            case.stage =
                if has_succeeded { Stage::Answered(version) } else { Stage::Ready(version) };
            if case.again {
                self.wait(channel);
            }
        }
    }

    /// WT-2: an answer is due when it has a higher version than all that was shown, once.
    fn duty(&mut self, channel: ChannelId) -> Option<Duty> {
        let case = self.cases.get_mut(&channel)?;
        let Stage::Ready(version) = case.stage else { return None };
        if version <= case.shown || case.attempts >= MAX_ATTEMPTS {
            return None;
        }
        case.attempts = case.attempts.saturating_add(1);
        case.stage = Stage::Answering(version);
        let (against, deadline) = (case.shown, case.deadline);
        Some(Duty { channel, version, against, deadline })
    }
}
