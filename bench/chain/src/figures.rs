// SPDX-License-Identifier: Apache-2.0

//! What a run's records add up to.

use crate::ledger::{Done, Entry, Kind, Ledger};
use serde_json::{Value, json};
use std::time::Duration;

/// How long things took, in seconds: the middle, what one in a hundred exceeds, and the most.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Times {
    /// Half of them took no longer.
    pub p50: f64,
    /// 99 of 100 took no longer.
    pub p99: f64,
    /// The longest.
    pub most: f64,
}

impl Times {
    /// Sums up; zeros if there is nothing.
    pub fn of(values: impl Iterator<Item = Duration>) -> Self {
        let mut sorted: Vec<_> = values.map(|it| it.as_secs_f64()).collect();
        sorted.sort_by(f64::total_cmp);
        let at = |part: f64| {
            let place = (sorted.len() as f64 * part) as usize;
            sorted.get(place.min(sorted.len().saturating_sub(1))).copied().unwrap_or(0.0)
        };
        Self { p50: at(0.5), p99: at(0.99), most: at(1.0) }
    }

    /// For programs.
    pub fn json(self) -> Value {
        json!({ "p50": self.p50, "p99": self.p99, "most": self.most })
    }
}

/// What happened in one window of time. Counts are of the window, not since the beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// What the nodes accepted.
    pub accepted: u64,
    /// How often a pool had no room.
    pub full: u64,
    /// What was in blocks that were imported in it and are final by now.
    pub included: u64,
    /// What became final, successful transactions only.
    pub finalised: u64,
    /// What was accepted and in no block yet, at its end.
    pub waiting: u64,
}

/// Transactions that were final while the load was still sent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sustained {
    /// From the first final block of the load to the load's end, in seconds.
    pub seconds: f64,
    /// Successful transactions that became final in that time, a second.
    pub per_second: f64,
    /// The same in its slowest whole window.
    pub least: f64,
}

/// What a run's records add up to.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Signed before the load began.
    pub signed: u64,
    /// Accepted by nodes.
    pub accepted: u64,
    /// Final and successful, transfers and openings.
    pub succeeded: (u64, u64),
    /// What was sustained.
    pub sustained: Sustained,
    /// From sending to the import of the block.
    pub inclusion: Times,
    /// From sending to the knowledge that the block is final.
    pub finality: Times,
    /// From the import of a block to the knowledge that it is final, for all blocks.
    pub lag: Times,
    /// Between the imports of one block and the next.
    pub gaps: Times,
    /// Final blocks that hold some of the load.
    pub blocks: u64,
    /// Transactions of the load in those blocks: the middle, and the most.
    pub per_block: (u64, u64),
    /// Window by window, from the beginning until everything was final.
    pub windows: Vec<Window>,
}

impl Figures {
    /// Sums up. `span`: for how long the load was sent; `window`: how long one window is.
    pub fn new(ledger: &Ledger, span: Duration, window: Duration) -> Self {
        let done = || ledger.entries.iter().filter_map(|it| Some((it, it.done?)));
        let succeeded = |kind: Kind| {
            let these = done().filter(|(it, done)| it.kind == kind && done.has_succeeded);
            count(these)
        };
        let after = |end: fn(&Done) -> Duration| {
            done().filter_map(move |(it, done)| Some(end(&done).saturating_sub(it.sent?)))
        };
        let loaded: Vec<_> = ledger.blocks.iter().filter(|it| it.transactions > 0).collect();
        let mut sizes: Vec<_> = loaded.iter().map(|it| it.transactions as u64).collect();
        sizes.sort_unstable();
        let size = |place: usize| sizes.get(place).copied().unwrap_or_default();
        let pairs = ledger.blocks.windows(2);
        let gaps = pairs.filter_map(|pair| match pair {
            [one, next] => Some(next.imported.saturating_sub(one.imported)),
            _ => None,
        });
        let windows = windows(ledger, window);
        Self {
            signed: ledger.entries.len() as u64,
            accepted: ledger.accepted(),
            succeeded: (succeeded(Kind::Transfer), succeeded(Kind::Open)),
            sustained: sustained(ledger, span, window, &windows),
            inclusion: Times::of(after(|done| done.imported)),
            finality: Times::of(after(|done| done.finalised)),
            lag: Times::of(ledger.blocks.iter().map(|it| it.finalised.saturating_sub(it.imported))),
            gaps: Times::of(gaps),
            blocks: loaded.len() as u64,
            per_block: (size(sizes.len() / 2), size(sizes.len().saturating_sub(1))),
            windows,
        }
    }
}

fn count(these: impl Iterator) -> u64 {
    u64::try_from(these.count()).unwrap_or(u64::MAX)
}

