// SPDX-License-Identifier: Apache-2.0

//! Assets that anybody can issue, and channels in them.

use super::{
    chain::Chain,
    parties::{Pair, account_view, channel_view, check},
};
use millrace_primitives_channels::ChannelAsset;
use millrace_runtime::{constants::money::MILL, *};
use polkadot_sdk::{pallet_assets, sp_keyring::Sr25519Keyring, sp_runtime::DispatchError};

/// Who issues the asset and may freeze it.
const TEAM: Sr25519Keyring = Sr25519Keyring::Alice;

/// What each party starts with.
const START: Balance = 1_000_000;

/// Alice issues asset 1, and gives some to both parties.
fn issue(chain: &mut Chain, pair: &Pair) -> ChannelAsset {
    let (id, admin) = (codec::Compact(1), TEAM.to_account_id().into());
    let create = pallet_assets::Call::create { id, admin, min_balance: 10 };
    chain.submit(TEAM, create).expect("anybody may issue an asset");
    for key in pair.accounts {
        let beneficiary = key.to_account_id().into();
        let mint = pallet_assets::Call::mint { id, beneficiary, amount: START };
        chain.submit(TEAM, mint).expect("the issuer may mint");
    }
    ChannelAsset::Local(1)
}

/// A chain with the asset, and two parties that use it.
fn prepared() -> (Chain, Pair) {
    let mut chain = Chain::development();
    let pair = Pair::new();
    let asset = issue(&mut chain, &pair);
    (chain, pair.with_asset(asset))
}

#[test]
fn channel_in_an_asset_opens_and_settles() {
    // given
    let (mut chain, pair) = prepared();
    let native = pair.accounts.map(|key| account_view(&mut chain, key).native);

    // when they open a channel in the asset
    let id = pair.open(&mut chain, [300_000, 0]);
    let during = pair.owned(&mut chain);
    assert_eq!(during.clone().map(|it| it.total), [START; 2]);
    assert_eq!(during.clone().map(|it| it.channel_count), [1, 1]);
    assert_eq!(during.map(|it| it.in_channels), [300_001, 1]);
    check(&mut chain);

    // and settle
    let last = pair.state(id, 9, [100_000, 200_000]);
    pair.settle(&mut chain, last);

    // then the asset moved, and no native token did
    assert_eq!(pair.owned(&mut chain).map(|it| it.free), [START - 200_000, START + 200_000]);
    assert_eq!(pair.accounts.map(|key| account_view(&mut chain, key).native), native);
    check(&mut chain);
}

#[test]
fn channel_in_an_asset_is_disputed_with_a_native_bond() {
    // given
    let (mut chain, pair) = prepared();
    let id = pair.open(&mut chain, [300_000, 100_000]);

    // when the first disputes with a stale state, and the second answers
    let stale = pair.state(id, 1, [300_000, 100_000]);
    pair.dispute(&mut chain, 0, stale);
    let bond = account_view(&mut chain, pair.accounts[0]).bonds;
    assert!(bond > 0);
    let newest = pair.state(id, 7, [0, 400_000]);
    pair.answer(&mut chain, 1, newest);
    check(&mut chain);
    let before = account_view(&mut chain, pair.accounts[1]).native.free;
    let shares = pair.owned(&mut chain).map(|it| (it.outright, it.claimable));
    assert_eq!(shares, [(0, 0), (400_000, 0)]);

    // then the second has the asset and half of the bond
    chain.empty_blocks(10);
    assert!(channel_view(&mut chain, id).is_none());
    assert_eq!(pair.owned(&mut chain).map(|it| it.free), [START - 300_000, START + 300_000]);
    assert_eq!(account_view(&mut chain, pair.accounts[1]).native.free, before + bond / 2);
    check(&mut chain);
}

