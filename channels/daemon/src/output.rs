// SPDX-License-Identifier: Apache-2.0

//! What a node wants done, in the order given.

use crate::{
    error::{CommandError, ResizeRefusal},
    input::{CommandId, Millis, SubmissionId, Ticket},
    peer::Peer,
    write::Write,
};
use millrace_channels_protocol::{CoSignedState, message::SignedResize};
use millrace_channels_routing::Invoice;
use millrace_primitives_channels::{
    Balance, BlockNumber, ChannelId, ChannelParams, Hash, MerkleProof, Resize, Transfer,
    params::Amounts, state::Signatures, stream::Link, transfer::Preimage,
};

/// Something that has to be done. Everything may leave at once: what depends on a record is not
/// put out before that record is durable (DA-1).
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Write this, all or nothing, and say [`crate::Input::Durable`] once it is on the disk, or
    /// [`crate::Input::Refused`]. Only one such is under way at a time.
    Persist {
        /// What to say then.
        ticket: Ticket,
        /// What to write, in this order.
        writes: Vec<Write>,
    },
    /// Send a frame. It may be lost.
    Send {
        /// To whom.
        peer: Peer,
        /// What.
        bytes: Vec<u8>,
    },
    /// End a connection.
    Disconnect {
        /// Whose.
        peer: Peer,
        /// Why.
        reason: &'static str,
    },
    /// End a connection and refuse new ones for a while.
    Ban {
        /// Whose.
        peer: Peer,
        /// For how long, in milliseconds.
        millis: Millis,
    },
    /// Tell what the chain shows of this channel from now on, and how it stands.
    Watch(ChannelId),
    /// Tell it no more.
    Unwatch(ChannelId),
    /// Tell when this lock is opened on chain.
    WatchLock(Hash),
    /// Tell it no more.
    UnwatchLock(Hash),
    /// Submit a call, again and again until it is in a final block or cannot be.
    Submit {
        /// What to say about it.
        id: SubmissionId,
        /// The channel that it is about.
        channel: ChannelId,
        /// The call.
        call: Box<Call>,
        /// It has to be in a block below this one.
        deadline: Option<BlockNumber>,
    },
    /// Ask the chain about a channel of others at a final block, and say
    /// [`crate::Input::LookedUp`]. It may fail in silence; it is asked again.
    LookUp(ChannelId),
    /// Ask the chain what it keeps of the base of a channel of this node's at a final block, and say
    /// [`crate::News::Base`]. It may fail in silence; it is asked again.
    LookUpBase(ChannelId),
    /// Answer a command.
    Reply {
        /// Which.
        id: CommandId,
        /// The answer.
        result: Result<Reply, CommandError>,
    },
    /// Tell whoever listens.
    Notice(Notice),
}

/// A call of the chain's judge.
#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    /// Opens the channel.
    Open {
        /// Its parameters.
        params: Box<ChannelParams>,
        /// Everybody's deposit.
        deposits: Amounts,
        /// Everybody's consent, in their order; that of the sender included.
        signatures: Signatures,
        /// Position of the participant whose account sends it, and whose signature can be left out.
        sender: usize,
    },
    /// Pays out a final state.
    Settle(CoSignedState),
    /// Starts a dispute.
    Dispute(CoSignedState),
    /// Answers a dispute.
    Answer(CoSignedState),
    /// Changes deposits.
    Resize(SignedResize),
    /// Makes a preimage public.
    Reveal(Preimage),
    /// Claims a transfer.
    Claim(Transfer, MerkleProof),
    /// Takes a transfer back.
    Refund(Transfer, MerkleProof),
    /// Claims links of a stream.
    ClaimStream {
        /// The stream's place in the state.
        position: u8,
        /// The deepest link.
        link: Link,
        /// Its depth.
        depth: u32,
        /// That its chain's tip is behind the root.
        proof: MerkleProof,
    },
}

