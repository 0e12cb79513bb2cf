// SPDX-License-Identifier: Apache-2.0

//! What happens to a node.

use crate::{history::Invoice, operation::OperationKey, peer::Peer, verifying::Verified};
use core::fmt;
use millrace_channels_protocol::{Source, StreamName};
use millrace_channels_routing::{
    Invoice as SignedInvoice, Terms as Fees, gossip::Lookup, invoices::Description,
};
use millrace_primitives_channels::{
    Balance, BlockNumber, ChannelId, Hash, resize::Deltas, transfer::Preimage,
};

/// A time in milliseconds since 1970. It may jump; nothing but patience, invoices, and what is told
/// about public channels depends on it.
pub type Millis = u64;

/// Names a command until it is answered; its sender chooses it.
pub type CommandId = u64;

/// Names a call that was submitted until its outcome is known.
pub type SubmissionId = u64;

/// Names what is written together. Tickets rise by one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// The links of a stream. They are as secret as money, so they are never shown.
#[derive(Clone)]
pub struct Links(pub Box<Source>);

impl fmt::Debug for Links {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Links").field(self.0.stream()).finish()
    }
}

/// Something that happens to a node.
#[derive(Debug)]
pub enum Input {
    /// The owner wants something.
    Command {
        /// What the answer will repeat.
        id: CommandId,
        /// What it wants.
        command: Command,
    },
    /// A connection is up. Its node key is proven.
    Connected {
        /// Who is at the other end.
        peer: Peer,
    },
    /// A connection is gone.
    Disconnected {
        /// Who was at the other end.
        peer: Peer,
    },
    /// Frames came in, oldest first. It is as if they came one by one, but signatures are verified
    /// together, and what they lead to is written together.
    Frames(Vec<(Peer, Vec<u8>)>),
    /// Frames came in that the node has read before; their signatures were verified since then.
    Verified(Verified),
    /// The chain shows something.
    News(News),
    /// What became of a submission.
    Submitted {
        /// Which.
        id: SubmissionId,
        /// Its outcome.
        outcome: Outcome,
    },
    /// What was to be written under this ticket is on the disk.
    Durable(Ticket),
    /// What was to be written under this ticket is not on the disk and will not be.
    Refused {
        /// The ticket.
        ticket: Ticket,
        /// Why.
        reason: String,
    },
    /// Time passes. At least once a second.
    Tick {
        /// The time.
        now: Millis,
    },
    /// What the chain says about a channel that [`crate::Output::LookUp`] asked about.
    LookedUp {
        /// The channel.
        channel: ChannelId,
        /// What is known of it at a final block.
        found: Lookup,
    },
}

impl Input {
    /// One frame came in.
    pub fn frame(peer: Peer, bytes: Vec<u8>) -> Self {
        Self::Frames(vec![(peer, bytes)])
    }
}

