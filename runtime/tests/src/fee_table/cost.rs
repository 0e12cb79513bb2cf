// SPDX-License-Identifier: Apache-2.0

//! What one call costs.

use crate::chain::Chain;
use codec::Encode;
use millrace_runtime::{constants::money::MILL, *};
use polkadot_sdk::{
    frame_support::dispatch::{DispatchClass, GetDispatchInfo},
    frame_system,
    sp_keyring::Sr25519Keyring,
};

/// What a call costs.
pub struct Cost {
    pub name: String,
    pub class: DispatchClass,
    /// In picoseconds, the fixed cost of an extrinsic and its extensions included.
    pub ref_time: u64,
    /// In bytes.
    pub proof_size: u64,
    /// Encoded and signed, in bytes.
    pub length: u32,
    /// The most it costs, taken before it runs.
    pub fee: Balance,
    /// What it costs in a life as most channels have it.
    pub paid: Option<Balance>,
    /// How many fit into one block, going by time.
    pub per_block: u64,
}

impl Cost {
    /// What `call` may need, sent by itself.
    pub fn of(chain: &mut Chain, name: String, call: RuntimeCall) -> Self {
        let extrinsic = chain.sign(Sr25519Keyring::Alice, call);
        chain.read(|| {
            let info = extrinsic.get_dispatch_info();
            let length = extrinsic.encoded_size() as u32;
            let limits = <Runtime as frame_system::Config>::BlockWeights::get();
            let class = limits.get(info.class);
            let weight = info.total_weight().saturating_add(class.base_extrinsic);
            let room = class.max_total.unwrap_or(limits.max_block).ref_time();
            Self {
                name,
                class: info.class,
                ref_time: weight.ref_time(),
                proof_size: weight.proof_size(),
                length,
                fee: TransactionPayment::compute_fee(length, &info, 0),
                paid: None,
                per_block: room / weight.ref_time(),
            }
        })
    }
}

/// An amount in tokens.
pub fn in_mill(amount: Balance) -> f64 {
    amount as f64 / MILL as f64
}