impl Call {
    /// The call's name on chain.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Open { .. } => "open",
            Self::Settle(_) => "settle",
            Self::Dispute(_) => "dispute",
            Self::Answer(_) => "answer",
            Self::Resize(_) => "resize",
            Self::Reveal(_) => "reveal",
            Self::Claim(..) => "claim",
            Self::Refund(..) => "refund",
            Self::ClaimStream { .. } => "claim_stream",
        }
    }

    /// Whether it gives nothing out that was not signed before: it may be submitted even when the
    /// disk writes nothing any more.
    pub(crate) fn is_defence(&self) -> bool {
        !matches!(self, Self::Open { .. } | Self::Resize(_))
    }
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The channel is open, finally.
    Opened {
        /// Its id.
        channel: ChannelId,
    },
    /// It was paid.
    Paid {
        /// The version that carries it.
        version: u64,
    },
    /// It is set aside.
    Offered {
        /// The transfer's id in the channel.
        id: u64,
        /// The version that carries it.
        version: u64,
    },
    /// The links were sent.
    Pulsed {
        /// Links released in all.
        units: u64,
        /// Links of these.
        sent: u32,
    },
    /// The deposits were changed.
    Resized {
        /// The version of the new base.
        version: u64,
    },
    /// The invoice is written.
    Written {
        /// It, signed.
        invoice: Box<Invoice>,
    },
    /// The payee has shown the preimage.
    Delivered {
        /// What was paid under.
        hashlock: Hash,
        /// The proof.
        preimage: Preimage,
        /// What all hops together took, in the smallest unit.
        fee: Balance,
    },
    /// The dispute is on its way.
    Disputing {
        /// With this version.
        version: u64,
    },
    /// The channel is over.
    Closed,
    /// It is done.
    Done,
}

/// Something that whoever listens may want to know. Durable when it is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// A channel is open, finally.
    Opened {
        /// Its id.
        channel: ChannelId,
        /// With whom.
        peer: Peer,
    },
    /// A channel was not opened.
    NotOpened {
        /// Its id.
        channel: ChannelId,
        /// Why.
        reason: String,
    },
    /// A new version is agreed.
    Agreed {
        /// The channel.
        channel: ChannelId,
        /// Its version.
        version: u64,
        /// What it pays to this party outright, all in all.
        received: Balance,
        /// What this party pays by it outright, all in all.
        sent: Balance,
    },
    /// This party will be paid a transfer if it shows the preimage in time, and has no invoice for
    /// it: fulfil it or give it back.
    Offered {
        /// The channel.
        channel: ChannelId,
        /// The transfer.
        transfer: Transfer,
    },
    /// The payee of a transfer has shown its preimage.
    Fulfilled {
        /// The channel.
        channel: ChannelId,
        /// The transfer.
        transfer: Transfer,
        /// What opens its lock.
        preimage: Preimage,
    },
    /// A transfer that this party offered came back.
    Returned {
        /// The channel.
        channel: ChannelId,
        /// The transfer.
        transfer: Transfer,
    },
    /// An invoice was paid: its preimage is shown.
    InvoicePaid {
        /// Its lock.
        hashlock: Hash,
        /// The channel.
        channel: ChannelId,
        /// How much.
        amount: Balance,
    },
    /// Another party wants a resize that needs the owner's consent.
    ConsentNeeded {
        /// The channel.
        channel: ChannelId,
        /// The resize.
        resize: Box<Resize>,
    },
    /// Another party wants a resize that the owner's settings refuse. No payment is made in the channel
    /// until its last block is over, if the other party has signed it.
    ResizeRefused {
        /// The channel.
        channel: ChannelId,
        /// The last block in which it counts.
        valid_until: BlockNumber,
        /// Why.
        reason: ResizeRefusal,
    },
    /// The channel's deposits were changed.
    Resized {
        /// The channel.
        channel: ChannelId,
        /// The version of the new base.
        version: u64,
    },
    /// Somebody closes the channel alone.
    Disputed {
        /// The channel.
        channel: ChannelId,
        /// The version shown.
        version: u64,
        /// The newest version here.
        newest: u64,
        /// Answers count in blocks below this one.
        deadline: BlockNumber,
    },
    /// The channel is over.
    Over {
        /// The channel.
        channel: ChannelId,
    },
    /// The channel has been over for so long that not even its end is remembered any more.
    Forgotten {
        /// The channel.
        channel: ChannelId,
    },
    /// A peer sent what no honest peer sends.
    Misbehaved {
        /// Who.
        peer: Peer,
        /// In which channel, if in any.
        channel: Option<ChannelId>,
        /// What.
        what: String,
    },
    /// A call was not taken.
    NotSubmitted {
        /// The channel.
        channel: ChannelId,
        /// The call's name.
        call: &'static str,
        /// Why.
        reason: String,
        /// Whether it is tried again.
        again: bool,
    },
    /// A channel cannot be used: its owner has to look.
    Trouble {
        /// The channel.
        channel: ChannelId,
        /// What is wrong.
        what: String,
    },
    /// The disk refused to write: nothing is signed any more, disputes are still answered. Mend the
    /// disk, then start again.
    DiskFailed {
        /// What it said.
        reason: String,
    },
    /// The chain is in sight, so that payments go on.
    Seeing,
    /// The chain has been out of sight for too long: nothing new is signed.
    Blind,
}
