// SPDX-License-Identifier: Apache-2.0

//! The store against a naive one in memory, through random writes, restarts, power failures and old
//! copies put back.

use super::{
    machine::{Dice, Machine, Plan, channels},
    name,
};
use crate::{Batch, Kind, MAX_RECORDS_PER_CHANNEL, Provenance, Record, Store, Table};
use proptest::prelude::*;
use std::collections::BTreeMap;

const FACTS: Table<u8, u16> = Table::new("facts", 4);

/// One change of a batch.
#[derive(Clone, Debug)]
enum Change {
    Append { channel: u8, kind: Kind, version: u64, byte: u8 },
    Confirm { channel: u8, known: u64 },
    Forget { channel: u8 },
    Put { key: u8, value: u16, expires: Option<u64> },
    Remove { key: u8 },
}

/// One thing that happens.
#[derive(Clone, Debug)]
enum Act {
    /// These batches are submitted at once, and waited for.
    Write(Vec<Vec<Change>>),
    /// The same, and the power fails after so many operations of the disk.
    WriteAndLosePower(Vec<Vec<Change>>, u64, u64),
    /// The same, and a sync fails.
    WriteAndFailSync(Vec<Vec<Change>>),
    /// The store is closed and opened.
    Reopen,
    /// Somebody keeps a copy of the files, closed or open.
    Copy { is_open: bool },
    /// Somebody writes the last copy over the files.
    PutBack,
    /// Facts that have expired go.
    Expire(u64),
}

fn change() -> impl Strategy<Value = Change> {
    let kind = prop_oneof![
        4 => Just(Kind::Agreed),
        5 => Just(Kind::Signed),
        2 => (0..40_u8).prop_map(Kind::Note),
    ];
    let channel = || 0..4_u8;
    prop_oneof![
        12 => (channel(), kind, 0..12_u64, 0..3_u8).prop_map(|(channel, kind, version, byte)| {
            Change::Append { channel, kind, version, byte }
        }),
        3 => (channel(), 0..8_u64)
            .prop_map(|(channel, known)| Change::Confirm { channel, known }),
        1 => channel().prop_map(|channel| Change::Forget { channel }),
        3 => (0..7_u8, any::<u16>(), prop::option::of(0..10_u64))
            .prop_map(|(key, value, expires)| Change::Put { key, value, expires }),
        1 => (0..7_u8).prop_map(|key| Change::Remove { key }),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    let batch = || prop::collection::vec(change(), 1..4);
    let batches = move || prop::collection::vec(batch(), 1..6);
    prop_oneof![
        10 => batches().prop_map(Act::Write),
        5 => (batches(), 0..60_u64, any::<u64>())
            .prop_map(|(batches, at, seed)| Act::WriteAndLosePower(batches, at, seed)),
        1 => batches().prop_map(Act::WriteAndFailSync),
        2 => Just(Act::Reopen),
        2 => any::<bool>().prop_map(|is_open| Act::Copy { is_open }),
        1 => Just(Act::PutBack),
        1 => (0..10_u64).prop_map(Act::Expire),
    ]
}

/// What records say, by kind and version.
type Records = BTreeMap<(Kind, u64), u8>;

/// What a store holds, as simply as it can be said.
#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    /// Whether a copy was ever put back.
    is_copy: bool,
    /// By channel: whether it is current, and its records.
    channels: BTreeMap<u8, (bool, Records)>,
    facts: BTreeMap<u8, (u16, Option<u64>)>,
}

