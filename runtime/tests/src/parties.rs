// SPDX-License-Identifier: Apache-2.0

//! Two parties of a channel, and checks that hold for the whole chain at any time.

use super::chain::Chain;
use millrace_primitives_channels::{
    ChannelAsset, ChannelId, ChannelParams, ChannelState, Participant, Resize,
    api::{AccountView, AssetView, ChannelView, PhaseView},
    channel_id, open_payload, resize_payload,
    state::Signatures,
    state_payload,
};
use millrace_runtime::*;
use pallet_channel_balances::ANCHOR;
use polkadot_sdk::{
    frame_support::traits::{Currency, fungibles::Inspect as Fungibles},
    frame_system, pallet_assets,
    sp_keyring::Sr25519Keyring,
    sp_runtime::{BoundedVec, MultiSigner},
};

/// Two parties whose accounts are in ascending order, and the keys that sign their states.
#[derive(Clone)]
pub struct Pair {
    /// Their accounts' keys.
    pub accounts: [Sr25519Keyring; 2],
    /// The keys that sign their states.
    pub signers: [Sr25519Keyring; 2],
    /// What their channels are denominated in.
    pub asset: ChannelAsset,
}

impl Pair {
    /// Dave and Eve, signing with keys that hold no money, with channels in the native token.
    pub fn new() -> Self {
        Self::of([Sr25519Keyring::Dave, Sr25519Keyring::Eve])
    }

    /// Two accounts, signing with keys that hold no money, with channels in the native token.
    pub fn of(mut accounts: [Sr25519Keyring; 2]) -> Self {
        accounts.sort_by_key(|key| key.to_account_id());
        let signers = [Sr25519Keyring::One, Sr25519Keyring::Two];
        Self { accounts, signers, asset: ChannelAsset::Native }
    }

    /// The same two with channels in another asset.
    pub fn with_asset(self, asset: ChannelAsset) -> Self {
        Self { asset, ..self }
    }

    /// The parameters of their channel.
    pub fn params(&self, now: BlockNumber) -> ChannelParams {
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
            asset: self.asset,
            challenge_blocks: 10,
            open_by: now + 50,
            nonce: 7,
        }
    }

    /// Opens their channel with these deposits, by Ferdie.
    pub fn open(&self, chain: &mut Chain, deposits: [Balance; 2]) -> ChannelId {
        let params = self.params(chain.number());
        let id = channel_id(&genesis(chain), &params);
        let call = self.opening(chain, params, deposits);
        chain.submit(Sr25519Keyring::Ferdie, call).expect("anybody may submit a signed opening");
        id
    }

    /// The call that opens a channel with these parameters and deposits.
    pub fn opening(
        &self,
        chain: &mut Chain,
        params: ChannelParams,
        deposits: [Balance; 2],
    ) -> pallet_channels::Call<Runtime> {
        let signatures = self.consent(chain, &params, &deposits);
        let deposits = BoundedVec::truncate_from(deposits.to_vec());
        pallet_channels::Call::open { params, deposits, signatures }
    }

    /// Both accounts' consent to an opening.
    pub fn consent(
        &self,
        chain: &mut Chain,
        params: &ChannelParams,
        deposits: &[Balance; 2],
    ) -> Signatures {
        self.sign(&self.accounts, open_payload(&genesis(chain), params, deposits))
    }

    /// A state of theirs.
    pub fn state(&self, id: ChannelId, version: u64, balances: [Balance; 2]) -> ChannelState {
        ChannelState {
            version,
            ..ChannelState::opening(id, BoundedVec::truncate_from(balances.to_vec()))
        }
    }

    /// Signatures of the keys that sign states.
    pub fn co_sign(&self, chain: &mut Chain, state: &ChannelState) -> Signatures {
        self.sign(&self.signers, state_payload(&genesis(chain), state))
    }

    /// Signatures of `keys` over `payload`.
    fn sign(&self, keys: &[Sr25519Keyring], payload: Hash) -> Signatures {
        let signatures = keys
            .iter()
            .map(|key| Signature::Sr25519(key.sign(payload.as_bytes())))
            .collect::<Vec<_>>();
        BoundedVec::truncate_from(signatures)
    }

    /// Consent to a resize: by account where funds are added, by signer elsewhere.
    pub fn agree(&self, chain: &mut Chain, resize: &Resize) -> Signatures {
        let payload = resize_payload(&genesis(chain), resize);
        let keys: Vec<_> = self
            .accounts
            .iter()
            .zip(&self.signers)
            .zip(&resize.deltas)
            .map(|((account, signer), delta)| if *delta > 0 { *account } else { *signer })
            .collect();
        self.sign(&keys, payload)
    }

    /// The party at this position disputes with a co-signed state.
    pub fn dispute(&self, chain: &mut Chain, by: usize, state: ChannelState) {
        let signatures = self.co_sign(chain, &state);
        let call = pallet_channels::Call::dispute { state, signatures };
        chain.submit(self.accounts[by], call).expect("a participant may dispute");
    }

    /// The party at this position answers with a co-signed state, for a reward of its own.
    pub fn answer(&self, chain: &mut Chain, by: usize, state: ChannelState) {
        let signatures = self.co_sign(chain, &state);
        let reward_to = self.accounts[by].to_account_id();
        let call = pallet_channels::Call::answer { state, signatures, reward_to };
        chain.submit(self.accounts[by], call).expect("a later state answers");
    }

    /// Ferdie settles with a co-signed final state.
    pub fn settle(&self, chain: &mut Chain, state: ChannelState) {
        let state = ChannelState { is_final: true, ..state };
        let signatures = self.co_sign(chain, &state);
        let call = pallet_channels::Call::settle { state, signatures };
        chain.submit(Sr25519Keyring::Ferdie, call).expect("a final state settles at once");
    }

    /// What both own in the channels' asset.
    pub fn owned(&self, chain: &mut Chain) -> [AssetView; 2] {
        let asset = self.asset;
        self.accounts.map(|key| {
            let view = account_view(chain, key);
            match asset {
                ChannelAsset::Native => view.native,
                _ => view
                    .assets
                    .into_iter()
                    .find(|it| it.asset == asset)
                    .unwrap_or_else(|| outside(chain, key, asset)),
            }
        })
    }
}

