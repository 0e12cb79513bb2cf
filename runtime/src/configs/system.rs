// SPDX-License-Identifier: Apache-2.0

//! Accounts, balances, time, upgrades, and what helps users act together.

use crate::{
    AccountId, Balance, Balances, Block, BlockNumber, Hash, Nonce, OriginCaller, PalletInfo,
    Preimage, Runtime, RuntimeCall, RuntimeEvent, RuntimeFreezeReason, RuntimeHoldReason,
    RuntimeOrigin, RuntimeTask, SafeMode, System, TxPause, VERSION,
    constants::{
        money::{EXISTENTIAL_DEPOSIT, storage_deposit},
        space,
        time::{DAYS, HOURS, SLOT_MILLIS},
    },
    governance::TechnicalMajority,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::{
    frame_support::{
        derive_impl, parameter_types,
        traits::{
            ConstU16, ConstU32, ConstU64, ConstU128, Contains, EitherOfDiverse, EqualPrivilegeOnly,
            InsideBoth, InstanceFilter, LinearStoragePrice, VariantCountOf,
            fungible::HoldConsideration,
        },
        weights::Weight,
    },
    frame_system::{
        self, EnsureRoot,
        limits::{BlockLength, BlockWeights},
    },
    pallet_balances, pallet_identity, pallet_migrations, pallet_multisig, pallet_preimage,
    pallet_proxy, pallet_safe_mode, pallet_scheduler, pallet_timestamp, pallet_tx_pause,
    pallet_utility,
    sp_runtime::{
        Perbill,
        traits::{AccountIdLookup, BlakeTwo256, Verify},
    },
};
use scale_info::TypeInfo;

parameter_types! {
    pub const Version: polkadot_sdk::sp_version::RuntimeVersion = VERSION;
    pub const BlockHashCount: BlockNumber = 4096;
    pub RuntimeBlockWeights: BlockWeights = space::block_weights();
    pub RuntimeBlockLength: BlockLength = space::block_length();
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
    type AccountData = pallet_balances::AccountData<Balance>;
    type AccountId = AccountId;
    type BaseCallFilter = InsideBoth<SafeMode, TxPause>;
    type Block = Block;
    type BlockHashCount = BlockHashCount;
    type BlockLength = RuntimeBlockLength;
    type BlockWeights = RuntimeBlockWeights;
    type DbWeight = crate::weights::storage::DbWeight;
    type ExtensionsWeightInfo = crate::weights::frame_system_extensions::WeightInfo<Runtime>;
    type Hash = Hash;
    type Lookup = AccountIdLookup<AccountId, ()>;
    type MaxConsumers = ConstU32<64>;
    type MultiBlockMigrator = crate::MultiBlockMigrations;
    type Nonce = Nonce;
    type SS58Prefix = ConstU16<42>;
    type SingleBlockMigrations = crate::migrations::SingleBlock;
    type SystemWeightInfo = frame_system::weights::SubstrateWeight<Runtime>;
    type Version = Version;
}

impl pallet_timestamp::Config for Runtime {
    type MinimumPeriod = ConstU64<{ SLOT_MILLIS / 2 }>;
    type Moment = u64;
    type OnTimestampSet = crate::Babe;
    type WeightInfo = pallet_timestamp::weights::SubstrateWeight<Runtime>;
}

impl pallet_balances::Config for Runtime {
    type AccountStore = System;
    type Balance = Balance;
    type DoneSlashHandler = ();
    type DustRemoval = crate::configs::fees::ToTreasury;
    type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
    type FreezeIdentifier = RuntimeFreezeReason;
    type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
    type MaxLocks = ConstU32<50>;
    type MaxReserves = ConstU32<50>;
    type ReserveIdentifier = [u8; 8];
    type RuntimeEvent = RuntimeEvent;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type RuntimeHoldReason = RuntimeHoldReason;
    type WeightInfo = crate::weights::pallet_balances::WeightInfo<Runtime>;
}

impl pallet_utility::Config for Runtime {
    type PalletsOrigin = OriginCaller;
    type RuntimeCall = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = pallet_utility::weights::SubstrateWeight<Runtime>;
}

impl pallet_multisig::Config for Runtime {
    type BlockNumberProvider = System;
    type Currency = Balances;
    type DepositBase = ConstU128<{ storage_deposit(1, 88) }>;
    type DepositFactor = ConstU128<{ storage_deposit(0, 32) }>;
    type MaxSignatories = ConstU32<100>;
    type RuntimeCall = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = pallet_multisig::weights::SubstrateWeight<Runtime>;
}

/// What a proxy may do in its principal's name.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum ProxyType {
    /// Everything.
    #[default]
    Any,
    /// Everything that moves no funds.
    NonTransfer,
    /// Votes and referenda.
    Governance,
    /// State channels: everything that opens, settles or judges them, or collects what they paid.
    Channels,
    /// Rejects announced calls of other proxies.
    CancelProxy,
}

