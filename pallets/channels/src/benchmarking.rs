// SPDX-License-Identifier: Apache-2.0

//! Measures what calls cost, each in its worst case.
//!
//! The worst signature is ECDSA over a wrapped payload: the raw form is tried first and recovers a
//! wrong key, the wrapped form recovers the right one. The worst payout moves money between all
//! participants.

use crate::*;
use alloc::{vec, vec::Vec};
use millrace_primitives_channels::{
    ChannelAsset, Participant, channel_id, open_payload, payload::wrapped, state_payload,
};
use polkadot_sdk::{
    frame_benchmarking::v2::*,
    frame_support::{BoundedVec, traits::Get},
    frame_system::RawOrigin,
    sp_core::{crypto::KeyTypeId, ecdsa},
    sp_io::crypto::{ecdsa_generate, ecdsa_sign},
    sp_runtime::{MultiSignature, MultiSigner, traits::IdentifyAccount},
};

/// Gives benchmarks accounts with money.
pub trait BenchmarkHelper {
    /// Makes `account` own at least `amount` beyond the existential deposit.
    fn fund(account: &AccountId, amount: Balance);
}

/// Where the host keeps the benchmarks' keys.
const KEYS: KeyTypeId = KeyTypeId(*b"chnl");

/// What each participant deposits.
const DEPOSIT: Balance = 1_000_000_000_000;

/// A participant's keys: of its account and of its states.
struct Keys {
    account: ecdsa::Public,
    signer: ecdsa::Public,
}

impl Keys {
    fn account(&self) -> AccountId {
        MultiSigner::Ecdsa(self.account).into_account()
    }
}

/// `p` participants with money, in ascending order of their accounts.
fn participants<T: Config>(p: u32) -> Vec<Keys> {
    let key = |number: u32, role: &str| {
        let seed = alloc::format!("//{role}//{number}");
        ecdsa_generate(KEYS, Some(seed.into_bytes()))
    };
    let mut all: Vec<Keys> = (0..p)
        .map(|number| Keys { account: key(number, "account"), signer: key(number, "signer") })
        .collect();
    all.sort_by_key(Keys::account);
    for keys in &all {
        T::BenchmarkHelper::fund(&keys.account(), 10 * DEPOSIT);
    }
    all
}

fn sign(key: &ecdsa::Public, bytes: &[u8]) -> MultiSignature {
    MultiSignature::Ecdsa(ecdsa_sign(KEYS, key, bytes).expect("the key was just made"))
}

fn bounded<V, S: Get<u32>>(values: Vec<V>) -> BoundedVec<V, S> {
    BoundedVec::truncate_from(values)
}

fn params<T: Config>(all: &[Keys]) -> ChannelParams {
    ChannelParams {
        participants: bounded(
            all.iter()
                .map(|keys| Participant {
                    account: keys.account(),
                    signer: MultiSigner::Ecdsa(keys.signer),
                })
                .collect(),
        ),
        asset: ChannelAsset::Native,
        challenge_blocks: T::MinChallengeBlocks::get(),
        open_by: Pallet::<T>::now() + T::MaxOpenDelay::get(),
        nonce: 0,
    }
}

fn consents<T: Config>(all: &[Keys], params: &ChannelParams, deposits: &Amounts) -> Signatures {
    let bytes = wrapped(&open_payload(&Pallet::<T>::genesis(), params, deposits));
    bounded(all.iter().map(|keys| sign(&keys.account, &bytes)).collect())
}

fn co_sign<T: Config>(all: &[Keys], state: &ChannelState) -> Signatures {
    let bytes = wrapped(&state_payload(&Pallet::<T>::genesis(), state));
    bounded(all.iter().map(|keys| sign(&keys.signer, &bytes)).collect())
}

fn opened<T: Config>(all: &[Keys]) -> ChannelId {
    let params = params::<T>(all);
    let deposits: Amounts = bounded(vec![DEPOSIT; all.len()]);
    let signatures = consents::<T>(all, &params, &deposits);
    let id = channel_id(&Pallet::<T>::genesis(), &params);
    Pallet::<T>::do_open(params, deposits, signatures).expect("the channel is in order");
    id
}