impl Model {
    /// What becomes of it with a batch, or the name of the rule that the batch breaks.
    fn with(&self, batch: &[Change]) -> Result<Self, &'static str> {
        let mut model = self.clone();
        for change in batch {
            model.apply(change)?;
        }
        Ok(model)
    }

    fn apply(&mut self, change: &Change) -> Result<(), &'static str> {
        match *change {
            Change::Append { channel, kind, version, byte } => {
                let is_new_current = !self.is_copy;
                let (is_current, records) =
                    self.channels.entry(channel).or_insert((is_new_current, BTreeMap::new()));
                let agreed = records.keys().find(|(kind, _)| *kind == Kind::Agreed).map(|k| k.1);
                let is_below = agreed.is_some_and(|agreed| version < agreed);
                let mut place = (kind, version);
                match kind {
                    Kind::Agreed if is_below => return Err("Stale"),
                    Kind::Agreed => records.retain(|(kind, known), _| {
                        matches!(kind, Kind::Note(_)) || *kind == Kind::Signed && *known > version
                    }),
                    Kind::Signed if !*is_current => return Err("Unconfirmed"),
                    Kind::Signed if is_below || agreed == Some(version) => return Err("Stale"),
                    Kind::Signed => match records.get(&place) {
                        Some(known) if *known == byte => return Ok(()),
                        Some(_) => return Err("AlreadySigned"),
                        None => (),
                    },
                    Kind::Note(_) => place.1 = 0,
                }
                records.insert(place, byte);
                match records.len() <= MAX_RECORDS_PER_CHANNEL {
                    true => Ok(()),
                    false => Err("ChannelFull"),
                }
            }
            Change::Confirm { channel, known } => {
                let (is_current, records) = self.channels.entry(channel).or_default();
                let agreed = records.keys().find(|(kind, _)| *kind == Kind::Agreed).map(|k| k.1);
                if known > agreed.unwrap_or(0) {
                    return Err("Behind");
                }
                *is_current = true;
                Ok(())
            }
            Change::Forget { channel } => {
                self.channels.remove(&channel);
                Ok(())
            }
            Change::Put { key, value, expires } => {
                self.facts.insert(key, (value, expires));
                match self.facts.len() <= 4 {
                    true => Ok(()),
                    false => Err("TableFull"),
                }
            }
            Change::Remove { key } => {
                self.facts.remove(&key);
                Ok(())
            }
        }
    }

    /// What a copy of it is, once it is put back.
    fn put_back(&self) -> Self {
        let mut model = self.clone();
        model.is_copy = true;
        model.channels.values_mut().for_each(|(is_current, _)| *is_current = false);
        model
    }

    /// What the store says it holds, in these terms.
    fn read(store: &Store, is_copy: bool) -> Self {
        let mut model = Self { is_copy, ..Self::default() };
        for (id, channel) in channels(store) {
            let records = channel.records.iter().map(|record| {
                let byte = record.bytes.first().copied().unwrap_or_default();
                assert_eq!(record.bytes, vec![byte; 700], "a record is whole");
                ((record.kind, record.version), byte)
            });
            let is_current = channel.provenance == Provenance::Current;
            model.channels.insert(id[0], (is_current, records.collect()));
        }
        for row in store.rows(&FACTS).expect("readable") {
            let row = row.expect("authentic");
            model.facts.insert(row.key, (row.value, row.expires));
        }
        model
    }
}

fn batch(changes: &[Change]) -> Batch {
    changes.iter().fold(Batch::new(), |batch, change| match *change {
        Change::Append { channel, kind, version, byte } => {
            let version = if matches!(kind, Kind::Note(_)) { 0 } else { version };
            batch.append([channel; 32], Record { kind, version, bytes: vec![byte; 700] })
        }
        Change::Confirm { channel, known } => batch.confirm([channel; 32], known),
        Change::Forget { channel } => batch.forget([channel; 32]),
        Change::Put { key, value, expires } => batch.put(&FACTS, &key, &value, expires),
        Change::Remove { key } => batch.remove(&FACTS, &key),
    })
}

/// Store and model, side by side.
struct World {
    machine: Machine,
    store: Option<Store>,
    model: Model,
    copy: Option<([Vec<u8>; 2], Model)>,
}

impl World {
    fn new() -> Self {
        let machine = Machine::with_store();
        let store = Some(machine.open());
        Self { machine, store, model: Model::default(), copy: None }
    }

