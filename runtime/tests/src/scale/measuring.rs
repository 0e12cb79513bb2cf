// SPDX-License-Identifier: Apache-2.0

//! An era passes, and everything that staking does in it is measured.

use super::world::{CANDIDATES, NEWCOMER, STAKE, candidate, delegate, progress, sample};
use crate::{chain::Chain, counting::Cost};
use millrace_runtime::*;
use pallet_dpos::{CurrentElection, CurrentEra, Mode, SettleCursor, offices::ElectionPhase};
use polkadot_sdk::{
    frame_support::{
        traits::Hooks,
        weights::{Weight, WeightMeter},
    },
    sp_runtime::{DispatchResult, Perbill},
    sp_staking::offence::{OffenceDetails, OnOffenceHandler},
};
use std::{collections::BTreeMap, fmt::Debug, time::Instant};

/// What blocks of the count are called.
pub const COUNT: &str = "block of the count";

/// What blocks of payday are called.
pub const PAYDAY: &str = "block of payday";

/// What was measured.
#[derive(Default)]
pub struct Survey {
    /// All samples, by name.
    pub costs: BTreeMap<&'static str, Vec<Cost>>,
    /// What the election used by its weight.
    pub election: Work,
    /// What payday used by its weight.
    pub payday: Work,
}

/// What the hook of several blocks used by its weight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// How many blocks had something to do.
    pub blocks: u32,
    /// What all of them used.
    pub sum: Weight,
    /// What the block used that used most.
    pub most: Weight,
}

impl Work {
    fn add(&mut self, weight: Weight) {
        self.blocks += 1;
        self.sum = self.sum.saturating_add(weight);
        self.most = self.most.max(weight);
    }
}

impl Survey {
    fn note(&mut self, name: &'static str, cost: Cost) {
        self.costs.entry(name).or_default().push(cost);
    }

    /// The largest counts, and the median time.
    pub fn cost(&self, name: &str) -> Cost {
        let costs = &self.costs[name];
        let mut times: Vec<_> = costs.iter().map(|it| it.time).collect();
        times.sort();
        Cost {
            reads: costs.iter().map(|it| it.reads).max().expect("it was measured"),
            writes: costs.iter().map(|it| it.writes).max().expect("it was measured"),
            time: times[times.len() / 2],
        }
    }
}

/// From the first session of an era to that of the next: the count, the change and payday.
pub fn measure_era(chain: &mut Chain, survey: &mut Survey) {
    let era = chain.read(CurrentEra::<Runtime>::get);
    while chain.read(CurrentEra::<Runtime>::get) == era {
        measure_election(chain, survey);
        // The first candidate earns something, whether or not a slot is its own.
        chain.read(|| Dpos::award(&candidate(0), 1));
        let cost = block(chain);
        if chain.read(CurrentEra::<Runtime>::get) > era {
            survey.note("block that begins an era, whole", cost);
        }
    }
    while chain.read(SettleCursor::<Runtime>::get) < chain.read(CurrentEra::<Runtime>::get) {
        let (weight, cost) = try_hook(chain);
        survey.payday.add(weight);
        survey.note(PAYDAY, cost);
        block(chain);
    }
    // Some of the rewards arrive.
    (0..3).for_each(|_| {
        survey.note("block, whole", block(chain));
        survey.note("for comparison: a thousand balances", read_balances(chain));
    });
}

/// Reads as many balances in whatever state there is. That has nothing to do with staking: if it takes
/// longer, the machine is busier or the state larger.
fn read_balances(chain: &mut Chain) -> Cost {
    let read = || (0..CANDIDATES).map(|it| Balances::free_balance(candidate(it))).sum::<Balance>();
    let (sum, cost) = chain.measure(|chain| chain.read(read));
    assert!(sum > 0);
    cost
}

/// What the next block will do for the election, if anything.
fn measure_election(chain: &mut Chain, survey: &mut Survey) {
    let Some(election) = chain.read(CurrentElection::<Runtime>::get) else { return };
    if election.phase == ElectionPhase::Decided {
        return;
    }
    let (weight, cost) = try_hook(chain);
    // Until there is randomness, the hook finds nothing to do.
    if matches!(election.phase, ElectionPhase::Scanning(_)) {
        survey.election.add(weight);
        survey.note(COUNT, cost);
    }
    survey.election.most = survey.election.most.max(weight);
}

/// Everything that somebody may do, so many times.
pub fn measure_calls(
    chain: &mut Chain,
    survey: &mut Survey,
    size: u32,
    samples: u32,
    since: Instant,
) {
    progress(&format!("{size} delegations: calls"), since);
    for nth in 0..samples {
        let who = RuntimeOrigin::signed(sample(size, nth, samples));
        let (to, other) = (candidate(0), candidate(1));
        let mut note = |name, cost| survey.note(name, cost);
        note("delegate", try_call(chain, || delegate(NEWCOMER, to.clone())));
        note("claim", try_call(chain, || Dpos::claim(who.clone(), to.clone())));
        note("unbond", try_call(chain, || Dpos::unbond(who.clone(), to.clone(), STAKE / 2)));
        let redelegate = || Dpos::redelegate(who.clone(), to.clone(), other, STAKE / 2);
        note("redelegate", try_call(chain, redelegate));
        let compound = || Dpos::set_compound(who.clone(), to.clone(), Mode::Compound);
        note("set_compound", try_call(chain, compound));
        note("report of an offence", try_call(chain, || report(&to)));
        // What is unbonding is slashed, too.
        chain.read(|| Dpos::unbond(who.clone(), to.clone(), STAKE / 2)).expect("it has enough");
        let era = chain.read(CurrentEra::<Runtime>::get);
        let slash = || -> DispatchResult {
            Dpos::apply_slash(&to, era, Perbill::from_percent(10));
            Ok(())
        };
        note("slash", try_call(chain, slash));
    }
}

/// A report that a candidate offended in the current session.
fn report(who: &AccountId) -> DispatchResult {
    let details = OffenceDetails { offender: (who.clone(), ()), reporters: Vec::new() };
    let session = Session::current_index();
    <Dpos as OnOffenceHandler<_, _, _>>::on_offence(&[details], &[Perbill::one()], session);
    Ok(())
}

/// Runs the hook that every block runs for staking, and takes it back.
fn try_hook(chain: &mut Chain) -> (Weight, Cost) {
    let measured = chain.measure(|chain| {
        chain.read(|| {
            let mut meter = WeightMeter::new();
            Dpos::on_poll(System::block_number(), &mut meter);
            meter.consumed()
        })
    });
    chain.take_back();
    measured
}

/// Measures a call, and takes it back.
fn try_call<T, E: Debug>(chain: &mut Chain, call: impl FnOnce() -> Result<T, E>) -> Cost {
    let (outcome, cost) = chain.measure(|chain| chain.read(call));
    outcome.expect("the call is good");
    chain.take_back();
    cost
}

/// The next block, written to the trie.
fn block(chain: &mut Chain) -> Cost {
    let ((), cost) = chain.measure(|chain| chain.empty_blocks(1));
    chain.commit();
    cost
}
