// SPDX-License-Identifier: Apache-2.0

//! Amounts and fine shares as decimal strings, for formats whose numbers lose digits. Where somebody
//! wrote a number all the same, it is read.

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

/// The same for shares, in parts of 10⁻¹⁸: JSON's readers in browsers keep 53 bits of a number.
#[cfg(feature = "std")]
pub mod share {
    use super::*;
    use polkadot_sdk::sp_runtime::{PerThing, Perquintill};

    /// Writes a share.
    pub fn serialize<S: Serializer>(share: &Perquintill, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&share.deconstruct())
    }

    /// Reads a share, which must not be more than the whole.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Perquintill, D::Error> {
        let parts = super::deserialize(deserializer)?;
        match u64::try_from(parts) {
            Ok(parts) if parts <= Perquintill::ACCURACY => Ok(Perquintill::from_parts(parts)),
            _ => Err(D::Error::custom(format_args!(
                "a share of {parts} parts is more than the whole, {}",
                Perquintill::ACCURACY
            ))),
        }
    }

    /// The same for shares that may be missing.
    pub mod option {
        use super::*;
        use serde::Deserialize;

        /// Writes a share, or nothing.
        pub fn serialize<S: Serializer>(
            share: &Option<Perquintill>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            match share {
                Some(share) => super::serialize(share, serializer),
                None => serializer.serialize_none(),
            }
        }

        /// Reads a share, or nothing.
        pub fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<Perquintill>, D::Error> {
            #[derive(Deserialize)]
            struct Present(#[serde(with = "crate::decimal::share")] Perquintill);

            Ok(Option::<Present>::deserialize(deserializer)?.map(|Present(share)| share))
        }
    }
}
