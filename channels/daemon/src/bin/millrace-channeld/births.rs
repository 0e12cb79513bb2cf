// SPDX-License-Identifier: Apache-2.0

//! When channels were first known here, so that they can be listed with the newest first.

use crate::{running::now, service::seconds};
use core::cmp::Reverse;
use millrace_channels_store::{Batch, Store, StoreError, Table};
use millrace_primitives_channels::ChannelId;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Seconds since 1970 by channel.
const BIRTHS: Table<[u8; 32], u64> = Table::new("births", 10_000_000);

/// When each channel was first known here.
pub struct Births {
    store: Arc<Store>,
    known: Mutex<BTreeMap<ChannelId, u64>>,
}

impl Births {
    /// What a store knows.
    pub fn open(store: Arc<Store>) -> Result<Self, StoreError> {
        let mut known = BTreeMap::new();
        for row in store.rows(&BIRTHS)? {
            let row = row?;
            known.insert(ChannelId::from(row.key), row.value);
        }
        Ok(Self { store, known: Mutex::new(known) })
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<ChannelId, u64>> {
        // Each use is a few steps that cannot fail.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When a channel was first known, in seconds since 1970; 0 if that was before this was kept.
    pub fn of(&self, channel: ChannelId) -> u64 {
        self.known().get(&channel).copied().unwrap_or(0)
    }

    /// Notes that a channel is known from now on. Nobody waits for the disk: what is lost is a date.
    pub fn note(&self, channel: ChannelId) {
        let time = seconds(now());
        if self.known().contains_key(&channel) {
            return;
        }
        self.known().insert(channel, time);
        drop(self.store.try_submit(Batch::new().put(&BIRTHS, &channel.0, &time, None)));
    }

    /// Forgets a channel. Nobody waits for the disk: the next start forgets it again.
    pub fn forget(&self, channel: ChannelId) {
        if self.known().remove(&channel).is_some() {
            drop(self.store.try_submit(Batch::new().remove(&BIRTHS, &channel.0)));
        }
    }

    /// Forgets channels that are not among these.
    pub fn keep_only(&self, channels: &BTreeSet<ChannelId>) {
        let mut known = self.known();
        let gone: Vec<_> = known.keys().filter(|it| !channels.contains(it)).copied().collect();
        let mut batch = Batch::new();
        for channel in &gone {
            known.remove(channel);
            batch = batch.remove(&BIRTHS, &channel.0);
        }
        if !gone.is_empty() {
            drop(self.store.try_submit(batch));
        }
    }

    /// Puts channels into the order of lists: the newest first. Of those that follow the one at which
    /// a list ended before, if it is there.
    pub fn in_order(&self, channels: Vec<ChannelId>, after: Option<ChannelId>) -> Vec<ChannelId> {
        let known = self.known();
        let place =
            |channel: &ChannelId| (Reverse(known.get(channel).copied().unwrap_or(0)), *channel);
        let from = after.map(|channel| place(&channel));
        let mut ordered: Vec<_> = channels.iter().map(place).collect();
        ordered.sort_unstable();
        let following = ordered.into_iter().filter(|place| from.is_none_or(|from| *place > from));
        following.map(|(_, channel)| channel).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::store;

    #[test]
    fn newest_come_first_page_by_page_and_dates_survive() {
        let folder = tempfile::tempdir().unwrap();
        let channel = |number: u8| ChannelId::repeat_byte(number);
        {
            let births = Births::open(store(&folder)).unwrap();
            births.note(channel(9));
            assert!(births.of(channel(9)) > 1_700_000_000);
            let kept = births.of(channel(9));
            births.note(channel(9));
            assert_eq!(births.of(channel(9)), kept, "the first date counts");
        }
        let births = Births::open(store(&folder)).unwrap();
        assert!(births.of(channel(9)) > 1_700_000_000);
        for (number, time) in [(1, 30), (2, 20), (3, 30), (4, 0)] {
            births.known().insert(channel(number), time);
        }
        let all: Vec<_> = (1..=5).map(channel).collect();
        let order = |after| births.in_order(all.clone(), after);
        let expected: Vec<_> = [1, 3, 2, 4, 5].map(channel).into();
        assert_eq!(order(None), expected);
        for at in 0..5 {
            assert_eq!(order(Some(expected[at])), expected[at + 1..], "after {at}");
        }
        births.keep_only(&BTreeSet::from([channel(1)]));
        assert_eq!((births.of(channel(1)), births.of(channel(9))), (30, 0));
        births.forget(channel(1));
        drop(births);
        let births = Births::open(store(&folder)).unwrap();
        assert_eq!(births.of(channel(1)), 0);
        assert_eq!(births.of(channel(9)), 0, "it is not on the disk either");
    }
}
