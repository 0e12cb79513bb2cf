// SPDX-License-Identifier: Apache-2.0

//! The database's tables as the store sees them: sealed rows under hashed keys.

use crate::{
    error::{Doing, Result, StoreError},
    marks::Marks,
    passphrase::Header,
    sealing::{Keys, Nonces, RowKey},
};
use codec::{DecodeAll, Encode};
use redb::{
    ReadOnlyTable, ReadTransaction, ReadableTable, Table, TableDefinition, TableError,
    WriteTransaction,
};
use std::{collections::BTreeMap, ops::Bound};

/// One row a channel.
pub(crate) const CHANNELS: &str = "channels";

/// What the store knows about itself, by name.
pub(crate) const ABOUT: TableDefinition<'static, &'static str, &'static [u8]> =
    TableDefinition::new("about");

/// The format's number, little-endian, in plain.
const FORMAT: &str = "format";

/// The [`Header`], in plain.
const HEADER: &str = "header";

/// How many bytes a half of the log has, little-endian, in plain. Stores of formats 1 and 2 do not have it.
const LOG_HALF: &str = "log half";

/// The [`Marks`], sealed.
const MARKS: &str = "marks";

/// Where the marks' seal is bound to.
const MARKS_KEY: RowKey = [0; 32];

type Rows<'name> = TableDefinition<'name, &'static RowKey, &'static [u8]>;

/// A table of sealed rows, to be read.
pub(crate) type SealedTable = ReadOnlyTable<&'static RowKey, &'static [u8]>;

/// The definition of a table of sealed rows.
pub(crate) fn rows(table: &str) -> Rows<'_> {
    TableDefinition::new(table)
}

/// What a store says about itself before its rows can be read.
pub(crate) struct About {
    pub(crate) format: u16,
    pub(crate) header: Header,
    /// How many bytes a half of its log has; nothing in formats whose log has no halves.
    pub(crate) log_half: Option<u64>,
    sealed_marks: Vec<u8>,
}

impl About {
    /// The marks.
    pub(crate) fn open_marks(&self, keys: &Keys) -> Result<Marks> {
        let marks = keys.open(MARKS, &MARKS_KEY, &self.sealed_marks)?;
        Marks::decode_all(&mut marks.as_slice())
            .map_err(|_| StoreError::corrupted("the store's marks cannot be decoded"))
    }
}

/// Reads what a store says about itself.
///
/// Error: `Corrupted` if this database is not a store.
pub(crate) fn read_about(read: &ReadTransaction) -> Result<About> {
    let missing = || StoreError::corrupted("the file has no header of a store");
    let about = match read.open_table(ABOUT) {
        Ok(about) => about,
        Err(TableError::TableDoesNotExist(_)) => return Err(missing()),
        Err(error) => return Err(error).doing("read the store"),
    };
    let find = |name: &str| -> Result<Option<Vec<u8>>> {
        let value = about.get(name).doing("read the store")?;
        Ok(value.map(|value| value.value().to_vec()))
    };
    let get = |name: &str| find(name)?.ok_or_else(missing);
    let format = get(FORMAT)?.try_into().map_err(|_| missing())?;
    let log_half = find(LOG_HALF)?.map(<[u8; 8]>::try_from).transpose();
    Ok(About {
        format: u16::from_le_bytes(format),
        log_half: log_half.map_err(|_| missing())?.map(u64::from_le_bytes),
        header: Header::decode_all(&mut get(HEADER)?.as_slice()).map_err(|_| missing())?,
        sealed_marks: get(MARKS)?,
    })
}

/// The format as of this transaction.
pub(crate) fn write_format(write: &WriteTransaction, format: u16) -> Result<()> {
    write_about(write, FORMAT, &format.to_le_bytes())
}

/// How many bytes a half of the log has, as of this transaction.
pub(crate) fn write_log_half(write: &WriteTransaction, bytes: u64) -> Result<()> {
    write_about(write, LOG_HALF, &bytes.to_le_bytes())
}

/// As stores of formats before 3 are.
#[cfg(test)]
pub(crate) fn forget_log_half(write: &WriteTransaction) -> Result<()> {
    let mut about = write.open_table(ABOUT).doing("write to the store")?;
    about.remove(LOG_HALF).doing("write to the store")?;
    Ok(())
}

/// The header as of this transaction.
pub(crate) fn write_header(write: &WriteTransaction, header: &Header) -> Result<()> {
    write_about(write, HEADER, &header.encode())
}

/// The marks as of this transaction.
pub(crate) fn write_marks(write: &WriteTransaction, keys: &Keys, marks: &Marks) -> Result<()> {
    write_about(write, MARKS, &keys.seal(MARKS, &MARKS_KEY, &marks.encode())?)
}

