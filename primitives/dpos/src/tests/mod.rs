// SPDX-License-Identifier: Apache-2.0

//! Tests of the pure rules, one file per chapter.

mod decimals;
mod draws;
mod elections;
mod inflation;
mod logarithms;
mod schedules;
mod seats;

use crate::{AccountId, Balance, Contender, ElectionRules, Hash};

/// The account with this number.
pub(crate) fn account(number: u32) -> AccountId {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    AccountId::from(bytes)
}

/// A candidate with this stake, not in office.
pub(crate) fn contender(number: u32, effective: Balance) -> Contender {
    Contender {
        account: account(number),
        total: effective,
        effective,
        incumbent: false,
        invulnerable: false,
    }
}

/// A candidate with this stake that is in office.
pub(crate) fn incumbent(number: u32, effective: Balance) -> Contender {
    Contender { incumbent: true, ..contender(number, effective) }
}

/// Seats without limits to newcomers.
pub(crate) fn rules(seats: u32, drawn_seats: u32) -> ElectionRules {
    ElectionRules { seats, drawn_seats, newcomers: u32::MAX, least: 1, seed: Hash::repeat_byte(7) }
}
