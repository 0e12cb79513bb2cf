// SPDX-License-Identifier: Apache-2.0

//! Who pays whom how much. Pure, exact: nothing is rounded, so there is no dust.

use crate::Balance;
use alloc::vec::Vec;

/// A payment from one position to another, or to itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Position of the payer.
    pub from: usize,
    /// Position of the payee.
    pub to: usize,
    /// What moves; never zero.
    pub amount: Balance,
}

/// Draws `payouts` from `locks`, which are left with what is not drawn.
///
/// Both have one amount per position. Everybody is paid from its own lock first, then from those of
/// the others in their order: the greedy netting of bilateral clearing. There are fewer payments
/// than twice the number of positions, because each empties a lock or completes a payout. Returns
/// nothing if the payouts exceed the locks or the lengths differ.
pub fn draw(locks: &mut [Balance], payouts: &[Balance]) -> Option<Vec<Payment>> {
    if locks.len() != payouts.len() {
        return None;
    }
    let mut payments = Vec::with_capacity(locks.len().saturating_mul(2));
    let mut due = payouts.to_vec();
    for (at, (lock, due)) in locks.iter_mut().zip(&mut due).enumerate() {
        payments.extend(pay(at, lock, at, due));
    }
    let mut payers = locks.iter_mut().enumerate().filter(|(_, lock)| **lock > 0);
    let mut payer = payers.next();
    for (to, due) in due.iter_mut().enumerate() {
        while *due > 0 {
            let (from, lock) = payer.as_mut()?;
            payments.extend(pay(*from, lock, to, due));
            if **lock == 0 {
                payer = payers.next();
            }
        }
    }
    Some(payments)
}

/// Moves as much as there is and is due, and says so.
fn pay(from: usize, lock: &mut Balance, to: usize, due: &mut Balance) -> Option<Payment> {
    let amount = (*lock).min(*due);
    // The smaller of two amounts can be taken from both.
    *lock = lock.checked_sub(amount)?;
    *due = due.checked_sub(amount)?;
    (amount > 0).then_some(Payment { from, to, amount })
}
