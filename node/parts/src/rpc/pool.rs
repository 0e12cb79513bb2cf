// SPDX-License-Identifier: Apache-2.0

//! Many transactions in one request.
//!
//! | method | does |
//! |---|---|
//! | `pool_submit(transactions)` | hands up to 1,000 signed transactions to the pool, and says what became of each |
//!
//! A JSON-RPC batch of `author_submitExtrinsic` does the same one after the other. Here the pool has all of them at
//! once, so that it can ask the runtime about many of them at a time.

use crate::{Block, Hash};
use codec::Decode;
use jsonrpsee::{
    core::{RpcResult, async_trait},
    proc_macros::rpc,
    types::{ErrorObject, ErrorObjectOwned, error::INVALID_PARAMS_CODE},
};
use polkadot_sdk::{
    sc_client_api::HeaderBackend,
    sc_rpc_api::author::error::Error,
    sc_transaction_pool_api::{TransactionPool, error::IntoPoolError},
    sp_core::Bytes,
    sp_runtime::{OpaqueExtrinsic, transaction_validity::TransactionSource},
};
use serde::Serialize;
use std::sync::Arc;

/// The most transactions in one request.
pub const MOST: usize = 1_000;

/// What became of a transaction.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Submitted {
    /// The pool has it; this is its hash.
    Hash(Hash),
    /// Why not, with the code that `author_submitExtrinsic` would give.
    Error(ErrorObjectOwned),
}

/// The project's own method.
#[rpc(server)]
pub trait PoolRpc {
    /// Hands signed transactions to the pool in this order. The answer has what became of each, in the same order.
    ///
    /// Errors: more than 1,000 of them.
    #[method(name = "pool_submit")]
    async fn submit(&self, transactions: Vec<Bytes>) -> RpcResult<Vec<Submitted>>;
}

/// Hands over to the node's pool.
pub struct Pool<Client, Waiting> {
    client: Arc<Client>,
    pool: Arc<Waiting>,
}

impl<Client, Waiting> Pool<Client, Waiting> {
    /// Checks transactions on top of the client's best block.
    pub fn new(client: Arc<Client>, pool: Arc<Waiting>) -> Self {
        Self { client, pool }
    }
}

#[async_trait]
impl<Client, Waiting> PoolRpcServer for Pool<Client, Waiting>
where
    Client: HeaderBackend<Block> + 'static,
    Waiting: TransactionPool<Block = Block, Hash = Hash> + 'static,
{
    async fn submit(&self, transactions: Vec<Bytes>) -> RpcResult<Vec<Submitted>> {
        if transactions.len() > MOST {
            let message = format!(
                "{} transactions in one request are too many: send {MOST} at most.",
                transactions.len()
            );
            return Err(ErrorObject::owned(INVALID_PARAMS_CODE, message, None::<()>));
        }
        let read =
            |bytes: Bytes| OpaqueExtrinsic::decode(&mut &bytes[..]).map_err(Error::BadFormat);
        let read: Vec<_> = transactions.into_iter().map(read).collect();
        let readable = read.iter().filter_map(|it| it.as_ref().ok().cloned()).collect();
        let best = self.client.info().best_hash;
        let results = self.pool.submit_at(best, TransactionSource::External, readable).await;
        Ok(outcomes(read, results.map_err(refused)?))
    }
}

/// What became of each: of what could not be read, why; of the others, what the pool says of them, in the same order.
fn outcomes<T, E: Refusing>(
    read: Vec<Result<T, Error>>,
    results: Vec<Result<Hash, E>>,
) -> Vec<Submitted> {
    let mut results = results.into_iter();
    let outcome = |read| match read {
        Err(unreadable) => Submitted::Error(Error::into(unreadable)),
        Ok(_) => match results.next() {
            Some(Ok(hash)) => Submitted::Hash(hash),
            Some(Err(why)) => Submitted::Error(refused(why)),
            None => Submitted::Error(Error::Client("the pool does not say".into()).into()),
        },
    };
    read.into_iter().map(outcome).collect()
}

/// What a pool refuses with.
trait Refusing: IntoPoolError + std::error::Error + Send + Sync + 'static {}

impl<E: IntoPoolError + std::error::Error + Send + Sync + 'static> Refusing for E {}

/// The error that `author_submitExtrinsic` would give.
fn refused<E: Refusing>(why: E) -> ErrorObjectOwned {
    let why = why.into_pool_error().map(Error::Pool);
    why.unwrap_or_else(|other| Error::Verification(Box::new(other))).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use polkadot_sdk::sc_transaction_pool_api::error::Error as Refusal;
    use serde_json::json;

    #[test]
    fn everybody_hears_of_the_own_transaction() {
        let unreadable = Err(Error::BadFormat("too short".into()));
        let read = vec![Ok(()), unreadable, Ok(()), Ok(())];
        let hash = Hash::repeat_byte(7);
        let results = vec![Err(Refusal::ImmediatelyDropped), Ok(hash)];
        let told = serde_json::to_value(outcomes(read, results)).unwrap();
        assert_eq!(told[0]["error"]["code"], 1016);
        assert_eq!(told[1]["error"]["code"], 1001);
        assert_eq!(told[2], json!({ "hash": hash }));
        assert_eq!(told[3]["error"]["code"], 1040);
    }
}
