// SPDX-License-Identifier: Apache-2.0

//! Answers get in although blocks are full of other transactions.

use super::{
    chain::{Applied, Chain, signed},
    parties::{Pair, channel_view, check},
};
use millrace_primitives_channels::{ChannelState, api::PhaseView};
use millrace_runtime::{constants::money::MILL, *};
use pallet_dpos::CurrentEra;
use polkadot_sdk::{
    frame_support::dispatch::DispatchClass,
    frame_system, pallet_balances,
    sp_keyring::Sr25519Keyring,
    sp_runtime::transaction_validity::{InvalidTransaction, TransactionValidityError},
};

/// Why a transaction has to wait for another block.
const NO_ROOM: Applied =
    Err(TransactionValidityError::Invalid(InvalidTransaction::ExhaustsResources));

/// Applies `call` to the block that is being built.
fn apply(from: Sr25519Keyring, call: impl Into<RuntimeCall>) -> Applied {
    Executive::apply_extrinsic(signed(from, call.into()))
}

/// A call that takes much of a block's time, in proportion to `size`.
fn long(size: usize) -> RuntimeCall {
    let who = vec![Sr25519Keyring::Bob.to_account_id(); size];
    pallet_balances::Call::upgrade_accounts { who }.into()
}

/// A call that takes much of a block's length, in proportion to `size`.
fn large(size: usize) -> RuntimeCall {
    frame_system::Call::remark { remark: vec![0; size * 1_000] }.into()
}

/// The smallest call of all.
fn small() -> RuntimeCall {
    frame_system::Call::remark { remark: Vec::new() }.into()
}

/// Fills the block that is being built with Bob's transactions, until not even the smallest fits.
fn fill(call: fn(usize) -> RuntimeCall) {
    let sizes = [1_000, 100, 10, 1];
    for call in sizes.map(call).into_iter().chain([small()]) {
        loop {
            let outcome = apply(Sr25519Keyring::Bob, call.clone());
            if outcome == NO_ROOM {
                break;
            }
            assert_eq!(outcome, Ok(Ok(())));
        }
    }
}

/// The share of a block's time that Normal transactions have taken, in percent.
fn time_taken() -> u64 {
    let taken = System::block_weight().get(DispatchClass::Normal).ref_time();
    let limits = <Runtime as frame_system::Config>::BlockWeights::get();
    let room = limits.get(DispatchClass::Normal).max_total.unwrap_or(limits.max_block);
    taken * 100 / room.ref_time()
}

/// The share of a block's length that transactions have taken, of what Normal ones may, in percent.
fn length_taken() -> u64 {
    let limits = <Runtime as frame_system::Config>::BlockLength::get();
    let room = *limits.max.get(DispatchClass::Normal);
    u64::from(System::block_size()) * 100 / u64::from(room)
}

/// A cheat disputes, and every block of the window is full. The answer waits until the last of them.
fn answer_gets_in(call: fn(usize) -> RuntimeCall, taken: fn() -> u64) {
    // given a dispute with a stale state
    let (mut chain, pair) = (Chain::development(), Pair::new());
    let id = pair.open(&mut chain, [100 * MILL, 100 * MILL]);
    let stale = pair.state(id, 1, [100 * MILL, 100 * MILL]);
    pair.dispute(&mut chain, 0, stale);
    let Some(PhaseView::Disputed(dispute)) = channel_view(&mut chain, id).map(|it| it.phase) else {
        panic!("it is disputed");
    };
    let newest = pair.state(id, 9, [20 * MILL, 180 * MILL]);
    let signatures = pair.co_sign(&mut chain, &newest);
    let answer = pallet_channels::Call::answer {
        state: newest,
        signatures,
        reward_to: pair.accounts[1].to_account_id(),
    };

    // when every block is full
    while chain.number() < dispute.deadline - 2 {
        chain.build(|| fill(call));
    }
    let last = chain.build(|| {
        fill(call);
        assert!(taken() >= 99, "only {} percent are taken", taken());

        // then another Normal transaction of a channel has to wait, in that very block
        let reveal = pallet_channels::Call::reveal { preimage: [1; 32] };
        assert_eq!(apply(Sr25519Keyring::Ferdie, reveal), NO_ROOM);

        // and the answer has not
        let free = Balances::free_balance(pair.accounts[1].to_account_id());
        assert_eq!(apply(pair.accounts[1], answer), Ok(Ok(())));
        assert_eq!(Balances::free_balance(pair.accounts[1].to_account_id()), free);
        System::block_number()
    });
    assert_eq!(last, dispute.deadline - 1);
    let recorded = chain.read(|| pallet_channels::Recorded::<Runtime>::get(id));
    assert_eq!(recorded.map(|state: ChannelState| state.version), Some(9));
    check(&mut chain);

    // and the dispute ends by itself, in a block that is just as full
    chain.build(|| fill(call));
    assert!(channel_view(&mut chain, id).is_none());
    check(&mut chain);
}

#[test]
fn answer_fits_into_a_block_whose_time_is_taken() {
    answer_gets_in(long, time_taken);
}

#[test]
fn answer_fits_into_a_block_whose_length_is_taken() {
    answer_gets_in(large, length_taken);
}

#[test]
fn answer_fits_into_a_block_that_begins_an_era() {
    // given a dispute a few blocks before an era ends
    let (mut chain, pair) = (Chain::development(), Pair::new());
    let era_ends = 3 * chain.read(network::EpochSlots::<Runtime>::get);
    chain.empty_blocks(era_ends - 6);
    let id = pair.open(&mut chain, [100 * MILL, 100 * MILL]);
    let stale = pair.state(id, 1, [100 * MILL, 100 * MILL]);
    pair.dispute(&mut chain, 0, stale);
    let newest = pair.state(id, 9, [20 * MILL, 180 * MILL]);
    let signatures = pair.co_sign(&mut chain, &newest);
    let reward_to = pair.accounts[1].to_account_id();
    let answer = pallet_channels::Call::answer { state: newest, signatures, reward_to };

    // when the era ends, whose block the session pallet claims as a whole
    let mut has_begun = false;
    while !has_begun {
        has_begun = chain.build(|| {
            let has_begun = CurrentEra::<Runtime>::get() > 0;
            if has_begun {
                // then Normal transactions have to wait, and the answer has not
                assert_eq!(apply(Sr25519Keyring::Bob, small()), NO_ROOM);
                assert_eq!(apply(pair.accounts[1], answer.clone()), Ok(Ok(())));
            }
            has_begun
        });
    }
    let recorded = chain.read(|| pallet_channels::Recorded::<Runtime>::get(id));
    assert_eq!(recorded.map(|state: ChannelState| state.version), Some(9));
    check(&mut chain);
}
