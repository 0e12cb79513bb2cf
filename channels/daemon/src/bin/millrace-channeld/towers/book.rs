// SPDX-License-Identifier: Apache-2.0

//! What one tower has of each channel, and what is to be handed in next: no clock, disk or socket.
//!
//! There is one line for each channel, however often it changes: a line says which version is the
//! newest and which one the tower has signed for. So what waits is bounded by the number of channels,
//! and a version that is overtaken while it waits is never handed in.

use codec::{Decode, Encode};
use millrace_primitives_channels::{BlockNumber, ChannelId};
use std::collections::{BTreeMap, BTreeSet};

/// A time in milliseconds since some moment.
type Millis = u64;

/// How long a channel's changes are gathered before its newest state is handed in.
pub const GATHER: Millis = 500;

/// The first wait after something failed, and the longest.
const WAITS: (Millis, Millis) = (1_000, 300_000);

/// What a tower has signed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Cover {
    /// The version of the state.
    pub version: u64,
    /// This party's own order of what it hands in. It says nothing about the version.
    pub sequence: u64,
    /// The last block in which the tower answers.
    pub until: BlockNumber,
}

/// What is known of one channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Line {
    newest: u64,
    /// Up to this version nothing has to be handed in: no dispute can show less.
    needless: u64,
    cover: Option<Cover>,
    /// The tower may answer no longer than this party may be away: it has to sign anew.
    is_ending: bool,
    is_over: bool,
    due: Option<Millis>,
    failures: u32,
}

impl Line {
    fn is_behind(&self) -> bool {
        let known = self.cover.map_or(0, |cover| cover.version).max(self.needless);
        !self.is_over && self.newest > known
    }

    fn wants(&self) -> bool {
        self.is_behind() || self.is_over || (self.is_ending && self.cover.is_some())
    }
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// Hand the newest state of this channel in, or have the tower sign for longer.
    HandIn(ChannelId, Option<Cover>),
    /// Have the tower forget this channel.
    Withdraw(ChannelId),
}

/// How one channel stands at one tower.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The channel.
    pub channel: ChannelId,
    /// The version of its newest state.
    pub newest: u64,
    /// What the tower has signed for.
    pub cover: Option<Cover>,
    /// Whether that is not the newest.
    pub is_behind: bool,
}

/// What one tower has.
#[derive(Clone, Debug, Default)]
pub struct Book {
    lines: BTreeMap<ChannelId, Line>,
    queue: BTreeSet<(Millis, ChannelId)>,
    behind: usize,
}

impl Book {
    /// What the tower had signed for before.
    pub fn with(covers: impl IntoIterator<Item = (ChannelId, Cover)>) -> Self {
        let lines = covers.into_iter().map(|(channel, cover)| {
            let newest = cover.version;
            (channel, Line { newest, cover: Some(cover), ..Line::default() })
        });
        Self { lines: lines.collect(), ..Self::default() }
    }

    /// Changes a line, and queues it if it wants something. `wait`: from `now`; what is queued already
    /// keeps its place.
    fn change(
        &mut self,
        channel: ChannelId,
        now: Millis,
        wait: Millis,
        change: impl FnOnce(&mut Line),
    ) {
        let line = self.lines.entry(channel).or_default();
        let was_behind = line.is_behind();
        change(line);
        let is_behind = line.is_behind();
        match (line.wants(), line.due) {
            (true, None) => {
                let due = now.saturating_add(wait);
                line.due = Some(due);
                self.queue.insert((due, channel));
            }
            (false, Some(due)) => {
                line.due = None;
                self.queue.remove(&(due, channel));
            }
            _ => {}
        }
        match (was_behind, is_behind) {
            (false, true) => self.behind = self.behind.saturating_add(1),
            (true, false) => self.behind = self.behind.saturating_sub(1),
            _ => {}
        }
    }

    /// A version is agreed.
    pub fn agreed(&mut self, channel: ChannelId, version: u64, now: Millis) {
        self.change(channel, now, GATHER, |line| line.newest = line.newest.max(version));
    }

