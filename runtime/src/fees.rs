// SPDX-License-Identifier: Apache-2.0

//! Fees are taken from each transaction and shared out once, when the block ends.
//!
//! To pay three accounts for each transaction would cost more time than the transaction itself. So a fee leaves
//! its payer's account at once, is added to what the block has collected, and comes to those who earn it all
//! together. In between, the issuance still counts it. Payers' side of it is told by the event
//! `TransactionPayment.TransactionFeePaid`; `Balances.Deposit` tells what others receive, once in a block.

use polkadot_sdk::{
    frame_support::traits::{
        fungible::{Balanced, Credit, Inspect, Unbalanced},
        tokens::{Fortitude, Precision, Preservation, WithdrawConsequence},
    },
    frame_system::{self, AccountInfo},
    pallet_balances::AccountData,
    pallet_transaction_payment::{self, OnChargeTransaction, TxCreditHold},
    sp_runtime::{
        traits::{CheckedSub, DispatchInfoOf, PostDispatchInfoOf, Saturating, Zero},
        transaction_validity::{InvalidTransaction, TransactionValidityError},
    },
};

pub use pallet::*;

/// The pallet that keeps a block's fees until it ends.
// The macros below write undocumented items of their own.
#[allow(missing_docs)]
#[polkadot_sdk::frame_support::pallet]
pub mod pallet {
    use super::*;
    use polkadot_sdk::{
        frame_support::{
            pallet_prelude::*,
            traits::{Imbalance, OnUnbalanced},
        },
        frame_system::pallet_prelude::BlockNumberFor,
    };

    /// What balances are counted in.
    pub type BalanceOf<T> =
        <<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;

    /// Money on its way.
    pub type CreditOf<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::Currency>;

    #[pallet::config]
    pub trait Config: polkadot_sdk::frame_system::Config {
        /// What fees are paid in.
        type Currency: Balanced<Self::AccountId>;
        /// Who earns a block's fees, and its tips after them. What it drops lowers the issuance.
        type Earners: OnUnbalanced<CreditOf<Self>>;
        /// What sharing out costs.
        type WeightInfo: WeightInfo;
    }

    /// What sharing out costs.
    pub trait WeightInfo {
        /// At the end of a block that has collected fees and tips.
        fn share_out() -> Weight;
    }

    /// What a block has collected so far.
    #[derive(
        Clone,
        Debug,
        Decode,
        Encode,
        Eq,
        MaxEncodedLen,
        PartialEq,
        TypeInfo,
        polkadot_sdk::frame_support::DefaultNoBound,
    )]
    pub struct Fees<Balance: Default> {
        /// Without tips.
        pub fees: Balance,
        /// What payers added to be served sooner.
        pub tips: Balance,
    }

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What this block has collected; nothing between blocks.
    // Every block touches it, and reads it from memory after the first time.
    #[pallet::storage]
    #[pallet::whitelist_storage]
    pub type Collected<T: Config> = StorageValue<_, Fees<BalanceOf<T>>, ValueQuery>;

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_: BlockNumberFor<T>) -> Weight {
            T::WeightInfo::share_out()
        }

        fn on_finalize(_: BlockNumberFor<T>) {
            Self::share_out();
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(
            _: BlockNumberFor<T>,
        ) -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
            ensure!(!Collected::<T>::exists(), "fees of a block that is over were not shared out");
            Ok(())
        }
    }

    impl<T: Config> Pallet<T> {
        /// Hands what the block has collected to those who earn it.
        pub(crate) fn share_out() {
            let Fees { fees, tips } = Collected::<T>::take();
            let all = fees.saturating_add(tips);
            if all.is_zero() {
                return;
            }
            // The accounts of those who paid hold less by exactly as much: it left the issuance with them,
            // and comes back as money to be given.
            T::Currency::set_total_issuance(T::Currency::total_issuance().saturating_sub(all));
            T::Currency::done_rescind(all);
            let (fees, tips) = T::Currency::issue(all).split(fees);
            T::Earners::on_unbalanceds([fees, tips].into_iter());
        }
    }
}

/// Takes fees from those who send transactions, for the pallet to share out when the block ends.
///
/// To take from an account, `pallet-balances` looks at it a dozen times, because the account might die
/// by it, or have come from an older release. Nearly always all that changes is a number (`rest`),
/// which takes one look; everything else is left to the library.
pub struct Collect<T>(core::marker::PhantomData<T>);

/// An account as the state has it, with a balance of `pallet-balances`.
type Info<T> = AccountInfo<<T as frame_system::Config>::Nonce, AccountData<BalanceOf<T>>>;

