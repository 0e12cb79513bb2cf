// SPDX-License-Identifier: Apache-2.0

//! What each pallet is set to: the template's numbers and the weights that the SDK publishes.

use super::{
    AccountId, Babe, Balance, Balances, Block, BlockNumber, EPOCH_SLOTS, Hash, Nonce, PalletInfo,
    Runtime, RuntimeCall, RuntimeEvent, RuntimeFreezeReason, RuntimeHoldReason, RuntimeOrigin,
    RuntimeTask, SLOT_MILLIS, System, VERSION,
};
use polkadot_sdk::{
    frame_support::{
        derive_impl,
        dispatch::DispatchClass,
        parameter_types,
        traits::{ConstU8, ConstU16, ConstU32, ConstU64, ConstU128, VariantCountOf},
        weights::{
            IdentityFee, Weight,
            constants::{RocksDbWeight, WEIGHT_REF_TIME_PER_SECOND},
        },
    },
    frame_system::{
        self,
        limits::{BlockLength, BlockWeights},
    },
    pallet_babe, pallet_balances, pallet_grandpa, pallet_timestamp,
    pallet_transaction_payment::{self, ConstFeeMultiplier, FungibleAdapter, Multiplier},
    sp_core::Void,
    sp_runtime::{Perbill, traits::One},
    sp_version::RuntimeVersion,
};

/// The share of a block that is for users' transactions.
const NORMAL_RATIO: Perbill = Perbill::from_percent(75);

/// Work of a block: two seconds.
const BLOCK_WEIGHT: Weight = Weight::from_parts(2 * WEIGHT_REF_TIME_PER_SECOND, u64::MAX);

/// Length of a block's body, in bytes.
const BLOCK_BYTES: u32 = 5 * 1024 * 1024;

/// An account with less than this is removed, as on our chain. The template has 500.
pub const EXISTENTIAL_DEPOSIT: Balance = 1_000_000_000;

/// Most validators.
type MaxAuthorities = ConstU32<32>;

parameter_types! {
    pub const Version: RuntimeVersion = VERSION;
    pub const BlockHashCount: BlockNumber = 2_400;
    pub RuntimeBlockWeights: BlockWeights =
        BlockWeights::with_sensible_defaults(BLOCK_WEIGHT, NORMAL_RATIO);
    pub RuntimeBlockLength: BlockLength = BlockLength::builder()
        .max_length(BLOCK_BYTES)
        .modify_max_length_for_class(DispatchClass::Normal, |length| {
            *length = NORMAL_RATIO * BLOCK_BYTES;
        })
        .build();
    pub FeeMultiplier: Multiplier = Multiplier::one();
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
    type AccountData = pallet_balances::AccountData<Balance>;
    type AccountId = AccountId;
    type Block = Block;
    type BlockHashCount = BlockHashCount;
    type BlockLength = RuntimeBlockLength;
    type BlockWeights = RuntimeBlockWeights;
    type DbWeight = RocksDbWeight;
    type Hash = Hash;
    type MaxConsumers = ConstU32<16>;
    type Nonce = Nonce;
    type SS58Prefix = ConstU16<42>;
    type Version = Version;
}

// The same validators forever, as the template has them: no sessions, and nobody is punished.
impl pallet_babe::Config for Runtime {
    type DisabledValidators = ();
    type EpochChangeTrigger = pallet_babe::SameAuthoritiesForever;
    type EpochDuration = ConstU64<EPOCH_SLOTS>;
    type EquivocationReportSystem = ();
    type ExpectedBlockTime = ConstU64<SLOT_MILLIS>;
    type KeyOwnerProof = Void;
    type MaxAuthorities = MaxAuthorities;
    type MaxNominators = ConstU32<0>;
    type WeightInfo = ();
}

impl pallet_grandpa::Config for Runtime {
    type EquivocationReportSystem = ();
    type KeyOwnerProof = Void;
    type MaxAuthorities = MaxAuthorities;
    type MaxNominators = ConstU32<0>;
    type MaxSetIdSessionEntries = ConstU64<0>;
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = ();
}

impl pallet_timestamp::Config for Runtime {
    type MinimumPeriod = ConstU64<{ SLOT_MILLIS / 2 }>;
    type Moment = u64;
    type OnTimestampSet = Babe;
    type WeightInfo = ();
}

impl pallet_balances::Config for Runtime {
    type AccountStore = System;
    type Balance = Balance;
    type DoneSlashHandler = ();
    type DustRemoval = ();
    type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
    type FreezeIdentifier = RuntimeFreezeReason;
    type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
    type MaxLocks = ConstU32<50>;
    type MaxReserves = ();
    type ReserveIdentifier = [u8; 8];
    type RuntimeEvent = RuntimeEvent;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type RuntimeHoldReason = RuntimeHoldReason;
    type WeightInfo = pallet_balances::weights::SubstrateWeight<Runtime>;
}

impl pallet_transaction_payment::Config for Runtime {
    type FeeMultiplierUpdate = ConstFeeMultiplier<FeeMultiplier>;
    type LengthToFee = IdentityFee<Balance>;
    type OnChargeTransaction = FungibleAdapter<Balances, ()>;
    type OperationalFeeMultiplier = ConstU8<5>;
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = pallet_transaction_payment::weights::SubstrateWeight<Runtime>;
    type WeightToFee = IdentityFee<Balance>;
}
