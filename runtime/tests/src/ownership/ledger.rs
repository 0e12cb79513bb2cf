// SPDX-License-Identifier: Apache-2.0

//! Who must have what, and what holds after every step.

use super::ACTORS;
use crate::{
    chain::Chain,
    parties::{self, Pair, account_view},
};
use millrace_primitives_channels::ChannelId;
use millrace_runtime::{constants::money::MILL, *};
use pallet_channel_balances::{ANCHOR, HoldReason};
use pallet_dpos::Mode;
use polkadot_sdk::{
    frame_support::{
        storage::{TransactionOutcome, with_transaction},
        traits::{
            fungible::{Inspect, InspectHold, MutateHold},
            tokens::{Fortitude, Preservation},
        },
    },
    frame_system, pallet_transaction_payment,
    sp_runtime::DispatchError,
};
use std::fmt::Debug;

/// A channel of two actors.
#[derive(Clone)]
pub struct Case {
    pub id: ChannelId,
    pub pair: Pair,
    pub deposits: [Balance; 2],
    pub dispute: Option<Dispute>,
}

/// The dispute about a channel.
#[derive(Clone)]
pub struct Dispute {
    /// Position of whoever began it.
    pub by: usize,
    /// The version with which it began, and the latest one shown.
    pub versions: [u64; 2],
    pub balances: [Balance; 2],
    /// Position of whoever has shown it to be stale.
    pub proven_by: Option<usize>,
}

/// What each actor must have in its balance, free or held.
pub struct Ledger {
    pub balances: [Balance; 4],
    pub cases: Vec<Case>,
    /// All tokens, by what has been minted as it was announced.
    issuance: Balance,
    /// How much may have been rounded away.
    roundings: Balance,
    /// Whether anybody was slashed.
    is_slashed: bool,
}

impl Ledger {
    /// The ledger of a new chain.
    pub fn new(chain: &mut Chain) -> Self {
        let balances = ACTORS.map(|who| account_view(chain, who).native.total);
        let issuance = chain.read(Balances::total_issuance);
        Self { balances, cases: Vec::new(), issuance, roundings: 0, is_slashed: false }
    }

    /// To be called after each block: notes fees, inflation, and channels that ended.
    pub fn note_block(&mut self, chain: &mut Chain) {
        self.roundings += 100;
        for event in chain.read(|| System::events().into_iter().map(|it| it.event)) {
            match event {
                RuntimeEvent::TransactionPayment(
                    pallet_transaction_payment::Event::TransactionFeePaid {
                        who, actual_fee, ..
                    },
                ) => self.pay(&who, actual_fee),
                RuntimeEvent::Dpos(pallet_dpos::Event::EraRewarded { minted, .. }) => {
                    self.issuance += minted;
                }
                RuntimeEvent::Dpos(pallet_dpos::Event::Slashed { .. }) => self.is_slashed = true,
                _ => {}
            }
        }
        let mut is_there =
            |id| chain.read(|| pallet_channels::Channels::<Runtime>::contains_key(id));
        let (open, ended): (Vec<_>, Vec<_>) =
            self.cases.drain(..).partition(|case| is_there(case.id));
        self.cases = open;
        for case in ended {
            self.end(case);
        }
    }

    /// One of the channels, if there are any.
    pub fn nth(&self, nth: usize) -> Option<Case> {
        self.cases.get(nth % self.cases.len().max(1)).cloned()
    }

    /// A channel that is still there.
    pub fn case(&mut self, case: &Case) -> &mut Case {
        let same = self.cases.iter_mut().find(|it| it.id == case.id);
        same.expect("it did not end in the block in which somebody disputed or answered")
    }

    /// A channel ended with the latest state that was shown in its dispute.
    fn end(&mut self, case: Case) {
        let dispute =
            case.dispute.clone().expect("a channel ends by a dispute or with everybody's consent");
        self.pay_out(&case, dispute.balances);
        if let Some(winner) = dispute.proven_by {
            let [loser, winner] = [dispute.by, winner].map(|at| case.pair.accounts[at]);
            let bond = 10 * MILL;
            self.pay(&loser.to_account_id(), bond);
            self.earn(&winner.to_account_id(), bond / 2);
        }
    }

    /// A channel pays these balances instead of its deposits.
    pub fn pay_out(&mut self, case: &Case, balances: [Balance; 2]) {
        for (at, key) in case.pair.accounts.into_iter().enumerate() {
            self.pay(&key.to_account_id(), case.deposits[at]);
            self.earn(&key.to_account_id(), balances[at]);
        }
    }

    pub fn pay(&mut self, who: &AccountId, amount: Balance) {
        if let Some(at) = ACTORS.iter().position(|key| key.to_account_id() == *who) {
            self.balances[at] -= amount;
        }
    }

    pub fn earn(&mut self, who: &AccountId, amount: Balance) {
        if let Some(at) = ACTORS.iter().position(|key| key.to_account_id() == *who) {
            self.balances[at] += amount;
        }
    }

