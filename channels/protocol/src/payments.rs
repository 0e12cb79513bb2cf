// SPDX-License-Identifier: Apache-2.0

//! What payments do to balances.

use crate::error::PaymentError;
use codec::{Decode, Encode, MaxEncodedLen};
use millrace_primitives_channels::{Balance, params::Amounts};

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
        let rest = debit(balances, self.payer, self.amount)?;
        let grown = credit(balances, self.payee, self.amount)?;
        for (position, balance) in [(self.payer, rest), (self.payee, grown)] {
            if let Some(slot) = balances.get_mut(usize::from(position)) {
                *slot = balance;
            }
        }
        Ok(())
    }
}

/// The balance at `payer` less `amount`.
pub(crate) fn debit(
    balances: &Amounts,
    payer: u8,
    amount: Balance,
) -> Result<Balance, PaymentError> {
    let available = balances.get(usize::from(payer)).copied().unwrap_or(0);
    available.checked_sub(amount).ok_or(PaymentError::Insufficient { needed: amount, available })
}

/// The balance at `payee` and `amount`.
pub(crate) fn credit(
    balances: &Amounts,
    payee: u8,
    amount: Balance,
) -> Result<Balance, PaymentError> {
    balances
        .get(usize::from(payee))
        .and_then(|balance| balance.checked_add(amount))
        .ok_or(PaymentError::Overflow)
}
