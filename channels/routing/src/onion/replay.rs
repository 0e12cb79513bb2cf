// SPDX-License-Identifier: Apache-2.0

//! Packets that were seen already.
//!
//! A hop that sends a packet twice could watch where the second one goes. A packet says itself
//! until when it means anything, so its tag need not be kept for longer.

use crate::onion::keys::SharedSecret;
use codec::{Decode, Encode, MaxEncodedLen};
use millrace_primitives_channels::BlockNumber;
use polkadot_sdk::sp_io::hashing::blake2_128;
use std::collections::{BTreeMap, BTreeSet};

/// Domain of the tag.
const TAG: &[u8] = b"millrace/onion-replay/1";

/// Recognises a packet, and tells nothing about it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, MaxEncodedLen,
)]
pub struct ReplayTag(pub [u8; 16]);

impl ReplayTag {
    /// The tag of the packet with this secret, which differs for each packet and hop.
    pub fn of(secret: &SharedSecret) -> Self {
        Self(blake2_128(&[TAG, &secret.0].concat()))
    }
}

/// What became of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It is new, and is remembered now.
    First,
    /// It was seen: refuse the transfer.
    Again,
    /// The log is full: refuse the transfer.
    NoRoom,
}

/// The tags of all packets whose transfers have not expired.
///
/// The owner makes each tag durable before it forwards, and fills the log again after a restart.
#[derive(Clone, Debug)]
pub struct ReplayLog {
    tags: BTreeMap<ReplayTag, BlockNumber>,
    by_expiry: BTreeSet<(BlockNumber, ReplayTag)>,
    most: usize,
}

impl ReplayLog {
    /// An empty log for `most` tags, 50 bytes or so each.
    pub fn new(most: usize) -> Self {
        Self { tags: BTreeMap::new(), by_expiry: BTreeSet::new(), most }
    }

    /// Notes the tag of a packet. `expiry`: what the packet itself says, because that cannot be
    /// changed; from that block on, it is refused anyway. `now`: the height of the newest final
    /// block.
    pub fn note(&mut self, tag: ReplayTag, expiry: BlockNumber, now: BlockNumber) -> Seen {
        self.expire(now);
        if self.tags.contains_key(&tag) {
            return Seen::Again;
        }
        if self.tags.len() >= self.most {
            return Seen::NoRoom;
        }
        self.tags.insert(tag, expiry);
        self.by_expiry.insert((expiry, tag));
        Seen::First
    }

    /// Number of tags.
    pub fn len(&self) -> usize {
        self.tags.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.tags.is_empty()
    }

    /// Forgets what has expired, and says which tags that were, for an owner that keeps them on a
    /// disk. `now`: the height of the newest final block.
    pub fn expire(&mut self, now: BlockNumber) -> Vec<ReplayTag> {
        let mut expired = Vec::new();
        while let Some((expiry, tag)) = self.by_expiry.first().copied() {
            if expiry > now {
                break;
            }
            self.by_expiry.remove(&(expiry, tag));
            self.tags.remove(&tag);
            expired.push(tag);
        }
        expired
    }
}
