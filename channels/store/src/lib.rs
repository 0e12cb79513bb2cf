// SPDX-License-Identifier: Apache-2.0

//! What a party of channels must not forget, on a disk that may fail at any moment.
//!
//! A signature that leaves the machine binds its owner for ever, so what was signed has to be on the
//! disk *before* it leaves. A [`Store`] takes records of channels and small facts, makes them
//! durable, and says so by a [`Ticket`]; only then may anything be sent.
//!
//! ```
//! use millrace_channels_store::{GuessCost, Options, Passphrase, Record, Store};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! let options = Options { guess_cost: GuessCost::LEAST, ..Options::default() };
//! let store = Store::create(folder, &Passphrase::new("correct horse"), &options)?;
//! let channel = [7; 32];
//! store.append(channel, Record::signed(1, "what was signed"))?.wait()?;
//! // Now the signature may leave.
//! store.append(channel, Record::agreed(1, "what everybody signed"))?.wait()?;
//! let records = store.load(channel)?.ok_or("the channel is known")?;
//! assert_eq!(records.signed().count(), 0, "an agreed state replaces what came before");
//! # Ok(())
//! # }
//! ```
//!
//! # What always holds
//!
//! - **ST-1** What a ticket has acknowledged is on the disk, and of a batch all or nothing is.
//! - **ST-2** A channel's agreed version never falls, and nothing is signed at or below it.
//! - **ST-3** Of one version of a channel one state is signed, never another.
//! - **ST-4** In a channel whose records come from a copy nothing is signed until its peers were
//!   asked.
//! - **ST-5** What a channel or a table takes has a bound that no number of payments moves.
//! - **ST-6** After the disk refused a write or a sync nothing is acknowledged any more.
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`record`] | what is kept of a channel, and what replaces what |
//! | [`batch`] | what is written together |
//! | [`table`] | small facts: preimages, invoices, payments, peers, settings |
//! | [`store`] | writing, reading, changing the passphrase |
//! | [`ticket`] | waiting until something is durable |
//! | `writing` | the one thread that writes, and shares each sync among all who wait |
//! | `log` | what the database has not made durable yet; `layers`: the same, to be read |
//! | `moving` | what the log holds, on its way into the database |
//! | `recent` | channels that were written lately |
//! | [`opening`] | making a store, opening one after whatever happened |
//! | [`marks`] | how a store knows that it is a copy; `witness` is the file it compares with |
//! | [`mod@backup`] | copies that know that they are copies |
//! | [`passphrase`], `sealing` | encryption |
//! | `rows`, `files`, `ground`, `migrating` | tables, files, disks, formats |
//! | `faults` | disks that fail in tests of others, with the feature of that name |
//!
//! # What a thief of the file sees
//!
//! How many channels there are, nearly how large each one's records are, and, by comparing two
//! copies, which rows have changed between them; the names of the tables and how many facts each
//! has; when the store was written. Not: ids of channels, amounts, peers, or anything else inside a
//! row. Rows cannot be changed, or moved to another place, without notice; whoever can write the file
//! can put back an older one, or an older row of the same place. `docs/internals/channel-store.md`
//! in the project's repository says more.

pub mod backup;
pub mod batch;
pub mod error;
#[cfg(feature = "faults")]
pub mod faults;
mod files;
mod ground;
mod layers;
mod log;
pub mod marks;
mod migrating;
mod moving;
pub mod opening;
pub mod passphrase;
mod recent;
pub mod record;
mod rows;
mod sealing;
pub mod store;
pub mod table;
pub mod ticket;
mod witness;
mod writing;

#[cfg(test)]
mod tests;

pub use batch::{Batch, MAX_BATCH_BYTES};
pub use error::StoreError;
pub use marks::CopyReason;
pub use opening::Options;
pub use passphrase::{GuessCost, Passphrase};
pub use record::{
    ChannelId, ChannelRecords, Kind, MAX_RECORD_BYTES, MAX_RECORDS_PER_CHANNEL, Provenance, Record,
};
pub use store::{Channels, Stats, Store};
pub use table::{Row, Table};
pub use ticket::Ticket;
