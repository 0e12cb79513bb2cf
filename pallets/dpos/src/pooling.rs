// SPDX-License-Identifier: Apache-2.0

//! Pools are opened, changed and closed.
//!
//! Whoever opens a pool finds its rewards released up to the current block, and its stake frozen for
//! an election that is under way. Whoever closes it leaves the sum of all stake right, and nothing
//! behind in a pool without stake.

use crate::{
    AccountId, Balance, BlockNumber, Config, CurrentElection, Delegations, Error, Pallet, Pool,
    Pools, TotalStaked,
    offices::{Election, ElectionPhase},
    types::{Delegation, Frozen},
};
use polkadot_sdk::{
    frame_support::ensure,
    frame_system,
    sp_runtime::{DispatchError, SaturatedConversion},
};

/// A candidate's pool that is being changed. To be closed by [`Pallet::close_pool`].
#[must_use]
pub(crate) struct OpenPool {
    /// Whose.
    pub candidate: AccountId,
    /// The pool.
    pub pool: Pool,
    /// All stake in it as it was opened.
    before: Balance,
}

impl<T: Config> Pallet<T> {
    /// The current block.
    pub(crate) fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    /// Opens a candidate's pool; an empty one, if there is none.
    pub(crate) fn open_pool(candidate: &AccountId) -> OpenPool {
        let mut pool = Pools::<T>::get(candidate).unwrap_or_default();
        let before = pool.total();
        Self::freeze(candidate, &mut pool);
        Self::leave_over(pool.release(Self::now()));
        OpenPool { candidate: candidate.clone(), pool, before }
    }

    /// Opens a candidate's pool if there is one.
    pub(crate) fn open_pool_if_any(candidate: &AccountId) -> Option<OpenPool> {
        Pools::<T>::contains_key(candidate).then(|| Self::open_pool(candidate))
    }

    /// Writes a pool back, or forgets it once nobody has a delegation there.
    pub(crate) fn close_pool(open: OpenPool) {
        let OpenPool { candidate, mut pool, before } = open;
        Self::leave_over(pool.take_leftovers());
        let after = pool.total();
        if after != before {
            TotalStaked::<T>::mutate(|sum| {
                *sum = sum.saturating_add(after).saturating_sub(before);
            });
        }
        if pool.delegations == 0 {
            Pools::<T>::remove(candidate);
        } else {
            Pools::<T>::insert(candidate, pool);
        }
    }

    /// A candidate's stake as an election counts it: all of it, and its own part.
    pub fn stake_in(candidate: &AccountId, election: &Election) -> (Balance, Balance) {
        let Some(pool) = Pools::<T>::get(candidate) else { return (0, 0) };
        match pool.frozen {
            Some(frozen) if frozen.election == election.id => (frozen.total, frozen.self_bond),
            _ => Self::stake_at(candidate, &pool, election.snapshot_block),
        }
    }

    /// A candidate's stake with rewards released up to the block: all of it, and its own part.
    pub fn stake_at(candidate: &AccountId, pool: &Pool, block: BlockNumber) -> (Balance, Balance) {
        match Delegations::<T>::get(candidate, candidate) {
            Some(own) if Self::is_current(pool, &own) => pool.stake_at(block, own.mode, own.shares),
            _ => pool.stake_at(block, Default::default(), 0),
        }
    }

    /// Whether a delegation's shares are of the pool's current generation.
    pub(crate) fn is_current(pool: &Pool, delegation: &Delegation) -> bool {
        pool.part(delegation.mode).generation == delegation.generation
    }

    /// Writes down the stake as it is, if an election has begun since it was last written down.
    fn freeze(candidate: &AccountId, pool: &mut Pool) {
        let Some(election) = CurrentElection::<T>::get() else { return };
        let is_frozen = pool.frozen.is_some_and(|frozen| frozen.election == election.id);
        if is_frozen || election.phase == ElectionPhase::Decided {
            return;
        }
        let (total, self_bond) = Self::stake_at(candidate, pool, election.snapshot_block);
        pool.frozen = Some(Frozen { election: election.id, total, self_bond });
    }

    /// Counts one more delegation of `delegator` with the pool's candidate.
    pub(crate) fn count_delegation(
        delegator: &AccountId,
        open: &mut OpenPool,
    ) -> Result<(), DispatchError> {
        crate::Portfolios::<T>::try_mutate(delegator, |portfolio| {
            ensure!(
                portfolio.delegations < crate::types::MAX_DELEGATIONS,
                Error::<T>::TooManyDelegations
            );
            portfolio.delegations = portfolio.delegations.saturating_add(1);
            open.pool.delegations =
                open.pool.delegations.checked_add(1).ok_or(Error::<T>::Overflow)?;
            Ok(())
        })
    }

    /// Forgets a delegation, whose shares have been given up before.
    pub(crate) fn forget_delegation(delegator: &AccountId, open: &mut OpenPool) {
        Delegations::<T>::remove(delegator, &open.candidate);
        open.pool.delegations = open.pool.delegations.saturating_sub(1);
        crate::Portfolios::<T>::mutate_exists(delegator, |slot| {
            let Some(portfolio) = slot else { return };
            portfolio.delegations = portfolio.delegations.saturating_sub(1);
            if portfolio.is_empty() {
                *slot = None;
            }
        });
    }
}
