// SPDX-License-Identifier: Apache-2.0

//! What staking costs does not depend on how many delegators there are.
//!
//! A thousand candidates, and delegations that grow tenfold from one to a million: half of them with
//! one candidate, the others with all. At each size an era passes, and every call, every hook and
//! every block that has to do with staking is measured: how often it asks the state for a value, how
//! often it changes one, and how long it takes. What is measured alone is taken back, so that every
//! sample meets the same state.
//!
//! The large measurement takes some minutes and 4 GiB of memory. It prints its progress, then a
//! table, and fails where the small one would:
//!
//! ```sh
//! cargo test --workspace --lib -- --ignored --nocapture up_to_a_million_delegations
//! ```
//!
//! `MILLRACE_SCALE=100000` in the environment ends it at that many delegations. Results:
//! `docs/reference/staking-scale.md`.
//!
//! | file | what it holds |
//! |---|---|
//! | `world` | candidates and delegators |
//! | `measuring` | an era passes, and is measured |

mod measuring;
mod world;

use super::counting::Cost;
use measuring::{PAYDAY, Survey, Work, measure_calls, measure_era};
use millrace_runtime::*;
use polkadot_sdk::{frame_support::traits::Get, frame_system};
use std::time::Instant;
use world::{chain, grow, progress};

/// How much more often something may ask or change the state than with one delegation.
///
/// Calls: not once. Whole blocks also do what has nothing to do with staking, and validators change from
/// era to era: a twentieth. A block of payday: once for each validator that it pays, because keeping the
/// sum of all stake takes a read and a write where somebody compounds, and with one delegation next to
/// nobody does.
fn allowance(name: &str, before: u64) -> u64 {
    let paid: u32 = <Runtime as pallet_dpos::Config>::PaydayPerBlock::get();
    match name {
        PAYDAY => paid.into(),
        _ if name.starts_with("block") => before / 20,
        _ => 0,
    }
}

/// Lives through an era at each size, and measures every call `samples` times.
fn survey_all(sizes: &[u32], samples: u32) -> Vec<(u32, Survey)> {
    let since = Instant::now();
    let mut chain = chain();
    progress("a thousand candidates", since);
    let survey = |size: &u32| {
        let mut survey = Survey::default();
        grow(&mut chain, *size, since);
        measure_era(&mut chain, &mut survey);
        measure_calls(&mut chain, &mut survey, *size, samples, since);
        (*size, survey)
    };
    let surveys = sizes.iter().map(survey).collect();
    progress("done", since);
    eprintln!();
    surveys
}

/// Checks that nothing asks or changes the state more often the more delegations there are.
fn check(surveys: &[(u32, Survey)]) {
    let (_, least) = &surveys[0];
    for (size, survey) in surveys {
        for name in least.costs.keys() {
            let (before, after) = (least.cost(name), survey.cost(name));
            for (before, after) in [(before.reads, after.reads), (before.writes, after.writes)] {
                assert!(
                    after <= before + allowance(name, before),
                    "{name}: {before} for one delegation, {after} for {size}"
                );
            }
        }
        assert_eq!(survey.election, least.election, "weight of the count");
        // How many are paid depends on who made blocks in the era.
        assert_eq!(survey.payday.most, least.payday.most, "weight of payday");
    }
}

/// Prints what was measured, as a table of the documentation.
fn print(surveys: &[(u32, Survey)]) {
    let (_, least) = &surveys[0];
    let (_, most) = &surveys[surveys.len() - 1];
    let heads: Vec<String> = surveys.iter().map(|(size, _)| format!("{size}")).collect();
    println!("| | reads | writes | {} | ratio |", heads.join(" | "));
    println!("|---|--:|--:|{}--:|", "--:|".repeat(heads.len()));
    for name in least.costs.keys() {
        let (before, after) = (least.cost(name), most.cost(name));
        let range = |before: u64, after: u64| {
            if before == after { format!("{before}") } else { format!("{before} → {after}") }
        };
        let micros = |cost: Cost| cost.time.as_secs_f64() * 1e6;
        let times: Vec<String> =
            surveys.iter().map(|(_, it)| format!("{:.0}", micros(it.cost(name)))).collect();
        println!(
            "| {name} | {} | {} | {} | {:.2} |",
            range(before.reads, after.reads),
            range(before.writes, after.writes),
            times.join(" | "),
            micros(after) / micros(before)
        );
    }
    print_work("the count", most.election);
    print_work("payday", most.payday);
}

/// Prints what hooks used by their weight.
fn print_work(what: &str, work: Work) {
    let limit = <Runtime as frame_system::Config>::BlockWeights::get().max_block.ref_time();
    let millis = |picos: u64| picos as f64 / 1e9;
    println!(
        "By its weight {what} takes {:.1} ms in {} blocks; the largest of them {:.2} ms, {:.2} % of a \
         block's time, and {} KiB of proof.",
        millis(work.sum.ref_time()),
        work.blocks,
        millis(work.most.ref_time()),
        work.most.ref_time() as f64 / limit as f64 * 100.0,
        work.most.proof_size() / 1024,
    );
}

#[test]
fn cost_is_the_same_for_ten_thousand_delegations_as_for_one() {
    check(&survey_all(&[1, 10_000], 3));
}

#[test]
#[ignore = "takes some minutes and 4 GiB of memory"]
fn cost_from_one_up_to_a_million_delegations() {
    let most = std::env::var("MILLRACE_SCALE").ok().and_then(|it| it.parse().ok());
    let most = most.unwrap_or(1_000_000);
    let sizes: Vec<u32> =
        (0..7).map(|power| 10u32.pow(power)).take_while(|it| *it <= most).collect();
    let surveys = survey_all(&sizes, 51);
    print(&surveys);
    check(&surveys);
}
