// SPDX-License-Identifier: Apache-2.0

//! What a message claims to be signed, for whoever verifies the signatures of many messages at once.
//!
//! A signature costs more than everything else that a message brings. A node with many channels has
//! many messages before it at a time, and all of their signatures together cost much less than one
//! by one. The machine says which signature a message stands on ([`Channel::claim`]), its owner finds
//! out which are valid in whatever way it likes, and hands message and claim over
//! ([`Channel::receive_verified`]). The machine compares the claim with what it would have verified,
//! and verifies by itself if they differ in anything: a claim that was made too early costs time and
//! nothing else.

use crate::{channel::Channel, message::Message, signing::Signer};
use millrace_primitives_channels::Hash;
use polkadot_sdk::sp_runtime::{MultiSignature, MultiSigner};

/// How far ahead of the agreed version a message may be to be claimed for: the next version, and the
/// one after it, whose proposal travels along with the acceptance of the next one.
const AHEAD: u64 = 2;

/// That a key has signed 32 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The key.
    pub signer: MultiSigner,
    /// What it is said to have signed.
    pub payload: Hash,
    /// By which signature.
    pub signature: MultiSignature,
}

impl Claim {
    /// Whether it is about just this.
    pub(crate) fn says(
        &self,
        signer: &MultiSigner,
        payload: &Hash,
        signature: &MultiSignature,
    ) -> bool {
        self.payload == *payload && self.signature == *signature && self.signer == *signer
    }
}

impl<S: Signer> Channel<S> {
    /// The signature that [`Channel::receive`] verifies when it gets this message, now or after those
    /// that came before it; nothing if it verifies none, or if that cannot be said yet.
    pub fn claim(&self, from: usize, message: &Message) -> Option<Claim> {
        let (payload, signature) = match message {
            Message::Proposal(proposal) => {
                let ahead = proposal.state.version.checked_sub(self.agreed.version())?;
                if !(1..=AHEAD).contains(&ahead) {
                    return None;
                }
                (self.agreement.state_payload(&proposal.state), &proposal.signature)
            }
            Message::Acceptance(acceptance) => {
                let half = self.in_flight.as_ref()?;
                if half.state.version != acceptance.version {
                    return None;
                }
                (half.payload, &acceptance.signature)
            }
            _ => return None,
        };
        let signer = self.agreement.signer(from)?.clone();
        Some(Claim { signer, payload, signature: signature.clone() })
    }
}
