// SPDX-License-Identifier: Apache-2.0

//! A machine whose power fails, and whose disk refuses to write or to sync.
//!
//! Each file on the disk is two arrays of bytes: what the system shows, and what would be left without
//! power. A sync makes them equal, for that file alone. When the power fails, any of the writes since the last sync may have
//! reached the disk, in any order, and each of them in part, by sectors of 512 bytes.

use super::{options, passphrase};
use crate::{
    ground::Ground, marks::Stamp, migrating::STEPS, opening, opening::Options,
    passphrase::Passphrase, record::ChannelRecords, store::Store, witness::Witness,
};
use redb::StorageBackend;
use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

const SECTOR: usize = 512;

/// A small generator (xorshift64*, Vigna 2016), so that a power failure replays from its seed.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % sides.max(1)
    }
}

#[derive(Clone, Debug)]
enum Change {
    Write { offset: usize, data: Vec<u8> },
    SetLen(usize),
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Write { offset, data } => {
                let end = offset + data.len();
                if bytes.len() < end {
                    bytes.resize(end, 0);
                }
                bytes[*offset..end].copy_from_slice(data);
            }
            Self::SetLen(len) => bytes.resize(*len, 0),
        }
    }

    /// What reaches the disk of it when the power fails.
    fn apply_in_part(&self, bytes: &mut Vec<u8>, dice: &mut Dice) {
        match self {
            Self::Write { offset, data } => {
                let is_torn = dice.roll(4) == 0;
                for (index, sector) in data.chunks(SECTOR).enumerate() {
                    if !is_torn || dice.roll(2) == 0 {
                        let offset = offset + index * SECTOR;
                        Self::Write { offset, data: sector.to_vec() }.apply(bytes);
                    }
                }
            }
            Self::SetLen(_) => self.apply(bytes),
        }
    }
}

/// What the disk will do.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    /// After this many writes and syncs, the power fails.
    pub(super) power_fails_in: Option<u64>,
    /// The next sync fails. As on Linux, the system then takes the pages for written.
    pub(super) sync_fails: bool,
    /// There is no room beyond this many bytes, in all files together.
    pub(super) room: Option<usize>,
    /// How long a sync takes.
    pub(super) sync_takes: Duration,
}

const DATABASE: usize = 0;
pub(super) const LOG: usize = 1;
const FILES: [usize; 2] = [DATABASE, LOG];

#[derive(Clone, Debug, Default)]
struct File {
    shown: Vec<u8>,
    durable: Vec<u8>,
    unsynced: Vec<Change>,
    syncs: u64,
}

/// What the machine's disk holds, and what it will do.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    files: [File; 2],
    witness_shown: Option<Stamp>,
    witness_durable: Option<Stamp>,
    plan: Plan,
    operations: u64,
}

impl State {
    /// Counts an operation, and fails it if there is no power.
    fn operate(&mut self) -> io::Result<()> {
        match &mut self.plan.power_fails_in {
            Some(0) => return Err(io::Error::other("no power")),
            Some(left) => *left -= 1,
            None => (),
        }
        self.operations += 1;
        Ok(())
    }

    fn change(&mut self, file: usize, change: Change) -> io::Result<()> {
        self.operate()?;
        let end = match &change {
            Change::Write { offset, data } => offset + data.len(),
            Change::SetLen(len) => *len,
        };
        let grows_by = end.saturating_sub(self.files[file].shown.len());
        let taken: usize = self.files.iter().map(|file| file.shown.len()).sum();
        if grows_by > 0 && self.plan.room.is_some_and(|room| taken + grows_by > room) {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        change.apply(&mut self.files[file].shown);
        self.files[file].unsynced.push(change);
        Ok(())
    }

    fn sync(&mut self, file: usize) -> io::Result<()> {
        self.operate()?;
        let file = &mut self.files[file];
        if std::mem::take(&mut self.plan.sync_fails) {
            file.unsynced.clear();
            return Err(io::Error::other("the disk is failing"));
        }
        for change in std::mem::take(&mut file.unsynced) {
            change.apply(&mut file.durable);
        }
        file.syncs += 1;
        Ok(())
    }
}

/// The machine. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Machine(Arc<Mutex<State>>);

impl Machine {
    /// A machine with a store that has seen nothing.
    pub(super) fn with_store() -> Self {
        let machine = Self::default();
        let disk = Disk { machine: machine.clone(), file: DATABASE };
        let mut witness = MemoryWitness(machine.clone());
        opening::make(Box::new(disk), &mut witness, [1; 32], &passphrase(), &options())
            .expect("a store can be made");
        machine
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics in here")
    }

    pub(super) fn plan(&self, plan: Plan) {
        self.state().plan = plan;
    }

    pub(super) fn syncs(&self) -> u64 {
        FILES.into_iter().map(|file| self.syncs_of(file)).sum()
    }

