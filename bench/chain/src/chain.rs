// SPDX-License-Identifier: Apache-2.0

//! What a chain says about itself: who it is, where its calls are, what its events hold.

use crate::rpc::{Node, bytes, hash};
use anyhow::{Context, bail, ensure};
use codec::Decode;
use frame_metadata::{
    RuntimeMetadata, RuntimeMetadataPrefixed,
    v14::{PalletMetadata, RuntimeMetadataV14, StorageEntryType},
};
use millrace_primitives_channels::Hash;
use polkadot_sdk::sp_io::hashing::{blake2_128, twox_128};
use scale_info::{PortableRegistry, TypeDef, Variant, form::PortableForm};
use serde_json::Value;

/// A chain, as its nodes describe it.
pub struct Chain {
    /// Hash of its first block.
    pub genesis: Hash,
    /// Name and version of its runtime, for the report.
    pub runtime: String,
    /// Name and version of the node, for the report.
    pub node: String,
    /// Version of the runtime, which every transaction names.
    pub spec_version: u32,
    /// Version of the format of transactions, likewise.
    pub transaction_version: u32,
    metadata: RuntimeMetadataV14,
}

/// One of the parts that a transaction carries besides its call.
pub struct Extension<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whether it adds nothing, neither to the transaction nor to what is signed.
    pub is_empty: bool,
}

impl Chain {
    /// Asks a node.
    pub async fn ask(node: &Node) -> anyhow::Result<Self> {
        let version: Value = node.ask("state_getRuntimeVersion", &[]).await?;
        let number = |name: &str| -> anyhow::Result<u32> {
            let value =
                version.get(name).and_then(Value::as_u64).context("a version is missing")?;
            Ok(value.try_into()?)
        };
        let (spec_version, transaction_version) =
            (number("specVersion")?, number("transactionVersion")?);
        let spec = version.get("specName").and_then(Value::as_str).unwrap_or("a runtime");
        let name: String = node.ask("system_name", &[]).await?;
        let program: String = node.ask("system_version", &[]).await?;
        let metadata = bytes(&node.ask::<String>("state_getMetadata", &[]).await?)?;
        let metadata = match RuntimeMetadataPrefixed::decode(&mut &metadata[..])?.1 {
            RuntimeMetadata::V14(metadata) => metadata,
            other => {
                bail!("metadata of version {}: this program reads version 14", other.version())
            }
        };
        Ok(Self {
            genesis: hash(&node.ask::<String>("chain_getBlockHash", &[0.into()]).await?)?,
            runtime: format!("{spec} {spec_version}"),
            node: format!("{name} {program}"),
            spec_version,
            transaction_version,
            metadata,
        })
    }

    fn types(&self) -> &PortableRegistry {
        &self.metadata.types
    }

    fn pallet(&self, name: &str) -> anyhow::Result<&PalletMetadata<PortableForm>> {
        let pallet = self.metadata.pallets.iter().find(|it| it.name == name);
        pallet.with_context(|| format!("the chain has no pallet {name}"))
    }

    /// The two bytes with which a call begins.
    /// Errors: the chain has no such call.
    pub fn call(&self, pallet: &str, name: &str) -> anyhow::Result<[u8; 2]> {
        let about = self.pallet(pallet)?;
        let calls = about.calls.as_ref().with_context(|| format!("{pallet} has no calls"))?;
        let call = self.variants(calls.ty.id).iter().find(|it| it.name == name);
        let call = call.with_context(|| format!("the chain has no call {pallet}.{name}"))?;
        Ok([about.index, call.index])
    }

    /// The two bytes with which an event begins.
    /// Errors: the chain has no such event.
    pub fn event(&self, pallet: &str, name: &str) -> anyhow::Result<[u8; 2]> {
        let about = self.pallet(pallet)?;
        let events = about.event.as_ref().with_context(|| format!("{pallet} has no events"))?;
        let event = self.variants(events.ty.id).iter().find(|it| it.name == name);
        let event = event.with_context(|| format!("the chain has no event {pallet}.{name}"))?;
        Ok([about.index, event.index])
    }

