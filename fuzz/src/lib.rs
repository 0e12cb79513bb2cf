// SPDX-License-Identifier: Apache-2.0

//! What the fuzzer runs: bytes become calls to the judge of channels, on the small chain and against
//! the simple judge of the pallet's own tests.
//!
//! Neither exists twice: both are the very files of those tests, which find the pallet under `crate`,
//! here as there.

mod bytes;

// Not everything of the small chain is needed here.
#[allow(dead_code)]
#[path = "../../pallets/channels/src/mock/mod.rs"]
mod mock;
#[path = "../../pallets/channels/src/tests/model/mod.rs"]
mod model;

pub use bytes::MAX_ACTS;
pub use pallet_channels::*;

/// What the judge of the small chain tells.
pub type Told = Event<mock::Test>;

/// Plays the acts that `bytes` stand for, from the opening of channels to their end.
///
/// Panics when the chain and the simple judge disagree, when a rule of any pallet does not hold, when
/// a unit of money is made or lost, or when something stays behind. Returns what the judge told.
pub fn judge(bytes: &[u8]) -> Vec<Told> {
    model::play(bytes::acts(bytes))
}

/// The name of what was told.
pub fn name(told: &Told) -> String {
    let text = format!("{told:?}");
    let name = text.split([' ', '{']).next().unwrap_or_default();
    name.trim_start_matches("Event::").to_owned()
}
