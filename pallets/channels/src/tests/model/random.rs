// SPDX-License-Identifier: Apache-2.0

//! Acts at random.

use super::acts::{Act, Shape};
use crate::mock::ENDOWMENT;
use proptest::prelude::*;

pub fn shape() -> impl Strategy<Value = Shape> {
    let extras = prop_oneof![4 => Just(0), 6 => 1..8u8];
    (
        0..8u64,
        prop::array::uniform3(0..=4u8),
        any::<bool>(),
        extras,
        prop::bool::weighted(0.95),
        prop::bool::weighted(0.95),
    )
        .prop_map(|(version, split, is_final, extras, is_signed, is_sound)| Shape {
            version,
            split,
            is_final,
            extras,
            is_signed,
            is_sound,
        })
}

pub fn act() -> impl Strategy<Value = Act> {
    let deposit = prop_oneof![1 => Just(0), 6 => 1..5_000u128, 1 => Just(ENDOWMENT)];
    let delta = prop_oneof![Just(0), -2_000..2_000i128, Just(ENDOWMENT as i128)];
    // Mostly about the latest channel, so that things come to their end.
    let nth = prop_oneof![3 => Just(0), 1 => 0..4usize].boxed();
    let flag = any::<bool>();
    let seldom = prop::bool::weighted(0.1);
    prop_oneof![
        2 => (2..=3u8, 0..4u64, prop::array::uniform3(deposit))
            .prop_map(|(size, nonce, deposits)| Act::Open { size, nonce, deposits }),
        2 => (nth.clone(), shape(), prop::option::of(0..3u8))
            .prop_map(|(nth, shape, by)| Act::Settle { nth, shape, by }),
        1 => (nth.clone(), shape(), nth.clone(), shape())
            .prop_map(|(one, first, two, second)| Act::SettleMany {
                first: (one, first),
                second: (two, second),
            }),
        2 => (nth.clone(), shape(), prop::array::uniform3(delta), seldom)
            .prop_map(|(nth, shape, deltas, is_late)| Act::Resize { nth, shape, deltas, is_late }),
        5 => (nth.clone(), 0..3u8, shape())
            .prop_map(|(nth, who, shape)| Act::Dispute { nth, who, shape }),
        5 => (nth.clone(), shape(), flag)
            .prop_map(|(nth, shape, for_tower)| Act::Answer { nth, shape, for_tower }),
        2 => nth.clone().prop_map(|nth| Act::Conclude { nth }),
        3 => (0..4u8).prop_map(|number| Act::Reveal { number }),
        9 => (nth.clone(), 0..4usize, seldom)
            .prop_map(|(nth, leaf, is_forged)| Act::Claim { nth, leaf, is_forged }),
        8 => (nth.clone(), 0..4usize).prop_map(|(nth, leaf)| Act::Refund { nth, leaf }),
        7 => (nth.clone(), 0..3u32, 1..5u32, seldom)
            .prop_map(|(nth, chain, depth, is_forged)| Act::ClaimStream {
                nth,
                chain,
                depth,
                is_forged,
            }),
        7 => (nth, 0..2usize, prop::bool::weighted(0.9))
            .prop_map(|(nth, who, is_good)| Act::Progress { nth, who, is_good }),
        9 => (1..14u32, flag).prop_map(|(blocks, is_idle)| Act::Wait { blocks, is_idle }),
    ]
}