/// What an account has left, free, when `fee` is taken from it, if it is certain that it can pay and that
/// nothing else changes by that: it is in today's form, keeps what it needs to live and what is frozen, and
/// its references are in order. Nothing if the library has to be asked.
fn rest<T: Config>(info: &Info<T>, fee: BalanceOf<T>) -> Option<BalanceOf<T>> {
    let data = &info.data;
    let is_bound = !data.reserved.is_zero() || !data.frozen.is_zero();
    let is_plain = data.flags.is_new_logic()
        && !info.providers.is_zero()
        && (!is_bound || !info.consumers.is_zero());
    // What is on hold counts towards what is frozen.
    let kept = data.frozen.saturating_sub(data.reserved).max(T::Currency::minimum_balance());
    let rest = data.free.checked_sub(&fee)?;
    (is_plain && rest >= kept).then_some(rest)
}

impl<T: Config + pallet_transaction_payment::Config> TxCreditHold<T> for Collect<T> {
    type Credit = ();
}

impl<T> OnChargeTransaction<T> for Collect<T>
where
    T: Config
        + frame_system::Config<AccountData = AccountData<BalanceOf<T>>>
        + pallet_transaction_payment::Config<OnChargeTransaction = Self>,
{
    type Balance = BalanceOf<T>;
    /// What was taken.
    type LiquidityInfo = BalanceOf<T>;

    fn withdraw_fee(
        who: &T::AccountId,
        _: &T::RuntimeCall,
        _: &DispatchInfoOf<T::RuntimeCall>,
        fee_with_tip: Self::Balance,
        _: Self::Balance,
    ) -> Result<Self::LiquidityInfo, TransactionValidityError> {
        if fee_with_tip.is_zero() {
            return Ok(fee_with_tip);
        }
        let is_taken = frame_system::Account::<T>::try_mutate(who, |info| {
            info.data.free = rest::<T>(info, fee_with_tip).ok_or(())?;
            Ok::<_, ()>(())
        });
        if is_taken.is_ok() {
            return Ok(fee_with_tip);
        }
        T::Currency::decrease_balance(
            who,
            fee_with_tip,
            Precision::Exact,
            Preservation::Preserve,
            Fortitude::Polite,
        )
        .map_err(|_| InvalidTransaction::Payment.into())
    }

    fn can_withdraw_fee(
        who: &T::AccountId,
        _: &T::RuntimeCall,
        _: &DispatchInfoOf<T::RuntimeCall>,
        fee_with_tip: Self::Balance,
        _: Self::Balance,
    ) -> Result<(), TransactionValidityError> {
        if fee_with_tip.is_zero() {
            return Ok(());
        }
        if rest::<T>(&frame_system::Account::<T>::get(who), fee_with_tip).is_some() {
            return Ok(());
        }
        match T::Currency::can_withdraw(who, fee_with_tip) {
            WithdrawConsequence::Success => Ok(()),
            _ => Err(InvalidTransaction::Payment.into()),
        }
    }

    fn correct_and_deposit_fee(
        who: &T::AccountId,
        _: &DispatchInfoOf<T::RuntimeCall>,
        _: &PostDispatchInfoOf<T::RuntimeCall>,
        corrected_fee_with_tip: Self::Balance,
        tip: Self::Balance,
        taken: Self::LiquidityInfo,
    ) -> Result<(), TransactionValidityError> {
        let too_much = taken.saturating_sub(corrected_fee_with_tip);
        // An account that the call has emptied gets nothing back, as everywhere in the SDK.
        let back = if too_much.is_zero() || !frame_system::Pallet::<T>::account_exists(who) {
            Zero::zero()
        } else {
            T::Currency::increase_balance(who, too_much, Precision::Exact).unwrap_or_default()
        };
        let kept = taken.saturating_sub(back);
        if !kept.is_zero() {
            let tip = tip.min(kept);
            Collected::<T>::mutate(|sum| {
                sum.fees.saturating_accrue(kept.saturating_sub(tip));
                sum.tips.saturating_accrue(tip);
            });
        }
        Ok(())
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn endow_account(who: &T::AccountId, amount: Self::Balance) {
        let _ = T::Currency::deposit(who, amount, Precision::BestEffort);
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn minimum_balance() -> Self::Balance {
        T::Currency::minimum_balance()
    }
}

#[cfg(feature = "runtime-benchmarks")]
#[polkadot_sdk::frame_benchmarking::v2::benchmarks]
mod benchmarking {
    use super::*;
    use codec::Encode;
    use polkadot_sdk::{
        frame_benchmarking::v2::*,
        sp_consensus_babe::{
            BABE_ENGINE_ID,
            digests::{PreDigest, SecondaryPlainPreDigest},
        },
        sp_runtime::DigestItem,
    };

    #[benchmark]
    fn share_out() {
        let author = SecondaryPlainPreDigest { authority_index: 0, slot: 0.into() };
        let digest = PreDigest::SecondaryPlain(author).encode();
        frame_system::Pallet::<T>::deposit_log(DigestItem::PreRuntime(BABE_ENGINE_ID, digest));
        let much = T::Currency::minimum_balance().saturating_mul(1_000u32.into());
        Collected::<T>::put(Fees { fees: much, tips: much });

        #[block]
        {
            Pallet::<T>::share_out();
        }

        assert!(!Collected::<T>::exists());
    }
}
