// SPDX-License-Identifier: Apache-2.0

//! Channels from open to payout, in blocks, with fees, filters and weights in place.

use super::chain::Chain;
use millrace_primitives_channels::{
    ChannelAsset, ChannelId, ChannelParams, ChannelState, Participant, channel_id, open_payload,
    state_payload,
};
use millrace_runtime::{constants::money::MILL, *};
use polkadot_sdk::{
    sp_keyring::Sr25519Keyring,
    sp_runtime::{BoundedVec, MultiSigner},
};

/// Two parties whose accounts are in ascending order, and the keys that sign their states.
struct Pair {
    accounts: [Sr25519Keyring; 2],
    signers: [Sr25519Keyring; 2],
}

impl Pair {
    /// Dave and Eve, signing with keys that hold no money.
    fn new() -> Self {
        let mut accounts = [Sr25519Keyring::Dave, Sr25519Keyring::Eve];
        accounts.sort_by_key(|key| key.to_account_id());
        Self { accounts, signers: [Sr25519Keyring::One, Sr25519Keyring::Two] }
    }

    /// The parameters of their channel.
    fn params(&self, now: BlockNumber) -> ChannelParams {
        let participants = self
            .accounts
            .iter()
            .zip(self.signers)
            .map(|(account, signer)| Participant {
                account: account.to_account_id(),
                signer: MultiSigner::Sr25519(signer.public()),
            })
            .collect::<Vec<_>>();
        ChannelParams {
            participants: BoundedVec::truncate_from(participants),
            asset: ChannelAsset::Native,
            challenge_blocks: 10,
            open_by: now + 50,
            nonce: 7,
        }
    }

    /// Opens their channel with these deposits.
    fn open(&self, chain: &mut Chain, deposits: [Balance; 2]) -> ChannelId {
        let params = self.params(chain.number());
        let genesis = chain.read(|| System::block_hash(0));
        let payload = open_payload(&genesis, &params, &deposits);
        let id = channel_id(&genesis, &params);
        let call = pallet_channels::Call::open {
            params,
            deposits: BoundedVec::truncate_from(deposits.to_vec()),
            signatures: self.sign(&self.accounts, payload),
        };
        chain.submit(Sr25519Keyring::Ferdie, call).expect("anybody may submit a signed opening");
        id
    }

    /// A state of theirs.
    fn state(&self, id: ChannelId, version: u64, balances: [Balance; 2]) -> ChannelState {
        ChannelState {
            version,
            ..ChannelState::opening(id, BoundedVec::truncate_from(balances.to_vec()))
        }
    }

    /// Signatures of the keys that sign states.
    fn co_sign(&self, chain: &mut Chain, state: &ChannelState) -> Signatures {
        let genesis = chain.read(|| System::block_hash(0));
        self.sign(&self.signers, state_payload(&genesis, state))
    }

    /// Signatures of `keys` over `payload`.
    fn sign(&self, keys: &[Sr25519Keyring], payload: Hash) -> Signatures {
        let signatures = keys
            .iter()
            .map(|key| Signature::Sr25519(key.sign(payload.as_bytes())))
            .collect::<Vec<_>>();
        BoundedVec::truncate_from(signatures)
    }
}

type Signatures = millrace_primitives_channels::state::Signatures;

/// Free and total balance of both parties.
fn balances(chain: &mut Chain, pair: &Pair) -> [(Balance, Balance); 2] {
    chain.read(|| {
        pair.accounts.map(|key| {
            let who = key.to_account_id();
            let view = millrace_runtime::configs::account_view(who);
            (view.free, view.total)
        })
    })
}

