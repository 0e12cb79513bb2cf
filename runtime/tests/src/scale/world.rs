// SPDX-License-Identifier: Apache-2.0

//! A chain of a thousand candidates, and delegators who come.

use crate::chain::Chain;
use millrace_runtime::{constants::money::MILL, *};
use pallet_dpos::{CurrentEra, Mode, Parameters, Pools};
use polkadot_sdk::{
    frame_support::{dispatch::DispatchResultWithPostInfo, traits::fungible::Mutate},
    sp_core::{Pair, ecdsa, ed25519, sr25519},
    sp_runtime::Perbill,
};
use std::{io::Write, time::Instant};

/// Candidates.
pub const CANDIDATES: u32 = 1_000;

/// Validators in each era; some of them are drawn.
const VALIDATORS: u32 = 100;
const DRAWN: u32 = 10;

/// What each candidate has staked itself.
const SELF_BOND: Balance = 100_000 * MILL;

/// What each delegator has staked.
pub const STAKE: Balance = 10 * MILL;

/// Delegators that come between two commits.
const BATCH: u32 = 10_000;

/// Somebody who has not delegated yet.
pub const NEWCOMER: u32 = u32::MAX - 3;

/// The account of a candidate.
pub fn candidate(number: u32) -> AccountId {
    numbered(1, number)
}

/// The account of a delegator.
pub fn delegator(number: u32) -> AccountId {
    numbered(2, number)
}

/// An account of some kind.
fn numbered(kind: u8, number: u32) -> AccountId {
    let mut bytes = [kind; 32];
    bytes[..4].copy_from_slice(&number.to_le_bytes());
    bytes.into()
}

/// Session keys that nobody else has.
fn keys(number: u32) -> SessionKeys {
    let mut seed = [7; 32];
    seed[..4].copy_from_slice(&number.to_le_bytes());
    SessionKeys {
        babe: sr25519::Pair::from_seed(&seed).public().into(),
        grandpa: ed25519::Pair::from_seed(&seed).public().into(),
        beefy: ecdsa::Pair::from_seed(&seed).public().into(),
        authority_discovery: sr25519::Pair::from_seed(&seed).public().into(),
    }
}

/// A chain with all candidates and no delegators.
pub fn chain() -> Chain {
    let mut patch = genesis::development(&[]);
    let all = 0..CANDIDATES;
    let mut endowed: Vec<_> = all.clone().map(|it| (candidate(it), 10 * SELF_BOND)).collect();
    endowed.push((configs::TreasuryAccount::get(), MILL));
    let candidates: Vec<_> =
        all.clone().map(|it| (candidate(it), SELF_BOND, Perbill::from_percent(5))).collect();
    let keys: Vec<_> = all.map(|it| (candidate(it), candidate(it), keys(it))).collect();
    patch["balances"]["balances"] = serde_json::json!(endowed);
    patch["session"]["keys"] = serde_json::json!(keys);
    patch["dpos"]["candidates"] = serde_json::json!(candidates);
    // A session in which nothing is counted, so that delegators can come before the count.
    patch["dpos"]["params"]["sessionsPerEra"] = 4.into();
    patch["dpos"]["params"]["minValidators"] = VALIDATORS.into();
    patch["dpos"]["params"]["maxValidators"] = VALIDATORS.into();
    patch["dpos"]["params"]["randomSeats"] = DRAWN.into();
    let mut chain = Chain::from_patch(patch);
    // Somebody compounds from the start: the sum of all stake has to be kept.
    let first = candidate(0);
    let compound =
        || Dpos::set_compound(RuntimeOrigin::signed(first.clone()), first.clone(), Mode::Compound);
    chain.read(compound).expect("it is paid out until now");
    chain.read(|| Balances::mint_into(&delegator(NEWCOMER), 2 * STAKE)).expect("there is room");
    grow_old(&mut chain);
    chain
}

/// Lets so many eras pass that old sessions are forgotten with each new one, as on any chain that has
/// run for a while.
fn grow_old(chain: &mut Chain) {
    let bonding = chain.read(Parameters::<Runtime>::get).bonding_eras;
    while chain.read(CurrentEra::<Runtime>::get) < bonding + 2 {
        chain.empty_blocks(10);
        chain.commit();
    }
}

/// With whom a delegator is. Every other one is with the first candidate.
fn choice(number: u32) -> AccountId {
    candidate(if number.is_multiple_of(2) { 0 } else { number / 2 % CANDIDATES })
}

/// Half of the delegators compound: every other one of the first candidate's, and all of every other
/// candidate's.
fn mode(number: u32) -> Mode {
    if number % 4 < 2 { Mode::Payout } else { Mode::Compound }
}

/// A delegator of the first candidate that is paid out: the `nth` of `count` that are spread over
/// all.
pub fn sample(size: u32, nth: u32, count: u32) -> AccountId {
    let paid_out = size.div_ceil(4);
    delegator(paid_out / count.min(paid_out) * (nth % paid_out.min(count)) * 4)
}

/// Somebody delegates.
pub fn delegate(who: u32, to: AccountId) -> DispatchResultWithPostInfo {
    Dpos::delegate(RuntimeOrigin::signed(delegator(who)), to, STAKE, mode(who))
}

/// Lets delegators come until there are `size` of them.
pub fn grow(chain: &mut Chain, size: u32, since: Instant) {
    let all = || Pools::<Runtime>::iter_values().map(|it| it.delegations).sum::<u32>();
    // Each candidate's own stake is a delegation to itself.
    let mut there = chain.read(all) - CANDIDATES;
    while there < size {
        let upto = size.min(there + BATCH);
        chain.read(|| {
            for who in there..upto {
                Balances::mint_into(&delegator(who), 2 * STAKE).expect("there is room for more");
                delegate(who, choice(who)).expect("everybody may delegate");
            }
            System::reset_events();
        });
        chain.commit();
        there = upto;
        progress(&format!("{there} delegations"), since);
    }
}

/// Says how far it is.
pub fn progress(what: &str, since: Instant) {
    eprint!("\r{:>6.1} s  {what:<40}", since.elapsed().as_secs_f32());
    let _ = std::io::stderr().flush();
}
