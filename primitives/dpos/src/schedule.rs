// SPDX-License-Identifier: Apache-2.0

//! Who makes the block of a slot if nobody wins it by lottery.
//!
//! BABE gives each slot to whoever wins a secret lottery, and besides to one *secondary author* that
//! everybody can compute from the epoch's randomness. The secondary author builds whenever it has
//! not won itself, so a slot without a block is always, at least, its failure. Source: BABE in the
//! Polkadot specification, section 5.2 (block production lottery, secondary slots), and
//! `secondary_slot_author` of `sc-consensus-babe`.

use crate::{AccountId, SlotNumber};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use core::ops::Range;
use polkadot_sdk::{sp_core::U256, sp_io::hashing::blake2_256};
use scale_info::TypeInfo;

/// Randomness of an epoch.
pub type Randomness = [u8; 32];

/// The slots of an epoch, and what decides who makes their blocks.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Epoch {
    /// Its first slot.
    pub start: SlotNumber,
    /// Its number of slots.
    pub length: u64,
    /// Its randomness.
    pub randomness: Randomness,
    /// Who makes blocks, in the order of their authority indices.
    pub authorities: Vec<AccountId>,
}

impl Epoch {
    /// The first slot after the epoch.
    pub fn end(&self) -> SlotNumber {
        self.start.saturating_add(self.length)
    }

    /// Whether the slot is one of the epoch's.
    pub fn contains(&self, slot: SlotNumber) -> bool {
        (self.start..self.end()).contains(&slot)
    }

    /// The secondary author of a slot, by the epoch's rules. Nobody if there are no authorities.
    pub fn secondary_author(&self, slot: SlotNumber) -> Option<&AccountId> {
        let count = u32::try_from(self.authorities.len()).ok()?;
        let index = secondary_author(slot, &self.randomness, count)?;
        self.authorities.get(usize::try_from(index).ok()?)
    }
}

/// The authority index of a slot's secondary author:
/// `blake2_256(SCALE(randomness, slot)) mod authorities`, the hash read as a big-endian number.
/// Nobody if there are no authorities.
pub fn secondary_author(
    slot: SlotNumber,
    randomness: &Randomness,
    authorities: u32,
) -> Option<u32> {
    let number = U256::from_big_endian(&(randomness, slot).using_encoded(blake2_256));
    number.checked_rem(authorities.into()).map(|index| index.low_u32())
}

/// The slots between two blocks, whose own slots are `parent` and `child`; nothing if there are more
/// than `most`, because then the network was down, which is nobody's fault.
pub fn skipped_slots(
    parent: SlotNumber,
    child: SlotNumber,
    most: u64,
) -> Option<Range<SlotNumber>> {
    let first = parent.saturating_add(1);
    (child.saturating_sub(first) <= most).then_some(first..child.max(first))
}
