// SPDX-License-Identifier: Apache-2.0

//! Who is let in (AP-3, AP-4).

use crate::{World, asking::Ask, fake::Fake, parity, samples};
use millrace_channels_api::{
    Access, Client, ClientError, ClientOptions, Code, Options, Server, ServerError, routes,
    tokens::Token,
};
use serde_json::json;
use std::sync::{Arc, atomic::Ordering};

#[tokio::test]
async fn nothing_is_answered_without_a_token() {
    let world = World::new().await;
    let wrong = ["", "Bearer", "Bearer 00", &format!("Bearer {}", "00".repeat(32)), &world.full()];
    let mut asks: Vec<_> =
        routes().iter().map(|route| parity::rest(route, &samples::params(route.method))).collect();
    asks.extend([
        Ask::get("/metrics"),
        Ask::rpc("status", &json!({})),
        Ask::get("/v1/no-such-path"),
    ]);
    for ask in asks {
        let answer = ask.send(&world).await;
        assert_eq!(answer.code(), Code::Unauthorised, "{ask:?}");
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
        for header in wrong {
            let answer = ask.clone().header("authorization", header).send(&world).await;
            assert_eq!(answer.code(), Code::Unauthorised, "{ask:?} with {header:?}");
        }
    }
    assert_eq!(world.daemon.begun.load(Ordering::SeqCst), 0, "nothing was paid");
}

#[tokio::test]
async fn a_token_that_may_look_looks_and_changes_nothing() {
    let world = World::new().await;
    let token = world.read();
    for route in routes() {
        let params = samples::params(route.method);
        let ask = parity::rest(&route, &params).token(&token).key("key");
        let rest = ask.send(&world).await;
        let rpc = Ask::rpc(route.method, &params).token(&token).send(&world).await.outcome();
        match route.access {
            Access::Read => {
                assert_eq!(rest.status, 200, "{}: {rest:?}", route.method);
                assert!(rpc.is_ok(), "{}: {rpc:?}", route.method);
            }
            Access::Full => {
                assert_eq!(rest.code(), Code::Forbidden, "{}", route.method);
                assert_eq!(rpc.unwrap_err().code, Code::Forbidden, "{}", route.method);
            }
        }
    }
    assert_eq!(world.daemon.begun.load(Ordering::SeqCst), 0, "nothing was paid");
    assert_eq!(Ask::get("/metrics").token(&token).send(&world).await.status, 200);
}

#[tokio::test]
async fn what_needs_no_token_says_nothing_about_money() {
    let world = World::new().await;
    assert_eq!(Ask::get("/health/live").send(&world).await.json(), json!({ "live": true }));
    assert_eq!(Ask::get("/health/ready").send(&world).await.json(), json!({ "ready": true }));
    world.daemon.health.lock().unwrap().ready = false;
    let ready = Ask::get("/health/ready").send(&world).await;
    assert_eq!((ready.status, ready.json()), (503, json!({ "ready": false })));
    assert_eq!(Ask::get("/health/live").send(&world).await.status, 200);
    assert_eq!(Ask::get("/openapi.json").send(&world).await.json()["openapi"], "3.1.0");
    assert_eq!(Ask::new("POST", "/openapi.json").send(&world).await.code(), Code::MethodNotAllowed);
}

#[tokio::test]
async fn other_hosts_and_pages_are_refused_before_the_token_is_looked_at() {
    let world = World::new().await;
    for path in ["/v1/status", "/rpc", "/metrics", "/openapi.json", "/health/live", "/"] {
        for (header, value) in [("host", "evil.example"), ("origin", "https://evil.example")] {
            for token in [world.full(), "wrong".to_owned()] {
                let ask = Ask::get(path).token(&token).header(header, value);
                let answer = ask.send(&world).await;
                assert_eq!(answer.code(), Code::HostRefused, "{ask:?}");
                assert!(!answer.headers.contains_key("access-control-allow-origin"), "{answer:?}");
            }
        }
    }
    let preflight = Ask::new("OPTIONS", "/v1/payments").header("origin", "https://evil.example");
    assert_eq!(preflight.send(&world).await.code(), Code::HostRefused);
}

#[tokio::test]
async fn a_page_that_was_allowed_may_ask_and_read() {
    let origin = "https://wallet.example";
    let world =
        World::with(Fake::default(), |options| options.origins = vec![origin.to_owned()]).await;
    let preflight = Ask::new("OPTIONS", "/v1/payments").header("origin", origin);
    let answer = preflight.send(&world).await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.headers["access-control-allow-origin"], origin);
    assert!(answer.headers["access-control-allow-headers"].contains("idempotency-key"));
    let ask = Ask::get("/v1/status").header("origin", origin);
    assert_eq!(ask.send(&world).await.code(), Code::Unauthorised);
    let answer = ask.token(&world.read()).send(&world).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["access-control-allow-origin"], origin);
}

#[tokio::test]
async fn the_client_says_why_it_is_not_let_in() {
    let world = World::new().await;
    let other = World::new().await;
    let url = format!("ws://{}", world.address());
    let error = Client::connect(&ClientOptions::new(&url, other.token("token"))).await.unwrap_err();
    assert!(matches!(error, ClientError::Unauthorised { .. }), "{error}");
    let reader = ClientOptions::new(&url, world.token("read-token"));
    let reader = Client::connect(&reader).await.unwrap();
    let error = reader.backup_create(&Default::default()).await.unwrap_err();
    assert_eq!(error.code(), Some(Code::Forbidden), "{error}");
    let nobody = ClientOptions::new("ws://127.0.0.1:1", world.token("token"));
    let error = Client::connect(&nobody).await.unwrap_err();
    assert!(matches!(error, ClientError::Unreachable { .. }), "{error}");
    let missing = Token::read("/no/such/token".as_ref()).unwrap_err().to_string();
    assert!(missing.contains("check that it exists"), "{missing}");
}

#[tokio::test]
async fn an_address_that_others_reach_is_refused_unless_it_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = Options::new(folder.path());
    options.listen = "0.0.0.0:0".parse().unwrap();
    let daemon = Arc::new(Fake::default());
    let error = Server::start(daemon.clone(), options.clone()).await.unwrap_err();
    assert!(matches!(error, ServerError::NotLoopback { .. }), "{error}");
    assert!(error.to_string().contains("tunnel"), "{error}");
    options.remote = true;
    options.registry = prometheus::Registry::new();
    Server::start(daemon, options).await.unwrap();
}

#[tokio::test]
async fn requests_keep_the_name_that_their_client_gave_them() {
    let world = World::new().await;
    let ask = Ask::get("/v1/status").token(&world.read());
    let answer = ask.clone().header("x-request-id", "trace-7").send(&world).await;
    assert_eq!(answer.headers["x-request-id"], "trace-7");
    for unfit in ["two words", &"x".repeat(65)] {
        let answer = ask.clone().header("x-request-id", unfit).send(&world).await;
        assert!(answer.headers["x-request-id"].starts_with('r'), "{answer:?}");
    }
}
