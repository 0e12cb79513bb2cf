// SPDX-License-Identifier: Apache-2.0

//! Measures what calls cost, each in its worst case: the assets pallet touches more storage than
//! the native token.

use crate::*;
use polkadot_sdk::{
    frame_benchmarking::v2::*, frame_support::traits::fungibles::MutateHold,
    frame_system::RawOrigin,
};

/// Gives benchmarks an asset. The runtime implements it.
pub trait BenchmarkHelper {
    /// Issues an asset of the assets pallet, and gives `amount` of it to each of `accounts`.
    fn issue(accounts: &[AccountId], amount: Balance) -> ChannelAsset;
}

#[benchmarks(where T: BenchmarkHelper)]
mod benches {
    use super::*;

    #[benchmark]
    fn collect() {
        let from: AccountId = account("from", 0, 0);
        let to: AccountId = account("to", 0, 0);
        let asset = T::issue(&[from.clone(), to.clone()], 1_000_000);
        let reason = HoldReason::Channel.into();
        T::Assets::hold(asset, &reason, &from, 500).expect("the account has as much");
        Debts::<T>::insert(&from, asset, 500);
        Unpaid::<T>::insert(&to, (asset, from.clone()), 500);

        #[extrinsic_call]
        _(RawOrigin::Signed(to.clone()), asset, from.clone(), to.clone());

        assert!(!Unpaid::<T>::contains_key(&to, (asset, from)));
    }
}