    fn store(&self) -> &Store {
        self.store.as_ref().expect("open between acts")
    }

    fn check(&self) {
        assert_eq!(Model::read(self.store(), self.model.is_copy), self.model);
    }

    /// Submits batches at once and waits for all. Returns every state that the store may be in if
    /// the disk failed on the way: those from the last acknowledged batch on.
    fn write(&mut self, batches: &[Vec<Change>]) -> Vec<Model> {
        let tickets: Vec<_> =
            batches.iter().map(|changes| self.store().submit(batch(changes))).collect();
        let mut possible = vec![self.model.clone()];
        let mut has_failed = false;
        for (changes, ticket) in batches.iter().zip(tickets) {
            let before = possible.last().expect("never empty").clone();
            let expected = before.with(changes);
            match ticket.and_then(|ticket| ticket.wait()) {
                Ok(()) => {
                    assert!(!has_failed, "what follows a failure is not acknowledged");
                    possible = vec![expected.expect("the model refuses what was accepted")];
                }
                Err(error) if ["Failed", "Closed"].contains(&name(&error).as_str()) => {
                    has_failed = true;
                    possible.extend(expected.ok());
                }
                Err(error) => assert_eq!(Err(name(&error).as_str()), expected.map(drop)),
            }
        }
        possible
    }

    fn reopen(&mut self, possible: &[Model]) {
        self.store = None;
        self.store = Some(self.machine.open());
        assert_eq!(self.store().copy_reason(), None, "it is no copy");
        let found = Model::read(self.store(), possible[0].is_copy);
        assert!(possible.contains(&found), "found {found:#?}, possible are {possible:#?}");
        self.model = found;
    }

    fn reopen_unchanged(&mut self) {
        let unchanged = vec![self.model.clone()];
        self.reopen(&unchanged);
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::Write(batches) => {
                let mut possible = self.write(batches);
                assert_eq!(possible.len(), 1, "no disk failed");
                self.model = possible.remove(0);
            }
            Act::WriteAndLosePower(batches, at, seed) => {
                self.machine.plan(Plan { power_fails_in: Some(*at), ..Plan::default() });
                let possible = self.write(batches);
                self.store = None;
                self.machine.lose_power(&mut Dice::new(*seed));
                self.reopen(&possible);
            }
            Act::WriteAndFailSync(batches) => {
                self.machine.plan(Plan { sync_fails: true, ..Plan::default() });
                let possible = self.write(batches);
                self.store = None;
                self.machine.plan(Plan::default());
                self.reopen(&possible);
            }
            Act::Reopen => self.reopen_unchanged(),
            Act::Copy { is_open } => {
                if !is_open {
                    self.reopen_unchanged();
                    self.store = None;
                }
                self.copy = Some((self.machine.copy_files(), self.model.clone()));
                self.store.get_or_insert_with(|| self.machine.open());
            }
            Act::PutBack => {
                let Some((files, copied)) = self.copy.take() else { return };
                // Another run and another commit, so that the copy is older than the store.
                self.reopen_unchanged();
                self.write(&[vec![Change::Forget { channel: 3 }]]);
                self.store = None;
                self.machine.put_files(files);
                self.store = Some(self.machine.open());
                assert!(self.store().copy_reason().is_some(), "it is recognised");
                self.model = copied.put_back();
            }
            Act::Expire(now) => {
                let before = self.model.facts.len();
                self.model.facts.retain(|_, (_, expires)| expires.is_none_or(|at| at > *now));
                let count = self.store().expire(&FACTS, *now).expect("the disk is sound");
                assert_eq!(count, before - self.model.facts.len());
            }
        }
        self.check();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_store_is_what_the_model_is(acts in prop::collection::vec(act(), 1..40)) {
        let mut world = World::new();
        for act in &acts {
            world.act(act);
        }
    }
}
