// SPDX-License-Identifier: Apache-2.0

//! Stake joins a pool, and rewards become somebody's own.

use crate::{
    AccountId, Balance, Candidate, Candidates, Config, Delegations, EndedGenerations, Error, Event,
    Mode, Owed, Pallet, Parameters, Pending,
    pooling::OpenPool,
    pools::{earned, mul_div_up},
    types::{Delegation, Liabilities, Lot},
};
use polkadot_sdk::{
    frame_support::{defensive, ensure},
    sp_runtime::{BoundedVec, DispatchError, DispatchResult},
};

impl<T: Config> Pallet<T> {
    /// See [`Pallet::delegate`](crate::Pallet::delegate).
    pub(crate) fn do_delegate(
        delegator: AccountId,
        candidate: AccountId,
        amount: Balance,
        mode: Mode,
    ) -> DispatchResult {
        ensure!(amount > 0, Error::<T>::NothingToMove);
        let mut open = Self::open_pool(&candidate);
        Self::verify_accepts(&delegator, &open, amount)?;
        let delegation = Self::settle(&delegator, &mut open)?;
        if let Some(delegation) = &delegation {
            ensure!(delegation.mode == mode, Error::<T>::ModeMismatch);
        }
        Self::take_in(&delegator, amount)?;
        let delegation =
            Self::add_stake(&delegator, &mut open, delegation, mode, amount, Liabilities::new())?;
        Self::verify_minimum(&delegator, &open, &delegation)?;
        Self::deposit_event(Event::Delegated {
            delegator: delegator.clone(),
            candidate: candidate.clone(),
            amount,
        });
        Delegations::<T>::insert(&delegator, &candidate, delegation);
        Self::close_pool(open);
        Ok(())
    }

    /// See [`Pallet::set_compound`](crate::Pallet::set_compound).
    pub(crate) fn do_set_compound(
        delegator: AccountId,
        candidate: AccountId,
        mode: Mode,
    ) -> DispatchResult {
        let mut open = Self::open_pool(&candidate);
        let mut delegation =
            Self::settle(&delegator, &mut open)?.ok_or(Error::<T>::NotDelegated)?;
        ensure!(delegation.mode != mode, Error::<T>::ModeMismatch);
        let old_shares = delegation.shares;
        let tokens = open
            .pool
            .part_mut(delegation.mode)
            .leave(old_shares)
            .ok_or(Error::<T>::RecordMissing)?;
        let part = open.pool.part_mut(mode);
        let shares = part.join(tokens).ok_or(Error::<T>::Overflow)?;
        delegation.mode = mode;
        delegation.shares = shares;
        delegation.generation = part.generation;
        delegation.checkpoint = open.pool.reward_per_share;
        // Parts that answer for others are rounded up, so that no move makes them smaller.
        let mut unassigned = shares;
        for lot in &mut delegation.lots {
            lot.shares =
                mul_div_up(lot.shares, shares, old_shares).unwrap_or(shares).min(unassigned);
            unassigned = unassigned.saturating_sub(lot.shares);
        }
        Self::deposit_event(Event::ModeSet {
            delegator: delegator.clone(),
            candidate: candidate.clone(),
            mode,
        });
        Delegations::<T>::insert(&delegator, &candidate, delegation);
        Self::close_pool(open);
        Ok(())
    }

    /// See [`Pallet::claim`](crate::Pallet::claim).
    pub(crate) fn do_claim(who: AccountId, candidate: AccountId) -> DispatchResult {
        Self::settle_and_store(&who, &candidate)?;
        let amount = Owed::<T>::take(&who);
        ensure!(amount > 0, Error::<T>::NothingToClaim);
        Self::pay_out(&who, amount)?;
        Self::deposit_event(Event::Claimed { who, amount });
        Ok(())
    }

    /// See [`Pallet::sync`](crate::Pallet::sync).
    pub(crate) fn do_sync(delegator: AccountId, candidate: AccountId) -> DispatchResult {
        let was_there = Self::settle_and_store(&delegator, &candidate)?;
        let is_forgotten = Self::forget_if_gone(&candidate);
        ensure!(was_there || is_forgotten, Error::<T>::NotDelegated);
        Ok(())
    }

