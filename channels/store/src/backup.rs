// SPDX-License-Identifier: Apache-2.0

//! Copies of a store that know that they are copies.

use crate::{
    error::{Doing, Result, StoreError},
    files::{self, Folder},
    ground::{DiskFailed, Watched},
    layers::Changed,
    marks::Marks,
    opening::{self, Options},
    rows::{self, OpenRows},
    store::Store,
};
use redb::{ReadTransaction, ReadableDatabase};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

impl Store {
    /// Writes a copy of the store as it is at this moment, durably, while others go on writing.
    /// A file that is there already is replaced once the copy is whole.
    ///
    /// The copy is sealed as the store is, under the same passphrase. It is marked: whoever opens it
    /// cannot sign in any channel until that channel's peers were asked ([`Store::confirm`]).
    pub fn backup(&self, path: &Path) -> Result<()> {
        let in_making = beside(path);
        let result = self.write_backup(&in_making).and_then(|()| {
            fs::rename(&in_making, path).doing("name the backup")?;
            files::sync_folder_of(path)
        });
        if result.is_err() {
            // Best effort: the next backup to this path overwrites it anyway.
            let _ = fs::remove_file(&in_making);
        }
        result
    }

    fn write_backup(&self, path: &Path) -> Result<()> {
        self.layers().look(|read, above| self.write_copy(path, read, above))
    }

    fn write_copy(&self, path: &Path, read: &ReadTransaction, above: &Changed) -> Result<()> {
        let marks = rows::read_about(read)?.open_marks(self.keys())?;
        let marks = Marks { is_backup: true, ..marks };
        let backend = files::backend(files::new_file(path)?)?;
        let backend = Watched::new(Box::new(backend), DiskFailed::default());
        let database = opening::database(backend, &Options::default())?;
        let write = database.begin_write().doing("write the backup")?;
        rows::copy_all(read, &write)?;
        let mut tables = OpenRows::new(&write, self.keys());
        for (table, key, row) in above.rows() {
            tables.set(table, key, row.as_deref())?;
        }
        drop(tables);
        rows::write_marks(&write, self.keys(), &marks)?;
        write.commit().doing("make the backup durable")?;
        database.close().doing("make the backup durable")
    }

    /// Puts a backup in place of a store that is gone. [`Store::open`] opens it, as a copy.
    ///
    /// Errors: `Exists` if there still is a store: move it away, and keep it; `Corrupted` if the
    /// file is not a backup, or is damaged; `Disk`.
    pub fn restore(backup: &Path, folder: &Path) -> Result<()> {
        let folder = Folder::new(folder);
        folder.make()?;
        if folder.has_journal()? {
            return Err(StoreError::Exists { folder: folder.path() });
        }
        let mut from = File::open(backup).doing("open the backup")?;
        let mut to = files::new_file(&folder.in_making())?;
        io::copy(&mut from, &mut to).doing("copy the backup")?;
        let backend = files::backend(to)?;
        let backend = Watched::new(Box::new(backend), DiskFailed::default());
        let database = opening::database(backend, &Options::default())?;
        rows::read_about(&database.begin_read().doing("read the backup")?)?;
        database.close().doing("close the backup")?;
        folder.adopt_journal()
    }
}

/// A name beside another, for a file that is not whole yet.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".making");
    path.with_file_name(name)
}
