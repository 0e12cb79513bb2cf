// SPDX-License-Identifier: Apache-2.0

//! Commands that move money have names, so that repeating one never moves it twice (DA-8).
//!
//! A named payment is written down in the batch in which its payment first may be signed or asked
//! for, and its outcome in the batch that decides it. After a crash, a payment whose outcome is not
//! written is found again in what was signed or asked for, in the order in which payments were
//! wanted; one that is not there was never seen by anybody, and is not made.

use crate::{
    input::Millis,
    order::Order,
    ring::{Numbered, Ring},
};
use codec::{Decode, Encode};
use millrace_channels_protocol::Payment;
use millrace_primitives_channels::ChannelId;
use std::collections::BTreeSet;

/// The name of a command, chosen by who gives it.
pub type OperationId = [u8; 32];

/// A named command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct OperationKey {
    /// Its name.
    pub id: OperationId,
    /// Stands for everything that it asks for: the same name with another fingerprint is refused.
    pub fingerprint: [u8; 32],
}

/// What became of a named command.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Operation {
    /// Stands for what was asked for.
    pub fingerprint: [u8; 32],
    /// Rises with each operation.
    pub number: u64,
    /// When it was asked for.
    pub at: Millis,
    /// In which channel.
    pub channel: ChannelId,
    /// What it does.
    pub deed: Deed,
    /// How far it has come.
    pub progress: Progress,
    /// Its place in the order in which payments came to be.
    pub order: Order,
}

/// What a named command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Deed {
    /// Pays.
    #[codec(index = 0)]
    Payment(Payment),
    /// Opens the channel. It is written down with everybody's consent, because nothing is at stake
    /// before.
    #[codec(index = 1)]
    Opening,
    /// Changes deposits. The hash stands for who adds and takes out how much, and until when.
    #[codec(index = 3)]
    Resize([u8; 32]),
}

/// How far a named command has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Progress {
    /// It may yet be carried out.
    #[codec(index = 0)]
    UnderWay,
    /// It was, by this version.
    #[codec(index = 1)]
    Done {
        /// The version.
        version: u64,
    },
    /// It was not and will not be.
    #[codec(index = 2)]
    Failed,
    /// Nobody here knows: the channel went on from a state that its peer handed over, or ended while
    /// this node did not see how.
    #[codec(index = 3)]
    Uncertain,
    /// Nobody here knows yet: it was signed or asked for, and the chain's node says that the channel is
    /// gone. If the channel lives after all, it goes on; once enough final blocks have proven the end,
    /// it is decided.
    #[codec(index = 4)]
    Suspended,
}

impl Progress {
    /// Whether it may change yet.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::UnderWay | Self::Suspended)
    }
}

impl Numbered for Operation {
    fn number(&self) -> u64 {
        self.number
    }

    fn set_number(&mut self, number: u64) {
        self.number = number;
    }
}

/// The operations that are remembered: a bounded number, the oldest that are decided go first.
pub(crate) type Operations = Ring<OperationId, Operation>;

impl Operations {
    /// Notes how far an operation has come; nothing if it is not remembered.
    pub(crate) fn decide(&mut self, id: &OperationId, progress: Progress) -> Option<Operation> {
        self.change(id, |operation| operation.progress = progress)
    }

    /// Forgets the oldest operation that is decided.
    pub(crate) fn forget_oldest_decided(&mut self) -> Option<OperationId> {
        self.forget_oldest(|operation| !operation.progress.is_open())
    }

    /// Operations of a channel that are not decided, in the order in which they were wanted.
    pub(crate) fn under_way(&self, channel: ChannelId) -> Vec<(OperationId, Deed)> {
        let all = self.in_order();
        all.filter(|(_, it)| it.channel == channel && it.progress.is_open())
            .map(|(id, it)| (*id, it.deed))
            .collect()
    }

    /// The channels in which something is not decided.
    pub(crate) fn busy_channels(&self) -> BTreeSet<ChannelId> {
        let under_way = self.iter().filter(|(_, it)| it.progress.is_open());
        under_way.map(|(_, it)| it.channel).collect()
    }
}
