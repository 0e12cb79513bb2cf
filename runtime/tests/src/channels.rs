// SPDX-License-Identifier: Apache-2.0

//! Channels from open to payout, in blocks, with fees, filters and weights in place.

use super::{
    chain::Chain,
    parties::{Pair, account_view, channel_view, check},
};
use millrace_runtime::{
    configs::TreasuryAccount, constants::money::MILL, parameters::DisputeBond, *,
};
use pallet_channel_balances::ANCHOR;
use polkadot_sdk::{frame_support::traits::Get, sp_keyring::Sr25519Keyring};

/// The bond of a dispute.
fn bond(chain: &mut Chain) -> Balance {
    chain.read(DisputeBond::get)
}

/// What the treasury has.
fn in_treasury(chain: &mut Chain) -> Balance {
    chain.read(|| Balances::free_balance(TreasuryAccount::get()))
}

#[test]
fn two_parties_open_pay_and_settle() {
    // given a channel that a third party's extrinsic opened
    let pair = Pair::new();
    let mut chain = Chain::development();
    let before = pair.owned(&mut chain);
    let id = pair.open(&mut chain, [100 * MILL, 50 * MILL]);

    // then deposits are held, not gone
    let during = pair.owned(&mut chain);
    assert_eq!(during[0].free, before[0].free - 100 * MILL - ANCHOR);
    assert_eq!(during[1].free, before[1].free - 50 * MILL - ANCHOR);
    assert_eq!([0, 1].map(|at| during[at].total), [0, 1].map(|at| before[at].total));
    check(&mut chain);

    // when they settle on another division
    let last = pair.state(id, 10_000, [30 * MILL, 120 * MILL]);
    pair.settle(&mut chain, last);

    // then each has its part and the channel is forgotten
    let after = pair.owned(&mut chain);
    assert_eq!(after[0].free, before[0].free - 70 * MILL);
    assert_eq!(after[1].free, before[1].free + 70 * MILL);
    assert!(channel_view(&mut chain, id).is_none());
    check(&mut chain);
}

#[test]
fn opener_sets_aside_storage_and_gets_it_back_when_the_id_is_forgotten() {
    // given
    let pair = Pair::new();
    let mut chain = Chain::development();
    let id = pair.open(&mut chain, [MILL, MILL]);
    let opener = account_view(&mut chain, Sr25519Keyring::Ferdie);
    assert!(opener.storage_deposits > 0);

    // when the channel ends before its last opening block, then the id is still remembered
    let last = pair.state(id, 1, [MILL, MILL]);
    pair.settle(&mut chain, last);
    let view = account_view(&mut chain, Sr25519Keyring::Ferdie);
    assert_eq!(view.storage_deposits, opener.storage_deposits);
    check(&mut chain);

    // and once that block is over, the deposit is back
    chain.empty_blocks(60);
    assert_eq!(account_view(&mut chain, Sr25519Keyring::Ferdie).storage_deposits, 0);
    check(&mut chain);
}

#[test]
fn stale_close_is_answered_free_of_charge_and_costs_the_cheat_its_bond() {
    // given a channel in which the first party has paid the second
    let pair = Pair::new();
    let mut chain = Chain::development();
    let bond = bond(&mut chain);
    let reward = bond / 2;
    let before = pair.owned(&mut chain);
    let id = pair.open(&mut chain, [100 * MILL, 100 * MILL]);

    // when it disputes with an old state
    let stale = pair.state(id, 1, [99 * MILL, 101 * MILL]);
    pair.dispute(&mut chain, 0, stale);
    assert_eq!(account_view(&mut chain, pair.accounts[0]).bonds, bond);
    check(&mut chain);

    // then the other answers, and gets its fee back
    let free = pair.owned(&mut chain)[1].free;
    let newest = pair.state(id, 500, [20 * MILL, 180 * MILL]);
    pair.answer(&mut chain, 1, newest);
    assert_eq!(pair.owned(&mut chain)[1].free, free);
    check(&mut chain);

    // and once the deadline has come, the chain concludes by itself
    let treasury = in_treasury(&mut chain);
    chain.empty_blocks(10);
    assert!(channel_view(&mut chain, id).is_none());
    let after = pair.owned(&mut chain);
    assert_eq!(after[1].free, before[1].free + 80 * MILL + reward);
    assert!(after[0].free < before[0].free - 80 * MILL - bond, "the cheat also paid a fee");
    assert_eq!(in_treasury(&mut chain), treasury + bond - reward);
    assert_eq!(account_view(&mut chain, pair.accounts[0]).bonds, 0);
    check(&mut chain);
}

#[test]
fn cheat_that_answers_itself_pays_half_of_its_bond_to_the_treasury() {
    // given a party that disputes with an old state
    let pair = Pair::new();
    let mut chain = Chain::development();
    let bond = bond(&mut chain);
    let id = pair.open(&mut chain, [100 * MILL, 100 * MILL]);
    let stale = pair.state(id, 1, [100 * MILL, 100 * MILL]);
    pair.dispute(&mut chain, 0, stale);

    // when it shows the newest itself, before anybody else does
    let newest = pair.state(id, 500, [20 * MILL, 180 * MILL]);
    pair.answer(&mut chain, 0, newest);
    let (free, treasury) = (pair.owned(&mut chain)[0].free, in_treasury(&mut chain));
    chain.empty_blocks(10);

    // then it gets back no more than the reward
    assert_eq!(pair.owned(&mut chain)[0].free, free + 20 * MILL + bond / 2 + ANCHOR);
    assert_eq!(in_treasury(&mut chain), treasury + bond - bond / 2);
    check(&mut chain);
}

#[test]
fn honest_close_gets_its_bond_back() {
    // given a dispute with the newest state
    let pair = Pair::new();
    let mut chain = Chain::development();
    let id = pair.open(&mut chain, [100 * MILL, 100 * MILL]);
    let newest = pair.state(id, 5, [20 * MILL, 180 * MILL]);
    pair.dispute(&mut chain, 1, newest);
    let during = account_view(&mut chain, pair.accounts[1]);

    // when nobody answers
    chain.empty_blocks(10);

    // then it has its share and its bond
    let after = account_view(&mut chain, pair.accounts[1]);
    assert_eq!(after.bonds, 0);
    assert_eq!(after.native.free, during.native.free + during.bonds + 180 * MILL + ANCHOR);
    check(&mut chain);
}

#[test]
fn challenge_window_below_the_governed_minimum_is_refused() {
    // given parameters with a window of one block
    let pair = Pair::new();
    let mut chain = Chain::development();
    let mut params = pair.params(chain.number());
    params.challenge_blocks = 1;

    // when, then
    let call = pair.opening(&mut chain, params, [MILL, MILL]);
    assert_eq!(
        chain.submit(Sr25519Keyring::Ferdie, call),
        Err(pallet_channels::Error::<Runtime>::ChallengeTooShort.into())
    );
}
