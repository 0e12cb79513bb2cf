// SPDX-License-Identifier: Apache-2.0

//! Hash links: how a payer makes them, and how a payee checks them.
//!
//! Source: PayWord (Rivest and Shamir, 1996), as [`millrace_primitives_channels::stream`] explains.
//! A payment costs the payee one hash, and one Merkle path a chain: 1.22 hashes on average for
//! chains of 64 links. Memory is bounded on both sides: the payer keeps 64 bytes a chain and the
//! links of one chain, 1 MiB and 2 KiB for 2¹⁴ chains of 64 links; the payee keeps one link and one
//! path of at most 16 hashes.

use crate::{changes::StreamName, error::StreamError, tree::Tree};
use codec::{Decode, Encode};
use millrace_primitives_channels::{
    Balance, ChannelId, Hash, MerkleProof, Stream,
    state::MAX_STREAM_LINKS,
    stream::{Link, Salt, TIP_TAG, proven_units, salt, step, steps},
};
use polkadot_sdk::{sp_core::ConstU32, sp_io::hashing::blake2_256, sp_runtime::BoundedVec};
use std::ops::Range;

/// Tag of the innermost link of a chain, which nobody else may be able to compute.
const SECRET_TAG: &[u8] = b"millrace/link/1";

/// Links of one chain, one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Pulse {
    /// Which chain, from 0.
    pub chain: u32,
    /// Depth of the first link, from 1 at the tip's side.
    pub depth: u32,
    /// The links, from the tip inwards; at least one. Each pays one unit.
    pub links: BoundedVec<Link, ConstU32<MAX_STREAM_LINKS>>,
    /// That the chain's tip is behind the stream's root. The first links of a chain need it.
    pub proof: Option<MerkleProof>,
}

impl Pulse {
    /// How many units of `stream` the last of the links proves, if they are what they claim to be.
    pub fn units(&self, stream: &Stream) -> u64 {
        let count = u64::try_from(self.links.len()).unwrap_or(u64::MAX);
        u64::from(self.chain)
            .saturating_mul(stream.links.into())
            .saturating_add(self.depth.into())
            .saturating_add(count)
            .saturating_sub(1)
    }
}

/// What a stream is made from; its root follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamTerms {
    /// Who pays whom, and which of their streams it is. An epoch is used once.
    pub name: StreamName,
    /// What one link pays.
    pub unit: Balance,
    /// Number of chains.
    pub chains: u32,
    /// Links of each chain.
    pub links: u32,
}

/// The payer's links: computed from a seed, chain by chain. It is as secret as money.
#[derive(Clone)]
pub struct Source {
    stream: Stream,
    salt: Salt,
    seed: [u8; 32],
    tips: Tree,
    /// Links that were taken.
    units: u64,
    /// Whether the next links come with a proof in any case.
    is_proving: bool,
    /// The links of one chain by depth, and which one it is.
    cache: (Option<u32>, Vec<Link>),
}

/// The innermost link of a chain.
fn secret(seed: &[u8; 32], salt: &Salt, chain: u32) -> Link {
    blake2_256(&[SECRET_TAG, seed, salt, &chain.to_le_bytes()].concat())
}

fn leaf(tip: &Link) -> Vec<u8> {
    [TIP_TAG, tip].concat()
}

impl Source {
    /// Makes a stream's links: `chains × links` hashes, and two more a chain.
    ///
    /// `genesis` and `channel`: where the stream will be used. `seed`: 32 secret random bytes, new
    /// for every stream; with it, everything can be made again. The work needs nothing but these,
    /// so it can be done ahead and on another core; [`Source::tips`] makes parts of it.
    pub fn generate(
        genesis: &Hash,
        channel: &ChannelId,
        terms: StreamTerms,
        seed: [u8; 32],
    ) -> Self {
        let tips = Self::tips(genesis, channel, &terms, &seed, 0..terms.chains);
        Self::assemble(genesis, channel, terms, seed, &tips)
    }

    /// The tips of some of the chains.
    pub fn tips(
        genesis: &Hash,
        channel: &ChannelId,
        terms: &StreamTerms,
        seed: &[u8; 32],
        chains: Range<u32>,
    ) -> Vec<Link> {
        let StreamName { payer, payee, epoch } = terms.name;
        let salt = salt(genesis, channel, payer, payee, epoch);
        chains.map(|chain| steps(&salt, secret(seed, &salt, chain), terms.links)).collect()
    }

    /// Puts the tips of all chains, in their order, together.
    pub fn assemble(
        genesis: &Hash,
        channel: &ChannelId,
        terms: StreamTerms,
        seed: [u8; 32],
        tips: &[Link],
    ) -> Self {
        let StreamTerms { name: StreamName { payer, payee, epoch }, unit, chains, links } = terms;
        let tips = Tree::over(tips.iter().map(leaf));
        Self {
            stream: Stream { payer, payee, epoch, root: tips.root(), unit, chains, links },
            salt: salt(genesis, channel, payer, payee, epoch),
            seed,
            tips,
            units: 0,
            is_proving: false,
            cache: (None, Vec::new()),
        }
    }

    /// What goes into the state.
    pub fn stream(&self) -> &Stream {
        &self.stream
    }

    /// How many links were taken.
    pub fn units(&self) -> u64 {
        self.units
    }

    /// Goes on after `units` links, for example after a restart.
    pub fn seek(&mut self, units: u64) {
        self.units = units.min(self.stream.capacity());
    }

