// SPDX-License-Identifier: Apache-2.0

//! What the judge of channels announces, decoded into our own types.
//!
//! Fields are read in the order in which the pallet declares them. What a later runtime appends to
//! an event is ignored, so that an upgrade does not blind whoever watches.

use crate::outcome::ChainEvent;
use codec::{Decode, Error};
use millrace_primitives_channels::{
    AccountId, Balance, BlockNumber, ChannelId, Hash, params::Amounts, resize::Deltas,
    transfer::Preimage,
};

/// Name of the pallet whose events are read.
pub const PALLET: &str = "Channels";

/// Something that the judge said in a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// About one channel.
    Channel {
        /// The channel.
        id: ChannelId,
        /// What happened to it.
        what: ChannelNews,
    },
    /// A preimage was made public.
    Revealed(Revealed),
}

/// A preimage that was made public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revealed {
    /// Its SHA-256.
    pub hashlock: Hash,
    /// What opens the lock.
    pub preimage: Preimage,
    /// The block that counts: that of its first reveal.
    pub first: BlockNumber,
}

/// What happened to a channel. Amounts are in the smallest unit of the channel's asset, bonds in
/// that of the native token, times are block numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChannelNews {
    /// It was opened with this sum of deposits.
    Opened {
        /// All that is in it.
        deposit: Balance,
    },
    /// Its deposits changed.
    Resized {
        /// The version of the new base state.
        version: u64,
        /// Who added (positive) and who took out (negative) how much.
        deltas: Deltas,
        /// All that is in it now.
        deposit: Balance,
    },
    /// A participant wants to close it alone.
    Disputed {
        /// Who.
        by: AccountId,
        /// The version of the state that was shown.
        version: u64,
        /// Answers count in blocks below this one.
        deadline: BlockNumber,
        /// What is lost if the state is proven stale.
        bond: Balance,
    },
    /// A later state was shown.
    Answered {
        /// By whom.
        by: AccountId,
        /// Its version.
        version: u64,
    },
    /// A participant forced its move in an application.
    MoveForced {
        /// Who sent it.
        by: AccountId,
        /// Position of whose move it is.
        mover: u8,
        /// The version of the state after the move.
        version: u64,
        /// Later states count in blocks below this one.
        deadline: BlockNumber,
    },
    /// Balances were paid.
    Concluded {
        /// The version that is carried out.
        version: u64,
        /// What each participant got.
        payouts: Amounts,
        /// Claims count in blocks below this one; nothing if nothing is pending: the channel is over.
        until: Option<BlockNumber>,
    },
    /// It is due and could not be concluded; the chain tries again.
    Postponed {
        /// In this block.
        until: BlockNumber,
    },
    /// A conditional transfer paid its payee.
    Claimed {
        /// Its place in the state.
        index: u32,
        /// Its id.
        transfer: u64,
        /// What it paid.
        amount: Balance,
    },
    /// A conditional transfer went back to its payer.
    Refunded {
        /// Its place in the state.
        index: u32,
        /// Its id.
        transfer: u64,
        /// What went back.
        amount: Balance,
    },
    /// Links of a stream were shown.
    StreamClaimed {
        /// Its place in the state.
        stream: u8,
        /// How many units are proven by now.
        units: u64,
        /// What the new ones paid.
        amount: Balance,
    },
    /// The last of it was paid: the channel is over.
    Resolved {
        /// What each participant got of what was left.
        payouts: Amounts,
    },
    /// Everybody agreed to a final state: the channel is over.
    Settled {
        /// The version of that state.
        version: u64,
        /// What each participant got.
        payouts: Amounts,
    },
    /// The bond of a dispute went back.
    BondReturned {
        /// To whom.
        by: AccountId,
        /// How much.
        amount: Balance,
    },
    /// The bond of a dispute was lost.
    BondForfeited {
        /// By whom.
        by: AccountId,
        /// How much.
        amount: Balance,
        /// Who proved that the claim was stale.
        to: AccountId,
        /// What that earned it.
        reward: Balance,
    },
}

impl ChannelNews {
    /// Whether the channel is gone from the chain after this.
    pub fn ends_channel(&self) -> bool {
        matches!(
            self,
            Self::Settled { .. } | Self::Resolved { .. } | Self::Concluded { until: None, .. }
        )
    }
}

impl Told {
    /// What an event tells; nothing if it is none of those above.
    ///
    /// Errors when the fields of a known event do not decode: the runtime changed them.
    pub fn read(event: &ChainEvent) -> Result<Option<Self>, Error> {
        if event.pallet != PALLET {
            return Ok(None);
        }
        let fields = &mut event.fields.as_slice();
        if event.name == "PreimageRevealed" {
            let (hashlock, preimage, _by, first): (_, _, AccountId, _) = Decode::decode(fields)?;
            return Ok(Some(Self::Revealed(Revealed { hashlock, preimage, first })));
        }
        if !KNOWN.contains(&event.name.as_str()) {
            return Ok(None);
        }
        // All of them begin with the channel.
        let id = ChannelId::decode(fields)?;
        let what = read_channel_news(&event.name, fields)?;
        Ok(what.map(|what| Self::Channel { id, what }))
    }
}

