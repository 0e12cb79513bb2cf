// SPDX-License-Identifier: Apache-2.0

//! Transactions that wait for a block: the SDK's fork-aware pool, told what our chain needs.
//!
//! - [`Validating`] asks the runtime about many transactions at a time, as [`crate::authoring`] does to fill a
//!   block. What the runtime says of each is what it would say if it were asked about that one alone.
//! - [`limits`] leaves as much room for transactions whose turn has not come as for those that could go into the
//!   next block.

mod requests;
mod validating;

pub use validating::Validating;

use polkadot_sdk::sc_transaction_pool::{Options, PoolLimit};
use std::time::Duration;

/// How long a transaction stays out that was found invalid or for which there was no room, unless the user says
/// otherwise.
const BAN: Duration = Duration::from_secs(30 * 60);

/// A pool's limits: at most `count` transactions of `bytes` together that could go into a block at once, and as many
/// whose turn has not come. Who is banned stays so for `ban_seconds`: 30 minutes if the user does not say, or not at
/// all on a development chain.
///
/// The SDK's own limit for the latter is a tenth. A busy pool that takes thousands a second does not keep to that:
/// while it makes its view of a new block, what arrives is in the older view alone, and until the next block
/// everything that follows it from the same account waits for its turn. Once that is more than the limit, the
/// pool drops transactions that it has accepted, and bans them.
pub fn limits(count: usize, bytes: usize, ban_seconds: Option<u64>, development: bool) -> Options {
    let limit = PoolLimit { count, total_bytes: bytes };
    let unasked = if development { Duration::ZERO } else { BAN };
    Options {
        ready: limit.clone(),
        future: limit,
        reject_future_transactions: false,
        ban_time: ban_seconds.map_or(unasked, Duration::from_secs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_to_wait_has_as_much_room_as_what_is_ready() {
        let limits = limits(1_000, 1 << 20, None, false);
        assert_eq!((limits.ready.count, limits.ready.total_bytes), (1_000, 1 << 20));
        assert_eq!((limits.future.count, limits.future.total_bytes), (1_000, 1 << 20));
    }

    #[test]
    fn a_ban_lasts_as_long_as_the_user_says() {
        let ban = |seconds, development| limits(1, 1, seconds, development).ban_time.as_secs();
        assert_eq!(ban(None, false), 1_800);
        assert_eq!(ban(None, true), 0);
        assert_eq!(ban(Some(7), true), 7);
    }
}
