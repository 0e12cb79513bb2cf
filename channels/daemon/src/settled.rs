// SPDX-License-Identifier: Apache-2.0

//! What the chain has paid at the end of a channel, as far as its blocks were seen.
//!
//! A channel may end with another state than the newest one here: an older one that nobody answered,
//! or a newer one that this party has forgotten. What was paid is told by the chain's own events: all
//! at once when everybody agrees, and after a dispute in parts, because transfers and streams are
//! decided one by one. The last part is told twice, by itself and with what was left over; the sum of
//! all parts, which is the channel's deposit, tells when.

use codec::{Decode, Encode};
use millrace_channels_store::Table;
use millrace_primitives_channels::{Balance, ChannelId};

/// What was paid, by channel.
pub const SETTLED: Table<ChannelId, Settled> = Table::new("settled", 2_000_000);

/// What the chain has paid out of a channel.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Settled {
    /// The version that is carried out.
    pub version: u64,
    /// What each participant got so far, in the smallest unit, by position.
    pub paid: Vec<Balance>,
    /// What was decided last: whom it paid, and how much.
    pub last: Option<(u8, Balance)>,
    /// Whether that is all that was in the channel.
    pub is_whole: bool,
}

impl Settled {
    /// The balances of `version` were paid. `deposit`: all that was in the channel.
    pub(crate) fn begin(version: u64, paid: Vec<Balance>, deposit: Balance) -> Self {
        let is_whole = sum(&paid) == deposit;
        Self { version, paid, last: None, is_whole }
    }

    /// A transfer or links of a stream paid the participant at `position`.
    pub(crate) fn decide(&mut self, position: u8, amount: Balance) {
        self.add(position, amount);
        self.last = Some((position, amount));
    }

    /// The rest was paid, which may include what was decided last.
    pub(crate) fn end(&mut self, rest: &[Balance], deposit: Balance) {
        let is_twice = sum(&self.paid).saturating_add(sum(rest)) > deposit;
        if let Some((position, amount)) = self.last.take().filter(|_| is_twice)
            && let Some(share) = self.paid.get_mut(usize::from(position))
        {
            *share = share.saturating_sub(amount);
        }
        for (share, amount) in self.paid.iter_mut().zip(rest) {
            *share = share.saturating_add(*amount);
        }
        self.is_whole = sum(&self.paid) == deposit;
    }

    fn add(&mut self, position: u8, amount: Balance) {
        if let Some(share) = self.paid.get_mut(usize::from(position)) {
            *share = share.saturating_add(amount);
        }
    }
}

fn sum(amounts: &[Balance]) -> Balance {
    amounts.iter().fold(0, |sum: Balance, amount| sum.saturating_add(*amount))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_decided_last_counts_once_however_the_channel_ends() {
        // By the last claim, which the rest repeats; and by the time being up.
        for rest in [[0, 20], [20, 0]] {
            let mut settled = Settled::begin(4, vec![40, 30], 100);
            assert!(!settled.is_whole);
            settled.decide(0, 10);
            if rest == [0, 20] {
                settled.decide(1, 20);
            }
            settled.end(&rest, 100);
            assert_eq!(settled.paid, [50 + rest[0], 30 + rest[1]]);
            assert!(settled.is_whole);
        }
    }

    #[test]
    fn what_was_missed_is_not_made_up() {
        assert!(Settled::begin(4, vec![70, 30], 100).is_whole);
        let mut settled = Settled::begin(4, vec![40, 30], 100);
        // A transfer of 10 was decided and not seen.
        settled.end(&[20, 0], 100);
        assert!(!settled.is_whole);
    }
}
