// SPDX-License-Identifier: Apache-2.0

//! What the runtime API shows.
//!
//! Nothing here is called while a block is made, so lists need no other bound than the state's.

use crate::{
    ActiveSets, Candidate, Candidates, Config, CurrentElection, CurrentEra, CurrentEraStart,
    CurrentSession, Delegations, Departed, ElectionTally, EndedGenerations, Liveness,
    NextEraSession, Owed, Pallet, Parameters, Params, Pending, Pools, Portfolios, SeatCount,
    Status, TotalStaked,
    liveness::Slots,
    offices::{ActiveSet, ElectionPhase},
    pools::{SubPool, earned},
    types::{Chunk, Delegation, Liability, Mode},
};
use alloc::vec::Vec;
use millrace_primitives_dpos::{
    AccountId, Balance, EraIndex,
    api::{
        CandidateView, DelegationView, DelegatorView, ElectionView, MAX_PAGE, MAX_SCHEDULE,
        NetworkView, ProposerView, QuorumView, StatusView, UnbondingView, ValidatorSetView,
    },
    effective_stake,
    election::Seats,
    seats::finality_threshold,
};
use polkadot_sdk::{
    frame_support::traits::{ValidatorRegistration, fungible::Inspect},
    sp_runtime::SaturatedConversion,
};

impl<T: Config> Pallet<T> {
    /// The validators in office.
    pub fn view_set() -> Option<ValidatorSetView> {
        Self::view_set_of(CurrentEra::<T>::get())
    }

    /// The validators of an era, as long as it is remembered.
    pub fn view_set_of(era: EraIndex) -> Option<ValidatorSetView> {
        let ActiveSet { version, hash, seats } = ActiveSets::<T>::get(era)?;
        Some(ValidatorSetView { era, version, hash, validators: seats.into_inner() })
    }

    /// The validators of the next era, once they are elected.
    pub fn view_next_set() -> Option<ValidatorSetView> {
        let era = CurrentEra::<T>::get();
        let next = era.saturating_add(1);
        Self::view_set_of(next).or_else(|| {
            let seats = crate::NextSet::<T>::get()?;
            let current = ActiveSets::<T>::get(era);
            let version = current.map_or(0, |it| it.version.saturating_add(1));
            let hash = Self::set_hash(version, &seats);
            Some(ValidatorSetView { era: next, version, hash, validators: seats.into_inner() })
        })
    }

    /// Who makes the blocks of the coming slots, unless somebody wins them by lottery.
    pub fn view_schedule(slots: u32) -> Vec<ProposerView> {
        let Some(current) = T::Slots::current() else { return Vec::new() };
        let (this, next) = (T::Slots::epoch(), T::Slots::next_epoch());
        let first = current.saturating_add(1);
        (first..first.saturating_add(slots.min(MAX_SCHEDULE).into()))
            .filter_map(|slot| {
                let epoch = [&this, &next].into_iter().find(|epoch| epoch.contains(slot))?;
                let validator = epoch.secondary_author(slot)?.clone();
                Some(ProposerView { slot, validator })
            })
            .collect()
    }

    /// Whether enough validators are there to make blocks final.
    pub fn view_quorum() -> QuorumView {
        let validators = T::Slots::epoch().authorities;
        let seats = Self::seats_of(CurrentEra::<T>::get());
        let count = validators.len().saturated_into();
        let mut view = QuorumView {
            at: Self::now(),
            validators: count,
            threshold: finality_threshold(count),
            online: 0,
            stake: 0,
            online_stake: 0,
        };
        for validator in validators {
            let stake = seats.iter().find(|it| it.account == validator).map_or(0, |it| it.total);
            view.stake = view.stake.saturating_add(stake);
            let attendance = Liveness::<T>::get(&validator);
            if attendance.made > 0 || attendance.missed == 0 {
                view.online = view.online.saturating_add(1);
                view.online_stake = view.online_stake.saturating_add(stake);
            }
        }
        view
    }

    /// Candidates by rank, those who could not be elected last.
    pub fn view_candidates(skip: u32, count: u32) -> Vec<CandidateView> {
        let views = Self::ranked();
        let count = count.min(MAX_PAGE).saturated_into();
        views.into_iter().skip(skip.saturated_into()).take(count).collect()
    }

    /// One candidate.
    pub fn view_candidate(account: &AccountId) -> Option<CandidateView> {
        // Its rank depends on all others.
        Candidates::<T>::contains_key(account)
            .then(Self::ranked)?
            .into_iter()
            .find(|view| view.account == *account)
    }

    /// All candidates, by rank.
    fn ranked() -> Vec<CandidateView> {
        let params = Parameters::<T>::get();
        let seats = Self::seats_of(CurrentEra::<T>::get());
        let mut views: Vec<CandidateView> = Candidates::<T>::iter()
            .map(|(account, candidate)| Self::view(account, candidate, &params, &seats))
            .collect();
        let can_be_elected = |view: &CandidateView| {
            view.status == StatusView::Active
                && view.has_keys
                && view.own >= params.min_self_bond
                && view.effective > 0
        };
        views.sort_by(|one, other| {
            let order =
                |it: &CandidateView| (!can_be_elected(it), core::cmp::Reverse(it.effective));
            order(one).cmp(&order(other)).then_with(|| one.account.cmp(&other.account))
        });
        for (rank, view) in (1u32..).zip(&mut views) {
            view.rank = can_be_elected(view).then_some(rank);
        }
        views
    }