    /// No dispute can show less than this version: it is the base.
    pub fn needless(&mut self, channel: ChannelId, version: u64, now: Millis) {
        self.change(channel, now, GATHER, |line| {
            line.needless = line.needless.max(version);
            (line.is_ending, line.failures) = (false, 0);
        });
    }

    /// A channel is over.
    pub fn over(&mut self, channel: ChannelId, now: Millis) {
        if self.lines.get(&channel).is_some_and(|line| line.cover.is_none()) {
            return self.forget(channel);
        }
        if self.lines.contains_key(&channel) {
            self.change(channel, now, 0, |line| line.is_over = true);
        }
    }

    /// Forgets a channel.
    pub fn forget(&mut self, channel: ChannelId) {
        if let Some(line) = self.lines.remove(&channel) {
            if let Some(due) = line.due {
                self.queue.remove(&(due, channel));
            }
            if line.is_behind() {
                self.behind = self.behind.saturating_sub(1);
            }
        }
    }

    /// The tower has signed.
    pub fn covered(&mut self, channel: ChannelId, cover: Cover, now: Millis) {
        self.change(channel, now, GATHER, |line| {
            line.newest = line.newest.max(cover.version);
            (line.cover, line.is_ending, line.failures) = (Some(cover), false, 0);
        });
    }

    /// An errand failed: it is tried again after a wait that doubles each time.
    pub fn failed(&mut self, channel: ChannelId, now: Millis) {
        let failures = self.lines.get(&channel).map_or(0, |line| line.failures);
        let (first, longest) = WAITS;
        let wait = first.saturating_mul(1 << failures.min(20)).min(longest);
        self.change(channel, now, wait, |line| line.failures = failures.saturating_add(1));
    }

    /// The errand that has been due for longest. Who takes it says what came of it.
    pub fn next(&mut self, now: Millis) -> Option<Errand> {
        let (due, channel) = *self.queue.first()?;
        if due > now {
            return None;
        }
        self.queue.pop_first();
        let line = self.lines.get_mut(&channel)?;
        line.due = None;
        Some(match line.is_over {
            true => Errand::Withdraw(channel),
            false => Errand::HandIn(channel, line.cover),
        })
    }

    /// When the next errand is due.
    pub fn due(&self) -> Option<Millis> {
        self.queue.first().map(|(due, _)| *due)
    }

    /// Has the tower sign anew for what ends before `before`.
    pub fn renew(&mut self, before: BlockNumber, now: Millis) {
        let is_ending = |line: &Line| line.cover.is_some_and(|cover| cover.until < before);
        let ending = self.lines.iter().filter(|(_, line)| is_ending(line) && !line.is_ending);
        for channel in ending.map(|(channel, _)| *channel).collect::<Vec<_>>() {
            self.change(channel, now, 0, |line| line.is_ending = true);
        }
    }

    /// How many channels have their newest state there, and how many do not.
    pub fn counts(&self) -> (usize, usize) {
        (self.lines.len().saturating_sub(self.behind), self.behind)
    }

    /// The channels that are known here.
    pub fn channels(&self) -> Vec<ChannelId> {
        self.lines.keys().copied().collect()
    }

