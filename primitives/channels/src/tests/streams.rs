// SPDX-License-Identifier: Apache-2.0

//! A link proves exactly the units up to it, and nothing proves more than there are.

use super::cast::*;
use crate::{
    Hash, MerkleProof, Stream,
    stream::{self, Link, proven_units, step, steps},
};
use polkadot_sdk::sp_io::hashing::sha2_256;
use proptest::prelude::*;

/// A stream with this many chains and links.
fn stream_of(chains: u32, links: u32) -> Stream {
    let mut stream = Stream { chains, links, ..stream() };
    stream.root = stream::root(&tips(&stream));
    stream
}

fn proof(stream: &Stream, chain: u32) -> MerkleProof {
    stream::proof(&tips(stream), chain).expect("there is such a chain")
}

/// What a claim proves.
fn units(stream: &Stream, chain: u32, link: Link, depth: u32) -> Option<u64> {
    proven_units(stream, &salt(stream), link, depth, &proof(stream, chain))
}

#[test]
fn links_in_the_order_of_payment_prove_one_unit_more_each() {
    for (chains, links) in [(1, 1), (1, 9), (9, 1), (5, 4), (7, 3)] {
        let stream = stream_of(chains, links);
        let mut expected = 0;
        for chain in 0..chains {
            for depth in 1..=links {
                expected += 1;
                let link = link(&stream, chain, depth);
                assert_eq!(units(&stream, chain, link, depth), Some(expected));
            }
        }
        assert_eq!(expected, stream.capacity());
    }
}

#[test]
fn claim_fails_at_a_wrong_depth() {
    let stream = stream();
    for chain in 0..stream.chains {
        for depth in 0..=stream.links {
            let link = link(&stream, chain, depth);
            for wrong in (0..=stream.links + 2).chain([u32::MAX]) {
                let is_right = wrong == depth && depth > 0;
                assert_eq!(units(&stream, chain, link, wrong).is_some(), is_right);
            }
        }
    }
}

#[test]
fn claim_fails_beyond_the_innermost_link() {
    // A payer that hashes on from its own secret has links deeper than the stream has.
    let stream = stream();
    let longer = Stream { links: stream.links + 1, ..stream };
    let deepest = link(&stream, 0, stream.links);
    assert_eq!(units(&stream, 0, deepest, stream.links), Some(stream.links.into()));
    let before = innermost(99);
    let tip = steps(&salt(&stream), before, longer.links);
    let root = stream::root(&[tip]);
    let short = Stream { root, chains: 1, ..stream };
    let proof = stream::proof(&[tip], 0).expect("there is one");
    assert_eq!(proven_units(&short, &salt(&short), before, longer.links, &proof), None);
    let long = Stream { links: longer.links, ..short };
    assert_eq!(proven_units(&long, &salt(&long), before, longer.links, &proof), Some(5));
}

#[test]
fn claim_fails_for_another_chain() {
    let stream = stream();
    for chain in 0..stream.chains {
        let link = link(&stream, chain, 2);
        let proof = proof(&stream, chain);
        for index in (0..stream.chains + 2).chain([u32::MAX]) {
            let moved = MerkleProof { index, ..proof.clone() };
            let proven = proven_units(&stream, &salt(&stream), link, 2, &moved);
            assert_eq!(proven.is_some(), index == chain, "chain {chain} at {index}");
        }
    }
}

#[test]
fn claim_fails_for_another_channel_direction_epoch_or_chain_of_blocks() {
    let stream = stream();
    let link = link(&stream, 0, 1);
    let right = |genesis: Hash, id: Hash, payer: u8, payee: u8, epoch: u32| {
        let salt = stream::salt(&genesis, &id, payer, payee, epoch);
        proven_units(&stream, &salt, link, 1, &proof(&stream, 0))
    };
    let zero = Hash::zero();
    assert_eq!(right(genesis(), channel(), 0, 2, 3), Some(1));
    assert_eq!(right(zero, channel(), 0, 2, 3), None);
    assert_eq!(right(genesis(), zero, 0, 2, 3), None);
    assert_eq!(right(genesis(), channel(), 1, 2, 3), None);
    assert_eq!(right(genesis(), channel(), 0, 1, 3), None);
    assert_eq!(right(genesis(), channel(), 2, 0, 3), None);
    assert_eq!(right(genesis(), channel(), 0, 2, 4), None);
}

#[test]
fn step_fits_one_block_of_the_hash_function() {
    let (salt, link) = ([1; 16], [2; 32]);
    let bytes = [&salt[..], &link[..]].concat();
    // SHA-256 appends a bit and a length of eight bytes to fill its blocks of 64 bytes.
    assert!(bytes.len() + 1 + 8 <= 64);
    assert_eq!(step(&salt, &link), sha2_256(&bytes));
    assert_eq!(steps(&salt, link, 0), link);
    assert_eq!(steps(&salt, link, 3), step(&salt, &step(&salt, &step(&salt, &link))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn proven_units_rise_with_the_position_and_never_exceed_capacity(
        chains in 1..40u32,
        links in 1..40u32,
        one in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
    ) {
        let stream = stream_of(chains, links);
        let capacity = (chains * links) as usize;
        let (one, other) = (one.index(capacity) as u32, other.index(capacity) as u32);
        let proven = |position: u32| {
            let (chain, depth) = (position / links, position % links + 1);
            units(&stream, chain, link(&stream, chain, depth), depth).expect("it is a link")
        };
        prop_assert_eq!(proven(one).cmp(&proven(other)), one.cmp(&other));
        prop_assert!(proven(one) <= stream.capacity());
    }

    #[test]
    fn no_claim_without_a_link_proves_anything(
        link in any::<Link>(),
        depth in any::<u32>(),
        chain in 0..5u32,
    ) {
        let stream = stream();
        prop_assert_eq!(units(&stream, chain, link, depth % 6), None);
        prop_assert_eq!(units(&stream, chain, link, depth), None);
    }
}
