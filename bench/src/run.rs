// SPDX-License-Identifier: Apache-2.0

//! One run: its folder, its rounds, its progress.

use crate::options::{Options, Scale};
use anyhow::Context;
use std::{
    path::{Path, PathBuf},
    time::Instant,
};
use tempfile::TempDir;

/// One run. Its folder is removed with it.
#[derive(Debug)]
pub struct Bench {
    /// How much of everything.
    pub scale: Scale,
    /// Where to write.
    pub folder: PathBuf,
    _scratch: TempDir,
    began: Instant,
}

impl Bench {
    /// Makes the folder.
    pub fn new(options: &Options) -> anyhow::Result<Self> {
        let parent = options.folder.clone().unwrap_or_else(std::env::temp_dir);
        let scratch = tempfile::Builder::new()
            .prefix("millrace-bench-")
            .tempdir_in(&parent)
            .with_context(|| format!("{} takes no files: name a --folder", parent.display()))?;
        let (scale, folder) = (options.scale(), scratch.path().to_owned());
        Ok(Self { scale, folder, _scratch: scratch, began: Instant::now() })
    }

    /// A new folder for one measurement.
    pub fn room(&self, name: &str) -> anyhow::Result<PathBuf> {
        let room = self.folder.join(name);
        make(&room)?;
        Ok(room)
    }

    /// Tells how far the run has come.
    pub fn say(&self, what: &str) {
        eprintln!("[{:>5.0} s] {what}", self.began.elapsed().as_secs_f64());
    }

    /// The rounds of a measurement, each of which is told.
    pub fn rounds<'a>(&'a self, what: &'a str) -> impl Iterator<Item = u32> + 'a {
        let rounds = self.scale.rounds;
        (0..rounds).inspect(move |round| self.say(&format!("{what}: {} of {rounds}", round + 1)))
    }
}

/// Makes a folder, unless it is there.
pub fn make(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))
}
