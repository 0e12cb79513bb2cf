// SPDX-License-Identifier: Apache-2.0

//! Random forks, compared with a consumer that believes nothing but the news.

use crate::{
    announced::{ChannelNews, Revealed, Told},
    connection::Head,
    news::{News, Seen, Withdrawn},
    tracker::{Block, MAX_UNFINAL, Tracker, TrackerError},
    watch::{Item, Watch},
};
use millrace_primitives_channels::{ChannelId, Hash};
use proptest::prelude::*;

const GENESIS: Head = Head { number: 0, hash: Hash::zero() };

fn channel(number: u8) -> ChannelId {
    ChannelId::repeat_byte(number)
}

/// What the block with this serial number tells: about channels 0 to 3, and sometimes a reveal.
fn told(serial: u64) -> Vec<Told> {
    let id = channel(u8::try_from(serial % 4).expect("below 4"));
    let mut told =
        vec![Told::Channel { id, what: ChannelNews::Opened { deposit: u128::from(serial) } }];
    if serial.is_multiple_of(3) {
        let hashlock = Hash::repeat_byte(9);
        told.push(Told::Revealed(Revealed { hashlock, preimage: [1; 32], first: 1 }));
    }
    told
}

fn block(serial: u64, below: Head) -> Block {
    let head = Head { number: below.number + 1, hash: Hash::from_low_u64_be(serial) };
    Block { head, parent: below.hash, told: told(serial) }
}

/// A chain that forks, and blocks that lie in a tree of all that was ever made.
#[derive(Default)]
struct World {
    blocks: Vec<Block>,
}

impl World {
    fn head(&self, index: Option<usize>) -> Head {
        index.map_or(GENESIS, |index| self.blocks[index].head)
    }

    /// A new block on top of one of the newest `choice` blocks that descend from `final_head`.
    fn grow(&mut self, choice: usize, final_head: Head) -> usize {
        let above: Vec<_> = (0..self.blocks.len())
            .filter(|index| self.path(final_head, self.blocks[*index].head).is_some())
            .map(Some)
            .collect();
        // The newest ones first, so that chains grow; the final head itself is the last choice.
        let parent = above
            .iter()
            .rev()
            .copied()
            .chain(std::iter::once(self.index_of(final_head)))
            .nth(choice % (above.len().min(4) + 1))
            .flatten();
        let serial = self.blocks.len() as u64 + 1;
        self.blocks.push(block(serial, self.head(parent)));
        self.blocks.len() - 1
    }

    fn index_of(&self, head: Head) -> Option<usize> {
        self.blocks.iter().position(|block| block.head == head)
    }

    /// The blocks above `from` up to `to`, ascending; nothing if `to` does not descend from `from`.
    fn path(&self, from: Head, to: Head) -> Option<Vec<Block>> {
        let (mut at, mut path) = (to, Vec::new());
        while at != from {
            let block = &self.blocks[self.index_of(at)?];
            path.push(block.clone());
            at = if block.parent == GENESIS.hash {
                GENESIS
            } else {
                self.blocks.iter().find(|it| it.head.hash == block.parent)?.head
            };
            if at.number < from.number {
                return None;
            }
        }
        path.reverse();
        Some(path)
    }
}

/// Makes `to` the best block, as a session does: by walking back to what the tracker knows.
fn bring(tracker: &mut Tracker, world: &World, to: Head) -> Vec<News> {
    let path = world.path(tracker.final_head(), to).expect("only descendants are brought");
    let known = path.iter().take_while(|block| tracker.knows(&block.head.hash)).count();
    let start = match known.checked_sub(1) {
        Some(index) => path[index].head.hash,
        None => tracker.final_head().hash,
    };
    tracker.extend(start, path[known..].to_vec()).expect("the branch fits")
}

/// What a consumer believes who hears nothing but news.
#[derive(Default)]
struct Consumer {
    /// What is in the chain and not final, oldest first.
    best: Vec<(Told, Head)>,
    best_blocks: Vec<Head>,
    /// What is final, oldest first.
    finals: Vec<(Told, Head)>,
    final_blocks: Vec<Head>,
}

