// SPDX-License-Identifier: Apache-2.0

//! Making a store, and opening one: whatever the last run left behind.

use crate::{
    error::{Doing, Result, StoreError},
    files::{self, Folder},
    ground::{DiskFailed, Ground, Watched},
    layers::{Changed, Layers},
    log::{Change, Log},
    marks::{Marks, Stamp},
    migrating::{self, Step},
    passphrase::{GuessCost, Header, Passphrase},
    recent::Recent,
    rows::{self, About, OpenRows},
    sealing::{Keys, Secret, new_secret, random},
    store::Store,
    witness::Witness,
    writing::Writer,
};
use redb::{Builder, Database, ReadableDatabase, StorageBackend, WriteTransaction};
use std::{path::Path, sync::Arc};

/// How a store is made and opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// What one guess of the passphrase costs. Only for making a store and for changing its
    /// passphrase; an existing store knows its own.
    pub guess_cost: GuessCost,
    /// How many bytes of the file may be kept in memory.
    pub cache_bytes: usize,
    /// How many batches may wait for the disk before whoever writes has to wait, too.
    pub queue: usize,
    /// How many bytes the log may take, nearly. When half of that is full, the rows that it holds are
    /// written into the database, as they are then, while the log goes on in the other half. More makes
    /// that rarer, takes more memory, and longer when the store is opened after a crash.
    pub log_bytes: u64,
    /// For making a store: the keys were in use before, and the store that knew what they signed is
    /// lost. Then nothing is signed in any channel whose peers were not asked.
    pub after_loss: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            guess_cost: GuessCost::RECOMMENDED,
            cache_bytes: 16 * 1024 * 1024,
            queue: 1024,
            log_bytes: 16 * 1024 * 1024,
            after_loss: false,
        }
    }
}

impl Store {
    /// Makes a store in a folder, and opens it.
    ///
    /// Errors: `Exists`; `Lost` if the folder's store is gone, because whoever starts with nothing
    /// after that signs versions a second time; `Disk`.
    pub fn create(folder: &Path, passphrase: &Passphrase, options: &Options) -> Result<Self> {
        let folder = Folder::new(folder);
        folder.make()?;
        if folder.has_journal()? {
            return Err(StoreError::Exists { folder: folder.path() });
        }
        let mut witness = folder.witness()?;
        let seen = witness.read().doing("read the store's witness")?;
        // An unfinished making leaves a witness that has seen no commit.
        if seen.is_some_and(|stamp| stamp.sequence > 0) {
            return Err(StoreError::Lost { folder: folder.path() });
        }
        let file = files::new_file(&folder.in_making())?;
        let place = files::place_of(&file)?;
        let backend = Box::new(files::backend(file)?);
        let secret = make(backend, &mut witness, place, passphrase, options)?;
        folder.adopt_journal()?;
        open(folder.ground()?, |_| Ok(secret), options, migrating::STEPS)
    }

    /// Opens the store in a folder.
    ///
    /// Errors: `Missing`, `Locked`, `WrongPassphrase`, `NewerFormat`, `Corrupted`, `Disk`.
    pub fn open(folder: &Path, passphrase: &Passphrase, options: &Options) -> Result<Self> {
        let ground = Folder::new(folder).ground()?;
        open(ground, |header| header.unwrap(passphrase), options, migrating::STEPS)
    }
}

/// Writes a store that has seen nothing yet, and the witness of that. Returns its secret.
pub(crate) fn make(
    backend: Box<dyn StorageBackend>,
    witness: &mut dyn Witness,
    place: [u8; 32],
    passphrase: &Passphrase,
    options: &Options,
) -> Result<Secret> {
    let secret = new_secret()?;
    let keys = Keys::new(&secret);
    let header = Header::wrap(&secret, passphrase, options.guess_cost)?;
    let marks = Marks {
        instance: random()?,
        generation: u32::from(options.after_loss),
        run: random()?,
        run_before: None,
        sequence: 1,
        place,
        is_backup: false,
    };
    // The witness first: a store without one would be taken for a copy.
    let stamp = Stamp { sequence: 0, ..marks.stamp() };
    witness.write(&stamp, true).doing("write the store's witness")?;
    let database = database(Watched::new(backend, DiskFailed::default()), options)?;
    let write = database.begin_write().doing("make the store")?;
    rows::write_format(&write, migrating::newest(migrating::STEPS))?;
    rows::write_header(&write, &header)?;
    rows::write_marks(&write, &keys, &marks)?;
    write.commit().doing("make the store")?;
    database.close().doing("make the store")?;
    Ok(secret)
}

