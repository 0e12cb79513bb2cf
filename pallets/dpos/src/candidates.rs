// SPDX-License-Identifier: Apache-2.0

//! Who stands for election, and under which terms.

use crate::{
    AccountId, Balance, Candidate, Candidates, Config, CurrentEra, Delegations, EraIndex, Error,
    Event, Mode, Pallet, Parameters, Params, Pending, Pools, SettleCursor, Status,
    params::ParamsError, types::Liabilities,
};
use polkadot_sdk::{
    frame_support::{
        ensure,
        traits::{Get, ValidatorRegistration, fungible::Inspect},
    },
    sp_runtime::{DispatchError, DispatchResult, Perbill, Saturating},
};

/// For how many eras a candidate may hold office after it gave up: the one in which it did, and the
/// one for which it may have been elected already.
const ERAS_IN_OFFICE_AFTER_LEAVING: EraIndex = 2;

impl<T: Config> Pallet<T> {
    /// See [`Pallet::register`](crate::Pallet::register).
    pub(crate) fn do_register(
        who: AccountId,
        self_bond: Balance,
        commission: Perbill,
        mode: Mode,
    ) -> DispatchResult {
        let params = Parameters::<T>::get();
        ensure!(commission <= params.max_commission, Error::<T>::CommissionTooHigh);
        ensure!(!Pending::<T>::contains_key(&who), Error::<T>::SlashPending);
        let now = CurrentEra::<T>::get();
        match Candidates::<T>::get(&who) {
            None => {
                let count = Candidates::<T>::count();
                ensure!(count < T::MaxCandidates::get(), Error::<T>::TooManyCandidates);
            }
            Some(former) => {
                ensure!(former.is_leaving(), Error::<T>::AlreadyCandidate);
                ensure!(former.barred_until <= now, Error::<T>::StillJailed);
                // Those who stayed must not wake up under a higher commission.
                let agreed = former.commission.min(former.commission_of(now));
                ensure!(commission <= agreed, Error::<T>::CommissionStepTooLarge);
                Self::verify_payday_over()?;
            }
        }
        let candidate = Candidate {
            status: Status::Active,
            commission,
            next_commission: None,
            commission_raised: None,
            cap: None,
            open: true,
            barred_until: 0,
        };
        Candidates::<T>::insert(&who, candidate);
        Self::deposit_event(Event::Registered { candidate: who.clone(), self_bond, commission });
        Self::bond_own(who, self_bond, Some(mode))
    }

    /// See [`Pallet::bond_extra`](crate::Pallet::bond_extra).
    pub(crate) fn do_bond_extra(who: AccountId, amount: Balance) -> DispatchResult {
        Self::bond_own(who, amount, None)
    }

    /// Adds to a candidate's own stake, in the mode that it has already, if any.
    fn bond_own(who: AccountId, amount: Balance, mode: Option<Mode>) -> DispatchResult {
        ensure!(amount > 0, Error::<T>::NothingToMove);
        Self::verify_stays(&who)?;
        let mut open = Self::open_pool(&who);
        let delegation = Self::settle(&who, &mut open)?;
        Self::take_in(&who, amount)?;
        let mode = mode.unwrap_or_default();
        let delegation =
            Self::add_stake(&who, &mut open, delegation, mode, amount, Liabilities::new())?;
        Self::verify_minimum(&who, &open, &delegation)?;
        Delegations::<T>::insert(&who, &who, delegation);
        Self::close_pool(open);
        Self::deposit_event(Event::Delegated { delegator: who.clone(), candidate: who, amount });
        Ok(())
    }

