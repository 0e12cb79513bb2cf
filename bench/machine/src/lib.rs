// SPDX-License-Identifier: Apache-2.0

//! What Linux tells of the machine and of processes, and when and of what a run was made: what every
//! report of this folder begins with.

use anyhow::Context;
use chrono::Utc;
use serde_json::{Value, json};
use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

/// Clock ticks a second in `/proc/*/stat`: Linux has the same for every program (`USER_HZ`).
const TICKS: f64 = 100.0;

/// How many cores this process may use.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// The processor's name.
fn model() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("model name"));
    let name = line.and_then(|line| line.split_once(':')).map(|(_, name)| name.trim().to_owned());
    name.unwrap_or_else(|| "an unknown processor".to_owned())
}

/// Whether the processor computes SHA-256 by itself.
fn has_sha() -> bool {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    text.split_whitespace().any(|word| word == "sha_ni" || word == "sha2")
}

/// How many processes wanted to run in the last minute.
pub fn load() -> f64 {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(0.0)
}

/// The kind of file system that a folder is on.
fn file_system(folder: &Path) -> String {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
    let mounts = mounts.lines().filter_map(|line| {
        let mut words = line.split_whitespace().skip(1);
        Some((words.next()?.to_owned(), words.next()?.to_owned()))
    });
    let around = mounts.filter(|(place, _)| folder.starts_with(place));
    around.max_by_key(|(place, _)| place.len()).map_or_else(String::new, |(_, kind)| kind)
}

/// The machine in a few words, for whoever reads the figures.
pub fn describe(folder: &Path) -> Vec<String> {
    let kind = file_system(folder);
    let mut lines = vec![
        format!(
            "{}, {} cores for this program, {} for SHA-256; load {:.2} before the run",
            model(),
            cores(),
            if has_sha() { "with instructions" } else { "without instructions" },
            load(),
        ),
        format!("written to {} ({kind})", folder.display()),
    ];
    if kind == "tmpfs" || kind == "ramfs" {
        lines
            .push("that is memory: a sync there means nothing; name a disk by --folder".to_owned());
    }
    lines
}

/// The same for programs.
pub fn json(folder: &Path) -> Value {
    json!({
        "processor": model(),
        "cores": cores(),
        "sha_instructions": has_sha(),
        "load_before": load(),
        "file_system": file_system(folder),
    })
}

/// Seconds that a process has spent on all cores, to the hundredth.
pub fn process_seconds(process: u32) -> anyhow::Result<f64> {
    let path = format!("/proc/{process}/stat");
    let text = fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
    // The second field is a name in brackets that may hold anything.
    let (_, rest) = text.rsplit_once(')').context("no process's line")?;
    let mut times = rest.split_whitespace().skip(11).map(str::parse::<f64>);
    let (user, system) = (times.next().context("no time")??, times.next().context("no time")??);
    Ok((user + system) / TICKS)
}

/// What a thread has spent on a core.
#[derive(Clone, Debug)]
pub struct ThreadClock(PathBuf);

impl ThreadClock {
    /// The clock of the thread that asks. Others can read it as long as that thread runs.
    pub fn mine() -> anyhow::Result<Self> {
        let place = fs::read_link("/proc/thread-self").context("reading /proc/thread-self")?;
        Ok(Self(Path::new("/proc").join(place).join("schedstat")))
    }

    /// What the thread has spent so far.
    pub fn spent(&self) -> anyhow::Result<Duration> {
        let text =
            fs::read_to_string(&self.0).with_context(|| format!("reading {}", self.0.display()))?;
        let nanos = text.split_whitespace().next().context("no time")?.parse()?;
        Ok(Duration::from_nanos(nanos))
    }
}

/// Memory of this process that is in use, in bytes.
pub fn resident_bytes() -> anyhow::Result<u64> {
    process_resident_bytes(std::process::id())
}

/// Memory of a process that is in use, in bytes.
pub fn process_resident_bytes(process: u32) -> anyhow::Result<u64> {
    let path = format!("/proc/{process}/status");
    let text = fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
    let line = text.lines().find(|line| line.starts_with("VmRSS:")).context("no memory")?;
    let kib: u64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
    Ok(kib * 1024)
}

/// What a folder takes of its disk, in bytes. A file that goes away meanwhile counts nothing.
pub fn folder_bytes(folder: &Path) -> u64 {
    /// Linux counts in blocks of this many bytes, whatever the file system does.
    const BLOCK_BYTES: u64 = 512;
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let size = |entry: fs::DirEntry| match entry.metadata() {
        Ok(about) if about.is_dir() => folder_bytes(&entry.path()),
        Ok(about) => about.blocks() * BLOCK_BYTES,
        Err(_) => 0,
    };
    entries.flatten().map(size).sum()
}

/// When and of what a run was made.
#[derive(Clone, Debug)]
pub struct About {
    /// When it began, in universal time.
    pub date: String,
    /// The commit of the folder from which it was started, with a mark if something was changed
    /// since; nothing if that folder is in no repository.
    pub commit: Option<String>,
    /// Its command.
    pub command: String,
}

impl About {
    /// The run that begins now.
    pub fn this_run() -> Self {
        let arguments: Vec<_> = std::env::args().collect();
        Self {
            date: Utc::now().format("%Y-%m-%d %H:%M:%S UTC").to_string(),
            commit: commit(),
            command: arguments.join(" "),
        }
    }

    /// For programs.
    pub fn json(&self) -> Value {
        json!({ "date": self.date, "commit": self.commit, "command": self.command })
    }

    /// For people, as lines of a list in Markdown.
    pub fn markdown(&self) -> String {
        let commit = self.commit.as_deref().unwrap_or("not known");
        format!("- Date: {}\n- Commit: {commit}\n- Command: `{}`\n", self.date, self.command)
    }
}

fn commit() -> Option<String> {
    let mut git = Command::new("git");
    git.args(["describe", "--always", "--exclude=*", "--abbrev=11", "--dirty"]);
    let output = git.output().ok().filter(|output| output.status.success())?;
    let commit = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (!commit.is_empty()).then_some(commit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{io, time::Instant};

    #[test]
    fn time_on_a_core_is_counted() {
        let clock = ThreadClock::mine().unwrap();
        let (before, began) = (clock.spent().unwrap(), Instant::now());
        let mut count = 0_u64;
        while began.elapsed() < Duration::from_millis(30) {
            count = std::hint::black_box(count + 1);
        }
        let spent = clock.spent().unwrap() - before;
        assert!(spent > Duration::ZERO && spent <= began.elapsed(), "{spent:?} for {count}");
        assert!(process_seconds(std::process::id()).is_ok());
        assert!(resident_bytes().unwrap() > 0);
    }

    #[test]
    fn a_folder_takes_what_its_files_take() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        fs::create_dir(&inner).unwrap();
        let empty = folder_bytes(folder.path());
        let mut file = fs::File::create(inner.join("file")).unwrap();
        io::Write::write_all(&mut file, &[7; 100_000]).unwrap();
        // Without it, a file system may not have given out the blocks yet.
        file.sync_all().unwrap();
        assert!(folder_bytes(folder.path()) >= empty + 100_000);
        assert_eq!(folder_bytes(&folder.path().join("missing")), 0);
    }

    #[test]
    fn a_run_tells_its_date_and_command() {
        let about = About::this_run();
        assert!(about.date.starts_with("20") && about.date.ends_with(" UTC"), "{}", about.date);
        assert!(!about.command.is_empty());
        assert!(about.markdown().contains(&about.command));
    }
}
