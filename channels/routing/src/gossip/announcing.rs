// SPDX-License-Identifier: Apache-2.0

//! That a channel exists: signed by both ends, proven by the chain.
//!
//! An announcement carries the channel's parameters, whose digest is its id. So whoever reads it
//! knows the keys that must have signed without asking anybody, and one question to the chain
//! proves the rest: is a channel with this id open, and how much is in it? That deposit is what a
//! place in everybody's graph costs.

use crate::names::{CHANNEL_ANNOUNCEMENT_TAG, NodeId, NodeSignature, NodeSigner, digest};
use codec::{Decode, Encode};
use millrace_primitives_channels::{
    Balance, BlockNumber, ChannelAsset, ChannelId, ChannelParams, Hash, ParamsError, Participant,
    api::{ChannelView, PhaseView},
    channel_id, verify_signer,
};
use polkadot_sdk::sp_runtime::MultiSignature;
use thiserror::Error;

/// What all four keys sign.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Claim {
    /// The channel's parameters, with two participants.
    pub params: ChannelParams,
    /// The node of each participant, in their order.
    pub nodes: [NodeId; 2],
}

impl Claim {
    /// What both participants' signers and both nodes sign.
    pub fn payload(&self, genesis: &Hash) -> Hash {
        digest(CHANNEL_ANNOUNCEMENT_TAG, genesis, self)
    }

    /// Signs as a node. The channel's signer signs [`Claim::payload`] as it signs states.
    pub fn sign(&self, genesis: &Hash, node: &impl NodeSigner) -> NodeSignature {
        node.sign_payload(&self.payload(genesis))
    }
}

/// Announces a channel, as it travels.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ChannelAnnouncement {
    /// What is announced.
    pub claim: Claim,
    /// By the participants' signers: these two agree to be announced, as the ends of this channel.
    pub channel_signatures: [MultiSignature; 2],
    /// By the nodes' keys: nobody announces a channel in another node's name.
    pub node_signatures: [NodeSignature; 2],
}

/// Why an announcement is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AnnouncementError {
    /// Only channels of two participants can be announced.
    #[error("a channel of {participants} participants cannot be announced: it takes two")]
    NotTwoParticipants {
        /// How many it has.
        participants: usize,
    },
    /// The parameters break a rule of channels.
    #[error("the parameters break a rule of channels: {0:?}")]
    BadParams(ParamsError),
    /// Both ends are one node.
    #[error("both ends are node {node}: such a channel leads nowhere")]
    SameNode {
        /// That node.
        node: NodeId,
    },
    /// A signature does not fit.
    #[error("the {of} at position {position} did not sign: ask it, or drop the announcement")]
    BadSignature {
        /// Whose signature it should be.
        of: &'static str,
        /// Position of the participant.
        position: usize,
    },
    /// The chain knows another channel.
    #[error("the chain was asked about channel {asked:?}, and this is {announced:?}")]
    OtherChannel {
        /// The channel of the facts.
        asked: ChannelId,
        /// The channel of the announcement.
        announced: ChannelId,
    },
    /// The channel is disputed or resolving.
    #[error("channel {channel:?} is being closed at block {at}: nothing can be paid over it")]
    NotOpen {
        /// The channel.
        channel: ChannelId,
        /// The block that was asked.
        at: BlockNumber,
    },
}

/// What the chain says about a channel, at a final block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelFacts {
    /// The channel.
    pub channel: ChannelId,
    /// All that is in it, in the smallest unit of its asset.
    pub deposit: Balance,
    /// The block that opened it.
    pub opened_at: BlockNumber,
    /// The block that was asked.
    pub at: BlockNumber,
    /// It is neither disputed nor resolving.
    pub is_open: bool,
}

impl From<&ChannelView> for ChannelFacts {
    fn from(view: &ChannelView) -> Self {
        Self {
            channel: view.id,
            deposit: view.deposit,
            opened_at: view.opened_at,
            at: view.at,
            is_open: matches!(view.phase, PhaseView::Open),
        }
    }
}

impl ChannelAnnouncement {
    /// Checks all that can be checked without the chain.
    pub fn verify(self, genesis: &Hash) -> Result<SignedChannel, AnnouncementError> {
        let Claim { params, nodes: [first, second] } = &self.claim;
        let participants: [&Participant; 2] = match params.participants.as_slice() {
            [one, other] => [one, other],
            more => {
                return Err(AnnouncementError::NotTwoParticipants { participants: more.len() });
            }
        };
        params.verify().map_err(AnnouncementError::BadParams)?;
        if first == second {
            return Err(AnnouncementError::SameNode { node: *first });
        }
        let payload = self.claim.payload(genesis);
        let of_channel = participants.iter().zip(&self.channel_signatures);
        for (position, (participant, signature)) in of_channel.enumerate() {
            if !verify_signer(signature, &participant.signer, &payload) {
                return Err(AnnouncementError::BadSignature { of: "channel signer", position });
            }
        }
        let of_nodes = self.claim.nodes.iter().zip(&self.node_signatures);
        for (position, (node, signature)) in of_nodes.enumerate() {
            if !node.signed(&payload, signature) {
                return Err(AnnouncementError::BadSignature { of: "node", position });
            }
        }
        let id = channel_id(genesis, params);
        Ok(SignedChannel { id, announcement: self })
    }
}

/// An announcement whose signatures fit; whether there is such a channel only the chain knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedChannel {
    id: ChannelId,
    announcement: ChannelAnnouncement,
}

impl SignedChannel {
    /// The channel's id.
    pub fn id(&self) -> ChannelId {
        self.id
    }

    /// What it is denominated in.
    pub fn asset(&self) -> ChannelAsset {
        self.announcement.claim.params.asset
    }

    /// The node of each participant, in their order.
    pub fn nodes(&self) -> [NodeId; 2] {
        self.announcement.claim.nodes
    }

    /// Takes the chain's word for it.
    pub fn proven(self, facts: &ChannelFacts) -> Result<ValidatedChannel, AnnouncementError> {
        if facts.channel != self.id {
            let (asked, announced) = (facts.channel, self.id);
            return Err(AnnouncementError::OtherChannel { asked, announced });
        }
        if !facts.is_open {
            return Err(AnnouncementError::NotOpen { channel: self.id, at: facts.at });
        }
        Ok(ValidatedChannel {
            id: self.id,
            deposit: facts.deposit,
            opened_at: facts.opened_at,
            announcement: self.announcement,
        })
    }
}

/// A channel that both ends announce and the chain knows (RO-1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidatedChannel {
    pub(crate) id: ChannelId,
    pub(crate) deposit: Balance,
    pub(crate) opened_at: BlockNumber,
    announcement: ChannelAnnouncement,
}

impl ValidatedChannel {
    /// The channel's id.
    pub fn id(&self) -> ChannelId {
        self.id
    }

    /// All that is in it, in the smallest unit of its asset.
    pub fn deposit(&self) -> Balance {
        self.deposit
    }

    /// The block that opened it.
    pub fn opened_at(&self) -> BlockNumber {
        self.opened_at
    }

    /// What it is denominated in.
    pub fn asset(&self) -> ChannelAsset {
        self.announcement.claim.params.asset
    }

    /// The node of each participant, in their order.
    pub fn nodes(&self) -> [NodeId; 2] {
        self.announcement.claim.nodes
    }

    /// The announcement, to be passed on.
    pub fn announcement(&self) -> &ChannelAnnouncement {
        &self.announcement
    }
}
