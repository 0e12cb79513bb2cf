// SPDX-License-Identifier: Apache-2.0

//! Which transactions of a block failed, as the chain's events tell it.
//!
//! A transaction that fails is in a block like any other. Events are read by their types in the
//! metadata, because one whose length is not known hides all that follow.

use crate::chain::Chain;
use anyhow::{Context, ensure};
use codec::{Compact, Decode};
use millrace_primitives_channels::Hash;
use scale_decode::visitor::{IgnoreVisitor, decode_with_visitor};
use std::collections::HashMap;

/// The key of `System.Events` in the state.
pub const EVENTS_KEY: &str = "0x26aa394eea5630e07c48ae0c9558cef780d41e5e16056765bc8461851072c9d7";

/// The phase of an event that belongs to a transaction.
const APPLY_EXTRINSIC: u8 = 0;

/// The variant of a runtime error that a pallet names.
const MODULE_ERROR: u8 = 3;

/// Why transactions failed, by their places in the block.
/// Errors: the events are not what the metadata says.
pub fn failures(chain: &Chain, events: &[u8]) -> anyhow::Result<HashMap<u32, String>> {
    let failed = chain.event("System", "ExtrinsicFailed")?;
    let mut failures = HashMap::new();
    each(chain, events, |place, event| {
        if let (Some(place), Some(error)) = (place, event.strip_prefix(&failed)) {
            failures.insert(place, reason(chain, error));
        }
    })?;
    Ok(failures)
}

/// How often something happened in a block that no transaction did.
/// Errors: the events are not what the metadata says, or the chain has no such event.
pub fn count_without_transaction(
    chain: &Chain,
    events: &[u8],
    (pallet, name): (&str, &str),
) -> anyhow::Result<usize> {
    let wanted = chain.event(pallet, name)?;
    let mut count = 0;
    each(chain, events, |place, event| {
        count += usize::from(place.is_none() && event.starts_with(&wanted));
    })?;
    Ok(count)
}

/// Calls `look` with every event of a block, and with the place of its transaction, if it has one.
/// The event's bytes end with those of all later events.
fn each(
    chain: &Chain,
    events: &[u8],
    mut look: impl FnMut(Option<u32>, &[u8]),
) -> anyhow::Result<()> {
    let (types, event_type) = chain.event_type()?;
    let mut rest = events;
    let count = Compact::<u32>::decode(&mut rest)?.0;
    for _ in 0..count {
        let place = match u8::decode(&mut rest)? {
            APPLY_EXTRINSIC => Some(u32::decode(&mut rest)?),
            _ => None,
        };
        let event = rest;
        decode_with_visitor(&mut rest, event_type, types, IgnoreVisitor::new())
            .context("an event is not what the metadata says")?;
        Vec::<Hash>::decode(&mut rest).context("an event without topics")?;
        look(place, event);
    }
    ensure!(rest.is_empty(), "{} bytes are left of a block's events", rest.len());
    Ok(())
}

/// What a transaction's error is called.
fn reason(chain: &Chain, error: &[u8]) -> String {
    match error {
        [MODULE_ERROR, pallet, error, ..] => chain.error(*pallet, *error),
        [kind, ..] => format!("the runtime's error {kind}"),
        [] => "an unknown error".to_owned(),
    }
}
