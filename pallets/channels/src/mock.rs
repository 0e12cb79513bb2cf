// SPDX-License-Identifier: Apache-2.0

//! A small chain with real balances, and parties that sign with real keys.

use crate as pallet_channels;
use millrace_primitives_channels::{
    AccountId, Balance, BlockNumber, ChannelAsset, ChannelId, ChannelParams, ChannelState, Hash,
    Participant, channel_id, open_payload, params::Amounts, state::Signatures, state_payload,
};
use polkadot_sdk::{
    frame_support::{
        construct_runtime, derive_impl,
        dispatch::DispatchResultWithPostInfo,
        pallet_prelude::DispatchResult,
        traits::{ConstU8, ConstU32, ConstU128, Hooks},
        weights::Weight,
    },
    frame_system, pallet_balances,
    sp_core::{Pair as _, ecdsa, ed25519, sr25519},
    sp_io::TestExternalities,
    sp_runtime::{
        BoundedVec, BuildStorage, MultiSignature, MultiSigner,
        traits::{IdentifyAccount, IdentityLookup},
    },
};

type Block = frame_system::mocking::MockBlockU32<Test>;

construct_runtime!(
    pub enum Test {
        System: frame_system,
        Balances: pallet_balances,
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

impl pallet_channel_balances::Config for Test {
    type NativeCurrency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
}

/// The shortest challenge window, in blocks.
pub const MIN_CHALLENGE: BlockNumber = 5;
/// The longest challenge window, in blocks.
pub const MAX_CHALLENGE: BlockNumber = 100;
/// How far ahead a channel can be agreed on, in blocks.
pub const MAX_OPEN_DELAY: BlockNumber = 50;
/// Answers to one dispute that cost nothing.
pub const MAX_FREE_ANSWERS: u8 = 2;

#[cfg(feature = "runtime-benchmarks")]
impl crate::benchmarking::BenchmarkHelper for Test {
    fn fund(account: &AccountId, amount: Balance) {
        use polkadot_sdk::frame_support::traits::fungible::Mutate;
        Balances::set_balance(account, amount + ED);
    }
}

impl pallet_channels::Config for Test {
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = Test;
    type Funds = Purse;
    type MaxChallengeBlocks = ConstU32<MAX_CHALLENGE>;
    type MaxFreeAnswers = ConstU8<MAX_FREE_ANSWERS>;
    type MaxOpenDelay = ConstU32<MAX_OPEN_DELAY>;
    type MinChallengeBlocks = ConstU32<MIN_CHALLENGE>;
    type WeightInfo = crate::weights::SubstrateWeight<Test>;
}

/// What each party starts with.
pub const ENDOWMENT: Balance = 1_000_000;

/// A chain at block 1 on which all parties and [`stranger`] have money.
pub fn new_test_ext() -> TestExternalities {
    let mut storage =
        frame_system::GenesisConfig::<Test>::default().build_storage().expect("no genesis fails");
    pallet_balances::GenesisConfig::<Test> {
        balances: (0..PARTIES)
            .map(|index| (Party::new(index).account(), ENDOWMENT))
            .chain([(stranger(), ENDOWMENT)])
            .collect(),
        ..Default::default()
    }
    .assimilate_storage(&mut storage)
    .expect("balances are above the existential deposit");
    let mut ext = TestExternalities::new(storage);
    ext.execute_with(|| {
        System::set_block_number(1);
        frame_system::BlockHash::<Test>::insert(0, Hash::repeat_byte(0x9e));
    });
    #[cfg(feature = "runtime-benchmarks")]
    {
        use polkadot_sdk::sp_keystore::{KeystoreExt, testing::MemoryKeystore};
        ext.register_extension(KeystoreExt::new(MemoryKeystore::new()));
    }
    ext
}

/// Number of parties with money.
pub const PARTIES: u8 = 8;

/// Somebody who takes part in no channel.
pub fn stranger() -> AccountId {
    AccountId::new([0xee; 32])
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
        challenge_blocks: 10,
        open_by: System::block_number() + 20,
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

/// Opens a channel with these parameters and deposits, everybody consenting.
pub fn open_with(parties: &[Party], params: ChannelParams, deposits: &[Balance]) -> DispatchResult {
    let signatures = consents(parties, &params, deposits);
    Channels::open(RuntimeOrigin::signed(stranger()), params, amounts(deposits), signatures)
}

/// Opens a channel that the chain accepts.
pub fn open_channel(parties: &[Party], deposits: &[Balance]) -> ChannelId {
    let params = params(parties);
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

/// Settles with everybody's signature.
pub fn settle(parties: &[Party], state: ChannelState) -> DispatchResult {
    let signatures = co_sign(parties, &state);
    Channels::settle(RuntimeOrigin::signed(stranger()), state, signatures)
}

/// The first party disputes with everybody's signature; version 0 goes without.
pub fn dispute(parties: &[Party], state: ChannelState) -> DispatchResult {
    let signatures = if state.version == 0 { BoundedVec::new() } else { co_sign(parties, &state) };
    let by = parties.first().expect("a channel has parties").account();
    Channels::dispute(RuntimeOrigin::signed(by), state, signatures)
}

/// A stranger answers with everybody's signature.
pub fn answer(parties: &[Party], state: ChannelState) -> DispatchResultWithPostInfo {
    let signatures = co_sign(parties, &state);
    Channels::answer(RuntimeOrigin::signed(stranger()), state, signatures)
}

/// A stranger concludes.
pub fn conclude(id: ChannelId) -> DispatchResultWithPostInfo {
    Channels::conclude(RuntimeOrigin::signed(stranger()), id)
}

/// What a party can spend beyond what keeps its account alive, plus that.
pub fn free(party: &Party) -> Balance {
    Balances::free_balance(party.account())
}

/// Goes to block `number`, with idle time in every block.
pub fn run_to(number: BlockNumber) {
    while System::block_number() < number {
        let next = System::block_number() + 1;
        System::set_block_number(next);
        Channels::on_idle(next, Weight::MAX);
    }
}

/// Checks every rule of both pallets.
pub fn check_invariants() {
    Channels::do_try_state().expect("the judge's rules hold");
    Purse::do_try_state().expect("the purse's rules hold");
}

/// Whether neither pallet remembers anything but how far it has forgotten.
pub fn is_forgotten() -> bool {
    crate::Channels::<Test>::iter().next().is_none()
        && crate::Retired::<Test>::iter().next().is_none()
        && pallet_channel_balances::Deposits::<Test>::iter().next().is_none()
        && pallet_channel_balances::Holders::<Test>::iter().next().is_none()
}
