// SPDX-License-Identifier: Apache-2.0

//! What a full half of the log holds, on its way into the database.
//!
//! One transaction takes it, a part with each group that goes to the other half: so nobody has to wait
//! while thousands of rows are sealed and written at once. It is durable well before the other half is
//! full.

use crate::{
    error::{Doing, Result},
    layers::{Changed, Row},
    marks::Marks,
    rows::{self, OpenRows},
    sealing::{Keys, RowKey},
};
use redb::{Database, WriteTransaction};
use std::{sync::Arc, vec};

/// Rows that are written to the database, and nothing of it shown or durable before the last one is.
pub(crate) struct Moving {
    write: WriteTransaction,
    /// The store's marks after what is moved.
    marks: Marks,
    left: vec::IntoIter<(Arc<str>, RowKey, Row)>,
    count: u64,
}

impl Moving {
    /// Begins to move these. `marks`: the store's marks after them.
    pub(crate) fn begin(database: &Database, changed: &Changed, marks: Marks) -> Result<Self> {
        let mut rows: Vec<(Arc<str>, RowKey, Row)> = Vec::new();
        for (table, key, row) in changed.rows() {
            let name = match rows.last() {
                Some((last, ..)) if **last == *table => last.clone(),
                _ => table.into(),
            };
            rows.push((name, *key, row.clone()));
        }
        let write = database.begin_write().doing("write to the store")?;
        Ok(Self { write, marks, count: rows.len() as u64, left: rows.into_iter() })
    }

    /// Moves on until this part of all is moved: `done` of `of`.
    pub(crate) fn advance(&mut self, keys: &Keys, done: u64, of: u64) -> Result<()> {
        let due = self.count.saturating_mul(done).div_ceil(of.max(1));
        let moved = self.count.saturating_sub(self.left.len() as u64);
        let mut tables = OpenRows::new(&self.write, keys);
        for _ in moved..due.min(self.count) {
            let Some((table, key, row)) = self.left.next() else { break };
            tables.set(&table, &key, row.as_deref())?;
        }
        Ok(())
    }

    /// Writes what comes after all that is moved.
    pub(crate) fn add(&mut self, keys: &Keys, changed: &Changed) -> Result<()> {
        self.advance(keys, 1, 1)?;
        let mut tables = OpenRows::new(&self.write, keys);
        changed.rows().try_for_each(|(table, key, row)| tables.set(table, key, row.as_deref()))
    }

    /// Whether all is moved. It is not durable yet.
    pub(crate) fn is_done(&self) -> bool {
        self.left.len() == 0
    }

    /// The transaction, for what else is to become durable with it.
    pub(crate) fn write(&self) -> &WriteTransaction {
        &self.write
    }

    /// Moves what is left, and makes all durable.
    pub(crate) fn finish(mut self, keys: &Keys) -> Result<()> {
        self.advance(keys, 1, 1)?;
        rows::write_marks(&self.write, keys, &self.marks)?;
        self.write.commit().doing("make the store durable")
    }
}