/// A state that pays everything to the last participant.
fn state(id: ChannelId, version: u64, p: u32) -> ChannelState {
    let mut balances = vec![0; p as usize];
    if let Some(last) = balances.last_mut() {
        *last = DEPOSIT * Balance::from(p);
    }
    ChannelState { version, ..ChannelState::opening(id, bounded(balances)) }
}

#[benchmarks]
mod benches {
    use super::*;

    #[benchmark]
    fn open(p: Linear<2, 8>) {
        let all = participants::<T>(p);
        let params = params::<T>(&all);
        let deposits: Amounts = bounded(vec![DEPOSIT; all.len()]);
        let signatures = consents::<T>(&all, &params, &deposits);
        let id = channel_id(&Pallet::<T>::genesis(), &params);

        #[extrinsic_call]
        _(RawOrigin::Signed(all[0].account()), params, deposits, signatures);

        assert!(Channels::<T>::contains_key(id));
    }

    #[benchmark]
    fn settle(p: Linear<2, 8>) {
        let all = participants::<T>(p);
        let id = opened::<T>(&all);
        let last = ChannelState { is_final: true, ..state(id, 9, p) };
        let signatures = co_sign::<T>(&all, &last);

        #[extrinsic_call]
        _(RawOrigin::Signed(all[0].account()), last, signatures);

        assert!(!Channels::<T>::contains_key(id));
    }

    #[benchmark]
    fn dispute(p: Linear<2, 8>) {
        let all = participants::<T>(p);
        let id = opened::<T>(&all);
        let shown = state(id, 1, p);
        let signatures = co_sign::<T>(&all, &shown);

        #[extrinsic_call]
        _(RawOrigin::Signed(all[0].account()), shown, signatures);

        assert!(Pallet::<T>::disputed_share(id, &all[0].account()).is_some());
    }

    #[benchmark]
    fn answer(p: Linear<2, 8>) {
        let all = participants::<T>(p);
        let id = opened::<T>(&all);
        let stale = state(id, 1, p);
        let signatures = co_sign::<T>(&all, &stale);
        Pallet::<T>::do_dispute(all[0].account(), stale, signatures).expect("it is co-signed");
        let later = state(id, 2, p);
        let signatures = co_sign::<T>(&all, &later);

        #[extrinsic_call]
        _(RawOrigin::Signed(all[0].account()), later, signatures);

        assert!(Pallet::<T>::disputed_share(id, &all[0].account()).is_some());
    }

    #[benchmark]
    fn conclude(p: Linear<2, 8>) {
        let all = participants::<T>(p);
        let id = opened::<T>(&all);
        let shown = state(id, 1, p);
        let signatures = co_sign::<T>(&all, &shown);
        Pallet::<T>::do_dispute(all[0].account(), shown, signatures).expect("it is co-signed");
        let deadline = Pallet::<T>::now() + T::MinChallengeBlocks::get();
        frame_system::Pallet::<T>::set_block_number(deadline.into());

        #[extrinsic_call]
        _(RawOrigin::Signed(all[0].account()), id);

        assert!(!Channels::<T>::contains_key(id));
    }

    #[benchmark]
    fn forget_nothing() {
        #[block]
        {
            NextToForget::<T>::put(NextToForget::<T>::get());
        }
    }

    #[benchmark]
    fn forget_bucket() {
        #[block]
        {
            assert!(Retired::<T>::iter_prefix(1).next().is_none());
        }
    }

    #[benchmark]
    fn forget_id() {
        let id = ChannelId::repeat_byte(1);
        Retired::<T>::insert(1, id, ());

        #[block]
        {
            let found = Retired::<T>::iter_prefix(1).next();
            assert!(found.is_some());
            Retired::<T>::remove(1, id);
        }
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
