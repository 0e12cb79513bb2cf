// SPDX-License-Identifier: Apache-2.0

//! What a node writes down: the updates of its channels' monitors, one after the other, each synced.
//!
//! LDK has to have each update on the disk before it goes on. Appending to one file is the cheapest
//! way there is: one write and one sync, no new file, no renaming, no folder to sync.

use anyhow::Context;
use lightning::{
    chain::{
        ChannelMonitorUpdateStatus,
        chainmonitor::Persist,
        channelmonitor::{ChannelMonitor, ChannelMonitorUpdate},
    },
    sign::InMemorySigner,
    util::{persist::MonitorName, ser::Writeable},
};
use std::{
    fs::File,
    io::{self, Write},
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// A file that is appended to.
#[derive(Debug)]
pub struct Journal {
    file: Mutex<File>,
    syncs: AtomicU64,
}

impl Journal {
    /// Makes the file, in place of an earlier one.
    pub fn new(path: &Path) -> anyhow::Result<Self> {
        let file = File::create(path).with_context(|| format!("making {}", path.display()))?;
        Ok(Self { file: Mutex::new(file), syncs: AtomicU64::new(0) })
    }

    /// Syncs so far.
    pub fn syncs(&self) -> u64 {
        self.syncs.load(Ordering::Relaxed)
    }

    fn keep(&self, bytes: &[u8]) -> io::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(bytes)?;
        file.sync_data()?;
        self.syncs.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn status(&self, bytes: &[u8]) -> ChannelMonitorUpdateStatus {
        match self.keep(bytes) {
            Ok(()) => ChannelMonitorUpdateStatus::Completed,
            Err(error) => {
                eprintln!("the disk refuses: {error}");
                ChannelMonitorUpdateStatus::UnrecoverableError
            }
        }
    }
}

impl Persist<InMemorySigner> for Journal {
    fn persist_new_channel(
        &self,
        _: MonitorName,
        monitor: &ChannelMonitor<InMemorySigner>,
    ) -> ChannelMonitorUpdateStatus {
        self.status(&monitor.encode())
    }

    fn update_persisted_channel(
        &self,
        _: MonitorName,
        update: Option<&ChannelMonitorUpdate>,
        monitor: &ChannelMonitor<InMemorySigner>,
    ) -> ChannelMonitorUpdateStatus {
        match update {
            Some(update) => self.status(&update.encode()),
            None => self.status(&monitor.encode()),
        }
    }

    fn archive_persisted_channel(&self, _: MonitorName) {}
}
