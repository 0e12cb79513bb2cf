// SPDX-License-Identifier: Apache-2.0

//! A chain of sessions, slots and authors. Its sessions rotate as the session pallet's do.

use crate::{
    self as pallet_dpos, ActiveSets, CurrentEra, Event, GenesisConfig, Params,
    benchmarking::BenchmarkHelper,
    liveness::Slots,
    mock::found,
    offending::ShutOut,
    offices::{ActiveSet, PostponeReason},
};
use millrace_primitives_dpos::{
    AccountId, Balance, BlockNumber, Hash, SlotNumber, schedule::Epoch,
};
use polkadot_sdk::{
    frame_support::{
        PalletId, construct_runtime, derive_impl, parameter_types,
        traits::{
            ConstU32, ConstU64, ConstU128, Hooks, Randomness, UnixTime, ValidatorRegistration,
        },
        weights::WeightMeter,
    },
    frame_system::{self, EnsureRoot},
    pallet_balances,
    pallet_session::SessionManager,
    sp_io::TestExternalities,
    sp_runtime::{Perbill, traits::IdentityLookup},
};
use std::time::Duration;

pub use crate::mock::account;

type Block = frame_system::mocking::MockBlockU32<World>;

construct_runtime!(
    pub enum World {
        System: frame_system,
        Balances: pallet_balances,
        Dpos: pallet_dpos,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for World {
    type AccountData = pallet_balances::AccountData<Balance>;
    type AccountId = AccountId;
    type Block = Block;
    type Lookup = IdentityLookup<AccountId>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for World {
    type AccountStore = System;
    type Balance = Balance;
    type ExistentialDeposit = ConstU128<1>;
}

/// Slots of a session.
pub const SESSION: u64 = 10;
/// Slots of an era.
pub const ERA: u64 = 3 * SESSION;
/// The first slot, of the first block.
pub const FIRST_SLOT: SlotNumber = 1_000;
/// What everybody has.
pub const WEALTH: Balance = 1_000_000_000;

parameter_types! {
    pub const DposId: PalletId = PalletId(*b"mill/dps");
    pub static Slot: SlotNumber = 0;
    pub static EpochStart: SlotNumber = FIRST_SLOT;
    pub static EpochLength: u64 = SESSION;
    pub static SessionNow: u32 = 0;
    pub static InOffice: Vec<AccountId> = Vec::new();
    pub static Queued: Vec<AccountId> = Vec::new();
    pub static Author: Option<AccountId> = None;
    pub static Keyless: Vec<AccountId> = Vec::new();
    /// Whether there is randomness, and since which block.
    pub static Known: Option<BlockNumber> = Some(0);
    pub static ShutOuts: Vec<(AccountId, Perbill)> = Vec::new();
    pub static PerBlock: u32 = 64;
}

pub struct Chance;

impl Randomness<Option<Hash>, BlockNumber> for Chance {
    fn random(_: &[u8]) -> (Option<Hash>, BlockNumber) {
        (Known::get().map(|_| Hash::repeat_byte(5)), Known::get().unwrap_or(0))
    }
}

pub struct Keys;

impl ValidatorRegistration<AccountId> for Keys {
    fn is_registered(id: &AccountId) -> bool {
        !Keyless::get().contains(id)
    }
}

pub struct Time;

impl UnixTime for Time {
    fn now() -> Duration {
        Duration::from_secs(2 * Slot::get())
    }
}

impl Slots for World {
    fn current() -> Option<SlotNumber> {
        (Slot::get() > 0).then(Slot::get)
    }

    fn epoch() -> Epoch {
        let start = EpochStart::get();
        Epoch {
            start,
            length: EpochLength::get(),
            randomness: [1; 32],
            authorities: InOffice::get(),
        }
    }

    fn next_epoch() -> Epoch {
        let start = EpochStart::get() + SESSION;
        Epoch { start, length: SESSION, randomness: [2; 32], authorities: Queued::get() }
    }

    fn author() -> Option<AccountId> {
        Author::get()
    }
}

impl ShutOut for World {
    fn shut_out(validator: &AccountId, severity: Perbill) {
        ShutOuts::mutate(|all| all.push((validator.clone(), severity)));
    }
}

impl BenchmarkHelper for World {
    fn set_keys(validator: &AccountId) {
        Keyless::mutate(|all| all.retain(|it| it != validator));
    }

    fn begin_session(validators: &[AccountId]) {
        InOffice::set(validators.to_vec());
        ShutOuts::set(Vec::new());
    }

    fn enter_slot(slot: SlotNumber, start: SlotNumber, length: u64) {
        Slot::set(slot);
        EpochStart::set(start);
        EpochLength::set(length);
        Author::set(InOffice::get().first().cloned());
    }

    fn learn_randomness() {
        Known::set(Some(System::block_number()));
    }
}

impl pallet_dpos::Config for World {
    type AdminOrigin = EnsureRoot<AccountId>;
    type BenchmarkHelper = World;
    type Currency = Balances;
    type HistoryEras = ConstU32<4>;
    type MaxCandidates = ConstU32<2_000>;
    type MaxInvulnerables = ConstU32<4>;
    type MaxValidators = ConstU32<100>;
    type PalletId = DposId;
    type PaydayPerBlock = ConstU32<4>;
    type Randomness = Chance;
    type ScanPerBlock = PerBlock;
    type SessionBlocks = ConstU32<{ SESSION as u32 }>;
    type ShutOut = World;
    type Slashed = ();
    type SlashesPerBlock = ConstU32<2>;
    type SlotMillis = ConstU64<2_000>;
    type Slots = World;
    type UnixTime = Time;
    type ValidatorRegistration = Keys;
    type WeightInfo = ();
}

/// Accounts from numbers.
pub fn accounts<const N: usize>(numbers: [u32; N]) -> Vec<AccountId> {
    numbers.map(account).into()
}

/// Three validators at least, six at the most, nobody drawn.
pub fn params() -> Params {
    Params {
        sessions_per_era: 3,
        bonding_eras: 4,
        slash_defer_eras: 2,
        min_self_bond: 100,
        min_delegation: 10,
        max_commission: Perbill::from_percent(20),
        leverage: 100,
        min_validators: 3,
        max_validators: 6,
        random_seats: 0,
        absence_limit: Perbill::from_percent(50),
        jail_eras: 2,
        ..Default::default()
    }
}

/// A chain whose candidates are the accounts from 1 on, with these stakes, after its first block.
pub fn world(params: Params, stakes: &[Balance]) -> TestExternalities {
    let count = u32::try_from(stakes.len()).unwrap();
    let balances = (1..=count).chain([9_000]).map(|it| (account(it), WEALTH)).collect();
    let candidates =
        (1..).zip(stakes).map(|(it, stake)| (account(it), *stake, Perbill::zero())).collect();
    let genesis = GenesisConfig { params, candidates, ..Default::default() };
    let mut world = found::<World>(balances, genesis);
    world.execute_with(|| {
        Slot::set(0);
        EpochStart::set(FIRST_SLOT);
        SessionNow::set(0);
        Known::set(Some(0));
        let first = <Dpos as SessionManager<_>>::new_session_genesis(0).unwrap_or_default();
        InOffice::set(first.clone());
        Queued::set(<Dpos as SessionManager<_>>::new_session_genesis(1).unwrap_or(first));
        <Dpos as SessionManager<_>>::start_session(0);
        System::set_block_number(0);
        block_in(FIRST_SLOT);
    });
    world
}

/// A chain on which benchmarks run.
pub fn benchmark_chain() -> TestExternalities {
    PerBlock::set(64);
    let mut chain = three();
    // Each benchmark goes back to what is committed.
    chain.commit_all().unwrap();
    chain
}

/// Three equal validators in office and no others.
pub fn three() -> TestExternalities {
    world(params(), &[1_000, 1_000, 1_000])
}

/// A block in this slot, made by the slot's secondary author.
pub fn block_in(slot: SlotNumber) {
    let number = System::block_number() + 1;
    System::set_block_number(number);
    Slot::set(slot);
    Dpos::on_initialize(number);
    if slot >= EpochStart::get() + SESSION {
        rotate(slot, number);
    }
    Dpos::on_poll(number, &mut WeightMeter::new());
    Author::set(<World as Slots>::epoch().secondary_author(slot).cloned());
    Dpos::on_finalize(number);
}

/// What the session pallet does between two sessions.
fn rotate(slot: SlotNumber, number: BlockNumber) {
    <Dpos as SessionManager<_>>::end_session(SessionNow::get());
    InOffice::set(Queued::get());
    SessionNow::mutate(|it| *it += 1);
    <Dpos as SessionManager<_>>::start_session(SessionNow::get());
    let next = <Dpos as SessionManager<_>>::new_session(SessionNow::get() + 1);
    Queued::set(next.unwrap_or_else(InOffice::get));
    EpochStart::set(slot - (slot - FIRST_SLOT) % SESSION);
    if Known::get().is_some() {
        Known::set(Some(number));
    }
}

/// Blocks in the slots that follow.
pub fn blocks(count: u64) {
    for _ in 0..count {
        block_in(Slot::get() + 1);
    }
}

/// Blocks until the era changes. The rules hold then.
pub fn next_era() {
    let era = CurrentEra::<World>::get();
    while CurrentEra::<World>::get() == era {
        blocks(1);
    }
    Dpos::do_try_state().unwrap();
}

/// Accounts in the set of the current era.
pub fn seated() -> Vec<AccountId> {
    set().seats.into_iter().map(|seat| seat.account).collect()
}

/// The set of the current era.
pub fn set() -> ActiveSet {
    ActiveSets::<World>::get(CurrentEra::<World>::get()).expect("there is a set")
}

/// Why elections were postponed.
pub fn postponed() -> Vec<PostponeReason> {
    let reason = |event| match event {
        RuntimeEvent::Dpos(Event::ElectionPostponed { reason, .. }) => Some(reason),
        _ => None,
    };
    System::events().into_iter().filter_map(|record| reason(record.event)).collect()
}

/// Adds to a candidate's stake, from its own account or from somebody else's.
pub fn stake(who: u32, candidate: u32, amount: Balance) {
    let who = RuntimeOrigin::signed(account(who));
    Dpos::delegate(who, account(candidate), amount, Default::default()).unwrap();
}

/// Takes a candidate out of the next election.
pub fn chill(candidate: u32) {
    Dpos::chill(RuntimeOrigin::signed(account(candidate))).unwrap();
}
