// SPDX-License-Identifier: Apache-2.0

//! A proof holds for one leaf at one place below one root, and for nothing else.

use super::cast::*;
use crate::{
    merkle::{self, MAX_PROOF, MerkleProof, path_length},
    state::{MAX_PENDING, MAX_STREAM_CHAINS},
    transfer,
};
use codec::Encode;
use polkadot_sdk::sp_io::hashing::{blake2_256, sha2_256};
use proptest::prelude::*;

/// The proof for another place.
fn moved_to(proof: &MerkleProof, index: u32) -> MerkleProof {
    MerkleProof { index, ..proof.clone() }
}

#[test]
fn hashlock_is_the_hash_of_the_preimage_and_not_the_preimage() {
    let expected = "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925";
    assert_eq!(hex::encode(transfer::hashlock(&[0; 32])), expected);
    let lock = transfer::hashlock(&preimage(1));
    assert_ne!(lock.0, preimage(1));
    assert_eq!(lock.0, sha2_256(&preimage(1)));
    assert_ne!(transfer::hashlock(&lock.0), lock);
}

#[test]
fn every_leaf_is_proven_at_its_place_and_at_no_other() {
    for count in 1..=33u32 {
        let transfers = transfers(count);
        let root = transfer::root(&transfers);
        for (index, leaf) in (0..).zip(&transfers) {
            let proof = transfer::proof(&transfers, index).expect("there is such a leaf");
            assert_eq!(path_length(count, index), Some(proof.siblings.len() as u32));
            for other in (0..count + 2).chain([u32::MAX]) {
                let is_there = transfer::verify(&root, count, leaf, &moved_to(&proof, other));
                assert_eq!(is_there, other == index, "{index} of {count} at {other}");
            }
            for other in transfers.iter().filter(|other| *other != leaf) {
                assert!(!transfer::verify(&root, count, other, &proof));
            }
        }
        assert_eq!(transfer::proof(&transfers, count), None);
    }
}

#[test]
fn the_last_of_five_cannot_be_shown_at_a_second_place() {
    // given the path of the last leaf, which is one hash long
    let transfers = transfers(5);
    let root = transfer::root(&transfers);
    let proof = transfer::proof(&transfers, 4).expect("there are five");
    assert_eq!(proof.siblings.len(), 1);

    // then the root is reached from places 1 and 3 too, and only the length gives it away
    for index in [1, 3] {
        let upper = [proof.siblings[0].0, blake2_256(&transfers[4].leaf())].concat();
        assert_eq!(blake2_256(&upper), root.0);
        assert!(!transfer::verify(&root, 5, &transfers[4], &moved_to(&proof, index)));
    }
}

#[test]
fn proof_fails_when_longer_shorter_or_altered() {
    for count in [1, 2, 3, 5, 8, 13] {
        let transfers = transfers(count);
        let root = transfer::root(&transfers);
        for (index, leaf) in (0..).zip(&transfers) {
            let proof = transfer::proof(&transfers, index).expect("there is such a leaf");
            let verify = |proof: &MerkleProof| transfer::verify(&root, count, leaf, proof);
            let mut longer = proof.clone();
            longer.siblings.try_push(root).expect("there is room");
            assert!(!verify(&longer));
            for at in 0..proof.siblings.len() {
                let mut altered = proof.clone();
                altered.siblings[at].0[31] ^= 1;
                assert!(!verify(&altered));
                let mut shorter = proof.clone();
                shorter.siblings.remove(at);
                assert!(!verify(&shorter));
            }
            assert!(!transfer::verify(&crate::Hash::zero(), count, leaf, &proof));
            assert!(!transfer::verify(&root, 0, leaf, &proof));
        }
    }
}

#[test]
fn no_leaf_can_be_taken_for_an_inner_node() {
    // An inner node is the hash of 64 bytes; leaves have other lengths, and begin with a tag.
    let leaf = transfer(0).leaf();
    assert_eq!(leaf.len(), transfer::TRANSFER_TAG.len() + transfer(0).encode().len());
    assert_ne!(leaf.len(), 64);
    assert_ne!(crate::stream::TIP_TAG.len() + 32, 64);
    assert!(leaf.starts_with(transfer::TRANSFER_TAG));

    // What that prevents: bytes that are two nodes would pass for a leaf one level higher.
    let transfers = transfers(4);
    let hash = |nth: usize| blake2_256(&transfers[nth].leaf());
    let forged = [hash(0), hash(1)].concat();
    let right = crate::Hash::from(blake2_256(&[hash(2), hash(3)].concat()));
    let siblings = vec![right].try_into().expect("one fits");
    let proof = MerkleProof { index: 0, siblings };
    assert!(merkle::verify(&transfer::root(&transfers), 2, &proof, &forged));
    assert!(!merkle::verify(&transfer::root(&transfers), 4, &proof, &forged));
}

#[test]
fn longest_proofs_fit() {
    for count in [MAX_STREAM_CHAINS, MAX_STREAM_CHAINS - 1, MAX_PENDING, MAX_PENDING - 1] {
        let longest = (0..count).filter_map(|index| path_length(count, index)).max();
        assert!(longest.is_some_and(|longest| longest <= MAX_PROOF), "{count}: {longest:?}");
    }
    assert_eq!(path_length(MAX_STREAM_CHAINS, 0), Some(MAX_PROOF));
    assert_eq!(path_length(u32::MAX, u32::MAX - 1), Some(31));
    assert_eq!(path_length(0, 0), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn proofs_of_large_trees_hold_and_hold_nothing_else(
        count in 1..=MAX_PENDING,
        index in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        amount in any::<u128>(),
    ) {
        let transfers = transfers(count);
        let (index, other) =
            (index.index(count as usize) as u32, other.index(count as usize) as u32);
        let root = transfer::root(&transfers);
        let proof = transfer::proof(&transfers, index).expect("there is such a leaf");
        let leaf = transfers[index as usize];
        prop_assert!(transfer::verify(&root, count, &leaf, &proof));
        let elsewhere = transfer::verify(&root, count, &leaf, &moved_to(&proof, other));
        prop_assert_eq!(elsewhere, other == index);
        let changed = crate::Transfer { amount, ..leaf };
        let is_same = changed == leaf;
        prop_assert_eq!(transfer::verify(&root, count, &changed, &proof), is_same);
        let fewer = transfer::root(&transfers[..count as usize - 1]);
        prop_assert!(!transfer::verify(&fewer, count, &leaf, &proof));
    }

    #[test]
    fn no_proof_makes_the_judge_panic(
        count in any::<u32>(),
        index in any::<u32>(),
        siblings in prop::collection::vec(any::<[u8; 32]>(), 0..=MAX_PROOF as usize),
        leaf in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        let siblings: Vec<_> = siblings.into_iter().map(crate::Hash::from).collect();
        let proof = MerkleProof { index, siblings: siblings.try_into().expect("16 at the most") };
        prop_assert!(!merkle::verify(&crate::Hash::zero(), count, &proof, &leaf));
    }
}