/// What the owner wants.
///
/// Each command is answered exactly once (DA-5), when what it asks for is done or cannot be.
#[derive(Clone, Debug)]
pub enum Command {
    /// Open a channel with a connected peer. Answered once the opening is final on chain.
    Open {
        /// With whom.
        peer: Peer,
        /// What this party deposits.
        deposit: Balance,
        /// What the peer shall deposit; its policy decides.
        their_deposit: Balance,
        /// How long a dispute can be answered, in blocks.
        challenge_blocks: BlockNumber,
        /// Within how many blocks the chain has to take it.
        open_within: BlockNumber,
        /// The opening's name, so that asking again never opens a second channel.
        operation: Option<OperationKey>,
    },
    /// Pay. Answered once everybody has signed and it is durable here.
    Pay {
        /// In which channel.
        channel: ChannelId,
        /// Position of who is paid; the other one if nothing.
        payee: Option<u8>,
        /// In the smallest unit.
        amount: Balance,
        /// The payment's name, so that asking again never pays twice; without one, it does.
        operation: Option<OperationKey>,
    },
    /// Set an amount aside for who shows a preimage. Answered once it is agreed.
    Offer {
        /// In which channel.
        channel: ChannelId,
        /// Position of who may be paid; the other one if nothing.
        payee: Option<u8>,
        /// In the smallest unit.
        amount: Balance,
        /// SHA-256 of the preimage.
        hashlock: Hash,
        /// A reveal counts in blocks below this one.
        expiry: BlockNumber,
    },
    /// Show the preimage of a transfer to this party. Answered once it is durable.
    Fulfil {
        /// In which channel.
        channel: ChannelId,
        /// The transfer.
        id: u64,
        /// What opens its lock.
        preimage: Preimage,
    },
    /// Give a transfer to this party back. Answered once that is agreed.
    Fail {
        /// In which channel.
        channel: ChannelId,
        /// The transfer.
        id: u64,
    },
    /// Open a stream. Its links are made outside, as that takes long: see
    /// [`crate::Node::stream_terms`]. Answered once it is agreed. After a restart, the same command
    /// with the same source goes on with a stream that is agreed already.
    OpenStream {
        /// In which channel.
        channel: ChannelId,
        /// The links.
        source: Links,
    },
    /// Pay by links of a stream. Answered at once.
    Pulse {
        /// In which channel.
        channel: ChannelId,
        /// The stream.
        stream: StreamName,
        /// How many links.
        count: u32,
    },
    /// End a stream that this party pays. Answered once that is agreed.
    FoldStream {
        /// In which channel.
        channel: ChannelId,
        /// The stream.
        stream: StreamName,
    },
    /// Change the channel's deposits. Answered once the chain has taken it or it is void.
    Resize {
        /// Which channel.
        channel: ChannelId,
        /// Who adds and who takes out how much.
        deltas: Deltas,
        /// Within how many blocks the chain has to take it.
        within: BlockNumber,
        /// The resize's name, so that asking again never moves money twice.
        operation: Option<OperationKey>,
    },
    /// Agree to a resize that another party wants. Answered once the consent is durable.
    Consent {
        /// Which channel.
        channel: ChannelId,
        /// The version of the resize's state.
        version: u64,
    },
    /// Settle together. Answered once the channel is over on chain.
    Close {
        /// Which channel.
        channel: ChannelId,
    },
    /// Close alone. Answered once the dispute is on its way; nothing is signed from then on.
    ForceClose {
        /// Which channel.
        channel: ChannelId,
    },
    /// Expect a conditional payment. Answered once it is durable.
    AddInvoice(Invoice),
    /// Expect it no more. Answered once that is durable.
    RemoveInvoice {
        /// Its lock.
        hashlock: Hash,
    },
    /// Write an invoice that others can pay over several channels. Answered once it is durable.
    WriteInvoice {
        /// What is to be paid, in the smallest unit; nothing if the payer decides.
        amount: Option<Balance>,
        /// What it is for.
        description: Description,
        /// For how long it counts, in seconds.
        lifetime: u32,
    },
    /// Pay an invoice, over as many channels as it takes. Answered once the payee has shown the
    /// preimage, or every part is back.
    PayInvoice {
        /// The invoice, which is of this chain.
        invoice: Box<SignedInvoice>,
        /// What to pay, if the invoice leaves it open.
        amount: Option<Balance>,
        /// The most that all fees may be, in the smallest unit.
        max_fee: Balance,
        /// The payment's name.
        operation: Option<OperationKey>,
    },
    /// Pay somebody who has not asked for it. Answered as [`Command::PayInvoice`] is.
    PayNode {
        /// Whom.
        payee: Peer,
        /// In the smallest unit.
        amount: Balance,
        /// The most that all fees may be, in the smallest unit.
        max_fee: Balance,
        /// The payment's name.
        operation: Option<OperationKey>,
    },
    /// Set what is asked for forwarding. Answered once it is durable.
    SetFees {
        /// Over which channel; over all without terms of their own if nothing.
        channel: Option<ChannelId>,
        /// The terms.
        terms: Fees,
    },
    /// Announce a channel to everybody, once its peer agrees. Answered once the wish is durable.
    Announce {
        /// Which. It may still be being opened.
        channel: ChannelId,
    },
}

/// How sure something on chain is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    /// In a best block: it may be withdrawn.
    Best,
    /// In a final block: it stays.
    Final,
}

