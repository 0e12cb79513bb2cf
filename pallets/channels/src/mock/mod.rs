// SPDX-License-Identifier: Apache-2.0

//! A small chain with real balances, a real purse and a real asset, and parties that sign with real
//! keys.

mod acting;
mod apps;

pub use acting::*;
pub use apps::*;
pub use pallet_channel_balances::ANCHOR;

use crate as pallet_channels;
use codec::{Decode, Encode};
use millrace_primitives_channels::{
    AccountId, AppState, Balance, BlockNumber, ChannelApp, ChannelAsset, ChannelId, ChannelParams,
    ChannelState, Hash, Participant, PendingTransfers, Resize, Stream, Transfer, channel_id,
    open_payload,
    params::Amounts,
    resize_payload,
    state::Signatures,
    state_payload,
    stream::{self, Link},
    transfer::{self, Preimage, hashlock},
};
use polkadot_sdk::{
    frame_support::{
        construct_runtime, derive_impl,
        dispatch::DispatchResultWithPostInfo,
        pallet_prelude::DispatchResult,
        parameter_types,
        traits::{
            AsEnsureOriginWithArg, ConstU8, ConstU32, ConstU128, ConstantStoragePrice, Hooks,
            fungible::{HoldConsideration, InspectHold},
            tokens::imbalance::ResolveTo,
        },
        weights::Weight,
    },
    frame_system::{self, EnsureRoot, EnsureSigned},
    pallet_assets, pallet_assets_holder, pallet_balances,
    sp_core::{Pair as _, ecdsa, ed25519, sr25519},
    sp_io::TestExternalities,
    sp_keystore::{KeystoreExt, testing::MemoryKeystore},
    sp_runtime::{
        BoundedVec, BuildStorage, MultiSignature, MultiSigner, Perbill,
        traits::{IdentifyAccount, IdentityLookup},
    },
};

use std::sync::LazyLock;

type Block = frame_system::mocking::MockBlockU32<Test>;

construct_runtime!(
    pub enum Test {
        System: frame_system,
        Balances: pallet_balances,
        Assets: pallet_assets,
        AssetsHolder: pallet_assets_holder,
        Purse: pallet_channel_balances,
        Channels: pallet_channels,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type AccountData = pallet_balances::AccountData<Balance>;
    type AccountId = AccountId;
    type Block = Block;
    type Lookup = IdentityLookup<AccountId>;
}

/// The existential deposit.
pub const ED: Balance = 10;

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type Balance = Balance;
    type ExistentialDeposit = ConstU128<ED>;
}

#[derive_impl(pallet_assets::config_preludes::TestDefaultConfig)]
impl pallet_assets::Config for Test {
    type Balance = Balance;
    type CreateOrigin = AsEnsureOriginWithArg<EnsureSigned<AccountId>>;
    type Currency = Balances;
    type ForceOrigin = EnsureRoot<AccountId>;
    type Holder = AssetsHolder;
}

impl pallet_assets_holder::Config for Test {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeHoldReason = RuntimeHoldReason;
}

impl pallet_channel_balances::Config for Test {
    type Assets = pallet_channel_balances::union::Union<Balances, AssetsHolder>;
    type Forfeited = ResolveTo<Treasury, Balances>;
    type NativeCurrency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type WeightInfo = ();
}

/// The asset that is there beside the native token.
pub const COIN: u32 = 7;

/// The shortest challenge window, in blocks.
pub const MIN_CHALLENGE: BlockNumber = 5;
/// The longest challenge window, in blocks.
pub const MAX_CHALLENGE: BlockNumber = 100;
/// How far ahead a channel can be agreed on, in blocks.
pub const MAX_OPEN_DELAY: BlockNumber = 50;
/// Answers to one dispute that cost nothing.
pub const MAX_FREE_ANSWERS: u8 = 2;
/// The bond of a dispute: an odd number, so that half of it has to be rounded.
pub const BOND: Balance = 51;
/// What whoever proves a claim stale gets of the bond.
pub const REWARD: Balance = 25;
/// The storage deposit of a channel.
pub const CHANNEL_TICKET: Balance = 20;
/// The storage deposit of a preimage.
pub const REVEAL_TICKET: Balance = 7;
/// How long a preimage is remembered, in blocks.
pub const REVEAL_BLOCKS: BlockNumber = 60;
/// The challenge window of most channels here, in blocks.
pub const WINDOW: BlockNumber = 10;

