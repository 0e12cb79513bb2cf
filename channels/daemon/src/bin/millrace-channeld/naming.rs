// SPDX-License-Identifier: Apache-2.0

//! What the chain calls itself and its token, as a node of it has told. It is kept, because people's
//! amounts are read by it, and payments are made also while no node of the chain answers.

use anyhow::Context;
use millrace_channels_chain::{Chain, Identity};
use millrace_channels_store::{Batch, Store, Table};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Name of the chain, symbol and decimals of its token.
pub type Names = (String, String, u32);

/// The names in what a chain says about itself.
pub fn names_of(identity: &Identity) -> Names {
    (identity.chain.clone(), identity.token.clone(), identity.decimals)
}

/// The newest names.
const NAMES: Table<u8, Names> = Table::new("names", 1);

/// Keeps the names of the chain.
#[derive(Clone)]
pub struct Naming {
    store: Arc<Store>,
    known: Arc<Mutex<Option<Names>>>,
}

impl Naming {
    /// What an earlier run was told, to begin with.
    pub fn open(store: Arc<Store>) -> anyhow::Result<Self> {
        let kept = store.get(&NAMES, &0).context("the chain's name cannot be read")?;
        Ok(Self { store, known: Arc::new(Mutex::new(kept)) })
    }

    /// The names; nothing before the first node was followed.
    pub fn names(&self) -> Option<Names> {
        self.known().clone()
    }

    /// Notes what each node says that is followed, until none is any more.
    pub async fn keep(self, mut connection: watch::Receiver<Option<Chain>>) {
        loop {
            let told = connection.borrow_and_update().as_ref().map(|it| names_of(it.identity()));
            if let Some(names) = told {
                self.note(names);
            }
            if connection.changed().await.is_err() {
                return;
            }
        }
    }

    fn note(&self, names: Names) {
        let mut known = self.known();
        if known.as_ref() != Some(&names) {
            // If the disk refuses, this run knows them all the same.
            drop(self.store.try_submit(Batch::new().put(&NAMES, &0, &names, None)));
            *known = Some(names);
        }
    }

    fn known(&self) -> MutexGuard<'_, Option<Names>> {
        // Each use is a few steps that cannot fail.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::store;

    #[test]
    fn names_survive_the_node_that_told_them_and_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let names = ("Small".to_owned(), "MILL".to_owned(), 12);
        {
            let store = store(&folder);
            let naming = Naming::open(store.clone()).unwrap();
            assert_eq!(naming.names(), None);
            naming.note(names.clone());
            assert_eq!(naming.names(), Some(names.clone()));
            drop(naming);
            Arc::try_unwrap(store).unwrap().close().unwrap();
        }
        let naming = Naming::open(store(&folder)).unwrap();
        assert_eq!(naming.names(), Some(names));
    }
}
