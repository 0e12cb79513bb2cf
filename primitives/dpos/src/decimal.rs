// SPDX-License-Identifier: Apache-2.0

//! Amounts as decimal strings, for formats whose numbers lose digits.

use crate::Balance;
use serde::{Deserialize, Deserializer, Serializer, de::Error};
use std::string::String;

/// Writes an amount.
pub fn serialize<S: Serializer>(amount: &Balance, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(amount)
}

/// Reads an amount.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Balance, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

/// The same for amounts that may be missing.
pub mod option {
    use super::*;

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
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
    }
}
