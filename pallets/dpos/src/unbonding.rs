// SPDX-License-Identifier: Apache-2.0

//! Stake leaves a pool, waits for its release and is paid.
//!
//! While it waits it lies with all other stake that left the same candidate in the same era, so that
//! a late slash of that candidate reaches it in one write. Parts that answer for other candidates
//! keep doing so.

use crate::{
    AccountId, Balance, Candidates, Config, CurrentEra, Delegations, Departed, EraIndex, Error,
    Event, Mode, Pallet, Parameters, Portfolio, Portfolios,
    pooling::OpenPool,
    pools::SubPool,
    types::{Chunk, Delegation, Liabilities},
};
use alloc::vec::Vec;
use polkadot_sdk::{
    frame_support::ensure,
    sp_runtime::{BoundedVec, DispatchError, DispatchResult},
};

/// A part of a stake on its way from one place to another.
pub(crate) struct Part {
    /// How much it is.
    pub tokens: Balance,
    /// What it answers for. It holds a reference to each while it is on its way.
    pub liabilities: Liabilities,
}

impl<T: Config> Pallet<T> {
    /// See [`Pallet::unbond`](crate::Pallet::unbond).
    pub(crate) fn do_unbond(
        delegator: AccountId,
        candidate: AccountId,
        amount: Balance,
    ) -> DispatchResult {
        let mut open = Self::open_pool(&candidate);
        let delegation = Self::settle(&delegator, &mut open)?.ok_or(Error::<T>::NotDelegated)?;
        let parts = Self::take_stake(&delegator, &mut open, delegation, amount)?;
        Self::close_pool(open);
        Self::start_unbonding(&delegator, &candidate, parts)
    }

    /// Takes stake out of a settled delegation: free shares first, then those that came from
    /// elsewhere, oldest first. What remains is written back, and must be large enough.
    pub(crate) fn take_stake(
        delegator: &AccountId,
        open: &mut OpenPool,
        mut delegation: Delegation,
        amount: Balance,
    ) -> Result<Vec<Part>, DispatchError> {
        ensure!(amount > 0, Error::<T>::NothingToMove);
        let is_all = amount >= Self::worth(open, &delegation)?;
        let mut missing = if is_all { Balance::MAX } else { amount };
        let part = open.pool.part_mut(delegation.mode);
        let mut parts = Vec::new();

        let in_lots = delegation.lots.iter().fold(0, |sum: Balance, lot| {
            // Parts of a number of shares that fits.
            sum.saturating_add(lot.shares)
        });
        let mut free = delegation.shares.checked_sub(in_lots).ok_or(Error::<T>::RecordMissing)?;
        let tokens = take_some(part, &mut free, &mut missing).ok_or(Error::<T>::RecordMissing)?;
        parts.push(Part { tokens, liabilities: Liabilities::new() });

        let mut left = free;
        for lot in &mut delegation.lots {
            if missing > 0 {
                let tokens = take_some(part, &mut lot.shares, &mut missing)
                    .ok_or(Error::<T>::RecordMissing)?;
                parts.push(Part { tokens, liabilities: lot.liabilities.clone() });
            }
            left = left.saturating_add(lot.shares);
        }
        delegation.shares = left;
        parts.retain(|part| part.tokens > 0);
        ensure!(!parts.is_empty() || is_all, Error::<T>::NothingToMove);

        // The new references come first, so that no row is forgotten between.
        for part in &parts {
            Self::add_references(&part.liabilities)?;
        }
        for lot in delegation.lots.iter().filter(|lot| lot.shares == 0) {
            Self::drop_references(&lot.liabilities);
        }
        delegation.lots.retain(|lot| lot.shares > 0);
        Self::verify_rest(delegator, open, &delegation)?;
        Self::put_delegation(delegator, open, delegation);
        Ok(parts)
    }

    /// Checks that what remains of a delegation is large enough, or nothing.
    fn verify_rest(
        delegator: &AccountId,
        open: &OpenPool,
        delegation: &Delegation,
    ) -> DispatchResult {
        let params = Parameters::<T>::get();
        let worth = Self::worth(open, delegation)?;
        if *delegator == open.candidate {
            let is_leaving =
                Candidates::<T>::get(delegator).is_none_or(|candidate| candidate.is_leaving());
            ensure!(is_leaving || worth >= params.min_self_bond, Error::<T>::SelfBondTooSmall);
        }
        let is_enough = delegation.shares == 0 || worth >= params.min_delegation;
        ensure!(is_enough, Error::<T>::RemainderTooSmall);
        Ok(())
    }

