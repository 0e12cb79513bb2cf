// SPDX-License-Identifier: Apache-2.0

//! `docs/reference/fees.md` says what calls cost, and is checked against the runtime.

use super::{
    chain::Chain,
    parties::{Pair, genesis},
};
use codec::Encode;
use millrace_primitives_channels::{
    ChannelAsset, ChannelId, ChannelParams, ChannelState, MerkleProof, Participant, Resize,
    Transfer, channel_id, params::Amounts, state::Signatures,
};
use millrace_runtime::{
    constants::money::{EXISTENTIAL_DEPOSIT, MILL},
    *,
};
use polkadot_sdk::{
    frame_support::dispatch::{DispatchClass, GetDispatchInfo},
    frame_system, pallet_balances,
    pallet_transaction_payment::{self, Multiplier},
    sp_core::sr25519,
    sp_keyring::Sr25519Keyring,
    sp_runtime::{BoundedVec, MultiSigner, traits::One},
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
    /// The most it costs, taken before it runs.
    fee: Balance,
    /// What it costs in a life as most channels have it.
    paid: Option<Balance>,
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
                paid: None,
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

/// Sends `call`, and returns what its sender paid for it at a multiplier of 1.
fn pay(chain: &mut Chain, from: Sr25519Keyring, call: impl Into<RuntimeCall>) -> Balance {
    chain.read(|| pallet_transaction_payment::NextFeeMultiplier::<Runtime>::put(Multiplier::one()));
    chain.submit(from, call).expect("the call is in order");
    let mut fees = chain.read(|| {
        System::events().into_iter().filter_map(|record| match record.event {
            RuntimeEvent::TransactionPayment(
                pallet_transaction_payment::Event::TransactionFeePaid { actual_fee, .. },
            ) => Some(actual_fee),
            _ => None,
        })
    });
    fees.next_back().expect("somebody paid")
}

/// What a plain transfer costs.
fn paid_for_a_transfer() -> Balance {
    let transfer = pallet_balances::Call::transfer_keep_alive {
        dest: Sr25519Keyring::Bob.to_account_id().into(),
        value: 1_000 * MILL,
    };
    pay(&mut Chain::development(), Sr25519Keyring::Alice, transfer)
}

/// What the first party has to show if it sends the call itself.
fn but_for_sender(mut signatures: Signatures) -> Signatures {
    signatures.remove(0);
    signatures
}

/// What two parties pay for a channel that one of them opens, resizes and settles a while later.
fn paid_for_a_quiet_life() -> Vec<(&'static str, Balance)> {
    let mut chain = Chain::development();
    let pair = Pair::new();
    let params = pair.params(chain.number());
    let (id, open_by) = (channel_id(&genesis(&mut chain), &params), params.open_by);
    let deposits = [500 * MILL, 500 * MILL];
    let signatures = but_for_sender(pair.consent(&mut chain, &params, &deposits));
    let deposits = BoundedVec::truncate_from(deposits.to_vec());
    let call = pallet_channels::Call::open { params, deposits, signatures };
    let open = pay(&mut chain, pair.accounts[0], call);

    let base = pair.state(id, 1, [600 * MILL, 500 * MILL]);
    let wanted = Resize {
        state: base,
        deltas: BoundedVec::truncate_from(vec![100 * MILL as i128, 0]),
        valid_until: open_by,
    };
    let signatures = but_for_sender(pair.agree(&mut chain, &wanted));
    let call = pallet_channels::Call::resize { resize: wanted, signatures };
    let resize = pay(&mut chain, pair.accounts[0], call);

    while chain.number() <= open_by {
        chain.empty_blocks(1);
    }
    let state = ChannelState { is_final: true, ..pair.state(id, 9, [400 * MILL, 700 * MILL]) };
    let signatures = but_for_sender(pair.co_sign(&mut chain, &state));
    let call = pallet_channels::Call::settle { state, signatures };
    let settle = pay(&mut chain, pair.accounts[0], call);
    vec![("open", open), ("resize", resize), ("settle", settle)]
}

/// What is paid when one party disputes with a stale state, the other answers, and the first
/// concludes.
fn paid_for_a_dispute() -> Vec<(&'static str, Balance)> {
    let mut chain = Chain::development();
    let pair = Pair::new();
    let id = pair.open(&mut chain, [500 * MILL, 500 * MILL]);
    let stale = pair.state(id, 3, [900 * MILL, 100 * MILL]);
    let signatures = pair.co_sign(&mut chain, &stale);
    let call = pallet_channels::Call::dispute { state: stale, signatures };
    let dispute = pay(&mut chain, pair.accounts[0], call);

    let latest = pair.state(id, 9, [400 * MILL, 600 * MILL]);
    let signatures = pair.co_sign(&mut chain, &latest);
    let reward_to = pair.accounts[1].to_account_id();
    let call = pallet_channels::Call::answer { state: latest, signatures, reward_to };
    let answer = pay(&mut chain, pair.accounts[1], call);

    chain.empty_blocks(8);
    let call = pallet_channels::Call::conclude { channel: id };
    let conclude = pay(&mut chain, pair.accounts[0], call);
    vec![("dispute", dispute), ("answer", answer), ("conclude", conclude)]
}

/// All rows; the first is a plain transfer.
fn costs() -> Vec<Cost> {
    let mut chain = Chain::development();
    let transfer = pallet_balances::Call::transfer_keep_alive {
        dest: Sr25519Keyring::Bob.to_account_id().into(),
        value: 1_000 * MILL,
    };
    let first = Cost::of(&mut chain, "`balances.transferKeepAlive`".into(), transfer.into());
    let mut rows = vec![Cost { paid: Some(paid_for_a_transfer()), ..first }];
    let lives = [paid_for_a_quiet_life(), paid_for_a_dispute()].concat();
    for parties in [2, 8] {
        for (name, call) in channel_calls(parties) {
            let paid = lives.iter().find(|(call, _)| parties == 2 && *call == name);
            let name = format!("`channels.{name}`, {parties} parties");
            let paid = paid.map(|(_, fee)| *fee);
            rows.push(Cost { paid, ..Cost::of(&mut chain, name, call) });
        }
    }
    for (name, call) in other_calls() {
        let name = format!("`channels.{name}`").replace(", ``", "");
        rows.push(Cost::of(&mut chain, name, call));
    }
    rows
}

fn in_mill(amount: Balance) -> f64 {
    amount as f64 / MILL as f64
}

/// The table as the document shows it.
fn table(rows: &[Cost]) -> String {
    let mut text = String::from(
        "| call | class | time | proof | length | fee at most | fee paid | in plain transfers | per second |\n\
         |---|---|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for row in rows {
        let paid = row.paid.map_or(String::new(), |fee| format!("{:.6} MILL", in_mill(fee)));
        writeln!(
            text,
            "| {} | {:?} | {:.0} µs | {:.1} KB | {} B | {:.6} MILL | {paid} | {:.2} | {} |",
            row.name,
            row.class,
            row.ref_time as f64 / 1e6,
            row.proof_size as f64 / 1e3,
            row.length,
            in_mill(row.fee),
            row.paid.unwrap_or(row.fee) as f64 / rows[0].fee as f64,
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
of checking its sender. They, and *fee at most*, are what a call may need, and what is taken before it
runs: wrapped signatures, an opener who is nobody else, a dispute to end. What it did not need is
given back: *fee paid* is what two parties pay with sr25519 keys, if one of them sends the call, and
leaves its own signature out where it may. *In plain transfers* compares what is paid, or what is paid
at most. *Per second* is how many such calls fit into the blocks of one second by their declared time,
if there is nothing else; what a machine really does is for benchmarks to say.

Weights of the project's own pallets are upper estimates until `scripts/weigh` has measured them, so
their times and fees here are estimates too; the heads of `pallets/*/src/weights.rs` say what they
assume.

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
