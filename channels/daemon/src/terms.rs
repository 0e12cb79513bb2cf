// SPDX-License-Identifier: Apache-2.0

//! What a node knows about a channel beside its states: the terms, the peers, and how far its
//! opening has come. Written down before anything about it leaves.

use crate::peer::Peer;
use codec::{Decode, Encode};
use millrace_channels_protocol::{Agreement, AgreementError};
use millrace_primitives_channels::{
    ChannelId, ChannelParams, Hash, channel_id, params::Amounts, state::Signatures,
};
use polkadot_sdk::sp_runtime::MultiSignature;

/// A channel's terms, as they are written down.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Terms {
    /// Participants, challenge window and the rest.
    pub params: ChannelParams,
    /// What each participant deposited at the opening.
    pub deposits: Amounts,
    /// This party's position.
    pub position: u8,
    /// Where each participant is reached, by position; this party's own node in its place.
    pub peers: Vec<Peer>,
    /// How far the opening has come.
    pub stage: Stage,
}

/// How far an opening has come.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Stage {
    /// This party proposed it. Its own consent never leaves before the submission.
    #[codec(index = 0)]
    Proposed,
    /// This party agreed to the other one's proposal, by this signature. The other one submits it.
    #[codec(index = 1)]
    Accepted {
        /// This party's consent.
        consent: MultiSignature,
    },
    /// Everybody agreed, and this party submits it.
    #[codec(index = 2)]
    Submitted {
        /// Everybody's consent.
        consents: Signatures,
    },
    /// It is open, finally.
    #[codec(index = 3)]
    Open,
}

impl Terms {
    /// The channel's id on the chain with this genesis hash.
    pub fn id(&self, genesis: &Hash) -> ChannelId {
        channel_id(genesis, &self.params)
    }

    /// The terms in their verified form.
    pub fn agreement(&self, genesis: &Hash) -> Result<Agreement, AgreementError> {
        Agreement::verify(*genesis, self.params.clone(), self.deposits.clone())
    }

    /// The position of a peer, if it is another participant's node.
    pub fn position_of(&self, peer: &Peer) -> Option<usize> {
        let me = usize::from(self.position);
        self.peers.iter().enumerate().find(|(at, it)| *at != me && *it == peer).map(|(at, _)| at)
    }

    /// The nodes of everybody else.
    pub fn others(&self) -> impl Iterator<Item = Peer> + '_ {
        let me = usize::from(self.position);
        self.peers.iter().enumerate().filter(move |(at, _)| *at != me).map(|(_, peer)| *peer)
    }

    /// The position of the only other participant; nothing if there are several.
    pub fn counterpart(&self) -> Option<u8> {
        (self.params.participants.len() == 2).then(|| 1_u8.saturating_sub(self.position))
    }
}
