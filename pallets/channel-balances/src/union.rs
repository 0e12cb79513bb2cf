// SPDX-License-Identifier: Apache-2.0

//! The native token and all assets as one family, keyed by what channels are denominated in.

use millrace_primitives_channels::{AccountId, ChannelAsset};
use polkadot_sdk::{
    frame_support::traits::fungible,
    sp_runtime::{Either, traits::Convert},
};

/// The native token `Native` and the assets `Local` with ids of type `u32`.
pub type Union<Native, Local> =
    fungible::UnionOf<Native, Local, NativeOrLocal, ChannelAsset, AccountId>;

/// Tells the native token from assets.
pub struct NativeOrLocal;

impl Convert<ChannelAsset, Either<(), u32>> for NativeOrLocal {
    fn convert(asset: ChannelAsset) -> Either<(), u32> {
        match asset {
            ChannelAsset::Native => Either::Left(()),
            ChannelAsset::Local(id) => Either::Right(id),
        }
    }
}
