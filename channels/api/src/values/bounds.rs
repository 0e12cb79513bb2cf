// SPDX-License-Identifier: Apache-2.0

//! Bounds of single fields, kept while they are read: what a schema says is what is taken.

use serde::{Deserialize, Deserializer, de};

/// A number from `LEAST` to `MOST`.
pub(crate) fn within<'de, const LEAST: u32, const MOST: u32, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<u32, D::Error> {
    let number = u32::deserialize(deserializer)?;
    if (LEAST..=MOST).contains(&number) {
        return Ok(number);
    }
    Err(de::Error::custom(format!("{number} is not from {LEAST} to {MOST}")))
}

/// A number from `LEAST` to `MOST`, or none.
pub(crate) fn within_if_any<'de, const LEAST: u32, const MOST: u32, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<u32>, D::Error> {
    match Option::<u32>::deserialize(deserializer)? {
        Some(number) if !(LEAST..=MOST).contains(&number) => {
            Err(de::Error::custom(format!("{number} is not from {LEAST} to {MOST}")))
        }
        number => Ok(number),
    }
}

/// A list of at most `MOST` items.
pub(crate) fn at_most<'de, const MOST: usize, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let items = Vec::deserialize(deserializer)?;
    if items.len() <= MOST {
        return Ok(items);
    }
    Err(de::Error::custom(format!("a list of {} items; at most {MOST} are taken", items.len())))
}

#[cfg(test)]
mod tests {
    use crate::types::{ConnectPeer, CreateInvoice, FeePolicy, StartStream};
    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    fn refused<T: DeserializeOwned + std::fmt::Debug>(value: Value) -> String {
        serde_json::from_value::<T>(value).unwrap_err().to_string()
    }

    #[test]
    fn what_a_schema_says_is_what_is_taken() {
        let id = format!("0x{}", "07".repeat(32));
        let stream = |per_second: u64| json!({ "channel": id, "unit": "1", "total": "1", "pulses_per_second": per_second });
        assert!(serde_json::from_value::<StartStream>(stream(10_000_000)).is_ok());
        assert!(refused::<StartStream>(stream(0)).contains("0 is not from 1 to 10000000"));
        assert!(refused::<StartStream>(stream(10_000_001)).contains("10000001"));
        let fees = json!({ "base": "1", "millionths": 1_000_001, "expiry_delta_blocks": 1, "enabled": true });
        assert!(refused::<FeePolicy>(fees).contains("from 0 to 1000000"));
        assert!(refused::<CreateInvoice>(json!({ "expires_in_seconds": 0 })).contains("from 1"));
        assert!(serde_json::from_value::<CreateInvoice>(json!({})).is_ok());
        let peer = "12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo";
        let many = json!({ "peer": peer, "addresses": vec!["/dns/a/tcp/1"; 9] });
        assert!(refused::<ConnectPeer>(many).contains("at most 8"));
    }
}
