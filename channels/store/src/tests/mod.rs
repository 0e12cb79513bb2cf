// SPDX-License-Identifier: Apache-2.0

//! Tests of the store, one file per chapter.

mod bounds;
mod copies;
mod failing;
mod formats;
mod groups;
mod logs;
mod machine;
mod model;
mod records;
mod secrets;
mod tables;

use crate::{GuessCost, Options, Passphrase, Store, StoreError};
use std::path::Path;

fn options() -> Options {
    Options {
        guess_cost: GuessCost::LEAST,
        cache_bytes: 1024 * 1024,
        // Each half takes five small groups, so that tests see many rounds of the log.
        log_bytes: 10 * 4_096,
        ..Options::default()
    }
}

fn passphrase() -> Passphrase {
    Passphrase::new("correct horse")
}

fn create(folder: &Path) -> Store {
    Store::create(folder, &passphrase(), &options()).expect("a store can be made")
}

fn open(folder: &Path) -> Store {
    Store::open(folder, &passphrase(), &options()).expect("the store opens")
}

/// The name of an error's variant, for tests that compare what was refused and not how it is told.
fn name(error: &StoreError) -> String {
    let text = format!("{error:?}");
    text.split([' ', '{', '(']).next().unwrap_or_default().to_owned()
}
