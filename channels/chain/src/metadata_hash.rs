// SPDX-License-Identifier: Apache-2.0

//! Signatures that cover a hash of the chain's metadata.
//!
//! Which bytes name a call, and what a transaction carries, is told by a node. One that lies could have
//! another call signed than the one that is meant. So a signature can cover a hash of that description
//! (RFC 78, mode 1 of the extension `CheckMetadataHash`), and the runtime compares it with its own. A
//! runtime knows its own only when it was built to (`on-chain-release-build`); any other one refuses.
//!
//! It protects only if what was hashed is what was encoded by. [`HashedRuntime`] sees to that: both
//! come from the same bytes, and the list of pallets, which the hash leaves out, has to agree with the
//! type of all calls, which it covers.

use crate::{
    Config,
    calls::Call,
    connection::{AtBlock, Chain, Head},
    error::ChainError,
    keys::AccountKey,
    submitting::{Terms, refusal, verify_arguments},
    trust::Distrust,
};
use codec::{Decode, DecodeAll, Encode};
use merkleized_metadata::{ExtraInfo, generate_metadata_digest};
use millrace_primitives_channels::Hash;
use scale_info::{PortableRegistry, TypeDef};
use std::sync::Arc;
use subxt::{
    ArcMetadata, Metadata, OfflineClient,
    config::{
        ClientState, TransactionExtension,
        transaction_extensions::{
            ChargeTransactionPayment, ChargeTransactionPaymentParams, CheckGenesis,
            CheckMetadataHashMode, CheckMortality, CheckMortalityParams, CheckNonce,
            CheckNonceParams, CheckSpecVersion, CheckTxVersion, Params,
        },
    },
    error::TransactionExtensionError,
    ext::{
        frame_decode::extrinsics as frame,
        frame_metadata::{RuntimeMetadata, RuntimeMetadataPrefixed, v15::RuntimeMetadataV15},
    },
    transactions::{TransactionInvalid, TransactionUnknown, ValidationResult},
};
use tokio::sync::Mutex;

/// The version of metadata that is hashed.
const VERSION: u32 = 15;

/// Mode 1: the signature covers the hash.
const COVERED: u8 = 1;

/// The newest runtime whose metadata was hashed. It is kept, because hashing takes a moment.
pub(crate) type Kept = Mutex<Option<Arc<HashedRuntime>>>;

impl Chain {
    /// Has every signature of this connection cover the metadata's hash, after a try whether the
    /// runtime accepts such signatures. Nothing is submitted for the try.
    ///
    /// Errors: [`Distrust::NoMetadataHash`] if the runtime was built without its hash,
    /// [`Distrust::OtherMetadata`] if it has another one than what the node describes.
    pub async fn with_metadata_hash(mut self) -> Result<Self, ChainError> {
        self.hashed = Some(Arc::default());
        let (at, from) = self.at_final().await?;
        let call = Call::nothing();
        // Nobody's account: whether it can pay is asked after its signature was judged.
        let (nobody, terms) = (AccountKey::generate(), Terms::usual(0, from));
        let verdict = self.signed(&at, &call, &nobody, &terms).await?.validate().await;
        match verdict.map_err(ChainError::request("the verdict on a signature"))? {
            ValidationResult::Unknown(TransactionUnknown::CannotLookup) => {
                Err(Distrust::NoMetadataHash.into())
            }
            ValidationResult::Invalid(TransactionInvalid::BadProof) => {
                let runtime = self.hashed_runtime(&at, from).await?;
                let hash = runtime.map_or_else(Hash::zero, |runtime| Hash::from(runtime.hash));
                Err(Distrust::OtherMetadata { hash }.into())
            }
            _ => Ok(self),
        }
    }

