// SPDX-License-Identifier: Apache-2.0

//! The numbered rules of staking.
//!
//! - **DP-1**: the pot holds exactly what the pallet owes, and its own existential deposit: all stake
//!   in pools, all that is unbonding, rewards on their way, set aside or owed, fees, and the
//!   remainder.
//! - **DP-2**: the shares of a pool are those of its delegations, and it counts them.
//! - **DP-3**: departures are remembered exactly as long as a chunk or a liability refers to them, and
//!   their shares are those of their chunks.
//! - **DP-4**: a portfolio counts its account's delegations, and is there if there is something in it.
//! - **DP-5**: the parts of a delegation that came from elsewhere are no more than it has, and answer
//!   for other candidates than its own.
//! - **DP-6**: a pool has tokens exactly if it has shares, and enough for its shares to be worth
//!   something.
//! - **DP-7**: what payout shares have earned is set aside.
//! - **DP-8**: the sum of all stake is the sum over all pools.
//! - **DP-9**: points of the current era add up; rewards of past eras wait exactly as long as the
//!   cursor has not passed them, and what is left of them covers the points that are left.
//! - **DP-10**: a pool has a candidate, and delegations.
//! - **DP-11**: a slash waits for a candidate exactly as often as it is counted.
//!
//! DP-12 to DP-15 are about elections and offices; see `ordering`.

#[cfg(any(feature = "std", feature = "try-runtime"))]
mod checks {
    use crate::{
        AccountId, Balance, Candidates, Config, CurrentEra, Delegations, Departed,
        EndedGenerations, EraFees, EraIndex, EraPoints, Mode, Owed, Pallet, Paydays, Pending,
        Points, Pool, Pools, Portfolios, Remainder, SettleCursor, TotalStaked, UnappliedSlashes,
        pools::{MAX_SHARES_PER_TOKEN, SubPool, earned},
        types::{Departures, Portfolio},
    };
    use alloc::collections::BTreeMap;
    use polkadot_sdk::{
        frame_support::{ensure, traits::fungible::Inspect},
        sp_core::U256,
        sp_runtime::TryRuntimeError,
    };

    type Checked = Result<(), TryRuntimeError>;

    /// What delegations with one candidate add up to.
    #[derive(Default)]
    struct Sums {
        delegations: u32,
        payout: Balance,
        compound: Balance,
        earned: Balance,
        /// By generation: worthless payout shares, and what they had earned.
        ended: BTreeMap<u32, (Balance, Balance)>,
    }

    impl<T: Config> Pallet<T> {
        /// Checks every rule over the whole state. Reads everything: never on chain.
        pub fn do_try_state() -> Checked {
            Self::check_pot()?;
            Self::check_pools()?;
            Self::check_departures()?;
            Self::check_portfolios()?;
            Self::check_rewards()?;
            Self::check_pending()?;
            Self::check_offices()
        }

        fn check_pot() -> Checked {
            let mut owed = T::Currency::minimum_balance();
            let mut add = |amount: Balance| -> Checked {
                owed = owed.checked_add(amount).ok_or("DP-1: what is owed overflows")?;
                Ok(())
            };
            for pool in Pools::<T>::iter_values() {
                add(pool.total())?;
                add(pool.reserved)?;
                add(pool.drip.amount)?;
            }
            for (.., row) in Departed::<T>::iter() {
                add(row.unbonding.tokens)?;
            }
            for (.., ended) in EndedGenerations::<T>::iter() {
                add(ended.reserved)?;
            }
            for amount in Owed::<T>::iter_values() {
                ensure!(amount > 0, "DP-1: somebody is owed nothing");
                add(amount)?;
            }
            for payday in Paydays::<T>::iter_values() {
                add(payday.left)?;
            }
            add(EraFees::<T>::get())?;
            add(Remainder::<T>::get())?;
            ensure!(
                T::Currency::total_balance(&Self::pot()) == owed,
                "DP-1: the pot does not hold what is owed"
            );
            Ok(())
        }

        /// Checks pools against the delegations in them.
        fn check_pools() -> Checked {
            let mut sums = Self::sum_delegations()?;
            let mut staked: Balance = 0;
            for (candidate, pool) in Pools::<T>::iter() {
                ensure!(
                    Candidates::<T>::contains_key(&candidate),
                    "DP-10: a pool has no candidate"
                );
                ensure!(pool.delegations > 0, "DP-10: a pool without delegations is there");
                let of_pool = sums.remove(&candidate).unwrap_or_default();
                Self::check_pool(&candidate, &pool, of_pool)?;
                staked = staked.checked_add(pool.total()).ok_or("DP-8: stake overflows")?;
            }
            ensure!(sums.is_empty(), "DP-2: a delegation has no pool");
            ensure!(staked == TotalStaked::<T>::get(), "DP-8: the sum of all stake is wrong");
            Ok(())
        }