#[test]
fn team_that_blocks_a_party_delays_its_payout_and_nothing_else() {
    // given a channel, one of whose parties the asset's team blocks
    let (mut chain, pair) = prepared();
    let id = pair.open(&mut chain, [300_000, 0]);
    let who = pair.accounts[1].to_account_id();
    let block = pallet_assets::Call::block { id: codec::Compact(1), who: who.clone().into() };
    chain.submit(TEAM, block).expect("the team may block accounts");

    // when it settles
    let last = pair.state(id, 9, [100_000, 200_000]);
    pair.settle(&mut chain, last);

    // then the channel is over, the other is paid, and what is owed is shown
    assert!(channel_view(&mut chain, id).is_none());
    let owned = pair.owned(&mut chain);
    assert_eq!(owned[0].free, START - 200_000);
    assert_eq!(owned[1].owed, 200_001);
    let debts = account_view(&mut chain, pair.accounts[1]).debts;
    assert_eq!(debts.iter().map(|it| it.amount).sum::<Balance>(), 200_001);
    check(&mut chain);

    // when the team gives in, then anybody hands it over
    let thaw = pallet_assets::Call::thaw { id: codec::Compact(1), who: who.clone().into() };
    chain.submit(TEAM, thaw).expect("the team may thaw accounts");
    for debt in debts {
        let call = pallet_channel_balances::Call::collect {
            asset: debt.asset,
            from: debt.from,
            to: who.clone(),
        };
        chain.submit(Sr25519Keyring::Ferdie, call).expect("nothing stands in the way");
    }
    assert_eq!(pair.owned(&mut chain)[1].free, START + 200_000);
    assert!(account_view(&mut chain, pair.accounts[1]).debts.is_empty());
    check(&mut chain);
}

#[test]
fn frozen_asset_keeps_no_dispute_from_ending() {
    // given a dispute in an asset that is then frozen
    let (mut chain, pair) = prepared();
    let id = pair.open(&mut chain, [300_000, 0]);
    let state = pair.state(id, 1, [100_000, 200_000]);
    pair.dispute(&mut chain, 0, state);
    let freeze = pallet_assets::Call::freeze_asset { id: codec::Compact(1) };
    chain.submit(TEAM, freeze).expect("the team may freeze its asset");

    // when the deadline comes
    chain.empty_blocks(10);

    // then the channel is over, the bond is back, and all of the asset is owed
    assert!(channel_view(&mut chain, id).is_none());
    assert_eq!(account_view(&mut chain, pair.accounts[0]).bonds, 0);
    assert_eq!(pair.owned(&mut chain).map(|it| it.owed), [100_001, 200_001]);
    check(&mut chain);
}

#[test]
fn asset_ids_are_given_out_in_order_and_never_again() {
    // given assets 1 and 2
    let mut chain = Chain::development();
    let create = |id: u32| pallet_assets::Call::create {
        id: codec::Compact(id),
        admin: TEAM.to_account_id().into(),
        min_balance: 10,
    };
    let refused: DispatchError = pallet_assets::Error::<Runtime>::BadAssetId.into();
    assert_eq!(chain.submit(TEAM, create(2)), Err(refused));
    chain.submit(TEAM, create(1)).expect("1 is the first");
    chain.submit(TEAM, create(2)).expect("2 comes after 1");

    // when asset 1 is destroyed
    let id = codec::Compact(1);
    for call in [
        pallet_assets::Call::start_destroy { id },
        pallet_assets::Call::destroy_accounts { id },
        pallet_assets::Call::destroy_approvals { id },
        pallet_assets::Call::finish_destroy { id },
    ] {
        chain.submit(TEAM, call).expect("the team may destroy its asset");
    }

    // then its id is not given out again
    assert_eq!(chain.submit(TEAM, create(1)), Err(refused));
    chain.submit(TEAM, create(3)).expect("3 comes after 2");
}

#[test]
fn issuing_an_asset_takes_a_deposit() {
    let (mut chain, _) = prepared();
    assert!(account_view(&mut chain, TEAM).native.elsewhere >= 10 * MILL);
    check(&mut chain);
}
