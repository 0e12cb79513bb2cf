// SPDX-License-Identifier: Apache-2.0

//! What programs send to a daemon's interface, and what daemons send to programs.
//!
//! Messages of JSON-RPC and tokens are read by functions of the interface alone; its own tests cover
//! them.

use millrace_channels_api::{
    Amount, ApiError, Code, IdempotencyKey,
    types::*,
    values::{Account, Address, Bytes, ChannelId, FileName, InvoiceText, Note, Peer},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{fmt::Debug, fmt::Display, str::FromStr};

/// What is read comes back from what it is written as. Says whether it was taken.
///
/// Fractions are left out: the library may read one as its neighbour. The interface has none, but an event that
/// this release does not know may.
fn comes_back<T: DeserializeOwned + Serialize + PartialEq + Debug>(bytes: &[u8]) -> bool {
    let Ok(value) = serde_json::from_slice::<T>(bytes) else { return false };
    let written = serde_json::to_vec(&value).expect("what was read can be written");
    let again = serde_json::from_slice::<T>(&written).expect("what was written can be read");
    if again != value {
        let written = serde_json::from_slice(&written).expect("it was read");
        assert!(has_fraction(&written), "{again:?} was {value:?}");
    }
    true
}

/// Whether there is a number in it that is not whole, or too large for an integer.
fn has_fraction(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(values) => values.iter().any(has_fraction),
        Value::Object(values) => values.values().any(has_fraction),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

/// Requests, answers and events as JSON: each comes back from its own text.
pub fn json(bytes: &[u8]) -> bool {
    let readers = [
        comes_back::<OpenChannel>,
        comes_back::<ChannelQuery>,
        comes_back::<ChannelFilter>,
        comes_back::<Resize>,
        comes_back::<SendPayment>,
        comes_back::<PayInvoice>,
        comes_back::<PaymentFilter>,
        comes_back::<StartStream>,
        comes_back::<CreateInvoice>,
        comes_back::<DecodeInvoice>,
        comes_back::<InvoiceFilter>,
        comes_back::<ConnectPeer>,
        comes_back::<GraphQuery>,
        comes_back::<SetFees>,
        comes_back::<BlockQuery>,
        comes_back::<AccountHistory>,
        comes_back::<SubmitTransaction>,
        comes_back::<CreateBackup>,
        comes_back::<EventQuery>,
        comes_back::<Channel>,
        comes_back::<Payment>,
        comes_back::<Event>,
        comes_back::<EventNotice>,
        comes_back::<ApiError>,
    ];
    // Every reader reads: `any` would stop at the first that takes the bytes.
    readers.into_iter().filter(|read| read(bytes)).count() > 0
}

const PEER: &str = "12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo";

pub fn all_json() -> Vec<Vec<u8>> {
    let id = format!("0x{}", "07".repeat(32));
    let error = ApiError::new(Code::NoRoute, "no way", "Open a channel.");
    let error = serde_json::to_string(&error).expect("an error can be written");
    [
        format!(r#"{{"peer":"{PEER}","addresses":["/ip4/127.0.0.1/tcp/9740"],"ours":"5"}}"#),
        format!(r#"{{"to":{{"channel":"{id}"}},"amount":"1000000000000","note":"two rolls"}}"#),
        format!(r#"{{"to":{{"peer":"{PEER}"}},"amount":"1","wait_seconds":3}}"#),
        format!(r#"{{"channel":"{id}","unit":"1","total":"9","pulses_per_second":10}}"#),
        r#"{"invoice":"mrpay1qqqq","fee_limit":"10"}"#.to_owned(),
        r#"{"amount":"340282366920938463463374607431768211455","expires_in_seconds":60}"#
            .to_owned(),
        r#"{"block":"final"}"#.to_owned(),
        r#"{"extrinsic":"0x0102"}"#.to_owned(),
        format!(r#"{{"number":7,"at":1,"what":{{"answered":{{"channel":"{id}","version":9}}}}}}"#),
        r#"{"number":7,"at":1,"what":{"eclipse":{"of":"18446744073709551616"}}}"#.to_owned(),
        format!(r#"{{"end":{error}}}"#),
        error,
    ]
    .map(String::into_bytes)
    .to_vec()
}

/// A text that was taken is shown as what is taken again, and means the same.
fn is_shown_as_it_is_read<T: FromStr + Display + PartialEq + Debug>(
    text: &str,
    most: usize,
) -> bool {
    let Ok(value) = text.parse::<T>() else { return false };
    assert!(text.len() <= most, "{} bytes where {most} are the limit", text.len());
    assert_eq!(value.to_string().parse::<T>().ok().as_ref(), Some(&value), "{text:?}");
    true
}

/// Names, amounts and notes have bounds, and come back from what they are shown as.
pub fn text(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let taken = [
        is_shown_as_it_is_read::<Account>(text, 66),
        is_shown_as_it_is_read::<Peer>(text, 64),
        is_shown_as_it_is_read::<Address>(text, 256),
        is_shown_as_it_is_read::<Note>(text, 256),
        is_shown_as_it_is_read::<InvoiceText>(text, 4_096),
        is_shown_as_it_is_read::<IdempotencyKey>(text, 128),
        is_shown_as_it_is_read::<ChannelId>(text, 66),
        is_shown_as_it_is_read::<Bytes>(text, usize::MAX),
        is_shown_as_it_is_read::<BlockName>(text, usize::MAX),
        is_shown_as_it_is_read::<Amount>(text, usize::MAX),
        is_a_name_in_its_folder(text),
    ];
    taken.contains(&true)
}

/// A backup's name leads into no other folder.
fn is_a_name_in_its_folder(text: &str) -> bool {
    let is_taken = is_shown_as_it_is_read::<FileName>(text, 64);
    assert!(!is_taken || !text.contains(['/', '\\', '.', '\0']), "{text:?}");
    is_taken
}

pub fn texts() -> Vec<Vec<u8>> {
    let id = format!("0x{}", "ab".repeat(32));
    let texts = [PEER, "/ip4/127.0.0.1/tcp/1", "1234567890", "before-upgrade_2", "best", "Grüezi"];
    let texts = texts.into_iter().chain([id.as_str(), "0x"]);
    texts.map(|text| text.as_bytes().to_vec()).collect()
}
