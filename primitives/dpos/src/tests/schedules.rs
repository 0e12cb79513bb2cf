// SPDX-License-Identifier: Apache-2.0

use crate::{
    schedule::{Epoch, Randomness, secondary_author, skipped_slots},
    tests::account,
};
use proptest::prelude::*;

/// Bytes from 0 to 31.
const ASCENDING: Randomness = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
    26, 27, 28, 29, 30, 31,
];

/// Randomness, slot, number of authorities, author. Computed by another program from the rule in
/// the source of `sc-consensus-babe`: the blake2b-256 hash of the 32 bytes of randomness and the
/// slot as eight little-endian bytes, read as a big-endian number, modulo the number of authorities.
const VECTORS: [(Randomness, u64, u32, u32); 8] = [
    ([0; 32], 0, 1, 0),
    ([0; 32], 0, 3, 2),
    ([0; 32], 1, 3, 0),
    ([1; 32], 1_000, 4, 0),
    (ASCENDING, 123_456_789, 7, 2),
    (ASCENDING, u64::MAX, 1_000, 254),
    ([0xff; 32], 863_000_000, 297, 15),
    ([0xab; 32], 42, 2, 0),
];

#[test]
fn vectors_agree() {
    for (randomness, slot, authorities, author) in VECTORS {
        assert_eq!(secondary_author(slot, &randomness, authorities), Some(author), "slot {slot}");
    }
}

#[test]
fn nobody_makes_blocks_where_nobody_may() {
    assert_eq!(secondary_author(1, &ASCENDING, 0), None);
    let epoch = Epoch { start: 0, length: 10, randomness: ASCENDING, authorities: vec![] };
    assert_eq!(epoch.secondary_author(1), None);
}

#[test]
fn epoch_names_the_authority_at_the_index() {
    let authorities: Vec<_> = (0..7).map(account).collect();
    let epoch = Epoch { start: 123_456_780, length: 10, randomness: ASCENDING, authorities };
    assert_eq!(epoch.secondary_author(123_456_789), Some(&account(2)));
    assert!(epoch.contains(123_456_789) && !epoch.contains(epoch.end()));
}

#[test]
fn slots_between_two_blocks_are_skipped() {
    assert_eq!(skipped_slots(5, 9, 32), Some(6..9));
    assert_eq!(skipped_slots(5, 6, 32).map(Iterator::count), Some(0));
}

#[test]
fn a_long_gap_is_nobodys_fault() {
    assert_eq!(skipped_slots(5, 5 + 33, 32).map(Iterator::count), Some(32));
    assert_eq!(skipped_slots(5, 5 + 34, 32), None);
}

#[test]
fn slots_that_do_not_rise_skip_nothing() {
    assert_eq!(skipped_slots(9, 9, 32).map(Iterator::count), Some(0));
    assert_eq!(skipped_slots(9, 3, 32).map(Iterator::count), Some(0));
    assert_eq!(skipped_slots(u64::MAX, u64::MAX, 32).map(Iterator::count), Some(0));
}

proptest! {
    #[test]
    fn author_is_one_of_the_authorities(
        randomness: Randomness, slot: u64, authorities in 1u32..2_000,
    ) {
        let author = secondary_author(slot, &randomness, authorities);
        prop_assert!(author.is_some_and(|author| author < authorities));
    }
}
