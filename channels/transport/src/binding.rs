// SPDX-License-Identifier: Apache-2.0

//! Proves that a channel's signer is behind a node key.
//!
//! The connection proves who holds a node key. Which participant of which channel that is, the
//! channel's signer says by its signature under [`binding_payload`]. The payload names the chain, the
//! channel and the node, so that what was signed for one of them means nothing for another.
//!
//! A binding does not expire and cannot be taken back: as long as a thief of the node key is not
//! locked out by a new binding that peers prefer, they talk to the thief. It still cannot sign states.

use codec::{Decode, Encode, MaxEncodedLen};
use libp2p::PeerId;
use millrace_primitives_channels::{ChannelId, Hash, verify_signer};
use polkadot_sdk::{
    sp_io::hashing::blake2_256,
    sp_runtime::{MultiSignature, MultiSigner},
};

/// Tag of the consent to be reached at a node.
pub const PEER_TAG: &[u8] = b"millrace/peer/1";

/// What a channel's **signer** key signs to say that it is reached at `peer`:
/// `blake2_256(tag ++ genesis ++ SCALE((channel, bytes of the peer id)))`.
pub fn binding_payload(genesis: &Hash, channel: &ChannelId, peer: &PeerId) -> Hash {
    payload_for(genesis, channel, &peer.to_bytes())
}

/// As [`binding_payload`], for whoever has the bytes of the peer id alone.
pub fn payload_for(genesis: &Hash, channel: &ChannelId, peer_id: &[u8]) -> Hash {
    let mut bytes = PEER_TAG.to_vec();
    bytes.extend_from_slice(genesis.as_bytes());
    (channel, peer_id).encode_to(&mut bytes);
    Hash::from(blake2_256(&bytes))
}

/// What a party sends after it has connected: a channel and its signer's consent.
///
/// It is the same bytes for every connection, so that a device that signs rarely signs it once.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
pub struct Binding {
    /// Whose participant the sender is.
    pub channel: ChannelId,
    /// The signer's signature under [`binding_payload`].
    pub signature: MultiSignature,
}

impl Binding {
    /// Whether `signer`, a participant's key in the channel's parameters, consents to be reached at
    /// `peer` on the chain with this genesis.
    ///
    /// `peer` has to be the one that the connection authenticated, never one that a message names.
    /// The caller looks up `signer` by [`Binding::channel`].
    ///
    /// Errors: [`BindingError::NotTheSigner`]: the peer is not who it says; take no message of the
    /// channel from it.
    pub fn verify(
        &self,
        genesis: &Hash,
        signer: &MultiSigner,
        peer: &PeerId,
    ) -> Result<(), BindingError> {
        let payload = binding_payload(genesis, &self.channel, peer);
        if verify_signer(&self.signature, signer, &payload) {
            Ok(())
        } else {
            Err(BindingError::NotTheSigner { channel: self.channel, peer: *peer })
        }
    }
}

/// Why a binding is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BindingError {
    /// The signature is another key's, or was made for another chain, channel or node.
    #[error(
        "{peer} does not prove that it speaks for a participant of channel {channel:?}: its \
         signature is another key's, or was made for another chain, channel or node; \
         take none of the channel's messages from it"
    )]
    NotTheSigner {
        /// The channel.
        channel: ChannelId,
        /// Who sent the binding.
        peer: PeerId,
    },
}
