// SPDX-License-Identifier: Apache-2.0

//! What people pay in the lives that most channels have.

use crate::{
    chain::Chain,
    parties::{Pair, genesis},
};
use millrace_primitives_channels::{ChannelState, Resize, channel_id, state::Signatures};
use millrace_runtime::{constants::money::MILL, *};
use polkadot_sdk::{
    pallet_balances,
    pallet_transaction_payment::{self, Multiplier},
    sp_keyring::Sr25519Keyring,
    sp_runtime::{BoundedVec, traits::One},
};

/// Sends `call`, and returns what its sender paid for it at a multiplier of 1.
fn pay(chain: &mut Chain, from: Sr25519Keyring, call: impl Into<RuntimeCall>) -> Balance {
    chain.read(|| pallet_transaction_payment::NextFeeMultiplier::<Runtime>::put(Multiplier::one()));
    chain.submit(from, call).expect("the call is in order");
    let mut fees = chain.read(|| {
        System::events().into_iter().filter_map(|record| match record.event {
            RuntimeEvent::TransactionPayment(
                pallet_transaction_payment::Event::TransactionFeePaid { actual_fee, .. },
            ) => Some(actual_fee),
            _ => None,
        })
    });
    fees.next_back().expect("somebody paid")
}

/// What a plain transfer costs.
pub fn paid_for_a_transfer() -> Balance {
    let transfer = pallet_balances::Call::transfer_keep_alive {
        dest: Sr25519Keyring::Bob.to_account_id().into(),
        value: 1_000 * MILL,
    };
    pay(&mut Chain::development(), Sr25519Keyring::Alice, transfer)
}

/// What the first party has to show if it sends the call itself.
fn but_for_sender(mut signatures: Signatures) -> Signatures {
    signatures.remove(0);
    signatures
}

/// What two parties pay for a channel that one of them opens, resizes and settles a while later.
pub fn paid_for_a_quiet_life() -> Vec<(&'static str, Balance)> {
    let mut chain = Chain::development();
    let pair = Pair::new();
    let params = pair.params(chain.number());
    let (id, open_by) = (channel_id(&genesis(&mut chain), &params), params.open_by);
    let deposits = [500 * MILL, 500 * MILL];
    let signatures = but_for_sender(pair.consent(&mut chain, &params, &deposits));
    let deposits = BoundedVec::truncate_from(deposits.to_vec());
    let call = pallet_channels::Call::open { params, deposits, signatures };
    let open = pay(&mut chain, pair.accounts[0], call);

    let base = pair.state(id, 1, [600 * MILL, 500 * MILL]);
    let wanted = Resize {
        state: base,
        deltas: BoundedVec::truncate_from(vec![100 * MILL as i128, 0]),
        valid_until: open_by,
    };
    let signatures = but_for_sender(pair.agree(&mut chain, &wanted));
    let call = pallet_channels::Call::resize { resize: wanted, signatures };
    let resize = pay(&mut chain, pair.accounts[0], call);

    while chain.number() <= open_by {
        chain.empty_blocks(1);
    }
    let state = ChannelState { is_final: true, ..pair.state(id, 9, [400 * MILL, 700 * MILL]) };
    let signatures = but_for_sender(pair.co_sign(&mut chain, &state));
    let call = pallet_channels::Call::settle { state, signatures };
    let settle = pay(&mut chain, pair.accounts[0], call);
    vec![("open", open), ("resize", resize), ("settle", settle)]
}

/// What is paid when one party disputes with a stale state, the other answers, and the first
/// concludes.
pub fn paid_for_a_dispute() -> Vec<(&'static str, Balance)> {
    let mut chain = Chain::development();
    let pair = Pair::new();
    let id = pair.open(&mut chain, [500 * MILL, 500 * MILL]);
    let stale = pair.state(id, 3, [900 * MILL, 100 * MILL]);
    let signatures = pair.co_sign(&mut chain, &stale);
    let call = pallet_channels::Call::dispute { state: stale, signatures };
    let dispute = pay(&mut chain, pair.accounts[0], call);

    let latest = pair.state(id, 9, [400 * MILL, 600 * MILL]);
    let signatures = pair.co_sign(&mut chain, &latest);
    let reward_to = pair.accounts[1].to_account_id();
    let call = pallet_channels::Call::answer { state: latest, signatures, reward_to };
    let answer = pay(&mut chain, pair.accounts[1], call);

    chain.empty_blocks(8);
    let call = pallet_channels::Call::conclude { channel: id };
    let conclude = pay(&mut chain, pair.accounts[0], call);
    vec![("dispute", dispute), ("answer", answer), ("conclude", conclude)]
}
