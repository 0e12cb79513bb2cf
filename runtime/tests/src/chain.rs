// SPDX-License-Identifier: Apache-2.0

//! A chain in memory: builds and executes real blocks with real signatures.

use super::counting::{Cost, counted};
use codec::Encode;
use millrace_runtime::*;
use polkadot_sdk::{
    frame_metadata_hash_extension,
    frame_support::{dispatch::DispatchResult, genesis_builder_helper::build_state},
    frame_system, pallet_transaction_payment,
    sp_consensus_babe::{
        BABE_ENGINE_ID, Slot,
        digests::{PreDigest, SecondaryPlainPreDigest},
    },
    sp_core::{U256, traits::ReadRuntimeVersionExt},
    sp_io::{TestExternalities, hashing::blake2_256},
    sp_keyring::Sr25519Keyring,
    sp_keystore::{KeystoreExt, testing::MemoryKeystore},
    sp_runtime::{
        Digest, DigestItem, generic::Era, traits::Header as _,
        transaction_validity::TransactionValidityError,
    },
    sp_version::RuntimeVersion,
};
use serde_json::Value;

/// The slot of the genesis block.
const FIRST_SLOT: u64 = 1_000;

/// A chain in memory.
pub struct Chain {
    ext: TestExternalities,
    parent: Hash,
    number: BlockNumber,
    slot: u64,
    cost: Cost,
}

/// What became of an extrinsic.
pub type Applied = Result<DispatchResult, TransactionValidityError>;

impl Chain {
    /// A chain with the development preset and these validators.
    pub fn with_validators(validators: &[Sr25519Keyring]) -> Self {
        Self::from_patch(genesis::development(validators))
    }

    /// A chain with one validator, Alice.
    pub fn development() -> Self {
        Self::with_validators(&[Sr25519Keyring::Alice])
    }

    /// A chain whose genesis configuration is the default with `patch` over it.
    pub fn from_patch(patch: Value) -> Self {
        let mut config =
            serde_json::to_value(RuntimeGenesisConfig::default()).expect("the default serialises");
        merge(&mut config, patch);
        let mut ext = TestExternalities::default();
        ext.execute_with(|| {
            build_state::<RuntimeGenesisConfig>(config.to_string().into_bytes())
                .expect("the preset is a genesis configuration");
        });
        ext.register_extension(KeystoreExt::new(MemoryKeystore::new()));
        let parent = ext.execute_with(|| {
            let hash = Hash::repeat_byte(0x9e);
            frame_system::BlockHash::<Runtime>::insert(0, hash);
            hash
        });
        ext.commit_all().expect("nothing stands in the way of a commit");
        Self { ext, parent, number: 0, slot: FIRST_SLOT, cost: Cost::default() }
    }

    /// Makes the chain believe that any blob is a runtime with this version.
    pub fn pretend_blobs_have_version(&mut self, version: RuntimeVersion) {
        self.ext.register_extension(ReadRuntimeVersionExt::new(Pretend(version.encode())));
    }

    /// Builds and executes the next block, and says what became of each extrinsic.
    ///
    /// A slot whose author is shut out stays empty.
    pub fn block(&mut self, extrinsics: Vec<UncheckedExtrinsic>) -> Vec<Applied> {
        self.build(|| extrinsics.into_iter().map(Executive::apply_extrinsic).collect())
    }

    /// Builds and executes the next block; its extrinsics are those that `fill` applies.
    pub fn build<R>(&mut self, fill: impl FnOnce() -> R) -> R {
        self.number += 1;
        self.slot += 1;
        while self.read_author().is_none() {
            self.slot += 1;
        }
        self.make(fill)
    }

    /// Lets so many slots pass without a block.
    pub fn skip_slots(&mut self, slots: u64) {
        self.slot += slots;
    }

    /// Lets blocks pass until the next one is made by somebody else than the authority at this index.
    pub fn pass_turns_of(&mut self, index: u32) {
        loop {
            let (number, slot) = (self.number + 1, self.slot + 1);
            if self.read(|| author(number, slot)) != Some(index) {
                return;
            }
            self.empty_blocks(1);
        }
    }

    /// Who makes the block of the current slot.
    fn read_author(&mut self) -> Option<u32> {
        let (number, slot) = (self.number, self.slot);
        self.read(|| author(number, slot))
    }

    /// Builds and executes the block of the current slot.
    fn make<R>(&mut self, fill: impl FnOnce() -> R) -> R {
        let (number, slot, parent) = (self.number, self.slot, self.parent);
        let (filled, hash) = self.read(|| {
            let author = author(number, slot).expect("somebody makes this slot's block");
            let digest = pre_digest(slot, author);
            let header = Header::new(
                number,
                Default::default(),
                Default::default(),
                parent,
                Digest { logs: vec![digest] },
            );
            Executive::initialize_block(&header);
            let now = UncheckedExtrinsic::new_bare(RuntimeCall::Timestamp(
                polkadot_sdk::pallet_timestamp::Call::set { now: slot * SLOT_MILLIS },
            ));
            let outcome = Executive::apply_extrinsic(now);
            assert!(matches!(outcome, Ok(Ok(()))), "the timestamp must apply: {outcome:?}");
            let filled = fill();
            (filled, Executive::finalize_block().hash())
        });
        self.parent = hash;
        filled
    }

    /// Executes `count` empty blocks.
    pub fn empty_blocks(&mut self, count: u32) {
        for _ in 0..count {
            self.block(Vec::new());
        }
    }

