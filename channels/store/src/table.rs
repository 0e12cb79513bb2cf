// SPDX-License-Identifier: Apache-2.0

//! Bounded tables of small facts: preimages, invoices, payments, peers, settings.

use crate::sealing::{Keys, RowKey};
use codec::{Decode, Encode};
use std::marker::PhantomData;

/// A table of facts: values of `V` by keys of `K`, both as SCALE writes them.
///
/// Facts are written by batches, together with records of channels, and are as durable and as secret
/// as those. The table's name stands in the file in plain. What `K` and `V` mean is their owner's;
/// give them versions of their own.
#[derive(Debug)]
pub struct Table<K, V> {
    name: TableName,
    limit: u64,
    /// The table holds no fact itself.
    facts: PhantomData<fn(K) -> V>,
}

impl<K, V> Table<K, V> {
    /// A table that holds at most `limit` facts. Two tables of one name are one table.
    pub const fn new(name: &'static str, limit: u64) -> Self {
        Self { name: TableName { name, is_in_runs: false }, limit, facts: PhantomData }
    }

    /// A table whose keys are numbers that are counted up. Facts whose keys differ in the first byte
    /// alone, as SCALE writes them, lie beside each other: 256 in a row. Those that are written
    /// together then share pages, where facts of other tables take one each. A thief of the file sees
    /// which facts are neighbours.
    pub const fn in_runs(name: &'static str, limit: u64) -> Self {
        Self { name: TableName { name, is_in_runs: true }, limit, facts: PhantomData }
    }

    pub(crate) const fn name(&self) -> TableName {
        self.name
    }

    pub(crate) const fn limit(&self) -> u64 {
        self.limit
    }
}

/// A table's name, and how its rows lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TableName {
    pub(crate) name: &'static str,
    is_in_runs: bool,
}

impl TableName {
    /// The name among the database's tables.
    pub(crate) fn rows(self) -> String {
        format!("facts/{}", self.name)
    }

    /// Where the fact with this key lies.
    pub(crate) fn row_key(self, keys: &Keys, key: &[u8]) -> RowKey {
        match key.split_first() {
            Some((first, rest)) if self.is_in_runs => keys.run_key(&self.rows(), *first, rest),
            _ => keys.row_key(&self.rows(), key),
        }
    }
}

/// A fact as it lies in the store.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Fact {
    pub(crate) key: Vec<u8>,
    pub(crate) value: Vec<u8>,
    pub(crate) expires: Option<u64>,
}

impl Fact {
    pub(crate) fn has_expired(&self, now: u64) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }
}

/// A fact that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<K, V> {
    /// Its key.
    pub key: K,
    /// Its value.
    pub value: V,
    /// From when on it may be removed, in the table's own unit of time.
    pub expires: Option<u64>,
}
