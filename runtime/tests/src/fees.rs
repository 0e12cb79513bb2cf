// SPDX-License-Identifier: Apache-2.0

//! Fees are split, transfers conserve, empty blocks make fees fall.

use super::chain::{Chain, signed_with_tip};
use codec::{Decode, Encode};
use millrace_runtime::{configs::TreasuryAccount, constants::money::MILL, fees::Collect, *};
use polkadot_sdk::{
    frame_support::{
        dispatch::GetDispatchInfo,
        traits::{
            fungible::{Inspect, Unbalanced},
            tokens::{Fortitude, Precision, Preservation, WithdrawConsequence},
        },
    },
    frame_system::{self, AccountInfo},
    pallet_balances::{self, AccountData, Event},
    pallet_transaction_payment::{self, OnChargeTransaction},
    sp_io::TestExternalities,
    sp_keyring::Sr25519Keyring,
    sp_runtime::transaction_validity::InvalidTransaction,
};
use proptest::prelude::*;

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
fn fees_of_a_block_are_shared_out_once_and_tips_go_to_its_author() {
    // given
    let mut chain = Chain::development();
    let alice = Sr25519Keyring::Alice.to_account_id();
    let treasury = TreasuryAccount::get();
    let issuance = chain.read(Balances::total_issuance);
    let before = [&alice, &treasury].map(|who| free(&mut chain, who));
    let shared = chain.read(pallet_dpos::EraFees::<Runtime>::get);

    // when three pay in a block that Alice makes, two of them more than they must
    let senders = [Sr25519Keyring::Bob, Sr25519Keyring::Charlie, Sr25519Keyring::Dave];
    let transactions = chain.read(|| {
        let tips = senders.iter().zip([3 * MILL, 0, 4 * MILL]);
        tips.map(|(from, tip)| signed_with_tip(*from, transfer(Sr25519Keyring::Eve, MILL), tip))
            .collect()
    });
    let outcomes = chain.block(transactions);

    // then each of those who earn got everything at once, and nothing is left over or new
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(Ok(())))), "{outcomes:?}");
    let fees: Balance = paid(&mut chain).iter().map(|(fee, tip)| fee - tip).sum();
    let after = [&alice, &treasury].map(|who| free(&mut chain, who));
    assert_eq!(after[0] - before[0], 7 * MILL);
    assert_eq!(chain.read(pallet_dpos::EraFees::<Runtime>::get) - shared, fees * 80 / 100);
    assert_eq!(after[1] - before[1], fees - fees * 80 / 100);
    assert_eq!(chain.read(Balances::total_issuance), issuance);
    assert!(!chain.read(millrace_runtime::fees::Collected::<Runtime>::exists));
    let deposits = count(&mut chain, |event| matches!(event, Event::Deposit { .. }));
    assert_eq!(deposits, 3, "to the validators' pot, to the treasury, to the author");
}

#[test]
fn what_a_call_did_not_need_is_given_back() {
    // given a call that may have slashes to catch up with
    let mut chain = Chain::development();
    let bob = Sr25519Keyring::Bob.to_account_id();
    let candidate = Sr25519Keyring::Alice.to_account_id();
    let mode = pallet_dpos::Mode::Payout;
    let call: RuntimeCall =
        pallet_dpos::Call::delegate { candidate, amount: 1_000 * MILL, mode }.into();
    let (info, length) = (call.get_dispatch_info(), call.encoded_size() as u32);
    let at_least_taken = chain.read(|| TransactionPayment::compute_fee(length, &info, 0));
    let before = free(&mut chain, &bob);

    // when there are none
    chain.submit(Sr25519Keyring::Bob, call).expect("Bob has enough");

    // then what Bob lost is what the event says, and less than what was taken
    let paid = paid(&mut chain)[0].0;
    assert_eq!(before - free(&mut chain, &bob), 1_000 * MILL + paid);
    assert!(paid < at_least_taken, "{paid} of {at_least_taken}");
}