    /// The bytes of a pallet's constant.
    /// Errors: the chain has no such constant.
    pub fn constant(&self, pallet: &str, name: &str) -> anyhow::Result<&[u8]> {
        let found = self.pallet(pallet)?.constants.iter().find(|it| it.name == name);
        let found = found.with_context(|| format!("the chain has no constant {pallet}.{name}"))?;
        Ok(&found.value)
    }

    /// What a pallet's error is called.
    pub fn error(&self, pallet: u8, error: u8) -> String {
        let about = self.metadata.pallets.iter().find(|it| it.index == pallet);
        let errors = about.and_then(|it| Some((&it.name, it.error.as_ref()?.ty.id)));
        let named = errors.and_then(|(pallet, errors)| {
            let found = self.variants(errors).iter().find(|it| it.index == error)?;
            Some(format!("{pallet}.{}", found.name))
        });
        named.unwrap_or_else(|| format!("error {error} of pallet {pallet}"))
    }

    /// What every transaction carries, in the order in which it does.
    /// Errors: transactions are of another version than this program writes.
    pub fn extensions(&self) -> anyhow::Result<Vec<Extension<'_>>> {
        let about = &self.metadata.extrinsic;
        ensure!(about.version == 4, "transactions of version {}: 4 is written", about.version);
        let extension = |it: &'_ frame_metadata::v14::SignedExtensionMetadata<PortableForm>| {
            self.is_empty(it.ty.id) && self.is_empty(it.additional_signed.id)
        };
        let all = about.signed_extensions.iter();
        Ok(all.map(|it| Extension { name: &it.identifier, is_empty: extension(it) }).collect())
    }

    /// The registry and the type of one event, for whoever reads events.
    pub fn event_type(&self) -> anyhow::Result<(&PortableRegistry, u32)> {
        let system = self.pallet("System")?.storage.as_ref().context("System stores nothing")?;
        let entry = system.entries.iter().find(|it| it.name == "Events");
        let StorageEntryType::Plain(records) = &entry.context("System has no Events")?.ty else {
            bail!("System.Events is a map");
        };
        let record = match &self.resolve(records.id)?.type_def {
            TypeDef::Sequence(sequence) => sequence.type_param.id,
            _ => bail!("System.Events is no list"),
        };
        let TypeDef::Composite(record) = &self.resolve(record)?.type_def else {
            bail!("a record of System.Events has no fields");
        };
        let field = record.fields.iter().find(|it| it.name.as_deref() == Some("event"));
        Ok((self.types(), field.context("a record of System.Events has no event")?.ty.id))
    }

    fn resolve(&self, id: u32) -> anyhow::Result<&scale_info::Type<PortableForm>> {
        self.types().resolve(id).with_context(|| format!("the metadata has no type {id}"))
    }

    fn variants(&self, id: u32) -> &[Variant<PortableForm>] {
        match self.types().resolve(id).map(|it| &it.type_def) {
            Some(TypeDef::Variant(variants)) => &variants.variants,
            _ => &[],
        }
    }

    /// Whether values of a type take no bytes.
    fn is_empty(&self, id: u32) -> bool {
        match self.types().resolve(id).map(|it| &it.type_def) {
            Some(TypeDef::Tuple(tuple)) => tuple.fields.iter().all(|it| self.is_empty(it.id)),
            Some(TypeDef::Composite(fields)) => {
                fields.fields.iter().all(|it| self.is_empty(it.ty.id))
            }
            _ => false,
        }
    }
}

/// The key under which the state has a value, or with which the keys of a map begin.
pub fn storage_key(pallet: &str, item: &str) -> Vec<u8> {
    [twox_128(pallet.as_bytes()), twox_128(item.as_bytes())].concat()
}

/// The key under which the state has an account.
pub fn account_key(account: &[u8; 32]) -> Vec<u8> {
    [&storage_key("System", "Account")[..], &blake2_128(account), account].concat()
}

/// Whether the chain's state has an account.
pub async fn has_account(node: &Node, account: &[u8; 32]) -> anyhow::Result<bool> {
    let key = format!("0x{}", hex::encode(account_key(account)));
    let found: Option<String> = node.ask("state_getStorage", &[key.into()]).await?;
    Ok(found.is_some())
}