    /// The runtime at this block with its metadata's hash; nothing if signatures do not cover it.
    pub(crate) async fn hashed_runtime(
        &self,
        at: &AtBlock,
        block: Head,
    ) -> Result<Option<Arc<HashedRuntime>>, ChainError> {
        let Some(kept) = &self.hashed else { return Ok(None) };
        let mut kept = kept.lock().await;
        if let Some(runtime) = &*kept
            && runtime.spec_version == at.spec_version()
        {
            return Ok(Some(runtime.clone()));
        }
        let unreadable = |reason| ChainError::Unreadable {
            what: format!("the metadata of version {VERSION}"),
            reason,
        };
        let method = "Metadata_metadata_at_version";
        let bytes: Option<Vec<u8>> = self.runtime_api(method, &VERSION, &block).await?;
        let bytes = bytes.ok_or_else(|| unreadable("the runtime has none".to_owned()))?;
        let identity = self.identity();
        let facts = Facts {
            genesis: self.genesis(),
            spec_version: at.spec_version(),
            transaction_version: at.transaction_version(),
            token: identity.token.clone(),
            decimals: identity.decimals,
        };
        // A thread of its own, because it takes a moment; and because whoever hashes panics at types
        // that no runtime has, which ends that thread alone.
        let hashing = tokio::task::spawn_blocking(move || HashedRuntime::read(&bytes, facts));
        let runtime = hashing.await.map_err(|error| unreadable(error.to_string()))?;
        let runtime = Arc::new(runtime.map_err(unreadable)?);
        *kept = Some(runtime.clone());
        Ok(Some(runtime))
    }
}

/// What the hash covers beside the metadata, and what a signature covers beside the hash. The hash binds
/// the token too: a node that names another one gets signatures that the runtime refuses.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    genesis: Hash,
    spec_version: u32,
    transaction_version: u32,
    token: String,
    decimals: u32,
}

/// A runtime's metadata with its hash, by which calls are encoded and signed.
#[derive(Clone, Debug)]
pub(crate) struct HashedRuntime {
    genesis: Hash,
    spec_version: u32,
    transaction_version: u32,
    metadata: ArcMetadata,
    hash: [u8; 32],
}

impl HashedRuntime {
    /// Reads metadata and hashes it.
    ///
    /// Errors when the bytes are no metadata of the version that is hashed, or contradict themselves.
    fn read(mut bytes: &[u8], facts: Facts) -> Result<Self, String> {
        let RuntimeMetadataPrefixed(_, described) =
            RuntimeMetadataPrefixed::decode_all(&mut bytes).map_err(|error| error.to_string())?;
        let RuntimeMetadata::V15(latest) = &described else {
            return Err(format!("it is of version {}", described.version()));
        };
        verify_places(latest)?;
        let metadata = Metadata::from_v15(latest.clone()).map_err(|error| error.to_string())?;
        let info = ExtraInfo {
            spec_version: facts.spec_version,
            // The name comes first of all that the version has.
            spec_name: constant(&metadata, "Version")?,
            base58_prefix: constant(&metadata, "SS58Prefix")?,
            decimals: u8::try_from(facts.decimals).map_err(|error| error.to_string())?,
            token_symbol: facts.token,
        };
        let hash = generate_metadata_digest(&described, info)?.hash();
        Ok(Self {
            genesis: facts.genesis,
            spec_version: facts.spec_version,
            transaction_version: facts.transaction_version,
            metadata: metadata.arc(),
            hash,
        })
    }

    /// Signs `call` over the hash too. Returns the extrinsic's bytes.
    pub(crate) fn sign(
        &self,
        call: &Call,
        key: &AccountKey,
        terms: &Terms,
    ) -> Result<Vec<u8>, ChainError> {
        let from = terms.from;
        let at = OfflineClient::new_with_config(self.clone())
            .at_block(from.number)
            .map_err(ChainError::request("a block's state"))?;
        let transactions = at.transactions();
        verify_arguments(call, &transactions)?;
        let carried = (
            (),
            (),
            (),
            CheckMortalityParams::mortal_from_unchecked(terms.life, from.number.into(), from.hash),
            CheckNonceParams::with_nonce(terms.nonce),
            ChargeTransactionPaymentParams::tip(terms.tip),
            MetadataHash(self.hash),
        );
        let extrinsic = transactions
            .create_signable_offline(call, carried)
            .and_then(|mut signable| signable.sign(key))
            .map_err(|error| refusal(call, error))?;
        Ok(extrinsic.into_encoded())
    }
}

