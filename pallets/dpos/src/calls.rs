// SPDX-License-Identifier: Apache-2.0

//! What accounts and governance can ask for.
//!
//! The pallet's macros take this chapter in where the pallet is written, so that names mean here what
//! they mean there.

use polkadot_sdk::frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod calls {
    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Makes the sender a candidate, with stake of its own.
        ///
        /// Origin: a signed account whose session keys are set. One that has given up may register
        /// anew, with no higher a commission than before.
        /// `self_bond`: its stake, in the smallest unit; at least `min_self_bond`. It leaves the
        /// account for the pot. `commission`: its share of rewards, in parts of a billion; at most
        /// `max_commission`. `mode`: what happens to the rewards of its stake.
        /// Errors: `NoSessionKeys`: set them first. `AlreadyCandidate`: use `bond_extra`.
        /// `SelfBondTooSmall`, `CommissionTooHigh`, `CommissionStepTooLarge`, `SlashPending`,
        /// `StillJailed`, `PaydayUnfinished` and `TooManyCandidates` name what to change or to wait for; missing
        /// funds are the currency's errors.
        /// Emits [`Event::Registered`], [`Event::Delegated`]. Upholds DP-1, DP-10.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::register())]
        pub fn register(
            origin: OriginFor<T>,
            #[pallet::compact] self_bond: Balance,
            commission: Perbill,
            mode: Mode,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            ensure!(T::ValidatorRegistration::is_registered(&who), Error::<T>::NoSessionKeys);
            Self::do_register(who, self_bond, commission, mode)
        }

        /// Adds to a candidate's own stake.
        ///
        /// Origin: the candidate.
        /// `amount`: in the smallest unit. Its own stake must reach `min_self_bond` by it.
        /// Errors: `NotCandidate`, `CandidateLeaving`, `SlashPending`, `SelfBondTooSmall`.
        /// Emits [`Event::Delegated`]. Upholds DP-1.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::delegate(weighing::ONE_DELEGATION))]
        pub fn bond_extra(
            origin: OriginFor<T>,
            #[pallet::compact] amount: Balance,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let references = Self::references_of(&who, &who);
            let outcome = Self::do_bond_extra(who, amount);
            weighing::weighed(outcome, T::WeightInfo::delegate(references))
        }

        /// Changes a candidate's commission. A lower one holds at once, a higher one after
        /// `commission_cooldown` eras, so that delegators can leave before.
        ///
        /// Origin: the candidate.
        /// `commission`: in parts of a billion; at most `max_commission`, and at most
        /// `commission_step` above the current one. Lowering takes back a rise that waits.
        /// Errors: `CommissionTooHigh`, `CommissionStepTooLarge`: choose a lower one.
        /// `CommissionCooldown`: wait. `PaydayUnfinished`: try again in a few blocks.
        /// Emits [`Event::CommissionSet`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::set_commission())]
        pub fn set_commission(origin: OriginFor<T>, commission: Perbill) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_set_commission(who, commission)
        }

        /// Sets the largest stake that a candidate accepts. What is there already stays; its own
        /// stake and rewards may exceed it.
        ///
        /// Origin: the candidate.
        /// `cap`: in the smallest unit; none lifts it.
        /// Errors: `NotCandidate`.
        /// Emits [`Event::CapSet`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::set_cap())]
        pub fn set_cap(origin: OriginFor<T>, cap: Option<Balance>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_set_cap(who, cap)
        }

        /// Refuses delegations from others, or accepts them again. What is there already stays.
        ///
        /// Origin: the candidate.
        /// Errors: `NotCandidate`.
        /// Emits [`Event::BlockedSet`].
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::set_cap())]
        pub fn set_blocked(origin: OriginFor<T>, blocked: bool) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_set_blocked(who, blocked)
        }

        /// Stands for no further election. All stake stays.
        ///
        /// Origin: the candidate.
        /// Errors: `AlreadyIdle`, `CandidateJailed`, `CandidateLeaving`, `NotCandidate`.
        /// Emits [`Event::Chilled`].
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::set_cap())]
        pub fn chill(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_chill(who)
        }

        /// Stands for election again.
        ///
        /// Origin: the candidate, with session keys and at least `min_self_bond` of its own.
        /// Errors: `AlreadyActive`, `CandidateJailed`: use `unjail`. `CandidateLeaving`: register
        /// anew. `NoSessionKeys`, `SelfBondTooSmall`.
        /// Emits [`Event::Resumed`].
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::unjail())]
        pub fn resume(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_resume(who)
        }

        /// Stands for election again after a jail term.
        ///
        /// Origin: the candidate, with session keys and at least `min_self_bond` of its own.
        /// Errors: `NotJailed`. `StillJailed`: wait. `NoSessionKeys`, `SelfBondTooSmall`: set or
        /// stake what is missing.
        /// Emits [`Event::Unjailed`].
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::unjail())]
        pub fn unjail(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_unjail(who)
        }

        /// Gives up the candidacy and unbonds all of the candidate's own stake. What others have
        /// with it stays until they unbond or redelegate it.
        ///
        /// Origin: the candidate.
        /// Errors: `NotCandidate`, `CandidateLeaving`. `TooManyUnbonding`: withdraw first.
        /// Emits [`Event::Unbonded`], [`Event::Left`]. Upholds DP-1, DP-3.
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::leave(weighing::ONE_DELEGATION))]
        pub fn leave(origin: OriginFor<T>) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let references = Self::references_of(&who, &who);
            let outcome = Self::do_leave(who);
            weighing::weighed(outcome, T::WeightInfo::leave(references))
        }

        /// Delegates stake to a candidate, or adds to a delegation.
        ///
        /// Origin: any signed account.
        /// `amount`: in the smallest unit; it leaves the account for the pot. The whole delegation
        /// must reach `min_delegation`, or `min_self_bond` if it is a candidate's own. `mode`: what
        /// happens to its rewards; that of the delegation, if there is one.
        /// Errors: `NotCandidate`, `CandidateLeaving`, `CandidateBlocked`, `CapExceeded`: choose
        /// another one. `SlashPending`: wait. `DelegationTooSmall`: stake more. `ModeMismatch`:
        /// name the delegation's mode. `TooManyDelegations`: unbond one first.
        /// Emits [`Event::Delegated`]. Upholds DP-1, DP-2.
        #[pallet::call_index(9)]
        #[pallet::weight(T::WeightInfo::delegate(weighing::ONE_DELEGATION))]
        pub fn delegate(
            origin: OriginFor<T>,
            candidate: AccountId,
            #[pallet::compact] amount: Balance,
            mode: Mode,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let references = Self::references_of(&who, &candidate);
            let outcome = Self::do_delegate(who, candidate, amount, mode);
            weighing::weighed(outcome, T::WeightInfo::delegate(references))
        }

        /// Changes what happens to a delegation's rewards from now on.
        ///
        /// Origin: the delegator.
        /// Errors: `NotDelegated`. `ModeMismatch`: it is in this mode already.
        /// Emits [`Event::ModeSet`]. Upholds DP-2.
        #[pallet::call_index(10)]
        #[pallet::weight(T::WeightInfo::set_compound(weighing::ONE_DELEGATION))]
        pub fn set_compound(
            origin: OriginFor<T>,
            candidate: AccountId,
            mode: Mode,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let references = Self::references_of(&who, &candidate);
            let outcome = Self::do_set_compound(who, candidate, mode);
            weighing::weighed(outcome, T::WeightInfo::set_compound(references))
        }

        /// Takes stake away from a candidate. It can be withdrawn `bonding_eras` eras later; until
        /// then it can be slashed for what the candidate did while it was there.
        ///
        /// Origin: the delegator.
        /// `amount`: in the smallest unit; if the delegation is worth no more, all of it. What
        /// remains must reach `min_delegation`, or `min_self_bond` if it is a candidate's own.
        /// Errors: `NotDelegated`. `RemainderTooSmall`: unbond all, or less. `SelfBondTooSmall`:
        /// leave instead. `TooManyUnbonding`: withdraw or rebond first.
        /// Emits [`Event::Unbonded`] for each part. Upholds DP-1, DP-3.
        #[pallet::call_index(11)]
        #[pallet::weight(T::WeightInfo::unbond(weighing::ONE_DELEGATION))]
        pub fn unbond(
            origin: OriginFor<T>,
            candidate: AccountId,
            #[pallet::compact] amount: Balance,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let references = Self::references_of(&who, &candidate);
            let outcome = Self::do_unbond(who, candidate, amount);
            weighing::weighed(outcome, T::WeightInfo::unbond(references))
        }

        /// Puts stake that is unbonding from a candidate back into its pool, the last that left
        /// first.
        ///
        /// Origin: the delegator. A delegation that has to be made anew is paid out; see
        /// `set_compound`.
        /// `amount`: in the smallest unit, or as much as is unbonding.
        /// Errors: `NotUnbonding`, `NotCandidate`, `CandidateLeaving`, `SlashPending`,
        /// `DelegationTooSmall`, `TooManyRedelegations`.
        /// Emits [`Event::Rebonded`]. Upholds DP-1, DP-3.
        #[pallet::call_index(12)]
        #[pallet::weight(T::WeightInfo::rebond(weighing::UNBONDING_AND_DELEGATION))]
        pub fn rebond(
            origin: OriginFor<T>,
            candidate: AccountId,
            #[pallet::compact] amount: Balance,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let references = Self::references_unbonding(&who, |chunk| chunk.candidate == candidate)
                .saturating_add(Self::references_of(&who, &candidate));
            let outcome = Self::do_rebond(who, candidate, amount);
            weighing::weighed(outcome, T::WeightInfo::rebond(references))
        }

        /// Moves stake to another candidate at once. For `bonding_eras` eras it still answers for
        /// what the first one did while it was there.
        ///
        /// Origin: the delegator.
        /// `amount`: in the smallest unit; if the delegation is worth no more, all of it. What
        /// remains and what results must reach the minimums.
        /// Errors: those of `unbond` and of `delegate`, `SameCandidate`, and
        /// `TooManyRedelegations` or `TooManyLiabilities`: wait until a liability ends.
        /// Emits [`Event::Redelegated`]. Upholds DP-1, DP-3.
        #[pallet::call_index(13)]
        #[pallet::weight(T::WeightInfo::redelegate(weighing::TWO_DELEGATIONS))]
        pub fn redelegate(
            origin: OriginFor<T>,
            from: AccountId,
            to: AccountId,
            #[pallet::compact] amount: Balance,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let references =
                Self::references_of(&who, &from).saturating_add(Self::references_of(&who, &to));
            let outcome = Self::do_redelegate(who, from, to, amount);
            weighing::weighed(outcome, T::WeightInfo::redelegate(references))
        }

        /// Pays all stake whose time of unbonding is over.
        ///
        /// Origin: the delegator.
        /// Errors: `NothingToWithdraw`: wait for the release era, or for a pending slash to be
        /// decided. If the account is gone and the amount is below the existential deposit, the
        /// currency's error: fund the account first.
        /// Emits [`Event::Withdrawn`]. Upholds DP-1, DP-3.
        #[pallet::call_index(14)]
        #[pallet::weight(T::WeightInfo::withdraw(weighing::UNBONDING))]
        pub fn withdraw(origin: OriginFor<T>) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let era = CurrentEra::<T>::get();
            let references = Self::references_unbonding(&who, |chunk| chunk.release_era <= era);
            let outcome = Self::do_withdraw(who);
            weighing::weighed(outcome, T::WeightInfo::withdraw(references))
        }

        /// Pays what the sender has earned with a candidate by now, and whatever else it is owed:
        /// commissions, and what earlier calls settled.
        ///
        /// Origin: any signed account.
        /// `candidate`: with whom the sender has, or had, a delegation.
        /// Errors: `NothingToClaim`.
        /// Emits [`Event::Claimed`]. Upholds DP-1, DP-7.
        #[pallet::call_index(15)]
        #[pallet::weight(T::WeightInfo::claim(weighing::ONE_DELEGATION))]
        pub fn claim(origin: OriginFor<T>, candidate: AccountId) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let references = Self::references_of(&who, &candidate);
            let outcome = Self::do_claim(who, candidate);
            weighing::weighed(outcome, T::WeightInfo::claim(references))
        }

        /// Brings a delegation up to date: notes what it earned, takes what it has to answer for,
        /// and forgets what is worth nothing. Also forgets a candidate of whom nothing is left.
        ///
        /// Origin: any signed account.
        /// Errors: `NotDelegated`: there is neither.
        /// Emits [`Event::LiabilityPaid`], [`Event::WorthlessRemoved`], [`Event::Forgotten`] as it
        /// happens. Upholds DP-1, DP-3.
        #[pallet::call_index(16)]
        #[pallet::weight(T::WeightInfo::sync(weighing::ONE_DELEGATION))]
        pub fn sync(
            origin: OriginFor<T>,
            delegator: AccountId,
            candidate: AccountId,
        ) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            let references = Self::references_of(&delegator, &candidate);
            let outcome = Self::do_sync(delegator, candidate);
            weighing::weighed(outcome, T::WeightInfo::sync(references))
        }

        /// Sets the pallet's parameters.
        ///
        /// Origin: [`Config::AdminOrigin`].
        /// `params`: all of them; each within its bounds, see [`params`](crate::params). Stake that
        /// is unbonding keeps its release era.
        /// Errors: one for each bound, naming it.
        /// Emits [`Event::ParametersSet`].
        #[pallet::call_index(17)]
        #[pallet::weight(T::WeightInfo::set_params())]
        pub fn set_params(origin: OriginFor<T>, params: Params) -> DispatchResult {
            T::AdminOrigin::ensure_origin(origin)?;
            Self::do_set_params(params)
        }

        /// Seats validators whatever their stake, as long as they are candidates with keys.
        ///
        /// Origin: [`Config::AdminOrigin`].
        /// `invulnerables`: replaces the earlier list; none twice.
        /// Errors: `DuplicateInvulnerable`.
        /// Emits [`Event::InvulnerablesSet`].
        #[pallet::call_index(18)]
        #[pallet::weight(T::WeightInfo::set_invulnerables())]
        pub fn set_invulnerables(
            origin: OriginFor<T>,
            invulnerables: BoundedVec<AccountId, T::MaxInvulnerables>,
        ) -> DispatchResult {
            T::AdminOrigin::ensure_origin(origin)?;
            for (at, account) in invulnerables.iter().enumerate() {
                let mut later = invulnerables.iter().skip(at.saturating_add(1));
                ensure!(later.all(|it| it != account), Error::<T>::DuplicateInvulnerable);
            }
            Invulnerables::<T>::put(&invulnerables);
            Self::deposit_event(Event::InvulnerablesSet { invulnerables: invulnerables.into() });
            Ok(())
        }

        /// Cancels a slash that is not applied yet, and lets the validator ask for its release at
        /// once. Later reports of the same offence count only with what they add.
        ///
        /// Origin: [`Config::AdminOrigin`].
        /// `offence_era`: the era of the offence, not that in which the slash is due.
        /// Errors: `NoSuchSlash`.
        /// Emits [`Event::SlashCancelled`].
        #[pallet::call_index(19)]
        #[pallet::weight(T::WeightInfo::cancel_slash())]
        pub fn cancel_slash(
            origin: OriginFor<T>,
            offence_era: EraIndex,
            validator: AccountId,
        ) -> DispatchResult {
            T::AdminOrigin::ensure_origin(origin)?;
            Self::do_cancel_slash(offence_era, &validator)
        }

        /// Ends the era as soon as an election can be held, which takes three sessions.
        ///
        /// Origin: [`Config::AdminOrigin`].
        /// Emits [`Event::NewEraForced`].
        #[pallet::call_index(20)]
        #[pallet::weight(T::WeightInfo::force_new_era())]
        pub fn force_new_era(origin: OriginFor<T>) -> DispatchResult {
            T::AdminOrigin::ensure_origin(origin)?;
            Self::do_force_new_era();
            Ok(())
        }
    }
}
