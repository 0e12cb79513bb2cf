// SPDX-License-Identifier: Apache-2.0

//! Buckets that fill with time.

use crate::{
    allowance::{Allowance, Rate},
    fees::{MAX_EXPIRY_DELTA, TermsError, proportion},
    names::{NodeId, share_of},
    tests::network::{free, party, terms},
};
use proptest::prelude::*;

const RATE: Rate = Rate { burst: 10, refill: 2, period: 1_000 };

#[test]
fn a_bucket_allows_a_burst_and_then_the_rate() {
    let mut allowance = Allowance::full(RATE, 0);
    assert!(allowance.take(10, 0));
    assert!(!allowance.take(1, 499));
    assert!(allowance.take(1, 500));
    assert!(!allowance.take(1, 999), "half a token is none");
    assert!(allowance.take(1, 1_000), "and is not lost");
    assert_eq!(allowance.left(1_000_000), 10, "it holds no more than the burst");
}

#[test]
fn a_clock_that_jumps_back_fills_nothing() {
    let mut allowance = Allowance::full(RATE, 10_000);
    assert!(allowance.take(10, 10_000));
    assert!(!allowance.take(1, 0));
    assert!(!allowance.take(1, 10_000), "time that was counted does not count twice");
    allowance.give(3, 10_000);
    assert_eq!(allowance.left(10_000), 3);
}

proptest! {
    #[test]
    fn nobody_gets_more_than_burst_and_rate(
        steps in prop::collection::vec((0_u64..3_000, 0_u32..6), 1..200),
    ) {
        let mut allowance = Allowance::full(RATE, 0);
        let (mut now, mut taken) = (0, 0_u64);
        for (wait, tokens) in steps {
            now += wait;
            if allowance.take(tokens, now) {
                taken += u64::from(tokens);
            }
            prop_assert!(taken <= 10 + now * 2 / 1_000);
        }
    }

    #[test]
    fn proportions_are_exact(amount: u64, ppm in 0_u32..=1_000_000) {
        let exact = u128::from(amount) * u128::from(ppm) / 1_000_000;
        prop_assert_eq!(proportion(amount.into(), ppm), Some(exact));
    }

    #[test]
    fn shares_are_exact(value: u64, share: u32, whole in 1_u32..) {
        let share = share.min(whole);
        let exact = u128::from(value) * u128::from(share) / u128::from(whole);
        prop_assert_eq!(share_of(value.into(), share.into(), whole.into()), exact);
    }

    #[test]
    fn fees_never_panic(base: u128, ppm: u32, amount: u128) {
        let fee = terms(base, ppm).fee(amount);
        if let Some(fee) = fee {
            prop_assert!(fee >= base);
        }
    }
}

#[test]
fn terms_by_which_nobody_could_pay_are_refused() {
    assert_eq!(free().verify(), Ok(()));
    let cases = [
        (terms(0, 1_000_001), TermsError::FeeTooHigh { ppm: 1_000_001 }),
        (crate::Terms { expiry_delta: 0, ..free() }, TermsError::BadExpiryDelta { delta: 0 }),
        (
            crate::Terms { expiry_delta: MAX_EXPIRY_DELTA + 1, ..free() },
            TermsError::BadExpiryDelta { delta: MAX_EXPIRY_DELTA + 1 },
        ),
        (
            crate::Terms { min_amount: 5, max_amount: 4, ..free() },
            TermsError::NoAmounts { min: 5, max: 4 },
        ),
        (crate::Terms { max_amount: 0, ..free() }, TermsError::NoAmounts { min: 0, max: 0 }),
        (crate::Terms { max_in_flight: 0, ..free() }, TermsError::NoTransfers),
    ];
    for (terms, error) in cases {
        assert_eq!(terms.verify(), Err(error));
    }
}

#[test]
fn a_node_and_its_peer_id_are_one() {
    let node = party(3).id();
    let peer_id = node.to_peer_id();
    assert_eq!(NodeId::from_peer_id(&peer_id), Some(node));
    assert_eq!(NodeId::from_peer_id(&peer_id[..37]), None);
    let mut other_kind = peer_id;
    other_kind[3] = 2;
    assert_eq!(NodeId::from_peer_id(&other_kind), None);
}
