// SPDX-License-Identifier: Apache-2.0

//! Channels that were written lately, as they were written.
//!
//! A channel in which payments go on is written again within milliseconds. The writer alone writes, so it
//! need not read, open and decode what it has just encoded, sealed and written.

use crate::{
    record::{ChannelId, Entry},
    sealing::RowKey,
};
use std::collections::BTreeMap;

/// How many bytes of records are remembered at most.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// A channel and where it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) key: RowKey,
    pub(crate) entry: Entry,
}

impl Known {
    /// How many bytes of memory it takes, nearly.
    fn bytes(&self) -> usize {
        let records = self.entry.records.iter();
        let bytes = records.map(|record| size_of_val(record).saturating_add(record.bytes.len()));
        bytes.fold(size_of::<Self>(), usize::saturating_add)
    }
}

/// What lies in the store, of some channels.
///
/// Whoever takes one out may change it, and puts back what is written then. If that is not written after
/// all, nothing is put back, and the next one reads the row.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    channels: BTreeMap<ChannelId, Known>,
    bytes: usize,
}

impl Recent {
    /// What is remembered of this channel, which is forgotten.
    pub(crate) fn take(&mut self, channel: &ChannelId) -> Option<Known> {
        let known = self.channels.remove(channel)?;
        self.bytes = self.bytes.saturating_sub(known.bytes());
        Some(known)
    }

    /// Remembers a channel as it lies in the store now. Others are forgotten for it if there are too many:
    /// those with the lowest ids, which are as random as any.
    pub(crate) fn put(&mut self, known: Known) {
        let channel = known.entry.channel;
        self.take(&channel);
        self.bytes = self.bytes.saturating_add(known.bytes());
        self.channels.insert(channel, known);
        while self.bytes > MAX_BYTES {
            let Some((_, first)) = self.channels.pop_first() else { return };
            self.bytes = self.bytes.saturating_sub(first.bytes());
        }
    }

    /// Forgets all.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Record;

    fn known(channel: u8, bytes: usize) -> Known {
        let mut entry = Entry::unknown([channel; 32]);
        entry.records.push(Record::note(0, vec![channel; bytes]));
        Known { key: [channel; 32], entry }
    }

    #[test]
    fn what_is_taken_is_what_was_put_last() {
        let mut recent = Recent::default();
        recent.put(known(1, 10));
        recent.put(known(1, 20));
        assert_eq!(recent.take(&[1; 32]), Some(known(1, 20)));
        assert_eq!(recent.take(&[1; 32]), None);
        assert_eq!(recent.bytes, 0);
    }

    #[test]
    fn there_is_a_bound() {
        let mut recent = Recent::default();
        for channel in 0..20 {
            recent.put(known(channel, MAX_BYTES / 10));
            assert!(recent.bytes <= MAX_BYTES);
        }
        assert_eq!(recent.channels.len(), 9);
        recent.put(known(100, MAX_BYTES));
        assert!(recent.channels.is_empty(), "one that is larger than all is not remembered");
        assert_eq!(recent.bytes, 0);
    }
}
