// SPDX-License-Identifier: Apache-2.0

//! What can go wrong, and what to do about it.

use crate::record::ChannelId;
use std::{fmt::Display, io, path::PathBuf, sync::Arc};

/// Why the store refuses something. Each message ends with the remedy.
///
/// Errors are cheap to clone, because one failed sync is the answer to everybody who waited for it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no store in the folder.
    #[error("no store in {}: create one, or restore a backup into this folder", folder.display())]
    Missing {
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// There is a store in the folder already.
    #[error("{} holds a store already: open it, or choose another folder", folder.display())]
    Exists {
        /// Where one was to be made.
        folder: PathBuf,
    },
    /// The folder's witness has seen a store that is not there any more.
    #[error(
        "{} has held a store that is gone: restore a backup into it. To start with nothing, choose \
         another folder and say that the keys were in use before (`Options::after_loss`)",
        folder.display()
    )]
    Lost {
        /// Where the store has been.
        folder: PathBuf,
    },
    /// Another process has the store open.
    #[error(
        "another process has {} open: end that one first; two writers would sign against each \
         other",
        file.display()
    )]
    Locked {
        /// The store's file.
        file: PathBuf,
    },
    /// The passphrase does not open the store's key.
    #[error(
        "the passphrase is wrong (or the 100 bytes that hold the wrapped key are damaged): try \
         again, then restore a backup"
    )]
    WrongPassphrase,
    /// A later release wrote the store.
    #[error(
        "the store has format {found}, this release knows up to {known}: use the release that \
         wrote it, or a newer one"
    )]
    NewerFormat {
        /// The store's format.
        found: u16,
        /// The newest format known here.
        known: u16,
    },
    /// The file's content is not what was written.
    #[error(
        "the store is damaged ({what}): keep the file, restore the newest backup, and ask the \
         peers of each channel"
    )]
    Corrupted {
        /// What does not fit.
        what: String,
    },
    /// The operating system refused something, before anything was promised.
    #[error("cannot {doing}: {cause}. Check space and permissions, then try again")]
    Disk {
        /// What was tried.
        doing: &'static str,
        /// What the operating system or the database says.
        cause: Arc<str>,
    },
    /// A write or a sync failed while the store was open; nothing more is accepted.
    #[error(
        "the disk refused a write or a sync ({cause}). What was acknowledged before is safe; \
         what was not may be lost, and must not be sent. Free space or mend the disk, then open \
         the store again"
    )]
    Failed {
        /// What the disk said first.
        cause: Arc<str>,
    },
    /// The store was closed before this was written.
    #[error("the store is closed and this was not written: open it again, then repeat")]
    Closed,
    /// The queue is full.
    #[error("as many writes as allowed wait for the disk: take in less, and try again")]
    Busy,
    /// The channel's records come from a copy, and its peers have not been asked.
    #[error(
        "channel {} comes from a copy that may lag behind: ask every peer for the newest version \
         it knows, keep that, then confirm",
        hex(channel)
    )]
    Unconfirmed {
        /// The channel.
        channel: ChannelId,
    },
    /// The record is older than what the store holds (ST-2).
    #[error(
        "channel {}: a record of version {version} comes after version {newest} was agreed: load \
         the channel and go on from there",
        hex(channel)
    )]
    Stale {
        /// The channel.
        channel: ChannelId,
        /// The version offered.
        version: u64,
        /// The version that is agreed.
        newest: u64,
    },
    /// Another state of this version was signed before (ST-3).
    #[error(
        "channel {}: another state of version {version} was signed before: send that one again",
        hex(channel)
    )]
    AlreadySigned {
        /// The channel.
        channel: ChannelId,
        /// The version offered.
        version: u64,
    },
    /// A peer knows a newer version than the store holds.
    #[error(
        "channel {}: peers know version {known}, the store holds {held}: append the peers' \
         co-signed state first, then confirm",
        hex(channel)
    )]
    Behind {
        /// The channel.
        channel: ChannelId,
        /// The newest version that peers know.
        known: u64,
        /// The newest agreed version in the store.
        held: u64,
    },
    /// The channel holds as many records as allowed (ST-5).
    #[error(
        "channel {} holds {limit} records: agree on a state, which replaces those before it",
        hex(channel)
    )]
    ChannelFull {
        /// The channel.
        channel: ChannelId,
        /// How many a channel may hold.
        limit: usize,
    },
    /// Something is larger than allowed.
    #[error("{what} of {bytes} bytes is above the limit of {limit}: make it smaller")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The table holds as many rows as allowed.
    #[error("table {table} holds {limit} rows: remove some, or those that have expired")]
    TableFull {
        /// The table's name.
        table: &'static str,
        /// How many rows it may hold.
        limit: u64,
    },
}

/// The result of everything the store does.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

impl StoreError {
    /// Whether the disk is to blame, so that nothing more can be trusted to it.
    pub(crate) fn is_fatal(&self) -> bool {
        matches!(self, Self::Disk { .. } | Self::Failed { .. })
    }

    /// The answer to whoever still waits, after a write failed for this reason.
    pub(crate) fn into_failed(self) -> Self {
        match self {
            Self::Disk { cause, .. } | Self::Failed { cause } => Self::Failed { cause },
            other => Self::Failed { cause: other.to_string().into() },
        }
    }

    /// Something the disk said while `doing` something.
    pub(crate) fn disk(doing: &'static str, cause: impl Display) -> Self {
        Self::Disk { doing, cause: cause.to_string().into() }
    }

    pub(crate) fn corrupted(what: impl Into<String>) -> Self {
        Self::Corrupted { what: what.into() }
    }
}

/// Names what was being done when an operation of the disk or the database failed.
pub(crate) trait Doing<T> {
    fn doing(self, what: &'static str) -> Result<T>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, what: &'static str) -> Result<T> {
        self.map_err(|error| StoreError::disk(what, error))
    }
}

macro_rules! database_errors {
    ($($error:ty),*) => {$(
        impl<T> Doing<T> for std::result::Result<T, $error> {
            fn doing(self, what: &'static str) -> Result<T> {
                self.map_err(|error| match redb::Error::from(error) {
                    redb::Error::Corrupted(cause) => StoreError::corrupted(cause),
                    redb::Error::UpgradeRequired(version) => {
                        StoreError::corrupted(format!("database file format {version}"))
                    }
                    error @ (redb::Error::TableTypeMismatch { .. }
                    | redb::Error::TableIsMultimap(_)
                    | redb::Error::TypeDefinitionChanged { .. }) => {
                        StoreError::corrupted(error.to_string())
                    }
                    error => StoreError::disk(what, error),
                })
            }
        }
    )*};
}

database_errors!(
    redb::CommitError,
    redb::CompactionError,
    redb::DatabaseError,
    redb::SetDurabilityError,
    redb::StorageError,
    redb::TableError,
    redb::TransactionError
);

/// An id as people write it.
fn hex(id: &ChannelId) -> String {
    use std::fmt::Write;
    id.iter().fold(String::from("0x"), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
