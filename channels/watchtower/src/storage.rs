// SPDX-License-Identifier: Apache-2.0

//! What lies on disk: the tower's key and account, and everybody's appointments.

use crate::{
    ledger::{Change, Mark, Name},
    message::Blob,
};
use codec::{Decode, Encode};
use millrace_channels_store::{Batch, Options, Passphrase, Store, StoreError, Table, Ticket};
use millrace_primitives_channels::{BlockNumber, Hash};
use std::path::Path;
use thiserror::Error;

/// How many appointments fit on disk, whatever the operator allows.
pub const MAX_APPOINTMENTS: u32 = 1_000_000;

/// Sealed answers.
const ANSWERS: Table<Name, Blob> = Table::new("tower/answers", MAX_APPOINTMENTS as u64);
/// What lies beside them.
const MARKS: Table<Name, Mark> = Table::new("tower/marks", MAX_APPOINTMENTS as u64);
/// Who the tower is.
const IDENTITY: Table<(), Identity> = Table::new("tower/identity", 1);
/// The newest final block that was seen.
const HEAD: Table<(), (BlockNumber, Hash)> = Table::new("tower/head", 1);

/// Who a tower is, and for which chain.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Identity {
    /// Genesis hash of the chain.
    pub genesis: Hash,
    /// Seed of the key that authenticates connections and signs receipts.
    pub tower_seed: [u8; 32],
    /// Seed of the account that answers.
    pub account_seed: [u8; 32],
}

/// Why a tower's folder cannot be used.
#[derive(Debug, Error)]
pub enum StorageError {
    /// The store says why.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store is no tower's.
    #[error(
        "the folder holds a store, but no watchtower's\n  Name the folder of a tower, or make one."
    )]
    NoTower,
}

/// A tower's store.
pub struct Storage {
    store: Store,
    identity: Identity,
}

impl Storage {
    /// Makes a tower in a folder.
    ///
    /// Errors: those of [`Store::create`].
    pub fn create(
        folder: &Path,
        passphrase: &Passphrase,
        options: &Options,
        identity: Identity,
    ) -> Result<Self, StorageError> {
        let store = Store::create(folder, passphrase, options)?;
        store.submit(Batch::new().put(&IDENTITY, &(), &identity, None))?.wait()?;
        Ok(Self { store, identity })
    }

    /// Opens a tower.
    ///
    /// Errors: those of [`Store::open`]; `NoTower`.
    pub fn open(
        folder: &Path,
        passphrase: &Passphrase,
        options: &Options,
    ) -> Result<Self, StorageError> {
        let store = Store::open(folder, passphrase, options)?;
        let identity = store.get(&IDENTITY, &())?.ok_or(StorageError::NoTower)?;
        Ok(Self { store, identity })
    }

    /// Who the tower is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// All appointments, without their sealed answers.
    pub fn marks(&self) -> Result<Vec<(Name, Mark)>, StoreError> {
        self.store.rows(&MARKS)?.map(|row| row.map(|row| (row.key, row.value))).collect()
    }

    /// The sealed answer of an appointment.
    pub fn blob(&self, name: &Name) -> Result<Option<Blob>, StoreError> {
        self.store.get(&ANSWERS, name)
    }

    /// Queues changes to be made durable, all or none.
    pub fn write(&self, changes: &[Change]) -> Result<Ticket, StoreError> {
        self.store.submit(changes.iter().fold(Batch::new(), |batch, change| match change {
            Change::Put { name, mark, blob } => {
                batch.put(&ANSWERS, name, blob, None).put(&MARKS, name, mark, None)
            }
            Change::Amend { name, mark } => batch.put(&MARKS, name, mark, None),
            Change::Remove { name } => batch.remove(&ANSWERS, name).remove(&MARKS, name),
        }))
    }

    /// The newest final block that was seen before.
    pub fn head(&self) -> Result<Option<(BlockNumber, Hash)>, StoreError> {
        self.store.get(&HEAD, &())
    }

    /// Remembers the newest final block. Nothing is lost if it is forgotten.
    pub fn set_head(&self, number: BlockNumber, hash: Hash) -> Result<Ticket, StoreError> {
        self.store.submit(Batch::new().put(&HEAD, &(), &(number, hash), None))
    }

    /// Finishes what is queued and closes the store.
    pub fn close(self) -> Result<(), StoreError> {
        self.store.close()
    }
}
