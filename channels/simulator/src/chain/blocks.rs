// SPDX-License-Identifier: Apache-2.0

//! Blocks: made, taken back, final.

use super::*;
use crate::random::Random;

impl Chain {
    /// Makes the next block. `is_rough`: submissions compete, and what is due may come a block late.
    pub(crate) fn author(&mut self, random: &mut Random, is_rough: bool) {
        self.height += 1;
        let (floor, until) = self.bidding;
        let is_war = is_rough && self.height <= until;
        let mut waiting = std::mem::take(&mut self.pool);
        if is_rough {
            random.shuffle(&mut waiting);
        }
        for mut submission in waiting {
            // Answers are a class of their own, which nobody can outbid.
            let is_answer = matches!(submission.call, Call::Answer(_));
            if is_war && !is_answer && submission.tip < floor {
                submission.tip *= 2;
                self.pool.push(submission);
                continue;
            }
            match self.apply(&submission) {
                Ok(()) => self.current.included.push(submission),
                Err(refusal) => self.refused.push((submission, refusal)),
            }
        }
        for channel in self.closing.clone() {
            // The agenda is served in idle time, and that may be short.
            if !(is_rough && random.one_in(4)) {
                // Most are simply not due.
                let _ = self.conclude_if_due(channel);
            }
        }
        let next = Block { number: 0, undo: Vec::new(), included: Vec::new(), news: Vec::new() };
        let mut block = std::mem::replace(&mut self.current, next);
        block.number = self.height;
        self.recent.push_back(block);
    }

    /// For some blocks others outbid everybody.
    pub(crate) fn start_bidding(&mut self, floor: u64, blocks: BlockNumber) {
        self.bidding = (floor, self.height + blocks);
    }

    /// Another fork wins: takes back the newest blocks that are not final, at most `depth` of them,
    /// and makes as many others. Returns how many.
    pub(crate) fn reorganise(&mut self, depth: usize, random: &mut Random) -> usize {
        let depth = depth.min(self.recent.len());
        for _ in 0..depth {
            let Some(block) = self.recent.pop_back() else { break };
            self.height = block.number - 1;
            for undo in block.undo.into_iter().rev() {
                self.take_back(undo);
            }
            self.pool.extend(block.included);
        }
        // What was included in one fork may have to wait in the other.
        let mut late = Vec::new();
        let mut pool = std::mem::take(&mut self.pool);
        pool.retain(|submission| {
            let is_late = random.one_in(3);
            if is_late {
                late.push(submission.clone());
            }
            !is_late
        });
        self.pool = pool;
        for _ in 0..depth {
            self.author(random, true);
        }
        self.pool.extend(late);
        depth
    }

    fn take_back(&mut self, undo: Undo) {
        match undo {
            Undo::Channel(channel, before) => {
                match before.phase {
                    Phase::Disputed(_) | Phase::Resolving(_) => self.closing.insert(channel),
                    Phase::Open | Phase::Over => self.closing.remove(&channel),
                };
                self.channels[channel] = *before;
                self.touched.insert(channel);
            }
            Undo::Account(party, before) => self.accounts[party] = before,
            Undo::Reveal(lock) => {
                self.reveals.remove(&lock);
            }
            Undo::Treasury(before) => self.treasury = before,
        }
    }

    /// Everything up to the block `lag` below the best one is final. Returns the new final blocks.
    pub(crate) fn finalise(&mut self, lag: u64) -> std::ops::RangeInclusive<BlockNumber> {
        let lag = u32::try_from(lag).unwrap_or(u32::MAX);
        let to = self.height.saturating_sub(lag).max(self.finalised);
        let from = self.finalised + 1;
        while let Some(block) = self.recent.pop_front() {
            if block.number > to {
                self.recent.push_front(block);
                break;
            }
            for news in &block.news {
                if let Some(channel) = news.channel() {
                    self.history[channel].push((block.number, news.clone()));
                }
                if let News::Revealed { preimage, lock, at } = news {
                    self.known.insert(*lock, (*preimage, *at));
                }
            }
            self.news.push(block.news);
        }
        self.finalised = to;
        from..=to
    }
}
