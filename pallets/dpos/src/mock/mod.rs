// SPDX-License-Identifier: Apache-2.0

//! A small chain with real balances, whose eras end when a test says so.

use crate::{
    self as pallet_dpos, CurrentEra, Delegations, FeesToEra, Mode, Params, Pools, SettleCursor,
    liveness::Slots, types::Delegation,
};
use millrace_primitives_dpos::{
    AccountId, Balance, BlockNumber, Hash, InflationCurve, SlotNumber, schedule::Epoch,
};
use polkadot_sdk::{
    frame_support::{
        PalletId, construct_runtime, derive_impl,
        dispatch::{DispatchResult, DispatchResultWithPostInfo},
        parameter_types,
        traits::{
            ConstU32, ConstU64, ConstU128, OnUnbalanced, Randomness, UnixTime,
            ValidatorRegistration,
            fungible::{Balanced, Inspect},
            tokens::imbalance::ResolveTo,
        },
        weights::WeightMeter,
    },
    frame_system::{self, EnsureRoot},
    pallet_balances,
    sp_io::TestExternalities,
    sp_runtime::{BuildStorage, Perbill, traits::IdentityLookup},
};
use std::time::Duration;

type Block = frame_system::mocking::MockBlockU32<Test>;

construct_runtime!(
    pub enum Test {
        System: frame_system,
        Balances: pallet_balances,
        Dpos: pallet_dpos,
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

/// Blocks of a session.
pub const SESSION_BLOCKS: BlockNumber = 10;
/// Blocks of an era.
pub const ERA_BLOCKS: BlockNumber = 30;
/// Time between slots.
pub const SLOT_MILLIS: u64 = 6_000;
/// Eras of unbonding.
pub const BONDING: u32 = 4;
/// The least that a candidate stakes itself.
pub const MIN_SELF: Balance = 1_000;
/// The smallest delegation.
pub const MIN: Balance = 100;

parameter_types! {
    pub const DposId: PalletId = PalletId(*b"mill/dps");
    pub TreasuryAccount: AccountId = treasury();
    /// Accounts without session keys.
    pub static Keyless: Vec<AccountId> = Vec::new();
}

/// Says that all have keys but those who are listed.
pub struct Keys;

impl ValidatorRegistration<AccountId> for Keys {
    fn is_registered(id: &AccountId) -> bool {
        !Keyless::get().contains(id)
    }
}

/// Time runs with the blocks.
pub struct BlockTime;

impl UnixTime for BlockTime {
    fn now() -> Duration {
        Duration::from_millis(u64::from(System::block_number()) * SLOT_MILLIS)
    }
}

/// No randomness, and no slots: nobody is elected here.
pub struct Nothing;

impl Randomness<Option<Hash>, BlockNumber> for Nothing {
    fn random(_: &[u8]) -> (Option<Hash>, BlockNumber) {
        (None, 0)
    }
}

impl Slots for Nothing {
    fn current() -> Option<SlotNumber> {
        None
    }

    fn epoch() -> Epoch {
        Epoch { start: 0, length: 1, randomness: [0; 32], authorities: Vec::new() }
    }

    fn next_epoch() -> Epoch {
        Self::epoch()
    }

    fn author() -> Option<AccountId> {
        None
    }
}

impl pallet_dpos::Config for Test {
    type AdminOrigin = EnsureRoot<AccountId>;
    type BenchmarkHelper = crate::tests::office::world::World;
    type Currency = Balances;
    type HistoryEras = ConstU32<8>;
    type MaxCandidates = ConstU32<20>;
    type MaxInvulnerables = ConstU32<4>;
    type MaxValidators = ConstU32<100>;
    type PalletId = DposId;
    type PaydayPerBlock = ConstU32<4>;
    type Randomness = Nothing;
    type ScanPerBlock = ConstU32<4>;
    type SessionBlocks = ConstU32<SESSION_BLOCKS>;
    type ShutOut = ();
    type Slashed = ResolveTo<TreasuryAccount, Balances>;
    type SlashesPerBlock = ConstU32<4>;
    type SlotMillis = ConstU64<SLOT_MILLIS>;
    type Slots = Nothing;
    type UnixTime = BlockTime;
    type ValidatorRegistration = Keys;
    type WeightInfo = ();
}

/// The account with this number.
pub fn account(number: u32) -> AccountId {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    AccountId::new(bytes)
}

/// Where slashed stake goes.
pub fn treasury() -> AccountId {
    AccountId::new([9; 32])
}

/// A candidate that is there from the start.
pub fn alice() -> AccountId {
    account(1)
}

/// Another candidate that is there from the start.
pub fn bob() -> AccountId {
    account(2)
}

/// A third candidate that is there from the start.
pub fn carol() -> AccountId {
    account(3)
}

/// Somebody with money.
pub fn dave() -> AccountId {
    account(11)
}

/// Somebody else with money.
pub fn erin() -> AccountId {
    account(12)
}

/// What everybody has at the start.
pub const WEALTH: Balance = 1_000_000;
/// What the first candidates stake themselves.
pub const SELF_BOND: Balance = 10_000;

/// The parameters at the start. Nothing is minted.
pub fn params() -> Params {
    Params {
        sessions_per_era: 3,
        bonding_eras: BONDING,
        slash_defer_eras: 1,
        min_self_bond: MIN_SELF,
        min_delegation: MIN,
        max_commission: Perbill::from_percent(30),
        commission_step: Perbill::from_percent(10),
        commission_cooldown: 2,
        min_validators: 3,
        max_validators: 20,
        inflation: InflationCurve {
            least: Perbill::zero(),
            most: Perbill::zero(),
            ideal_stake: Perbill::from_percent(50),
            falloff: Perbill::from_percent(5),
        },
        ..Default::default()
    }
}

/// The genesis of a chain on which these accounts have so much, before any of it is staked.
pub fn found<T>(
    balances: Vec<(AccountId, Balance)>,
    genesis: pallet_dpos::GenesisConfig<T>,
) -> TestExternalities
where
    T: pallet_dpos::Config + pallet_balances::Config<Balance = Balance>,
{
    let mut storage = frame_system::GenesisConfig::<T>::default().build_storage().unwrap();
    pallet_balances::GenesisConfig::<T> { balances, ..Default::default() }
        .assimilate_storage(&mut storage)
        .unwrap();
    genesis.assimilate_storage(&mut storage).unwrap();
    TestExternalities::new(storage)
}

/// A chain with three candidates, who take no commission.
pub fn chain() -> TestExternalities {
    let rich = (1..=40).map(|number| (account(number), WEALTH));
    let mut chain = found::<Test>(
        rich.chain([(treasury(), ED)]).collect(),
        pallet_dpos::GenesisConfig {
            params: params(),
            candidates: [alice(), bob(), carol()].map(|it| (it, SELF_BOND, Perbill::zero())).into(),
            ..Default::default()
        },
    );
    chain.execute_with(|| System::set_block_number(1));
    chain
}

/// Runs a test on a chain, and checks every rule at its end.
pub fn on_chain(test: impl FnOnce()) {
    chain().execute_with(|| {
        test();
        check();
    });
}

/// Checks every rule.
pub fn check() {
    Dpos::do_try_state().unwrap();
}

pub fn signed(who: AccountId) -> RuntimeOrigin {
    RuntimeOrigin::signed(who)
}

/// Lets blocks pass, in each of which some validators are paid.
pub fn pass(blocks: BlockNumber) {
    for _ in 0..blocks {
        System::set_block_number(System::block_number() + 1);
        Dpos::pay_some(&mut WeightMeter::new());
    }
}

/// Begins the next era at once.
pub fn next_era() {
    Dpos::begin_era(0);
}

/// Lets whole eras pass.
pub fn pass_eras(eras: u32) {
    for _ in 0..eras {
        pass(ERA_BLOCKS);
        next_era();
    }
}

/// Gives the era's validators fees to share.
pub fn fees(amount: Balance) {
    FeesToEra::<Test>::on_unbalanced(Balances::issue(amount));
}

/// Ends an era in which one validator earned this; its pool gets it over the next era. Runs the
/// payday, which takes two blocks.
pub fn earn(validator: AccountId, amount: Balance) {
    Dpos::award(&validator, 20);
    fees(amount);
    next_era();
    pass(2);
    assert_eq!(SettleCursor::<Test>::get(), CurrentEra::<Test>::get());
}

/// What a call came to, without what it weighed.
pub fn bare(outcome: DispatchResultWithPostInfo) -> DispatchResult {
    outcome.map(|_| ()).map_err(|failed| failed.error)
}

pub fn delegate(who: AccountId, candidate: AccountId, amount: Balance) -> DispatchResult {
    bare(Dpos::delegate(signed(who), candidate, amount, Mode::Payout))
}

pub fn compound(who: AccountId, candidate: AccountId, amount: Balance) -> DispatchResult {
    bare(Dpos::delegate(signed(who), candidate, amount, Mode::Compound))
}

pub fn unbond(who: AccountId, candidate: AccountId, amount: Balance) -> DispatchResult {
    bare(Dpos::unbond(signed(who), candidate, amount))
}

pub fn redelegate(
    who: AccountId,
    from: AccountId,
    to: AccountId,
    amount: Balance,
) -> DispatchResult {
    bare(Dpos::redelegate(signed(who), from, to, amount))
}

pub fn withdraw(who: AccountId) -> DispatchResult {
    bare(Dpos::withdraw(signed(who)))
}

pub fn claim(who: AccountId, candidate: AccountId) -> DispatchResult {
    bare(Dpos::claim(signed(who), candidate))
}

pub fn sync(delegator: AccountId, candidate: AccountId) -> DispatchResult {
    bare(Dpos::sync(signed(account(40)), delegator, candidate))
}

/// What an account can spend.
pub fn balance(who: AccountId) -> Balance {
    Balances::balance(&who)
}

/// Takes part of what a candidate and all with it have.
pub fn slash(candidate: AccountId, offence_era: u32, percent: u32) {
    Dpos::apply_slash(&candidate, offence_era, Perbill::from_percent(percent));
}

pub fn delegation(who: AccountId, candidate: AccountId) -> Option<Delegation> {
    Delegations::<Test>::get(who, candidate)
}

/// What a delegation is worth, as it stands in storage.
pub fn worth(who: AccountId, candidate: AccountId) -> Balance {
    let pool = Pools::<Test>::get(&candidate).unwrap_or_default();
    match delegation(who, candidate) {
        Some(it) if pool.part(it.mode).generation == it.generation => {
            pool.part(it.mode).worth(it.shares).unwrap()
        }
        _ => 0,
    }
}

/// Stake in a candidate's pool.
pub fn staked(candidate: AccountId) -> Balance {
    Pools::<Test>::get(candidate).map_or(0, |pool| pool.total())
}
