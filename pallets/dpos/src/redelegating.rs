// SPDX-License-Identifier: Apache-2.0

//! Stake moves from one candidate to another at once, and still answers for where it was.

use crate::{AccountId, Balance, Config, Delegations, Error, Event, Pallet};
use polkadot_sdk::{frame_support::ensure, sp_runtime::DispatchResult};

impl<T: Config> Pallet<T> {
    /// See [`Pallet::redelegate`](crate::Pallet::redelegate).
    pub(crate) fn do_redelegate(
        delegator: AccountId,
        from: AccountId,
        to: AccountId,
        amount: Balance,
    ) -> DispatchResult {
        ensure!(from != to, Error::<T>::SameCandidate);
        let mut source = Self::open_pool(&from);
        let leaving = Self::settle(&delegator, &mut source)?.ok_or(Error::<T>::NotDelegated)?;
        let mode = leaving.mode;
        let mut parts = Self::take_stake(&delegator, &mut source, leaving, amount)?;
        Self::close_pool(source);

        let liability = Self::new_liability(&from);
        let mut moved: Balance = 0;
        for part in &mut parts {
            part.liabilities
                .try_push(liability.clone())
                .map_err(|_| Error::<T>::TooManyLiabilities)?;
            Self::add_references(core::slice::from_ref(&liability))?;
            moved = moved.saturating_add(part.tokens);
        }

        let mut target = Self::open_pool(&to);
        Self::verify_accepts(&delegator, &target, moved)?;
        let joined = Self::settle(&delegator, &mut target)?;
        let joined = Self::place(&delegator, &mut target, joined, mode, parts)?;
        Self::verify_minimum(&delegator, &target, &joined)?;
        Delegations::<T>::insert(&delegator, &to, joined);
        Self::close_pool(target);
        Self::deposit_event(Event::Redelegated { delegator, from, to, amount: moved });
        Ok(())
    }
}
