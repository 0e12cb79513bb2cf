// SPDX-License-Identifier: Apache-2.0

//! REST, JSON-RPC by HTTP, JSON-RPC by WebSocket and the client give the same (AP-5).

use crate::{World, asking::Ask, samples};
use millrace_channels_api::{RouteInfo, routes};
use serde_json::{Map, Value};

/// The request of REST that says what parameters of JSON-RPC say.
pub fn rest(route: &RouteInfo, params: &Value) -> Ask {
    let mut params = params.as_object().unwrap().clone();
    let mut part = |part: &str| {
        let name = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
        name.map_or_else(|| part.to_owned(), |name| text(&params.remove(name).unwrap()))
    };
    let path: Vec<_> = route.path.split('/').map(&mut part).collect();
    ask(route, &path.join("/"), params)
}

fn ask(route: &RouteInfo, path: &str, params: Map<String, Value>) -> Ask {
    let verb = route.verb.as_str();
    if matches!(verb, "POST" | "PUT") {
        let ask = Ask::new(verb, path);
        return if params.is_empty() { ask } else { ask.json(&Value::Object(params)) };
    }
    let query: Vec<_> =
        params.iter().map(|(name, value)| format!("{name}={}", encoded(&text(value)))).collect();
    Ask::new(verb, &format!("{path}?{}", query.join("&")))
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Percent-encodes whatever is not a letter or a digit.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte.is_ascii_alphanumeric() {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect()
}

#[tokio::test]
async fn every_route_gives_the_same_by_every_way() {
    let world = World::new().await;
    world.daemon.happen(3);
    let (token, client) = (world.full(), world.client().await);
    for route in routes() {
        let method = route.method;
        let params = samples::params(method);
        // Each way has a key of its own, so that each one asks the daemon.
        let (mut by_post, mut by_socket) = (params.clone(), params.clone());
        let mut ask = rest(&route, &params).token(&token);
        if route.moves_money {
            ask = ask.key(&format!("{method}-rest"));
            by_post["idempotency_key"] = Value::from(format!("{method}-post"));
            by_socket["idempotency_key"] = Value::from(format!("{method}-socket"));
        }
        let answer = ask.send(&world).await;
        assert_eq!(answer.status, 200, "{method}: {answer:?}");
        assert_eq!(answer.headers["content-type"], "application/json", "{method}");
        let rest = answer.json();
        let posted = Ask::rpc(method, &by_post).token(&token).send(&world).await.outcome();
        assert_eq!(posted.as_ref().ok(), Some(&rest), "{method} by HTTP: {posted:?}");
        let socket: Value = client.call(method, &by_socket).await.unwrap();
        assert_eq!(socket, rest, "{method} by WebSocket");
    }
    assert_eq!(
        world.daemon.operations.lock().unwrap().len(),
        6,
        "two kinds of payment, three ways"
    );
}

#[tokio::test]
async fn the_typed_client_reads_what_the_daemon_writes() {
    use millrace_channels_api::{Amount, types::*, values::*};
    let world = World::new().await;
    let client = world.client().await;
    let status = client.status(&Empty {}).await.unwrap();
    assert_eq!(status.capabilities.len(), routes().len());
    assert!(status.capabilities.iter().all(|capability| capability.available));
    let channel = ChannelId([1; 32]);
    let found = client.channels_get(&ChannelQuery { channel }).await.unwrap();
    assert_eq!(found, samples::channel(channel));
    let request = SendPayment {
        to: Recipient::Channel(channel),
        amount: Amount(u128::MAX),
        fee_limit: None,
        note: None,
        wait_seconds: Wait::default(),
    };
    let key = IdempotencyKey::random().unwrap();
    let payment = client.payments_send(&key, &request).await.unwrap();
    assert_eq!(payment, samples::payment(Amount(u128::MAX), None));
}

#[tokio::test]
async fn errors_are_the_same_by_every_way() {
    let world = World::new().await;
    let (token, client) = (world.full(), world.client().await);
    let rest = Ask::get("/v1/chain/blocks/best").token(&token).send(&world).await.refusal();
    let params = serde_json::json!({ "block": "best" });
    let posted = Ask::rpc("chain_block", &params).token(&token).send(&world).await.outcome();
    assert_eq!(posted.unwrap_err(), rest);
    let socket = client.call::<_, Value>("chain_block", &params).await.unwrap_err();
    assert_eq!(socket.code(), Some(rest.code));
    assert_eq!(rest.details["block"], "best");
}

#[tokio::test]
async fn misspelt_missing_and_doubled_parameters_are_refused() {
    let world = World::new().await;
    let token = world.full();
    for path in [
        "/v1/channels?phas=open",
        "/v1/channels?limit=0",
        "/v1/channels?limit=many",
        "/v1/channels?limit=1&limit=2",
        "/v1/channels?phase=ajar",
        "/v1/channels/0x12",
        "/v1/channels/0x12?channel=0x12",
        "/v1/events?after=-1",
    ] {
        let answer = Ask::get(path).token(&token).send(&world).await;
        assert_eq!(answer.code().as_str(), "invalid_params", "{path}");
    }
    for params in ["[1]", "7", "\"text\"", "{\"limi\":1}", "{\"limit\":\"1\"}"] {
        let params: Value = serde_json::from_str(params).unwrap();
        let answer = Ask::rpc("channels_list", &params).token(&token).send(&world).await;
        assert_eq!(answer.outcome().unwrap_err().code.as_str(), "invalid_params", "{params}");
    }
}
