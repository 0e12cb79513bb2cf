// SPDX-License-Identifier: Apache-2.0

//! Hashes and ids: fixed numbers of bytes, written as `0x` and hexadecimal digits.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{borrow::Cow, fmt, str::FromStr};

/// Why a text is not the expected number of bytes.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum HexError {
    /// It does not begin with `0x`.
    #[error("{what} begins with 0x, as 0x1f…: put it in front")]
    Prefix {
        /// What was expected.
        what: &'static str,
    },
    /// It has another length.
    #[error(
        "{what} has {expected} hexadecimal digits after 0x, this one has {found}: copy all of it"
    )]
    Length {
        /// What was expected.
        what: &'static str,
        /// Its digits.
        expected: usize,
        /// The digits that were found.
        found: usize,
    },
    /// A character is no hexadecimal digit.
    #[error("{what} consists of the digits 0 to 9 and a to f: look for another character")]
    Digit {
        /// What was expected.
        what: &'static str,
    },
}

macro_rules! hashes {
    ($($(#[$documentation:meta])* $name:ident, $what:literal;)*) => {$(
        $(#[$documentation])*
        #[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(pub [u8; 32]);

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "0x{}", hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, formatter)
            }
        }

        impl FromStr for $name {
            type Err = HexError;

            fn from_str(text: &str) -> Result<Self, HexError> {
                let digits = text.strip_prefix("0x").ok_or(HexError::Prefix { what: $what })?;
                let mut bytes = [0; 32];
                hex::decode_to_slice(digits, &mut bytes).map_err(|error| match error {
                    hex::FromHexError::InvalidHexCharacter { .. } => HexError::Digit { what: $what },
                    _ => HexError::Length {
                        what: $what,
                        expected: 64,
                        found: digits.chars().count(),
                    },
                })?;
                Ok(Self(bytes))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "description": concat!($what, ": 32 bytes, as 0x and 64 hexadecimal digits."),
                    "pattern": "^0x[0-9a-fA-F]{64}$",
                })
            }
        }
    )*};
}

hashes! {
    /// The id of a channel: a hash of the chain and of the channel's terms.
    ChannelId, "A channel's id";
    /// The hash of a block.
    BlockHash, "A block's hash";
    /// The hash of an extrinsic.
    TransactionHash, "A transaction's hash";
    /// What an invoice promises to open: the SHA-256 hash of a preimage.
    PaymentHash, "A payment's hash";
    /// What opens a payment's hash, and thereby proves the payment.
    Preimage, "A preimage";
    /// The id of a payment, whether it has an invoice or not.
    PaymentId, "A payment's id";
    /// The id of a stream of payments.
    StreamId, "A stream's id";
    /// The SHA-256 hash of a backup's bytes.
    BackupHash, "A backup's hash";
}

/// Any number of bytes, as `0x` and hexadecimal digits.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Bytes(pub Vec<u8>);

impl fmt::Display for Bytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "0x{}", hex::encode(&self.0))
    }
}

impl FromStr for Bytes {
    type Err = HexError;

    fn from_str(text: &str) -> Result<Self, HexError> {
        let what = "a text of bytes";
        let digits = text.strip_prefix("0x").ok_or(HexError::Prefix { what })?;
        if digits.len() % 2 == 1 {
            return Err(HexError::Length {
                what,
                expected: digits.len().saturating_add(1),
                found: digits.len(),
            });
        }
        hex::decode(digits).map(Self).map_err(|_| HexError::Digit { what })
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Bytes {
    fn schema_name() -> Cow<'static, str> {
        "Bytes".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "Bytes, as 0x and an even number of hexadecimal digits.",
            "pattern": "^0x([0-9a-fA-F]{2})*$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_written_and_read_in_one_way() {
        let id = ChannelId([0xab; 32]);
        let text = format!("0x{}", "ab".repeat(32));
        assert_eq!(id.to_string(), text);
        assert_eq!(text.parse(), Ok(id));
        assert_eq!(text.to_uppercase().replace("0X", "0x").parse(), Ok(id));
    }

    #[test]
    fn an_id_of_another_shape_is_refused_with_its_length() {
        assert!(matches!("ab".repeat(32).parse::<ChannelId>(), Err(HexError::Prefix { .. })));
        let short: Result<ChannelId, _> = "0xabab".parse();
        assert!(matches!(short, Err(HexError::Length { expected: 64, found: 4, .. })), "{short:?}");
        assert!(matches!("0xé".parse::<ChannelId>(), Err(HexError::Length { found: 1, .. })));
        let odd = format!("0x{}g", "a".repeat(63));
        assert!(matches!(odd.parse::<ChannelId>(), Err(HexError::Digit { .. })));
        assert!(matches!("0xabc".parse::<Bytes>(), Err(HexError::Length { found: 3, .. })));
        assert!(matches!("0xzz".parse::<Bytes>(), Err(HexError::Digit { .. })));
        assert_eq!("0x".parse(), Ok(Bytes(Vec::new())));
    }
}
