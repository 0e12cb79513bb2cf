// SPDX-License-Identifier: Apache-2.0

//! Executes a blob on a state.

use crate::state::State;
use anyhow::{Context, anyhow, ensure};
use codec::{Decode, DecodeAll, Encode};
use polkadot_sdk::{
    sc_executor::{HeapAllocStrategy, WasmExecutor},
    sp_core::{
        H256,
        storage::{StateVersion, Storage, well_known_keys},
        traits::{CallContext, ReadRuntimeVersion, RuntimeCode, WrappedRuntimeCode},
    },
    sp_io::{
        SubstrateHostFunctions,
        hashing::{blake2_256, twox_128},
    },
    sp_runtime::traits::BlakeTwo256,
    sp_state_machine::{
        Backend, BasicExternalities, InMemoryBackend, OverlayedChanges, StateMachine,
    },
    sp_version::RuntimeVersion,
};

/// The executor, as in a node, but for a bound of memory: a dry run may take what it needs.
type Executor = WasmExecutor<SubstrateHostFunctions>;

/// Makes the executor.
pub fn executor() -> Executor {
    let heap = HeapAllocStrategy::Dynamic { maximum_pages: None };
    Executor::builder()
        .with_onchain_heap_alloc_strategy(heap)
        .with_offchain_heap_alloc_strategy(heap)
        .build()
}

/// A runtime, compiled to WASM.
pub struct Blob {
    /// As it is stored on chain, compressed or not.
    pub bytes: Vec<u8>,
    /// The version it claims to have.
    pub version: RuntimeVersion,
    hash: [u8; 32],
}

impl Blob {
    /// Reads the version of a blob.
    ///
    /// Errors: it is no runtime, or it is compressed and does not decompress.
    pub fn new(bytes: Vec<u8>) -> anyhow::Result<Self> {
        let version = executor()
            .read_runtime_version(&bytes, &mut BasicExternalities::default())
            .map_err(|error| anyhow!(error))?;
        let version = RuntimeVersion::decode(&mut &version[..])
            .context("its version is written in a form of the future")?;
        let hash = blake2_256(&bytes);
        Ok(Self { bytes, version, hash })
    }
}

/// A copy of a chain's state, in memory.
#[derive(Clone)]
pub struct World {
    backend: InMemoryBackend<BlakeTwo256>,
    version: StateVersion,
    executor: Executor,
}

impl World {
    /// The world that `state` describes; `running` is the runtime in it.
    ///
    /// Errors: there are child tries in it, which this chain never has.
    pub fn new(state: &State, running: &Blob) -> anyhow::Result<Self> {
        let prefix = well_known_keys::CHILD_STORAGE_KEY_PREFIX;
        ensure!(
            !state.entries.keys().any(|key| key.starts_with(prefix)),
            "the state has child tries, which are not copied: this is no state of Millrace"
        );
        let storage = Storage { top: state.entries.clone(), ..Default::default() };
        let version = running.version.state_version();
        Ok(Self { backend: (storage, version).into(), version, executor: executor() })
    }

    /// The value of a key.
    pub fn get(&self, key: &[u8]) -> anyhow::Result<Option<Vec<u8>>> {
        self.backend.storage(key).map_err(|error| anyhow!(error))
    }

    /// The value of a pallet's storage item that has no key; nothing if there is none.
    pub fn value<T: Decode>(&self, pallet: &str, item: &str) -> anyhow::Result<Option<T>> {
        let key = [twox_128(pallet.as_bytes()), twox_128(item.as_bytes())].concat();
        let bytes = self.get(&key)?;
        bytes
            .map(|bytes| T::decode(&mut &bytes[..]))
            .transpose()
            .with_context(|| format!("{pallet}.{item} is not what it used to be"))
    }

    /// Stores a blob as the chain's code, as an enacted upgrade does.
    pub fn enact(&mut self, blob: &Blob) {
        let change = (well_known_keys::CODE.to_vec(), Some(blob.bytes.clone()));
        self.backend.insert([(None, vec![change])], self.version);
    }

    /// The root of the state.
    pub fn root(&self) -> H256 {
        *self.backend.root()
    }

