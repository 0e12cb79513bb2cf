// SPDX-License-Identifier: Apache-2.0

//! The numbers that governance sets, and the bounds within which it may.
//!
//! In JSON, amounts are written as decimal strings, and read as those or as numbers.
//!
//! Within the bounds no combination stops the chain, traps stake for ever or mints without limit.

use crate::{Balance, EraIndex, InflationCurve, inflation::MIN_FALLOFF, seats::MAX_VALIDATORS};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::sp_runtime::Perbill;
use scale_info::TypeInfo;

/// The fewest sessions in an era: one for the announcement, one for fresh randomness, one to count.
pub const MIN_SESSIONS_PER_ERA: u32 = 3;

/// The most sessions in an era.
pub const MAX_SESSIONS_PER_ERA: u32 = 168;

/// The fewest eras that unbonding takes.
pub const MIN_BONDING_ERAS: EraIndex = 2;

/// The most eras that unbonding takes. Also bounds how far back a slash can reach.
pub const MAX_BONDING_ERAS: EraIndex = 112;

/// The highest yearly inflation.
pub const MAX_INFLATION: Perbill = Perbill::from_percent(20);

/// The longest jail, in eras.
pub const MAX_JAIL_ERAS: EraIndex = 112;

/// The longest wait between two rises of a commission, in eras.
pub const MAX_COMMISSION_COOLDOWN: EraIndex = 112;

/// The largest effective stake that a candidate can have, as a multiple of its own.
pub const MAX_LEVERAGE: u32 = 1_000;

/// The numbers that governance sets.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Params {
    /// Sessions in an era.
    pub sessions_per_era: u32,
    /// How many eras stake answers for a candidate after it left.
    pub bonding_eras: EraIndex,
    /// How many eras after its offence a slash is applied; governance can cancel it until then.
    /// Below `bonding_eras`, so that nobody is gone before.
    pub slash_defer_eras: EraIndex,
    /// The least that a candidate stakes itself, to stand for election.
    #[serde(with = "crate::decimal")]
    pub min_self_bond: Balance,
    /// The smallest delegation.
    #[serde(with = "crate::decimal")]
    pub min_delegation: Balance,
    /// The highest commission.
    pub max_commission: Perbill,
    /// By how much a commission may rise at a time.
    pub commission_step: Perbill,
    /// How many eras a rise of the commission waits, and after how many the next may follow.
    pub commission_cooldown: EraIndex,
    /// How many times its own stake counts for a candidate at most.
    pub leverage: u32,
    /// The fewest validators.
    pub min_validators: u32,
    /// The most validators.
    pub max_validators: u32,
    /// How many of them are drawn.
    pub random_seats: u32,
    /// What is minted.
    pub inflation: InflationCurve,
    /// Which share of its slots a validator may miss.
    pub absence_limit: Perbill,
    /// How many eras an absent or offending validator is jailed.
    pub jail_eras: EraIndex,
}

/// Why parameters are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamsError {
    /// `sessions_per_era` is out of bounds.
    Sessions,
    /// `bonding_eras` is out of bounds.
    Bonding,
    /// `slash_defer_eras` is not below `bonding_eras`.
    Deferral,
    /// A minimum of stake is too small.
    Minimum,
    /// A bound of commissions is out of bounds.
    Commission,
    /// `leverage` is out of bounds.
    Leverage,
    /// The numbers of validators contradict each other or the bounds.
    Validators,
    /// The curve of inflation is out of bounds.
    Inflation,
    /// A bound of absence or jail is out of bounds.
    Jail,
}

impl Params {
    /// Checks all bounds.
    ///
    /// `existential_deposit`: minimums are no smaller, so that whatever is staked can be paid back.
    /// `max_validators`: what the chain's configuration has room for.
    pub fn verify(
        &self,
        existential_deposit: Balance,
        max_validators: u32,
    ) -> Result<(), ParamsError> {
        let ensure = |holds: bool, error| if holds { Ok(()) } else { Err(error) };
        let sessions = MIN_SESSIONS_PER_ERA..=MAX_SESSIONS_PER_ERA;
        ensure(sessions.contains(&self.sessions_per_era), ParamsError::Sessions)?;
        let bonding = MIN_BONDING_ERAS..=MAX_BONDING_ERAS;
        ensure(bonding.contains(&self.bonding_eras), ParamsError::Bonding)?;
        ensure(self.slash_defer_eras < self.bonding_eras, ParamsError::Deferral)?;
        let minimum = self.min_self_bond.min(self.min_delegation);
        ensure(minimum >= existential_deposit.max(1), ParamsError::Minimum)?;
        ensure(!self.commission_step.is_zero(), ParamsError::Commission)?;
        let cooldown = 1..=MAX_COMMISSION_COOLDOWN;
        ensure(cooldown.contains(&self.commission_cooldown), ParamsError::Commission)?;
        ensure((1..=MAX_LEVERAGE).contains(&self.leverage), ParamsError::Leverage)?;
        let most = MAX_VALIDATORS.min(max_validators);
        ensure((1..=most).contains(&self.max_validators), ParamsError::Validators)?;
        let fewest = 1..=self.max_validators;
        ensure(fewest.contains(&self.min_validators), ParamsError::Validators)?;
        ensure(self.random_seats < self.min_validators, ParamsError::Validators)?;
        let curve = &self.inflation;
        ensure(curve.least <= curve.most, ParamsError::Inflation)?;
        ensure(curve.most <= MAX_INFLATION, ParamsError::Inflation)?;
        ensure(!curve.ideal_stake.is_zero(), ParamsError::Inflation)?;
        ensure(curve.falloff >= MIN_FALLOFF, ParamsError::Inflation)?;
        ensure(!self.absence_limit.is_zero(), ParamsError::Jail)?;
        ensure((1..=MAX_JAIL_ERAS).contains(&self.jail_eras), ParamsError::Jail)
    }
}

impl Default for Params {
    /// What a small network starts with, in units of a token with twelve decimals.
    fn default() -> Self {
        const TOKEN: Balance = 1_000_000_000_000;
        Self {
            sessions_per_era: 6,
            bonding_eras: 28,
            slash_defer_eras: 7,
            min_self_bond: 1_000 * TOKEN,
            min_delegation: TOKEN,
            max_commission: Perbill::from_percent(25),
            commission_step: Perbill::from_percent(5),
            commission_cooldown: 7,
            leverage: 20,
            min_validators: 1,
            max_validators: 100,
            random_seats: 0,
            inflation: InflationCurve {
                least: Perbill::from_percent(2),
                most: Perbill::from_percent(8),
                ideal_stake: Perbill::from_percent(60),
                falloff: Perbill::from_percent(5),
            },
            absence_limit: Perbill::from_percent(50),
            jail_eras: 4,
        }
    }
}