/// The events about one channel that are read.
const KNOWN: [&str; 14] = [
    "ChannelOpened",
    "ChannelSettled",
    "ChannelDisputed",
    "DisputeAnswered",
    "ChannelConcluded",
    "ChannelResized",
    "TransferClaimed",
    "TransferRefunded",
    "StreamClaimed",
    "ChannelResolved",
    "MoveForced",
    "BondReturned",
    "BondForfeited",
    "ConclusionPostponed",
];

/// The fields of a channel's event, after the channel.
fn read_channel_news(name: &str, fields: &mut &[u8]) -> Result<Option<ChannelNews>, Error> {
    use ChannelNews as News;
    let news = match name {
        "ChannelOpened" => {
            let (_participants, deposit): (Vec<AccountId>, _) = Decode::decode(fields)?;
            News::Opened { deposit }
        }
        "ChannelSettled" => {
            let (version, payouts) = Decode::decode(fields)?;
            News::Settled { version, payouts }
        }
        "ChannelDisputed" => {
            let (by, version, deadline, bond) = Decode::decode(fields)?;
            News::Disputed { by, version, deadline, bond }
        }
        "DisputeAnswered" => {
            let (by, version) = Decode::decode(fields)?;
            News::Answered { by, version }
        }
        "ChannelConcluded" => {
            let (version, payouts, until) = Decode::decode(fields)?;
            News::Concluded { version, payouts, until }
        }
        "ChannelResized" => {
            let (version, deltas, deposit) = Decode::decode(fields)?;
            News::Resized { version, deltas, deposit }
        }
        "TransferClaimed" => {
            let (index, transfer, amount) = Decode::decode(fields)?;
            News::Claimed { index, transfer, amount }
        }
        "TransferRefunded" => {
            let (index, transfer, amount) = Decode::decode(fields)?;
            News::Refunded { index, transfer, amount }
        }
        "StreamClaimed" => {
            let (stream, units, amount) = Decode::decode(fields)?;
            News::StreamClaimed { stream, units, amount }
        }
        "ChannelResolved" => News::Resolved { payouts: Decode::decode(fields)? },
        "MoveForced" => {
            let (by, mover, version, deadline) = Decode::decode(fields)?;
            News::MoveForced { by, mover, version, deadline }
        }
        "BondReturned" => {
            let (by, amount) = Decode::decode(fields)?;
            News::BondReturned { by, amount }
        }
        "BondForfeited" => {
            let (by, amount, to, reward) = Decode::decode(fields)?;
            News::BondForfeited { by, amount, to, reward }
        }
        "ConclusionPostponed" => News::Postponed { until: Decode::decode(fields)? },
        _ => return Ok(None),
    };
    Ok(Some(news))
}

#[cfg(test)]
mod tests {
    use super::*;
    use codec::Encode;

    fn event(name: &str, fields: impl Encode) -> ChainEvent {
        ChainEvent { pallet: PALLET.to_owned(), name: name.to_owned(), fields: fields.encode() }
    }

    #[test]
    fn dispute_tells_version_and_deadline() {
        let (id, by) = (ChannelId::repeat_byte(1), AccountId::new([2; 32]));
        let told = Told::read(&event("ChannelDisputed", (id, &by, 3u64, 40u32, 5u128)));
        let what = ChannelNews::Disputed { by, version: 3, deadline: 40, bond: 5 };
        assert_eq!(told, Ok(Some(Told::Channel { id, what })));
    }

    #[test]
    fn what_a_later_runtime_appends_is_ignored() {
        let (id, by) = (ChannelId::repeat_byte(1), AccountId::new([2; 32]));
        let told = Told::read(&event("DisputeAnswered", (id, &by, 3u64, "new", 77u32)));
        let what = ChannelNews::Answered { by, version: 3 };
        assert_eq!(told, Ok(Some(Told::Channel { id, what })));
    }

    #[test]
    fn fields_that_do_not_decode_are_an_error_and_no_silence() {
        assert!(Told::read(&event("ChannelDisputed", ChannelId::repeat_byte(1))).is_err());
    }

    #[test]
    fn other_pallets_and_other_events_tell_nothing() {
        assert_eq!(Told::read(&event("PreimageForgotten", Hash::zero())), Ok(None));
        let mut other = event("ChannelDisputed", ());
        other.pallet = "Balances".to_owned();
        assert_eq!(Told::read(&other), Ok(None));
    }

    #[test]
    fn reveal_tells_the_block_that_counts() {
        let by = AccountId::new([2; 32]);
        let told = Told::read(&event(
            "PreimageRevealed",
            (Hash::repeat_byte(1), [9u8; 32], by, 4u32, 100u32),
        ));
        let revealed = Revealed { hashlock: Hash::repeat_byte(1), preimage: [9; 32], first: 4 };
        assert_eq!(told, Ok(Some(Told::Revealed(revealed))));
    }

    #[test]
    fn conclusion_without_claims_ends_the_channel() {
        let payouts = Amounts::truncate_from(vec![1, 2]);
        let concluded =
            |until| ChannelNews::Concluded { version: 1, payouts: payouts.clone(), until };
        assert!(concluded(None).ends_channel());
        assert!(!concluded(Some(9)).ends_channel());
    }
}
