// SPDX-License-Identifier: Apache-2.0

//! Numbers that follow from a seed alone, on every machine and with every release.
//!
//! The generator is SplitMix64 (Steele, Lea and Flood, 2014). A seed that fails today has to fail after
//! every upgrade, so no library may change the sequence.

/// A sequence of numbers.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// One of the sequences of a seed. Each purpose has a sequence of its own, so that a fault that is
    /// switched off does not change what the others do.
    pub(crate) fn new(seed: u64, purpose: u64) -> Self {
        let mut random = Self(seed ^ purpose.wrapping_mul(0xa076_1d64_78bd_642f));
        random.next();
        random
    }

    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 if there is none.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// A place in a list of this length; 0 if it is empty.
    pub(crate) fn index(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// True once in `times`.
    pub(crate) fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// 32 bytes.
    pub(crate) fn bytes(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for part in bytes.chunks_mut(8) {
            part.copy_from_slice(&self.next().to_le_bytes());
        }
        bytes
    }

    /// Puts a list into another order.
    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.index(last + 1));
        }
    }
}

/// A sequence for each purpose.
#[derive(Clone, Debug)]
pub(crate) struct Dice {
    /// How the world is laid out.
    pub(crate) layout: Random,
    /// What users do.
    pub(crate) users: Random,
    /// What happens to messages and connections.
    pub(crate) network: Random,
    /// When processes end.
    pub(crate) crashes: Random,
    /// What happens to blocks and submissions.
    pub(crate) chain: Random,
    /// What villains do.
    pub(crate) villains: Random,
}

impl Dice {
    /// The sequences of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        let of = |purpose| Random::new(seed, purpose);
        Self {
            layout: of(1),
            users: of(2),
            network: of(3),
            crashes: of(4),
            chain: of(5),
            villains: of(6),
        }
    }
}
