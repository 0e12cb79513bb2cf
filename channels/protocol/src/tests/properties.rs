// SPDX-License-Identifier: Apache-2.0

//! Whatever arrives in whatever order, and whoever crashes when: the rules hold.

use super::simulation::{Simulation, Step, step};
use proptest::prelude::*;

fn run(deposits: &[u128], steps: Vec<Step>) {
    let mut simulation = Simulation::new(deposits);
    for step in steps {
        simulation.take(step);
    }
    simulation.calm_down();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn two_parties_in_any_order(steps in prop::collection::vec(step(0), 0..120)) {
        run(&[100, 60], steps);
    }

    #[test]
    fn two_parties_that_crash(steps in prop::collection::vec(step(2), 0..120)) {
        run(&[100, 60], steps);
    }

    #[test]
    fn three_parties_in_any_order(steps in prop::collection::vec(step(0), 0..120)) {
        run(&[100, 60, 0], steps);
    }

    #[test]
    fn three_parties_that_crash(steps in prop::collection::vec(step(2), 0..120)) {
        run(&[100, 60, 0], steps);
    }

    #[test]
    fn four_parties_that_crash(steps in prop::collection::vec(step(1), 0..100)) {
        run(&[40, 40, 40, 40], steps);
    }
}
