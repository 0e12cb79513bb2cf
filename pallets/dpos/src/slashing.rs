// SPDX-License-Identifier: Apache-2.0

//! A fraction is taken from everybody who had stake with a candidate as it offended.
//!
//! That is the candidate's pool, and what left it after stakes were fixed for the era of the offence:
//! at most two rows more than unbonding takes eras, however many delegators there are. Stake that
//! moved on to another candidate pays when it is touched next; see `answering`.
//!
//! Whoever decides on a slash calls [`Pallet::note_pending`], and before the era
//! `offence_era + bonding_eras` ends either [`Pallet::apply_slash`] or nothing, and then
//! [`Pallet::drop_pending`]. Between, nothing that may be concerned is paid, and no stake comes in.

use crate::{
    AccountId, Balance, Config, CurrentEra, Departed, EndedGenerations, EraIndex, Event, Pallet,
    Pending,
    params::MAX_BONDING_ERAS,
    pools::Slashed,
    types::{EndedGeneration, PendingSlashes},
};
use polkadot_sdk::sp_runtime::Perbill;

impl<T: Config> Pallet<T> {
    /// Notes that a slash of the candidate, for an offence of this era, waits to be applied.
    pub fn note_pending(candidate: &AccountId, offence_era: EraIndex) {
        Pending::<T>::mutate(candidate, |slot| {
            let pending = slot.get_or_insert(PendingSlashes { count: 0, earliest: offence_era });
            pending.count = pending.count.saturating_add(1);
            pending.earliest = pending.earliest.min(offence_era);
        });
    }

    /// Notes that a slash of the candidate has been applied or cancelled.
    pub fn drop_pending(candidate: &AccountId) {
        Pending::<T>::mutate_exists(candidate, |slot| {
            let Some(pending) = slot else { return };
            pending.count = pending.count.saturating_sub(1);
            if pending.count == 0 {
                *slot = None;
            }
        });
    }

    /// Takes the fraction from a candidate's pool, and from what left it since stakes were fixed for
    /// the era of the offence. Returns how many eras of departures it looked at.
    pub fn apply_slash(candidate: &AccountId, offence_era: EraIndex, fraction: Perbill) -> u32 {
        let from_pool = Self::slash_pool(candidate, fraction);
        let now = CurrentEra::<T>::get();
        // Older stake is free by the rules; the bound keeps the work bounded whatever is asked for.
        let first = offence_era.max(now.saturating_sub(MAX_BONDING_ERAS));
        let mut from_unbonding: Balance = 0;
        // What left since stakes were fixed for the next era is filed under that one.
        let last = now.saturating_add(1);
        for era in first..=last {
            Departed::<T>::mutate_exists(candidate, era, |slot| {
                let Some(row) = slot else { return };
                row.factor.slash(fraction);
                let slashed = row.unbonding.slash(fraction);
                from_unbonding = from_unbonding.saturating_add(slashed.tokens);
            });
        }
        Self::hand_on_slashed(from_pool.saturating_add(from_unbonding));
        Self::deposit_event(Event::Slashed {
            candidate: candidate.clone(),
            offence_era,
            fraction,
            from_pool,
            from_unbonding,
        });
        last.saturating_sub(first).saturating_add(1)
    }

    /// Takes the fraction from both parts of a candidate's pool.
    fn slash_pool(candidate: &AccountId, fraction: Perbill) -> Balance {
        let Some(mut open) = Self::open_pool_if_any(candidate) else { return 0 };
        let generation = open.pool.payout.generation;
        let payout = open.pool.payout.slash(fraction);
        let compound = open.pool.compound.slash(fraction);
        if let Slashed { ended_shares: Some(shares), .. } = payout {
            // What these shares had earned is not slashed, and can still be settled.
            let ended = EndedGeneration {
                reward_per_share: open.pool.reward_per_share,
                reserved: core::mem::take(&mut open.pool.reserved),
                shares,
            };
            EndedGenerations::<T>::insert(candidate, generation, ended);
        }
        Self::close_pool(open);
        payout.tokens.saturating_add(compound.tokens)
    }
}
