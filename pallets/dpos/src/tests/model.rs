// SPDX-License-Identifier: Apache-2.0

//! The staking rules again, in the most naive way: whoever is concerned is visited one by one.
//!
//! There is no reward per share, no checkpoint, no counted reference and no sum: shares are added up
//! over all delegators each time, rewards are given to each of them, and who still refers to what is
//! found by looking at everybody. Rounding follows the rules written in `pools.rs`.

use polkadot_sdk::sp_core::U256;
use std::collections::{BTreeMap, BTreeSet};

use crate::Mode;

/// An account, by number.
pub type Who = u32;

/// Tokens, shares, and parts of 10^18.
type Amount = u128;

const SCALE: Amount = 1_000_000_000_000_000_000;
const BILLION: Amount = 1_000_000_000;

/// `a·b/c`, rounded down.
fn down(a: Amount, b: Amount, c: Amount) -> Amount {
    (U256::from(a) * U256::from(b) / U256::from(c)).as_u128()
}

/// `a·b/c`, rounded up.
fn up(a: Amount, b: Amount, c: Amount) -> Amount {
    let (quotient, rest) = (U256::from(a) * U256::from(b)).div_mod(U256::from(c));
    quotient.as_u128() + u128::from(!rest.is_zero())
}

/// What is left of a unit, and how often nothing was.
type Kept = (u32, Amount);

#[derive(Clone, Debug, PartialEq)]
pub struct Liability {
    pub source: Who,
    pub era: u32,
    pub until: u32,
    pub entry: Kept,
}

#[derive(Clone, Debug)]
pub struct Stake {
    pub mode: Mode,
    pub generation: u32,
    pub shares: Amount,
    /// Earned and not settled, in parts of 10^18.
    pub earned: U256,
    pub lots: Vec<(Amount, Vec<Liability>)>,
}

#[derive(Clone, Debug)]
pub struct Chunk {
    pub candidate: Who,
    pub era: u32,
    pub release: u32,
    pub generation: u32,
    pub shares: Amount,
    pub liabilities: Vec<Liability>,
}

#[derive(Clone, Debug, Default)]
pub struct Pot {
    /// Tokens of payout and compound stake.
    pub tokens: [Amount; 2],
    pub generations: [u32; 2],
    pub reserved: Amount,
    /// Amount, from, until.
    pub drip: (Amount, u32, u32),
}

#[derive(Clone, Debug)]
pub struct Row {
    pub tokens: Amount,
    pub generation: u32,
    pub kept: Kept,
}

impl Default for Row {
    fn default() -> Self {
        Self { tokens: 0, generation: 0, kept: (0, SCALE) }
    }
}

/// A part of a stake on its way.
type Part = (Amount, Vec<Liability>);

#[derive(Clone, Debug, Default)]
pub struct Model {
    pub now: u32,
    pub era: u32,
    pub bonding: u32,
    pub era_blocks: u32,
    pub pots: BTreeMap<Who, Pot>,
    pub stakes: BTreeMap<(Who, Who), Stake>,
    pub chunks: BTreeMap<Who, Vec<Chunk>>,
    pub rows: BTreeMap<(Who, u32), Row>,
    /// Reserved for shares of generations that ended, by candidate.
    pub ended: BTreeMap<(Who, u32), Amount>,
    pub owed: BTreeMap<Who, Amount>,
    pub money: BTreeMap<Who, Amount>,
    pub commissions: BTreeMap<Who, Amount>,
    pub points: BTreeMap<Who, Amount>,
    pub fees: Amount,
    pub remainder: Amount,
    pub slashed: Amount,
}

fn index(mode: Mode) -> usize {
    match mode {
        Mode::Payout => 0,
        Mode::Compound => 1,
    }
}

/// Takes shares until they are worth what is missing: shares given, and their tokens.
fn some(have: Amount, missing: Amount, shares: Amount, tokens: Amount) -> (Amount, Amount) {
    let worth = if have == 0 { 0 } else { down(have, tokens, shares) };
    let needed = if missing >= worth { have } else { up(missing, shares, tokens).min(have) };
    (needed, if needed == have { worth } else { missing })
}

impl Model {
    fn pot(&mut self, candidate: Who) -> &mut Pot {
        self.pots.entry(candidate).or_default()
    }

    /// All shares of a part of a pool, by looking at everybody.
    fn shares(&self, candidate: Who, mode: Mode) -> Amount {
        let generation = self.pots[&candidate].generations[index(mode)];
        let stakes = self.stakes.iter().filter(|((_, of), stake)| {
            *of == candidate && stake.mode == mode && stake.generation == generation
        });
        stakes.map(|(_, stake)| stake.shares).sum()
    }

