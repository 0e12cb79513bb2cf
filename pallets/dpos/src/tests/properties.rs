// SPDX-License-Identifier: Apache-2.0

//! Random calls, slashes, rewards and eras, on the chain and in the naive model: both must agree to
//! the unit after every step, every rule must hold, and in the end everybody gets everything.

use super::model::{Liability, Model, Who};
use crate::{
    Candidates, CurrentEra, Delegations, Departed, EndedGenerations, EraFees, Mode, Owed, Paydays,
    Points, Pools, Portfolios, Remainder, TotalStaked, mock::*, pools::earned, types::Liabilities,
};
use millrace_primitives_dpos::AccountId;
use polkadot_sdk::{frame_support::traits::fungible::Inspect, sp_core::U256, sp_runtime::Perbill};
use proptest::prelude::*;

/// Candidates at the start.
const CANDIDATES: [Who; 3] = [1, 2, 3];
/// Everybody who stakes.
const STAKERS: [Who; 8] = [1, 2, 3, 11, 12, 13, 14, 15];

#[derive(Clone, Debug)]
enum Step {
    Delegate { who: Who, to: Who, amount: u128, mode: Mode },
    SetMode { who: Who, at: Who, mode: Mode },
    Unbond { who: Who, from: Who, amount: u128 },
    Rebond { who: Who, to: Who, amount: u128 },
    Redelegate { who: Who, from: Who, to: Who, amount: u128 },
    Withdraw { who: Who },
    Claim { who: Who, at: Who },
    Sync { who: Who, at: Who },
    Slash { who: Who, ago: u32, parts: u32 },
    Era { points: [u32; 3], fees: u128 },
    Blocks(u32),
}

fn mode() -> impl Strategy<Value = Mode> {
    prop_oneof![Just(Mode::Payout), Just(Mode::Compound)]
}

fn step() -> impl Strategy<Value = Step> {
    let who = || prop::sample::select(STAKERS.to_vec());
    let candidate = || prop::sample::select(CANDIDATES.to_vec());
    let amount = || prop_oneof![3 => 1u128..20_000, 1 => Just(u128::MAX / 4)];
    let parts = prop_oneof![
        12 => 1u32..500_000_000,
        1 => Just(999_999_999u32),
        2 => Just(1_000_000_000u32)
    ];
    prop_oneof![
        9 => (who(), candidate(), 100u128..20_000, mode())
            .prop_map(|(who, to, amount, mode)| Step::Delegate { who, to, amount, mode }),
        4 => (who(), candidate(), mode()).prop_map(|(who, at, mode)| Step::SetMode { who, at, mode }),
        7 => (who(), candidate(), amount())
            .prop_map(|(who, from, amount)| Step::Unbond { who, from, amount }),
        6 => (who(), candidate(), amount())
            .prop_map(|(who, to, amount)| Step::Rebond { who, to, amount }),
        4 => (who(), candidate(), candidate(), amount())
            .prop_map(|(who, from, to, amount)| Step::Redelegate { who, from, to, amount }),
        6 => who().prop_map(|who| Step::Withdraw { who }),
        2 => (who(), candidate()).prop_map(|(who, at)| Step::Claim { who, at }),
        1 => (who(), candidate()).prop_map(|(who, at)| Step::Sync { who, at }),
        2 => (candidate(), 0u32..5, parts)
            .prop_map(|(who, ago, parts)| Step::Slash { who, ago, parts }),
        6 => (prop::array::uniform3(0u32..4), 0u128..100_000)
            .prop_map(|(points, fees)| Step::Era { points, fees }),
        3 => (1u32..40).prop_map(Step::Blocks),
    ]
}

/// The model of the chain at the start.
fn model() -> Model {
    let mut model = Model {
        now: 0,
        bonding: BONDING,
        era_blocks: ERA_BLOCKS,
        money: STAKERS.iter().map(|who| (*who, WEALTH)).collect(),
        ..Default::default()
    };
    for who in CANDIDATES {
        model.delegate(who, who, SELF_BOND, Mode::Payout);
        model.commissions.insert(who, 0);
    }
    // One of them takes a commission.
    model.commissions.insert(2, 100_000_000);
    Candidates::<Test>::mutate(account(2), |it| {
        it.as_mut().unwrap().commission = Perbill::from_percent(10);
    });
    model.now = 1;
    model
}