#[test]
fn who_cannot_pay_is_refused_and_keeps_everything() {
    let mut chain = Chain::development();
    let charlie = Sr25519Keyring::Charlie.to_account_id();
    let before = free(&mut chain, &charlie);
    let call = transfer(Sr25519Keyring::Eve, MILL);
    let transaction = chain.read(|| signed_with_tip(Sr25519Keyring::Charlie, call, before));
    let outcomes = chain.block(vec![transaction]);
    let refusal = InvalidTransaction::Payment.into();
    assert_eq!(outcomes, [Err(refusal)]);
    assert_eq!(free(&mut chain, &charlie), before);
}

/// What was paid in the last block, tips included, and the tips.
fn paid(chain: &mut Chain) -> Vec<(Balance, Balance)> {
    let events = chain.read(System::events).into_iter();
    let paid = events.filter_map(|record| match record.event {
        RuntimeEvent::TransactionPayment(
            pallet_transaction_payment::Event::TransactionFeePaid { actual_fee, tip, .. },
        ) => Some((actual_fee, tip)),
        _ => None,
    });
    paid.collect()
}

/// How many events of balances the last block had.
fn count(chain: &mut Chain, is: impl Fn(&Event<Runtime>) -> bool) -> usize {
    let events = chain.read(System::events);
    let is = |event: &RuntimeEvent| matches!(event, RuntimeEvent::Balances(event) if is(event));
    events.iter().filter(|record| is(&record.event)).count()
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

/// An account in whatever form, near what matters for a fee of a few units.
fn any_account() -> impl Strategy<Value = AccountInfo<Nonce, AccountData<Balance>>> {
    let least = millrace_runtime::constants::money::EXISTENTIAL_DEPOSIT;
    let amount = move || {
        prop_oneof![
            Just(0),
            1..10u128,
            (least - 5)..(least + 10),
            (2 * least - 5)..(2 * least + 10)
        ]
    };
    let references = || prop_oneof![3 => Just(1u32), 1 => Just(0u32), 1 => Just(2u32)];
    (
        (amount(), amount(), amount(), any::<bool>()),
        (references(), references(), references(), any::<Nonce>()),
    )
        .prop_map(|((free, reserved, frozen, is_new), references)| {
            // The highest bit says that the account is in today's form.
            let flags = if is_new { 1u128 << 127 } else { 0 };
            let flags = Decode::decode(&mut &flags.encode()[..]).expect("flags are a number");
            let (providers, consumers, sufficients, nonce) = references;
            let data = AccountData { free, reserved, frozen, flags };
            AccountInfo { nonce, consumers, providers, sufficients, data }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Fees are taken in one look at the account where nothing else can change by it. Whatever the
    /// account, the outcome is that of the library, and so is the state.
    #[test]
    fn fee_is_taken_as_the_library_would(info in any_account(), fee in 1..12u128, is_small in any::<bool>()) {
        let who = Sr25519Keyring::Bob.to_account_id();
        let fee = if is_small { fee } else { fee + constants::money::EXISTENTIAL_DEPOSIT };
        let call: RuntimeCall = transfer(Sr25519Keyring::Charlie, MILL);
        let outcome = |take: &dyn Fn() -> bool| {
            TestExternalities::default().execute_with(|| {
                System::set_block_number(1);
                pallet_balances::TotalIssuance::<Runtime>::put(Balance::MAX / 2);
                frame_system::Account::<Runtime>::insert(&who, info.clone());
                let is_done = take();
                let account = frame_system::Account::<Runtime>::get(&who);
                // What fails takes the whole transaction along, with whatever it has changed.
                (is_done, is_done.then(|| (account, System::events())))
            })
        };
        let taken = outcome(&|| {
            Collect::<Runtime>::withdraw_fee(&who, &call, &Default::default(), fee, 0).is_ok()
        });
        let by_library = outcome(&|| {
            let (exact, keep) = (Precision::Exact, Preservation::Preserve);
            Balances::decrease_balance(&who, fee, exact, keep, Fortitude::Polite).is_ok()
        });
        prop_assert_eq!(taken, by_library);
        let can = outcome(&|| {
            Collect::<Runtime>::can_withdraw_fee(&who, &call, &Default::default(), fee, 0).is_ok()
        });
        let by_library = outcome(&|| {
            matches!(Balances::can_withdraw(&who, fee), WithdrawConsequence::Success)
        });
        prop_assert_eq!(can, by_library);
    }
}
