// SPDX-License-Identifier: Apache-2.0

//! Long lists come in pages, and long waits have an end.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};

use super::texts::texts;

texts! {
    /// Where a page ends, for the request of the next one. Only the daemon knows what it means.
    Cursor, "a cursor", 1..=256, "copy it from `next` of the page before",
        |byte| byte.is_ascii_graphic();
}

macro_rules! bounded_numbers {
    ($($(#[$documentation:meta])* $name:ident, $what:literal, $least:literal..=$most:literal, $default:literal;)*) => {$(
        $(#[$documentation])*
        #[derive(Clone, Copy, Debug, Eq, JsonSchema, PartialEq, Serialize)]
        #[schemars(transparent, extend("minimum" = $least, "maximum" = $most, "default" = $default))]
        pub struct $name(u32);

        impl $name {
            /// A number within the bounds, or the nearest one.
            pub fn nearest(number: u32) -> Self {
                Self(number.clamp($least, $most))
            }

            /// The number.
            pub fn get(self) -> u32 {
                self.0
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self($default)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let number = u32::deserialize(deserializer)?;
                if !($least..=$most).contains(&number) {
                    return Err(de::Error::custom(format!(
                        "{} is from {} to {}, not {number}",
                        $what, $least, $most,
                    )));
                }
                Ok(Self(number))
            }
        }
    )*};
}

bounded_numbers! {
    /// How many items a page may have at the most.
    Limit, "`limit`", 1..=1_000, 100;
    /// How long an answer may be held back for news, in seconds; 0 answers at once.
    Wait, "`wait_seconds`", 0..=60, 0;
}

/// A part of a long list.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[schemars(rename = "PageOf{T}")]
pub struct Page<T> {
    /// The items, in the order that the request's description gives.
    pub items: Vec<T>,
    /// Send it as `after` to get the items that follow; missing at the end of the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_out_of_bounds_is_refused_with_the_bounds() {
        assert_eq!(serde_json::from_str::<Limit>("1000").unwrap().get(), 1_000);
        for json in ["0", "1001", "-1", "1.5", "\"7\""] {
            assert!(serde_json::from_str::<Limit>(json).is_err(), "{json}");
        }
        let error = serde_json::from_str::<Limit>("0").unwrap_err().to_string();
        assert!(error.contains("from 1 to 1000, not 0"), "{error}");
        assert_eq!(Limit::nearest(0).get(), 1);
        assert_eq!(Wait::nearest(999).get(), 60);
    }
}