/// Takes a step on the chain, and in the model if the chain took it. Returns whether it did.
fn take(step: Step, model: &mut Model) -> bool {
    match step {
        Step::Delegate { who, to, amount, mode } => {
            // Mostly in the mode that is there; the other one is refused, which is tested elsewhere.
            let mode = model.stakes.get(&(who, to)).map_or(mode, |stake| stake.mode);
            let done = Dpos::delegate(signed(account(who)), account(to), amount, mode).is_ok();
            done.then(|| model.delegate(who, to, amount, mode)).is_some()
        }
        Step::SetMode { who, at, mode } => {
            let done = Dpos::set_compound(signed(account(who)), account(at), mode).is_ok();
            done.then(|| model.set_compound(who, at, mode)).is_some()
        }
        Step::Unbond { who, from, amount } => {
            let done = unbond(account(who), account(from), amount).is_ok();
            done.then(|| model.unbond(who, from, amount)).is_some()
        }
        Step::Rebond { who, to, amount } => {
            let done = Dpos::rebond(signed(account(who)), account(to), amount).is_ok();
            done.then(|| model.rebond(who, to, amount)).is_some()
        }
        Step::Redelegate { who, from, to, amount } => {
            let done = redelegate(account(who), account(from), account(to), amount).is_ok();
            done.then(|| model.redelegate(who, from, to, amount)).is_some()
        }
        Step::Withdraw { who } => {
            let done = withdraw(account(who)).is_ok();
            done.then(|| model.withdraw(who)).is_some()
        }
        Step::Claim { who, at } => {
            let done = claim(account(who), account(at)).is_ok();
            done.then(|| model.claim(who, at)).is_some()
        }
        Step::Sync { who, at } => {
            let done = sync(account(who), account(at)).is_ok();
            done.then(|| model.sync(who, at)).is_some()
        }
        Step::Slash { who, ago, parts } => {
            let era = model.era.saturating_sub(ago);
            Dpos::apply_slash(&account(who), era, Perbill::from_parts(parts));
            model.slash(who, era, parts.into());
            true
        }
        Step::Era { points, fees: amount } => {
            for (who, points) in CANDIDATES.into_iter().zip(points).filter(|(_, it)| *it > 0) {
                Dpos::award(&account(who), points);
                model.award(who, points.into());
            }
            if amount > 0 {
                fees(amount);
                model.fees += amount;
            }
            next_era();
            pass(1);
            model.next_era();
            true
        }
        Step::Blocks(blocks) => {
            pass(blocks);
            model.now += blocks;
            true
        }
    }
}

/// Liabilities as both can tell them.
fn told(liabilities: &Liabilities) -> Vec<(AccountId, u32, u32)> {
    liabilities.iter().map(|it| (it.source.clone(), it.era, it.until)).collect()
}

fn told_by_model(liabilities: &[Liability]) -> Vec<(AccountId, u32, u32)> {
    liabilities.iter().map(|it| (account(it.source), it.era, it.until)).collect()
}

/// Compares everything.
fn compare(model: &Model) {
    assert_eq!(CurrentEra::<Test>::get(), model.era);
    assert_eq!(Remainder::<Test>::get(), model.remainder, "remainder");
    assert_eq!(EraFees::<Test>::get(), model.fees);
    assert_eq!(balance(treasury()), ED + model.slashed, "slashed");
    let staked: u128 = model.pots.values().flat_map(|pot| pot.tokens).sum();
    assert_eq!(TotalStaked::<Test>::get(), staked);
    for (who, money) in &model.money {
        assert_eq!(balance(account(*who)), *money, "money of {who}");
        let owed = model.owed.get(who).copied().unwrap_or(0);
        assert_eq!(Owed::<Test>::get(account(*who)), owed, "owed to {who}");
    }

    assert_eq!(Pools::<Test>::iter().count(), model.pots.len());
    for (candidate, pot) in &model.pots {
        let pool = Pools::<Test>::get(account(*candidate)).unwrap();
        assert_eq!([pool.payout.tokens, pool.compound.tokens], pot.tokens, "{candidate}");
        assert_eq!([pool.payout.generation, pool.compound.generation], pot.generations);
        assert_eq!(pool.reserved, pot.reserved, "reserved with {candidate}");
        assert_eq!(pool.drip.amount, pot.drip.0, "drip of {candidate}");
    }
    assert_eq!(EndedGenerations::<Test>::iter().count(), model.ended.len());
    for ((candidate, generation), reserved) in &model.ended {
        let ended = EndedGenerations::<Test>::get(account(*candidate), generation).unwrap();
        assert_eq!(ended.reserved, *reserved);
    }

    assert_eq!(Delegations::<Test>::iter().count(), model.stakes.len());
    for ((who, candidate), stake) in &model.stakes {
        let found = delegation(account(*who), account(*candidate)).unwrap();
        assert_eq!(
            (found.mode, found.shares, found.generation),
            (stake.mode, stake.shares, stake.generation),
            "{who} with {candidate}"
        );
        let lots: Vec<_> = found.lots.iter().map(|it| (it.shares, told(&it.liabilities))).collect();
        let expected: Vec<_> =
            stake.lots.iter().map(|(shares, it)| (*shares, told_by_model(it))).collect();
        assert_eq!(lots, expected, "parts of {who} with {candidate}");
        if stake.mode == Mode::Payout {
            let pool = Pools::<Test>::get(account(*candidate)).unwrap();
            let ended = EndedGenerations::<Test>::get(account(*candidate), stake.generation);
            let until = ended.map_or(pool.reward_per_share, |it| it.reward_per_share);
            let reward = earned(found.shares, found.checkpoint, until).unwrap();
            let whole = stake.earned / U256::from(1_000_000_000_000_000_000u128);
            assert_eq!(reward, whole.as_u128(), "reward of {who} with {candidate}");
        }
    }

    let waiting = Portfolios::<Test>::iter().filter(|(_, it)| !it.unbonding.is_empty()).count();
    assert_eq!(waiting, model.chunks.len());
    for (who, chunks) in &model.chunks {
        let found = Portfolios::<Test>::get(account(*who)).unbonding;
        assert_eq!(found.len(), chunks.len());
        for (found, chunk) in found.iter().zip(chunks) {
            assert_eq!(
                (&found.candidate, found.era, found.release_era, found.shares, found.generation),
                (
                    &account(chunk.candidate),
                    chunk.era,
                    chunk.release,
                    chunk.shares,
                    chunk.generation
                )
            );
            assert_eq!(told(&found.liabilities), told_by_model(&chunk.liabilities));
        }
    }
    assert_eq!(Departed::<Test>::iter().count(), model.rows.len());
    for ((candidate, era), row) in &model.rows {
        let found = Departed::<Test>::get(account(*candidate), era).unwrap();
        assert_eq!(
            (found.unbonding.tokens, found.unbonding.generation),
            (row.tokens, row.generation)
        );
        assert_eq!((found.factor.generation, found.factor.kept.into_inner()), row.kept);
    }
}

