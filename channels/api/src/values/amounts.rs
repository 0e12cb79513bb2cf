// SPDX-License-Identifier: Apache-2.0

//! Amounts of money: exact on the wire, readable for people.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{borrow::Cow, fmt, str::FromStr};

/// Digits after the point that people see even if they are zero.
const LEAST_DIGITS: usize = 2;

/// The most decimals a token can have: a whole token still fits an amount.
const MAX_DECIMALS: u32 = 38;

/// An amount in the token's smallest unit.
///
/// JSON carries it as a string of decimal digits, because many programs read JSON numbers as
/// floating point, which is exact up to 2⁵³ only.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Amount(pub u128);

/// Why a text is no amount. Each message says what to write instead.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AmountError {
    /// Something other than digits, where only digits may be.
    #[error("{found:?} is no amount in the smallest unit: write decimal digits alone, as \"1500\"")]
    NotDigits {
        /// The text.
        found: String,
    },
    /// More than 128 bits.
    #[error("{found} is above the largest amount, {}: write a smaller one", u128::MAX)]
    TooLarge {
        /// The text.
        found: String,
    },
    /// No amount in whole tokens.
    #[error(
        "{found:?} is no amount: write as \"1.5\", \"1.5 {symbol}\", or \"1500u\" for the smallest unit"
    )]
    NotTokens {
        /// The text.
        found: String,
        /// The token's symbol.
        symbol: String,
    },
    /// Finer than the smallest unit.
    #[error(
        "{found} has more than {decimals} digits after the point: {symbol} has no smaller unit"
    )]
    TooFine {
        /// The text.
        found: String,
        /// The token's decimals.
        decimals: u32,
        /// The token's symbol.
        symbol: String,
    },
}

impl fmt::Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl FromStr for Amount {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(AmountError::NotDigits { found: shown(text) });
        }
        text.parse().map(Self).map_err(|_| AmountError::TooLarge { found: shown(text) })
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Amount;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an amount in the smallest unit as a string, as \"1500\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Amount, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

impl JsonSchema for Amount {
    fn schema_name() -> Cow<'static, str> {
        "Amount".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "An amount in the token's smallest unit, as decimal digits.",
            "pattern": "^[0-9]{1,39}$",
            "examples": ["1500000000000"],
        })
    }
}

/// The token of a chain.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Token {
    /// Its symbol.
    pub symbol: String,
    /// How many digits lie between a whole token and the smallest unit.
    #[schemars(range(max = 38))]
    pub decimals: u32,
}

impl Token {
    /// Every digit of an amount in whole tokens, without zeros at the end and without the symbol.
    pub fn digits(&self, amount: Amount) -> String {
        let decimals = self.decimals.min(MAX_DECIMALS) as usize;
        let text = format!("{:0>width$}", amount.0, width = decimals + 1);
        let (whole, fraction) = text.split_at(text.len() - decimals);
        let fraction = fraction.trim_end_matches('0');
        format!("{whole}.{fraction:0<LEAST_DIGITS$}")
    }

    /// An amount as people read it: `1.50 MILL`.
    pub fn show(&self, amount: Amount) -> String {
        format!("{} {}", self.digits(amount), self.symbol)
    }

    /// Reads what people write: `1.5`, `1.5 MILL`, `1.5MILL`, or `1500u` in the smallest unit.
    ///
    /// Errors: see [`AmountError`]; nothing is rounded.
    pub fn parse(&self, text: &str) -> Result<Amount, AmountError> {
        let text = text.trim();
        if let Some(units) = text.strip_suffix('u')
            && self.symbol != "u"
        {
            return units.trim_end().parse();
        }
        let number = text.strip_suffix(self.symbol.as_str()).unwrap_or(text).trim_end();
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !(digits(whole) && digits(fraction)) || (whole.is_empty() && fraction.is_empty()) {
            return Err(AmountError::NotTokens { found: shown(text), symbol: self.symbol.clone() });
        }
        let decimals = self.decimals.min(MAX_DECIMALS);
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > decimals as usize {
            let symbol = self.symbol.clone();
            return Err(AmountError::TooFine { found: shown(text), decimals, symbol });
        }
        let units = format!("{whole}{fraction:0<width$}", width = decimals as usize);
        // Without decimals, `.0` leaves no digit at all.
        let units = if units.is_empty() { "0" } else { units.as_str() };
        units.parse().map(Amount).map_err(|_| AmountError::TooLarge { found: shown(text) })
    }
}

/// As much of a text as an error repeats.
fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn token() -> Token {
        Token { symbol: "MILL".to_owned(), decimals: 12 }
    }

    #[test]
    fn amounts_survive_json_beyond_the_range_of_floating_point() {
        let amount = Amount(u128::MAX);
        let json = serde_json::to_string(&amount).unwrap();
        assert_eq!(json, format!("\"{}\"", u128::MAX));
        assert_eq!(serde_json::from_str::<Amount>(&json).unwrap(), amount);
    }

    #[test]
    fn an_amount_is_refused_as_a_number_or_with_anything_but_digits() {
        for json in
            ["15", "1.5", "\"\"", "\"-1\"", "\"+1\"", "\"0x10\"", "\"1.5\"", "\" 1\"", "null"]
        {
            assert!(serde_json::from_str::<Amount>(json).is_err(), "{json}");
        }
        let above = format!("\"{}0\"", u128::MAX);
        let error = serde_json::from_str::<Amount>(&above).unwrap_err().to_string();
        assert!(error.contains("largest amount"), "{error}");
    }

    #[test]
    fn people_read_and_write_whole_tokens() {
        let token = token();
        assert_eq!(token.show(Amount(1_500_000_000_000)), "1.50 MILL");
        assert_eq!(token.show(Amount(1)), "0.000000000001 MILL");
        for text in ["1.5", " 1.5 MILL ", "1.5MILL", "1.500000000000", "1500000000000u"] {
            assert_eq!(token.parse(text), Ok(Amount(1_500_000_000_000)), "{text}");
        }
        assert_eq!(token.parse(".5"), Ok(Amount(500_000_000_000)));
        let whole = Token { symbol: "UNIT".to_owned(), decimals: 0 };
        assert_eq!(whole.parse("7.0"), Ok(Amount(7)));
    }

    #[test]
    fn nothing_is_rounded_or_guessed() {
        let token = token();
        assert!(matches!(token.parse("0.0000000000001"), Err(AmountError::TooFine { .. })));
        for text in ["", ".", "1,5", "-1", "1e3", "1.5 DOT", "MILL"] {
            assert!(matches!(token.parse(text), Err(AmountError::NotTokens { .. })), "{text}");
        }
        let most = "9".repeat(39);
        assert!(matches!(token.parse(&most), Err(AmountError::TooLarge { .. })));
    }

    proptest! {
        #[test]
        fn what_people_read_can_be_written_back(units: u128, decimals in 0..=MAX_DECIMALS) {
            let token = Token { symbol: "MILL".to_owned(), decimals };
            prop_assert_eq!(token.parse(&token.show(Amount(units))), Ok(Amount(units)));
        }
    }
}
