// SPDX-License-Identifier: Apache-2.0

//! Amounts as decimal strings, for formats whose numbers lose digits. Where somebody wrote a number
//! all the same, it is read.

use crate::Balance;
use core::fmt;
use serde::{
    Deserializer, Serializer,
    de::{Error, Visitor},
};

/// Writes an amount.
pub fn serialize<S: Serializer>(amount: &Balance, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(amount)
}

/// Reads an amount.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Balance, D::Error> {
    deserializer.deserialize_any(Amount)
}

/// Reads an amount from a string or a number.
struct Amount;

impl Visitor<'_> for Amount {
    type Value = Balance;

    fn expecting(&self, to: &mut fmt::Formatter) -> fmt::Result {
        to.write_str("an amount in the smallest unit, as a decimal string or a number")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Balance, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Balance, E> {
        Ok(number.into())
    }

    fn visit_u128<E: Error>(self, number: u128) -> Result<Balance, E> {
        Ok(number)
    }
}

/// The same for amounts that may be missing.
#[cfg(feature = "std")]
pub mod option {
    use super::*;
    use serde::Deserialize;

    /// Writes an amount, or nothing.
    pub fn serialize<S: Serializer>(
        amount: &Option<Balance>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match amount {
            Some(amount) => serializer.collect_str(amount),
            None => serializer.serialize_none(),
        }
    }

    /// Reads an amount, or nothing.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Balance>, D::Error> {
        #[derive(Deserialize)]
        struct Present(#[serde(with = "crate::decimal")] Balance);

        Ok(Option::<Present>::deserialize(deserializer)?.map(|Present(amount)| amount))
    }
}
