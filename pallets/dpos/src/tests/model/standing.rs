// SPDX-License-Identifier: Apache-2.0

//! Candidates come, are jailed, give up, come back, and are forgotten.

use super::*;

impl Model {
    /// Whether a candidate may take stake.
    pub fn takes_stake(&self, candidate: Who) -> bool {
        let is_leaving = |it: &Candidate| matches!(it.standing, Standing::LeftIn(_));
        self.candidates.get(&candidate).is_some_and(|it| !is_leaving(it))
            && !self.held_since.contains_key(&candidate)
    }

    /// Whether an account may become a candidate, as far as its past is concerned.
    pub fn may_register(&self, who: Who) -> bool {
        let may_return = |it: &Candidate| {
            matches!(it.standing, Standing::LeftIn(_)) && it.barred_until <= self.era
        };
        self.candidates.get(&who).is_none_or(may_return) && !self.held_since.contains_key(&who)
    }

    pub fn register(&mut self, who: Who, bond: Amount, commission: Amount, mode: Mode) {
        let candidate = Candidate { commission, standing: Standing::Active, barred_until: 0 };
        self.candidates.insert(who, candidate);
        self.delegate(who, who, bond, mode);
    }

    pub fn leave(&mut self, who: Who) {
        let candidate = self.candidates.get_mut(&who).unwrap();
        if let Standing::JailedUntil(until) = candidate.standing {
            candidate.barred_until = until;
        }
        candidate.standing = Standing::LeftIn(self.era);
        self.unbond(who, who, Amount::MAX);
    }

    pub(super) fn jail(&mut self, who: Who) {
        let until = self.era + self.rules.jail;
        let Some(candidate) = self.candidates.get_mut(&who) else { return };
        match &mut candidate.standing {
            Standing::Active => candidate.standing = Standing::JailedUntil(until),
            Standing::JailedUntil(earlier) => *earlier = until.max(*earlier),
            Standing::LeftIn(_) => candidate.barred_until = candidate.barred_until.max(until),
        }
    }

    /// Lets a candidate out of jail as soon as it asks.
    pub(super) fn forgive(&mut self, who: Who) {
        let era = self.era;
        let Some(candidate) = self.candidates.get_mut(&who) else { return };
        candidate.barred_until = candidate.barred_until.min(era);
        if let Standing::JailedUntil(until) = &mut candidate.standing {
            *until = era.min(*until);
        }
    }

    /// Forgets a candidate that left, once nobody has to do with it any more. To be called while no
    /// rewards wait to be divided.
    pub(super) fn forget_candidate(&mut self, who: Who) {
        let Some(candidate) = self.candidates.get(&who) else { return };
        // It may have been elected for the era after that in which it left.
        let is_out_of_office =
            matches!(candidate.standing, Standing::LeftIn(era) if era + 2 <= self.era);
        if is_out_of_office
            && candidate.barred_until <= self.era
            && !self.pots.contains_key(&who)
            && !self.held_since.contains_key(&who)
        {
            self.candidates.remove(&who);
        }
    }
}
