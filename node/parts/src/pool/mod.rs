// SPDX-License-Identifier: Apache-2.0

//! Transactions that wait for a block: the SDK's fork-aware pool, told what our chain needs.
//!
//! - [`Validating`] asks the runtime about many transactions at a time, as [`crate::authoring`] does to fill a
//!   block. What the runtime says of each is what it would say if it were asked about that one alone.
//! - [`Settings::limits`] leaves as much room for transactions whose turn has not come as for those that could go into
//!   the next block.
//! - [`Door`] is how others reach the pool. It keeps what it took from clients, because a full one refuses them, and
//!   it tells peers of it at a pace that their connections bear.
//! - [`keeping`] hands what the pool lost to it again, until it is final.

mod door;
#[cfg(test)]
mod fake;
mod gate;
pub mod gossip;
pub mod keeping;
mod requests;
mod validating;

pub use door::Door;
pub use gate::Size;
pub use validating::Validating;

use polkadot_sdk::sc_transaction_pool::{Options, PoolLimit};
use std::time::Duration;

/// How long a transaction stays out that was found invalid or for which there was no room, unless the user says
/// otherwise.
///
/// The SDK's own time is half an hour. What is found invalid on one fork may be valid on another, and the pool
/// remembers that it was not, and every transaction of every block, in each of its views. This is long enough that peers
/// who echo a transaction do not make the node ask about it again and again.
const BAN: Duration = Duration::from_secs(10);

/// What the user says about the pool.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Whether the pool has a view of each fork, instead of one of the best block alone.
    pub fork_aware: bool,
    /// What clients may fill it with.
    pub size: Size,
    /// How long a transaction stays out that was found invalid or for which there was no room, in seconds: 10 if the user
    /// does not say, or not at all on a development chain.
    pub ban_seconds: Option<u64>,
    /// Whether this is a development chain.
    pub development: bool,
}

impl Settings {
    /// The limits of the SDK's fork-aware pool: twice what clients may fill it with, for what other nodes tell; and as
    /// much again for transactions whose turn has not come.
    ///
    /// The SDK's own limit for the latter is a tenth. A busy pool does not keep to that: while it makes its view of a
    /// new block, what arrives is in the older view alone, and until the next block everything that follows it
    /// from the same account waits for its turn. Once that is more than the limit, the pool drops transactions that
    /// it has accepted, and bans them.
    pub fn limits(&self) -> Options {
        let limit = PoolLimit {
            count: self.size.count.saturating_mul(2),
            total_bytes: self.size.bytes.saturating_mul(2),
        };
        let unasked = if self.development { Duration::ZERO } else { BAN };
        Options {
            ready: limit.clone(),
            future: limit,
            reject_future_transactions: false,
            ban_time: self.ban_seconds.map_or(unasked, Duration::from_secs),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(ban_seconds: Option<u64>, development: bool) -> Settings {
        let size = Size { count: 1_000, bytes: 1 << 20 };
        Settings { fork_aware: true, size, ban_seconds, development }
    }

    #[test]
    fn what_has_to_wait_has_as_much_room_as_what_is_ready() {
        let limits = settings(None, false).limits();
        assert_eq!((limits.ready.count, limits.ready.total_bytes), (2_000, 2 << 20));
        assert_eq!((limits.future.count, limits.future.total_bytes), (2_000, 2 << 20));
    }

    #[test]
    fn a_ban_lasts_as_long_as_the_user_says() {
        let ban = |seconds, development| settings(seconds, development).limits().ban_time.as_secs();
        assert_eq!(ban(None, false), 10);
        assert_eq!(ban(None, true), 0);
        assert_eq!(ban(Some(7), true), 7);
    }
}