fn write_about(write: &WriteTransaction, name: &str, bytes: &[u8]) -> Result<()> {
    let mut about = write.open_table(ABOUT).doing("write to the store")?;
    about.insert(name, bytes).doing("write to the store")?;
    Ok(())
}

/// Copies every table as it is, sealed rows and all. Returns how many rows there were.
pub(crate) fn copy_all(read: &ReadTransaction, write: &WriteTransaction) -> Result<u64> {
    let doing = "copy the store";
    let from = read.open_table(ABOUT).doing(doing)?;
    let mut to = write.open_table(ABOUT).doing(doing)?;
    for row in from.iter().doing(doing)? {
        let (name, value) = row.doing(doing)?;
        to.insert(name.value(), value.value()).doing(doing)?;
    }
    let mut count: u64 = 0;
    for table in read.list_tables().doing(doing)? {
        let name = redb::TableHandle::name(&table);
        if name == redb::TableHandle::name(&ABOUT) {
            continue;
        }
        let from = read.open_table(rows(name)).doing(doing)?;
        let mut to = write.open_table(rows(name)).doing(doing)?;
        for row in from.iter().doing(doing)? {
            let (key, value) = row.doing(doing)?;
            to.insert(key.value(), value.value()).doing(doing)?;
            count = count.saturating_add(1);
        }
    }
    Ok(count)
}

/// The tables of one write transaction, opened as they are needed.
pub(crate) struct OpenRows<'write> {
    write: &'write WriteTransaction,
    keys: &'write Keys,
    tables: BTreeMap<String, Table<'write, &'static RowKey, &'static [u8]>>,
    nonces: Nonces,
}

impl<'write> OpenRows<'write> {
    pub(crate) fn new(write: &'write WriteTransaction, keys: &'write Keys) -> Self {
        let (tables, nonces) = Default::default();
        Self { write, keys, tables, nonces }
    }

    fn table(&mut self, name: &str) -> Result<&mut Table<'write, &'static RowKey, &'static [u8]>> {
        if !self.tables.contains_key(name) {
            let table = self.write.open_table(rows(name)).doing("open a table of the store")?;
            self.tables.insert(name.to_owned(), table);
        }
        self.tables.get_mut(name).ok_or_else(|| StoreError::corrupted("a table vanished"))
    }

    /// Seals a row and writes it, or removes it.
    pub(crate) fn set(&mut self, table: &str, key: &RowKey, row: Option<&[u8]>) -> Result<()> {
        let (keys, nonces) = (self.keys, &mut self.nonces);
        let sealed = row.map(|row| keys.seal_next(nonces, table, key, row)).transpose()?;
        self.put(table, key, sealed.as_deref())
    }

    /// Writes a row that is sealed, or removes it.
    fn put(&mut self, table: &str, key: &RowKey, sealed: Option<&[u8]>) -> Result<()> {
        let rows = self.table(table)?;
        match sealed {
            Some(sealed) => rows.insert(key, sealed).map(drop),
            None => rows.remove(key).map(drop),
        }
        .doing("write to the store")
    }

    /// Moves the rows of a table, if there is one, to where `place` says that they belong by what is
    /// in them. Rows that are damaged stay where they are: whoever reads them is told.
    pub(crate) fn move_rows(
        &mut self,
        table: &str,
        place: impl Fn(&Keys, &[u8]) -> Result<RowKey>,
    ) -> Result<()> {
        /// So many are in memory at once.
        const AT_ONCE: usize = 1_000;
        let doing = "move rows of the store";
        let mut names = self.write.list_tables().doing(doing)?;
        if !names.any(|known| redb::TableHandle::name(&known) == table) {
            return Ok(());
        }
        let keys = self.keys;
        let mut after = Bound::Unbounded;
        loop {
            let rows = self.table(table)?.range::<&RowKey>((after.as_ref(), Bound::Unbounded));
            let some: Vec<(RowKey, Vec<u8>)> = rows
                .doing(doing)?
                .take(AT_ONCE)
                .map(|row| row.map(|(key, row)| (*key.value(), row.value().to_vec())).doing(doing))
                .collect::<Result<_>>()?;
            let Some((last, _)) = some.last() else { return Ok(()) };
            after = Bound::Excluded(*last);
            for (from, sealed) in &some {
                let Ok(row) = keys.open(table, from, sealed) else { continue };
                let Ok(to) = place(keys, &row) else { continue };
                // Those that are moved ahead are met again, where they belong.
                if to != *from {
                    self.put(table, from, None)?;
                    self.put(table, &to, Some(&keys.seal(table, &to, &row)?))?;
                }
            }
        }
    }
}
