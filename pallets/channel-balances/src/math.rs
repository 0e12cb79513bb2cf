// SPDX-License-Identifier: Apache-2.0

//! Who pays whom how much. Pure, exact: nothing is rounded, so there is no dust.

use crate::Balance;
use alloc::vec::Vec;

/// A payment between two positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Position of the payer.
    pub from: usize,
    /// Position of the payee.
    pub to: usize,
    /// What moves; never zero.
    pub amount: Balance,
}

/// Payments that turn `deposits` into `payouts`, at most one fewer than there are positions.
///
/// Both have one amount per position. Walks payers and payees once, each payment settling at least
/// one of the two: the greedy netting of bilateral clearing. Returns nothing if the sums or the
/// lengths differ.
pub fn net(deposits: &[Balance], payouts: &[Balance]) -> Option<Vec<Payment>> {
    if deposits.len() != payouts.len() {
        return None;
    }
    let changes = || deposits.iter().zip(payouts).enumerate();
    let mut debts = changes()
        .filter_map(|(at, (had, gets))| had.checked_sub(*gets).map(|owes| (at, owes)))
        .filter(|(_, owes)| *owes > 0);
    let credits = changes()
        .filter_map(|(at, (had, gets))| gets.checked_sub(*had).map(|due| (at, due)))
        .filter(|(_, due)| *due > 0);

    let mut payments = Vec::with_capacity(deposits.len());
    let mut payer: Option<(usize, Balance)> = None;
    for (to, mut due) in credits {
        while due > 0 {
            let (from, owes) = match payer.take() {
                Some(left) => left,
                None => debts.next()?,
            };
            let amount = owes.min(due);
            payments.push(Payment { from, to, amount });
            due = due.checked_sub(amount)?;
            let left = owes.checked_sub(amount)?;
            payer = (left > 0).then_some((from, left));
        }
    }
    // Somebody still owes: the payouts were smaller than the deposits.
    if payer.is_some() || debts.next().is_some() {
        return None;
    }
    Some(payments)
}