    /// Puts parts that left a candidate among what leaves it in this era.
    pub(crate) fn start_unbonding(
        delegator: &AccountId,
        candidate: &AccountId,
        parts: Vec<Part>,
    ) -> DispatchResult {
        let era = Self::departure_era();
        let usual = era.saturating_add(Parameters::<T>::get().bonding_eras);
        let mut portfolio = Portfolios::<T>::get(delegator);
        let mut row = Departed::<T>::get(candidate, era).unwrap_or_default();
        let mut dropped = Vec::new();
        for Part { tokens, liabilities } in parts {
            let shares = row.unbonding.join(tokens).ok_or(Error::<T>::Overflow)?;
            let generation = row.unbonding.generation;
            let release_era = liabilities.iter().fold(usual, |last, it| last.max(it.until));
            let chunk = Chunk {
                candidate: candidate.clone(),
                era,
                release_era,
                shares,
                generation,
                liabilities,
            };
            let same = portfolio.unbonding.iter_mut().find(|other| is_alike(other, &chunk));
            match same {
                Some(other) => {
                    other.shares = other.shares.checked_add(shares).ok_or(Error::<T>::Overflow)?;
                    dropped.push(chunk.liabilities);
                }
                None => {
                    row.references = row.references.checked_add(1).ok_or(Error::<T>::Overflow)?;
                    portfolio
                        .unbonding
                        .try_push(chunk)
                        .map_err(|_| Error::<T>::TooManyUnbonding)?;
                }
            }
            Self::deposit_event(Event::Unbonded {
                delegator: delegator.clone(),
                candidate: candidate.clone(),
                amount: tokens,
                release_era,
            });
        }
        if row.references > 0 {
            Departed::<T>::insert(candidate, era, row);
        }
        for liabilities in dropped {
            Self::drop_references(&liabilities);
        }
        put_portfolio::<T>(delegator, portfolio);
        Ok(())
    }

    /// See [`Pallet::withdraw`](crate::Pallet::withdraw).
    pub(crate) fn do_withdraw(delegator: AccountId) -> DispatchResult {
        let now = CurrentEra::<T>::get();
        let portfolio = Portfolios::<T>::get(&delegator);
        let (ripe, waiting): (Vec<_>, Vec<_>) =
            portfolio.unbonding.into_iter().partition(|chunk| Self::is_ripe(chunk, now));
        ensure!(!ripe.is_empty(), Error::<T>::NothingToWithdraw);
        let mut amount: Balance = 0;
        for mut chunk in ripe {
            let tokens = Self::take_chunk(&delegator, &mut chunk, Balance::MAX)?.tokens;
            Self::drop_references(&chunk.liabilities);
            amount = amount.checked_add(tokens).ok_or(Error::<T>::Overflow)?;
        }
        let unbonding = BoundedVec::truncate_from(waiting);
        put_portfolio::<T>(&delegator, Portfolio { delegations: portfolio.delegations, unbonding });
        if amount > 0 {
            Self::pay_out(&delegator, amount)?;
        }
        Self::deposit_event(Event::Withdrawn { delegator: delegator.clone(), amount });
        Self::forget_if_gone(&delegator);
        Ok(())
    }

    /// Whether a chunk can be paid: its time has come, and no slash that could concern it waits to
    /// be applied.
    fn is_ripe(chunk: &Chunk, now: EraIndex) -> bool {
        chunk.release_era <= now
            && !Self::is_held(&chunk.candidate, chunk.era)
            && !chunk.liabilities.iter().any(|it| Self::is_held(&it.source, it.era))
    }