/// Everybody leaves, and takes what there is.
fn leave_all() {
    let unbond_all = || {
        for (who, candidate) in STAKERS.iter().flat_map(|who| CANDIDATES.map(|it| (*who, it))) {
            let _ = unbond(account(who), account(candidate), u128::MAX);
        }
    };
    for who in CANDIDATES {
        assert!(Dpos::leave(signed(account(who))).is_ok());
    }
    // Whoever has too many chunks gets rid of them first.
    unbond_all();
    pass_eras(BONDING);
    pass(1);
    for who in STAKERS {
        let _ = withdraw(account(who));
    }
    unbond_all();
    pass_eras(BONDING);
    pass(1);
    for who in STAKERS {
        let _ = withdraw(account(who));
        for candidate in CANDIDATES {
            let _ = claim(account(who), account(candidate));
            let _ = sync(account(who), account(candidate));
        }
    }
}

/// Checks that nothing is left but the remainder.
fn check_nothing_left() {
    check();
    assert_eq!(Delegations::<Test>::iter().count(), 0, "delegations");
    assert_eq!(Pools::<Test>::iter().count(), 0, "pools");
    assert_eq!(Portfolios::<Test>::iter().count(), 0, "portfolios");
    assert_eq!(Departed::<Test>::iter().count(), 0, "departures");
    assert_eq!(EndedGenerations::<Test>::iter().count(), 0, "ended generations");
    assert_eq!(Owed::<Test>::iter().count(), 0, "owed");
    assert_eq!(Candidates::<Test>::iter().count(), 0, "candidates");
    assert_eq!(Paydays::<Test>::iter().count() + Points::<Test>::iter().count(), 0, "paydays");
    assert_eq!(TotalStaked::<Test>::get(), 0);
    let rest = Remainder::<Test>::get() + EraFees::<Test>::get();
    assert_eq!(Balances::balance(&Dpos::pot()), ED + rest);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn random_steps_agree_with_the_naive_model(steps in prop::collection::vec(step(), 20..90)) {
        chain().execute_with(|| {
            let mut model = model();
            compare(&model);
            let mut paid_in = Balances::total_issuance();
            for step in steps {
                if let Step::Era { fees, .. } = &step {
                    paid_in += fees;
                }
                take(step, &mut model);
                check();
                compare(&model);
                // Nothing was made or lost.
                assert_eq!(Balances::total_issuance(), paid_in);
            }
            leave_all();
            check_nothing_left();
        });
    }
}

#[test]
fn most_kinds_of_steps_succeed_often_enough_to_mean_something() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};
    let mut runner = TestRunner::deterministic();
    let mut done = std::collections::BTreeMap::<String, u32>::new();
    for _ in 0..30 {
        let steps = prop::collection::vec(step(), 90).new_tree(&mut runner).unwrap().current();
        chain().execute_with(|| {
            let mut model = model();
            for step in steps {
                let name = format!("{step:?}").split(['{', '(']).next().unwrap().trim().to_owned();
                *done.entry(name).or_default() += u32::from(take(step, &mut model));
            }
        });
    }
    for kind in
        ["Delegate", "SetMode", "Unbond", "Rebond", "Redelegate", "Withdraw", "Claim", "Sync"]
    {
        assert!(done.get(kind).is_some_and(|count| *count >= 5), "{kind}: {done:?}");
    }
}
