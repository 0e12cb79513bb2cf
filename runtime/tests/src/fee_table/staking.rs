// SPDX-License-Identifier: Apache-2.0

//! What staking costs: the calls of delegators and candidates, and what the chain does by itself.

use super::{
    cost::{Cost, in_mill},
    lives::paid_for_a_transfer,
};
use crate::chain::Chain;
use codec::Encode;
use millrace_primitives_dpos::{params::MAX_BONDING_ERAS, seats::MAX_VALIDATORS};
use millrace_runtime::{
    constants::{money::MILL, space::MAX_BLOCK_WEIGHT},
    *,
};
use pallet_dpos::{Call, Config, types::Mode, weights::WeightInfo};
use polkadot_sdk::{
    frame_support::{
        dispatch::{GetDispatchInfo, PostDispatchInfo},
        traits::Get,
        weights::Weight,
    },
    sp_keyring::Sr25519Keyring,
    sp_runtime::Perbill,
};
use std::fmt::Write as _;

type Staking = <Runtime as Config>::WeightInfo;

/// The calls of delegators and candidates, each with its weight if no slash and no change of
/// candidates has left anything to catch up with.
fn calls() -> Vec<(&'static str, Call<Runtime>, Weight)> {
    let candidate = AccountId::new([1; 32]);
    let other = AccountId::new([2; 32]);
    let (amount, mode) = (MILL, Mode::Compound);
    vec![
        (
            "register",
            Call::register { self_bond: amount, commission: Perbill::from_percent(5), mode },
            Staking::register(),
        ),
        (
            "delegate",
            Call::delegate { candidate: candidate.clone(), amount, mode },
            Staking::delegate(0),
        ),
        (
            "set_compound",
            Call::set_compound { candidate: candidate.clone(), mode },
            Staking::set_compound(0),
        ),
        ("claim", Call::claim { candidate: candidate.clone() }, Staking::claim(0)),
        ("unbond", Call::unbond { candidate: candidate.clone(), amount }, Staking::unbond(0)),
        ("rebond", Call::rebond { candidate: candidate.clone(), amount }, Staking::rebond(0)),
        (
            "redelegate",
            Call::redelegate { from: candidate, to: other, amount },
            Staking::redelegate(0),
        ),
        ("withdraw", Call::withdraw {}, Staking::withdraw(0)),
    ]
}

/// The table of calls.
pub fn table_of_calls() -> String {
    let mut chain = Chain::development();
    let transfer = paid_for_a_transfer();
    let mut text = String::from(
        "| call | time at most | fee at most | time | fee paid | in plain transfers |\n\
         |---|--:|--:|--:|--:|--:|\n",
    );
    for (name, call, weight) in calls() {
        let call = RuntimeCall::from(call);
        let extrinsic = chain.sign(Sr25519Keyring::Alice, call.clone());
        let most = Cost::of(&mut chain, String::new(), call);
        let (needed, paid) = chain.read(|| {
            let info = extrinsic.get_dispatch_info();
            let actual = info.extension_weight.saturating_add(weight);
            let after = PostDispatchInfo { actual_weight: Some(actual), ..Default::default() };
            let length = extrinsic.encoded_size() as u32;
            let spared = info.total_weight().saturating_sub(actual).ref_time();
            let paid = TransactionPayment::compute_actual_fee(length, &info, &after, 0);
            (most.ref_time.saturating_sub(spared), paid)
        });
        writeln!(
            text,
            "| `dpos.{name}` | {:.0} µs | {:.6} MILL | {:.0} µs | {:.6} MILL | {:.2} |",
            most.ref_time as f64 / 1e6,
            in_mill(most.fee),
            needed as f64 / 1e6,
            in_mill(paid),
            paid as f64 / transfer as f64,
        )
        .expect("a string takes any text");
    }
    text
}

/// What the chain does by itself, and what that weighs in one block.
fn hooks() -> Vec<(String, Weight)> {
    let scanned: u32 = <Runtime as Config>::ScanPerBlock::get();
    let paid: u32 = <Runtime as Config>::PaydayPerBlock::get();
    let slashes: u32 = <Runtime as Config>::SlashesPerBlock::get();
    let payment = Staking::pay_nothing().saturating_add(Staking::pay_validator());
    let block_of_count = Staking::elect_nobody().saturating_add(Staking::count(scanned));
    let mut hooks = vec![
        ("slots: none missed".into(), Staking::count_slots(0)),
        ("slots: 100 missed since the last block".into(), Staking::count_slots(100)),
        ("no election, no payday, no slash due".into(), idle()),
        ("election: the count begins".into(), Staking::begin_count()),
        (format!("election: {scanned} candidates counted, the most in a block"), block_of_count),
        (
            "election: the last candidates counted, and the set decided".into(),
            block_of_count.saturating_add(Staking::decide()),
        ),
        ("payday: one validator, whoever delegates to it".into(), payment),
        (
            format!("payday: {paid} validators, the most in a block"),
            payment.saturating_mul(paid.into()),
        ),
        ("an offence reported".into(), Staking::note_offence()),
        (
            format!(
                "slashes: {slashes} applied, the most in a block, each to departures of {MAX_BONDING_ERAS} eras"
            ),
            Staking::apply_slash(MAX_BONDING_ERAS + 2).saturating_mul(slashes.into()),
        ),
    ];
    for validators in [100, MAX_VALIDATORS] {
        let rotation = Staking::rotate_era(validators)
            .saturating_add(Staking::plan_session(validators))
            .saturating_add(Staking::seat_next(validators))
            .saturating_add(Staking::begin_session(0));
        hooks.push((format!("a new era, {validators} validators"), rotation));
    }
    hooks
}

/// A block in which nothing is to be done.
fn idle() -> Weight {
    Staking::elect_nobody()
        .saturating_add(Staking::pay_nothing())
        .saturating_add(Staking::slash_nobody())
}

/// Blocks and time of an election among so many candidates.
pub fn election(candidates: u32) -> (u32, Weight) {
    let scanned: u32 = <Runtime as Config>::ScanPerBlock::get();
    let blocks = candidates.div_ceil(scanned);
    let overhead = Staking::count(0);
    let each = Staking::count(1).saturating_sub(overhead);
    let weight = Staking::begin_count()
        .saturating_add(overhead.saturating_mul(blocks.into()))
        .saturating_add(each.saturating_mul(candidates.into()))
        .saturating_add(Staking::decide());
    (blocks, weight)
}

/// The table of what the chain does by itself.
pub fn table_of_hooks() -> String {
    let share =
        |weight: Weight| 100.0 * weight.ref_time() as f64 / MAX_BLOCK_WEIGHT.ref_time() as f64;
    let mut text = String::from("| in one block | time | of a block |\n|---|--:|--:|\n");
    for (name, weight) in hooks() {
        let micros = weight.ref_time() as f64 / 1e6;
        writeln!(text, "| {name} | {micros:.0} µs | {:.3} % |", share(weight))
            .expect("a string takes any text");
    }
    for candidates in [64, 1_000, 10_000] {
        let (blocks, weight) = election(candidates);
        let millis = weight.ref_time() as f64 / 1e9;
        writeln!(text, "| *all blocks* of an election among {candidates} candidates: {blocks} | {millis:.1} ms | |")
            .expect("a string takes any text");
    }
    text
}
