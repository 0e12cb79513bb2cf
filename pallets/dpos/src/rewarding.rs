// SPDX-License-Identifier: Apache-2.0

//! What an era has earned is divided by points and drips into the pools of the next.
//!
//! No reward arrives in a lump, so nobody gains by joining a block before payday: stake earns for
//! the blocks in which it is there. Payday itself pays a few validators with each block; nothing is
//! lost if it takes long, or if nobody claims.

use crate::{
    AccountId, Balance, Candidates, Config, CurrentEra, CurrentEraStart, EraFees, EraIndex,
    EraPoints, Event, Pallet, Parameters, Paydays, Points, Remainder, SettleCursor, TotalStaked,
    WeightInfo,
    pools::{fraction_down, mul_div},
    types::{EraStart, Payday},
};
use polkadot_sdk::{
    frame_support::{
        traits::{Get, UnixTime, fungible::Inspect},
        weights::WeightMeter,
    },
    sp_runtime::SaturatedConversion,
};

/// Points for the author of a block.
pub const AUTHOR_POINTS: u32 = 20;

/// How many times its planned length an era counts for rewards, at the most.
const MAX_STRETCH: u64 = 2;

impl<T: Config> Pallet<T> {
    /// Gives a validator points of the current era.
    pub fn award(validator: &AccountId, points: u32) {
        let era = CurrentEra::<T>::get();
        // The sum is raised by as much as the validator's points are.
        let sum = EraPoints::<T>::get();
        let added = points.min(u32::MAX.saturating_sub(sum));
        if added > 0 {
            Points::<T>::mutate(era, validator, |own| *own = own.saturating_add(added));
            EraPoints::<T>::put(sum.saturating_add(added));
        }
    }

    /// How many blocks an era has if no slot is missed.
    pub fn era_blocks() -> u32 {
        let sessions = Parameters::<T>::get().sessions_per_era;
        T::SessionBlocks::get().saturating_mul(sessions)
    }

    /// How long an era takes by plan, in milliseconds.
    pub fn era_millis() -> u64 {
        u64::from(Self::era_blocks()).saturating_mul(T::SlotMillis::get())
    }

    /// Ends the current era, and begins the next with this session.
    pub fn begin_era(session: u32) {
        let now = Self::millis();
        Self::end_rewards(now);
        CurrentEra::<T>::mutate(|era| *era = era.saturating_add(1));
        CurrentEraStart::<T>::put(EraStart { session, block: Self::now(), millis: now });
    }

    /// The time, in milliseconds; 0 if it is not known yet.
    fn millis() -> u64 {
        if Self::now() == 0 { 0 } else { T::UnixTime::now().as_millis().saturated_into() }
    }

    /// Mints what the curve gives for the current era, and sets aside what is to be divided.
    fn end_rewards(now: u64) {
        let era = CurrentEra::<T>::get();
        let points = EraPoints::<T>::take();
        let fees = EraFees::<T>::take();
        if points == 0 {
            // Nobody has worked: there is nothing to mint for.
            Self::leave_over(fees);
            return;
        }
        let minted = Self::mint(Self::due_inflation(now));
        let budget = minted.saturating_add(fees).saturating_add(Remainder::<T>::take());
        Paydays::<T>::insert(era, Payday { budget, points, left: budget });
        Self::deposit_event(Event::EraRewarded { era, minted, budget });
    }

    /// What the curve gives for the time since the era began.
    fn due_inflation(now: u64) -> Balance {
        let planned = Self::era_millis();
        let start = CurrentEraStart::<T>::get();
        let elapsed = if start.millis == 0 {
            // Nobody knew the time of the genesis block. Its era may have been planned otherwise.
            let blocks = Self::now().saturating_sub(start.block);
            u64::from(blocks).saturating_mul(T::SlotMillis::get()).min(planned)
        } else {
            now.saturating_sub(start.millis).min(planned.saturating_mul(MAX_STRETCH))
        };
        let issuance = T::Currency::total_issuance();
        Parameters::<T>::get().inflation.minted(TotalStaked::<T>::get(), issuance, elapsed)
    }

    /// Pays some validators of past eras, as far as there is weight.
    pub fn pay_some(meter: &mut WeightMeter) {
        for _ in 0..T::PaydayPerBlock::get() {
            if meter.try_consume(T::WeightInfo::pay_nothing()).is_err() {
                return;
            }
            let era = SettleCursor::<T>::get();
            if era >= CurrentEra::<T>::get() {
                return;
            }
            if meter.try_consume(T::WeightInfo::pay_validator()).is_err() {
                return;
            }
            Self::pay_one(era);
        }
    }

    /// Pays one validator of a past era, or ends its payday if none is left.
    pub(crate) fn pay_one(era: EraIndex) {
        let next = Points::<T>::iter_prefix(era).next();
        let payday = Paydays::<T>::get(era);
        let (Some((validator, points)), Some(mut payday)) = (next, payday) else {
            Paydays::<T>::remove(era);
            Self::leave_over(payday.map_or(0, |payday| payday.left));
            SettleCursor::<T>::put(era.saturating_add(1));
            return;
        };
        Points::<T>::remove(era, &validator);
        let reward = mul_div(payday.budget, points.into(), payday.points.into())
            .unwrap_or(0)
            .min(payday.left);
        payday.left = payday.left.saturating_sub(reward);
        Paydays::<T>::insert(era, payday);
        Self::reward(era, validator, reward);
    }

    /// Divides a validator's reward between itself and its pool.
    fn reward(era: EraIndex, validator: AccountId, reward: Balance) {
        let Some(candidate) = Candidates::<T>::get(&validator) else {
            Self::leave_over(reward);
            return;
        };
        let commission = fraction_down(candidate.commission_of(era), reward);
        Self::owe(&validator, commission);
        let shared = reward.saturating_sub(commission);
        let shared = if Self::start_drip(&validator, shared) {
            shared
        } else {
            Self::leave_over(shared);
            0
        };
        Self::deposit_event(Event::ValidatorRewarded { era, validator, commission, shared });
    }

    /// Lets a reward drip into a pool over as many blocks as an era has. Returns whether anybody has
    /// stake there.
    fn start_drip(validator: &AccountId, amount: Balance) -> bool {
        let Some(mut open) = Self::open_pool_if_any(validator) else { return false };
        let now = Self::now();
        let until = now.saturating_add(Self::era_blocks().max(1));
        let is_taken = !open.pool.is_empty() && open.pool.drip.refill(amount, now, until).is_some();
        Self::close_pool(open);
        is_taken
    }
}
