// SPDX-License-Identifier: Apache-2.0

//! The staking rules again, in the most naive way: whoever is concerned is visited one by one.
//!
//! There is no reward per share, no checkpoint, no counted reference and no sum: shares are added up
//! over all delegators each time, rewards are given to each of them, and who still refers to what is
//! found by looking at everybody. Rounding follows the rules written in `pools.rs`.
//!
//! | file | what it holds |
//! |---|---|
//! | `pools` | stake joins a pool, earns and leaves it |
//! | `waiting` | stake waits for its release |
//! | `calls` | what delegators do |
//! | `standing` | candidates come and go |
//! | `slashing` | slashes, at once or some eras after a report |
//! | `eras` | rewards of an era, and stakes as an election sees them |

mod calls;
mod eras;
mod pools;
mod slashing;
mod standing;
mod waiting;

use crate::Mode;
use polkadot_sdk::sp_core::U256;
use std::collections::BTreeMap;

/// An account, by number.
pub type Who = u32;

/// Tokens, shares, and parts of 10^18.
pub type Amount = u128;

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

/// Where a candidate stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Standing {
    Active,
    JailedUntil(u32),
    LeftIn(u32),
}

#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    /// In parts of a billion.
    pub commission: Amount,
    pub standing: Standing,
    /// Before this era it must not come back.
    pub barred_until: u32,
}

/// What was reported of a candidate for an era. Fractions in parts of a billion.
#[derive(Clone, Copy, Debug, Default)]
pub struct Report {
    pub fraction: Amount,
    /// What was taken or cancelled.
    pub settled: Amount,
    /// The era in which the rest is due.
    pub due: u32,
}

impl Report {
    /// Whether a slash for it waits.
    pub fn waits(&self) -> bool {
        self.fraction > self.settled
    }
}

/// What governance has set, as far as it concerns the model.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules {
    /// Eras of unbonding.
    pub bonding: u32,
    /// Eras that a slash waits.
    pub defer: u32,
    /// Eras of a jail term.
    pub jail: u32,
    /// Blocks of an era.
    pub era_blocks: u32,
}

#[derive(Clone, Debug, Default)]
pub struct Model {
    pub now: u32,
    pub era: u32,
    pub rules: Rules,
    pub pots: BTreeMap<Who, Pot>,
    pub stakes: BTreeMap<(Who, Who), Stake>,
    pub chunks: BTreeMap<Who, Vec<Chunk>>,
    pub rows: BTreeMap<(Who, u32), Row>,
    /// Reserved for shares of generations that ended, by candidate.
    pub ended: BTreeMap<(Who, u32), Amount>,
    pub owed: BTreeMap<Who, Amount>,
    pub money: BTreeMap<Who, Amount>,
    pub candidates: BTreeMap<Who, Candidate>,
    pub reports: BTreeMap<(Who, u32), Report>,
    /// While slashes of a candidate wait: the earliest era of an offence since none did.
    pub held_since: BTreeMap<Who, u32>,
    /// While an election is under way: all stake with each candidate as it began, and its own.
    pub snapshot: Option<BTreeMap<Who, (Amount, Amount)>>,
    pub points: BTreeMap<Who, Amount>,
    /// Budget and points of the era that was not paid yet, by whom.
    pub payday: Option<(Amount, BTreeMap<Who, Amount>)>,
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

    /// The era under which stake is filed that leaves now: the last whose validators it helped to
    /// elect.
    fn departure_era(&self) -> u32 {
        self.era + u32::from(self.snapshot.is_some())
    }

    /// Whether a slash that waits may concern stake that left a candidate in this era.
    fn is_held(&self, candidate: Who, era: u32) -> bool {
        self.held_since.get(&candidate).is_some_and(|earliest| *earliest <= era)
    }

    fn is_over(&self, liability: &Liability) -> bool {
        liability.until <= self.era && !self.is_held(liability.source, liability.era)
    }
}