/// Refuses metadata whose list of pallets puts one elsewhere than the type of all calls does.
fn verify_places(metadata: &RuntimeMetadataV15) -> Result<(), String> {
    let all = metadata.types.resolve(metadata.extrinsic.call_ty.id).map(|ty| &ty.type_def);
    let Some(TypeDef::Variant(all)) = all else {
        return Err("the type of all calls is no choice of pallets".to_owned());
    };
    for pallet in &metadata.pallets {
        let Some(calls) = &pallet.calls else { continue };
        let is_there = all.variants.iter().any(|variant| {
            variant.name == pallet.name
                && variant.index == pallet.index
                && matches!(&variant.fields[..], [field] if field.ty.id == calls.ty.id)
        });
        if !is_there {
            return Err(format!("the type of all calls has {} elsewhere", pallet.name));
        }
    }
    Ok(())
}

/// The first value in a constant of the pallet `System`.
fn constant<T: Decode>(metadata: &Metadata, name: &str) -> Result<T, String> {
    let system = metadata.pallet_by_name("System");
    let constant = system.and_then(|pallet| pallet.constant_by_name(name));
    let constant = constant.ok_or_else(|| format!("it lacks the constant System.{name}"))?;
    T::decode(&mut constant.value()).map_err(|error| format!("System.{name}: {error}"))
}

impl subxt::Config for HashedRuntime {
    type AccountId = <Config as subxt::Config>::AccountId;
    type Address = <Config as subxt::Config>::Address;
    type Signature = <Config as subxt::Config>::Signature;
    type Header = <Config as subxt::Config>::Header;
    type TransactionExtensions = Carried;
    type AssetId = <Config as subxt::Config>::AssetId;
    type Hasher = <Config as subxt::Config>::Hasher;

    fn genesis_hash(&self) -> Option<Hash> {
        Some(self.genesis)
    }

    fn spec_and_transaction_version_for_block_number(&self, _: u64) -> Option<(u32, u32)> {
        Some((self.spec_version, self.transaction_version))
    }

    fn metadata_for_spec_version(&self, _: u32) -> Option<ArcMetadata> {
        Some(self.metadata.clone())
    }
}

/// What an extrinsic carries. What is empty needs no name.
pub(crate) type Carried = (
    CheckSpecVersion,
    CheckTxVersion,
    CheckGenesis<HashedRuntime>,
    CheckMortality<HashedRuntime>,
    CheckNonce,
    ChargeTransactionPayment,
    MetadataHash,
);

/// The extension `CheckMetadataHash` in mode 1, with the hash; the client library knows mode 0 alone.
pub(crate) struct MetadataHash([u8; 32]);

impl Params<HashedRuntime> for MetadataHash {}

impl TransactionExtension<HashedRuntime> for MetadataHash {
    type Decoded = CheckMetadataHashMode;
    type Params = Self;

    fn new(
        _: &ClientState<HashedRuntime>,
        params: Self,
    ) -> Result<Self, TransactionExtensionError> {
        Ok(params)
    }
}

impl frame::TransactionExtension<PortableRegistry> for MetadataHash {
    const NAME: &str = "CheckMetadataHash";

    fn encode_value_to(
        &self,
        _: u32,
        _: &PortableRegistry,
        out: &mut Vec<u8>,
    ) -> Result<(), frame::TransactionExtensionError> {
        COVERED.encode_to(out);
        Ok(())
    }

    fn encode_implicit_to(
        &self,
        _: u32,
        _: &PortableRegistry,
        out: &mut Vec<u8>,
    ) -> Result<(), frame::TransactionExtensionError> {
        Some(self.0).encode_to(out);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
