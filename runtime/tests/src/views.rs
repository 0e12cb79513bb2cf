// SPDX-License-Identifier: Apache-2.0

//! What wallets are told is true, through a whole dispute and whatever else an account does.

use super::{
    chain::Chain,
    parties::{Pair, account_view, channel_view, check, genesis},
};
use millrace_primitives_channel_apps::NoughtsAndCrosses;
use millrace_primitives_channels::{
    ChannelApp, ChannelAsset, ChannelId, ChannelState, PendingTransfers, Stream, Transfer,
    api::{ConclusionView, DisputeView, PhaseView, ResolutionView},
    stream,
    transfer::{self, hashlock},
};
use millrace_runtime::{constants::money::MILL, *};
use pallet_channel_balances::ANCHOR;
use polkadot_sdk::{pallet_balances, sp_keyring::Sr25519Keyring, sp_runtime::BoundedVec};

/// Opens the first of two transfers.
const PREIMAGE: [u8; 32] = [5; 32];

/// Where the only chain of the stream starts.
const SEED: [u8; 32] = [6; 32];

/// Links of that chain.
const LINKS: u32 = 100;

/// Units that the first party may pay by the stream, at a hundredth of a MILL each.
const UNIT: Balance = MILL / 100;

/// Two transfers of the first party to the second: of 3 MILL, and of 4 that nobody can unlock.
fn transfers(expiry: BlockNumber) -> [Transfer; 2] {
    let transfer = |id: u64, amount, preimage: [u8; 32]| Transfer {
        id,
        payer: 0,
        payee: 1,
        amount,
        hashlock: hashlock(&preimage),
        expiry,
    };
    [transfer(1, 3 * MILL, PREIMAGE), transfer(2, 4 * MILL, [7; 32])]
}

/// A stream of the first party to the second.
fn flow(chain: &mut Chain, id: ChannelId) -> Stream {
    let tip = stream::steps(&stream::salt(&genesis(chain), &id, 0, 1, 0), SEED, LINKS);
    Stream {
        payer: 0,
        payee: 1,
        epoch: 0,
        root: stream::root(&[tip]),
        unit: UNIT,
        chains: 1,
        links: LINKS,
    }
}

/// Of 200 MILL: 42 and 150 outright, 7 in transfers, 1 in a stream.
fn full_state(chain: &mut Chain, pair: &Pair, id: ChannelId, expiry: BlockNumber) -> ChannelState {
    let stream = flow(chain, id);
    ChannelState {
        pending: Some(PendingTransfers {
            root: transfer::root(&transfers(expiry)),
            totals: BoundedVec::truncate_from(vec![7 * MILL, 0]),
            count: 2,
            last_expiry: expiry,
        }),
        streams: BoundedVec::truncate_from(vec![stream]),
        ..pair.state(id, 3, [42 * MILL, 150 * MILL])
    }
}

/// The channel's dispute.
fn dispute(chain: &mut Chain, id: ChannelId) -> DisputeView {
    match channel_view(chain, id).map(|view| view.phase) {
        Some(PhaseView::Disputed(dispute)) => dispute,
        other => panic!("it should be disputed, not {other:?}"),
    }
}

/// What is still being decided of the channel.
fn resolution(chain: &mut Chain, id: ChannelId) -> ResolutionView {
    match channel_view(chain, id).map(|view| view.phase) {
        Some(PhaseView::Resolving(resolution)) => resolution,
        other => panic!("it should be resolving, not {other:?}"),
    }
}

/// Outright, pending and claimable amounts of both parties.
fn shares(chain: &mut Chain, pair: &Pair) -> [(Balance, Balance, Balance); 2] {
    pair.owned(chain).map(|it| (it.outright, it.pending, it.claimable))
}

/// Executes empty blocks until `height` is the last.
fn run_to(chain: &mut Chain, height: BlockNumber) {
    while chain.number() < height {
        chain.empty_blocks(1);
    }
}

/// Ferdie submits a call about channels.
fn submit(chain: &mut Chain, call: pallet_channels::Call<Runtime>) {
    chain.submit(Sr25519Keyring::Ferdie, call).expect("anybody may do it");
    check(chain);
}

