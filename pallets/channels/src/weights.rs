// SPDX-License-Identifier: Apache-2.0

//! What calls cost.
//!
//! Not yet measured: these are upper estimates, to be replaced by the output of the benchmarks in
//! `benchmarking.rs`. They assume the worst for each participant: a signature over a wrapped payload,
//! which takes two looks of about 60 µs, and a transfer on hold.

use core::marker::PhantomData;
use polkadot_sdk::{
    frame_support::{traits::Get, weights::Weight},
    frame_system,
};

/// Weights of the pallet's calls; `p` is the number of participants.
pub trait WeightInfo {
    /// Weight of looking once at an sr25519 signature.
    fn verify_sr25519() -> Weight;
    /// Weight of looking once at an ed25519 signature.
    fn verify_ed25519() -> Weight;
    /// Weight of looking once at an ECDSA signature.
    fn verify_ecdsa() -> Weight;
    /// Weight of `open`.
    fn open(p: u32) -> Weight;
    /// Weight of `settle` for a channel that is not disputed.
    fn settle(p: u32) -> Weight;
    /// Weight of forgetting a dispute and forfeiting its bond.
    fn end_dispute() -> Weight;
    /// Weight of `settle_many` for `b` channels of two participants that are not disputed.
    fn settle_many(b: u32) -> Weight;
    /// Weight of `resize`.
    fn resize(p: u32) -> Weight;
    /// Weight of `dispute`, without the application.
    fn dispute(p: u32) -> Weight;
    /// Weight of `answer`, without the application.
    fn answer(p: u32) -> Weight;
    /// Weight of `progress`, without the application.
    fn progress(p: u32) -> Weight;
    /// Weight of `conclude` for a dispute that leaves something to resolve, without the application.
    fn conclude(p: u32) -> Weight;
    /// Weight of `conclude` for a resolution.
    fn sweep(p: u32) -> Weight;
    /// Weight of `reveal`, which replaces an earlier reveal.
    fn reveal() -> Weight;
    /// Weight of `claim`, with `l` hashes beside the path to the root.
    fn claim(p: u32, l: u32) -> Weight;
    /// Weight of `refund`, with `l` hashes beside the path to the root.
    fn refund(p: u32, l: u32) -> Weight;
    /// Weight of `claim_stream`, with `h` steps to the tip and `l` hashes beside its path to the
    /// root.
    fn claim_stream(p: u32, h: u32, l: u32) -> Weight;
    /// Weight of finding that nothing is due.
    fn serve_nothing() -> Weight;
    /// Weight of looking at one block of the agenda.
    fn serve_block() -> Weight;
    /// Weight of trying again later to conclude.
    fn postpone() -> Weight;
    /// Weight of forgetting one preimage.
    fn forget_reveal() -> Weight;
    /// Weight of finding that no retired id can be forgotten.
    fn forget_nothing() -> Weight;
    /// Weight of looking at one last opening block.
    fn forget_bucket() -> Weight;
    /// Weight of forgetting one retired id.
    fn forget_id() -> Weight;
}

/// Upper estimates for reference hardware.
pub struct SubstrateWeight<T>(PhantomData<T>);

/// Picoseconds of a microsecond.
const MICROS: u64 = 1_000_000;

impl<T: frame_system::Config> SubstrateWeight<T> {
    /// `fixed` and `each` of `p` participants in microseconds, with storage operations of both.
    fn estimate(p: u32, fixed: u64, each: u64, reads: (u64, u64), writes: (u64, u64)) -> Weight {
        let p = u64::from(p);
        let micros = fixed.saturating_add(each.saturating_mul(p));
        Weight::from_parts(micros.saturating_mul(MICROS), p.saturating_mul(3_000))
            .saturating_add(Weight::from_parts(0, 10_000))
            .saturating_add(T::DbWeight::get().reads_writes(
                reads.0.saturating_add(reads.1.saturating_mul(p)),
                writes.0.saturating_add(writes.1.saturating_mul(p)),
            ))
    }

