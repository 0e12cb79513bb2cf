// SPDX-License-Identifier: Apache-2.0

//! Steps are taken on the chain, as signed transactions in blocks, and in the ledger.

use super::{
    ACTORS, VALIDATORS,
    ledger::{Case, Dispute, Ledger},
    steps::Step,
};
use crate::{
    chain::Chain,
    parties::{Pair, genesis},
};
use millrace_primitives_channels::channel_id;
use millrace_runtime::*;
use pallet_dpos::CurrentEra;
use polkadot_sdk::{
    frame_support::traits::{
        LockableCurrency, WithdrawReasons,
        fungible::Inspect,
        tokens::{Fortitude, Preservation},
    },
    pallet_balances,
    sp_keyring::Sr25519Keyring,
    sp_runtime::Perbill,
    sp_staking::offence::{OffenceDetails, OnOffenceHandler},
};

/// A chain of two validators whose eras last thirty blocks.
pub fn chain() -> Chain {
    let mut patch = millrace_runtime::genesis::development(&VALIDATORS);
    patch["network"]["epochSlots"] = 10.into();
    let mut chain = Chain::from_patch(patch);
    chain.empty_blocks(1);
    chain
}

/// Takes a step, and returns whether the chain did.
pub fn take(chain: &mut Chain, ledger: &mut Ledger, step: &Step) -> bool {
    match *step {
        Step::Transfer { from, to, percent } => {
            let (from, to) = (ACTORS[from], ACTORS[to].to_account_id());
            let value = spendable(chain, from, percent);
            let dest = to.clone().into();
            let call = pallet_balances::Call::transfer_keep_alive { dest, value };
            let done = submit(chain, ledger, from, call);
            assert!(!done || percent <= 100, "{from:?} spends more than it has");
            if done {
                ledger.pay(&from.to_account_id(), value);
                ledger.earn(&to, value);
            }
            done
        }
        Step::Open { one, other, percents } => open(chain, ledger, [one, other], percents),
        Step::Dispute { nth, by, version, percent } => {
            dispute(chain, ledger, nth, by, version, percent)
        }
        Step::Answer { nth, by, ahead, percent } => answer(chain, ledger, nth, by, ahead, percent),
        Step::Settle { nth, percent } => settle(chain, ledger, nth, percent),
        Step::Freeze { who, percent } => {
            let who = ACTORS[who].to_account_id();
            chain.read(|| {
                let amount = Balances::total_balance(&who) / 100 * Balance::from(percent);
                Balances::set_lock(*b"a vote  ", &who, amount, WithdrawReasons::all());
            });
            true
        }
        Step::Report { percent } => {
            let offender = (VALIDATORS[1].to_account_id(), ());
            let details = OffenceDetails { offender, reporters: Vec::new() };
            let fraction = Perbill::from_percent(percent);
            chain.read(|| {
                let session = Session::current_index();
                <Dpos as OnOffenceHandler<_, _, _>>::on_offence(&[details], &[fraction], session)
            });
            true
        }
        Step::Blocks(count) => {
            (0..count).for_each(|_| block(chain, ledger));
            true
        }
        Step::Era => {
            let era = chain.read(CurrentEra::<Runtime>::get);
            while chain.read(CurrentEra::<Runtime>::get) == era {
                block(chain, ledger);
            }
            (0..3).for_each(|_| block(chain, ledger));
            true
        }
        _ => stake(chain, ledger, step),
    }
}

/// Steps about stake.
fn stake(chain: &mut Chain, ledger: &mut Ledger, step: &Step) -> bool {
    use pallet_dpos::Call;
    let candidate = |at: usize| VALIDATORS[at].to_account_id();
    let staked = |chain: &mut Chain, who: usize, percent: u32| {
        chain.read(|| Dpos::staked_by(&ACTORS[who].to_account_id())) / 100 * Balance::from(percent)
    };
    match *step {
        Step::Delegate { who, to, percent, mode } => {
            let amount = spendable(chain, ACTORS[who], percent);
            let call = Call::delegate { candidate: candidate(to), amount, mode };
            let done = submit(chain, ledger, ACTORS[who], call);
            assert!(!done || percent <= 100, "{:?} stakes more than it has", ACTORS[who]);
            if done {
                ledger.pay(&ACTORS[who].to_account_id(), amount);
            }
            done
        }
        Step::Unbond { who, from, percent } => {
            let amount = staked(chain, who, percent);
            submit(chain, ledger, ACTORS[who], Call::unbond { candidate: candidate(from), amount })
        }
        Step::Rebond { who, to, percent } => {
            let amount = staked(chain, who, percent);
            submit(chain, ledger, ACTORS[who], Call::rebond { candidate: candidate(to), amount })
        }
        Step::Redelegate { who, from, percent } => {
            let amount = staked(chain, who, percent);
            let (from, to) = (candidate(from), candidate(1 - from));
            submit(chain, ledger, ACTORS[who], Call::redelegate { from, to, amount })
        }
        Step::Withdraw { who } => take_out(chain, ledger, who, Call::withdraw {}),
        Step::Claim { who, at } => {
            take_out(chain, ledger, who, Call::claim { candidate: candidate(at) })
        }
        _ => unreachable!("the others have been taken"),
    }
}