    /// Settles a delegation and writes it back. Returns whether there was one.
    fn settle_and_store(
        delegator: &AccountId,
        candidate: &AccountId,
    ) -> Result<bool, DispatchError> {
        if !Delegations::<T>::contains_key(delegator, candidate) {
            return Ok(false);
        }
        let mut open = Self::open_pool(candidate);
        if let Some(delegation) = Self::settle(delegator, &mut open)? {
            Delegations::<T>::insert(delegator, candidate, delegation);
        }
        Self::close_pool(open);
        Ok(true)
    }

    /// Checks that a candidate takes `amount` more from `delegator`.
    pub(crate) fn verify_accepts(
        delegator: &AccountId,
        open: &OpenPool,
        amount: Balance,
    ) -> DispatchResult {
        let candidate = Self::verify_stays(&open.candidate)?;
        if *delegator == open.candidate {
            return Ok(());
        }
        ensure!(candidate.open, Error::<T>::CandidateBlocked);
        let total = open.pool.total().checked_add(amount).ok_or(Error::<T>::Overflow)?;
        ensure!(candidate.cap.is_none_or(|cap| total <= cap), Error::<T>::CapExceeded);
        Ok(())
    }

    /// Checks that there is a candidate to which stake may come.
    pub(crate) fn verify_stays(candidate: &AccountId) -> Result<Candidate, DispatchError> {
        let found = Candidates::<T>::get(candidate).ok_or(Error::<T>::NotCandidate)?;
        ensure!(!found.is_leaving(), Error::<T>::CandidateLeaving);
        ensure!(!Pending::<T>::contains_key(candidate), Error::<T>::SlashPending);
        Ok(found)
    }

    /// Checks that a delegation to which stake came is large enough.
    pub(crate) fn verify_minimum(
        delegator: &AccountId,
        open: &OpenPool,
        delegation: &Delegation,
    ) -> DispatchResult {
        let worth = Self::worth(open, delegation)?;
        let params = Parameters::<T>::get();
        if *delegator == open.candidate {
            ensure!(worth >= params.min_self_bond, Error::<T>::SelfBondTooSmall);
        } else {
            ensure!(worth >= params.min_delegation, Error::<T>::DelegationTooSmall);
        }
        Ok(())
    }

    /// What a settled delegation is worth.
    pub(crate) fn worth(open: &OpenPool, delegation: &Delegation) -> Result<Balance, Error<T>> {
        open.pool.part(delegation.mode).worth(delegation.shares).ok_or(Error::<T>::RecordMissing)
    }

    /// Notes what a delegation has earned, and takes what it has to answer for. Returns what is left
    /// of it, which the caller writes back; forgets it if nothing is.
    pub(crate) fn settle(
        delegator: &AccountId,
        open: &mut OpenPool,
    ) -> Result<Option<Delegation>, DispatchError> {
        let Some(mut delegation) = Delegations::<T>::get(delegator, &open.candidate) else {
            return Ok(None);
        };
        if !Self::is_current(&open.pool, &delegation) {
            Self::settle_worthless(delegator, open, &delegation)?;
            return Ok(None);
        }
        if delegation.mode == Mode::Payout {
            let now = open.pool.reward_per_share;
            let reward = earned(delegation.shares, delegation.checkpoint, now)
                .ok_or(Error::<T>::RecordMissing)?;
            open.pool.reserved =
                open.pool.reserved.checked_sub(reward).ok_or(Error::<T>::RecordMissing)?;
            delegation.checkpoint = now;
            Self::owe(delegator, reward);
        }
        Self::settle_lots(delegator, open, &mut delegation)?;
        if delegation.shares == 0 {
            Self::forget_delegation(delegator, open);
            return Ok(None);
        }
        Ok(Some(delegation))
    }