    /// `count` hashes of two hashes each, or one step along a chain.
    fn hashes(count: u32) -> Weight {
        Weight::from_parts(u64::from(count).saturating_mul(MICROS), 0)
    }
}

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn verify_sr25519() -> Weight {
        Self::estimate(0, 60, 0, (0, 0), (0, 0))
    }

    fn verify_ed25519() -> Weight {
        Self::estimate(0, 60, 0, (0, 0), (0, 0))
    }

    fn verify_ecdsa() -> Weight {
        Self::estimate(0, 60, 0, (0, 0), (0, 0))
    }

    // Reads: channel, retired id, two bounds, genesis hash, opener and its holds; each: account,
    // holds, row.
    fn open(p: u32) -> Weight {
        Self::estimate(p, 90, 180, (7, 3), (3, 3))
    }

    // Reads: channel, genesis hash, opener and its holds; each: account, holds, row. Writes: channel,
    // opener and its holds.
    fn settle(p: u32) -> Weight {
        Self::estimate(p, 80, 220, (4, 3), (3, 3))
    }

    // Reads: recorded state, two accounts with holds, the treasury's account, sum of bonds. Writes:
    // those, agenda.
    fn end_dispute() -> Weight {
        Self::estimate(0, 110, 0, (7, 0), (8, 0))
    }

    // Two participants each.
    fn settle_many(b: u32) -> Weight {
        Self::estimate(b, 20, 520, (3, 8), (2, 8))
    }

    // Reads: channel, genesis hash; each: account, holds, row, for adding and for paying.
    fn resize(p: u32) -> Weight {
        Self::estimate(p, 60, 260, (2, 3), (1, 3))
    }

    // Reads: channel, genesis hash, bond parameter, account, holds. Writes: channel, recorded
    // state, agenda, account, holds.
    fn dispute(p: u32) -> Weight {
        Self::estimate(p, 120, 130, (6, 0), (6, 0))
    }

    // Reads: channel, recorded state, genesis hash. Writes: channel, recorded state, agenda twice.
    fn answer(p: u32) -> Weight {
        Self::estimate(p, 70, 130, (3, 0), (4, 0))
    }

    // As an answer, but with one signature.
    fn progress(p: u32) -> Weight {
        Self::estimate(p, 210, 2, (3, 0), (4, 0))
    }

    // Reads: channel, recorded state, bond's two accounts and holds, the treasury's account, opener
    // and holds. Writes: those, agenda twice, retired id, resolution.
    fn conclude(p: u32) -> Weight {
        Self::estimate(p, 170, 90, (10, 3), (13, 3))
    }

    fn sweep(p: u32) -> Weight {
        Self::estimate(p, 100, 90, (6, 3), (7, 3))
    }

    // Reads and writes: reveal, two accounts with holds, agenda twice.
    fn reveal() -> Weight {
        Self::estimate(0, 120, 0, (5, 0), (7, 0))
    }

    // Reads: channel, resolution, reveal, opener and holds; each: account, holds, row.
    fn claim(p: u32, l: u32) -> Weight {
        Self::estimate(p, 100, 90, (6, 3), (7, 3)).saturating_add(Self::hashes(l))
    }

    fn refund(p: u32, l: u32) -> Weight {
        Self::claim(p, l)
    }

    fn claim_stream(p: u32, h: u32, l: u32) -> Weight {
        Self::claim(p, l).saturating_add(Self::hashes(h))
    }

    fn serve_nothing() -> Weight {
        Self::estimate(0, 5, 0, (1, 0), (1, 0))
    }

    fn serve_block() -> Weight {
        Self::estimate(0, 5, 0, (1, 0), (0, 0))
    }

    fn postpone() -> Weight {
        Self::estimate(0, 30, 0, (2, 0), (4, 0))
    }

    fn forget_reveal() -> Weight {
        Self::estimate(0, 60, 0, (4, 0), (4, 0))
    }

    fn forget_nothing() -> Weight {
        Self::estimate(0, 5, 0, (1, 0), (1, 0))
    }

    fn forget_bucket() -> Weight {
        Self::estimate(0, 5, 0, (1, 0), (0, 0))
    }

    fn forget_id() -> Weight {
        Self::estimate(0, 50, 0, (3, 0), (3, 0))
    }
}

/// Free of charge, for mocks.
impl WeightInfo for () {
    fn verify_sr25519() -> Weight {
        Weight::zero()
    }
    fn verify_ed25519() -> Weight {
        Weight::zero()
    }
    fn verify_ecdsa() -> Weight {
        Weight::zero()
    }
    fn open(_: u32) -> Weight {
        Weight::zero()
    }
    fn settle(_: u32) -> Weight {
        Weight::zero()
    }
    fn end_dispute() -> Weight {
        Weight::zero()
    }
    fn settle_many(_: u32) -> Weight {
        Weight::zero()
    }
    fn resize(_: u32) -> Weight {
        Weight::zero()
    }
    fn dispute(_: u32) -> Weight {
        Weight::zero()
    }
    fn answer(_: u32) -> Weight {
        Weight::zero()
    }
    fn progress(_: u32) -> Weight {
        Weight::zero()
    }
    fn conclude(_: u32) -> Weight {
        Weight::zero()
    }
    fn sweep(_: u32) -> Weight {
        Weight::zero()
    }
    fn reveal() -> Weight {
        Weight::zero()
    }
    fn claim(_: u32, _: u32) -> Weight {
        Weight::zero()
    }
    fn refund(_: u32, _: u32) -> Weight {
        Weight::zero()
    }
    fn claim_stream(_: u32, _: u32, _: u32) -> Weight {
        Weight::zero()
    }
    fn serve_nothing() -> Weight {
        Weight::zero()
    }
    fn serve_block() -> Weight {
        Weight::zero()
    }
    fn postpone() -> Weight {
        Weight::zero()
    }
    fn forget_reveal() -> Weight {
        Weight::zero()
    }
    fn forget_nothing() -> Weight {
        Weight::zero()
    }
    fn forget_bucket() -> Weight {
        Weight::zero()
    }
    fn forget_id() -> Weight {
        Weight::zero()
    }
}
