// SPDX-License-Identifier: Apache-2.0

//! Stake waits for its release, with all that left the same candidate under the same era.

use super::*;

impl Model {
    /// Lets parts wait.
    pub(super) fn wait(&mut self, who: Who, candidate: Who, parts: Vec<Part>) {
        let key = (candidate, self.departure_era());
        for (tokens, liabilities) in parts {
            let all = self.row_shares(key);
            let row = self.rows.entry(key).or_default();
            let shares = if all == 0 { tokens } else { down(tokens, all, row.tokens) };
            row.tokens += tokens;
            let until = liabilities.iter().map(|it| it.until).max().unwrap_or(0);
            let release = until.max(key.1 + self.rules.bonding);
            let generation = row.generation;
            let chunks = self.chunks.entry(who).or_default();
            let same = chunks.iter_mut().find(|it| {
                (it.candidate, it.era, it.generation, it.release)
                    == (candidate, key.1, generation, release)
                    && it.liabilities == liabilities
            });
            match same {
                Some(chunk) => chunk.shares += shares,
                None => chunks.push(Chunk {
                    candidate,
                    era: key.1,
                    release,
                    generation,
                    shares,
                    liabilities,
                }),
            }
        }
    }

    /// Takes tokens out of what waits.
    fn take_waiting(&mut self, who: Who, at: usize, amount: Amount) -> Part {
        let chunk = self.chunks[&who][at].clone();
        let key = (chunk.candidate, chunk.era);
        if self.rows[&key].generation != chunk.generation {
            self.chunks.get_mut(&who).unwrap()[at].shares = 0;
            return (0, chunk.liabilities);
        }
        for nth in 0..chunk.liabilities.len() {
            let now = self.chunks[&who][at].clone();
            let (left, kept) = self.left_of(now.shares, &now.liabilities[nth]);
            let all = self.row_shares(key);
            let lost = now.shares - left;
            let row = self.rows.get_mut(&key).unwrap();
            let tokens = if lost == 0 { 0 } else { down(lost, row.tokens, all) };
            row.tokens -= tokens;
            self.slashed += tokens;
            let chunk = &mut self.chunks.get_mut(&who).unwrap()[at];
            chunk.shares = left;
            chunk.liabilities[nth].entry = kept;
        }
        let mut now = self.chunks[&who][at].clone();
        now.liabilities.retain(|it| !self.is_over(it));
        let all = self.row_shares(key);
        let row = self.rows.get_mut(&key).unwrap();
        let (given, tokens) = some(now.shares, amount, all, row.tokens);
        row.tokens -= tokens;
        now.shares -= given;
        self.chunks.get_mut(&who).unwrap()[at] = now.clone();
        (tokens, now.liabilities)
    }

    pub fn unbond(&mut self, who: Who, candidate: Who, amount: Amount) {
        self.open(candidate);
        let is_there = self.settle(who, candidate);
        let parts = if is_there { self.take(who, candidate, amount) } else { Vec::new() };
        self.wait(who, candidate, parts);
        self.close(candidate);
        self.forget_rows();
    }

    pub fn rebond(&mut self, who: Who, candidate: Who, amount: Amount) {
        let mut missing = amount;
        let mut parts = Vec::new();
        for at in (0..self.chunks[&who].len()).rev() {
            if self.chunks[&who][at].candidate == candidate && missing > 0 {
                let part = self.take_waiting(who, at, missing);
                missing = missing.saturating_sub(part.0);
                parts.push(part);
            }
        }
        // Rows must not be forgotten while parts are on their way.
        self.open(candidate);
        self.settle(who, candidate);
        for part in parts.into_iter().filter(|(tokens, _)| *tokens > 0) {
            self.add(who, candidate, Mode::Payout, part);
        }
        self.chunks.get_mut(&who).unwrap().retain(|chunk| chunk.shares > 0);
        self.close(candidate);
    }

    pub fn withdraw(&mut self, who: Who) {
        let is_ripe = |model: &Self, chunk: &Chunk| {
            let held = |it: &Liability| model.is_held(it.source, it.era);
            chunk.release <= model.era
                && !model.is_held(chunk.candidate, chunk.era)
                && !chunk.liabilities.iter().any(held)
        };
        // Nobody is paid while it is looked at, so what is ripe stays ripe.
        let ripe: Vec<bool> = self.chunks[&who].iter().map(|chunk| is_ripe(self, chunk)).collect();
        let mut paid = 0;
        for (at, _) in ripe.iter().enumerate().filter(|(_, is_ripe)| **is_ripe) {
            paid += self.take_waiting(who, at, Amount::MAX).0;
        }
        let mut at = ripe.into_iter();
        self.chunks.get_mut(&who).unwrap().retain(|_| at.next() == Some(false));
        *self.money.get_mut(&who).unwrap() += paid;
        self.forget_rows();
        self.forget_candidate(who);
    }
}