    pub(super) fn syncs_of(&self, file: usize) -> u64 {
        self.state().files[file].syncs
    }

    /// How many commits the witness has seen.
    pub(super) fn witnessed(&self) -> Option<u64> {
        self.state().witness_shown.as_ref().map(|stamp| stamp.sequence)
    }

    /// The store's process is killed: nothing more is written. What was written is shown.
    pub(super) fn kill(&self, store: Store) {
        self.plan(Plan { power_fails_in: Some(0), ..Plan::default() });
        drop(store);
        self.plan(Plan::default());
    }

    pub(super) fn clone_state(&self) -> State {
        self.state().clone()
    }

    pub(super) fn put_state(&self, state: State) {
        *self.state() = state;
    }

    /// How many writes and syncs there were.
    pub(super) fn operations(&self) -> u64 {
        self.state().operations
    }

    /// The power fails, if it has not, and comes back.
    pub(super) fn lose_power(&self, dice: &mut Dice) {
        let mut state = self.state();
        let share = dice.roll(5);
        for file in &mut state.files {
            for change in std::mem::take(&mut file.unsynced) {
                if dice.roll(4) < share {
                    change.apply_in_part(&mut file.durable, dice);
                }
            }
            file.shown = file.durable.clone();
        }
        match dice.roll(2) {
            0 => state.witness_shown = state.witness_durable.clone(),
            _ => state.witness_durable = state.witness_shown.clone(),
        }
        state.plan = Plan::default();
    }

    /// A copy of the store's files, without its witness: the database and its log.
    pub(super) fn copy_files(&self) -> [Vec<u8>; 2] {
        FILES.map(|file| self.state().files[file].shown.clone())
    }

    /// Writes copies over the store's files; the witness stays.
    pub(super) fn put_files(&self, copies: [Vec<u8>; 2]) {
        let mut state = self.state();
        for (file, bytes) in state.files.iter_mut().zip(copies) {
            file.shown = bytes.clone();
            file.durable = bytes;
        }
    }

    pub(super) fn try_open(&self) -> crate::error::Result<Store> {
        self.try_open_with(&passphrase())
    }

    pub(super) fn try_open_with(&self, passphrase: &Passphrase) -> crate::error::Result<Store> {
        self.try_open_as(passphrase, &options())
    }

    pub(super) fn open_with(&self, options: &Options) -> Store {
        self.try_open_as(&passphrase(), options).expect("the store opens")
    }

    fn try_open_as(
        &self,
        passphrase: &Passphrase,
        options: &Options,
    ) -> crate::error::Result<Store> {
        let machine = self.clone();
        let rewrite = move || {
            let mut state = machine.state();
            FILES.into_iter().try_for_each(|file| {
                let data = state.files[file].shown.clone();
                state.change(file, Change::Write { offset: 0, data })?;
                state.sync(file)
            })
        };
        let disk = |file| Box::new(Disk { machine: self.clone(), file });
        let ground = Ground {
            backend: disk(DATABASE),
            log: disk(LOG),
            witness: Box::new(MemoryWitness(self.clone())),
            place: [1; 32],
            rewrite: Box::new(rewrite),
        };
        opening::open(ground, |header| header.unwrap(passphrase), options, STEPS)
    }

    pub(super) fn open(&self) -> Store {
        self.try_open().expect("the store opens")
    }
}

/// One of the machine's files.
#[derive(Debug)]
struct Disk {
    machine: Machine,
    file: usize,
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.machine.state().files[self.file].shown.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let start = offset as usize;
        let state = self.machine.state();
        let bytes = state.files[self.file].shown.get(start..start + out.len());
        out.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.machine.state().change(self.file, Change::SetLen(len as usize))
    }

    fn sync_data(&self) -> io::Result<()> {
        let takes = self.machine.state().plan.sync_takes;
        std::thread::sleep(takes);
        self.machine.state().sync(self.file)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let change = Change::Write { offset: offset as usize, data: data.to_vec() };
        self.machine.state().change(self.file, change)
    }
}

#[derive(Debug)]
struct MemoryWitness(Machine);

impl Witness for MemoryWitness {
    fn read(&mut self) -> io::Result<Option<Stamp>> {
        Ok(self.0.state().witness_shown.clone())
    }

    fn write(&mut self, stamp: &Stamp, durably: bool) -> io::Result<()> {
        let mut state = self.0.state();
        state.operate()?;
        state.witness_shown = Some(stamp.clone());
        if durably {
            state.witness_durable = Some(stamp.clone());
        }
        Ok(())
    }
}

/// Everything a store says about its channels.
pub(super) fn channels(store: &Store) -> BTreeMap<[u8; 32], ChannelRecords> {
    let all = store.load_all().expect("the store can be read");
    all.map(|channel| channel.expect("every row is authentic"))
        .map(|records| (records.channel, records))
        .collect()
}