    /// A candidate, without its rank.
    fn view(
        account: AccountId,
        candidate: Candidate,
        params: &Params,
        seats: &Seats,
    ) -> CandidateView {
        let pool = Pools::<T>::get(&account).unwrap_or_default();
        let (total, own) = Self::stake_at(&account, &pool, Self::now());
        let attendance = Liveness::<T>::get(&account);
        let era = CurrentEra::<T>::get();
        CandidateView {
            rank: None,
            status: match candidate.status {
                Status::Active => StatusView::Active,
                Status::Idle => StatusView::Idle,
                Status::Jailed { until } => StatusView::Jailed { until },
                Status::Leaving { since } => StatusView::Leaving { since },
            },
            has_keys: T::ValidatorRegistration::is_registered(&account),
            seat: seats.iter().find(|seat| seat.account == account).map(|seat| seat.kind),
            total,
            own,
            effective: effective_stake(total, own, params.leverage),
            commission: candidate.commission_of(era),
            next_commission: candidate.next_commission.filter(|(_, from)| *from > era),
            cap: candidate.cap,
            open: candidate.open,
            delegations: pool.delegations,
            made: attendance.made,
            missed: attendance.missed,
            pending_slashes: Pending::<T>::get(&account).map_or(0, |it| it.count),
            account,
        }
    }

    /// What an account has staked.
    pub fn view_delegator(account: &AccountId) -> DelegatorView {
        let delegations: Vec<_> = Delegations::<T>::iter_prefix(account)
            .map(|(candidate, delegation)| Self::view_delegation(candidate, &delegation))
            .collect();
        let unbonding: Vec<_> =
            Portfolios::<T>::get(account).unbonding.iter().map(Self::view_chunk).collect();
        let owed = Owed::<T>::get(account);
        let staked = delegations.iter().map(|it| it.stake.saturating_add(it.rewards));
        let leaving = unbonding.iter().map(|it| it.amount);
        let total = staked.chain(leaving).fold(owed, Balance::saturating_add);
        let era = CurrentEra::<T>::get();
        DelegatorView { at: Self::now(), era, total, delegations, unbonding, owed }
    }

    /// A delegation, as settling it in this block would find it.
    fn view_delegation(candidate: AccountId, delegation: &Delegation) -> DelegationView {
        let mut pool = Pools::<T>::get(&candidate).unwrap_or_default();
        pool.release(Self::now());
        let Delegation { mode, shares, generation, checkpoint, .. } = *delegation;
        let compounds = mode == Mode::Compound;
        let is_current = Self::is_current(&pool, delegation);
        let upto = if is_current {
            Some(pool.reward_per_share)
        } else {
            EndedGenerations::<T>::get(&candidate, generation).map(|it| it.reward_per_share)
        };
        let rewards = upto.filter(|_| !compounds).and_then(|upto| earned(shares, checkpoint, upto));
        let stake = if is_current {
            let lost = delegation
                .lots
                .iter()
                .map(|lot| lot.shares.saturating_sub(Self::left_of(lot.shares, &lot.liabilities)));
            let left = lost.fold(shares, Balance::saturating_sub);
            pool.part(mode).worth(left).unwrap_or(0)
        } else {
            0
        };
        DelegationView { candidate, compounds, stake, rewards: rewards.unwrap_or(0) }
    }

    /// A part of a stake that is on the way back, as withdrawing it would find it.
    fn view_chunk(chunk: &Chunk) -> UnbondingView {
        let shares = Self::left_of(chunk.shares, &chunk.liabilities);
        let worth = |row: &SubPool| {
            if row.generation == chunk.generation { row.worth(shares) } else { None }
        };
        let row = Departed::<T>::get(&chunk.candidate, chunk.era).unwrap_or_default();
        UnbondingView {
            candidate: chunk.candidate.clone(),
            amount: worth(&row.unbonding).unwrap_or(0),
            release_era: chunk.release_era,
        }
    }

    /// How many of `shares` are left after what they answer for elsewhere.
    fn left_of(shares: Balance, liabilities: &[Liability]) -> Balance {
        liabilities.iter().fold(shares, |left, liability| {
            let row = Departed::<T>::get(&liability.source, liability.era);
            row.map_or(left, |row| row.factor.left_of(left, &liability.factor))
        })
    }

    /// What an account has in the pot: its stake, what is on the way back, and its rewards.
    pub fn staked_by(account: &AccountId) -> Balance {
        Self::view_delegator(account).total
    }

    /// Where the network stands.
    pub fn view_network() -> NetworkView {
        let params = Parameters::<T>::get();
        let staked = TotalStaked::<T>::get();
        let issuance = T::Currency::total_issuance();
        let start = CurrentEraStart::<T>::get();
        NetworkView {
            at: Self::now(),
            session: CurrentSession::<T>::get(),
            era: CurrentEra::<T>::get(),
            era_session: start.session,
            era_block: start.block,
            next_era_session: NextEraSession::<T>::get(),
            election: view_election::<T>(),
            seats: SeatCount::<T>::get(),
            candidates: Candidates::<T>::count(),
            staked,
            issuance,
            inflation: params.inflation.yearly_rate(staked, issuance),
            yearly_return: params.inflation.yearly_return(staked, issuance),
            params,
        }
    }
}

fn view_election<T: Config>() -> ElectionView {
    match CurrentElection::<T>::get().map(|it| it.phase) {
        None => ElectionView::None,
        Some(ElectionPhase::Announced) => ElectionView::Announced,
        Some(ElectionPhase::Scanning(_)) => ElectionView::Counting {
            contenders: ElectionTally::<T>::get().map_or(0, |it| it.contenders()),
        },
        Some(ElectionPhase::Decided) => ElectionView::Decided,
    }
}
