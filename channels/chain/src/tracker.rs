// SPDX-License-Identifier: Apache-2.0

//! Blocks in, news out: the follower without a socket.
//!
//! The tracker keeps the best chain above the newest final block, with what each block tells. It
//! knows neither clock nor node: whoever drives it brings blocks, in whatever order a node shows
//! them. [`Tracker::extend`] moves the best head, to another branch if need be, and
//! [`Tracker::finalise`] makes a part of the best chain final. A final block that was never a best
//! one is made the best first, so that consumers know a single order: best, then final or withdrawn.

use crate::{
    announced::Told,
    connection::Head,
    news::{News, Seen, Withdrawn},
    watch::{Item, Watch},
};
use millrace_primitives_channels::{BlockNumber, Hash};
use std::collections::VecDeque;
use thiserror::Error;

/// How many blocks above the newest final one are tracked at most: a day at two seconds a block.
pub const MAX_UNFINAL: BlockNumber = 43_200;

/// A block and what it tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The block.
    pub head: Head,
    /// Hash of the one below it.
    pub parent: Hash,
    /// What it tells, in order.
    pub told: Vec<Told>,
}

/// Why blocks do not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TrackerError {
    /// The branch starts at a block that is neither the final head nor on the best chain.
    #[error("the branch starts at {0:?}, which is not on the tracked chain: walk further back")]
    UnknownStart(Hash),
    /// Two blocks that should follow each other do not.
    #[error("block {block} does not follow {below}: the node's blocks do not fit together")]
    NotLinked {
        /// The block.
        block: Head,
        /// What should be below it.
        below: Head,
    },
    /// Too many blocks are not final.
    #[error(
        "{0} blocks above the newest final one are not final, more than {MAX_UNFINAL}: \
         wait until the chain finalises"
    )]
    TooManyUnfinal(usize),
    /// The block is not on the best chain.
    #[error("block {0:?} cannot become final: it is not on the tracked chain")]
    NotBest(Hash),
}

/// The best chain above the newest final block, and who wants to know about it.
#[derive(Clone, Debug)]
pub struct Tracker {
    final_head: Head,
    /// Blocks above the final head up to the best one, ascending, each linked to the one before.
    unfinal: VecDeque<Block>,
    watch: Watch,
}

impl Tracker {
    /// Starts above a final block, about which and below which nothing is told.
    pub fn new(final_head: Head, watch: Watch) -> Self {
        Self { final_head, unfinal: VecDeque::new(), watch }
    }

    /// The newest final block.
    pub fn final_head(&self) -> Head {
        self.final_head
    }

    /// The best block.
    pub fn best_head(&self) -> Head {
        self.unfinal.back().map_or(self.final_head, |block| block.head)
    }

    /// What is watched.
    pub fn watch(&self) -> &Watch {
        &self.watch
    }

    /// Whether a branch may start at this block.
    pub fn knows(&self, hash: &Hash) -> bool {
        self.height_of(hash).is_some()
    }

    /// How many tracked blocks are at or below this one; 0 for the final head.
    fn height_of(&self, hash: &Hash) -> Option<usize> {
        if self.final_head.hash == *hash {
            return Some(0);
        }
        // The newest blocks are asked for most.
        let from_top = self.unfinal.iter().rev().position(|block| block.head.hash == *hash)?;
        Some(self.unfinal.len().saturating_sub(from_top))
    }

    /// Makes the last block of `branch` the best one, or the block at `start` if the branch is empty.
    ///
    /// `start`: hash of a known block. `branch`: the blocks above it, ascending. What is above
    /// `start` now is withdrawn, the newest first; then the branch is told.
    /// Errors leave everything as it was.
    pub fn extend(&mut self, start: Hash, branch: Vec<Block>) -> Result<Vec<News>, TrackerError> {
        let kept = self.height_of(&start).ok_or(TrackerError::UnknownStart(start))?;
        let total = kept.saturating_add(branch.len());
        if total > usize::try_from(MAX_UNFINAL).unwrap_or(usize::MAX) {
            return Err(TrackerError::TooManyUnfinal(total));
        }
        let mut below = match kept.checked_sub(1).and_then(|index| self.unfinal.get(index)) {
            Some(block) => block.head,
            None => self.final_head,
        };
        for block in &branch {
            let follows = block.parent == below.hash
                && below.number.checked_add(1) == Some(block.head.number);
            if !follows {
                return Err(TrackerError::NotLinked { block: block.head, below });
            }
            below = block.head;
        }

        let mut news = Vec::new();
        while self.unfinal.len() > kept {
            if let Some(block) = self.unfinal.pop_back() {
                self.withdraw(&block, &mut news);
            }
        }
        for block in branch {
            self.tell(&block, Seen::Best, &mut news);
            self.unfinal.push_back(block);
        }
        Ok(news)
    }

    /// Makes the best chain final up to the block with this hash.
    ///
    /// Errors with `NotBest` if it is not on the best chain: bring its branch first.
    pub fn finalise(&mut self, hash: Hash) -> Result<Vec<News>, TrackerError> {
        let count = self.height_of(&hash).ok_or(TrackerError::NotBest(hash))?;
        let mut news = Vec::new();
        for _ in 0..count {
            if let Some(block) = self.unfinal.pop_front() {
                self.tell(&block, Seen::Final, &mut news);
                self.final_head = block.head;
            }
        }
        Ok(news)
    }

    /// Leaves out everything up to a later final block, because it cannot be read any more.
    pub fn skip_to(&mut self, final_head: Head) -> Vec<News> {
        let mut news = Vec::new();
        while let Some(block) = self.unfinal.pop_back() {
            self.withdraw(&block, &mut news);
        }
        if final_head.number > self.final_head.number {
            let from = self.final_head.number.saturating_add(1);
            news.push(News::Skipped { from, to: final_head.number });
            self.final_head = final_head;
        }
        news
    }

    /// Watches an item too, and tells what the unfinal blocks say about it.
    pub fn watch_item(&mut self, item: Item) -> Vec<News> {
        if !self.watch.insert(item) {
            return Vec::new();
        }
        let blocks = self.unfinal.iter();
        let told = blocks.flat_map(|block| block.told.iter().map(|told| (told, block.head)));
        told.filter(|(told, _)| item.is_subject_of(told))
            .map(|(told, at)| to_news(told.clone(), Seen::Best, at))
            .collect()
    }

    /// Watches an item no more.
    pub fn unwatch_item(&mut self, item: Item) {
        self.watch.remove(item);
    }

    fn tell(&self, block: &Block, seen: Seen, news: &mut Vec<News>) {
        let wanted = block.told.iter().filter(|told| self.watch.wants(told));
        news.extend(wanted.map(|told| to_news(told.clone(), seen, block.head)));
        news.push(News::Block { head: block.head, seen });
    }

    fn withdraw(&self, block: &Block, news: &mut Vec<News>) {
        let at = block.head;
        let wanted = block.told.iter().rev().filter(|told| self.watch.wants(told));
        news.extend(wanted.map(|told| {
            News::Withdrawn(match told.clone() {
                Told::Channel { id, what } => Withdrawn::Channel { id, what, at },
                Told::Revealed(what) => Withdrawn::Revealed { what, at },
            })
        }));
        news.push(News::Vanished { head: at });
    }
}

fn to_news(told: Told, seen: Seen, at: Head) -> News {
    match told {
        Told::Channel { id, what } => News::Channel { id, what, seen, at },
        Told::Revealed(what) => News::Revealed { what, seen, at },
    }
}
