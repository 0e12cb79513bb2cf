// SPDX-License-Identifier: Apache-2.0

//! Stake, elections, and what they know of block production.

use crate::{
    AccountId, Babe, Balances, BlockNumber, Hash, Runtime, Session, System, Timestamp,
    configs::{EpochDuration, TreasuryAccount},
    constants::time::SLOT_MILLIS,
    governance::origins::ParameterAdmin,
};
use alloc::vec::Vec;
use millrace_primitives_dpos::{
    SlotNumber,
    schedule::{Epoch, Randomness as EpochRandomness},
    seats::MAX_VALIDATORS,
};
use pallet_dpos::{liveness::Slots, offending::ShutOut};
use polkadot_sdk::{
    frame_support::{
        PalletId, parameter_types,
        traits::{
            ConstU32, ConstU64, EitherOfDiverse, FindAuthor, Get, Randomness,
            tokens::imbalance::ResolveTo,
        },
    },
    frame_system::EnsureRoot,
    pallet_babe, sp_consensus_babe,
    sp_runtime::{Perbill, SaturatedConversion},
    sp_staking::offence::OffenceSeverity,
};

parameter_types! {
    /// Names the account in which all stake lies.
    pub const DposPalletId: PalletId = PalletId(*b"mill/dps");
}

/// Slots and epochs of BABE.
pub struct BabeSlots;

impl BabeSlots {
    /// An epoch whose authorities are these accounts.
    fn epoch(
        start: sp_consensus_babe::Slot,
        randomness: EpochRandomness,
        authorities: Vec<AccountId>,
    ) -> Epoch {
        Epoch { start: *start, length: EpochDuration::get(), randomness, authorities }
    }
}

impl Slots for BabeSlots {
    fn current() -> Option<SlotNumber> {
        let slot = *Babe::current_slot();
        (slot > 0).then_some(slot)
    }

    fn epoch() -> Epoch {
        // The session's validators are the epoch's authorities, in the same order.
        Self::epoch(Babe::current_epoch_start(), Babe::randomness(), Session::validators())
    }

    fn next_epoch() -> Epoch {
        let queued = Session::queued_keys().into_iter().map(|(account, _)| account).collect();
        let next = Babe::next_epoch();
        Self::epoch(next.start_slot, next.randomness, queued)
    }

    fn author() -> Option<AccountId> {
        let digest = System::digest();
        let index = Babe::find_author(digest.logs.iter().filter_map(|it| it.as_pre_runtime()))?;
        Session::validators().into_iter().nth(index.saturated_into())
    }
}

/// Shuts offenders out of the session, as far as finality allows.
pub struct ShutOutOfSession;

impl ShutOut for ShutOutOfSession {
    fn shut_out(validator: &AccountId, severity: Perbill) {
        Session::report_offence(validator.clone(), OffenceSeverity(severity));
    }
}

/// Randomness from the VRF outputs of the last epoch, and the block that began the current one.
pub struct EpochAgo;

impl Randomness<Option<Hash>, BlockNumber> for EpochAgo {
    fn random(subject: &[u8]) -> (Option<Hash>, BlockNumber) {
        let (hash, since) = pallet_babe::RandomnessFromOneEpochAgo::<Runtime>::random(subject);
        (Some(hash), since)
    }
}

/// Length of a session, in blocks, if no slot is missed.
pub struct SessionBlocks;

impl Get<BlockNumber> for SessionBlocks {
    fn get() -> BlockNumber {
        EpochDuration::get().saturated_into()
    }
}

impl pallet_dpos::Config for Runtime {
    type AdminOrigin = EitherOfDiverse<EnsureRoot<AccountId>, ParameterAdmin>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = crate::benchmarks::DposHelper;
    type Currency = Balances;
    type HistoryEras = ConstU32<112>;
    type MaxCandidates = ConstU32<10_000>;
    type MaxInvulnerables = ConstU32<16>;
    type MaxValidators = ConstU32<MAX_VALIDATORS>;
    type PalletId = DposPalletId;
    type PaydayPerBlock = ConstU32<16>;
    type Randomness = EpochAgo;
    type ScanPerBlock = ConstU32<64>;
    type SessionBlocks = SessionBlocks;
    type ShutOut = ShutOutOfSession;
    type Slashed = ResolveTo<TreasuryAccount, Balances>;
    type SlashesPerBlock = ConstU32<4>;
    type SlotMillis = ConstU64<SLOT_MILLIS>;
    type Slots = BabeSlots;
    type UnixTime = Timestamp;
    type ValidatorRegistration = Session;
    type WeightInfo = pallet_dpos::weights::SubstrateWeight<Runtime>;
}