    /// Makes the next links come with a proof of their tip, for a payee that may lack some before.
    pub fn prove(&mut self) {
        self.is_proving = true;
    }

    /// Takes the next links: `count` of them, or as many as the current chain still has; nothing if
    /// the stream is used up or `count` is 0.
    pub fn take(&mut self, count: u32) -> Option<Pulse> {
        let links = u64::from(self.stream.links);
        let chain = u32::try_from(self.units.checked_div(links)?).ok()?;
        let before = usize::try_from(self.units.checked_rem(links)?).ok()?;
        if chain >= self.stream.chains || count == 0 {
            return None;
        }
        self.load(chain);
        let taken: Vec<Link> =
            self.cache.1.iter().skip(before).take(count as usize).copied().collect();
        self.units = self.units.saturating_add(u64::try_from(taken.len()).ok()?);
        let is_proving = core::mem::take(&mut self.is_proving) || before == 0;
        let proof = if is_proving { self.tips.proof(chain as usize) } else { None };
        let depth = u32::try_from(before).ok()?.saturating_add(1);
        Some(Pulse { chain, depth, links: BoundedVec::truncate_from(taken), proof })
    }

    /// Computes the links of a chain, unless they are there.
    fn load(&mut self, chain: u32) {
        if self.cache.0 == Some(chain) {
            return;
        }
        let links = &mut self.cache.1;
        links.clear();
        let mut link = secret(&self.seed, &self.salt, chain);
        for _ in 0..self.stream.links {
            links.push(link);
            link = step(&self.salt, &link);
        }
        links.reverse();
        self.cache.0 = Some(chain);
    }
}

/// The payee's side of a stream: the deepest link, and what it proves.
#[derive(Clone, Debug)]
pub struct Till {
    stream: Stream,
    salt: Salt,
    units: u64,
    deepest: Option<Deepest>,
    jumps: u64,
    /// Units that were written down.
    pub(crate) saved: u64,
}

#[derive(Clone, Debug)]
struct Deepest {
    chain: u32,
    depth: u32,
    link: Link,
    proof: MerkleProof,
}

impl Till {
    /// The till of a stream that everybody has signed.
    pub fn new(genesis: &Hash, channel: &ChannelId, stream: Stream) -> Self {
        let salt = salt(genesis, channel, stream.payer, stream.payee, stream.epoch);
        Self { stream, salt, units: 0, deepest: None, jumps: 0, saved: 0 }
    }

    /// The stream.
    pub fn stream(&self) -> &Stream {
        &self.stream
    }

    /// How many units are proven.
    pub fn units(&self) -> u64 {
        self.units
    }

    /// How often links were left out. A jump over a thousand links is one payment, not a thousand.
    pub fn jumps(&self) -> u64 {
        self.jumps
    }

    /// Checks links and returns how many units they add; none if all were known before.
    ///
    /// Does one hash for each link, and for each that was left out within a chain; the first links
    /// of a chain cost a path of at most 16 hashes more. The till stays as it was on error.
    pub fn receive(&mut self, pulse: Pulse) -> Result<u64, StreamError> {
        let Pulse { chain, depth, links, proof } = pulse;
        let bad = StreamError::BadLink { stream: StreamName::of(&self.stream), chain, depth };
        let count = u32::try_from(links.len()).unwrap_or(u32::MAX);
        let last = depth.saturating_add(count).saturating_sub(1);
        let is_place = depth > 0 && count > 0 && chain < self.stream.chains;
        if !is_place || last > self.stream.links {
            return Err(bad);
        }
        let before = u64::from(chain).saturating_mul(self.stream.links.into());
        let units = before.saturating_add(last.into());
        if units <= self.units {
            return Ok(0);
        }
        let (mut link, mut at, proof) = match &self.deepest {
            Some(known) if known.chain == chain => (known.link, known.depth, None),
            _ => {
                // The first link proves itself; the others follow from it.
                let (Some(first), Some(proof)) = (links.first(), proof) else { return Err(bad) };
                let is_there = proof.index == chain;
                proven_units(&self.stream, &self.salt, *first, depth, &proof)
                    .filter(|_| is_there)
                    .ok_or(bad)?;
                (*first, depth, Some(proof))
            }
        };
        let is_jump = before.saturating_add(depth.into()) > self.units.saturating_add(1);
        for (next, place) in links.iter().zip(depth..) {
            if place <= at {
                continue;
            }
            if steps(&self.salt, *next, place.saturating_sub(at)) != link {
                return Err(bad);
            }
            (link, at) = (*next, place);
        }
        let gained = units.saturating_sub(self.units);
        match (proof, &mut self.deepest) {
            (Some(proof), deepest) => *deepest = Some(Deepest { chain, depth: at, link, proof }),
            (None, Some(deepest)) => (deepest.link, deepest.depth) = (link, at),
            (None, None) => return Err(bad),
        }
        self.units = units;
        self.jumps = self.jumps.saturating_add(is_jump.into());
        Ok(gained)
    }

    /// The deepest link, as a pulse that proves all units by itself.
    pub fn mark(&self) -> Option<Pulse> {
        self.deepest.as_ref().map(|deepest| Pulse {
            chain: deepest.chain,
            depth: deepest.depth,
            links: BoundedVec::truncate_from(vec![deepest.link]),
            proof: Some(deepest.proof.clone()),
        })
    }
}
