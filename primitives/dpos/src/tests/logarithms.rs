// SPDX-License-Identifier: Apache-2.0

use crate::logarithm::{FRACTION_BITS, log2, minus_log2_of_uniform};
use proptest::prelude::*;

/// The promised error, `2^-58`, in parts of a logarithm.
const ERROR: u128 = 1 << (FRACTION_BITS - 58);

/// `floor(2^60 × log2(x))`, computed with sixty decimal digits.
const VECTORS: [(u64, u128); 7] = [
    (3, 1_827_337_351_076_866_169),
    (5, 2_677_000_832_746_447_551),
    (10, 3_829_922_337_353_294_527),
    (1_000_003, 22_979_539_014_054_693_958),
    (u64::MAX / 2, 72_634_054_790_231_359_487),
    (u64::MAX, 73_786_976_294_838_206_463),
    (0x0123_4567_89ab_cdef, 64_778_299_927_191_578_999),
];

#[test]
fn zero_has_no_logarithm() {
    assert_eq!(log2(0), None);
}

#[test]
fn powers_of_two_are_exact() {
    for power in 0..64u32 {
        assert_eq!(log2(1 << power), Some(u128::from(power) << FRACTION_BITS));
    }
}

#[test]
fn vectors_agree_within_the_promised_error() {
    for (x, exact) in VECTORS {
        let ours = log2(x).expect("above zero");
        assert!(ours <= exact, "log2({x}) is {ours}, above {exact}");
        assert!(exact - ours <= ERROR, "log2({x}) is {ours}, far below {exact}");
    }
}

#[test]
fn uniform_numbers_at_the_ends_have_the_extreme_logarithms() {
    // The smallest number is 2^-64, the largest is one.
    assert_eq!(minus_log2_of_uniform(0), 64 << FRACTION_BITS);
    assert_eq!(minus_log2_of_uniform(u64::MAX), 0);
    assert_eq!(minus_log2_of_uniform(u64::MAX / 2), 1 << FRACTION_BITS);
}

proptest! {
    #[test]
    fn logarithm_of_a_product_is_the_sum(x in 1u64..=u32::MAX.into(), y in 1u64..=u32::MAX.into()) {
        let product = log2(x * y).expect("above zero");
        let sum = log2(x).expect("above zero") + log2(y).expect("above zero");
        prop_assert!(product.abs_diff(sum) <= 2 * ERROR);
    }

    #[test]
    fn logarithm_never_falls(x in 1u64..u64::MAX) {
        prop_assert!(log2(x) <= log2(x + 1));
    }
}
