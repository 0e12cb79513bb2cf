// SPDX-License-Identifier: Apache-2.0

//! How a store of an older format becomes one of the newest.

use crate::{
    batch::decode,
    error::{Result, StoreError},
    rows::{self, OpenRows},
    sealing::Keys,
    table::{Fact, Table},
};
use redb::WriteTransaction;

/// Turns a store of one format into the next one. All steps of an opening are one transaction: a
/// crash leaves the old format whole.
pub(crate) type Step = fn(&mut OpenRows<'_>) -> Result<()>;

/// Step `i` leads from format `i + 1` to format `i + 2`.
///
/// | format | what is new |
/// |---|---|
/// | 2 | the log, which releases before it would not see; the history of payments lies in runs |
/// | 3 | the log has two halves, and its rows are sealed once |
pub(crate) const STEPS: &[Step] = &[move_history, halve_log];

/// The table of the daemon that lies in runs since format 2.
const HISTORY: Table<u32, ()> = Table::in_runs("history", u64::MAX);

fn move_history(tables: &mut OpenRows<'_>) -> Result<()> {
    let history = HISTORY.name();
    tables.move_rows(&history.rows(), |keys, row| {
        Ok(history.row_key(keys, &decode::<Fact>(&history.rows(), row)?.key))
    })
}

/// An opening leaves nothing in the log, and each notes how long its halves are.
fn halve_log(_: &mut OpenRows<'_>) -> Result<()> {
    Ok(())
}

/// The format that follows all of the steps.
pub(crate) fn newest(steps: &[Step]) -> u16 {
    u16::try_from(steps.len()).unwrap_or(u16::MAX).saturating_add(1)
}

/// Refuses what a later release wrote, and what none has.
pub(crate) fn check(found: u16, steps: &[Step]) -> Result<()> {
    let known = newest(steps);
    match found {
        0 => Err(StoreError::corrupted("format 0 has never existed")),
        found if found > known => Err(StoreError::NewerFormat { found, known }),
        _ => Ok(()),
    }
}

/// Takes the steps that are missing.
pub(crate) fn migrate(
    write: &WriteTransaction,
    keys: &Keys,
    found: u16,
    steps: &[Step],
) -> Result<()> {
    let missing = steps.iter().skip(usize::from(found.saturating_sub(1)));
    let mut tables = OpenRows::new(write, keys);
    for step in missing {
        step(&mut tables)?;
    }
    drop(tables);
    match found == newest(steps) {
        true => Ok(()),
        false => rows::write_format(write, newest(steps)),
    }
}