parameter_types! {
    pub const ChannelStorage: RuntimeHoldReason =
        RuntimeHoldReason::Purse(pallet_channel_balances::HoldReason::ChannelStorage);
    pub const RevealStorage: RuntimeHoldReason =
        RuntimeHoldReason::Purse(pallet_channel_balances::HoldReason::RevealStorage);
    pub const RewardShare: Perbill = Perbill::from_percent(50);
    pub Treasury: AccountId = treasury();
}

// Only the pallet's own tests run its benchmarks.
#[cfg(test)]
impl crate::benchmarking::BenchmarkHelper for Test {
    fn fund(account: &AccountId, amount: Balance) {
        use polkadot_sdk::frame_support::traits::fungible::Mutate;
        Balances::set_balance(account, amount + ED);
    }

    fn first_move() -> Option<(AppState, AppState)> {
        Some((Nonsense::data(0), Nonsense::data(1)))
    }
}

impl pallet_channels::Config for Test {
    type Apps = (Tally, (Nonsense, ()));
    #[cfg(test)]
    type BenchmarkHelper = Test;
    type Bonds = Purse;
    type ChannelTicket = HoldConsideration<
        AccountId,
        Balances,
        ChannelStorage,
        ConstantStoragePrice<ConstU128<CHANNEL_TICKET>, Balance>,
    >;
    type DisputeBond = ConstU128<BOND>;
    type Funds = Purse;
    type MaxChallengeBlocks = ConstU32<MAX_CHALLENGE>;
    type MaxFreeAnswers = ConstU8<MAX_FREE_ANSWERS>;
    type MaxOpenDelay = ConstU32<MAX_OPEN_DELAY>;
    type MinChallengeBlocks = ConstU32<MIN_CHALLENGE>;
    type RevealBlocks = ConstU32<REVEAL_BLOCKS>;
    type RevealTicket = HoldConsideration<
        AccountId,
        Balances,
        RevealStorage,
        ConstantStoragePrice<ConstU128<REVEAL_TICKET>, Balance>,
    >;
    type RewardShare = RewardShare;
    type WeightInfo = crate::weights::SubstrateWeight<Test>;
}

/// What each party starts with.
pub const ENDOWMENT: Balance = 1_000_000;

/// A chain at block 1 on which all parties, [`stranger`], [`tower`] and [`treasury`] have money.
pub fn new_test_ext() -> TestExternalities {
    let mut storage =
        frame_system::GenesisConfig::<Test>::default().build_storage().expect("no genesis fails");
    let accounts = || (0..PARTIES).map(|index| Party::new(index).account());
    pallet_balances::GenesisConfig::<Test> {
        balances: accounts()
            .chain([stranger(), tower(), treasury()])
            .map(|it| (it, ENDOWMENT))
            .collect(),
        ..Default::default()
    }
    .assimilate_storage(&mut storage)
    .expect("balances are above the existential deposit");
    pallet_assets::GenesisConfig::<Test> {
        assets: vec![(COIN, stranger(), false, ED)],
        accounts: accounts().map(|account| (COIN, account, ENDOWMENT)).collect(),
        ..Default::default()
    }
    .assimilate_storage(&mut storage)
    .expect("balances are above the asset's minimum");
    let mut ext = TestExternalities::new(storage);
    ext.execute_with(|| {
        System::set_block_number(1);
        frame_system::BlockHash::<Test>::insert(0, Hash::repeat_byte(0x9e));
    });
    // Benchmarks keep their keys there.
    ext.register_extension(KeystoreExt::new(MemoryKeystore::new()));
    ext
}

/// Number of parties with money.
pub const PARTIES: u8 = 8;

/// Somebody who takes part in no channel, and sends what anybody may send.
pub fn stranger() -> AccountId {
    AccountId::new([0xee; 32])
}

/// Somebody who answers disputes for others.
pub fn tower() -> AccountId {
    AccountId::new([0xdd; 32])
}

/// The public purse.
pub fn treasury() -> AccountId {
    AccountId::new([0xcc; 32])
}

/// The origin of a stranger's calls.
pub fn anybody() -> RuntimeOrigin {
    RuntimeOrigin::signed(stranger())
}

/// An account with its key, and the key that signs its states, of all kinds in turn.
#[derive(Clone)]
pub struct Party {
    account: sr25519::Pair,
    signer: SignerPair,
}