impl InstanceFilter<RuntimeCall> for ProxyType {
    fn filter(&self, call: &RuntimeCall) -> bool {
        match self {
            Self::Any => true,
            Self::NonTransfer => matches!(
                call,
                RuntimeCall::System(..)
                    | RuntimeCall::Session(..)
                    | RuntimeCall::Preimage(..)
                    | RuntimeCall::Referenda(..)
                    | RuntimeCall::ConvictionVoting(..)
                    | RuntimeCall::TechnicalCommittee(..)
                    | RuntimeCall::Whitelist(..)
                    | RuntimeCall::Identity(..)
                    | RuntimeCall::Proxy(..)
                    | RuntimeCall::Multisig(..)
                    | RuntimeCall::Utility(..)
            ),
            Self::Governance => matches!(
                call,
                RuntimeCall::Preimage(..)
                    | RuntimeCall::Referenda(..)
                    | RuntimeCall::ConvictionVoting(..)
                    | RuntimeCall::TechnicalCommittee(..)
                    | RuntimeCall::Whitelist(..)
                    | RuntimeCall::Treasury(..)
                    | RuntimeCall::Utility(..)
            ),
            Self::Channels => matches!(
                call,
                RuntimeCall::Channels(..)
                    | RuntimeCall::ChannelBalances(..)
                    | RuntimeCall::Utility(..)
            ),
            Self::CancelProxy => {
                matches!(call, RuntimeCall::Proxy(pallet_proxy::Call::reject_announcement { .. }))
            }
        }
    }

    fn is_superset(&self, other: &Self) -> bool {
        match (self, other) {
            (this, that) if this == that => true,
            (Self::Any, _) => true,
            (_, Self::Any) => false,
            (Self::NonTransfer, Self::CancelProxy) => true,
            _ => false,
        }
    }
}

impl pallet_proxy::Config for Runtime {
    type AnnouncementDepositBase = ConstU128<{ storage_deposit(1, 8) }>;
    type AnnouncementDepositFactor = ConstU128<{ storage_deposit(0, 66) }>;
    type BlockNumberProvider = System;
    type CallHasher = BlakeTwo256;
    type Currency = Balances;
    type MaxPending = ConstU32<32>;
    type MaxProxies = ConstU32<32>;
    type ProxyDepositBase = ConstU128<{ storage_deposit(1, 8) }>;
    type ProxyDepositFactor = ConstU128<{ storage_deposit(0, 33) }>;
    type ProxyType = ProxyType;
    type RuntimeCall = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = pallet_proxy::weights::SubstrateWeight<Runtime>;
}

impl pallet_identity::Config for Runtime {
    type BasicDeposit = ConstU128<{ storage_deposit(1, 258) }>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = ();
    type ByteDeposit = ConstU128<{ storage_deposit(0, 1) }>;
    type Currency = Balances;
    type ForceOrigin = EnsureRoot<AccountId>;
    type IdentityInformation = pallet_identity::legacy::IdentityInfo<ConstU32<32>>;
    type MaxRegistrars = ConstU32<20>;
    type MaxSubAccounts = ConstU32<100>;
    type MaxSuffixLength = ConstU32<7>;
    type MaxUsernameLength = ConstU32<32>;
    type OffchainSignature = crate::Signature;
    type PendingUsernameExpiration = ConstU32<{ 7 * DAYS }>;
    type RegistrarOrigin = EnsureRoot<AccountId>;
    type RuntimeEvent = RuntimeEvent;
    type SigningPublicKey = <crate::Signature as Verify>::Signer;
    type Slashed = crate::configs::governance::ImbalanceToTreasury;
    type SubAccountDeposit = ConstU128<{ storage_deposit(1, 53) }>;
    type UsernameAuthorityOrigin = EnsureRoot<AccountId>;
    type UsernameDeposit = ConstU128<{ storage_deposit(0, 32) }>;
    type UsernameGracePeriod = ConstU32<{ 30 * DAYS }>;
    type WeightInfo = pallet_identity::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
    pub const PreimageHoldReason: RuntimeHoldReason =
        RuntimeHoldReason::Preimage(pallet_preimage::HoldReason::Preimage);
}

impl pallet_preimage::Config for Runtime {
    type Consideration = HoldConsideration<
        AccountId,
        Balances,
        PreimageHoldReason,
        LinearStoragePrice<
            ConstU128<{ storage_deposit(1, 64) }>,
            ConstU128<{ storage_deposit(0, 1) / 10 }>,
            Balance,
        >,
    >;
    type Currency = Balances;
    type ManagerOrigin = EnsureRoot<AccountId>;
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = pallet_preimage::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
    pub MaximumSchedulerWeight: Weight = Perbill::from_percent(60) * space::MAX_BLOCK_WEIGHT;
    pub MaxMigrationWeight: Weight = Perbill::from_percent(80) * space::MAX_BLOCK_WEIGHT;
}

impl pallet_scheduler::Config for Runtime {
    type BlockNumberProvider = System;
    type MaxScheduledPerBlock = ConstU32<50>;
    type MaximumWeight = MaximumSchedulerWeight;
    type OriginPrivilegeCmp = EqualPrivilegeOnly;
    type PalletsOrigin = OriginCaller;
    type Preimages = Preimage;
    type RuntimeCall = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    type RuntimeOrigin = RuntimeOrigin;
    type ScheduleOrigin = EnsureRoot<AccountId>;
    type WeightInfo = pallet_scheduler::weights::SubstrateWeight<Runtime>;
}