    /// How the channels stand, at most `limit`; those that are behind come first.
    pub fn standings(&self, limit: usize) -> Vec<Standing> {
        let of = |(channel, line): (&ChannelId, &Line)| Standing {
            channel: *channel,
            newest: line.newest,
            cover: line.cover,
            is_behind: line.is_behind(),
        };
        let behind = self.lines.iter().filter(|(_, line)| line.is_behind());
        let others = self.lines.iter().filter(|(_, line)| !line.is_behind() && !line.is_over);
        behind.chain(others).take(limit).map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(number: u8) -> ChannelId {
        ChannelId::repeat_byte(number)
    }

    fn cover(version: u64, until: BlockNumber) -> Cover {
        Cover { version, sequence: 1, until }
    }

    #[test]
    fn only_the_newest_of_many_versions_is_handed_in() {
        let mut book = Book::default();
        for version in 1..=1_000 {
            book.agreed(channel(1), version, 10 + version);
        }
        assert_eq!(book.next(10 + GATHER), None, "changes are gathered");
        assert_eq!(book.next(11 + GATHER), Some(Errand::HandIn(channel(1), None)));
        assert_eq!(book.next(u64::MAX), None, "once");
        book.covered(channel(1), cover(1_000, 50), 2_000);
        assert_eq!(book.counts(), (1, 0));
        assert_eq!(book.due(), None);
    }

    #[test]
    fn version_that_came_meanwhile_is_handed_in_next() {
        let mut book = Book::default();
        book.agreed(channel(1), 1, 0);
        assert!(book.next(GATHER).is_some());
        book.agreed(channel(1), 2, 600);
        book.covered(channel(1), cover(1, 50), 700);
        assert_eq!(book.counts(), (0, 1));
        let errand = Errand::HandIn(channel(1), Some(cover(1, 50)));
        assert_eq!(book.next(600 + GATHER), Some(errand));
    }

    #[test]
    fn waits_double_up_to_five_minutes_and_end_with_success() {
        let mut book = Book::default();
        book.agreed(channel(1), 1, 0);
        let mut now = GATHER;
        let mut waits = Vec::new();
        for _ in 0..12 {
            assert!(book.next(now).is_some());
            book.failed(channel(1), now);
            // What comes meanwhile does not shorten the wait.
            book.agreed(channel(1), 2, now);
            let due = book.due().expect("it is tried again");
            waits.push(due - now);
            now = due;
        }
        assert_eq!(waits[..4], [1_000, 2_000, 4_000, 8_000]);
        assert_eq!(waits[11], 300_000);
        assert!(book.next(now).is_some());
        book.covered(channel(1), cover(2, 50), now);
        book.agreed(channel(1), 3, now);
        assert_eq!(book.due(), Some(now + GATHER));
    }

    #[test]
    fn tower_signs_anew_before_its_time_is_over() {
        let mut book = Book::with([(channel(1), cover(3, 100)), (channel(2), cover(4, 900))]);
        book.renew(500, 0);
        book.renew(500, 0);
        let errand = Errand::HandIn(channel(1), Some(cover(3, 100)));
        assert_eq!(book.next(0), Some(errand));
        assert_eq!(book.next(u64::MAX), None);
        book.covered(channel(1), cover(3, 1_000), 0);
        book.renew(500, 0);
        assert_eq!(book.next(u64::MAX), None);
        assert_eq!(book.counts(), (2, 0));
    }

    #[test]
    fn opening_and_base_need_no_tower() {
        let mut book = Book::default();
        book.agreed(channel(1), 0, 0);
        assert_eq!(book.next(u64::MAX), None);
        book.agreed(channel(1), 7, 0);
        assert!(book.next(u64::MAX).is_some());
        book.needless(channel(1), 7, 0);
        assert_eq!(book.next(u64::MAX), None);
        assert_eq!(book.counts(), (1, 0));
        book.agreed(channel(1), 8, 0);
        assert_eq!(book.counts(), (0, 1));
    }

    #[test]
    fn channel_that_is_over_is_withdrawn_if_the_tower_has_it() {
        let mut book = Book::with([(channel(1), cover(3, 100))]);
        book.agreed(channel(2), 1, 0);
        book.over(channel(2), 0);
        book.over(channel(1), 0);
        book.over(channel(3), 0);
        assert_eq!(book.next(u64::MAX), Some(Errand::Withdraw(channel(1))));
        book.failed(channel(1), 0);
        assert_eq!(book.next(u64::MAX), Some(Errand::Withdraw(channel(1))), "until it is done");
        book.forget(channel(1));
        assert_eq!(book.next(u64::MAX), None);
        assert_eq!((book.counts(), book.channels()), ((0, 0), vec![]));
    }

    #[test]
    fn channels_that_are_behind_are_told_first() {
        let mut book = Book::with([(channel(1), cover(3, 100)), (channel(2), cover(3, 100))]);
        book.agreed(channel(2), 4, 0);
        let standings = book.standings(1);
        assert_eq!((standings[0].channel, standings[0].is_behind), (channel(2), true));
        assert_eq!(book.standings(10).len(), 2);
    }
}