/// A key of any kind. There are few of them: their size is no concern.
#[allow(clippy::large_enum_variant)]
#[derive(Clone)]
enum SignerPair {
    Sr25519(sr25519::Pair),
    Ed25519(ed25519::Pair),
    Ecdsa(ecdsa::Pair),
}

impl Party {
    /// The party with this number: below [`PARTIES`] it has money.
    pub fn new(index: u8) -> Self {
        // Keys take long to make, and tests ask for them all the time.
        static KNOWN: LazyLock<Vec<Party>> =
            LazyLock::new(|| (0..PARTIES).map(Party::make).collect());
        KNOWN.get(usize::from(index)).cloned().unwrap_or_else(|| Self::make(index))
    }

    fn make(index: u8) -> Self {
        let seed = [index; 32];
        let signer_seed = [index | 0x80; 32];
        Self {
            account: sr25519::Pair::from_seed(&seed),
            signer: match index % 3 {
                0 => SignerPair::Sr25519(sr25519::Pair::from_seed(&signer_seed)),
                1 => SignerPair::Ed25519(ed25519::Pair::from_seed(&signer_seed)),
                _ => SignerPair::Ecdsa(ecdsa::Pair::from_seed(&signer_seed)),
            },
        }
    }

    /// Its account.
    pub fn account(&self) -> AccountId {
        MultiSigner::Sr25519(self.account.public()).into_account()
    }

    /// The origin of its calls.
    pub fn origin(&self) -> RuntimeOrigin {
        RuntimeOrigin::signed(self.account())
    }

    /// The public key behind its states.
    pub fn signer(&self) -> MultiSigner {
        match &self.signer {
            SignerPair::Sr25519(pair) => pair.public().into(),
            SignerPair::Ed25519(pair) => pair.public().into(),
            SignerPair::Ecdsa(pair) => pair.public().into(),
        }
    }

    /// Signs with the account's key.
    pub fn consent(&self, bytes: &[u8]) -> MultiSignature {
        self.account.sign(bytes).into()
    }

    /// Signs with the key behind its states.
    pub fn sign(&self, bytes: &[u8]) -> MultiSignature {
        match &self.signer {
            SignerPair::Sr25519(pair) => pair.sign(bytes).into(),
            SignerPair::Ed25519(pair) => pair.sign(bytes).into(),
            SignerPair::Ecdsa(pair) => pair.sign(bytes).into(),
        }
    }
}

/// The genesis hash of the small chain.
pub fn genesis() -> Hash {
    System::block_hash(0)
}

/// The current block.
pub fn now() -> BlockNumber {
    System::block_number()
}

/// `count` parties in ascending order of their accounts.
pub fn parties(count: u8) -> Vec<Party> {
    let mut parties: Vec<Party> = (0..count).map(Party::new).collect();
    parties.sort_by_key(Party::account);
    parties
}

/// Parameters that the chain accepts.
pub fn params(parties: &[Party]) -> ChannelParams {
    ChannelParams {
        participants: BoundedVec::truncate_from(
            parties
                .iter()
                .map(|party| Participant { account: party.account(), signer: party.signer() })
                .collect(),
        ),
        asset: ChannelAsset::Native,
        challenge_blocks: WINDOW,
        open_by: now() + 20,
        nonce: 0,
    }
}

/// Amounts in the order of the participants.
pub fn amounts(values: &[Balance]) -> Amounts {
    BoundedVec::truncate_from(values.to_vec())
}

/// Everybody's consent to open.
pub fn consents(parties: &[Party], params: &ChannelParams, deposits: &[Balance]) -> Signatures {
    let payload = open_payload(&genesis(), params, deposits);
    BoundedVec::truncate_from(parties.iter().map(|it| it.consent(payload.as_bytes())).collect())
}

/// Everybody's signature of a state.
pub fn co_sign(parties: &[Party], state: &ChannelState) -> Signatures {
    let payload = state_payload(&genesis(), state);
    BoundedVec::truncate_from(parties.iter().map(|it| it.sign(payload.as_bytes())).collect())
}

