// SPDX-License-Identifier: Apache-2.0

//! How fast the store makes things durable, beside what the disk could do at most.
//!
//! `cargo run --release -p millrace-channels-store --example durable -- FOLDER [CHANNELS]`
//!
//! `FOLDER` lies on the disk to measure; what is written there is removed again. `CHANNELS` is how
//! many channels are loaded at the end, 100,000 if it is left out. Figures of one run are comparable
//! with each other; of two runs, compare ratios.

use millrace_channels_store::{Batch, ChannelId, GuessCost, Options, Passphrase, Record, Store};
use std::{
    env,
    error::Error,
    fs::{self, OpenOptions},
    io::{Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// How long each rate is measured. Each is measured in turns, so that what else the machine does
/// meets all of them alike.
const TURN: Duration = Duration::from_secs(2);
const TURNS: usize = 5;

/// A co-signed state of two parties, encoded, is about this long.
const RECORD_BYTES: usize = 400;

fn main() -> Outcome {
    let mut arguments = env::args_os().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("name a folder on the disk to measure")?);
    let channels: u32 = match arguments.next() {
        Some(count) => count.to_string_lossy().replace(['_', ','], "").parse()?,
        None => 100_000,
    };
    let folder = folder.join(format!("millrace-store-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let outcome = rates(&folder).and_then(|()| restart(&folder, channels));
    fs::remove_dir_all(&folder)?;
    outcome
}

fn passphrase() -> Passphrase {
    Passphrase::new("correct horse")
}

fn options() -> Options {
    Options { guess_cost: GuessCost::RECOMMENDED, ..Options::default() }
}

fn id(number: u32) -> ChannelId {
    let mut id = [0; 32];
    for (to, from) in id.iter_mut().zip(number.to_le_bytes()) {
        *to = from;
    }
    id
}

/// Appends per second, with the bare disk beside them.
fn rates(folder: &Path) -> Outcome {
    let store = Store::create(&folder.join("rates"), &passphrase(), &options())?;
    let writers = [1_u32, 4, 16, 64, 256];
    let mut bare = Vec::new();
    let mut appended = vec![Vec::new(); writers.len()];
    let mut syncs = vec![Vec::new(); writers.len()];
    let versions = AtomicU64::new(1);
    for _ in 0..TURNS {
        bare.push(bare_syncs(&folder.join("bare"))?);
        for (index, writers) in writers.iter().enumerate() {
            let before = store.stats()?;
            let (count, took) = append_with(&store, *writers, &versions)?;
            let after = store.stats()?;
            let seconds = took.as_secs_f64();
            if let (Some(appended), Some(syncs)) = (appended.get_mut(index), syncs.get_mut(index)) {
                appended.push(count as f64 / seconds);
                syncs.push(after.syncs.saturating_sub(before.syncs) as f64 / seconds);
            }
        }
    }
    let bare = median(&mut bare);
    println!("bare disk: write 4 KiB and sync            {bare:9.0} a second   1.00");
    for ((writers, appended), syncs) in writers.iter().zip(&mut appended).zip(&mut syncs) {
        let (appended, syncs) = (median(appended), median(syncs));
        println!(
            "durable appends, {writers:3} writers              {appended:9.0} a second {:6.2} \
             ({syncs:.0} syncs a second, {:.2})",
            appended / bare,
            syncs / bare,
        );
    }
    store.close()?;
    Ok(())
}

/// What the disk does at most: 4 KiB over and over, each synced.
fn bare_syncs(path: &Path) -> Outcome<f64> {
    let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
    file.write_all(&vec![1; 1024 * 1024])?;
    file.sync_all()?;
    let (start, mut count) = (Instant::now(), 0_u32);
    while start.elapsed() < TURN {
        file.seek(SeekFrom::Start(u64::from(count % 256) * 4096))?;
        file.write_all(&[2; 4096])?;
        file.sync_data()?;
        count += 1;
    }
    Ok(f64::from(count) / start.elapsed().as_secs_f64())
}

/// Each writer waits for its own record before it writes the next one.
fn append_with(store: &Store, writers: u32, versions: &AtomicU64) -> Outcome<(u64, Duration)> {
    let start = Instant::now();
    let counts = thread::scope(|scope| {
        let threads: Vec<_> = (0..writers)
            .map(|writer| {
                scope.spawn(move || -> Outcome<u64> {
                    let mut count = 0;
                    while start.elapsed() < TURN {
                        let version = versions.fetch_add(1, Ordering::Relaxed);
                        let record = Record::agreed(version, vec![3; RECORD_BYTES]);
                        store.append(id(writer), record)?.wait()?;
                        count += 1;
                    }
                    Ok(count)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().map_err(|_| "a writer panicked")?)
            .collect::<Outcome<Vec<u64>>>()
    })?;
    Ok((counts.iter().sum(), start.elapsed()))
}

/// Opens a store of many channels, after a clean end and after a kill, and loads all of them.
fn restart(folder: &Path, channels: u32) -> Outcome {
    let home = folder.join("many");
    let memory_before = resident_kib();
    let store = Store::create(&home, &passphrase(), &options())?;
    let started = Instant::now();
    for from in (0..channels).step_by(500) {
        let batch = (from..channels.min(from + 500)).fold(Batch::new(), |batch, number| {
            batch
                .append(id(number), Record::note(0, vec![4; 200]))
                .append(id(number), Record::agreed(1, vec![5; RECORD_BYTES]))
                .append(id(number), Record::signed(2, vec![6; 250]))
        });
        store.submit(batch)?.wait()?;
    }
    println!("\n{channels} channels of three records written in {:.1?}", started.elapsed());
    // A copy of the files of a store that is open is what a kill leaves behind.
    let killed = folder.join("killed");
    fs::create_dir_all(&killed)?;
    for file in ["journal.redb", "journal.log", "witness"] {
        fs::copy(home.join(file), killed.join(file))?;
    }
    store.close()?;
    let file_bytes = fs::metadata(home.join("journal.redb"))?.len();
    println!(
        "file {} MiB, {} bytes a channel",
        file_bytes / 1024 / 1024,
        file_bytes / u64::from(channels.max(1))
    );
    for (name, home) in [("a clean end", &home), ("a kill", &killed)] {
        let started = Instant::now();
        let store = Store::open(home, &passphrase(), &options())?;
        let opened = started.elapsed();
        let mut bytes = 0;
        for channel in store.load_all()? {
            bytes += channel?.records.iter().map(|record| record.bytes.len()).sum::<usize>();
        }
        println!(
            "after {name}: opened in {opened:.2?} (of which the passphrase takes its part), all \
             loaded after {:.2?}, {} MiB of records",
            started.elapsed(),
            bytes / 1024 / 1024
        );
        store.close()?;
    }
    let started = Instant::now();
    Store::create(&folder.join("empty"), &passphrase(), &options())?.close()?;
    println!("an empty store is made and opened in {:.2?}", started.elapsed());
    if let (Some(before), Some(peak)) = (memory_before, peak_kib()) {
        println!(
            "resident memory: {} MiB before, {} MiB at the most (64 MiB of it for the passphrase)",
            before / 1024,
            peak / 1024
        );
    }
    Ok(())
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// A number of KiB that Linux tells of this process.
fn status_kib(field: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(field))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn resident_kib() -> Option<u64> {
    status_kib("VmRSS:")
}

fn peak_kib() -> Option<u64> {
    status_kib("VmHWM:")
}
