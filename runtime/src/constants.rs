// SPDX-License-Identifier: Apache-2.0

//! Numbers that the whole runtime shares: money, time and block space.

/// Money, in the smallest unit. One MILL has twelve decimals.
pub mod money {
    use crate::Balance;

    /// One token.
    pub const MILL: Balance = 1_000_000_000_000;
    /// A hundredth of a token.
    pub const CENT: Balance = MILL / 100;
    /// A hundred-thousandth of a token.
    pub const MILLICENT: Balance = CENT / 1_000;

    /// An account with less than this is removed.
    pub const EXISTENTIAL_DEPOSIT: Balance = 100 * MILLICENT;

    /// What an account sets aside for `items` storage entries of `bytes` in all.
    pub const fn storage_deposit(items: u32, bytes: u32) -> Balance {
        items as Balance * 20 * CENT + bytes as Balance * 100 * MILLICENT
    }
}

/// Time, in blocks unless the name says otherwise. A block comes every two seconds.
pub mod time {
    use crate::BlockNumber;

    /// Length of a slot. It can never change after genesis.
    pub const SLOT_MILLIS: u64 = 2_000;
    /// Blocks of a minute.
    pub const MINUTES: BlockNumber = 60_000 / (SLOT_MILLIS as BlockNumber);
    /// Blocks of an hour.
    pub const HOURS: BlockNumber = 60 * MINUTES;
    /// Blocks of a day.
    pub const DAYS: BlockNumber = 24 * HOURS;

    /// Chance that a slot has a primary author: one in four. All other slots go to their public
    /// secondary author, so that somebody is responsible for every one of them.
    pub const PRIMARY_PROBABILITY: (u64, u64) = (1, 4);
}

/// Block space.
pub mod space {
    use crate::weights::overhead;
    use alloc::boxed::Box;
    use once_cell::race::OnceBox;
    use polkadot_sdk::{
        frame_support::{
            dispatch::DispatchClass,
            weights::{Weight, constants::WEIGHT_REF_TIME_PER_MILLIS},
        },
        frame_system::limits::{BlockLength, BlockWeights},
        sp_runtime::Perbill,
    };

    /// Most of a block is for users' extrinsics; the rest, a quarter of a second, is kept for
    /// operational ones, such as answers to disputes, and for the chain's own work.
    pub const NORMAL_RATIO: Perbill = Perbill::from_percent(80);

    /// Two thirds of a slot. Blocks full of transfers are made in half of what they declare, by an author that
    /// has checked the signatures before, and imported in what they declare by a node that shares two cores
    /// with the author (`docs/reference/chain-speed.md`): half a second is left. There is no bound on proof
    /// size, because no relay chain has to check a proof.
    pub const MAX_BLOCK_WEIGHT: Weight =
        Weight::from_parts(1_300 * WEIGHT_REF_TIME_PER_MILLIS, u64::MAX);

    /// The largest block body, in bytes.
    pub const MAX_BLOCK_BYTES: u32 = 5 * 1024 * 1024;

    /// The largest header, in bytes: it bounds the digest.
    pub const MAX_HEADER_BYTES: u32 = 100 * 1024;

    /// Weight limits of a block, by class.
    ///
    /// Every extrinsic asks for them a dozen times, so they are made and checked once in each instance of the runtime:
    /// that took a tenth of what it takes to apply a transfer.
    pub fn block_weights() -> BlockWeights {
        static MADE: OnceBox<BlockWeights> = OnceBox::new();
        MADE.get_or_init(|| Box::new(make_block_weights())).clone()
    }

    fn make_block_weights() -> BlockWeights {
        BlockWeights::builder()
            .base_block(overhead::BLOCK)
            .for_class(DispatchClass::all(), |weights| {
                weights.base_extrinsic = overhead::EXTRINSIC;
            })
            .for_class(DispatchClass::Normal, |weights| {
                weights.max_total = Some(NORMAL_RATIO * MAX_BLOCK_WEIGHT);
            })
            .for_class(DispatchClass::Operational, |weights| {
                weights.max_total = Some(MAX_BLOCK_WEIGHT);
                weights.reserved = Some(MAX_BLOCK_WEIGHT - NORMAL_RATIO * MAX_BLOCK_WEIGHT);
            })
            .avg_block_initialization(Perbill::from_percent(10))
            .build_or_panic()
    }

    /// Length limits of a block, by class.
    pub fn block_length() -> BlockLength {
        BlockLength::builder()
            .max_length(MAX_BLOCK_BYTES)
            .modify_max_length_for_class(DispatchClass::Normal, |length| {
                *length = NORMAL_RATIO * MAX_BLOCK_BYTES;
            })
            .max_header_size(MAX_HEADER_BYTES)
            .build()
    }
}