/// What the chain shows.
///
/// It is told in the order of blocks: everything that a block and those below it show, then
/// [`News::Block`]. Once connected, the chain's side tells the [`News::State`] of every watched
/// channel and the final reveals of every watched lock, then [`News::CaughtUp`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// A block was added.
    Block {
        /// Its height.
        number: BlockNumber,
        /// How sure it is.
        seen: Seen,
    },
    /// Something happened to a watched channel.
    Channel {
        /// The channel.
        id: ChannelId,
        /// What happened.
        what: Sight,
        /// How sure it is.
        seen: Seen,
    },
    /// What a best block had shown is not in the chain any more.
    Withdrawn {
        /// The channel.
        id: ChannelId,
        /// What had happened.
        what: Sight,
    },
    /// A final block has paid something out of a watched channel. It is told before what else the
    /// block shows of the channel.
    Paid {
        /// The channel.
        id: ChannelId,
        /// What was paid.
        payout: Payout,
    },
    /// A watched lock was opened, in a final block.
    Revealed {
        /// What opens it.
        preimage: Preimage,
        /// The block of the first reveal.
        at: BlockNumber,
    },
    /// A watched channel as the newest final block has it.
    State {
        /// The channel.
        id: ChannelId,
        /// How it stands; nothing if the chain does not have it.
        standing: Option<Standing>,
        /// The height of that block.
        at: BlockNumber,
    },
    /// What [`crate::Output::LookUpBase`] asked for.
    Base {
        /// The channel.
        id: ChannelId,
        /// The base's version.
        version: u64,
        /// What the chain keeps of it: the payload of its state.
        digest: Hash,
    },
    /// Everything up to the newest final block has been told.
    CaughtUp,
    /// No news come, or no blocks do. Once they come again and nothing is missing,
    /// [`News::CaughtUp`] follows.
    Lost {
        /// Why.
        reason: String,
    },
}

/// What happened to a channel on chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// It was opened.
    Opened,
    /// Somebody closes alone.
    Disputed {
        /// The version shown.
        version: u64,
        /// Answers count in blocks below this one.
        deadline: BlockNumber,
    },
    /// A later state was shown.
    Answered {
        /// Its version.
        version: u64,
    },
    /// A resize was taken.
    Resized {
        /// The version of the new base.
        version: u64,
        /// All that is in the channel now.
        deposit: Balance,
    },
    /// A dispute ended and balances were paid.
    Concluded {
        /// The version that is carried out.
        version: u64,
        /// Claims count before this block; nothing if the channel is over.
        until: Option<BlockNumber>,
    },
    /// The channel is gone.
    Over,
}

/// What the chain has paid out of a channel. Amounts are in the smallest unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payout {
    /// The balances of a state: it was settled, or a dispute has ended with it.
    Balances {
        /// The state's version.
        version: u64,
        /// What each participant got, by position.
        amounts: Vec<Balance>,
    },
    /// A conditional transfer of that state.
    Transfer {
        /// The transfer.
        id: u64,
        /// Whether its payee got it; its payer otherwise.
        is_claimed: bool,
        /// How much.
        amount: Balance,
    },
    /// Links of a stream of that state.
    Stream {
        /// The stream's place in the state.
        place: u8,
        /// What the links paid that were not proven before.
        amount: Balance,
    },
    /// All that was left, when the channel was over. If a transfer or a stream was the last to be
    /// decided, what it paid is in here, too.
    Rest {
        /// What each participant got, by position.
        amounts: Vec<Balance>,
    },
}

/// A channel as the chain has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// States below this version count no more.
    pub base_version: u64,
    /// All that is in the channel.
    pub deposit: Balance,
    /// Where it stands.
    pub phase: Phase,
}

/// Where a channel stands on chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Payments go on.
    Open,
    /// Somebody closes alone.
    Disputed {
        /// The newest version shown.
        version: u64,
        /// Answers count in blocks below this one.
        deadline: BlockNumber,
    },
    /// Balances are paid; what is conditional is being decided.
    Resolving {
        /// The version that is carried out.
        version: u64,
        /// Claims count before this block.
        until: BlockNumber,
    },
}

/// What became of a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is in a final block and did what it should.
    Final,
    /// It did not, and as it is it never will.
    Failed {
        /// Why.
        reason: String,
    },
}
