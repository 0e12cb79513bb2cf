// SPDX-License-Identifier: Apache-2.0

//! Counts how often an action asks the state for a value, and how often it changes one.

use polkadot_sdk::{
    sp_core::storage::{ChildInfo, StateVersion, TrackedStorageKey},
    sp_externalities::{
        Error, Extension, ExtensionStore, Externalities, MultiRemovalResults,
        set_and_run_with_externalities,
    },
};
use std::{
    any::{Any, TypeId},
    ops::AddAssign,
    time::{Duration, Instant},
};

/// What an action cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// How often it asked for a value or for the next key, the same one or another.
    pub reads: u64,
    /// How often it set, extended or removed a value.
    pub writes: u64,
    /// How long it took.
    pub time: Duration,
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.reads += other.reads;
        self.writes += other.writes;
        self.time += other.time;
    }
}

/// Runs `action` on a state, and adds what it cost to `cost`.
pub fn counted<R>(state: &mut dyn Externalities, cost: &mut Cost, action: impl FnOnce() -> R) -> R {
    let mut counting = Counting { state, cost: Cost::default() };
    let start = Instant::now();
    let outcome = set_and_run_with_externalities(&mut counting, action);
    counting.cost.time = start.elapsed();
    *cost += counting.cost;
    outcome
}

/// A state that counts what it is asked.
struct Counting<'a> {
    state: &'a mut dyn Externalities,
    cost: Cost,
}

impl Counting<'_> {
    fn read(&mut self) -> &mut dyn Externalities {
        self.cost.reads += 1;
        self.state
    }

    fn write(&mut self) -> &mut dyn Externalities {
        self.cost.writes += 1;
        self.state
    }
}

impl Externalities for Counting<'_> {
    fn set_offchain_storage(&mut self, key: &[u8], value: Option<&[u8]>) {
        self.state.set_offchain_storage(key, value);
    }

    fn storage(&mut self, key: &[u8]) -> Option<Vec<u8>> {
        self.read().storage(key)
    }

    fn storage_hash(&mut self, key: &[u8]) -> Option<Vec<u8>> {
        self.read().storage_hash(key)
    }

    fn child_storage_hash(&mut self, child: &ChildInfo, key: &[u8]) -> Option<Vec<u8>> {
        self.read().child_storage_hash(child, key)
    }

    fn child_storage(&mut self, child: &ChildInfo, key: &[u8]) -> Option<Vec<u8>> {
        self.read().child_storage(child, key)
    }

    fn exists_storage(&mut self, key: &[u8]) -> bool {
        self.read().exists_storage(key)
    }

    fn exists_child_storage(&mut self, child: &ChildInfo, key: &[u8]) -> bool {
        self.read().exists_child_storage(child, key)
    }

    fn next_storage_key(&mut self, key: &[u8]) -> Option<Vec<u8>> {
        self.read().next_storage_key(key)
    }

    fn next_child_storage_key(&mut self, child: &ChildInfo, key: &[u8]) -> Option<Vec<u8>> {
        self.read().next_child_storage_key(child, key)
    }

    fn kill_child_storage(
        &mut self,
        child: &ChildInfo,
        limit: Option<u32>,
        cursor: Option<&[u8]>,
    ) -> MultiRemovalResults {
        let removed = self.state.kill_child_storage(child, limit, cursor);
        self.cost.writes += u64::from(removed.loops);
        removed
    }

    fn clear_prefix(
        &mut self,
        prefix: &[u8],
        limit: Option<u32>,
        cursor: Option<&[u8]>,
    ) -> MultiRemovalResults {
        let removed = self.state.clear_prefix(prefix, limit, cursor);
        self.cost.writes += u64::from(removed.loops);
        removed
    }

    fn clear_child_prefix(
        &mut self,
        child: &ChildInfo,
        prefix: &[u8],
        limit: Option<u32>,
        cursor: Option<&[u8]>,
    ) -> MultiRemovalResults {
        let removed = self.state.clear_child_prefix(child, prefix, limit, cursor);
        self.cost.writes += u64::from(removed.loops);
        removed
    }

    fn place_storage(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) {
        self.write().place_storage(key, value);
    }

    fn place_child_storage(&mut self, child: &ChildInfo, key: Vec<u8>, value: Option<Vec<u8>>) {
        self.write().place_child_storage(child, key, value);
    }

    fn storage_append(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.write().storage_append(key, value);
    }

    fn storage_root(&mut self, version: StateVersion) -> Vec<u8> {
        self.state.storage_root(version)
    }

    fn child_storage_root(&mut self, child: &ChildInfo, version: StateVersion) -> Vec<u8> {
        self.state.child_storage_root(child, version)
    }

    fn storage_start_transaction(&mut self) {
        self.state.storage_start_transaction();
    }

    fn storage_rollback_transaction(&mut self) -> Result<(), ()> {
        self.state.storage_rollback_transaction()
    }

    fn storage_commit_transaction(&mut self) -> Result<(), ()> {
        self.state.storage_commit_transaction()
    }

    fn wipe(&mut self) {
        self.state.wipe();
    }

    fn commit(&mut self) {
        self.state.commit();
    }

    fn read_write_count(&self) -> (u32, u32, u32, u32) {
        self.state.read_write_count()
    }

    fn reset_read_write_count(&mut self) {
        self.state.reset_read_write_count();
    }

    fn get_whitelist(&self) -> Vec<TrackedStorageKey> {
        self.state.get_whitelist()
    }

    fn set_whitelist(&mut self, new: Vec<TrackedStorageKey>) {
        self.state.set_whitelist(new);
    }

    fn get_read_and_written_keys(&self) -> Vec<(Vec<u8>, u32, u32, bool)> {
        self.state.get_read_and_written_keys()
    }
}

impl ExtensionStore for Counting<'_> {
    fn extension_by_type_id(&mut self, id: TypeId) -> Option<&mut dyn Any> {
        self.state.extension_by_type_id(id)
    }

    fn register_extension_with_type_id(
        &mut self,
        id: TypeId,
        extension: Box<dyn Extension>,
    ) -> Result<(), Error> {
        self.state.register_extension_with_type_id(id, extension)
    }

    fn deregister_extension_by_type_id(&mut self, id: TypeId) -> Result<(), Error> {
        self.state.deregister_extension_by_type_id(id)
    }
}
