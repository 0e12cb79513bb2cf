// SPDX-License-Identifier: Apache-2.0

//! Slashes, at once or some eras after a report.

use super::*;

impl Model {
    /// Somebody proved what a candidate did in an era. Counts only with what it adds.
    pub fn report(&mut self, who: Who, offence_era: u32, fraction: Amount) {
        let mut report = self.reports.get(&(who, offence_era)).copied().unwrap_or_default();
        if fraction <= report.fraction {
            return;
        }
        self.jail(who);
        if !report.waits() {
            let wanted = (offence_era + self.rules.defer).max(self.era + 1);
            // Stake that left in the era of the offence is free in the era after this one.
            let last = offence_era + self.rules.bonding - 1;
            report.due = wanted.min(last.max(self.era));
            let since = self.held_since.entry(who).or_insert(offence_era);
            *since = offence_era.min(*since);
        }
        report.fraction = fraction;
        self.reports.insert((who, offence_era), report);
    }

    /// Reports whose slash waits.
    pub fn waiting(&self) -> Vec<(Who, u32)> {
        let waiting = self.reports.iter().filter(|(_, report)| report.waits());
        waiting.map(|(key, _)| *key).collect()
    }

    /// Whether a slash waits that should have been applied by now.
    pub fn is_slash_due(&self) -> bool {
        self.reports.values().any(|it| it.waits() && it.due <= self.era)
    }

    /// Applies a slash that is due, and says which part of a billion it took.
    pub fn apply(&mut self, who: Who, offence_era: u32) -> Amount {
        let report = self.reports[&(who, offence_era)];
        assert!(report.waits() && report.due <= self.era, "{who} is slashed too early");
        // Of what was left after the earlier one, so that both together take the larger fraction.
        let parts = up(report.fraction - report.settled, BILLION, BILLION - report.settled);
        self.slash(who, offence_era, parts);
        self.settle_report(who, offence_era);
        parts
    }

    pub fn cancel(&mut self, who: Who, offence_era: u32) {
        self.settle_report(who, offence_era);
        if !self.held_since.contains_key(&who) {
            self.forgive(who);
        }
    }

    fn settle_report(&mut self, who: Who, offence_era: u32) {
        let report = self.reports.get_mut(&(who, offence_era)).unwrap();
        report.settled = report.fraction;
        if !self.waiting().iter().any(|(of, _)| *of == who) {
            self.held_since.remove(&who);
        }
    }

    pub fn slash(&mut self, candidate: Who, offence_era: u32, parts: Amount) {
        if self.pots.contains_key(&candidate) {
            self.open(candidate);
            for mode in [Mode::Payout, Mode::Compound] {
                let place = index(mode);
                let shares = self.shares(candidate, mode);
                let pot = self.pots.get_mut(&candidate).unwrap();
                let lost = up(pot.tokens[place], parts, BILLION);
                let left = pot.tokens[place] - lost;
                if shares == 0 || left * BILLION >= shares {
                    pot.tokens[place] = left;
                    self.slashed += lost;
                    continue;
                }
                self.slashed += std::mem::take(&mut pot.tokens[place]);
                if mode == Mode::Payout {
                    let reserved = std::mem::take(&mut pot.reserved);
                    self.ended.insert((candidate, pot.generations[place]), reserved);
                }
                pot.generations[place] += 1;
            }
            self.close(candidate);
        }
        // What leaves while stakes are counted is filed under the next era.
        for era in offence_era..=self.era + 1 {
            let shares = self.row_shares((candidate, era));
            let Some(row) = self.rows.get_mut(&(candidate, era)) else { continue };
            let lost = up(row.tokens, parts, BILLION);
            let left = row.tokens - lost;
            if shares == 0 || left * BILLION >= shares {
                row.tokens = left;
                self.slashed += lost;
            } else {
                self.slashed += std::mem::take(&mut row.tokens);
                row.generation += 1;
            }
            let kept = down(row.kept.1, BILLION - parts, BILLION);
            row.kept = if kept < BILLION { (row.kept.0 + 1, SCALE) } else { (row.kept.0, kept) };
        }
    }
}
