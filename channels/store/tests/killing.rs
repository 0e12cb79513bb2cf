// SPDX-License-Identifier: Apache-2.0

//! A process that is killed at any moment (`kill -9`) leaves everything that it acknowledged, and
//! nothing that is half-written.
//!
//! The test starts itself again as a child that writes and says what was acknowledged, kills it after
//! a random time, and looks at what is there. This shows what a killed process leaves; what a machine
//! without power leaves is tested on a simulated disk, in the crate itself.

use millrace_channels_store::{
    Batch, GuessCost, Options, Passphrase, Provenance, Record, Store, StoreError, Table,
};
use std::{
    collections::BTreeMap,
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

const FOLDER: &str = "MILLRACE_STORE_KILLED_CHILD";
const THREADS: u8 = 4;
const ROUNDS: u64 = 40;
const COUNTS: Table<u8, u64> = Table::new("counts", 10);

fn passphrase() -> Passphrase {
    Passphrase::new("correct horse")
}

fn options() -> Options {
    Options { guess_cost: GuessCost::LEAST, ..Options::default() }
}

/// What a record of this version says, so that anything half-written shows.
fn content(writer: u8, version: u64) -> Vec<u8> {
    let length = 100 + usize::try_from(version % 50).expect("small") * 40;
    version.to_le_bytes().into_iter().chain([writer]).cycle().take(length).collect()
}

/// The channels of a writer. Each of its batches writes to both, and counts.
fn pair(writer: u8) -> [[u8; 32]; 2] {
    [[writer; 32], [writer + 100; 32]]
}

/// The newest version that a writer's batches left, the same in all three places.
fn version_of(store: &Store, writer: u8) -> u64 {
    let versions = pair(writer).map(|channel| {
        let Some(channel) = store.load(channel).expect("readable") else { return 0 };
        assert_eq!(channel.provenance, Provenance::Current);
        assert_eq!(channel.records.len(), 1);
        let agreed = channel.agreed().expect("only agreed states were written");
        assert_eq!(agreed.bytes, content(writer, agreed.version), "nothing is half-written");
        agreed.version
    });
    assert_eq!(versions[0], versions[1], "a batch is whole");
    assert_eq!(store.get(&COUNTS, &writer).expect("readable").unwrap_or(0), versions[0]);
    versions[0]
}

/// Writes for ever, and says after each batch what was acknowledged.
fn write_until_killed(folder: &Path) {
    let store = Store::open(folder, &passphrase(), &options()).expect("the store opens");
    println!("open");
    thread::scope(|scope| {
        for writer in 0..THREADS {
            let store = &store;
            scope.spawn(move || {
                for version in version_of(store, writer) + 1.. {
                    let batch = pair(writer).into_iter().fold(
                        Batch::new().put(&COUNTS, &writer, &version, None),
                        |batch, channel| {
                            let bytes = content(writer, version);
                            batch.append(channel, Record::agreed(version, bytes))
                        },
                    );
                    store.submit(batch).expect("accepted").wait().expect("durable");
                    // One short write to a pipe, so that lines arrive whole or not at all.
                    let line = format!("{writer} {version}\n");
                    std::io::stdout().lock().write_all(line.as_bytes()).expect("written");
                    std::io::stdout().lock().flush().expect("written");
                }
            });
        }
    });
}

/// This test does nothing unless it is the child of the other.
#[test]
fn child() {
    if let Some(folder) = env::var_os(FOLDER) {
        write_until_killed(Path::new(&folder));
    }
}

fn start_child(folder: &Path) -> Child {
    Command::new(env::current_exe().expect("known"))
        .args(["--exact", "child", "--nocapture", "--test-threads", "1"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the child starts")
}

/// The newest version that each writer was acknowledged, from what the child said.
fn acknowledged(lines: &[String]) -> BTreeMap<u8, u64> {
    let pairs = lines.iter().filter_map(|line| {
        let (writer, version) = line.split_once(' ')?;
        Some((writer.parse().ok()?, version.parse().ok()?))
    });
    pairs.collect()
}

#[test]
fn a_killed_process_loses_nothing_that_it_acknowledged() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(Store::create(folder.path(), &passphrase(), &options()).expect("made"));
    let mut dice: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut total = 0;
    for round in 0..ROUNDS {
        let mut child = start_child(folder.path());
        let out = BufReader::new(child.stdout.take().expect("piped"));
        let reader = thread::spawn(move || out.lines().map_while(Result::ok).collect::<Vec<_>>());
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // Short enough to hit the opening at times, long enough for many groups at others.
        thread::sleep(Duration::from_millis((dice >> 33) % 250));
        child.kill().expect("killed");
        child.wait().expect("gone");
        let lines = reader.join().expect("read to the end");

        let store = Store::open(folder.path(), &passphrase(), &options()).expect("it opens");
        assert_eq!(store.copy_reason(), None, "round {round}: a killed process is no copy");
        for (writer, acknowledged) in acknowledged(&lines) {
            let found = version_of(&store, writer);
            // The next batch may have become durable before the child could say so.
            assert!(
                (acknowledged..=acknowledged + 1).contains(&found),
                "round {round}, writer {writer}: {acknowledged} acknowledged, {found} found"
            );
        }
        total = (0..THREADS).map(|writer| version_of(&store, writer)).sum();
    }
    assert!(total > 100, "{total} batches: the children came to write");
}

#[test]
fn a_second_process_is_refused_and_the_first_one_s_end_lets_it_in() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(Store::create(folder.path(), &passphrase(), &options()).expect("made"));
    let mut child = start_child(folder.path());
    let out = BufReader::new(child.stdout.take().expect("piped"));
    // The harness may print something of its own first.
    let mut lines = out.lines().map_while(Result::ok);
    assert!(lines.any(|line| line.ends_with("open")), "the child has opened the store");
    let error = Store::open(folder.path(), &passphrase(), &options()).expect_err("it is open");
    assert!(matches!(error, StoreError::Locked { .. }), "{error}");
    child.kill().expect("killed");
    child.wait().expect("gone");
    Store::open(folder.path(), &passphrase(), &options()).expect("the lock went with the process");
}
