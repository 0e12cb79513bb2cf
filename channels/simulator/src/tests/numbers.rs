// SPDX-License-Identifier: Apache-2.0

//! Seeds mean the same for ever, and names of faults are read back as they are written.

use super::*;
use crate::random::Random;

#[test]
fn numbers_are_those_of_splitmix() {
    // given the generator from state 0, whose published first outputs these are
    let mut random = Random::new(0, 0);
    // then the first one was used up when it was made
    assert_eq!(random.next(), 0x6e78_9e6a_a1b9_65f4);
    assert_eq!(random.next(), 0x06c4_5d18_8009_454f);
}

#[test]
fn numbers_stay_within_their_bounds() {
    let mut random = Random::new(3, 1);
    let mut seen = [false; 6];
    for _ in 0..1_000 {
        seen[random.below(6) as usize] = true;
        assert!((4..=9).contains(&random.between(4, 9)));
    }
    assert_eq!(seen, [true; 6]);
    assert_eq!(random.below(0), 0);
}

#[test]
fn faults_are_read_as_they_are_written() {
    for faults in [Faults::none(), Faults::all(), Faults::of(&[Fault::Crash, Fault::Chain])] {
        assert_eq!(faults.to_string().parse(), Ok(faults));
    }
    let error = "crash,flood".parse::<Faults>().unwrap_err().to_string();
    assert!(error.contains("`flood`") && error.contains("byzantine"), "{error}");
}
