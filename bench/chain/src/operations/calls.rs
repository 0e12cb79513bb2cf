// SPDX-License-Identifier: Apache-2.0

//! The calls of channels, as bytes.

use super::channel::{Channel, Conditions, account};
use crate::chain::Chain;
use codec::Encode;
use millrace_primitives_channels::{ChannelId, ChannelState, transfer::Preimage};

/// Where the calls are, on one chain.
pub struct Calls {
    open: [u8; 2],
    settle: [u8; 2],
    dispute: [u8; 2],
    answer: [u8; 2],
    conclude: [u8; 2],
    reveal: [u8; 2],
    claim: [u8; 2],
    refund: [u8; 2],
    claim_stream: [u8; 2],
}

impl Calls {
    /// Finds them.
    /// Errors: the chain has no channels, or others.
    pub fn find(chain: &Chain) -> anyhow::Result<Self> {
        let call = |name| chain.call("Channels", name);
        Ok(Self {
            open: call("open")?,
            settle: call("settle")?,
            dispute: call("dispute")?,
            answer: call("answer")?,
            conclude: call("conclude")?,
            reveal: call("reveal")?,
            claim: call("claim")?,
            refund: call("refund")?,
            claim_stream: call("claim_stream")?,
        })
    }

    /// Opens a channel; sent by the one who opens it.
    pub fn open(&self, channel: &Channel<'_>) -> Vec<u8> {
        (self.open, &channel.params, channel.deposits(), channel.consent()).encode()
    }

    /// Settles a channel by a final state; sent by the one who opened it.
    pub fn settle(&self, channel: &Channel<'_>, state: &ChannelState) -> Vec<u8> {
        (self.settle, state, channel.signed_by_other(state)).encode()
    }

    /// Disputes a channel with a state that both have signed.
    pub fn dispute(&self, channel: &Channel<'_>, state: &ChannelState) -> Vec<u8> {
        (self.dispute, state, channel.signed(state)).encode()
    }

    /// Answers with a state that both have signed; sent by the one who did not open the channel.
    pub fn answer(&self, channel: &Channel<'_>, state: &ChannelState) -> Vec<u8> {
        let reward_to = account(channel.parties.1);
        (self.answer, state, channel.signed(state), reward_to).encode()
    }

    /// Concludes a dispute.
    pub fn conclude(&self, channel: &ChannelId) -> Vec<u8> {
        (self.conclude, channel).encode()
    }

    /// Reveals a preimage.
    pub fn reveal(&self, preimage: &Preimage) -> Vec<u8> {
        (self.reveal, preimage).encode()
    }

    /// Claims the transfer at this place; nothing if there is none.
    pub fn claim(&self, id: &ChannelId, conditions: &Conditions, index: u32) -> Option<Vec<u8>> {
        let (transfer, proof) = conditions.transfer(index)?;
        Some((self.claim, id, transfer, proof).encode())
    }

    /// Gives the transfer at this place back; nothing if there is none.
    pub fn refund(&self, id: &ChannelId, conditions: &Conditions, index: u32) -> Option<Vec<u8>> {
        let (transfer, proof) = conditions.transfer(index)?;
        Some((self.refund, id, transfer, proof).encode())
    }

    /// Claims all of the stream's chains up to this one; nothing if it has no such chain.
    pub fn claim_stream(
        &self,
        id: &ChannelId,
        conditions: &Conditions,
        chain: u32,
    ) -> Option<Vec<u8>> {
        let (link, depth, proof) = conditions.link(chain)?;
        Some((self.claim_stream, id, 0u8, link, depth, proof).encode())
    }
}
