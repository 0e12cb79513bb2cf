// SPDX-License-Identifier: Apache-2.0

//! What delegators do.

use super::*;

impl Model {
    pub fn delegate(&mut self, who: Who, candidate: Who, amount: Amount, mode: Mode) {
        self.open(candidate);
        self.settle(who, candidate);
        *self.money.get_mut(&who).unwrap() -= amount;
        self.add(who, candidate, mode, (amount, Vec::new()));
        self.close(candidate);
    }

    pub fn set_compound(&mut self, who: Who, candidate: Who, mode: Mode) {
        let key = (who, candidate);
        self.open(candidate);
        self.settle(who, candidate);
        let mut stake = self.stakes.remove(&key).unwrap();
        let from = index(stake.mode);
        let all = self.shares(candidate, stake.mode) + stake.shares;
        let pot = self.pot(candidate);
        let tokens = down(stake.shares, pot.tokens[from], all);
        pot.tokens[from] -= tokens;
        self.add(who, candidate, mode, (tokens, Vec::new()));
        let shares = self.stakes[&key].shares;
        let mut unassigned = shares;
        for (of_lot, _) in &mut stake.lots {
            *of_lot = up(*of_lot, shares, stake.shares).min(unassigned);
            unassigned -= *of_lot;
        }
        self.stakes.get_mut(&key).unwrap().lots = stake.lots;
        self.close(candidate);
    }

    pub fn redelegate(&mut self, who: Who, from: Who, to: Who, amount: Amount) {
        self.open(from);
        self.settle(who, from);
        let mode = self.stakes[&(who, from)].mode;
        let parts = self.take(who, from, amount);
        let era = self.departure_era();
        let until = era + self.rules.bonding;
        let entry = self.rows.entry((from, era)).or_default().kept;
        self.open(to);
        self.settle(who, to);
        for (tokens, mut liabilities) in parts {
            liabilities.push(Liability { source: from, era, until, entry });
            self.add(who, to, mode, (tokens, liabilities));
        }
        self.close(from);
        self.close(to);
    }

    fn touch(&mut self, who: Who, candidate: Who) {
        if self.stakes.contains_key(&(who, candidate)) {
            self.open(candidate);
            self.settle(who, candidate);
            self.close(candidate);
        }
    }

    pub fn sync(&mut self, who: Who, candidate: Who) {
        self.touch(who, candidate);
        self.forget_candidate(candidate);
    }

    pub fn claim(&mut self, who: Who, candidate: Who) {
        self.touch(who, candidate);
        let owed = self.owed.remove(&who).unwrap_or(0);
        *self.money.get_mut(&who).unwrap() += owed;
    }
}
