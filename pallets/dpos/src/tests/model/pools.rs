// SPDX-License-Identifier: Apache-2.0

//! Stake joins a pool, earns with everybody in it, answers for where it was, and leaves.

use super::*;
use std::collections::BTreeSet;

impl Model {
    /// Lets rewards arrive, with everybody who has a share.
    pub(super) fn open(&mut self, candidate: Who) {
        let now = self.now;
        let pot = self.pot(candidate);
        let (amount, from, until) = pot.drip;
        if now <= from {
            return;
        }
        let due = if now >= until {
            amount
        } else {
            down(amount, (now - from).into(), (until - from).into())
        };
        pot.drip = (amount - due, now, until);
        let [payout, compound] = pot.tokens;
        if due == 0 {
            return;
        }
        if payout + compound == 0 {
            self.remainder += due;
            return;
        }
        let to_compound = down(due, compound, payout + compound);
        pot.tokens[1] += to_compound;
        let to_payout = due - to_compound;
        let shares = self.shares(candidate, Mode::Payout);
        if to_payout == 0 {
            return;
        }
        if shares == 0 {
            self.remainder += to_payout;
            return;
        }
        let each = down(to_payout, SCALE, shares);
        let pot = self.pot(candidate);
        pot.reserved += to_payout;
        let generation = pot.generations[0];
        for ((_, of), stake) in &mut self.stakes {
            if *of == candidate && stake.mode == Mode::Payout && stake.generation == generation {
                stake.earned += U256::from(stake.shares) * U256::from(each);
            }
        }
    }

    /// Lets nothing lie in a pool without stake, and forgets what nobody refers to.
    pub(super) fn close(&mut self, candidate: Who) {
        if !self.pots.contains_key(&candidate) {
            return;
        }
        let shares = [Mode::Payout, Mode::Compound].map(|mode| self.shares(candidate, mode));
        let pot = self.pots.get_mut(&candidate).unwrap();
        if shares[0] == 0 {
            self.remainder += std::mem::take(&mut pot.reserved);
        }
        if shares == [0, 0] {
            self.remainder += std::mem::take(&mut pot.drip.0);
        }
        if !self.stakes.keys().any(|(_, of)| *of == candidate) {
            self.pots.remove(&candidate);
            // Who has lost all stake counts for nothing, whatever comes after.
            if let Some(snapshot) = &mut self.snapshot {
                snapshot.insert(candidate, (0, 0));
            }
        }
        self.forget_rows();
    }

    /// Forgets rows to which nobody refers, by looking at everybody.
    pub(super) fn forget_rows(&mut self) {
        let mut seen = BTreeSet::new();
        let lots = self.stakes.values().flat_map(|stake| stake.lots.iter().map(|(_, it)| it));
        let chunks = self.chunks.values().flatten();
        seen.extend(chunks.clone().map(|chunk| (chunk.candidate, chunk.era)));
        for liabilities in lots.chain(chunks.map(|chunk| &chunk.liabilities)) {
            seen.extend(liabilities.iter().map(|it| (it.source, it.era)));
        }
        let remainder = &mut self.remainder;
        self.rows.retain(|key, row| {
            let is_seen = seen.contains(key);
            if !is_seen {
                *remainder += row.tokens;
            }
            is_seen
        });
        self.chunks.retain(|_, chunks| !chunks.is_empty());
    }

    /// How many of `shares` are left after slashes for which a liability stands.
    pub(super) fn left_of(&self, shares: Amount, liability: &Liability) -> (Amount, Kept) {
        let kept = self.rows[&(liability.source, liability.era)].kept;
        let left =
            if kept.0 != liability.entry.0 { 0 } else { down(shares, kept.1, liability.entry.1) };
        (left, kept)
    }

