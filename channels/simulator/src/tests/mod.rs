// SPDX-License-Identifier: Apache-2.0

//! Worlds that have to be well, and mistakes that have to be noticed.

mod mistakes;
mod numbers;
mod worlds;

use crate::{Counts, Fault, Faults, Settings, run};

/// Runs worlds with these faults until one breaks a rule; returns what happened in all of them.
fn run_worlds(seeds: std::ops::Range<u64>, settings: &Settings) -> Counts {
    let mut counts = Counts::default();
    for seed in seeds {
        let report = run(&Settings { seed, ..settings.clone() }, 0);
        if let Some(complaint) = report.complaint() {
            panic!("{complaint}");
        }
        counts.join(&report.counts);
    }
    counts
}

/// A small world with these faults.
fn with(faults: &[Fault]) -> Settings {
    Settings { faults: Faults::of(faults), ..Settings::small(0) }
}
