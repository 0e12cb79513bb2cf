// SPDX-License-Identifier: Apache-2.0

//! Measures what calls cost, each in its worst case. The tests run every benchmark once or twice.
//!
//! Signatures are of sr25519 over a wrapped payload, so that each is looked at twice; `weighing` adds
//! what other kinds take more, and gives the second look back where the first was enough. The worst
//! payout moves money between all participants. The worst state carries as much as a state can.

use crate::*;
use alloc::{vec, vec::Vec};
use codec::Encode;
use millrace_primitives_channels::{
    AppState, ChannelAsset, Form, Participant, PendingTransfers, Stream, channel_id, open_payload,
    payload::wrapped,
    resize_payload, signer_form,
    state::{MAX_APP_DATA, MAX_STREAMS},
    state_payload, stream,
    transfer::{self, hashlock},
};
use polkadot_sdk::{
    frame_benchmarking::v2::*,
    frame_support::{
        dispatch::RawOrigin,
        traits::{Footprint, Get},
    },
    frame_system,
    sp_core::{crypto::KeyTypeId, sr25519},
    sp_io::crypto::{
        ecdsa_generate, ecdsa_sign, ed25519_generate, ed25519_sign, sr25519_generate, sr25519_sign,
    },
    sp_runtime::{MultiSigner, traits::IdentifyAccount},
};

/// What benchmarks need of the runtime.
pub trait BenchmarkHelper {
    /// Makes `account` own at least `amount` beyond the existential deposit.
    fn fund(account: &AccountId, amount: Balance);

    /// Data of an application before and after its first move, in a channel of two participants or
    /// more who own plenty. The move changes no balance. Nothing if the runtime has no application.
    fn first_move() -> Option<(AppState, AppState)> {
        None
    }
}

/// Where the host keeps the benchmarks' keys.
const KEYS: KeyTypeId = KeyTypeId(*b"chnl");

/// What is signed to measure a signature alone.
const MESSAGE: Hash = Hash::repeat_byte(5);

/// What each participant deposits.
const DEPOSIT: Balance = 1_000_000_000_000;

/// What everybody owns.
const PLENTY: Balance = 10_000 * DEPOSIT;

/// A participant's keys: of its account and of its states.
struct Keys {
    account: sr25519::Public,
    signer: sr25519::Public,
}

impl Keys {
    fn account(&self) -> AccountId {
        MultiSigner::Sr25519(self.account).into_account()
    }
}

/// Somebody else with money.
fn somebody<T: Config>(name: &'static str) -> AccountId {
    let account: AccountId = account(name, 0, 0);
    T::BenchmarkHelper::fund(&account, PLENTY);
    account
}

/// `p` participants with money, in ascending order of their accounts.
fn participants<T: Config>(p: u32) -> Vec<Keys> {
    let key = |number: u32, role: &str| {
        let seed = alloc::format!("//{role}//{number}");
        sr25519_generate(KEYS, Some(seed.into_bytes()))
    };
    let mut all: Vec<Keys> = (0..p)
        .map(|number| Keys { account: key(number, "account"), signer: key(number, "signer") })
        .collect();
    all.sort_by_key(Keys::account);
    for keys in &all {
        T::BenchmarkHelper::fund(&keys.account(), PLENTY);
    }
    all
}

fn sign(key: &sr25519::Public, bytes: &[u8]) -> MultiSignature {
    MultiSignature::Sr25519(sr25519_sign(KEYS, key, bytes).expect("the key was just made"))
}

fn bounded<V, S: Get<u32>>(values: Vec<V>) -> BoundedVec<V, S> {
    BoundedVec::truncate_from(values)
}

