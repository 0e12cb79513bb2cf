// SPDX-License-Identifier: Apache-2.0

//! A block while it is being made.

use super::{
    MakesBlocks,
    filling::{Refusal, Takes},
};
use crate::{Block, Hash, Header};
use codec::Encode;
use log::{error, warn};
use millrace_primitives_authoring::ApplyExtrinsics;
use polkadot_sdk::{
    sp_api::{
        ApiExt, ApiRef, CallApiAt, CallContext, Core, ProofRecorder, ProvideRuntimeApi,
        TransactionOutcome,
    },
    sp_block_builder::BlockBuilder,
    sp_blockchain::{ApplyExtrinsicFailed, Error},
    sp_consensus::Proposal,
    sp_externalities::Extensions,
    sp_inherents::InherentData,
    sp_runtime::{
        Digest, ExtrinsicInclusionMode, OpaqueExtrinsic,
        traits::{Block as _, Header as _},
    },
};

/// A block that has no root yet.
pub struct Unfinished<'a, Client: ProvideRuntimeApi<Block>> {
    client: &'a Client,
    api: ApiRef<'a, Client::Api>,
    parent: Hash,
    mode: ExtrinsicInclusionMode,
    /// Whether the runtime takes many extrinsics at once.
    many: bool,
    header_bytes: usize,
    extrinsics: Vec<OpaqueExtrinsic>,
}

impl<'a, Client> Unfinished<'a, Client>
where
    Client: ProvideRuntimeApi<Block> + CallApiAt<Block>,
    Client::Api: MakesBlocks,
{
    /// A block on top of another, without any extrinsics.
    ///
    /// Errors: the runtime refuses to begin it.
    pub fn begin(
        client: &'a Client,
        parent: &Header,
        digest: Digest,
        (recorder, extensions): (Option<ProofRecorder<Block>>, Extensions),
    ) -> Result<Self, Error> {
        let hash = parent.hash();
        let header = Header::new(
            parent.number.saturating_add(1),
            Default::default(),
            Default::default(),
            hash,
            digest,
        );
        let mut api = client.runtime_api();
        if let Some(recorder) = recorder {
            api.record_proof_with_recorder(recorder);
        }
        extensions.into_extensions().for_each(|extension| api.register_extension(extension));
        api.set_call_context(CallContext::Onchain { import: false });
        let mode = api.initialize_block(hash, &header)?;
        let many = api.has_api::<dyn ApplyExtrinsics<Block>>(hash)?;
        let header_bytes = header.encoded_size();
        Ok(Self { client, api, parent: hash, mode, many, header_bytes, extrinsics: Vec::new() })
    }

    /// Which extrinsics may be in it.
    pub fn mode(&self) -> ExtrinsicInclusionMode {
        self.mode
    }

    /// What the runtime makes of the node's data.
    ///
    /// Errors: the runtime fails.
    pub fn create_inherents(&self, data: InherentData) -> Result<Vec<OpaqueExtrinsic>, Error> {
        let parent = self.parent;
        let made = self.api.execute_in_transaction(|api| {
            TransactionOutcome::Rollback(api.inherent_extrinsics(parent, data))
        });
        Ok(made?)
    }

    /// Carries out what the node says.
    ///
    /// Errors: without one of them there can be no block.
    pub fn apply_inherents(&mut self, inherents: Vec<OpaqueExtrinsic>) -> Result<(), Error> {
        for inherent in inherents {
            match self.apply_one(&inherent) {
                Ok(()) => self.extrinsics.push(inherent),
                Err(Refusal::Invalid(why)) if why.exhausted_resources() => {
                    warn!("⚠️  Dropping non-mandatory inherent from overweight block.");
                }
                Err(Refusal::Invalid(why)) if why.was_mandatory() => {
                    error!(
                        "❌️ Mandatory inherent extrinsic returned error. Block cannot be produced."
                    );
                    return Err(ApplyExtrinsicFailed::Validity(why).into());
                }
                Err(why) => {
                    warn!("❗️ Inherent extrinsic returned unexpected error: {why}. Dropping.");
                }
            }
        }
        Ok(())
    }

    /// The block with its root, and what it changes.
    ///
    /// Errors: the runtime fails, or the parent's state cannot be read.
    pub fn finish(self) -> Result<Proposal<Block>, Error> {
        let header = self.api.finalize_block(self.parent)?;
        let state = self.client.state_at(self.parent)?;
        let storage_changes =
            self.api.into_storage_changes(&state, self.parent).map_err(Error::StorageChanges)?;
        Ok(Proposal { block: Block::new(header, self.extrinsics), storage_changes })
    }

    fn apply_one(&self, extrinsic: &OpaqueExtrinsic) -> Result<(), Refusal> {
        self.api.execute_in_transaction(|api| {
            match api.apply_extrinsic(self.parent, extrinsic.clone()) {
                Ok(Ok(_)) => TransactionOutcome::Commit(Ok(())),
                Ok(Err(why)) => TransactionOutcome::Rollback(Err(Refusal::Invalid(why))),
                Err(why) => TransactionOutcome::Rollback(Err(Refusal::Failed(why.to_string()))),
            }
        })
    }

    /// What became of each, or nothing if the runtime failed: then it is as if none had been tried.
    fn apply_many(&self, extrinsics: &[OpaqueExtrinsic]) -> Option<Vec<Result<(), Refusal>>> {
        self.api.execute_in_transaction(|api| {
            match api.apply_extrinsics(self.parent, extrinsics.to_vec()) {
                Ok(results) if results.len() == extrinsics.len() => {
                    let results = results.into_iter().map(|result| match result {
                        Ok(_) => Ok(()),
                        Err(why) => Err(Refusal::Invalid(why)),
                    });
                    TransactionOutcome::Commit(Some(results.collect()))
                }
                _ => TransactionOutcome::Rollback(None),
            }
        })
    }
}

impl<Client> Takes for Unfinished<'_, Client>
where
    Client: ProvideRuntimeApi<Block> + CallApiAt<Block>,
    Client::Api: MakesBlocks,
{
    fn bytes(&self) -> usize {
        let proof = self.api.proof_recorder().map_or(0, |proof| proof.estimate_encoded_size());
        self.header_bytes + proof
    }

    fn take(&mut self, extrinsics: Vec<OpaqueExtrinsic>) -> Vec<Result<(), Refusal>> {
        let at_once =
            if self.many && extrinsics.len() > 1 { self.apply_many(&extrinsics) } else { None };
        // One of them may have made the runtime fail: which one shows when each is tried by itself.
        let results =
            at_once.unwrap_or_else(|| extrinsics.iter().map(|one| self.apply_one(one)).collect());
        let good = extrinsics.into_iter().zip(&results).filter(|(_, result)| result.is_ok());
        self.extrinsics.extend(good.map(|(extrinsic, _)| extrinsic));
        results
    }
}
