// SPDX-License-Identifier: Apache-2.0

//! What the chain remembers of a channel.

use codec::{Decode, Encode, MaxEncodedLen};
use millrace_primitives_channels::{
    AccountId, Balance, BlockNumber, ChannelAsset, Participant,
    params::{Amounts, MaxParticipants},
};
use polkadot_sdk::sp_runtime::BoundedVec;
use scale_info::TypeInfo;

/// A channel that is open or disputed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Channel {
    /// Its parties, in strictly ascending order of their accounts.
    pub participants: BoundedVec<Participant, MaxParticipants>,
    /// What it is denominated in.
    pub asset: ChannelAsset,
    /// Sum of all deposits.
    pub deposit: Balance,
    /// How long a dispute can be answered, in blocks.
    pub challenge_blocks: BlockNumber,
    /// The block that opened it.
    pub opened_at: BlockNumber,
    /// The last block in which it could have been opened.
    pub open_by: BlockNumber,
    /// Where it stands.
    pub phase: Phase,
}

/// Where a channel stands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum Phase {
    /// Payments go on off chain.
    Open,
    /// A participant wants to close alone.
    Disputed(Dispute),
}

/// The newest state that was shown since a participant wants to close alone.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Dispute {
    /// Its version.
    pub version: u64,
    /// What it pays to each participant.
    pub balances: Amounts,
    /// The first block in which it can be concluded. Answers count before it.
    pub deadline: BlockNumber,
    /// How many more answers get their fee back.
    pub free_answers: u8,
}

impl Channel {
    /// Whether `account` is one of the participants.
    pub fn has_participant(&self, account: &AccountId) -> bool {
        self.participants.iter().any(|participant| participant.account == *account)
    }
}
