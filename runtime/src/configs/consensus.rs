// SPDX-License-Identifier: Apache-2.0

//! Who makes blocks, who finalises them, and what happens to those who cheat.

use crate::{
    AccountId, Babe, BeefyMmrLeaf, Dpos, Historical, Network, Offences, Runtime, RuntimeEvent,
    Session, SessionKeys,
    constants::{money::storage_deposit, time::SLOT_MILLIS},
};
use alloc::vec::Vec;
use polkadot_sdk::{
    frame_support::{
        parameter_types,
        traits::{ConstU32, ConstU64, ConstU128, Get},
    },
    pallet_authority_discovery, pallet_authorship, pallet_babe, pallet_beefy, pallet_beefy_mmr,
    pallet_grandpa, pallet_mmr, pallet_offences,
    pallet_session::{
        self, SessionManager,
        disabling::UpToLimitWithReEnablingDisablingStrategy,
        historical::{self, IdentificationTuple, NoteHistoricalRoot},
    },
    sp_consensus_beefy::{ecdsa_crypto::AuthorityId as BeefyId, mmr::MmrLeafVersion},
    sp_runtime::traits::{Convert, ConvertInto, Keccak256, OpaqueKeys},
    sp_session::MembershipProof,
    sp_staking::SessionIndex,
};

/// The largest validator set.
pub type MaxAuthorities = ConstU32<1_000>;

/// For how many sessions an offence can be reported and proven.
const REPORT_SESSIONS: u32 = 28 * 24;

/// An epoch, and so a session, in slots: fixed at genesis.
pub struct EpochDuration;

impl Get<u64> for EpochDuration {
    fn get() -> u64 {
        Network::epoch_slots().into()
    }
}

/// For how long an equivocation can be reported, in blocks.
pub struct ReportLongevity;

impl Get<u64> for ReportLongevity {
    fn get() -> u64 {
        EpochDuration::get().saturating_mul(REPORT_SESSIONS.into())
    }
}

impl pallet_babe::Config for Runtime {
    type DisabledValidators = Session;
    type EpochChangeTrigger = pallet_babe::ExternalTrigger;
    type EpochDuration = EpochDuration;
    type EquivocationReportSystem =
        pallet_babe::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
    type ExpectedBlockTime = ConstU64<SLOT_MILLIS>;
    type KeyOwnerProof = MembershipProof;
    type MaxAuthorities = MaxAuthorities;
    type MaxNominators = ConstU32<0>;
    type WeightInfo = ();
}

impl pallet_grandpa::Config for Runtime {
    type EquivocationReportSystem =
        pallet_grandpa::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
    type KeyOwnerProof = MembershipProof;
    type MaxAuthorities = MaxAuthorities;
    type MaxNominators = ConstU32<0>;
    type MaxSetIdSessionEntries = ConstU64<{ REPORT_SESSIONS as u64 }>;
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = ();
}

impl pallet_beefy::Config for Runtime {
    type AncestryHelper = BeefyMmrLeaf;
    type BeefyId = BeefyId;
    type EquivocationReportSystem =
        pallet_beefy::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
    type KeyOwnerProof = MembershipProof;
    type MaxAuthorities = MaxAuthorities;
    type MaxNominators = ConstU32<0>;
    type MaxSetIdSessionEntries = ConstU64<{ REPORT_SESSIONS as u64 }>;
    type OnNewValidatorSet = BeefyMmrLeaf;
    type WeightInfo = ();
}

impl pallet_mmr::Config for Runtime {
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = crate::benchmarks::MmrHelper;
    type BlockHashProvider = pallet_mmr::DefaultBlockHashProvider<Runtime>;
    type Hashing = Keccak256;
    type LeafData = BeefyMmrLeaf;
    type OnNewRoot = pallet_beefy_mmr::DepositBeefyDigest<Runtime>;
    type WeightInfo = ();

    const INDEXING_PREFIX: &'static [u8] = polkadot_sdk::sp_mmr_primitives::INDEXING_PREFIX;
}