/// Everybody's consent to a resize: by account where funds are added, by signer elsewhere.
pub fn agree(parties: &[Party], resize: &Resize) -> Signatures {
    let payload = resize_payload(&genesis(), resize);
    let bytes = payload.as_bytes();
    let sign = |(party, delta): (&Party, &i128)| {
        if *delta > 0 { party.consent(bytes) } else { party.sign(bytes) }
    };
    BoundedVec::truncate_from(parties.iter().zip(&resize.deltas).map(sign).collect())
}

/// Opens a channel with these parameters and deposits, everybody consenting.
pub fn open_with(parties: &[Party], params: ChannelParams, deposits: &[Balance]) -> DispatchResult {
    let signatures = consents(parties, &params, deposits);
    Channels::open(anybody(), params, amounts(deposits), signatures)
        .map(|_| ())
        .map_err(|it| it.error)
}

/// Opens a channel that the chain accepts.
pub fn open_channel(parties: &[Party], deposits: &[Balance]) -> ChannelId {
    open_nth(parties, deposits, 0)
}

/// Opens a channel with this nonce that the chain accepts.
pub fn open_nth(parties: &[Party], deposits: &[Balance], nonce: u64) -> ChannelId {
    let params = ChannelParams { nonce, ..params(parties) };
    let id = channel_id(&genesis(), &params);
    open_with(parties, params, deposits).expect("the channel is in order");
    id
}

/// A state of this version and division.
pub fn state(id: ChannelId, version: u64, balances: &[Balance]) -> ChannelState {
    ChannelState { version, ..ChannelState::opening(id, amounts(balances)) }
}

/// A final state of this version and division.
pub fn final_state(id: ChannelId, version: u64, balances: &[Balance]) -> ChannelState {
    ChannelState { is_final: true, ..state(id, version, balances) }
}

/// `state` with these transfers beside its balances.
pub fn with_transfers(state: ChannelState, transfers: &[Transfer]) -> ChannelState {
    let mut totals = vec![0; state.balances.len()];
    for it in transfers {
        totals[usize::from(it.payer)] += it.amount;
    }
    let pending = PendingTransfers {
        root: transfer::root(transfers),
        totals: amounts(&totals),
        count: transfers.len() as u32,
        last_expiry: transfers.iter().map(|it| it.expiry).max().unwrap_or(0),
    };
    ChannelState { pending: Some(pending), ..state }
}

/// `state` with these streams beside its balances.
pub fn with_streams(state: ChannelState, streams: &[Stream]) -> ChannelState {
    ChannelState { streams: BoundedVec::truncate_from(streams.to_vec()), ..state }
}

/// `state` with an application.
pub fn with_app(state: ChannelState, app: AppState) -> ChannelState {
    ChannelState { app: Some(app), ..state }
}

/// A preimage that nobody can guess.
pub fn secret(number: u8) -> Preimage {
    [number; 32]
}

/// A transfer from the first participant to the second, locked with [`secret`] `number`.
pub fn transfer(number: u8, amount: Balance, expiry: BlockNumber) -> Transfer {
    let hashlock = hashlock(&secret(number));
    Transfer { id: number.into(), payer: 0, payee: 1, amount, hashlock, expiry }
}

/// The payer's side of a stream: the secrets at the ends of its chains.
pub struct Pulses {
    /// What the state says of it.
    pub stream: Stream,
    salt: stream::Salt,
    ends: Vec<Link>,
    tips: Vec<Link>,
}

impl Pulses {
    /// A stream from the first participant to the second.
    pub fn new(channel: ChannelId, epoch: u32, unit: Balance, chains: u32, links: u32) -> Self {
        let salt = stream::salt(&genesis(), &channel, 0, 1, epoch);
        let ends: Vec<Link> =
            (0..chains).map(|chain| [0x30 ^ chain as u8 ^ epoch as u8; 32]).collect();
        let tips: Vec<Link> = ends.iter().map(|end| stream::steps(&salt, *end, links)).collect();
        let root = stream::root(&tips);
        let stream = Stream { payer: 0, payee: 1, epoch, root, unit, chains, links };
        Self { stream, salt, ends, tips }
    }

    /// The link of `chain` at this depth.
    pub fn link(&self, chain: u32, depth: u32) -> Link {
        stream::steps(&self.salt, self.ends[chain as usize], self.stream.links - depth)
    }

    /// Claims what the link of `chain` at this depth proves.
    pub fn claim(&self, channel: ChannelId, chain: u32, depth: u32) -> DispatchResultWithPostInfo {
        let proof = stream::proof(&self.tips, chain).expect("the chain is there");
        Channels::claim_stream(anybody(), channel, 0, self.link(chain, depth), depth, proof)
    }

