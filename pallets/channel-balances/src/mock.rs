// SPDX-License-Identifier: Apache-2.0

//! A small chain with real balances.

use crate as pallet_channel_balances;
use millrace_primitives_channels::{AccountId, Balance, ChannelId};
use polkadot_sdk::{
    frame_support::{construct_runtime, derive_impl, traits::ConstU128},
    frame_system, pallet_balances,
    sp_io::TestExternalities,
    sp_runtime::{BuildStorage, traits::IdentityLookup},
};

construct_runtime!(
    pub enum Test {
        System: frame_system,
        Balances: pallet_balances,
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

/// The account with this number. Numbers 1 to 4 have 1,000 each.
pub fn account(number: u8) -> AccountId {
    AccountId::new([number; 32])
}

/// The channel with this number.
pub fn channel(number: u64) -> ChannelId {
    ChannelId::from_low_u64_be(number)
}

/// A chain on which accounts 1 to 4 have money.
pub fn new_test_ext() -> TestExternalities {
    let mut storage =
        frame_system::GenesisConfig::<Test>::default().build_storage().expect("no genesis fails");
    pallet_balances::GenesisConfig::<Test> {
        balances: (1..=4).map(|number| (account(number), 1_000)).collect(),
        ..Default::default()
    }
    .assimilate_storage(&mut storage)
    .expect("balances are above the existential deposit");
    TestExternalities::new(storage)
}
