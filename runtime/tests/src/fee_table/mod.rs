// SPDX-License-Identifier: Apache-2.0

//! `docs/reference/fees.md` says what calls cost, and is checked against the runtime.

mod channel_calls;
mod cost;
mod lives;
mod staking;

use super::chain::Chain;
use cost::{Cost, in_mill};
use lives::{paid_for_a_dispute, paid_for_a_quiet_life, paid_for_a_transfer};
use millrace_runtime::{
    constants::money::{EXISTENTIAL_DEPOSIT, MILL},
    *,
};
use polkadot_sdk::{pallet_balances, sp_keyring::Sr25519Keyring};
use std::{env, fmt::Write as _, fs, path::PathBuf};

/// Where the table is. Run the tests with `MILLRACE_BLESS=1` to write it anew.
fn document() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/fees.md"))
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
        for (name, call) in channel_calls::of_parties(parties) {
            let paid = lives.iter().find(|(call, _)| parties == 2 && *call == name);
            let name = format!("`channels.{name}`, {parties} parties");
            let paid = paid.map(|(_, fee)| *fee);
            rows.push(Cost { paid, ..Cost::of(&mut chain, name, call) });
        }
    }
    for (name, call) in channel_calls::of_any_channel() {
        let name = format!("`channels.{name}`").replace(", ``", "");
        rows.push(Cost::of(&mut chain, name, call));
    }
    rows
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

Times are what `scripts/weigh` measured: the heads of `pallets/*/src/weights.rs` and of
`runtime/src/weights/*.rs` name the machine and the day. Storage operations are counted, and priced by
what they take in a state of a million accounts.

";

/// What stands before the calls of staking.
const STAKING: &str = "
## Staking

None of these grows with the number of delegators. *At most* is taken before a call runs: with as many
slashes to catch up with as a delegation can refer to. Nearly always there is none, and *fee paid* is
what remains.

";

/// What stands before what the chain does by itself.
const HOOKS: &str = "
## What the chain does by itself

Everything has a most in a block, and waits for the next block where there is no room.

";

#[test]
fn table_of_the_reference_is_up_to_date() {
    let rows = costs();
    let (calls, hooks) = (staking::table_of_calls(), staking::table_of_hooks());
    let text = format!("{TEXT}{}{STAKING}{calls}{HOOKS}{hooks}", table(&rows));
    if env::var_os("MILLRACE_BLESS").is_some() {
        fs::write(document(), &text).expect("the document can be written");
    }
    let written = fs::read_to_string(document()).expect("the document is part of the project");
    assert!(written == text, "run again with MILLRACE_BLESS=1; the table should be\n{text}");
}

#[test]
fn a_quiet_life_costs_two_parties_no_more_than_four_transfers() {
    let transfer = paid_for_a_transfer();
    let life = paid_for_a_quiet_life();
    let paid = |name| life.iter().find(|(call, _)| *call == name).expect("it was paid").1;
    let both = paid("open").saturating_add(paid("settle"));
    assert!(both <= 4 * transfer, "open and settle cost {both}, a transfer {transfer}");
}

#[test]
fn no_call_is_free_and_every_call_fits_into_a_block() {
    for row in costs() {
        assert!(row.fee > 0, "{}", row.name);
        assert!(row.fee < EXISTENTIAL_DEPOSIT.max(MILL), "{} costs {}", row.name, row.fee);
        assert!(row.per_block > 100, "{}: {} in a block", row.name, row.per_block);
    }
}
