// SPDX-License-Identifier: Apache-2.0

//! What the tests of several chapters need.

use millrace_channels_store::{GuessCost, Options, Passphrase, Store};
use std::sync::Arc;
use tempfile::TempDir;

/// The store in a folder, which is made if there is none.
pub fn store(folder: &TempDir) -> Arc<Store> {
    let options = Options { guess_cost: GuessCost::LEAST, ..Options::default() };
    let pass = Passphrase::new("test");
    let opened = Store::open(folder.path(), &pass, &options);
    Arc::new(opened.or_else(|_| Store::create(folder.path(), &pass, &options)).unwrap())
}