    /// Takes from each part that came from elsewhere what it has to answer for.
    fn settle_lots(
        delegator: &AccountId,
        open: &mut OpenPool,
        delegation: &mut Delegation,
    ) -> DispatchResult {
        let part = open.pool.part_mut(delegation.mode);
        let mut slashed: Balance = 0;
        for lot in &mut delegation.lots {
            let before = lot.shares;
            let tokens = Self::answer(delegator, part, &mut lot.shares, &mut lot.liabilities)?;
            let lost = before.saturating_sub(lot.shares);
            delegation.shares =
                delegation.shares.checked_sub(lost).ok_or(Error::<T>::RecordMissing)?;
            slashed = slashed.saturating_add(tokens);
            if lot.shares == 0 {
                Self::drop_references(&lot.liabilities);
                lot.liabilities = Liabilities::new();
            }
        }
        delegation.lots.retain(|lot| !lot.liabilities.is_empty());
        Self::hand_on_slashed(slashed);
        Ok(())
    }

    /// Settles and forgets a delegation whose shares a slash made worthless. What it had earned
    /// before stays its own.
    fn settle_worthless(
        delegator: &AccountId,
        open: &mut OpenPool,
        delegation: &Delegation,
    ) -> DispatchResult {
        if delegation.mode == Mode::Payout {
            let generation = delegation.generation;
            let mut ended = EndedGenerations::<T>::get(&open.candidate, generation)
                .ok_or(Error::<T>::RecordMissing)?;
            let reward = earned(delegation.shares, delegation.checkpoint, ended.reward_per_share)
                .ok_or(Error::<T>::RecordMissing)?;
            ended.reserved = ended.reserved.checked_sub(reward).ok_or(Error::<T>::RecordMissing)?;
            ended.shares =
                ended.shares.checked_sub(delegation.shares).ok_or(Error::<T>::RecordMissing)?;
            Self::owe(delegator, reward);
            if ended.shares == 0 {
                Self::leave_over(ended.reserved);
                EndedGenerations::<T>::remove(&open.candidate, generation);
            } else {
                EndedGenerations::<T>::insert(&open.candidate, generation, ended);
            }
        }
        for lot in &delegation.lots {
            Self::drop_references(&lot.liabilities);
        }
        Self::forget_delegation(delegator, open);
        Self::deposit_event(Event::WorthlessRemoved {
            delegator: delegator.clone(),
            candidate: open.candidate.clone(),
        });
        Ok(())
    }

    /// Adds stake, which is in the pot already, to a settled delegation or makes a new one.
    ///
    /// References of `liabilities` are counted here; those to the pool's own candidate are left out,
    /// because its pool is slashed anyway.
    pub(crate) fn add_stake(
        delegator: &AccountId,
        open: &mut OpenPool,
        delegation: Option<Delegation>,
        mode: Mode,
        amount: Balance,
        mut liabilities: Liabilities,
    ) -> Result<Delegation, DispatchError> {
        let mut delegation = match delegation {
            Some(delegation) => delegation,
            None => {
                Self::count_delegation(delegator, open)?;
                Delegation {
                    mode,
                    shares: 0,
                    generation: open.pool.part(mode).generation,
                    checkpoint: open.pool.reward_per_share,
                    lots: BoundedVec::new(),
                }
            }
        };
        let shares =
            open.pool.part_mut(delegation.mode).join(amount).ok_or(Error::<T>::Overflow)?;
        delegation.shares = delegation.shares.checked_add(shares).ok_or(Error::<T>::Overflow)?;
        liabilities.retain(|liability| liability.source != open.candidate);
        if liabilities.is_empty() {
            return Ok(delegation);
        }
        let same = delegation.lots.iter_mut().find(|lot| lot.liabilities == liabilities);
        match same {
            Some(lot) => {
                lot.shares = lot.shares.checked_add(shares).ok_or(Error::<T>::Overflow)?;
            }
            None => {
                Self::add_references(&liabilities)?;
                delegation
                    .lots
                    .try_push(Lot { shares, liabilities })
                    .map_err(|_| Error::<T>::TooManyRedelegations)?;
            }
        }
        Ok(delegation)
    }

    /// Writes a delegation back, or forgets it if it has no shares.
    pub(crate) fn put_delegation(
        delegator: &AccountId,
        open: &mut OpenPool,
        delegation: Delegation,
    ) {
        if delegation.shares > 0 {
            Delegations::<T>::insert(delegator, &open.candidate, delegation);
            return;
        }
        if !delegation.lots.is_empty() {
            defensive!("a part has no shares");
        }
        Self::forget_delegation(delegator, open);
    }
}