/// Takes something out of the pot. What comes into the balance is no longer there.
fn take_out(
    chain: &mut Chain,
    ledger: &mut Ledger,
    who: usize,
    call: pallet_dpos::Call<Runtime>,
) -> bool {
    let account = ACTORS[who].to_account_id();
    let staked = |chain: &mut Chain| chain.read(|| Dpos::staked_by(&account));
    let before = staked(chain);
    if !submit(chain, ledger, ACTORS[who], call) {
        return false;
    }
    let paid = chain.read(|| {
        let paid = |event| match event {
            RuntimeEvent::Dpos(pallet_dpos::Event::Withdrawn { delegator, amount })
                if delegator == account =>
            {
                Some(amount)
            }
            RuntimeEvent::Dpos(pallet_dpos::Event::Claimed { who, amount }) if who == account => {
                Some(amount)
            }
            _ => None,
        };
        System::events().into_iter().filter_map(|record| paid(record.event)).sum::<Balance>()
    });
    ledger.earn(&account, paid);
    // A slash may have been applied, and rewards have arrived, in the same block.
    let after = staked(chain);
    let arrived = chain.read(|| Dpos::view_network().staked) / 1_000;
    assert!(after + paid <= before + arrived, "{paid} is paid and {before} became {after}");
    true
}

/// So many percent of what an account can spend.
fn spendable(chain: &mut Chain, who: Sr25519Keyring, percent: u32) -> Balance {
    let who = who.to_account_id();
    let all =
        chain.read(|| Balances::reducible_balance(&who, Preservation::Preserve, Fortitude::Polite));
    all / 100 * Balance::from(percent)
}

/// An empty block.
fn block(chain: &mut Chain, ledger: &mut Ledger) {
    chain.empty_blocks(1);
    ledger.note_block(chain);
}

/// A block with one transaction. Returns whether it was included and did what it should.
fn submit(
    chain: &mut Chain,
    ledger: &mut Ledger,
    from: Sr25519Keyring,
    call: impl Into<RuntimeCall>,
) -> bool {
    let extrinsic = chain.sign(from, call.into());
    let outcome = chain.block(vec![extrinsic]);
    ledger.note_block(chain);
    matches!(outcome[..], [Ok(Ok(()))])
}

fn open(chain: &mut Chain, ledger: &mut Ledger, who: [usize; 2], percents: [u32; 2]) -> bool {
    if who[0] == who[1] {
        return false;
    }
    let pair = Pair::of(who.map(|at| ACTORS[at]));
    let deposits = [0, 1].map(|at| spendable(chain, pair.accounts[at], percents[at]));
    let params = pair.params(chain.number());
    let id = channel_id(&genesis(chain), &params);
    let call = pair.opening(chain, params, deposits);
    let done = submit(chain, ledger, Sr25519Keyring::Ferdie, call);
    assert!(!done || percents.iter().all(|it| *it <= 100), "more is deposited than there is");
    if done {
        ledger.cases.push(Case { id, pair, deposits, dispute: None });
    }
    done
}

/// A division of a channel's deposit, with so many percent of it for the second party.
fn divide(case: &Case, percent: u32) -> [Balance; 2] {
    let all: Balance = case.deposits.iter().sum();
    let second = all / 100 * Balance::from(percent);
    [all - second, second]
}

fn dispute(
    chain: &mut Chain,
    ledger: &mut Ledger,
    nth: usize,
    by: usize,
    version: u64,
    percent: u32,
) -> bool {
    let Some(case) = ledger.nth(nth) else { return false };
    let balances = divide(&case, percent);
    let state = case.pair.state(case.id, version, balances);
    let signatures = case.pair.co_sign(chain, &state);
    let call = pallet_channels::Call::dispute { state, signatures };
    let done = submit(chain, ledger, case.pair.accounts[by], call);
    if done {
        let dispute = Dispute { by, versions: [version; 2], balances, proven_by: None };
        ledger.case(&case).dispute = Some(dispute);
    }
    done
}

fn answer(
    chain: &mut Chain,
    ledger: &mut Ledger,
    nth: usize,
    by: usize,
    ahead: u64,
    percent: u32,
) -> bool {
    let disputed: Vec<_> = ledger.cases.iter().filter(|it| it.dispute.is_some()).collect();
    let Some(case) = disputed.get(nth % disputed.len().max(1)).copied().cloned() else {
        return false;
    };
    let Some(dispute) = case.dispute.clone() else { return false };
    let version = dispute.versions[1] + ahead;
    let balances = divide(&case, percent);
    let state = case.pair.state(case.id, version, balances);
    let signatures = case.pair.co_sign(chain, &state);
    let reward_to = case.pair.accounts[by].to_account_id();
    let call = pallet_channels::Call::answer { state, signatures, reward_to };
    let done = submit(chain, ledger, case.pair.accounts[by], call);
    if done {
        let is_stale = version >= dispute.versions[0] + 2;
        let proven_by = if is_stale { Some(by) } else { dispute.proven_by };
        let versions = [dispute.versions[0], version];
        let latest = Dispute { by: dispute.by, versions, balances, proven_by };
        ledger.case(&case).dispute = Some(latest);
    }
    done
}

fn settle(chain: &mut Chain, ledger: &mut Ledger, nth: usize, percent: u32) -> bool {
    let Some(case) = ledger.nth(nth) else { return false };
    let version = case.dispute.as_ref().map_or(1, |it| it.versions[1] + 1);
    let balances = divide(&case, percent);
    let mut state = case.pair.state(case.id, version, balances);
    state.is_final = true;
    let signatures = case.pair.co_sign(chain, &state);
    let call = pallet_channels::Call::settle { state, signatures };
    let extrinsic = chain.sign(Sr25519Keyring::Ferdie, call.into());
    let outcome = chain.block(vec![extrinsic]);
    let done = matches!(outcome[..], [Ok(Ok(()))]);
    if done {
        // The settlement ends the dispute, whose bond is decided by what was shown in it.
        let by_consent = Dispute { by: 0, versions: [0; 2], balances, proven_by: None };
        let dispute = case.dispute.clone().map_or(by_consent, |it| Dispute { balances, ..it });
        ledger.case(&case).dispute = Some(dispute);
    }
    ledger.note_block(chain);
    done
}
