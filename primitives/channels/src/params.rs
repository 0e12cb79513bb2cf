// SPDX-License-Identifier: Apache-2.0

//! Who takes part in a channel and under which rules.

use crate::{AccountId, Balance, BlockNumber};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::{
    sp_core::ConstU32,
    sp_runtime::{BoundedVec, MultiSigner},
};
use scale_info::TypeInfo;

/// The largest number of participants of one channel.
pub const MAX_PARTICIPANTS: u32 = 8;

/// [`MAX_PARTICIPANTS`] as a type.
pub type MaxParticipants = ConstU32<MAX_PARTICIPANTS>;

/// One amount per participant, in the order of [`ChannelParams::participants`].
pub type Amounts = BoundedVec<Balance, MaxParticipants>;

/// One party of a channel.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Participant {
    /// Owns the deposit, authorises its lock-up, and is paid at the end.
    pub account: AccountId,
    /// Signs states: an sr25519, ed25519 or ecdsa key. It may differ from the account, so that the
    /// account's key can stay cold.
    pub signer: MultiSigner,
}

impl MaxEncodedLen for Participant {
    fn max_encoded_len() -> usize {
        // The signer is a variant index and, at the longest, a compressed ECDSA key.
        AccountId::max_encoded_len().saturating_add(1).saturating_add(33)
    }
}

/// The asset a channel is denominated in.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum ChannelAsset {
    /// The chain's own token.
    #[codec(index = 0)]
    Native,
    /// An asset of the assets pallet, by its id.
    #[codec(index = 1)]
    Local(u32),
}

/// The rules of one channel, fixed for its life.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ChannelParams {
    /// Two to [`MAX_PARTICIPANTS`] parties, in strictly ascending order of their accounts, each
    /// with a signer of its own.
    pub participants: BoundedVec<Participant, MaxParticipants>,
    /// What the channel is denominated in.
    pub asset: ChannelAsset,
    /// How long a dispute can be answered, in blocks.
    pub challenge_blocks: BlockNumber,
    /// The last block in which the channel may be opened. It bounds how long the chain has to
    /// remember ids of closed channels to keep them from being used twice.
    pub open_by: BlockNumber,
    /// Tells apart channels that are alike in everything else.
    pub nonce: u64,
}

/// Why [`ChannelParams::verify`] refuses parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamsError {
    /// A channel needs at least two participants.
    TooFewParticipants,
    /// Accounts are not in strictly ascending order: sort them, and name each only once.
    ParticipantsNotAscending,
    /// Two participants share one signer: give each a key of its own.
    DuplicateSigner,
    /// A signer is of a kind that cannot sign states: use sr25519, ed25519 or ecdsa.
    UnsupportedSigner,
}

impl ChannelParams {
    /// Checks what can be checked without the chain: number, order, distinctness and kinds of keys.
    pub fn verify(&self) -> Result<(), ParamsError> {
        if self.participants.len() < 2 {
            return Err(ParamsError::TooFewParticipants);
        }
        let mut earlier: &[Participant] = &[];
        for (count, participant) in self.participants.iter().enumerate() {
            if earlier.last().is_some_and(|last| last.account >= participant.account) {
                return Err(ParamsError::ParticipantsNotAscending);
            }
            if earlier.iter().any(|other| other.signer == participant.signer) {
                return Err(ParamsError::DuplicateSigner);
            }
            // With a key that no signature fits, only the opening state could ever be enforced.
            if matches!(participant.signer, MultiSigner::Eth(_)) {
                return Err(ParamsError::UnsupportedSigner);
            }
            earlier = self.participants.get(..=count).unwrap_or_default();
        }
        Ok(())
    }

    /// Position of `account` among the participants.
    pub fn position(&self, account: &AccountId) -> Option<usize> {
        self.participants.iter().position(|participant| participant.account == *account)
    }
}
