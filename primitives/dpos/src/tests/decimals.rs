// SPDX-License-Identifier: Apache-2.0

//! Fine shares in JSON: all digits there and back, and nothing above the whole.

use crate::decimal;
use polkadot_sdk::sp_runtime::{PerThing, Perquintill};
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Shares {
    #[serde(with = "decimal::share")]
    one: Perquintill,
    #[serde(with = "decimal::share::option")]
    other: Option<Perquintill>,
}

#[test]
fn shares_keep_all_digits() {
    let one = Perquintill::from_parts(20_145_833_316_573_353);
    for other in [None, Some(Perquintill::one())] {
        let shares = Shares { one, other };
        let text = serde_json::to_string(&shares).unwrap();
        assert!(text.contains(r#""one":"20145833316573353""#), "{text}");
        assert_eq!(serde_json::from_str::<Shares>(&text).unwrap(), shares);
    }
}

#[test]
fn shares_are_read_from_numbers_too() {
    let shares: Shares = serde_json::from_str(r#"{"one": 12, "other": "7"}"#).unwrap();
    assert_eq!(shares.one, Perquintill::from_parts(12));
    assert_eq!(shares.other, Some(Perquintill::from_parts(7)));
}

#[test]
fn shares_above_the_whole_are_refused() {
    for parts in [u128::from(Perquintill::ACCURACY) + 1, u128::from(u64::MAX) + 1] {
        let text = format!(r#"{{"one": "{parts}", "other": null}}"#);
        let error = serde_json::from_str::<Shares>(&text).unwrap_err().to_string();
        assert!(error.contains(&parts.to_string()), "{error}");
    }
}
