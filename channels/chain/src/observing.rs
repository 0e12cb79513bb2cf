// SPDX-License-Identifier: Apache-2.0

//! What the follower and the submitter read of blocks.

use crate::{
    announced::Told,
    connection::{Chain, Head, height},
    error::ChainError,
    outcome::chain_event,
    trust::Report,
};
use codec::{Decode, Encode};
use millrace_primitives_channels::{
    AccountId, Balance, BlockNumber, ChannelAsset, ChannelId, Hash, Participant,
    params::MaxParticipants,
    transfer::{Preimage, hashlock},
};
use polkadot_sdk::{
    sp_io::hashing::{blake2_256, twox_128},
    sp_runtime::BoundedVec,
};
use subxt::rpcs::methods::legacy::NumberOrHex;

/// How many keys are asked for at once.
const PAGE: u32 = 256;

/// A block without what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The block.
    pub head: Head,
    /// Hash of the one below it.
    pub parent: Hash,
}

/// What a block tells, and what of it could not be read, as event and reason.
pub type ToldAndUnreadable = (Vec<Told>, Vec<(String, String)>);

impl Link {
    /// The block of a header, whose hash is computed here and not believed.
    pub(crate) fn of(header: &Header) -> Result<Self, ChainError> {
        let hash = Hash::from(blake2_256(&header.encode()));
        Ok(Self { head: Head { number: height(header.number)?, hash }, parent: header.parent_hash })
    }
}

/// A header as this chain has it.
pub(crate) type Header = subxt::config::substrate::SubstrateHeader<Hash>;

impl Chain {
    /// The block with this hash; nothing if the node does not have it.
    pub async fn link(&self, hash: Hash) -> Result<Option<Link>, ChainError> {
        let what = "a block's header";
        let header =
            self.rpc.chain_get_header(Some(hash)).await.map_err(ChainError::request(what))?;
        let Some(header) = header else { return Ok(None) };
        let link = Link::of(&header)?;
        if link.head.hash == hash {
            Ok(Some(link))
        } else {
            let reason = format!("asked for {hash:?}, it returned {:?}", link.head.hash);
            Err(ChainError::Unreadable { what: what.to_owned(), reason })
        }
    }

    /// Hash of the block at a height of the node's best chain; nothing above its head.
    pub async fn hash_at(&self, number: BlockNumber) -> Result<Option<Hash>, ChainError> {
        let number = Some(NumberOrHex::Number(number.into()));
        let what = "a block's hash";
        self.rpc.chain_get_block_hash(number).await.map_err(ChainError::request(what))
    }

    /// What the judge of channels announced in a block.
    pub async fn told(&self, block: Hash) -> Result<ToldAndUnreadable, ChainError> {
        let what = "a block's events";
        let at = self.at(block).await?;
        let events = at.events().fetch().await.map_err(ChainError::request(what))?;
        let (mut told, mut unreadable) = (Vec::new(), Vec::new());
        for event in events.iter() {
            let event = chain_event(&event.map_err(ChainError::request(what))?);
            match Told::read(&event) {
                Ok(read) => told.extend(read),
                Err(error) => unreadable.push((event.name, error.to_string())),
            }
        }
        Ok((told, unreadable))
    }

    /// What the node says about itself. `checkpoint`: the height of a block that is known as final.
    pub async fn report(&self, checkpoint: Option<BlockNumber>) -> Result<Report, ChainError> {
        let health =
            self.rpc.system_health().await.map_err(ChainError::request("the node's health"))?;
        // Finality first: it only advances, so the best head read later is at or above it.
        let finalised = self.finalised_head().await?;
        let best = self.best_head().await?;
        let at_checkpoint = match checkpoint.filter(|number| *number <= finalised.number) {
            Some(number) => self.hash_at(number).await?,
            None => None,
        };
        Ok(Report {
            genesis: self.genesis_now().await?,
            is_syncing: health.is_syncing,
            best,
            best_millis: self.millis_at(best.hash).await?,
            finalised,
            at_checkpoint,
        })
    }

    /// Hash of block 0 as the node says now: another node may answer at the same address.
    async fn genesis_now(&self) -> Result<Hash, ChainError> {
        self.rpc.genesis_hash().await.map_err(ChainError::request("the genesis hash"))
    }

    /// When a block was made, in milliseconds since 1970.
    pub async fn millis_at(&self, block: Hash) -> Result<Option<u64>, ChainError> {
        self.stored(&prefix("Timestamp", "Now"), block, "a block's time").await
    }

    /// The nonce of an account's next extrinsic, as of a block, without those that wait.
    pub async fn nonce_at(&self, account: &AccountId, block: Hash) -> Result<u64, ChainError> {
        let method = "AccountNonceApi_account_nonce";
        let head = Head { number: 0, hash: block };
        self.runtime_api::<u32>(method, account, &head).await.map(u64::from)
    }