    /// See [`Pallet::set_commission`](crate::Pallet::set_commission).
    pub(crate) fn do_set_commission(who: AccountId, commission: Perbill) -> DispatchResult {
        let params = Parameters::<T>::get();
        ensure!(commission <= params.max_commission, Error::<T>::CommissionTooHigh);
        Self::verify_payday_over()?;
        let now = CurrentEra::<T>::get();
        let from = Self::change_candidate(&who, |candidate| {
            let current = candidate.commission_of(now);
            candidate.next_commission.take_if(|(_, from)| *from <= now);
            candidate.commission = current;
            if commission <= current {
                candidate.commission = commission;
                candidate.next_commission = None;
                return Ok(now);
            }
            let rise = commission.saturating_sub(current);
            ensure!(rise <= params.commission_step, Error::<T>::CommissionStepTooLarge);
            let is_cool = candidate
                .commission_raised
                .is_none_or(|raised| raised.saturating_add(params.commission_cooldown) <= now);
            ensure!(is_cool, Error::<T>::CommissionCooldown);
            ensure!(candidate.next_commission.is_none(), Error::<T>::CommissionCooldown);
            let from = now.saturating_add(params.commission_cooldown);
            candidate.commission_raised = Some(now);
            candidate.next_commission = Some((commission, from));
            Ok(from)
        })?;
        Self::deposit_event(Event::CommissionSet { candidate: who, commission, from });
        Ok(())
    }

    /// See [`Pallet::set_cap`](crate::Pallet::set_cap).
    pub(crate) fn do_set_cap(who: AccountId, cap: Option<Balance>) -> DispatchResult {
        Self::change_candidate(&who, |candidate| {
            candidate.cap = cap;
            Ok(())
        })?;
        Self::deposit_event(Event::CapSet { candidate: who, cap });
        Ok(())
    }

    /// See [`Pallet::set_blocked`](crate::Pallet::set_blocked).
    pub(crate) fn do_set_blocked(who: AccountId, blocked: bool) -> DispatchResult {
        Self::change_candidate(&who, |candidate| {
            candidate.open = !blocked;
            Ok(())
        })?;
        Self::deposit_event(Event::BlockedSet { candidate: who, blocked });
        Ok(())
    }

    /// See [`Pallet::chill`](crate::Pallet::chill).
    pub(crate) fn do_chill(who: AccountId) -> DispatchResult {
        Self::change_candidate(&who, |candidate| match candidate.status {
            Status::Active => {
                candidate.status = Status::Idle;
                Ok(())
            }
            Status::Idle => Err(Error::<T>::AlreadyIdle.into()),
            Status::Jailed { .. } => Err(Error::<T>::CandidateJailed.into()),
            Status::Leaving { .. } => Err(Error::<T>::CandidateLeaving.into()),
        })?;
        Self::deposit_event(Event::Chilled { candidate: who });
        Ok(())
    }

    /// See [`Pallet::resume`](crate::Pallet::resume).
    pub(crate) fn do_resume(who: AccountId) -> DispatchResult {
        Self::change_candidate(&who, |candidate| match candidate.status {
            Status::Idle => {
                Self::verify_fit(&who)?;
                candidate.status = Status::Active;
                Ok(())
            }
            Status::Active => Err(Error::<T>::AlreadyActive.into()),
            Status::Jailed { .. } => Err(Error::<T>::CandidateJailed.into()),
            Status::Leaving { .. } => Err(Error::<T>::CandidateLeaving.into()),
        })?;
        Self::deposit_event(Event::Resumed { candidate: who });
        Ok(())
    }

    /// See [`Pallet::unjail`](crate::Pallet::unjail).
    pub(crate) fn do_unjail(who: AccountId) -> DispatchResult {
        Self::change_candidate(&who, |candidate| {
            let Status::Jailed { until } = candidate.status else {
                return Err(Error::<T>::NotJailed.into());
            };
            ensure!(until <= CurrentEra::<T>::get(), Error::<T>::StillJailed);
            Self::verify_fit(&who)?;
            candidate.status = Status::Active;
            Ok(())
        })?;
        Self::deposit_event(Event::Unjailed { candidate: who });
        Ok(())
    }

