// SPDX-License-Identifier: Apache-2.0

//! Transactions for measuring weights.

// The error type of `sc-cli` is large; these functions run once per process.
#![allow(clippy::result_large_err)]

use codec::Encode;
use millrace_chain_spec::genesis_state;
use millrace_node_service::{FullClient, HostFunctions, new_partial};
use millrace_runtime::{
    Runtime, RuntimeCall, Signature, SignedPayload, TxExtension, UncheckedExtrinsic, VERSION,
    constants::money::EXISTENTIAL_DEPOSIT, opaque::Block,
};
use polkadot_sdk::{
    frame_benchmarking_cli::{
        BenchmarkCmd, ExtrinsicBuilder, ExtrinsicFactory, SUBSTRATE_REFERENCE_HARDWARE,
    },
    frame_metadata_hash_extension::CheckMetadataHash,
    frame_system, pallet_balances, pallet_transaction_payment,
    sc_cli::Result,
    sc_client_api::HeaderBackend,
    sc_service::Configuration,
    sp_core::Pair,
    sp_inherents::{InherentData, InherentDataProvider},
    sp_keyring::Sr25519Keyring,
    sp_runtime::{OpaqueExtrinsic, generic::Era, traits::HashingFor},
    sp_timestamp,
};
use std::{sync::Arc, time::Duration};

/// Runs a benchmark.
///
/// Errors: the chain's database cannot be opened, or the benchmark fails.
pub fn run(command: &BenchmarkCmd, mut config: Configuration) -> Result<()> {
    match command {
        BenchmarkCmd::Pallet(command) => {
            command.run_with_spec::<HashingFor<Block>, HostFunctions>(Some(config.chain_spec))
        }
        BenchmarkCmd::Machine(command) => {
            command.run(&config, SUBSTRATE_REFERENCE_HARDWARE.clone())
        }
        BenchmarkCmd::Block(command) => {
            let partial = new_partial(&mut config, genesis_state, None)?;
            command.run(partial.client)
        }
        BenchmarkCmd::Storage(command) => {
            let partial = new_partial(&mut config, genesis_state, None)?;
            let database = partial.backend.expose_db();
            let storage = partial.backend.expose_storage();
            let cache = partial.backend.expose_shared_trie_cache();
            command.run(config, partial.client, database, storage, cache)
        }
        BenchmarkCmd::Overhead(command) => {
            let partial = new_partial(&mut config, genesis_state, None)?;
            let remark = Remark(partial.client.clone());
            let name = config.chain_spec.name().into();
            command.run(name, partial.client, inherents()?, Vec::new(), &remark, false)
        }
        BenchmarkCmd::Extrinsic(command) => {
            let partial = new_partial(&mut config, genesis_state, None)?;
            let factory = ExtrinsicFactory(vec![
                Box::new(Remark(partial.client.clone())),
                Box::new(Transfer(partial.client.clone())),
            ]);
            command.run(partial.client, inherents()?, Vec::new(), &factory)
        }
    }
}

/// The inherents of a block at the beginning of time, which any slot fits.
fn inherents() -> Result<InherentData> {
    let mut data = InherentData::new();
    let timestamp = sp_timestamp::InherentDataProvider::new(Duration::ZERO.into());
    futures::executor::block_on(timestamp.provide_inherent_data(&mut data))
        .map_err(|error| format!("the timestamp cannot be provided: {error}"))?;
    Ok(data)
}

/// Builds `System::remark`, the cheapest call there is.
struct Remark(Arc<FullClient>);

impl ExtrinsicBuilder for Remark {
    fn pallet(&self) -> &str {
        "system"
    }

    fn extrinsic(&self) -> &str {
        "remark"
    }

    fn build(&self, nonce: u32) -> std::result::Result<OpaqueExtrinsic, &'static str> {
        let call = RuntimeCall::System(frame_system::Call::remark { remark: Vec::new() });
        Ok(signed(&self.0, Sr25519Keyring::Bob, call, nonce).into())
    }
}

/// Builds `Balances::transfer_keep_alive` to an account that exists.
struct Transfer(Arc<FullClient>);

impl ExtrinsicBuilder for Transfer {
    fn pallet(&self) -> &str {
        "balances"
    }

    fn extrinsic(&self) -> &str {
        "transfer_keep_alive"
    }

    fn build(&self, nonce: u32) -> std::result::Result<OpaqueExtrinsic, &'static str> {
        let call = RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
            dest: Sr25519Keyring::Alice.to_account_id().into(),
            value: EXISTENTIAL_DEPOSIT,
        });
        Ok(signed(&self.0, Sr25519Keyring::Bob, call, nonce).into())
    }
}

/// A signed transaction that never expires.
fn signed(
    client: &FullClient,
    signer: Sr25519Keyring,
    call: RuntimeCall,
    nonce: u32,
) -> UncheckedExtrinsic {
    let genesis = client.info().genesis_hash;
    let extension: TxExtension = (
        frame_system::CheckNonZeroSender::<Runtime>::new(),
        frame_system::CheckSpecVersion::<Runtime>::new(),
        frame_system::CheckTxVersion::<Runtime>::new(),
        frame_system::CheckGenesis::<Runtime>::new(),
        frame_system::CheckMortality::<Runtime>::from(Era::Immortal),
        frame_system::CheckNonce::<Runtime>::from(nonce),
        frame_system::CheckWeight::<Runtime>::new(),
        pallet_transaction_payment::ChargeTransactionPayment::<Runtime>::from(0),
        CheckMetadataHash::<Runtime>::new(false),
        frame_system::WeightReclaim::<Runtime>::new(),
    );
    let implicit = (
        (),
        VERSION.spec_version,
        VERSION.transaction_version,
        genesis,
        genesis,
        (),
        (),
        (),
        None,
        (),
    );
    let payload = SignedPayload::from_raw(call.clone(), extension.clone(), implicit);
    let signature = payload.using_encoded(|bytes| signer.pair().sign(bytes));
    UncheckedExtrinsic::new_signed(
        call,
        signer.to_account_id().into(),
        Signature::Sr25519(signature),
        extension,
    )
}