    /// All shares that left a candidate in an era, by looking at everybody.
    fn row_shares(&self, key: (Who, u32)) -> Amount {
        let Some(row) = self.rows.get(&key) else { return 0 };
        let chunks = self.chunks.values().flatten().filter(|chunk| {
            (chunk.candidate, chunk.era) == key && chunk.generation == row.generation
        });
        chunks.map(|chunk| chunk.shares).sum()
    }

    /// Lets rewards arrive, with everybody who has a share.
    fn open(&mut self, candidate: Who) {
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
    fn close(&mut self, candidate: Who) {
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
        }
        self.forget_rows();
    }

    /// Forgets rows to which nobody refers, by looking at everybody.
    fn forget_rows(&mut self) {
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
    fn left_of(&self, shares: Amount, liability: &Liability) -> (Amount, Kept) {
        let kept = self.rows[&(liability.source, liability.era)].kept;
        let left =
            if kept.0 != liability.entry.0 { 0 } else { down(shares, kept.1, liability.entry.1) };
        (left, kept)
    }

    fn is_over(&self, liability: &Liability) -> bool {
        liability.until <= self.era
    }

    /// Settles one stake. Returns whether there is one afterwards.
    fn settle(&mut self, who: Who, candidate: Who) -> bool {
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
    fn add(&mut self, who: Who, candidate: Who, mode: Mode, (tokens, liabilities): Part) {
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
    fn take(&mut self, who: Who, candidate: Who, amount: Amount) -> Vec<Part> {
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

    /// Lets parts wait.
    fn wait(&mut self, who: Who, candidate: Who, parts: Vec<Part>) {
        let key = (candidate, self.era);
        for (tokens, liabilities) in parts {
            let all = self.row_shares(key);
            let row = self.rows.entry(key).or_default();
            let shares = if all == 0 { tokens } else { down(tokens, all, row.tokens) };
            row.tokens += tokens;
            let until = liabilities.iter().map(|it| it.until).max().unwrap_or(0);
            let release = until.max(self.era + self.bonding);
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

    pub fn redelegate(&mut self, who: Who, from: Who, to: Who, amount: Amount) {
        self.open(from);
        self.settle(who, from);
        let mode = self.stakes[&(who, from)].mode;
        let parts = self.take(who, from, amount);
        let entry = self.rows.entry((from, self.era)).or_default().kept;
        let (era, until) = (self.era, self.era + self.bonding);
        self.open(to);
        self.settle(who, to);
        for (tokens, mut liabilities) in parts {
            liabilities.push(Liability { source: from, era, until, entry });
            self.add(who, to, mode, (tokens, liabilities));
        }
        self.close(from);
        self.close(to);
    }

    pub fn withdraw(&mut self, who: Who) {
        let mut paid = 0;
        for at in 0..self.chunks[&who].len() {
            if self.chunks[&who][at].release <= self.era {
                paid += self.take_waiting(who, at, Amount::MAX).0;
            }
        }
        let era = self.era;
        self.chunks.get_mut(&who).unwrap().retain(|chunk| chunk.release > era);
        *self.money.get_mut(&who).unwrap() += paid;
        self.forget_rows();
    }

    pub fn sync(&mut self, who: Who, candidate: Who) {
        if self.stakes.contains_key(&(who, candidate)) {
            self.open(candidate);
            self.settle(who, candidate);
            self.close(candidate);
        }
    }

    pub fn claim(&mut self, who: Who, candidate: Who) {
        self.sync(who, candidate);
        let owed = self.owed.remove(&who).unwrap_or(0);
        *self.money.get_mut(&who).unwrap() += owed;
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
        for era in offence_era..=self.era {
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

    pub fn award(&mut self, who: Who, points: Amount) {
        *self.points.entry(who).or_default() += points;
    }

    /// Ends an era, and pays its validators in the next block.
    pub fn next_era(&mut self) {
        let points = std::mem::take(&mut self.points);
        let fees = std::mem::take(&mut self.fees);
        self.era += 1;
        self.now += 1;
        let sum: Amount = points.values().sum();
        if sum == 0 {
            self.remainder += fees;
            return;
        }
        let budget = fees + std::mem::take(&mut self.remainder);
        let mut left = budget;
        for (who, own) in points {
            let reward = down(budget, own, sum);
            left -= reward;
            let Some(commission) = self.commissions.get(&who) else {
                self.remainder += reward;
                continue;
            };
            let commission = down(reward, *commission, BILLION);
            *self.owed.entry(who).or_default() += commission;
            let shared = reward - commission;
            if !self.pots.contains_key(&who) {
                self.remainder += shared;
                continue;
            }
            self.open(who);
            let shares = [Mode::Payout, Mode::Compound].map(|mode| self.shares(who, mode));
            if shares == [0, 0] {
                self.remainder += shared;
            } else {
                let (now, until) = (self.now, self.now + self.era_blocks);
                let pot = self.pot(who);
                pot.drip = (pot.drip.0 + shared, now, until);
            }
            self.close(who);
        }
        self.remainder += left;
    }
}