    /// Settles one stake. Returns whether there is one afterwards.
    pub(super) fn settle(&mut self, who: Who, candidate: Who) -> bool {
        let key = (who, candidate);
        let Some(stake) = self.stakes.get(&key).cloned() else { return false };
        let place = index(stake.mode);
        let generation = self.pot(candidate).generations[place];
        let reward = (stake.earned / U256::from(SCALE)).as_u128();
        if stake.generation != generation {
            self.stakes.remove(&key);
            if stake.mode == Mode::Payout {
                *self.owed.entry(who).or_default() += reward;
                let ended = (candidate, stake.generation);
                *self.ended.get_mut(&ended).unwrap() -= reward;
                let is_last = !self.stakes.iter().any(|((_, of), other)| {
                    *of == candidate
                        && other.mode == Mode::Payout
                        && other.generation == stake.generation
                });
                if is_last {
                    self.remainder += self.ended.remove(&ended).unwrap();
                }
            }
            return false;
        }
        if stake.mode == Mode::Payout {
            *self.owed.entry(who).or_default() += reward;
            self.pot(candidate).reserved -= reward;
            self.stakes.get_mut(&key).unwrap().earned = U256::zero();
        }
        for at in 0..stake.lots.len() {
            for nth in 0..stake.lots[at].1.len() {
                let (shares, liabilities) = self.stakes[&key].lots[at].clone();
                let (left, kept) = self.left_of(shares, &liabilities[nth]);
                let all = self.shares(candidate, stake.mode);
                let lost = shares - left;
                let pot = self.pot(candidate);
                let tokens = if lost == 0 { 0 } else { down(lost, pot.tokens[place], all) };
                pot.tokens[place] -= tokens;
                self.slashed += tokens;
                let stake = self.stakes.get_mut(&key).unwrap();
                stake.shares -= lost;
                stake.lots[at].0 = left;
                stake.lots[at].1[nth].entry = kept;
            }
        }
        let mut stake = self.stakes[&key].clone();
        for (_, liabilities) in &mut stake.lots {
            liabilities.retain(|it| !self.is_over(it));
        }
        stake.lots.retain(|(shares, liabilities)| *shares > 0 && !liabilities.is_empty());
        if stake.shares == 0 {
            self.stakes.remove(&key);
            return false;
        }
        self.stakes.insert(key, stake);
        true
    }

    /// Adds tokens to a settled stake.
    pub(super) fn add(
        &mut self,
        who: Who,
        candidate: Who,
        mode: Mode,
        (tokens, liabilities): Part,
    ) {
        let key = (who, candidate);
        let mode = self.stakes.get(&key).map_or(mode, |stake| stake.mode);
        let all = self.shares(candidate, mode);
        let pot = self.pot(candidate);
        let held = &mut pot.tokens[index(mode)];
        let shares = if all == 0 { tokens } else { down(tokens, all, *held) };
        *held += tokens;
        let generation = pot.generations[index(mode)];
        let fresh = Stake { mode, generation, shares: 0, earned: U256::zero(), lots: Vec::new() };
        let stake = self.stakes.entry(key).or_insert(fresh);
        stake.shares += shares;
        let others: Vec<_> = liabilities.into_iter().filter(|it| it.source != candidate).collect();
        if others.is_empty() {
            return;
        }
        match stake.lots.iter_mut().find(|(_, same)| *same == others) {
            Some((sum, _)) => *sum += shares,
            None => stake.lots.push((shares, others)),
        }
    }

    /// Takes tokens out of a settled stake, free shares first.
    pub(super) fn take(&mut self, who: Who, candidate: Who, amount: Amount) -> Vec<Part> {
        let key = (who, candidate);
        let mut stake = self.stakes[&key].clone();
        let place = index(stake.mode);
        let all = self.shares(candidate, stake.mode);
        let worth = down(stake.shares, self.pot(candidate).tokens[place], all);
        let mut missing = if amount >= worth { Amount::MAX } else { amount };
        let free = stake.shares - stake.lots.iter().map(|(shares, _)| shares).sum::<Amount>();
        let mut sources = vec![(free, Vec::new())];
        sources.append(&mut stake.lots);
        let mut parts = Vec::new();
        let mut kept = Vec::new();
        for (at, (have, liabilities)) in sources.into_iter().enumerate() {
            let mut left = have;
            if missing > 0 || at == 0 {
                let all = self.shares(candidate, stake.mode);
                let pot = self.pot(candidate);
                let (given, tokens) = some(have, missing, all, pot.tokens[place]);
                pot.tokens[place] -= tokens;
                self.stakes.get_mut(&key).unwrap().shares -= given;
                missing = missing.saturating_sub(tokens);
                left -= given;
                if tokens > 0 {
                    parts.push((tokens, liabilities.clone()));
                }
            }
            if at > 0 && left > 0 {
                kept.push((left, liabilities));
            }
        }
        let stake = self.stakes.get_mut(&key).unwrap();
        stake.lots = kept;
        if stake.shares == 0 {
            self.stakes.remove(&key);
        }
        parts
    }
}