        fn check_pool(candidate: &AccountId, pool: &Pool, sums: Sums) -> Checked {
            ensure!(pool.delegations == sums.delegations, "DP-2: delegations are miscounted");
            ensure!(pool.payout.shares == sums.payout, "DP-2: payout shares do not add up");
            ensure!(pool.compound.shares == sums.compound, "DP-2: compound shares do not add up");
            check_rate(&pool.payout)?;
            check_rate(&pool.compound)?;
            ensure!(pool.reserved >= sums.earned, "DP-7: earned rewards are not set aside");
            if pool.payout.shares == 0 {
                ensure!(pool.reserved == 0, "DP-7: rewards are set aside for nobody");
            }
            if pool.is_empty() {
                ensure!(pool.drip.amount == 0, "DP-7: rewards drip for nobody");
            }
            let rows = EndedGenerations::<T>::iter_prefix(candidate).count();
            ensure!(rows == sums.ended.len(), "DP-2: an ended generation has no shares");
            for (generation, (shares, earned)) in sums.ended {
                let ended = EndedGenerations::<T>::get(candidate, generation)
                    .ok_or("DP-2: an ended generation is missing")?;
                ensure!(ended.shares == shares, "DP-2: ended shares do not add up");
                ensure!(ended.reserved >= earned, "DP-7: ended rewards are not set aside");
            }
            Ok(())
        }

        /// Adds up all delegations by candidate, and checks each.
        fn sum_delegations() -> Result<BTreeMap<AccountId, Sums>, TryRuntimeError> {
            let mut all = BTreeMap::<AccountId, Sums>::new();
            for (_, candidate, delegation) in Delegations::<T>::iter() {
                ensure!(delegation.shares > 0, "DP-2: a delegation has no shares");
                let pool = Pools::<T>::get(&candidate).ok_or("DP-2: a delegation has no pool")?;
                let mut in_lots: Balance = 0;
                for lot in &delegation.lots {
                    in_lots = in_lots.checked_add(lot.shares).ok_or("DP-5: parts overflow")?;
                    ensure!(!lot.liabilities.is_empty(), "DP-5: a part answers for nobody");
                    ensure!(
                        lot.liabilities.iter().all(|it| it.source != candidate),
                        "DP-5: a part answers for its own candidate"
                    );
                }
                ensure!(in_lots <= delegation.shares, "DP-5: parts are more than the whole");
                let sums = all.entry(candidate.clone()).or_default();
                sums.delegations = sums.delegations.saturating_add(1);
                let is_current = Self::is_current(&pool, &delegation);
                let earned_until = |until| {
                    earned(delegation.shares, delegation.checkpoint, until)
                        .ok_or("DP-7: rewards per share fell")
                };
                match delegation.mode {
                    Mode::Compound if is_current => {
                        sums.compound = sums.compound.saturating_add(delegation.shares);
                    }
                    Mode::Compound => {}
                    Mode::Payout if is_current => {
                        sums.payout = sums.payout.saturating_add(delegation.shares);
                        sums.earned =
                            sums.earned.saturating_add(earned_until(pool.reward_per_share)?);
                    }
                    Mode::Payout => {
                        let generation = delegation.generation;
                        let row = EndedGenerations::<T>::get(&candidate, generation)
                            .ok_or("DP-2: an ended generation is missing")?;
                        let reward = earned_until(row.reward_per_share)?;
                        let (shares, sum) = sums.ended.entry(generation).or_default();
                        *shares = shares.saturating_add(delegation.shares);
                        *sum = sum.saturating_add(reward);
                    }
                }
            }
            Ok(all)
        }

