// SPDX-License-Identifier: Apache-2.0

//! What is durable: the database, and over it what only the log has.
//!
//! A channel in which payments go on is written again within milliseconds. Its row goes to the log each
//! time, and into the database only after the log's half is full, as it is then, sealed once. Until then
//! it lies here (a table in memory before one on the disk: O'Neil et al., "The log-structured merge-tree",
//! 1996; there are two of them, one that is written to and one that is on its way into the database).

use crate::{
    error::{Doing, Result, StoreError},
    rows::{self, SealedTable},
    sealing::{Keys, RowKey},
};
use redb::{
    Database, OwnedRange, ReadTransaction, ReadableDatabase, ReadableTableMetadata, TableHandle,
};
use std::{
    collections::{BTreeMap, btree_map},
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

/// A row, not sealed; nothing if it was removed.
pub(crate) type Row = Option<Arc<[u8]>>;

/// Rows of one table.
type OfTable = BTreeMap<RowKey, Row>;

/// Rows that were written or removed, by table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changed {
    tables: BTreeMap<String, OfTable>,
}

impl Changed {
    pub(crate) fn put(&mut self, table: &str, key: RowKey, row: Row) {
        if !self.tables.contains_key(table) {
            self.tables.insert(table.to_owned(), BTreeMap::new());
        }
        if let Some(rows) = self.tables.get_mut(table) {
            rows.insert(key, row);
        }
    }

    /// Nothing if the row is not among them.
    fn get(&self, table: &str, key: &RowKey) -> Option<&Row> {
        self.tables.get(table)?.get(key)
    }

    /// All of them, in the database's order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&str, &RowKey, &Row)> {
        let tables = self.tables.iter();
        tables
            .flat_map(|(table, rows)| rows.iter().map(move |(key, row)| (table.as_str(), key, row)))
    }

    /// Puts all of `newer` over these.
    fn cover(&mut self, newer: Self) {
        for (table, rows) in newer.tables {
            self.tables.entry(table).or_default().extend(rows);
        }
    }
}

/// The database as it was at some moment.
struct Base {
    read: ReadTransaction,
    tables: BTreeMap<String, SealedTable>,
}

impl Base {
    fn of(database: &Database) -> Result<Self> {
        let doing = "read the store";
        let read = database.begin_read().doing(doing)?;
        let mut tables = BTreeMap::new();
        for table in read.list_tables().doing(doing)? {
            // All others hold sealed rows.
            if table.name() != rows::ABOUT.name() {
                let rows = read.open_table(rows::rows(table.name())).doing(doing)?;
                tables.insert(table.name().to_owned(), rows);
            }
        }
        Ok(Self { read, tables })
    }

    fn count(&self, table: &str) -> Result<u64> {
        self.tables.get(table).map_or(Ok(0), |rows| rows.len()).doing("read the store")
    }
}

/// The layers, each over the one before.
struct Stack {
    /// Nothing once the store is closed.
    base: Option<Arc<Base>>,
    /// On their way into the database.
    older: Arc<Changed>,
    /// Written since the log's half was begun.
    newer: Changed,
    /// How many rows the tables have in which that has changed above the base.
    counts: BTreeMap<String, u64>,
}

impl Stack {
    fn base(&self) -> Result<&Base> {
        self.base.as_deref().ok_or(StoreError::Closed)
    }

    /// A row above the base; nothing if none of this key was changed.
    fn above(&self, table: &str, key: &RowKey) -> Option<&Row> {
        self.newer.get(table, key).or_else(|| self.older.get(table, key))
    }

    fn get(&self, keys: &Keys, table: &str, key: &RowKey) -> Result<Option<Vec<u8>>> {
        if let Some(row) = self.above(table, key) {
            return Ok(row.as_deref().map(<[u8]>::to_vec));
        }
        let Some(rows) = self.base()?.tables.get(table) else { return Ok(None) };
        let row = rows.get(key).doing("read the store")?;
        row.map(|row| keys.open(table, key, row.value())).transpose()
    }

    /// Whether there is a row. It is not opened for that.
    fn has(&self, table: &str, key: &RowKey) -> Result<bool> {
        if let Some(row) = self.above(table, key) {
            return Ok(row.is_some());
        }
        let Some(rows) = self.base()?.tables.get(table) else { return Ok(false) };
        Ok(rows.get(key).doing("read the store")?.is_some())
    }

    fn count(&self, table: &str) -> Result<u64> {
        self.counts.get(table).map_or_else(|| self.base()?.count(table), |count| Ok(*count))
    }
}

/// What is durable. The writer alone changes it; others read at any time.
pub(crate) struct Layers(RwLock<Stack>);

impl Layers {
    /// What the database has, and nothing over it.
    pub(crate) fn over(database: &Database) -> Result<Self> {
        let base = Some(Arc::new(Base::of(database)?));
        let (older, newer, counts) = Default::default();
        Ok(Self(RwLock::new(Stack { base, older, newer, counts })))
    }

    /// Nothing panics while it holds the lock.
    fn stack(&self) -> RwLockReadGuard<'_, Stack> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn stack_mut(&self) -> RwLockWriteGuard<'_, Stack> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// A row, opened.
    pub(crate) fn get(&self, keys: &Keys, table: &str, key: &RowKey) -> Result<Option<Vec<u8>>> {
        self.stack().get(keys, table, key)
    }

    /// How many rows a table has.
    pub(crate) fn count(&self, table: &str) -> Result<u64> {
        self.stack().count(table)
    }

