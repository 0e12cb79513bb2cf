// SPDX-License-Identifier: Apache-2.0

//! What payments do to balances. Pure arithmetic: nothing is rounded, nothing is lost.

use crate::error::PaymentError;
use codec::{Decode, Encode, MaxEncodedLen};
use millrace_primitives_channels::{Balance, params::Amounts};
use polkadot_sdk::{sp_core::ConstU32, sp_runtime::BoundedVec};

/// The largest number of payments that one version carries.
pub const MAX_PAYMENTS: u32 = 256;

/// The payments of one version, in the order in which they are applied.
pub type Payments = BoundedVec<Payment, ConstU32<MAX_PAYMENTS>>;

/// Moves an amount from one participant to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
pub struct Payment {
    /// Position of who pays.
    pub payer: u8,
    /// Position of who is paid.
    pub payee: u8,
    /// In the smallest unit of the channel's asset; never zero.
    pub amount: Balance,
}

impl Payment {
    /// Checks what can be checked without balances: two different participants and some amount.
    pub fn verify(&self, participants: usize) -> Result<(), PaymentError> {
        for position in [self.payer, self.payee] {
            if usize::from(position) >= participants {
                return Err(PaymentError::UnknownParticipant { position, participants });
            }
        }
        if self.payer == self.payee {
            return Err(PaymentError::ToItself { position: self.payer });
        }
        if self.amount == 0 {
            return Err(PaymentError::Nothing);
        }
        Ok(())
    }

    /// Moves the amount; `balances` stays as it was on error.
    pub fn apply(&self, balances: &mut Amounts) -> Result<(), PaymentError> {
        self.verify(balances.len())?;
        let (payer, payee) = (usize::from(self.payer), usize::from(self.payee));
        let held = balances.get(payer).copied().unwrap_or(0);
        let rest = held
            .checked_sub(self.amount)
            .ok_or(PaymentError::Insufficient { needed: self.amount, available: held })?;
        let grown = balances
            .get(payee)
            .and_then(|balance| balance.checked_add(self.amount))
            .ok_or(PaymentError::Overflow)?;
        for (position, balance) in [(payer, rest), (payee, grown)] {
            if let Some(slot) = balances.get_mut(position) {
                *slot = balance;
            }
        }
        Ok(())
    }
}

/// Balances after `payments`, applied one after the other; each must be covered when its turn
/// comes.
pub fn balances_after(balances: &Amounts, payments: &[Payment]) -> Result<Amounts, PaymentError> {
    let mut after = balances.clone();
    for payment in payments {
        payment.apply(&mut after)?;
    }
    Ok(after)
}

/// Sum of what the participant at `payer` pays in `payments`; saturates, which can only make a
/// check stricter.
pub fn paid_by(payments: &[Payment], payer: usize) -> Balance {
    payments
        .iter()
        .filter(|payment| usize::from(payment.payer) == payer)
        .fold(0, |sum: Balance, payment| sum.saturating_add(payment.amount))
}