impl Consumer {
    fn hear(&mut self, news: &[News]) {
        for news in news {
            match news.clone() {
                News::Channel { id, what, seen, at } => {
                    self.hear_told(Told::Channel { id, what }, seen, at);
                }
                News::Revealed { what, seen, at } => {
                    self.hear_told(Told::Revealed(what), seen, at);
                }
                News::Withdrawn(Withdrawn::Channel { id, what, at }) => {
                    assert_eq!(self.best.pop(), Some((Told::Channel { id, what }, at)));
                }
                News::Withdrawn(Withdrawn::Revealed { what, at }) => {
                    assert_eq!(self.best.pop(), Some((Told::Revealed(what), at)));
                }
                News::Block { head, seen: Seen::Best } => self.best_blocks.push(head),
                News::Block { head, seen: Seen::Final } => {
                    assert_eq!(self.best_blocks.remove(0), head, "final without best");
                    self.final_blocks.push(head);
                }
                News::Vanished { head } => assert_eq!(self.best_blocks.pop(), Some(head)),
                other => panic!("unexpected {other:?}"),
            }
        }
    }

    fn hear_told(&mut self, told: Told, seen: Seen, at: Head) {
        match seen {
            Seen::Best => self.best.push((told, at)),
            Seen::Final => {
                assert_eq!(self.best.remove(0), (told.clone(), at), "final without best");
                self.finals.push((told, at));
            }
        }
    }
}

fn all_told(blocks: &[Block], watch: &Watch) -> Vec<(Told, Head)> {
    blocks
        .iter()
        .flat_map(|block| block.told.iter().map(|told| (told.clone(), block.head)))
        .filter(|(told, _)| watch.wants(told))
        .collect()
}