    /// See [`Pallet::leave`](crate::Pallet::leave).
    pub(crate) fn do_leave(who: AccountId) -> DispatchResult {
        Self::change_candidate(&who, |candidate| {
            match candidate.status {
                Status::Leaving { .. } => return Err(Error::<T>::CandidateLeaving.into()),
                Status::Jailed { until } => candidate.barred_until = until,
                Status::Active | Status::Idle => {}
            }
            candidate.status = Status::Leaving { since: CurrentEra::<T>::get() };
            Ok(())
        })?;
        let mut open = Self::open_pool(&who);
        let own = Self::settle(&who, &mut open)?;
        let parts = match own {
            Some(delegation) => Self::take_stake(&who, &mut open, delegation, Balance::MAX)?,
            None => Default::default(),
        };
        Self::close_pool(open);
        Self::start_unbonding(&who, &who, parts)?;
        Self::deposit_event(Event::Left { candidate: who });
        Ok(())
    }

    /// Forgets a candidate that has given up, once nobody has stake with it, none of its slashes
    /// waits, its jail term is over, and all rewards it could have earned are paid. Returns
    /// whether it did.
    pub(crate) fn forget_if_gone(who: &AccountId) -> bool {
        let Some(Candidate { status: Status::Leaving { since }, barred_until, .. }) =
            Candidates::<T>::get(who)
        else {
            return false;
        };
        let paid_until = SettleCursor::<T>::get();
        let is_gone = since.saturating_add(ERAS_IN_OFFICE_AFTER_LEAVING) <= paid_until
            && barred_until <= CurrentEra::<T>::get()
            && !Pools::<T>::contains_key(who)
            && !Pending::<T>::contains_key(who);
        if is_gone {
            Candidates::<T>::remove(who);
            Self::deposit_event(Event::Forgotten { candidate: who.clone() });
        }
        is_gone
    }

    /// Changes what is remembered of a candidate.
    fn change_candidate<R>(
        who: &AccountId,
        change: impl FnOnce(&mut Candidate) -> Result<R, DispatchError>,
    ) -> Result<R, DispatchError> {
        Candidates::<T>::try_mutate(who, |slot| {
            change(slot.as_mut().ok_or(Error::<T>::NotCandidate)?)
        })
    }

    /// Checks that a candidate may stand for election: its own stake is large enough, and its keys
    /// are there.
    fn verify_fit(who: &AccountId) -> DispatchResult {
        ensure!(T::ValidatorRegistration::is_registered(who), Error::<T>::NoSessionKeys);
        let pool = Pools::<T>::get(who).unwrap_or_default();
        let (_, own) = Self::stake_at(who, &pool, Self::now());
        ensure!(own >= Parameters::<T>::get().min_self_bond, Error::<T>::SelfBondTooSmall);
        Ok(())
    }

    /// Checks that no rewards are being divided, by terms that must not change meanwhile.
    fn verify_payday_over() -> DispatchResult {
        ensure!(SettleCursor::<T>::get() >= CurrentEra::<T>::get(), Error::<T>::PaydayUnfinished);
        Ok(())
    }

    /// Sets parameters if they are within bounds.
    pub(crate) fn do_set_params(params: Params) -> DispatchResult {
        params
            .verify(T::Currency::minimum_balance(), T::MaxValidators::get())
            .map_err(Error::<T>::from)?;
        Parameters::<T>::put(params);
        Self::deposit_event(Event::ParametersSet { parameters: params });
        Ok(())
    }
}

impl<T: Config> From<ParamsError> for Error<T> {
    fn from(error: ParamsError) -> Self {
        match error {
            ParamsError::Sessions => Self::SessionsOutOfBounds,
            ParamsError::Bonding => Self::BondingOutOfBounds,
            ParamsError::Deferral => Self::DeferralOutOfBounds,
            ParamsError::Minimum => Self::MinimumOutOfBounds,
            ParamsError::Commission => Self::CommissionOutOfBounds,
            ParamsError::Leverage => Self::LeverageOutOfBounds,
            ParamsError::Validators => Self::ValidatorsOutOfBounds,
            ParamsError::Inflation => Self::InflationOutOfBounds,
            ParamsError::Jail => Self::JailOutOfBounds,
        }
    }
}
