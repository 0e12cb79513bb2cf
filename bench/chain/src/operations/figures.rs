// SPDX-License-Identifier: Apache-2.0

//! What the record of one kind adds up to.
//!
//! The first block with something in it was half over when sending began, and the last one has what
//! was left; so rates, and how full blocks are, are those of the blocks between them. What one costs
//! is that of all blocks.

use super::{blocks::Filled, limits::Limits, measuring::Record};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Figures of one kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// Blocks from which the figures are, without the first and the last.
    pub blocks: usize,
    /// Final and successful, a second, whoever did it; nothing from fewer than two blocks.
    pub per_second: Option<f64>,
    /// In a block: the middle and the most.
    pub per_block: (usize, usize),
    /// Of them, what the chain did by itself, in all those blocks.
    pub by_itself: usize,
    /// The part of a block that is taken, by weight and by length: the middle and the most.
    pub weight: (f64, f64),
    /// As above.
    pub length: (f64, f64),
    /// What one transaction was charged, in microseconds of weight; nothing without transactions.
    pub charged: Option<f64>,
    /// What building a block took for each transaction, in microseconds of time.
    pub built: Option<f64>,
    /// How many a second there is room for, by what one was charged.
    pub room: Option<f64>,
    /// Why blocks were not filled any further, and how many.
    pub ends: BTreeMap<String, usize>,
}

impl Figures {
    /// Sums up.
    pub fn new(record: &Record, limits: &Limits) -> Self {
        let Some((first, inner)) = inner(&record.blocks) else { return Self::default() };
        let seconds = inner.last().map(|it| it.imported.saturating_sub(first.imported));
        let seconds = seconds.unwrap_or_default().as_secs_f64();
        let all: usize = inner.iter().map(count).sum();
        let blocks = &record.blocks;
        let transactions: usize = blocks.iter().map(|it| it.succeeded + it.failed).sum();
        let taken: f64 = blocks.iter().map(|it| it.taken.signed()).sum();
        let is_operational = blocks.iter().any(|it| it.taken.operational > it.taken.normal);
        let charged = (transactions > 0).then(|| taken / transactions as f64);
        let mut ends = BTreeMap::new();
        for built in inner.iter().filter_map(|it| it.built.as_ref()) {
            *ends.entry(built.end.clone()).or_default() += 1;
        }
        Self {
            blocks: inner.len(),
            per_second: (inner.len() > 1 && seconds > 0.0).then(|| all as f64 / seconds),
            per_block: spread(inner.iter().map(count), usize::cmp),
            by_itself: inner.iter().map(|it| it.by_itself).sum(),
            weight: spread(inner.iter().map(|it| limits.part_by_weight(it.taken)), f64::total_cmp),
            length: spread(inner.iter().map(|it| limits.part_by_length(it.bytes)), f64::total_cmp),
            charged,
            built: building(blocks),
            room: charged.map(|charged| limits.per_second(charged, is_operational)),
            ends,
        }
    }

    /// For programs.
    pub fn json(&self) -> Value {
        json!({
            "blocks": self.blocks,
            "per_second": self.per_second,
            "per_block": { "median": self.per_block.0, "most": self.per_block.1 },
            "by_itself": self.by_itself,
            "part_by_weight": { "median": self.weight.0, "most": self.weight.1 },
            "part_by_length": { "median": self.length.0, "most": self.length.1 },
            "charged_microseconds": self.charged,
            "built_microseconds": self.built,
            "room_per_second": self.room,
            "ends": self.ends,
        })
    }
}

/// What is counted of a block.
fn count(block: &Filled) -> usize {
    block.succeeded + block.by_itself
}

/// The first block with something in it, and those after it, but for the last.
fn inner(blocks: &[Filled]) -> Option<(&Filled, &[Filled])> {
    let is_used = |it: &Filled| count(it) + it.failed > 0;
    let (first, last) = (blocks.iter().position(is_used)?, blocks.iter().rposition(is_used)?);
    Some((blocks.get(first)?, blocks.get(first + 1..last).unwrap_or_default()))
}

/// The middle and the most.
fn spread<T: Copy + Default>(
    values: impl Iterator<Item = T>,
    order: fn(&T, &T) -> std::cmp::Ordering,
) -> (T, T) {
    let mut sorted: Vec<_> = values.collect();
    sorted.sort_by(order);
    let at = |place: usize| sorted.get(place).copied().unwrap_or_default();
    (at(sorted.len() / 2), at(sorted.len().saturating_sub(1)))
}

/// What building took for each transaction, in microseconds, of blocks whose authors say so.
fn building(blocks: &[Filled]) -> Option<f64> {
    let known = blocks.iter().filter_map(|it| Some((it.built.as_ref()?, it.succeeded + it.failed)));
    let (mut milliseconds, mut transactions) = (0_u64, 0_usize);
    for (built, count) in known.filter(|(_, count)| *count > 0) {
        milliseconds += built.milliseconds;
        transactions += count;
    }
    (transactions > 0).then(|| milliseconds as f64 * 1_000.0 / transactions as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::{blocks::Built, limits::Taken};
    use std::time::Duration;

    const LIMITS: Limits =
        Limits { block: 1_000_000_000_000, normal: 750_000_000_000, bytes: 1_000, seconds: 2.0 };

    fn block(number: u32, succeeded: usize, end: &str) -> Filled {
        Filled {
            number,
            imported: Duration::from_secs(2 * u64::from(number)),
            succeeded,
            failed: 0,
            by_itself: 0,
            taken: Taken { normal: 3_000_000_000 * succeeded as u64, ..Taken::default() },
            bytes: succeeded,
            built: Some(Built { milliseconds: succeeded as u64, end: end.to_owned() }),
        }
    }

    #[test]
    fn the_first_and_the_last_block_count_nothing() {
        let blocks = [(1, 0), (2, 40), (3, 250), (4, 200), (5, 10), (6, 0)]
            .map(|(number, count)| block(number, count, "HitBlockWeightLimit"));
        let record = Record { blocks: blocks.to_vec(), ..Record::default() };
        let figures = Figures::new(&record, &LIMITS);
        assert_eq!(figures.blocks, 2);
        assert_eq!(figures.per_second, Some(112.5));
        assert_eq!(figures.per_block, (250, 250));
        assert_eq!(figures.weight, (1.0, 1.0));
        assert_eq!((figures.charged, figures.built), (Some(3_000.0), Some(1_000.0)));
        assert_eq!(figures.room, Some(125.0));
        assert_eq!(figures.ends.get("HitBlockWeightLimit"), Some(&2));
    }

    #[test]
    fn too_few_blocks_have_no_rate() {
        let blocks = vec![block(1, 5, "NoMoreTransactions"), block(2, 5, "NoMoreTransactions")];
        let record = Record { blocks, ..Record::default() };
        let figures = Figures::new(&record, &LIMITS);
        assert_eq!((figures.per_second, figures.charged), (None, Some(3_000.0)));
        assert_eq!(Figures::new(&Record::default(), &LIMITS), Figures::default());
    }

    #[test]
    fn what_the_chain_does_by_itself_counts() {
        let mut blocks: Vec<_> = (1..=4).map(|it| block(it, 0, "NoMoreTransactions")).collect();
        blocks.iter_mut().for_each(|it| it.by_itself = 64);
        let figures = Figures::new(&Record { blocks, ..Record::default() }, &LIMITS);
        assert_eq!((figures.per_second, figures.by_itself), (Some(32.0), 128));
        assert_eq!((figures.charged, figures.built, figures.room), (None, None, None));
    }
}
