// SPDX-License-Identifier: Apache-2.0

//! What an account owns, inside channels and outside, all read at one block.

use crate::{
    AccountId, Balance, Balances, Channels, Dpos, Runtime, RuntimeHoldReason, System,
    configs::ChannelAssets,
};
use alloc::{collections::BTreeMap, vec::Vec};
use millrace_primitives_channels::{
    ChannelAsset,
    api::{
        AccountView, AssetView, ChannelHolding, DebtView, MAX_LISTED_CHANNELS, MAX_LISTED_DEBTS,
    },
};
use pallet_channel_balances::{Bonds, Debts, Deposits, HoldReason, Unpaid};
use polkadot_sdk::frame_support::traits::{
    fungible::InspectHold,
    fungibles::{Inspect, InspectHold as InspectHoldOfMany},
};

/// What the account owns.
pub fn account(account: AccountId) -> AccountView {
    let channels = holdings(&account);
    let counts = channel_counts(&account);
    let debts = debts(&account);
    let bonds = Bonds::<Runtime>::get(&account);
    let storage_deposits = storage_deposits(&account);
    let mut native = asset(&account, ChannelAsset::Native, &counts, &channels, &debts);
    native.elsewhere = native.elsewhere.saturating_sub(bonds).saturating_sub(storage_deposits);
    let assets = local_assets(&account, &counts, &debts)
        .into_iter()
        .map(|id| asset(&account, id, &counts, &channels, &debts))
        .collect();
    let staked = Dpos::staked_by(&account);
    AccountView {
        at: System::block_number(),
        native,
        bonds,
        storage_deposits,
        staked,
        assets,
        channels,
        debts,
    }
}

/// The account's shares in its channels.
fn holdings(account: &AccountId) -> Vec<ChannelHolding> {
    Deposits::<Runtime>::iter_key_prefix(account)
        .take(MAX_LISTED_CHANNELS as usize)
        .filter_map(|channel| Channels::view(channel)?.holding(account))
        .collect()
}

/// What the account is owed.
fn debts(account: &AccountId) -> Vec<DebtView> {
    Unpaid::<Runtime>::iter_prefix(account)
        .take(MAX_LISTED_DEBTS as usize)
        .map(|((asset, from), amount)| DebtView { asset, from, amount })
        .collect()
}

/// How many channels the account takes part in, by asset.
type Counts = BTreeMap<ChannelAsset, u32>;

/// Counts all channels of the account, listed or not.
fn channel_counts(account: &AccountId) -> Counts {
    Deposits::<Runtime>::iter_prefix_values(account).fold(Counts::new(), |mut counts, deposit| {
        let count = counts.entry(deposit.asset).or_default();
        *count = count.saturating_add(1);
        counts
    })
}

/// Assets other than the native token that the account has in channels, owes or is owed.
fn local_assets(account: &AccountId, counts: &Counts, debts: &[DebtView]) -> Vec<ChannelAsset> {
    let mut assets: Vec<ChannelAsset> = Debts::<Runtime>::iter_key_prefix(account)
        .chain(counts.keys().copied())
        .chain(debts.iter().map(|debt| debt.asset))
        .filter(|asset| *asset != ChannelAsset::Native)
        .collect();
    assets.sort();
    assets.dedup();
    assets
}

/// What the account has in one asset.
fn asset(
    account: &AccountId,
    asset: ChannelAsset,
    counts: &Counts,
    channels: &[ChannelHolding],
    debts: &[DebtView],
) -> AssetView {
    let total = ChannelAssets::total_balance(asset, account);
    let free = ChannelAssets::balance(asset, account);
    let reason = RuntimeHoldReason::ChannelBalances(HoldReason::Channel);
    let in_channels = ChannelAssets::balance_on_hold(asset, &reason, account);
    let sum = |share: fn(&ChannelHolding) -> Balance| {
        let shares = channels.iter().filter(|holding| holding.asset == asset).map(share);
        shares.fold(0, Balance::saturating_add)
    };
    AssetView {
        asset,
        total,
        free,
        in_channels,
        elsewhere: total.saturating_sub(free).saturating_sub(in_channels),
        channel_count: counts.get(&asset).copied().unwrap_or_default(),
        outright: sum(|holding| holding.outright),
        pending: sum(|holding| holding.pending),
        claimable: sum(|holding| holding.claimable),
        owed: debts
            .iter()
            .filter(|debt| debt.asset == asset)
            .fold(0, |sum: Balance, debt| sum.saturating_add(debt.amount)),
    }
}

/// What the account has set aside for the storage of channels and preimages.
fn storage_deposits(account: &AccountId) -> Balance {
    [HoldReason::ChannelStorage, HoldReason::RevealStorage]
        .map(|reason| {
            Balances::balance_on_hold(&RuntimeHoldReason::ChannelBalances(reason), account)
        })
        .into_iter()
        .fold(0, Balance::saturating_add)
}
