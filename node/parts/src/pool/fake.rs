// SPDX-License-Identifier: Apache-2.0

//! A chain for the tests of what is around the pool.

use crate::{Block, BlockNumber, Hash, Header};
use async_trait::async_trait;
use codec::Encode;
use polkadot_sdk::{
    sc_transaction_pool::{BasicPool, ChainApi, Options, PoolLimit, ValidateTransactionPriority},
    sc_transaction_pool_api::error::Error,
    sp_blockchain::TreeRoute,
    sp_io::hashing::blake2_256,
    sp_runtime::{
        OpaqueExtrinsic,
        generic::BlockId,
        transaction_validity::{
            InvalidTransaction, TransactionSource, TransactionValidity, ValidTransaction,
        },
    },
};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
};

/// The only block that the pool knows.
pub const BLOCK: Hash = Hash::zero();

/// Transactions are two bytes: which, and how urgent. Those of urgency 0 are not valid.
#[derive(Default)]
pub struct Fake {
    /// Those whose place was taken by others.
    pub stale: Mutex<HashSet<u8>>,
    /// What is in which block.
    pub bodies: Mutex<HashMap<Hash, Vec<OpaqueExtrinsic>>>,
}

pub fn transaction(which: u8, urgency: u8) -> OpaqueExtrinsic {
    OpaqueExtrinsic::from_blob(vec![which, urgency])
}

/// Room for so many transactions. Nothing stays out for longer than it takes to say so.
pub fn pool(api: Arc<Fake>, count: usize) -> Arc<BasicPool<Fake, Block>> {
    let limit = PoolLimit { count, total_bytes: 1_000 };
    let limits = Options { ready: limit.clone(), future: limit, ..Default::default() };
    Arc::new(BasicPool::new_test(api, BLOCK, BLOCK, limits).0)
}

#[async_trait]
impl ChainApi for Fake {
    type Block = Block;
    type Error = Error;

    async fn validate_transaction(
        &self,
        at: Hash,
        source: TransactionSource,
        transaction: Arc<OpaqueExtrinsic>,
        _: ValidateTransactionPriority,
    ) -> Result<TransactionValidity, Error> {
        self.validate_transaction_blocking(at, source, transaction)
    }

    fn validate_transaction_blocking(
        &self,
        _: Hash,
        _: TransactionSource,
        transaction: Arc<OpaqueExtrinsic>,
    ) -> Result<TransactionValidity, Error> {
        let bytes = transaction.encode();
        let [.., which, urgency] = bytes[..] else { panic!("too short") };
        let valid = ValidTransaction {
            priority: urgency.into(),
            provides: vec![vec![which]],
            ..Default::default()
        };
        Ok(match urgency {
            _ if self.stale.lock().unwrap().contains(&which) => {
                Err(InvalidTransaction::Stale.into())
            }
            0 => Err(InvalidTransaction::Payment.into()),
            _ => Ok(valid),
        })
    }

    fn block_id_to_number(&self, _: &BlockId<Block>) -> Result<Option<BlockNumber>, Error> {
        Ok(Some(0))
    }

    fn block_id_to_hash(&self, _: &BlockId<Block>) -> Result<Option<Hash>, Error> {
        Ok(Some(BLOCK))
    }

    fn hash_and_length(&self, transaction: &OpaqueExtrinsic) -> (Hash, usize) {
        let bytes = transaction.encode();
        (blake2_256(&bytes).into(), bytes.len())
    }

    async fn block_body(&self, block: Hash) -> Result<Option<Vec<OpaqueExtrinsic>>, Error> {
        Ok(self.bodies.lock().unwrap().get(&block).cloned())
    }

    fn block_header(&self, _: Hash) -> Result<Option<Header>, Error> {
        Ok(None)
    }

    fn tree_route(&self, _: Hash, _: Hash) -> Result<TreeRoute<Block>, Error> {
        Err(Error::InvalidBlockId("there are no other blocks".into()))
    }
}
