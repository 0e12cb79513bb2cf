// SPDX-License-Identifier: Apache-2.0

//! A small chain with real balances and a real asset.

use crate as pallet_channel_balances;
use millrace_primitives_channels::{AccountId, Balance, ChannelAsset, ChannelId};
use polkadot_sdk::{
    frame_support::{
        construct_runtime, derive_impl, parameter_types,
        traits::{AsEnsureOriginWithArg, ConstU128, tokens::imbalance::ResolveTo},
    },
    frame_system::{self, EnsureRoot, EnsureSigned},
    pallet_assets, pallet_assets_holder, pallet_balances,
    sp_io::TestExternalities,
    sp_runtime::{BuildStorage, traits::IdentityLookup},
};

construct_runtime!(
    pub enum Test {
        System: frame_system,
        Balances: pallet_balances,
        Assets: pallet_assets,
        AssetsHolder: pallet_assets_holder,
        Purse: pallet_channel_balances,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type AccountData = pallet_balances::AccountData<Balance>;
    type AccountId = AccountId;
    type Block = frame_system::mocking::MockBlockU32<Test>;
    type Lookup = IdentityLookup<AccountId>;
}

/// The existential deposit, and the asset's minimum balance.
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

parameter_types! {
    pub Treasury: AccountId = account(0xcc);
}

impl pallet_channel_balances::Config for Test {
    type Assets = crate::union::Union<Balances, AssetsHolder>;
    type Forfeited = ResolveTo<Treasury, Balances>;
    type NativeCurrency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type WeightInfo = ();
}

/// The id of the asset that is there.
pub const COIN_ID: u32 = 7;

/// The asset that is there. Whoever has native tokens at the start has as much of it.
pub const COIN: ChannelAsset = ChannelAsset::Local(COIN_ID);

/// Both kinds of asset.
pub const BOTH: [ChannelAsset; 2] = [ChannelAsset::Native, COIN];

/// What accounts 1 to 4 start with, of each asset.
pub const START: Balance = 1_000;

/// The account with this number. Numbers 1 to 4 have [`START`] each.
pub fn account(number: u8) -> AccountId {
    AccountId::new([number; 32])
}

/// The account that may do with the asset whatever an asset's team may.
pub fn team() -> AccountId {
    AccountId::new([0xee; 32])
}

/// A signed origin.
pub fn signed(who: AccountId) -> RuntimeOrigin {
    RuntimeOrigin::signed(who)
}

/// The channel with this number.
pub fn channel(number: u64) -> ChannelId {
    ChannelId::from_low_u64_be(number)
}

/// A chain on which accounts 1 to 4 have money of both kinds.
pub fn new_test_ext() -> TestExternalities {
    let mut storage =
        frame_system::GenesisConfig::<Test>::default().build_storage().expect("no genesis fails");
    pallet_balances::GenesisConfig::<Test> {
        balances: (1..=4).map(account).chain([team()]).map(|who| (who, START)).collect(),
        ..Default::default()
    }
    .assimilate_storage(&mut storage)
    .expect("balances are above the existential deposit");
    pallet_assets::GenesisConfig::<Test> {
        assets: vec![(COIN_ID, team(), false, ED)],
        accounts: (1..=4).map(|number| (COIN_ID, account(number), START)).collect(),
        ..Default::default()
    }
    .assimilate_storage(&mut storage)
    .expect("balances are above the asset's minimum");
    let mut ext = TestExternalities::new(storage);
    // Block 0 keeps no events.
    ext.execute_with(|| System::set_block_number(1));
    ext
}