    /// See [`Pallet::rebond`](crate::Pallet::rebond).
    pub(crate) fn do_rebond(
        delegator: AccountId,
        candidate: AccountId,
        amount: Balance,
    ) -> DispatchResult {
        ensure!(amount > 0, Error::<T>::NothingToMove);
        Self::verify_stays(&candidate)?;
        let portfolio = Portfolios::<T>::get(&delegator);
        let mut chunks = portfolio.unbonding.into_inner();
        ensure!(chunks.iter().any(|it| it.candidate == candidate), Error::<T>::NotUnbonding);
        let mut missing = amount;
        let mut parts = Vec::new();
        for chunk in chunks.iter_mut().rev().filter(|it| it.candidate == candidate) {
            if missing == 0 {
                break;
            }
            let part = Self::take_chunk(&delegator, chunk, missing)?;
            missing = missing.saturating_sub(part.tokens);
            Self::add_references(&part.liabilities)?;
            if chunk.shares == 0 {
                Self::drop_references(&chunk.liabilities);
            }
            parts.push(part);
        }
        chunks.retain(|chunk| chunk.shares > 0);
        let unbonding = BoundedVec::truncate_from(chunks);
        put_portfolio::<T>(&delegator, Portfolio { delegations: portfolio.delegations, unbonding });
        parts.retain(|part| part.tokens > 0 || !part.liabilities.is_empty());

        let mut open = Self::open_pool(&candidate);
        let delegation = Self::settle(&delegator, &mut open)?;
        let sum = parts.iter().fold(0, |sum: Balance, part| sum.saturating_add(part.tokens));
        ensure!(sum > 0, Error::<T>::NotUnbonding);
        let delegation = Self::place(&delegator, &mut open, delegation, Mode::default(), parts)?;
        Self::verify_minimum(&delegator, &open, &delegation)?;
        Delegations::<T>::insert(&delegator, &candidate, delegation);
        Self::close_pool(open);
        Self::deposit_event(Event::Rebonded { delegator, candidate, amount: sum });
        Ok(())
    }

    /// Adds parts that are on their way to a settled delegation, or makes a new one.
    pub(crate) fn place(
        delegator: &AccountId,
        open: &mut OpenPool,
        mut delegation: Option<Delegation>,
        mode: Mode,
        parts: Vec<Part>,
    ) -> Result<Delegation, DispatchError> {
        for Part { tokens, liabilities } in parts {
            if tokens > 0 {
                let held = liabilities.clone();
                let placed =
                    Self::add_stake(delegator, open, delegation, mode, tokens, liabilities)?;
                Self::drop_references(&held);
                delegation = Some(placed);
            } else {
                Self::drop_references(&liabilities);
            }
        }
        delegation.ok_or(Error::<T>::NothingToMove.into())
    }

    /// Takes up to `amount` tokens out of a chunk, after it has answered for what it has to. If none
    /// of its shares are left, its reference to the candidate's departures is dropped; those of its
    /// liabilities are left to the caller.
    fn take_chunk(
        delegator: &AccountId,
        chunk: &mut Chunk,
        amount: Balance,
    ) -> Result<Part, DispatchError> {
        let mut row =
            Departed::<T>::get(&chunk.candidate, chunk.era).ok_or(Error::<T>::RecordMissing)?;
        let mut tokens = 0;
        if row.unbonding.generation == chunk.generation {
            let slashed = Self::answer(
                delegator,
                &mut row.unbonding,
                &mut chunk.shares,
                &mut chunk.liabilities,
            )?;
            Self::hand_on_slashed(slashed);
            let mut missing = amount;
            tokens = take_some(&mut row.unbonding, &mut chunk.shares, &mut missing)
                .ok_or(Error::<T>::RecordMissing)?;
        } else {
            chunk.shares = 0;
        }
        if chunk.shares == 0 {
            row.references = row.references.saturating_sub(1);
        }
        Self::put_departures(&chunk.candidate, chunk.era, row);
        Ok(Part { tokens, liabilities: chunk.liabilities.clone() })
    }
}

/// Takes shares out until they are worth what is missing, or none are left. Lowers both numbers, and
/// returns the tokens. Nothing if there are not as many shares.
fn take_some(
    sub_pool: &mut SubPool,
    shares: &mut Balance,
    missing: &mut Balance,
) -> Option<Balance> {
    let worth = sub_pool.worth(*shares)?;
    let needed = if *missing >= worth { *shares } else { sub_pool.shares_of(*missing)? };
    let given = needed.min(*shares);
    let tokens = if given == *shares { worth } else { *missing };
    sub_pool.leave_with(given, tokens)?;
    *shares = shares.checked_sub(given)?;
    *missing = missing.saturating_sub(tokens);
    Some(tokens)
}

/// Whether two chunks can become one.
fn is_alike(one: &Chunk, other: &Chunk) -> bool {
    one.candidate == other.candidate
        && one.era == other.era
        && one.generation == other.generation
        && one.release_era == other.release_era
        && one.liabilities == other.liabilities
}

/// Writes a portfolio back, or forgets it once it is empty.
fn put_portfolio<T: Config>(who: &AccountId, portfolio: Portfolio) {
    if portfolio.is_empty() {
        Portfolios::<T>::remove(who);
    } else {
        Portfolios::<T>::insert(who, portfolio);
    }
}