fn sustained(ledger: &Ledger, span: Duration, window: Duration, windows: &[Window]) -> Sustained {
    let loaded = ledger.blocks.iter().filter(|it| it.transactions > 0);
    let Some(first) = loaded.map(|it| it.finalised).min().filter(|it| *it < span) else {
        return Sustained::default();
    };
    let is_within = |done: Done| done.has_succeeded && done.finalised <= span;
    // What the first final blocks brought had been sent before this time began.
    let within = ledger.entries.iter().filter_map(|it: &Entry| it.done);
    let within = count(within.filter(|it| is_within(*it) && it.finalised > first));
    let seconds = (span - first).as_secs_f64();
    let (width, end) = (window.as_secs_f64(), span.as_secs_f64());
    let whole = windows.iter().enumerate().filter(|(place, _)| {
        let begin = *place as f64 * width;
        begin >= first.as_secs_f64() && begin + width <= end
    });
    let least = whole.map(|(_, it)| it.finalised).min().unwrap_or_default();
    Sustained { seconds, per_second: within as f64 / seconds, least: least as f64 / width }
}

fn windows(ledger: &Ledger, window: Duration) -> Vec<Window> {
    let mut windows: Vec<Window> = Vec::new();
    let mut add = |at: Duration, change: fn(&mut Window)| {
        let place = (at.as_secs_f64() / window.as_secs_f64()) as usize;
        if windows.len() <= place {
            windows.resize(place + 1, Window::default());
        }
        windows.get_mut(place).into_iter().for_each(change);
    };
    for entry in &ledger.entries {
        if let Some(at) = entry.accepted {
            add(at, |it| it.accepted += 1);
        }
        if let Some(done) = entry.done {
            add(done.imported, |it| it.included += 1);
            if done.has_succeeded {
                add(done.finalised, |it| it.finalised += 1);
            }
        }
    }
    for at in &ledger.full {
        add(*at, |it| it.full += 1);
    }
    let mut waiting = 0_u64;
    for it in &mut windows {
        waiting = (waiting + it.accepted).saturating_sub(it.included);
        it.waiting = waiting;
    }
    windows
}

#[cfg(test)]
mod tests {
    use super::*;
    use millrace_primitives_channels::Hash;

    const SECOND: Duration = Duration::from_secs(1);

    /// Ten transactions, accepted at once: four in a block that is final after 4 s, four in one that
    /// is final after 8 s, one of which fails, and two that are never seen again.
    fn ledger() -> Ledger {
        let mut ledger = Ledger::default();
        for number in 0..10 {
            let place = ledger.sign(Hash::repeat_byte(number), number.into(), Kind::Transfer);
            ledger.send(place, Duration::ZERO, "0x".into());
            ledger.accept(place, SECOND);
        }
        let hashes = |range: std::ops::Range<u8>| range.map(|it| (Hash::repeat_byte(it), None));
        ledger.finalise(1, (2 * SECOND, 4 * SECOND), hashes(0..4));
        let bad = [(Hash::repeat_byte(7), Some("Balances.Frozen".to_owned()))];
        ledger.finalise(2, (4 * SECOND, 8 * SECOND), hashes(4..7).chain(bad));
        ledger.find_full(3 * SECOND);
        ledger
    }

    #[test]
    fn windows_count_what_happened_in_them() {
        let windows = windows(&ledger(), 2 * SECOND);
        let waiting: Vec<_> = windows.iter().map(|it| it.waiting).collect();
        assert_eq!(waiting, [10, 6, 2, 2, 2]);
        let finalised: Vec<_> = windows.iter().map(|it| it.finalised).collect();
        assert_eq!(finalised, [0, 0, 4, 0, 3]);
        assert_eq!(windows.iter().map(|it| it.full).sum::<u64>(), 1);
    }

    #[test]
    fn only_successful_final_transactions_are_sustained() {
        let figures = Figures::new(&ledger(), 8 * SECOND, 2 * SECOND);
        assert_eq!(figures.succeeded, (7, 0));
        // From 4 s to 8 s three became final, and nothing in the window from 6 s to 8 s.
        let expected = Sustained { seconds: 4.0, per_second: 0.75, least: 0.0 };
        assert_eq!(figures.sustained, expected);
        assert_eq!(figures.inclusion, Times { p50: 4.0, p99: 4.0, most: 4.0 });
        assert_eq!(figures.finality.most, 8.0);
        assert_eq!((figures.blocks, figures.per_block), (2, (4, 4)));
    }

    #[test]
    fn a_load_without_blocks_sustains_nothing() {
        let figures = Figures::new(&Ledger::default(), SECOND, SECOND);
        assert_eq!((figures.sustained, figures.inclusion), Default::default());
    }
}
