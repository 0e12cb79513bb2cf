// SPDX-License-Identifier: Apache-2.0

//! What a block has room for, and how much of it was taken.

use crate::chain::Chain;
use anyhow::ensure;
use codec::{Compact, Decode};

/// Of each picosecond of weight, a microsecond.
const MICROSECOND: f64 = 1e6;

/// Computing time and size of a proof, of which only the first is bounded here.
#[derive(Decode)]
struct Weight {
    ref_time: Compact<u64>,
    _proof_size: Compact<u64>,
}

#[derive(Decode)]
struct PerClass<T> {
    normal: T,
    operational: T,
    mandatory: T,
}

#[derive(Decode)]
struct OfClass {
    _base_extrinsic: Weight,
    _max_extrinsic: Option<Weight>,
    max_total: Option<Weight>,
    _reserved: Option<Weight>,
}

#[derive(Decode)]
struct BlockWeights {
    _base_block: Weight,
    max_block: Weight,
    per_class: PerClass<OfClass>,
}

/// What a block has room for. Weights are computing time in picoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// All transactions together, with what the chain does by itself.
    pub block: u64,
    /// Transactions of users.
    pub normal: u64,
    /// Bytes of users' transactions.
    pub bytes: u32,
    /// Seconds from one block to the next.
    pub seconds: f64,
}

/// What a block's contents took, in picoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Transactions of users.
    pub normal: u64,
    /// Those for which some room is kept, as answers to disputes.
    pub operational: u64,
    /// What has to be in a block, and what the chain did by itself.
    pub mandatory: u64,
}

impl Limits {
    /// Those of a chain.
    /// Errors: its constants are not what this program knows.
    pub fn of(chain: &Chain) -> anyhow::Result<Self> {
        let weights = BlockWeights::decode(&mut chain.constant("System", "BlockWeights")?)?;
        // What follows, the header's size, is of no interest here.
        let bytes = PerClass::<u32>::decode(&mut chain.constant("System", "BlockLength")?)?;
        let milliseconds = u64::decode(&mut chain.constant("Babe", "ExpectedBlockTime")?)?;
        ensure!(milliseconds > 0, "the chain's blocks take no time");
        let block = weights.max_block.ref_time.0;
        let normal = weights.per_class.normal.max_total.map_or(block, |it| it.ref_time.0);
        let seconds = milliseconds as f64 / 1_000.0;
        Ok(Self { block, normal, bytes: bytes.normal, seconds })
    }

    /// The part of a block that is taken, by the limit that is nearest.
    pub fn part_by_weight(&self, taken: Taken) -> f64 {
        let normal = taken.normal as f64 / self.normal.max(1) as f64;
        normal.max(taken.all() as f64 / self.block.max(1) as f64)
    }

    /// The part of a block that so many bytes take.
    pub fn part_by_length(&self, bytes: usize) -> f64 {
        bytes as f64 / f64::from(self.bytes.max(1))
    }

    /// How many transactions a second there is room for, if each takes so many microseconds.
    pub fn per_second(&self, microseconds: f64, is_operational: bool) -> f64 {
        let room = if is_operational { self.block } else { self.normal };
        (room as f64 / MICROSECOND / microseconds).floor() / self.seconds
    }
}

impl Taken {
    /// Reads what the state says about its block.
    pub fn decode(bytes: &[u8]) -> anyhow::Result<Self> {
        let taken = PerClass::<Weight>::decode(&mut &bytes[..])?;
        Ok(Self {
            normal: taken.normal.ref_time.0,
            operational: taken.operational.ref_time.0,
            mandatory: taken.mandatory.ref_time.0,
        })
    }

    /// Everything together.
    pub fn all(self) -> u64 {
        self.normal.saturating_add(self.operational).saturating_add(self.mandatory)
    }

    /// What transactions took that somebody signed, in microseconds.
    pub fn signed(self) -> f64 {
        self.normal.saturating_add(self.operational) as f64 / MICROSECOND
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use codec::Encode;

    const LIMITS: Limits =
        Limits { block: 1_000_000_000_000, normal: 750_000_000_000, bytes: 1_000, seconds: 2.0 };

    #[test]
    fn the_nearest_limit_counts() {
        let normal = Taken { normal: 375_000_000_000, ..Taken::default() };
        assert_eq!(LIMITS.part_by_weight(normal), 0.5);
        let operational = Taken { operational: 900_000_000_000, ..Taken::default() };
        assert_eq!(LIMITS.part_by_weight(operational), 0.9);
        assert_eq!(LIMITS.part_by_length(250), 0.25);
    }

    #[test]
    fn room_is_for_whole_transactions() {
        // 750 ms hold 250 of 3 ms, and operational ones may take all of 1 s.
        assert_eq!(LIMITS.per_second(3_000.0, false), 125.0);
        assert_eq!(LIMITS.per_second(3_000.0, true), 166.5);
    }

    #[test]
    fn what_is_taken_is_read_class_by_class() {
        let weight = |time: u64| (Compact(time), Compact(7u64));
        let taken = Taken::decode(&(weight(5), weight(1 << 40), weight(0)).encode()).unwrap();
        assert_eq!(taken, Taken { normal: 5, operational: 1 << 40, mandatory: 0 });
        assert!(Taken::decode(&[4]).is_err());
    }
}
