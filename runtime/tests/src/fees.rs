// SPDX-License-Identifier: Apache-2.0

//! Fees are split, transfers conserve, empty blocks make fees fall.

use super::chain::Chain;
use millrace_runtime::{configs::TreasuryAccount, constants::money::MILL, *};
use polkadot_sdk::{pallet_balances, sp_keyring::Sr25519Keyring};

/// A plain transfer.
fn transfer(to: Sr25519Keyring, value: Balance) -> RuntimeCall {
    pallet_balances::Call::transfer_keep_alive { dest: to.to_account_id().into(), value }.into()
}

/// An account's free balance.
fn free(chain: &mut Chain, who: &AccountId) -> Balance {
    chain.read(|| Balances::free_balance(who))
}

#[test]
fn transfer_moves_the_value_and_splits_the_fee_between_validators_and_treasury() {
    // given
    let mut chain = Chain::development();
    let alice = Sr25519Keyring::Alice.to_account_id();
    let bob = Sr25519Keyring::Bob.to_account_id();
    let charlie = Sr25519Keyring::Charlie.to_account_id();
    let treasury = TreasuryAccount::get();
    let issuance = chain.read(Balances::total_issuance);
    let before = [&alice, &bob, &charlie, &treasury].map(|who| free(&mut chain, who));
    let shared = chain.read(pallet_dpos::EraFees::<Runtime>::get);

    // when Bob pays Charlie in a block that Alice makes
    chain
        .submit(Sr25519Keyring::Bob, transfer(Sr25519Keyring::Charlie, MILL))
        .expect("Bob can pay");

    // then Charlie has it, and Bob's fee went to the era's validators, who are paid when it is over,
    // and to the treasury, four to one
    let after = [&alice, &bob, &charlie, &treasury].map(|who| free(&mut chain, who));
    let fee = before[1] - after[1] - MILL;
    assert!(fee > 0);
    assert_eq!(after[2] - before[2], MILL);
    assert_eq!(after[0], before[0]);
    assert_eq!(chain.read(pallet_dpos::EraFees::<Runtime>::get) - shared, fee * 80 / 100);
    assert_eq!(after[3] - before[3], fee - fee * 80 / 100);
    assert_eq!(chain.read(Balances::total_issuance), issuance);
}

#[test]
fn transfer_of_more_than_one_has_fails_by_name_and_moves_nothing() {
    // given
    let mut chain = Chain::development();
    let charlie = Sr25519Keyring::Charlie.to_account_id();
    let before = free(&mut chain, &charlie);

    // when
    let outcome =
        chain.submit(Sr25519Keyring::Bob, transfer(Sr25519Keyring::Charlie, Balance::MAX));

    // then
    assert!(outcome.is_err());
    assert_eq!(free(&mut chain, &charlie), before);
}

#[test]
fn empty_blocks_make_fees_fall_to_their_floor_and_no_lower() {
    // given
    let mut chain = Chain::development();
    let start = chain.read(TransactionPayment::next_fee_multiplier);

    // when
    chain.empty_blocks(50);

    // then
    let end = chain.read(TransactionPayment::next_fee_multiplier);
    assert!(end < start, "{end:?} is not below {start:?}");
    assert!(end >= millrace_runtime::configs::MinimumMultiplier::get());
}