    /// Hashes of a block's extrinsics, in order.
    pub async fn extrinsic_hashes(&self, block: Hash) -> Result<Option<Vec<Hash>>, ChainError> {
        let body = self.body(block).await?;
        Ok(body.map(|body| body.iter().map(|bytes| Hash::from(blake2_256(bytes))).collect()))
    }

    async fn body(&self, block: Hash) -> Result<Option<Vec<Vec<u8>>>, ChainError> {
        let what = "a block's extrinsics";
        let details =
            self.rpc.chain_get_block(Some(block)).await.map_err(ChainError::request(what))?;
        Ok(details.map(|it| it.block.extrinsics.into_iter().map(|bytes| bytes.0).collect()))
    }

    /// Ids of all disputed channels at a block.
    pub async fn disputed(&self, block: &Head) -> Result<Vec<ChannelId>, ChainError> {
        let what = "disputed channels";
        let prefix = prefix("Channels", "Recorded");
        let (mut ids, mut last) = (Vec::new(), None::<Vec<u8>>);
        loop {
            let keys = self
                .rpc
                .state_get_keys_paged(&prefix, PAGE, last.as_deref(), Some(block.hash))
                .await
                .map_err(ChainError::request(what))?;
            ids.extend(keys.iter().filter_map(|key| {
                let id = key.get(prefix.len()..)?;
                (id.len() == 32).then(|| ChannelId::from_slice(id))
            }));
            match keys.last() {
                Some(key) if keys.len() >= PAGE as usize => last = Some(key.clone()),
                _ => return Ok(ids),
            }
        }
    }

    /// The base of a channel at `block`, by version and digest, the payload of its state; nothing
    /// before the channel opens and after it is closed.
    pub async fn base(
        &self,
        id: ChannelId,
        block: &Head,
    ) -> Result<Option<(u64, Hash)>, ChainError> {
        let key = [&prefix("Channels", "Channels")[..], id.as_bytes()].concat();
        let entry: Option<BeforeBase> = self.stored(&key, block.hash, "a channel").await?;
        Ok(entry.map(|(_, _, _, _, _, _, base)| base))
    }

    /// The block of a lock's first reveal, if the chain remembers one at `block`.
    pub async fn revealed_at(
        &self,
        lock: &Hash,
        block: &Head,
    ) -> Result<Option<BlockNumber>, ChainError> {
        let key = [&prefix("Channels", "Reveals")[..], lock.as_bytes()].concat();
        // The entry begins with that block.
        self.stored(&key, block.hash, "a reveal").await
    }

    /// The preimage of `lock`, if it is anywhere in the extrinsics of a block.
    ///
    /// The chain remembers when a preimage was revealed but not the preimage, and bodies of blocks
    /// outlive their events. The call may be wrapped in others, so every 32 bytes are tried.
    pub async fn preimage_in(
        &self,
        lock: &Hash,
        block: Hash,
    ) -> Result<Option<Preimage>, ChainError> {
        let body = self.body(block).await?.unwrap_or_default();
        Ok(body.iter().find_map(|bytes| find_preimage(lock, bytes)))
    }

    /// The first part of what is stored below `key`.
    async fn stored<T: Decode>(
        &self,
        key: &[u8],
        block: Hash,
        what: &'static str,
    ) -> Result<Option<T>, ChainError> {
        let bytes = self
            .rpc
            .state_get_storage(key, Some(block))
            .await
            .map_err(ChainError::request(what))?;
        let Some(bytes) = bytes else { return Ok(None) };
        T::decode(&mut &bytes[..]).map(Some).map_err(|error| ChainError::Unreadable {
            what: what.to_owned(),
            reason: error.to_string(),
        })
    }
}

/// The first fields of what the chain keeps of a channel, in the order in which the pallet declares them:
/// participants, asset, deposit, three numbers of blocks, and the base by version and digest.
type BeforeBase = (
    BoundedVec<Participant, MaxParticipants>,
    ChannelAsset,
    Balance,
    BlockNumber,
    BlockNumber,
    BlockNumber,
    (u64, Hash),
);

/// Where an item of a pallet's storage begins.
fn prefix(pallet: &str, item: &str) -> Vec<u8> {
    [twox_128(pallet.as_bytes()), twox_128(item.as_bytes())].concat()
}

fn find_preimage(lock: &Hash, bytes: &[u8]) -> Option<Preimage> {
    bytes
        .windows(32)
        .filter_map(|window| Preimage::try_from(window).ok())
        .find(|preimage| hashlock(preimage) == *lock)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preimage_is_found_wherever_it_stands() {
        let preimage = [7; 32];
        let lock = hashlock(&preimage);
        let bytes = [&[1, 2, 3][..], &preimage, &[4]].concat();
        assert_eq!(find_preimage(&lock, &bytes), Some(preimage));
        assert_eq!(find_preimage(&lock, &bytes[..34]), None);
        assert_eq!(find_preimage(&lock, &[]), None);
    }

    #[test]
    fn storage_prefix_is_the_one_every_node_uses() {
        let expected = "f0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb";
        assert_eq!(hex::encode(prefix("Timestamp", "Now")), expected);
    }
}
