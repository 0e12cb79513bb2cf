// SPDX-License-Identifier: Apache-2.0

//! Candidates and delegators of the genesis block.

use crate::{Config, GenesisConfig, Invulnerables, Pallet, Parameters};
use polkadot_sdk::{
    frame_support::traits::{Get, fungible::Inspect},
    sp_runtime::BoundedVec,
};

impl<T: Config> Pallet<T> {
    /// Builds the pallet's part of the genesis block.
    ///
    /// # Panics
    ///
    /// If the configuration contradicts itself: a chain that cannot begin as it is meant to should
    /// not begin.
    #[allow(clippy::expect_used)]
    pub(crate) fn found(genesis: &GenesisConfig<T>) {
        Self::open_pot();
        let bounds = (T::Currency::minimum_balance(), T::MaxValidators::get());
        assert_eq!(genesis.params.verify(bounds.0, bounds.1), Ok(()), "parameters are in bounds");
        Parameters::<T>::put(genesis.params);
        for (account, self_bond, commission) in genesis.candidates.iter().cloned() {
            Self::do_register(account, self_bond, commission, Default::default())
                .expect("a candidate has what it stakes, and is named once");
        }
        for (delegator, candidate, amount, mode) in genesis.delegations.iter().cloned() {
            Self::do_delegate(delegator, candidate, amount, mode)
                .expect("a delegator has what it stakes, and its candidate is there");
        }
        let invulnerables: BoundedVec<_, T::MaxInvulnerables> =
            genesis.invulnerables.clone().try_into().expect("there are not too many invulnerables");
        Invulnerables::<T>::put(invulnerables);
    }
}
