// SPDX-License-Identifier: Apache-2.0

//! What people noted about the payments that they made. The node's records know nothing of it.

use millrace_channels_api::values::Note;
use millrace_channels_store::{Batch, Store, StoreError, Table};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Notes by the ids of payments.
const NOTES: Table<[u8; 32], Vec<u8>> = Table::new("notes", 1_000_000);

/// How many are kept before those are forgotten whose payments are.
const MANY: usize = 50_000;

/// What people noted about the payments that they made.
pub struct Notes {
    store: Arc<Store>,
    known: Mutex<BTreeMap<[u8; 32], Note>>,
}

impl Notes {
    /// What a store knows.
    pub fn open(store: Arc<Store>) -> Result<Self, StoreError> {
        let mut known = BTreeMap::new();
        for row in store.rows(&NOTES)? {
            let row = row?;
            let note = String::from_utf8(row.value).ok().and_then(|text| text.parse().ok());
            known.extend(note.map(|note| (row.key, note)));
        }
        Ok(Self { store, known: Mutex::new(known) })
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<[u8; 32], Note>> {
        // Each use is a few steps that cannot fail.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The note of a payment, if it has one.
    pub fn of(&self, payment: &[u8; 32]) -> Option<Note> {
        self.known().get(payment).cloned()
    }

    /// Keeps the note of a payment that is about to be made; the first one counts. The store takes
    /// batches in their order, so it is written before the payment is, and nobody waits for it.
    /// Returns whether it is new.
    pub fn note(&self, payment: [u8; 32], note: &Note) -> bool {
        if self.known().contains_key(&payment) {
            return false;
        }
        self.known().insert(payment, note.clone());
        let text = note.as_str().as_bytes().to_vec();
        drop(self.store.try_submit(Batch::new().put(&NOTES, &payment, &text, None)));
        true
    }

    /// Whether there are so many that those of forgotten payments should go.
    pub fn are_many(&self) -> bool {
        self.known().len() > MANY
    }

    /// Forgets the note of a payment that was not made.
    pub fn forget(&self, payment: &[u8; 32]) {
        if self.known().remove(payment).is_some() {
            drop(self.store.try_submit(Batch::new().remove(&NOTES, payment)));
        }
    }

    /// Forgets the notes of payments that are not among these.
    pub fn keep_only(&self, payments: &BTreeSet<[u8; 32]>) {
        let mut known = self.known();
        let gone: Vec<_> = known.keys().filter(|it| !payments.contains(*it)).copied().collect();
        let mut batch = Batch::new();
        for payment in &gone {
            known.remove(payment);
            batch = batch.remove(&NOTES, payment);
        }
        if !gone.is_empty() {
            drop(self.store.try_submit(batch));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::store;

    fn note(text: &str) -> Note {
        text.parse().unwrap()
    }

    #[test]
    fn first_note_of_a_payment_counts_and_is_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        {
            let notes = Notes::open(store(&folder)).unwrap();
            assert!(notes.note([1; 32], &note("grüezi")));
            assert!(!notes.note([1; 32], &note("another")));
            assert!(notes.note([2; 32], &note("two")));
            assert!(notes.note([3; 32], &note("three")));
            notes.forget(&[2; 32]);
            notes.keep_only(&BTreeSet::from([[1; 32]]));
        }
        let notes = Notes::open(store(&folder)).unwrap();
        assert_eq!(notes.of(&[1; 32]), Some(note("grüezi")));
        assert_eq!((notes.of(&[2; 32]), notes.of(&[3; 32])), (None, None));
    }
}
