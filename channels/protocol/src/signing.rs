// SPDX-License-Identifier: Apache-2.0

//! Keys, and the pen that signs no version twice.

use crate::error::PenError;
use millrace_primitives_channels::Hash;
use polkadot_sdk::{
    sp_core::{Pair, ed25519, sr25519},
    sp_runtime::{MultiSignature, MultiSigner},
};

/// Something that signs channel states: a key in memory, a separate process, a hardware device.
pub trait Signer {
    /// The public key, as it stands in the channel's parameters.
    fn public_key(&self) -> MultiSigner;

    /// Signs 32 bytes that `millrace_primitives_channels::payload` computed.
    fn sign_state(&self, payload: &Hash) -> MultiSignature;
}

/// The recommended key for states: its signatures are deterministic, so that a run can be
/// replayed byte by byte, and it is faster than Schnorr's.
impl Signer for ed25519::Pair {
    fn public_key(&self) -> MultiSigner {
        self.public().into()
    }

    fn sign_state(&self, payload: &Hash) -> MultiSignature {
        self.sign(payload.as_bytes()).into()
    }
}

impl Signer for sr25519::Pair {
    fn public_key(&self) -> MultiSigner {
        self.public().into()
    }

    fn sign_state(&self, payload: &Hash) -> MultiSignature {
        self.sign(payload.as_bytes()).into()
    }
}

/// Signs states of one channel, each version once.
///
/// The machine never asks for a second state of one version. The pen refuses all the same, because
/// such a signature could cost everything (CP-1, checked a second time).
#[derive(Clone)]
pub struct Pen<S> {
    signer: S,
    newest: Option<(u64, Hash)>,
}

impl<S: Signer> Pen<S> {
    /// A pen that has signed nothing yet.
    pub fn new(signer: S) -> Self {
        Self { signer, newest: None }
    }

    /// The public key.
    pub fn public_key(&self) -> MultiSigner {
        self.signer.public_key()
    }

    /// Version of the newest state that was signed.
    pub fn newest(&self) -> Option<u64> {
        self.newest.map(|(version, _)| version)
    }

    /// Signs the state of `version` whose payload is `payload`.
    ///
    /// The same state may be signed again; another one of the same or a lower version may not.
    pub fn sign(&mut self, version: u64, payload: Hash) -> Result<MultiSignature, PenError> {
        if let Some((newest, signed)) = self.newest {
            if version < newest {
                return Err(PenError::OlderVersion { asked: version, newest });
            }
            if version == newest && payload != signed {
                return Err(PenError::SecondState { version, signed, asked: payload });
            }
        }
        self.newest = Some((version, payload));
        Ok(self.signer.sign_state(&payload))
    }

    /// Notes that a state with this key's signature exists, for example one that a peer returned
    /// after a restart.
    pub(crate) fn note(&mut self, version: u64, payload: Hash) {
        if self.newest.is_none_or(|(newest, _)| newest < version) {
            self.newest = Some((version, payload));
        }
    }
}
