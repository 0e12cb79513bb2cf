// SPDX-License-Identifier: Apache-2.0

//! From a call to a finalised block.

use crate::{
    Config,
    calls::Call,
    connection::{AtBlock, Chain, Head, STALL_TIMEOUT, height},
    error::ChainError,
    keys::AccountKey,
    outcome::{DispatchFailure, Inclusion, chain_event, explain, fee_paid},
};
use core::time::Duration;
use millrace_primitives_channels::{AccountId, Balance, BlockNumber, Hash};
use std::time::Instant;
use subxt::{
    client::{OfflineClientAtBlockT, OnlineClientAtBlockImpl},
    config::substrate::SubstrateExtrinsicParamsBuilder,
    error::{BackendError, ExtrinsicError, RpcError, TransactionEventsError},
    transactions::{
        SubmittableTransaction, TransactionInBlock, TransactionProgress, TransactionStatus,
        TransactionsClient,
    },
    utils::AccountId32,
};

/// For how many blocks a submitted extrinsic stays valid.
const MORTAL_BLOCKS: u64 = 64;

/// The longest validity: less than the hashes of blocks that the chain remembers.
const MAX_MORTAL_BLOCKS: u64 = 2_048;

/// On which terms a call is signed.
pub(crate) struct Terms {
    pub(crate) nonce: u64,
    /// In the smallest unit of the native token.
    pub(crate) tip: Balance,
    /// For how many blocks the extrinsic is valid.
    pub(crate) life: u64,
    /// The block from which on.
    pub(crate) from: Head,
}

impl Terms {
    /// Without a tip, for the usual number of blocks.
    pub(crate) fn usual(nonce: u64, from: Head) -> Self {
        Self { nonce, tip: 0, life: MORTAL_BLOCKS, from }
    }
}

/// An extrinsic that is signed and not submitted.
pub(crate) struct Signed {
    pub(crate) bytes: Vec<u8>,
    pub(crate) hash: Hash,
    /// The first block that cannot hold it any more.
    pub(crate) dies: BlockNumber,
}

type AtBlockClient = OnlineClientAtBlockImpl<Config>;

/// An extrinsic that a node accepted and that is on its way into a block.
pub struct Submission {
    call: String,
    progress: TransactionProgress<Config, AtBlockClient>,
    submitted: Instant,
    fee_estimate: Option<Balance>,
    finalised: Option<Inclusion>,
}

impl Chain {
    /// The nonce of an account's next extrinsic, those that wait in the node's pool included.
    pub async fn next_nonce(&self, account: &AccountId) -> Result<u64, ChainError> {
        let account = AccountId32(*account.as_ref());
        self.rpc
            .system_account_next_index(&account)
            .await
            .map_err(ChainError::request("an account's nonce"))
    }

    /// Signs `call` with `key` and hands it to the node.
    ///
    /// Errors when the chain's call takes other arguments than ours, and when the node's pool
    /// refuses the extrinsic, with its reason.
    pub async fn submit(&self, call: &Call, key: &AccountKey) -> Result<Submission, ChainError> {
        let nonce = self.next_nonce(&key.account()).await?;
        let (at, from) = self.at_final().await?;
        let extrinsic = self.signed(&at, call, key, &Terms::usual(nonce, from)).await?;
        let fee_estimate = extrinsic.partial_fee_estimate().await.ok();
        let submitted = Instant::now();
        let progress = extrinsic.submit_and_watch().await.map_err(|error| refusal(call, error))?;
        Ok(Submission { call: call.path(), progress, submitted, fee_estimate, finalised: None })
    }

    /// Signs `call` without submitting it. Its life begins with the final block `from`, so that no
    /// reorganisation ends it, and is the longer the further finality lags behind.
    pub(crate) async fn sign(
        &self,
        call: &Call,
        key: &AccountKey,
        (nonce, tip): (u64, Balance),
        from: Head,
        lag: BlockNumber,
    ) -> Result<Signed, ChainError> {
        let at = self.at(from.hash).await?;
        let terms = Terms { nonce, tip, life: life(lag), from };
        let extrinsic = self.signed(&at, call, key, &terms).await?;
        let dies = height(u64::from(from.number).saturating_add(terms.life))?;
        Ok(Signed { hash: extrinsic.hash(), bytes: extrinsic.into_encoded(), dies })
    }

    /// A client at the newest final block, and that block.
    pub(crate) async fn at_final(&self) -> Result<(AtBlock, Head), ChainError> {
        let at = self.client.at_current_block().await;
        let at = at.map_err(ChainError::request("the newest final block"))?;
        let head = Head { number: height(at.block_number())?, hash: at.block_hash() };
        Ok((at, head))
    }

    /// Signs `call` as the chain at this block takes it. The signature covers the metadata's hash if
    /// the connection was made so, see [`Chain::with_metadata_hash`].
    pub(crate) async fn signed(
        &self,
        at: &AtBlock,
        call: &Call,
        key: &AccountKey,
        terms: &Terms,
    ) -> Result<SubmittableTransaction<Config, AtBlockClient>, ChainError> {
        let mut transactions = at.transactions();
        if let Some(runtime) = self.hashed_runtime(at, terms.from).await? {
            return Ok(transactions.from_bytes(runtime.sign(call, key, terms)?));
        }
        verify_arguments(call, &transactions)?;
        let from = terms.from;
        let params = SubstrateExtrinsicParamsBuilder::new()
            .nonce(terms.nonce)
            .tip(terms.tip)
            .mortal_from_unchecked(terms.life, from.number.into(), from.hash)
            .build();
        transactions.create_signed(call, key, params).await.map_err(|error| refusal(call, error))
    }
}

