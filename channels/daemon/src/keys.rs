// SPDX-License-Identifier: Apache-2.0

//! The keys that act for this party.

use core::fmt;
use millrace_channels_protocol::{Signer, StreamName};
use millrace_channels_routing::{NodeId, NodeSigner, OnionKey, names::NodeSignature};
use millrace_primitives_channels::{AccountId, ChannelId, Hash, Participant};
use polkadot_sdk::{
    sp_core::{Pair, ed25519, sr25519},
    sp_io::hashing::blake2_256,
    sp_runtime::{MultiSignature, MultiSigner},
};
use std::sync::Arc;

/// Tag of the seed of a stream's links.
const STREAM_SEED_TAG: &[u8] = b"millrace/stream-seed/1";

/// Something that signs for an account: it locks deposits.
pub trait AccountSigner: Send + Sync {
    /// The account.
    fn account(&self) -> AccountId;

    /// Signs 32 bytes that `millrace_primitives_channels::payload` computed.
    fn sign_consent(&self, payload: &Hash) -> MultiSignature;
}

impl AccountSigner for sr25519::Pair {
    fn account(&self) -> AccountId {
        self.public().into()
    }

    fn sign_consent(&self, payload: &Hash) -> MultiSignature {
        self.sign(payload.as_bytes()).into()
    }
}

impl AccountSigner for ed25519::Pair {
    fn account(&self) -> AccountId {
        self.public().into()
    }

    fn sign_consent(&self, payload: &Hash) -> MultiSignature {
        self.sign(payload.as_bytes()).into()
    }
}

/// The key that signs states. Channels share it, so that one more of them costs a pointer.
#[derive(Clone)]
pub struct ChannelKey(Arc<dyn Signer + Send + Sync>);

impl ChannelKey {
    /// Takes a key over.
    pub fn new(signer: impl Signer + Send + Sync + 'static) -> Self {
        Self(Arc::new(signer))
    }
}

impl Signer for ChannelKey {
    fn public_key(&self) -> MultiSigner {
        self.0.public_key()
    }

    fn sign_state(&self, payload: &Hash) -> MultiSignature {
        self.0.sign_state(payload)
    }
}

/// The key that names the node on the network.
#[derive(Clone)]
pub struct NodeKey(Arc<dyn NodeSigner + Send + Sync>);

impl NodeSigner for NodeKey {
    fn node(&self) -> NodeId {
        self.0.node()
    }

    fn sign_payload(&self, payload: &Hash) -> NodeSignature {
        self.0.sign_payload(payload)
    }
}

/// The keys for payments over several channels.
#[derive(Clone)]
pub struct RoutingKeys {
    /// Signs invoices, terms of forwarding, and the node's introduction.
    pub node: NodeKey,
    /// Reads packets.
    pub onion: Arc<OnionKey>,
}

/// All keys of one party.
#[derive(Clone)]
pub struct Keys {
    account: Arc<dyn AccountSigner>,
    signer: ChannelKey,
    streams: [u8; 32],
    routing: Option<RoutingKeys>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The public part only: a log is no place for a key.
        formatter.debug_tuple("Keys").field(&self.account.account()).finish()
    }
}

impl Keys {
    /// `account`: locks deposits. `signer`: signs states. `streams`: 32 secret bytes from which the
    /// links of streams are made; the same after every restart.
    pub fn new(
        account: impl AccountSigner + 'static,
        signer: impl Signer + Send + Sync + 'static,
        streams: [u8; 32],
    ) -> Self {
        let (account, signer) = (Arc::new(account), ChannelKey::new(signer));
        Self { account, signer, streams, routing: None }
    }

    /// With the keys for payments over several channels; without them this party neither forwards
    /// nor writes invoices. `node`: the key behind the node's name on the network.
    pub fn with_routing(
        mut self,
        node: impl NodeSigner + Send + Sync + 'static,
        onion: OnionKey,
    ) -> Self {
        self.routing = Some(RoutingKeys { node: NodeKey(Arc::new(node)), onion: Arc::new(onion) });
        self
    }

    /// The keys for payments over several channels, if there are any.
    pub fn routing(&self) -> Option<&RoutingKeys> {
        self.routing.as_ref()
    }

    /// This party as a channel's parameters name it.
    pub fn participant(&self) -> Participant {
        Participant { account: self.account.account(), signer: self.signer.public_key() }
    }

    /// The key that signs states.
    pub fn signer(&self) -> &ChannelKey {
        &self.signer
    }

    /// The account's signature.
    pub fn sign_consent(&self, payload: &Hash) -> MultiSignature {
        self.account.sign_consent(payload)
    }

    /// The seed of a stream's links. It can be made again after a restart.
    pub fn stream_seed(&self, channel: &ChannelId, name: StreamName) -> [u8; 32] {
        let place = (channel, name.payer, name.payee, name.epoch);
        let place = codec::Encode::encode(&place);
        blake2_256(&[STREAM_SEED_TAG, &self.streams, &place].concat())
    }
}
