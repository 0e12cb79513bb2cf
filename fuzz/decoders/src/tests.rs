// SPDX-License-Identifier: Apache-2.0

//! Every decoder reads its seeds, and seeds that were spoilt; always the same ones.

use crate::{DECODERS, Decoder, check, seeds};
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

/// How many spoilt inputs a decoder reads, if it is quick.
const INPUTS: u32 = 20_000;

/// How long a decoder that is not quick goes on.
const LONGEST: Duration = Duration::from_secs(2);

/// Numbers as `splitmix64` makes them: the same ones each time.
///
/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
struct Random(u64);

impl Random {
    fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.number() % bound.max(1) as u64) as usize
    }

    fn byte(&mut self) -> u8 {
        // The edges of numbers and lengths are where mistakes are.
        match self.below(4) {
            0 => 0xff,
            1 => [0, 1, 2, 3, 4, 0x7f, 0x80, 0xfc][self.below(8)],
            _ => self.number() as u8,
        }
    }
}

/// A seed, spoilt in one to four places.
fn spoilt(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(4) {
        let (place, other) = (random.below(bytes.len() + 1), &seeds[random.below(seeds.len())]);
        match random.below(6) {
            0 if place < bytes.len() => bytes[place] ^= 1 << random.below(8),
            1 if place < bytes.len() => bytes[place] = random.byte(),
            2 => bytes.insert(place, random.byte()),
            3 => bytes.truncate(place),
            4 => {
                let end = place + random.below(bytes.len() - place + 1);
                bytes.drain(place..end);
            }
            // The end of another seed.
            _ => {
                let from = place.min(other.len());
                bytes.truncate(place);
                bytes.extend_from_slice(&other[from..]);
            }
        }
    }
    bytes
}

/// Lets a decoder read; the numbers of different inputs that were taken and refused.
fn read(decoder: &Decoder) -> (usize, usize) {
    let seeds = (decoder.seeds)();
    let (mut random, started) = (Random(1), Instant::now());
    let (mut taken, mut refused) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..INPUTS {
        let bytes = spoilt(&seeds, &mut random);
        let is_taken = (decoder.check)(&bytes);
        if is_taken { &mut taken } else { &mut refused }.insert(bytes);
        if started.elapsed() > LONGEST {
            break;
        }
    }
    (taken.len(), refused.len())
}

#[test]
fn seeds_are_taken() {
    for decoder in DECODERS {
        for (number, seed) in (decoder.seeds)().iter().enumerate() {
            assert!((decoder.check)(seed), "seed {number} of {}", decoder.name);
        }
    }
}

/// Whether all that is taken was written by somebody who may: what is sealed or signed.
fn is_guarded(decoder: &Decoder) -> bool {
    ["error", "invoice", "appointment"].contains(&decoder.name)
}

#[test]
fn spoilt_bytes_are_refused_or_taken_for_what_they_are() {
    for decoder in DECODERS {
        let (taken, refused) = read(&decoder);
        assert!(refused > 100, "{}: {refused} refused", decoder.name);
        if is_guarded(&decoder) {
            // The seeds themselves, and an invoice with more or less space around it.
            assert!(taken < 100, "{}: {taken} taken", decoder.name);
        } else {
            assert!(taken > 100, "{}: {taken} taken, so that nothing was tested", decoder.name);
        }
    }
}

#[test]
fn fuzzer_reaches_every_decoder() {
    let places: BTreeSet<u8> = seeds().map(|seed| seed[0]).collect();
    assert_eq!(places.len(), DECODERS.len());
    for seed in seeds() {
        assert_eq!(check(&seed), Some(DECODERS[usize::from(seed[0])].name));
    }
    assert_eq!(check(&[]), None);
    assert_eq!(check(&[0xff, 1, 2]), None);
}
