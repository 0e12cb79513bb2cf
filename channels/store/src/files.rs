// SPDX-License-Identifier: Apache-2.0

//! The files of a store, and how they are made, locked, identified and rewritten.

use crate::{
    error::{Doing, Result, StoreError},
    ground::Ground,
    witness::FileWitness,
};
use blake2::{Blake2b, Digest, digest::consts::U32};
use redb::backends::FileBackend;
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

/// The journal's file in a store's folder.
const JOURNAL: &str = "journal.redb";

/// The file of its log.
const LOG: &str = "journal.log";

/// A journal that is being made. It gets its name when it is whole.
const JOURNAL_IN_MAKING: &str = "journal.making";

/// The witness' file.
const WITNESS: &str = "witness";

/// A store's folder.
#[derive(Clone, Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(path: &Path) -> Self {
        Self(path.to_path_buf())
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.clone()
    }

    fn journal(&self) -> PathBuf {
        self.0.join(JOURNAL)
    }

    pub(crate) fn in_making(&self) -> PathBuf {
        self.0.join(JOURNAL_IN_MAKING)
    }

    /// Makes the folder, for its owner only.
    pub(crate) fn make(&self) -> Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt;
            builder.mode(0o700);
        }
        builder.create(&self.0).doing("make the store's folder")
    }

    /// Whether a journal is there. It has its name only once it is whole.
    pub(crate) fn has_journal(&self) -> Result<bool> {
        self.journal().try_exists().doing("look for the store")
    }

    pub(crate) fn witness(&self) -> Result<FileWitness> {
        FileWitness::open(&self.0.join(WITNESS)).doing("open the store's witness")
    }

    /// Gives a journal that is whole its name, durably.
    pub(crate) fn adopt_journal(&self) -> Result<()> {
        fs::rename(self.in_making(), self.journal()).doing("name the store's file")?;
        sync_folder_of(&self.journal())
    }

    /// Opens and locks the files of an existing store.
    ///
    /// Errors: `Missing`; `Locked` while another process has it.
    pub(crate) fn ground(&self) -> Result<Ground> {
        if !self.has_journal()? {
            return Err(StoreError::Missing { folder: self.path() });
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        let file = options.open(self.journal()).doing("open the store")?;
        lock(&file, &self.journal())?;
        let place = place_of(&file)?;
        let log = self.log()?;
        let for_rewriting = [&file, &log].map(File::try_clone);
        Ok(Ground {
            backend: Box::new(backend(file)?),
            log: Box::new(backend(log)?),
            witness: Box::new(self.witness()?),
            place,
            rewrite: Box::new(move || {
                for_rewriting.into_iter().try_for_each(|file| rewrite(file?))
            }),
        })
    }

    /// The log's file, an empty one if there is none. Its name is durable, also if whoever made it was killed
    /// before it could say so.
    fn log(&self) -> Result<File> {
        let path = self.0.join(LOG);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        only_for_owner(&mut options);
        let file = options.open(&path).doing("open the store's log")?;
        sync_folder_of(&path)?;
        Ok(file)
    }
}

/// A database's backend on a file.
pub(crate) fn backend(file: File) -> Result<FileBackend> {
    FileBackend::new(file).doing("open the store")
}

/// A new file for its owner only, locked; an old one of the name loses its content.
///
/// Error: `Locked` while another process is making it.
pub(crate) fn new_file(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    only_for_owner(&mut options);
    let file = options.open(path).doing("make a file")?;
    lock(&file, path)?;
    file.set_len(0).doing("make a file")?;
    Ok(file)
}

/// Locks a file against other processes until it is closed. The lock ends with the process.
fn lock(file: &File, path: &Path) -> Result<()> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked { file: path.to_path_buf() }),
        Err(TryLockError::Error(error)) => Err(error).doing("lock the store"),
    }
}

/// Files that are made can be read by their owner only.
pub(crate) fn only_for_owner(options: &mut OpenOptions) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    let _ = options;
}

/// Makes a new name in a folder durable.
pub(crate) fn sync_folder_of(path: &Path) -> Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // Only Unix can sync a folder; elsewhere names are as durable as the system makes them.
    match cfg!(unix) {
        true => File::open(folder).and_then(|folder| folder.sync_all()).doing("sync the folder"),
        false => Ok(()),
    }
}

/// Names the very file on this very machine: its number, the time of its birth, and the machine.
/// A file that is copied over by rewriting its content keeps its place; any other copy does not.
pub(crate) fn place_of(file: &File) -> Result<[u8; 32]> {
    let metadata = file.metadata().doing("see where the store lies")?;
    let mut hash = Blake2b::<U32>::new();
    hash.update(b"millrace/store/place/1");
    if let Some(born) = metadata.created().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok()) {
        hash.update(born.as_nanos().to_le_bytes());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        hash.update(metadata.ino().to_le_bytes());
    }
    hash.update(fs::read("/etc/machine-id").unwrap_or_default());
    Ok(hash.finalize().into())
}

/// Writes a file's content over itself, and syncs.
///
/// After a failed sync the system holds pages that it believes to be on the disk and that are not
/// (the "fsyncgate" of PostgreSQL, 2018). What reads them sees what was never written down; what
/// builds on them is lost with them. Writing them again makes them dirty again, so that the sync
/// means what it says.
fn rewrite(mut file: File) -> io::Result<()> {
    let mut block = vec![0; 1024 * 1024];
    let mut at: u64 = 0;
    loop {
        file.seek(SeekFrom::Start(at))?;
        let count = file.read(&mut block)?;
        let Some(read) = block.get(..count).filter(|read| !read.is_empty()) else {
            return file.sync_all();
        };
        file.seek(SeekFrom::Start(at))?;
        file.write_all(read)?;
        at = at.saturating_add(count as u64);
    }
}