    /// Calls a function of a runtime and forgets what it changed. The answer is in SCALE.
    pub fn ask(&self, blob: &Blob, function: &str, arguments: &[u8]) -> Result<Vec<u8>, String> {
        let mut changes = OverlayedChanges::default();
        self.call(blob, function, arguments, &mut changes)
    }

    /// Calls a function of a runtime and keeps what it changed.
    pub fn run<T: DecodeAll>(
        &mut self,
        blob: &Blob,
        function: &str,
        arguments: impl Encode,
    ) -> Result<T, String> {
        let mut changes = OverlayedChanges::default();
        let answer = self.call(blob, function, &arguments.encode(), &mut changes)?;
        let changes = changes.drain_storage_changes(&self.backend, self.version)?;
        self.backend.apply_transaction(changes.transaction_storage_root, changes.transaction);
        T::decode_all(&mut &answer[..])
            .map_err(|error| format!("{function} answers in an unknown form: {error}"))
    }

    fn call(
        &self,
        blob: &Blob,
        function: &str,
        arguments: &[u8],
        changes: &mut OverlayedChanges<BlakeTwo256>,
    ) -> Result<Vec<u8>, String> {
        let fetcher = WrappedRuntimeCode((&blob.bytes[..]).into());
        let code =
            RuntimeCode { code_fetcher: &fetcher, heap_pages: None, hash: blob.hash.to_vec() };
        let mut extensions = Default::default();
        StateMachine::new(
            &self.backend,
            changes,
            &self.executor,
            function,
            arguments,
            &mut extensions,
            &code,
            CallContext::Offchain,
        )
        .execute()
        .map_err(|error| message(&error.to_string()))
    }
}

/// What went wrong in a runtime, without the places in its machine code.
fn message(error: &str) -> String {
    let text = error.split("\nWASM backtrace").next().unwrap_or(error);
    text.trim().replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn version() -> RuntimeVersion {
        RuntimeVersion { system_version: 1, ..Default::default() }
    }

    fn blob(bytes: &[u8]) -> Blob {
        Blob { bytes: bytes.to_vec(), version: version(), hash: blake2_256(bytes) }
    }

    fn state(entries: &[(&[u8], &[u8])]) -> State {
        let entries = entries.iter().map(|(key, value)| (key.to_vec(), value.to_vec()));
        State { entries: BTreeMap::from_iter(entries), hash: H256::zero(), source: "here".into() }
    }

    #[test]
    fn enacting_replaces_the_code_and_nothing_else() {
        let (old, new) = (blob(b"old"), blob(b"new"));
        let mut world =
            World::new(&state(&[(b":code", b"old"), (b"else", b"same")]), &old).unwrap();
        let root = world.root();
        world.enact(&new);
        assert_eq!(world.get(b":code").unwrap().as_deref(), Some(&b"new"[..]));
        assert_eq!(world.get(b"else").unwrap().as_deref(), Some(&b"same"[..]));
        assert_ne!(world.root(), root);
        world.enact(&old);
        assert_eq!(world.root(), root);
    }

    #[test]
    fn state_with_child_tries_is_refused() {
        let state = state(&[(b":child_storage:default:x", b"")]);
        assert!(World::new(&state, &blob(b"")).is_err());
    }

    #[test]
    fn value_of_another_type_is_an_error_that_names_the_item() {
        let key = [twox_128(b"System"), twox_128(b"Number")].concat();
        let world = World::new(&state(&[(&key, &7u32.encode()[..3])]), &blob(b"")).unwrap();
        let error = world.value::<u32>("System", "Number").unwrap_err();
        assert!(error.to_string().contains("System.Number"), "{error}");
        assert_eq!(world.value::<u32>("System", "Other").unwrap(), None);
    }

    #[test]
    fn bytes_that_are_no_runtime_are_refused() {
        assert!(Blob::new(b"nothing of the kind".to_vec()).is_err());
    }

    #[test]
    fn message_ends_where_machine_code_begins() {
        let error = "Execution aborted due to panic: it broke\nWASM backtrace:\n  0: 0x12";
        assert_eq!(message(error), "Execution aborted due to panic: it broke");
    }
}
