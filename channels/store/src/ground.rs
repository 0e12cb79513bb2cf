// SPDX-License-Identifier: Apache-2.0

//! What a store stands on: files as a rule, and disks that fail in tests.

use crate::witness::Witness;
use redb::StorageBackend;
use std::{
    fmt, io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// The parts of a machine that a store uses.
pub(crate) struct Ground {
    /// Where the database lies.
    pub(crate) backend: Box<dyn StorageBackend>,
    /// Where its log lies.
    pub(crate) log: Box<dyn StorageBackend>,
    /// Where its witness lies.
    pub(crate) witness: Box<dyn Witness>,
    /// Names this very file on this very machine.
    pub(crate) place: [u8; 32],
    /// Writes the database's content over itself, and the log's, after a sync had failed.
    pub(crate) rewrite: Box<dyn FnOnce() -> io::Result<()> + Send>,
}

/// Whether the disk has refused a write or a sync since the store was opened.
#[derive(Clone, Debug, Default)]
pub(crate) struct DiskFailed(Arc<AtomicBool>);

impl DiskFailed {
    pub(crate) fn get(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// A backend of a database or a log that remembers whether the disk has refused anything, because the
/// database tries to write on when it is closed and tells nobody when that fails.
pub(crate) struct Watched {
    backend: Box<dyn StorageBackend>,
    failed: DiskFailed,
}

impl Watched {
    pub(crate) fn new(backend: Box<dyn StorageBackend>, failed: DiskFailed) -> Self {
        Self { backend, failed }
    }

    fn watch<T>(&self, result: io::Result<T>) -> io::Result<T> {
        if result.is_err() {
            self.failed.0.store(true, Ordering::Release);
        }
        result
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.backend.fmt(formatter)
    }
}

/// The store locks the file itself before the database sees it, so the database's own locks are
/// left out.
impl StorageBackend for Watched {
    fn len(&self) -> io::Result<u64> {
        self.backend.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.backend.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.watch(self.backend.set_len(len))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.watch(self.backend.sync_data())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.watch(self.backend.write(offset, data))
    }

    fn close(&self) -> io::Result<()> {
        self.backend.close()
    }
}
