// SPDX-License-Identifier: Apache-2.0

//! What transactions cost and who earns it.

use crate::{
    AccountId, Authorship, Balance, Balances, Runtime, RuntimeEvent,
    configs::TreasuryAccount,
    constants::money::{CENT, MILLICENT},
    fees::Collect,
    weights::overhead,
};
use pallet_dpos::FeesToEra;
use polkadot_sdk::{
    frame_support::{
        parameter_types,
        traits::{
            ConstU8, Imbalance, OnUnbalanced,
            fungible::Credit,
            tokens::{fungible::Balanced, imbalance::ResolveTo},
        },
        weights::{
            Weight, WeightToFee as ToFee, WeightToFeeCoefficient, WeightToFeeCoefficients,
            WeightToFeePolynomial,
        },
    },
    pallet_transaction_payment::{self, Multiplier, TargetedFeeAdjustment},
    sp_runtime::{FixedPointNumber, Perbill, Perquintill, traits::Bounded},
};

/// Collects into the treasury's account.
pub type ToTreasury = ResolveTo<TreasuryAccount, Balances>;

/// Share of each fee that validators earn, in percent. They divide it by blocks made, at the end of
/// the era, with those who have stake with them. The treasury gets the rest. Tips go to the block's
/// author whole, at once.
pub const VALIDATOR_FEE_PERCENT: u32 = 80;

/// Splits fees between the era's validators and the treasury.
pub struct DealWithFees;

impl OnUnbalanced<Credit<AccountId, Balances>> for DealWithFees {
    fn on_unbalanceds(mut parts: impl Iterator<Item = Credit<AccountId, Balances>>) {
        let Some(fee) = parts.next() else { return };
        let (to_era, to_treasury) = fee.ration(VALIDATOR_FEE_PERCENT, 100 - VALIDATOR_FEE_PERCENT);
        FeesToEra::<Runtime>::on_unbalanced(to_era);
        ToTreasury::on_unbalanced(to_treasury);
        if let Some(tip) = parts.next() {
            pay_author(tip);
        }
    }

    fn on_nonzero_unbalanced(fee: Credit<AccountId, Balances>) {
        Self::on_unbalanceds(core::iter::once(fee));
    }
}

/// Pays the author of this block; what cannot be paid, because there is no author or its account is
/// gone, goes to the treasury.
fn pay_author(credit: Credit<AccountId, Balances>) {
    let unpaid = match Authorship::author() {
        Some(author) => match Balances::resolve(&author, credit) {
            Ok(()) => return,
            Err(unpaid) => unpaid,
        },
        None => credit,
    };
    ToTreasury::on_unbalanced(unpaid);
}

/// What each transaction pays besides its time and its bytes: it is passed on, checked, voted on and kept by
/// everybody, whatever it does.
pub const FLAT_FEE: Balance = CENT / 10;

/// Turns bytes into money, on top of [`FLAT_FEE`].
pub struct LengthToFee;

impl ToFee for LengthToFee {
    type Balance = Balance;

    fn weight_to_fee(length: &Weight) -> Balance {
        FLAT_FEE.saturating_add(MILLICENT.saturating_mul(length.ref_time().into()))
    }
}

/// Turns time into money: the fixed cost of any extrinsic is worth a fortieth of a cent.
pub struct WeightToFee;

impl WeightToFeePolynomial for WeightToFee {
    type Balance = Balance;

    fn polynomial() -> WeightToFeeCoefficients<Balance> {
        let price = CENT / 40;
        let weight = Balance::from(overhead::EXTRINSIC.ref_time());
        [WeightToFeeCoefficient {
            degree: 1,
            negative: false,
            coeff_frac: Perbill::from_rational(price % weight, weight),
            coeff_integer: price / weight,
        }]
        .into_iter()
        .collect()
    }
}

parameter_types! {
    /// Blocks fuller than this make fees rise, emptier ones make them fall.
    pub const TargetBlockFullness: Perquintill = Perquintill::from_percent(25);
    /// How fast they do: by at most about a factor of ten in a day of full blocks.
    pub AdjustmentVariable: Multiplier = Multiplier::saturating_from_rational(25, 1_000_000);
    /// Fees never fall below a tenth of their normal level.
    pub MinimumMultiplier: Multiplier = Multiplier::saturating_from_rational(1, 10);
    /// Nor do they ever overflow.
    pub MaximumMultiplier: Multiplier = Bounded::max_value();
}

impl crate::fees::Config for Runtime {
    type Currency = Balances;
    type Earners = DealWithFees;
    type WeightInfo = crate::weights::fees::WeightInfo<Runtime>;
}

impl pallet_transaction_payment::Config for Runtime {
    type FeeMultiplierUpdate = TargetedFeeAdjustment<
        Self,
        TargetBlockFullness,
        AdjustmentVariable,
        MinimumMultiplier,
        MaximumMultiplier,
    >;
    type LengthToFee = LengthToFee;
    type OnChargeTransaction = Collect<Runtime>;
    type OperationalFeeMultiplier = ConstU8<5>;
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = crate::weights::pallet_transaction_payment::WeightInfo<Runtime>;
    type WeightToFee = WeightToFee;
}
