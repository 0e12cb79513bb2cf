// SPDX-License-Identifier: Apache-2.0

//! How a store knows that it is a copy.
//!
//! Whoever signs from an old copy of the store signs a version twice. So each opening compares three
//! things: the marks inside the store, the *witness* file beside it, and the *place* where the store
//! lies. A copy differs in at least one of them:
//!
//! | what somebody did | how it shows |
//! |---|---|
//! | restored a backup that the store made | the marks say so |
//! | copied the file to another machine, or to another file | the place differs |
//! | wrote an old copy over the file itself | the witness has seen later writes, or another run |
//! | put the file back without its witness | there is no witness |
//! | put back a whole disk or machine, as of an earlier time | **it does not show** |
//!
//! Where something differs, the store's *generation* rises. Each channel carries the generation in
//! which it was known to be current; one that lags signs nothing until its peers were asked.

use codec::{Decode, Encode};

/// A random name.
pub(crate) type Name = [u8; 16];

/// What a store knows about itself. Lies sealed in the store, and changes with every commit.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Marks {
    /// The store, and all copies of it.
    pub(crate) instance: Name,
    /// How often the store was recognised as a copy.
    pub(crate) generation: u32,
    /// This run: from one opening to the next.
    pub(crate) run: Name,
    /// The run that the witness had seen when this one began: it still says so after a crash
    /// between writing these marks and writing the witness.
    pub(crate) run_before: Option<Name>,
    /// How many commits the store has seen.
    pub(crate) sequence: u64,
    /// Where the store lay when it was last opened.
    pub(crate) place: [u8; 32],
    /// Whether [`crate::Store::backup`] wrote this file.
    pub(crate) is_backup: bool,
}

/// What the witness has seen. Written after each commit, so that it never runs ahead of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) instance: Name,
    pub(crate) run: Name,
    pub(crate) sequence: u64,
    /// Whether the disk refused a write or a sync in that run.
    pub(crate) disk_failed: bool,
}

/// Why a store was taken for a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyReason {
    /// It is a backup.
    Backup,
    /// It lies in another file, or on another machine, than when it was last open.
    Moved,
    /// There is no witness beside it.
    NoWitness,
    /// The witness has seen later writes than the store holds.
    Lagging,
    /// The witness has seen another store, or another run of this one.
    OtherHistory,
}

impl Marks {
    /// Whether the store may lack something that was written to it once; nothing if it cannot.
    pub(crate) fn judge(&self, stamp: Option<&Stamp>, place: &[u8; 32]) -> Option<CopyReason> {
        if self.is_backup {
            return Some(CopyReason::Backup);
        }
        if self.place != *place {
            return Some(CopyReason::Moved);
        }
        let Some(stamp) = stamp else {
            return Some(CopyReason::NoWitness);
        };
        let is_this_run = stamp.run == self.run;
        let is_run_before = Some(stamp.run) == self.run_before;
        if stamp.instance != self.instance || !(is_this_run || is_run_before) {
            return Some(CopyReason::OtherHistory);
        }
        (stamp.sequence > self.sequence).then_some(CopyReason::Lagging)
    }

    /// The marks of the next run, which begins under the eyes of the witness.
    pub(crate) fn next_run(
        self,
        run: Name,
        place: [u8; 32],
        stamp: Option<&Stamp>,
        is_copy: bool,
    ) -> Self {
        Self {
            instance: self.instance,
            generation: self.generation.saturating_add(u32::from(is_copy)),
            run,
            run_before: stamp.map(|stamp| stamp.run),
            sequence: self.sequence.saturating_add(1),
            place,
            is_backup: false,
        }
    }

    /// What the witness has to see after a commit with these marks.
    pub(crate) fn stamp(&self) -> Stamp {
        Stamp {
            instance: self.instance,
            run: self.run,
            sequence: self.sequence,
            disk_failed: false,
        }
    }
}
