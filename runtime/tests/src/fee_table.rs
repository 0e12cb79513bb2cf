// SPDX-License-Identifier: Apache-2.0

//! `docs/reference/fees.md` says what calls cost, and is checked against the runtime.

use super::chain::Chain;
use codec::Encode;
use millrace_primitives_channels::{
    ChannelAsset, ChannelId, ChannelParams, ChannelState, MerkleProof, Participant, Resize,
    Transfer, params::Amounts, state::Signatures,
};
use millrace_runtime::{
    constants::money::{EXISTENTIAL_DEPOSIT, MILL},
    *,
};
use polkadot_sdk::{
    frame_support::dispatch::{DispatchClass, GetDispatchInfo},
    frame_system, pallet_balances,
    sp_core::sr25519,
    sp_keyring::Sr25519Keyring,
    sp_runtime::{BoundedVec, MultiSigner},
};
use std::{env, fmt::Write as _, fs, path::PathBuf};

/// Where the table is. Run the tests with `MILLRACE_BLESS=1` to write it anew.
fn document() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/fees.md"))
}

/// What a call costs.
struct Cost {
    name: String,
    class: DispatchClass,
    /// In picoseconds, the fixed cost of an extrinsic and its extensions included.
    ref_time: u64,
    /// In bytes.
    proof_size: u64,
    /// Encoded and signed, in bytes.
    length: u32,
    fee: Balance,
    /// How many fit into one block, going by time.
    per_block: u64,
}

impl Cost {
    fn of(chain: &mut Chain, name: String, call: RuntimeCall) -> Self {
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
                per_block: room / weight.ref_time(),
            }
        })
    }
}

/// Parameters of a channel of `parties`.
fn params(parties: u8) -> ChannelParams {
    let participants = (1..=parties)
        .map(|number| Participant {
            account: AccountId::new([number; 32]),
            signer: MultiSigner::Sr25519(sr25519::Public::from_raw([number; 32])),
        })
        .collect::<Vec<_>>();
    ChannelParams {
        participants: BoundedVec::truncate_from(participants),
        asset: ChannelAsset::Native,
        challenge_blocks: 1_800,
        open_by: 43_200,
        nonce: u64::MAX,
    }
}

fn amounts(parties: u8) -> Amounts {
    BoundedVec::truncate_from(vec![1_000 * MILL; usize::from(parties)])
}

/// As many signatures as there are parties; what they say does not matter for the cost.
fn signatures(parties: u8) -> Signatures {
    let signature = Signature::Sr25519(sr25519::Signature::from_raw([0; 64]));
    BoundedVec::truncate_from(vec![signature; usize::from(parties)])
}

fn state(parties: u8) -> ChannelState {
    ChannelState {
        version: u64::MAX,
        ..ChannelState::opening(ChannelId::repeat_byte(1), amounts(parties))
    }
}

/// The calls of the table, for a channel of `parties`.
fn channel_calls(parties: u8) -> Vec<(&'static str, RuntimeCall)> {
    let (state, signatures) = (state(parties), signatures(parties));
    let last = ChannelState { is_final: true, ..state.clone() };
    let channel = ChannelId::repeat_byte(1);
    let resize = Resize {
        state: state.clone(),
        deltas: BoundedVec::truncate_from(vec![MILL as i128; usize::from(parties)]),
        valid_until: 43_200,
    };
    let calls: Vec<(_, pallet_channels::Call<Runtime>)> = vec![
        (
            "open",
            pallet_channels::Call::open {
                params: params(parties),
                deposits: amounts(parties),
                signatures: signatures.clone(),
            },
        ),
        ("settle", pallet_channels::Call::settle { state: last, signatures: signatures.clone() }),
        ("resize", pallet_channels::Call::resize { resize, signatures: signatures.clone() }),
        (
            "dispute",
            pallet_channels::Call::dispute { state: state.clone(), signatures: signatures.clone() },
        ),
        (
            "answer",
            pallet_channels::Call::answer { state, signatures, reward_to: AccountId::new([9; 32]) },
        ),
        ("conclude", pallet_channels::Call::conclude { channel }),
    ];
    calls.into_iter().map(|(name, call)| (name, call.into())).collect()
}

