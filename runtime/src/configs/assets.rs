// SPDX-License-Identifier: Apache-2.0

//! Assets beside the native token: anybody may issue one, and channels can be denominated in them.
//!
//! Only root may make an asset whose holders need no native tokens, because every account in it costs
//! the chain storage.

use crate::{
    AccountId, AssetsHolder, Balance, Balances, Runtime, RuntimeEvent, RuntimeHoldReason,
    constants::money::{MILL, storage_deposit},
};
use polkadot_sdk::{
    frame_support::traits::{AsEnsureOriginWithArg, ConstU32, ConstU128},
    frame_system::{EnsureRoot, EnsureSigned},
    pallet_assets::{self, AssetIdAllocator, NextAssetId},
    pallet_assets_holder,
};

/// The id of the first asset.
const FIRST_ASSET_ID: u32 = 1;

/// Gives out asset ids in order, so that no id ever means two assets: whoever agreed to open a
/// channel in one asset can never find itself in another.
pub struct AssetIdsInOrder;

impl AssetIdsInOrder {
    fn upcoming() -> u32 {
        NextAssetId::<Runtime>::get().unwrap_or(FIRST_ASSET_ID)
    }

    fn set_upcoming_after(id: u32) -> Result<(), ()> {
        NextAssetId::<Runtime>::put(id.checked_add(1).ok_or(())?);
        Ok(())
    }
}

impl AssetIdAllocator<u32> for AssetIdsInOrder {
    fn next() -> Option<u32> {
        Some(Self::upcoming())
    }

    fn advance() -> Result<(), ()> {
        Self::set_upcoming_after(Self::upcoming())
    }

    fn advance_from(id: &u32) -> Result<(), ()> {
        if *id < Self::upcoming() { Ok(()) } else { Self::set_upcoming_after(*id) }
    }
}

impl pallet_assets::Config for Runtime {
    type ApprovalDeposit = ConstU128<{ storage_deposit(1, 100) }>;
    type AssetAccountDeposit = ConstU128<{ storage_deposit(1, 90) }>;
    // Above the price of the storage, so that names are worth something.
    type AssetDeposit = ConstU128<{ 10 * MILL }>;
    type AssetId = u32;
    type AssetIdAllocator = AssetIdsInOrder;
    type AssetIdParameter = codec::Compact<u32>;
    type Balance = Balance;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = crate::benchmarks::AssetHelper;
    type CallbackHandle = ();
    type CreateOrigin = AsEnsureOriginWithArg<EnsureSigned<AccountId>>;
    type Currency = Balances;
    type Extra = ();
    type ForceOrigin = EnsureRoot<AccountId>;
    type Freezer = ();
    type Holder = AssetsHolder;
    type MetadataDepositBase = ConstU128<{ storage_deposit(1, 68) }>;
    type MetadataDepositPerByte = ConstU128<{ storage_deposit(0, 1) }>;
    type RemoveItemsLimit = ConstU32<656>;
    type ReserveData = ();
    type RuntimeEvent = RuntimeEvent;
    type StringLimit = ConstU32<50>;
    type WeightInfo = pallet_assets::weights::SubstrateWeight<Runtime>;
}

impl pallet_assets_holder::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeHoldReason = RuntimeHoldReason;
}
