// SPDX-License-Identifier: Apache-2.0

//! Requests that move money have names, so that a repetition is recognised.

use crate::values::IdempotencyKey;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt;

/// Sets the ids of operations apart from every other hash.
const ID_DOMAIN: &[u8] = b"millrace/api/operation/1";

/// Sets the fingerprints of requests apart from every other hash.
const FINGERPRINT_DOMAIN: &[u8] = b"millrace/api/request/1";

/// A request that moves money.
///
/// The daemon keeps both hashes with what the request does, in one write: a later request with the
/// same `id` and `fingerprint` is the same request and gets the same payment, channel or stream; one
/// with the same `id` alone is refused ([`Code::KeyConflict`](crate::Code::KeyConflict)).
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct Operation {
    /// Stands for the client's key.
    pub id: [u8; 32],
    /// Stands for what is asked for: the method and its parameters.
    pub fingerprint: [u8; 32],
}

impl Operation {
    /// The operation that a key names.
    ///
    /// `params`: everything that is asked for, without the key.
    pub fn new(key: &IdempotencyKey, method: &str, params: &Value) -> Self {
        let id = Sha256::new().chain_update(ID_DOMAIN).chain_update(key.as_str()).finalize();
        let mut fingerprint = Sha256::new().chain_update(FINGERPRINT_DOMAIN);
        feed(&mut fingerprint, &Value::from(method));
        feed(&mut fingerprint, params);
        Self { id: id.into(), fingerprint: fingerprint.finalize().into() }
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Operation({}…)", hex::encode(&self.id[..4]))
    }
}

/// Hashes a value such that neither the order of an object's fields nor the spaces between them
/// count, and no two different values give the same bytes.
fn feed(hash: &mut Sha256, value: &Value) {
    match value {
        Value::Array(items) => {
            hash.update(b"[");
            hash.update((items.len() as u64).to_le_bytes());
            items.iter().for_each(|item| feed(hash, item));
        }
        Value::Object(fields) => {
            hash.update(b"{");
            hash.update((fields.len() as u64).to_le_bytes());
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| *name);
            for (name, value) in fields {
                text(hash, b'.', name);
                feed(hash, value);
            }
        }
        Value::String(content) => text(hash, b'"', content),
        Value::Number(number) => text(hash, b'#', &number.to_string()),
        Value::Bool(bit) => hash.update(if *bit { b"t" } else { b"f" }),
        Value::Null => hash.update(b"n"),
    }
}

fn text(hash: &mut Sha256, tag: u8, content: &str) {
    hash.update([tag]);
    hash.update((content.len() as u64).to_le_bytes());
    hash.update(content);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fingerprint(method: &str, params: &Value) -> [u8; 32] {
        Operation::new(&"key".parse().unwrap(), method, params).fingerprint
    }

    #[test]
    fn the_order_of_fields_does_not_count() {
        let params: Value = serde_json::from_str(r#"{"a":1, "b":{"c":"2","d":[]}}"#).unwrap();
        let other: Value = serde_json::from_str(r#"{"b":{"d":[],"c":"2"},"a":1}"#).unwrap();
        assert_eq!(fingerprint("pay", &params), fingerprint("pay", &other));
    }

    #[test]
    fn everything_else_counts() {
        let mut seen = std::collections::HashSet::new();
        for params in [
            json!({}),
            json!({ "a": 1 }),
            json!({ "a": "1" }),
            json!({ "a": [1] }),
            json!({ "a": [1, 1] }),
            json!({ "a": [[1], 1] }),
            json!({ "a": [[1, 1]] }),
            json!({ "a": null }),
            json!({ "a": false }),
            json!({ "b": 1 }),
            json!({ "a": { "b": 1 } }),
            json!({ "a": {}, "b": 1 }),
        ] {
            assert!(seen.insert(fingerprint("pay", &params)), "{params}");
        }
        assert!(seen.insert(fingerprint("open", &json!({}))));
    }

    #[test]
    fn a_key_names_one_operation_whatever_is_asked_for() {
        let key = "key".parse().unwrap();
        let pay = Operation::new(&key, "pay", &json!({}));
        let open = Operation::new(&key, "open", &json!({}));
        assert_eq!(pay.id, open.id);
        assert_ne!(pay.fingerprint, open.fingerprint);
        assert_ne!(pay.id, Operation::new(&"Key".parse().unwrap(), "pay", &json!({})).id);
    }
}
