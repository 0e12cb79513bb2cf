// SPDX-License-Identifier: Apache-2.0

//! Looks for a smaller world that breaks the same rule.

use crate::{counts::Report, settings::Settings, world::run};

/// Worlds tried at the most.
const TRIES: usize = 200;

/// Makes a world that breaks a rule smaller: fewer kinds of faults, steps, channels and parties, as
/// long as the same rule breaks. `progress` hears of each success. Returns the smallest report.
pub fn shrink(failing: &Report, mut progress: impl FnMut(&Report)) -> Report {
    let mut best = failing.clone();
    let Some(rule) = failing.failure.as_ref().map(|broken| broken.rule) else { return best };
    let mut tries = 0;
    'again: loop {
        for candidate in smaller(&best.settings) {
            tries += 1;
            if tries > TRIES {
                return best;
            }
            let report = run(&candidate, 0);
            if report.failure.as_ref().is_some_and(|broken| broken.rule == rule) {
                best = report;
                progress(&best);
                continue 'again;
            }
        }
        return best;
    }
}

/// Worlds that are smaller by one step.
fn smaller(settings: &Settings) -> Vec<Settings> {
    let mut candidates = Vec::new();
    let mut add = |change: &dyn Fn(&mut Settings)| {
        let mut candidate = settings.clone();
        change(&mut candidate);
        if candidate != *settings {
            candidates.push(candidate);
        }
    };
    for fault in settings.faults.iter() {
        add(&|it| it.faults = it.faults.without(fault));
    }
    for (numerator, denominator) in [(1, 4), (1, 2), (3, 4), (9, 10)] {
        add(&|it| it.steps = (it.steps * numerator / denominator).max(1));
        add(&|it| it.channels = (it.channels * numerator / denominator).max(1));
        add(&|it| it.parties = (it.parties * numerator / denominator).max(2));
    }
    candidates
}
