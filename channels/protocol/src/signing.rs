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
    /// The resize that is signed, by version and payload.
    resize: Option<(u64, Hash)>,
}

impl<S: Signer> Pen<S> {
    /// A pen that has signed nothing yet.
    pub fn new(signer: S) -> Self {
        Self { signer, newest: None, resize: None }
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
    /// The same state may be signed again; another one of the same or a lower version may not, and
    /// none while a resize is signed.
    pub fn sign(&mut self, version: u64, payload: Hash) -> Result<MultiSignature, PenError> {
        if let Some((resize, _)) = self.resize {
            return Err(PenError::ResizeSigned { asked: version, resize });
        }
        self.verify_unsigned(version, payload)?;
        self.newest = Some((version, payload));
        Ok(self.signer.sign_state(&payload))
    }

    /// Signs a resize to `version` whose payload is `payload`, and no state from then on until
    /// [`Pen::forget_resize`].
    pub(crate) fn sign_resize(
        &mut self,
        version: u64,
        payload: Hash,
    ) -> Result<MultiSignature, PenError> {
        self.note_resize(version, payload)?;
        Ok(self.signer.sign_state(&payload))
    }

    /// As [`Pen::sign_resize`] if another key, that of the account, signs.
    pub(crate) fn note_resize(&mut self, version: u64, payload: Hash) -> Result<(), PenError> {
        if let Some((newest, _)) = self.newest.filter(|(newest, _)| *newest >= version) {
            return Err(PenError::OlderVersion { asked: version, newest });
        }
        if let Some((resize, signed)) = self.resize
            && signed != payload
        {
            return Err(PenError::ResizeSigned { asked: version, resize });
        }
        self.resize = Some((version, payload));
        Ok(())
    }

    /// The resize is void or was taken.
    pub(crate) fn forget_resize(&mut self) {
        self.resize = None;
    }

    /// Version of the resize that is signed.
    pub fn resize(&self) -> Option<u64> {
        self.resize.map(|(version, _)| version)
    }

    /// Payload of the newest state that was signed, and its version.
    pub(crate) fn signed(&self) -> Option<(u64, Hash)> {
        self.newest
    }

    /// Whether a state of `version` with this payload could be signed without contradiction.
    pub(crate) fn verify_unsigned(&self, version: u64, payload: Hash) -> Result<(), PenError> {
        match self.newest {
            Some((newest, _)) if version < newest => {
                Err(PenError::OlderVersion { asked: version, newest })
            }
            Some((newest, signed)) if version == newest && payload != signed => {
                Err(PenError::SecondState { version, signed, asked: payload })
            }
            _ => Ok(()),
        }
    }

    /// Notes that a state with this key's signature exists, for example one that a peer returned
    /// after a restart.
    pub(crate) fn note(&mut self, version: u64, payload: Hash) {
        if self.newest.is_none_or(|(newest, _)| newest < version) {
            self.newest = Some((version, payload));
        }
    }
}