/// What an account has of an asset that it has in no channel.
fn outside(chain: &mut Chain, key: Sr25519Keyring, asset: ChannelAsset) -> AssetView {
    let ChannelAsset::Local(id) = asset else { panic!("native tokens are in every view") };
    let free = chain.read(|| Assets::balance(id, key.to_account_id()));
    AssetView {
        asset,
        total: free,
        free,
        in_channels: 0,
        elsewhere: 0,
        channel_count: 0,
        outright: 0,
        pending: 0,
        claimable: 0,
        owed: 0,
    }
}

/// The chain's genesis hash.
pub fn genesis(chain: &mut Chain) -> Hash {
    chain.read(|| System::block_hash(0))
}

/// What an account owns.
pub fn account_view(chain: &mut Chain, key: Sr25519Keyring) -> AccountView {
    chain.read(|| millrace_runtime::views::account(key.to_account_id()))
}

/// A channel as the chain sees it.
pub fn channel_view(chain: &mut Chain, id: ChannelId) -> Option<ChannelView> {
    chain.read(|| Channels::view(id))
}

/// Checks that nothing counts twice and nothing is lost, over all accounts, assets and channels:
///
/// - both pallets' numbered rules;
/// - the sum of all native balances is the issuance, that of every asset its supply;
/// - the parts of each account's view add up to its total;
/// - what accounts have in channels covers what is in all channels, exactly in the native token;
/// - outright and pending shares add up to the deposit of every channel that is being closed.
pub fn check(chain: &mut Chain) {
    chain.read(|| {
        Channels::do_try_state().expect("the judge's rules hold");
        ChannelBalances::do_try_state().expect("the purse's rules hold");
        check_issuance();
        check_accounts();
        for id in pallet_channels::Channels::<Runtime>::iter_keys() {
            check_channel(&Channels::view(id).expect("it is there"));
        }
    });
}

/// Every account of the chain.
fn all_accounts() -> Vec<AccountId> {
    frame_system::Account::<Runtime>::iter_keys().collect()
}

fn check_issuance() {
    let sum: Balance = all_accounts().iter().map(Balances::total_balance).sum();
    assert_eq!(sum, Balances::total_issuance(), "native balances add up");
    for id in pallet_assets::Asset::<Runtime>::iter_keys() {
        let sum: Balance = all_accounts()
            .iter()
            .map(|who| {
                <configs::ChannelAssets as Fungibles<_>>::total_balance(
                    ChannelAsset::Local(id),
                    who,
                )
            })
            .sum();
        assert_eq!(sum, Assets::total_supply(id), "balances of asset {id} add up");
    }
}

fn check_accounts() {
    let mut in_channels = 0;
    for account in all_accounts() {
        let view = millrace_runtime::views::account(account.clone());
        let native = &view.native;
        assert_eq!(native.total, Balances::total_balance(&account));
        assert_eq!(
            native.total,
            native.free
                + native.in_channels
                + native.elsewhere
                + view.bonds
                + view.storage_deposits,
            "the parts of {account} add up"
        );
        for asset in &view.assets {
            assert_eq!(asset.total, asset.free + asset.in_channels + asset.elsewhere);
        }
        let locked: Balance = view
            .channels
            .iter()
            .filter(|it| it.asset == ChannelAsset::Native)
            .map(|it| it.locked)
            .sum();
        let anchors = Balance::from(native.channel_count) * ANCHOR;
        assert_eq!(locked + anchors, native.in_channels, "the channels of {account} add up");
        in_channels += locked;
    }
    let deposits: Balance = pallet_channels::Channels::<Runtime>::iter_keys()
        .filter_map(Channels::view)
        .filter(|view| view.asset == ChannelAsset::Native)
        .map(|view| view.deposit)
        .sum();
    assert_eq!(in_channels, deposits, "what is in channels is in somebody's account, once");
}

fn check_channel(view: &ChannelView) {
    let holdings: Vec<_> = view
        .participants
        .iter()
        .map(|it| view.holding(&it.account).expect("a participant has a share"))
        .collect();
    let sum = |share: fn(&millrace_primitives_channels::api::ChannelHolding) -> Balance| {
        holdings.iter().map(share).sum::<Balance>()
    };
    assert_eq!(sum(|it| it.locked), view.deposit);
    if view.phase != PhaseView::Open {
        assert_eq!(sum(|it| it.outright) + sum(|it| it.pending), view.deposit);
    }
}
