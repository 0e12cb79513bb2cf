// SPDX-License-Identifier: Apache-2.0

//! Many transactions in one call of the runtime are what they are one by one.

use super::chain::{Chain, signed_with_tip};
use millrace_primitives_authoring::{
    runtime_decl_for_apply_extrinsics::ApplyExtrinsics,
    runtime_decl_for_validate_transactions::ValidateTransactions,
};
use millrace_runtime::{constants::money::MILL, *};
use polkadot_sdk::{
    pallet_balances,
    sp_keyring::Sr25519Keyring,
    sp_runtime::transaction_validity::{InvalidTransaction, TransactionSource},
    sp_transaction_pool::runtime_api::runtime_decl_for_tagged_transaction_queue::TaggedTransactionQueue,
};

/// Two that are good, and after each one that is not: the number of Bob's second is that of his first, and Dave
/// has not what he would pay.
fn four(chain: &mut Chain) -> [UncheckedExtrinsic; 4] {
    chain.read(|| {
        let one = |from, tip| {
            let dest = Sr25519Keyring::Eve.to_account_id().into();
            let call = pallet_balances::Call::transfer_keep_alive { dest, value: MILL };
            signed_with_tip(from, call.into(), tip)
        };
        [
            one(Sr25519Keyring::Bob, 0),
            one(Sr25519Keyring::Bob, 5),
            one(Sr25519Keyring::Charlie, 0),
            one(Sr25519Keyring::Dave, Balance::MAX / 2),
        ]
    })
}

#[test]
fn applied_at_once_they_make_the_same_block_without_those_refused() {
    let mut together = Chain::development();
    let all = four(&mut together);
    let outcomes = together.build(|| Runtime::apply_extrinsics(all.to_vec()));
    let [ref bob, _, ref charlie, _] = all;
    let mut apart = Chain::development();
    let good = apart.block(vec![bob.clone(), charlie.clone()]);

    let refused = |why: InvalidTransaction| Err(why.into());
    let [stale, poor] = [InvalidTransaction::Stale, InvalidTransaction::Payment].map(refused);
    assert_eq!(outcomes, [good[0], stale, good[1], poor]);
    assert_eq!(together.hash(), apart.hash(), "the blocks differ");
}

#[test]
fn validated_at_once_each_is_as_valid_as_alone() {
    let mut chain = Chain::development();
    let all = four(&mut chain);
    let parent = chain.hash();
    let source = TransactionSource::External;

    let together = chain.read(|| {
        let all = all.iter().map(|it| (source, it.clone())).collect();
        Runtime::validate_transactions(all, parent)
    });
    // To look at a transaction begins a block, which the next one shall not see.
    chain.commit();
    let alone: Vec<_> = all
        .iter()
        .map(|it| {
            let validity = chain.read(|| Runtime::validate_transaction(source, it.clone(), parent));
            chain.take_back();
            validity
        })
        .collect();

    assert_eq!(together, alone);
    // The second of Bob's takes the place of the first only if that is in a block already.
    assert!(together[..3].iter().all(Result::is_ok), "{together:?}");
    assert_eq!(together[3], Err(InvalidTransaction::Payment.into()));
}