fn watch() -> Watch {
    Watch {
        channels: [channel(0), channel(2)].into(),
        hashlocks: [Hash::repeat_byte(9)].into(),
        every_channel: false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// CF-1, CF-2, CF-3: whatever forks come and whatever becomes final, the consumer's picture is
    /// the chain's.
    #[test]
    fn news_add_up_to_the_chain(steps in proptest::collection::vec((0u8..5, any::<u8>()), 1..120)) {
        let mut world = World::default();
        let mut tracker = Tracker::new(GENESIS, watch());
        let mut consumer = Consumer::default();
        for (kind, choice) in steps {
            let choice = usize::from(choice);
            match kind {
                // A new block, which becomes the best one or not.
                0..=2 => {
                    let index = world.grow(choice, tracker.final_head());
                    if kind > 0 {
                        let head = world.blocks[index].head;
                        consumer.hear(&bring(&mut tracker, &world, head));
                    }
                }
                // Some block, old or new, becomes the best one.
                3 => {
                    if let Some(block) = world.blocks.get(choice % world.blocks.len().max(1)) {
                        let head = block.head;
                        if world.path(tracker.final_head(), head).is_some() {
                            consumer.hear(&bring(&mut tracker, &world, head));
                        }
                    }
                }
                // A block becomes final, perhaps one that was never the best.
                _ => {
                    if let Some(block) = world.blocks.get(choice % world.blocks.len().max(1)) {
                        let head = block.head;
                        if world.path(tracker.final_head(), head).is_some() {
                            if !tracker.knows(&head.hash) {
                                consumer.hear(&bring(&mut tracker, &world, head));
                            }
                            consumer.hear(&tracker.finalise(head.hash).expect("it is known"));
                            prop_assert_eq!(tracker.final_head(), head);
                        }
                    }
                }
            }
            let finals = world.path(GENESIS, tracker.final_head()).expect("the chain is linked");
            let best = world
                .path(tracker.final_head(), tracker.best_head())
                .expect("the best head descends from the final one");
            prop_assert_eq!(&consumer.finals, &all_told(&finals, &watch()));
            prop_assert_eq!(&consumer.best, &all_told(&best, &watch()));
            let heads = |blocks: &[Block]| blocks.iter().map(|it| it.head).collect::<Vec<_>>();
            prop_assert_eq!(&consumer.final_blocks, &heads(&finals));
            prop_assert_eq!(&consumer.best_blocks, &heads(&best));
        }
    }

    /// Watching late tells what the unfinal blocks say, and nothing that is final.
    #[test]
    fn late_watching_tells_the_unfinal_part(length in 1u64..30, finalised in 0u64..30) {
        let mut tracker = Tracker::new(GENESIS, Watch::default());
        let mut blocks: Vec<Block> = Vec::new();
        for serial in 1..=length {
            let below = blocks.last().map_or(GENESIS, |block| block.head);
            blocks.push(block(serial, below));
        }
        tracker.extend(GENESIS.hash, blocks.clone()).expect("linked");
        let finalised = finalised.min(length) as usize;
        if finalised > 0 {
            tracker.finalise(blocks[finalised - 1].head.hash).expect("known");
        }
        let only = Watch { channels: [channel(1)].into(), ..Watch::default() };
        let expected = all_told(&blocks[finalised..], &only);
        let news = tracker.watch_item(Item::Channel(channel(1)));
        let mut consumer = Consumer::default();
        consumer.hear(&news);
        prop_assert_eq!(consumer.best, expected);
        // A second wish for the same tells nothing twice.
        prop_assert_eq!(tracker.watch_item(Item::Channel(channel(1))), Vec::new());
    }
}

#[test]
fn branch_that_does_not_link_changes_nothing() {
    let mut tracker = Tracker::new(GENESIS, watch());
    let one = block(1, GENESIS);
    tracker.extend(GENESIS.hash, vec![one.clone()]).expect("linked");
    let apart = Block { parent: Hash::repeat_byte(77), ..block(2, one.head) };
    let refusal = tracker.extend(one.head.hash, vec![apart.clone()]);
    assert_eq!(refusal, Err(TrackerError::NotLinked { block: apart.head, below: one.head }));
    let too_high =
        Block { head: Head { number: 9, hash: Hash::repeat_byte(5) }, ..block(2, one.head) };
    assert!(tracker.extend(one.head.hash, vec![too_high]).is_err());
    assert_eq!(tracker.best_head(), one.head);
}

#[test]
fn unknown_start_and_unknown_final_block_are_refused() {
    let mut tracker = Tracker::new(GENESIS, watch());
    let nowhere = Hash::repeat_byte(66);
    assert_eq!(tracker.extend(nowhere, Vec::new()), Err(TrackerError::UnknownStart(nowhere)));
    assert_eq!(tracker.finalise(nowhere), Err(TrackerError::NotBest(nowhere)));
}

#[test]
fn unfinal_blocks_are_bounded() {
    let mut tracker = Tracker::new(GENESIS, Watch::default());
    let mut below = GENESIS;
    let mut branch = Vec::new();
    for serial in 1..=u64::from(MAX_UNFINAL) {
        let head = Head { number: below.number + 1, hash: Hash::from_low_u64_be(serial) };
        branch.push(Block { head, parent: below.hash, told: Vec::new() });
        below = head;
    }
    tracker.extend(GENESIS.hash, branch).expect("just within the bound");
    let next = block(u64::from(MAX_UNFINAL) + 1, below);
    let refusal = tracker.extend(below.hash, vec![next]);
    assert!(matches!(refusal, Err(TrackerError::TooManyUnfinal(_))), "{refusal:?}");
}

#[test]
fn skipping_withdraws_what_was_not_final_and_says_what_is_missing() {
    let mut tracker = Tracker::new(GENESIS, watch());
    let one = block(4, GENESIS);
    tracker.extend(GENESIS.hash, vec![one.clone()]).expect("linked");
    let target = Head { number: 500, hash: Hash::repeat_byte(50) };
    let news = tracker.skip_to(target);
    assert_eq!(news.last(), Some(&News::Skipped { from: 1, to: 500 }));
    assert!(news.contains(&News::Vanished { head: one.head }));
    assert_eq!((tracker.final_head(), tracker.best_head()), (target, target));
}
