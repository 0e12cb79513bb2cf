// SPDX-License-Identifier: Apache-2.0

//! Funds are added to a channel or taken out while it lives.

use crate::{Balance, BlockNumber, params::MaxParticipants, state::ChannelState};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::sp_runtime::BoundedVec;
use scale_info::TypeInfo;

/// One change per participant, in the order of the channel's participants: what it adds (positive)
/// or takes out (negative).
pub type Deltas = BoundedVec<i128, MaxParticipants>;

/// A change of a channel's deposits that all participants agree to.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Resize {
    /// The first state under the new deposits. Once the chain has taken it, no state with a version
    /// below counts any more, and this one needs no signatures.
    pub state: ChannelState,
    /// Who adds and who takes out how much.
    pub deltas: Deltas,
    /// The last block in which the chain takes it. Until this block is over, whoever signed it must
    /// not agree to later states under the old deposits.
    pub valid_until: BlockNumber,
}

impl Resize {
    /// The deposit after the change; nothing if it leaves the range of a balance.
    pub fn deposit_after(&self, before: Balance) -> Option<Balance> {
        let mut after = before;
        for delta in self.deltas.iter().filter(|delta| **delta > 0) {
            after = after.checked_add(delta.unsigned_abs())?;
        }
        for delta in self.deltas.iter().filter(|delta| **delta < 0) {
            after = after.checked_sub(delta.unsigned_abs())?;
        }
        Some(after)
    }
}