fn params<T: Config>(all: &[Keys], nonce: u64) -> ChannelParams {
    ChannelParams {
        participants: bounded(
            all.iter()
                .map(|keys| Participant {
                    account: keys.account(),
                    signer: MultiSigner::Sr25519(keys.signer),
                })
                .collect(),
        ),
        asset: ChannelAsset::Native,
        challenge_blocks: T::MinChallengeBlocks::get(),
        open_by: Pallet::<T>::now() + T::MaxOpenDelay::get(),
        nonce,
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

/// Opens the channel with this nonce.
fn opened<T: Config>(all: &[Keys], nonce: u64) -> ChannelId {
    let params = params::<T>(all, nonce);
    let deposits: Amounts = bounded(vec![DEPOSIT; all.len()]);
    let signatures = consents::<T>(all, &params, &deposits);
    let id = channel_id(&Pallet::<T>::genesis(), &params);
    let opener = somebody::<T>("opener");
    Pallet::<T>::do_open(opener, params, deposits, signatures).expect("the channel is in order");
    id
}

/// A state that pays everything but `beside` to the last participant.
fn state(id: ChannelId, version: u64, p: u32, beside: Balance) -> ChannelState {
    let mut balances = vec![0; p as usize];
    if let Some(last) = balances.last_mut() {
        *last = DEPOSIT * Balance::from(p) - beside;
    }
    ChannelState { version, ..ChannelState::opening(id, bounded(balances)) }
}

/// A state that carries as much as one can.
fn full_state(id: ChannelId, version: u64, p: u32) -> ChannelState {
    let mut totals = vec![0; p as usize];
    totals[0] = 1_000;
    let stream = |epoch| Stream {
        payer: 0,
        payee: 1,
        epoch,
        root: Hash::zero(),
        unit: 1,
        chains: 1,
        links: 1,
    };
    ChannelState {
        pending: Some(PendingTransfers {
            root: Hash::zero(),
            totals: bounded(totals),
            count: 1_024,
            last_expiry: 1,
        }),
        streams: bounded((0..MAX_STREAMS).map(stream).collect()),
        app: Some(AppState {
            id: Hash::repeat_byte(0xff),
            data: bounded(vec![0; MAX_APP_DATA as usize]),
        }),
        ..state(id, version, p, 1_000 + Balance::from(MAX_STREAMS))
    }
}

/// Disputes with this state, which all have signed.
fn disputed<T: Config>(all: &[Keys], state: ChannelState) {
    let signatures = co_sign::<T>(all, &state);
    Pallet::<T>::do_dispute(all[0].account(), state, signatures).expect("it is co-signed");
}

/// The dispute about a channel.
fn dispute_about<T: Config>(id: ChannelId) -> Dispute {
    let channel = Pallet::<T>::channel(id).expect("it is there");
    Pallet::<T>::dispute_of(&channel).expect("it is disputed")
}

/// Answers so that the bond is forfeited.
fn answered<T: Config>(all: &[Keys], state: ChannelState) {
    let signatures = co_sign::<T>(all, &state);
    let rewarded = somebody::<T>("rewarded");
    Pallet::<T>::do_answer(rewarded.clone(), state, signatures, rewarded).expect("it is later");
}

/// Lets the last opening block of a channel pass, so that its end returns the storage deposit, which
/// takes more than to remember the id.
fn after_the_last_opening_block<T: Config>() {
    go_to::<T>(Pallet::<T>::now() + T::MaxOpenDelay::get() + 1);
}

fn go_to<T: Config>(block: BlockNumber) {
    frame_system::Pallet::<T>::set_block_number(block.into());
}

/// Concludes the dispute about a channel, and returns the block until which it resolves.
fn concluded<T: Config>(id: ChannelId) -> BlockNumber {
    let from = dispute_about::<T>(id).due;
    go_to::<T>(from);
    Pallet::<T>::do_conclude(id).expect("it is due");
    Resolutions::<T>::get(id).expect("it resolves").until
}

/// A resolving channel of `p` with a tree of `2^l` transfers, of which the last is not decided, with
/// this hash lock and expiry. Returns that transfer with its proof.
fn last_transfer<T: Config>(
    p: u32,
    l: u32,
    hashlock: Hash,
    expiry: BlockNumber,
) -> (ChannelId, Transfer, MerkleProof) {
    let all = participants::<T>(p);
    let id = opened::<T>(&all, 0);
    let count = 1u32 << l;
    let one = Transfer { id: 0, payer: 0, payee: 1, amount: 1, hashlock, expiry };
    let transfers: Vec<Transfer> =
        (0..count).map(|nth| Transfer { id: nth.into(), ..one }).collect();
    // More is set aside than the transfers need, by everybody, so that the last decision pays all.
    let beside = Balance::from(count) + Balance::from(p);
    let mut totals = vec![1; p as usize];
    totals[0] += Balance::from(count);
    let pending = PendingTransfers {
        root: transfer::root(&transfers),
        totals: bounded(totals),
        count,
        last_expiry: expiry,
    };
    disputed::<T>(&all, ChannelState { pending: Some(pending), ..state(id, 1, p, beside) });
    concluded::<T>(id);
    Resolutions::<T>::mutate(id, |entry| {
        let pending = entry.as_mut().and_then(|it| it.pending.as_mut()).expect("it is pending");
        (0..count - 1).for_each(|index| pending.mark(index));
    });
    let proof = transfer::proof(&transfers, count - 1).expect("it is there");
    (id, Transfer { id: (count - 1).into(), ..one }, proof)
}

#[benchmarks]
mod benches {
    use super::*;

    #[benchmark]
    fn verify_sr25519() {
        let key = sr25519_generate(KEYS, None);
        let signature = sr25519_sign(KEYS, &key, MESSAGE.as_bytes()).expect("the key is there");
        let (signature, signer) = (MultiSignature::Sr25519(signature), MultiSigner::Sr25519(key));
        let form;

        #[block]
        {
            form = signer_form(&signature, &signer, &MESSAGE);
        }

        assert_eq!(form, Some(Form::Raw));
    }

    #[benchmark]
    fn verify_ed25519() {
        let key = ed25519_generate(KEYS, None);
        let signature = ed25519_sign(KEYS, &key, MESSAGE.as_bytes()).expect("the key is there");
        let (signature, signer) = (MultiSignature::Ed25519(signature), MultiSigner::Ed25519(key));
        let form;

        #[block]
        {
            form = signer_form(&signature, &signer, &MESSAGE);
        }

        assert_eq!(form, Some(Form::Raw));
    }

    #[benchmark]
    fn verify_ecdsa() {
        let key = ecdsa_generate(KEYS, None);
        let signature = ecdsa_sign(KEYS, &key, MESSAGE.as_bytes()).expect("the key is there");
        let (signature, signer) = (MultiSignature::Ecdsa(signature), MultiSigner::Ecdsa(key));
        let form;

        #[block]
        {
            form = signer_form(&signature, &signer, &MESSAGE);
        }

        assert_eq!(form, Some(Form::Raw));
    }

    #[benchmark]
    fn open(p: Linear<2, 8>) {
        let all = participants::<T>(p);
        let params = params::<T>(&all, 0);
        let deposits: Amounts = bounded(vec![DEPOSIT; all.len()]);
        let signatures = consents::<T>(&all, &params, &deposits);
        let id = channel_id(&Pallet::<T>::genesis(), &params);
        let opener = somebody::<T>("opener");

        #[extrinsic_call]
        _(RawOrigin::Signed(opener), params, deposits, signatures);

        assert!(Channels::<T>::contains_key(id));
    }

    #[benchmark]
    fn settle(p: Linear<2, 8>) {
        let all = participants::<T>(p);
        let id = opened::<T>(&all, 0);
        let last = ChannelState { is_final: true, ..state(id, 9, p, 0) };
        let signatures = co_sign::<T>(&all, &last);
        after_the_last_opening_block::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(all[0].account()), last, signatures);

        assert!(!Channels::<T>::contains_key(id));
    }

    #[benchmark]
    fn end_dispute() {
        let all = participants::<T>(2);
        let id = opened::<T>(&all, 0);
        disputed::<T>(&all, full_state(id, 1, 2));
        answered::<T>(&all, full_state(id, 3, 2));
        let current = dispute_about::<T>(id);

        #[block]
        {
            Pallet::<T>::end_dispute(id, &current);
        }

        assert!(!Recorded::<T>::contains_key(id));
    }

    #[benchmark]
    fn settle_many(b: Linear<1, 16>) {
        let all = participants::<T>(2);
        let settlements: Vec<_> = (0..b)
            .map(|nonce| {
                let id = opened::<T>(&all, nonce.into());
                let last = ChannelState { is_final: true, ..state(id, 9, 2, 0) };
                let signatures = co_sign::<T>(&all, &last);
                (last, signatures)
            })
            .collect();
        after_the_last_opening_block::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(all[0].account()), bounded(settlements));

        assert!(Channels::<T>::iter().next().is_none());
    }

    #[benchmark]
    fn resize(p: Linear<2, 8>) {
        let all = participants::<T>(p);
        let id = opened::<T>(&all, 0);
        // All but the last add funds; the last takes out what all had before.
        let added = DEPOSIT as i128;
        let mut deltas = vec![added; p as usize];
        if let Some(last) = deltas.last_mut() {
            *last = -added * i128::from(p);
        }
        let after = DEPOSIT * Balance::from(p - 1);
        let base = state(id, 1, p, DEPOSIT * Balance::from(p) - after);
        let valid_until = BlockNumber::MAX;
        let wanted = Resize { state: base, deltas: bounded(deltas), valid_until };
        let bytes = wrapped(&resize_payload(&Pallet::<T>::genesis(), &wanted));
        let signatures: Vec<_> = all
            .iter()
            .zip(&wanted.deltas)
            .map(|(keys, delta)| {
                sign(if *delta > 0 { &keys.account } else { &keys.signer }, &bytes)
            })
            .collect();

        #[extrinsic_call]
        _(RawOrigin::Signed(all[0].account()), wanted, bounded(signatures));

        assert_eq!(Pallet::<T>::channel(id).expect("it is there").deposit, after);
    }

    #[benchmark]
    fn dispute(p: Linear<2, 8>) {
        let all = participants::<T>(p);
        let id = opened::<T>(&all, 0);
        let shown = full_state(id, 1, p);
        let signatures = co_sign::<T>(&all, &shown);

        #[extrinsic_call]
        _(RawOrigin::Signed(all[0].account()), shown, signatures);

        assert!(Recorded::<T>::contains_key(id));
    }

    #[benchmark]
    fn answer(p: Linear<2, 8>) {
        let all = participants::<T>(p);
        let id = opened::<T>(&all, 0);
        disputed::<T>(&all, full_state(id, 1, p));
        let later = full_state(id, 3, p);
        let signatures = co_sign::<T>(&all, &later);
        let rewarded = somebody::<T>("rewarded");

        #[extrinsic_call]
        _(RawOrigin::Signed(rewarded.clone()), later, signatures, rewarded.clone());

        assert_eq!(dispute_about::<T>(id).reward_to, Some(rewarded));
    }

    #[benchmark]
    fn progress(p: Linear<2, 8>) -> Result<(), BenchmarkError> {
        let Some((before, after)) = T::BenchmarkHelper::first_move() else {
            return Err(BenchmarkError::Skip);
        };
        let all = participants::<T>(p);
        let id = opened::<T>(&all, 0);
        let deposits: Amounts = bounded(vec![DEPOSIT; all.len()]);
        let opening = ChannelState::opening(id, deposits);
        disputed::<T>(&all, ChannelState { version: 1, app: Some(before), ..opening.clone() });
        let current = dispute_about::<T>(id);
        go_to::<T>(current.deadline);
        let next = ChannelState { version: 2, app: Some(after), ..opening };
        let mover = current.mover.ok_or(BenchmarkError::Stop("nobody is to move"))?;
        let bytes = wrapped(&state_payload(&Pallet::<T>::genesis(), &next));
        let signature = sign(&all[usize::from(mover)].signer, &bytes);

        #[extrinsic_call]
        _(RawOrigin::Signed(all[0].account()), next, signature);

        assert!(dispute_about::<T>(id).has_moved);
        Ok(())
    }

    #[benchmark]
    fn conclude(p: Linear<2, 8>) {
        let all = participants::<T>(p);
        let id = opened::<T>(&all, 0);
        disputed::<T>(&all, full_state(id, 1, p));
        answered::<T>(&all, full_state(id, 3, p));
        go_to::<T>(dispute_about::<T>(id).due);

        #[extrinsic_call]
        _(RawOrigin::Signed(all[0].account()), id);

        assert!(Resolutions::<T>::contains_key(id));
    }

    #[benchmark]
    fn sweep(p: Linear<2, 8>) {
        let all = participants::<T>(p);
        let id = opened::<T>(&all, 0);
        let mut shown = full_state(id, 1, p);
        // Everybody but the last has set something aside, so that all are paid.
        let balances: Vec<Balance> = (0..p).map(|_| 1).collect();
        let spread = DEPOSIT * Balance::from(p) - Balance::from(MAX_STREAMS) - Balance::from(p);
        let each = spread / Balance::from(p);
        let mut totals = vec![each; p as usize];
        totals[0] += spread - each * Balance::from(p);
        if let Some(pending) = &mut shown.pending {
            pending.totals = bounded(totals);
        }
        shown.balances = bounded(balances);
        disputed::<T>(&all, shown);
        let until = concluded::<T>(id);
        go_to::<T>(until);

        #[extrinsic_call]
        conclude(RawOrigin::Signed(all[0].account()), id);

        assert!(!Channels::<T>::contains_key(id));
    }

    #[benchmark]
    fn reveal() {
        let preimage = [7; 32];
        Pallet::<T>::do_reveal(somebody::<T>("first"), preimage).expect("it is affordable");
        let second = somebody::<T>("second");
        go_to::<T>(Pallet::<T>::now() + 1);

        #[extrinsic_call]
        _(RawOrigin::Signed(second.clone()), preimage);

        let lock = hashlock(&preimage);
        assert_eq!(Reveals::<T>::get(lock).expect("it is known").by, second);
    }

    #[benchmark]
    fn claim(p: Linear<2, 8>, l: Linear<0, 10>) {
        let preimage = [7; 32];
        Pallet::<T>::do_reveal(somebody::<T>("first"), preimage).expect("it is affordable");
        let expiry = Pallet::<T>::now() + 1;
        let (id, transfer, proof) = last_transfer::<T>(p, l, hashlock(&preimage), expiry);

        #[extrinsic_call]
        _(RawOrigin::Signed(somebody::<T>("anybody")), id, transfer, proof);

        assert!(!Channels::<T>::contains_key(id));
    }

    #[benchmark]
    fn refund(p: Linear<2, 8>, l: Linear<0, 10>) {
        let preimage = [7; 32];
        let expiry = Pallet::<T>::now() + 1;
        let (id, transfer, proof) = last_transfer::<T>(p, l, hashlock(&preimage), expiry);
        // Too late, so that the chain has something to look at.
        Pallet::<T>::do_reveal(somebody::<T>("first"), preimage).expect("it is affordable");

        #[extrinsic_call]
        _(RawOrigin::Signed(somebody::<T>("anybody")), id, transfer, proof);

        assert!(!Channels::<T>::contains_key(id));
    }

    #[benchmark]
    fn claim_stream(p: Linear<2, 8>, h: Linear<1, 256>, l: Linear<0, 16>) {
        let all = participants::<T>(p);
        let id = opened::<T>(&all, 0);
        // The last link of the last chain ends the channel. Of the others, only the tips matter.
        let salt = stream::salt(&Pallet::<T>::genesis(), &id, 0, 1, 0);
        let (chains, link) = (1u32 << l, [7; 32]);
        let mut tips = vec![[0; 32]; chains as usize];
        if let Some(last) = tips.last_mut() {
            *last = stream::steps(&salt, link, h);
        }
        let root = stream::root(&tips);
        let entry = Stream { payer: 0, payee: 1, epoch: 0, root, unit: 1, chains, links: h };
        let beside = Balance::from(entry.capacity());
        let streams = bounded(vec![entry]);
        disputed::<T>(&all, ChannelState { streams, ..state(id, 1, p, beside) });
        concluded::<T>(id);
        let proof = stream::proof(&tips, chains - 1).expect("it is there");

        #[extrinsic_call]
        _(RawOrigin::Signed(somebody::<T>("anybody")), id, 0, link, h, proof);

        assert!(!Channels::<T>::contains_key(id));
    }

    #[benchmark]
    fn serve_nothing() {
        #[block]
        {
            NextDue::<T>::put(NextDue::<T>::get());
        }
    }

    #[benchmark]
    fn serve_block() {
        #[block]
        {
            assert!(Agenda::<T>::iter_key_prefix(1).next().is_none());
        }
    }

    #[benchmark]
    fn postpone() {
        let all = participants::<T>(8);
        let id = opened::<T>(&all, 0);
        disputed::<T>(&all, full_state(id, 1, 8));
        concluded::<T>(id);
        let due = Resolutions::<T>::get(id).expect("it resolves").due;
        go_to::<T>(due);

        #[block]
        {
            Pallet::<T>::unschedule(due, Due::Channel(id));
            Pallet::<T>::postpone(id, Error::<T>::RecordMissing.into());
        }

        assert!(!Agenda::<T>::contains_key(due, Due::Channel(id)));
    }

    #[benchmark]
    fn forget_reveal() {
        let preimage = [7; 32];
        Pallet::<T>::do_reveal(somebody::<T>("first"), preimage).expect("it is affordable");
        let lock = hashlock(&preimage);
        let until = Reveals::<T>::get(lock).expect("it is known").until;

        #[block]
        {
            assert_eq!(Agenda::<T>::iter_key_prefix(until).next(), Some(Due::Reveal(lock)));
            Pallet::<T>::forget_reveal(lock);
        }

        assert!(!Reveals::<T>::contains_key(lock));
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
        let (id, opener) = (ChannelId::repeat_byte(1), somebody::<T>("opener"));
        let footprint =
            Footprint::from_parts(1, params::<T>(&participants::<T>(8), 0).encoded_size());
        let ticket = T::ChannelTicket::new(&opener, footprint).expect("it is affordable");
        Retired::<T>::insert(1, id, RetiredChannel { opener, ticket });

        #[block]
        {
            let (_, retired) = Retired::<T>::drain_prefix(1).next().expect("it is there");
            Pallet::<T>::drop_ticket(retired.ticket, &retired.opener);
        }

        assert!(!Retired::<T>::contains_key(1, id));
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
