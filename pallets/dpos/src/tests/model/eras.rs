// SPDX-License-Identifier: Apache-2.0

//! Rewards of an era, and stakes as an election sees them.

use super::*;

impl Model {
    pub fn award(&mut self, who: Who, points: Amount) {
        *self.points.entry(who).or_default() += points;
    }

    /// Ends an era.
    pub fn end_era(&mut self) {
        let points = std::mem::take(&mut self.points);
        let fees = std::mem::take(&mut self.fees);
        self.era += 1;
        if points.values().sum::<Amount>() == 0 {
            self.remainder += fees;
        } else {
            self.payday = Some((fees + std::mem::take(&mut self.remainder), points));
        }
    }

    /// Pays the validators of the last era, if they are not paid yet.
    pub fn pay(&mut self) {
        let Some((budget, points)) = self.payday.take() else { return };
        let sum: Amount = points.values().sum();
        let mut left = budget;
        for (who, own) in points {
            let reward = down(budget, own, sum);
            left -= reward;
            self.reward(who, reward);
        }
        self.remainder += left;
    }

    /// Divides a validator's reward between itself and its pool.
    fn reward(&mut self, who: Who, reward: Amount) {
        let Some(candidate) = self.candidates.get(&who) else {
            self.remainder += reward;
            return;
        };
        let commission = down(reward, candidate.commission, BILLION);
        *self.owed.entry(who).or_default() += commission;
        let shared = reward - commission;
        if !self.pots.contains_key(&who) {
            self.remainder += shared;
            return;
        }
        self.open(who);
        let shares = [Mode::Payout, Mode::Compound].map(|mode| self.shares(who, mode));
        if shares == [0, 0] {
            self.remainder += shared;
        } else {
            let (now, until) = (self.now, self.now + self.rules.era_blocks);
            let pot = self.pot(who);
            pot.drip = (pot.drip.0 + shared, now, until);
        }
        self.close(who);
    }

    /// From now on stakes count as they are: those of everybody are written down.
    pub fn announce(&mut self) {
        let mut then = self.clone();
        let candidates: Vec<Who> = self.pots.keys().copied().collect();
        let stakes = candidates.into_iter().map(|who| {
            then.open(who);
            let own = match then.stakes.get(&(who, who)) {
                Some(own) if own.generation == then.pots[&who].generations[index(own.mode)] => {
                    let tokens = then.pots[&who].tokens[index(own.mode)];
                    down(own.shares, tokens, then.shares(who, own.mode))
                }
                _ => 0,
            };
            (who, (then.pots[&who].tokens.iter().sum(), own))
        });
        self.snapshot = Some(stakes.collect());
    }

    /// The election is over.
    pub fn decide(&mut self) {
        self.snapshot = None;
    }
}
