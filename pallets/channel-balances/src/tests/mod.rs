// SPDX-License-Identifier: Apache-2.0

//! One file per chapter, for both kinds of asset.

mod bonding;
mod invariants;
mod locking;
mod owing;
mod paying;
mod properties;

use crate::mock::*;
use millrace_primitives_channels::{AccountId, Balance, ChannelAsset, ChannelFunds};
use polkadot_sdk::{
    frame_support::{storage::with_storage_layer, traits::fungibles::Inspect},
    sp_runtime::DispatchResult,
};

type Funds = <Test as crate::Config>::Assets;

/// Locks `amounts` for accounts 1, 2, … in channel `number`, or changes nothing.
fn lock(number: u64, asset: ChannelAsset, amounts: &[Balance]) -> DispatchResult {
    with_storage_layer(|| Purse::lock(channel(number), asset, &named(amounts)))
}

/// Adds `amount` of the account with number `who`, or changes nothing.
fn add(number: u64, asset: ChannelAsset, who: u8, amount: Balance) -> DispatchResult {
    with_storage_layer(|| Purse::add(channel(number), asset, &account(who), amount))
}

/// Pays `amounts` to accounts 1, 2, … from channel `number`, which goes on, or changes nothing.
fn pay(number: u64, asset: ChannelAsset, amounts: &[Balance]) -> DispatchResult {
    with_storage_layer(|| Purse::pay(channel(number), asset, &named(amounts)))
}

/// Pays `amounts` to accounts 1, 2, … and ends channel `number`, or changes nothing.
fn pay_out(number: u64, asset: ChannelAsset, amounts: &[Balance]) -> DispatchResult {
    with_storage_layer(|| Purse::pay_out(channel(number), asset, &named(amounts)))
}

/// Accounts 1, 2, … with these amounts.
fn named(amounts: &[Balance]) -> Vec<(AccountId, Balance)> {
    (1..).map(account).zip(amounts.iter().copied()).collect()
}

/// What the account with number `who` can spend, and what keeps it alive.
fn free(asset: ChannelAsset, who: u8) -> Balance {
    Funds::balance(asset, &account(who))
}

/// Free balances of accounts 1 to 4.
fn all_free(asset: ChannelAsset) -> [Balance; 4] {
    [1, 2, 3, 4].map(|who| free(asset, who))
}

/// Checks every rule.
fn check() {
    Purse::do_try_state().expect("the purse's rules hold");
}

/// Whether the purse remembers nothing.
fn is_forgotten() -> bool {
    crate::Deposits::<Test>::iter().next().is_none()
        && crate::Debts::<Test>::iter().next().is_none()
        && crate::Unpaid::<Test>::iter().next().is_none()
        && crate::Bonds::<Test>::iter().next().is_none()
}
