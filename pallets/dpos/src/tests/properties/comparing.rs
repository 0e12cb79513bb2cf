// SPDX-License-Identifier: Apache-2.0

//! Everything that the chain remembers is compared with the model.

use super::CANDIDATES;
use crate::{
    Candidates, CurrentElection, CurrentEra, Delegations, Departed, EndedGenerations, EraFees,
    Mode, OffenceRecords, Owed, Pending, Pools, Portfolios, Remainder, Status, TotalStaked,
    mock::*,
    pools::earned,
    tests::model::{Liability, Model, Standing},
    types::Liabilities,
};
use millrace_primitives_dpos::AccountId;
use polkadot_sdk::sp_core::U256;

/// Liabilities as both can tell them.
fn told(liabilities: &Liabilities) -> Vec<(AccountId, u32, u32)> {
    liabilities.iter().map(|it| (it.source.clone(), it.era, it.until)).collect()
}

fn told_by_model(liabilities: &[Liability]) -> Vec<(AccountId, u32, u32)> {
    liabilities.iter().map(|it| (account(it.source), it.era, it.until)).collect()
}

/// Compares everything.
pub fn compare(model: &Model) {
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

    compare_candidates(model);
    compare_pools(model);
    compare_delegations(model);
    compare_departures(model);
}

fn compare_candidates(model: &Model) {
    assert_eq!(Candidates::<Test>::iter().count(), model.candidates.len());
    for (who, expected) in &model.candidates {
        let found = Candidates::<Test>::get(account(*who)).expect("the model has it");
        let standing = match expected.standing {
            Standing::Active => Status::Active,
            Standing::JailedUntil(until) => Status::Jailed { until },
            Standing::LeftIn(since) => Status::Leaving { since },
        };
        assert_eq!(found.status, standing, "{who}");
        assert_eq!(u128::from(found.commission.deconstruct()), expected.commission);
        assert_eq!(found.barred_until, expected.barred_until, "{who}");
    }
    assert_eq!(OffenceRecords::<Test>::iter().count(), model.reports.len());
    for ((who, era), report) in &model.reports {
        let found = OffenceRecords::<Test>::get(era, account(*who)).expect("the model has it");
        let parts = [found.fraction, found.settled].map(|it| u128::from(it.deconstruct()));
        assert_eq!((parts, found.apply_era), ([report.fraction, report.settled], report.due));
    }
    assert_eq!(Pending::<Test>::iter().count(), model.held_since.len());
    for (who, since) in &model.held_since {
        let found = Pending::<Test>::get(account(*who)).expect("the model has it");
        let waiting = model.waiting().iter().filter(|(of, _)| of == who).count();
        assert_eq!((found.count as usize, found.earliest), (waiting, *since), "{who}");
    }
    if let Some(snapshot) = &model.snapshot {
        let election = CurrentElection::<Test>::get().expect("one is under way");
        for who in CANDIDATES {
            let expected = snapshot.get(&who).copied().unwrap_or_default();
            assert_eq!(Dpos::stake_in(&account(who), &election), expected, "stake of {who}");
        }
    }
}

fn compare_pools(model: &Model) {
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
}

fn compare_delegations(model: &Model) {
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
}

fn compare_departures(model: &Model) {
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