    /// The proof of a chain's tip.
    pub fn proof(&self, chain: u32) -> millrace_primitives_channels::MerkleProof {
        stream::proof(&self.tips, chain).expect("the chain is there")
    }
}

/// The channel with this id.
pub fn channel(id: ChannelId) -> crate::ChannelOf<Test> {
    crate::Channels::<Test>::get(id).expect("the channel is there")
}

/// The dispute about the channel with this id.
pub fn dispute_of(id: ChannelId) -> crate::Dispute {
    match channel(id).phase {
        crate::Phase::Disputed(dispute) => dispute,
        other => panic!("the channel is not disputed: {other:?}"),
    }
}

/// The newest state that was shown in the dispute about this channel.
pub fn recorded(id: ChannelId) -> ChannelState {
    crate::Recorded::<Test>::get(id).expect("the channel is disputed")
}

/// Whether the channel with this id has ended.
pub fn is_over(id: ChannelId) -> bool {
    !crate::Channels::<Test>::contains_key(id)
}

/// What a party can spend beyond what keeps its account alive, plus that, and its anchors.
pub fn free(party: &Party) -> Balance {
    free_of(&party.account())
}

/// What an account can spend beyond what keeps it alive, plus that, and the anchors that the purse
/// gives back as its channels end: they are no affair of the judge.
pub fn free_of(who: &AccountId) -> Balance {
    let channels = pallet_channel_balances::Deposits::<Test>::iter_key_prefix(who).count();
    Balances::free_balance(who) + ANCHOR * channels as Balance
}

/// Goes to block `number`, with idle time in every block.
pub fn run_to(number: BlockNumber) {
    while now() < number {
        let next = now() + 1;
        System::set_block_number(next);
        Channels::on_idle(next, Weight::MAX);
    }
}

/// Goes to block `number` through blocks so full that nothing happens by itself.
pub fn jump_to(number: BlockNumber) {
    System::set_block_number(number);
}

/// Checks every rule of both pallets, and that exactly the storage deposits are held that are due.
pub fn check_invariants() {
    Channels::do_try_state().expect("the judge's rules hold");
    Purse::do_try_state().expect("the purse's rules hold");

    let mut due = std::collections::BTreeMap::<(AccountId, bool), Balance>::new();
    for channel in crate::Channels::<Test>::iter_values() {
        *due.entry((channel.opener, false)).or_default() += CHANNEL_TICKET;
    }
    for retired in crate::Retired::<Test>::iter_values() {
        *due.entry((retired.opener, false)).or_default() += CHANNEL_TICKET;
    }
    for reveal in crate::Reveals::<Test>::iter_values() {
        *due.entry((reveal.by, true)).or_default() += REVEAL_TICKET;
    }
    for account in everybody() {
        for (reason, is_reveal) in [(ChannelStorage::get(), false), (RevealStorage::get(), true)] {
            let held = Balances::balance_on_hold(&reason, &account);
            let expected = due.get(&(account.clone(), is_reveal)).copied().unwrap_or(0);
            assert_eq!(held, expected, "storage deposits of {account}");
        }
    }
}

/// All accounts that have money.
fn everybody() -> Vec<AccountId> {
    let others = [stranger(), tower(), treasury()];
    (0..PARTIES).map(|it| Party::new(it).account()).chain(others).collect()
}

/// Whether neither pallet remembers anything but how far it has come, and nobody has anything on
/// hold.
pub fn is_forgotten() -> bool {
    use pallet_channel_balances::{Bonds, Debts, Deposits, Unpaid};
    crate::Channels::<Test>::iter().next().is_none()
        && crate::Recorded::<Test>::iter().next().is_none()
        && crate::Resolutions::<Test>::iter().next().is_none()
        && crate::Reveals::<Test>::iter().next().is_none()
        && crate::Agenda::<Test>::iter().next().is_none()
        && crate::Retired::<Test>::iter().next().is_none()
        && Deposits::<Test>::iter().next().is_none()
        && Debts::<Test>::iter().next().is_none()
        && Unpaid::<Test>::iter().next().is_none()
        && Bonds::<Test>::iter().next().is_none()
        && everybody().iter().all(|it| Balances::total_balance_on_hold(it) == 0)
}
