// SPDX-License-Identifier: Apache-2.0

//! The blocks after the upgrade, built by the new runtime.
//!
//! Each is as an author builds it if nobody sends anything. The author is the one whose turn it is by
//! BABE's rule; what it would sign is left out, because the runtime does not look at it.

use crate::machine::{Blob, World};
use codec::{Decode, Encode};
use polkadot_sdk::{
    sp_consensus_babe::{
        BABE_ENGINE_ID, BabeConfiguration, Epoch, Slot,
        digests::{PreDigest, SecondaryPlainPreDigest},
    },
    sp_core::{H256, U256},
    sp_inherents::InherentData,
    sp_io::hashing::{blake2_256, twox_128},
    sp_runtime::{
        ApplyExtrinsicResult, Digest, DigestItem, ExtrinsicInclusionMode, OpaqueExtrinsic, generic,
        traits::{BlakeTwo256, Header as _},
    },
    sp_timestamp::{INHERENT_IDENTIFIER, Timestamp},
};

type Header = generic::Header<u32, BlakeTwo256>;

/// The most blocks that migrations may take: half of the shortest challenge window that governance may
/// allow, which is ten minutes. While they run, no transaction is taken, so nobody can answer a dispute.
const MOST_BLOCKS: u32 = 150;

/// What the migrations of many blocks are at, as `pallet-migrations` writes it.
enum Progress {
    Done,
    UnderWay,
    Stuck,
}

/// Builds `count` blocks with the new runtime, and more while a migration is under way. `parent` is the
/// block after which the world is as it is.
pub fn build(world: &mut World, blob: &Blob, parent: H256, count: u32) -> Result<String, String> {
    let mut parent = parent;
    let mut built = 0;
    loop {
        match progress(world)? {
            Progress::Stuck => return Err(format!("a migration is stuck after {built} blocks")),
            Progress::UnderWay if built >= MOST_BLOCKS => {
                return Err(format!(
                    "a migration is still under way after {built} blocks, in which nobody could have \
                     answered a dispute"
                ));
            }
            Progress::Done if built >= count => {
                return Ok(format!("{built} built, and no migration is left"));
            }
            Progress::Done | Progress::UnderWay => {}
        }
        parent = next(world, blob, parent)
            .map_err(|error| format!("block {} after the upgrade: {error}", built + 1))?;
        built += 1;
    }
}

/// How far the migrations of many blocks are.
fn progress(world: &World) -> Result<Progress, String> {
    let cursor = world
        .get(&[twox_128(b"MultiBlockMigrations"), twox_128(b"Cursor")].concat())
        .map_err(|error| error.to_string())?;
    Ok(match cursor.as_deref().and_then(<[u8]>::first) {
        None => Progress::Done,
        Some(0) => Progress::UnderWay,
        Some(_) => Progress::Stuck,
    })
}

/// Builds the next block. Gives its hash.
fn next(world: &mut World, blob: &Blob, parent: H256) -> Result<H256, String> {
    let number: u32 = value(world, "System", "Number")?;
    let last: Slot = value(world, "Babe", "CurrentSlot")?;
    let configuration: BabeConfiguration = ask(world, blob, "BabeApi_configuration")?;
    let (slot, author) = turn(world, blob, last)?;
    let header = Header::new(
        number + 1,
        H256::zero(),
        H256::zero(),
        parent,
        Digest { logs: vec![pre_digest(slot, author)] },
    );
    let _: ExtrinsicInclusionMode = world.run(blob, "Core_initialize_block", header)?;

    let now = Timestamp::new(slot.saturating_mul(configuration.slot_duration));
    let mut inherents = InherentData::new();
    inherents.put_data(INHERENT_IDENTIFIER, &now).map_err(|error| error.to_string())?;
    let extrinsics: Vec<OpaqueExtrinsic> =
        decode(&world.ask(blob, "BlockBuilder_inherent_extrinsics", &inherents.encode())?)?;
    for extrinsic in extrinsics {
        let applied: ApplyExtrinsicResult =
            world.run(blob, "BlockBuilder_apply_extrinsic", extrinsic)?;
        if !matches!(applied, Ok(Ok(()))) {
            return Err(format!("an inherent does not apply: {applied:?}"));
        }
    }
    let header: Header = world.run(blob, "BlockBuilder_finalize_block", ())?;
    Ok(header.hash())
}

/// The next slot whose author is not shut out, and that author.
fn turn(world: &World, blob: &Blob, last: Slot) -> Result<(Slot, u32), String> {
    let current: Epoch = ask(world, blob, "BabeApi_current_epoch")?;
    let following: Epoch = ask(world, blob, "BabeApi_next_epoch")?;
    let disabled: Vec<(u32, u32)> =
        value(world, "Session", "DisabledValidators").unwrap_or_default();
    let first = *last + 1;
    let tries = 100 * (current.authorities.len() as u64 + 1);
    for slot in first..first.saturating_add(tries) {
        let is_current = slot < (*current.start_slot).saturating_add(current.duration);
        let epoch = if is_current { &current } else { &following };
        let author = author(epoch, slot.into())?;
        if disabled.iter().all(|(index, _)| *index != author) {
            return Ok((slot.into(), author));
        }
    }
    Err("every author is shut out".into())
}

/// Whose turn a slot is if nobody wins it: the rule of secondary slots in `sc-consensus-babe`.
fn author(epoch: &Epoch, slot: Slot) -> Result<u32, String> {
    if epoch.authorities.is_empty() {
        return Err("nobody may make blocks".into());
    }
    let hash = (epoch.randomness, slot).using_encoded(blake2_256);
    let index = U256::from_big_endian(&hash) % U256::from(epoch.authorities.len());
    Ok(index.as_u32())
}

/// Says whose turn it was.
fn pre_digest(slot: Slot, authority_index: u32) -> DigestItem {
    let claim = PreDigest::SecondaryPlain(SecondaryPlainPreDigest { authority_index, slot });
    DigestItem::PreRuntime(BABE_ENGINE_ID, claim.encode())
}

/// A stored value that every block leaves behind.
fn value<T: Decode>(world: &World, pallet: &str, item: &str) -> Result<T, String> {
    let value = world.value(pallet, item).map_err(|error| format!("{error:#}"))?;
    value.ok_or_else(|| format!("there is no {pallet}.{item}: has the chain made a block yet?"))
}

/// The answer to a function without arguments.
fn ask<T: Decode>(world: &World, blob: &Blob, function: &str) -> Result<T, String> {
    decode(&world.ask(blob, function, &[])?)
}

fn decode<T: Decode>(mut bytes: &[u8]) -> Result<T, String> {
    T::decode(&mut bytes).map_err(|error| format!("an answer in an unknown form: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use codec::DecodeAll;

    #[test]
    fn claim_of_a_slot_reads_back() {
        let DigestItem::PreRuntime(engine, bytes) = pre_digest(7.into(), 3) else {
            panic!("it precedes the runtime's work");
        };
        assert_eq!(engine, BABE_ENGINE_ID);
        let claim = PreDigest::decode_all(&mut &bytes[..]).unwrap();
        assert_eq!((claim.authority_index(), *claim.slot()), (3, 7));
    }
}
