// SPDX-License-Identifier: Apache-2.0

//! What each node takes of the machine while a load goes on.

use crate::ledger::Shared;
use millrace_bench_machine::{folder_bytes, process_resident_bytes, process_seconds};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::sleep;

/// A process and its data.
#[derive(Clone, Debug)]
pub struct Watched {
    /// What it is called in the report.
    pub name: String,
    /// Its number.
    pub process: u32,
    /// Its data.
    pub folder: PathBuf,
}

/// What one process takes at one time.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// When.
    pub at: Duration,
    /// Its memory that is in use, in bytes.
    pub memory: u64,
    /// What its data takes of the disk, in bytes.
    pub disk: u64,
    /// Seconds that it has spent on all cores since its start.
    pub busy: f64,
}

/// Samples of each process, in the order in which they are watched.
#[derive(Clone, Debug, Default)]
pub struct Samples(Arc<Mutex<Vec<Vec<Sample>>>>);

impl Samples {
    /// Takes one sample of each process. One that has ended gives none.
    pub fn take(&self, watched: &[Watched], at: Duration) {
        let taken: Vec<_> = watched.iter().map(|it| sample(it, at)).collect();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.resize_with(watched.len(), Vec::new);
        for (samples, taken) in all.iter_mut().zip(taken) {
            samples.extend(taken);
        }
    }

    /// What was taken so far.
    pub fn all(&self) -> Vec<Vec<Sample>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes samples at the end of each window, until it is aborted.
    pub async fn take_regularly(self, watched: Vec<Watched>, window: Duration, shared: Shared) {
        loop {
            sleep(window).await;
            self.take(&watched, shared.now());
        }
    }
}

fn sample(watched: &Watched, at: Duration) -> Option<Sample> {
    Some(Sample {
        at,
        memory: process_resident_bytes(watched.process).ok()?,
        disk: folder_bytes(&watched.folder),
        busy: process_seconds(watched.process).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_process_is_sampled_and_a_missing_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let watched =
            |process| Watched { name: String::new(), process, folder: folder.path().to_owned() };
        let samples = Samples::default();
        // Linux gives out smaller numbers.
        samples.take(&[watched(std::process::id()), watched(u32::MAX)], Duration::ZERO);
        let all = samples.all();
        assert_eq!((all[0].len(), all[1].len()), (1, 0));
        assert!(all[0][0].memory > 0);
    }
}
