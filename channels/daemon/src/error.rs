// SPDX-License-Identifier: Apache-2.0

//! Why a command is refused, and what to do about it.

use crate::peer::Peer;
use millrace_channels_protocol::{AgreementError, ChannelError};
use millrace_primitives_channels::{Balance, BlockNumber, ChannelId, Hash};

/// Why a command was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// No such channel is open here.
    #[error("channel {channel:?} is not open here: list the channels that are")]
    UnknownChannel {
        /// The channel.
        channel: ChannelId,
    },
    /// The channel's records cannot be used.
    #[error("channel {channel:?} cannot be used ({reason}): close it alone, or restore a backup")]
    Damaged {
        /// The channel.
        channel: ChannelId,
        /// What is wrong.
        reason: String,
    },
    /// The peer is not there.
    #[error("{peer:?} is not connected: connect, and try again")]
    NotConnected {
        /// Who.
        peer: Peer,
    },
    /// The peer has not said yet who it is.
    #[error("{peer:?} has not introduced itself yet: try again in a moment")]
    NotIntroduced {
        /// Who.
        peer: Peer,
    },
    /// The channel has more than two parties, and nobody was named.
    #[error("the channel has {participants} parties: name the one to pay")]
    PayeeNeeded {
        /// How many.
        participants: usize,
    },
    /// The channel refuses.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// The terms of a new channel are not valid.
    #[error(transparent)]
    Terms(#[from] AgreementError),
    /// The peer does not want the channel.
    #[error("{peer:?} refuses the channel: {reason}")]
    PeerRefused {
        /// Who.
        peer: Peer,
        /// Why.
        reason: String,
    },
    /// The peer did not answer in time.
    #[error("{peer:?} did not answer the proposal in {seconds} s: try again later")]
    NoAnswer {
        /// Who.
        peer: Peer,
        /// How long it had.
        seconds: u64,
    },
    /// The chain did not take the opening.
    #[error("the chain did not open the channel: {reason}")]
    NotOpened {
        /// Why.
        reason: String,
    },
    /// The last block in which the channel could be opened is over.
    #[error("the chain did not open the channel up to block {open_by}: propose a new one")]
    OpeningExpired {
        /// That block.
        open_by: BlockNumber,
    },
    /// A change was not possible any more.
    #[error("it was not carried out: the channel ended, or what it needs is gone")]
    NotPossible,
    /// What decides it is not here: the channel went on from a state that its peer handed over, or
    /// ended while this node did not see how.
    #[error(
        "it is not known whether it was carried out: look at the balances, here and on chain, or ask \
         the peer"
    )]
    Uncertain,
    /// The same payment was asked for before, and is not decided yet.
    #[error("the payment was asked for before and is under way: ask again later")]
    UnderWay,
    /// The name was used for another payment.
    #[error("the name was used for another payment: choose a new one for each payment")]
    OtherOperation,
    /// The peer does not want the resize.
    #[error(
        "the peer does not want the resize, and nothing has changed: ask its owner which it accepts, \
         or ask for less"
    )]
    ResizeRefused,
    /// The resize was not taken in time.
    #[error("the resize was not taken in time; everything goes on as before")]
    Lapsed,
    /// There are as many of something as allowed.
    #[error("{what}: the limit is {limit}; wait, or raise it")]
    Limit {
        /// Of what.
        what: &'static str,
        /// How many.
        limit: usize,
    },
    /// The chain's state is not known yet.
    #[error("the chain's state is not known yet: wait until the node has caught up")]
    NotReady,
    /// The chain is out of sight.
    #[error("the chain has been out of sight for too long: nothing is signed until it is back")]
    Blind,
    /// The disk refused to write.
    #[error("the disk refused to write ({reason}): nothing is signed until the node starts again")]
    DiskFailed {
        /// What it said.
        reason: String,
    },
    /// The stream's links are not here.
    #[error("the links of that stream are not here: open it with its source, or fold it")]
    NoSource,
    /// There is an invoice with this lock already, or none.
    #[error("invoice {hashlock:?}: {problem}")]
    Invoice {
        /// Its lock.
        hashlock: Hash,
        /// What is wrong.
        problem: &'static str,
    },
    /// The payment did not arrive.
    #[error("the payment was not made ({reason}): its amount and fees are back")]
    NotPaid {
        /// Why.
        reason: String,
    },
    /// The invoice cannot be paid.
    #[error("the invoice cannot be paid ({reason}): ask its payee for a new one")]
    Unpayable {
        /// Why.
        reason: String,
    },
    /// Nothing can be forwarded on these terms.
    #[error("nothing is forwarded on these terms ({reason}): choose others")]
    BadFees {
        /// Why.
        reason: String,
    },
    /// An invoice cannot be written.
    #[error(transparent)]
    BadInvoice(#[from] millrace_channels_routing::invoices::InvoiceError),
    /// The node has no keys for it.
    #[error("this node has no keys for payments over several channels: start it with them")]
    NoRouting,
    /// The offer is not what it should be.
    #[error(
        "the deposits are {ours} here and {theirs} there: one of them has to be more than zero"
    )]
    NothingDeposited {
        /// This party's.
        ours: Balance,
        /// The peer's.
        theirs: Balance,
    },
}

/// Why a resize that another party wants is not accepted: its owner's choice is
/// [`crate::ResizeAcceptance`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResizeRefusal {
    /// Payments would wait for it for too long.
    #[error("it may hold payments up for {blocks} blocks, and {most} are accepted")]
    TooLong {
        /// Blocks from now to its last one.
        blocks: BlockNumber,
        /// How many are accepted.
        most: BlockNumber,
    },
    /// Somebody takes out too much.
    #[error("it leaves {left} to who takes out, and {least} are the least")]
    TooLittleLeft {
        /// What stays, in the smallest unit.
        left: Balance,
        /// What has to.
        least: Balance,
    },
}
