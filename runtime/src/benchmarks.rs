// SPDX-License-Identifier: Apache-2.0

//! Which pallets are benchmarked, and the helpers they need.

use crate::*;
use alloc::{string::String, vec, vec::Vec};
use codec::{Decode, Encode};
use millrace_primitives_channel_apps::noughts_and_crosses;
use millrace_primitives_channels::{
    AppState, ChannelAsset, ChannelId, ChannelState, params::Amounts,
};
use millrace_primitives_dpos::SlotNumber;
use polkadot_sdk::{
    frame_benchmarking::{
        BenchmarkBatch, BenchmarkConfig, BenchmarkList,
        baseline::{self, Pallet as BaselineBench},
        define_benchmarks,
    },
    frame_support::traits::{StorageInfo, StorageInfoTrait, WhitelistedStorageKeys},
    frame_system_benchmarking::{
        self, Pallet as SystemBench, extensions::Pallet as SystemExtensionsBench,
    },
    pallet_babe, pallet_session,
    sp_consensus_babe::{
        self, BABE_ENGINE_ID,
        digests::{PreDigest, SecondaryPlainPreDigest},
    },
    sp_runtime::{DigestItem, traits::TrailingZeroInput},
    sp_storage::TrackedStorageKey,
};

impl baseline::Config for Runtime {}
impl frame_system_benchmarking::Config for Runtime {}
impl pallet_transaction_payment::BenchmarkConfig for Runtime {}

define_benchmarks!(
    [fees, Fees]
    [frame_benchmarking, BaselineBench::<Runtime>]
    [frame_system, SystemBench::<Runtime>]
    [frame_system_extensions, SystemExtensionsBench::<Runtime>]
    [pallet_assets, Assets]
    [pallet_balances, Balances]
    [pallet_channel_balances, ChannelBalances]
    [pallet_channels, Channels]
    [pallet_dpos, Dpos]
    [pallet_multisig, Multisig]
    [pallet_preimage, Preimage]
    [pallet_proxy, Proxy]
    [pallet_timestamp, Timestamp]
    [pallet_transaction_payment, TransactionPayment]
    [pallet_utility, Utility]
);

/// The largest header's digest has no bearing on a leaf: nothing to prepare.
pub struct MmrHelper;

impl polkadot_sdk::pallet_mmr::BenchmarkHelper for MmrHelper {
    fn setup() {}
}

/// Asset ids as calls write them.
pub struct AssetHelper;

impl polkadot_sdk::pallet_assets::BenchmarkHelper<codec::Compact<u32>, ()> for AssetHelper {
    fn create_asset_id_parameter(id: u32) -> codec::Compact<u32> {
        id.into()
    }
    fn create_reserve_id_parameter(_: u32) {}
}

/// Gives the benchmarks of the purse an asset.
impl pallet_channel_balances::benchmarking::BenchmarkHelper for Runtime {
    fn issue(accounts: &[AccountId], amount: Balance) -> ChannelAsset {
        use frame_support::traits::fungibles::{Create, Mutate};
        use polkadot_sdk::pallet_assets::AssetIdAllocator;

        let id = <Runtime as polkadot_sdk::pallet_assets::Config>::AssetIdAllocator::next()
            .expect("the allocator always names one");
        let admin = AccountId::new([0; 32]);
        <Assets as Create<AccountId>>::create(id, admin, true, 1).expect("the id is free");
        for account in accounts {
            Assets::mint_into(id, account, amount).expect("the asset is new");
        }
        ChannelAsset::Local(id)
    }
}

/// Gives the channel benchmarks accounts with money.
pub struct ChannelHelper;

impl pallet_channels::benchmarking::BenchmarkHelper for ChannelHelper {
    fn fund(account: &AccountId, amount: Balance) {
        use frame_support::traits::fungible::Mutate;
        Balances::set_balance(account, amount + constants::money::EXISTENTIAL_DEPOSIT);
    }

    fn first_move() -> Option<(AppState, AppState)> {
        let plenty = Amounts::truncate_from(vec![Balance::from(u64::MAX); 2]);
        let opening = ChannelState::opening(ChannelId::zero(), plenty);
        let begun = noughts_and_crosses::begin(&opening, 0, 1, 1)?;
        let moved = noughts_and_crosses::after(&begun, 0)?;
        Some((begun.app?, moved.app?))
    }
}

/// Gives the benchmarks of stake and elections validators, slots and randomness.
pub struct DposHelper;

impl pallet_dpos::benchmarking::BenchmarkHelper for DposHelper {
    fn set_keys(validator: &AccountId) {
        let mut seed = TrailingZeroInput::new(validator.as_ref());
        let keys = SessionKeys::decode(&mut seed).expect("public keys are plain bytes");
        pallet_session::NextKeys::<Runtime>::insert(validator, keys);
    }

    fn begin_session(validators: &[AccountId]) {
        pallet_session::Validators::<Runtime>::put(validators.to_vec());
        pallet_session::DisabledValidators::<Runtime>::kill();
    }

    fn enter_slot(slot: SlotNumber, start: SlotNumber, length: u64) {
        network::EpochSlots::<Runtime>::put(u32::try_from(length).expect("an epoch is short"));
        pallet_babe::EpochIndex::<Runtime>::put(0);
        pallet_babe::GenesisSlot::<Runtime>::put(sp_consensus_babe::Slot::from(start));
        pallet_babe::CurrentSlot::<Runtime>::put(sp_consensus_babe::Slot::from(slot));
        let author = SecondaryPlainPreDigest { authority_index: 0, slot: slot.into() };
        let digest = PreDigest::SecondaryPlain(author).encode();
        System::deposit_log(DigestItem::PreRuntime(BABE_ENGINE_ID, digest));
    }

    fn learn_randomness() {
        let now = System::block_number();
        pallet_babe::EpochStart::<Runtime>::put((now, now));
    }
}

/// Names of all benchmarks and the storage they touch.
pub fn metadata(extra: bool) -> (Vec<BenchmarkList>, Vec<StorageInfo>) {
    let mut list = Vec::<BenchmarkList>::new();
    list_benchmarks!(list, extra);
    (list, AllPalletsWithSystem::storage_info())
}

/// Runs one benchmark.
pub fn dispatch(config: BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
    let mut whitelist: Vec<TrackedStorageKey> = AllPalletsWithSystem::whitelisted_storage_keys();
    // Who sends a transaction is looked up when its number is checked, and counted there.
    let sender = polkadot_sdk::frame_benchmarking::account::<AccountId>("caller", 0, 0);
    if config.pallet == *b"pallet_transaction_payment" {
        whitelist
            .push(polkadot_sdk::frame_system::Account::<Runtime>::hashed_key_for(sender).into());
    }
    let mut batches = Vec::<BenchmarkBatch>::new();
    let params = (&config, &whitelist);
    add_benchmarks!(params, batches);
    Ok(batches)
}
