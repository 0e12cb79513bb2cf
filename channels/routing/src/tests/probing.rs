// SPDX-License-Identifier: Apache-2.0

//! Who makes too many payments fail has to wait.

use crate::{
    allowance::Rate,
    probing::{ProbeGuard, ProbeLimits},
    tests::network::party,
};

const LIMITS: ProbeLimits = ProbeLimits {
    failures: Rate { burst: 3, refill: 1, period: 1_000 },
    success: 2,
    neighbours: 2,
};

#[test]
fn failures_run_out_and_come_back() {
    let (prober, other) = (party(1).id(), party(2).id());
    let mut guard = ProbeGuard::new(LIMITS);
    for _ in 0..3 {
        assert!(guard.allows(&prober, 0));
        guard.failed(prober, 0);
    }
    assert!(!guard.allows(&prober, 999));
    assert!(guard.allows(&other, 0), "others forward on");
    assert!(guard.allows(&prober, 1_000));
    guard.failed(prober, 1_000);
    assert!(!guard.allows(&prober, 1_000));
    guard.succeeded(&prober, 1_000);
    assert!(guard.allows(&prober, 1_000), "a success makes up for failures");
}

#[test]
fn the_number_of_neighbours_is_bounded_without_a_way_around() {
    let mut guard = ProbeGuard::new(LIMITS);
    for number in 1..=2 {
        guard.failed(party(number).id(), 0);
    }
    // Who could not be remembered is not trusted blindly.
    assert!(!guard.allows(&party(3).id(), 0));
    // When somebody has made up for its failures, there is room.
    assert!(guard.allows(&party(3).id(), 1_000));
    guard.failed(party(3).id(), 1_000);
    assert!(guard.allows(&party(3).id(), 1_000));
}