/// Calls whose cost does not depend on the number of parties.
fn other_calls() -> Vec<(&'static str, RuntimeCall)> {
    let channel = ChannelId::repeat_byte(1);
    let proof = |siblings| MerkleProof {
        index: 0,
        siblings: BoundedVec::truncate_from(vec![Hash::repeat_byte(2); siblings]),
    };
    let transfer = Transfer {
        id: u64::MAX,
        payer: 0,
        payee: 1,
        amount: MILL,
        hashlock: Hash::repeat_byte(3),
        expiry: 43_200,
    };
    let calls: Vec<(_, pallet_channels::Call<Runtime>)> = vec![
        ("reveal", pallet_channels::Call::reveal { preimage: [1; 32] }),
        (
            "claim`, one of 512 transfers, `",
            pallet_channels::Call::claim { channel, transfer, proof: proof(9) },
        ),
        (
            "refund`, one of 512 transfers, `",
            pallet_channels::Call::refund { channel, transfer, proof: proof(9) },
        ),
        (
            "claimStream`, 64 links, 2¹⁴ chains, `",
            pallet_channels::Call::claim_stream {
                channel,
                stream: 0,
                link: [1; 32],
                depth: 64,
                proof: proof(14),
            },
        ),
    ];
    calls.into_iter().map(|(name, call)| (name, call.into())).collect()
}

/// All rows; the first is a plain transfer.
fn costs() -> Vec<Cost> {
    let mut chain = Chain::development();
    let transfer = pallet_balances::Call::transfer_keep_alive {
        dest: Sr25519Keyring::Bob.to_account_id().into(),
        value: 1_000 * MILL,
    };
    let mut rows =
        vec![Cost::of(&mut chain, "`balances.transferKeepAlive`".into(), transfer.into())];
    for parties in [2, 8] {
        for (name, call) in channel_calls(parties) {
            let name = format!("`channels.{name}`, {parties} parties");
            rows.push(Cost::of(&mut chain, name, call));
        }
    }
    for (name, call) in other_calls() {
        let name = format!("`channels.{name}`").replace(", ``", "");
        rows.push(Cost::of(&mut chain, name, call));
    }
    rows
}

/// The table as the document shows it.
fn table(rows: &[Cost]) -> String {
    let mut text = String::from(
        "| call | class | time | proof | length | fee | in plain transfers | per second |\n\
         |---|---|--:|--:|--:|--:|--:|--:|\n",
    );
    for row in rows {
        writeln!(
            text,
            "| {} | {:?} | {:.0} µs | {:.1} KB | {} B | {:.6} MILL | {:.2} | {} |",
            row.name,
            row.class,
            row.ref_time as f64 / 1e6,
            row.proof_size as f64 / 1e3,
            row.length,
            row.fee as f64 / MILL as f64,
            row.fee as f64 / rows[0].fee as f64,
            row.per_block * 1_000 / SLOT_MILLIS,
        )
        .expect("a string takes any text");
    }
    text
}

/// What surrounds the table.
const TEXT: &str = "\
# What calls cost

<!-- Written by `MILLRACE_BLESS=1 cargo test --workspace --lib fee_table`; a test compares it. -->

Fees are those of a chain at rest, where the fee multiplier is 1. In full blocks the multiplier
rises, in empty ones it falls to its floor. Time and proof include the fixed cost of an extrinsic and
of checking its sender; a call that turns out to need less gives the rest back. *Per second* is how
many such calls fit into the blocks of one second by their declared time, if there is nothing else;
what a machine really does is for benchmarks to say.

Weights of `channels` are upper estimates until `scripts/weigh` has measured them, so their times and
fees here are estimates too; the head of `pallets/channels/src/weights.rs` says what they assume.

";

#[test]
fn table_of_the_reference_is_up_to_date() {
    let rows = costs();
    let text = format!("{TEXT}{}", table(&rows));
    if env::var_os("MILLRACE_BLESS").is_some() {
        fs::write(document(), &text).expect("the document can be written");
    }
    let written = fs::read_to_string(document()).expect("the document is part of the project");
    assert!(written == text, "run again with MILLRACE_BLESS=1; the table should be\n{text}");
}

#[test]
fn no_call_is_free_and_every_call_fits_into_a_block() {
    for row in costs() {
        assert!(row.fee > 0, "{}", row.name);
        assert!(row.fee < EXISTENTIAL_DEPOSIT.max(MILL), "{} costs {}", row.name, row.fee);
        assert!(row.per_block > 100, "{}: {} in a block", row.name, row.per_block);
    }
}