/// Decodes our bytes by the chain's metadata, so that a call which changed is found here and not in a
/// block.
pub(crate) fn verify_arguments<T: subxt::Config, C: OfflineClientAtBlockT<T>>(
    call: &Call,
    transactions: &TransactionsClient<T, C>,
) -> Result<(), ChainError> {
    transactions
        .call_data(call)
        .and_then(|bytes| transactions.from_call_data_bytes(&bytes))
        .map(drop)
        .map_err(|error| ChainError::OtherArguments {
            call: call.path(),
            reason: error.to_string(),
        })
}

impl Submission {
    /// Hash of the extrinsic.
    pub fn extrinsic(&self) -> Hash {
        self.progress.extrinsic_hash()
    }

    /// Waits until the extrinsic is in a block, which may still be replaced. What the runtime said
    /// about it is in [`Inclusion::failure`].
    pub async fn included(&mut self) -> Result<Inclusion, ChainError> {
        if let Some(finalised) = &self.finalised {
            return Ok(finalised.clone());
        }
        loop {
            match self.next().await? {
                TransactionStatus::InBestBlock(block) => {
                    return self.inclusion(block, self.submitted.elapsed()).await;
                }
                TransactionStatus::InFinalizedBlock(block) => {
                    let inclusion = self.inclusion(block, self.submitted.elapsed()).await?;
                    self.finalised = Some(inclusion.clone());
                    return Ok(inclusion);
                }
                _ => {}
            }
        }
    }

    /// Waits until the extrinsic is in a final block.
    pub async fn finalised(&mut self) -> Result<Inclusion, ChainError> {
        if let Some(finalised) = &self.finalised {
            return Ok(finalised.clone());
        }
        loop {
            if let TransactionStatus::InFinalizedBlock(block) = self.next().await? {
                let inclusion = self.inclusion(block, self.submitted.elapsed()).await?;
                self.finalised = Some(inclusion.clone());
                return Ok(inclusion);
            }
        }
    }

    /// The next status; statuses that end the journey early are errors.
    async fn next(&mut self) -> Result<TransactionStatus<Config, AtBlockClient>, ChainError> {
        let status = tokio::time::timeout(STALL_TIMEOUT, self.progress.next()).await;
        let what = "the progress of an extrinsic";
        let status = match status {
            Ok(Some(status)) => status.map_err(ChainError::request(what))?,
            Ok(None) => {
                let reason = "the connection was closed".to_owned();
                return Err(ChainError::Request { what, reason });
            }
            Err(_) => {
                let what = "progress of an extrinsic";
                return Err(ChainError::TimedOut { what, seconds: STALL_TIMEOUT.as_secs() });
            }
        };
        match status {
            TransactionStatus::Error { message: reason }
            | TransactionStatus::Invalid { message: reason }
            | TransactionStatus::Dropped { message: reason } => Err(ChainError::GivenUp {
                call: self.call.clone(),
                extrinsic: self.extrinsic(),
                reason,
            }),
            status => Ok(status),
        }
    }

    /// Reads what happened to the extrinsic in this block.
    async fn inclusion(
        &self,
        block: TransactionInBlock<Config, AtBlockClient>,
        after: Duration,
    ) -> Result<Inclusion, ChainError> {
        let what = "the events of an extrinsic";
        let at = block.at().await.map_err(ChainError::request(what))?;
        let head = Head { number: height(at.block_number())?, hash: block.block_hash() };
        let events = block.fetch_events().await.map_err(ChainError::request(what))?;
        let index = u32::try_from(events.extrinsic_index()).unwrap_or(u32::MAX);
        let failure = match block.wait_for_success().await {
            Ok(_) => None,
            Err(TransactionEventsError::ExtrinsicFailed(error)) => {
                let (pallet, name, docs) = explain(&error);
                Some(DispatchFailure {
                    call: self.call.clone(),
                    pallet,
                    name,
                    docs,
                    extrinsic: self.extrinsic(),
                    block: head,
                })
            }
            Err(error) => return Err(ChainError::request(what)(error)),
        };
        let mut announced = Vec::new();
        for event in events.iter() {
            announced.push(chain_event(&event.map_err(ChainError::request(what))?));
        }
        Ok(Inclusion {
            call: self.call.clone(),
            extrinsic: self.extrinsic(),
            block: head,
            index,
            after,
            fee: announced.iter().find_map(fee_paid).map_or(0, |(_payer, fee)| fee),
            fee_estimate: self.fee_estimate,
            events: announced,
            failure,
        })
    }
}

/// For how many blocks an extrinsic is to be valid, from a final block on, if `lag` blocks above that
/// are there already. A power of two, as the chain encodes it.
fn life(lag: BlockNumber) -> u64 {
    let wanted = MORTAL_BLOCKS.saturating_add(u64::from(lag).saturating_mul(2));
    wanted.min(MAX_MORTAL_BLOCKS).next_power_of_two()
}

/// What the node's pool says about an extrinsic that it does not take.
pub(crate) fn refusal(call: &Call, error: ExtrinsicError) -> ChainError {
    let reason = match &error {
        ExtrinsicError::ErrorSubmittingTransaction(BackendError::Rpc(RpcError::ClientError(
            subxt::rpcs::Error::User(user),
        ))) => match &user.data {
            Some(data) => format!("{}: {}", user.message, data.get().trim_matches('"')),
            None => user.message.clone(),
        },
        other => other.to_string(),
    };
    ChainError::Refused { call: call.path(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn life_outlasts_what_is_not_final_yet() {
        assert_eq!(life(0), 64);
        assert_eq!(life(2), 128);
        assert_eq!(life(300), 1_024);
        assert_eq!(life(BlockNumber::MAX), MAX_MORTAL_BLOCKS);
    }
}
