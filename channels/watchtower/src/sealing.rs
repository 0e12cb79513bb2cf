// SPDX-License-Identifier: Apache-2.0

//! How an appointment is hidden until its channel is disputed.
//!
//! A tower of the Lightning Network keeps one sealed answer per old state, under a key made of the
//! transaction that would publish that state. Here the newest state answers every older one, so one
//! sealed answer per channel is enough. But a dispute reveals little: a cheat may show the opening
//! state, which everybody knows, so all that a dispute adds to what the chain has shown before is
//! *which* channel is disputed. Key and locator are therefore made of the channel's id, and since ids
//! of open channels are public, they are made slowly:
//!
//! ```text
//! secret  = Argon2id(channel id; salt = blake2_256("millrace/tower/salt/1" ++ genesis ++ tower))
//! locator = blake2_256("millrace/tower/locator/1" ++ secret)
//! key     = blake2_256("millrace/tower/key/1" ++ secret)
//! ```
//!
//! An honest tower pays for one secret per dispute, a client for one per channel. A tower that wants
//! to know whom it guards pays for one per channel of the chain, and whoever steals its disk as well.
//! That is a price and not a proof: `docs/operating/watchtower.md` says what it does not hide.
//!
//! Source of the slow hash: RFC 9106. Of the seal: draft-irtf-cfrg-xchacha-03, with random nonces.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use codec::{Decode, Encode};
use millrace_primitives_channels::{ChannelId, ChannelState, Hash, state::Signatures};
use polkadot_sdk::sp_io::hashing::blake2_256;
use thiserror::Error;
use zeroize::Zeroizing;

const SALT_TAG: &[u8] = b"millrace/tower/salt/1";
const LOCATOR_TAG: &[u8] = b"millrace/tower/locator/1";
const KEY_TAG: &[u8] = b"millrace/tower/key/1";
const COMMITMENT_TAG: &[u8] = b"millrace/tower/commitment/1";

/// Sizes to which answers are filled up, in bytes, so that their length tells little.
const SIZES: [usize; 4] = [512, 1_024, 2_048, 4_096];

const NONCE_BYTES: usize = 24;
const TAG_BYTES: usize = 16;

/// The largest sealed answer, in bytes.
pub const MAX_BLOB_BYTES: usize = 4_096 + NONCE_BYTES + TAG_BYTES;

/// Where an appointment is found. Says nothing about the channel to whoever does not work for it.
pub type Locator = Hash;

/// A tower's public key: ed25519.
pub type TowerId = [u8; 32];

/// What making a secret costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Work {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over that memory.
    pub passes: u32,
}

impl Work {
    /// 64 MiB, three passes: the second recommendation of RFC 9106 with one lane.
    pub const RECOMMENDED: Self = Self { memory_kib: 64 * 1024, passes: 3 };

    /// The least that Argon2 takes. For tests: it hides nothing.
    pub const LEAST: Self = Self { memory_kib: 8, passes: 1 };

    /// A client does no more work than this, whatever a tower asks for: 256 MiB, ten passes.
    pub const MOST: Self = Self { memory_kib: 256 * 1024, passes: 10 };
}

/// What both sides have to agree on to find the same secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Place {
    /// Genesis hash of the chain.
    pub genesis: Hash,
    /// The tower.
    pub tower: TowerId,
    /// What a secret costs there.
    pub work: Work,
}

/// The newest state of a channel, as an answer to a dispute needs it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Answer {
    /// The state.
    pub state: ChannelState,
    /// Everybody's signatures under it.
    pub signatures: Signatures,
}

