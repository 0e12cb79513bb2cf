// SPDX-License-Identifier: Apache-2.0

//! What happens to a party, and what its owner has to do about it.

use crate::{
    agreement::CoSignedState,
    changes::{Change, Changes, StreamName},
    message::{Message, Proposal, Request, ResizeProposal, SignedResize},
    pulses::Pulse,
    recording::Snapshot,
};
use codec::{Decode, Encode};
use millrace_primitives_channels::{
    Balance, BlockNumber, Hash, MerkleProof, Resize, Stream, Transfer, resize::Deltas,
    stream::Link, transfer::Preimage,
};
use polkadot_sdk::sp_runtime::MultiSignature;

/// Something that happens to a party.
///
/// What the chain shows is told in the order of blocks: first everything that a block and those
/// below it show, then [`Event::Block`].
#[derive(Clone, Debug)]
pub enum Event {
    /// The party wants to pay.
    Pay {
        /// Position of who is paid.
        payee: u8,
        /// In the smallest unit of the channel's asset.
        amount: Balance,
    },
    /// The party wants to pay if a preimage is revealed in time.
    Offer {
        /// Position of who may be paid.
        payee: u8,
        /// In the smallest unit of the channel's asset.
        amount: Balance,
        /// SHA-256 of the preimage.
        hashlock: Hash,
        /// A reveal counts in blocks below this one.
        expiry: BlockNumber,
    },
    /// The party, payee of a transfer, learned its preimage.
    Fulfil {
        /// The transfer.
        id: u64,
        /// What opens its lock.
        preimage: Preimage,
    },
    /// The party, payee of a transfer, will not have its preimage.
    Fail {
        /// The transfer.
        id: u64,
    },
    /// The party wants to pay by links of a stream, whose root its generator has computed.
    OpenStream(Stream),
    /// The party wants to end a stream that it pays.
    FoldStream(StreamName),
    /// The party wants to change the channel's deposits.
    Resize {
        /// Who adds and who takes out how much.
        deltas: Deltas,
        /// The last block in which the chain takes it.
        valid_until: BlockNumber,
    },
    /// The owner agrees to a resize that [`Effect::NeedConsent`] showed.
    Consent {
        /// The version of the resize's state.
        version: u64,
        /// The account's signature under `resize_payload`, if this party adds funds; otherwise
        /// nothing, and the channel's signer signs.
        signature: Option<MultiSignature>,
    },
    /// The party wants to settle together.
    Close,
    /// The party wants to close alone. It may do so even when it may have forgotten newer states,
    /// but then risks half of its bond.
    ForceClose,
    /// A message came in over a connection that authenticates its sender.
    Received {
        /// Position of the sender.
        from: usize,
        /// What it sent.
        message: Box<Message>,
    },
    /// The connection is back, or an answer is overdue: find out who lacks what.
    Reconnected,
    /// The height of the newest final block.
    Block {
        /// Its height.
        number: BlockNumber,
    },
    /// The chain shows a preimage.
    Revealed {
        /// The preimage.
        preimage: Preimage,
        /// The block of its first reveal.
        at: BlockNumber,
    },
    /// The chain took a resize.
    Resized {
        /// The version of the channel's new base.
        version: u64,
        /// All that is in the channel now.
        deposit: Balance,
    },
    /// What the chain keeps of a base that [`Effect::NeedBase`] asked for.
    Base {
        /// The base's version.
        version: u64,
        /// The payload of its state: `state_payload`.
        digest: Hash,
    },
    /// The chain shows a dispute.
    Disputed {
        /// The newest version shown there.
        version: u64,
    },
    /// The chain concluded a dispute and paid the balances.
    Concluded {
        /// The version that it carries out.
        version: u64,
        /// Claims count before this block; nothing if nothing was conditional.
        until: Option<BlockNumber>,
    },
    /// The channel is gone from the chain.
    Over,
}