parameter_types! {
    /// Format of the leaves: minor versions only add, major ones break.
    pub LeafVersion: MmrLeafVersion = MmrLeafVersion::new(0, 0);
}

impl pallet_beefy_mmr::Config for Runtime {
    type BeefyAuthorityToMerkleLeaf = pallet_beefy_mmr::BeefyEcdsaToEthereum;
    type BeefyDataProvider = ();
    type LeafExtra = Vec<u8>;
    type LeafVersion = LeafVersion;
    type WeightInfo = ();
}

impl pallet_authorship::Config for Runtime {
    // Points for blocks are given at a block's end, when a session's first author is known for sure.
    type EventHandler = ();
    type FindAuthor = pallet_session::FindAccountFromAuthorIndex<Self, Babe>;
}

impl pallet_session::Config for Runtime {
    type Currency = crate::Balances;
    type DisablingStrategy = UpToLimitWithReEnablingDisablingStrategy;
    type KeyDeposit = ConstU128<{ storage_deposit(1, 200) }>;
    type Keys = SessionKeys;
    type NextSessionRotation = Babe;
    type RuntimeEvent = RuntimeEvent;
    type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
    type SessionManager = NoteHistoricalRoot<Self, Office>;
    type ShouldEndSession = Babe;
    type ValidatorId = AccountId;
    type ValidatorIdOf = ConvertInto;
    type WeightInfo = pallet_session::weights::SubstrateWeight<Runtime>;
}

/// A validator needs no more identification than its account.
pub struct AccountIdentifies;

impl Convert<AccountId, Option<()>> for AccountIdentifies {
    fn convert(_: AccountId) -> Option<()> {
        Some(())
    }
}

impl historical::Config for Runtime {
    type FullIdentification = ();
    type FullIdentificationOf = AccountIdentifies;
    type RuntimeEvent = RuntimeEvent;
}

/// Hands each session the validators that were elected for it.
///
/// A chain without candidates keeps the validators that its genesis gave keys to. Either way each
/// session is handed its set explicitly, so that its root is recorded and an equivocation in it can
/// be proven later.
pub struct Office;

impl pallet_session::SessionManager<AccountId> for Office {
    fn new_session_genesis(index: SessionIndex) -> Option<Vec<AccountId>> {
        Dpos::new_session_genesis(index).or_else(|| {
            // Bounded by the number of keys in the genesis configuration.
            let mut validators: Vec<AccountId> =
                pallet_session::NextKeys::<Runtime>::iter_keys().collect();
            validators.sort();
            Some(validators)
        })
    }

    fn new_session(index: SessionIndex) -> Option<Vec<AccountId>> {
        Dpos::new_session(index).or_else(|| Some(Session::validators()))
    }

    fn start_session(index: SessionIndex) {
        Dpos::start_session(index);
    }

    fn end_session(index: SessionIndex) {
        Dpos::end_session(index);
        Historical::prune_up_to(index.saturating_sub(REPORT_SESSIONS));
    }
}

impl historical::SessionManager<AccountId, ()> for Office {
    fn new_session_genesis(index: SessionIndex) -> Option<Vec<(AccountId, ())>> {
        identified(<Self as SessionManager<_>>::new_session_genesis(index))
    }

    fn new_session(index: SessionIndex) -> Option<Vec<(AccountId, ())>> {
        identified(<Self as SessionManager<_>>::new_session(index))
    }

    fn start_session(index: SessionIndex) {
        <Self as SessionManager<_>>::start_session(index);
    }

    fn end_session(index: SessionIndex) {
        <Self as SessionManager<_>>::end_session(index);
    }
}

/// Validators as history remembers them: an account says all about a validator.
fn identified(validators: Option<Vec<AccountId>>) -> Option<Vec<(AccountId, ())>> {
    Some(validators?.into_iter().map(|account| (account, ())).collect())
}

impl pallet_offences::Config for Runtime {
    type IdentificationTuple = IdentificationTuple<Self>;
    type OnOffenceHandler = Dpos;
    type RuntimeEvent = RuntimeEvent;
}

impl pallet_authority_discovery::Config for Runtime {
    type MaxAuthorities = MaxAuthorities;
}
