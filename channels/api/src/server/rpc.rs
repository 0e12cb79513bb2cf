// SPDX-License-Identifier: Apache-2.0

//! JSON-RPC 2.0: messages in, messages out.
//!
//! Parameters are one object by name. Messages without an id want no answer and get none; they are
//! not carried out either, because whoever asks for something here has to learn what came of it.

use super::desk::{Caller, Desk};
use crate::error::{ApiError, Code, Result};
use serde_json::{Map, Value, json};

/// A call.
#[derive(Debug)]
pub(crate) struct Call {
    /// What its answer is to be called.
    pub id: Value,
    /// What it asks for.
    pub method: String,
    /// Its parameters as they came.
    pub params: Option<Value>,
}

/// What a message holds.
#[derive(Debug)]
pub(crate) enum Message {
    /// One call.
    One(Call),
    /// Several, with the answers to those that are none.
    Batch(Vec<Result<Call, Value>>),
    /// Nothing that wants an answer.
    Nothing,
}

/// Reads a message.
///
/// Errors: the answer to a message that cannot be read.
pub(crate) fn read(bytes: &[u8], most: usize) -> Result<Message, Value> {
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|error| response(Value::Null, Err(no_json(&error))))?;
    let Value::Array(items) = value else {
        return Ok(call(value)?.map_or(Message::Nothing, Message::One));
    };
    if items.is_empty() || items.len() > most {
        let message = format!("a batch of {} calls; 1 to {most} are allowed", items.len());
        let error = ApiError::new(Code::InvalidRequest, message, "Send several batches.");
        return Err(response(Value::Null, Err(error)));
    }
    let calls: Vec<_> = items.into_iter().filter_map(|item| call(item).transpose()).collect();
    Ok(if calls.is_empty() { Message::Nothing } else { Message::Batch(calls) })
}

/// A call, or nothing if it wants no answer.
fn call(value: Value) -> Result<Option<Call>, Value> {
    let invalid = |id: Value, message: &str| {
        let remedy =
            "Send {\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"status\", \"params\": {}}.";
        response(id, Err(ApiError::new(Code::InvalidRequest, message, remedy)))
    };
    let Value::Object(mut fields) = value else {
        return Err(invalid(Value::Null, "the call is no JSON object"));
    };
    let id = match fields.remove("id") {
        None => None,
        Some(id @ (Value::String(_) | Value::Number(_) | Value::Null)) => Some(id),
        Some(_) => return Err(invalid(Value::Null, "an id is a text, a number or null")),
    };
    let name = id.clone().unwrap_or_default();
    if fields.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        return Err(invalid(name, "the call does not say that it is JSON-RPC 2.0"));
    }
    let Some(Value::String(method)) = fields.remove("method") else {
        return Err(invalid(name, "the call names no method"));
    };
    Ok(id.map(|id| Call { id, method, params: fields.remove("params") }))
}

/// Answers a message that came alone, as by HTTP. Nothing if it wants no answer.
pub(crate) async fn answer(desk: &Desk, caller: &Caller, bytes: &[u8]) -> Option<String> {
    let answer = match read(bytes, desk.limits.batch) {
        Ok(Message::Nothing) => return None,
        Ok(Message::One(call)) => answered(desk, caller, call).await,
        Ok(Message::Batch(calls)) => batch(desk, caller, calls).await,
        Err(refusal) => refusal,
    };
    Some(answer.to_string())
}

/// Answers the calls of a batch, one after the other.
pub(crate) async fn batch(desk: &Desk, caller: &Caller, calls: Vec<Result<Call, Value>>) -> Value {
    let mut answers = Vec::with_capacity(calls.len());
    for call in calls {
        answers.push(match call {
            Ok(call) => answered(desk, caller, call).await,
            Err(refusal) => refusal,
        });
    }
    Value::Array(answers)
}

/// Answers a call.
pub(crate) async fn answered(desk: &Desk, caller: &Caller, call: Call) -> Value {
    let result = async {
        let route = desk.route(&call.method)?;
        desk.call(caller, route, named(call.params)?).await
    };
    response(call.id, result.await)
}

/// Parameters by name.
pub(crate) fn named(params: Option<Value>) -> Result<Map<String, Value>> {
    match params {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(fields)) => Ok(fields),
        // What clients send that know only lists.
        Some(Value::Array(items)) if items.is_empty() => Ok(Map::new()),
        Some(_) => Err(ApiError::invalid_params("parameters are one object, by name")),
    }
}

/// The answer to a call.
pub(crate) fn response(id: Value, result: Result<Value>) -> Value {
    match result {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Err(error) => json!({
            "jsonrpc": "2.0",
            "id": id,
            "error": {
                "code": error.code.rpc_number(),
                "message": error.to_string(),
                "data": error,
            },
        }),
    }
}

/// What cannot be read as JSON.
pub(crate) fn no_json(error: &serde_json::Error) -> ApiError {
    ApiError::new(Code::ParseError, format!("this is no JSON ({error})"), "Send JSON in UTF-8.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refused(text: &str) -> (Value, i64) {
        let answer = read(text.as_bytes(), 3).unwrap_err();
        (answer["id"].clone(), answer["error"]["code"].as_i64().unwrap())
    }

    #[test]
    fn what_is_no_call_is_refused_as_the_standard_says() {
        assert_eq!(refused("{"), (Value::Null, -32700));
        assert_eq!(refused(""), (Value::Null, -32700));
        assert_eq!(refused("[]"), (Value::Null, -32600));
        assert_eq!(refused("7"), (Value::Null, -32600));
        assert_eq!(refused(r#"{"id":7,"method":"status"}"#), (json!(7), -32600));
        assert_eq!(refused(r#"{"jsonrpc":"2.0","id":"a","method":7}"#), (json!("a"), -32600));
        assert_eq!(refused(r#"{"jsonrpc":"2.0","id":[],"method":"m"}"#), (Value::Null, -32600));
        assert_eq!(refused("[1,2,3,4]"), (Value::Null, -32600));
        assert_eq!(refused(&"[".repeat(100_000)), (Value::Null, -32700));
    }

    #[test]
    fn what_wants_no_answer_gets_none() {
        let notification = r#"{"jsonrpc":"2.0","method":"status"}"#;
        assert!(matches!(read(notification.as_bytes(), 3), Ok(Message::Nothing)));
        let batch = format!("[{notification},{notification}]");
        assert!(matches!(read(batch.as_bytes(), 3), Ok(Message::Nothing)));
    }

    #[test]
    fn a_batch_answers_each_of_its_calls() {
        let text = r#"[{"jsonrpc":"2.0","id":1,"method":"a"}, 7, {"jsonrpc":"2.0","method":"b"}]"#;
        let Ok(Message::Batch(calls)) = read(text.as_bytes(), 3) else { panic!("{text}") };
        assert_eq!(calls.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false]);
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_strange(bytes: Vec<u8>) {
            let _ = read(&bytes, 3);
        }
    }
}
