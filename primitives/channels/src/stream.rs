// SPDX-License-Identifier: Apache-2.0

//! Pulses: payments by hash links, millions of them behind one signature.
//!
//! The payer makes `chains` hash chains of `links` steps each and commits to the Merkle root of
//! their tips in a co-signed state ([`crate::Stream`]). It pays one unit by showing the next link:
//! the links of chain 0 from the tip inwards, then those of chain 1, and so on. Link `j` of chain
//! `i`, counted from 1 at the tip's side, proves `i × links + j` units, because whoever hashes it `j`
//! times arrives at tip `i`.
//!
//! Source: PayWord (Rivest and Shamir, 1996), with the tips in a Merkle tree so that a claim needs
//! at most `links` steps and one proof.

use crate::{ChannelId, Hash, Stream, merkle, merkle::MerkleProof};
use alloc::vec::Vec;
use codec::Encode;
use polkadot_sdk::sp_io::hashing::{blake2_256, sha2_256};

/// Tag of a link's salt.
pub const STREAM_TAG: &[u8] = b"millrace/stream/1";
/// Tag of a tip's leaf.
pub const TIP_TAG: &[u8] = b"millrace/tip/1";

/// A link of a chain, or its tip.
pub type Link = [u8; 32];

/// What tells a stream's links from those of every other stream, so that work on one helps with
/// none of the others.
pub type Salt = [u8; 16];

/// The salt of a stream: the first half of
/// `blake2_256("millrace/stream/1" ++ genesis ++ SCALE(channel, payer, payee, epoch))`.
pub fn salt(genesis: &Hash, channel: &ChannelId, payer: u8, payee: u8, epoch: u32) -> Salt {
    let mut bytes = STREAM_TAG.to_vec();
    bytes.extend_from_slice(genesis.as_bytes());
    (channel, payer, payee, epoch).encode_to(&mut bytes);
    let mut salt = Salt::default();
    salt.copy_from_slice(&blake2_256(&bytes)[..16]);
    salt
}

/// One step towards the tip: `sha2_256(salt ++ link)`, which is a single block of the hash function.
pub fn step(salt: &Salt, link: &Link) -> Link {
    let mut block = [0; 48];
    block[..16].copy_from_slice(salt);
    block[16..].copy_from_slice(link);
    sha2_256(&block)
}

/// `count` steps from `link`.
pub fn steps(salt: &Salt, link: Link, count: u32) -> Link {
    (0..count).fold(link, |link, _| step(salt, &link))
}

/// The bytes of a tip's leaf.
fn leaf(tip: &Link) -> Vec<u8> {
    [TIP_TAG, tip].concat()
}

/// Root over the tips of all chains.
pub fn root(tips: &[Link]) -> Hash {
    merkle::root(&tips.iter().map(leaf).collect::<Vec<_>>())
}

/// Proof for the tip of the chain at `index`; nothing if there is none.
pub fn proof(tips: &[Link], index: u32) -> Option<MerkleProof> {
    merkle::proof(&tips.iter().map(leaf).collect::<Vec<_>>(), index)
}

/// The units that `link` proves as link `depth` (from 1) of the chain at the proof's place; nothing
/// if it is none of the stream's links.
///
/// Does at most [`Stream::links`] steps.
pub fn proven_units(
    stream: &Stream,
    salt: &Salt,
    link: Link,
    depth: u32,
    proof: &MerkleProof,
) -> Option<u64> {
    if depth == 0 || depth > stream.links || proof.index >= stream.chains {
        return None;
    }
    let tip = steps(salt, link, depth);
    let is_tip = merkle::verify(&stream.root, stream.chains, proof, &leaf(&tip));
    let before = u64::from(proof.index).checked_mul(stream.links.into())?;
    if is_tip { before.checked_add(depth.into()) } else { None }
}