#[test]
fn two_parties_open_pay_and_settle() {
    // given a channel that a third party's extrinsic opened
    let pair = Pair::new();
    let mut chain = Chain::development();
    let before = balances(&mut chain, &pair);
    let id = pair.open(&mut chain, [100 * MILL, 50 * MILL]);

    // then deposits are held, not gone
    let during = balances(&mut chain, &pair);
    assert_eq!(during[0].0, before[0].0 - 100 * MILL);
    assert_eq!(during[1].0, before[1].0 - 50 * MILL);
    assert_eq!(during.map(|it| it.1), before.map(|it| it.1));

    // when they settle on another division
    let state = ChannelState { is_final: true, ..pair.state(id, 10_000, [30 * MILL, 120 * MILL]) };
    let signatures = pair.co_sign(&mut chain, &state);
    chain
        .submit(Sr25519Keyring::Ferdie, pallet_channels::Call::settle { state, signatures })
        .expect("a final state settles at once");

    // then each has its part and the channel is forgotten
    let after = balances(&mut chain, &pair);
    assert_eq!(after[0].0, before[0].0 - 70 * MILL);
    assert_eq!(after[1].0, before[1].0 + 70 * MILL);
    assert!(chain.read(|| Channels::view(id)).is_none());
}

#[test]
fn stale_close_is_answered_free_of_charge_and_gains_nothing() {
    // given a channel in which the first party has paid the second
    let pair = Pair::new();
    let mut chain = Chain::development();
    let before = balances(&mut chain, &pair);
    let id = pair.open(&mut chain, [100 * MILL, 100 * MILL]);
    let stale = pair.state(id, 1, [99 * MILL, 101 * MILL]);
    let newest = pair.state(id, 500, [20 * MILL, 180 * MILL]);

    // when it disputes with an old state
    let signatures = pair.co_sign(&mut chain, &stale);
    chain
        .submit(pair.accounts[0], pallet_channels::Call::dispute { state: stale, signatures })
        .expect("a participant may dispute");

    // then the other answers, and gets its fee back
    let free = balances(&mut chain, &pair)[1].0;
    let signatures = pair.co_sign(&mut chain, &newest);
    chain
        .submit(pair.accounts[1], pallet_channels::Call::answer { state: newest, signatures })
        .expect("a later state answers");
    assert_eq!(balances(&mut chain, &pair)[1].0, free);

    // and once the deadline has come, anybody concludes
    chain.empty_blocks(10);
    chain
        .submit(Sr25519Keyring::Ferdie, pallet_channels::Call::conclude { channel: id })
        .expect("the deadline has come");
    let after = balances(&mut chain, &pair);
    assert_eq!(after[1].0, before[1].0 + 80 * MILL);
    assert!(after[0].0 < before[0].0 - 80 * MILL, "the cheat also paid a fee");
}

#[test]
fn account_view_lists_the_channel_and_what_a_dispute_would_pay() {
    // given
    let pair = Pair::new();
    let mut chain = Chain::development();
    let id = pair.open(&mut chain, [100 * MILL, 0]);
    let who = pair.accounts[0].to_account_id();
    let view = chain.read(|| millrace_runtime::configs::account_view(who.clone()));
    assert_eq!((view.in_channels, view.channel_count), (100 * MILL, 1));
    assert_eq!(view.channels.first().map(|it| (it.channel, it.disputed)), Some((id, None)));

    // when
    let state = pair.state(id, 1, [60 * MILL, 40 * MILL]);
    let signatures = pair.co_sign(&mut chain, &state);
    chain
        .submit(pair.accounts[1], pallet_channels::Call::dispute { state, signatures })
        .expect("a participant may dispute");

    // then
    let view = chain.read(|| millrace_runtime::configs::account_view(who));
    assert_eq!(view.channels.first().and_then(|it| it.disputed), Some(60 * MILL));
    assert_eq!(view.total, view.free + view.in_channels);
}

#[test]
fn challenge_window_below_the_governed_minimum_is_refused() {
    // given parameters with a window of one block
    let pair = Pair::new();
    let mut chain = Chain::development();
    let mut params = pair.params(chain.number());
    params.challenge_blocks = 1;
    let genesis = chain.read(|| System::block_hash(0));
    let deposits = [MILL, MILL];
    let signatures = pair.sign(&pair.accounts, open_payload(&genesis, &params, &deposits));

    // when, then
    let call = pallet_channels::Call::open {
        params,
        deposits: BoundedVec::truncate_from(deposits.to_vec()),
        signatures,
    };
    assert!(chain.submit(Sr25519Keyring::Ferdie, call).is_err());
}