/// Opens the store on some ground.
pub(crate) fn open(
    ground: Ground,
    unwrap: impl FnOnce(&Header) -> Result<Secret>,
    options: &Options,
    steps: &'static [Step],
) -> Result<Store> {
    let Ground { backend, log, mut witness, place, rewrite } = ground;
    let stamp = witness.read().doing("read the store's witness")?;
    if stamp.as_ref().is_some_and(|stamp| stamp.disk_failed) {
        rewrite().doing("write the store anew after the disk had failed")?;
    } else {
        drop(rewrite);
    }
    let file_bytes = backend.len().doing("measure the store")?;
    let disk_failed = DiskFailed::default();
    let mut database = database(Watched::new(backend, disk_failed.clone()), options)?;
    let about = rows::read_about(&database.begin_read().doing("read the store")?)?;
    migrating::check(about.format, steps)?;
    let keys = Keys::new(&unwrap(&about.header)?);
    let log = Log::new(Watched::new(log, disk_failed.clone()), options.log_bytes);
    let write = database.begin_write().doing("open the store")?;
    let marks = catch_up(&write, &keys, &log, &about)?;
    let copy = marks.judge(stamp.as_ref(), &place);
    let marks = marks.next_run(random()?, place, stamp.as_ref(), copy.is_some());
    begin_run(write, &keys, &marks, &log, about.format, steps)?;
    witness.write(&marks.stamp(), true).doing("write the store's witness")?;
    shrink(&mut database, file_bytes)?;
    let (layers, keys) = (Arc::new(Layers::over(&database)?), Arc::new(keys));
    let generation = marks.generation;
    let (reading, opening) = (layers.clone(), keys.clone());
    let (moving, recent) = (None, Recent::default());
    let writer =
        Writer { database, layers, log, moving, keys, marks, witness, disk_failed, recent };
    Ok(Store::new(writer.start(options.queue)?, reading, opening, generation, copy))
}

/// Brings the database to where its log is. Returns the marks after that.
fn catch_up(write: &WriteTransaction, keys: &Keys, log: &Log, about: &About) -> Result<Marks> {
    let marks = about.open_marks(keys)?;
    // A log beside a backup is that of the store in whose place it was put.
    if marks.is_backup {
        return Ok(marks);
    }
    let mut changed = Changed::default();
    let marks = log.replay(keys, marks, about.log_half, |Change { table, key, row }| {
        let row = match row {
            // As format 2 wrote it.
            Some(sealed) if about.log_half.is_none() => Some(keys.open(&table, &key, &sealed)?),
            row => row,
        };
        changed.put(&table, key, row.map(Arc::from));
        Ok(())
    })?;
    let mut tables = OpenRows::new(write, keys);
    for (table, key, row) in changed.rows() {
        tables.set(table, key, row.as_deref())?;
    }
    Ok(marks)
}

/// Brings the store to the newest format and writes the marks of a new run, durably, together with
/// what came from the log: frames of earlier runs mean nothing from then on.
fn begin_run(
    write: WriteTransaction,
    keys: &Keys,
    marks: &Marks,
    log: &Log,
    format: u16,
    steps: &[Step],
) -> Result<()> {
    migrating::migrate(&write, keys, format, steps)?;
    rows::write_marks(&write, keys, marks)?;
    rows::write_log_half(&write, log.half())?;
    // Opened here once, so that reading never finds the table missing.
    write.open_table(rows::rows(rows::CHANNELS)).doing("open the store")?;
    write.commit().doing("open the store")
}

/// The database, after it has repaired what a crash left and checked every page: a damaged file is
/// refused here and not met later.
pub(crate) fn database(backend: Watched, options: &Options) -> Result<Database> {
    Builder::new()
        .set_cache_size(options.cache_bytes)
        .set_check_integrity_on_open(true)
        .create_with_backend(backend)
        .doing("open the store's database")
}

/// Gives room back to the system if most of the file is empty, as after many channels have ended.
fn shrink(database: &mut Database, file_bytes: u64) -> Result<()> {
    /// Below this, empty room is not worth the work.
    const EMPTY_BYTES_MIN: u64 = 16 * 1024 * 1024;
    if file_bytes <= EMPTY_BYTES_MIN {
        return Ok(());
    }
    let doing = "measure the store";
    let write = database.begin_write().doing(doing)?;
    let stats = write.stats().doing(doing)?;
    write.abort().doing(doing)?;
    let used = stats.allocated_pages().saturating_mul(stats.page_size() as u64);
    if file_bytes > used.saturating_mul(4).saturating_add(EMPTY_BYTES_MIN) {
        database.compact().doing("shrink the store")?;
    }
    Ok(())
}