impl pallet_migrations::Config for Runtime {
    type CursorMaxLen = ConstU32<65_536>;
    // A migration that fails leaves the chain in safe mode until governance has mended it.
    type FailedMigrationHandler =
        polkadot_sdk::frame_support::migrations::EnterSafeModeOnFailedMigration<
            SafeMode,
            polkadot_sdk::frame_support::migrations::FreezeChainOnFailedMigration,
        >;
    type IdentifierMaxLen = ConstU32<256>;
    type MaxServiceWeight = MaxMigrationWeight;
    type MigrationStatusHandler = ();
    #[cfg(not(feature = "runtime-benchmarks"))]
    type Migrations = crate::migrations::MultiBlock;
    #[cfg(feature = "runtime-benchmarks")]
    type Migrations = pallet_migrations::mock_helpers::MockedMigrations;
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = pallet_migrations::weights::SubstrateWeight<Runtime>;
}

/// Calls that safe mode lets through: the chain's own, governance, and whatever protects money in
/// channels that somebody may be trying to close with an old state.
pub struct SafeModeWhitelist;

impl Contains<RuntimeCall> for SafeModeWhitelist {
    fn contains(call: &RuntimeCall) -> bool {
        matches!(
            call,
            RuntimeCall::System(..)
                | RuntimeCall::Timestamp(..)
                | RuntimeCall::Babe(..)
                | RuntimeCall::Grandpa(..)
                | RuntimeCall::Beefy(..)
                | RuntimeCall::Session(..)
                | RuntimeCall::ChannelBalances(..)
                | RuntimeCall::Channels(..)
                | RuntimeCall::Preimage(..)
                | RuntimeCall::Scheduler(..)
                | RuntimeCall::Referenda(..)
                | RuntimeCall::ConvictionVoting(..)
                | RuntimeCall::TechnicalCommittee(..)
                | RuntimeCall::Whitelist(..)
                | RuntimeCall::SafeMode(..)
                | RuntimeCall::TxPause(..)
        )
    }
}

parameter_types! {
    pub const NoDeposit: Option<Balance> = None;
    pub const NoRelease: Option<BlockNumber> = None;
    pub const SafeModeDuration: BlockNumber = 4 * HOURS;
}

/// Two thirds of the technical committee, for as long as [`SafeModeDuration`].
type SafeModeOrigin = polkadot_sdk::frame_system::EnsureWithSuccess<
    EitherOfDiverse<EnsureRoot<AccountId>, TechnicalMajority>,
    AccountId,
    SafeModeDuration,
>;

impl pallet_safe_mode::Config for Runtime {
    type Currency = Balances;
    // Nobody can buy safe mode: only the committee and referenda can enter it.
    type EnterDepositAmount = NoDeposit;
    type EnterDuration = SafeModeDuration;
    type ExtendDepositAmount = NoDeposit;
    type ExtendDuration = SafeModeDuration;
    type ForceDepositOrigin = EnsureRoot<AccountId>;
    type ForceEnterOrigin = SafeModeOrigin;
    type ForceExitOrigin = EitherOfDiverse<EnsureRoot<AccountId>, TechnicalMajority>;
    type ForceExtendOrigin = SafeModeOrigin;
    type Notify = ();
    type ReleaseDelay = NoRelease;
    type RuntimeEvent = RuntimeEvent;
    type RuntimeHoldReason = RuntimeHoldReason;
    type WeightInfo = pallet_safe_mode::weights::SubstrateWeight<Runtime>;
    type WhitelistedCalls = SafeModeWhitelist;
}

/// Calls that can never be paused: without them a pause could not be lifted, or a dispute not be
/// answered.
pub struct NeverPaused;

impl Contains<pallet_tx_pause::RuntimeCallNameOf<Runtime>> for NeverPaused {
    fn contains(name: &pallet_tx_pause::RuntimeCallNameOf<Runtime>) -> bool {
        let (pallet, call) = name;
        match pallet.as_slice() {
            b"System"
            | b"Timestamp"
            | b"TxPause"
            | b"Referenda"
            | b"ConvictionVoting"
            | b"TechnicalCommittee"
            | b"Scheduler"
            | b"Preimage"
            | b"ChannelBalances" => true,
            b"Channels" => call.as_slice() != b"open",
            _ => false,
        }
    }
}

impl pallet_tx_pause::Config for Runtime {
    type MaxNameLen = ConstU32<256>;
    type PauseOrigin = EitherOfDiverse<EnsureRoot<AccountId>, TechnicalMajority>;
    type RuntimeCall = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    type UnpauseOrigin = EitherOfDiverse<EnsureRoot<AccountId>, TechnicalMajority>;
    type WeightInfo = pallet_tx_pause::weights::SubstrateWeight<Runtime>;
    type WhitelistedCalls = NeverPaused;
}