    /// Signs `call` and puts it into a block of its own, which must include it; returns what the
    /// call itself came to.
    pub fn submit(&mut self, from: Sr25519Keyring, call: impl Into<RuntimeCall>) -> DispatchResult {
        let extrinsic = self.sign(from, call.into());
        let outcome = self.block(vec![extrinsic]).pop().expect("one extrinsic, one outcome");
        outcome.expect("the block includes the extrinsic")
    }

    /// Signs `call` with the account's next nonce.
    pub fn sign(&mut self, from: Sr25519Keyring, call: RuntimeCall) -> UncheckedExtrinsic {
        self.read(|| signed(from, call))
    }

    /// Runs `f` on the state after the last block.
    pub fn read<R>(&mut self, f: impl FnOnce() -> R) -> R {
        counted(&mut self.ext.ext(), &mut self.cost, f)
    }

    /// What `f` costs.
    pub fn measure<R>(&mut self, f: impl FnOnce(&mut Self) -> R) -> (R, Cost) {
        self.cost = Cost::default();
        let outcome = f(self);
        (outcome, self.cost)
    }

    /// Writes what has changed to the state's trie, as a node does after each block. A chain of few
    /// blocks needs no such thing.
    pub fn commit(&mut self) {
        self.ext.commit_all().expect("nothing stands in the way of a commit");
    }

    /// Takes back what was changed since the last commit, which no block may be a part of.
    pub fn take_back(&mut self) {
        self.ext.reset_overlay();
    }

    /// Height of the last block.
    pub fn number(&self) -> BlockNumber {
        self.number
    }

    /// Hash of the last block.
    pub fn hash(&self) -> Hash {
        self.parent
    }

    /// Slot of the last block.
    pub fn slot(&self) -> u64 {
        self.slot
    }
}

/// Signs `call` with the account's next nonce; on the chain's state, or in the block that is being
/// built.
pub fn signed(from: Sr25519Keyring, call: RuntimeCall) -> UncheckedExtrinsic {
    signed_with_tip(from, call, 0)
}

/// The same with something for the block's author.
pub fn signed_with_tip(
    from: Sr25519Keyring,
    call: RuntimeCall,
    tip: Balance,
) -> UncheckedExtrinsic {
    let extension = extension(&from.to_account_id(), tip);
    let payload = SignedPayload::new(call.clone(), extension.clone())
        .expect("every extension can say what it signs");
    let signature = payload.using_encoded(|bytes| from.sign(bytes));
    UncheckedExtrinsic::new_signed(
        call,
        Address::Id(from.to_account_id()),
        Signature::Sr25519(signature),
        extension,
    )
}

/// The extension of a transaction that `who` sends next.
fn extension(who: &AccountId, tip: Balance) -> TxExtension {
    (
        frame_system::CheckNonZeroSender::new(),
        frame_system::CheckSpecVersion::new(),
        frame_system::CheckTxVersion::new(),
        frame_system::CheckGenesis::new(),
        frame_system::CheckMortality::from(Era::Immortal),
        frame_system::CheckNonce::from(System::account_nonce(who)),
        frame_system::CheckWeight::new(),
        pallet_transaction_payment::ChargeTransactionPayment::from(tip),
        frame_metadata_hash_extension::CheckMetadataHash::new(false),
        frame_system::WeightReclaim::new(),
    )
}

/// The authority whose slot this is by BABE's rule; nobody if it is shut out.
///
/// The rule is written here as in the source of `sc-consensus-babe`, and not taken from the chain's
/// own code, which is to be tested against it.
fn author(number: BlockNumber, slot: u64) -> Option<u32> {
    let current = Babe::current_epoch();
    // The first block begins the first epoch, wherever its slot lies.
    let is_current = number == 1 || slot < *current.start_slot + current.duration;
    let epoch = if is_current { current } else { Babe::next_epoch() };
    let hash = (epoch.randomness, Slot::from(slot)).using_encoded(blake2_256);
    let index = U256::from_big_endian(&hash) % U256::from(epoch.authorities.len());
    let index = index.as_u32();
    // A new session lets everybody in for as long as it takes to begin.
    let is_shut_out = Session::disabled_validators().contains(&index);
    (!is_shut_out).then_some(index)
}

/// Says that the authority at `authority_index` made this slot's block.
pub fn pre_digest(slot: u64, authority_index: u32) -> DigestItem {
    DigestItem::PreRuntime(
        BABE_ENGINE_ID,
        PreDigest::SecondaryPlain(SecondaryPlainPreDigest {
            authority_index,
            slot: Slot::from(slot),
        })
        .encode(),
    )
}

/// Lays `patch` over `base`: objects are merged, everything else is replaced.
fn merge(base: &mut Value, patch: Value) {
    match (base, patch) {
        (Value::Object(base), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(base.entry(key).or_insert(Value::Null), value);
            }
        }
        (base, patch) => *base = patch,
    }
}

/// Answers every question for a blob's version with the same bytes.
struct Pretend(Vec<u8>);

impl polkadot_sdk::sp_core::traits::ReadRuntimeVersion for Pretend {
    fn read_runtime_version(
        &self,
        _: &[u8],
        _: &mut dyn polkadot_sdk::sp_externalities::Externalities,
    ) -> Result<Vec<u8>, String> {
        Ok(self.0.clone())
    }
}