#[test]
fn views_and_balances_agree_through_a_whole_dispute() {
    // given an open channel
    let (mut chain, pair) = (Chain::development(), Pair::new());
    let start = pair.owned(&mut chain).map(|it| it.free);
    let id = pair.open(&mut chain, [120 * MILL, 80 * MILL]);
    let view = channel_view(&mut chain, id).expect("it is open");
    assert_eq!((view.phase, view.conclusion), (PhaseView::Open, None));
    assert_eq!((view.deposit, view.locked), (200 * MILL, vec![120 * MILL, 80 * MILL]));
    assert_eq!(view.opener, Sr25519Keyring::Ferdie.to_account_id());
    assert_eq!((view.base_version, view.at), (0, chain.number()));
    assert_eq!(shares(&mut chain, &pair), [(0, 0, 0), (0, 0, 0)]);
    check(&mut chain);

    // when the second party disputes with a state that uses transfers and a stream
    let expiry = chain.number() + 40;
    let state = full_state(&mut chain, &pair, id, expiry);
    pair.dispute(&mut chain, 1, state);

    // then the views say what it pays and from when on
    let shown = dispute(&mut chain, id);
    let deadline = chain.number() + 10;
    assert_eq!(shown.by, pair.accounts[1].to_account_id());
    assert_eq!((shown.version, shown.disputed_version), (3, 3));
    assert_eq!((shown.deadline, shown.mover, shown.reward_to), (deadline, None, None));
    assert_eq!(account_view(&mut chain, pair.accounts[1]).bonds, shown.bond);
    let payouts = vec![42 * MILL, 150 * MILL];
    let conclusion = channel_view(&mut chain, id).and_then(|it| it.conclusion);
    assert_eq!(conclusion, Some(ConclusionView { from: deadline, payouts }));
    let outright = [(42 * MILL, 8 * MILL, 0), (150 * MILL, 0, 0)];
    assert_eq!(shares(&mut chain, &pair), outright);
    check(&mut chain);

    // and in the block before the deadline, what the next one pays
    run_to(&mut chain, deadline - 1);
    let claimable = [(42 * MILL, 8 * MILL, 42 * MILL), (150 * MILL, 0, 150 * MILL)];
    assert_eq!(shares(&mut chain, &pair), claimable);
    let before = pair.accounts.map(|key| account_view(&mut chain, key));

    // when it comes, then exactly that is paid, and the bond goes back
    run_to(&mut chain, deadline);
    let after = pair.accounts.map(|key| account_view(&mut chain, key));
    for at in [0, 1] {
        let bond = before[at].bonds;
        let claimed = before[at].native.claimable;
        assert_eq!(after[at].native.free, before[at].native.free + claimed + bond);
        assert_eq!(after[at].bonds, 0);
    }
    assert_eq!(shares(&mut chain, &pair), [(0, 8 * MILL, 0), (0, 0, 0)]);
    let left = resolution(&mut chain, id);
    assert_eq!((left.version, left.undecided), (3, 2));
    assert_eq!(left.until, expiry + 10);
    check(&mut chain);

    // when the preimage is revealed and the first transfer claimed
    submit(&mut chain, pallet_channels::Call::reveal { preimage: PREIMAGE });
    assert!(account_view(&mut chain, Sr25519Keyring::Ferdie).storage_deposits > 0);
    let all = transfers(expiry);
    let proof = transfer::proof(&all, 0).expect("there are two");
    submit(&mut chain, pallet_channels::Call::claim { channel: id, transfer: all[0], proof });
    assert_eq!(shares(&mut chain, &pair), [(0, 5 * MILL, 0), (0, 0, 0)]);
    assert_eq!(resolution(&mut chain, id).undecided, 1);

    // when 30 units of the stream are claimed
    let (depth, links) = (30, LINKS);
    let salt = stream::salt(&genesis(&mut chain), &id, 0, 1, 0);
    let link = stream::steps(&salt, SEED, links - depth);
    let tip = stream::steps(&salt, SEED, links);
    let proof = stream::proof(&[tip], 0).expect("there is one chain");
    submit(
        &mut chain,
        pallet_channels::Call::claim_stream { channel: id, stream: 0, link, depth, proof },
    );
    let pending = 4 * MILL + 70 * UNIT;
    assert_eq!(shares(&mut chain, &pair), [(0, pending, 0), (0, 0, 0)]);
    assert_eq!(resolution(&mut chain, id).streams.first().map(|it| it.paid_units), Some(30));

    // then in the block before the end, what is left is what comes back
    run_to(&mut chain, left.until - 1);
    assert_eq!(shares(&mut chain, &pair), [(0, pending, pending), (0, 0, 0)]);
    run_to(&mut chain, left.until);
    assert!(channel_view(&mut chain, id).is_none());
    assert_eq!(shares(&mut chain, &pair), [(0, 0, 0), (0, 0, 0)]);
    check(&mut chain);

    // and in the end everybody has what the state and the claims said, but for a fee
    let end = pair.owned(&mut chain).map(|it| it.free);
    let second = 150 * MILL + 3 * MILL + 30 * UNIT;
    assert_eq!(end[0], start[0] - 120 * MILL + (200 * MILL - second));
    assert!(end[1] < start[1] - 80 * MILL + second);
    assert!(end[1] > start[1] - 80 * MILL + second - MILL, "a fee is less than a token");
}