/// Why something cannot be sealed.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SealError {
    /// The tower asks for impossible or excessive work.
    #[error(
        "a secret is to cost {memory_kib} KiB and {passes} passes, which is not possible or too \
         much\n  Use another tower."
    )]
    Work {
        /// Memory, in KiB.
        memory_kib: u32,
        /// Passes.
        passes: u32,
    },
    /// The machine has too little memory.
    #[error(
        "cannot make the secret of a channel: {0}\n  It needs the memory that the tower asks for."
    )]
    Secret(String),
    /// The answer is larger than any that the chain would take.
    #[error("an answer of {0} bytes does not fit into {max} bytes", max = SIZES[SIZES.len() - 1])]
    TooLarge(usize),
    /// The system has no randomness.
    #[error("the system gives no random bytes: {0}")]
    NoRandomness(String),
    /// It does not open, or not to an answer.
    #[error("the appointment does not open: it was sealed for another channel, tower or chain")]
    Unopenable,
}

/// What locator and key of one channel at one tower are made of.
pub struct ChannelSecret(Zeroizing<[u8; 32]>);

impl ChannelSecret {
    /// Does the work. Takes as long as [`Place::work`] says: about half a second, as recommended, so
    /// not in a task that others wait for.
    pub fn derive(place: &Place, channel: &ChannelId) -> Result<Self, SealError> {
        let Work { memory_kib, passes } = place.work;
        let refusal = SealError::Work { memory_kib, passes };
        if memory_kib > Work::MOST.memory_kib || passes > Work::MOST.passes {
            return Err(refusal);
        }
        let params = Params::new(memory_kib, passes, 1, Some(32)).map_err(|_| refusal)?;
        let salt = tagged(SALT_TAG, &[place.genesis.as_bytes(), &place.tower]);
        let mut secret = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(channel.as_bytes(), &salt, secret.as_mut_slice())
            .map_err(|error| SealError::Secret(error.to_string()))?;
        Ok(Self(secret))
    }

    /// Where the channel's appointment is found.
    pub fn locator(&self) -> Locator {
        Hash::from(tagged(LOCATOR_TAG, &[self.0.as_slice()]))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        let key = Zeroizing::new(tagged(KEY_TAG, &[self.0.as_slice()]));
        XChaCha20Poly1305::new((&*key).into())
    }

    /// Seals an answer: 24 bytes of nonce, then the ciphertext. Only its size class shows.
    pub fn seal(&self, answer: &Answer) -> Result<Vec<u8>, SealError> {
        let mut plain = Zeroizing::new(answer.encode());
        let bytes = plain.len();
        let size = SIZES.into_iter().find(|size| *size >= bytes);
        plain.resize(size.ok_or(SealError::TooLarge(bytes))?, 0);
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|error| SealError::NoRandomness(error.to_string()))?;
        let locator = self.locator();
        let payload = Payload { msg: plain.as_slice(), aad: locator.as_bytes() };
        let sealed = self
            .cipher()
            .encrypt(XNonce::from_slice(&nonce), payload)
            .map_err(|_| SealError::TooLarge(bytes))?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Opens what [`ChannelSecret::seal`] has sealed for this channel. Whether the chain would take
    /// the answer is not said by that.
    pub fn open(&self, blob: &[u8]) -> Result<Answer, SealError> {
        let (nonce, sealed) = blob.split_at_checked(NONCE_BYTES).ok_or(SealError::Unopenable)?;
        let locator = self.locator();
        let payload = Payload { msg: sealed, aad: locator.as_bytes() };
        let plain = self
            .cipher()
            .decrypt(XNonce::from_slice(nonce), payload)
            .map_err(|_| SealError::Unopenable)?;
        let rest = &mut plain.as_slice();
        let answer = Answer::decode(rest).map_err(|_| SealError::Unopenable)?;
        let is_filled_up = rest.iter().all(|byte| *byte == 0);
        if is_filled_up { Ok(answer) } else { Err(SealError::Unopenable) }
    }
}

/// What a receipt says about the version: a hash of the sealed answer. It hides the version until
/// somebody shows the channel's id, and binds the tower to it from then on, because locator and key
/// follow from that id alone.
pub fn commitment(blob: &[u8]) -> Hash {
    Hash::from(tagged(COMMITMENT_TAG, &[blob]))
}

fn tagged(tag: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut bytes = Zeroizing::new(tag.to_vec());
    for part in parts {
        bytes.extend_from_slice(part);
    }
    blake2_256(&bytes)
}