    /// All rows of a table as they are at this moment, opened one by one.
    pub(crate) fn rows(&self, keys: &Arc<Keys>, table: &str) -> Result<Rows> {
        let stack = self.stack();
        let mut above = OfTable::new();
        for layer in [&*stack.older, &stack.newer] {
            let rows = layer.tables.get(table).into_iter().flatten();
            above.extend(rows.map(|(key, row)| (*key, row.clone())));
        }
        let base = stack.base()?.tables.get(table);
        let base = base.map(|rows| rows.range_owned::<&RowKey>(..)).transpose();
        Ok(Rows {
            table: table.to_owned(),
            keys: keys.clone(),
            base: base.doing("read the store")?,
            above,
            rest: btree_map::IntoIter::default(),
        })
    }

    /// Hands over the database as it is, and all that lies over it.
    pub(crate) fn look<T>(
        &self,
        look: impl FnOnce(&ReadTransaction, &Changed) -> Result<T>,
    ) -> Result<T> {
        let (base, above) = {
            let stack = self.stack();
            let mut above = Changed::clone(&stack.older);
            above.cover(stack.newer.clone());
            (stack.base.clone().ok_or(StoreError::Closed)?, above)
        };
        look(&base.read, &above)
    }

    /// Begins a group of batches.
    pub(crate) fn group<'a>(&'a self, keys: &'a Keys) -> Group<'a> {
        let (changed, counts) = Default::default();
        Group { keys, below: self.stack(), changed, counts }
    }

    /// Shows what a group has changed: it is durable.
    pub(crate) fn show(&self, decided: Decided) {
        let mut stack = self.stack_mut();
        stack.newer.cover(decided.changed);
        stack.counts.extend(decided.counts);
    }

    /// What was written since the last time, which is about to be written into the database. What was
    /// handed out before has to be there by now.
    pub(crate) fn freeze(&self) -> Arc<Changed> {
        let mut stack = self.stack_mut();
        stack.older = Arc::new(std::mem::take(&mut stack.newer));
        stack.older.clone()
    }

    /// Takes note that the database has, durably, what was frozen.
    pub(crate) fn settle(&self, database: &Database) -> Result<()> {
        let base = Arc::new(Base::of(database)?);
        let (base, older) = {
            let mut stack = self.stack_mut();
            if stack.newer.tables.is_empty() {
                stack.counts.clear();
            }
            (stack.base.replace(base), std::mem::take(&mut stack.older))
        };
        // Not while others wait for the lock.
        drop((base, older));
        Ok(())
    }

    /// Lets go of the database, so that it can be closed.
    pub(crate) fn close(&self) {
        self.stack_mut().base = None;
    }
}

/// The rows as a group of batches leaves them, before they are durable.
pub(crate) struct Group<'a> {
    keys: &'a Keys,
    below: RwLockReadGuard<'a, Stack>,
    changed: Changed,
    counts: BTreeMap<String, u64>,
}

/// What a group has changed.
pub(crate) struct Decided {
    pub(crate) changed: Changed,
    counts: BTreeMap<String, u64>,
}

impl Group<'_> {
    /// A row, opened.
    pub(crate) fn get(&self, table: &str, key: &RowKey) -> Result<Option<Vec<u8>>> {
        match self.changed.get(table, key) {
            Some(row) => Ok(row.as_deref().map(<[u8]>::to_vec)),
            None => self.below.get(self.keys, table, key),
        }
    }

    /// Whether there is a row. It is not opened for that.
    pub(crate) fn has(&self, table: &str, key: &RowKey) -> Result<bool> {
        match self.changed.get(table, key) {
            Some(row) => Ok(row.is_some()),
            None => self.below.has(table, key),
        }
    }

    /// How many rows a table has.
    pub(crate) fn count(&self, table: &str) -> Result<u64> {
        self.counts.get(table).map_or_else(|| self.below.count(table), |count| Ok(*count))
    }

    /// Writes a row, or removes it. `was_there`: whether there is one now.
    pub(crate) fn set(
        &mut self,
        table: &str,
        key: RowKey,
        was_there: bool,
        row: Option<Vec<u8>>,
    ) -> Result<()> {
        if was_there != row.is_some() {
            let count = self.count(table)?;
            let count = if was_there { count.saturating_sub(1) } else { count.saturating_add(1) };
            self.counts.insert(table.to_owned(), count);
        }
        self.changed.put(table, key, row.map(Arc::from));
        Ok(())
    }

    /// All that was written.
    pub(crate) fn decided(self) -> Decided {
        Decided { changed: self.changed, counts: self.counts }
    }
}

/// The rows of a table as they were at some moment, opened one by one. While this lives, the database
/// keeps what it replaces.
pub(crate) struct Rows {
    table: String,
    keys: Arc<Keys>,
    base: Option<OwnedRange<&'static RowKey, &'static [u8]>>,
    /// They hide those of the base.
    above: OfTable,
    /// The same, once the base has come to its end.
    rest: btree_map::IntoIter<RowKey, Row>,
}

impl Iterator for Rows {
    type Item = Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(base) = &mut self.base {
            let Some(found) = base.next() else {
                self.base = None;
                break;
            };
            let (key, row) = match found.doing("read the store") {
                Ok(found) => found,
                Err(error) => return Some(Err(error)),
            };
            if !self.above.contains_key(key.value()) {
                return Some(self.keys.open(&self.table, key.value(), row.value()));
            }
        }
        if !self.above.is_empty() {
            self.rest = std::mem::take(&mut self.above).into_iter();
        }
        self.rest.find_map(|(_, row)| row).map(|row| Ok(row.to_vec()))
    }
}