#[test]
fn accounts_funds_never_count_twice() {
    // given an account with two channels, one of them in dispute
    let mut chain = Chain::development();
    let one = Pair::of([Sr25519Keyring::Dave, Sr25519Keyring::Eve]);
    let other = Pair::of([Sr25519Keyring::Dave, Sr25519Keyring::Charlie]);
    let total = account_view(&mut chain, Sr25519Keyring::Dave).native.total;
    let disputed = one.open(&mut chain, [100 * MILL, 100 * MILL]);
    other.open(&mut chain, [30 * MILL, 30 * MILL]);
    let dave = one
        .accounts
        .iter()
        .position(|key| *key == Sr25519Keyring::Dave)
        .expect("Dave is one of them");
    let state = one.state(disputed, 1, [150 * MILL, 50 * MILL]);
    one.dispute(&mut chain, dave, state);
    check(&mut chain);

    // and a channel that it opens itself, a preimage that it reveals, and a proxy's deposit
    let third = Pair::of([Sr25519Keyring::Bob, Sr25519Keyring::Eve]);
    let params = third.params(chain.number());
    let opening = third.opening(&mut chain, params, [MILL, MILL]);
    chain.submit(Sr25519Keyring::Dave, opening).expect("anybody may open it");
    let reveal = pallet_channels::Call::reveal { preimage: PREIMAGE };
    chain.submit(Sr25519Keyring::Dave, reveal).expect("anybody may reveal");
    let proxy = polkadot_sdk::pallet_proxy::Call::add_proxy {
        delegate: Sr25519Keyring::Bob.to_account_id().into(),
        proxy_type: millrace_runtime::configs::ProxyType::Channels,
        delay: 0,
    };
    chain.submit(Sr25519Keyring::Dave, proxy).expect("Dave can pay the deposit");
    check(&mut chain);

    // then each is in its own part, and the whole only lost fees
    let view = account_view(&mut chain, Sr25519Keyring::Dave);
    assert_eq!(view.native.in_channels, 130 * MILL + 2 * ANCHOR);
    assert_eq!(view.native.channel_count, 2);
    assert_eq!(view.channels.len(), 2);
    assert!(view.bonds > 0 && view.storage_deposits > 0 && view.native.elsewhere > 0);
    assert!(view.native.total < total && view.native.total > total - MILL, "only fees are gone");

    // and what is free is all it can spend
    let value = view.native.free + 1;
    let dest = Sr25519Keyring::Bob.to_account_id().into();
    let transfer = pallet_balances::Call::transfer_allow_death { dest, value };
    assert!(chain.submit(Sr25519Keyring::Dave, transfer).is_err());

    // when the dispute ends, then its bond is free again
    chain.empty_blocks(10);
    assert_eq!(account_view(&mut chain, Sr25519Keyring::Dave).bonds, 0);
    check(&mut chain);
}

#[test]
fn account_without_anything_is_shown_as_empty() {
    let mut chain = Chain::development();
    let view = account_view(&mut chain, Sr25519Keyring::Two);
    assert_eq!((view.native.total, view.bonds, view.storage_deposits), (0, 0, 0));
    assert_eq!(view.native.asset, ChannelAsset::Native);
    assert!(view.assets.is_empty() && view.channels.is_empty() && view.debts.is_empty());
}

#[test]
fn chain_names_the_applications_it_judges() {
    let mut chain = Chain::development();
    assert_eq!(chain.read(Channels::app_ids), [NoughtsAndCrosses::id()]);
}