    /// Checks everything, after `step`.
    pub fn check(&self, chain: &mut Chain, step: &impl Debug) {
        // Both channel pallets' rules, the sum of all balances, the parts of every account, and that
        // deposits are in somebody's account, once.
        parties::check(chain);
        chain.read(Dpos::do_try_state).expect("the rules of staking hold");
        let issuance = chain.read(Balances::total_issuance);
        assert_eq!(issuance, self.issuance, "only inflation makes tokens: {step:?}");
        for (who, expected) in ACTORS.into_iter().zip(self.balances) {
            let view = account_view(chain, who);
            assert_eq!(view.native.total, expected, "{who:?} after {step:?}");
            let stake = chain.read(|| Dpos::view_delegator(&who.to_account_id()));
            let delegated = stake.delegations.iter().map(|it| it.stake + it.rewards);
            let leaving = stake.unbonding.iter().map(|it| it.amount);
            assert_eq!(view.staked, delegated.chain(leaving).sum::<Balance>() + stake.owed);
            let deposits = self.cases.iter().flat_map(|case| {
                let own = case.pair.accounts.iter().zip(case.deposits);
                own.filter(|(key, _)| **key == who).map(|(_, deposit)| deposit + ANCHOR)
            });
            assert_eq!(view.native.in_channels, deposits.sum::<Balance>(), "{who:?}: {step:?}");
            chain.read(|| check_spendable(&who.to_account_id()));
        }
        chain.read(|| self.check_pot());
    }

    /// Checks that what everybody is told to have staked is in the pot, once, beside what is said to
    /// belong to nobody yet.
    fn check_pot(&self) {
        use pallet_dpos::{EraFees, Paydays, Pools, Remainder};
        let accounts = frame_system::Account::<Runtime>::iter_keys();
        let staked: Balance = accounts.map(|who| Dpos::staked_by(&who)).sum();
        let dripping: Balance = Pools::<Runtime>::iter_values()
            .map(|mut pool| {
                let to_nobody = pool.release(System::block_number());
                to_nobody + pool.drip.amount
            })
            .sum();
        let unpaid: Balance = Paydays::<Runtime>::iter_values().map(|it| it.left).sum();
        let nobodys = dripping + unpaid + EraFees::<Runtime>::get() + Remainder::<Runtime>::get();
        let held = Balances::total_balance(&Dpos::pot()) - Balances::minimum_balance();
        assert!(staked + nobodys <= held, "{staked} and {nobodys} are more than {held}");
        let rest = held - staked - nobodys;
        // Stake that moved on before a slash is shown without what it will lose at the next touch.
        let is_exact = !self.is_slashed;
        assert!(!is_exact || rest <= self.roundings, "{rest} of {held} belong to nobody");
    }
}

/// Runs something and takes it back.
fn try_out<R>(action: impl FnOnce() -> R) -> R {
    with_transaction(|| TransactionOutcome::Rollback(Ok::<R, DispatchError>(action())))
        .expect("it is not nested too deeply")
}

/// Checks that an account can spend what is neither held nor frozen nor needed to stay alive: all of
/// it, for whatever it wants, and not a unit more.
fn check_spendable(who: &AccountId) {
    let (total, free) = (Balances::total_balance(who), Balances::balance(who));
    let on_hold = Balances::total_balance_on_hold(who);
    assert_eq!(total, free + on_hold, "a unit is held or free");
    let frozen = System::account(who).data.frozen;
    // What is on hold cannot be spent anyway, so it counts towards what is frozen.
    let kept = frozen.saturating_sub(on_hold).max(Balances::minimum_balance());
    let spendable = free.saturating_sub(kept);
    assert_eq!(
        spendable,
        Balances::reducible_balance(who, Preservation::Preserve, Fortitude::Polite)
    );

    let origin = || RuntimeOrigin::signed(who.clone());
    let other = someone();
    let transfer = |amount| {
        try_out(|| Balances::transfer_keep_alive(origin(), other.clone().into(), amount).is_ok())
    };
    let hold = |amount| {
        let reason = RuntimeHoldReason::ChannelBalances(HoldReason::Channel);
        try_out(|| Balances::hold(&reason, who, amount).is_ok())
    };
    let delegate = |amount| {
        try_out(|| {
            // In whatever mode: a delegation that is there has one.
            [Mode::Payout, Mode::Compound]
                .into_iter()
                .any(|mode| Dpos::delegate(origin(), other.clone(), amount, mode).is_ok())
        })
    };
    assert!(!transfer(spendable + 1) && !delegate(spendable + 1) && !hold(free + 1));
    assert!(spendable < MILL || (transfer(spendable) && delegate(spendable)));
}

/// A validator, which can be paid and takes stake.
fn someone() -> AccountId {
    super::VALIDATORS[0].to_account_id()
}