/// What the owner of a [`crate::Channel`] has to do, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Write this down durably before any later effect leaves the machine.
    Persist(Record),
    /// Send a message.
    Send {
        /// Position of the receiver.
        to: usize,
        /// What to send.
        message: Message,
    },
    /// A new state is agreed; its changes are made.
    Agreed {
        /// Its version.
        version: u64,
        /// What it changed; nothing if a peer handed over the state after a loss of memory.
        changes: Option<Changes>,
    },
    /// The channel ended before these changes could be made, or they are not possible any more.
    Unpaid(Vec<Change>),
    /// This party will be paid a transfer if it has its preimage in time: it may rely on that.
    Offered(Transfer),
    /// The payee of a transfer has shown its preimage: this party owes it, and may use the preimage
    /// elsewhere.
    Fulfilled {
        /// The transfer.
        transfer: Transfer,
        /// What opens its lock.
        preimage: Preimage,
    },
    /// A transfer that this party offered was given up; its amount is back.
    Returned(Transfer),
    /// A resize needs the owner's consent: answer by [`Event::Consent`], or let it lapse.
    NeedConsent(Resize),
    /// Submit `resize`; one party's submission is enough.
    SubmitResize(SignedResize),
    /// This party does not know the state of a base. Answer by [`Event::Base`] with the digest that the
    /// chain keeps: by that it believes whoever hands the state over. It comes again with each
    /// connection until then.
    NeedBase {
        /// The base's version.
        version: u64,
    },
    /// The chain has taken a resize: its state is the new base.
    Resized {
        /// The version of the base.
        version: u64,
    },
    /// The other party goes on without the resize that this one wanted.
    ResizeRefused {
        /// The version that it would have been.
        version: u64,
    },
    /// A resize was not taken in time; everything goes on as before.
    Lapsed {
        /// The version it would have had.
        version: u64,
    },
    /// Submit `settle` with this final state; one party's submission is enough.
    Settle(CoSignedState),
    /// Submit `answer` with this state, which is newer than the one in the dispute.
    Answer(CoSignedState),
    /// Submit `dispute` with this state: the party closes alone.
    Dispute(CoSignedState),
    /// Submit `reveal`, in time to be in a block below the expiry.
    Reveal {
        /// What to reveal.
        preimage: Preimage,
        /// It has to be in a block below this one.
        before: BlockNumber,
    },
    /// Submit `claim`.
    Claim {
        /// The transfer, whose preimage was revealed in time.
        transfer: Transfer,
        /// That it is behind the root.
        proof: MerkleProof,
    },
    /// Submit `refund`.
    Refund {
        /// The transfer, which expired.
        transfer: Transfer,
        /// That it is behind the root.
        proof: MerkleProof,
    },
    /// Submit `claim_stream`.
    ClaimStream {
        /// The stream's place in the state.
        position: u8,
        /// The deepest link that this party holds.
        link: Link,
        /// Its depth.
        depth: u32,
        /// That its chain's tip is behind the root.
        proof: MerkleProof,
    },
}

/// What has to survive a crash, in the order in which it was persisted.
///
/// [`crate::Channel::restore`] rebuilds the machine from all records of a channel, and
/// [`crate::Channel::snapshot`] replaces them by one.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Record {
    /// Everything at once; all earlier records may be thrown away.
    #[codec(index = 0)]
    Snapshot(Box<Snapshot>),
    /// This party asked another one to include changes, and will sign them in that version.
    #[codec(index = 1)]
    Asked(Request),
    /// This party signed this state, and must never sign another one of its version.
    #[codec(index = 2)]
    Signed(Proposal),
    /// Everybody signed this state.
    #[codec(index = 3)]
    Agreed(CoSignedState),
    /// The preimage of a transfer. A payee keeps it as its claim, a payer as its reason to pay.
    #[codec(index = 4)]
    Preimage {
        /// The transfer.
        id: u64,
        /// What opens its lock.
        preimage: Preimage,
    },
    /// The deepest link of a stream that this party is paid by.
    #[codec(index = 5)]
    Pulse {
        /// The stream.
        stream: StreamName,
        /// The link.
        pulse: Pulse,
    },
    /// This party signed this resize, with this signature, and signs nothing else until it is taken
    /// or void.
    #[codec(index = 6)]
    ResizeSigned(ResizeProposal),
    /// The resize is void.
    #[codec(index = 7)]
    Lapsed {
        /// The version it would have had.
        version: u64,
    },
    /// The chain has taken a resize. Earlier releases wrote it; a snapshot is written now.
    #[codec(index = 8)]
    Resized {
        /// The version of the channel's new base.
        version: u64,
        /// All that is in the channel now.
        deposit: Balance,
    },
    /// This party closes alone, and signs nothing any more.
    #[codec(index = 9)]
    ClosingAlone,
}