        /// Checks departures against who refers to them.
        fn check_departures() -> Checked {
            let mut references = BTreeMap::<(AccountId, EraIndex), u32>::new();
            let mut shares = BTreeMap::<(AccountId, EraIndex), Balance>::new();
            let mut refer = |source: &AccountId, era: EraIndex| {
                let count = references.entry((source.clone(), era)).or_default();
                *count = count.saturating_add(1);
            };
            for (.., delegation) in Delegations::<T>::iter() {
                for lot in &delegation.lots {
                    lot.liabilities.iter().for_each(|it| refer(&it.source, it.era));
                }
            }
            for portfolio in Portfolios::<T>::iter_values() {
                for chunk in &portfolio.unbonding {
                    refer(&chunk.candidate, chunk.era);
                    chunk.liabilities.iter().for_each(|it| refer(&it.source, it.era));
                    let row = Departed::<T>::get(&chunk.candidate, chunk.era)
                        .ok_or("DP-3: departures of a chunk are missing")?;
                    if row.unbonding.generation == chunk.generation {
                        let sum = shares.entry((chunk.candidate.clone(), chunk.era)).or_default();
                        *sum = sum.saturating_add(chunk.shares);
                    }
                }
            }
            for (candidate, era, Departures { unbonding, references: counted, .. }) in
                Departed::<T>::iter()
            {
                ensure!(counted > 0, "DP-3: departures to which nobody refers are there");
                let key = (candidate, era);
                ensure!(
                    references.remove(&key) == Some(counted),
                    "DP-3: references are miscounted"
                );
                ensure!(
                    shares.remove(&key).unwrap_or(0) == unbonding.shares,
                    "DP-3: unbonding shares do not add up"
                );
                check_rate(&unbonding)?;
            }
            ensure!(references.is_empty(), "DP-3: departures that somebody refers to are missing");
            Ok(())
        }

        fn check_portfolios() -> Checked {
            let mut counts = BTreeMap::<AccountId, u32>::new();
            for (delegator, ..) in Delegations::<T>::iter_keys() {
                let count = counts.entry(delegator).or_default();
                *count = count.saturating_add(1);
            }
            for (who, portfolio) in Portfolios::<T>::iter() {
                ensure!(!portfolio.is_empty(), "DP-4: an empty portfolio is there");
                let Portfolio { delegations, .. } = portfolio;
                ensure!(
                    counts.remove(&who).unwrap_or(0) == delegations,
                    "DP-4: delegations of an account are miscounted"
                );
            }
            ensure!(counts.is_empty(), "DP-4: a delegator has no portfolio");
            Ok(())
        }

        /// Checks points and paydays.
        fn check_rewards() -> Checked {
            let current = CurrentEra::<T>::get();
            let cursor = SettleCursor::<T>::get();
            ensure!(cursor <= current, "DP-9: an era is paid before its end");
            let mut points = BTreeMap::<EraIndex, u32>::new();
            for (era, _, own) in Points::<T>::iter() {
                ensure!(own > 0, "DP-9: somebody has no points");
                let sum = points.entry(era).or_default();
                *sum = sum.saturating_add(own);
            }
            ensure!(
                points.remove(&current).unwrap_or(0) == EraPoints::<T>::get(),
                "DP-9: points of the era do not add up"
            );
            for (era, payday) in Paydays::<T>::iter() {
                ensure!(
                    (cursor..current).contains(&era),
                    "DP-9: nobody would pay an era's rewards"
                );
                let left = U256::from(points.remove(&era).unwrap_or(0));
                // Floors only leave more.
                let due = left.saturating_mul(payday.budget.into());
                let whole = U256::from(payday.points).saturating_mul(payday.left.into());
                ensure!(due <= whole, "DP-9: rewards do not cover the points that are left");
            }
            ensure!(points.is_empty(), "DP-9: points of an era that is not paid are left");
            Ok(())
        }

        /// Checks how many slashes are counted as waiting.
        fn check_pending() -> Checked {
            let mut waiting = BTreeMap::<AccountId, u32>::new();
            for (_, (candidate, _), _) in UnappliedSlashes::<T>::iter() {
                let count = waiting.entry(candidate).or_default();
                *count = count.saturating_add(1);
            }
            for (candidate, pending) in Pending::<T>::iter() {
                ensure!(
                    waiting.remove(&candidate) == Some(pending.count),
                    "DP-11: slashes that wait are miscounted"
                );
            }
            ensure!(waiting.is_empty(), "DP-11: a slash waits uncounted");
            Ok(())
        }
    }

    /// Checks that shares are worth something, and tokens belong to somebody.
    fn check_rate(sub_pool: &SubPool) -> Checked {
        let SubPool { shares, tokens, .. } = *sub_pool;
        ensure!((shares == 0) == (tokens == 0), "DP-6: shares without tokens, or the reverse");
        let most = U256::from(tokens).saturating_mul(MAX_SHARES_PER_TOKEN.into());
        ensure!(U256::from(shares) <= most, "DP-6: shares are worth next to nothing");
        Ok(())
    }
}
