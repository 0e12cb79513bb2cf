// SPDX-License-Identifier: Apache-2.0

//! Disks that fail when they are told to: for tests of whatever stands on a store.
//!
//! Only with the feature `faults`, which no program asks for.

use crate::{
    error::Result,
    files::Folder,
    migrating::STEPS,
    opening::{self, Options},
    passphrase::Passphrase,
    store::Store,
};
use redb::StorageBackend;
use std::{
    io,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// How a disk fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is no room: whatever is written is refused, as a file system that copies on writing does
    /// even where the file does not grow.
    Full,
    /// A sync fails. What was written is seen by whoever reads it, and may never reach the disk.
    SyncFails,
}

/// Tells the disk below one store when to fail. Clones tell the same disk.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Option<(Fault, u64)>>>);

impl Faults {
    /// The disk works.
    pub fn new() -> Self {
        Self::default()
    }

    /// The disk fails from its operation number `after` on, counted from 0: each write counts for
    /// [`Fault::Full`], each sync for [`Fault::SyncFails`].
    pub fn fail_after(&self, after: u64, fault: Fault) {
        *self.plan() = Some((fault, after));
    }

    fn plan(&self) -> MutexGuard<'_, Option<(Fault, u64)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts an operation that this fault concerns, and fails it if its time has come.
    fn meet(&self, met: Fault) -> io::Result<()> {
        let mut plan = self.plan();
        let Some((fault, left)) = plan.as_mut().filter(|(fault, _)| *fault == met) else {
            return Ok(());
        };
        match left.checked_sub(1) {
            Some(rest) => {
                *left = rest;
                Ok(())
            }
            None => Err(match fault {
                Fault::Full => io::ErrorKind::StorageFull.into(),
                Fault::SyncFails => io::Error::other("the disk is failing"),
            }),
        }
    }
}

impl Store {
    /// Opens the store in a folder, on a disk that fails when it is told to. See [`Store::open`].
    pub fn open_on_faulty_disk(
        folder: &Path,
        passphrase: &Passphrase,
        options: &Options,
        faults: &Faults,
    ) -> Result<Self> {
        let mut ground = Folder::new(folder).ground()?;
        ground.backend = Box::new(Faulty { backend: ground.backend, faults: faults.clone() });
        ground.log = Box::new(Faulty { backend: ground.log, faults: faults.clone() });
        opening::open(ground, |header| header.unwrap(passphrase), options, STEPS)
    }
}

/// A backend of a database or a log on a disk that fails.
#[derive(Debug)]
struct Faulty {
    backend: Box<dyn StorageBackend>,
    faults: Faults,
}

impl StorageBackend for Faulty {
    fn len(&self) -> io::Result<u64> {
        self.backend.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.backend.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.faults.meet(Fault::Full)?;
        self.backend.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.faults.meet(Fault::SyncFails)?;
        self.backend.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.faults.meet(Fault::Full)?;
        self.backend.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.backend.close()
    }
}
