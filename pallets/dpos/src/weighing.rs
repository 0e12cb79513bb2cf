// SPDX-License-Identifier: Apache-2.0

//! What a call is charged before it runs, and what it gets back because there was less to do.
//!
//! A call that touches stake takes longer the more departures that stake refers to: for each it has to
//! be asked what slashes have taken since, whether another one waits, and whether the reference is
//! still needed. Everything else about a call has one worst case, which its benchmark measures. So
//! calls are charged for the most references that there can be. As they begin they count those that
//! are there, in records which they read anyway, and give the rest back, even if they fail.

use crate::{
    AccountId, Config, Delegations, Pallet, Portfolios,
    types::{Chunk, MAX_DELEGATION_REFERENCES, MAX_UNBONDING_REFERENCES},
};
use polkadot_sdk::{
    frame_support::{
        dispatch::{DispatchClass, DispatchResultWithPostInfo, WithPostDispatchInfo},
        weights::Weight,
    },
    frame_system,
    sp_runtime::DispatchResult,
};

/// The most references of a call that touches one delegation.
pub(crate) const ONE_DELEGATION: u32 = MAX_DELEGATION_REFERENCES;

/// The most references of a call that moves stake from one delegation to another.
pub(crate) const TWO_DELEGATIONS: u32 = MAX_DELEGATION_REFERENCES.saturating_mul(2);

/// The most references of a call that touches all stake that is unbonding.
pub(crate) const UNBONDING: u32 = MAX_UNBONDING_REFERENCES;

/// The most references of a call that moves stake that is unbonding into a delegation.
pub(crate) const UNBONDING_AND_DELEGATION: u32 =
    MAX_UNBONDING_REFERENCES.saturating_add(MAX_DELEGATION_REFERENCES);

impl<T: Config> Pallet<T> {
    /// To how many departures a delegation refers.
    pub(crate) fn references_of(delegator: &AccountId, candidate: &AccountId) -> u32 {
        Delegations::<T>::get(delegator, candidate).map_or(0, |it| it.references())
    }

    /// To how many departures those parts of an account's stake refer that are unbonding and that a
    /// call may touch.
    pub(crate) fn references_unbonding(
        delegator: &AccountId,
        may_touch: impl Fn(&Chunk) -> bool,
    ) -> u32 {
        let portfolio = Portfolios::<T>::get(delegator);
        let touched = portfolio.unbonding.iter().filter(|chunk| may_touch(chunk));
        touched.fold(0, |sum, chunk| sum.saturating_add(chunk.references()))
    }

    /// Adds to the block's weight what the chain does between two sessions, which is neither a call nor
    /// a hook of this pallet. The session pallet leaves no room for others in such a block; this says
    /// what is really taken.
    pub(crate) fn charge_block(weight: Weight) {
        // At genesis there is no block yet.
        if Self::now() > 0 {
            frame_system::Pallet::<T>::register_extra_weight_unchecked(
                weight,
                DispatchClass::Mandatory,
            );
        }
    }
}

/// The outcome of a call that took this weight, whether it failed or not.
pub(crate) fn weighed(outcome: DispatchResult, weight: Weight) -> DispatchResultWithPostInfo {
    match outcome {
        Ok(()) => Ok(Some(weight).into()),
        Err(error) => Err(error.with_weight(weight)),
    }
}
